"""Lines held against the model before it is asked: its features, their order, and their scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DataError, nearest

if TYPE_CHECKING:
    from pathproof.explain.multivariate.function import Lines, ModelFunction

Floats = NDArray[np.float64]
SCALE_TOLERANCE = 3.0
"""Largest ratio between a feature's SD over the lines and the SD that the model was trained with, in the median."""
FEATURE_TOLERANCE = 10.0
"""The same for each feature, upwards only (few lines may hardly vary in one), and for its mean's shift in those SDs."""


def check_match(function: ModelFunction, lines: Lines) -> None:
    """Refuse lines whose features are not those of the model, in its order and on its scale (DataError)."""
    wanted, given = function.features, lines.features
    missing = [name for name in wanted if name not in set(given)]
    extra = [name for name in given if name not in set(wanted)]
    if missing or extra:
        first = missing[0] if missing else extra[0]
        raise DataError(
            "The features of the lines are not those of the model.",
            where=function.name,
            got=f"{len(missing)} missing ({', '.join(missing[:5])}), {len(extra)} unknown ({', '.join(extra[:5])})",
            nearest=nearest(first, extra if missing else wanted),
            action="give the lines the model's features, by the model's names",
        )
    if wanted != given:
        at = next(i for i, (a, b) in enumerate(zip(wanted, given, strict=True)) if a != b)
        raise DataError(
            "The features of the lines stand in another order than the model's.",
            where=f"{function.name}, column {at}",
            got=given[at],
            allowed=wanted[at],
            action="order the columns as the model names them",
        )
    if function.spread is not None:
        _check_scale(function, function.spread, lines)


def _check_scale(function: ModelFunction, spread: Floats, lines: Lines) -> None:
    """Hold SDs, in the median and each, and means against those of the data that the model was trained on."""
    own = lines.x.std(axis=0)
    known = (own > 0) & (spread > 0)
    safe = np.where(spread > 0, spread, 1.0)
    ratio = float(np.median(own[known] / spread[known])) if known.any() else 1.0
    if not 1 / SCALE_TOLERANCE <= ratio <= SCALE_TOLERANCE:
        raise DataError(
            "The lines are on another scale than the data that the model was trained on.",
            where=function.name,
            got=f"SDs {ratio:.3g} times as large, in the median over features",
            allowed=f"{1 / SCALE_TOLERANCE:.2g} to {SCALE_TOLERANCE:g}",
            action="scale the lines as the training data were",
        )
    wide = known & (own > FEATURE_TOLERANCE * safe)
    shift = np.zeros(len(own)) if function.middle is None else np.abs(lines.x.mean(axis=0) - function.middle) / safe
    moved = (spread > 0) & (shift > FEATURE_TOLERANCE)
    wrong = np.flatnonzero(wide | moved)
    if wrong.size:
        named = [f"{lines.features[i]} (SD x {own[i] / safe[i]:.3g}, mean off by {shift[i]:.3g} SD)" for i in wrong[:5]]
        raise DataError(
            "Features of the lines are on another scale than in the data that the model was trained on.",
            where=function.name,
            got=f"{wrong.size} of {len(own)} features: {', '.join(named)}",
            allowed=f"an SD of at most {FEATURE_TOLERANCE:g} times that there, a mean at most as many SDs away",
            action="scale these features as the training data were",
        )
