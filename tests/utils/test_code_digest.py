"""The code digest: what the sources say, not how they are written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rise.utils.code_digest import PACKAGE, code_digest, file_code_digest, reached_modules

PLAIN = """
def area(width, height=2):
    name = f"{width} by {height}"
    return [name, width * height]
"""
DRESSED = '''"""A module."""
# A remark.
def area(
    width,
    height = 2,
):
    """Say it.

    At length.
    """
    name = f"{width}"  f" by {height}"  # joined

    return [
        name,
        (width * height),
    ]
'''


def said(tmp_path: Path, text: str) -> str:
    path = tmp_path / "module.py"
    path = path.with_stem(f"module{len(list(tmp_path.iterdir()))}")  # digests are cached by path
    path.write_text(text)
    return file_code_digest(path)


def test_comments_docstrings_and_formatting_say_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, PLAIN) == said(tmp_path, DRESSED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("height=2", "height=3"),
        ("width * height", "width + height"),
        ("def area", "def volume"),
        ("[name, width * height]", "(name, width * height)"),
        ('{height}"', '{height}!"'),
        ("height=2", "height=2.0"),
        ("height=2", "height=True"),
    ],
)
def test_statements_count(tmp_path: Path, old: str, new: str) -> None:
    assert old in PLAIN
    assert said(tmp_path, PLAIN) != said(tmp_path, PLAIN.replace(old, new))


def test_neighbouring_constants_do_not_run_together(tmp_path: Path) -> None:
    assert said(tmp_path, 'x = ["a", "b"]') != said(tmp_path, 'x = ["ab"]')
    assert said(tmp_path, 'x = ["a", "b"]') != said(tmp_path, "x = [\"a', 'b\"]")
    assert said(tmp_path, "x = [[1], 2]") != said(tmp_path, "x = [[1, 2]]")


def test_text_that_is_no_docstring_counts(tmp_path: Path) -> None:
    assert said(tmp_path, "x = 'one'") != said(tmp_path, "x = 'two'")


def test_an_emptied_docstring_is_like_none(tmp_path: Path) -> None:
    assert said(tmp_path, "def f():\n    '''Say.'''\n") == said(
        tmp_path, "def f():\n    '''So.'''\n"
    )


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_every_python_gives_the_same(version: str) -> None:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [*pyenv.glob(f"{version}.*/bin/python"), shutil.which(f"python{version}")]
    python = next((str(path) for path in found if path), None)
    if python is None:
        pytest.skip(f"no python{version} here")
    entry = "rise.training.unit"
    code = f"from rise.utils.code_digest import code_digest; print(code_digest({entry!r}))"
    command = [python, "-S", "-c", code]
    done = subprocess.run(
        command, cwd=PACKAGE.parent, env={"PYTHONPATH": "."}, capture_output=True, text=True
    )
    assert done.stdout.strip() == code_digest(entry), done.stderr


def test_training_reaches_no_report_no_command_and_no_method() -> None:
    reached = reached_modules("rise.training.unit")
    assert "rise.training.trainer" in reached and "rise.datasets.decoded" in reached
    foreign = (
        "rise.report",
        "rise.cli",
        "rise.planning.plan",
        "rise.planning.status",
        "rise.results.collect",
        "rise.stats",
    )
    assert not [name for name in reached if name.startswith(foreign)]
    methods = [name for name in reached if name.startswith("rise.methods.")]
    assert all(name.rpartition(".")[2].startswith("_") for name in methods)


def test_a_method_reaches_its_losses_and_no_other_method() -> None:
    reached = reached_modules("rise.methods.rise")
    assert "rise.methods._losses" in reached and "rise.methods._chain" in reached
    own = [name for name in reached if name.startswith("rise.methods.") and "._" not in name]
    assert own == ["rise.methods.rise"]


def test_reach_is_what_python_imports() -> None:
    """Every module of rise that an import of training loads is in the digest."""
    code = "import rise.training.unit, sys; print(*[m for m in sys.modules if m[:4] == 'rise'])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert set(loaded.stdout.split()) <= {
        "rise.errors",
        *reached_modules("rise.training.unit"),
    }, loaded.stderr
