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
from rise.teachers import build_embedding_cache
from rise.teachers.build_embedding_cache import build_cache
from rise.utils.io import write_json
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
DOMAINS = sorted(ENTRY.domains)
BATCHES = len(DOMAINS) * 4 * VIEWS  # of 204 images in parts of up to 64


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
        build_cache(at(request_of(VIEWS), prepared / "whole"))
    return files(prepared / "whole")


def test_a_killed_build_goes_on_and_ends_with_the_same_bytes(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes]
) -> None:
    request = unit_folder(request_.experiment, request_.key) / "request.json"
    write_json(request, request_.mapping())
    (tmp_path / "build.py").write_text(BUILD)
    folder = request_.cache
    part = folder.with_name(f".{folder.name}.part")
    line = [sys.executable, str(tmp_path / "build.py"), str(request)]
    process = subprocess.Popen(line, env={**os.environ, "PYTHONPATH": str(ROOT)})
    mark = part / "done.txt"
    while process.poll() is None:
        if mark.is_file() and mark.read_text() not in ("", "0"):
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.002)
    assert process.wait() == -signal.SIGKILL
    assert not folder.exists()
    done = int(mark.read_text())
    seen = built(request_, folder)
    first, last = seen[0], seen[-1]
    assert first[0] == "objects: views, 0.3 MB"
    assert first[1] > 0
    assert len(seen) == 1 + BATCHES - done
    assert last[1:] == (IMAGES * VIEWS, IMAGES * VIEWS)
    assert files(folder) == whole
    assert not part.exists()


def test_workers_change_no_byte(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes]
) -> None:
    build_cache(at(request_, tmp_path / "cache", workers=2))
    assert files(tmp_path / "cache") == whole


def test_an_unfinished_cache_of_something_else_is_not_used(
    embedded: Path, tmp_path: Path, request_: Job, whole: dict[str, bytes]
) -> None:
    part = tmp_path / ".cache.part"
    part.mkdir()
    for name, data in whole.items():
        spoilt = data[:128] + bytes(len(data) - 128) if name.endswith(".npy") else data
        (part / name).write_bytes(spoilt)
    (part / "plan.txt").write_text("0" * 64)
    (part / "done.txt").write_text("30")
    seen = built(request_, tmp_path / "cache")
    assert seen[0][1:] == (0, IMAGES * VIEWS)
    assert files(tmp_path / "cache") == whole


def test_a_mark_that_was_lost_begins_anew(
    embedded: Path, tmp_path: Path, request_: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(build_embedding_cache, "_fill", interrupted)
        build_cache(at(request_, tmp_path / "cache"))
    (tmp_path / ".cache.part" / "done.txt").write_text("")
    seen = built(request_, tmp_path / "cache")
    assert seen[0][1] == 0


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_disk_without_room_is_refused_before_the_first_view(
    embedded: Path, tmp_path: Path, request_: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 100_000))
    with pytest.raises(NoRoomError) as caught:
        build_cache(at(request_, tmp_path / "cache"))
    assert str(caught.value) == (
        f"{tmp_path}: the teacher embedding cache of objects needs 0.3 MB more and the disk "
        "has 0.1 MB free; make room, or put work/ on another disk"
    )
    assert [path.name for path in tmp_path.iterdir()] == [".cache.lock"]


def test_the_cache_holds_unit_embeddings_by_image_and_view(whole: dict[str, bytes]) -> None:
    assert sorted(whole) == ["cache.json", *(f"{name}.npy" for name in DOMAINS)]
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
