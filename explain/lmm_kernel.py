"""Array kernels of the linear mixed model: projection, decomposition, REML and generalised least squares.

Everything here is a pure function of arrays. The model of one response is

    y = C b + x beta + u + e,    u ~ N(0, s_u^2 K),    e ~ N(0, s_e^2 I),

with K orthogonal to the covariates C. In the orthonormal basis U of the complement of C in which
K is diagonal (eigenvalues s), the covariance of U'y is diagonal, so one decomposition serves every
response and every feature measured on the same cell lines.

References
----------
Kang et al. 2010, doi:10.1038/ng.548 (one variance ratio for all features);
Patterson and Thompson 1971, doi:10.1093/biomet/58.3.545 (REML).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, stats

Floats = npt.NDArray[np.float64]

RANK_TOLERANCE = 1e-9
H2_MAX = 0.99
_GRID = 25
_REFINEMENTS = 4


@dataclass(frozen=True)
class Decomposition:
    """Basis of the complement of the covariates in which the kernel is diagonal.

    Parameters
    ----------
    rotation : float64 array (n, q)
        Orthonormal columns, all orthogonal to the covariates; q = n - rank(C).
    eigenvalues : float64 array (q,)
        Eigenvalues of the kernel, scaled to mean 1 so that h2 is the share of variance.
    """

    rotation: Floats
    eigenvalues: Floats


@dataclass(frozen=True)
class Fits:
    """Per-feature tests of one response: effect per unit of the feature, t, degrees of freedom.

    `beta` and `t` are NaN for a feature that does not vary beyond the covariates.
    """

    beta: Floats
    t: Floats
    df: int


def orthonormal_basis(covariates: Floats) -> Floats:
    """Orthonormal basis (n, rank) of the columns of a covariate matrix (n, c); collinear columns are dropped."""
    if covariates.shape[1] == 0:
        return np.zeros((covariates.shape[0], 0))
    left, singular, _ = linalg.svd(covariates, full_matrices=False)
    return np.asarray(left[:, singular > singular[0] * RANK_TOLERANCE], dtype=np.float64)


def project_out(basis: Floats, values: Floats) -> Floats:
    """Residuals of values (n,) or (n, k) after least squares on an orthonormal basis (n, c)."""
    return np.asarray(values - basis @ (basis.T @ values), dtype=np.float64)


def decompose(gram: Floats, basis: Floats) -> Decomposition:
    """Diagonalise a kernel within the complement of the covariates.

    Parameters
    ----------
    gram : float64 array (n, n)
        X X' over the lines of the test, any scale.
    basis : float64 array (n, c)
        Orthonormal basis of the covariates.
    """
    rank = basis.shape[1]
    kernel = project_out(basis, project_out(basis, gram).T)
    # The covariates' directions are pushed below zero, so they are exactly the first eigenvectors,
    # also when the features have a lower rank than there are lines.
    shift = max(float(np.trace(kernel)), 1.0)
    kernel = (kernel + kernel.T) / 2 - shift * (basis @ basis.T)
    values, vectors = linalg.eigh(kernel, driver="evd", overwrite_a=True, check_finite=False)
    eigenvalues = np.clip(values[rank:], 0.0, None)
    scale = float(eigenvalues.mean()) if eigenvalues.size else 0.0
    return Decomposition(np.ascontiguousarray(vectors[:, rank:]), eigenvalues / scale if scale > 0 else eigenvalues)


def reml_loglik(h2: Floats, eigenvalues: Floats, rotated: Floats) -> Floats:
    """Restricted log likelihood, up to a constant, for each h2 (k,), the total variance profiled out.

    l(h2) = -1/2 [ q log( sum_i y_i^2 / v_i / q ) + sum_i log v_i ],   v_i = h2 s_i + 1 - h2
    """
    variances = h2[:, None] * eigenvalues[None, :] + (1.0 - h2)[:, None]
    total = (rotated[None, :] ** 2 / variances).mean(axis=1)
    return np.asarray(-0.5 * (rotated.size * np.log(total) + np.log(variances).sum(axis=1)), dtype=np.float64)


def reml_h2(eigenvalues: Floats, rotated: Floats) -> float:
    """Share of the variance that the kernel explains, in [0, 0.99], by REML on a grid that is refined.

    Parameters
    ----------
    eigenvalues : float64 array (q,)
        Of the kernel, mean 1.
    rotated : float64 array (q,)
        The response in the basis of :class:`Decomposition`.
    """
    if not np.any(rotated):
        return 0.0
    low, high = 0.0, H2_MAX
    best = 0.0
    for _ in range(_REFINEMENTS):
        grid = np.linspace(low, high, _GRID)
        best = float(grid[int(np.argmax(reml_loglik(grid, eigenvalues, rotated)))])
        step = float(grid[1] - grid[0])
        low, high = max(0.0, best - step), min(H2_MAX, best + step)
    return best


def weighted_tests(features: Floats, response: Floats, weights: Floats, raw: Floats) -> Floats:
    """Weighted regression of the response on each feature in turn, without an intercept.

    Parameters
    ----------
    features : float64 array (q, F)
        In the rotated basis, or residuals after the covariates.
    response, weights : float64 array (q,)
    raw : float64 array (F,)
        Sum of squares of each feature before the covariates were removed: what is left must be
        more than a rounding error of it.

    Returns
    -------
    float64 array (3, F): effect, residual sum of squares, sum of squares of the feature; NaN
    where the feature does not vary beyond the covariates.
    """
    xx = weights @ features**2
    xy = (weights * response) @ features
    left = np.einsum("qf,qf->f", features, features)
    xx = np.where(left > RANK_TOLERANCE * np.maximum(raw, 1.0), xx, np.nan)
    rss = float(weights @ response**2) - xy**2 / xx
    return np.stack([xy / xx, np.maximum(rss, 0.0), xx])


def fits(parts: Floats, df: int) -> Fits:
    """Turn what :func:`weighted_tests` returns into effects and t values with `df` degrees of freedom."""
    beta, rss, xx = parts
    with np.errstate(divide="ignore", invalid="ignore"):
        t = beta * np.sqrt(xx * df / rss)
    return Fits(beta, np.where(np.isfinite(t), t, np.nan), df)


def rank_normal(values: Floats) -> Floats:
    """Each column's values (n, ..) in the places of normal deviates of the same ranks (Blom 1958), ties at their mean.

    One cell line with an extreme response cannot make a product or a group of genes stand out
    (doi:10.1007/s10519-009-9281-0). NaN stays NaN.
    """
    known = np.isfinite(values)
    ranks = stats.rankdata(values, axis=0, nan_policy="omit")
    return np.asarray(stats.norm.ppf((ranks - 0.375) / (known.sum(axis=0) + 0.25)))


def weaker(first: Floats, second: Floats) -> Floats:
    """The deviate of smaller size, element by element: 0 where the two differ in sign, NaN where one is NaN."""
    smaller = np.where(np.abs(first) <= np.abs(second), first, second)
    known = np.isfinite(first) & np.isfinite(second)
    return np.asarray(np.where(known, np.where(np.sign(first) == np.sign(second), smaller, 0.0), np.nan))


def z_from_t(t: Floats, df: npt.NDArray[np.int64]) -> Floats:
    """Normal deviates with the same two-sided p as t with df degrees of freedom; NaN stays NaN.

    t and df broadcast. A tail below 1e-300 is held there (abs(z) = 37).
    """
    tail = stats.t.sf(np.abs(t), df)
    z = stats.norm.isf(np.maximum(tail, 1e-300))
    return np.asarray(np.sign(t) * np.maximum(z, 0.0), dtype=np.float64)
