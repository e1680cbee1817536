"""Every method of the catalog keeps the contract; a method declares itself in its own file."""

import dataclasses

import pytest
import torch
from torch import Tensor, nn

from rise.catalog import lookup
from rise.catalog.methods import method
from rise.errors import ConfigError
from rise.methods._base import Batch, Context, Text
from rise.methods._load import load_method
from rise.utils.torch_rng import torch_stream
from tests.trunks import trunk

C, M, D, B = 4, 3, 16, 6


def context(seed: int = 0) -> Context:
    raw = torch.randn(C, D, generator=torch_stream("texts"))
    anchors = torch.randn(C, M, D, generator=torch_stream("anchors"))
    text = Text(raw, raw / raw.norm(dim=1, keepdim=True), anchors, 15.0)
    return Context(C, M, (text,), seed, lambda: trunk("tiny-resnet", seed=seed))


def batch() -> Batch:
    teacher = torch.randn(B, D, generator=torch_stream("teacher"))
    return Batch(
        x=torch.rand(B, 3, 32, 32, generator=torch_stream("images")),
        y=torch.arange(B) % C,
        domain=torch.arange(B) % M,
        teacher=(teacher / teacher.norm(dim=1, keepdim=True),),
    )


def make(name: str, seed: int = 0) -> nn.Module:
    defaults = {key: h.default for key, h in lookup.methods()[name].hparams.items()}
    return load_method(name)(context(seed), defaults)


@pytest.mark.parametrize("name", lookup.methods())
def test_a_step_moves_the_trunk_and_not_the_texts(name):
    method, seen = make(name), batch()
    before = {key: value.clone() for key, value in method.named_buffers() if "text" in key}
    start = [p.detach().clone() for p in method.trunk.parameters()]
    optimizer = torch.optim.SGD(method.param_groups(0.1))
    logged = method.step(seen, optimizer, 1.0)
    assert logged
    assert all(value.isfinite() and not value.requires_grad for value in logged.values())
    moved = [not torch.equal(p, q) for p, q in zip(method.trunk.parameters(), start, strict=True)]
    assert all(moved)
    for key, value in before.items():
        assert torch.equal(dict(method.named_buffers())[key], value)
    assert method(seen.x).shape == (B, C)


@pytest.mark.parametrize("name", [n for n, info in lookup.methods().items() if info.terms])
def test_terms_are_the_declared_ones_and_stand_in_the_equation(name):
    """A term's name in `terms` is its declared label in lower case."""
    info = lookup.methods()[name]
    assert set(make(name).terms(batch())) == {label.lower() for label in info.terms}
    spelled = {"Hint": "KD"}  # of distillation, whose method has the name already
    assert all(spelled.get(label, label) in info.equation for label in info.terms)


@pytest.mark.parametrize("name", lookup.methods())
def test_every_hyper_parameter_changes_the_loss(name):
    def loss(**changes: float) -> Tensor:
        defaults = {k: h.default for k, h in lookup.methods()[name].hparams.items()}
        method = load_method(name)(context(), {**defaults, **changes})
        terms = method.terms(batch())
        return sum(weight * value for weight, value in terms.values())

    for key, hparam in lookup.methods()[name].hparams.items():
        start = 0.0 if hparam.default is None else hparam.default
        other = min(start + 1, (start + hparam.high) / 2)  # in legal range
        assert loss(**{key: other}) != loss()


def test_all_methods_on_the_chain_start_from_the_same_weights():
    first = make("erm_text_init").state_dict()
    for name in ("hint", "ad", "rd", "hint_ad", "hint_rd", "rise"):
        other = make(name).state_dict()
        assert other.keys() == first.keys()
        assert all(torch.equal(other[key], value) for key, value in first.items())
    assert any(
        not torch.equal(value, first[key])
        for key, value in make("erm_text_init", seed=1).state_dict().items()
    )


def test_the_classifier_starts_from_the_unit_class_texts():
    method = make("rise")
    assert torch.equal(method.classifier.weight.detach(), method.unit_texts)
    assert method.projector.weight.std().item() == pytest.approx(0.01, rel=0.1)


def test_batch_without_labels_of_use_gives_the_same_as_computed_by_hand():
    """RISE's loss is the weighted sum of its parts' own losses."""
    seen, rise = batch(), make("rise")
    terms = rise.terms(seen)
    assert terms["hint"][0] == 2.0
    assert terms["ad"][0] == terms["rd"][0] == 0.3
    for name in ("hint", "ad", "rd"):
        part = make(name).terms(seen)[name]
        assert torch.equal(part[1], terms[name][1])


def write(tmp_path, text):
    path = tmp_path / "mine.py"
    path.write_text(text)
    return path


def test_a_declaration_is_read_without_running_the_file(tmp_path):
    path = write(
        tmp_path,
        '"""Mine: CE + w * X."""\nraise SystemExit("was run")\nclass Mine: ...\n'
        'DECLARATION = {"teachers": 1, "hparams": {"w": {"default": 0.5, "low": 0}}}\n',
    )
    info = method(path.stem, str(path))
    assert (info.label, info.equation, info.teachers) == ("Mine", "CE + w * X", 1)
    assert info.hparams["w"].fault(-1) == "is -1, must lie between 0 and inf"
    assert info.hparams["w"].fault("x") == "is 'x', must be a number"
    assert info.hparams["w"].fault([0.1, 0.2]) is None
    assert info.hparams["w"].fault([]) == "is an empty list"


def test_a_file_without_declaration_is_no_method(tmp_path):
    path = write(tmp_path, "x = 1\n")
    with pytest.raises(ConfigError, match="has no DECLARATION"):
        method(path.stem, str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("DECLARATION = dict(a=1)\nclass Mine: ...\n", "must be a literal dict"),
        ('DECLARATION = {"teacher": 1}\nclass Mine: ...\n', r"unknown keys \['teacher'\]"),
    ],
)
def test_a_wrong_declaration_is_refused(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        method("mine", str(write(tmp_path, text)))


def test_an_unknown_method_names_the_nearest():
    with pytest.raises(ConfigError, match=r"unknown method 'ries'; did you mean 'rise'\?"):
        method("ries")


@pytest.mark.parametrize("name", ["rise", "erm_text_init"])
def test_the_second_head_adds_the_texts_softmax_at_prediction_only(name):
    plain, both = make(name), make(name)
    both.context = dataclasses.replace(both.context, second_head=True)
    x = batch().x
    out = plain.eval().student(x)
    cosine = nn.functional.normalize(out.embed, dim=1) @ plain.unit_texts.T
    expected = out.logits.softmax(1) + (100 * cosine).softmax(1)
    assert torch.allclose(both.eval()(x).softmax(1), expected / 2, atol=1e-6)
    assert torch.equal(plain(x), out.logits)
    first, second = plain.train().terms(batch()), both.train().terms(batch())
    assert all(torch.equal(value, second[key][1]) for key, (_, value) in first.items())
