"""Make torch compute the same bytes every time."""

import os


def make_deterministic(device: str, threads: int) -> None:
    """Fix the order in which torch sums; call it before anything is computed.

    Args:
        device: "cpu" or "cuda".
        threads: CPU threads, fixed so that sums are always taken in the same order.
    """
    import torch

    _leave_compiler_out()
    torch.set_num_threads(threads)
    if device == "cuda":
        # Only with this does cuBLAS sum in a fixed order; it is read before its first use.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # Not on a CPU, where a fixed number of threads is enough, and this imports a compiler.
        torch.use_deterministic_algorithms(True)
        # torch leaves cuDNN's convolutions 10 bits of mantissa: float32 shall mean float32.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False


def _leave_compiler_out() -> None:
    """Keep an optimizer's first call from importing torch's compiler, which takes 2.5 s a unit.

    `torch._compile._disable_dynamo` keeps a function's version without compiler under this name.
    Training here is eager, so the function itself is that version.
    """
    from torch.optim import Optimizer

    for function in vars(Optimizer).values():
        plain = getattr(function, "__wrapped__", None)
        if plain is not None and not hasattr(plain, "__dynamo_disable"):
            setattr(plain, "__dynamo_disable", plain)
