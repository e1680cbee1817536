"""Run snakemake for an experiment or some of its units."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rise.cli.common import DEMO, read_experiment
from rise.errors import ConfigError, unknown
from rise.experiment.key import FIELDS

if TYPE_CHECKING:
    from rise.planning.units import Unit

Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=VALUE",
        help=f"Only units with this value; fields: {', '.join(FIELDS)}. Repeat a field for more.",
    ),
]


def run(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="Experiment file.")] = DEMO,
    cores: Annotated[str, typer.Option(metavar="N|all", help="Cores to use.")] = "all",
    only: Only = None,
    dry: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Only print what would run.")
    ] = False,
) -> None:
    """Train what is missing, then report.

    The snakemake command is printed first. With --only, just the chosen units are trained and no
    report is made.
    """
    from rise.planning.aside import record_path
    from rise.planning.units import units

    line = ["snakemake", "--cores", cores, "--configfile", str(config)]
    line += ["-n"] if dry else []
    experiment = read_experiment(config)
    if only:
        chosen = _chosen(units(experiment), only)
        line += ["--", *(str(record_path(unit)) for unit in chosen)]
    typer.echo(shlex.join(line), err=True)
    program = Path(sys.executable).with_name("snakemake")
    os.execv(program, line)


def _chosen(every: "list[Unit]", only: list[str]) -> "list[Unit]":
    wanted: dict[str, set[str]] = {}
    for one in only:
        field, equals, value = one.partition("=")
        if not equals:
            raise ConfigError(f"--only {one}: write FIELD=VALUE")
        if field not in FIELDS:
            raise ConfigError(f"--only {one}: {unknown('field', field, FIELDS)}")
        known = {str(unit.columns[field]): unit.parts[field] for unit in every}
        if value not in (*known, *known.values()):
            raise ConfigError(f"--only {one}: {unknown(field, value, known)}")
        wanted.setdefault(field, set()).add(known.get(value, value))
    return [
        unit for unit in every if all(unit.parts[field] in parts for field, parts in wanted.items())
    ]
