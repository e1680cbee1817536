"""A text-only teacher: a user's file of class texts, embedded elsewhere, and where it is from.

`FILE.npz` holds `classes` (C,) and `raw` (C, D); `anchors` (C, A, D) with `anchor_names` (A,) if RD
is to be trained; and `prompts` and `source` for the reader. Or `FILE.npy` holds `raw` alone, and
`FILE.yaml` beside it classes, prompts and source. Rows may be in any order.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rise.errors import ConfigError, DataError
from rise.experiment.job import Texts
from rise.utils.io import digest, file_digest
from rise.utils.npz import write_npz
from rise.utils.read_yaml import read_yaml


@dataclass(frozen=True)
class TextFile:
    """Texts raw float32 (C, D) by class, anchors float32 (C, A, D) by anchor name; A may be 0."""

    path: Path
    classes: list[str]
    raw: np.ndarray
    anchors: np.ndarray
    anchor_names: list[str] = field(default_factory=list)


def read_text_file(path: Path) -> TextFile:
    """Read a file of class texts.

    Raises:
        DataError: it cannot be read, or its parts do not fit together.
    """
    try:
        found = _arrays(path)
        classes = [str(name) for name in found["classes"]]
        raw = np.asarray(found["raw"]).astype(np.float32)
        none = np.zeros((len(classes), 0, raw.shape[-1]), np.float32)
        anchors = np.asarray(found.get("anchors", none)).astype(np.float32)
        names = [str(name) for name in found.get("anchor_names", [])]
    except KeyError as error:
        raise DataError(f"{path}: holds no {error.args[0]!r}; see docs/teachers.md") from error
    except (OSError, ValueError, TypeError, zipfile.BadZipFile, ConfigError) as error:
        said = " ".join(str(error).split())
        raise DataError(f"{path}: is no file of class texts ({said}); make it again") from error
    shape = (len(classes), raw.shape[-1])
    if raw.shape != shape or anchors.shape != (shape[0], len(names), shape[1]):
        raise DataError(
            f"{path}: has {shape[0]} classes, {len(names)} anchor names, texts {raw.shape} and "
            f"anchors {anchors.shape}, which do not fit; make it again"
        )
    lengths = np.linalg.norm(np.concatenate([raw[:, None], anchors], axis=1), axis=2)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        raise DataError(f"{path}: a text is no finite vector or zero; make the file again")
    return TextFile(path, classes, raw, anchors, names)


def _arrays(path: Path) -> Mapping[str, Any]:
    if path.suffix == ".npy":
        said = read_yaml(path.with_suffix(".yaml"))
        for name in said["classes"]:
            if isinstance(name, bool) or not isinstance(name, str | int):
                raise DataError(f"{path}: class {name!r} of its .yaml is no text; quote it")
        return {**said, "raw": np.load(path, allow_pickle=False)}
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def text_file_digest(path: Path) -> str:
    """Digest a file of class texts: sha256, or over both digests where it has a .yaml beside it."""
    if path.suffix != ".npy":
        return file_digest(path)
    return digest([file_digest(path), file_digest(path.with_suffix(".yaml"))])


def texts_for(file: TextFile, wanted: Texts) -> tuple[np.ndarray, np.ndarray]:
    """Put class texts into the order of a dataset's labels, and choose the anchors asked for.

    Returns:
        raw (C, D) and anchors (C, A, D); A is 0 where the file has none.

    Raises:
        ConfigError: a class is unknown, or a class or anchor is missing.
    """
    rows = _places(file.path, "class", file.classes, wanted.classes)
    if unknown := sorted(set(file.classes) - set(wanted.classes)):
        raise ConfigError(
            f"{file.path}: class {unknown[0]!r} is none of the dataset's "
            f"({', '.join(wanted.classes)}); name each as the dataset does"
        )
    names = wanted.anchors if file.anchor_names else []
    columns = _places(file.path, "anchor", file.anchor_names, names)
    return file.raw[rows], file.anchors[rows][:, columns]


def _places(path: Path, what: str, found: list[str], wanted: list[str]) -> list[int]:
    for name in wanted:
        if found.count(name) != 1:
            times = f"{found.count(name)} times" if name in found else "nowhere"
            raise ConfigError(f"{path}: {what} {name!r} stands {times}; it must stand once")
    return [found.index(name) for name in wanted]


def make_text_file(
    array: Path, rows: dict[str, int], prompts: Sequence[str], source: str, out: Path
) -> None:
    """Write rows of an array (N, D) of embeddings as a text-only teacher, by class name.

    Raises:
        DataError: the array cannot be read, or has no such row.
    """
    try:
        every = np.load(array, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{array}: is no .npy file of numbers ({error}); give another") from error
    for name, row in rows.items():
        if every.ndim != 2 or not 0 <= row < len(every):
            raise DataError(f"{array}: has shape {every.shape} and so no row {row} for {name!r}")
    raw = every[list(rows.values())].astype(np.float32)
    words = {"classes": list(rows), "prompts": list(prompts), "source": source}
    write_npz(out, {"raw": raw, **{key: np.array(value) for key, value in words.items()}})
    read_text_file(out)
