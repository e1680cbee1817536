"""The Makefile in a checkout below any path: programs of its own environment, arguments whole."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workflow.project import ROOT

PROGRAM = '#!/bin/sh\nprintf \'<%s>\' "${0##*/}" "$@" "$RISE_PACS"; echo\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile and an environment of programs that print their arguments."""
    folder = tmp_path / "it's my Käse $(touch X) {x}"
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("rise", "pytest", "snakemake"):
        (programs / name).write_text(PROGRAM)
        (programs / name).chmod(0o755)
    (folder / "envs").mkdir()
    for name in ("Makefile", "pyproject.toml", "envs/lock.txt", "envs/install.sh"):
        shutil.copy(ROOT / name, folder / name)
    script = "#!/bin/sh\nprintf '<%s>' build \"$@\"; echo\n"
    (folder / "envs" / "build_image.sh").write_text(script)
    (folder / "envs" / "build_image.sh").chmod(0o755)
    (folder / ".venv" / ".ready").touch()
    return folder


def said(checkout: Path, *words: str) -> list[str]:
    environment = {key: value for key, value in os.environ.items() if key != "RISE_PACS"}
    done = subprocess.run(
        ["make", "--silent", *words],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert not list(checkout.parent.rglob("X"))
    return done.stdout.splitlines()


def test_make_finds_its_programs_and_passes_folders_on(checkout: Path) -> None:
    assert said(checkout, "demo") == ["<snakemake><--cores><all><>", "<rise><show><>"]
    folder = "/my data/it's `touch X`"
    assert said(checkout, "check-pacs", f"DIR={folder}") == [
        f"<rise><data><fetch><pacs><--from><{folder}><>",
        "<rise><data><verify><pacs><>",
        "<rise><data><decode><pacs><>",
        f"<pytest><-q><tests/datasets><{folder}>",
    ]
    assert said(checkout, "image") == ["<build><rise.sif><>"]
    assert said(checkout, "image", "BASE=/my base.sif") == ["<build><rise.sif></my base.sif>"]
