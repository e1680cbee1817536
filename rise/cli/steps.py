"""The steps of a run: one unit, and the report of all."""

from pathlib import Path
from typing import Annotated

import typer

from rise.cli.common import DEMO, expected_of


def unit(
    request: Annotated[Path, typer.Argument(metavar="REQUEST", help="A unit's request.json.")],
) -> None:
    """Make one unit (snakemake calls this)."""
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
        typer.Option("--allow-incomplete", help="Report what is there; averages are withheld."),
    ] = False,
) -> None:
    """Report what is there now; exits 1 if not all is done.

    A folder of results is reported as it is, without the code, data or weights that made it. The
    report of results/NAME lies in reports/NAME, that of a folder elsewhere in FOLDER/report.
    """
    from rise.planning.plan import Plan
    from rise.report.analysis.results import Results
    from rise.report.build import report_folder, write_report
    from rise.results.completeness import refuse_incomplete

    expected = expected_of(source)
    results = Results.read(expected)
    if not allow_incomplete:
        where = "make them where the rest was made"
        again = where if expected.recorded else f"make them: rise run {source}"
        refuse_incomplete(results.frame, again)
    out = report_folder(expected.folder)
    write_report(results, out)
    if not expected.recorded:
        Plan(expected.experiment).stamp_report(results.details)
    done = results.counts["done"]
    typer.echo(f"report of {done} of {len(results.units)} units: {out / 'report.html'}")
