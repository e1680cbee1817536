"""The numbers of an experiment, looked up and decided: what tables, sentences and figure share."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rise.catalog import lookup
from rise.catalog.protocols import protocols
from rise.config.load import Experiment
from rise.errors import ResultError, RiseError
from rise.report.details import Details
from rise.report.render.escape import plain
from rise.report.scores import SCORES
from rise.results.collect import collect, mixed_datasets
from rise.results.expected import Expected
from rise.stats.corrected import ratio_of_scored
from rise.stats.decide import Contrast, Decision, decide
from rise.stats.paired import Interval, domain_average, mean_interval
from rise.utils.io import digest

SUBSETS = {"test": "test identities", "all": "all identities"}
# Where a protocol knows no identities, all that is scored is the one set of images.
IMAGES = "held-out images"


@dataclass(frozen=True)
class Group:
    """A dataset and variant: where methods are compared.

    Attributes:
        dataset: its name in the catalogue.
        variant: its name in the experiment.
        label: both in words, and the name under which contrasts are decided.
        held_out: the domains held out one after the other.
    """

    dataset: str
    variant: str
    label: str
    held_out: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Results:
    """An experiment, its table of `rise.results.collect`, and what was expected."""

    experiment: Experiment
    frame: pd.DataFrame
    expected: Expected

    @classmethod
    def read(cls, expected: Expected) -> "Results":
        """Collect what a results folder holds now."""
        return cls(expected.experiment, collect(expected), expected)

    @property
    def headline(self) -> str:
        """The set of scored images that the decision rule names."""
        return self.experiment.decision.score

    @property
    def identities(self) -> bool:
        """Whether test identities are scored apart from all."""
        variants = self.experiment.variants.values()
        return any(variant.protocol == "identity_disjoint" for variant in variants)

    @property
    def beside(self) -> str | None:
        """The set of scored images that is printed beside the headline, if there are two."""
        if not self.identities:
            return None
        return "all" if self.headline == "test" else "test"

    def label(self, subset: str) -> str:
        """A set of scored images in print."""
        if not self.identities:
            return IMAGES
        whole, _, part = subset.partition(", ")
        words = SUBSETS.get(whole, whole)
        return f"{words}, {part} by the teacher's vendors" if part else words

    @cached_property
    def parts(self) -> list[str]:
        """The subsets of the headline, as "test, drawn"."""
        found = self.frame["subset"].dropna().unique()
        return [subset for subset in found if subset.startswith(f"{self.headline}, ")]

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row a unit, in declared order."""
        return self.frame.drop_duplicates(["dataset", "variant", "method", "held_out", "seed"])

    @cached_property
    def details(self) -> Details:
        """What only the records say of the done units."""
        done = self.units[self.units["status"] == "done"]
        return Details(self.expected.folder, done, self.headline)

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
        several = len(self.experiment.variants) > 1
        titles = [self.title(dataset) for dataset in self.experiment.datasets]
        return [
            Group(
                dataset,
                variant,
                self._name(dataset, titles) + (f" ({variant})" if several else ""),
                tuple(rows["held_out"].unique()),
            )
            for (dataset, variant), rows in self.units.groupby(["dataset", "variant"], sort=False)
        ]

    def _name(self, dataset: str, titles: list[str]) -> str:
        """A dataset's title, with its name behind where two have one title."""
        title = self.title(dataset)
        return title if titles.count(title) == 1 else f"{title} [{plain(dataset)}]"

    def title(self, dataset: str) -> str:
        """A dataset's name in print: its title up to the first comma and blank."""
        try:
            entry = lookup.dataset(dataset, self.experiment.datasets[dataset].folder)
        except RiseError:  # a results folder may speak of a set that is not here
            return plain(dataset)
        return plain(entry.title.partition(", ")[0])

    def rows(self, group: Group, method: str, subset: str) -> pd.DataFrame:
        """The rows of the done units of one method."""
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
        """A column as declared seeds x held-out domains, NaN where no unit is done.

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
        """Domain averages (n,) of the n complete seeds, in per cent.

        A seed with a missing domain is left out: a mean over the domains that happen to be there
        would be a mean of something else.
        """
        return domain_average(self.cells(group, method, subset, column).dropna().to_numpy())

    def interval(
        self, group: Group, method: str, subset: str, column: str = "accuracy"
    ) -> Interval | None:
        """Mean and interval over all declared seeds; None if one of them is incomplete."""
        values = self.averages(group, method, subset, column)
        if len(values) < len(self.seeds):
            return None
        return mean_interval(values, self.experiment.decision.level)

    def differences(self, group: Group, a: str, b: str, subset: str) -> NDArray[np.float64] | None:
        """First minus second in points, for every seed; None if a declared one is incomplete."""
        first, second = (self.averages(group, method, subset) for method in (a, b))
        if min(len(first), len(second)) < len(self.seeds):
            return None
        difference: NDArray[np.float64] = first - second
        return difference

    def ratio(self, group: Group) -> float | None:
        """The corrected t test's ratio where the scored images change with the seed, else None."""
        protocol = protocols()[self.experiment.variants[group.variant].protocol]
        return None if protocol.drawn_fraction is None else ratio_of_scored(protocol.drawn_fraction)

    def complete(self, group: Group, a: str, b: str) -> int:
        """How many declared seeds have all held-out domains of both methods."""
        tables = [self.cells(group, method, self.headline) for method in (a, b)]
        return len(pd.concat(tables, axis=1).dropna())

    @cached_property
    def family(self) -> list[tuple[Group, str, str]]:
        """All that is declared, hence corrected together: primary contrast first."""
        return [(group, a, b) for a, b in self.experiment.contrasts for group in self.groups]

    @cached_property
    def decisions(self) -> list[Decision]:
        """The verdicts, one for each member of the family."""
        return self.decided_on(self.headline)

    def decided_on(self, subset: str) -> list[Decision]:
        """The declared rule on any set of scored images; exploratory except on the headline."""
        contrasts = [
            Contrast(a, b, group.label, self.differences(group, a, b, subset), self.ratio(group))
            for group, a, b in self.family
        ]
        rule = self.experiment.decision
        return decide(contrasts, rule.alpha, rule.level, _generator) if contrasts else []

    @cached_property
    def both_ways(self) -> list[tuple[tuple[Group, str, str], Decision, Decision]]:
        """Each member of the family decided on the headline and on the images beside it."""
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
        """The teacher's zero-shot accuracy in per cent by subset and domain, where it is known.

        score: `accuracy`, or `macro`, the mean over the classes that have images.
        """
        path = self.expected.zero_shot(group.dataset, group.variant)
        if path is None:
            return {}
        try:
            scores: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ResultError(f"{path}: cannot be read; delete it and run again") from error
        return {
            subset: {
                name: SCORES[score](one)
                for name, one in domains.items()
                if score == "accuracy" or "classes" in one  # older files have none
            }
            for subset, domains in scores.items()
        }


def method_label(method: str) -> str:
    """A method's name in print; one that is not the suite's goes by its file's name."""
    known = lookup.methods()
    return known[method].label if method in known else method


def contrast_label(a: str, b: str) -> str:
    """A contrast's name in print."""
    return f"{method_label(a)} vs. {method_label(b)}"


def generator_of(*names: str) -> np.random.Generator:
    """A generator that hangs on names alone, so that no result hangs on an order."""
    return np.random.default_rng(int(digest(list(names))[:16], 16))


def _generator(contrast: Contrast) -> np.random.Generator:
    """Random sign patterns of a contrast (needed above 20 seeds)."""
    return generator_of(contrast.a, contrast.b, contrast.dataset)
