"""Names that no path can hold are refused, each with its key; all others are planned."""

from pathlib import Path
from typing import Any

import pytest

from rise.config.load import Experiment, parse
from rise.errors import ConfigError
from rise.experiment.path_part import MOST
from rise.planning.units import units

MAIN = {"student": "tiny-resnet", "teacher": "tiny-clip", "protocol": "rise"}
LONG = MOST * "n"


def folder(path: Path, *domains: str) -> str:
    """A verified folder of images, as far as its names go."""
    for domain in domains:
        for label in ("cup", "jug"):
            (path / domain / label).mkdir(parents=True)
    (path / "manifest.json").write_text('{"digest": "d"}')
    return str(path)


def declared(folder: str, file: str = "x.yaml", dataset: str = "mine", **more: Any) -> Experiment:
    held_out = more.pop("held_out", "all")
    values = {
        "title": "names",
        "datasets": {dataset: {"folder": folder, "held_out": held_out}},
        "methods": {"erm": {}},
        "variants": {"main": MAIN},
        "seeds": 1,
        "decision": {"score": "all"},
    }
    return parse({**values, **more}, Path(file))


def refused(*given: str, **more: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        declared(*given, **more)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "'' is blank; give a name"),
        ("a\nb", r"'a\nb' contains an unprintable character; rename it"),
        ("a\0", r"'a\x00' contains an unprintable character; rename it"),
        (200 * "n", f"'{20 * 'n'}'... is 200 bytes long as a folder's name; shorten it to {MOST}"),
    ],
)
def test_what_no_path_can_hold_is_refused_by_key(tmp_path: Path, name: str, said: str) -> None:
    one = folder(tmp_path, "a", "b")
    assert refused(one, variants={name: MAIN}) == f"x.yaml: variants: {said}"
    assert refused(one, dataset=name) == f"x.yaml: datasets: {said}"


def test_the_name_of_the_file_is_refused_as_the_experiments(tmp_path: Path) -> None:
    one = folder(tmp_path, "a", "b")
    assert r"the file's name 'a\tb' contains an unprintable character" in refused(one, "a\tb.yaml")
    assert "the file's name 'nnnnnnnnnnnnnnnnnnnn'... is 121 bytes" in refused(one, f"{LONG}n.yaml")


def test_names_of_a_folder_are_refused_by_key(tmp_path: Path) -> None:
    long = folder(tmp_path / "one", "é " * 40, "b")
    assert "datasets.mine: domain 'é é é é é é é é é é '... is 200 bytes long" in refused(long)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert f"datasets: {loop}: no such folder" in refused(str(loop))
    for given in ("", "/", "a\0"):
        with pytest.raises(ConfigError, match=r"datasets.mine.folder: '.*' (is blank|contains an)"):
            declared(given)
    long = folder(tmp_path / ("f" * 130), "a", "b")
    assert f"datasets.mine.folder: '{20 * 'f'}'... is 130 bytes long" in refused(long)


def test_names_that_are_long_together_are_refused(tmp_path: Path) -> None:
    one = folder(tmp_path, "a", "b")
    assert units(declared(one, f"{LONG}.yaml", LONG))[0].key.startswith(LONG)
    assert len(units(declared(one, dataset=LONG, variants={100 * "v": MAIN}))) == 2
    said = "take up to 244 bytes of a path, at most 240; shorten one, or hold out fewer together"
    assert said in refused(one, dataset=LONG, variants={LONG: MAIN})


@pytest.mark.parametrize(
    "name", ["..", "ViT-B/16", "$(touch X)", "a{b}", "c++", "a|b", "it's", "-rf", "写真", "~", "no"]
)
def test_every_other_name_has_units_of_its_own(tmp_path: Path, name: str) -> None:
    groups = ["a", "a+b", ["a", "b"], "c|d"]
    variants = {name: MAIN, "main": MAIN}
    given = {"held_out": groups, "variants": variants}
    one = declared(
        folder(tmp_path, "a", "b", "a+b", "c|d"), f"{name}.yaml".replace("/", "|"), name, **given
    )
    found = units(one)
    assert len({unit.key for unit in found}) == len({unit.name for unit in found}) == 8
    for unit in found:
        assert unit.folder.resolve().parts[: -len(unit.folder.parts)] == Path.cwd().parts
        assert len(unit.folder.parts) == 3 + 5
