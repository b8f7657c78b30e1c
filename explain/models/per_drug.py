"""Models with one fit per drug, each on the drug's own lines, whose few settings are chosen on inner folds.

The setting is one for all drugs: chosen by the mean Pearson of a sample of drugs over held-out parts of the
training lines. One choice from hundreds of lines misleads less than hundreds from a few each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, Ints, Singles
from pathproof.explain.metrics import per_drug_pearson
from pathproof.explain.models.base import (
    PlainPerturbation,
    ResponseScale,
    check_lines,
    has_no,
    layer_columns_or_refuse,
    load_arrays,
    not_fitted,
    one_thread,
    save_arrays,
)
from pathproof.explain.splits import inner_folds

Setting = Mapping[str, float]
INNER_FOLDS = 3
SAMPLE = 24
"""Drugs on which a setting is chosen."""
COMPONENTS = 50
"""Principal components of the expression that trees see: each of a thousand genes alone says little to a tree."""


class PerDrug(PlainPerturbation, ABC):
    """One regression per drug; a subclass says how one is fitted and asked."""

    name: str
    grid: ClassVar[Sequence[Setting]]
    inner_by_tissue = False
    """Whether the setting is chosen on tissues that were held out, as for a test on new tissues."""

    def __init__(self) -> None:
        self.setting: Setting = self.grid[0]
        self.inner_scores: dict[str, float] = {}
        self._scale: ResponseScale | None = None
        self._inputs: dict[str, Floats] = {}
        self._models: list[Any] = []

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Choose the setting on inner folds, then fit every drug that has two responses on the rows `lines`."""
        rows = check_lines(dataset, lines)
        if len(self.grid) > 1:
            self.setting = self._choose(dataset, rows, seed)
        self._fit_drugs(dataset, rows, np.arange(len(dataset.drugs)), seed)

    def _choose(self, dataset: Dataset, rows: Ints, seed: int) -> Setting:
        parts = list(inner_folds(dataset, rows, INNER_FOLDS, seed, by_tissue=self.inner_by_tissue))
        drugs = np.sort(np.random.default_rng(seed).permutation(len(dataset.drugs))[:SAMPLE])
        scores = np.zeros(len(self.grid))
        for train, held in parts:
            for i, setting in enumerate(self.grid):
                inner = type(self)()
                inner.setting = setting
                inner._fit_drugs(dataset, train, drugs, seed)
                predicted = inner.predict(dataset.x[held], dataset.tissue_one_hot[held])
                r = per_drug_pearson(dataset.y[held][:, drugs], predicted[:, drugs], min_lines=3)
                scores[i] += np.nanmean(r) if np.isfinite(r).any() else 0.0
        scores /= len(parts)
        named = (", ".join(f"{key}={value:g}" for key, value in setting.items()) for setting in self.grid)
        self.inner_scores = dict(zip(named, scores.tolist(), strict=True))
        return self.grid[int(np.argmax(scores))]

    def _fit_drugs(self, dataset: Dataset, rows: Ints, drugs: Ints, seed: int) -> None:
        scale = ResponseScale.of(dataset.y[rows])
        z, seen = scale.to_z(dataset.y[rows])
        with one_thread():
            self._inputs = self._learn_inputs(dataset, rows)
            inputs = self._design(dataset.x[rows], dataset.tissue_one_hot[rows])
            seeds = np.random.SeedSequence(seed).generate_state(z.shape[1])
            self._models = [None] * z.shape[1]
            for drug in drugs:
                own = seen[:, drug]
                if own.sum() > 1:
                    self._models[drug] = self._fit_one(inputs[own], z[own, drug], int(seeds[drug] >> 1))
        self._scale = scale

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D); a drug that could not be fitted gets its mean."""
        scale = self._fitted()
        answer = np.zeros((len(x), len(scale.mean)))
        with one_thread():
            inputs = self._design(x, tissue)
            for drug, model in enumerate(self._models):
                if model is not None:
                    answer[:, drug] = self._ask_one(model, inputs)
        return np.asarray(answer * scale.sd + scale.mean)

    def gradient(self) -> Floats:
        """Not defined for trees (UsageError)."""
        raise has_no(self.name, "gradient")

    def save(self, folder: Path) -> None:
        """Write what was learned of inputs and scale as safetensors, the card, and the fits in their own form."""
        scale = self._fitted()
        arrays = {"mean": scale.mean, "sd": scale.sd, **self._inputs, **self._arrays()}
        save_arrays(folder, self.name, arrays, {"setting": dict(self.setting), "inner_scores": self.inner_scores})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls()
        model.setting, model.inner_scores = card["setting"], dict(card["inner_scores"])
        model._scale = ResponseScale(arrays.pop("mean"), arrays.pop("sd"))
        model._inputs = {name: arrays.pop(name) for name in ("factor", "tissues", "axes", "centre") if name in arrays}
        model._read(arrays, folder)
        return model

    def _fitted(self) -> ResponseScale:
        if self._scale is None:
            raise not_fitted(self.name)
        return self._scale

    def _learn_inputs(self, dataset: Dataset, rows: Ints) -> dict[str, Floats]:
        """Principal components of the expression: centre (F,) and axes (F, k), 0 outside the layer."""
        expression, mutation = layer_columns_or_refuse(dataset)
        values = dataset.x[rows][:, expression].astype(np.float64)
        centre = np.zeros(len(dataset.features))
        centre[expression] = values.mean(axis=0)
        _, _, right = np.linalg.svd(values - centre[expression], full_matrices=False)
        kept = right[: min(COMPONENTS, len(rows) - 1)]
        kept = kept * np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])[:, None]
        axes = np.zeros((len(dataset.features), len(kept) + mutation.size))
        axes[expression, : len(kept)] = kept.T
        axes[mutation, len(kept) + np.arange(mutation.size)] = 1.0
        return {"axes": axes, "centre": centre}

    def _design(self, x: Singles, tissue: Singles) -> Floats:
        """What one fit sees of the lines (n, P)."""
        values = (x.astype(np.float64) - self._inputs["centre"]) @ self._inputs["axes"]
        return np.concatenate([values, tissue], axis=1)

    @abstractmethod
    def _fit_one(self, inputs: Floats, z: Floats, seed: int) -> Any: ...

    @abstractmethod
    def _ask_one(self, model: Any, inputs: Floats) -> Floats: ...

    @abstractmethod
    def _arrays(self) -> dict[str, npt.NDArray[Any]]: ...

    @abstractmethod
    def _read(self, arrays: dict[str, npt.NDArray[Any]], folder: Path) -> None: ...


def packed(parts: Sequence[npt.NDArray[Any] | None]) -> tuple[npt.NDArray[Any], Ints]:
    """Arrays of different lengths as one, and where each ends; None becomes an empty one."""
    there = [part for part in parts if part is not None]
    if not there:
        raise UsageError("No drug could be fitted.", got="fewer than two responses for every drug")
    ends = np.cumsum([0 if part is None else len(part) for part in parts]).astype(np.int64)
    return np.concatenate(there), ends
