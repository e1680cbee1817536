"""Text-only teachers and control arms: files of class texts, and what is wrong with them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from rise.catalog import lookup
from rise.catalog.prompts import texts_of
from rise.config.load import Experiment
from rise.errors import ConfigError, DataError
from rise.planning.plan import Plan
from rise.planning.units import units
from rise.teachers.arms import arranged, derangement
from rise.teachers.distances import read_sides, sizes
from rise.teachers.text_file import make_text_file, read_text_file, texts_for
from rise.utils.npz import write_npz
from rise.utils.rng import numpy_stream
from rise.utils.torch_rng import torch_stream
from tests.synthetic import declare

ENTRY = lookup.datasets()["emojidg"]
CLASSES, DOMAINS = list(ENTRY.classes), list(ENTRY.domains)


def write(path: Path, **changes: Any) -> Path:
    """A whole text file with anchors, its rows in another order than the labels."""
    stream = numpy_stream("text file")
    n, a = len(CLASSES), len(DOMAINS)
    arrays = {
        "classes": np.array(CLASSES[::-1]),
        "raw": stream.normal(size=(n, 6)).astype(np.float16),
        "anchors": stream.normal(size=(n, a, 6)),
        "anchor_names": np.array(DOMAINS[::-1]),
        "prompts": np.array(["a {}"]),
        "source": np.array("made up"),
        **changes,
    }
    write_npz(path, {key: value for key, value in arrays.items() if value is not None})
    return path


def with_teacher(path: Path, *methods: str, **variant: Any) -> Experiment:
    main = {"student": "tiny-resnet", "teacher": str(path), **variant}
    return declare(methods={name: {} for name in methods}, contrasts=[], variants={"main": main})


def test_rows_and_anchors_follow_the_dataset(tmp_path: Path) -> None:
    file = read_text_file(write(tmp_path / "texts.npz"))
    raw, anchors = texts_for(file, texts_of(ENTRY, anchors="styles"))
    assert raw.dtype == np.float32
    assert np.array_equal(raw, file.raw[::-1])
    assert np.array_equal(anchors, file.anchors[::-1, ::-1])
    with pytest.raises(ConfigError, match=r"anchor 'bright photo' stands nowhere"):
        texts_for(file, texts_of(ENTRY, anchors="photo"))


def test_rows_of_an_array_become_a_text_file(tmp_path: Path) -> None:
    np.save(tmp_path / "all.npy", np.arange(40, dtype=np.float16).reshape(20, 2) + 1)
    out = tmp_path / "made.npz"
    make_text_file(tmp_path / "all.npy", {"dog": 3, "cat": 0}, ["a {}"], "made up", out)
    file = read_text_file(out)
    assert file.classes == ["dog", "cat"]
    assert file.raw.tolist() == [[7, 8], [1, 2]]
    assert file.anchors.shape == (2, 0, 2)
    with pytest.raises(DataError, match=r"has shape \(20, 2\) and so no row 20 for 'dog'"):
        make_text_file(tmp_path / "all.npy", {"dog": 20}, [], "", out)


def test_an_array_with_its_words_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "texts.npy"
    np.save(path, np.ones((len(CLASSES), 4)))
    words = {"classes": CLASSES, "prompts": ["{}"], "source": "made up"}
    with pytest.raises(DataError, match=r"texts\.yaml: is missing"):
        lookup.teacher(str(path))
    path.with_suffix(".yaml").write_text(yaml.safe_dump(words))
    first = lookup.teacher(str(path))
    assert (first.name, first.text_only, first.has_anchors) == ("texts", True, False)
    assert texts_for(read_text_file(path), texts_of(ENTRY, anchors="styles"))[1].shape == (
        len(CLASSES),
        0,
        4,
    )
    path.with_suffix(".yaml").write_text(yaml.safe_dump({**words, "source": "elsewhere"}))
    assert lookup.teacher(str(path)).sha256 != first.sha256


def test_names_of_classes_are_text_whatever_yaml_makes_of_them(tmp_path: Path) -> None:
    np.save(tmp_path / "texts.npy", np.eye(4))
    (tmp_path / "texts.yaml").write_text("classes: [no, 010, 8, '1e3']\n")
    assert read_text_file(tmp_path / "texts.npy").classes == ["no", "010", "8", "1e3"]
    for odd in ("null", "1e3", "true", "[a]"):
        (tmp_path / "texts.yaml").write_text(f"classes: [no, 010, 8, {odd}]\n")
        with pytest.raises(
            DataError, match=r"texts\.npy: class .* of its \.yaml is no text; quote"
        ):
            read_text_file(tmp_path / "texts.npy")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": np.array(["cow", *CLASSES[1:]])}, "class 'bird' stands nowhere"),
        ({"classes": np.array([CLASSES[1], *CLASSES[1:]])}, "class 'bird' stands nowhere"),
        ({"raw": None}, "holds no 'raw'"),
        ({"raw": np.ones((3, 6))}, "which do not fit"),
        ({"raw": np.zeros((len(CLASSES), 6))}, "a text is no finite vector or zero"),
        ({"anchor_names": np.array(["x"])}, "which do not fit"),
    ],
)
def test_wrong_text_files(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "texts.npz", **changes)
    with pytest.raises((ConfigError, DataError), match=message) as caught:
        texts_for(read_text_file(path), texts_of(ENTRY, anchors="styles"))
    assert str(path) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_class_too_many_is_named(tmp_path: Path) -> None:
    names = np.array([*CLASSES, "cow"])
    n = len(names)
    changes = {"classes": names, "raw": np.ones((n, 6)), "anchors": np.ones((n, 4, 6))}
    file = read_text_file(write(tmp_path / "texts.npz", **changes))
    with pytest.raises(ConfigError, match="class 'cow' is none of the dataset's"):
        texts_for(file, texts_of(ENTRY, anchors="styles"))


def test_no_text_file_at_all(tmp_path: Path) -> None:
    path = tmp_path / "texts.npz"
    path.write_bytes(b"no zip")
    with pytest.raises(DataError, match="cannot be read"):
        lookup.teacher(str(path))
    with pytest.raises(DataError, match="is no file of class texts"):
        read_text_file(path)


def test_what_a_text_file_cannot_give_is_said_when_the_experiment_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "texts.npz")
    with pytest.raises(ConfigError, match=r"has no image tower, which hint needs; give another"):
        with_teacher(path, "ad", "hint")
    with pytest.raises(ConfigError, match=r"main\.prompts: a file of texts brings its own"):
        with_teacher(path, "ad", prompts="photo")
    with pytest.raises(ConfigError, match=r"main\.class_order: a file of texts brings its own"):
        with_teacher(path, "ad", class_order="released")
    bare = write(tmp_path / "bare.npz", anchors=None, anchor_names=None)
    with pytest.raises(ConfigError, match=r"has no anchors, which rd needs"):
        with_teacher(bare, "ad", "rd")
    with pytest.raises(ConfigError, match=r"none\.npz: is missing"):
        with_teacher(tmp_path / "none.npz", "ad")


def test_a_text_only_teacher_needs_no_cache_and_no_score_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = Plan(with_teacher(write(Path("texts.npz")), "erm_text_init", "ad", "rd"))
    for unit in plan.units.values():
        assert [path.parts[1] for path in plan.inputs(unit)] == ["decoded", "texts"]
    assert plan.missing_zero_shots() == []
    assert plan.settle().units


def test_bytes_name_a_teacher_and_folders_do_not(tmp_path: Path) -> None:
    first, second = write(tmp_path / "texts.npz"), tmp_path / "b"
    second.mkdir()
    again = write(second / "texts.npz")
    one, two = (units(with_teacher(path, "ad"))[0].digest for path in (first, again))
    assert one == two
    write(again, raw=np.ones((len(CLASSES), 6)))
    assert units(with_teacher(again, "ad"))[0].digest != one


@pytest.mark.parametrize("n", [2, 3, 7, 65])
def test_a_derangement_leaves_nothing_in_its_place(n: int) -> None:
    order = derangement(n)
    assert sorted(order) == list(range(n))
    assert not np.any(order == np.arange(n))
    assert np.array_equal(order, derangement(n))


def test_arms() -> None:
    raw = torch.randn(7, 5, generator=torch_stream("raw"))
    anchors = torch.randn(7, 3, 5, generator=torch_stream("anchors"))
    same = arranged(True, raw, anchors)
    assert same[0] is raw and same[1] is anchors
    moved, styles = arranged("shuffled", raw, anchors)
    order = torch.from_numpy(derangement(7))
    assert torch.equal(moved, raw[order]) and torch.equal(styles, anchors[order])
    drawn, other = arranged("random", raw, anchors)
    torch.testing.assert_close(drawn.norm(dim=1), raw.norm(dim=1))
    torch.testing.assert_close(other.norm(dim=2), anchors.norm(dim=2))
    assert (torch.cosine_similarity(drawn, raw) < 0.99).all()
    assert torch.equal(drawn, arranged("random", raw, anchors)[0])


def test_distances_on_texts_have_the_sizes_that_the_formulas_ask_for(tmp_path: Path) -> None:
    raw, anchors = read_sides(write(tmp_path / "texts.npz"))
    rows = {str(name): values for name, *values in sizes(raw, anchors)}
    assert rows["its class text"][:2] == pytest.approx([0, 0], abs=1e-6)
    assert 0.7 < rows["a random direction"][0] < 1.3
    others = [values[1] for values in rows.values()]
    assert max(others) == rows["where RD is largest"][1] <= 20 / len(DOMAINS)
    with pytest.raises(DataError, match="holds no texts with anchors"):
        read_sides(write(tmp_path / "bare.npz", anchors=None, anchor_names=None))
