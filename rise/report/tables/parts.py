"""The primary metric by whether the teacher's vendors draw the identity; exploratory."""

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.format import listed
from rise.report.render.table import Table
from rise.report.tables._shared import images, mean_cell

NAME, HEADING, ORDER = "parts", "Drawn and not drawn by the teacher's vendors", 900


def build(results: Results) -> list[Table]:
    """Build a table a dataset and variant, none where no image is known as drawn."""
    return [_table(results, group) for group in results.groups if results.parts]


def _table(results: Results, group: Group) -> Table:
    columns = [part.partition(", ")[2] for part in results.parts]
    sizes = listed(
        f"{images(results, group, part)} ({name})"
        for part, name in zip(results.parts, columns, strict=True)
    )
    return Table(
        f"{group.label}: primary metric by whether the teacher's vendors draw the identity, "
        "exploratory",
        ("Method", *columns),
        [
            (
                results.method_label(method),
                *(mean_cell(results, group, method, part) for part in results.parts),
            )
            for method in results.experiment.methods
        ],
        f"Accuracy in %, mean over held-out domains, with interval over seeds. The teacher and the "
        f"starting weights have seen other vendors' drawings of the identities called drawn. "
        f"Scored images for each domain: {sizes}.",
    )
