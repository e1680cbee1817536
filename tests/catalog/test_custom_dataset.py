"""An own dataset: described by its folder, corrected by dataset.yaml."""

from pathlib import Path

import pytest

from rise.acquisition.verify import verify
from rise.catalog.custom_dataset import read_custom
from rise.errors import DataError
from tests.datasets import toy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return toy.make_folder(tmp_path / "mine")


def test_from_the_listing(folder: Path) -> None:
    (folder / ".hidden").mkdir()
    (folder / "ink/.git").mkdir()
    (folder / "ink/Big_cat").mkdir()
    entry = read_custom(folder)
    assert list(entry.domains) == ["ink", "oil paint"]
    assert entry.classes == {"Big_cat": "Big cat", "Cat": "Cat", "dog": "dog"}
    assert (entry.title, entry.folder, entry.embedded) == ("mine", str(folder), False)


def test_dataset_yaml(folder: Path) -> None:
    (folder / "dataset.yaml").write_text(
        "title: Mine\ndomains: {ink: {style: an ink drawing}}\nclasses: {Cat: a tabby}\n"
        'templates: ["{} here"]\nlicence: CC0-1.0\nbibtex: "@misc{me2020, title = {Me}}"\n'
    )
    entry = read_custom(folder)
    assert entry.domains["ink"].style == "an ink drawing"
    assert entry.domains["oil paint"].style == "oil paint"
    assert entry.classes == {"Cat": "a tabby", "dog": "dog"}
    assert (entry.title, entry.templates, entry.licence) == ("Mine", ["{} here"], "CC0-1.0")
    assert entry.bibtex == "@misc{me2020, title = {Me}}"


def test_names_that_yaml_takes_for_something_else(tmp_path: Path) -> None:
    names = ["010", "1e3", "8", "no", "null", "on"]
    for name in names:
        (tmp_path / "1" / name).mkdir(parents=True)
    (tmp_path / "2" / "8").mkdir(parents=True)
    classes = "".join(f"  {name}: the {name}\n" for name in names)
    (tmp_path / "dataset.yaml").write_text(f"classes:\n{classes}domains: {{1: {{style: first}}}}\n")
    entry = read_custom(tmp_path)
    # 010 is eight in YAML 1.1, and would take the words of class 8.
    assert entry.classes == {name: f"the {name}" for name in names}
    assert entry.domains["1"].style == "first"


@pytest.mark.parametrize(
    "text, said",
    [
        ("colour: red", "unknown key 'colour'"),
        ("classes: {cow: a cow}", "unknown class folder 'cow'"),
        ("domains: {ink/x: {style: a}}", "domain 'ink/x' contains a slash"),
        ("domains: {ink: {stile: a}}", r"domains\.ink"),
        ("domains: [ink]", "write the domain names as keys"),
        ("templates: [nothing]", "holds no {}"),
        ("- a list", "must consist of keys and values"),
        ("a: [", "is not valid YAML"),
        ("classes: {Cat: cat, Cat: dog}", "the key 'Cat' stands there twice"),
        ("classes: {Cat: 8}", "class 'Cat': 8 is no text; write it in quotes"),
    ],
)
def test_faults_of_dataset_yaml(text: str, said: str, folder: Path) -> None:
    (folder / "dataset.yaml").write_text(text)
    with pytest.raises(DataError, match=said) as error:
        read_custom(folder)
    assert "dataset.yaml" in str(error.value) and "\n" not in str(error.value)


def test_too_little(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        read_custom(tmp_path / "none")
    with pytest.raises(DataError, match="has 0 domain folders"):
        read_custom(tmp_path)
    for place in ("a/x", "b/x"):
        (tmp_path / place).mkdir(parents=True)
    with pytest.raises(DataError, match="has 1 class folders"):
        read_custom(tmp_path)


def test_class_missing_in_a_domain_is_said_and_allowed(folder: Path) -> None:
    for file in (folder / "ink/dog").iterdir():
        file.unlink()
    report = verify(folder, read_custom(folder))
    assert report.fatal == []
    assert [(f.kind, f.where) for f in report.faults] == [("no images", "ink/dog")]
