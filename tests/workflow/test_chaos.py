"""Every moment to die: each open for writing, rename and removal of a run's steps is walked.

A process that runs one step kills itself just before its n-th such call (an audit hook counts
them); the next process runs the step again. It must leave what an uninterrupted one leaves: the
same bytes, and no file more. All moments: make test-chaos. A few of them run with all tests.
"""

import json
import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from rise.catalog import lookup
from rise.config.load import Experiment, parse
from rise.decoding.build_folders import build_from_folders
from rise.experiment.job import Job
from rise.planning.plan import Plan
from rise.planning.units import job_of, units
from rise.report.analysis.results import Results
from rise.report.build import write_report
from rise.report.stamp import report_folder
from rise.runtime.prepare import decode
from rise.runtime.unit_job import run_unit
from rise.teachers.build_embedding_cache import build_cache
from rise.teachers.build_text_embeddings import build_texts
from rise.teachers.zero_shot import zero_shot
from tests.datasets.images import entry, write_folders
from tests.training.embedded import QUICK, ROOT

CALLS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
VALUES: dict[str, Any] = {
    **QUICK,
    "title": "chaos",
    "methods": {"erm_text_init": {}, "hint": {}},
    "contrasts": [["hint", "erm_text_init"]],
}


def experiment(lr: float = 0.03) -> Experiment:
    main = VALUES["variants"]["main"]
    changed = {**VALUES, "variants": {"main": {**main, "recipe": {"epochs": 1, "lr": lr}}}}
    return parse(changed, Path("chaos.yaml"))


def job(method: str = "hint") -> Job:
    declared = experiment()
    (unit,) = (one for one in units(declared) if one.method == method)
    return job_of(unit, declared)


def decode_folders() -> None:
    build_from_folders("made up", entry(), Path("set"), Path("work/decoded/made-up"), workers=1)


def report() -> None:
    from rise.planning.asked import asked

    results = Results.read(asked(experiment()))
    write_report(results, report_folder(results.expected.folder))
    Plan(experiment()).stamp_report(results.details)


def train_all() -> None:
    for method in VALUES["methods"]:
        run_unit(job(method))


def settle(lr: float = 0.03) -> Callable[[], None]:
    return lambda: Plan(experiment(lr)).settle() and None


# In their order: each begins with what those before it left.
STEPS: dict[str, Callable[[], object]] = {
    "decode folders": decode_folders,
    "decode": lambda: decode("objects"),
    "first settling": settle(),
    "texts": lambda: build_texts(job()),
    "embed": lambda: build_cache(job()),
    "zero-shot": lambda: zero_shot(job()),
    "units": train_all,
    "report": report,
    "settling after an edit": settle(0.05),
    "settling back": settle(),
}


def die_before(moment: int, folder: Path) -> None:
    """Kill this process before its n-th change of a file below the folder; count them if 0."""
    seen = 0

    def watch(event: str, args: tuple[Any, ...]) -> None:
        nonlocal seen
        if event == "open":
            path, mode, flags = args
            writes = flags & WRITES if mode is None else set(str(mode)) & set("wax+")
        else:
            path, writes = (args[0], True) if event in CALLS else (None, False)
        if not writes or not isinstance(path, str | bytes | os.PathLike):
            return
        place = os.path.abspath(os.fsdecode(path))
        if not place.startswith(f"{folder}/") or place.endswith((".lock", ".count")):
            return
        seen += 1
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        if not moment:
            (folder.parent / f"{folder.name}.count").write_text(str(seen))

    sys.addaudithook(watch)


def run(step: str, folder: Path, moment: int | None = None) -> int:
    """Run a step in a process of its own; its exit status (-9 if it was killed)."""

    def child() -> None:
        os.chdir(folder)
        torch.set_num_threads(1)
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        if moment is not None:
            die_before(moment, folder)
        STEPS[step]()

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    return process.exitcode or 0


def tree(folder: Path) -> dict[str, Any]:
    """All files and their content, but for the parts of a record that tell of its making."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name.split("/")[0] in ("data", "set") or path.suffix == ".lock" or path.is_dir():
            continue
        found[name] = path.read_bytes()
        if path.name.startswith("record"):
            found[name] = json.loads(path.read_text())["science"]
        elif path.suffix in (".html", ".png", ".pdf", ".parquet"):
            found[name] = "there"  # they name times of records
    return found


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Path, Path]]]:
    """For each step the folder that it begins with, and the one that it ends with."""
    lookup.datasets()
    root = tmp_path_factory.mktemp("chaos")
    start = root / "0"
    start.mkdir()
    (start / "data").symlink_to(ROOT / "data")
    write_folders(start / "set", each=2)
    found = {}
    for number, step in enumerate(STEPS, 1):
        end = root / str(number)
        shutil.copytree(start, end, symlinks=True)
        assert run(step, end, 0) == 0, step
        found[step] = (start, end)
        start = end
    return found


def moments(end: Path) -> int:
    return int((end.parent / f"{end.name}.count").read_text())


def dies_and_goes_on(step: str, start: Path, end: Path, moment: int, folder: Path) -> None:
    shutil.copytree(start, folder, symlinks=True)
    assert run(step, folder, moment) == -signal.SIGKILL, f"{step}: {moment}"
    assert run(step, folder) == 0, f"{step}: {moment}"
    after, expected = tree(folder), tree(end)
    assert sorted(after) == sorted(expected), f"{step}: {moment}"
    for name, content in expected.items():
        assert after[name] == content, f"{step}: {moment}: {name}"
    shutil.rmtree(folder)


@pytest.mark.parametrize("step", [one for one in STEPS if one not in ("report", "decode folders")])
def test_a_kill_at_some_moments_leaves_no_trace(
    step: str, stages: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    start, end = stages[step]
    last = moments(end)
    assert last > 2
    for moment in sorted({1, 2 * last // 3, last}):
        dies_and_goes_on(step, start, end, moment, tmp_path / "again")


@pytest.mark.chaos
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_moment_leaves_no_trace(
    step: str, stages: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    start, end = stages[step]
    for moment in range(1, moments(end) + 1):
        dies_and_goes_on(step, start, end, moment, tmp_path / "again")
    print(f"{step}: {moments(end)} moments")
