"""Metrics of whole rankings: every item of the universe has a rank for every drug, claimed or not.

All are matrices of claiming drugs x reference's drugs: the diagonal is what was observed, and a
drug-swap draw is reading other cells. Items that are not claimed share the last place; a tie counts
against the explainer (the worse rank), but for the area under the ROC curve, where it counts half.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class RankMetric(Protocol):
    """What every metric of a ranking declares."""

    name: ClassVar[str]
    formula: ClassVar[str]
    low: ClassVar[float]
    high: ClassVar[float]
    larger_is_better: ClassVar[bool]

    def matrix(self, scores: Floats, held: Bools) -> Floats:
        """Its value for each ranking and each reference.

        Parameters
        ----------
        scores : ndarray of float, claiming drugs x items
            Sizes of the scores; items that are not claimed have the lowest.
        held : ndarray of bool, items x drugs
            At least one item of each drug is held, and one is not.

        Returns
        -------
        ndarray of float, claiming drugs x drugs
        """
        ...

    def expected(self, items: int, held: npt.NDArray[np.int64]) -> Floats:
        """Its expectation for a random order of `items` of which so many are held (closed form, no ties)."""
        ...


def worst_ranks(scores: Floats) -> Floats:
    """Rank 1 is the largest score; ties get the worst of their ranks."""
    return np.asarray(stats.rankdata(-scores, method="max", axis=1), dtype=np.float64)


class Auroc:
    """Probability that a held item stands above one that is not held: enrichment, as Mann and Whitney count it."""

    name: ClassVar[str] = "auroc"
    formula: ClassVar[str] = "P(score of a held item > score of another) + P(equal) / 2"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    larger_is_better: ClassVar[bool] = True

    def matrix(self, scores: Floats, held: Bools) -> Floats:
        """Sums of ranks: one product."""
        ranks = stats.rankdata(scores, axis=1)
        many = held.sum(axis=0)
        sums = ranks @ held.astype(np.float64)
        return np.asarray((sums - many * (many + 1) / 2) / (many * (len(held) - many)), dtype=np.float64)

    def expected(self, items: int, held: npt.NDArray[np.int64]) -> Floats:  # noqa: ARG002
        """One half."""
        return np.full(len(held), 0.5)


class AveragePrecision:
    """Area under precision and recall; by chance about the share that is held (the prevalence)."""

    name: ClassVar[str] = "average_precision"
    formula: ClassVar[str] = "mean over the held items of (held items at or above its rank) / rank"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    larger_is_better: ClassVar[bool] = True

    def matrix(self, scores: Floats, held: Bools) -> Floats:
        """From the sorted ranks of the held items alone."""
        ranks = worst_ranks(scores).astype(np.int32)
        found = np.empty((len(scores), held.shape[1]))
        for drug in range(held.shape[1]):
            mine = np.sort(ranks[:, held[:, drug]], axis=1)
            found[:, drug] = (_up_to(mine) / mine).mean(axis=1)
        return found

    def expected(self, items: int, held: npt.NDArray[np.int64]) -> Floats:
        """((K - 1) / (n - 1) (n - H_n) + H_n) / n for K of n, H_n the n-th harmonic number."""
        harmonic = float(np.sum(1.0 / np.arange(1, items + 1)))
        return np.asarray(((held - 1) / max(items - 1, 1) * (items - harmonic) + harmonic) / items, dtype=np.float64)


class BestRank:
    """Where the first held item stands (for the reference `targets`: the target's rank), as a share of all items."""

    name: ClassVar[str] = "best_rank"
    formula: ClassVar[str] = "smallest rank of a held item / number of items"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    larger_is_better: ClassVar[bool] = False

    def matrix(self, scores: Floats, held: Bools) -> Floats:
        """Smallest of the ranks of the held items."""
        ranks = worst_ranks(scores)
        found = [ranks[:, held[:, drug]].min(axis=1) for drug in range(held.shape[1])]
        return np.asarray(np.stack(found, axis=1) / scores.shape[1], dtype=np.float64)

    def expected(self, items: int, held: npt.NDArray[np.int64]) -> Floats:
        """(n + 1) / (K + 1), over n."""
        return np.asarray((items + 1) / (held + 1) / items, dtype=np.float64)


def _up_to(ascending: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """For each number of each ascending row, how many of the row are no larger."""
    many = ascending.shape[1]
    place = np.broadcast_to(np.arange(1, many + 1), ascending.shape).copy()
    place[:, :-1][ascending[:, 1:] == ascending[:, :-1]] = many
    return np.asarray(np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1], dtype=np.int64)


RANK_METRICS: tuple[RankMetric, ...] = (Auroc(), AveragePrecision(), BestRank())


def enrichment_p(scores: Floats, auroc: Floats, held: Bools) -> Floats:
    """One-sided p-value of each area under the ROC curve: normal approximation, corrected for ties.

    Parameters
    ----------
    scores : ndarray, claiming drugs x items
    auroc : ndarray, claiming drugs x drugs
    held : ndarray of bool, items x drugs

    Returns
    -------
    ndarray, claiming drugs x drugs
    """
    items, many = len(held), held.sum(axis=0).astype(np.float64)
    ties = np.array([float((count**3 - count).sum()) for count in (_ties(row) for row in scores)])
    pairs = many * (items - many)
    spread = pairs[None, :] / 12 * ((items + 1) - (ties / (items * (items - 1)))[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (auroc - 0.5) * pairs / np.sqrt(spread)
    return np.asarray(stats.norm.sf(np.where(spread > 0, z, 0.0)), dtype=np.float64)


def _ties(row: Floats) -> Floats:
    return np.asarray(np.unique(row, return_counts=True)[1], dtype=np.float64)
