"""The numbers of an experiment, looked up and decided: what all parts of a report share."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rise.catalog.protocols import protocols
from rise.config.load import Experiment
from rise.experiment.key import held_out_text
from rise.experiment.record import Record
from rise.report.analysis.details import Detail, detail
from rise.report.analysis.group import Group, groups_of
from rise.report.analysis.names import generator_of, method_labels
from rise.report.analysis.teacher_scores import teacher_scores
from rise.results.collect import collect, mixed_datasets, units_in
from rise.results.expected import Expected, ExpectedUnit
from rise.stats.corrected import ratio_of_scored
from rise.stats.decide import Contrast, Decision, decide
from rise.stats.paired import Interval, domain_average, mean_interval

SUBSETS = {"test": "test identities", "all": "all identities"}
# Where a protocol knows no identities, all that is scored is the one set of images.
IMAGES = "held-out images"


@dataclass(frozen=True, eq=False)
class Results:
    """The contents of a folder of results.

    Attributes:
        expected: what it should hold.
        frame: the table of `rise.results.collect`.
        details: of the done units, by key.
    """

    expected: Expected
    frame: pd.DataFrame
    details: dict[str, Detail]

    @classmethod
    def read(cls, expected: Expected) -> "Results":
        """Read what lies on disk now, each record once."""
        found: dict[str, Detail] = {}

        def take(unit: ExpectedUnit, path: Path, record: Record) -> None:
            found[unit.key] = detail(path, record, expected.experiment.decision.score)

        frame = collect(expected, take)
        done = {expected.keys[one] for one in units_in(frame[frame["status"] == "done"])}
        return cls(expected, frame, {key: one for key, one in found.items() if key in done})

    @property
    def experiment(self) -> Experiment:
        """The experiment that is reported."""
        return self.expected.experiment

    @property
    def primary(self) -> str:
        """The set of scored images of the primary metric, which the decision rule names."""
        return self.experiment.decision.score

    @property
    def identities(self) -> bool:
        """True if test identities are scored apart from all."""
        variants = self.experiment.variants.values()
        return any(variant.protocol == "identity_disjoint" for variant in variants)

    @property
    def beside(self) -> str | None:
        """The set of scored images that is printed beside it, if there are two."""
        if not self.identities:
            return None
        return "all" if self.primary == "test" else "test"

    def label(self, subset: str) -> str:
        """Name a set of scored images in print."""
        if not self.identities:
            return IMAGES
        whole, _, part = subset.partition(", ")
        words = SUBSETS.get(whole, whole)
        return f"{words}, {part} by the teacher's vendors" if part else words

    def method_label(self, method: str) -> str:
        """Give a method's name in print."""
        return self._method_labels[method]

    def contrast_label(self, a: str, b: str) -> str:
        """Give a contrast's name in print."""
        return f"{self.method_label(a)} vs. {self.method_label(b)}"

    @cached_property
    def _method_labels(self) -> dict[str, str]:
        return method_labels(self.experiment.methods)

    @cached_property
    def parts(self) -> list[str]:
        """The subsets of the primary metric's images, as "test, drawn"."""
        found = self.frame["subset"].dropna().unique()
        return [subset for subset in found if subset.startswith(f"{self.primary}, ")]

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row a unit, in declared order."""
        return self.frame.drop_duplicates(["dataset", "variant", "method", "held_out", "seed"])

    @cached_property
    def mixed(self) -> set[str]:
        """Datasets whose records were made of different data."""
        return mixed_datasets(self.frame)

    @property
    def seeds(self) -> list[int]:
        """The declared seeds."""
        return self.experiment.seed_list

    @cached_property
    def groups(self) -> list[Group]:
        """Every dataset and variant, in declared order."""
        return groups_of(self.experiment, self.units)

    def detail(self, group: Group, method: str, held_out: str, seed: int) -> Detail | None:
        """Find a unit's details; None if it is not done."""
        key = self.expected.keys.get((group.dataset, group.variant, method, held_out, seed), "")
        return self.details.get(key)

    def anchor(self, group: Group, method: str, domain: str = "") -> str:
        """Name the place of units in a report: of a method, or of one held-out domain of it.

        By numbers, since names may hold anything.
        """
        at = [self.groups.index(group), list(self.experiment.methods).index(method)]
        if domain in group.held_out:
            at.append(group.held_out.index(domain))
        return "-".join(["units", *(str(one + 1) for one in at)])

    def rows(self, group: Group, method: str, subset: str) -> pd.DataFrame:
        """Find the rows of the done units of one method."""
        frame = self.frame
        return frame[
            (frame["dataset"] == group.dataset)
            & (frame["variant"] == group.variant)
            & (frame["method"] == method)
            & (frame["subset"] == subset).fillna(False)
        ]

    def cells(
        self, group: Group, method: str, subset: str, column: str = "accuracy"
    ) -> pd.DataFrame:
        """Spread a column over declared seeds x held-out domains, NaN where no unit is done.

        All is NaN where the dataset's records are of several revisions: nothing of it is averaged.
        """
        rows = self.rows(group, method, subset)
        if group.dataset in self.mixed:
            rows = rows.iloc[:0]
        table = rows.pivot(index="seed", columns="held_out", values=column)
        return table.reindex(index=self.seeds, columns=list(group.held_out)).astype("float64")

    def averages(
        self, group: Group, method: str, subset: str, column: str = "accuracy"
    ) -> NDArray[np.float64]:
        """Average over domains: (n,) of the n complete seeds, in per cent.

        A seed with a missing domain is left out: a mean over the domains that happen to be there
        would be a mean of something else.
        """
        return domain_average(self.cells(group, method, subset, column).dropna().to_numpy())

    def interval(
        self, group: Group, method: str, subset: str, column: str = "accuracy"
    ) -> Interval | None:
        """Take mean and interval over all declared seeds; None if one of them is incomplete."""
        values = self.averages(group, method, subset, column)
        if len(values) < len(self.seeds):
            return None
        return mean_interval(values, self.experiment.decision.level)

    def differences(self, group: Group, a: str, b: str, subset: str) -> NDArray[np.float64] | None:
        """Subtract: first minus second in points by seed (n,); None if a seed is incomplete."""
        first, second = (self.averages(group, method, subset) for method in (a, b))
        if min(len(first), len(second)) < len(self.seeds):
            return None
        difference: NDArray[np.float64] = first - second
        return difference

    def ratio(self, group: Group) -> float | None:
        """Look up the corrected t test's ratio; None where no test set is resampled."""
        protocol = protocols()[self.experiment.variants[group.variant].protocol]
        return None if protocol.drawn_fraction is None else ratio_of_scored(protocol.drawn_fraction)

    def complete(self, group: Group, a: str, b: str) -> int:
        """Count the declared seeds that have all held-out domains of both methods."""
        tables = [self.cells(group, method, self.primary) for method in (a, b)]
        return len(pd.concat(tables, axis=1).dropna())

    @cached_property
    def family(self) -> list[tuple[Group, str, str]]:
        """All contrasts in all groups, which are corrected together: primary contrast first."""
        return [(group, a, b) for a, b in self.experiment.contrasts for group in self.groups]

    @cached_property
    def decisions(self) -> list[Decision]:
        """The verdicts, one for each member of the family."""
        return self.decided_on(self.primary)

    def decided_on(self, subset: str) -> list[Decision]:
        """Apply the rule to any set of scored images; exploratory but for the primary one."""
        contrasts = [
            Contrast(a, b, group.label, self.differences(group, a, b, subset), self.ratio(group))
            for group, a, b in self.family
        ]
        rule = self.experiment.decision
        return decide(contrasts, rule.alpha, rule.level, _generator) if contrasts else []

    @cached_property
    def both_ways(self) -> list[tuple[tuple[Group, str, str], Decision, Decision]]:
        """Each member of the family decided on the primary images and on those beside them."""
        if self.beside is None:
            return []
        beside = self.decided_on(self.beside)
        return list(zip(self.family, self.decisions, beside, strict=True))

    @cached_property
    def counts(self) -> dict[str, int]:
        """Units by status; one whose record is not the one asked for counts as missing."""
        found = self.units["status"].value_counts()
        counts = {status: int(found.get(status, 0)) for status in ("done", "failed")}
        return {**counts, "missing": len(self.units) - sum(counts.values())}

    def teacher(self, group: Group, score: str = "accuracy") -> dict[str, dict[str, float]]:
        """Read the teacher's zero-shot accuracy in per cent by subset and domain, where known.

        score: `accuracy`, or `macro`, the mean over the classes that have images.

        Raises:
            ResultError: its file is there and cannot be read.
        """
        path = self.expected.zero_shot(group.dataset, group.variant)
        if path is None:
            return {}
        return teacher_scores(path, score, self.together(group).values())

    def together(self, group: Group) -> dict[str, tuple[str, ...]]:
        """Find the domains that are held out together, by the text that tables have for them."""
        return {
            held_out_text(unit.held_out): unit.held_out
            for unit in self.expected.units
            if (unit.dataset, unit.variant) == (group.dataset, group.variant)
            and len(unit.held_out) > 1
        }


def _generator(contrast: Contrast) -> np.random.Generator:
    """Make random sign patterns of a contrast (needed above 20 seeds)."""
    return generator_of(contrast.a, contrast.b, contrast.dataset)
