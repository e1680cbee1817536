"""Test by Nadeau and Bengio's corrected t test, for seeds that score other images each."""

from numpy.typing import ArrayLike

from rise.stats.checks import finite, inside
from rise.stats.paired import PairedT, student

# n_scored / n_train of an 80/20 split: the textbook's ratio, often used where it does not belong.
USUAL_RATIO = 0.25


def corrected_t(differences: ArrayLike, *, ratio: float, level: float = 0.95) -> PairedT:
    """Test by Student's t with the variance of the mean sd^2 (1/n + ratio).

    If the scored sets of two seeds overlap, their results share the noise of the images. The
    spread between seeds does not show the shared part and more seeds do not remove it. With rho
    the correlation of two seeds, the unbiased correction is ratio = rho / (1 - rho). Source:
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52.

    Args:
        differences: float64 (n,), first method minus second, one number a seed, in points.
        ratio: rho / (1 - rho), above 0; from `ratio_of_scored`, or n_scored / n_train where one
            pool is split again by every seed. Zero is `paired_t`.
        level: coverage of the interval, between 0 and 1.

    Returns:
        A `PairedT` with this standard error and n - 1 degrees of freedom.

    Raises:
        ValueError: as `paired_t`, or ratio is not a positive finite number.
    """
    x = finite(differences, 1, "the differences")
    return student(x, level, inside(ratio, 0, float("inf"), "the ratio"))


def ratio_of_scored(fraction: float) -> float:
    """Compute the ratio where each seed scores a fraction of the held-out images.

    Two such sets have the share `fraction` of their images in common, which stands for rho. So
    DomainBed, which scores 80 %, has the ratio 4, not the 0.25 of its split of source domains.

    Args:
        fraction: scored share of the held-out images, between 0 and 1.

    Returns:
        fraction / (1 - fraction).

    Raises:
        ValueError: the fraction is outside (0, 1); where all images are scored by every seed,
            they are fixed and `paired_t` is the test.
    """
    inside(fraction, 0, 1, "the scored fraction")
    return fraction / (1 - fraction)
