"""Intervals around predictions from the residuals of other folds, and how often they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pathproof.explain.data import Floats, Ints
from pathproof.explain.score_table import Judged, percentiles
from pathproof.explain.scores import fold_parts

LEVELS = (0.8, 0.95)
LEAST = 20
"""Residuals of a drug without which its scale is that of all drugs."""
DRAWS = 200
UNSEEN = "any unseen drug"


def drug_scales(residuals: Floats) -> Floats:
    """Root mean square of each drug's residuals (n, D; NaN where missing), in ln IC50 (D,).

    A drug with fewer than :data:`LEAST` gets that of all drugs together; 1 where no residual is off 0.
    """
    seen = np.isfinite(residuals)
    squares = np.where(seen, residuals, 0.0) ** 2
    count = seen.sum(axis=0)
    own = np.sqrt(squares.sum(axis=0) / np.maximum(count, 1))
    everyone = np.sqrt(squares.sum() / max(int(count.sum()), 1)) or 1.0
    return np.asarray(np.where((count >= LEAST) & (own > 0), own, everyone), dtype=np.float64)


def half_widths(residuals: Floats, level: float) -> Floats:
    """Half the width of the interval of each drug (D,), in ln IC50, so that it holds with probability `level`.

    The interval is the prediction plus or minus the quantile of the absolute residuals in units of their drug's
    scale: split conformal prediction with residuals of models that did not see their lines
    (doi:10.1214/20-AOS1965). `residuals`: float64 (n, D), NaN where missing.
    """
    scale = drug_scales(residuals)
    scores = np.abs(residuals / scale)
    scores = np.sort(scores[np.isfinite(scores)])
    place = min(int(np.ceil((len(scores) + 1) * level)), len(scores)) - 1
    return np.asarray(scores[place] * scale)


def coverage_rows(judged: Judged) -> list[dict[str, Any]]:
    """For each model and level: how many tested responses lie in their interval, and how wide the intervals are.

    The interval of a fold comes from the residuals of the other folds. Their models learned from the fold's
    lines, so this is the cross form (CV+), for which at least 2 level - 1 is guaranteed and level expected; what
    it does here is measured. The interval of the measurement is over lines.
    """
    rows = []
    for name, predicted in judged.predictions.items():
        residuals = judged.observed - predicted
        for level in LEVELS:
            inside, width = _held(judged, residuals, level)
            seen = np.isfinite(judged.observed)
            rows.append(
                {
                    "model": name,
                    "level": level,
                    "coverage": float(inside[seen].mean()),
                    "ci95_lines": _over_lines(inside, seen, judged.seed),
                    "mean_width": float(2 * width[seen].mean()),
                    "drugs_below": int((_by_drug(inside, seen) < level - 0.05).sum()),
                }
            )
    return rows


def interval_table(judged: Judged, drugs: tuple[str, ...]) -> pd.DataFrame:
    """Half the width of the interval for what was held out, from all folds: model, level, drug, half_width (ln IC50).

    Meant for the model of all lines: its prediction plus or minus this. Where drugs were held out, a new drug has no
    residuals of its own, so one width for each model and level stands there, of :data:`UNSEEN`.
    """
    new = judged.split.name == "ldo"
    named = (UNSEEN,) if new else drugs
    parts = []
    for name, values in judged.predictions.items():
        residuals = judged.observed - values
        if new:
            residuals = residuals.reshape(-1, 1)
        parts += [
            pd.DataFrame({"model": name, "level": level, "drug": named, "half_width": half_widths(residuals, level)})
            for level in LEVELS
        ]
    return pd.concat(parts, ignore_index=True)


def _held(judged: Judged, residuals: Floats, level: float) -> tuple[Floats, Floats]:
    """Whether each response lies in its interval (1 or 0), and half its width, (n, D) each."""
    inside, width = np.zeros(residuals.shape), np.zeros(residuals.shape)
    of: Ints = judged.split.of
    for fold, (rows, observed) in enumerate(fold_parts(judged.observed, of)):
        calibration = np.where(of == fold, np.nan, residuals)
        half = half_widths(calibration, level)
        own = np.isfinite(observed)
        width[rows] = np.where(own, half, width[rows])
        inside[rows] = np.where(own, np.abs(residuals[rows]) <= half, inside[rows])
    return inside, width


def _by_drug(inside: Floats, seen: Any) -> Floats:
    count = seen.sum(axis=0)
    share = np.where(seen, inside, 0.0).sum(axis=0) / np.maximum(count, 1)
    return np.asarray(share[count >= LEAST])


def _over_lines(inside: Floats, seen: Any, seed: int) -> list[float]:
    n = len(inside)
    counts = np.random.default_rng([seed, n, 1]).multinomial(n, np.full(n, 1 / n), size=DRAWS)
    held, total = np.where(seen, inside, 0.0).sum(axis=1), seen.sum(axis=1)
    return percentiles((counts @ held) / (counts @ total))
