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

    _leave_compiler_out()
    torch.set_num_threads(threads)
    if name == "cuda":
        if not torch.cuda.is_available():
            raise TrainingError(
                "device: cuda, but this job sees no usable GPU; set device: cpu or run where "
                "nvidia-smi lists one"
            )
        # Not on a CPU, where a fixed number of threads is enough and this imports a compiler.
        torch.use_deterministic_algorithms(True)
    return torch.device(name)


def _leave_compiler_out() -> None:
    """Keep an optimizer's first call from importing torch's compiler: 2.5 s a unit, for nothing.

    `torch._compile._disable_dynamo` keeps a function's version without compiler under this name;
    training here is eager, so the function itself is that version.
    """
    from torch.optim import Optimizer

    for function in vars(Optimizer).values():
        plain = getattr(function, "__wrapped__", None)
        if plain is not None and not hasattr(plain, "__dynamo_disable"):
            setattr(plain, "__dynamo_disable", plain)
