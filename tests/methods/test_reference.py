"""RISE over 60 steps against stored values of a slow, literal transcription.

The transcription (float64, one number at a time) is of what the paper defines and OoDBag/RISE at
ebf71b4 does: the terms of train_rise.py 126-167, SGD with momentum and weight decay on every
parameter, a tenth of the rate from four fifths of the epochs on, and prediction by the classifier
or, with the second head, by softmax(z) + softmax(100 cos(s, W)) (lines 190-203).
`python -m tests.methods.test_reference` writes the values anew.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rise.experiment.identity import Recipe
from rise.methods._base import Batch, Context, Method, Text
from rise.methods._load import load_method
from rise.students._trunk import Trunk
from rise.training.schedule import Schedule
from rise.training.trainer import Progress, _train_step
from rise.utils.io import write_text
from rise.utils.rng import numpy_stream
from tests.methods.test_losses import cos, slow_ad, slow_ce, slow_kd, slow_rd, softmax

STORED = Path(__file__).with_name("reference.json")
EPOCHS, STEPS, B, C, A, D, WIDTH, PIXELS = 20, 60, 6, 4, 3, 8, 5, 12
LR, MOMENTUM, DECAY = 0.02, 0.9, 5e-4
HPARAMS = {
    "ce": 0.8,
    "hint": 0.2,
    "temperature": 3.0,
    "scale": 100.0,
    "distance": 0.5,
    "relative": None,
    "rd_temperature": 1.0,
}
SHAPES = {
    "trunk.layer.weight": (WIDTH, PIXELS),
    "trunk.layer.bias": (WIDTH,),
    "projector.weight": (D, WIDTH),
    "projector.bias": (D,),
    "classifier.weight": (C, D),
    "classifier.bias": (C,),
}
LOOKED_AT = (1, 30, 60)


def drawn(name: str, *shape: int) -> Tensor:
    return torch.from_numpy(numpy_stream("reference", name).normal(size=shape))


def inputs() -> dict[str, Tensor]:
    """What both are given, float64: parameters, images, labels, teacher, texts, anchors."""
    raw = drawn("raw", C, D)
    return {
        **{name: 0.5 * drawn(name, *shape) for name, shape in SHAPES.items()},
        "x": drawn("x", STEPS, B, 3, 2, 2).sigmoid(),
        "y": torch.from_numpy(numpy_stream("reference", "y").integers(0, C, (STEPS, B))),
        "teacher": F.normalize(drawn("teacher", STEPS, B, D), dim=2),
        "raw": raw,
        "unit": raw / raw.norm(dim=1, keepdim=True),
        "anchors": drawn("anchors", C, A, D),
    }


def outputs(p: dict[str, Tensor], images: Tensor) -> tuple[Tensor, Tensor]:
    """The student's embedding s and scores z of each image."""

    def layer(name: str, v: Tensor) -> Tensor:
        rows = zip(p[f"{name}.weight"], p[f"{name}.bias"], strict=True)
        return torch.stack([sum(a * b for a, b in zip(w, v, strict=True)) + c for w, c in rows])

    embeds = [layer("projector", layer("trunk.layer", x.flatten())) for x in images]
    return torch.stack(embeds), torch.stack([layer("classifier", s) for s in embeds])


def transcription(steps: int) -> Iterator[tuple[dict[str, float], dict[str, Tensor]]]:
    """Yield each step's terms before its update, and the parameters after it."""
    given = inputs()
    p = {name: given[name].clone().requires_grad_() for name in SHAPES}
    velocity = {name: torch.zeros_like(value) for name, value in p.items()}
    for step in range(steps):
        y = given["y"][step]
        s, z = outputs(p, given["x"][step])
        q = [[100 * sum(u * w) for w in given["unit"]] for u in given["teacher"][step]]
        t = {"logits": z, "teacher": torch.tensor(q, dtype=torch.float64), "embed": s}
        t |= {"unit": given["unit"], "raw": given["raw"], "anchors": given["anchors"], "labels": y}
        terms = {"ce": slow_ce(t), "hint": slow_kd(t, 3.0), "ad": slow_ad(t), "rd": slow_rd(t)}
        loss = 0.8 * terms["ce"] + 0.2 * terms["hint"] + 0.5 * (terms["ad"] + terms["rd"])
        slopes = torch.autograd.grad(loss, list(p.values()))
        rate = LR if step // 3 < 16 else 0.1 * LR  # 3 steps an epoch, 16 of 20 epochs
        with torch.no_grad():
            for (name, value), slope in zip(p.items(), slopes, strict=True):
                velocity[name] = MOMENTUM * velocity[name] + slope + DECAY * value
                value -= rate * velocity[name]
        yield {name: float(value.detach()) for name, value in terms.items()}, p


@torch.no_grad()
def both_heads(p: dict[str, Tensor], images: Tensor) -> dict[str, list[list[float]]]:
    """The probabilities of each head, one image after the other."""
    unit, found = inputs()["unit"], {"classifier": [], "second": []}
    for s, z in zip(*outputs(p, images), strict=True):
        one = softmax(list(z))
        two = softmax([100 * cos(s, w) for w in unit])
        found["classifier"].append([float(v) for v in one])
        found["second"].append([float(a + b) / 2 for a, b in zip(one, two, strict=True)])
    return found


class Layer(Trunk):
    """One linear layer on the pixels."""

    features = WIDTH

    def __init__(self) -> None:
        super().__init__((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        self.layer = nn.Linear(PIXELS, WIDTH)

    def pooled(self, x: Tensor) -> Tensor:
        return self.layer(x.flatten(1))


def ours(second_head: bool) -> Iterator[tuple[dict[str, float], Method]]:
    """Yield each step's terms before its update, and the method after it, as the trainer does."""
    given = {k: v if k == "y" else v.float() for k, v in inputs().items()}
    text = Text(given["raw"], given["unit"], given["anchors"], 15.0)
    context = Context(C, 3, (text,), 0, Layer, second_head)
    method = load_method("rise")(context, HPARAMS)
    method.load_state_dict({name: given[name] for name in SHAPES})
    recipe = Recipe(
        epochs=EPOCHS,
        batch_size=B,
        momentum=MOMENTUM,
        nesterov=False,
        schedule="step",
        clip_norm=None,
    )
    schedule = Schedule(recipe, LR, DECAY, images=3 * B, views=1, seed=0)
    assert schedule.steps == STEPS
    optimizer = schedule.optimizer(method.param_groups(LR))
    progress, before = Progress(), dict.fromkeys(("ce", "hint", "ad", "rd"), 0.0)
    for step in range(STEPS):
        x, y, teacher = given["x"][step], given["y"][step], given["teacher"][step]
        seen = Batch(x, y, torch.zeros(B, dtype=torch.int64), (teacher,))
        progress.sums = {}
        _train_step(method.train(), seen, schedule, optimizer, [LR], progress)
        yield {name: float(progress.sums[name]) for name in before}, method


@pytest.mark.parametrize("second_head", [False, True])
def test_sixty_steps_equal_the_stored_ones_of_the_transcription(second_head: bool) -> None:
    stored: dict[str, Any] = json.loads(STORED.read_text())
    assert len(stored["terms"]) == STEPS
    images = inputs()["x"][0].float()
    for step, (terms, method) in enumerate(ours(second_head), 1):
        assert terms == pytest.approx(stored["terms"][step - 1], rel=0, abs=2e-5), step
        if step in LOOKED_AT:
            with torch.no_grad():
                found = method.eval()(images).softmax(1).double()
            head = "second" if second_head else "classifier"
            expected = torch.tensor(stored["predictions"][str(step)][head], dtype=torch.float64)
            torch.testing.assert_close(found, expected, rtol=0, atol=2e-5)


def test_the_stored_values_are_the_transcription_s() -> None:
    stored: dict[str, Any] = json.loads(STORED.read_text())
    for step, (terms, p) in enumerate(transcription(2)):
        assert terms == pytest.approx(stored["terms"][step], rel=1e-9)
        if step == 0:
            found = both_heads(p, inputs()["x"][0])
            for head, values in stored["predictions"]["1"].items():
                assert found[head] == [pytest.approx(row, rel=1e-9) for row in values]


def test_the_stored_values_can_tell_a_difference() -> None:
    """Each term moves by far more than the tolerance, and the heads differ."""
    stored: dict[str, Any] = json.loads(STORED.read_text())
    for name in ("ce", "hint", "ad", "rd"):
        values = [row[name] for row in stored["terms"]]
        assert max(values) - min(values) > 1e-3
    first, second = (torch.tensor(one) for one in stored["predictions"]["60"].values())
    assert (first - second).abs().max() > 0.1


if __name__ == "__main__":
    terms, predictions = [], {}
    for step, (one, parameters) in enumerate(transcription(STEPS), 1):
        terms.append(one)
        if step in LOOKED_AT:
            predictions[step] = both_heads(parameters, inputs()["x"][0])
    text = json.dumps({"terms": terms, "predictions": predictions}, indent=1)
    write_text(STORED, text + "\n")
