"""Whether a network of timm can be a student at an image size, found by showing it an image."""

import torch

from rise.errors import ConfigError
from rise.experiment.identity import StudentIdentity
from rise.experiment.job import StudentSource
from rise.students._build import make_trunk


def check_fits(source: StudentSource, student: StudentIdentity) -> None:
    """Build a student and embed one black image of its size; give a source without weights.

    Raises:
        ConfigError: timm has no such network, or it cannot take or pool images of this size.
    """
    trunk = make_trunk(source, student, seed=0).eval()
    size = student.image_size
    try:
        with torch.inference_mode():
            found = tuple(trunk(torch.zeros(1, 3, size, size)).shape)
    except Exception as error:  # each network has its own way to refuse a size
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise ConfigError(
            f"{student.name} cannot take images of {size} px ({said}); give another image_size, "
            "or a network that takes any"
        ) from error
    if found != (1, trunk.features):
        raise ConfigError(
            f"{student.name} gives features {found} for one image, not (1, {trunk.features}), so "
            "it cannot be a student; give another network"
        )
