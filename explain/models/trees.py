"""Random forests and gradient-boosted trees, one per drug."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from pathproof.errors import DependencyError
from pathproof.explain.data import Floats, Ints
from pathproof.explain.models.per_drug import PerDrug, Setting, packed
from pathproof.workspace import read_json, write_text

TREES = 100


@dataclass(frozen=True)
class Forest:
    """The nodes of all trees of a drug, one after the other; a node's left child is the next one.

    Parameters
    ----------
    feature : int16 (nodes,)
        -1 in a leaf.
    threshold, value : float64, float32 (nodes,)
        Left when at most the threshold; the mean response of a leaf.
    right : int32 (nodes,)
        Place of the right child.
    roots : int64 (trees,)
    """

    feature: npt.NDArray[np.int16]
    threshold: Floats
    value: npt.NDArray[np.float32]
    right: npt.NDArray[np.int32]
    roots: Ints

    @classmethod
    def of(cls, fitted: Sequence[Any]) -> Self:
        """The trees of a scikit-learn forest; with several responses, values are left out (0)."""
        trees = [one.tree_ for one in fitted]
        roots = np.cumsum([0, *(tree.node_count for tree in trees[:-1])]).astype(np.int64)
        several = trees[0].n_outputs > 1
        values = [np.zeros(tree.node_count) if several else tree.value.ravel() for tree in trees]
        right = np.concatenate([tree.children_right + root for tree, root in zip(trees, roots, strict=True)])
        return cls(
            feature=np.maximum(np.concatenate([tree.feature for tree in trees]), -1).astype(np.int16),
            threshold=np.concatenate([tree.threshold for tree in trees]),
            value=np.concatenate(values).astype(np.float32),
            right=right.astype(np.int32),
            roots=roots,
        )

    def leaves(self, inputs: Floats | npt.NDArray[np.float32]) -> Ints:
        """The leaf that each line reaches in each tree (trees, n)."""
        values = inputs.astype(np.float32)
        lines = np.arange(len(values))
        place = np.tile(self.roots[:, None], (1, len(values)))
        while (inner := self.feature[place] >= 0).any():
            smaller = values[lines, self.feature[place]] <= self.threshold[place]
            place = np.where(inner, np.where(smaller, place + 1, self.right[place]), place)
        return place

    def ask(self, inputs: Floats) -> Floats:
        """Mean over the trees (n,)."""
        return np.asarray(self.value[self.leaves(inputs)].mean(axis=0, dtype=np.float64))


class RandomForest(PerDrug):
    """Random forests of scikit-learn on components of the expression, mutations and tissue."""

    name = "random-forest"
    grid: ClassVar[Sequence[Setting]] = (
        {"max_features": 0.1, "min_samples_leaf": 4},
        {"max_features": 0.3, "min_samples_leaf": 8},
    )

    def _fit_one(self, inputs: Floats, z: Floats, seed: int) -> Forest:
        from sklearn.ensemble import RandomForestRegressor

        fitted = RandomForestRegressor(
            TREES,
            max_features=float(self.setting["max_features"]),
            min_samples_leaf=int(self.setting["min_samples_leaf"]),
            random_state=seed,
            n_jobs=1,
        ).fit(inputs.astype(np.float32), z)
        return Forest.of(fitted.estimators_)

    def _ask_one(self, model: Any, inputs: Floats) -> Floats:
        forest: Forest = model
        return forest.ask(inputs)

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        arrays = {}
        for name in Forest.__dataclass_fields__:
            arrays[name], arrays[f"{name}_ends"] = packed(
                [None if m is None else getattr(m, name) for m in self._models]
            )
        return arrays

    def _read(self, arrays: dict[str, npt.NDArray[Any]], folder: Path) -> None:  # noqa: ARG002 - all is in the arrays
        fields = Forest.__dataclass_fields__
        parts = {name: np.split(arrays[name], arrays[f"{name}_ends"][:-1]) for name in fields}
        count = len(parts["roots"])
        self._models = [
            Forest(**{name: parts[name][d] for name in fields}) if len(parts["roots"][d]) else None
            for d in range(count)
        ]


class BoostedTrees(PerDrug):
    """LightGBM on components of the expression, mutations and tissue (doi:10.5555/3294996.3295074)."""

    name = "lightgbm"
    grid: ClassVar[Sequence[Setting]] = (
        {"num_leaves": 3, "rounds": 100},
        {"num_leaves": 4, "rounds": 75},
        {"num_leaves": 4, "rounds": 150},
    )

    def _fit_one(self, inputs: Floats, z: Floats, seed: int) -> Any:
        lightgbm = _lightgbm()
        settings = {
            "objective": "regression",
            "num_leaves": int(self.setting["num_leaves"]),
            "learning_rate": 0.04,
            "min_data_in_leaf": 10,
            "feature_fraction": 0.3,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "lambda_l2": 5.0,
            "max_bin": 31,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": 1,
            "seed": seed % 2**31,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(inputs, z, params={"verbosity": -1, "max_bin": 31, "min_data_in_leaf": 10})
        return lightgbm.train(settings, data, num_boost_round=int(self.setting["rounds"]))

    def _ask_one(self, model: Any, inputs: Floats) -> Floats:
        return np.asarray(model.predict(inputs, num_threads=1), dtype=np.float64)

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {}

    def save(self, folder: Path) -> None:
        """Write the boosters in LightGBM's own text form beside inputs, scale and card."""
        super().save(folder)
        texts = [None if model is None else model.model_to_string() for model in self._models]
        write_text(folder / "boosters.json", json.dumps(texts))

    def _read(self, arrays: dict[str, npt.NDArray[Any]], folder: Path) -> None:  # noqa: ARG002 - the texts hold all
        lightgbm = _lightgbm()
        texts = read_json(folder / "boosters.json")
        self._models = [None if text is None else lightgbm.Booster(model_str=text) for text in texts]


def _lightgbm() -> Any:
    try:
        import lightgbm
    except ImportError as error:
        raise DependencyError(
            "The model lightgbm needs the package lightgbm.", got=error, action="pip install 'pathproof[trees]'"
        ) from error
    return lightgbm
