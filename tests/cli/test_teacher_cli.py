"""Teachers on the command line: names of classes are data."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rise.cli.teacher import app
from rise.errors import ConfigError
from rise.teachers.text_file import read_text_file


@pytest.fixture
def asked(tmp_path: Path) -> list[str]:
    np.save(tmp_path / "all.npy", np.arange(10, dtype=np.float32).reshape(5, 2) + 1)
    out = ["--out", str(tmp_path / "made.npz"), "--source", "made up", "--prompt", "a {}"]
    return ["text-file", "--from", str(tmp_path / "all.npy"), *out, "--rows"]


def test_a_class_may_hold_a_comma_and_an_equals_sign(tmp_path: Path, asked: list[str]) -> None:
    done = CliRunner().invoke(app, [*asked, '"cup, small=4",a=b=1, 6" jug =0'])
    assert done.exit_code == 0, done.output
    file = read_text_file(tmp_path / "made.npz")
    assert file.classes == ["cup, small", "a=b", '6" jug']
    assert file.raw.tolist() == [[9, 10], [3, 4], [1, 2]]


@pytest.mark.parametrize(("rows", "said"), [("cup", "'cup'"), ("cup=x", "'cup'"), ("=3", "'3'")])
def test_a_class_without_a_row_is_said(asked: list[str], rows: str, said: str) -> None:
    done = CliRunner().invoke(app, [*asked, rows])
    assert isinstance(done.exception, ConfigError)
    assert f"--rows: {said} has no row" in str(done.exception)
