"""Elastic net, one per drug: a sparse linear model beside the ridge."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from pathproof.explain.data import Dataset, Floats, Ints, Singles
from pathproof.explain.models.per_drug import PerDrug, Setting
from pathproof.explain.models.ridge import RidgeConfig, feature_factors


class ElasticNet(PerDrug):
    """Elastic net of scikit-learn on all features, in the proportions of the ridge (doi:10.18637/jss.v033.i01)."""

    name = "elastic-net"
    grid: ClassVar[Sequence[Setting]] = (
        {"alpha": 0.2, "l1_ratio": 0.5},
        {"alpha": 0.4, "l1_ratio": 0.1},
        {"alpha": 0.8, "l1_ratio": 0.1},
        {"alpha": 1.6, "l1_ratio": 0.1},
    )

    def gradient(self) -> Floats:
        """The coefficients (F, D), in ln IC50 per unit of the feature: the same at every line."""
        scale = self._fitted()
        factor = self._inputs["factor"]
        columns = [np.zeros(len(factor)) if m is None else m[:-1] * factor for m in self._models]
        return np.asarray(np.stack(columns, axis=1)[: len(factor) - int(self._inputs["tissues"][0])] * scale.sd)

    def _learn_inputs(self, dataset: Dataset, rows: Ints) -> dict[str, Floats]:  # noqa: ARG002 - the same for all rows
        factor = feature_factors(dataset, RidgeConfig())
        relative = factor / factor[dataset.layer_columns("expression")[0]]
        return {"factor": relative, "tissues": np.asarray([len(dataset.tissues)])}

    def _design(self, x: Singles, tissue: Singles) -> Floats:
        return np.asarray(np.concatenate([x, tissue], axis=1) * self._inputs["factor"], dtype=np.float64)

    def _fit_one(self, inputs: Floats, z: Floats, seed: int) -> Floats:  # noqa: ARG002 - nothing is drawn
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import ElasticNet as Fit

        with warnings.catch_warnings():  # a hundred rounds are enough for a prediction
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = Fit(**self.setting, max_iter=100, tol=1e-3).fit(inputs, z)
        return np.append(fitted.coef_, fitted.intercept_)

    def _ask_one(self, model: Any, inputs: Floats) -> Floats:
        return np.asarray(inputs @ model[:-1] + model[-1])

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        nothing = np.full(len(self._inputs["factor"]) + 1, np.nan)
        return {"coefficients": np.stack([nothing if m is None else m for m in self._models])}

    def _read(self, arrays: dict[str, npt.NDArray[Any]], folder: Path) -> None:  # noqa: ARG002 - all is in the arrays
        self._models = [None if np.isnan(row[-1]) else row for row in arrays["coefficients"]]
