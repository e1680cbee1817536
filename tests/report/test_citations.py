"""Citations and the paragraph to paste: all that was used, and as the catalog has it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rise.catalog import lookup
from rise.planning.asked import asked
from rise.report.analysis.results import Results
from rise.report.prose.citations import (
    CLIP,
    DOMAINBED,
    METHOD,
    SUITE,
    bibtex,
    entries,
    licences_table,
)
from rise.report.prose.methods_paragraph import methods_paragraph, trained
from rise.report.prose.paragraphs import scope
from rise.utils.io import write_json
from tests.synthetic import by_method, declare, write_results

ROOT = Path(__file__).parents[2]
CORRECT = by_method(erm_text_init=[40, 42, 44, 46], hint=[45, 46, 50, 51], rise=[44, 48, 50, 49])


def _keys(text: str) -> list[str]:
    return re.findall(r"^@\w+\{([^,]+),", text, re.MULTILINE)


def _plain(text: str) -> str:
    return re.sub(r"[{}]", "", text)


def test_every_dataset_s_citation_is_an_entry_with_the_same_facts() -> None:
    for entry in lookup.datasets().values():
        if not entry.citation:
            continue
        key, _, said = entry.citation.partition(": ")
        authors, title, where = said.split(". ")
        text = _plain(entries()[key])
        assert f"title = {title}," in text
        assert f"author = {' and '.join(authors.split(', '))}," in text
        venue, year = where.partition(",")[0].split()
        assert f"booktitle = {venue}," in text and f"year = {year}" in text
        arxiv = where.partition("arXiv ")[2]
        assert (arxiv or "year") in text


def test_suite_and_method_are_as_citation_cff_has_them() -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert f"title = {cff['title']}," in _plain(entries()[SUITE])
    assert f"version = {cff['version']}" in _plain(entries()[SUITE])
    paper = cff["references"][0]
    names = [f"{one['family-names']}, {one['given-names']}" for one in paper["authors"]]
    text = _plain(entries()[METHOD])
    assert f"title = {paper['title']}," in text and f"author = {' and '.join(names)}," in text
    assert paper["url"] in text and paper["collection-title"] in text


def test_what_was_used_is_cited_once() -> None:
    assert _keys(bibtex(declare())) == [SUITE, METHOD, CLIP]
    variant = {"student": "resnet50", "teacher": "clip-vit-b16", "protocol": "domainbed"}
    experiment = declare(
        datasets={"pacs": {}, "terra_incognita": {}, "terra_incognita_24788": {}},
        variants={"main": variant},
        decision={"score": "all"},
    )
    cited = [SUITE, METHOD, CLIP, DOMAINBED, "li2017deeper", "beery2018recognition"]
    assert _keys(bibtex(experiment)) == cited
    assert licences_table(experiment).texts[0] == (
        "PACS",
        "none given; research use, do not redistribute",
        "li2017deeper",
    )


def test_an_own_dataset_s_citation_becomes_a_note() -> None:
    for domain in ("a", "b"):
        for name in ("x", "y"):
            (Path("own") / domain / name).mkdir(parents=True)
    Path("own/dataset.yaml").write_text('citation: "me2026tools: Me & others. Tools {5 %}"\n')
    write_json(Path("own/manifest.json"), {"digest": "d" * 64})
    variant = {"student": "tiny-resnet", "teacher": "tiny-clip", "protocol": "rise"}
    experiment = declare(
        datasets={"tools": {"folder": "own"}},
        variants={"main": variant},
        decision={"score": "all"},
    )
    last = bibtex(experiment).strip().split("\n\n")[-1]
    assert last == "@misc{me2026tools,\n  note = {Me \\& others. Tools \\{5 \\%\\}}\n}"
    assert licences_table(experiment).texts == [("own", "not stated", "me2026tools")]


def test_the_paragraph_says_what_the_experiment_declares() -> None:
    recipe = {
        "epochs": 7,
        "lr": [0.1, 0.2],
        "nesterov": False,
        "schedule": "step",
        "average": "ema",
    }
    experiment = declare(
        variants={"main": {"student": "tiny-resnet", "teacher": "tiny-clip", "recipe": recipe}},
        decision={"alpha": 0.01, "level": 0.9},
        seeds=[3, 5, 8],
    )
    write_results(experiment, lambda unit: 40 + unit.seed)
    text = methods_paragraph(Results.read(asked(experiment)))
    for said in (
        "The following methods are compared: ERM, same network; Hint; RISE.",
        "EmojiDG (held out one at a time: noto and twemoji)",
        "The split is identity-disjoint and fixed",
        "The student tiny-resnet (start: pretrained) learns from the CLIP model tiny-clip (sha256 "
        "6aa526dcde7d) for 7 epochs of SGD with batches of 64, learning rate 0.1 and 0.2, momentum "
        "0.9, weight decay 0.0005 and a tenth of the rate from 80 % of the epochs on",
        "averaged by EMA",
        "3 seeds (3, 5 and 8)",
        "a paired t test decides at level 0.01 after Holm's correction over all 3 pre-specified",
        "Brackets give the 90 % interval over seeds",
    ):
        assert said in text, said


def test_ways_of_training_are_told_apart_by_dataset() -> None:
    experiment = declare(
        datasets={
            "emojidg": {"held_out": ["noto"]},
            "objects": {"held_out": ["noto"], "variant": {"recipe": {"epochs": 3}}},
        }
    )
    text = methods_paragraph(Results.read(asked(experiment)))
    assert "On emojidg, the student" in text and "On objects, the student" in text
    assert "for 3 epochs" in text and "for 30 epochs" in text


# Another value than the default, for every key of a variant, its views and its recipe.
OTHER: dict[str, Any] = {
    "student": "timm:test_resnet",
    "start": "scratch",
    "image_size": 64,
    "normalise": "imagenet",
    "freeze_bn": True,
    "teacher": "clip-vit-b16",
    "teacher_input": "imagenet",
    "teacher_view": "clean",
    "teacher_mode": "online",
    "prompts": "clip80",
    "class_names": "released",
    "class_order": "released",
    "average": "after",
    "anchors": "photo",
    "text": "shuffled",
    "protocol": "rise",
    "views.policy": "none",
    "views.count": 7,
    "recipe.epochs": 9,
    "recipe.batch_size": 33,
    "recipe.momentum": 0.8,
    "recipe.nesterov": False,
    "recipe.schedule": "constant",
    "recipe.clip_norm": None,
    "recipe.evaluate_every": 2,
    "recipe.keep": "best",
    "recipe.average": "ema",
    "recipe.validation": "pooled",
    "recipe.second_head": True,
    "recipe.lr": 0.123,
    "recipe.weight_decay": 0.0123,
}


def changed(model: Any, key: str, value: Any) -> Any:
    head, _, rest = key.partition(".")
    inner = changed(getattr(model, head), rest, value) if rest else value
    return model.model_copy(update={head: inner})


def test_every_key_of_a_variant_is_in_the_paragraph() -> None:
    """Every key that defines a unit says something else where it has another value."""
    experiment = declare()
    variant = experiment.variants["main"]
    keys = {
        key if not hasattr(one, "model_fields_set") else f"{key}.{inner}"
        for key, one in variant
        for inner in (type(one).model_fields if hasattr(one, "model_fields_set") else [key])
    }
    assert keys == OTHER.keys()
    plain = methods_paragraph(Results.read(asked(experiment)))
    for key, value in OTHER.items():
        other = changed(variant, key, value)
        told = experiment.model_copy(update={"variants": {"main": other}})
        results = Results.read(asked(told)) if key == "protocol" else None
        text = methods_paragraph(results) if results else " ".join(trained(told))
        assert text not in plain, key


def test_settings_machine_and_seeds_are_in_the_paragraph() -> None:
    experiment = declare(
        methods={"rise": {"hparams": {"distance": [0.5, 1]}}, "hint": {}, "erm_text_init": {}},
        budgets="unequal",
    )
    text = methods_paragraph(Results.read(asked(experiment)))
    hint = "temperature 2, scale null"
    assert f"RISE: ce 1, hint 2, {hint}, distance 0.5 and 1, relative null, rd_t" in text
    assert "Hint: hint 2, temperature 2" in text or f"Hint: ce 1, hint 2, {hint}" in text
    assert "ERM, same network: none" in text
    assert "on cpu in float32 with 1 thread" in text


@pytest.mark.parametrize(
    ("variant", "said", "unsaid"),
    [
        (
            {"views.count": 20, "recipe.epochs": 20},
            "one teacher and one set of starting weights. With the seed vary the new layers, the "
            "order of the images and the order of an image's 20 views, which all seeds share.",
            "validate",
        ),
        (
            {"views.count": 30, "recipe.epochs": 20, "protocol": "rise"},
            "which 20 of the 30 views of an image are seen and the images that validate, where",
            "share",
        ),
        (
            {"views.count": 1, "start": "scratch"},
            "with one teacher. With the seed vary all weights of the student at the start and the "
            "order of the images.",
            "views",
        ),
    ],
)
def test_the_scope_says_what_the_seed_changes(
    variant: dict[str, Any], said: str, unsaid: str
) -> None:
    experiment = declare()
    main = experiment.variants["main"]
    for key, value in variant.items():
        main = changed(main, key, value)
    text = scope(Results.read(asked(experiment.model_copy(update={"variants": {"main": main}}))))
    assert said in text
    assert unsaid not in text.partition("With the seed vary")[2].partition(" It does")[0]
