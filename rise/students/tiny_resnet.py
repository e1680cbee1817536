"""Tiny ResNet: the embedded student, about 80,000 parameters, for images of 32 px."""

import torch
from torch import Tensor, nn

from rise.students._trunk import Trunk

DECLARATION = {
    "name": "tiny-resnet",
    "image_size": 32,
    "file": "data/students/tiny-resnet.safetensors",
    "sha256": "1beebc5da2a1c86419978129a136d19260abf99e7d5e83f9b657e5333273db52",
}


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with batch norm and a shortcut (He et al., 2016, fig. 2)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        same = stride == 1 and inputs == outputs
        self.shortcut = (
            nn.Identity()
            if same
            else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block: (B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        return torch.relu(self.body(x) + self.shortcut(x))


class TinyResNet(Trunk):
    """A ResNet with one basic block a stage, widths 16-32-64, stride-2 stem, 80,000 parameters.

    Input: float32 (B, 3, 32, 32) in [0, 1]; output: pooled features (B, 64).
    """

    features = 64

    def __init__(self) -> None:
        super().__init__((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
        self.body = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            BasicBlock(16, 16, 1),
            BasicBlock(16, 32, 2),
            BasicBlock(32, 64, 2),
        )

    def pooled(self, x: Tensor) -> Tensor:
        """Compute pooled features: normalised (B, 3, H, W) -> (B, 64)."""
        maps: Tensor = self.body(x)
        return maps.mean((2, 3))
