"""Methods on RISE's chain: trunk -> projector to the text space -> text-started classifier."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rise.methods import _losses
from rise.methods._base import Batch, Context, Method
from rise.utils.torch_rng import global_stream

SECOND_SCALE = 100.0  # of the cosines in the second head


class Out(NamedTuple):
    """The student's outputs for a batch: feature (B, F), embed (B, D), logits (B, C)."""

    feature: Tensor
    embed: Tensor
    logits: Tensor


class ChainMethod(Method):
    """A student with RISE's chain; subclasses only choose the terms that they add up.

    Projector: weight N(0, 0.01), bias 0 (timm/models/resnetv2.py `_init_weights`); classifier:
    weight = unit class texts, bias 0, trainable (train_rise.py line 95).
    """

    raw_texts: Tensor
    unit_texts: Tensor
    anchors: Tensor
    zero_shot: Tensor

    def __init__(self, context: Context, hparams: Mapping[str, Any]) -> None:
        super().__init__(context, hparams)
        self.trunk = context.make_trunk()
        text = context.texts[0]
        classes, width = text.unit.shape
        with global_stream("chain", context.seed), torch.no_grad():
            self.projector = nn.Linear(self.trunk.features, width)
            self.classifier = nn.Linear(width, classes)
            self.projector.weight.normal_(0, 0.01)
            self.projector.bias.zero_()
            self.classifier.weight.copy_(text.unit)
            self.classifier.bias.zero_()
        self.register_buffer("raw_texts", text.raw, persistent=False)
        self.register_buffer("unit_texts", text.unit, persistent=False)
        self.register_buffer("anchors", text.anchors, persistent=False)
        true = text.unit if text.zero_shot is None else text.zero_shot
        self.register_buffer("zero_shot", true, persistent=False)

    def student(self, x: Tensor) -> Out:
        """Run the student: images (B, 3, H, W) -> feature (B, F), embed (B, D), logits (B, C)."""
        feature = self.trunk(x)
        embed = self.projector(feature)
        return Out(feature, embed, self.classifier(embed))

    def forward(self, x: Tensor) -> Tensor:
        """Score images (B, 3, H, W) -> (B, C): logits, or log-probabilities with the second head.

        The release has a second head for TerraIncognita: it predicts by
        softmax(z) + softmax(100 cos(s, W)) (OoDBag/RISE, train_rise.py 190-203). The log of the
        mean, returned here, has the same order.
        """
        out = self.student(x)
        if not self.context.second_head:
            return out.logits
        texts = _losses.class_logits(F.normalize(out.embed, dim=1), self.unit_texts, SECOND_SCALE)
        both = torch.stack([F.log_softmax(out.logits, 1), F.log_softmax(texts, 1)])
        return both.logsumexp(0) - math.log(2)

    def ce(self, out: Out, batch: Batch) -> Tensor:
        """Compute the cross-entropy with the labels."""
        return _losses.cross_entropy(out.logits, batch.y)

    def hint(self, out: Out, batch: Batch) -> Tensor:
        """Compute the distillation of the first teacher's zero-shot logits.

        `scale` is their factor; null means the checkpoint's own exp(logit_scale). The release has
        the constant 100 (train_rise.py lines 126-130). The logits are the teacher's own in every
        control arm.
        """
        scale = self.hparams["scale"]
        scale = self.context.texts[0].scale if scale is None else scale
        teacher = _losses.class_logits(batch.teacher[0], self.zero_shot, scale)
        return _losses.distillation(out.logits, teacher, self.hparams["temperature"])

    def ad(self, out: Out, batch: Batch) -> Tensor:
        """Compute the absolute distance to the class text."""
        return _losses.absolute_distance(out.embed, self.unit_texts, batch.y)

    def rd(self, out: Out, batch: Batch) -> Tensor:
        """Compute the relative distance to the class's anchor texts."""
        temperature = self.hparams["rd_temperature"]
        return _losses.relative_distance(
            out.embed, self.raw_texts, self.anchors, batch.y, temperature
        )
