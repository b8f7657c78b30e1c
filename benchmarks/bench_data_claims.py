"""What association-lmm shows in a screen, and what it shows where responses were permuted; and in fresh made worlds.

    python benchmarks/bench_data_claims.py --workspace DIR [--permuted 5] [--seed 105] [--pairs] [--out FILE]
    python benchmarks/bench_data_claims.py --worlds 41 42 43 44 45 46 [--out FILE]

Of a screen that was ingested: genes at Bonferroni's level over all features and drugs, by the responses alone and by
the weaker deviate of these and of ranks; modules; and with `--pairs` (a second a drug) pairs. Once as it is, and so
many times with responses permuted within tissue and layers, each by its own seed. Of worlds of the demonstration with
other seeds: how many planted modules are claimed with exactly their genes, and how many claims name no acting gene.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from bench_demonstration import rand_within, truth_in

from pathproof.errors import UsageError
from pathproof.explain.compute import bonferroni_deviate
from pathproof.explain.data import Dataset, load_dataset
from pathproof.explain.lmm import association_lmm, permuted
from pathproof.explain.lmm_data import association_dataset, evidence_dataset
from pathproof.explain.lmm_modules import association_modules
from pathproof.explain.lmm_robust import robust_association
from pathproof.explain.lmm_scan import strongest_products
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.world import write_demo
from pathproof.ingest.pipeline import ingest
from pathproof.workspace import Workspace

Row = dict[str, float | str]


def shown(name: str, lines: Dataset, pairs: bool) -> Row:
    """How many genes, modules and pairs the data show."""
    level = bonferroni_deviate(len(lines.features) * len(lines.drugs))
    row: Row = {"responses": name, "level of genes": level}
    for what, table in (("genes, responses alone", association_lmm(lines)), ("genes", robust_association(lines))):
        row[what] = float((table.lead & (np.abs(np.nan_to_num(table.z)) >= level)).sum())
    modules = association_modules(lines)
    row["modules at their level"] = float((np.abs(np.nan_to_num(modules.z)) >= modules.level).sum())
    row["modules beyond their gene"] = float(modules.shown().sum())
    if pairs:
        found = [strongest_products(lines, drug) for drug in range(len(lines.drugs))]
        least = [bonferroni_deviate(max(one.scored, 1) * len(lines.drugs)) for one in found]
        row["pairs"] = float(sum((np.abs(one.z) >= own).sum() for one, own in zip(found, least, strict=True)))
        row["largest deviate of a pair"] = float(max((np.abs(one.z).max(initial=0.0) for one in found), default=0.0))
    return row


def of_world(seed: int, folder: Path) -> Row:
    """What is claimed of the modules of a made world, against what was planted."""
    write_demo(folder / "files", WorldParameters(seed=seed))
    workspace = Workspace.open(folder / "workspace")
    ingest(folder / "files", workspace, kind="demonstration")
    lines, truth = association_dataset(workspace), truth_in(folder / "files" / "truth")
    table = association_modules(lines)
    named = [tuple(lines.features[f].gene for f in one.features) for one in table.modules]
    claimed = [(lines.drugs[d], named[i]) for i, d in np.argwhere(table.shown())]
    own = {drug: [genes for other, genes in claimed if other == drug] for drug in truth.modules}
    return {
        "world": float(seed),
        "modules planted": float(len(truth.modules)),
        "claimed with exactly their genes": float(
            sum(any(set(genes) == set(truth.modules[drug]) for genes in some) for drug, some in own.items())
        ),
        "modules claimed": float(len(claimed)),
        "without an acting gene": float(sum(not truth.genes(drug) & set(genes) for drug, genes in claimed)),
        "adjusted Rand within a drug, mean": float(
            np.mean([rand_within(truth.modules[drug], some) for drug, some in own.items()])
        ),
    }


def measured(options: argparse.Namespace) -> list[Row]:
    """The rows that are asked for, each printed as it comes."""
    rows: list[Row] = []

    def add(row: Row) -> None:
        rows.append(row)
        print("; ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{v}" for k, v in row.items()), flush=True)

    for seed in options.worlds:
        with tempfile.TemporaryDirectory() as folder:
            add(of_world(seed, Path(folder)))
    if options.workspace is not None:
        workspace = Workspace.open(options.workspace, create=False)
        lines = evidence_dataset(load_dataset(workspace), workspace)
        add(shown("as they are", lines, options.pairs))
        for seed in range(options.seed, options.seed + options.permuted):
            add(shown(f"permuted, seed {seed}", permuted(lines, np.random.default_rng(seed)), options.pairs))
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workspace", type=Path, help="with an ingested screen")
    parser.add_argument("--permuted", type=int, default=5, help="so many permutations")
    parser.add_argument("--seed", type=int, default=105, help="of the first permutation")
    parser.add_argument("--pairs", action="store_true", help="pairs too: about a second a drug and permutation")
    parser.add_argument("--worlds", type=int, nargs="+", default=[], help="seeds of made worlds")
    parser.add_argument("--out", type=Path, default=Path("build/bench_data_claims.json"), help="where the JSON goes")
    options = parser.parse_args(arguments)
    if options.workspace is None and not options.worlds:
        raise UsageError("Nothing is asked for.", action="give --workspace DIR, --worlds SEED ..., or both")
    rows = measured(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
