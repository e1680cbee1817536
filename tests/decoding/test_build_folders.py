"""Decoded image folders: what is in them, and what an interruption or a fault leaves."""

import json
import os
import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rise.catalog import lookup
from rise.datasets.decoded import open_decoded
from rise.decoding.build_arrays import build_from_arrays
from rise.decoding.build_folders import build_from_folders
from rise.decoding.image_files import list_files
from rise.errors import DataError
from rise.utils.io import digest, file_digest
from tests.datasets.images import entry, noise, write_folders

ROOT = Path(__file__).parents[2]
FILES = {"pixels.bin", "index.npz", "dataset.json", "done.bin", "plan.txt"}


def build(root: Path, folder: Path, about=None, **more):
    return build_from_folders("made up", about or entry(), root, folder, workers=2, **more)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(root, decoded folder) of 2 domains x 2 classes x 3 images."""
    folder = tmp_path_factory.mktemp("made")
    write_folders(folder / "set")
    build(folder / "set", folder / "decoded")
    return folder / "set", folder / "decoded"


def test_a_decoded_dataset_holds_every_image_under_an_id_of_its_file(made):
    root, folder = made
    decoded = open_decoded(folder)
    assert len(decoded) == 12
    assert list(decoded.columns["id"]) == sorted(decoded.columns["id"])
    for row in range(12):
        path = str(decoded.columns["path"][row])
        domain, label, _ = path.split("/")
        assert decoded.columns["id"][row] == digest([domain, label, file_digest(root / path)])
        assert decoded.domains[decoded.columns["domain"][row]] == domain
        assert decoded.classes[decoded.columns["label"][row]] == label
        assert np.array_equal(decoded.image(row), np.asarray(Image.open(root / path)))
    assert decoded.images(np.arange(12)).shape == (12, 10, 12, 3)
    assert {path.name for path in folder.iterdir()} == FILES


def test_dataset_json_says_how_it_was_made(made):
    about = json.loads((made[1] / "dataset.json").read_text())
    pillow = about["parameters"].pop("pillow")
    assert pillow == Image.__version__
    assert about["parameters"] == {"short_side": 256, "resampling": "bicubic"}
    assert about["manifest"] is None
    assert about["duplicates"] == 0
    assert about["files"] == {"a": 6, "b": 6}


def test_rank_is_the_place_in_imagefolder(made):
    from torchvision.datasets import ImageFolder

    root, folder = made
    decoded = open_decoded(folder)
    for domain in decoded.domains:
        expected = [path.removeprefix(f"{root}/") for path, _ in ImageFolder(root / domain).samples]
        rows = decoded.rows(domain)
        rows = rows[np.argsort(decoded.columns["rank"][rows])]
        assert list(decoded.columns["path"][rows]) == expected
        assert list(decoded.columns["rank"][rows]) == list(range(6))


def test_other_names_and_order_of_files_change_names_only(made, tmp_path):
    root, folder = made
    for path in root.rglob("*.png"):
        renamed = tmp_path / "set" / path.relative_to(root).with_name(f"z{9 - int(path.stem)}.png")
        renamed.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, renamed)
    build(tmp_path / "set", tmp_path / "decoded")
    first, second = open_decoded(folder), open_decoded(tmp_path / "decoded")
    assert first.content == second.content
    assert np.array_equal(first.pixels, second.pixels)
    assert not np.array_equal(first.columns["rank"], second.columns["rank"])


def test_images_of_many_sizes_lie_one_after_the_other(tmp_path):
    write_folders(tmp_path / "set", each=1)
    noise(300, 600, 1).save(tmp_path / "set" / "a" / "Cat" / "wide.png")
    build(tmp_path / "set", tmp_path / "decoded")
    decoded = open_decoded(tmp_path / "decoded")
    row = int(np.flatnonzero(decoded.columns["path"] == "a/Cat/wide.png")[0])
    expected = noise(300, 600, 1).resize((512, 256), Image.Resampling.BICUBIC)
    assert np.array_equal(decoded.image(row), np.asarray(expected))
    assert len(decoded.pixels) == 4 * 10 * 12 * 3 + 256 * 512 * 3
    with pytest.raises(DataError, match="its images have 2 sizes"):
        decoded.images(np.arange(5))


def test_equal_files_of_a_class_are_one_image_and_counted(tmp_path):
    write_folders(tmp_path / "set")
    cat = tmp_path / "set" / "a" / "Cat"
    shutil.copy(cat / "00000.png", cat / "00009.png")
    shutil.copy(cat / "00000.png", tmp_path / "set" / "b" / "Cat" / "same.png")  # another domain
    assert build(tmp_path / "set", tmp_path / "decoded")[:2] == (13, 1)
    decoded = open_decoded(tmp_path / "decoded")
    assert "a/Cat/00000.png" in decoded.columns["path"]
    assert "a/Cat/00009.png" not in decoded.columns["path"]
    assert "b/Cat/same.png" in decoded.columns["path"]
    assert json.loads((tmp_path / "decoded" / "dataset.json").read_text())["duplicates"] == 1
    assert decoded.files == {"a": 7, "b": 7}  # DomainBed's split counts files
    rank = dict(zip(decoded.columns["path"], decoded.columns["rank"], strict=True))
    assert rank["a/dog/00000.png"] == 4


def test_a_domain_may_lie_in_a_folder_of_another_name(tmp_path):
    write_folders(tmp_path / "set", domains=("Real World", "b"))
    about = entry(domains=("real", "b"), folders={"real": "Real World"})
    build(tmp_path / "set", tmp_path / "decoded", about)
    decoded = open_decoded(tmp_path / "decoded")
    paths = decoded.columns["path"][decoded.rows("real")]
    assert {path.split("/")[0] for path in paths} == {"Real World"}


def test_the_manifest_is_held_against_the_files(made, tmp_path):
    root, _ = made
    lines = [
        f"{file_digest(path)}  {path.relative_to(root)}\n" for path in sorted(root.rglob("*.png"))
    ]
    import hashlib

    right = hashlib.sha256("".join(lines).encode()).hexdigest()
    build(root, tmp_path / "decoded", manifest=right)
    assert json.loads((tmp_path / "decoded" / "dataset.json").read_text())["manifest"] == right
    with pytest.raises(DataError, match="not those of its manifest; run rise data verify"):
        build(root, tmp_path / "other", manifest="0" * 64)
    assert not (tmp_path / "other").exists()


def test_a_set_without_its_file_names_says_so(made, tmp_path):
    build(made[0], tmp_path / "decoded", named=False)
    assert open_decoded(tmp_path / "decoded").files == {}


FAULTS = [
    (lambda r: shutil.rmtree(r / "b"), "/b: holds no images"),
    (
        lambda r: (r / "b" / "dog").rename(r / "b" / "dogs"),
        r"/b/dogs: no class \(3 files in it\); fix it, then run rise data verify",
    ),
    (
        lambda r: (r / "a" / "Cat" / "x.gif").write_bytes(b"GIF89a"),
        "/x.gif: not named like",
    ),
    (lambda r: (r / "a" / "Cat" / "in.png").mkdir(), "/in.png: a folder inside a class"),
    (lambda r: (r / "a" / "dog" / "x.jpg").write_bytes(b""), "/a/dog/x.jpg: is no intact image of"),
    (lambda r: [f.unlink() for f in (r / "b").rglob("*.png")], "/b: holds no images"),
    (lambda r: (r / "a" / "Cat" / os.fsdecode(b"\xff.png")).write_bytes(b""), "name is not UTF-8"),
]


@pytest.mark.parametrize(("spoil", "words"), FAULTS)
def test_a_fault_is_named_and_no_dataset_appears(tmp_path, spoil, words):
    write_folders(tmp_path / "set")
    spoil(tmp_path / "set")
    with pytest.raises(DataError, match=words):
        build(tmp_path / "set", tmp_path / "work" / "decoded")
    assert not (tmp_path / "work" / "decoded").exists()


def test_what_file_managers_leave_behind_is_not_looked_at(tmp_path):
    write_folders(tmp_path / "set")
    (tmp_path / "set" / "a" / "Cat" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "set" / "a" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "set" / "ImageInfo.csv").write_bytes(b"x")
    assert len(list_files("made up", entry(), tmp_path / "set")) == 12


def test_a_full_disk_is_foretold(made, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 10_000))
    with pytest.raises(
        DataError, match=r"the decoded dataset made up needs 0\.0 MB more and the disk has"
    ):
        build(made[0], tmp_path / "decoded")
    assert {path.name for path in tmp_path.iterdir()} == {".decoded.lock"}


def test_a_fault_late_in_a_build_loses_nothing(made, tmp_path):
    shutil.copytree(made[0], tmp_path / "set")
    bad = tmp_path / "set" / "a" / "Cat" / "00001.png"
    intact = bad.read_bytes()
    bad.write_bytes(intact[:-60])  # its header is fine
    with pytest.raises(DataError, match=r"00001\.png: cannot be decoded whole"):
        build(tmp_path / "set", tmp_path / "decoded")
    bad.write_bytes(intact)
    build(tmp_path / "set", tmp_path / "decoded")
    assert files(tmp_path / "decoded") == files(made[1])
    assert not (tmp_path / ".decoded.part").exists()


def test_pixels_that_a_crash_lost_are_decoded_again(made, tmp_path, monkeypatch):
    from rise.decoding import build_folders

    def stop(*given, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(build_folders, "write_index", stop)
    with pytest.raises(KeyboardInterrupt):
        build(made[0], tmp_path / "decoded")
    monkeypatch.undo()
    pixels = tmp_path / ".decoded.part" / "pixels.bin"
    with pixels.open("r+b") as file:  # noted as done, and never written
        file.write(bytes(360 * 5))
    assert build(made[0], tmp_path / "decoded").kept == 7
    assert files(tmp_path / "decoded") == files(made[1])


def test_a_changed_file_starts_the_scratch_folder_anew(made, tmp_path):
    shutil.copytree(made[0], tmp_path / "set")
    (tmp_path / ".decoded.part").mkdir()
    for name in ("plan.txt", "pixels.bin", "done.bin"):
        (tmp_path / ".decoded.part" / name).write_bytes(b"of other files")
    build(tmp_path / "set", tmp_path / "decoded")
    assert files(tmp_path / "decoded") == files(made[1])


def test_embedded_datasets_have_the_content_digest_they_always_had(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    build_from_arrays("emojidg", lookup.datasets()["emojidg"], tmp_path / "decoded")
    decoded = open_decoded(tmp_path / "decoded")
    assert decoded.content == "24188ec01993d781cf79ed3f03bbc0c58908447a93617880d7dea8d729b33674"
    assert set(decoded.columns["path"]) == {""}
    assert list(decoded.columns["rank"]) == list(range(1432))
    assert decoded.files == {}
