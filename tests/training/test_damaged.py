"""Files of work/ that are damaged between two runs: said in a line, made again, the same result."""

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

from rise.config.load import Experiment, parse
from rise.errors import DamagedError
from rise.experiment.job import Job
from rise.planning.units import job_of, units
from rise.runtime import unit_job
from rise.runtime.prepare import prepare
from rise.training.trial import trial_folder
from tests.training.embedded import QUICK, ROOT

VALUES = {**QUICK, "title": "damaged", "methods": {"hint": {}}}
EXPERIMENT: Experiment = parse(VALUES, Path("damaged.yaml"))


def job() -> Job:
    return job_of(units(EXPERIMENT)[0], EXPERIMENT)


def science() -> dict[str, object]:
    """Run the unit; its result."""
    unit_job.run_unit(job())
    folder = units(EXPERIMENT)[0].folder
    found = json.loads((folder / "record.json").read_text())["science"]
    (folder / "record.json").unlink()
    return dict(found)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, object]]]:
    """A folder with the unit's inputs and its trial, and the unit's result."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "data").symlink_to(ROOT / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        prepare(job())
        yield folder, science()


@pytest.fixture
def again(
    finished: tuple[Path, dict[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of it."""
    shutil.copytree(finished[0], tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


def trial() -> Path:
    one = job()
    (setting,) = one.identity.settings
    return trial_folder(one.identity.mapping(), setting, {}, Path("work/damaged"))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zeros(path: Path) -> None:
    """A quarter of it."""
    data = path.read_bytes()
    path.write_bytes(bytes(len(data) // 4) + data[len(data) // 4 :])


def no_json(path: Path) -> None:
    path.write_text("[]")


OTHERS = [cut, empty, zeros, no_json]
FILES = {
    "trial.json": (lambda: trial() / "trial.json", lambda: trial() / "trial.json"),
    "weights.pt": (lambda: trial() / "weights.pt", lambda: trial() / "weights.pt"),
    "pixels.bin": (lambda: job().decoded / "pixels.bin", lambda: job().decoded),
    "index.npz": (lambda: job().decoded / "index.npz", lambda: job().decoded),
    "dataset.json": (lambda: job().decoded / "dataset.json", lambda: job().decoded),
    "texts": (lambda: job().texts, lambda: job().texts),
    "cache.json": (lambda: job().cache / "cache.json", lambda: job().cache),
    "embeddings": (lambda: job().cache / "twemoji.npy", lambda: job().cache),
}


# A flipped bit in each, and each other way twice.
WAYS = [*product(FILES, [flip]), *zip(FILES, OTHERS * 2, strict=True)]


@pytest.mark.parametrize(("name", "spoil"), WAYS)
def test_what_is_damaged_is_set_aside_and_made_again(
    name: str,
    spoil: Callable[[Path], None],
    finished: tuple[Path, dict[str, object]],
    again: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, whole = FILES[name][0](), FILES[name][1]()
    sound = file.read_bytes()
    spoil(file)
    if name not in ("trial.json", "weights.pt"):
        shutil.rmtree("work/damaged")  # a trial that is kept reads no training images
    assert science() == finished[1]
    assert file.read_bytes() == sound
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == [str(whole)]
    assert "was damaged (" in lines[0] and "and is made again" in lines[0]
    assert whole.with_name(f"{whole.name}.damaged").exists()


def test_files_of_another_trial_or_dataset_are_not_taken(
    finished: tuple[Path, dict[str, object]], again: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is sound, and of something else."""
    values = {**VALUES, "seeds": [1], "datasets": {"objects": {"held_out": ["twemoji"]}}}
    values["variants"] = {"main": {**VALUES["variants"]["main"], "average": "after"}}
    other = parse(values, Path("damaged.yaml"))
    (one,) = units(other)
    foreign = job_of(one, other)
    prepare(foreign)
    unit_job.run_unit(foreign)
    (setting,) = one.identity.settings
    folder = trial_folder(one.identity.mapping(), setting, {}, Path("work/damaged"))
    assert folder != trial() and foreign.texts != job().texts
    capsys.readouterr()
    for name in ("trial.json", "weights.pt"):
        shutil.copy(folder / name, trial() / name)
    shutil.copy(foreign.texts, job().texts)
    assert science() == finished[1]
    said = [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()]
    assert said == [str(job().texts), str(trial() / "trial.json")]


def test_a_checkpoint_that_is_damaged_or_foreign_is_begun_anew(
    finished: tuple[Path, dict[str, object]], again: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in (b"", b"half", bytes(4000)):
        shutil.rmtree(trial())
        trial().mkdir()
        (trial() / "checkpoint.pt").write_bytes(content)
        assert science() == finished[1]
        assert capsys.readouterr().err.startswith(f"rise: {trial() / 'checkpoint.pt'}: was damaged")
        left = sorted(path.name for path in trial().iterdir())
        assert left == ["checkpoint.pt.damaged", "trial.json", "weights.pt"]


def test_an_input_that_is_damaged_again_is_an_error(
    again: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that returns other bytes each time must end, and say what it is about."""
    shutil.rmtree("work/damaged")
    place = job().texts

    def fails(*_: object) -> None:
        raise DamagedError(place, "its disk fails")

    monkeypatch.setattr("rise.runtime.unit_job.train_unit", fails)
    with pytest.raises(DamagedError, match=r"is damaged \(its disk fails\); delete it and run"):
        unit_job.run_unit(job())
    assert place.is_file()
