"""How well responses are predicted, per drug, in the units of the screen."""

from __future__ import annotations

import numpy as np
import scipy.stats

from pathproof.errors import UsageError
from pathproof.explain.data import Floats

MIN_LINES = 10
"""A drug with fewer test lines than this gets no correlation."""


def per_drug_pearson(observed: Floats, predicted: Floats, min_lines: int = MIN_LINES) -> Floats:
    """Pearson correlation of each column.

    Parameters
    ----------
    observed : float64 (n, D)
        NaN where missing.
    predicted : float64 (n, D)
        Finite.
    min_lines : int

    Returns
    -------
    float64 (D,)
        NaN for a drug with fewer than `min_lines` responses, or whose responses do not vary. A constant
        prediction orders nothing: 0 by convention, so that a model cannot gain by not answering.
    """
    if observed.shape != predicted.shape:
        raise UsageError("Observed and predicted differ in shape.", got=predicted.shape, allowed=observed.shape)
    seen = np.isfinite(observed)
    count = seen.sum(axis=0)
    a, b = _centred(observed, seen), _centred(predicted, seen)
    spread_a, spread_b = (a**2).sum(axis=0), (b**2).sum(axis=0)
    # a constant column keeps rounding noise after centring; ln IC50 is of the order of 10 at most
    flat_b = spread_b <= 1e-20
    flat_a = spread_a <= 1e-20
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(flat_b, 0.0, (a * b).sum(axis=0) / np.sqrt(spread_a * spread_b))
    return np.where((count < min_lines) | flat_a, np.nan, np.clip(r, -1.0, 1.0))


def per_drug_spearman(observed: Floats, predicted: Floats, min_lines: int = MIN_LINES) -> Floats:
    """Spearman correlation of each column (average ranks); missing and constant as in :func:`per_drug_pearson`."""
    return per_drug_pearson(*ranked(observed, predicted), min_lines)


def ranked(observed: Floats, predicted: Floats) -> tuple[Floats, Floats]:
    """Average ranks within each column over its responses: (n, D) with NaN, and (n, D) with 0, where missing."""
    seen = np.isfinite(observed)
    ranks = np.full((2, *observed.shape), np.nan)
    for d in range(observed.shape[1]):
        rows = seen[:, d]
        ranks[0, rows, d] = scipy.stats.rankdata(observed[rows, d])
        # the constant prediction of a baseline may differ in the last bit from row to row
        ranks[1, rows, d] = scipy.stats.rankdata(np.round(predicted[rows, d], 10))
    return ranks[0], np.where(seen, ranks[1], 0.0)


def per_drug_rmse(observed: Floats, predicted: Floats) -> Floats:
    """Root mean squared error of each column (D,), in ln IC50; NaN for a drug without response."""
    seen = np.isfinite(observed)
    squares = np.where(seen, (np.where(seen, observed, 0.0) - predicted) ** 2, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(squares / seen.sum(axis=0)), dtype=np.float64)


def rmse(observed: Floats, predicted: Floats) -> float:
    """Root mean squared error over all pairs with a response, in ln IC50."""
    seen = np.isfinite(observed)
    return float(np.sqrt(np.mean((observed[seen] - predicted[seen]) ** 2)))


def normalised_pearson(observed: Floats, predicted: Floats, naive: Floats) -> float:
    """Pearson over all pairs after the naive mean-effects prediction is subtracted from both sides (DrEval).

    Differences between drugs, which any mean predicts, then count for nothing.
    The naive prediction itself has 0 by convention.
    """
    seen = np.isfinite(observed)
    a, b = (observed - naive)[seen], (predicted - naive)[seen]
    return float(per_drug_pearson(a[:, None], b[:, None], min_lines=2)[0])


def pooled_metrics(observed: Floats, predicted: Floats) -> dict[str, float]:
    """R2, Pearson, Spearman and RMSE over all pairs together, as DrEval's overall metrics.

    Given both sides less the naive mean-effects prediction, they are DrEval's normalised metrics: what drugs
    and lines differ by on average counts for nothing then (https://github.com/daisybio/drevalpy).
    """
    seen = np.isfinite(observed)
    a, b = observed[seen][:, None], predicted[seen][:, None]
    return {
        "r2": float(1 - ((a - b) ** 2).sum() / ((a - a.mean()) ** 2).sum()),
        "pearson": float(per_drug_pearson(a, b, min_lines=2)[0]),
        "spearman": float(per_drug_spearman(a, b, min_lines=2)[0]),
        "rmse": rmse(observed, predicted),
    }


def per_drug_errors(observed: Floats, predicted: Floats, min_lines: int = MIN_LINES) -> dict[str, float]:
    """Mean over drugs with `min_lines` varying responses of R2 and RMSE within the drug."""
    seen = np.isfinite(observed)
    spread = (_centred(observed, seen) ** 2).sum(axis=0)
    squares = np.where(seen, (np.where(seen, observed, 0.0) - predicted) ** 2, 0.0).sum(axis=0)
    count = seen.sum(axis=0)
    judged = (count >= min_lines) & (spread > 1e-20)
    if not judged.any():
        return {"r2": float("nan"), "rmse": float("nan")}
    return {
        "r2": float(np.mean(1 - squares[judged] / spread[judged])),
        "rmse": float(np.mean(np.sqrt(squares[judged] / count[judged]))),
    }


def _centred(values: Floats, seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    filled = np.where(seen, values, 0.0)
    mean = filled.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.where(seen, filled - mean, 0.0)
