"""What every model has that is linear in the features, however its coefficients were found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pathproof.explain.data import Floats, Ints, Singles
from pathproof.explain.models.base import Replacement, check_replacement, not_fitted, one_thread, times


class Linear:
    """ln IC50 = mean + x W + tissue V; a model that fits the three inherits the rest."""

    name: str

    def __init__(self) -> None:
        self._weights: Floats | None = None
        self._tissue: Floats = np.zeros((0, 0))
        self._mean: Floats = np.zeros(0)

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D)."""
        weights = self.gradient()
        with one_thread():
            drop = times(x, weights) + times(tissue, self._tissue)
        return np.asarray(drop + self._mean)

    def gradient(self) -> Floats:
        """The coefficients (F, D), in ln IC50 per unit of the feature: the same at every line."""
        if self._weights is None:
            raise not_fitted(self.name)
        return self._weights

    def perturb_effects(
        self,
        x: Singles,
        tissue: Singles,  # noqa: ARG002 - cancels in a linear model
        feature_sets: Sequence[Ints],
        replacement: Replacement,
        drugs: Ints | None = None,
    ) -> Iterator[Floats]:
        """Change of the prediction (n, D) for each set: a product with the set's coefficients only."""
        check_replacement(x, replacement)
        weights = self.gradient() if drugs is None else self.gradient()[:, drugs]
        for columns in feature_sets:
            mine = x[:, columns].astype(np.float64)
            values = mine[replacement] if replacement.ndim == 2 else replacement[:, :, columns].astype(np.float64)
            with one_thread():
                effect = times(mine - values.mean(axis=0), weights[columns])
            yield effect
