"""Nulls: what a wrong explanation would reach. Each says what it keeps and what it destroys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

KEEPS = {
    "random": ("the number, signs and drugs of the claims", "which genes are named"),
    "matched": (
        "the same, and the expression mean, expression variance and degree of the named genes (the 50 most alike)",
        "which of the genes like these is named",
    ),
    "drug_swap": ("each drug's claims with their popularity and druggability", "the pairing of claims with the drug"),
    "rewired": (
        "the claims, and each node's number of edges of every type and sign in the graph behind the reference",
        "which nodes the edges connect",
    ),
    "popularity": ("which drugs have claims, and how many", "everything about a drug: all get the most claimed genes"),
    "common": (
        "which drugs have claims, and how many",
        "everything about a drug: it gets the genes that most references of other target groups hold",
    ),
    "permuted_response": (
        "the features, the model and the lineages",
        "which cell line responded how, within a lineage",
    ),
    "random_weights": ("the data and the form of the model", "what the model has learned"),
}


@dataclass(frozen=True)
class SwapResult:
    """Drug-swap null of one figure.

    Parameters
    ----------
    mean, sd : float or None
        Over the draws that test something; None without one (sd: with fewer than two).
    p : float
        (b + 1) / (n + 1), b of n draws at least as large as what was observed.
    p_error : float
        Its Monte Carlo standard error.
    mean_other : float or None
        Closed form: mean over all pairings of a drug's claims with another drug's reference; None without one.
    draws : ndarray
    """

    mean: float | None
    sd: float | None
    p: float
    p_error: float
    mean_other: float | None
    draws: Floats


def permutations(n: int, draws: int, rng: np.random.Generator) -> Ints:
    """Draws x n: uniform permutations. Fixed points stay: they make the p-value valid and the null no weaker."""
    return rng.permuted(np.tile(np.arange(n, dtype=np.int64), (draws, 1)), axis=1)


def drug_swap(
    supported: npt.NDArray[Any], testable: npt.NDArray[Any], places: Ints, orders: Ints, weights: Floats | None = None
) -> SwapResult | None:
    """Score each drug's claims against the reference of a drug drawn without replacement.

    Any testable drug may be the partner, one of the same class and the drug itself too: the null
    is conservative, and the p-value is valid whenever claims and references are exchangeable.

    Parameters
    ----------
    supported, testable : ndarray of numbers, claiming drugs x testable drugs
        How many of the row's claims the column's reference supports, and can test.
    places : ndarray of int
        Column of each row's own drug.
    orders : ndarray of int, draws x testable drugs
        From :func:`permutations`.
    weights : ndarray of float, optional
        Weight of each row in the mean.

    Returns
    -------
    SwapResult or None
        None without a row.
    """
    if not len(places):
        return None
    weight = np.ones(len(places)) if weights is None else weights
    rows = np.arange(len(places))
    observed = swap_draws(supported, testable, rows, places[None, :], weight)[0]
    draws = swap_draws(supported, testable, rows, orders[:, places], weight)
    n = len(draws)
    # A draw that tests nothing counts against the explainer, so that the p-value stays valid.
    p = (np.count_nonzero(~(draws < observed - 1e-12)) + 1) / (n + 1)
    draws = draws[np.isfinite(draws)]
    return SwapResult(
        mean=float(draws.mean()) if len(draws) else None,
        sd=float(draws.std(ddof=1)) if len(draws) > 1 else None,
        p=float(p),
        p_error=float(np.sqrt(p * (1 - p) / (n + 1))),
        mean_other=_mean_other(supported, testable, places),
        draws=draws,
    )


def swap_draws(
    supported: npt.NDArray[Any], testable: npt.NDArray[Any], rows: Ints, columns: Ints, weight: Floats
) -> Floats:
    """Weighted mean over `rows` of what is supported of what can be tested, each row read in its column of the draw.

    Parameters
    ----------
    supported, testable : ndarray of numbers, claiming drugs x testable drugs
    rows : ndarray of int
    columns : ndarray of int, draws x rows
    weight : ndarray of float (rows,)

    Returns
    -------
    ndarray of float (draws,)
        NaN for a draw that tests nothing.
    """
    total = testable[rows[None, :], columns]
    with np.errstate(invalid="ignore", divide="ignore"):
        return _mean(supported[rows[None, :], columns] / total, weight)


def _mean_other(supported: npt.NDArray[Any], testable: npt.NDArray[Any], places: Ints) -> float | None:
    """Mean over drugs of their mean share in all other drugs' references; None where nothing can be tested."""
    rows = np.arange(len(places))
    total = np.count_nonzero(testable, axis=1) - (testable[rows, places] > 0)
    share = supported / np.maximum(testable, 1e-12)
    share[testable == 0] = 0.0
    share[rows, places] = 0.0
    means = (share.sum(axis=1) / np.maximum(total, 1))[total > 0]
    return float(means.mean()) if len(means) else None


def _mean(values: Floats, weight: Floats) -> Floats:
    """Weighted mean over the last axis of the finite values; NaN where there is none."""
    there = np.isfinite(values)
    total = np.where(there, weight[None, :], 0.0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(there, values * weight[None, :], 0.0).sum(axis=1) / total, dtype=np.float64)


def popular_claims(keys: Sequence[str], signs: Ints, drugs: Sequence[str]) -> list[int]:
    """Rows that stand for the most claimed items, most claimed first.

    Ties go by name. The row that stands for an item is the first with the sign that most of its
    claims have.
    """
    claimed: dict[str, set[str]] = {}
    by_sign: dict[str, dict[int, list[int]]] = {}
    for row, (key, sign, drug) in enumerate(zip(keys, signs.tolist(), drugs, strict=True)):
        claimed.setdefault(key, set()).add(drug)
        by_sign.setdefault(key, {}).setdefault(sign, []).append(row)
    ranked = sorted(claimed, key=lambda key: (-len(claimed[key]), key))
    most = [max(sorted(by_sign[key].items()), key=lambda item: len(item[1]))[1] for key in ranked]
    return [rows[0] for rows in most]


def popularity_of_each(supported: Bools, testable: Bools, counts: Ints) -> tuple[Floats, Bools]:
    """Precision of each drug when it gets the k most claimed items, k being its own number of claims.

    Parameters
    ----------
    supported, testable : ndarray of bool, items (most claimed first; at least max(k), or all) x claiming drugs
    counts : ndarray of int
        Claims of each drug.

    Returns
    -------
    values : ndarray of float
        0 where no popular item can be tested.
    there : ndarray of bool
        Whether one can be tested.
    """
    if not len(counts) or not len(supported):
        return np.zeros(len(counts)), np.zeros(len(counts), dtype=bool)
    last = np.minimum(counts, len(supported)) - 1
    columns = np.arange(len(counts))
    right = np.cumsum(supported, axis=0)[last, columns]
    total = np.cumsum(testable, axis=0)[last, columns]
    return right / np.maximum(total, 1), total > 0
