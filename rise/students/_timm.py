"""Any network of timm without its classifier, as a trunk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from rise.errors import ConfigError, DataError, unknown
from rise.students._trunk import Trunk
from rise.utils.torch_rng import global_stream


class TimmTrunk(Trunk):
    """A network of timm, its mean and std, and its pooled features.

    Raises:
        ConfigError: timm has no such network.
    """

    def __init__(self, tag: str) -> None:
        body = create(tag, classes=0)
        config: Any = body.pretrained_cfg
        super().__init__(config["mean"], config["std"])
        self.body = body
        self.tag = tag
        named = config.get("classifier") or ()
        self.heads = tuple(f"{one}." for one in ([named] if isinstance(named, str) else named))
        width: Any = getattr(body, "head_hidden_size", None) or body.num_features
        self.features = int(width)

    @property
    def network(self) -> nn.Module:
        """timm's network, without what the trunk adds."""
        return self.body

    def by_order(self, state: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
        """Name tensors that are in timm's order by timm's names, after comparing every shape.

        Raises:
            DataError: their number or a shape differs.
        """
        with global_stream("shapes"):
            names = create(self.tag, classes=1000).state_dict()
        shapes = [value.shape for value in names.values()]
        if [value.shape for value in state.values()] != shapes:
            raise DataError(
                f"{path}: its tensors are not those of {self.tag} in timm's order; restore it"
            )
        return dict(zip(names, state.values(), strict=True))

    def pooled(self, x: Tensor) -> Tensor:
        """Compute pooled features: normalised (B, 3, H, W) -> (B, features)."""
        features: Tensor = self.body(x)
        return features


def create(tag: str, classes: int) -> nn.Module:
    """Create timm's network with random weights; with 0 classes it returns pooled features.

    Raises:
        ConfigError: timm has no such network.
    """
    import timm  # here, so that the embedded student does not wait seconds for its import

    try:
        model: nn.Module = timm.create_model(tag, pretrained=False, num_classes=classes)
    except RuntimeError:
        names = timm.list_models() + timm.list_pretrained()
        near = unknown("network of timm", tag, names).partition(" known: ")[0]
        raise ConfigError(f"{near} timm.list_models() lists them") from None
    return model
