"""Units on the embedded benchmark: same bytes anywhere, held-out domain unseen."""

import dataclasses
import json
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from rise.catalog import lookup
from rise.config.load import Experiment, parse
from rise.datasets.decoded import DecodedDataset, open_decoded
from rise.decoding.build_arrays import build_from_arrays
from rise.errors import RiseError
from rise.experiment.paths import scored_path
from rise.experiment.record import read_record, science_text
from rise.planning.units import Unit, job_of, units
from rise.runtime import unit_job
from rise.teachers.build_embedding_cache import build_cache
from rise.teachers.build_text_embeddings import build_texts
from rise.teachers.embedding_cache import open_cache, read_cache
from rise.training import trial
from rise.utils.io import file_digest

ROOT = Path(__file__).parents[2]
VALUES = {
    "title": "a small one",
    "datasets": {"objects": {"held_out": ["noto", "twemoji"]}},
    "methods": {"erm": {}, "rise": {"hparams": {"distance": [0.3, 1.0]}}},
    "budgets": "unequal",
    "variants": {
        "main": {
            "student": "tiny-resnet",
            "teacher": "tiny-clip",
            "views": {"count": 2},
            "recipe": {"epochs": 2, "keep": "best"},
        }
    },
    "seeds": 2,
    "contrasts": [["rise", "erm"]],
}
EXPERIMENT = parse(VALUES, Path("small.yaml"))


def chosen(method="rise", held_out="noto", seed=0, experiment=EXPERIMENT) -> Unit:
    (found,) = (
        u
        for u in units(experiment)
        if (u.method, u.held_out, u.seed) == (method, (held_out,), seed)
    )
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the data built once."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "data").symlink_to(ROOT / "data")
    before = Path.cwd()
    os.chdir(folder)
    request = job_of(chosen(), EXPERIMENT)
    build_from_arrays("objects", lookup.datasets()["objects"], request.decoded)
    build_texts(request)
    build_cache(request)
    os.chdir(before)
    return folder


@pytest.fixture
def project(built, tmp_path, monkeypatch):
    """A fresh folder in which no unit has run."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "work").mkdir()
    for name in ("decoded", "texts", "embeddings"):
        (tmp_path / "work" / name).symlink_to(built / "work" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(one: Unit, experiment: Experiment = EXPERIMENT) -> tuple[str, bytes]:
    unit_job.run_unit(job_of(one, experiment))
    record = read_record(one.folder / "record.json")
    return science_text(record), (one.folder / "predictions.npz").read_bytes()


def trial_folders(one: Unit) -> list[Path]:
    return [
        trial.trial_folder(one.identity.mapping(), s, {}, unit_job.work_folder("small"))
        for s in one.identity.settings
    ]


def test_a_record_says_what_was_done(project):
    one = chosen()
    science = json.loads(run(one)[0])
    assert science["identity"] == one.identity.mapping()
    assert [s["distance"] for s in science["identity"]["settings"]] == [0.3, 1.0]
    assert science["budget"]["trials"] == 2
    assert science["budget"]["evaluations"] == 4
    assert set(science["validation"]) == set(lookup.datasets()["objects"].domains) - {"noto"}
    assert science["held_out"]["all"]["total"] == 204
    drawn, new = (science["held_out"][f"test, {g}"] for g in ("drawn", "not drawn"))
    test = science["held_out"]["test"]
    assert test["total"] == drawn["total"] + new["total"] == 61
    assert test["correct"] == drawn["correct"] + new["correct"]
    assert sum(one["correct"] for one in test["classes"].values()) == test["correct"]
    assert sum(one["total"] for one in science["held_out"]["all"]["classes"].values()) == 204
    assert science["predictions"] == file_digest(one.folder / "predictions.npz")
    provenance = read_record(one.folder / "record.json").provenance
    assert provenance["threads"] == 1
    assert provenance["declared"]["contrasts"] == [["rise", "erm"]]
    assert [row["step"] for row in provenance["history"]] == [5, 10]
    assert provenance["resumed"] is False
    assert 50 < provenance["peak_memory_mb"] < 20_000


def test_predictions_lead_to_the_scores_and_hold_no_labels(project):
    one = chosen("erm")
    science = json.loads(run(one)[0])
    with np.load(scored_path(Path("results/small"), "objects", science["data"]["pack"])) as file:
        kept = {key: file[key] for key in file}
    with np.load(one.folder / "predictions.npz") as file:
        assert set(file) == {"log_probability", "predicted", "image"}
        found = {key: file[key] for key in file}
    decoded = open_decoded(job_of(one, EXPERIMENT).decoded)
    rows = [int(np.flatnonzero(decoded.columns["id"] == image)[0]) for image in found["image"]]
    assert {decoded.domains[d] for d in decoded.columns["domain"][rows]} == {"noto"}
    right = found["predicted"] == decoded.columns["label"][rows]
    assert right.sum() == science["held_out"]["all"]["correct"]
    # The same from the results alone.
    at = [int(np.flatnonzero(kept["id"] == image)[0]) for image in found["image"]]
    assert ((found["predicted"] == kept["label"][at]) == right).all()
    assert list(kept["identity"][at]) == list(decoded.columns["identity"][rows])
    assert np.exp(found["log_probability"].astype(float)).sum(1) == pytest.approx(1, abs=0.01)


def test_same_unit_in_another_folder_order_and_process_state_has_the_same_bytes(
    project, built, tmp_path_factory, monkeypatch
):
    run(chosen("erm"))
    first = run(chosen())
    other = tmp_path_factory.mktemp("other")
    (other / "data").symlink_to(ROOT / "data")
    (other / "work").mkdir()
    for name in ("decoded", "texts", "embeddings"):
        (other / "work" / name).symlink_to(built / "work" / name)
    monkeypatch.chdir(other)
    torch.manual_seed(99)
    torch.rand(7)
    assert run(chosen()) == first
    assert run(chosen(seed=1)) != first


def test_workers_change_no_byte_of_a_unit(project):
    """Views are cut from full images here, and validation and held-out images come in parts."""
    variant = VALUES["variants"]["main"]
    views = {"main": {**variant, "views": {"policy": "released", "count": 2}}}
    found = []
    for workers in (0, 1, 3):
        experiment = parse(
            {**VALUES, "variants": views, "workers": workers}, Path(f"with{workers}.yaml")
        )
        one = chosen("erm", experiment=experiment)
        found.append(run(one, experiment))
        assert read_record(one.folder / "record.json").provenance["workers"] == workers
        assert not multiprocessing.active_children()
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("method", lookup.methods())
def test_random_held_out_labels_change_the_held_out_scores_alone(method, project, monkeypatch):
    """Whatever a method reads: the labels are random from the opening of the dataset on."""
    variant = {**VALUES["variants"]["main"], "recipe": {"epochs": 1, "lr": [0.03, 0.1]}}
    values = {**VALUES, "methods": {method: {}}, "variants": {"main": variant}, "contrasts": []}
    experiment = parse(values, Path("small.yaml"))
    one = chosen(method, experiment=experiment)
    honest, predictions = run(one, experiment)

    def opened(folder: Path) -> DecodedDataset:
        decoded = open_decoded(folder)
        label, held_out = decoded.columns["label"].copy(), decoded.rows("noto")
        label[held_out] = np.random.default_rng(0).permutation(label[held_out])
        return dataclasses.replace(decoded, columns={**decoded.columns, "label": label})

    monkeypatch.setattr("rise.training.data.open_decoded", opened)
    monkeypatch.setattr(unit_job, "work_folder", lambda _: Path("work/random"))
    (one.folder / "record.json").unlink()
    random, again = run(one, experiment)
    honest, random = json.loads(honest), json.loads(random)
    assert honest["budget"]["trials"] == 2
    assert again == predictions
    assert honest.pop("held_out") != random.pop("held_out")
    assert honest == random


def test_held_out_images_and_their_embeddings_are_not_opened_in_training(project, monkeypatch):
    """With a held-out domain's pixels and embeddings poisoned, trials have the same weights."""
    from rise.training import embeddings

    def weights(one: Unit) -> list[bytes]:
        """Every trial's history with a digest of its weights, and the selected one's weights."""
        folders = trial_folders(one)
        (kept,) = (f / "weights.pt" for f in folders if (f / "weights.pt").exists())
        tensors = {k: v.tolist() for k, v in torch.load(kept).items()}
        histories = [(folder / "trial.json").read_bytes() for folder in folders]
        return [*histories, json.dumps(tensors).encode()]

    one = chosen()
    run(one)
    expected = weights(one)
    opened: list[str] = []
    image = DecodedDataset.image

    def poisoned(self, row):
        if self.domains[self.columns["domain"][row]] == "noto":
            return np.full_like(image(self, row), 255)
        return image(self, row)

    def watched(folder, domain, sha256):
        opened.append(domain)
        return open_cache(folder, domain, sha256)

    monkeypatch.setattr(DecodedDataset, "image", poisoned)
    monkeypatch.setattr(embeddings, "open_cache", watched)
    monkeypatch.setattr(unit_job, "work_folder", lambda _: Path("work/poisoned"))
    (one.folder / "record.json").unlink()
    run(one)
    assert weights(one) == expected
    assert opened == ["twemoji", "fluent-emoji-flat", "fluent-emoji-high-contrast"]


def test_a_finished_unit_is_not_made_again(project):
    one = chosen("erm")
    run(one)
    stamp = (one.folder / "record.json").stat().st_mtime_ns
    run(one)
    assert (one.folder / "record.json").stat().st_mtime_ns == stamp


def test_a_trial_is_trained_once(project, monkeypatch):
    one = chosen("erm")
    first = run(one)
    (one.folder / "record.json").unlink()
    monkeypatch.setattr("rise.training.trial.fit", lambda *_: pytest.fail("trained again"))
    assert run(one) == first


def test_the_selected_trial_alone_keeps_its_weights(project, capsys):
    one = chosen()
    science, _ = run(one)
    folders = trial_folders(one)
    assert all((folder / "trial.json").is_file() for folder in folders)
    selected = json.loads(science)["selected"]["setting"]
    at = one.identity.settings.index(selected)
    assert [(folder / "weights.pt").exists() for folder in folders] == [at == 0, at == 1]
    assert not [*Path("work").rglob("checkpoint.pt")]
    assert capsys.readouterr().err == ""


def test_a_trial_that_another_grid_selects_is_trained_again_to_the_same_bytes(
    project, capsys, monkeypatch
):
    one = chosen()
    run(one)
    selected = json.loads((one.folder / "record.json").read_text())["science"]["selected"]
    (other,) = (s for s in one.identity.settings if s != selected["setting"])
    hparams = {"distance": other["distance"]}
    methods = {**VALUES["methods"], "rise": {"hparams": hparams}}

    def smaller() -> tuple[tuple[str, bytes], Path]:
        experiment = parse({**VALUES, "methods": methods}, Path("small.yaml"))
        alone = chosen(experiment=experiment)
        found = run(alone, experiment)
        folder = trial.trial_folder(
            alone.identity.mapping(), other, {}, unit_job.work_folder("small")
        )
        assert sorted(path.name for path in folder.iterdir()) == ["trial.json", "weights.pt"]
        return found, folder.resolve()

    found, folder = smaller()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and said[0].startswith('rise: the weights of {"')
    assert said[0].endswith("were deleted when another setting was selected; it is trained again")

    monkeypatch.setattr(unit_job, "work_folder", lambda _: Path("work/never"))
    (one.folder / "record.json").unlink()
    fresh, never = smaller()
    assert capsys.readouterr().err == ""
    assert fresh == found
    assert (never / "trial.json").read_bytes() == (folder / "trial.json").read_bytes()
    first, second = (torch.load(place / "weights.pt") for place in (folder, never))
    assert first.keys() == second.keys()
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_failure_leaves_its_reason_and_success_takes_it_away(project, monkeypatch):
    one = chosen("erm")
    with monkeypatch.context() as patch:
        patch.setattr("rise.training.unit.open_data", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(one)
    failed = json.loads((one.folder / "failed.json").read_text())
    assert failed == {"digest": one.digest, "reason": "ZeroDivisionError: division by zero"}
    assert not (one.folder / "record.json").exists()
    run(one)
    assert not (one.folder / "failed.json").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"decoded": Path("work/decoded/none")}, r"decoded/none: is missing; run again"),
        ({"cache": Path("work/embeddings/none")}, r"embeddings/none: is missing; run again"),
        ({"texts": Path("work/texts/none.npz")}, r"none\.npz: is missing; run again"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(project, change, message):
    request = job_of(chosen("rise"), EXPERIMENT)
    with pytest.raises(RiseError, match=message) as caught:
        unit_job.run_unit(request.model_copy(update=change))
    assert "\n" not in str(caught.value)


def test_the_cache_is_the_teacher_s_answer_to_the_very_view(project):
    from rise.teachers.clip_model import encode_image
    from rise.teachers.load import load_teacher
    from rise.views._policies import resize, views

    request = job_of(chosen(), EXPERIMENT)
    decoded = open_decoded(request.decoded)
    rows = decoded.rows("twemoji")[5:9]
    live = encode_image(
        load_teacher(request.teacher, request.identity.teacher.sha256),
        views(resize(decoded.images(rows), 64), decoded.keys(rows), 1, "emoji"),
    )
    files = read_cache(request.cache, request.identity, decoded)
    cached = open_cache(request.cache, "twemoji", files["twemoji"])[5:9, 1]
    assert np.abs(live.numpy() - cached.astype(float)).max() < 1e-3


def test_trials_of_other_files_or_start_weights_are_other_trials():
    one = chosen()
    setting = one.identity.settings[0]
    found = [{}, {"manifest": "a"}, {"manifest": "b"}, {"manifest": "a", "student": "c"}]
    folders = {
        trial.trial_folder(one.identity.mapping(), setting, f, unit_job.work_folder("small"))
        for f in found
    }
    assert len(folders) == 4
    request = job_of(one, EXPERIMENT, manifest="a")
    assert trial.found_here(request) == {"manifest": "a"}
