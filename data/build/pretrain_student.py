"""Train the embedded student's start: its trunk learns to name drawings of the vendors.

The names are those of the drawn things ("red apple"), not the benchmark's classes, and the vendors
are the teacher's, so no domain is seen. This stands in for a start from ImageNet weights.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from rise.students.build import TinyResNet
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from data.build.curation import read_curation
from data.build.drawings import augment, frequent, teacher_drawings
from data.build.pretrain_teacher import CURATION, schedule
from rise.utils.io import replacing
from rise.utils.progress import ReportProgress
from rise.utils.torch_rng import global_stream, torch_stream


class Recipe(NamedTuple):
    """The training of the trunk: names with `least` drawings, SGD with Nesterov momentum .9."""

    epochs: int = 40
    batch: int = 64
    rate: float = 0.1
    warmup_epochs: int = 1
    decay: float = 5e-4
    least: int = 3


def pretrain_student(
    tarballs: Path,
    out: Path,
    threads: int,
    curation: Path = CURATION,
    recipe: Recipe | None = None,
    progress: ReportProgress | None = None,
) -> Path:
    """Train the trunk and write `out/tiny-resnet.safetensors` (float32, 317 kB).

    Args:
        tarballs: folder of npm tarballs of the teacher vendors.
        out: folder of the file.
        threads: threads of torch.
        curation: the benchmark's `classes.yaml`.
        recipe: default: the shipped one.
        progress: told ("epoch", done, total) after every epoch.

    Raises:
        DataError: a tarball or `classes.yaml` is missing or not the pinned one.
    """
    torch.set_num_threads(threads)
    recipe = recipe or Recipe()
    drawings = teacher_drawings(read_curation(curation), tarballs)
    images, labels, names = frequent(drawings, recipe.least)
    trunk = train(images, labels, len(names), recipe, progress)
    path = out / "tiny-resnet.safetensors"
    with replacing(path) as beside:
        save_file({k: v.contiguous() for k, v in trunk.state_dict().items()}, beside)
    return path


def train(
    images: Tensor,
    labels: Tensor,
    names: int,
    recipe: Recipe,
    progress: ReportProgress | None = None,
) -> TinyResNet:
    """Train on images float32 (N, 3, 64, 64) in [0, 1] and labels int64 (N,) below `names`."""
    with global_stream("tiny resnet init"):
        trunk = TinyResNet()
        head = nn.Linear(trunk.features, names)
    network = nn.Sequential(trunk, head).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(
        network.parameters(), recipe.rate, 0.9, weight_decay=recipe.decay, nesterov=True
    )
    steps = len(images) // recipe.batch
    total, warmup = recipe.epochs * steps, recipe.warmup_epochs * steps
    for epoch in range(recipe.epochs):
        order = torch.randperm(len(images), generator=torch_stream("tiny resnet order", epoch))
        for step in range(steps):
            rows = order[step * recipe.batch : (step + 1) * recipe.batch]
            stream = torch_stream("tiny resnet augment", epoch, step)
            # The student sees pairs of pixels averaged: 64 -> 32.
            views = F.avg_pool2d(augment(images[rows], stream), 2)
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * schedule(epoch * steps + step, total, warmup)
            loss = F.cross_entropy(
                network(views.to(memory_format=torch.channels_last)), labels[rows]
            )
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
        if progress:
            progress("epoch", epoch + 1, recipe.epochs)
    return trunk.eval()
