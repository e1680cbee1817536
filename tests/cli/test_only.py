"""`rise run --only`: units by the names of their parts, or by those of their paths."""

import pytest

from rise.cli.run import _chosen
from rise.errors import ConfigError
from rise.planning.units import units
from tests.synthetic import declare

MAIN = {"student": "tiny-resnet", "teacher": "tiny-clip"}
TOGETHER = ["noto", ["noto", "twemoji"]]


def test_units_are_chosen_by_names_and_by_parts_of_paths() -> None:
    datasets = {"emojidg": {"held_out": TOGETHER}}
    every = units(declare(datasets=datasets, variants={"ViT-B/16": MAIN, "lr=0.1": MAIN}))
    named = _chosen(every, ["variant=ViT-B/16", "held_out=noto+twemoji", "seed=0"])
    assert [unit.method for unit in named] == ["erm_text_init", "hint", "rise"]
    assert {(unit.variant, unit.held_out) for unit in named} == {("ViT-B/16", ("noto", "twemoji"))}
    assert _chosen(every, ["variant=ViT-B~2F16", "held_out=noto+twemoji", "seed=0"]) == named
    assert {unit.variant for unit in _chosen(every, ["variant=lr=0.1"])} == {"lr=0.1"}
    assert len(_chosen(every, ["variant=lr=0.1", "variant=ViT-B/16"])) == len(every)
    with pytest.raises(ConfigError, match="unknown variant 'ViT-B'; did you mean 'ViT-B/16'"):
        _chosen(every, ["variant=ViT-B"])
