"""The steps of a run: making one unit, and the report."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import DEMO, expected_of


def unit(
    request: Annotated[Path, typer.Argument(metavar="REQUEST", help="A unit's request.json.")],
) -> None:
    """Train and score one unit (called by snakemake)."""
    from rise.experiment.read_job import read_job
    from rise.runtime.unit_job import run_unit

    run_unit(read_job(request))


def report(
    source: Annotated[
        Path,
        typer.Argument(metavar="CONFIG|FOLDER", help="Experiment file, or a folder of results."),
    ] = DEMO,
    allow_incomplete: Annotated[
        bool,
        typer.Option(
            "--allow-incomplete", help="Report an incomplete experiment; averages are withheld."
        ),
    ] = False,
) -> None:
    """Write the report; exits with 1 if a unit is missing.

    A folder of results is reported as it is, without the code, data or weights that made it. The
    report of results/NAME goes to reports/NAME, that of any other folder to FOLDER/report.
    """
    from rise.planning.plan import Plan
    from rise.report.analysis.results import Results
    from rise.report.build import write_report
    from rise.report.stamp import report_folder
    from rise.results.completeness import refuse_incomplete

    expected = expected_of(source)
    results = Results.read(expected)
    if not allow_incomplete:
        where = "make them where the others were made"
        again = where if expected.recorded else f"make them: rise run {shlex.quote(str(source))}"
        refuse_incomplete(results.frame, again)
    out = report_folder(expected.folder)
    write_report(results, out)
    if not expected.recorded:
        Plan(expected.experiment).stamp_report(results.details)
    done = results.counts["done"]
    typer.echo(f"report of {done} of {len(results.units)} units: {out / 'report.html'}")
