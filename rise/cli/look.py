"""Looking: is the file right, how far is the run, what came out."""

from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import DEMO, Config, read_experiment


def check(config: Config) -> None:
    """Check an experiment file; say its size."""
    from rise.plan import Plan
    from rise.status import describe

    typer.echo(describe(Plan(read_experiment(config)).look()))


def plan(config: Config = DEMO) -> None:
    """Say what an experiment will take: hours, disk.

    Order of magnitude only, finished units included; the rates are in rise/cost.yaml.
    """
    from rise.cost import table
    from rise.plan import Plan

    typer.echo(table(Plan(read_experiment(config))))


def explain(
    unit: Annotated[
        str, typer.Argument(metavar="UNIT", help="DATASET/VARIANT/METHOD/HELD_OUT/seedK.")
    ],
    config: Annotated[Path, typer.Option(metavar="CONFIG", help="Experiment file.")] = DEMO,
) -> None:
    """Print one unit's recipe, and where each value is from."""
    from rise.explain import explained

    typer.echo(explained(read_experiment(config), unit, config))


def status(
    config: Config = DEMO,
    everything: Annotated[
        bool, typer.Option("--all", help="List the waiting units by name, too.")
    ] = False,
) -> None:
    """Say what is done, failed or waiting."""
    from rise.plan import Plan
    from rise.status import progress

    typer.echo(progress(Plan(read_experiment(config)), everything))


def show(config: Config = DEMO) -> None:
    """Print the main table and its verdicts."""
    from rise.errors import ResultError
    from rise.plan import Plan
    from rise.report.terminal import main_table

    plan = Plan(read_experiment(config))
    if not plan.report.is_file():
        raise ResultError(f"{plan.report.parent}: no report yet; make it with: rise run {config}")
    typer.echo(main_table(plan.report.parent))


def methods() -> None:
    """List the methods with their equations."""
    from rise.status import method_list

    typer.echo(method_list())
