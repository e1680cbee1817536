"""Prompts as data: what a variant asks of the text side, spelled out without torch.

Sets of templates are in prompts.yaml. Source of anchors and spelling: OoDBag/RISE at ebf71b4,
train_rise.py lines 53-92.
"""

import functools
import re
from pathlib import Path
from typing import Any

import yaml

from rise.entries import Dataset

# The anchors of VLCS and Terra in the released code (lines 62-69).
PHOTOS = ("bright photo", "corrupted photo", "dark photo", "good photo")
OWN = "dataset"
ARTICLE = re.compile(r"^(a|an|the) ")


@functools.cache
def prompt_sets() -> dict[str, list[str]]:
    """The sets of rise/prompts.yaml by name."""
    text = Path(__file__).with_name("prompts.yaml").read_text(encoding="utf-8")
    sets: dict[str, list[str]] = yaml.safe_load(text)
    return sets


def without_place(templates: list[str]) -> str | None:
    """The first template that has no one place for a class, None if all have it."""
    return next((text for text in templates if text.count("{}") != 1), None)


def class_prompts(entry: Dataset, text: dict[str, Any]) -> list[list[str]]:
    """Prompts by class, in the order of labels: each template filled with the class's words.

    Args:
        entry: the dataset.
        text: "prompts" (`dataset`, the name of a set, or templates) and "class_names".
    """
    own = text["prompts"] == OWN
    templates = entry.templates if own else templates_of(text["prompts"])
    return [
        [template.replace("{}", word) for template in templates]
        for word in class_words(entry, text["class_names"], bare=not own)
    ]


def templates_of(prompts: str | list[str]) -> list[str]:
    """The templates of a set by name, or the given ones."""
    return prompt_sets()[prompts] if isinstance(prompts, str) else prompts


def class_words(entry: Dataset, spelling: str, bare: bool) -> list[str]:
    """One word a class, in the order of labels (whoever permutes classes does it here).

    Args:
        entry: the dataset.
        spelling: `words`, the catalogue's phrase; `released`, the folder's name, underscores too.
        bare: without the article that a phrase may begin with: the template has one.
    """
    if spelling == "released":
        return list(entry.classes)
    return [ARTICLE.sub("", word) if bare else word for word in entry.classes.values()]


def anchor_names(entry: Dataset, anchors: str) -> list[str]:
    """Names of the anchors: one a domain, in catalogue order, or the four fixed ones."""
    return list(PHOTOS) if anchors == "photo" else list(entry.domains)


def anchor_prompts(entry: Dataset, text: dict[str, Any]) -> list[list[str]]:
    """Anchors by class, in the order of anchor_names.

    `styles`: "STYLE of CLASS" with the catalogue's phrases. `domains` and `photo`: "a NAME of a
    CLASS" (line 69, no full stop), where a domain's name is spelled as classes are.
    """
    spelling = text["class_names"]
    if text["anchors"] == "styles":
        styles = [domain.style for domain in entry.domains.values()]
        words = class_words(entry, spelling, bare=False)
        return [[f"{style} of {word}" for style in styles] for word in words]
    names = anchor_names(entry, text["anchors"])
    if spelling == "words":
        names = [name.replace("_", " ") for name in names]
    words = class_words(entry, spelling, bare=True)
    return [[f"a {name} of a {word}" for name in names] for word in words]
