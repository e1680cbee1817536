"""Student trunks: networks that turn images into pooled features, and their starting weights."""

from pathlib import Path

import torch
from torch import Tensor, nn

from rise import catalogue
from rise.errors import DataError
from rise.files import file_digest
from rise.streams import global_stream


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
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        return torch.relu(self.body(x) + self.shortcut(x))


class Trunk(nn.Module):
    """A network from images (B, 3, H, W) in [0, 1] to pooled features (B, `features`)."""

    features: int
    image_size: int


class TinyResNet(Trunk):
    """A ResNet of one basic block a stage, widths 16-32-64, stride-2 stem: about 80,000 parameters.

    Input: float32 (B, 3, 32, 32) in [0, 1]; output: pooled features (B, 64).
    """

    features = 64
    image_size = 32

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            BasicBlock(16, 16, 1),
            BasicBlock(16, 32, 2),
            BasicBlock(32, 64, 2),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> pooled features (B, 64)."""
        maps: Tensor = self.body((x - 0.5) / 0.5)
        return maps.mean((2, 3))


TRUNKS: dict[str, type[Trunk]] = {"tiny-resnet": TinyResNet}


def make_trunk(name: str, start: str, seed: int) -> Trunk:
    """Build a student's trunk.

    Args:
        name: a student of the catalogue.
        start: "scratch" (drawn from the seed) or the sha256 of the starting weights.
        seed: of the unit; unused with starting weights.

    Raises:
        DataError: the weights' file is missing or has another sha256.
    """
    with global_stream("trunk", name, seed):
        trunk = TRUNKS[name]()
    if start != "scratch":
        from safetensors.torch import load_file

        path = Path(catalogue.students()[name]["file"])
        if not path.is_file():
            raise DataError(f"{path}: starting weights of {name!r} are missing; restore the file")
        if file_digest(path) != start:
            raise DataError(f"{path}: has another sha256 than pinned; restore the file")
        trunk.load_state_dict(load_file(path))
    return trunk
