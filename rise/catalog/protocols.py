"""The protocols, view policies and weight averagings by name: what their files declare."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from rise.catalog.declared import declared_in
from rise.errors import unknown


@dataclass(frozen=True)
class ProtocolInfo:
    """What a protocol declares beside its rows.

    said: in a report (the second paragraph of the file's docstring). train_fraction: about how much
    of a source domain trains. drawn_fraction: share of a held-out domain's images that a seed draws
    to be scored; None where they are the same for every seed. identities: whether it sets test
    identities aside.
    """

    said: str
    train_fraction: float
    drawn_fraction: float | None = None
    identities: bool = False

    @property
    def scored_images_depend_on_seed(self) -> bool:
        """Whether a spread over seeds holds the spread of the choice of images too."""
        return self.drawn_fraction is not None


@functools.cache
def protocols() -> dict[str, ProtocolInfo]:
    """The protocols by name."""
    return {
        name: ProtocolInfo(one.said, **one.values)
        for name, one in declared_in("datasets/protocols").items()
    }


def known_protocol(name: str) -> str:
    """Return the name of a protocol.

    Raises:
        ValueError: there is none of this name.
    """
    return _known("protocol", name, protocols())


def known_policy(name: str) -> str:
    """Return the name of a view policy.

    Raises:
        ValueError: there is none of this name.
    """
    return _known("view policy", name, declared_in("views"))


def known_average(name: str) -> str:
    """Return the name of a weight averaging, or none.

    Raises:
        ValueError: there is none of this name.
    """
    return _known("average", name, ["none", *declared_in("averages")])


def _known(what: str, name: str, known: Iterable[str]) -> str:
    if name not in known:
        raise ValueError(unknown(what, name, known))
    return name
