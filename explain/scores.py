"""Scores of out-of-fold predictions: per fold first, then the mean over folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats

from pathproof.explain.data import Dataset, Floats, Ints
from pathproof.explain.metrics import (
    MIN_LINES,
    normalised_pearson,
    per_drug_pearson,
    per_drug_spearman,
    rmse,
)
from pathproof.explain.models.naive import NaiveMeanEffects

SPLIT = "leave-cell-lines-out"
NAIVE = NaiveMeanEffects.name
RULE = (
    "out-of-fold squared error below that of naive mean effects over all lines of the drug, and a positive "
    "mean per-fold Pearson"
)


@dataclass(frozen=True)
class Scores:
    """Scores of every model.

    Parameters
    ----------
    pearson, spearman : dict of model to float64 (folds, D)
        NaN where a drug has too few test lines in the fold.
    rmse, normalised : dict of model to float64 (folds,)
    squares : dict of model to float64 (D,)
        Sum of squared errors over all folds.
    """

    pearson: Mapping[str, Floats]
    spearman: Mapping[str, Floats]
    rmse: Mapping[str, Floats]
    normalised: Mapping[str, Floats]
    squares: Mapping[str, Floats]

    @classmethod
    def of(cls, predictions: Mapping[str, Floats], observed: Floats, folds: Ints) -> Scores:
        """Score predictions (n, D) per model against ln IC50 (n, D), NaN where missing, by fold.

        `folds`: of each line (n,) or of each pair (n, D); a pair of fold -1 is not tested.
        """
        parts = fold_parts(observed, folds)
        naive = np.nan_to_num(predictions[NAIVE])
        filled = {name: np.nan_to_num(values) for name, values in predictions.items()}
        tested = np.where((folds if folds.ndim == 2 else folds[:, None]) >= 0, observed, np.nan)
        return cls(
            {m: np.stack([per_drug_pearson(y, v[rows]) for rows, y in parts]) for m, v in filled.items()},
            {m: np.stack([per_drug_spearman(y, v[rows]) for rows, y in parts]) for m, v in filled.items()},
            {m: np.asarray([rmse(y, v[rows]) for rows, y in parts]) for m, v in filled.items()},
            {
                m: np.asarray([normalised_pearson(y, v[rows], naive[rows]) for rows, y in parts])
                for m, v in filled.items()
            },
            {m: np.nansum((tested - v) ** 2, axis=0) for m, v in filled.items()},
        )

    def fold_means(self, model: str) -> Floats:
        """Per-drug Pearson of each fold, averaged over its drugs (folds,)."""
        return _mean(self.pearson[model], axis=1)

    def drug_means(self, model: str) -> Floats:
        """Pearson of each drug, averaged over the folds (D,); NaN where no fold could tell."""
        return _mean(self.pearson[model], axis=0)

    def beats_naive(self, model: str) -> tuple[bool | None, ...]:
        """For each drug whether the model is better than naive mean effects (see `RULE`); None: cannot be told."""
        better = self.squares[model] < self.squares[NAIVE]
        pairs = zip(self.drug_means(model), better, strict=True)
        return tuple(None if np.isnan(r) else bool(b and r > 0) for r, b in pairs)


def _mean(values: Floats, axis: int) -> Floats:
    """Mean over what is known; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def fold_parts(observed: Floats, folds: Ints) -> list[tuple[Ints, Floats]]:
    """Per fold its rows and their responses, NaN where the pair is not tested in the fold.

    Parameters
    ----------
    observed : float64 (n, D)
    folds : int64 (n,) or (n, D)
        Of each line or of each pair.
    """
    of_pair = folds if folds.ndim == 2 else np.broadcast_to(folds[:, None], observed.shape)
    parts = []
    for fold in range(int(folds.max()) + 1):
        rows = np.flatnonzero((of_pair == fold).any(axis=1))
        parts.append((rows, np.where(of_pair[rows] == fold, observed[rows], np.nan)))
    return parts


def t_interval(values: Floats) -> list[float]:
    """95 % t interval of a mean over folds."""
    half = float(scipy.stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return [float(values.mean()) - half, float(values.mean()) + half]


def paired_difference(a: Floats, b: Floats) -> dict[str, Any]:
    """Mean of a - b over folds with a 95 % t interval, and in how many folds it is positive."""
    d = a - b
    return {"mean": float(d.mean()), "ci95": t_interval(d), "folds_positive": int((d > 0).sum())}


def predictor_section(dataset: Dataset, scores: Scores, explained: str) -> dict[str, Any]:
    """Build the report's `predictor` section (without fit seconds).

    Returns
    -------
    dict
        split, folds, min_lines, n_lines, n_drugs, n_pairs, left_out, explained;
        models: one entry per model with the mean over folds (RMSE in ln IC50), its SD over folds, and the
        number of drugs that beat naive;
        differences: per-drug Pearson of one model minus another, over folds
        (:func:`pathproof.explain.score_table.both_intervals` adds those over lines);
        per_drug: drug -> model -> Pearson or None; beats_naive: drug -> true, false or None for the
        explained model, by the rule in beats_naive_rule.
    """
    names = list(scores.pearson)
    means = {name: scores.drug_means(name) for name in names}
    return {
        "split": SPLIT,
        "folds": len(scores.rmse[NAIVE]),
        "min_lines": MIN_LINES,
        "n_lines": len(dataset.cell_lines),
        "n_drugs": len(dataset.drugs),
        "n_pairs": int(np.isfinite(dataset.y).sum()),
        "n_features": {layer: int(dataset.layer_columns(layer).size) for layer in ("expression", "mutation")},
        "left_out": dict(dataset.left_out),
        "explained": explained,
        "models": [_entry(scores, name) for name in names],
        "differences": [
            {
                "model": explained,
                "minus": name,
                **paired_difference(scores.fold_means(explained), scores.fold_means(name)),
            }
            for name in names
            if name != explained
        ],
        "per_drug": {drug: {name: _or_none(means[name][i]) for name in names} for i, drug in enumerate(dataset.drugs)},
        "beats_naive": dict(zip(dataset.drugs, scores.beats_naive(explained), strict=True)),
        "beats_naive_rule": RULE,
    }


def _entry(scores: Scores, name: str) -> dict[str, Any]:
    folds = scores.fold_means(name)
    return {
        "name": name,
        "per_drug_pearson": _or_none(float(folds.mean())),
        "sd_over_folds": _or_none(float(folds.std(ddof=1))),
        "ci95_folds": t_interval(folds) if np.isfinite(folds).all() else None,
        "per_drug_spearman": _or_none(float(_mean(scores.spearman[name], axis=1).mean())),
        "rmse": float(scores.rmse[name].mean()),
        "normalised_pearson": _or_none(float(scores.normalised[name].mean())),
        "drugs_beating_naive": sum(b is True for b in scores.beats_naive(name)),
        "drugs_judged": sum(b is not None for b in scores.beats_naive(name)),
    }
