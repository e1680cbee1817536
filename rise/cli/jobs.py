"""The steps of a run: one unit, and the report of all."""

from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import DEMO, Config, read_experiment


def unit(
    request: Annotated[Path, typer.Argument(metavar="REQUEST", help="A unit's request.json.")],
) -> None:
    """Make one unit (snakemake calls this)."""
    from rise.requests import read_request
    from rise.training.unit import run_unit

    run_unit(read_request(request))


def report(config: Config = DEMO) -> None:
    """Make the report of what is there now."""
    from rise.plan import Plan
    from rise.report.build import build_report

    plan = Plan(read_experiment(config))
    build_report(plan.experiment, plan.report.parent)
    plan.stamp_report()
    done = len(plan.units) - len(plan.stale)
    path = plan.report.parent / "report.md"
    typer.echo(f"report of {done} of {len(plan.units)} units: {path}")
