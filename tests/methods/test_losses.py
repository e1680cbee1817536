"""The vectorised losses against slow, literal transcriptions in float64, gradients too."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rise.methods import _losses

SHAPES = [(5, 4, 3, 8), (16, 10, 4, 64), (1, 2, 1, 3)]


def inputs(b: int, c: int, a: int, d: int) -> dict[str, Tensor]:
    g = torch.Generator().manual_seed(b * 1000 + d)
    draw = lambda *shape: torch.randn(*shape, generator=g, dtype=torch.float64)  # noqa: E731
    raw = draw(c, d)
    return {
        "logits": draw(b, c).requires_grad_(),
        "teacher": 20 * draw(b, c),
        "embed": draw(b, d).requires_grad_(),
        "raw": raw,
        "unit": raw / raw.norm(dim=1, keepdim=True),
        "anchors": draw(c, a, d),
        "labels": torch.randint(0, c, (b,), generator=g),
    }


def cos(u: Tensor, v: Tensor) -> Tensor:
    dot = sum(u[k] * v[k] for k in range(len(u)))
    return dot / (sum(x * x for x in u) ** 0.5 * sum(x * x for x in v) ** 0.5)


def softmax(values: list[Tensor]) -> list[Tensor]:
    top = max(float(v.detach()) for v in values)
    parts = [torch.exp(v - top) for v in values]
    return [part / sum(parts) for part in parts]


def slow_ce(t: dict[str, Tensor]) -> Tensor:
    rows = zip(t["logits"], t["labels"], strict=True)
    return sum(-torch.log(softmax(list(z))[int(y)]) for z, y in rows) / len(t["labels"])


def slow_kd(t: dict[str, Tensor], temperature: float) -> Tensor:
    total = torch.zeros((), dtype=torch.float64)
    for z, q in zip(t["logits"], t["teacher"], strict=True):
        student = softmax([v / temperature for v in z])
        for p, s in zip(softmax([v / temperature for v in q]), student, strict=True):
            total = total + p * (torch.log(p) - torch.log(s))
    return temperature**2 * total / len(t["labels"])


def slow_ad(t: dict[str, Tensor]) -> Tensor:
    rows = zip(t["embed"], t["labels"], strict=True)
    return sum(1 - cos(s, t["unit"][int(y)]) for s, y in rows) / len(t["labels"])


def slow_rd(t: dict[str, Tensor]) -> Tensor:
    total, anchors = torch.zeros((), dtype=torch.float64), t["anchors"].shape[1]
    for s, y in zip(t["embed"], t["labels"], strict=True):
        target = softmax([cos(t["raw"][int(y)], a) for a in t["anchors"][int(y)]])
        student = softmax([cos(s, a) for a in t["anchors"][int(y)]])
        for p, r in zip(student, target, strict=True):
            total = total + (p - r) ** 2
    return 10 * total / (len(t["labels"]) * anchors)


CASES = {
    "ce": (slow_ce, lambda t: _losses.cross_entropy(t["logits"], t["labels"]), "logits"),
    "hint": (
        lambda t: slow_kd(t, 3.0),
        lambda t: _losses.distillation(t["logits"], t["teacher"], 3.0),
        "logits",
    ),
    "ad": (
        slow_ad,
        lambda t: _losses.absolute_distance(t["embed"], t["unit"], t["labels"]),
        "embed",
    ),
    "rd": (
        slow_rd,
        lambda t: _losses.relative_distance(t["embed"], t["raw"], t["anchors"], t["labels"]),
        "embed",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_equal_the_slow_transcription(name, shape):
    slow, fast, wanted = CASES[name]
    t = inputs(*shape)
    expected, found = slow(t), fast(t)
    (slope,) = torch.autograd.grad(expected, t[wanted])
    (fast_slope,) = torch.autograd.grad(found, t[wanted])
    assert found.item() == pytest.approx(expected.item(), rel=1e-10, abs=1e-14)
    torch.testing.assert_close(fast_slope, slope, rtol=1e-8, atol=1e-12)


def test_hint_gradient_is_t_times_the_difference_over_b():
    t = inputs(6, 5, 2, 8)
    (slope,) = torch.autograd.grad(
        _losses.distillation(t["logits"], t["teacher"], 2.0), t["logits"]
    )
    p, q = (t["logits"] / 2).softmax(1), (t["teacher"] / 2).softmax(1)
    torch.testing.assert_close(slope, 2.0 * (p - q).detach() / 6, rtol=1e-9, atol=1e-12)


def test_no_gradient_flows_to_the_teacher():
    t = inputs(4, 3, 2, 8)
    teacher = t["teacher"].clone().requires_grad_()
    _losses.distillation(t["logits"], teacher, 2.0).backward()
    assert teacher.grad is None


def test_distances_vanish_exactly_where_they_should():
    t = inputs(8, 6, 3, 16)
    y = t["labels"]
    assert _losses.absolute_distance(3.7 * t["unit"][y], t["unit"], y).item() == pytest.approx(0)
    assert _losses.relative_distance(2 * t["raw"][y], t["raw"], t["anchors"], y).item() < 1e-25
    shifted = t["teacher"] + 11.0
    assert _losses.distillation(t["teacher"], shifted, 2.0).item() == pytest.approx(0, abs=1e-12)


def test_absolute_distance_ignores_the_embedding_s_length():
    t = inputs(8, 6, 3, 16)
    one = _losses.absolute_distance(t["embed"], t["unit"], t["labels"])
    three = _losses.absolute_distance(3 * t["embed"], t["unit"], t["labels"])
    assert one.item() == pytest.approx(three.item(), rel=1e-12)


def test_class_logits_are_scaled_cosines():
    u = torch.tensor([[0.6, 0.8]], dtype=torch.float64)
    w = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    found = _losses.class_logits(u, w, 100.0)
    torch.testing.assert_close(found, torch.tensor([[60.0, 80.0]], dtype=torch.float64))


@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3), anchors=st.integers(1, 6))
def test_distances_have_the_properties_of_the_formulas(seed, scale, anchors):
    """What follows from the formulas alone: zeros, invariance to length, the bound of RD."""
    g = torch.Generator().manual_seed(seed)
    raw = torch.randn(5, 12, generator=g, dtype=torch.float64)
    styles = torch.randn(5, anchors, 12, generator=g, dtype=torch.float64)
    embed = torch.randn(7, 12, generator=g, dtype=torch.float64)
    y = torch.randint(0, 5, (7,), generator=g)
    unit = raw / raw.norm(dim=1, keepdim=True)
    ad = lambda s: _losses.absolute_distance(s, unit, y).item()  # noqa: E731
    assert ad(scale * unit[y]) == pytest.approx(0, abs=1e-12)
    assert ad(embed) > 1e-6  # no positive multiple, so not zero
    assert ad(-unit[y]) == pytest.approx(2)
    assert ad(scale * embed) == pytest.approx(ad(embed), rel=1e-9)
    for temperature in (1.0, 0.01):
        rd = lambda s: _losses.relative_distance(s, raw, styles, y, temperature).item()  # noqa: B023, E731
        assert rd(scale * raw[y]) < 1e-20
        assert rd(embed) <= 20 / anchors + 1e-12
        assert rd(scale * embed) == pytest.approx(rd(embed), rel=1e-7, abs=1e-20)


@given(seed=st.integers(0, 10_000), temperature=st.floats(0.5, 5))
def test_distillation_s_gradient(seed, temperature):
    g = torch.Generator().manual_seed(seed)
    z = torch.randn(4, 6, generator=g, dtype=torch.float64, requires_grad=True)
    q = 10 * torch.randn(4, 6, generator=g, dtype=torch.float64)
    (slope,) = torch.autograd.grad(_losses.distillation(z, q, temperature), z)
    wanted = temperature * ((z / temperature).softmax(1) - (q / temperature).softmax(1)) / 4
    torch.testing.assert_close(slope, wanted.detach(), rtol=1e-9, atol=1e-12)


def test_a_lower_temperature_gives_relative_distance_force():
    t = inputs(8, 6, 3, 16)
    of = lambda temperature: _losses.relative_distance(  # noqa: E731
        t["embed"], t["raw"], t["anchors"], t["labels"], temperature
    ).item()
    assert (
        of(1.0) == _losses.relative_distance(t["embed"], t["raw"], t["anchors"], t["labels"]).item()
    )
    assert of(0.1) > 5 * of(1.0)
