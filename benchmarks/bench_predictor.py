"""Measure the fits of the predictors: processor seconds of all folds and peak memory, next to the targets.

    python benchmarks/bench_predictor.py [--workspace DIR] [--split lco] [--model NAME ...] [--out FILE]

Fits every model of a split on each of its folds in one process, on one thread, without reading a test response.
With --workspace: the screen that was ingested there, and all lines and layers for the models that learn from those;
without: a synthetic one of the same shape (441 lines, 1,703 features, 295 drugs), which has no such lines. Prints a
table with the sum over all models and writes JSON. A missed target is said in words, because seconds
depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pathproof.explain.data import Dataset, Feature, GeneGraph, gene_graph, load_dataset
from pathproof.explain.drug_side import DrugSide, load_drug_side
from pathproof.explain.models.registry import Context, chosen, to_fit
from pathproof.explain.splits import make_split
from pathproof.explain.train_pieces import fit_piece
from pathproof.explain.wide import Wide
from pathproof.graph_schema.store import open_store
from pathproof.workspace import Workspace, write_json

FOLDS = 5
TARGETS = {"ridge": 2.0, "ridge-anchored-gnn": 150.0}
"""Processor seconds of all folds; of an anchored network with both halves and its choice on inner folds."""
ALL_S = 2 * 15 * 60.0  # fifteen minutes on two cores


def synthetic(seed: int = 0, lines: int = 441, genes: int = 1631, calls: int = 72, drugs: int = 295) -> Dataset:
    """A screen in the shape of GDSC2: a tenth missing, tissues, a few genes behind each drug."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(lines, genes + calls))
    x[:, genes:] = rng.random((lines, calls)) < 0.1
    weights = rng.normal(size=(genes, drugs)) * (rng.random((genes, drugs)) < 0.01)
    y = x[:, :genes] @ weights + rng.normal(0, 3, (lines, drugs))
    y[rng.random(y.shape) < 0.1] = np.nan
    named = [Feature(f"G{i}", "expression") for i in range(genes)] + [
        Feature(f"G{i}", "mutation") for i in range(calls)
    ]
    return Dataset(
        cell_lines=tuple(f"sidm:SIDM{i:05d}" for i in range(lines)),
        drugs=tuple(f"gdsc.drug:{i:04d}" for i in range(drugs)),
        drug_names=tuple(f"drug {i}" for i in range(drugs)),
        features=tuple(named),
        x=x.astype(np.float32),
        has_layer={name: np.ones(lines, dtype=bool) for name in ("expression", "mutation")},
        tissue=tuple(f"tissue {i}" for i in rng.integers(0, 20, lines)),
        covariates={name: ("unknown",) * lines for name in ("cancer_type", "growth")},
        y=y,
        screen="synthetic",
    )


def synthetic_context(dataset: Dataset, edges: int = 9000) -> Context:
    """Random edges among the genes; three targets' worth of classes for the drugs."""
    rng = np.random.default_rng(1)
    genes, relations = dataset.genes, {}
    for name in ("omnipath", "collectri"):
        pairs = np.unique(rng.integers(0, len(genes), (edges, 2)), axis=0)
        relations[name] = pairs[pairs[:, 0] != pairs[:, 1]].T.copy()
    signs = {name: np.ones(pairs.shape[1], dtype=np.int64) for name, pairs in relations.items()}
    count = len(dataset.drugs)
    targets = tuple((f"T{i % 80}",) for i in range(count))
    classes = tuple(f"class {i % 24}" for i in range(count))
    return Context(GeneGraph(genes, relations, signs), DrugSide(dataset.drugs, dataset.drugs, targets, classes))


def ingested(folder: Path) -> tuple[Dataset, Context, Dataset]:
    """The default screen of a workspace, what models are made from, and the screen with all lines and layers."""
    workspace = Workspace.open(folder, create=False)
    dataset = load_dataset(workspace)
    with open_store(None, workspace) as store:
        store.load_knowledge(workspace)
        graph = gene_graph(store, dataset.genes)
    return dataset, Context(graph, load_drug_side(workspace, dataset)), Wide(workspace, dataset).data


def measure(
    narrow: Dataset, context: Context, split_name: str, names: tuple[str, ...], wide: Dataset | None = None
) -> list[dict[str, Any]]:
    """One row per fitted model: processor seconds of all folds, and the most memory of the process so far."""
    context = replace(context, inner_by_tissue=split_name == "lto")
    rows = []
    for kind in to_fit(chosen(names, split_name)):
        dataset = wide if kind.wide else narrow
        if dataset is None:
            continue
        split = make_split(split_name, dataset, context.drugs.molecules, FOLDS, 0)
        seconds: dict[str, float] = {}
        for fold in range(FOLDS):
            seen, lines = split.training(dataset, fold)
            tested = np.flatnonzero(split.tested(fold).any(axis=1))
            fitted = fit_piece(kind.name, context, seen, lines, tested, 1000 * (fold + 1))
            for name, value in fitted.facts["seconds"].items():
                seconds[name] = seconds.get(name, 0.0) + value
        unit = 1024 if sys.platform == "darwin" else 1
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit / 1024
        rows.append({"model": kind.name, "cpu_s": seconds[kind.name], "parts_s": seconds, "peak_mib": peak})
        print(f"{kind.name:<26}{seconds[kind.name]:>9.1f} s{peak:>9.0f} MiB", flush=True)
    return rows


def missed(rows: list[dict[str, Any]]) -> list[str]:
    """The targets that were not met, in words."""
    parts: dict[str, float] = {}
    for row in rows:
        parts |= row["parts_s"]
    said = [f"{n}: {parts[n]:.0f} s, asked {t:g}" for n, t in TARGETS.items() if n in parts and parts[n] > t]
    total = sum(row["cpu_s"] for row in rows)
    return said + ([f"all models: {total:.0f} s of processor, asked {ALL_S:g}"] if total > ALL_S else [])


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--split", default="lco")
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    wide = None
    if asked.workspace is None:
        dataset = synthetic()
        context = synthetic_context(dataset)
    else:
        dataset, context, wide = ingested(asked.workspace)
    rows = measure(dataset, context, asked.split, tuple(asked.model), wide)
    print(f"{'all of these':<26}{sum(row['cpu_s'] for row in rows):>9.1f} s")
    for sentence in missed(rows) or ["All targets are met."]:
        print(sentence)
    result = {"screen": dataset.screen, "split": asked.split, "machine": platform.processor(), "models": rows}
    if asked.out is not None:
        write_json(asked.out, json.loads(json.dumps(result)))


if __name__ == "__main__":
    main()
