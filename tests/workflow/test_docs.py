"""The blocks of README and docs: commands run, configurations are read, code is Python.

A fence says what it holds: `sh` (run here, on finished results of a cut-down demo), `sh long`
(needs data, time or machines; run by hand), `text` (right after `sh`: what it prints, `...` for
any lines), `yaml` and `python`. `python -m tests.workflow.test_docs` lists the long ones.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from rise.config.load import parse
from rise.errors import ConfigError
from tests.workflow.project import ROOT, Project

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: where it is, what its fence says, its text, and what it should print."""

    page: str
    line: int
    kind: str
    text: str
    prints: str | None

    def __str__(self) -> str:
        """Page and line, as a name of the test."""
        return f"{self.page}:{self.line}"


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = list(FENCE.finditer(text))
        for fence, after in zip(fences, [*fences[1:], None], strict=True):
            prints = None
            if after and after[2] == "text" and not text[fence.end() : after.start()].strip():
                prints = after[3]
            line = text[: fence.start()].count("\n") + 1
            body = "\n".join(part.removeprefix(fence[1]) for part in fence[3].splitlines())
            found.append(Block(page.name, line, fence[2].strip(), body, prints))
    return found


BLOCKS = blocks()
SHELL = [block for block in BLOCKS if block.kind == "sh"]


def test_every_fence_says_what_it_holds() -> None:
    known = {"sh", "sh long", "text", "yaml", "python", "bibtex", "csv"}
    assert [str(block) for block in BLOCKS if block.kind not in known] == []
    assert SHELL


@pytest.fixture(scope="module")
def demo(reference: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose demo is the finished cut-down experiment."""
    path = tmp_path_factory.mktemp("docs") / "project"
    project = Project(Path(shutil.copytree(reference.path, path, symlinks=True)))
    for folder in ("results", "reports", "work"):
        (path / folder / "mini").rename(path / folder / "demo")
    (path / "config" / "mini.yaml").rename(path / "config" / "demo.yaml")
    (path / "README.md").symlink_to(ROOT / "README.md")
    done = project.run("rise", "report")
    assert done.returncode == 0, done.stdout
    return project


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_commands_run(block: Block, demo: Project) -> None:
    done = demo.run("bash", "-euo", "pipefail", "-c", block.text)
    assert done.returncode == 0, f"{block}: {done.stdout}"
    if block.prints is not None:
        wanted = "(.|\n)*".join(re.escape(part) for part in block.prints.split("...\n"))
        assert re.fullmatch(wanted, done.stdout), f"{block} prints:\n{done.stdout}"


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.kind == "yaml"], ids=str)
def test_configurations_have_known_keys(block: Block) -> None:
    values: dict[str, Any] = yaml.safe_load(block.text)
    assert isinstance(values, dict)
    base = yaml.safe_load((ROOT / "config" / "smoke.yaml").read_text(encoding="utf-8"))
    if not set(values) <= {*base, "image", "resources", "budgets", "workers"}:
        return  # of another file: what a variant or a dataset.yaml holds
    try:
        parse({**base, **values}, Path("doc.yaml"))
    except ConfigError as error:
        assert "unknown key" not in str(error), f"{block}: {error}"


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.kind == "python"], ids=str)
def test_python_is_python(block: Block) -> None:
    compile(block.text, str(block), "exec")


if __name__ == "__main__":
    for block in BLOCKS:
        if block.kind == "sh long":
            print(f"{block}\n{block.text}\n")
