"""The protocols by name, as data: what reports and statistics must know of each.

Which images they choose is computed in `rise.datasets.splits.split`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProtocolInfo:
    """What a protocol says beside its rows.

    said: in a report. drawn_fraction: share of a held-out domain's images that a seed draws to be
    scored; None where the scored images are the same for every seed.
    """

    said: str
    drawn_fraction: float | None

    @property
    def scored_images_depend_on_seed(self) -> bool:
        """Whether a spread over seeds holds the spread of the choice of images too."""
        return self.drawn_fraction is not None


PROTOCOLS = {
    "identity_disjoint": ProtocolInfo(
        said=(
            "The split is identity-disjoint and fixed: the primary metric is the accuracy on the "
            "held-out domain's test identities, which training and validation saw in no domain. "
            "The scored images are the same for every seed, and training, validation and the "
            "choice of settings use the other domains only."
        ),
        drawn_fraction=None,
    ),
    "rise": ProtocolInfo(
        said=(
            "Protocol of RISE: the official lists on PACS, elsewhere 10 % of each source domain, "
            "drawn from content and seed, validate; every image of the held-out domain is scored, "
            "the same for every seed, and seen by nothing before."
        ),
        drawn_fraction=None,
    ),
    "domainbed": ProtocolInfo(
        said=(
            "DomainBed's protocol: its draw by seed sets 20 % of each source domain aside for "
            "validation; of the held-out domain the other 80 % are scored, **other images for "
            "every seed**, so that the spread over seeds holds the draw of the images too."
        ),
        drawn_fraction=0.8,
    ),
}
