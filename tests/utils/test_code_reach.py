"""What each module's code decides: one statement is edited in each, and the digests compared.

`code_reach.txt` is reviewed like code. `every`: an edit re-runs every unit of every experiment;
`some`: the units that name the module; `method`: the units of that method; `none`: nothing. After
a change that is meant, `python -m tests.utils.test_code_reach` writes the table anew.
"""

import shutil
from pathlib import Path

import pytest

from rise.catalog.declared import declared_in
from rise.catalog.students import students
from rise.experiment.code import training_entries
from rise.experiment.identity import Identity
from rise.planning.units import units
from rise.utils import code_digest
from tests.synthetic import declare

TABLE = Path(__file__).with_name("code_reach.txt")
PACKAGE = code_digest.PACKAGE
METHODS = [f"rise.methods.{name}" for name in declared_in("methods")]
EDIT = b"\nEDITED = 1\n"
WORDS = ("every", "some", "method", "none")


def identities() -> list[tuple[Identity, str]]:
    """Units that differ in everything that is found by name, with their students' modules."""
    plain = units(declare())[0].identity
    changed = [
        *(plain.model_copy(update={"protocol": one}) for one in declared_in("datasets/protocols")),
        *(
            plain.model_copy(update={"views": plain.views.model_copy(update={"policy": one})})
            for one in declared_in("views")
        ),
        *(
            plain.model_copy(update={"recipe": plain.recipe.model_copy(update={"average": one})})
            for one in declared_in("averages")
        ),
        plain.model_copy(update={"teacher_mode": "online"}),
        plain.model_copy(update={"text": plain.text.model_copy(update={"arm": "random"})}),
    ]
    modules = {info.module for info in students().values()}
    embedded = students()["tiny-resnet"].module
    return [(one, embedded) for one in changed] + [(plain, module) for module in sorted(modules)]


def entries() -> list[tuple[str, ...]]:
    return [tuple(training_entries(*one)) for one in identities()]


def digests(of: list[tuple[str, ...]]) -> list[str]:
    code_digest.code_digest.cache_clear()
    return [code_digest.code_digest(*one) for one in of]


def measured(package: Path) -> dict[str, str]:
    """For each module of a copy of the package what an edit of it moves."""
    training, methods = entries(), [(name,) for name in METHODS]
    before, own = digests(training), digests(methods)
    found = {}
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        path.write_bytes(source + EDIT)
        moved = [a != b for a, b in zip(before, digests(training), strict=True)]
        moves_methods = any(a != b for a, b in zip(own, digests(methods), strict=True))
        path.write_bytes(source)
        word = "every" if all(moved) else "some" if any(moved) else None
        name = ".".join(path.relative_to(package.parent).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = word or ("method" if moves_methods else "none")
    return found


def write(found: dict[str, str]) -> str:
    return "".join(f"{word:7} {name}\n" for name, word in sorted(found.items()))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package that the digest reads instead."""
    copy = tmp_path / "rise"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code_digest, "PACKAGE", copy)
    yield copy
    code_digest.code_digest.cache_clear()


def test_an_edit_of_each_module_moves_what_the_table_says(package: Path) -> None:
    assert write(measured(package)) == TABLE.read_text(), (
        "an edit now re-runs other units than tests/utils/code_reach.txt says; if that is meant, "
        "write the table anew: python -m tests.utils.test_code_reach"
    )


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("training/data.py", "embeds images in", "makes of images"),
        ("training/trial.py", "were deleted when", "were taken away when"),
        ("students/_weights.py", "is no state dict", "is not a state dict"),
        ("datasets/protocols/rise.py", "Protocol of RISE:", "The protocol of RISE:"),
        ("datasets/decoded.py", "has another size", "has a size of its own"),
    ],
)
def test_wording_moves_nothing(package: Path, file: str, old: str, new: str) -> None:
    before = digests(entries())
    path = package / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert digests(entries()) == before


def test_what_words_an_error_draws_progress_or_looks_up_a_name_is_not_reached() -> None:
    rooms = ("catalog", "config", "planning", "results", "report", "runtime", "acquisition", "cli")
    reached = [line.split()[1] for line in TABLE.read_text().splitlines() if line[:4] != "none"]
    assert not [name for name in reached if name.split(".")[1:2] in [[room] for room in rooms]]
    assert "rise.utils.progress" not in reached


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "rise"
        shutil.copytree(PACKAGE, copied, ignore=shutil.ignore_patterns("__pycache__"))
        code_digest.PACKAGE = copied
        TABLE.write_text(write(measured(copied)))
