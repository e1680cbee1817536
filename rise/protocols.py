"""The protocols by name, as data: what the statistics and the trainer must know of each.

Which images they choose is computed in `rise.datasets.split`.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ProtocolInfo:
    """What a protocol says beside its rows.

    validation: how the accuracies of the source domains become one, over all validation images
    ("pooled") or as the mean of the domains' ("mean").
    scored_images_depend_on_seed: whether two seeds score different images of a held-out domain, so
    that a spread over seeds holds the spread of the choice of images too.
    """

    label: str
    rule: str
    validation: Literal["pooled", "mean"]
    scored_images_depend_on_seed: bool


PROTOCOLS = {
    "identity_disjoint": ProtocolInfo(
        label="identity-disjoint",
        rule=(
            "train, validation and test identities are fixed and the same in every domain; all "
            "held-out images are scored, those of test identities are the headline"
        ),
        validation="mean",
        scored_images_depend_on_seed=False,
    ),
    "rise": ProtocolInfo(
        label="RISE",
        rule=(
            "the official lists on PACS, elsewhere 10 % of each source domain, drawn from content "
            "and seed, validate; all held-out images are scored"
        ),
        validation="pooled",
        scored_images_depend_on_seed=False,
    ),
    "domainbed": ProtocolInfo(
        label="DomainBed",
        rule=(
            "20 % of each source domain, drawn by DomainBed's seed hash and permutation, validate; "
            "80 % of the held-out domain are scored"
        ),
        validation="mean",
        scored_images_depend_on_seed=True,
    ),
}
