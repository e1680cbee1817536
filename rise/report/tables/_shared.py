"""Cells and words that several tables share."""

import pandas as pd

from rise.report.analysis.group import Group
from rise.report.analysis.results import Results
from rise.report.render.format import NOTHING, accuracy_interval, interval_name, spread
from rise.report.render.table import Cell
from rise.stats.paired import MIN_SEEDS, Interval

TEACHER = "Teacher, zero-shot"


def mean_cell(
    results: Results, group: Group, method: str, subset: str, column: str = "accuracy"
) -> Cell:
    """Show the mean over domains and seeds with its interval; a dash if a seed is incomplete."""
    return interval_cell(results.interval(group, method, subset, column))


def interval_cell(interval: Interval | None) -> Cell:
    """Show a mean in per cent with its interval, where there is one."""
    if interval is None:
        return Cell(NOTHING)
    text = accuracy_interval(interval.mean, interval.low, interval.high)
    return Cell(text, interval.mean, plain=interval.low is None)


def seeds_cell(results: Results, complete: int) -> Cell:
    """Show how many seeds are complete, and of how many if they are not all."""
    declared = len(results.seeds)
    text = str(declared) if complete == declared else f"{complete} of {declared}"
    return Cell(text, complete, plain=complete == declared)


def images(results: Results, group: Group, subset: str) -> str:
    """Say how many images are scored in a domain."""
    frame = results.frame
    here = (frame["dataset"] == group.dataset) & (frame["variant"] == group.variant)
    return spread(frame[here & (frame["subset"] == subset).fillna(False)]["total"])


def over_seeds(results: Results) -> str:
    """Say what stands in brackets behind a mean, or why nothing does."""
    if len(results.seeds) < MIN_SEEDS:
        return f"; fewer than {MIN_SEEDS} seeds give no interval"
    return f" [{interval_name(results.experiment.decision.level)} over seeds, Student t]"


def budget(units: pd.DataFrame, column: str) -> list[int]:
    """List what units used of a budget, where it is recorded."""
    return [int(one) for one in units[column].dropna()]
