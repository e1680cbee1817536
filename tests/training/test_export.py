"""An exported student, loaded into plain timm, gives the recorded accuracy."""

import json

import numpy as np
import pytest
import torch

from rise.averages.ema import Average
from rise.catalog import lookup
from rise.errors import ResultError
from rise.experiment.record import Record, Science, write_record
from rise.methods._base import Context
from rise.methods._load import load_method
from rise.training.export import export_student
from rise.training.score import evaluate, log_probabilities
from rise.training.trainer import fit
from rise.training.trial import trial_folder
from rise.utils.io import digest, file_digest
from rise.utils.sealed import write_sealed
from tests.training.conftest import CLASSES, make_recipe
from tests.trunks import trunk

DEFAULTS = {key: one.default for key, one in lookup.methods()["rise"].hparams.items()}
HPARAMS = {**DEFAULTS, "hint": 1.0, "temperature": 3.0, "distance": 1.0}
SETTING = {"lr": 0.05, "weight_decay": 5e-4}


def finished(data, tmp_path, network, average, freeze_bn=False):
    """A trained unit's folder, its method and what it scored on validation."""
    context = Context(
        classes=CLASSES,
        domains=3,
        texts=data.texts,
        seed=0,
        make_trunk=lambda: trunk(network, freeze_bn=freeze_bn),
    )
    method = load_method("rise")(context, HPARAMS)
    method = Average(method) if average == "ema" else method
    _, kept = fit(method, data, make_recipe(data, epochs=2), 1)
    tag = network.removeprefix("timm:")
    identity = {
        "dataset": {"name": "made-up"},
        "method": {"name": "rise"},
        "held_out": ["none"],
        "seed": 0,
        "student": {"name": network, "network": tag},
        "settings": [SETTING],
    }
    work = tmp_path / "work"
    folder = trial_folder(identity, SETTING, {"manifest": "m"}, work / "mine")
    folder.mkdir(parents=True)
    torch.save(method.state_dict(), folder / "weights.pt")
    weights = {"weights": file_digest(folder / "weights.pt")}
    write_sealed(folder / "trial.json", weights, folder.name)
    unit = tmp_path / "results" / "mine" / "units" / "made-up" / "v" / "rise" / "none" / "seed0"
    science = Science(
        identity=identity,
        selected={"setting": SETTING, "step": kept["step"]},
        validation=kept["validation"],
        held_out={"all": {"correct": 1, "total": 2, "classes": {}}},
        predictions="0" * 64,
        budget={},
        data={"pack": "p", "manifest": "m"},
    )
    write_record(
        unit / "record.json", Record(digest=digest(identity), science=science, provenance={})
    )
    return unit, method, kept["validation"], work


@pytest.mark.parametrize("average", ["none", "ema"])
def test_plain_timm_gives_the_recorded_accuracy(average, data, tmp_path):
    unit, method, recorded, work = finished(data, tmp_path, "timm:test_resnet", average)
    out = tmp_path / "student.safetensors"
    assert export_student(unit, out, work) == file_digest(out)

    # As docs/students.md says it, with nothing of this package.
    import timm
    from safetensors.torch import load_file

    state = load_file(out)
    body = timm.create_model("test_resnet", num_classes=0).eval()
    body.load_state_dict({k[6:]: v for k, v in state.items() if k.startswith("trunk.")})

    mean, std = (torch.tensor(body.pretrained_cfg[k])[:, None, None] for k in ("mean", "std"))
    for domain, images, labels in data.validation_sets():
        with torch.no_grad():
            x = torch.cat(list(images))
            embed = body((x - mean) / std) @ state["projector.weight"].T + state["projector.bias"]
            logits = embed @ state["classifier.weight"].T + state["classifier.bias"]
        assert int((logits.argmax(1) == labels).sum()) == recorded[domain]["correct"]
        theirs = log_probabilities(method, [x], data.device)
        assert torch.allclose(logits.log_softmax(1), theirs, atol=1e-5)
    assert evaluate(method, data).keys() == recorded.keys()


def test_the_embedded_student_s_trunk_is_a_start_again(data, tmp_path):
    unit, method, _, work = finished(data, tmp_path, "tiny-resnet", "none")
    out = tmp_path / "student.safetensors"
    export_student(unit, out, work)
    again = trunk("tiny-resnet", file=out)
    own = method.trunk.state_dict()
    assert all(torch.equal(value, own[name]) for name, value in again.state_dict().items())


def test_the_card_holds_identity_scores_and_sha256(data, tmp_path):
    unit, _, recorded, work = finished(data, tmp_path, "tiny-resnet", "none")
    sha256 = export_student(unit, tmp_path / "s.safetensors", work)
    text = (tmp_path / "s.md").read_text()
    assert sha256 in text
    score = recorded["domain0"]
    assert f"- validation, domain0: {score['correct']} of {score['total']}" in text
    assert "- held out, all: 1 of 2 (50.0%)" in text
    identity = json.loads(text.split("```json")[1].split("```")[0])
    assert identity["student"] == {"name": "tiny-resnet", "network": "tiny-resnet"}


def test_gone_weights_are_said(data, tmp_path):
    unit, *_ = finished(data, tmp_path, "tiny-resnet", "none")
    with pytest.raises(ResultError, match=r"weights\.pt: is gone; delete .*record\.json and run"):
        export_student(unit, tmp_path / "s.safetensors", tmp_path / "other")
    with pytest.raises(ResultError, match=r"must end in \.safetensors"):
        export_student(unit, tmp_path / "s.pt")


@pytest.mark.parametrize("freeze_bn", [True, False])
def test_frozen_batch_norm_stays_frozen_through_training(freeze_bn, data, tmp_path):
    _, method, _, _ = finished(data, tmp_path, "timm:test_resnet", "none", freeze_bn)
    start = trunk("timm:test_resnet").state_dict()
    kept = {
        name: bool(np.array_equal(value, start[name]))
        for name, value in method.trunk.state_dict().items()
        if "running" in name
    }
    assert kept and set(kept.values()) == {freeze_bn}
