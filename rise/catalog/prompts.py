"""Prompts as data: the texts that a variant asks for, spelled out without torch.

Sets of templates are in prompts.yaml. Source of anchors and spelling: OoDBag/RISE at ebf71b4,
train_rise.py lines 53-92.
"""

import functools
import re
from pathlib import Path

import yaml

from rise.catalog.schema import Dataset
from rise.experiment.job import Texts

# The anchors of VLCS and Terra in the released code (lines 62-69).
PHOTOS = ("bright photo", "corrupted photo", "dark photo", "good photo")
OWN = "dataset"
ARTICLE = re.compile(r"^(a|an|the) ")


@functools.cache
def prompt_sets() -> dict[str, list[str]]:
    """Read the sets of rise/catalog/prompts.yaml by name."""
    text = Path(__file__).with_name("prompts.yaml").read_text(encoding="utf-8")
    sets: dict[str, list[str]] = yaml.safe_load(text)
    return sets


def without_place(templates: list[str]) -> str | None:
    """Return the first template without exactly one {}, None if there is none."""
    return next((text for text in templates if text.count("{}") != 1), None)


def texts_of(
    entry: Dataset,
    prompts: str | list[str] = OWN,
    class_names: str = "words",
    class_order: str = "own",
    anchors: str = "styles",
) -> Texts:
    """Spell out the prompts of a dataset, by class in the order of labels.

    Args:
        entry: the dataset.
        prompts: `dataset` (its own templates), the name of a set, or templates.
        class_names: `words`, the catalog's phrase; `released`, the folder's name with its
            underscores.
        class_order: `own`, or `released` as `released_texts` returns it.
        anchors: `styles`: "STYLE of CLASS" with the catalog's phrases. `domains` and `photo`: "a
            NAME of a CLASS" (line 69, no full stop), where domains are spelled in the
            same way as classes.
    """
    own, styled = prompts == OWN, anchors == "styles"
    names = list(PHOTOS) if anchors == "photo" else list(entry.domains)
    said = [name.replace("_", " ") for name in names] if class_names == "words" else names
    templates = [f"a {name} of a {{}}" for name in said]
    if styled:
        templates = [f"{domain.style} of {{}}" for domain in entry.domains.values()]
    return Texts(
        classes=list(entry.classes),
        words=class_words(entry, class_names, class_order, bare=not own),
        templates=entry.templates if own else templates_of(prompts),
        anchors=names,
        anchor_words=class_words(entry, class_names, class_order, bare=not styled),
        anchor_templates=templates,
    )


def templates_of(prompts: str | list[str]) -> list[str]:
    """Return the templates of a set by name, or the given ones."""
    return prompt_sets()[prompts] if isinstance(prompts, str) else prompts


def class_words(entry: Dataset, class_names: str, class_order: str, bare: bool) -> list[str]:
    """Return the word or phrase of each class, in the order of labels.

    bare: drop a phrase's leading article, since the template has one.
    """
    words = list(entry.classes if class_names == "released" else entry.classes.values())
    if class_names == "words" and bare:
        words = [ARTICLE.sub("", word) for word in words]
    if class_order == "own":
        return words
    return [words[at] for at in released_texts(entry)]


def released_texts(entry: Dataset) -> list[int]:
    """Return for each label the class whose text the released code gives to its images.

    Its texts are sorted alphabetically without regard to case (train_rise.py, lines 245 to 268),
    and text k is used for the class with number k in its lists; the two orders are never aligned.
    On OfficeHome and TerraIncognita every class but one therefore gets the text of another.
    """
    classes = list(entry.classes)
    texts = sorted(range(len(classes)), key=lambda label: classes[label].lower())
    given = dict(zip(entry.released_order, texts, strict=True))
    return [given[name] for name in classes]
