"""The row space of the lines: where an anchored fit lives, whatever the number of genes.

Every term of the loss depends on the parameters through their products with the lines, A^T x, b . x and Y_l x, and
through A^T A, A^T b, ||b||^2 and Y_l Y_l^T. So when A, b and the rows of Y_l start in the row space of the fitted
lines, every gradient lies in it too, and nothing is lost by fitting in its q <= min(n - 1, m) orthonormal coordinates
(ours). The cost then does not depend on the number of genes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DataError

Floats = NDArray[np.float64]
NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class Space:
    """Coordinates of lines: ((x - centre) / spread) @ basis / unit.

    Parameters
    ----------
    centre, spread : float array (m,)
        Mean and SD of each feature over the fitted lines; the spread of a constant feature is infinite, so
        that the feature counts as 0.
    basis : float array (m, q)
        Orthonormal columns by falling variance, the largest entry of each positive.
    unit : float
        Root mean square length of the fitted lines in the basis: coordinates have a length of about 1.
    kept : float
        Share of the variance of the fitted lines that the basis holds; 1 when it holds their whole row space.
    """

    centre: Floats
    spread: Floats
    basis: Floats
    unit: float
    kept: float

    def standardise(self, x: Floats) -> Floats:
        """Features (n, m) in SD from the mean."""
        return (np.asarray(x, dtype=np.float64) - self.centre) / self.spread

    def coordinates(self, x: Floats) -> Floats:
        """Coordinates (n, q) of lines (n, m) in their own units."""
        return self.standardise(x) @ self.basis / self.unit

    def lines(self, coordinates: Floats) -> Floats:
        """The lines (n, m), in their own units, that lie at coordinates (n, q)."""
        spread = np.where(np.isfinite(self.spread), self.spread, 0.0)
        return self.centre + (coordinates @ self.basis.T) * self.unit * spread

    def to_features(self, slopes: Floats) -> Floats:
        """Slopes per coordinate (..., q) as slopes per SD of each feature (..., m)."""
        return slopes @ self.basis.T / self.unit

    def outside(self, slopes: Floats) -> tuple[Floats, Floats]:
        """What slopes per SD (m, D) hold outside of the basis: unit vectors (m, D) and lengths per coordinate (D,).

        A part that is negligible beside its slopes is 0.
        """
        rest = slopes - self.basis @ (self.basis.T @ slopes)
        size = np.linalg.norm(rest, axis=0)
        held = size > NEGLIGIBLE * np.maximum(np.linalg.norm(slopes, axis=0), NEGLIGIBLE)
        return rest / np.where(held, size, np.inf), np.where(held, size * self.unit, 0.0)


def row_space(x: Floats, most: int) -> Space:
    """The space of the fitted lines x (n, m), at most `most` dimensions of largest variance.

    Raises
    ------
    DataError
        No feature varies over the lines.
    """
    x = np.asarray(x, dtype=np.float64)
    centre, spread = x.mean(axis=0), _spread(x)
    scaled = (x - centre) / spread
    _, size, right = _svd(scaled)
    count = min(int((size > NEGLIGIBLE * size[0]).sum()), most)
    basis = right[:count].T
    basis = basis * np.where(basis[np.abs(basis).argmax(axis=0), np.arange(count)] < 0, -1.0, 1.0)
    held = float((size[:count] ** 2).sum())
    return Space(centre, spread, basis, float(np.sqrt(held / x.shape[0])), held / float((size**2).sum()))


def whole_space(x: Floats) -> Space:
    """All features as coordinates, in SD over the lines x (n, m): for encoders that do not start in the row space."""
    centre, spread = x.mean(axis=0), _spread(x)
    return Space(centre, spread, np.eye(x.shape[1]), 1.0, 1.0)


def _spread(x: Floats) -> Floats:
    """SD of each feature; infinite for a constant one.

    Raises
    ------
    DataError
        No feature varies.
    """
    spread = x.std(axis=0)
    spread = np.where(spread > NEGLIGIBLE * np.maximum(np.abs(x.mean(axis=0)), 1e-3), spread, np.inf)
    if not np.isfinite(spread).any():
        raise DataError("No feature varies over the lines to fit.", got=f"{x.shape[0]} lines, {x.shape[1]} features")
    return np.asarray(spread)


def _svd(scaled: Floats) -> tuple[Floats, Floats, Floats]:
    """Singular values and right vectors by the smaller Gram matrix: n lines are few, m genes are many."""
    if scaled.shape[0] >= scaled.shape[1]:
        return np.linalg.svd(scaled, full_matrices=False)
    values, left = np.linalg.eigh(scaled @ scaled.T)
    size = np.sqrt(np.maximum(values[::-1], 0.0))
    right = left[:, ::-1].T @ scaled / np.maximum(size, NEGLIGIBLE * size[0])[:, None]
    return left[:, ::-1], size, right
