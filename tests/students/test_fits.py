"""What a network of timm cannot take is found when an experiment is checked."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from rise.cli.app import app
from rise.config.load import parse
from rise.errors import ConfigError
from rise.runtime.preflight import check_students

SMOKE = Path(__file__).parents[2] / "config" / "smoke.yaml"
MINE = Path("mine.yaml")
VIT = "timm:vit_tiny_patch16_224"


def experiment(**variant: Any) -> dict[str, Any]:
    values = yaml.safe_load(SMOKE.read_text())
    (name,) = values["variants"]
    values["variants"][name] |= {"start": "scratch", **variant}
    return values


@pytest.mark.parametrize(
    ("student", "size", "message"),
    [
        ("timm:test_vit", 96, None),  # takes any size
        (VIT, 96, rf"^mine\.yaml: variants\.main: {VIT} cannot take images of 96 px \(.*224"),
        (VIT, None, None),
        ("timm:test_resnet", 40, None),
        ("resnet18", 64, None),
        ("timm:inception_v3", 32, "cannot take images of 32 px"),
        ("timm:test_resnett", 96, "unknown network of timm 'test_resnett'; did you mean 'test_res"),
    ],
)
def test_a_student_must_fit(student: str, size: int | None, message: str | None) -> None:
    declared = parse(experiment(student=student, image_size=size), MINE)
    if message is None:
        check_students(declared, MINE)
        return
    with pytest.raises(ConfigError, match=message) as caught:
        check_students(declared, MINE)
    assert len(str(caught.value).splitlines()) == 1


def test_a_dataset_s_own_size_is_tried_too() -> None:
    values = experiment(student=VIT)
    for choice in values["datasets"].values():
        choice["variant"] = {"image_size": 64}
    with pytest.raises(ConfigError, match="cannot take images of 64 px"):
        check_students(parse(values, MINE), MINE)


def test_check_says_so(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(experiment(student=VIT, image_size=96)))
    done = CliRunner().invoke(app, ["check", str(path)])
    assert isinstance(done.exception, ConfigError)
    assert "cannot take images of 96 px" in str(done.exception)
