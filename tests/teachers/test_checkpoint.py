"""A teacher's checkpoint is read as tensors, and nothing in it is run."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from rise.catalog import lookup
from rise.errors import DataError
from rise.teachers.checkpoint import load_checkpoint, naming_fault
from rise.utils.io import file_digest


def load(path: Path, published: bool = False) -> dict[str, Tensor]:
    return load_checkpoint(path, file_digest(path), published)


def test_other_bytes_are_refused_before_loading(tmp_path: Path) -> None:
    """The digest is checked first, so the bytes may be anything."""
    path = tmp_path / "clip.safetensors"
    path.write_bytes(b"anything")
    with pytest.raises(DataError, match=f"has sha256 {file_digest(path)}, expected {'0' * 64}"):
        load_checkpoint(path, "0" * 64)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_truncated_and_missing_files(tmp_path: Path, suffix: str) -> None:
    """Half a file is a DataError that names it, and so is none."""
    path = tmp_path / f"clip{suffix}"
    with pytest.raises(DataError, match="is missing"):
        load_checkpoint(path, "0" * 64)
    state = {"logit_scale": torch.ones(()), "other": torch.zeros(999)}
    if suffix == ".pt":
        torch.save(state, path)
    else:
        save_file(state, path)
    assert set(load(path)) == set(state)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(DataError, match="can't be read as weights"):
        load(path)


def test_only_tensors_are_loaded(tmp_path: Path) -> None:
    """Objects are refused by the reader, other values by their kind."""
    path = tmp_path / "clip.pt"
    torch.save({"path": Path("x")}, path)
    with pytest.raises(DataError, match="holds pickled code, which is never run: save the model"):
        load(path)
    torch.save({"epoch": 3}, path)
    with pytest.raises(DataError, match="holds more than named tensors: save the model's state"):
        load(path)
    torch.save({"epoch": 3, "state_dict": {"w": torch.ones(1)}}, path)
    with pytest.raises(DataError, match="more than named tensors: save its 'state_dict' alone"):
        load(path)


class Writes(nn.Module):
    """A module whose archive acts when it is loaded."""

    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    @torch.jit.export
    def __getstate__(self) -> tuple[Tensor, bool]:
        return self.weight, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[Tensor, bool]) -> None:
        print("code of the archive")
        torch.save(state[0], "written.pt")
        self.weight = state[0]
        self.training = state[1]

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight


@pytest.mark.filterwarnings("ignore")
def test_code_of_an_archive_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Unless its bytes are published ones; the plan refuses it before any job does."""
    monkeypatch.chdir(tmp_path)
    path = Path("clip.pt")
    torch.jit.save(torch.jit.script(Writes()), path)  # type: ignore[no-untyped-call]
    capfd.readouterr()
    with pytest.raises(DataError, match="is a TorchScript archive, and loading one runs the code"):
        lookup.teacher("clip.pt")
    with pytest.raises(DataError, match="is a TorchScript archive, and loading one runs the code"):
        load(path)
    assert capfd.readouterr().out == ""
    assert list(tmp_path.iterdir()) == [tmp_path / "clip.pt"]
    # The archive does run code: a digest that vouches for it lets it.
    assert torch.equal(load(path, published=True)["weight"], torch.ones(2))
    assert "code of the archive" in capfd.readouterr().out


@pytest.mark.filterwarnings("ignore")
def test_a_published_archive_needs_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of OpenAI's file under another name is known by its bytes."""
    path = tmp_path / "copy.pt"
    torch.jit.save(torch.jit.script(nn.Linear(2, 3)), path)  # type: ignore[no-untyped-call]
    entry = lookup.teachers()["clip-vit-b16"].model_copy(update={"sha256": file_digest(path)})
    monkeypatch.setitem(lookup.teachers(), "clip-vit-b16", entry)
    found = lookup.teacher(str(path))
    assert (found.name, found.published, found.architecture) == ("copy", True, entry.architecture)
    assert set(load(path, found.source.published)) == {"weight", "bias"}


@pytest.mark.parametrize(
    "prefix", ["module.", "model.", "module.model.", "clip.", "module.network.0."]
)
def test_a_prefix_is_named(prefix: str) -> None:
    """Parallel training, Lightning and averages (with a counter) put one before every name."""
    names: list[Any] = ["n_averaged", f"{prefix}text_projection", f"{prefix}visual.proj"]
    fault = naming_fault(names)
    assert fault is not None and f"save them without {prefix!r}" in fault


def test_names_of_transformers_and_of_clip() -> None:
    names = ["logit_scale", "text_model.final_layer_norm.bias", "text_projection.weight"]
    assert "as transformers names them" in str(naming_fault(names))
    assert naming_fault(["text_projection", "visual.proj", "visual.text_projection"]) is None
