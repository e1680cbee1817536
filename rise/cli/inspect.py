"""Inspect an experiment: its file, forecast, progress and results."""

import shlex
import textwrap
from typing import Annotated

import typer

from rise.cli.common import DEMO, Config, expected_of, read_experiment


def check(config: Config) -> None:
    """Check an experiment file, and print its size."""
    from rise.planning.plan import Plan
    from rise.planning.status import describe
    from rise.runtime.own_data import check_own_data
    from rise.runtime.preflight import check_students

    experiment = read_experiment(config)
    check_own_data(experiment, experiment.datasets)
    check_students(experiment, config)
    typer.echo(describe(Plan(experiment).look()))


def plan(
    config: Config = DEMO,
    difference: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=100,
            help="Print how many seeds are needed to detect a difference of this many points.",
        ),
    ] = None,
) -> None:
    """Forecast the hours and disk space of an experiment.

    Gives the order of magnitude, finished units included; the rates are in rise/planning/cost.yaml.
    With --difference, the experiment is a finished pilot: its spread determines how many seeds the
    next one needs.
    """
    from rise.planning.cost_table import table
    from rise.planning.plan import Plan

    planned = Plan(read_experiment(config))
    if difference is None:
        typer.echo(table(planned))
        return
    from rise.planning.asked import asked
    from rise.report.analysis.results import Results
    from rise.report.render.grid import terminal_table
    from rise.report.seeds_needed import seeds_table

    needed = seeds_table(planned, Results.read(asked(planned.experiment)), difference)
    typer.echo(f"{needed.title}\n{terminal_table(needed)}\n\n{textwrap.fill(needed.note, 100)}")


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="First method.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Second method.")],
    config: Config = DEMO,
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    held_out_domain: Annotated[str | None, typer.Option(help="Only this held-out domain.")] = None,
) -> None:
    """Compare two methods in an experiment's results."""
    from rise.report.analysis.results import Results
    from rise.report.compare import compared

    expected = expected_of(config)
    results = Results.read(expected)
    typer.echo(compared(results, a, b, dataset, held_out_domain))


def explain(
    unit: Annotated[
        str, typer.Argument(metavar="UNIT", help="DATASET/VARIANT/METHOD/HELD_OUT/seedK.")
    ],
    config: Config = DEMO,
) -> None:
    """Print one unit's recipe with the source of each value."""
    from rise.planning.explain import explained

    file = config / "experiment.json" if config.is_dir() else config
    typer.echo(explained(read_experiment(file), unit, file))


def status(
    config: Config = DEMO,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list the waiting units by name.")
    ] = False,
) -> None:
    """Print how many units are done, failed or waiting, and those whose record is another's."""
    from rise.planning.plan import Plan
    from rise.planning.status import progress

    typer.echo(progress(Plan(read_experiment(config)), everything))


def show(config: Config = DEMO) -> None:
    """Print the main table and its verdicts, from the records as they are now."""
    from rise.errors import ResultError
    from rise.report.analysis.results import Results
    from rise.report.stamp import report_line
    from rise.report.terminal import summary

    results = Results.read(expected_of(config))
    if not results.counts["done"]:
        raise ResultError(
            f"{config}: no unit is done yet; run them with: rise run {shlex.quote(str(config))}"
        )
    typer.echo(f"{summary(results)}\n{report_line(results, config)}")


def methods() -> None:
    """List the methods with their equations."""
    from rise.planning.status import method_list

    typer.echo(method_list())
