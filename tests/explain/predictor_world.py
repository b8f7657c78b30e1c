"""A small world for the predictor's tests: three genes drive the drugs, tissues shift them, one layer has gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.explain.data import Dataset, Feature, GeneGraph, gene_graph
from pathproof.workspace import Workspace, write_parquet

N, GENES, CALLS, DRUGS, TISSUES = 90, 40, 8, 6, 4


def world(seed: int = 0, n: int = N) -> Dataset:
    """ln IC50 of drug d rises with genes 0..2 and mutation 0; a tenth of the pairs is missing."""
    rng = np.random.default_rng(seed)
    tissue = rng.integers(0, TISSUES, n)
    genes = rng.normal(size=(n, GENES))
    calls = (rng.random((n, CALLS)) < 0.3).astype(float)
    has_mutation = rng.random(n) < 0.9
    calls[~has_mutation] = 0
    y = (
        genes[:, :3] @ rng.normal(size=(3, DRUGS)) * 1.5
        - 2.0 * calls[:, :1]
        + rng.normal(size=(TISSUES, DRUGS))[tissue]
    )
    y += rng.normal(0, 3, DRUGS) + 0.5 * rng.normal(size=y.shape)
    y[rng.random(y.shape) < 0.1] = np.nan
    expression = [Feature(f"G{i}", "expression") for i in range(GENES)]
    # mutation 0 is of a gene that is also expressed, the others are not
    mutation = [Feature("G0" if i == 0 else f"M{i}", "mutation") for i in range(CALLS)]
    return Dataset(
        cell_lines=tuple(f"sidm:SIDM{i:05d}" for i in range(n)),
        drugs=tuple(f"gdsc.drug:{i}" for i in range(DRUGS)),
        drug_names=tuple(f"drug {i}" for i in range(DRUGS)),
        features=tuple(expression + mutation),
        x=np.concatenate([genes, calls], axis=1).astype(np.float32),
        has_layer={"expression": np.ones(n, dtype=bool), "mutation": has_mutation},
        tissue=tuple(f"tissue {i}" for i in tissue),
        covariates={"cancer_type": ("unknown",) * n, "growth": ("Adherent",) * n},
        y=y,
        screen="test",
    )


class Edges:
    """A store that only answers the two edge queries."""

    def __init__(self, **rows: list[tuple[str, str, int | None]]) -> None:
        self.edges = rows

    def rows(self, name: str, /) -> list[dict[str, Any]]:
        """Rows of the named query."""
        kind = {"signalling-edges": "omnipath", "regulation-edges": "collectri"}[name]
        return [{"source": a, "target": b, "sign": s, "edge": f"{a}-{b}"} for a, b, s in self.edges[kind]]


def small_graph(dataset: Dataset, seed: int = 0) -> GeneGraph:
    """Random edges among the genes of the world."""
    rng = np.random.default_rng(seed)
    names = list(dataset.genes)

    def draw(count: int) -> list[tuple[str, str, int | None]]:
        pairs = rng.integers(0, len(names), (count, 2))
        return [(names[a], names[b], int(rng.choice([-1, 1]))) for a, b in pairs]

    return gene_graph(Edges(omnipath=draw(60), collectri=draw(80)), dataset.genes)


def write_tables(workspace: Workspace) -> None:
    """Tables as `ingest` writes them: 8 lines, 3 genes, 2 drugs, with every kind of gap."""
    lines = [f"sidm:SIDM{i:05d}" for i in range(8)]
    rows = [("GDSC2", "gdsc.drug:1", line, float(i), 0.1 * i) for i, line in enumerate(lines)]
    rows += [("GDSC2", "gdsc.drug:2", line, -float(i), 0.1) for i, line in enumerate(lines[:6])]
    rows += [("GDSC2", "gdsc.drug:1", "sidm:SIDM00099", 1.0, 0.1)]  # no expression
    columns = ["screen", "drug", "cell_line", "ln_ic50", "rmse"]
    screen = pd.DataFrame(rows[::-1], columns=columns)
    other = pd.DataFrame([("CCLE", "ccle.drug:nutlin3", lines[0], 9.0, np.nan)], columns=columns)
    expression = pd.DataFrame({"TP53": np.arange(8.0), "FLAT": 1.0, "EGFR": [np.nan, *np.arange(7.0)]}).astype(
        "float32"
    )
    expression.insert(0, "cell_line", lines)
    mutations = pd.DataFrame({"TP53": [1, 1, 1, 1, 1, 0, 0], "RARE": [1, 0, 0, 0, 0, 0, 0]}).astype("float32")
    mutations = pd.concat([mutations, mutations * 0], ignore_index=True)
    mutations.insert(0, "cell_line", [*lines[:7], *(f"sidm:SIDM1{i:04d}" for i in range(7))])
    about = pd.DataFrame(
        {"cell_line": lines, "tissue": ["Lung", None, *["Skin"] * 6], "cancer_type": "x", "growth": "y"}
    )
    drugs = pd.DataFrame({"drug": ["gdsc.drug:1", "gdsc.drug:2"], "name": ["Nutlin-3a", None]})
    tables = {"screens/gdsc2": screen, "screens/ccle": other}
    tables |= {"expression": expression, "mutations": mutations, "cell_lines": about, "drugs": drugs}
    for name, table in tables.items():
        write_parquet(workspace.tables / f"{name}.parquet", table)


def open_workspace(folder: Path) -> Workspace:
    """A fresh workspace."""
    return Workspace.open(folder / "workspace")
