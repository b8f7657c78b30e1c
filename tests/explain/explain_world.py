"""A small linear world with planted genes, and a linear model with the predictor protocol, free of torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from pathproof.explain.data import Dataset, Feature, GeneGraph

N_LINES, N_GENES, N_MUTATIONS, N_DRUGS = 160, 60, 6, 8


class LinearModel:
    """Ridge on features and tissue, with a little noise from the seed; mutations count as features."""

    name = "linear"

    def __init__(self, noise: float = 0.002) -> None:
        self.noise = noise
        self.weights: NDArray[np.float64] = np.zeros((0, 0))
        self.tissue: NDArray[np.float64] = np.zeros((0, 0))
        self.bias: NDArray[np.float64] = np.zeros(0)
        self.calls = 0

    def fit(self, dataset: Dataset, lines: NDArray[np.int64], seed: int) -> None:
        x = np.concatenate([dataset.x[lines], dataset.tissue_one_hot[lines]], axis=1).astype(np.float64)
        y = dataset.y[lines]
        self.bias = y.mean(axis=0)
        mean = x.mean(axis=0)
        both = np.linalg.solve((x - mean).T @ (x - mean) + 5.0 * np.eye(x.shape[1]), (x - mean).T @ (y - self.bias))
        both += self.noise * np.random.default_rng(seed).standard_normal(both.shape)
        self.bias = self.bias - mean @ both
        self.weights, self.tissue = both[: dataset.x.shape[1]], both[dataset.x.shape[1] :]

    def predict(self, x: NDArray[np.float32], tissue: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(x @ self.weights + tissue @ self.tissue + self.bias)

    def gradient(self) -> NDArray[np.float64]:
        return self.weights

    def perturb_effects(
        self, x: Any, tissue: Any, feature_sets: Sequence[Any], replacement: Any, drugs: Any = None
    ) -> Iterator[NDArray[np.float64]]:
        before = self.predict(x, tissue)
        for columns in feature_sets:
            after = np.zeros_like(before)
            for donors in replacement:
                changed = x.copy()
                changed[:, columns] = x[donors][:, columns]
                after += self.predict(changed, tissue)
            yield before - after / len(replacement)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(
            {
                "weights": np.ascontiguousarray(self.weights),
                "tissue": np.ascontiguousarray(self.tissue),
                "bias": self.bias,
            },
            folder / "weights.safetensors",
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        arrays = load_file(folder / "weights.safetensors")
        model = cls()
        model.weights, model.tissue, model.bias = arrays["weights"], arrays["tissue"], arrays["bias"]
        return model


class CurvedModel(LinearModel):
    """A model that is not additive: for formulas that must not lean on linearity."""

    name = "curved"

    def predict(self, x: NDArray[np.float32], tissue: NDArray[np.float32]) -> NDArray[np.float64]:
        z = super().predict(x, tissue)
        return np.asarray(z + 0.3 * np.tanh(z) ** 2)


@dataclass(frozen=True)
class FakeTrained:
    """The parts of a training result that an explanation needs."""

    key: str = "0123456789abcdef"
    sources: tuple[str, ...] = ("gdsc", "depmap.expression", "omnipath", "collectri")

    @property
    def model_id(self) -> str:
        return f"model:{self.key}"


PLANTED = {0: ("G0", -0.9), 1: ("G5", 0.8), 2: ("G10", -0.8), 3: ("M1", -1.6)}
"""Drug number -> gene, and its slope in ln IC50 per unit of the feature."""


def world(seed: int = 0, n_lines: int = N_LINES) -> Dataset:
    """Expression with three co-expressed genes around G0, a tissue effect, fragility, and PLANTED slopes."""
    rng = np.random.default_rng(seed)
    tissue = tuple(f"tissue{i % 4}" for i in range(n_lines))
    shift = rng.standard_normal((4, N_GENES)) * 0.5
    x = rng.standard_normal((n_lines, N_GENES)) + shift[np.arange(n_lines) % 4]
    x[:, 1] = 0.8 * x[:, 0] + 0.6 * x[:, 1]
    x[:, 2] = 0.8 * x[:, 0] + 0.6 * x[:, 2]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    mutated = (rng.random((n_lines, N_MUTATIONS)) < 0.25).astype(np.float64)
    has_mutation = np.ones(n_lines, dtype=bool)
    has_mutation[:5] = False
    mutated[~has_mutation] = 0.0
    genes = [f"G{i}" for i in range(N_GENES)]
    features = tuple(
        [Feature(g, "expression") for g in genes] + [Feature(f"M{i}", "mutation") for i in range(N_MUTATIONS)]
    )
    both = np.concatenate([x, mutated], axis=1)
    names = [f.gene for f in features]
    fragility = rng.standard_normal(n_lines) * 0.5
    y = fragility[:, None] + 0.3 * rng.standard_normal((n_lines, N_DRUGS)) + 2.0
    for drug, (gene, slope) in PLANTED.items():
        y[:, drug] += slope * both[:, names.index(gene)]
    return Dataset(
        cell_lines=tuple(f"sidm:SIDM{i:05d}" for i in range(n_lines)),
        drugs=tuple(f"gdsc.drug:{i}" for i in range(N_DRUGS)),
        drug_names=tuple(f"drug {i}" for i in range(N_DRUGS)),
        features=features,
        x=both.astype(np.float32),
        has_layer={"expression": np.ones(n_lines, dtype=bool), "mutation": has_mutation},
        tissue=tissue,
        covariates={"cancer_type": tissue, "growth": tuple("adherent" for _ in tissue)},
        y=y,
        screen="TEST",
    )


def shuffled(dataset: Dataset, seed: int = 1) -> Dataset:
    """The same world with every drug's response dealt to other lines."""
    rng = np.random.default_rng(seed)
    y = np.stack([rng.permutation(column) for column in dataset.y.T], axis=1)
    return dataclasses.replace(dataset, y=y)


def graph(dataset: Dataset) -> GeneGraph:
    """A small star around G20 plus a chain."""
    hub = dataset.genes.index("G20")
    edges = np.asarray([[hub, i] for i in range(10)] + [[i, i + 1] for i in range(5)], dtype=np.int64).T
    return GeneGraph(dataset.genes, {"omnipath": edges}, {"omnipath": np.ones(edges.shape[1], dtype=np.int64)})


PATHWAYS = {
    "reactome:R-HSA-1": tuple(f"G{i}" for i in (0, 1, 2, 30, 31, 32, 33, 34, 35, 36)),
    "reactome:R-HSA-2": tuple(f"G{i}" for i in range(40, 52)),
    "reactome:R-HSA-3": tuple(f"G{i}" for i in (3, 7, 9, 13, 17, 19, 23, 27, 29, 37)),
    "reactome:R-HSA-4": ("G1", "G2", "G3"),
    "reactome:R-HSA-5": tuple(f"G{i}" for i in (0, 1, 2, 30, 31, 32, 33, 34, 35, 36)),
}
