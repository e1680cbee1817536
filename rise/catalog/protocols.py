"""The protocols, view policies and weight averagings by name, as their files declare them."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from rise.catalog.declared import declared_in
from rise.errors import unknown


@dataclass(frozen=True)
class ProtocolInfo:
    """The declaration of a protocol.

    said: its description in a report (second paragraph of the file's docstring). train_fraction:
    approximate share of a source domain used for training. drawn_fraction: share of a held-out
    domain's images that each seed draws for scoring; None if all seeds score the same images.
    identities: true if it sets test identities aside.
    """

    said: str
    train_fraction: float
    drawn_fraction: float | None = None
    identities: bool = False

    @property
    def scored_images_depend_on_seed(self) -> bool:
        """True if a spread over seeds includes the spread due to the choice of images."""
        return self.drawn_fraction is not None


@functools.cache
def protocols() -> dict[str, ProtocolInfo]:
    """Read the protocols by name."""
    return {
        name: ProtocolInfo(one.said, **one.values)
        for name, one in declared_in("datasets/protocols").items()
    }


def known_protocol(name: str) -> str:
    """Return the name of a protocol if it exists.

    Raises:
        ValueError: there is none of this name.
    """
    return _known("protocol", name, protocols())


def known_policy(name: str) -> str:
    """Return the name of a view policy if it exists.

    Raises:
        ValueError: there is none of this name.
    """
    return _known("view policy", name, declared_in("views"))


def known_average(name: str) -> str:
    """Return the name of a weight averaging (or "none") if it exists.

    Raises:
        ValueError: there is none of this name.
    """
    return _known("average", name, ["none", *declared_in("averages")])


def _known(what: str, name: str, known: Iterable[str]) -> str:
    if name not in known:
        raise ValueError(unknown(what, name, known))
    return name
