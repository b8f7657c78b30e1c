"""Pairs put to a predictor by its own fast perturbation: does it show the product that the surrogates propose?

With e_S(x) what replacing the features S by a donor's does to the prediction, e_i + e_j - e_ij is
f(x) - f(x_-i) - f(x_-j) + f(x_-ij): 0 for a model that is additive in i and j. The effect of a pair is its mean in the
lines where both features lie on one side of their medians, minus that where they lie on opposite sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.contrasts import Background, contrast_effects
from pathproof.explain.multivariate.asking import random_pairs, sides

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.models.base import Predictor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[int, int]
NULLS = 60


@dataclass(frozen=True)
class ProductSurvey:
    """Effects of Q pairs, each for its drug, in ln IC50; the explained model first.

    Parameters
    ----------
    raw, centred : float array (B, Q)
    null : float array (R, D)
        Absolute centred effects of random pairs on the explained model, for every drug.
    n_sets : int
        Sets of features that were replaced in each model.
    """

    raw: Floats
    centred: Floats
    null: Floats
    n_sets: int


def ask_products(
    models: Sequence[Predictor],
    dataset: Dataset,
    background: Background,
    questions: Sequence[tuple[int, Pair]],
    seed: int,
) -> ProductSurvey:
    """Ask all models about pairs (drug number, two columns of `x`), and the explained one about random pairs."""
    named = sorted({pair for _, pair in questions})
    rng = np.random.default_rng([seed, 5])
    others = random_pairs(dataset.x.astype(np.float64), np.asarray(named, dtype=np.int64).reshape(-1, 2), NULLS, rng)
    null = np.zeros((len(others), len(dataset.drugs)))
    every = np.arange(len(dataset.drugs), dtype=np.int64)
    for r, (weights, delta) in enumerate(_products(models[0], dataset, background.donors, [tuple(o) for o in others])):
        null[r] = np.abs(contrast_effects(delta, weights, every, background.response_sd)[1])
    raw = np.zeros((len(models), len(questions)))
    centred = np.zeros_like(raw)
    for b, model in enumerate(models):
        answers = zip(named, _products(model, dataset, background.donors, named), strict=True)
        for pair, (weights, delta) in answers:
            places = [i for i, (_, own) in enumerate(questions) if own == pair]
            drugs = np.asarray([questions[i][0] for i in places], dtype=np.int64)
            raw[b, places], centred[b, places] = contrast_effects(delta, weights, drugs, background.response_sd)
    return ProductSurvey(raw, centred, null, 3 * (len(named) + len(others)))


def _products(
    model: Predictor, dataset: Dataset, donors: Ints, pairs: Sequence[Pair]
) -> Iterator[tuple[Floats, Floats]]:
    """Line weights (n, 1) and products (n, D) of each pair; lines that lack one of its layers weigh nothing."""
    sets = [np.asarray(own, dtype=np.int64) for i, j in pairs for own in ((i,), (j,), (i, j))]
    rows = np.repeat(donors[:, None], dataset.x.shape[0], axis=1)
    answers = model.perturb_effects(dataset.x, dataset.tissue_one_hot, sets, rows)
    for pair in pairs:
        first, second, both = next(answers), next(answers), next(answers)
        held = np.all([dataset.has_layer[dataset.features[f].layer] for f in pair], axis=0)
        weights = np.zeros(len(held))
        weights[held] = sides(dataset.x[held].astype(np.float64), pair)
        yield weights[:, None], first + second - both
