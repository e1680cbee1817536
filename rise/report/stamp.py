"""The place of a report, and its stamp: report.json says of which records it was made."""

import shlex
from pathlib import Path

from rise.experiment.paths import REPORTS, RESULTS
from rise.report.analysis.results import Results
from rise.results.read import read_plain
from rise.utils.io import JsonObject, digest

STAMP = "report.json"


def report_folder(results: Path) -> Path:
    """Name the folder of the report of a folder of results.

    That of this project's results/NAME is reports/NAME; of any other, FOLDER/report.
    """
    ours = results.resolve().parent == RESULTS.resolve()
    return REPORTS / results.resolve().name if ours else results / "report"


def stamp(results: Results) -> JsonObject:
    """Say what stands in report.json: the digest of the units (with statuses, if incomplete)."""
    counts = results.counts
    complete = counts["done"] == len(results.units)
    told = list(results.units["digest"])
    return {
        "digest": digest(told if complete else [*told, *results.units["status"]]),
        "complete": complete,
        "failed": counts["failed"],
        "missing": counts["missing"],
    }


def report_line(results: Results, source: Path) -> str:
    """Say where the report lies, or how to make it where there is none of these records.

    Args:
        results: of the experiment.
        source: the experiment file or folder of results that was asked for.
    """
    out = report_folder(results.expected.folder)
    again = f"rise report {shlex.quote(str(source))} --allow-incomplete"
    found = read_plain(out / STAMP)
    if not found:
        return f"There is no report yet; make it with: {again}"
    if not stamp(results).items() <= found.items():
        return f"The report in {out} is of other records than these; make it again: {again}"
    return f"Report: {out / 'report.html'}, and report.md beside it"
