"""The device a job computes on: what was asked for, or an error; never another one in silence."""

from typing import TYPE_CHECKING

from rise.errors import TrainingError

if TYPE_CHECKING:
    import torch


def use_device(name: str, threads: int) -> "torch.device":
    """Prepare torch for a device.

    Args:
        name: "cpu" or "cuda".
        threads: CPU threads, fixed so that sums are always taken in the same order.

    Raises:
        TrainingError: no usable GPU for "cuda".
    """
    import torch

    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError(
            "device: cuda, but this job sees no usable GPU; set device: cpu or run where "
            "nvidia-smi lists one"
        )
    return torch.device(name)
