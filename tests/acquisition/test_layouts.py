"""Archive layouts: each becomes <domain folder>/<class>/<file>."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rise.acquisition.layouts import build
from rise.catalog import lookup
from rise.errors import DataError
from tests.datasets import toy


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def touch(tree: Path, *places: str) -> None:
    for place in places:
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        (tree / place).write_text(place)


@pytest.mark.parametrize("top", ["", "kfold/", "a/b/c/"])
@pytest.mark.parametrize("oil", ["oil paint", "oil_paint", "oil", "OIL PAINT"])
def test_domains_are_found(top: str, oil: str, tmp_path: Path) -> None:
    touch(tmp_path / "tree", f"{top}ink/dog/1.png", f"{top}{oil}/dog/2.png", "lists/x.txt")
    touch(tmp_path / "tree", "__MACOSX/ink/dog/._1.png", f"{top}ink/.DS_Store")
    build("folders", tmp_path / "tree", toy.entry(), tmp_path / "ready")
    assert files(tmp_path / "ready") == ["ink/dog/1.png", "oil paint/dog/2.png"]


def test_files_are_links_and_stay_where_they_were(tmp_path: Path) -> None:
    touch(tmp_path / "tree", "ink/dog/1.png", "oil paint/dog/2.png")
    build("folders", tmp_path / "tree", toy.entry(), tmp_path / "ready")
    assert (tmp_path / "ready/ink/dog/1.png").samefile(tmp_path / "tree/ink/dog/1.png")


def test_copies_where_no_link_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_disk(*_: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", other_disk)
    touch(tmp_path / "tree", "ink/dog/1.png", "oil paint/dog/2.png")
    build("folders", tmp_path / "tree", toy.entry(), tmp_path / "ready")
    assert (tmp_path / "ready/ink/dog/1.png").read_text() == "ink/dog/1.png"
    assert not (tmp_path / "ready/ink/dog/1.png").samefile(tmp_path / "tree/ink/dog/1.png")


def test_links_are_followed_inside_only(tmp_path: Path) -> None:
    touch(tmp_path / "tree", "ink/dog/1.png", "oil paint/dog/2.png", "store/3.png")
    (tmp_path / "tree/ink/dog/3.png").symlink_to("../../store/3.png")
    build("folders", tmp_path / "tree", toy.entry(), tmp_path / "ready")
    made = tmp_path / "ready/ink/dog/3.png"
    assert made.read_text() == "store/3.png" and not made.is_symlink()
    touch(tmp_path, "secret.png")
    (tmp_path / "tree/ink/dog/4.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(DataError, match=r"4\.png: is a link that leads out"):
        build("folders", tmp_path / "tree", toy.entry(), tmp_path / "again")


def test_linked_folder_that_leads_out(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/1.png")
    touch(tmp_path / "tree", "ink/dog/1.png", "oil paint/dog/2.png")
    (tmp_path / "tree/ink/Cat").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="leads out"):
        build("folders", tmp_path / "tree", toy.entry(), tmp_path / "ready")


def test_link_to_nothing(tmp_path: Path) -> None:
    touch(tmp_path / "tree", "ink/dog/1.png", "oil paint/dog/2.png")
    (tmp_path / "tree/ink/dog/3.png").symlink_to("gone.png")
    with pytest.raises(DataError, match="a broken link"):
        build("folders", tmp_path / "tree", toy.entry(), tmp_path / "ready")


def test_no_domains(tmp_path: Path) -> None:
    touch(tmp_path / "tree", "ink/dog/1.png", "train/x/2.png")
    with pytest.raises(DataError, match="contains no folder with the domains ink, oil paint"):
        build("folders", tmp_path / "tree", toy.entry(), tmp_path / "ready")


def test_copies_of_rise_are_known_by_alias(tmp_path: Path) -> None:
    touch(tmp_path / "tree", *(f"V/{d}/dog/1.jpg" for d in ("CALTECH", "LABELME", "SUN", "VOC")))
    build("folders", tmp_path / "tree", lookup.datasets()["vlcs"], tmp_path / "ready")
    assert files(tmp_path / "ready") == [
        f"{d}/dog/1.jpg" for d in ("Caltech101", "LabelMe", "SUN09", "VOC2007")
    ]


def cct20(tree: Path) -> None:
    """Five lists; image 1 has two labels and three boxes, 3 another camera, 4 another animal."""
    images = [
        {"id": n, "file_name": f"{n}.jpg", "location": where}
        for n, where in ((1, 38), (2, "100"), (3, 99), (4, 46), (5, 43))
    ]
    boxes = [(1, 10), (1, 10), (1, 11), (2, 11), (3, 10), (4, 12), (5, 10)]
    lists = tree / "eccv_18_annotation_files"
    lists.mkdir(parents=True)
    names = ("cis_test", "cis_val", "train", "trans_test", "trans_val")
    for number, name in enumerate(names, 1):
        data = {
            "categories": [
                {"id": i, "name": n} for i, n in ((10, "cat"), (11, "dog"), (12, "car"))
            ],
            "images": [i for i in images if i["id"] == number],
            "annotations": [
                {"image_id": i, "category_id": c, "id": at}
                for at, (i, c) in enumerate(boxes)
                if i == number
            ],
        }
        (lists / f"{name}_annotations.json").write_text(json.dumps(data))
    touch(tree, *(f"eccv_18_all_images_sm/{n}.jpg" for n in range(1, 7)))


def test_cct20(tmp_path: Path) -> None:
    cct20(tmp_path / "tree")
    entry = lookup.datasets()["terra_incognita_cct20"]
    build("cct20", tmp_path / "tree", entry, tmp_path / "ready")
    assert files(tmp_path / "ready") == [
        "location_100/dog/2.jpg",
        "location_38/cat/1.jpg",
        "location_38/dog/1.jpg",
        "location_43/cat/5.jpg",
    ]


def test_cct20_with_an_image_or_a_list_missing(tmp_path: Path) -> None:
    entry = lookup.datasets()["terra_incognita_cct20"]
    cct20(tmp_path / "tree")
    (tmp_path / "tree/eccv_18_all_images_sm/5.jpg").unlink()
    with pytest.raises(DataError, match=r"5\.jpg: is in the annotations, not in the archive"):
        build("cct20", tmp_path / "tree", entry, tmp_path / "ready")
    (tmp_path / "tree/eccv_18_annotation_files/train_annotations.json").unlink()
    with pytest.raises(DataError, match=r"train_annotations\.json: is not a list of annotations"):
        build("cct20", tmp_path / "tree", entry, tmp_path / "again")


def test_domainnet(tmp_path: Path) -> None:
    entry = lookup.datasets()["domainnet"]
    touch(tmp_path / "tree", *(f"{domain}/dog/{n}.jpg" for domain in entry.domains for n in "12"))
    listed = tmp_path / "tree/domain_net_duplicates.txt"
    with pytest.raises(DataError, match="the archives alone are not the cleaned set"):
        build("domainnet", tmp_path / "tree", entry, tmp_path / "ready")
    listed.write_text("real/dog/2.jpg\nclipart/dog/9.jpg\n../tree/sketch/dog/1.jpg\n")
    build("domainnet", tmp_path / "tree", entry, tmp_path / "again")
    made = files(tmp_path / "again")
    assert len(made) == 11 and "real/dog/2.jpg" not in made and "sketch/dog/1.jpg" in made
    assert (tmp_path / "tree/real/dog/2.jpg").exists() and (
        tmp_path / "tree/sketch/dog/1.jpg"
    ).exists()


def parquet(path: Path, **columns: list[Any]) -> None:
    table = pa.table(columns)
    features = {"label": {"names": ["Cat", "dog"], "_type": "ClassLabel"}}
    table = table.replace_schema_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def test_parquet(tmp_path: Path) -> None:
    one, two = toy.picture(1), toy.picture(2, "JPEG")
    parquet(
        tmp_path / "tree/data/a.parquet",
        image=[{"bytes": data, "path": None} for data in (one, two, one)],
        domain=["ink", "Oil Paint", "ink"],
        label=[1, 0, 1],
    )
    build("parquet", tmp_path / "tree", toy.entry(), tmp_path / "ready")
    made = files(tmp_path / "ready")
    assert [Path(p).parent.as_posix() for p in made] == ["ink/dog", "ink/dog", "oil paint/Cat"]
    assert {(tmp_path / "ready" / p).read_bytes() for p in made} == {one, two}
    assert made[0].endswith("-2.png") and made[2].endswith(".jpg")


def test_parquet_of_something_else(tmp_path: Path) -> None:
    parquet(tmp_path / "tree/a.parquet", image=[{"bytes": b"x"}], domain=["tar"], label=[1])
    with pytest.raises(DataError, match=r"a\.parquet: has no rows of image, domain, label"):
        build("parquet", tmp_path / "tree", toy.entry(), tmp_path / "ready")
    with pytest.raises(DataError, match="contains no parquet file"):
        build("parquet", tmp_path / "ready", toy.entry(), tmp_path / "again")
