"""All products of two features, held against one drug in the mixed model: which pairs stand out beyond both features?

Every pair gets a score first, without its two features in the model: the sum over lines of x_i x_j times the residual
of the null model V^-1 (y - C b), over the SDs of both. A few matrix products give it for all pairs at once. As in the
test it is taken on the responses and on rank-normal ones, and the weaker counts. The pairs with the highest scores are
then tested as :func:`pathproof.explain.lmm_pairs.product_deviates` does, with both features in the model, and beyond
their squares. The score only orders; what is claimed is the test, at the level of all pairs that were scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pathproof.explain import lmm_kernel as kernel
from pathproof.explain.lmm import LmmConfig
from pathproof.explain.lmm_clump import layer_columns
from pathproof.explain.lmm_covariates import background
from pathproof.explain.lmm_pairs import TESTED, WIDEST, null_models, product_deviates

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Products:
    """The strongest products for one drug.

    Parameters
    ----------
    pairs : int array (P, 2)
        Columns of `x`, i < j; the largest abs(z) first.
    z : float array (P,)
        Deviates, the weaker of responses and ranks; positive: both high (or both low) goes with a higher ln IC50 than
        they do each alone.
    scored : int
        Pairs that were scored: so many tests the level has to allow for.
    """

    pairs: Ints
    z: Floats
    scored: int


def strongest_products(dataset: Dataset, drug: int, count: int = TESTED, config: LmmConfig | None = None) -> Products:
    """Score all products of two expression features, and of expression and mutation, and test the highest scores.

    Parameters
    ----------
    dataset : Dataset
        Lines that lack a layer are left out, and mutations with fewer carriers than `config.min_carriers`.
    drug : int
        Column of the response.
    count : int
        So many pairs are tested.
    config : LmmConfig, optional

    Returns
    -------
    Products
        None with too few lines.
    """
    pairs, scores = product_scores(dataset, drug, config)
    best = np.argsort(-scores, kind="stable")[:count]
    z = product_deviates(dataset, drug, [(int(i), int(j)) for i, j in pairs[best]], config)
    known = np.flatnonzero(np.isfinite(z))
    order = known[np.argsort(-np.abs(z[known]), kind="stable")]
    return Products(pairs[best[order]], z[order], len(scores))


def product_scores(dataset: Dataset, drug: int, config: LmmConfig | None = None) -> tuple[Ints, Floats]:
    """Pairs (P, 2), i < j, whose product varies, and their scores (P,): the higher, the sooner a pair is tested.

    A score is the size of the correlation between product and residual, the smaller one of responses and of ranks, and
    0 where their signs differ. None with too few lines.
    """
    config = config or LmmConfig()
    whole = np.all([np.asarray(has) for has in dataset.has_layer.values()], axis=0)
    rows = np.flatnonzero(np.isfinite(dataset.y[:, drug]) & whole)
    basis = kernel.orthonormal_basis(background(dataset, config.min_group)[rows]) if rows.size else np.zeros((0, 0))
    expression = layer_columns(dataset.features, "expression")
    if int(rows.size - basis.shape[1]) - WIDEST < config.min_df or expression.size < 2:
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    columns = np.concatenate([expression, _carried(dataset, rows, config.min_carriers)])
    x = dataset.x[np.ix_(rows, columns)].astype(np.float64)
    scores = _scores(x, _residuals(dataset, rows, basis, expression, drug))
    scores[expression.size :, expression.size :] = np.nan  # two mutations together have too few carriers
    i, j = np.triu_indices(len(columns), 1)
    known = np.isfinite(scores[i, j])
    i, j = i[known], j[known]
    return np.sort(np.stack([columns[i], columns[j]], axis=1), axis=1), scores[i, j]


def _residuals(dataset: Dataset, rows: Ints, basis: Floats, expression: Ints, drug: int) -> list[Floats]:
    """V^-1 (y - C b) of the null model, by line, over its SD: of the responses and of rank-normal ones."""
    wide = dataset.x[np.ix_(rows, expression)].astype(np.float64)
    space = kernel.decompose(wide @ wide.T, basis)
    nulls = null_models(space, dataset.y[rows, drug].astype(np.float64), "weaker")
    found = [np.asarray(space.rotation @ (root * response)) for root, response in nulls]
    return [residual / (residual.std() or 1.0) for residual in found]


def _carried(dataset: Dataset, rows: Ints, least: int) -> Ints:
    """Columns of mutations that enough of the lines carry, and enough do not."""
    columns = layer_columns(dataset.features, "mutation")
    carriers = (dataset.x[np.ix_(rows, columns)] > 0.5).sum(axis=0)
    return np.asarray(columns[(carriers >= least) & (len(rows) - carriers >= least)], dtype=np.int64)


def _scores(x: Floats, residuals: Sequence[Floats]) -> Floats:
    """Smallest size of each product's correlation with the residuals (m, m); 0 where they differ in sign.

    NaN: the product does not vary.
    """
    x = x - x.mean(axis=0)
    size = np.sqrt((x**2).mean(axis=0))
    x = x / np.where(size > 0, size, 1.0)
    both = (x.T @ x) / len(x)
    variance = (x**2).T @ (x**2) / len(x) - both**2
    first, second = ((x * one[:, None]).T @ x / len(x) - both * one.mean() for one in residuals)
    weaker = np.where(first * second > 0, np.minimum(np.abs(first), np.abs(second)), 0.0)
    sure = variance > 1e-6
    return np.where(sure, weaker / np.sqrt(np.where(sure, variance, 1.0)), np.nan)
