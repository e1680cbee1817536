"""Images of a unit: what is kept small and what is viewed from the full image."""

import dataclasses
from functools import partial

import numpy as np
import pytest
import torch

from rise.catalog import lookup
from rise.errors import ConfigError
from rise.methods._base import Context
from rise.methods._load import load_method
from rise.training.images import FullImages, SmallImages, open_images, plain
from rise.training.trainer import fit
from rise.views._policies import photo_views, photos, resize, views
from tests.training.conftest import CLASSES, make_decoded, make_recipe
from tests.trunks import trunk

ROWS = np.arange(3, 40, 2)


def test_small_images_are_the_views_of_area_averages():
    decoded = make_decoded()
    images = open_images(decoded, ROWS, 16, "emoji")
    assert isinstance(images, SmallImages)
    small = resize(decoded.images(ROWS), 16)
    chosen, view = np.array([4, 0, 4]), np.array([1, 2, 0])
    expected = views(small[[4, 0, 4]], decoded.keys(ROWS[chosen]), view, "emoji")
    assert torch.equal(images.batch(chosen, view), expected)
    assert torch.equal(torch.cat(list(plain(decoded, ROWS, 16, "emoji"))), small)


@pytest.mark.parametrize("policy", ["released", "none"])
def test_full_images_are_viewed_when_asked_for(policy):
    decoded = make_decoded()
    images = open_images(decoded, ROWS, 24, policy)
    assert isinstance(images, FullImages)
    chosen, view = np.array([4, 0, 4]), np.array([1, 2, 0])
    full = [decoded.image(row) for row in ROWS[chosen]]
    expected = photo_views(full, decoded.keys(ROWS[chosen]), view, policy, 24)
    found = images.batch(chosen, view)
    assert torch.equal(found, expected)
    assert torch.equal(found[0], found[2]) == (policy == "none")


def test_plain_full_images_come_in_parts_and_in_order():
    decoded = make_decoded(9)
    rows = np.arange(len(decoded.columns["id"]))[::-1]
    parts = list(plain(decoded, rows, 8, "released"))
    assert [len(part) for part in parts] == [256, 68]
    assert torch.equal(torch.cat(parts), photos([decoded.image(row) for row in rows], 8))


def test_unknown_policy_names_the_known_ones():
    with pytest.raises(ConfigError, match="there is no view policy 'relased'"):
        open_images(make_decoded(), ROWS, 8, "relased")


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_released_recipe_trains_a_timm_student_on_full_images(precision, data):
    images = open_images(data.decoded, data.rows, 32, "released")
    full = dataclasses.replace(data, images=images, policy="released")
    recipe = make_recipe(
        data, schedule="step", nesterov=False, clip_norm=None, validation="pooled", epochs=2
    )

    def trained():
        make = partial(trunk, "timm:test_resnet", precision=precision)
        context = Context(CLASSES, 3, data.texts, 0, make)
        known = lookup.methods()["rise"].hparams
        method = load_method("rise")(context, {key: one.default for key, one in known.items()})
        return fit(method, full, recipe, 1), method

    (history, kept), method = trained()
    (again, _), twin = trained()
    assert history == again
    assert all(map(torch.equal, method.state_dict().values(), twin.state_dict().values()))
    assert history[1]["terms"]["ce"] < history[0]["terms"]["ce"]
    counts = kept["validation"].values()
    pooled = sum(c["correct"] for c in counts) / sum(c["total"] for c in counts)
    assert kept["accuracy"] == pooled == max(row["accuracy"] for row in history)
