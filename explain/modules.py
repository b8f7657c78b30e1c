"""Modules: claims of one drug whose features move together over cell lines, put behind the strongest of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def tissue_residuals(x: Floats, tissue: Sequence[str], present: NDArray[np.bool_]) -> Floats:
    """Features with the mean of each tissue removed, scaled to unit variance.

    Parameters
    ----------
    x : float array (n, F)
        Cell lines x features.
    tissue : sequence of str (n,)
    present : bool array (n, F)
        Where the feature's layer was measured; elsewhere the result is 0.

    Returns
    -------
    float array (n, F)
        Mean 0 in every tissue, variance 1 over the measured lines; 0 for a feature that is
        constant within every tissue.
    """
    out = np.where(present, x, 0.0).astype(np.float64)
    names = np.asarray(tissue)
    for name in sorted(set(tissue)):
        rows = np.flatnonzero(names == name)
        here = present[rows]
        mean = out[rows].sum(axis=0) / np.maximum(here.sum(axis=0), 1)
        out[rows] = np.where(here, out[rows] - mean, 0.0)
    sd = np.sqrt((out**2).sum(axis=0) / np.maximum(present.sum(axis=0), 1))
    return np.asarray(np.divide(out, sd, out=np.zeros_like(out), where=sd > 1e-9))


def correlations(residuals: Floats, present: NDArray[np.bool_]) -> Floats:
    """Correlation of every two columns over the lines that have both; 0 where one is constant.

    Parameters
    ----------
    residuals : float array (n, m)
        Zero where missing, as :func:`tissue_residuals` gives them.
    present : bool array (n, m)
    """
    mask = present.astype(np.float64)
    squares = (residuals**2).T @ mask
    norm = np.sqrt(squares * squares.T)
    products = residuals.T @ residuals
    return np.asarray(np.divide(products, norm, out=np.zeros_like(products), where=norm > 1e-12))


def clump(correlation: Floats, threshold: float) -> list[list[int]]:
    """Group items around the strongest: items are given strongest first.

    The first free item leads; every free item with an absolute correlation of at least
    `threshold` with the leader joins it. So every member is tied to its leader, and no chain of
    weak links makes one huge module.

    Returns
    -------
    list of list of int
        Groups in the order of their leaders, leader first; single items are groups of one.
    """
    free = np.ones(correlation.shape[0], dtype=bool)
    groups = []
    for lead in range(correlation.shape[0]):
        if not free[lead]:
            continue
        tied = free & (np.abs(correlation[lead]) >= threshold)
        tied[lead] = False
        members = [lead, *np.flatnonzero(tied).tolist()]
        free[members] = False
        groups.append(members)
    return groups


def module_values(x: Floats, weights: Floats) -> Floats:
    """Signed attribution of a module: ln IC50 per SD of its score, with the sign of its leader.

    A module's score is sum_g w_g x_g. When the score rises by one SD, the features rise with it by
    cov(x_g, score) / SD(score), and the prediction by the SD of the score itself.

    Parameters
    ----------
    x : float array (n, m)
        The members' features, leader first, over the lines that have them, in SD.
    weights : float array (m,) or (B, m)
        Attributions per SD of each feature, one row per ensemble member.

    Returns
    -------
    float array () or (B,)
    """
    score = x @ np.atleast_2d(weights).T
    value = np.sign(np.atleast_2d(weights)[:, 0]) * score.std(axis=0, ddof=1)
    return np.asarray(value[0] if weights.ndim == 1 else value)
