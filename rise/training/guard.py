"""Around a method's code: its draws follow from a key, and torch's settings stay what they were."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from rise.errors import TrainingError
from rise.utils.rng import Key
from rise.utils.torch_rng import global_stream

# What changes results for the whole process, by the name that a method would use: how it is read
# and put back.
SETTINGS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "torch.set_num_threads": (torch.get_num_threads, torch.set_num_threads),
    "torch.set_default_dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "torch.set_grad_enabled": (torch.is_grad_enabled, torch.set_grad_enabled),
    "torch.set_float32_matmul_precision": (
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
    ),
    "torch.use_deterministic_algorithms": (
        torch.are_deterministic_algorithms_enabled,
        torch.use_deterministic_algorithms,
    ),
    "torch.backends.cudnn.allow_tf32": (
        lambda: torch.backends.cudnn.allow_tf32,
        lambda value: setattr(torch.backends.cudnn, "allow_tf32", value),
    ),
    "torch.backends.cudnn.benchmark": (
        lambda: torch.backends.cudnn.benchmark,
        lambda value: setattr(torch.backends.cudnn, "benchmark", value),
    ),
}


@contextmanager
def guarded(purpose: str, *key: Key) -> Iterator[None]:
    """Run a method's code with global generators seeded by purpose and key, and put back after.

    Raises:
        TrainingError: it changed a setting of torch, which is put back as well.
    """
    before = {name: read() for name, (read, _) in SETTINGS.items()}
    with global_stream(purpose, *key):
        yield
    for name, (read, write) in SETTINGS.items():
        if (found := read()) != before[name]:
            write(before[name])
            raise TrainingError(
                f"the method's code changed {name} from {before[name]} to {found}, which changes "
                "results under the same identity; take that out (the experiment file has threads "
                "and precision)"
            )
