"""The loss terms as pure, vectorised functions; each cites the released code of RISE.

Shapes: B batch, C classes, A anchors, D embedding width. All return a 0-dim tensor (mean over B).
Source: OoDBag/RISE at commit ebf71b4, train_rise.py.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Compute the mean of -log softmax(z)[y] (line 136): logits (B, C), labels int64 (B,)."""
    return F.cross_entropy(logits, labels)


def distillation(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """Compute Hint: T^2 * mean_i KL(softmax(q_i / T) || softmax(z_i / T)) (lines 138-140).

    logits z (B, C) of the student, teacher_logits q (B, C); no gradient flows to q.
    """
    student = F.log_softmax(logits / temperature, dim=1)
    teacher = F.log_softmax(teacher_logits.detach() / temperature, dim=1)
    return temperature**2 * F.kl_div(student, teacher, reduction="batchmean", log_target=True)


def absolute_distance(embed: Tensor, unit_texts: Tensor, labels: Tensor) -> Tensor:
    """Compute AD: mean_i 1 - cos(s_i, W[y_i]) (lines 143-147).

    embed s (B, D), unit_texts W (C, D) of norm 1, labels int64 (B,).
    """
    return (1 - F.cosine_similarity(embed, unit_texts[labels], dim=1)).mean()


def relative_distance(
    embed: Tensor, texts: Tensor, anchors: Tensor, labels: Tensor, temperature: float = 1.0
) -> Tensor:
    """Compute RD, the distance between similarities to anchors.

    10 * mean_ij (softmax_j cos(s_i, a[y_i, j]) - softmax_j cos(t[y_i], a[y_i, j]))^2 (lines
    150-161, where the cosines are not divided by a temperature, as if it were 1). embed s (B, D),
    texts t (C, D) raw, anchors a (C, A, D) raw, labels int64 (B,). The target depends on the class
    alone; no gradient flows to texts or anchors that need none. RD is at most 20 / A.
    """
    target = F.cosine_similarity(texts[:, None, :], anchors, dim=2) / temperature
    student = F.cosine_similarity(embed[:, None, :], anchors[labels], dim=2) / temperature
    return 10 * (student.softmax(dim=1) - target.softmax(dim=1)[labels]).square().mean()


def class_logits(unit_embed: Tensor, unit_texts: Tensor, scale: float) -> Tensor:
    """Compute zero-shot logits scale * u W^T (lines 126-130): u (B, D), W (C, D) -> (B, C)."""
    return scale * torch.matmul(unit_embed, unit_texts.T)
