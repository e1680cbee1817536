"""The machine a job ran on: the name of its GPU or processor, and the memory that it took."""

import os
import platform
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# Beginnings of the names of variables by which torch and its libraries choose kernels.
CHOOSE = (
    "ATEN_CPU_CAPABILITY",
    "CUBLAS_WORKSPACE_CONFIG",
    "DNNL_",
    "KMP_",
    "MKL_",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_",
    "ONEDNN_",
    "OPENBLAS_",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
)


def device_name(device: "torch.device") -> str:
    """Return the name of the GPU, or of the processor."""
    import torch

    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def peak_memory_mb(device: "torch.device") -> int:
    """Return the most memory in MB that this process has held so far, on the GPU or its own."""
    import torch

    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated(device) / 1e6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak / 1e3)  # bytes on macOS, else kB


def arithmetic(device: "torch.device") -> dict[str, object]:
    """Describe what else decides the last bits of a sum: instructions, TF32, and who set them.

    cpu_capability: the instructions that torch's kernels use; variables: those of the environment
    that choose kernels; tf32: on a GPU, whether convolutions and products round to it.
    """
    import torch

    tf32 = (torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32)
    return {
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "variables": {k: v for k, v in sorted(os.environ.items()) if k.startswith(CHOOSE)},
        **({"tf32": any(tf32)} if device.type == "cuda" else {}),
    }
