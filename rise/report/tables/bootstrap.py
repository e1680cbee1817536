"""Contrasts over seeds and images crossed: what other images of the same domains might show.

Exploratory. Correctness of single images comes from the predictions and `results/NAME/scored`.
"""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from rise.errors import ResultError
from rise.experiment.paths import scored_path
from rise.experiment.record import predictions_path, read_record
from rise.report.analysis import Group, Results, contrast_label, generator_of
from rise.report.render.format import NOTHING, interval_name, points, points_interval
from rise.report.render.table import Table
from rise.stats.bootstrap import MIN_CLUSTERS, MIN_SEEDS, Bootstrap, crossed_bootstrap


def images_table(results: Results) -> Table | None:
    """The declared contrasts with an interval for other seeds and other images; None if no rows.

    Identities that occur in several domains are drawn as one: otherwise a thing would count as
    many times as it was drawn by vendors.
    """
    rows = []
    for group, a, b in results.family:
        found = _bootstrap(results, group, a, b)
        if found is not None:
            drawn = NOTHING if found.clusters is None else str(found.clusters)
            rows.append(
                (
                    contrast_label(a, b),
                    group.label,
                    points(found.estimate),
                    points_interval(found.low, found.high),
                    drawn,
                )
            )
    if not rows:
        return None
    level = interval_name(results.experiment.decision.level)
    return Table(
        "Declared contrasts for other seeds and other images, exploratory",
        ("Contrast", "Dataset", "mean", level, "identities"),
        tuple(rows),
        "Difference in points, with the percentile interval of a bootstrap that draws seeds and "
        "images (or whole identities, over all domains) with replacement. It says what other "
        "images of these domains might have shown, and decides nothing; with few seeds it is too "
        "narrow. The tests of the declared rule speak of exactly the scored images.",
    )


def why_not(results: Results) -> str:
    """Why there is no such table."""
    if all(results.ratio(group) is not None for group in results.groups):
        return (
            "Every seed scores other images, so that there is no image that all seeds share and no "
            "interval over images; the corrected t test carries their noise."
        )
    return (
        f"No interval over images: it needs {MIN_SEEDS} finished seeds of a declared contrast, and "
        f"{MIN_CLUSTERS} identities where the data have them."
    )


def _bootstrap(results: Results, group: Group, a: str, b: str) -> Bootstrap | None:
    complete = results.differences(group, a, b, results.headline) is not None
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
    results: Results, scored: "Scored", group: Group, method: str, held_out: str
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Correct (seeds, images) of the headline's images, and their places (images,) in `scored`.

    All units of a pack predict its images in the pack's order.
    """
    seeds = []
    for seed in results.seeds:
        with np.load(predictions_path(_record(results, group, method, held_out, seed))) as file:
            at = scored.places(file["image"])
            right = file["predicted"] == scored.label[at]
        kept = scored.part[at] == "test" if results.headline == "test" else np.full(len(at), True)
        seeds.append(right[kept].astype(np.float64))
    return np.stack(seeds), at[kept]


def _scored(results: Results, group: Group, method: str) -> "Scored | None":
    """What the predictions of a group are scored with, where it was kept."""
    record = _record(results, group, method, group.held_out[0], results.seeds[0])
    content = read_record(record).science.data.get("pack", "")
    path = scored_path(results.expected.folder, group.dataset, content)
    return Scored(path) if path.exists() else None


def _record(results: Results, group: Group, method: str, held_out: str, seed: int) -> Path:
    detail = results.details.get(group, method, held_out, seed)
    assert detail is not None  # the contrast is complete
    return detail.path


class Scored:
    """What predictions are scored with: label, part and identity (N,) of every image of a pack."""

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path) as file:
                self.label, self.part, self.identity = (
                    file[name] for name in ("label", "part", "identity")
                )
                self._at = {str(image): at for at, image in enumerate(file["id"])}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ResultError(
                f"{path}: cannot be read; take it from a copy, or delete it and one record of its "
                "dataset and run again"
            ) from error

    def places(self, images: NDArray[np.str_]) -> NDArray[np.int64]:
        """Where the images (n,) with these ids stand, int64 (n,)."""
        return np.array([self._at[str(image)] for image in images], dtype=np.int64)
