"""Print cells as DomainBed does, for comparison with published tables and nothing else.

The error is a standard error with ddof 0. For three trials it is 0.816 of the one with ddof 1 and,
read as an interval, it covers far less than 95 %. Source: `collect_results.py` of DomainBed
(Gulrajani and Lopez-Paz, 2021, In search of lost domain generalization).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from numpy.typing import ArrayLike

from rise.stats.checks import finite

# What DomainBed prints where a number is missing.
MISSING = "X"


@dataclass(frozen=True)
class MeanAndError:
    """A cell of a table.

    Attributes:
        mean: in per cent; None without trials.
        error: standard error with ddof 0 in points; None without trials.
    """

    mean: float | None
    error: float | None

    @property
    def text(self) -> str:
        """Format as "84.5 +/- 0.3"."""
        return self._joined("+/-")

    @property
    def latex(self) -> str:
        r"""Format as "84.5 $\\pm$ 0.3"."""
        return self._joined(r"$\pm$")

    def _joined(self, sign: str) -> str:
        if self.mean is None or self.error is None:
            return MISSING
        return f"{self.mean:.1f} {sign} {self.error:.1f}"


def domainbed_cell(trials: ArrayLike) -> MeanAndError:
    """Compute mean and error over trials, of one held-out domain or of averages over domains.

    DomainBed's table over datasets averages the domains of a trial first (`domain_average`), then
    takes mean and error over trials.

    Args:
        trials: float64 (n,), accuracies between 0 and 1; none gives an empty cell.

    Raises:
        ValueError: a trial is NaN or infinite, or the trials are not one axis of numbers.
    """
    x = finite(trials, 1, "the trials")
    if not x.size:
        return MeanAndError(None, None)
    return MeanAndError(100 * float(x.mean()), 100 * float(x.std(ddof=0)) / sqrt(x.size))


def row_average(cells: Sequence[MeanAndError]) -> str:
    """Average a row as DomainBed's column Avg: the mean of the unrounded means, without an error.

    Args:
        cells: those of a row, at least one.

    Returns:
        One decimal, or "X" if a cell is empty.
    """
    means = [cell.mean for cell in cells if cell.mean is not None]
    if not means or len(means) < len(cells):
        return MISSING
    return f"{sum(means) / len(means):.1f}"
