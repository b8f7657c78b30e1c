"""A small screen of which half of the lines lack expression: made as tables, and as arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from predictor_world import CALLS, GENES, world

from pathproof.explain.data import Dataset, Feature
from pathproof.workspace import Workspace, write_parquet

LINES = [f"sidm:SIDM{i:05d}" for i in range(60)]
WHOLE, PART, NOTHING = range(40), range(40, 50), range(50, 60)
"""Lines with all of the expression, with the genes of the second matrix only, and with mutations only."""


def write_layers(workspace: Workspace) -> None:
    """Tables of `ingest`: genes A..F in z-scores, A, B, C and G as log2(TPM + 1), of which C disagrees; copy number."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(60, 6)).astype(np.float32)
    tpm = np.stack([10 + 2 * z[:, 0], 5 + 0.5 * z[:, 1], rng.uniform(1, 5, 60), rng.uniform(1, 5, 60)], axis=1)
    copies = rng.normal(0, 0.5, size=(60, 4)).astype(np.float32)
    copies[0, 0], copies[1, 1], copies[:, 2], copies[:, 3] = -6.0, np.nan, 0.0, np.nan
    calls = rng.integers(0, 2, size=(60, 2)).astype(np.float32)
    pairs = [
        ("GDSC2", f"gdsc.drug:{d}", line, float(v), 0.1) for line in LINES for d, v in enumerate(rng.normal(size=2))
    ]
    pairs += [("GDSC2", "gdsc.drug:0", "sidm:SIDM99999", 0.0, 0.1), ("GDSC2", "gdsc.drug:9", LINES[55], 0.0, 0.1)]
    tables = {
        "screens/gdsc2": pd.DataFrame(pairs, columns=["screen", "drug", "cell_line", "ln_ic50", "rmse"]),
        "expression": _wide(z[:40], list("ABCDEF"), WHOLE),
        "mutations": _wide(calls, ["M0", "M1"], range(60)),
        "layers/expression_tpm": _wide(tpm[:50], list("ABCG"), range(50)),
        "layers/copy_number_gdsc": _wide(copies[:55], ["A", "B", "FLAT", "EMPTY"], range(55)),
        "cell_lines": pd.DataFrame({"cell_line": LINES, "tissue": "Lung", "cancer_type": "x", "growth": "y"}),
        "drugs": pd.DataFrame({"drug": ["gdsc.drug:0", "gdsc.drug:1"], "name": ["a", "b"]}),
    }
    for name, table in tables.items():
        write_parquet(workspace.tables / f"{name}.parquet", table)


def _wide(values: np.ndarray, genes: list[str], lines: range) -> pd.DataFrame:
    table = pd.DataFrame(values.astype(np.float32), columns=genes)
    table.insert(0, "cell_line", [LINES[i] for i in lines])
    return table


def gappy(seed: int = 0, n: int = 160) -> Dataset:
    """The world of the predictors, of which lines 60.. lack expression or 30 of its 40 genes, with copy number.

    Copy number follows the expression of its gene, so that a line without expression says something of it.
    """
    data = world(seed, n)
    rng = np.random.default_rng(seed + 1)
    copies = (0.8 * data.x[:, :GENES] + 0.6 * rng.normal(size=(n, GENES))).astype(np.float32)
    known = np.ones((n, 2 * GENES + CALLS), dtype=bool)
    known[60:100, 10:GENES] = False
    known[100:, :GENES] = False
    x = np.where(known, np.concatenate([data.x, copies], axis=1), np.float32(0))
    whole = np.asarray(known[:, :GENES].all(axis=1), dtype=bool)
    has = {**data.has_layer, "expression": whole, "copy_number": np.ones(n, dtype=bool)}
    features = (*data.features, *(Feature(f"G{i}", "copy_number") for i in range(GENES)))
    return dataclasses.replace(data, x=x, features=features, has_layer=has, known=known)
