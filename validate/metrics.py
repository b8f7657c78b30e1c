"""Metrics as objects: each declares its formula, range, direction and its expectation under chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tally:
    """Counts of each drug that has a testable claim.

    Parameters
    ----------
    supported, contradicted, testable : ndarray of int (drugs,)
    group : ndarray of int (drugs,)
        Target group of each drug.
    chance : ndarray of float (drugs,)
        Mean probability that a random claim of the same size and sign is supported.
    """

    supported: Ints
    contradicted: Ints
    testable: Ints
    group: Ints
    chance: Floats

    @property
    def per_drug(self) -> Floats:
        """Precision of each drug."""
        return np.asarray(self.supported / self.testable, dtype=np.float64)


class Metric(Protocol):
    """What every metric declares."""

    name: ClassVar[str]
    formula: ClassVar[str]
    low: ClassVar[float]
    high: ClassVar[float]
    larger_is_better: ClassVar[bool]

    def value(self, tally: Tally) -> float | None:
        """The observed figure; None when it is not defined."""
        ...

    def expected(self, tally: Tally) -> float | None:
        """Its expectation when each claim names random items of the universe (closed form)."""
        ...


class Precision:
    """Share of the testable claims that are supported, for each drug, then the mean over drugs."""

    name: ClassVar[str] = "precision"
    formula: ClassVar[str] = "mean over drugs of supported / (supported + contradicted + novel)"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    larger_is_better: ClassVar[bool] = True

    def value(self, tally: Tally) -> float | None:
        """Macro precision."""
        return float(tally.per_drug.mean()) if len(tally.testable) else None

    def expected(self, tally: Tally) -> float | None:
        """Mean over drugs of the chance of a random claim."""
        return float(tally.chance.mean()) if len(tally.testable) else None


class MicroPrecision:
    """Share of all testable claims that are supported."""

    name: ClassVar[str] = "micro"
    formula: ClassVar[str] = "supported / (supported + contradicted + novel), over all claims"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    larger_is_better: ClassVar[bool] = True

    def value(self, tally: Tally) -> float | None:
        """Pooled precision."""
        total = tally.testable.sum()
        return float(tally.supported.sum() / total) if total else None

    def expected(self, tally: Tally) -> float | None:
        """Chance of a random claim, weighted by claims."""
        total = tally.testable.sum()
        return float((tally.chance * tally.testable).sum() / total) if total else None


class GroupPrecision:
    """Precision with one vote for each target group: many drugs of one target count once."""

    name: ClassVar[str] = "per_group_precision"
    formula: ClassVar[str] = "mean over target groups of the mean precision of their drugs"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    larger_is_better: ClassVar[bool] = True

    def value(self, tally: Tally) -> float | None:
        """Mean of the group means."""
        return _group_mean(tally.per_drug, tally.group)

    def expected(self, tally: Tally) -> float | None:
        """Mean of the group means of the chance."""
        return _group_mean(tally.chance, tally.group)


def _group_mean(values: Floats, group: Ints) -> float | None:
    if not len(values):
        return None
    _, place = np.unique(group, return_inverse=True)
    return float((np.bincount(place, weights=values) / np.bincount(place)).mean())


METRICS: tuple[Metric, ...] = (Precision(), MicroPrecision(), GroupPrecision())


def recall(named: int, facts: int) -> float | None:
    """Share of the facts that were named; None without facts."""
    return named / facts if facts else None


def sign_agreement(agree: int, disagree: int) -> float | None:
    """Share of the held, signed claims whose direction agrees; by chance 0.5. None without one."""
    return agree / (agree + disagree) if agree + disagree else None


def resamples(groups: int, draws: int, rng: np.random.Generator) -> Ints:
    """Draws x groups: how often each group is taken when as many are drawn with replacement."""
    return np.asarray(rng.multinomial(groups, np.full(groups, 1.0 / groups), size=draws), dtype=np.int64)


def bootstrap_interval(sums: Floats, weights: Floats, counts: Ints, level: float = 0.95) -> tuple[float, float] | None:
    """Interval of a ratio of sums, by drawing target groups with replacement.

    Parameters
    ----------
    sums, weights : ndarray of float (groups,)
        Sum of the figure over the group's drugs, and the number (or weight) of its drugs.
    counts : ndarray of int (draws, groups)
        How often each draw took each group, from :func:`resamples`.
    level : float

    Returns
    -------
    (low, high) or None
        Percentiles; None with fewer than two groups. When all groups agree on 0 or 1, resampling
        knows no spread: the exact binomial bound over groups stands instead.
    """
    found = difference_interval(sums, weights, counts, level)
    if found is None:
        return None
    (low, high), n, tail = found, len(sums), (1 - level) / 2
    if np.all(sums >= weights - 1e-12):
        low = float(stats.beta.ppf(tail, n, 1))
    elif np.all(sums <= 1e-12):
        high = float(stats.beta.ppf(1 - tail, 1, n))
    return max(low, 0.0), min(high, 1.0)


def difference_interval(sums: Floats, weights: Floats, counts: Ints, level: float = 0.95) -> tuple[float, float] | None:
    """The same interval of a figure that may be negative, as a paired difference: percentiles, without bounds."""
    if len(sums) < 2 or weights.sum() <= 0:
        return None
    total = counts @ weights
    there = total > 0
    values = (counts @ sums)[there] / total[there]
    tail = (1 - level) / 2
    low, high = (float(q) for q in np.quantile(values, [tail, 1 - tail]))
    return low, high
