"""The moving average against its formula, step by step."""

import contextlib
import importlib
from collections.abc import Iterator, Mapping

import pytest
import torch
from torch import Tensor, nn

from rise.averages.ema import Average, predicting
from rise.catalog.declared import module_names
from rise.catalog.methods import methods
from rise.methods._base import Batch
from rise.methods._load import load_method
from tests.methods.test_methods import batch, context


def test_the_average_follows_the_formula_and_predicts() -> None:
    hparams = {key: one.default for key, one in methods()["erm"].hparams.items()}
    method = Average(load_method("erm")(context(), hparams))
    seen = batch()
    expected = {name: value.clone() for name, value in method.inner.state_dict().items()}
    optimizer = torch.optim.SGD(method.param_groups(0.1))
    for step in (1, 2, 3):
        method.step(seen, optimizer, None)
        method.after_step(step)
        decay = min(0.999, (1 + step) / (10 + step))
        for name, value in method.inner.state_dict().items():
            if value.is_floating_point():
                expected[name] = decay * expected[name] + (1 - decay) * value
            else:
                expected[name] = value.clone()
    for name, value in method.averaged().items():
        torch.testing.assert_close(value, expected[name])
    with torch.no_grad():
        method.eval()
        averaged = method(seen.x)
        assert not torch.equal(averaged, method.inner(seen.x))
        method.inner.load_state_dict(expected)
        torch.testing.assert_close(method.inner(seen.x), averaged)


def tensors_of(module: nn.Module) -> Iterator[Tensor]:
    """All tensors that a method's modules hold, also in attributes, lists and mappings."""
    for one in module.modules():
        waiting = [value for key, value in vars(one).items() if key not in ("_modules", "context")]
        while waiting:
            value = waiting.pop()
            if isinstance(value, Tensor):
                yield value
            elif isinstance(value, Mapping):
                waiting += value.values()
            elif isinstance(value, list | tuple | set):
                waiting += value


@pytest.mark.parametrize("average", [None, *module_names("averages")])
@pytest.mark.parametrize("name", methods())
def test_everything_moves_to_the_device(
    name: str, average: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device without data shows what a GPU would: nothing can be computed with what is left."""
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())  # has no meta
    hparams = {key: one.default for key, one in methods()[name].hparams.items()}
    method = load_method(name)(context(), hparams)
    if average:
        method = importlib.import_module(f"rise.averages.{average}").Average(method)
    before = method.state_dict()
    method.to("meta")
    found = list(tensors_of(method))
    assert len(found) > 20 and all(one.is_meta for one in found)
    assert method.state_dict().keys() == before.keys()
    seen = batch()
    on = Batch(*(one.to("meta") for one in seen[:3]), tuple(one.to("meta") for one in seen.teacher))
    optimizer = torch.optim.SGD(method.param_groups(0.1), momentum=0.9)
    assert all(value.is_meta for value in method.step(on, optimizer, 1.0).values())
    method.after_step(1)
    assert method.eval()(on.x).is_meta


def test_what_stays_behind_is_found() -> None:
    left = nn.Linear(2, 2).to("meta")
    left.kept = {"first": [torch.zeros(1)]}  # type: ignore[assignment]
    assert [one.is_meta for one in tensors_of(left)].count(False) == 1


def test_an_average_is_restored_whole() -> None:
    """A checkpoint of state_dict alone brings the average back."""
    hparams = {key: one.default for key, one in methods()["rise"].hparams.items()}
    one, other = (Average(load_method("rise")(context(seed), hparams)) for seed in (0, 1))
    other.load_state_dict(one.state_dict())
    assert one.averaged().keys() == one.inner.state_dict().keys()
    x = batch().x
    assert torch.equal(one.eval()(x), other.eval()(x))
    kept = predicting(one.state_dict())
    assert all(torch.equal(kept[name], value) for name, value in one.averaged().items())
