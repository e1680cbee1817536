"""The recipe as released, and the choice of weights by source validation alone."""

import inspect
import re

import pytest
import torch

from rise.experiment.identity import Recipe
from rise.training import selection
from rise.training.schedule import Schedule
from rise.training.selection import accuracy, improves, select
from tests.training.conftest import VALUES


def test_pooled_weighs_images_and_mean_weighs_domains():
    counts = {"photo": (9, 10), "sketch": (10, 90)}
    assert accuracy(counts, "pooled") == 19 / 100
    assert accuracy(counts, "mean") == pytest.approx((0.9 + 1 / 9) / 2, abs=1e-15)


def test_equal_fractions_are_equal_numbers_in_any_order_and_size():
    """Sums of rounded quotients are not: 0.1 + 0.2 + 0.3 depends on the order."""
    one, other, larger = (
        dict(enumerate(counts))
        for counts in (
            [(1, 10), (2, 10), (3, 10)],
            [(3, 10), (2, 10), (1, 10)],
            [(7, 70), (4, 20), (9, 30)],
        )
    )
    assert accuracy(one, "mean") == accuracy(other, "mean") == accuracy(larger, "mean") == 0.2
    assert accuracy({0: (1, 3)}, "pooled") == accuracy({0: (1, 6), 1: (2, 3)}, "pooled") == 1 / 3


def test_a_later_epoch_must_be_strictly_better():
    history = [{"step": k, "accuracy": a} for k, a in enumerate([0.5, 0.7, 0.6, 0.7, 0.7])]
    best = None
    for row in history:
        best = row if improves(row, best) else best
    assert best["step"] == 1


def trials(*accuracies):
    return [{"setting": k, "kept": {"accuracy": a}} for k, a in enumerate(accuracies)]


@pytest.mark.parametrize(
    ("accuracies", "chosen"), [([0.5], 0), ([0.5, 0.7, 0.7], 1), ([0.7, 0.7], 0), ([0.1, 0.2], 1)]
)
def test_of_equal_trials_the_first_declared_is_taken(accuracies, chosen):
    assert select(trials(*accuracies))["setting"] == chosen


def test_a_held_out_number_changes_no_choice():
    first, second = trials(0.7, 0.7)
    second["kept"]["held_out"] = second["held_out"] = 1.0
    assert select([first, second]) is first
    imported = re.findall(r"(?:import|from) (rise\S*)", inspect.getsource(selection))
    assert imported == ["rise.training.history"]


def recipe(**changes):
    return Schedule(Recipe(**{**VALUES, **changes}), 1e-3, 5e-4, images=7137, views=20, seed=0)


def test_the_released_schedule_drops_at_four_fifths_of_the_epochs():
    """PACS, art_painting held out: 55 steps an epoch, 20 epochs, a tenth from epoch 16."""
    released = recipe(schedule="step", epochs=20, batch_size=128)
    assert (released.steps_per_epoch, released.steps) == (55, 1100)
    factors = [released.lr_factor(step) for step in range(1100)]
    assert factors == [1.0] * 880 + [0.1] * 220
    assert recipe(schedule="step", epochs=1, batch_size=128).lr_factor(0) == 1.0


def test_the_released_optimizer_is_torch_s_sgd_on_all_parameters():
    """Momentum .9, no Nesterov, weight decay on biases and norms too."""
    layer, twin = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    twin.load_state_dict(layer.state_dict())
    values = recipe(schedule="step", nesterov=False, clip_norm=None)
    ours = values.optimizer([{"params": list(layer.parameters()), "lr": 1e-3}])
    theirs = torch.optim.SGD(twin.parameters(), 1e-3, momentum=0.9, weight_decay=5e-4)
    for _ in range(3):
        for network, optimizer in ((layer, ours), (twin, theirs)):
            optimizer.zero_grad()
            network(torch.ones(4, 3)).square().sum().backward()
            optimizer.step()
    assert torch.equal(layer.weight, twin.weight)
    assert torch.equal(layer.bias, twin.bias)
