"""A small made-up dataset: 3 domains x 3 classes, random teacher embeddings."""

import dataclasses

import numpy as np
import pytest
import torch

from rise.datasets.decoded import DecodedDataset
from rise.experiment.identity import Recipe
from rise.methods._base import Context, Text
from rise.training.data import UnitData
from rise.training.embeddings import Cached
from rise.training.images import open_images
from rise.training.schedule import Schedule
from rise.utils.rng import numpy_stream
from rise.utils.torch_rng import torch_stream
from tests.trunks import trunk

VALUES = {
    "epochs": 3,
    "batch_size": 8,
    "momentum": 0.9,
    "nesterov": True,
    "schedule": "cosine",
    "clip_norm": 1.0,
    "evaluate_every": 1,
    "keep": "best",
    "average": "none",
    "validation": "mean",
    "second_head": False,
}
CLASSES, EACH, VIEWS, WIDTH = 3, 12, 3, 8


def make_decoded(domains: int = 3) -> DecodedDataset:
    n = domains * CLASSES * EACH
    stream = numpy_stream("made-up images")
    label = np.arange(n) % CLASSES
    pixels = stream.integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)
    pixels[..., 0] = (pixels[..., 0] // 4 + 80 * label[:, None, None]).astype(np.uint8)
    part = np.where(np.arange(n) // CLASSES % 4 == 0, "validation", "train")
    columns = {
        "id": np.array([f"{k:016x}" + "0" * 48 for k in range(n)]),
        "domain": np.arange(n) // (CLASSES * EACH),
        "label": label,
        "identity": np.arange(n).astype(str),
        "part": part,
        "group": np.full(n, ""),
        "offset": np.arange(n) * 3072,
        "height": np.full(n, 32),
        "width": np.full(n, 32),
    }
    names = [f"domain{k}" for k in range(domains)]
    return DecodedDataset("made-up", names, ["a", "b", "c"], "0" * 64, columns, pixels.reshape(-1))


@pytest.fixture(scope="session")
def data() -> UnitData:
    torch.set_num_threads(1)
    decoded = make_decoded()
    rows = np.concatenate([decoded.rows(d, "train") for d in decoded.domains])
    embeddings = numpy_stream("made-up teacher").normal(size=(len(rows), VIEWS, WIDTH))
    embeddings /= np.linalg.norm(embeddings, axis=2, keepdims=True)
    raw = torch.randn(CLASSES, WIDTH, generator=torch_stream("made-up texts"))
    anchors = torch.randn(CLASSES, 3, WIDTH, generator=torch_stream("made-up anchors"))
    text = Text(raw, raw / raw.norm(dim=1, keepdim=True), anchors, 15.0)
    return UnitData(
        decoded=decoded,
        rows=rows,
        images=open_images(decoded, rows, 32, "emoji"),
        domains=torch.from_numpy(decoded.columns["domain"][rows]),
        labels=torch.from_numpy(decoded.columns["label"][rows]),
        embeddings=Cached(embeddings.astype(np.float16)),
        validation={d: decoded.rows(d, "validation") for d in decoded.domains},
        texts=(text,),
        size=32,
        policy="emoji",
        device=torch.device("cpu"),
    )


@pytest.fixture(scope="session")
def photos(data) -> UnitData:
    """The same with images of differing sizes, from which every view is cut."""
    sides = numpy_stream("made-up sizes").integers(20, 33, (2, len(data.decoded)))
    columns = {**data.decoded.columns, "height": sides[0], "width": sides[1]}
    decoded = dataclasses.replace(data.decoded, columns=columns)
    images = open_images(decoded, data.rows, 32, "released")
    return dataclasses.replace(data, decoded=decoded, images=images, policy="released")


@pytest.fixture
def context(data) -> Context:
    return Context(
        classes=CLASSES,
        domains=3,
        texts=data.texts,
        seed=0,
        make_trunk=lambda: trunk("tiny-resnet"),
    )


def make_recipe(data, seed: int = 0, **changes) -> Schedule:
    recipe = Recipe(**{**VALUES, **changes})
    return Schedule(recipe, 0.05, 5e-4, len(data.rows), VIEWS, seed)
