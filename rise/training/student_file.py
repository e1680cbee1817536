"""What an exported student's file holds, and how it predicts: tensors by name, and said settings.

`trunk.NAME` are the network's tensors, with the network's own NAME (timm's for its networks);
`projector.*` and `classifier.*` the head of RISE's chain, `head.*` a plain one; `texts` the unit
class texts of the second head.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from rise.experiment.identity import Identity
from rise.experiment.record import Record
from rise.methods._chain import SECOND_SCALE
from rise.students._trunk import Trunk
from rise.students._weights import load_network

PREFIX = "trunk."
HEADS = ("projector", "classifier", "head")  # linear layers, applied in this order


def named(state: Mapping[str, Any], timm: bool) -> dict[str, Tensor]:
    """Take from a method's state dict what a file holds, as the file names it.

    Args:
        state: of the method whose prediction is exported.
        timm: the network is timm's, and its names lack the trunk's own "body.".
    """
    own = f"{PREFIX}body." if timm else PREFIX
    kept = {
        name: value.contiguous()
        for name, value in state.items()
        if isinstance(value, Tensor) and name.startswith((own, *(f"{one}." for one in HEADS)))
    }
    return {name.replace(own, PREFIX, 1): value for name, value in kept.items()}


def about(
    identity: Identity, trunk: Trunk, tensors: Mapping[str, Tensor], classes: list[str], small: bool
) -> dict[str, str]:
    """Say what the tensors do not: the file's metadata, each value as JSON.

    Args:
        identity: of the unit.
        trunk: of its student, with the mean and std that it normalises by.
        tensors: of the file.
        classes: in the order of the scores.
        small: images are averaged by area, not resized (see rise.training.images).
    """
    size = identity.student.image_size
    values = {
        "network": identity.student.network,
        "classes": classes,
        "mean": trunk.mean.flatten().tolist(),
        "std": trunk.std.flatten().tolist(),
        "size": size,
        "resize": "average by area" if small else "bilinear with antialiasing, to the square",
        "precision": identity.device.precision,
        **({"text_scale": SECOND_SCALE} if "texts" in tensors else {}),
    }
    return {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}


@torch.no_grad()
def probabilities(
    images: Tensor, trunk: Trunk, tensors: Mapping[str, Tensor], said: Mapping[str, str]
) -> Tensor:
    """Predict by what a file holds: images (B, 3, size, size) in [0, 1] -> (B, C).

    Args:
        images: as `resize` in the metadata says.
        trunk: the network, whose tensors are replaced by the file's.
        tensors: of the file.
        said: its metadata.

    Raises:
        DataError: the tensors do not fit the network.
    """
    load_network(trunk, tensors, Path("the trained student"))
    embed: Tensor = trunk.eval()(images)
    scores = embed
    for layer in HEADS:
        if f"{layer}.weight" in tensors:
            scores = F.linear(scores, tensors[f"{layer}.weight"], tensors.get(f"{layer}.bias"))
            embed = scores if layer == "projector" else embed
    if "texts" not in tensors:
        return scores.softmax(1)
    cosines = F.normalize(embed, dim=1) @ tensors["texts"].T
    scale = float(json.loads(said["text_scale"]))
    return (scores.softmax(1) + (scale * cosines).softmax(1)) / 2


def card(record: Record, name: str, sha256: str, said: Mapping[str, str]) -> str:
    """Write a model card: what was trained on which data, what it takes, and what it scored."""
    science = record.science
    identity = science.identity
    scores = [
        f"- {kind}, {part}: {score.correct} of {score.total} ({score.correct / score.total:.1%})"
        for kind, found in (("validation", science.validation), ("held out", science.held_out))
        for part, score in found.items()
    ]
    return "\n".join(
        [
            f"# {name}: {identity['student']['name']} trained by {identity['method']['name']}",
            "",
            f"Dataset {identity['dataset']['name']}, held out {', '.join(identity['held_out'])}, "
            f"seed {identity['seed']}; selected on source validation: "
            f"{json.dumps(science.selected, sort_keys=True)}.",
            "",
            f"- sha256 of the file: {sha256}",
            f"- digest of the unit: {record.digest}",
            *(f"- {key}: {value}" for key, value in said.items() if key != "classes"),
            *scores,
            "",
            "Classes, in the order of the scores:",
            "",
            *(f"{at}. {one}" for at, one in enumerate(json.loads(said["classes"]))),
            "",
            "```json",
            json.dumps(identity, indent=2, sort_keys=True),
            "```",
            "",
        ]
    )
