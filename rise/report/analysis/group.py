"""Groups in which methods are compared: a dataset, in a variant of the experiment."""

from dataclasses import dataclass

import pandas as pd

from rise.catalog import lookup
from rise.config.load import Experiment
from rise.errors import RiseError
from rise.report.render.escape import plain


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


def groups_of(experiment: Experiment, units: pd.DataFrame) -> list[Group]:
    """List every dataset and variant in declared order, under labels that differ.

    Args:
        experiment: what is declared.
        units: a row for each unit.
    """
    several = len(experiment.variants) > 1
    titles = {dataset: dataset_title(experiment, dataset) for dataset in experiment.datasets}
    found = []
    for (dataset, variant), rows in units.groupby(["dataset", "variant"], sort=False):
        label = titles[dataset]
        if list(titles.values()).count(label) > 1:
            label += f" [{plain(dataset)}]"
        label += f" ({variant})" if several else ""
        found.append(Group(dataset, variant, label, tuple(rows["held_out"].unique())))
    return found


def dataset_title(experiment: Experiment, dataset: str) -> str:
    """Give a dataset's name in print: its title up to the first comma and blank."""
    try:
        entry = lookup.dataset(dataset, experiment.datasets[dataset].folder)
    except RiseError:  # a results folder may speak of a set that is not here
        return plain(dataset)
    return plain(entry.title.partition(", ")[0])
