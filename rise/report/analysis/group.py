"""Where methods are compared, and where the units behind a comparison stand in a report."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """A dataset and variant: where methods are compared.

    Attributes:
        dataset: its name in the catalogue.
        variant: its name in the experiment.
        label: both in words, and the name under which contrasts are decided.
        held_out: the domains held out one after the other.
    """

    dataset: str
    variant: str
    label: str
    held_out: tuple[str, ...]

    def key(self, method: str, held_out: str, seed: int) -> str:
        """Name a unit: DATASET/VARIANT/METHOD/HELD_OUT/seedK."""
        return f"{self.dataset}/{self.variant}/{method}/{held_out}/seed{seed}"
