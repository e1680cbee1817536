"""Revisions of data, code, container and packages that the results were made of."""

import json
from collections import Counter

from rise.report.analysis.group import dataset_title
from rise.report.analysis.results import Results
from rise.report.render.table import Table, number

NAME, HEADING, ORDER = "revisions", "Provenance", 1600

SHORT = 12
# Keys of a record's data, in print.
DATA = {
    "manifest": "files (manifest)",
    "pack": "decoded images",
    "student": "starting weights",
}


def _order(item: tuple[str, str]) -> int:
    """Files before what is made of them."""
    order = list(DATA)
    return order.index(item[0]) if item[0] in order else len(order)


def build(results: Results) -> list[Table]:
    """Build the table of every revision that a result rests on, none without a result."""
    if not results.counts["done"]:
        return []
    # A unit of other data than the rest of its dataset counts in no table, but is shown here.
    made = results.units[results.units["data"].notna()]
    done = made[made["status"] == "done"]
    found: Counter[tuple[str, str]] = Counter()
    experiment = results.experiment
    labels = {name: dataset_title(experiment, name) for name in experiment.datasets}
    for dataset, data in zip(made["dataset"], made["data"], strict=True):
        for key, digest in sorted(json.loads(data).items(), key=_order):
            found[f"{labels[dataset]}: {DATA.get(key, key)}", str(digest)[:SHORT]] += 1
    for what, column, otherwise in (
        ("Training code", "code", "not recorded"),
        ("Container image", "image", "none"),
        ("Installed packages", "environment", "not recorded"),
    ):
        for value in done[column].fillna(otherwise):
            found[what, value if column == "image" else value[:SHORT]] += 1
    table = Table(
        "Revisions",
        ("What", "revision", "units"),
        [(what, revision, number(units, str)) for (what, revision), units in found.items()],
        f"Digests by their first {SHORT} digits: of a dataset's files and of its decoded images, "
        "of the statements that training reaches, of the names and versions of the installed "
        "packages. The records hold them whole.",
    )
    return [table]
