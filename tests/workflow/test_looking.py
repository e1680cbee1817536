"""Looking at a workflow writes nothing, and forcing it loses nothing."""

import re
import shutil
from pathlib import Path

import pytest

from tests.workflow.project import Project

LOOKS = ("-n", "--list-rules", "--dag", "--summary")


def written(project: Project) -> dict[Path, bytes]:
    """All that a run makes, but for what Snakemake keeps for itself."""
    found = {}
    for folder in ("results", "work", "reports"):
        for path in sorted((project.path / folder).rglob("*")):
            found[path] = path.read_bytes() if path.is_file() else b""
    return found


@pytest.fixture
def edited(finished: Project) -> Project:
    """A finished project whose experiment was edited, so that all units are to be made again."""
    finished.configure(lambda values: values["variants"]["main"]["recipe"].update(lr=0.05))
    return finished


def test_looking_writes_nothing(edited: Project) -> None:
    before = written(edited)
    for line in LOOKS:
        done = edited.snakemake(line)
        assert done.returncode == 0, done.stdout
        assert written(edited) == before, line
    assert edited.run("rise", "run", "-n", "config/mini.yaml").returncode == 0
    assert written(edited) == before


def test_a_dry_run_says_what_a_run_would_make(edited: Project) -> None:
    assert edited.planned() == (edited.keys(), {"report"})
    edited.configure(lambda values: values["variants"]["main"]["recipe"].update(lr=0.03))
    assert edited.planned() == (set(), set())
    # Forced, shared files that are gone are needed again.
    shutil.rmtree(edited.path / "work")
    assert edited.planned() == (set(), set())
    done = edited.snakemake("-n", "-R", "unit")
    counts = dict(re.findall(r"^ *(\w+) +(\d+) *$", done.stdout, re.MULTILINE))
    assert counts.pop("total") == "13"
    assert counts == dict.fromkeys(("decode", "texts", "embed", "report", "all"), "1") | {
        "unit": "8"
    }


def test_a_forced_run_that_fails_loses_no_record(finished: Project, reference: Project) -> None:
    before, science = finished.records(), finished.science()
    shutil.rmtree(finished.path / "work")
    key = sorted(finished.keys("/rise/"))[0]
    record = str(finished.file(key).relative_to(finished.path))

    finished.edit("rise/decoding/build_arrays.py", "return images, index, parts", "raise OSError")
    done = finished.snakemake("-R", record)
    assert done.returncode != 0
    assert set(finished.records()) == finished.keys() - {key}

    finished.edit("rise/decoding/build_arrays.py", "raise OSError", "return images, index, parts")
    assert finished.snakemake().returncode == 0
    assert finished.records() == before

    done = finished.snakemake("-R", record)
    assert done.returncode == 0, done.stdout
    assert finished.science() == science
    others = {one: text for one, text in before.items() if one != key}
    assert others.items() <= finished.records().items()
    assert finished.records()[key] != before[key]
