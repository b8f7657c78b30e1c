"""A small world for tables of predictors: lines, drugs with targets, a graph, quick networks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from predictor_world import DRUGS, small_graph, world

from pathproof.explain.data import Dataset
from pathproof.explain.drug_side import DrugSide
from pathproof.explain.models.registry import Context
from pathproof.workspace import Workspace

MANY, ALL = 24, 90


def table_world(seed: int = 0, lines: slice = slice(60)) -> Dataset:
    """Like `world`, with 24 drugs of three mechanisms, so that drugs can be held out; some of its 90 lines."""
    small = world(seed, ALL)
    rng = np.random.default_rng([seed, 9])
    y = small.y[:, np.arange(MANY) % 3] + rng.normal(0, 0.4, (ALL, MANY)) + rng.normal(0, 2, MANY)
    return dataclasses.replace(
        small,
        cell_lines=small.cell_lines[lines],
        tissue=small.tissue[lines],
        x=small.x[lines],
        y=y[lines],
        has_layer={name: there[lines] for name, there in small.has_layer.items()},
        covariates={name: values[lines] for name, values in small.covariates.items()},
        drugs=tuple(f"gdsc.drug:{i:03d}" for i in range(MANY)),
        drug_names=tuple(f"drug {i}" for i in range(MANY)),
    )


def drug_side(dataset: Dataset) -> DrugSide:
    """Three targets, one for each mechanism; drugs 0 and 3 are one molecule; the last drug is unknown."""
    count = len(dataset.drugs)
    molecules = list(dataset.drugs)
    if count > DRUGS:
        molecules[3] = molecules[0]
    targets = [(f"G{i % 3}",) for i in range(count - 1)] + [()]
    classes = [f"class {i % 3}" for i in range(count - 1)] + ["unknown"]
    return DrugSide(dataset.drugs, tuple(molecules), tuple(targets), tuple(classes))


def quick_context(dataset: Dataset) -> Context:
    """One member, two passes: enough to see what reaches what."""
    return Context(small_graph(dataset), drug_side(dataset), seeds=1, epochs=2)


def workspace_in(folder: Path) -> Workspace:
    """A fresh workspace."""
    return Workspace.open(folder / "workspace")
