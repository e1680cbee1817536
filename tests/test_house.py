"""The map of the house in CONTRIBUTING.md is the tree's, and its words are the ones in use."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    below = CONTRIBUTING.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in below.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


def contract(name: str) -> dict[str, list[str]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return next(one for one in contracts["contracts"] if one["name"] == name)


def test_the_map_has_every_room_on_its_floor() -> None:
    rows = [(int(floor), room.strip("`/")) for floor, room, *_ in table("The house")]
    floors: dict[int, set[str]] = {}
    for floor, room in rows:
        floors.setdefault(floor, set()).add(Path(room).stem)
    linted = [set(layer.split(" | ")) for layer in contract("floors")["layers"]]
    assert [floors[floor] for floor in sorted(floors, reverse=True)] == linted
    folders = {path.name for path in (ROOT / "rise").iterdir() if (path / "__init__.py").exists()}
    assert {Path(room).name for _, room in rows} == folders | {"errors.py"}


def test_no_module_lies_outside_of_a_room() -> None:
    flat = {path.name for path in (ROOT / "rise").glob("*.py")}
    assert flat == {"__init__.py", "errors.py"}


def test_what_the_map_forbids_is_linted() -> None:
    told = {
        word: {
            Path(room.strip("`/")).name
            for _, room, _, forbidden in table("The house")
            if word in forbidden
        }
        for word in ("torch", "`catalog`")
    }
    names = {
        "torch": "what is planned, collected and reported needs no torch",
        "`catalog`": "training is told: it looks nothing up",
    }
    for word, name in names.items():
        linted = {module.removeprefix("rise.") for module in contract(name)["source_modules"]}
        assert told[word] <= linted, word


def test_tests_mirror_the_rooms() -> None:
    rooms = {path.name for path in (ROOT / "rise").iterdir() if (path / "__init__.py").exists()}
    folders = {path.name for path in (ROOT / "tests").iterdir() if list(path.glob("test_*.py"))}
    assert rooms <= folders
    beside = {"build", "container", "slurm", "workflow"}
    assert folders - rooms == beside


def test_every_link_of_the_map_leads_somewhere() -> None:
    found = re.findall(r"`((?:rise|tests|docs|config|data|envs|workflow)/[\w./-]+)`", CONTRIBUTING)
    made = ("NAME", "ROOM", "NAME.py", "NAME.yaml", "ROOM/", "smooth.py", "mine.yaml")
    assert [path for path in found if not path.endswith(made) and not (ROOT / path).exists()] == []


# What a retired word may still stand for: data that people have, Python's own things, other senses.
ALLOWED = {
    "pack": r"struct\.pack|\"pack\"|'pack'|`pack`|pack=|data\.pack",
    "bank": r"teacher_mode: bank|\"bank\"|'bank'|`bank`|\(bank\)|bank\|",
}
SPOKEN = ("README.md", "docs/**/*.md", "config/*.yaml", "rise/**/*.py", "rise/**/*.yaml")


def retired() -> list[tuple[str, str]]:
    """Retired words with the files in which nobody should read them."""
    rows = [cell for _, _, cell in table("Words")]
    return [(word, pattern) for word in rows if word for pattern in SPOKEN]


@pytest.mark.parametrize(("word", "pattern"), retired())
def test_no_retired_word_is_read(word: str, pattern: str) -> None:
    found = []
    for path in sorted(ROOT.glob(pattern)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            said = re.sub(ALLOWED.get(word, r"(?!)"), "", line)
            if re.search(rf"\b{word}(s|ed)?\b", said, re.IGNORECASE):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not found, found
