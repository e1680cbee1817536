"""Train the embedded teacher, a CLIP of 4.6 million parameters, in minutes on a CPU.

It learns by CLIP's contrastive loss to match drawings of the teacher vendors with captions such as
"a fruit", "a red apple" or "a red apple, a fruit". The recipe was chosen on OpenMoji alone, which
is neither a teacher vendor nor a domain of the benchmark.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as F

from data.build.curation import read_curation
from data.build.drawings import Drawings, augment, teacher_drawings, to_float
from rise.teachers.clip_model import clip_module, normalise, tokenize
from rise.utils.io import replacing
from rise.utils.progress import ReportProgress
from rise.utils.rng import numpy_stream
from rise.utils.torch_rng import global_stream, torch_stream

CURATION = Path("data/emoji/classes.yaml")

# Heads are width / 64, as in all of OpenAI's; the catalog declares them and the activation.
SHAPE: dict[str, Any] = {
    "embed_dim": 64,
    "image_resolution": 64,
    "vision_layers": (1, 1, 1, 1),
    "vision_width": 16,
    "vision_patch_size": None,
    "context_length": 32,
    "vocab_size": 49408,
    "transformer_width": 64,
    "transformer_heads": 1,
    "transformer_layers": 2,
}
TEMPLATES = ("{}", "a photo of {}", "an emoji of {}", "a drawing of {}")
# The caption of a class drawing, with its share.
CAPTIONS = {"{phrase}": 0.6, "a {name}": 0.2, "a {name}, {phrase}": 0.2}


class Recipe(NamedTuple):
    """The teacher's training; class drawings are sampled `class_weight` times as often."""

    epochs: int = 45
    steps: int = 42
    batch: int = 96
    rate: float = 2e-3
    warmup_epochs: int = 2
    decay: float = 0.05
    class_weight: float = 3.0


def pretrain_tiny(
    tarballs: Path,
    out: Path,
    threads: int,
    curation: Path = CURATION,
    recipe: Recipe | None = None,
    progress: ReportProgress | None = None,
) -> Path:
    """Train the embedded teacher and write `out/tiny-clip.safetensors` (float16, 9.2 MB).

    The weights depend on the arguments, torch's version and the processor, not on when it runs.

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
    drawings = teacher_drawings(read_curation(curation), tarballs)
    model = train(drawings, recipe or Recipe(), progress)
    path = out / "tiny-clip.safetensors"
    with replacing(path) as beside:
        save_file(half(model.state_dict()), beside)
    return path


def new_model() -> Any:
    """Make a `clip.model.CLIP` of SHAPE with its own initialisation, from a keyed stream."""
    with global_stream("tiny clip init"):
        return clip_module("model").CLIP(**SHAPE)


def train(drawings: Drawings, recipe: Recipe, progress: ReportProgress | None = None) -> Any:
    """Train on drawings and captions; returns the model in evaluation mode."""
    model = new_model().train()
    images = to_float(drawings.images)
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": recipe.decay},
        {"params": others},
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=0.0)
    total, warmup = recipe.epochs * recipe.steps, recipe.warmup_epochs * recipe.steps
    for epoch in range(recipe.epochs):
        for step, (rows, captions) in enumerate(batches(drawings, recipe, epoch)):
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * schedule(epoch * recipe.steps + step, total, warmup)
            views = augment(images[rows], torch_stream("tiny clip augment", epoch, step))
            loss = contrastive(model, views, captions)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            with torch.no_grad():
                model.logit_scale.clamp_(max=math.log(100))  # As CLIP's paper does (section 2.5).
        if progress:
            progress("epoch", epoch + 1, recipe.epochs)
    return model.eval()


def schedule(step: int, total: int, warmup: int) -> float:
    """Scale the learning rate at a step: linear warm-up, then half a cosine to zero."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 + 0.5 * math.cos(math.pi * (step - warmup) / (total - warmup))


def batches(
    drawings: Drawings, recipe: Recipe, epoch: int
) -> Iterator[tuple[np.ndarray, list[str]]]:
    """Draw the batches of an epoch: rows of `drawings` (B,) and a caption for each."""
    weight = np.where([bool(phrase) for phrase in drawings.phrases], recipe.class_weight, 1.0)
    stream = numpy_stream("tiny clip batches", epoch)
    rows = stream.choice(
        len(weight), (recipe.steps, recipe.batch), replace=True, p=weight / weight.sum()
    )
    for batch in rows:
        pairs = [(drawings.names[k], drawings.phrases[k]) for k in batch]
        yield batch, [caption(name, phrase, stream) for name, phrase in pairs]


def caption(name: str, phrase: str, stream: np.random.Generator) -> str:
    """Draw a caption for a drawing; without a class phrase it is the name."""
    pattern = stream.choice(list(CAPTIONS), p=list(CAPTIONS.values())) if phrase else "a {name}"
    text = str(pattern).format(name=name, phrase=phrase)
    return TEMPLATES[stream.integers(len(TEMPLATES))].format(text)


def contrastive(model: Any, views: Tensor, captions: list[str]) -> Tensor:
    """Compute CLIP's symmetric loss over a batch's different captions (images may share one).

    Args:
        model: the CLIP in training.
        views: float32 (B, 3, 64, 64) in [0, 1].
        captions: one an image.
    """
    texts = sorted(set(captions))
    target = torch.tensor([texts.index(c) for c in captions])
    image = F.normalize(model.encode_image(normalise(views)), dim=1)
    text = F.normalize(model.encode_text(tokenize(texts, model.context_length)), dim=1)
    logits = model.logit_scale.exp() * image @ text.T
    owners = F.one_hot(target, len(texts)).T.float()
    owners = owners / owners.sum(1, keepdim=True)
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, owners)) / 2


def half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convert the state dict's real numbers to contiguous float16, as it is shipped."""
    return {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in state.items()}
