"""Worker processes: the same bytes as without, nothing drawn, none left over."""

import dataclasses
import multiprocessing
import os
from contextlib import closing
from itertools import islice

import numpy as np
import pytest
import torch

from rise.training import schedule as recipes
from rise.training.images import plain
from rise.training.trainer import fit
from rise.utils.loading import ahead
from tests.training.conftest import VIEWS, make_decoded, make_recipe
from tests.training.test_trainer import build, same


def taken(data, step, n=4, epochs=3):
    with closing(data.batches(make_recipe(data, epochs=epochs).pick, step)) as batches:
        return list(islice(batches, n))


def test_workers_are_other_processes_of_one_thread_each():
    def who(key):
        return torch.tensor([key, os.getpid(), torch.get_num_threads()])

    keys, pids, threads = torch.stack(list(ahead(who, range(6), 3, size=24))).T.tolist()
    assert keys == list(range(6))
    assert len(set(pids)) == 3 and os.getpid() not in pids
    assert threads == [1] * 6
    assert next(ahead(who, [7], 0, size=24)).tolist()[:2] == [7, os.getpid()]


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_give_the_same_batches_from_any_step_on(workers, photos):
    working = dataclasses.replace(photos, workers=workers)
    whole = taken(photos, 0, 12)  # 10 steps are an epoch
    for step in (0, 5):
        found = taken(working, step, 12 - step)
        for batch, expected in zip(found, whole[step:], strict=True):
            assert torch.equal(batch.x, expected.x)
            assert torch.equal(batch.y, expected.y)
            assert torch.equal(batch.domain, expected.domain)
            assert torch.equal(batch.teacher[0], expected.teacher[0])
    assert not multiprocessing.active_children()


def test_plain_images_of_workers_are_the_same_and_in_order():
    decoded = make_decoded(9)
    rows = np.arange(len(decoded))[::-1]
    parts = list(plain(decoded, rows, 8, "released", workers=3))
    assert [len(part) for part in parts] == [256, 68]
    assert torch.equal(torch.cat(parts), torch.cat(list(plain(decoded, rows, 8, "released"))))
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(("name", "stages"), [("rise", 1), ("two students", 2), ("swa", 1)])
def test_stages_early_ends_and_later_batches_work_and_leave_no_process(
    name, stages, photos, context
):
    recipe = make_recipe(photos)
    plain, working = build(name, context), build(name, context)
    expected = fit(plain, photos, recipe, stages)
    assert fit(working, dataclasses.replace(photos, workers=2), recipe, stages) == expected
    same(working, plain)
    assert not multiprocessing.active_children()


def test_a_failure_leaves_no_process(photos, context, monkeypatch):
    method = build("erm", context)
    monkeypatch.setattr(method, "step", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fit(method, dataclasses.replace(photos, workers=2), make_recipe(photos), 1)
    assert not multiprocessing.active_children()


def test_workers_draw_nothing_from_the_global_generators(photos):
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.random.get_rng_state(), np.random.get_state()[1].tolist()
    taken(dataclasses.replace(photos, workers=2), 0)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]


def test_an_epoch_is_planned_once_and_gives_every_image_another_view(data):
    recipe = make_recipe(data)
    recipes.epoch_plan.cache_clear()
    epochs = []
    for epoch in range(VIEWS):
        steps = range(epoch * recipe.steps_per_epoch, (epoch + 1) * recipe.steps_per_epoch)
        chosen, views = (np.concatenate(part) for part in zip(*map(recipe.pick, steps)))  # noqa: B905
        assert len(set(chosen)) == len(chosen) == recipe.steps_per_epoch * 8
        epochs.append(dict(zip(chosen, views, strict=True)))
    assert recipes.epoch_plan.cache_info().misses == VIEWS
    always = set.intersection(*(set(epoch) for epoch in epochs))
    assert len(always) > len(data.rows) / 2
    assert all({epoch[image] for epoch in epochs} == set(range(VIEWS)) for image in always)
