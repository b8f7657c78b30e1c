"""The kernel ridge, blended with trees that see what a sum over features cannot."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import torch
from sklearn.ensemble import ExtraTreesRegressor

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, Ints, Singles
from pathproof.explain.models.base import (
    PlainPerturbation,
    has_no,
    load_arrays,
    not_fitted,
    one_thread,
    save_arrays,
    times,
)
from pathproof.explain.models.kernel import KernelConfig, KernelRidge
from pathproof.explain.models.trees import Forest

FOREST: Final = tuple(item.name for item in fields(Forest))


@dataclass(frozen=True)
class KernelTreesConfig:
    """Settings of the trees; those of the ridge are its own.

    Parameters
    ----------
    share : float
        Share of the trees in the prediction.
    components : int
        Leading components of all (completed) layers, weighted as for the ridge, that the trees see beside the
        mutations one by one.
    trees, min_leaf, max_features
        As scikit-learn names them.
    """

    kernel: KernelConfig = field(default_factory=KernelConfig)
    share: float = 0.3
    components: int = 60
    trees: int = 100
    min_leaf: int = 3
    max_features: float = 0.3

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or min(self.components, self.trees, self.min_leaf) < 1:
            raise UsageError(
                "KernelTreesConfig is out of range.",
                got=str(self),
                allowed="share 0 to 1; components, trees and min_leaf 1 or more",
            )


class KernelTrees(PlainPerturbation):
    """y(x) = (1 - share) kernel(x) + share trees(x): one set of extremely randomised trees for all drugs at once.

    The trees learn the responses as the ridge has filled them, so a split has to serve many drugs (Geurts et al.
    2006, doi:10.1007/s10994-006-6226-1). What a leaf answers is the mean of its training lines; kept are the
    trees' splits, each training line's leaves, and the responses. It has no gradient.
    """

    name = "kernel+trees"

    def __init__(self, config: KernelTreesConfig | None = None) -> None:
        self.config = config or KernelTreesConfig()
        self.kernel = KernelRidge(self.config.kernel)
        self.fit_seconds: dict[str, float] = {}
        self._forest: Forest | None = None
        self._axes: Singles = np.zeros((0, 0), dtype=np.float32)
        self._mutations: Ints = np.zeros(0, dtype=np.int64)
        self._leaves: npt.NDArray[np.int32] = np.zeros((0, 0), dtype=np.int32)
        self._answers: Floats = np.zeros((0, 0))

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Fit the ridge, then the trees, on the rows `lines` (repeats count)."""
        started = time.process_time()
        learned = self.kernel.learn(dataset, lines)
        self.fit_seconds = {self.kernel.name: time.process_time() - started}
        self._mutations = dataset.layer_columns("mutation")
        scaled = np.concatenate([learned.x, learned.tissue], axis=1) * learned.factor
        self._axes = leading_axes(scaled, self.config.components) * learned.factor[:, None]
        inputs = self._inputs(learned.x, learned.tissue)
        fitted = ExtraTreesRegressor(
            self.config.trees,
            min_samples_leaf=self.config.min_leaf,
            max_features=self.config.max_features,
            random_state=seed % 2**31,
            n_jobs=1,
        ).fit(inputs, learned.filled)
        self._forest = Forest.of(fitted.estimators_)
        self._leaves = self._forest.leaves(inputs).astype(np.int32)
        self._answers = learned.filled * learned.scale.sd + learned.scale.mean

    def _inputs(self, x: Singles, tissue: Singles) -> Singles:
        """Components and mutations (n, components + M)."""
        with one_thread():
            components = (torch.from_numpy(np.concatenate([x, tissue], axis=1)) @ torch.from_numpy(self._axes)).numpy()
        return np.concatenate([components, x[:, self._mutations]], axis=1, dtype=np.float32)

    def _ask(self, x: Singles, tissue: Singles) -> Floats:
        """What the trees say (n, D), in ln IC50."""
        if self._forest is None:
            raise not_fitted(self.name)
        weight = np.zeros((len(x), len(self._answers)))
        for mine, theirs in zip(self._forest.leaves(self._inputs(x, tissue)), self._leaves, strict=True):
            together = mine[:, None] == theirs[None, :]
            weight += together / together.sum(axis=1, keepdims=True)
        with one_thread():
            return times(weight / len(self._leaves), self._answers)

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D) from features as they are."""
        share = self.config.share
        return share * self._ask(x, tissue) + (1 - share) * self.kernel.predict(x, tissue)

    def predict_lines(self, dataset: Dataset, lines: Ints) -> Floats:
        """Predict ln IC50 (len(lines), D) for rows of a data set; what a line lacks is completed first."""
        if self._forest is None:
            raise not_fitted(self.name)
        return self.predict(self.kernel.completion.complete(dataset, lines), dataset.tissue_one_hot[lines])

    def gradient(self) -> Floats:
        """Not defined: a tree is flat between its steps (UsageError)."""
        raise has_no(self.name, "gradient over features")

    def save(self, folder: Path) -> None:
        """Write the ridge, the trees and a card."""
        if self._forest is None:
            raise not_fitted(self.name)
        self.kernel.save(folder / "kernel")
        arrays: dict[str, npt.NDArray[Any]] = {f"forest_{name}": getattr(self._forest, name) for name in FOREST}
        arrays |= {"mutations": self._mutations, "axes": self._axes, "leaves": self._leaves, "answers": self._answers}
        save_arrays(folder, self.name, arrays, {"config": asdict(self.config)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        arrays, card = load_arrays(folder, cls.name)
        kernel = KernelRidge.load(folder / "kernel")
        model = cls(KernelTreesConfig(**{**card["config"], "kernel": kernel.config}))
        model.kernel = kernel
        model._forest = Forest(**{name: arrays[f"forest_{name}"] for name in FOREST})
        model._mutations, model._axes = arrays["mutations"], arrays["axes"]
        model._leaves, model._answers = arrays["leaves"], arrays["answers"]
        return model


def leading_axes(values: Singles, count: int) -> Singles:
    """The first principal axes (p, at most count) of the rows, not centred, each with its largest entry positive."""
    with one_thread():
        gram = torch.from_numpy(values) @ torch.from_numpy(values).T
        _, vectors = torch.linalg.eigh(gram.double())
        leading = vectors[:, -min(count, len(values)) :].flip(1).float()
        axes = np.asarray((torch.from_numpy(values).T @ leading).numpy(), dtype=np.float32)
    axes /= np.maximum(np.linalg.norm(axes, axis=0), np.float32(1e-6))
    largest = np.abs(axes).argmax(axis=0)
    return np.asarray(axes * np.sign(axes[largest, np.arange(axes.shape[1])]), dtype=np.float32)
