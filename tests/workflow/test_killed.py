"""Killed at any moment, run again: the same science, finished units left alone, one writer each."""

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable

import pytest

from tests.workflow.project import Project

PATIENCE = 120


@pytest.fixture
def prepared(fresh: Project, reference: Project) -> Project:
    """Decoded dataset, texts and embedding cache are there, no unit is; four units to be made."""
    fresh.configure(lambda values: values.update(seeds=1))
    for name in ("decoded", "texts", "embeddings"):
        shutil.copytree(reference.path / "work" / name, fresh.path / "work" / name)
    return fresh


def start_and_wait(project: Project, ready: Callable[[], object]) -> subprocess.Popen[bytes]:
    """Start a run and wait for something to be there."""
    process = project.start()
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.05)
    return process


def finish(project: Project, reference: Project, before: dict[str, bytes]) -> None:
    """The same command again: all records, those of before untouched, science as elsewhere."""
    assert 0 < len(before) < len(project.keys())
    done = project.snakemake()
    assert done.returncode == 0, done.stdout
    after = project.records()
    assert set(after) == project.keys()
    assert before.items() <= after.items()
    assert project.science().items() <= reference.science().items()


def trace(project: Project) -> list[list[str]]:
    """(begin or end, trial) in the order in which it happened."""
    return [line.split() for line in (project.path / "trace.txt").read_text().splitlines()]


def test_killed_group(prepared: Project, reference: Project) -> None:
    process = start_and_wait(prepared, prepared.records)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(0.5)
    finish(prepared, reference, prepared.records())
    ended = Counter(trial for word, trial in trace(prepared) if word == "end")
    assert max(ended.values()) == 1


def test_killed_parent_alone(prepared: Project, reference: Project) -> None:
    process = start_and_wait(prepared, prepared.records)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    finish(prepared, reference, prepared.records())
    running: set[str] = set()
    for word, trial in trace(prepared):
        assert (word == "begin") == (trial not in running), "two writers of one trial"
        running ^= {trial}


def test_second_run_is_refused(prepared: Project) -> None:
    logs = prepared.path / "work" / "mini" / "logs" / "units"
    process = start_and_wait(prepared, lambda: list(logs.rglob("*.log")))
    try:
        done = prepared.snakemake()
        assert done.returncode != 0
        assert "rise: another run is going on in this folder" in done.stdout
        assert prepared.run("rise", "status", "config/mini.yaml").returncode == 0
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
