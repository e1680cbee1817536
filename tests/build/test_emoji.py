"""EmojiDG: the shipped files, and how they are built."""

import hashlib
import io
import json
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.build import iconify
from data.build.curation import read_curation
from data.build.emoji import build, draw_split, render_icons
from data.build.iconify import IconSet, load_icons
from rise.errors import DataError

SHIPPED = Path(__file__).parents[2] / "data" / "emoji"
BENCHMARKS = {"emojidg": (14, 358), "objects": (10, 204)}
SQUARE = '<path fill="#ff0000" d="M0 0h4v4H0z"/>'


def test_shipped_files_agree_with_their_sums() -> None:
    """Every file is listed with the sha256 of its bytes, and nothing else lies there."""
    lines = (SHIPPED / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {p.relative_to(SHIPPED).as_posix(): p for p in SHIPPED.rglob("*") if p.is_file()}
    assert set(sums) == set(files) - {"SHA256SUMS", "README.md"}
    for name, digest in sums.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("name", BENCHMARKS)
def test_shipped_images(name: str) -> None:
    """Counts, order and digests of the table are those of the array; no picture is blank."""
    classes, identities = BENCHMARKS[name]
    images = np.load(SHIPPED / f"{name}.npz")["images"]
    table = pd.read_csv(SHIPPED / f"{name}.csv")
    assert images.shape == (4 * identities, 64, 64, 3)
    assert images.dtype == np.uint8
    assert table["class"].nunique() == classes
    assert table.groupby("identity").domain.nunique().eq(4).all()
    assert table.equals(table.sort_values(["domain", "class", "identity"]))
    digests = [hashlib.sha256(image.tobytes()).hexdigest() for image in images]
    assert table.sha256.tolist() == digests
    assert len(set(digests)) == len(digests)
    assert images.min(axis=(1, 2, 3)).max() < 255


def test_teacher_coverage() -> None:
    """96 of the 358 identities are drawn by no teacher vendor."""
    table = pd.read_csv(SHIPPED / "emojidg.csv").drop_duplicates("identity")
    assert Counter(table.drawn) == {1: 262, 0: 96}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_shipped_split(name: str) -> None:
    """Each identity has one part; sizes per class follow the rule; it is the keyed stream's."""
    split = pd.read_csv(SHIPPED / f"{name}_split.csv")
    table = pd.read_csv(SHIPPED / f"{name}.csv").drop_duplicates("identity")
    assert split.identity.is_unique
    assert set(split.identity) == set(table.identity)
    for _, group in split.groupby("class"):
        n, parts = len(group), Counter(group.part)
        assert parts["test"] == round(0.3 * n)
        assert parts["validation"] == max(1, round(0.1 * n))
        assert parts["train"] == n - parts["test"] - parts["validation"]
    drawn = draw_split(name, read_curation(SHIPPED / "classes.yaml").benchmarks[name])
    assert [tuple(row) for row in split.to_numpy()] == drawn


def icon_set(icons: dict[str, dict[str, object]], **others: object) -> IconSet:
    """A synthetic set of 4 x 4 icons."""
    return IconSet("synthetic", {"width": 4, "height": 4, "icons": icons, **others}, {})


def test_render() -> None:
    """CurrentColor is black, a wide icon is centred on white, aliases and flips are followed."""
    icons = icon_set(
        {
            "square": {"body": SQUARE},
            "current": {"body": SQUARE.replace("#ff0000", "currentColor")},
            "wide": {"body": '<path fill="#0000ff" d="M0 0h8v4H0z"/>', "width": 8},
            "left": {"body": '<path fill="#000" d="M0 0h2v4H0z"/>'},
            "moved": {"body": '<path fill="#000" d="M8 8h4v4H8z"/>', "left": 8, "top": 8},
        },
        aliases={
            "other": {"parent": "square"},
            "right": {"parent": "left", "hFlip": True},
            "left-again": {"parent": "right", "hFlip": True},
            "top": {"parent": "left", "rotate": 1},
        },
    )
    names = ["square", "current", "wide", "moved", "other", "left", "right", "left-again", "top"]
    images = dict(zip(names, render_icons(icons, names), strict=True))
    assert images["square"].shape == (64, 64, 3)
    assert (images["square"] == (255, 0, 0)).all()
    assert (images["current"] == 0).all()
    assert (images["wide"][16:48] == (0, 0, 255)).all()
    assert (images["wide"][:16] == 255).all()
    assert (images["wide"][48:] == 255).all()
    assert (images["moved"] == 0).all()
    assert np.array_equal(images["other"], images["square"])
    assert (images["left"][:, :32] == 0).all()
    assert (images["left"][:, 32:] == 255).all()
    assert np.array_equal(images["right"], images["left"][:, ::-1])
    assert np.array_equal(images["left-again"], images["left"])
    assert np.array_equal(images["top"], np.rot90(images["left"], -1))


def test_unknown_icon() -> None:
    """A name that the set doesn't have is named, with the nearest one."""
    with pytest.raises(DataError, match=r"'synthetic'.*'squar'.*did you mean 'square'"):
        icon_set({"square": {"body": SQUARE}})["squar"]


def test_missing_tarball_without_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says which file to put there."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DataError, match=r"noto-1\.2\.9\.tgz is missing and npm is not installed"):
        load_icons("noto", tmp_path)


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    """A tarball of the right name with other bytes isn't opened."""
    (tmp_path / "iconify-json-noto-1.2.9.tgz").write_bytes(b"not the one")
    with pytest.raises(DataError, match=r"has integrity sha512-.*, expected sha512-DQiuXENbun41ch"):
        load_icons("noto", tmp_path)


CLASSES = """
benchmark_sets: [noto, twemoji]
teacher_sets: [fxemoji]
development_set: openmoji
classes:
  bird: {prompt: a bird, identities: [%s]}
objects:
  sky: {prompt: the sky, identities: [{id: sun, cp: X}, {id: moon, cp: X}]}
"""
BIRDS = [f"{{id: bird-{k}, cp: X}}" for k in range(10)]


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Tarballs of two synthetic sets, with their integrity pinned, and a curation of them."""
    names = [*(f"bird-{k}" for k in range(10)), "sun", "moon"]
    icons = {name: {"body": f'<path d="M0 0h4v{k / 4 + 1}H0z"/>'} for k, name in enumerate(names)}
    members = {
        "icons.json": {"width": 4, "height": 4, "icons": icons},
        "metadata.json": {},
    }
    tarballs, out = tmp_path / "tarballs", tmp_path / "out"
    tarballs.mkdir()
    for name in ("noto", "twemoji"):
        path = iconify.tarball_path(name, tarballs)
        with tarfile.open(path, "w:gz") as tar:
            for member, value in members.items():
                data = json.dumps(value).encode()
                entry = tarfile.TarInfo(f"package/{member}")
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
        pinned = iconify.PACKAGES[name]._replace(integrity=iconify.integrity(path.read_bytes()))
        monkeypatch.setitem(iconify.PACKAGES, name, pinned)
    (out / "LICENSES").mkdir(parents=True)
    for text in (SHIPPED / "LICENSES").iterdir():
        (out / "LICENSES" / text.name).write_bytes(text.read_bytes())
    (out / "classes.yaml").write_text(CLASSES % ", ".join(BIRDS))
    return tarballs, out


def test_build_twice_gives_the_same_bytes(tiny: tuple[Path, Path]) -> None:
    """The files are a function of their inputs, and no part of a file is left behind."""
    tarballs, out = tiny
    build(tarballs, out)
    first = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    build(tarballs, out)
    assert first == {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert np.load(out / "emojidg.npz")["images"].shape == (20, 64, 64, 3)
    assert len(pd.read_csv(out / "objects.csv")) == 4


def test_build_never_redraws_a_split(tiny: tuple[Path, Path]) -> None:
    """A split that is there stays, even if the rule would draw another."""
    tarballs, out = tiny
    build(tarballs, out)
    path = out / "emojidg_split.csv"
    kept = path.read_text().replace("test", "x").replace("train", "test").replace("x", "train")
    path.write_text(kept)
    build(tarballs, out)
    assert path.read_text() == kept


def test_build_refuses_a_split_of_other_identities(tiny: tuple[Path, Path]) -> None:
    """A changed curation doesn't silently keep, or lose, the old split."""
    tarballs, out = tiny
    build(tarballs, out)
    (out / "classes.yaml").write_text(CLASSES % ", ".join(BIRDS[:-1]))
    with pytest.raises(DataError, match=r"has other identities than classes\.yaml"):
        build(tarballs, out)


def test_curation_refuses_an_identity_twice(tmp_path: Path) -> None:
    """An identity stands in one class of one benchmark."""
    path = tmp_path / "classes.yaml"
    path.write_text(CLASSES % "{id: sun, cp: X}")
    with pytest.raises(DataError, match="names 'sun' twice"):
        read_curation(path)
