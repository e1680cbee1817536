"""The compute that the units of an experiment took."""

import pandas as pd

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.format import duration, rate
from rise.report.render.table import Table, TableRow, number, number_spread
from rise.report.tables._shared import budget

NAME, HEADING, ORDER = "compute", "Compute", 1500


def build(results: Results) -> list[Table]:
    """Build the table: time, speed and memory by dataset, method and device, with the budget."""
    columns = (
        "Dataset",
        "Method",
        "device",
        "units",
        "resumed",
        "seconds a unit",
        "images/s",
        "peak MB",
        "settings",
        "evaluations",
    )
    rows = [
        _row(results, group, method, str(device), units)
        for group in results.groups
        for method in results.experiment.methods
        for device, units in _by_device(results, group, method)
    ]
    table = Table(
        "Time, speed and memory of the units",
        columns,
        rows,
        "Seconds: mean of one unit on one device with all its settings, its scoring and the "
        "writing of its record. A unit resumed after it was killed is counted, but left out of "
        "the seconds and the speed, since only its last part was timed. Images/s: training steps "
        "times batch size over these seconds, a lower bound, because the seconds hold evaluation "
        "and scoring too. Peak: the most of any unit, of the GPU's memory where one was used, "
        "else of the whole process. Settings and evaluations: the search budget of a unit. Data, "
        "teacher and its embeddings are built once and not counted here.",
    )
    if not rows:
        return []
    return [table if len(results.groups) > 1 else table.without("Dataset")]


def _by_device(results: Results, group: Group, method: str) -> list[tuple[object, pd.DataFrame]]:
    rows = results.rows(group, method, results.primary)
    return list(rows.fillna({"device": "not recorded"}).groupby("device", sort=True))


def _row(results: Results, group: Group, method: str, device: str, units: pd.DataFrame) -> TableRow:
    resumed = units["resumed"].fillna(False).astype(bool)
    whole = units[~resumed & units["seconds"].notna()]
    seconds = whole["seconds"].sum()
    batch = results.experiment.variant_on(group.dataset, group.variant).recipe.batch_size
    known = seconds > 0 and whole["steps"].notna().all()
    peak = units["peak_memory_mb"].max()
    return (
        group.label,
        results.method_label(method),
        device,
        number(len(units), str),
        number(int(resumed.sum()), str),
        number(None if whole.empty else seconds / len(whole), duration),
        number(float(whole["steps"].sum()) * batch / seconds if known else None, rate),
        number(None if pd.isna(peak) else round(peak), str),
        number_spread(budget(units, "trials")),
        number_spread(budget(units, "evaluations")),
    )
