"""Baselines that look at no feature: drug means, and drug means within a tissue."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np

from pathproof.explain.data import Dataset, Floats, Ints, Singles
from pathproof.explain.models.base import (
    PlainPerturbation,
    ResponseScale,
    check_lines,
    load_arrays,
    not_fitted,
    one_thread,
    save_arrays,
    times,
)


class NaiveMeanEffects(PlainPerturbation):
    """Overall mean + drug effect + cell-line effect, as DrEval defines the naive predictor.

    An effect is the mean over the training pairs of the line or drug, minus the overall mean; that of a line
    or drug without any is 0. On leave-cell-lines-out this is the drug's mean, on leave-drugs-out the line's
    (https://github.com/daisybio/drevalpy; its newest versions add a tissue effect for unseen lines, which
    `tissue-mean` covers here).
    """

    name = "naive-mean-effects"

    def __init__(self) -> None:
        self._mean: Floats | None = None
        self._n_features = 0
        self._line_effects: dict[str, float] = {}

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:  # noqa: ARG002 - nothing is drawn
        """Take the mean of each drug and each line over the lines."""
        rows = check_lines(dataset, lines)
        y = dataset.y[rows]
        self._mean = ResponseScale.of(y).mean
        seen = np.isfinite(y)
        overall = float(y[seen].mean())
        means = np.where(seen, y, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
        self._line_effects = {
            dataset.cell_lines[row]: float(mean - overall)
            for row, mean, n in zip(rows, means, seen.sum(axis=1), strict=True)
            if n
        }
        self._n_features = len(dataset.features)

    def predict(self, x: Singles, tissue: Singles) -> Floats:  # noqa: ARG002 - looks at no feature
        """Repeat the drug means (n, D), in ln IC50: what is said of lines without an effect of their own."""
        if self._mean is None:
            raise not_fitted(self.name)
        return np.tile(self._mean, (len(x), 1))

    def predict_lines(self, dataset: Dataset, lines: Ints) -> Floats:
        """Drug means and the effects of the lines that were learned from (n, D), in ln IC50."""
        effects = [self._line_effects.get(dataset.cell_lines[row], 0.0) for row in lines]
        means = self.predict(dataset.x[lines], dataset.tissue_one_hot[lines])
        return np.asarray(means + np.asarray(effects)[:, None], dtype=np.float64)

    def gradient(self) -> Floats:
        """Zeros (F, D)."""
        if self._mean is None:
            raise not_fitted(self.name)
        return np.zeros((self._n_features, len(self._mean)))

    def save(self, folder: Path) -> None:
        """Write safetensors and a JSON card."""
        if self._mean is None:
            raise not_fitted(self.name)
        card = {"n_features": self._n_features, "line_effects": self._line_effects}
        save_arrays(folder, self.name, {"mean": self._mean}, card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls()
        model._mean, model._n_features = arrays["mean"], int(card["n_features"])
        model._line_effects = dict(card["line_effects"])
        return model


class TissueMean(PlainPerturbation):
    """The drug's mean over the training lines of the same tissue, shrunk to the drug's mean.

    mean(tissue, drug) = (sum of z + 0) / (count + 1): one pseudo-line at the drug's mean, so a tissue
    without a training line gets the drug's mean.
    """

    name = "tissue-mean"

    def __init__(self) -> None:
        self._table: Floats | None = None
        self._mean: Floats = np.zeros(0)
        self._n_features = 0

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:  # noqa: ARG002 - nothing is drawn
        """Take the means of the lines."""
        rows = check_lines(dataset, lines)
        scale = ResponseScale.of(dataset.y[rows])
        z, seen = scale.to_z(dataset.y[rows])
        tissue = dataset.tissue_one_hot[rows].T
        with one_thread():
            self._table = times(tissue, z) / (times(tissue, seen.astype(np.float64)) + 1.0) * scale.sd
        self._mean, self._n_features = scale.mean, len(dataset.features)

    def predict(self, x: Singles, tissue: Singles) -> Floats:  # noqa: ARG002 - looks at no feature
        """Look up (n, D), in ln IC50."""
        if self._table is None:
            raise not_fitted(self.name)
        with one_thread():
            return times(tissue, self._table) + self._mean

    def gradient(self) -> Floats:
        """Zeros (F, D)."""
        if self._table is None:
            raise not_fitted(self.name)
        return np.zeros((self._n_features, len(self._mean)))

    def save(self, folder: Path) -> None:
        """Write safetensors and a JSON card."""
        if self._table is None:
            raise not_fitted(self.name)
        arrays = {"table": self._table, "mean": self._mean}
        save_arrays(folder, self.name, arrays, {"n_features": self._n_features})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls()
        model._table, model._mean, model._n_features = arrays["table"], arrays["mean"], int(card["n_features"])
        return model
