"""The trials of a unit: every combination of the listed values."""

import itertools
from collections.abc import Mapping
from typing import Any

from rise.catalog.methods import Hparam
from rise.experiment.identity import Setting

Settings = dict[str, Setting | list[Setting]]
SMALLEST = 1e-12  # no rate: with less, nothing is learnt
# A method may override these of the recipe, so that one without hyper-parameters can search, too.
RATES = {"lr": Hparam(0.03, low=SMALLEST), "weight_decay": Hparam(0.0, low=0)}


def groups(hparams: Settings | list[Settings]) -> list[Settings]:
    """Return a method's groups of hyper-parameters, usually one."""
    return hparams if isinstance(hparams, list) else [hparams]


def combinations(
    hparams: Settings | list[Settings], known: Mapping[str, Hparam], rates: Mapping[str, Any]
) -> list[dict[str, Setting]]:
    """List every combination of the values of each group, in declared order, without repeats.

    Args:
        hparams: the values that the file gives for a method.
        known: the method's hyper-parameters.
        rates: the recipe's `lr` and `weight_decay`.
    """
    found: list[dict[str, Setting]] = []
    for given in groups(hparams):
        values = {**rates, **{key: hparam.default for key, hparam in known.items()}, **given}
        lists = [value if isinstance(value, list) else [value] for value in values.values()]
        for chosen in itertools.product(*lists):
            one = dict(zip(values, chosen, strict=True))
            if one not in found:
                found.append(one)
    return found
