"""The device that a job computes on: the one asked for or an error, never silently another one."""

import ctypes
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from rise.errors import TrainingError
from rise.utils.determinism import make_deterministic

if TYPE_CHECKING:
    import torch

# The kernel's driver; a container sees this even if it has nothing else of it.
DRIVER = Path("/proc/driver/nvidia/version")
# Locks on this process's GPUs: a lock is held as long as its object lives.
_held: list[FileLock] = []


def use_device(name: str, threads: int) -> "torch.device":
    """Prepare torch for a device.

    Args:
        name: "cpu" or "cuda".
        threads: CPU threads, fixed so that sums are always taken in the same order.

    Raises:
        TrainingError: "cuda" was asked for, but there is no usable GPU.
    """
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError(f"device: cuda, but this job sees no usable GPU: {_why_no_gpu()}")
    make_deterministic(name, threads)
    if name == "cuda":
        torch.cuda.set_device(free_gpu(torch.cuda.device_count()))
    return torch.device(name)


def free_gpu(count: int, locks: Path = Path("work/locks")) -> int:
    """Take a GPU that no other job of this project and machine has taken.

    It is held until the process ends. If all are taken, Snakemake was told of more GPUs than there
    are, and jobs share the first one.

    Args:
        count: number of visible GPUs; a cluster shows a job only its own.
        locks: the folder of the locks.
    """
    if count > 1:
        locks.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            lock = FileLock(locks / f"{platform.node()}-gpu{number}.lock", timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue
            _held.append(lock)
            return number
    return 0


def _why_no_gpu() -> str:
    """Say why there is no usable GPU, and what helps."""
    import torch

    if not DRIVER.exists():
        return "this machine has no NVIDIA driver; run where nvidia-smi lists a GPU"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides them all; unset it or name one"
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return (
            "the machine has a driver, but this process cannot load it; start the container with "
            "GPU support (Apptainer: --nv, Docker: --gpus all)"
        )
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except (RuntimeError, AssertionError) as error:
        return f"{' '.join(str(error).split())} (this torch: CUDA {torch.version.cuda})"
    return "the driver lists none; see nvidia-smi"
