"""Six mistakes of a user: one clear sentence each, exit not 0, no traceback, no job."""

import re
import shutil
from typing import Any

import pytest

from rise.runtime.preflight import DRIVER
from tests.workflow.project import Project


def said(project: Project) -> str:
    """What Snakemake says of a wrong experiment, less its own line about the profile."""
    done = project.snakemake()
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert not list(project.path.rglob("record.json"))
    lines = [line for line in done.stdout.splitlines() if line.startswith("rise: ")]
    assert len(lines) == 1, done.stdout
    return lines[0]


def test_unknown_method(fresh: Project) -> None:
    fresh.configure(lambda values: values["methods"].update(hnit={}))
    assert "unknown method 'hnit'; did you mean 'hint'?" in said(fresh)


def test_misspelt_key(fresh: Project) -> None:
    fresh.configure(lambda values: values["variants"]["main"]["recipe"].update(epoch=3))
    message = said(fresh)
    assert "variants.main.recipe: unknown key 'epoch'; did you mean 'epochs'?" in message


def test_held_out_domain_that_does_not_exist(fresh: Project) -> None:
    fresh.configure(lambda values: values["datasets"]["emojidg"].update(held_out=["nota"]))
    assert "unknown domain of emojidg 'nota'; did you mean 'noto'?" in said(fresh)


def test_no_seeds(fresh: Project) -> None:
    fresh.configure(lambda values: values.update(seeds=0))
    assert "seeds: give a number of seeds (1 to 1000)" in said(fresh)


def test_corrupted_teacher(fresh: Project) -> None:
    teachers = fresh.path / "data" / "teachers"
    original = teachers.resolve()
    teachers.unlink()
    shutil.copytree(original, teachers)
    checkpoint = next(teachers.glob("tiny-clip.*"))
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    assert f"data/teachers/{checkpoint.name}: is damaged" in said(fresh)


@pytest.mark.skipif(any(path.exists() for path in DRIVER), reason="this machine has a GPU's driver")
def test_cuda_without_a_gpu(fresh: Project) -> None:
    fresh.configure(lambda values: values.update(device="cuda"))
    assert "device: cuda, but this machine has no NVIDIA driver" in said(fresh)


def test_two_config_files(fresh: Project) -> None:
    done = fresh.snakemake("config/demo.yaml", "-n")
    assert done.returncode != 0
    assert "rise: give exactly one --configfile" in done.stdout


def test_config_is_laid_over(fresh: Project) -> None:
    def said_by(*more: str) -> str:
        return fresh.snakemake("-n", "--config", *more).stdout

    assert "unknown key 'sedes'; did you mean 'seeds'?" in said_by("sedes=1")
    assert re.search(r"\bunit +4\b", said_by("seeds=1"))


def test_faults_of_one_file_stand_together(fresh: Project) -> None:
    def spoil(values: dict[str, Any]) -> None:
        values["methods"]["hnit"] = {}
        values["datasets"]["emojidg"]["held_out"] = ["nota"]

    fresh.configure(spoil)
    done = fresh.snakemake("-n")
    lines = [line for line in done.stdout.splitlines() if line.startswith("rise: ")]
    assert len(lines) == 2
