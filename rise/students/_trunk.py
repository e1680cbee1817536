"""The common part of all student trunks: input normalisation, frozen batch norm, precision."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from rise.errors import DataError


class Trunk(nn.Module):
    """A network from images (B, 3, H, W) in [0, 1] to pooled features float32 (B, `features`).

    Attributes:
        features: width of the features.
        heads: prefixes of names in a state dict that belong to a classifier and are left out.
        freeze_bn: batch-norm layers always use their running statistics and never update them;
            their weight and bias are still trained (DomainBed, networks.py, `ResNet.freeze_bn`).
        autocast: the network computes under bfloat16 autocast. Projector, classifier and losses do
            not, because cosines and logits of scale 100 need float32.
    """

    features: int
    heads: tuple[str, ...] = ()
    freeze_bn = False
    autocast = False
    mean: Tensor
    std: Tensor

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.normalise_by(mean, std)

    def normalise_by(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        """Set the mean and standard deviation (of each channel) that images are normalised by."""
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(std)[:, None, None], persistent=False)

    @property
    def network(self) -> nn.Module:
        """The module whose parameter names a file of weights uses."""
        return self

    def by_order(self, state: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
        """Name tensors that are in the network's order by the network's names.

        Raises:
            DataError: this network has no file of such tensors.
        """
        raise DataError(f"{path}: holds tensors of a network of timm; give weights by name")

    def train(self, mode: bool = True) -> "Trunk":
        """Set the mode as torch does, but keep frozen batch norm in evaluation mode."""
        super().train(mode)
        if self.freeze_bn:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Compute pooled features: (B, 3, H, W) in [0, 1] -> float32 (B, features)."""
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.autocast):
            return self.pooled((x - self.mean) / self.std).float()

    def pooled(self, x: Tensor) -> Tensor:
        """Compute pooled features: normalised images (B, 3, H, W) -> (B, features)."""
        raise NotImplementedError
