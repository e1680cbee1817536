"""Contrasts over seeds and images crossed: what other images of the same domains might show.

Exploratory. Correctness of single images comes from the predictions and `results/NAME/scored`.
"""

import numpy as np
from numpy.typing import NDArray

from rise.experiment.paths import scored_path
from rise.experiment.record import predictions_path
from rise.report.analysis.details import Detail
from rise.report.analysis.group import Group
from rise.report.analysis.names import generator_of
from rise.report.analysis.results import Results
from rise.report.analysis.scored import Scored
from rise.report.render.format import interval_name, points, points_interval
from rise.report.render.table import Cell, Table, TableRow, number
from rise.stats.bootstrap import MIN_CLUSTERS, MIN_SEEDS, Bootstrap, crossed_bootstrap

NAME, HEADING, ORDER = "images", "Uncertainty over seeds and images", 1100


def build(results: Results) -> list[Table]:
    """Build the table, none without a contrast that has an interval.

    Identities that occur in several domains are drawn as one: otherwise a thing would count as
    many times as it was drawn by vendors.
    """
    rows: list[TableRow] = []
    for group, a, b in results.family:
        found = _bootstrap(results, group, a, b)
        if found is not None:
            rows.append(
                (
                    results.contrast_label(a, b),
                    group.label,
                    number(found.estimate, points),
                    Cell(points_interval(found.low, found.high), found.low),
                    number(found.clusters, str),
                )
            )
    level = interval_name(results.experiment.decision.level)
    table = Table(
        "Pre-specified contrasts for other seeds and other images, exploratory",
        ("Contrast", "Dataset", "mean", level, "identities"),
        rows,
        "Difference in points, with the percentile interval of a bootstrap that draws seeds and "
        "images (or whole identities, over all domains) with replacement. It says what other "
        "images of these domains might have shown, and decides nothing; with few seeds it is too "
        "narrow. The tests of the decision rule speak of exactly the scored images.",
    )
    return [table] if rows else []


def _bootstrap(results: Results, group: Group, a: str, b: str) -> Bootstrap | None:
    complete = results.differences(group, a, b, results.primary) is not None
    if not complete or len(results.seeds) < MIN_SEEDS or results.ratio(group) is not None:
        return None
    scored = _scored(results, group, a)
    if scored is None:
        return None
    pairs = [
        [_correct(results, scored, group, method, domain) for method in (a, b)]
        for domain in group.held_out
    ]
    clusters = [scored.identity[at] for (_, at), _ in pairs]
    known = all((names != "").all() for names in clusters)
    if known and min(len(np.unique(names)) for names in clusters) < MIN_CLUSTERS:
        return None
    return crossed_bootstrap(
        [100 * (first - second) for (first, _), (second, _) in pairs],
        generator_of("images", a, b, group.label),
        resampled=False,
        clusters=clusters if known else None,
        level=results.experiment.decision.level,
    )


def _correct(
    results: Results, scored: Scored, group: Group, method: str, held_out: str
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Correct (seeds, images) of the primary metric's images, their places (images,) in `scored`.

    All units of a decoded dataset predict its images in its order.
    """
    seeds = []
    for seed in results.seeds:
        with np.load(
            predictions_path(_detail(results, group, method, held_out, seed).path)
        ) as file:
            at = scored.places(file["image"])
            right = file["predicted"] == scored.label[at]
        kept = scored.part[at] == "test" if results.primary == "test" else np.full(len(at), True)
        seeds.append(right[kept].astype(np.float64))
    return np.stack(seeds), at[kept]


def _scored(results: Results, group: Group, method: str) -> Scored | None:
    """Read what the predictions of a group are scored with, where it was kept."""
    decoded = _detail(results, group, method, group.held_out[0], results.seeds[0]).decoded
    path = scored_path(results.expected.folder, group.dataset, decoded)
    return Scored(path) if path.exists() else None


def _detail(results: Results, group: Group, method: str, held_out: str, seed: int) -> Detail:
    detail = results.detail(group, method, held_out, seed)
    assert detail is not None  # the contrast is complete
    return detail
