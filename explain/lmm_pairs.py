"""The mixed model asked about a pair: does the product of two features go with the response, beyond both of them?

The model of :mod:`pathproof.explain.lmm` with three features at once,

    y = C b + x_i a_i + x_j a_j + x_i x_j c + u + e,

x_i and x_j centred. Its variance share is that of the null model, fitted once a drug, and the test is the generalised
least squares t of c: a product that stands for one of its features has none left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pathproof.explain import lmm_kernel as kernel
from pathproof.explain.lmm import LmmConfig
from pathproof.explain.lmm_clump import layer_columns
from pathproof.explain.lmm_covariates import background

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

Floats = npt.NDArray[np.float64]


def product_deviates(
    dataset: Dataset, drug: int, pairs: Sequence[tuple[int, int]], config: LmmConfig | None = None
) -> Floats:
    """Normal deviates (P,) of the products of pairs of features with one drug's ln IC50.

    Parameters
    ----------
    dataset : Dataset
        Lines without expression are left out; for a pair with a mutation also those without mutations.
    drug : int
        Column of the response.
    pairs : sequence of (int, int)
        Columns of `x`.
    config : LmmConfig, optional

    Returns
    -------
    float64 array (P,)
        Positive: both features high (or both low) go with a higher ln IC50 than they do each alone. NaN: too few
        lines, or a product that does not vary beyond its features and the covariates.
    """
    config = config or LmmConfig()
    covariates = background(dataset, config.min_group)
    expression = layer_columns(dataset.features, "expression")
    seen = np.isfinite(dataset.y[:, drug]) & dataset.has_layer["expression"]
    found = np.full(len(pairs), np.nan)
    for layers in sorted({_layers(dataset, pair) for pair in pairs}):
        rows = np.flatnonzero(np.all([seen, *(dataset.has_layer[name] for name in layers)], axis=0))
        basis = kernel.orthonormal_basis(covariates[rows]) if rows.size else np.zeros((0, 0))
        df = int(rows.size - basis.shape[1] - 3)
        if df < config.min_df:
            continue
        wide = dataset.x[np.ix_(rows, expression)].astype(np.float64)
        space = kernel.decompose(wide @ wide.T, basis)
        response = space.rotation.T @ dataset.y[rows, drug]
        h2 = kernel.reml_h2(space.eigenvalues, response)
        root = 1.0 / np.sqrt(h2 * space.eigenvalues + 1.0 - h2)
        for k, pair in enumerate(pairs):
            if _layers(dataset, pair) == layers:
                x = dataset.x[np.ix_(rows, np.asarray(pair))].astype(np.float64)
                t = _product_t(x, space.rotation, response * root, root, df)
                found[k] = float(kernel.z_from_t(np.asarray(t), np.asarray(df)))
    return found


def _layers(dataset: Dataset, pair: tuple[int, int]) -> tuple[str, ...]:
    return tuple(sorted({dataset.features[i].layer for i in pair}))


def _product_t(x: Floats, rotation: Floats, response: Floats, root: Floats, df: int) -> float:
    """t of the product in a regression on both features and it; NaN when it does not vary beyond them."""
    x = x - x.mean(axis=0)
    design = np.column_stack([x, x[:, 0] * x[:, 1]])
    design = (rotation.T @ design) * root[:, None]
    basis = kernel.orthonormal_basis(design[:, :2])
    product = kernel.project_out(basis, design[:, 2])
    left = float(product @ product)
    if left <= kernel.RANK_TOLERANCE * max(float(design[:, 2] @ design[:, 2]), 1.0):
        return float("nan")
    rest = kernel.project_out(basis, response)
    slope = float(product @ rest) / left
    error = float(((rest - slope * product) ** 2).sum())
    return slope * np.sqrt(left * df / error) if error > 0 else float("nan")
