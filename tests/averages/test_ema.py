"""The moving average against its formula, step by step."""

import torch

from rise.averages.ema import Average
from rise.catalog.methods import methods
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
    for name, value in method.average.items():
        torch.testing.assert_close(value, expected[name])
    with torch.no_grad():
        method.eval()
        averaged = method(seen.x)
        assert not torch.equal(averaged, method.inner(seen.x))
        method.inner.load_state_dict(expected)
        torch.testing.assert_close(method.inner(seen.x), averaged)
