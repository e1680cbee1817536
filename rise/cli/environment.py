"""This installation: what it is, and whether it computes."""

import json
from typing import Annotated, Literal

import typer


def about(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say what is installed here: versions, digests of packages and code, and the image."""
    from rise.utils.environment import about
    from rise.utils.text_grid import text_grid

    found = about()
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(text_grid([(key, value or "none") for key, value in found.items()]))


def selftest(
    device: Annotated[Literal["cpu", "cuda"], typer.Option(help="Where to train.")] = "cpu",
) -> None:
    """Import the stack and train two steps on made-up images; exits 1 if that fails."""
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
