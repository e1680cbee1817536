"""The contact sheet, and the two commands."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rise.cli import data
from rise.cli import decoded as commands
from rise.datasets.decoded import open_decoded
from rise.decoding.build_folders import build_from_folders
from rise.decoding.contact_sheet import CELL, GAP, contact_sheet
from rise.errors import DataError
from tests.cli.test_cli import rise
from tests.datasets.images import entry, write_folders


@pytest.fixture
def decoded(tmp_path):
    """One colour a class and domain; wide images; one class of domain b has one image only."""
    for d, domain in enumerate("ab"):
        for c, label in enumerate(("Cat", "dog")):
            folder = tmp_path / "set" / domain / label
            folder.mkdir(parents=True)
            for k in range(1 if (domain, label) == ("b", "dog") else 3):
                colour = (200, 60 + 100 * d, 60 + 100 * c + k)
                Image.new("RGB", (100 + k, 50), colour).save(folder / f"{k}.png")
    build_from_folders("made up", entry(), tmp_path / "set", tmp_path / "decoded", workers=1)
    return open_decoded(tmp_path / "decoded")


def test_a_sheet_has_classes_in_rows_and_domains_in_columns(decoded, tmp_path):
    contact_sheet(decoded, tmp_path / "sheet.png", each=2)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    red = (sheet[..., 0] == 200) & (sheet[..., 1] != 200)
    at = {}
    for d in range(2):
        for c in range(2):
            rows, columns = np.nonzero(
                red & (sheet[..., 1] == 60 + 100 * d) & (abs(sheet[..., 2] - 61.0 - 100 * c) <= 1)
            )
            shown = 1 if (d, c) == (1, 1) else 2
            assert abs(len(rows) - shown * CELL * CELL // 2) < 250  # twice as wide as high
            at[d, c] = rows.min(), columns.min()
    assert at[0, 1][0] - at[0, 0][0] == pytest.approx(CELL + GAP, abs=1)
    assert at[0, 0][1] == at[0, 1][1] < at[1, 0][1] == at[1, 1][1]


def test_a_sheet_is_the_same_every_time(decoded, tmp_path):
    contact_sheet(decoded, tmp_path / "1.png")
    contact_sheet(decoded, tmp_path / "2.png")
    assert (tmp_path / "1.png").read_bytes() == (tmp_path / "2.png").read_bytes()


def test_long_names_are_not_cut_off(decoded, tmp_path):
    contact_sheet(decoded, tmp_path / "short.png", each=1)
    decoded.domains[1] = "a domain with quite a long name that is wider than its images"
    contact_sheet(decoded, tmp_path / "long.png", each=1)
    short, long = (Image.open(tmp_path / f"{name}.png") for name in ("short", "long"))
    assert long.width > short.width + 200
    head = np.asarray(long)[: CELL // 3]
    assert (head[:, -4:] == 255).all()  # white to the right of the last letter


def test_the_commands_on_an_own_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path / "set")
    with pytest.raises(DataError, match=r"^set: was not verified yet; run rise data verify set$"):
        commands.decode_dataset("set")
    data.verify("set")
    capsys.readouterr()
    commands.decode_dataset("set", workers=1)
    said = capsys.readouterr()
    assert "12 images, 0.00 GB; 0 equal files left out, 0 images kept" in said.err
    assert len(open_decoded(tmp_path / said.out.strip())) == 12
    commands.show("set", each=1)
    assert (tmp_path / "set.png").is_file()


def test_a_dataset_that_was_not_fetched_is_not_decoded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RISE_DATA", raising=False)
    with pytest.raises(DataError, match=r"^vlcs: is not here; run rise data fetch vlcs"):
        commands.decode_dataset("vlcs")


def test_the_commands_on_embedded_images(tmp_path):
    root = Path(__file__).parents[2]
    (tmp_path / "data").symlink_to(root / "data")
    missing = rise("data", "show", "objects", folder=tmp_path)
    assert missing.returncode == 1
    assert "it is not decoded yet; run rise data decode objects" in missing.stderr
    done = rise("data", "decode", "objects", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / done.stdout.strip() / "dataset.json").is_file()
    shown = rise("data", "show", "objects", "--each", "1", "--out", "x.png", folder=tmp_path)
    assert (shown.returncode, shown.stdout) == (0, "x.png\n")
    assert Image.open(tmp_path / "x.png").height > 10 * CELL
