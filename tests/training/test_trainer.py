"""The trainer: any method fits, and a killed run ends like one that was not."""

import numpy as np
import pytest
import torch
from torch import nn

from rise.averages.ema import Average
from rise.catalog import lookup
from rise.errors import TrainingError
from rise.methods import _losses
from rise.methods._base import Method
from rise.methods._load import load_method
from rise.training.trainer import fit
from rise.training.unit import _evaluations
from tests.training.conftest import make_recipe


class TwoStudents(Method):
    """Two trunks with a head each, trained at different rates in two stages."""

    def __init__(self, context, hparams):
        super().__init__(context, hparams)
        self.trunks = nn.ModuleList([context.make_trunk() for _ in range(2)])
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.heads = nn.ModuleList([nn.Linear(64, context.classes) for _ in range(2)])
        self.drop = nn.Dropout(0.2)

    def terms(self, batch):
        scores = [h(self.drop(t(batch.x))) for t, h in zip(self.trunks, self.heads, strict=True)]
        named = zip(("first", "second"), scores, strict=True)
        return {name: (1.0, _losses.cross_entropy(s, batch.y)) for name, s in named}

    def forward(self, x):
        pairs = zip(self.trunks, self.heads, strict=True)
        return torch.stack([h(t(x)).softmax(1) for t, h in pairs]).mean(0).log()

    def param_groups(self, lr):
        return [
            {"params": [*t.parameters(), *h.parameters()], "lr": lr * factor}
            for t, h, factor in zip(self.trunks, self.heads, (1.0, 2.0), strict=True)
        ]

    def start_stage(self, stage):
        self.trunks[1].requires_grad_(stage == 0)


class Swa(Method):
    """A running mean of the evaluated weights; ends its stage early and stands."""

    def __init__(self, context, hparams):
        super().__init__(context, hparams)
        self.inner = load_method("erm")(context, hparams)
        self.register_buffer("counted", torch.zeros((), dtype=torch.int64))
        self.mean = {k: v.detach().clone() for k, v in self.inner.named_parameters()}

    def terms(self, batch):
        return self.inner.terms(batch)

    def forward(self, x):
        return self.inner(x)

    def after_eval(self, step, validation_loss):
        self.counted += 1
        with torch.no_grad():
            for name, value in self.inner.named_parameters():
                self.mean[name] += (value - self.mean[name]) / self.counted
        return bool(self.counted == 2)

    def finalize(self, batches):
        with torch.no_grad():
            for name, value in self.inner.named_parameters():
                value.copy_(self.mean[name])
        self.train()
        self(next(batches).x)  # batch norm's statistics follow the new weights
        return True

    def get_extra_state(self):
        return self.mean

    def set_extra_state(self, state):
        self.mean = {k: v.clone() for k, v in state.items()}


def defaults(name):
    return {key: h.default for key, h in lookup.methods()[name].hparams.items()}


def build(name, context, average="none"):
    own = {"two students": TwoStudents, "swa": Swa}
    if name in own:
        return own[name](context, {})
    method = load_method(name)(context, defaults(name))
    return Average(method) if average == "ema" else method


def same(first, second):
    a, b = first.state_dict(), second.state_dict()
    assert a.keys() == b.keys()
    for key, value in a.items():
        parts = value.items() if isinstance(value, dict) else [(None, value)]
        for sub, tensor in parts:
            assert torch.equal(tensor, b[key] if sub is None else b[key][sub]), key


class Killed(Exception):
    """Stands for a kill."""


EVERY = [(name, "none", 1) for name in lookup.methods()]
EVERY += [("rise", "ema", 1), ("two students", "none", 2), ("swa", "none", 1)]


@pytest.mark.parametrize(("name", "average", "stages"), EVERY)
def test_killed_and_resumed_equals_uninterrupted(
    name, average, stages, data, context, tmp_path, monkeypatch
):
    recipe = make_recipe(data)
    whole = build(name, context, average)
    expected = fit(whole, data, recipe, stages)

    steps = iter(range(10**6))
    last = {"kill": 0}
    original = Method.step

    def dies(self, *args):
        if next(steps) in (4, 9, 13):
            last["kill"] += 1
            raise Killed
        return original(self, *args)

    monkeypatch.setattr(Method, "step", dies)
    checkpoint = tmp_path / "checkpoint.pt"
    for _ in range(10):
        method = build(name, context, average)
        try:
            found = fit(method, data, recipe, stages, checkpoint, save_seconds=0)
            break
        except Killed:
            continue
    assert last["kill"] == 3
    assert found == expected
    same(method, whole)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 1e9])
def test_how_often_is_saved_changes_nothing(seconds, data, context, tmp_path):
    plain, saving = build("rise", context), build("rise", context)
    expected = fit(plain, data, make_recipe(data), 1)
    assert fit(saving, data, make_recipe(data), 1, tmp_path / "c.pt", seconds) == expected
    same(saving, plain)


@pytest.mark.parametrize("name", [*lookup.methods(), "two students", "swa"])
def test_the_global_generators_are_not_touched(name, data, context):
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.random.get_rng_state(), np.random.get_state()[1].tolist()
    fit(build(name, context), data, make_recipe(data, epochs=1), 1)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]


def test_training_learns_and_logs_every_term(data, context):
    method = build("rise", context)
    history, kept = fit(method, data, make_recipe(data, epochs=6), 1)
    assert set(history[0]["terms"]) == {"ce", "hint", "ad", "rd"}
    assert history[-1]["terms"]["ce"] < 0.95 * history[0]["terms"]["ce"]
    assert kept["accuracy"] == max(row["accuracy"] for row in history)


def test_keep_last_and_best_differ_only_in_the_kept_weights(data, context):
    best, last = build("erm", context), build("erm", context)
    history, kept = fit(best, data, make_recipe(data, keep="best"), 1)
    again, final = fit(last, data, make_recipe(data, keep="last"), 1)
    assert again == history
    assert final == history[-1]
    assert kept == max(history, key=lambda row: row["accuracy"])


def test_an_early_end_of_a_stage_is_obeyed_and_the_average_is_scored(data, context):
    method = build("swa", context)
    history, kept = fit(method, data, make_recipe(data), 1)
    assert method.counted == 2
    assert len(history) == 3  # two evaluations, and the average's own
    assert _evaluations(history) == 2  # which is no choice among evaluations: budgets are equal
    assert kept is history[-1]
    assert kept["validation"].keys() == data.validation.keys()


def test_a_stage_freezes_what_it_says(data, context):
    method = build("two students", context)
    fit(method, data, make_recipe(data, keep="last"), 1)
    before = [p.clone() for t in method.trunks for p in t.parameters()]
    method.start_stage(1)
    groups = method.param_groups(0.1)
    assert [g["lr"] for g in groups] == [0.1, 0.2]
    assert not any(p.requires_grad for p in method.trunks[1].parameters())
    assert before


def test_a_loss_that_is_not_finite_fails_the_trial(data, context):
    method = build("erm", context)
    with torch.no_grad():
        method.head.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"term 'ce' is nan by step"):
        fit(method, data, make_recipe(data), 1)
