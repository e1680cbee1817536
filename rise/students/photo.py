"""Students for photographs: any network of timm without its classifier."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from rise.errors import ConfigError, DataError, unknown
from rise.students.trunk import Trunk
from rise.utils.rng import global_stream


class TimmTrunk(Trunk):
    """A network of timm, its mean and std, and its pooled features.

    Raises:
        ConfigError: timm knows no such network.
    """

    def __init__(self, tag: str) -> None:
        body = create(tag, classes=0)
        config: Any = body.pretrained_cfg
        super().__init__(config["mean"], config["std"])
        self.body = body
        width: Any = getattr(body, "head_hidden_size", None) or body.num_features
        self.features = int(width)

    def pooled(self, x: Tensor) -> Tensor:
        """Normalised (B, 3, H, W) -> pooled features (B, features)."""
        features: Tensor = self.body(x)
        return features


def create(tag: str, classes: int) -> nn.Module:
    """timm's network with random weights; with no classes it gives pooled features.

    Raises:
        ConfigError: timm knows no such network.
    """
    import timm  # here, since the embedded student shall not pay the seconds of its import

    try:
        model: nn.Module = timm.create_model(tag, pretrained=False, num_classes=classes)
    except RuntimeError:
        names = timm.list_models() + timm.list_pretrained()
        near = unknown("network of timm", tag, names).partition(" known: ")[0]
        raise ConfigError(f"{near} timm.list_models() lists them") from None
    return model


def load_body(trunk: Trunk, tag: str | None, state: Mapping[str, Tensor], path: Path) -> None:
    """Load a state dict into a trunk: the network's own names, or "trunk." before them.

    A classifier (timm's, or an exported student's) is left out; anything else must fit.

    Raises:
        DataError: a tensor is missing, left over, or of another shape.
    """
    prefix = "trunk."
    inner = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    state = inner or state
    body = trunk.body if tag else trunk
    assert isinstance(body, nn.Module)
    expected = body.state_dict()
    # Old files lack the counters of batch norm, which nothing here reads.
    wrong = [
        name
        for name, value in expected.items()
        if not name.endswith("num_batches_tracked")
        and (name not in state or state[name].shape != value.shape)
    ]
    heads = _heads(body) if tag else ()
    wrong += [name for name in state if name not in expected and not name.startswith(heads)]
    if wrong:
        raise DataError(
            f"{path}: does not fit the student: {len(wrong)} tensors are missing, left over or of "
            f"another shape, {sorted(wrong)[0]!r} the first; give weights of {tag or 'its network'}"
        )
    body.load_state_dict({k: v for k, v in state.items() if k in expected}, strict=False)


def by_order(tag: str, state: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Give tensors that stand in timm's order timm's names, after comparing every shape.

    Raises:
        DataError: their number or a shape is another.
    """
    with global_stream("shapes"):
        names = create(tag, classes=1000).state_dict()
    shapes = [value.shape for value in names.values()]
    if [value.shape for value in state.values()] != shapes:
        raise DataError(f"{path}: its tensors are not those of {tag} in timm's order; restore it")
    return dict(zip(names, state.values(), strict=True))


def _heads(body: nn.Module) -> tuple[str, ...]:
    """Beginnings of the classifier's names."""
    config = getattr(body, "pretrained_cfg", {})
    found = config.get("classifier") or ()
    return tuple(f"{name}." for name in ([found] if isinstance(found, str) else found))
