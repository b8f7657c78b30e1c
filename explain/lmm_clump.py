"""Clumping: correlated features of one drug are one claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pathproof.explain import lmm_kernel as kernel

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, Feature

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_UNUSED = -1
_CLUMP_FLOOR = 1.0
"""A feature with a smaller abs(z) is not worth a clump: no threshold of a claim lies near it."""


def layer_columns(features: Sequence[Feature], layer: str) -> Ints:
    """Positions of the features of one layer, ascending."""
    return np.array([i for i, feature in enumerate(features) if feature.layer == layer], dtype=np.int64)


def correlated(dataset: Dataset, covariates: Floats, limit: float) -> Bools:
    """Which features correlate, covariates removed, on the lines that have both layers.

    Parameters
    ----------
    dataset : Dataset
    covariates : float64 array (n, c)
    limit : float
        Smallest absolute correlation that counts.

    Returns
    -------
    bool array (F, F), symmetric. False where two layers share too few lines.
    """
    out = np.zeros((len(dataset.features),) * 2, dtype=bool)
    layers = sorted(dataset.has_layer)
    for index, a in enumerate(layers):
        for b in layers[index:]:
            lines = dataset.has_layer[a] & dataset.has_layer[b]
            left, right = layer_columns(dataset.features, a), layer_columns(dataset.features, b)
            if lines.sum() <= covariates.shape[1] + 2 or not left.size or not right.size:
                continue
            basis = kernel.orthonormal_basis(covariates[lines])
            found = _unit(dataset.x[np.ix_(lines, left)], basis).T @ _unit(dataset.x[np.ix_(lines, right)], basis)
            close = np.abs(found) >= limit
            out[np.ix_(left, right)] = close
            out[np.ix_(right, left)] = close.T
    return out


def _unit(x: npt.NDArray[np.float32], basis: Floats) -> Floats:
    """Residuals after the covariates, each column of length 1; a column without any variation is 0."""
    wide = x.astype(np.float64)
    residual = kernel.project_out(basis, wide)
    length = np.sqrt(np.einsum("nf,nf->f", residual, residual))
    raw = np.sqrt(np.einsum("nf,nf->f", wide, wide))
    alive = length > np.sqrt(kernel.RANK_TOLERANCE) * np.maximum(raw, 1.0)
    return np.asarray(residual / np.where(alive, length, np.inf), dtype=np.float64)


def clump(z: Floats, genes: Sequence[str], close: Bools) -> Ints:
    """Gather correlated features into the strongest of them, drug by drug.

    Parameters
    ----------
    z : float64 array (F, D)
        NaN: not tested.
    genes : sequence of str
        Gene of each feature; of a gene's layers only the one with the largest abs(z) takes part.
    close : bool array (F, F)

    Returns
    -------
    int64 array (F, D): see :class:`pathproof.explain.lmm_table.AssociationTable`.
    """
    _, gene = np.unique(np.asarray(genes), return_inverse=True)
    size = np.abs(np.nan_to_num(z))
    top = np.zeros((int(gene.max()) + 1, z.shape[1]))
    np.maximum.at(top, gene, size)
    out = np.full(z.shape, _UNUSED, dtype=np.int64)
    for drug in range(z.shape[1]):
        strength = size[:, drug]
        order = np.argsort(-strength, kind="stable")
        seen: set[int] = set()
        for row in order.tolist():
            if strength[row] < _CLUMP_FLOOR:
                break
            if strength[row] < top[gene[row], drug] or int(gene[row]) in seen:
                continue
            seen.add(int(gene[row]))
            if out[row, drug] == _UNUSED:
                reached = close[row] & (out[:, drug] == _UNUSED) & (strength <= strength[row])
                out[reached, drug] = row
                out[row, drug] = row
        weaker = (strength < top[gene, drug]) | (strength < _CLUMP_FLOOR)
        out[weaker, drug] = _UNUSED
    return out
