"""Inputs larger than photographs are decoded are refused, whoever asks for them."""

from pathlib import Path
from typing import Any

import pytest

from rise.catalog import lookup
from rise.config.load import parse
from rise.errors import ConfigError

MAIN = {"student": "resnet18", "teacher": "tiny-clip", "protocol": "rise"}


def declared(dataset: str = "pacs", **main: Any) -> dict[str, Any]:
    return {
        "title": "large",
        "datasets": {dataset: {}},
        "methods": {"erm": {}},
        "variants": {"main": {**MAIN, **main}},
        "seeds": 1,
        "decision": {"score": "all"},
    }


@pytest.mark.parametrize("size", [288, 336, 448])
def test_a_larger_image_size_is_refused_for_photographs(size: int) -> None:
    said = rf"main.image_size: {size} px inputs, but photographs \(pacs\) are decoded at .* 256"
    with pytest.raises(ConfigError, match=said):
        parse(declared(image_size=size), Path("large.yaml"))
    parse(declared(image_size=256), Path("large.yaml"))


def test_so_are_a_student_s_own_and_the_teacher_s(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    student, teacher = lookup.student("resnet18"), lookup.teacher("tiny-clip")
    with monkeypatch.context() as patch:
        patch.setattr(lookup, "student", lambda _: replace(student, image_size=288))
        with pytest.raises(ConfigError, match=r"main.image_size: 288 px inputs"):
            parse(declared(), Path("large.yaml"))
    large = teacher.model_copy(update={"image_size": 336})
    monkeypatch.setattr(lookup, "teacher", lambda _: large)
    with pytest.raises(ConfigError, match=r"main.teacher: 336 px inputs"):
        parse(declared(), Path("large.yaml"))


def test_drawings_of_one_size_are_made_larger_as_declared() -> None:
    values = declared("emojidg", image_size=288, protocol="identity_disjoint")
    parse({**values, "decision": {}}, Path("large.yaml"))
