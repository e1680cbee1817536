"""A dataset of one's own, from a folder of images to a report; and what happens when it changes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.workflow.project import Project

DOMAINS, CLASSES, EACH = ("ink", "paint", "photo"), ("cup", "jug"), 20


@pytest.fixture
def own(fresh: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose experiment is about its folder `pacs`, no set of the catalog's.

    Upper or lower half of an image is dark.
    """
    random = np.random.default_rng(0)
    for at, domain in enumerate(DOMAINS):
        for label, name in enumerate(CLASSES):
            folder = fresh.path / "pacs" / domain / name
            folder.mkdir(parents=True)
            for number in range(EACH):
                shape = (40 + number, 50, 3)  # heights differ
                pixels = random.integers(60 * at, 60 * at + 100, shape, dtype=np.uint8)
                half = shape[0] // 2
                pixels[half * label : half * (label + 1)] = 0
                Image.fromarray(pixels).save(folder / f"{number}.png")

    def about_vessels(values: dict) -> None:
        values["datasets"] = {"mine": {"folder": "pacs", "held_out": ["ink", ["paint", "photo"]]}}
        values["seeds"] = 1
        values["decision"]["score"] = "all"
        values["variants"]["main"]["protocol"] = "rise"
        values["variants"]["main"]["views"]["policy"] = "none"
        values["variants"]["main"]["recipe"]["batch_size"] = 8

    fresh.configure(about_vessels)
    monkeypatch.chdir(fresh.path)
    return fresh


def test_a_folder_becomes_a_report_and_a_changed_image_other_records(own: Project) -> None:
    folder = own.path / "pacs"
    refused = own.snakemake()
    assert refused.returncode == 1
    assert "rise: pacs: was not verified yet; run rise data verify ./pacs\n" in refused.stdout
    missing = own.run("rise", "data", "verify", "pacs")
    assert missing.returncode == 1 and "pacs-1: no such folder" in missing.stdout

    assert own.run("rise", "data", "verify", "./pacs").returncode == 0
    done = own.snakemake()
    assert done.returncode == 0, done.stdout
    keys = {
        f"mine/main/{m}/{h}/seed0"
        for m in ("erm_text_init", "rise")
        for h in ("ink", "paint+photo")
    }
    assert own.keys() == keys == set(own.records())
    record = json.loads(own.file("mine/main/rise/paint+photo/seed0").read_text())["science"]
    assert record["held_out"]["all"]["total"] == 4 * EACH
    assert set(record["validation"]) == {"ink"}
    assert record["validation"]["ink"]["total"] == 2 * EACH // 10
    digest = json.loads((folder / "manifest.json").read_text())["digest"]
    assert record["data"]["manifest"] == record["identity"]["dataset"]["revision"] == digest
    assert own.planned() == (set(), set())
    # What predictions are scored with lies in the results, and nothing beside the images.
    assert [path.name[:5] for path in own.path.glob("results/mini/scored/*")] == ["mine-"]
    kept = {"ink", "paint", "photo", "manifest.json", "manifest.parquet"}
    assert {path.name for path in folder.iterdir()} == kept

    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(folder / "ink" / "cup" / "0.png")
    faulty = own.run("rise", "data", "verify", "./pacs")
    assert faulty.returncode == 1 and "ink/cup/0.png" in faulty.stdout
    for name in ("manifest.parquet", "manifest.json"):
        (folder / name).unlink()
    assert own.run("rise", "data", "verify", "./pacs").returncode == 0
    assert own.planned()[0] == keys


def test_a_class_that_is_held_out_everywhere_leaves_no_source(own: Project) -> None:
    own.configure(lambda v: v["datasets"]["mine"].update(held_out=[["ink", "paint", "photo"]]))
    assert own.run("rise", "data", "verify", "./pacs").returncode == 0
    refused = own.snakemake()
    assert refused.returncode == 1
    assert (
        "datasets.mine.held_out: ['ink', 'paint', 'photo'] must leave at least one source domain"
        in refused.stdout
    )


def test_a_folder_that_is_not_there_is_one_sentence(own: Project, tmp_path: Path) -> None:
    own.configure(lambda v: v["datasets"]["mine"].update(folder=str(tmp_path / "none")))
    refused = own.snakemake()
    assert refused.returncode == 1
    assert f"{tmp_path / 'none'}: no such folder" in refused.stdout
