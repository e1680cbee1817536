"""Class names and labels come from one table: label, folder and prompt name the same class."""

import csv
import re
from pathlib import Path

import pytest

from rise.catalog import lookup
from rise.catalog.prompts import texts_of
from rise.decoding.image_files import list_files

ROOT = Path(__file__).parents[2]
OWN_WORDS = {"prompts": "dataset", "class_names": "words", "class_order": "own"}
DATASETS = lookup.datasets()
# Where the words of a prompt are not the folder's: (dataset, class) -> what they must hold.
OTHER_WORDS: dict[tuple[str, str], str] = {}


def squeezed(text: str) -> str:
    """Letters and digits alone: "Postit_Notes" and "post-it notes" are the same."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@pytest.mark.parametrize("name", [n for n, entry in DATASETS.items() if not entry.embedded])
def test_label_folder_and_prompt_of_image_folders_name_one_class(name, tmp_path):
    entry = DATASETS[name]
    for domain, about in entry.domains.items():
        for label in entry.classes:
            folder = tmp_path / (about.folder or domain) / label
            folder.mkdir(parents=True)
            (folder / "x.jpg").touch()
    filled = texts_of(entry).class_prompts
    files = list_files(name, entry, tmp_path)
    assert len(files) == len(entry.domains) * len(entry.classes)
    for file in files:
        number = list(entry.classes).index(file.label)
        folder = file.path.split("/")[1]
        words = OTHER_WORDS.get((name, folder), folder)
        assert all(squeezed(words) in squeezed(prompt) for prompt in filled[number]), folder


@pytest.mark.parametrize("name", [n for n, entry in DATASETS.items() if entry.embedded])
def test_label_row_and_prompt_of_embedded_images_name_one_class(name):
    entry = DATASETS[name]
    with (ROOT / entry.files["index"].path).open(encoding="utf-8", newline="") as file:
        labels = {row["class"] for row in csv.DictReader(file)}
    assert labels == set(entry.classes)
    filled = texts_of(entry).class_prompts
    for label, phrase in entry.classes.items():
        number = list(entry.classes).index(label)
        assert filled[number] == [template.format(phrase) for template in entry.templates]


@pytest.mark.parametrize("name", DATASETS)
def test_no_two_classes_share_a_prompt(name):
    filled = texts_of(DATASETS[name]).class_prompts
    assert len(filled) == len(DATASETS[name].classes)
    assert len({tuple(texts) for texts in filled}) == len(filled)
