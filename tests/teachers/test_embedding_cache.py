"""The embedding cache: killed and resumed, made by workers, refused where the disk is too small."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rise.errors import NoRoomError
from rise.experiment.job import Job
from rise.experiment.paths import unit_folder
from rise.teachers.build_embedding_cache import BATCHES, build_cache
from rise.utils.io import write_json
from rise.utils.sealed import read_sealed, write_sealed
from tests.training.embedded import ENTRY, ROOT, request_of

BUILD = """
import sys
from pathlib import Path
from rise.experiment.read_job import read_job
from rise.teachers import build_embedding_cache
build_embedding_cache.SAVE_SECONDS = 0
build_embedding_cache.build_cache(read_job(Path(sys.argv[1])))
"""
IMAGES, VIEWS = 816, 3
NAME = request_of(VIEWS).cache.name
DOMAINS = sorted(ENTRY.domains)
ALL = len(DOMAINS) * 4 * VIEWS  # batches of 204 images in parts of up to 64


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def at(request: Job, folder: Path, **changes: Any) -> Job:
    """The job with its cache in another place."""
    return request.model_copy(update={"cache": folder, **changes})


def built(request: Job, folder: Path) -> list[tuple[str, int, int]]:
    """Build a cache; what it reported."""
    seen: list[tuple[str, int, int]] = []
    build_cache(at(request, folder), lambda *said: seen.append(said))
    return seen


@pytest.fixture
def request_() -> Job:
    return request_of(VIEWS)


@pytest.fixture(scope="module")
def whole(prepared: Path) -> dict[str, bytes]:
    """The files of a cache that nothing interrupted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(prepared)
        build_cache(at(request_of(VIEWS), prepared / "whole" / NAME))
    return files(prepared / "whole" / NAME)


def test_a_killed_build_goes_on_and_ends_with_the_same_bytes(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes]
) -> None:
    folder = request_.cache
    request = unit_folder(request_.experiment, request_.key) / "request.json"
    write_json(request, request_.mapping())
    (tmp_path / "build.py").write_text(BUILD)
    part = folder.with_name(f".{folder.name}.part")
    line = [sys.executable, str(tmp_path / "build.py"), str(request)]
    process = subprocess.Popen(line, env={**os.environ, "PYTHONPATH": str(ROOT)})
    mark = part / "batches.json"
    while process.poll() is None:
        if mark.is_file():
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.002)
    assert process.wait() == -signal.SIGKILL
    assert not folder.exists()
    done = len(json.loads(mark.read_text())["checksums"])
    seen = built(request_, folder)
    first, last = seen[0], seen[-1]
    assert first[0] == "objects: views, 0.3 MB"
    assert first[1] > 0
    assert len(seen) == 1 + ALL - done
    assert last[1:] == (IMAGES * VIEWS, IMAGES * VIEWS)
    assert files(folder) == whole
    assert not part.exists()


def test_workers_change_no_byte(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes]
) -> None:
    build_cache(at(request_, tmp_path / NAME, workers=2))
    assert files(tmp_path / NAME) == whole


def test_an_unfinished_cache_of_something_else_is_not_used(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes]
) -> None:
    part = tmp_path / f".{NAME}.part"
    part.mkdir()
    for name, data in whole.items():
        (part / name).write_bytes(data)
    batches = read_sealed(part / BATCHES, json.loads(whole[BATCHES])["of"])
    write_sealed(part / BATCHES, batches, "0" * 64)
    seen = built(request_, tmp_path / NAME)
    assert seen[0][1:] == (0, IMAGES * VIEWS)
    assert files(tmp_path / NAME) == whole


@pytest.mark.parametrize("damaged", [BATCHES, "twemoji.npy"])
def test_an_unfinished_cache_goes_on_before_the_first_damaged_batch(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes], damaged: str
) -> None:
    part = tmp_path / f".{NAME}.part"
    part.mkdir()
    for name, data in whole.items():
        (part / name).write_bytes(data)
    spoilt = bytearray(whole[damaged])
    spoilt[-9] ^= 1
    (part / damaged).write_bytes(spoilt)
    seen = built(request_, tmp_path / NAME)
    domains = list(ENTRY.domains)
    # The last batch of the damaged domain is the first that is embedded again.
    sound = 0 if damaged == BATCHES else 204 * VIEWS * (domains.index("twemoji") + 1) - 12
    assert seen[0][1] == sound
    assert files(tmp_path / NAME) == whole


def test_a_second_job_that_waited_does_not_embed_again(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes]
) -> None:
    (tmp_path / NAME).mkdir()
    for name, data in whole.items():
        (tmp_path / NAME / name).write_bytes(data)
    assert built(request_, tmp_path / NAME) == []


def test_a_disk_without_room_is_refused_before_the_first_view(
    embedded: Path, tmp_path: Path, request_: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 100_000))
    with pytest.raises(NoRoomError) as caught:
        build_cache(at(request_, tmp_path / NAME))
    assert str(caught.value) == (
        f"{tmp_path}: the teacher embedding cache of objects needs 0.3 MB more and the disk "
        "has 0.1 MB free; make room, or put work/ on another disk"
    )
    assert [path.name for path in tmp_path.iterdir()] == [f".{NAME}.lock"]


def test_the_cache_holds_unit_embeddings_by_image_and_view(whole: dict[str, bytes]) -> None:
    assert sorted(whole) == [BATCHES, "cache.json", *(f"{name}.npy" for name in DOMAINS)]
    content = json.loads(whole["cache.json"])
    assert content["tower"] == {
        "input": "clip",
        "view": "augmented",
        "policy": "emoji",
        "count": VIEWS,
    }
    arrays = [np.frombuffer(whole[f"{name}.npy"][128:], np.float16) for name in DOMAINS]
    every = np.concatenate(arrays).reshape(-1, VIEWS, 64).astype(np.float32)
    assert len(every) == IMAGES
    assert np.abs(np.linalg.norm(every, axis=2) - 1).max() < 2e-3
