"""People's own names, through a real run: with blanks, quotes, braces, and what shells execute."""

import json
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rise.experiment.key import UnitKey
from rise.experiment.path_part import path_part
from tests.workflow.conftest import copy
from tests.workflow.project import Project

# Held out alone or together; the last two are never held out.
HELD_OUT = ("a+b",), ("a", "b"), ("web$(touch X)", "a{b}", "Real World", "c++", "a|b", "it's")
DOMAINS = [*dict.fromkeys(name for group in HELD_OUT for name in group), "..x", "写真 `touch X`"]
CLASSES, EACH = ("a cup's", "$HOME {}"), 3
NAME, DATASET, VARIANT = "my exp's", "My {set}; touch X", "ViT-B/16,lr=0.1@x"
STORE = "the office's"
METHOD = '''"""Own: CE, but the first unit that meets a file fails."""

from pathlib import Path

from rise.methods.erm import Erm

DECLARATION = {"terms": {"CE": None}}


class Own(Erm):
    """See the head of this file."""

    def terms(self, batch):
        if Path("forbidden").exists():
            Path("forbidden").unlink()
            raise ValueError("a file forbids it")
        return super().terms(batch)
'''


@pytest.fixture(scope="module")
def odd(original: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A checkout below a path with everything in it, and a dataset and a method beside it."""
    drive = tmp_path_factory.mktemp("names") / "it's my Käse {x} $(touch X)"
    project = copy(original, drive / "check out")
    random = np.random.default_rng(0)
    for at, domain in enumerate(DOMAINS):
        for label, name in enumerate(CLASSES):
            folder = drive / "disk [1]" / STORE / domain / name
            folder.mkdir(parents=True)
            for number in range(EACH):
                pixels = random.integers(9 * at, 9 * at + 90, (40, 40, 3), dtype=np.uint8)
                pixels[20 * label : 20 * (label + 1)] = 0
                Image.fromarray(pixels).save(folder / f"{number} $(touch X).png")
    (drive / "My Drive's").symlink_to("disk [1]")
    (drive / "my methods").mkdir()
    (drive / "my methods" / "own.py").write_text(METHOD)

    def about_it(values: dict) -> None:
        main = values["variants"].pop("main")
        held_out = [group[0] if len(group) == 1 else list(group) for group in HELD_OUT]
        values["datasets"] = {
            DATASET: {"folder": str(drive / "My Drive's" / STORE), "held_out": held_out}
        }
        values["methods"] = {"../my methods/own.py": {}}
        values["variants"] = {VARIANT: {**main, "protocol": "rise"}}
        values["variants"][VARIANT]["views"]["policy"] = "none"
        values["variants"][VARIANT]["recipe"]["batch_size"] = 8
        values.update(seeds=1, contrasts=[], decision={"score": "all"})

    project.configure(about_it)
    (project.path / "config" / "mini.yaml").rename(project.path / "config" / f"{NAME}.yaml")
    return project


def run(project: Project, *command: str) -> tuple[int, str]:
    done = project.run(*command)
    assert "Traceback" not in done.stdout, done.stdout
    return done.returncode, done.stdout


def test_names_are_data_from_a_folder_to_a_report(odd: Project) -> None:
    config, folder = f"config/{NAME}.yaml", str(odd.path.parent / "My Drive's" / STORE)
    code, said = run(odd, "rise", "check", config)
    assert code == 1
    assert f"was not verified yet; run rise data verify {shlex.quote(folder)}" in said
    assert run(odd, "rise", "data", "verify", folder)[0] == 0
    (odd.path / "forbidden").touch()
    before = _state(odd.path.parent / "disk [1]")

    command = ("snakemake", "--cores", "2", "--configfile", config)
    code, said = run(odd, *_read_only(odd.path.parent / "disk [1]"), *command)
    assert code == 1 and "ValueError: a file forbids it" in said
    units = [UnitKey(DATASET, VARIANT, "own", group, 0) for group in HELD_OUT]
    results = odd.path / "results" / path_part(NAME)
    (failed,) = (one for one in units if (results / "units" / one.key / "failed.json").exists())
    done = [unit for unit in units if unit != failed]
    for unit in done:
        science = json.loads((results / "units" / unit.key / "record.json").read_text())["science"]
        assert science["identity"]["held_out"] == list(unit.held_out)
        assert science["held_out"]["all"]["total"] == len(unit.held_out) * len(CLASSES) * EACH
        assert set(science["held_out"]["all"]["classes"]) == set(CLASSES)
    assert len(list(results.rglob("record.json"))) == len(done) == 2
    # A unit that failed has failed, by its name and with its log.
    log = f"work/{path_part(NAME)}/logs/units/{failed.key}.log"
    said = run(odd, "rise", "status", config)[1]
    assert f"failed: {failed.name}\n" in said and f"log: {log}" in said
    assert "2 done, 1 failed, 0 waiting" in said
    assert "ValueError: a file forbids it" in (odd.path / log).read_text()

    # What is shown are the names.
    traced = run(odd, "rise", "trace", f"{DATASET}/{VARIANT}/own", str(results))[1]
    assert "withheld, since only 2 of 3 units are done" in traced
    assert all(f"    {unit.name}  " in traced for unit in units)
    page = (odd.path / "reports" / path_part(NAME) / "report.md").read_text()
    assert "Real World" in page and "~20" not in page
    _nothing_was_executed(odd)
    assert _state(odd.path.parent / "disk [1]") == before


def _read_only(folder: Path) -> list[str]:
    """What runs a command with a folder mounted read-only, where this machine lets one."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        return []
    mounted = 'mount --bind -o ro "$0" "$0" && ! touch "$0/x" 2>/dev/null && exec "$@"'
    return ["unshare", "-rm", "sh", "-c", mounted, str(folder)]


def _state(folder: Path) -> dict[str, int]:
    """Everything below a folder, and when it changed; a folder changes with what is in it."""
    found = [folder, *folder.rglob("*")]
    return {str(path): path.stat().st_mtime_ns for path in found}


def _nothing_was_executed(project: Project) -> None:
    """No file X, and nothing outside the places that results have."""
    drive = project.path.parent
    assert not list(drive.rglob("X"))
    assert sorted(path.name for path in drive.iterdir()) == [
        *("My Drive's", project.path.name, "disk [1]", "my methods")
    ]
    made = {path.name for path in project.path.iterdir()}
    copied = {"Snakefile", "workflow", "profiles", "config", "rise", "data", "trace.txt"}
    assert made - copied == {".snakemake", "work", "results", "reports"}
    assert {path.name for path in (project.path / "work").iterdir()} == {
        *("decoded", "texts", path_part(NAME))
    }
