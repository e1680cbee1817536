"""The results as one number a row, for people who make tables of their own."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pandas as pd

from rise.report.analysis.results import Results

COLUMNS = ["dataset", "method", "held_out", "seed", "metric", "value"]


def tidy(results: Results) -> pd.DataFrame:
    """List accuracies of every done unit in per cent, in declared order; columns are `COLUMNS`.

    Metrics are `accuracy` and `macro accuracy` (mean over classes) on the primary metric's images,
    the same with the name of another set of images behind, and `validation accuracy` (mean over
    source domains). A method is VARIANT/METHOD where an experiment has several variants.
    """
    return pd.DataFrame(_rows(results), columns=COLUMNS)


def _rows(results: Results) -> Iterator[tuple[Any, ...]]:
    several = len(results.experiment.variants) > 1
    done = results.frame[results.frame["status"] == "done"]
    names = {subset: _name(results, subset) for subset in done["subset"].unique()}
    for (dataset, variant, method, held_out, seed), found in groupby(done.itertuples(), _unit):
        # The primary metric's first.
        rows = sorted(found, key=lambda row: names[row.subset] != "")
        here = (dataset, f"{variant}/{method}" if several else method, held_out, seed)
        for row in rows:
            yield (*here, f"accuracy{names[row.subset]}", row.accuracy)
        for row in rows:
            yield (*here, f"macro accuracy{names[row.subset]}", row.macro)
        yield (*here, "validation accuracy", rows[0].validation)


def _unit(row: Any) -> tuple[Any, ...]:
    return row.dataset, row.variant, row.method, row.held_out, row.seed


def _name(results: Results, subset: str) -> str:
    return "" if subset == results.primary else f" {results.label(subset)}"
