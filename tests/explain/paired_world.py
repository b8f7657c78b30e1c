"""The planted world with a product in it, a model that knows it, and that model explained by the multivariate way."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from explain_world import PATHWAYS, FakeTrained, LinearModel, graph, world

from pathproof.explain import compute
from pathproof.explain.asking import ModelSpec
from pathproof.explain.data import Dataset
from pathproof.explain.multivariate.run import MultivariateConfig, MultivariateResult, Where, explain_drugs
from pathproof.workspace import Workspace

CONFIG = MultivariateConfig(
    members=5, top_k=8, latents=8, rank=4, swaps=2, steps=20, asked=2, draws=2, null_single=40, null_sets=20
)
DRUGS = (0, 1, 3)


class PairedModel(LinearModel):
    """A linear model with one product for the drug of the planted gene G5."""

    name = "paired"

    def predict(self, x: np.ndarray, tissue: np.ndarray) -> np.ndarray:
        out = super().predict(x, tissue)
        out[:, 1] += 0.8 * x[:, 20] * x[:, 30]
        return out


def paired_world() -> Dataset:
    """The planted world with the product in the response too."""
    dataset = world(n_lines=120)
    y = dataset.y.copy()
    y[:, 1] += 0.8 * dataset.x[:, 20] * dataset.x[:, 30]
    return dataclasses.replace(dataset, y=y)


def explained(
    dataset: Dataset,
    root: Path,
    drugs: tuple[int, ...] = DRUGS,
    lines: list[int] | None = None,
    config: MultivariateConfig = CONFIG,
    where: Where | None = None,
) -> MultivariateResult:
    def spec(_graph: object, _trained: object) -> ModelSpec:
        def model() -> PairedModel:
            own = PairedModel()
            own.fit(dataset, np.arange(len(dataset.cell_lines)), 99)
            return own

        return ModelSpec("paired", ["paired"], PairedModel, PairedModel.load, model)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compute, "member_spec", spec)
        return explain_drugs(
            dataset,
            graph(dataset),
            Workspace.open(root),
            FakeTrained(),
            PATHWAYS,
            drugs,
            lines,
            config,  # type: ignore[arg-type]
            where=where,
        )
