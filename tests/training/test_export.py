"""An exported file alone gives the recorded predictions, for every method and switch."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from rise.catalog import lookup
from rise.config.load import parse
from rise.datasets import split
from rise.errors import ResultError
from rise.experiment.job import Job
from rise.experiment.paths import unit_folder, work_folder
from rise.experiment.record import Record, write_record
from rise.methods._base import Method
from rise.planning.units import job_of, units
from rise.runtime.unit_job import science_of
from rise.teachers.build_text_embeddings import build_texts
from rise.training.data import UnitData, open_data
from rise.training.export import export_student
from rise.training.score import evaluate, predict
from rise.training.trial import build_method, trial_folder
from rise.training.unit import Outcome
from rise.utils.io import file_digest, write_json
from rise.utils.npz import write_npz
from rise.utils.rng import numpy_stream
from rise.utils.sealed import write_sealed
from rise.utils.torch_rng import torch_stream
from tests.training.embedded import experiment, prepare
from tests.trunks import trunk

STEPS = 6
OWN = '''"""Own: CE."""

from torch.nn import functional as F

from rise.methods._base import Method
from rise.methods._chain import ChainMethod

DECLARATION = {"teachers": 0, "hparams": {}}


class Own(ChainMethod):
    def terms(self, batch):
        return {"ce": (1.0, F.cross_entropy(self(batch.x), batch.y))}
'''
AVERAGES = (
    OWN
    + """
    def __init__(self, context, hparams):
        super().__init__(context, hparams)
        self.mean = {k: v.detach() + 0.3 for k, v in self.named_parameters()}
    def forward(self, x):
        if self.training:
            return super().forward(x)
        return F.linear(self.projector(self.trunk(x)), self.mean["classifier.weight"])
    def get_extra_state(self):
        return self.mean
    def set_extra_state(self, state):
        self.mean = state
"""
)
WRAPS = OWN.replace(
    "class Own(ChainMethod):\n",
    """from rise.methods._load import load_method


class Own(Method):
    def __init__(self, context, hparams):
        super().__init__(context, hparams)
        self.inner = load_method("erm_text_init")(context, hparams)

    def forward(self, x):
        return self.inner(x)

""",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    with contextlib.chdir(folder):
        prepare(folder)
    return folder


@pytest.fixture(autouse=True)
def project(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(built / "data")
    (tmp_path / "work").mkdir()
    for name in ("decoded", "texts"):
        (tmp_path / "work" / name).symlink_to(built / "work" / name)


def finish(method: str, **variant: Any) -> tuple[Path, UnitData, Job]:
    """Record a unit of the embedded benchmark, trained for a few steps."""
    declared = experiment(1, **variant)
    values = {**declared.model_dump(exclude={"name"}), "methods": {method: {}}}
    declared = parse(values, Path("mine.yaml"))
    (unit, *_) = units(declared)
    job = job_of(unit, declared)
    if not job.texts.exists():
        build_texts(job)
    no_teacher = job.method.model_copy(update={"teachers": 0})
    data = open_data(job.model_copy(update={"method": no_teacher}), torch.device("cpu"))
    setting = job.identity.settings[0]
    made = build_method(job, setting, data)
    train(made, data)
    return record(job, made, data), data, job


def train(method: Method, data: UnitData) -> None:
    """Make a few updates, on embeddings of a teacher that knows nothing."""
    width = data.texts[0].unit.shape[1]
    picks = numpy_stream("picks").integers(0, len(data.rows), (STEPS, 64))
    optimizer = torch.optim.SGD(method.param_groups(0.2), momentum=0.9)
    batches = data.batches(lambda step: (picks[step], np.zeros(64, np.int64)), 0)
    for step, batch in zip(range(1, STEPS + 1), batches, strict=False):
        teacher = torch.randn(64, width, generator=torch_stream("teacher", step))
        method.step(batch._replace(teacher=(F.normalize(teacher),)), optimizer, 1.0)
        method.after_step(step)


def record(job: Job, method: Method, data: UnitData) -> Path:
    folder = unit_folder(job.experiment, job.key)
    write_json(folder / "request.json", job.mapping())
    identity = job.identity
    rows = split.scored_rows(data.decoded, identity.protocol, identity.held_out, 0)[:300]
    predictions = predict(method, data, rows)
    write_npz(folder / "predictions.npz", predictions)
    counts = {
        domain: {"correct": one.correct, "total": one.total}
        for domain, one in evaluate(method, data).items()
    }
    setting = identity.settings[0]
    outcome = Outcome(
        chosen={
            "setting": setting,
            "history": [],
            "kept": {"step": 1, "validation": counts},  # type: ignore[typeddict-item]
        },
        budget={},
        predictions=predictions,
        held_out={"all": {"correct": 1, "total": 2, "classes": {}}},
        data={"pack": data.decoded.content},
        decoded=data.decoded,
        workers=0,
    )
    science = science_of(job, outcome, file_digest(folder / "predictions.npz"))
    trial = trial_folder(identity.mapping(), setting, {}, work_folder(job.experiment))
    trial.mkdir(parents=True)
    torch.save(method.state_dict(), trial / "weights.pt")
    weights = {"weights": file_digest(trial / "weights.pt")}
    write_sealed(trial / "trial.json", weights, trial.name)
    write_record(folder / "record.json", Record(digest=job.digest, science=science, provenance={}))
    return folder


def alone(file: Path, images: Tensor, plain_timm: bool) -> Tensor:
    """Predict as docs/students.md says it, by the file alone: nothing of the suite's head."""
    state = load_file(file)
    with safe_open(file, "pt") as opened:
        said = {k: v for k, v in opened.metadata().items() if k not in ("format", "unit")}
    said = {key: json.loads(value) for key, value in said.items()}
    weights = {k[6:]: v for k, v in state.items() if k.startswith("trunk.")}
    mean, std = (torch.tensor(said[key])[:, None, None] for key in ("mean", "std"))
    x = (images - mean) / std
    assert x.shape[-1] == said["size"]
    with torch.no_grad(), torch.autocast("cpu", enabled=said["precision"] == "bfloat16"):
        if plain_timm:
            import timm

            body = timm.create_model(said["network"], num_classes=0).eval()
            body.load_state_dict(weights)
            feature = body(x).float()
        else:
            own = trunk("tiny-resnet").eval()
            own.load_state_dict(weights)
            feature = own.pooled(x).float()
    if "head.weight" in state:
        return (feature @ state["head.weight"].T + state["head.bias"]).softmax(1)
    embed = feature @ state["projector.weight"].T + state["projector.bias"]
    both = (embed @ state["classifier.weight"].T + state["classifier.bias"]).softmax(1)
    if "texts" in state:
        texts = said["text_scale"] * F.normalize(embed) @ state["texts"].T
        both = (both + texts.softmax(1)) / 2
    return both


TIMM = {"student": "timm:test_resnet", "start": "scratch", "image_size": 64}
SWITCHES: list[dict[str, Any]] = [
    {},
    {"recipe": {"second_head": True}},
    {"recipe": {"second_head": True, "average": "ema"}, "text": "shuffled"},
    {"recipe": {"average": "ema"}, "freeze_bn": True, **TIMM, "views": {"policy": "released"}},
    {"normalise": "imagenet", **TIMM, "views": {"policy": "released"}},
    {"image_size": 16},
    {"class_order": "own", "average": "after", "prompts": "photo", "text": "random"},
]
CASES = [("rise", one, "float32") for one in SWITCHES]
CASES += [(name, SWITCHES[2], "float32") for name in lookup.methods() if name != "rise"]
CASES += [("rise", SWITCHES[1], "bfloat16")]


@pytest.mark.parametrize(("method", "variant", "precision"), CASES)
def test_the_file_alone_gives_the_recorded_predictions(method, variant, precision, monkeypatch):
    if precision != "float32":
        own = experiment
        monkeypatch.setitem(
            globals(),
            "experiment",
            lambda *a, **k: own(*a, **k).model_copy(update={"precision": precision}),
        )
    unit, data, job = finish(method, **variant)
    out = Path("student.safetensors")
    assert export_student(unit, out) == file_digest(out)
    with np.load(unit / "predictions.npz") as stored:
        recorded = torch.from_numpy(stored["log_probability"].astype(np.float32)).exp()
        predicted = stored["predicted"]
    identity = job.identity
    rows = split.scored_rows(data.decoded, identity.protocol, identity.held_out, 0)[:300]
    found = alone(out, torch.cat(list(data.plain(rows))), "timm" in identity.student.name)
    close = 3e-4 if precision == "float32" else 0.05
    torch.testing.assert_close(found, recorded, rtol=0, atol=close)
    assert (found.argmax(1).numpy() == predicted).mean() >= (1 if precision == "float32" else 0.97)
    assert recorded.std(0).max() > 5 * close  # of images, so that more than a mean is compared


def test_the_second_head_and_the_average_are_needed():
    """The cases above can fail: without what a switch adds, the file predicts otherwise."""
    unit, data, job = finish("rise", recipe={"second_head": True})
    export_student(unit, Path("a.safetensors"))
    rows = split.scored_rows(data.decoded, job.identity.protocol, job.identity.held_out, 0)[:300]
    images = torch.cat(list(data.plain(rows)))
    both = alone(Path("a.safetensors"), images, False)
    state = {k: v for k, v in load_file("a.safetensors").items() if k != "texts"}
    from safetensors.torch import save_file

    with safe_open("a.safetensors", "pt") as opened:
        save_file(state, "b.safetensors", opened.metadata())
    assert (alone(Path("b.safetensors"), images, False) - both).abs().max() > 0.05


def test_the_card_and_the_file_say_what_is_needed():
    unit, data, job = finish("rise", normalise="imagenet")
    sha256 = export_student(unit, Path("s.safetensors"))
    text = Path("s.md").read_text()
    assert sha256 in text
    kept = evaluate(build_method(job, job.identity.settings[0], data), data)
    assert all(f"- validation, {domain}: " in text for domain in kept)
    assert "- held out, all: 1 of 2 (50.0%)" in text
    assert json.loads(text.split("```json")[1].split("```")[0]) == job.identity.mapping()
    listed = [line for line in text.splitlines() if line[:1].isdigit()]
    assert listed == [f"{at}. {name}" for at, name in enumerate(data.decoded.classes)]
    with safe_open("s.safetensors", "pt") as opened:
        said = opened.metadata()
    assert json.loads(said["classes"]) == data.decoded.classes
    assert json.loads(said["mean"]) == pytest.approx([0.485, 0.456, 0.406])
    assert json.loads(said["std"]) == pytest.approx([0.229, 0.224, 0.225])
    assert json.loads(said["size"]) == 32
    assert all(f"- {key}: {said[key]}" in text for key in ("mean", "std", "size", "resize"))


def test_the_embedded_student_s_trunk_is_a_start_again():
    unit, _, _ = finish("rise")
    export_student(unit, Path("s.safetensors"))
    again = trunk("tiny-resnet", file=Path("s.safetensors")).state_dict()
    file = load_file("s.safetensors")
    assert all(torch.equal(value, file[f"trunk.{name}"]) for name, value in again.items())


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (AVERAGES, "alone do not give the record's predictions"),
        (WRAPS, "keeps no network named trunk"),
    ],
)
def test_what_predicts_otherwise_is_refused(source, reason):
    Path("own.py").write_text(source)
    unit, _, _ = finish("own.py")
    with pytest.raises(ResultError, match=f"cannot be exported: .*{reason}"):
        export_student(unit, Path("s.safetensors"))
    assert not list(Path().glob("s.*"))


def test_an_own_method_on_the_chain_is_exported():
    Path("own.py").write_text(OWN)
    unit, _, _ = finish("own.py")
    assert export_student(unit, Path("s.safetensors"))


def test_gone_weights_are_said():
    unit, _, _ = finish("rise")
    with pytest.raises(ResultError, match=r"weights\.pt: is gone; delete .*record\.json and run"):
        export_student(unit, Path("student.safetensors"), Path("other"))
    with pytest.raises(ResultError, match=r"must end in \.safetensors"):
        export_student(unit, Path("s.pt"))
