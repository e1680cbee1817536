"""rise data list, fetch, verify: what a user sees."""

import subprocess
from pathlib import Path

from tests.cli.test_cli import rise
from tests.datasets import toy


def run(*arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = rise("data", *map(str, arguments))
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_list(tmp_path: Path) -> None:
    (tmp_path / "pacs-1").mkdir()
    rows = {
        line.split()[0]: line
        for line in run("list", "--data-dir", tmp_path).stdout.splitlines()
        if line
    }
    assert rows["pacs"].endswith("yes")
    assert rows["vlcs"].endswith("rise data fetch vlcs")
    assert rows["terra_incognita_24788"].endswith("--from PATH")
    assert rows["emojidg"].endswith("in the repository")


def test_fetch_says_what_is_wrong(tmp_path: Path) -> None:
    toy.make_folder(tmp_path / "mine")
    wrong = run("fetch", "pacs", "--from", tmp_path / "mine", "--data-dir", tmp_path, status=1)
    assert "contains neither a folder with the domains art_painting, cartoon" in wrong.stderr
    assert "did you mean 'pacs'" in run("fetch", "pasc", status=1).stderr
    assert "shipped with the repository" in run("fetch", "emojidg", status=1).stderr
    both = run("fetch", "pacs", "--from", tmp_path, "--source", "1", status=1)
    assert "cannot be combined" in both.stderr


def test_verify_of_an_own_folder(tmp_path: Path) -> None:
    mine = toy.make_folder(tmp_path / "mine")
    first = run("verify", mine)
    assert "8 images" in first.stdout and "recorded in" in first.stdout
    assert (mine / "manifest.parquet").is_file()
    assert "recorded in" not in run("verify", mine).stdout
    (mine / "ink/dog/1.png").unlink()
    wrong = run("verify", mine, status=1)
    assert "ink/dog/1.png: in manifest.parquet, not in the folder" in wrong.stdout
    assert "1 faults, listed above" in wrong.stderr


def test_verify_says_what_is_wrong(tmp_path: Path) -> None:
    absent = run("verify", "pacs", "--data-dir", tmp_path, status=1)
    assert "pacs-1: no such folder; get it with rise data fetch" in absent.stderr
    assert "unknown dataset or folder 'pasc'" in run("verify", "pasc", status=1).stderr
    assert "rise data decode checks it" in run("verify", "objects", status=1).stderr
