"""What was published with PACS: its official lists and their known mistakes."""

from pathlib import Path

import pytest

from rise.datasets import released
from rise.datasets.official import read_lists
from rise.errors import DataError

from .images import PACS_CLASSES, PACS_DOMAINS, pacs_names

ART = "art_painting"


def write_lists(folder: Path, change=lambda lists: None) -> Path:
    """Lists in the published form: all art paintings, every ninth and two named in crossval."""
    names = [path for path, _ in pacs_names() if path.startswith(ART)]
    named = [f"{ART}/dog/pic_225.jpg", f"{ART}/dog/pic_249.jpg", f"{ART}/dog/pic_248.jpg"]
    crossval = named + [name for name in names[::9] if name not in named]
    lists = {"train": [n for n in names if n not in crossval], "crossval": crossval, "test": names}
    lists = {
        part: [f"PACS/{n} {PACS_CLASSES.index(n.split('/')[1]) + 1}" for n in listed]
        for part, listed in lists.items()
    }
    change(lists)
    for part, lines in lists.items():
        (folder / f"{ART}_{part}_kfold.txt").write_text("\n".join(lines) + "\n")
    return folder


def test_lists_are_read_in_their_order_with_or_without_prefix_and_carriage_returns(tmp_path):
    train, crossval = read_lists(write_lists(tmp_path), ART, PACS_CLASSES)
    assert crossval[:2] == [f"{ART}/dog/pic_225.jpg", f"{ART}/dog/pic_249.jpg"]
    assert len(train) + len(crossval) == 2048
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes().replace(b"PACS/", b"").replace(b"\n", b"\r\n"))
    assert read_lists(tmp_path, ART, PACS_CLASSES) == (train, crossval)


def at(part: str, place: int, line: str):
    """A change of one line."""

    def change(lists):
        lists[part][place] = line

    return change


FAULTS = [
    (
        at("crossval", 0, f"PACS/{ART}/dog/pic_225.jpg 0"),
        r"crossval_kfold\.txt, line 1: label 0 of art_painting/dog/pic_225\.jpg is outside 1 to 7: "
        "the known mistake of circulating copies",
    ),
    (
        at("crossval", 1, f"PACS/{ART}/dog/pic_248.jpg 1"),
        r"art_painting/dog/pic_248\.jpg stands twice \(lines 2, 3\): the known mistake of "
        r"circulating copies, art_painting/dog/pic_249\.jpg is meant once",
    ),
    (
        at("train", 4, f"PACS/{ART}/dog/pic_001.jpg 8"),
        r"train_kfold\.txt, line 5: label 8 of .* is outside 1 to 7; take",
    ),
    (at("test", 0, f"PACS/{ART}/dog/pic_001.jpg -1"), "label -1 of .* is outside 1 to 7"),
    (at("test", 0, f"PACS/{ART}/dog/pic_001.jpg 3"), "label 3 is giraffe, and .* lies in dog"),
    (
        lambda lists: lists["train"].append(lists["train"][5]),
        r"stands twice \(lines 6, \d+\); take an intact copy",
    ),
    (lambda lists: lists["train"].pop(), "train and crossval lists do not add up to its test list"),
    (lambda lists: lists["test"].pop(), r"do not add up to its test list \(.* and 0 more\)"),
    (
        lambda lists: lists["train"].append(lists["crossval"][7]),
        "stands in art_painting's train and in its crossval list",
    ),
    (at("test", 2, "PACS/photo/dog/056_0001.jpg 1"), "names no image of art_painting"),
    (at("test", 2, f"PACS/{ART}/wolf/1.jpg 1"), "names no image of art_painting"),
    (at("test", 2, "kfold"), "names no image of art_painting"),
]


@pytest.mark.parametrize(("change", "words"), FAULTS)
def test_a_mistake_in_a_list_is_named(tmp_path, change, words):
    with pytest.raises(DataError, match=words) as caught:
        read_lists(write_lists(tmp_path, change), ART, PACS_CLASSES)
    assert len(str(caught.value).splitlines()) == 1
    known = "known mistake" in words
    assert ("known mistake" in str(caught.value)) == known


def test_a_list_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"photo_train_kfold\.txt: cannot be read"):
        read_lists(tmp_path, "photo", PACS_CLASSES)


def test_the_committed_lists_name_images_of_pacs_once():
    ids = {domain: set() for domain in PACS_DOMAINS}
    for path, image in pacs_names():
        ids[path.split("/")[0]].add(image[: released.DIGITS])
    assert len(set.union(*ids.values())) == 9991  # so many digits tell all images apart
    listed = released.official("pacs")
    sizes = {domain: len(found) for domain, found in listed.items()}
    assert sizes == {"art_painting": 208, "cartoon": 237, "photo": 171, "sketch": 398}
    for domain, found in listed.items():
        assert found == sorted(set(found))
        assert set(found) <= ids[domain]


def test_a_changed_list_is_refused(monkeypatch):
    monkeypatch.setitem(released.OFFICIAL, "pacs", "0" * 64)
    released.official.cache_clear()
    with pytest.raises(DataError, match=r"pacs_rise\.yaml: was changed; restore it"):
        released.official("pacs")
