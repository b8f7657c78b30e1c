"""The table of predictors: means with intervals over folds and over lines, paired differences, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pathproof.explain.data import UNKNOWN, Bools, Floats
from pathproof.explain.metrics import MIN_LINES, per_drug_errors, pooled_metrics
from pathproof.explain.scores import NAIVE, Scores, fold_parts, paired_difference, t_interval
from pathproof.explain.splits import Split

DRAWS = 500
"""Bootstrap samples of cell lines. Drugs share lines, so an interval over drugs would be too narrow."""
LEAST_OF_A_CLASS = 3
RIDGE, ANCHORED = "ridge", "ridge-anchored-gnn"
WITHOUT_EDGES = {
    ANCHORED: ("anchored-no-edges", "anchored-shuffled-genes", "anchored-rewired", "ridge+mlp"),
    "gnn": ("gnn-no-edges", "gnn-shuffled-genes", "gnn-rewired", "mlp"),
    "drug-gnn": ("drug-gnn-no-messages",),
}
"""A model that passes messages -> the same without, or with wrong ones."""


@dataclass(frozen=True)
class Judged:
    """Predictions of all models on one split, and their scores.

    Parameters
    ----------
    predictions : dict of name to float64 (n, D)
        NaN where the pair was not tested.
    observed : float64 (n, D)
        NaN where the pair was not tested.
    split : Split
    classes : tuple of str, length D
        Pathway of each drug's target.
    seed : int
        Of the bootstrap.
    """

    predictions: Mapping[str, Floats]
    observed: Floats
    split: Split
    classes: tuple[str, ...]
    seed: int = 0

    @cached_property
    def scores(self) -> Scores:
        """Per fold and drug."""
        return Scores.of(self.predictions, self.observed, self.split.of)

    @cached_property
    def resampled(self) -> dict[str, Floats]:
        """Mean per-drug Pearson of each bootstrap sample of lines (DRAWS,), the same samples for every model."""
        n = len(self.observed)
        rng = np.random.default_rng([self.seed, n])
        counts = rng.multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(np.float64)
        return {name: self._resampled(name, counts) for name in self.predictions}

    def _resampled(self, name: str, counts: Floats) -> Floats:
        total = np.zeros(DRAWS)
        parts = fold_parts(self.observed, self.split.of)
        for fold, (rows, observed) in enumerate(parts):
            drugs = np.isfinite(self.scores.pearson[name][fold])
            predicted = np.nan_to_num(self.predictions[name][rows])
            total += np.nanmean(weighted_pearson(observed[:, drugs], predicted[:, drugs], counts[:, rows]), axis=1)
        return total / len(parts)

    def row(self, name: str) -> dict[str, Any]:
        """All figures of one model: the mean over folds of each metric, with intervals of the per-drug Pearson."""
        folds, means = self.scores.fold_means(name), self._means(name)
        return {
            "name": name,
            "per_drug": {"pearson": _mean_of(folds), **means["per_drug"]},
            "ci95_folds": t_interval(folds),
            "ci95_lines": percentiles(self.resampled[name]),
            "pooled": means["pooled"],
            "normalised": means["normalised"],
            "drugs_beating_naive": sum(b is True for b in self.scores.beats_naive(name)),
            "drugs_judged": sum(b is not None for b in self.scores.beats_naive(name)),
        }

    def _means(self, name: str) -> dict[str, dict[str, float | None]]:
        found: dict[str, dict[str, list[float]]] = {"per_drug": {}, "pooled": {}, "normalised": {}}
        spearman = np.nanmean(self.scores.spearman[name], axis=1)
        found["per_drug"]["spearman"] = spearman.tolist()
        for rows, observed in fold_parts(self.observed, self.split.of):
            predicted, naive = (np.nan_to_num(self.predictions[n][rows]) for n in (name, NAIVE))
            for key, values in (
                ("pooled", pooled_metrics(observed, predicted)),
                ("normalised", pooled_metrics(observed - naive, predicted - naive)),
                ("per_drug", per_drug_errors(observed, predicted)),
            ):
                for metric, value in values.items():
                    found[key].setdefault(metric, []).append(value)
        return {key: {m: _mean_of(np.asarray(v)) for m, v in metrics.items()} for key, metrics in found.items()}

    def difference(self, name: str, minus: str) -> dict[str, Any]:
        """Per-drug Pearson of one model minus another's: t interval over folds, bootstrap interval over lines."""
        over_folds = paired_difference(self.scores.fold_means(name), self.scores.fold_means(minus))
        over_lines = percentiles(self.resampled[name] - self.resampled[minus])
        return {
            "model": name,
            "minus": minus,
            "mean": over_folds["mean"],
            "ci95_folds": over_folds["ci95"],
            "ci95_lines": over_lines,
            "folds_positive": over_folds["folds_positive"],
        }

    def by_class(self) -> list[dict[str, Any]]:
        """Mean per-drug Pearson of each model over the drugs of each pathway class, the largest class first."""
        means = {name: self.scores.drug_means(name) for name in self.predictions}
        judged = np.isfinite(means[NAIVE])
        own = np.asarray(self.classes)
        rows = []
        for name in sorted(set(self.classes) - {UNKNOWN}):
            drugs = judged & (own == name)
            if drugs.sum() >= LEAST_OF_A_CLASS:
                figures = {model: float(values[drugs].mean()) for model, values in means.items()}
                rows.append({"class": name, "drugs": int(drugs.sum()), "pearson": figures})
        return sorted(rows, key=lambda row: -int(row["drugs"]))


def table_of(judged: Judged) -> dict[str, Any]:
    """Rows of all models, their differences from the plain one, those of the edges, and sentences (JSON-able)."""
    names = list(judged.predictions)
    plain = next(name for name in (RIDGE, "line-mean", NAIVE) if name in names)
    differences = [judged.difference(name, plain) for name in names if name != plain]
    edges = [
        judged.difference(name, other)
        for name, others in WITHOUT_EDGES.items()
        for other in others
        if name in names and other in names
    ]
    return {
        "min_lines": MIN_LINES,
        "models": [judged.row(name) for name in names],
        "plain": plain,
        "differences": differences,
        "edges": edges,
        "says": [*(plain_says(one) for one in differences), *edges_say(edges)],
        "classes": judged.by_class(),
    }


def both_intervals(section: dict[str, Any], judged: Judged) -> dict[str, Any]:
    """A run's `predictor` section with intervals over lines too, each network beside its control, and sentences.

    Parameters
    ----------
    section : dict
        From :func:`pathproof.explain.scores.predictor_section`.
    judged : Judged
        The same predictions.
    """
    explained, names = section["explained"], list(judged.predictions)
    beside = [(explained, name) for name in names if name != explained]
    controls = [(name, other) for name, others in WITHOUT_EDGES.items() for other in others]
    controls = [pair for pair in controls if set(pair) <= set(names)]
    found = {pair: judged.difference(*pair) for pair in (*beside, *controls)}
    edges = edges_say([found[pair] for pair in controls])
    best = max(names, key=lambda name: float(judged.scores.fold_means(name).mean()))
    better = [] if best == explained else [best_says(explained, best), plain_says(found[explained, best])]
    return section | {
        "models": [{**row, "ci95_lines": percentiles(judged.resampled[row["name"]])} for row in section["models"]],
        "differences": [
            {("ci95" if key == "ci95_folds" else key): value for key, value in one.items()} for one in found.values()
        ],
        "says": list(
            dict.fromkeys([*(plain_says(found[pair]) for pair in beside if pair[1] == RIDGE), *better, *edges])
        ),
    }


def verdict_of(difference: Mapping[str, Any]) -> str:
    """ahead or behind where both intervals leave out 0, else level."""
    low = min(difference["ci95_folds"][0], difference["ci95_lines"][0])
    high = max(difference["ci95_folds"][1], difference["ci95_lines"][1])
    return "ahead" if low > 0 else "behind" if high < 0 else "level"


def _figures(one: Mapping[str, Any]) -> str:
    folds, lines = ("{:+.3f} to {:+.3f}".format(*one[key]) for key in ("ci95_folds", "ci95_lines"))
    return f"{one['mean']:+.3f} (over folds {folds}; over lines {lines})"


def plain_says(one: Mapping[str, Any]) -> str:
    """One sentence on a model beside the plain one."""
    words = {"ahead": "is ahead of", "behind": "is behind", "level": "cannot be told from"}[verdict_of(one)]
    return f"{one['model']} {words} {one['minus']}: {_figures(one)}."


def best_says(explained: str, best: str) -> str:
    """That the explained model is not the one with the highest score."""
    return f"The highest score is that of {best}; what is claimed is claimed of {explained}, the explained model."


def edges_say(edges: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sentences on what the edges of each graph add; a gain counts only where it beats every control that was run."""
    said = []
    for name in dict.fromkeys(one["model"] for one in edges):
        own = [one for one in edges if one["model"] == name]
        verdicts = [verdict_of(one) for one in own]
        details = "; ".join(f"over {one['minus']} {_figures(one)}" for one in own)
        if all(verdict == "ahead" for verdict in verdicts):
            said.append(f"The edges help {name}: {details}.")
        elif "behind" in verdicts:
            said.append(f"The edges do not help {name}, and a control is ahead of it: {details}.")
        else:
            said.append(f"The edges add nothing measurable to {name}: {details}.")
    return said


def weighted_pearson(observed: Floats, predicted: Floats, weights: Floats) -> Floats:
    """Pearson of each column under each set of line weights.

    Parameters
    ----------
    observed : float64 (n, D)
        NaN where missing.
    predicted : float64 (n, D)
        Finite.
    weights : float64 (draws, n)
        How often each line counts.

    Returns
    -------
    float64 (draws, D)
        NaN where the responses drawn do not vary; 0 for a constant prediction.
    """
    seen = np.isfinite(observed)
    count = weights @ seen.astype(np.float64)
    a, b = (_about_zero(values, seen) for values in (np.nan_to_num(observed), predicted))
    sums = {name: weights @ values for name, values in {"a": a, "b": b, "aa": a * a, "bb": b * b, "ab": a * b}.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        spread_a = sums["aa"] - sums["a"] ** 2 / count
        spread_b = sums["bb"] - sums["b"] ** 2 / count
        both = sums["ab"] - sums["a"] * sums["b"] / count
        r = np.where(spread_b <= 1e-12, 0.0, both / np.sqrt(spread_a * spread_b))
    return np.where((count < 2) | (spread_a <= 1e-12), np.nan, np.clip(r, -1.0, 1.0))


def _about_zero(values: Floats, seen: Bools) -> Floats:
    mean = np.where(seen, values, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.where(seen, values - mean, 0.0)


def percentiles(values: Floats) -> list[float]:
    """The middle 95 % of a bootstrap."""
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return [float(low), float(high)]


def _mean_of(values: Floats) -> float | None:
    return float(np.mean(values)) if np.isfinite(values).all() else None
