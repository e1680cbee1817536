"""Results folders: merge them."""

from pathlib import Path
from typing import Annotated

import typer


def merge(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER FOLDER...", help="Folders of results.")
    ],
    out: Annotated[Path, typer.Option(metavar="NEW", help="The new folder, as results/both.")],
) -> None:
    """Join results made apart: other seeds, methods or held-out domains of one question.

    Refused where they are not comparable, with the key that differs.
    """
    from rise.merge import merge

    merged = merge(folders, out)
    typer.echo(f"{out}: {merged.units} of {merged.declared} units")
    for folder, number in merged.taken.items():
        typer.echo(f"  {number} from {folder}")
    if merged.twice:
        typer.echo(f"  {merged.twice} lay in several folders, with the same results")
    if len({tuple(sorted(one)) for one in merged.environments.values()}) > 1:
        typer.echo("made with different installed packages:")
        for folder, digests in merged.environments.items():
            typer.echo(f"  {folder}: {', '.join(one[:12] for one in digests) or 'not recorded'}")
    typer.echo(f"report: rise report {out}")
