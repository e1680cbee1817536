"""Describe and test this installation."""

import json
from typing import Annotated, Literal

import typer


def about(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Print the installed versions, digests and container image."""
    from rise.utils.environment import about
    from rise.utils.text_grid import text_grid

    found = about()
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(text_grid([(key, value or "none") for key, value in found.items()]))


def selftest(
    device: Annotated[Literal["cpu", "cuda"], typer.Option(help="Device to train on.")] = "cpu",
) -> None:
    """Train two steps on random images; exits with 1 on failure."""
    import warnings

    import torch
    import torchvision

    from rise.runtime.selftest import selftest

    with warnings.catch_warnings():  # clip's own import of pkg_resources
        warnings.simplefilter("ignore")
        import clip  # noqa: F401

    name = selftest(device)
    typer.echo(f"two training steps on {name}: torch {torch.__version__}, ", nl=False)
    typer.echo(f"torchvision {torchvision.__version__}, CUDA {torch.version.cuda}")
