"""The mixed model asked about a pair and about a rule: does it go with the response, beyond its background?

The model of :mod:`pathproof.explain.lmm` with three features at once,

    y = C b + x_i a_i + x_j a_j + x_i x_j c + u + e,

x_i and x_j centred. Its variance share is that of the null model, fitted once a drug, and the test is the generalised
least squares t of c: a product that stands for one of its features has none left. For a rule the one feature is 1 in
the lines that meet its conditions and 0 in the others.

A product can be huge in one line, and so can a response. So all of it is tested on the responses and on rank-normal
ones (Blom's scores), and the weaker deviate counts: one extreme line makes no pair. And where one gene acts in a bent
way, its product with a gene that goes with it stands for its square. So the product has to add to the two squares too
(one-sided, p <= .05 over the 30 products that a scan tests); where it does not, what is left of it beyond them is its
deviate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from pathproof.explain import lmm_kernel as kernel
from pathproof.explain.lmm import LmmConfig
from pathproof.explain.lmm_clump import layer_columns
from pathproof.explain.lmm_covariates import background

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset

Floats = npt.NDArray[np.float64]
WIDEST = 5
"""Columns of the widest design: two features, their squares, and their product."""
TESTED = 30
"""So many products of highest score a scan tests for a drug."""
BEYOND, BEYOND_SQUARES = (NormalDist().inv_cdf(1.0 - 0.05 / tests) for tests in (1, TESTED))
"""What is asked of a deviate beyond what it could stand for, one-sided: of a module beyond its gene, of a pair."""
Responses = Literal["values", "ranks", "weaker"]
"""What a deviate is of: ln IC50, its rank-normal scores, or the smaller of both, 0 where their signs differ."""
Design = Callable[[npt.NDArray[np.int64]], Floats]
"""Columns (rows, k) for chosen rows of the lines; the last is tested beyond the others."""


def product_deviates(
    dataset: Dataset,
    drug: int,
    pairs: Sequence[tuple[int, int]],
    config: LmmConfig | None = None,
    responses: Responses = "weaker",
    *,
    squares: bool = True,
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
    responses : "values", "ranks" or "weaker"
    squares : bool
        Ask for the product beyond the squares too; without them a gene that acts in a bent way looks like a pair.

    Returns
    -------
    float64 array (P,)
        Positive: both features high (or both low) go with a higher ln IC50 than they do each alone. NaN: too few
        lines, or a product that does not vary beyond its features, their squares and the covariates.
    """

    def design(pair: tuple[int, int], bent: bool) -> Design:
        def columns(rows: npt.NDArray[np.int64]) -> Floats:
            x = dataset.x[np.ix_(rows, np.asarray(pair))].astype(np.float64)
            x = x - x.mean(axis=0)
            return np.column_stack([x, *([x**2] if bent else []), x[:, 0] * x[:, 1]])

        return columns

    forms = (False, True) if squares else (False,)
    asked = [(_layers(dataset, pair), design(pair, bent)) for bent in forms for pair in pairs]
    found = deviates(dataset, drug, asked, config or LmmConfig(), responses=responses)
    if not squares:
        return found
    plain, beyond = found.reshape(2, -1)
    return np.asarray(np.where(beyond * np.sign(plain) >= BEYOND_SQUARES, plain, kernel.weaker(plain, beyond)))


def group_deviates(
    dataset: Dataset,
    drug: int,
    groups: Sequence[npt.NDArray[np.bool_]],
    features: Sequence[Sequence[int]],
    config: LmmConfig | None = None,
) -> Floats:
    """Normal deviates (R,) of groups of lines, each (n,), with one drug's ln IC50: the weaker of responses and ranks.

    Parameters
    ----------
    groups : sequence of bool array (n,)
    features : sequence of sequence of int
        Columns of `x` that each group was formed by: lines that lack one of their layers are left out.

    Returns
    -------
    float64 array (R,)
        Positive: the lines of the group have a higher ln IC50 than the covariates and their relatedness explain. NaN:
        too few lines, or a group that holds none or all of them.
    """

    def design(group: npt.NDArray[np.bool_]) -> Design:
        return lambda rows: group[rows].astype(np.float64)[:, None]

    asked = [(_layers(dataset, own), design(group)) for own, group in zip(features, groups, strict=True)]
    return deviates(dataset, drug, asked, config or LmmConfig(), responses="weaker")


def deviates(
    dataset: Dataset,
    drug: int,
    asked: Sequence[tuple[tuple[str, ...], Design]],
    config: LmmConfig,
    left_out: npt.NDArray[np.int64] | None = None,
    responses: Responses = "values",
) -> Floats:
    """Normal deviate of the last column of each design beyond its others, with one drug's ln IC50.

    Parameters
    ----------
    asked : sequence of (layers, design)
        A design is made for the lines that have the layers, sorted; those with the same layers share a null model.
    left_out : int array, optional
        Columns of `x` that take no part in the kernel.
    responses : "values", "ranks" or "weaker"

    Returns
    -------
    float64 array (len(asked),)
        NaN: too few lines, or a column that does not vary beyond the others and the covariates.
    """
    covariates = background(dataset, config.min_group)
    expression = layer_columns(dataset.features, "expression")
    expression = expression if left_out is None else np.setdiff1d(expression, left_out)
    seen = np.isfinite(dataset.y[:, drug]) & dataset.has_layer["expression"]
    found = np.full(len(asked), np.nan)
    for layers in sorted({own for own, _ in asked}):
        rows = np.flatnonzero(np.all([seen, *(dataset.has_layer[name] for name in layers)], axis=0))
        basis = kernel.orthonormal_basis(covariates[rows]) if rows.size else np.zeros((0, 0))
        free = int(rows.size - basis.shape[1])
        if free - WIDEST < config.min_df:
            continue
        wide = dataset.x[np.ix_(rows, expression)].astype(np.float64)
        space = kernel.decompose(wide @ wide.T, basis)
        nulls = null_models(space, dataset.y[rows, drug].astype(np.float64), responses)
        for k, (own, design) in enumerate(asked):
            if own == layers:
                columns = space.rotation.T @ design(rows)
                df = free - columns.shape[1]
                t = np.asarray([_last_t(columns * root[:, None], response, df) for root, response in nulls])
                found[k] = float(reduce(kernel.weaker, kernel.z_from_t(t, np.full(t.shape, df))))
    return found


def null_models(space: kernel.Decomposition, y: Floats, responses: Responses) -> list[tuple[Floats, Floats]]:
    """The model without features: roots of its weights, and the response (n,), rotated and weighted; twice if asked."""
    found = []
    for own in {"values": [y], "ranks": [kernel.rank_normal(y)], "weaker": [y, kernel.rank_normal(y)]}[responses]:
        response = space.rotation.T @ own
        h2 = kernel.reml_h2(space.eigenvalues, response)
        root = 1.0 / np.sqrt(h2 * space.eigenvalues + 1.0 - h2)
        found.append((root, response * root))
    return found


def _layers(dataset: Dataset, features: Sequence[int]) -> tuple[str, ...]:
    return tuple(sorted({dataset.features[i].layer for i in features}))


def _last_t(design: Floats, response: Floats, df: int) -> float:
    """t of the last column in a regression on all of them; NaN when it does not vary beyond the others."""
    last = design[:, -1]
    basis = kernel.orthonormal_basis(design[:, :-1])
    product = kernel.project_out(basis, last)
    left = float(product @ product)
    if left <= kernel.RANK_TOLERANCE * max(float(last @ last), 1.0):
        return float("nan")
    rest = kernel.project_out(basis, response)
    slope = float(product @ rest) / left
    error = float(((rest - slope * product) ** 2).sum())
    return slope * np.sqrt(left * df / error) if error > 0 else float("nan")
