"""Every value of a unit's recipe, with its source."""

from pathlib import Path

import pytest
import yaml

from rise.config.load import load, parse
from rise.errors import ConfigError
from rise.planning.explain import explained

SMOKE = Path(__file__).resolve().parents[2] / "config" / "smoke.yaml"


def said(key: str) -> dict[str, tuple[str, str]]:
    lines = explained(load(SMOKE), key, Path("my.yaml")).splitlines()[4:]
    split = [[part.strip() for part in line.split("  ") if part.strip()] for line in lines]
    return {name: (value, source) for name, value, source in split}


def test_values_have_sources() -> None:
    found = said("emojidg/main/rise/noto/seed1")
    assert found["lr"] == ("0.03, 0.1", "my.yaml")
    assert found["hint"] == ("2.0", "declared by rise")
    assert found["recipe.epochs"] == ("3", "my.yaml")
    assert found["recipe.second_head"] == ("false", "default (rise/config/schema.py)")
    assert found["image_size"][0] == "32" and "the student's own" in found["image_size"][1]
    assert found["held out"] == ("noto", "my.yaml")


def test_what_an_owner_declares_of_a_teacher_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clip.pt").write_bytes(b"weights")
    Path("clip.yaml").write_text("{activation: gelu, image_heads: 12, text_heads: 8}")
    values = yaml.safe_load(SMOKE.read_text())
    values["variants"]["main"]["teacher"] = "clip.pt"
    declared, path = parse(values, Path("my.yaml")), Path("my.yaml")
    lines = explained(declared, "emojidg/main/rise/noto/seed1", path).splitlines()
    (line,) = [" ".join(one.split()) for one in lines if "architecture" in one]
    said = "gelu, heads 12 (images), 8 (texts)"
    assert line == f"teacher's architecture {said} the file beside it"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("noto", "'noto' names no unit; write DATASET/VARIANT/METHOD/HELD_OUT/seedK"),
        ("emojidg/main/rise/nota/seed0", "unknown held_out 'nota'; did you mean 'noto'?"),
        ("emojidg/main/rise/noto/seed7", "unknown seed 'seed7'; did you mean 'seed"),
    ],
)
def test_an_unknown_unit_is_one_sentence(key: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        said(key)
    assert message in str(caught.value) and len(str(caught.value).splitlines()) == 1
