"""Results: trace a number, compare, merge, keep."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import DEMO, expected_of


def merge(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER FOLDER...", help="Folders of results.")
    ],
    out: Annotated[Path, typer.Option(metavar="NEW", help="The new folder, such as results/both.")],
) -> None:
    """Merge results that were made separately.

    They may differ in seeds, methods or held-out domains. Folders that are not comparable are
    refused, with the key that differs.
    """
    from rise.results.merge import merge

    merged = merge(folders, out)
    typer.echo(f"{out}: {merged.units} of {merged.declared} units")
    for folder, number in merged.taken.items():
        typer.echo(f"  {number} from {folder}")
    if merged.twice:
        typer.echo(f"  {merged.twice} were in several folders, with the same results")
    if len({tuple(sorted(one)) for one in merged.environments.values()}) > 1:
        typer.echo("made with different installed packages:")
        for folder, digests in merged.environments.items():
            typer.echo(f"  {folder}: {', '.join(one[:12] for one in digests) or 'not recorded'}")
    typer.echo(f"report: rise report {shlex.quote(str(out))}")


def trace(
    cell: Annotated[
        str, typer.Argument(metavar="CELL", help="DATASET/VARIANT/METHOD[/HELD_OUT[/seedK]].")
    ],
    source: Annotated[
        Path, typer.Argument(metavar="CONFIG|FOLDER", help="Experiment file, or folder of results.")
    ] = DEMO,
) -> None:
    """Trace a number back to its origin.

    Prints records, settings, data revision, code, container image, environment and predictions.
    """
    from rise.results.provenance import trace

    typer.echo(trace(expected_of(source), cell))


def diff(
    one: Annotated[Path, typer.Argument(metavar="A", help="A record, or a folder of results.")],
    other: Annotated[Path, typer.Argument(metavar="B", help="A second one of the same kind.")],
) -> None:
    """Compare two records or folders of results.

    Exits with 1 if the science differs; differences in provenance are only listed.
    """
    from rise.results.diff import compare

    found = compare(one, other)
    typer.echo(found.text)
    raise typer.Exit(0 if found.same else 1)


def accept(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Results of the old code, made on this machine."),
    ],
) -> None:
    """Keep records after a code change that changes no result.

    One unit of each kind (method, view policy, protocol and every other switch) is made again with
    the present code. If its science and predictions are byte-equal, a line is added to
    data/code_ledger.jsonl, and records of the old code count: commit that file. Exits with 1 if any
    unit differs.
    """
    from rise.results.ledger import LEDGER
    from rise.runtime.accept import accept

    same, replays = True, 0
    for replays, verdict in enumerate(accept(folder, LEDGER), 1):  # noqa: B007
        unit = verdict.replay.unit
        kind = f"{unit.method} ({unit.identity.views.policy} views, {unit.identity.protocol})"
        said = "same bytes" if verdict.fault is None else f"differs in {verdict.fault}"
        typer.echo(f"{kind}: {said} ({unit.key} replayed in {verdict.seconds:.0f} s)")
        same = same and verdict.fault is None
    if not replays:
        typer.echo("nothing to accept: no record here differs in code alone, or the ledger has all")
    raise typer.Exit(0 if same else 1)
