"""A user's own CLIP, by path: as a published archive and as a state dict, through every step."""

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from data.build.pretrain_teacher import SHAPE
from rise.catalog import lookup
from rise.config.load import Experiment, parse
from rise.decoding.build_arrays import build_from_arrays
from rise.errors import ConfigError, DamagedError, DataError
from rise.experiment.job import Job
from rise.experiment.record import read_record
from rise.planning.units import Unit, job_of, units
from rise.runtime.unit_job import run_unit
from rise.teachers.build_embedding_cache import build_cache
from rise.teachers.build_text_embeddings import build_texts
from rise.teachers.clip_model import clip_module
from rise.teachers.load import load_teacher
from rise.teachers.text_embeddings import read_texts
from rise.teachers.zero_shot import table, zero_shot
from rise.training.data import open_data
from rise.utils.io import file_digest
from rise.utils.npz import write_npz
from rise.utils.rng import numpy_stream
from rise.utils.sealed import read_sealed, write_sealed
from rise.utils.torch_rng import global_stream

ROOT = Path(__file__).parents[2]
METHODS = ("erm_text_init", "hint", "hint_ad", "hint_rd", "rise")
# A small ViT of another width and image size than the embedded teacher's: all must follow it.
VISION = {"vision_layers": 1, "vision_width": 64, "vision_patch_size": 16}
SMALL = {**SHAPE, **VISION, "embed_dim": 48, "image_resolution": 32}
ENTRY = lookup.datasets()["objects"]


def experiment(teacher: str, *methods: str, **variant: Any) -> Experiment:
    recipe = {"epochs": 1, "batch_size": 256}
    main = {"student": "tiny-resnet", "teacher": teacher, "views": {"count": 1}, "recipe": recipe}
    values = {
        "title": "own teacher",
        "datasets": {"objects": {"held_out": ["noto"]}},
        "methods": {name: {} for name in methods},
        "variants": {"main": {**main, **variant}},
        "seeds": 1,
    }
    return parse(values, Path("own.yaml"))


def save(folder: Path) -> None:
    with global_stream("own teacher"):
        model = clip_module("model").CLIP(**SMALL).eval()
    torch.save(model.state_dict(), folder / "clip-state.pt")
    example = torch.zeros(1, 3, 32, 32), torch.zeros(1, SMALL["context_length"], dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive = torch.jit.trace(model, example)  # type: ignore[no-untyped-call]
        torch.jit.save(archive, folder / "clip-jit.pt")  # type: ignore[no-untyped-call]
    declare(folder / "clip-state.pt")


def declare(weights: Path) -> None:
    said = {"activation": "quick_gelu", "image_heads": 1, "text_heads": 1}
    weights.with_suffix(".yaml").write_text(json.dumps(said))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with two checkpoints, a text file and the decoded dataset, where the tests run."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("own")
    (path / "data").symlink_to(ROOT / "data")
    before = Path.cwd()
    os.chdir(path)
    save(path)
    # An archive is read if the catalog pins its bytes, as it does OpenAI's.
    known = lookup.teachers()
    sha256 = file_digest(path / "clip-jit.pt")
    known["clip-rn50"] = (published := known["clip-rn50"]).model_copy(
        update={"sha256": sha256, "architecture": lookup.teacher("clip-state.pt").architecture}
    )
    texts = numpy_stream("text file").normal(size=(len(ENTRY.classes), 24))
    write_npz(path / "texts.npz", {"classes": np.array(list(ENTRY.classes)), "raw": texts})
    build_from_arrays("objects", ENTRY, request_of("clip-jit.pt", "erm_text_init").decoded)
    yield path
    known["clip-rn50"] = published
    os.chdir(before)


def request_of(teacher: str, method: str, **variant: Any) -> Job:
    declared = experiment(teacher, method, **variant)
    return job_of(units(declared)[0], declared)


def make(unit: Unit, declared: Experiment) -> Job:
    """Every job of a unit, as the rules run them."""
    job = job_of(unit, declared)
    if not job.texts.exists():
        build_texts(job)
    if job.method.teachers and not job.cache.exists():
        build_cache(job)
    run_unit(job)
    return job


def load(teacher: str) -> None:
    entry = lookup.teacher(teacher)
    load_teacher(entry.source, entry.sha256)


def predictions(unit: Unit) -> bytes:
    return (unit.folder / "predictions.npz").read_bytes()


def test_archive_and_state_dict_train_all_methods_alike(folder: Path) -> None:
    found: dict[str, dict[str, bytes]] = {}
    for teacher in ("clip-jit.pt", "clip-state.pt"):
        declared = experiment(teacher, *METHODS)
        for unit in units(declared):
            request = make(unit, declared)
            found.setdefault(unit.method, {})[teacher] = predictions(unit)
            science = read_record(unit.folder / "record.json").science
            assert science.identity["teacher"]["sha256"] == lookup.teacher(teacher).sha256
        assert read_texts(request.texts)["raw"].shape == (len(ENTRY.classes), 48)
    assert all(one["clip-jit.pt"] == one["clip-state.pt"] for one in found.values())
    assert found["rise"]["clip-jit.pt"] != found["hint"]["clip-jit.pt"]


def test_zero_shot_by_domain_and_class(folder: Path) -> None:
    request = request_of("clip-jit.pt", "erm_text_init")
    build_texts(request)
    scores = zero_shot(request)
    assert json.loads(request.zero_shot.read_text()) == scores
    for domains in scores.values():
        for one in domains.values():
            for key in ("correct", "total"):
                assert one[key] == sum(part[key] for part in one["classes"].values())
    printed = table(scores)
    assert all(name in printed for name in [*ENTRY.classes, *ENTRY.domains])


def test_averaging_after_normalisation(folder: Path) -> None:
    means = {}
    for average in ("before", "after"):
        request = request_of("clip-jit.pt", "ad", average=average)
        build_texts(request)
        means[average] = read_texts(request.texts)["raw"]
    # A mean of unit vectors is no longer than one, and has about the direction of the raw mean.
    assert (means["after"].norm(dim=1) <= 1).all()
    cosine = torch.cosine_similarity(means["before"], means["after"])
    assert (cosine > 0.99).all() and not torch.allclose(cosine, torch.ones(1), atol=1e-7)


def test_a_prompt_longer_than_the_context(folder: Path) -> None:
    request = request_of("clip-jit.pt", "ad", prompts=["very " * 40 + "{}"])
    with pytest.raises(ConfigError, match="has 45 tokens, but the teacher reads at most 32: short"):
        build_texts(request)


def test_a_text_only_teacher_and_its_arms_train(folder: Path) -> None:
    found = {}
    for arm in (True, "shuffled", "random"):
        declared = experiment("texts.npz", "erm_text_init", "ad", text=arm)
        for unit in units(declared):
            make(unit, declared)
            found[unit.method, arm] = predictions(unit)
    assert len(set(found.values())) == len(found)
    assert not list(Path("work").glob("embeddings/*texts*"))


def test_an_arm_changes_all_texts_but_those_of_the_teacher_s_own_logits(folder: Path) -> None:
    texts = {}
    for arm in (True, "shuffled", "random"):
        request = request_of("clip-jit.pt", "erm_text_init", text=arm)
        build_texts(request)
        (texts[arm],) = open_data(request, torch.device("cpu")).texts
    for arm in ("shuffled", "random"):
        for name in ("raw", "unit", "anchors"):
            one, true = getattr(texts[arm], name), getattr(texts[True], name)
            assert one.shape == true.shape and not torch.equal(one, true)
        assert torch.equal(texts[arm].zero_shot, texts[True].unit)


def test_a_cache_of_another_teacher_is_refused(folder: Path) -> None:
    declared = experiment("clip-jit.pt", "hint")
    (unit,) = units(declared)
    request = make(unit, declared)
    cache = request.cache
    content = read_sealed(cache / "cache.json", cache.name)
    other = {**content, "teacher": {"name": "other", "sha256": "0"}}
    write_sealed(cache / "cache.json", other, cache.name)
    with pytest.raises(DamagedError, match=r"\(it was made of another teacher\); delete it"):
        open_data(request, torch.device("cpu"))
    for path in cache.glob("*.npy"):
        np.save(path, np.load(path)[..., :24])
        content["files"][path.stem] = file_digest(path)
    write_sealed(cache / "cache.json", content, cache.name)
    with pytest.raises(DataError, match=r"embeds images in 24 numbers, but the texts .* have 48"):
        open_data(request, torch.device("cpu"))


def test_a_checkpoint_that_is_no_clip(folder: Path) -> None:
    for name in ("none.pt", "code.pt", "wide.pt", "parallel.pt", "nan.pt"):
        declare(Path(name))
    torch.save({"weight": torch.zeros(2)}, "none.pt")
    with pytest.raises(DataError, match=r"none\.pt: the tensors are not a CLIP state dict"):
        load("none.pt")
    torch.save({"run": os.system}, "code.pt")
    with pytest.raises(DataError, match=r"code\.pt holds pickled code, which is never run"):
        load("code.pt")
    state = torch.load("clip-state.pt", weights_only=True)
    torch.save({f"module.{name}": value for name, value in state.items()}, "parallel.pt")
    with pytest.raises(DataError, match=r"parallel\.pt: its tensors are named module\.text_proj"):
        load("parallel.pt")
    torch.save({**state, "visual.proj": state["visual.proj"] * float("nan")}, "nan.pt")
    with pytest.raises(
        DataError, match=r"nan\.pt: its tensor visual\.proj holds NaN .* trained ch"
    ):
        load("nan.pt")
    state["text_projection"] = torch.zeros(64, 99)
    torch.save(state, "wide.pt")
    with pytest.raises(DataError, match=r"wide\.pt: the tensors are not a CLIP state dict"):
        load("wide.pt")


def test_a_teacher_that_changes_between_plan_and_job_is_refused(folder: Path) -> None:
    request = request_of("texts.npz", "ad")
    identity = request.identity
    other = identity.model_copy(
        update={"teacher": identity.teacher.model_copy(update={"sha256": "0" * 64})}
    )
    with pytest.raises(DataError, match="was changed since the run began"):
        build_texts(request.model_copy(update={"identity": other}))
    with pytest.raises(DataError, match=f"has sha256 .*, expected {'0' * 64}"):
        load_teacher(lookup.teacher("clip-state.pt").source, "0" * 64)


def test_a_catalogue_entry_of_another_width(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    entry = lookup.teachers()["tiny-clip"].model_copy(update={"width": 512})
    monkeypatch.setitem(lookup.teachers(), "tiny-clip", entry)
    with pytest.raises(DataError, match="has width 64, but its catalogue entry says 512"):
        load("tiny-clip")
    entry = lookup.teachers()["tiny-clip"].model_copy(update={"architecture": None})
    monkeypatch.setitem(lookup.teachers(), "tiny-clip", entry)
    with pytest.raises(DataError, match="its catalogue entry declares no architecture"):
        load("tiny-clip")
