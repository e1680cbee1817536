"""What the units of an experiment took."""

import pandas as pd

from rise.report.analysis import Group, Results, method_label
from rise.report.render.format import NOTHING, duration, rate, spread
from rise.report.render.table import Table


def cost_table(results: Results) -> Table:
    """Time, speed and memory by dataset, method and device, and the search budget beside them."""
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
        tuple(rows),
        "Seconds: mean of one unit on one device with all its settings, its scoring and the "
        "writing of its record. A unit resumed after it was killed is counted, but left out of "
        "the seconds and the speed, since only its last part was timed. Images/s: training steps "
        "times batch size over these seconds, a lower bound, because the seconds hold evaluation "
        "and scoring too. Peak: the most of any unit, of the GPU's memory where one was used, "
        "else of the whole process. Settings and evaluations: the search budget of a unit. Data, "
        "teacher and its embeddings are built once and not counted here.",
    )
    return table if len(results.groups) > 1 else table.without("Dataset")


def _by_device(results: Results, group: Group, method: str) -> list[tuple[object, pd.DataFrame]]:
    rows = results.rows(group, method, results.headline)
    return list(rows.fillna({"device": "not recorded"}).groupby("device", sort=True))


def _row(
    results: Results, group: Group, method: str, device: str, units: pd.DataFrame
) -> tuple[str, ...]:
    resumed = units["resumed"].fillna(False).astype(bool)
    whole = units[~resumed & units["seconds"].notna()]
    seconds = whole["seconds"].sum()
    batch = results.experiment.variant_on(group.dataset, group.variant).recipe.batch_size
    known = seconds > 0 and whole["steps"].notna().all()
    peak = units["peak_memory_mb"].max()
    return (
        group.label,
        method_label(method),
        device,
        str(len(units)),
        str(int(resumed.sum())),
        duration(None if whole.empty else seconds / len(whole)),
        rate(float(whole["steps"].sum()) * batch / seconds if known else None),
        NOTHING if pd.isna(peak) else str(round(peak)),
        spread(units["trials"].dropna()),
        spread(units["evaluations"].dropna()),
    )
