"""Make three files to try `pathproof validate --explanations` with: a guess, a copy of the answers, and a universe.

    python examples/make_explanations.py WORKSPACE [FOLDER]
    pathproof validate --workspace WORKSPACE --explanations FOLDER/random.csv --universe FOLDER/universe.txt

`random.csv` names genes at random: a report that passes it is worthless. `answer_key.csv` copies the
clinical evidence of the workspace's own knowledge: its agreement is perfect, and yet it must not pass,
because agreement with knowledge that anybody can copy says nothing about a model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.errors import PathproofError
from pathproof.explain.data import Dataset, load_dataset
from pathproof.validate.alteration import mutation_sign
from pathproof.workspace import Workspace, write_text

LEVELS = "EDCBA"
EDGES = {"CONFERS_RESISTANCE_TO": 1, "CONFERS_SENSITIVITY_TO": -1}
COLUMNS = ["drug", "gene", "score", "sign", "layer", "explainer"]


def random_explainer(dataset: Dataset, per_drug: int, seed: int) -> pd.DataFrame:
    """`per_drug` different genes for each drug, with random scores, signs and the layer of a random feature."""
    rng = np.random.default_rng(seed)
    layer = dict(reversed(dataset.features))  # a gene of both layers is claimed by its expression
    rows = []
    for drug in dataset.drugs:
        genes = rng.choice(np.array(dataset.genes), size=min(per_drug, len(dataset.genes)), replace=False)
        for gene, score in zip(genes, np.sort(rng.random(len(genes)))[::-1], strict=True):
            sign = rng.choice(["resistance", "sensitivity"])
            rows.append((drug, str(gene), round(float(score), 4), sign, layer[str(gene)], "random"))
    return pd.DataFrame(rows, columns=COLUMNS)


def answer_key(workspace: Workspace, dataset: Dataset) -> pd.DataFrame:
    """The evidence about the dataset's drugs and genes: signed, scored by its level; disputed pairs are left out.

    Claims are about the altered gene (layer "mutation"). Evidence about combinations of therapies is not
    about one drug, and is left out too.
    """
    nodes = pd.read_parquet(workspace.knowledge / "nodes" / "Gene.parquet").set_index("id")["symbol"]
    evidence = pd.concat(
        pd.read_parquet(workspace.knowledge / "edges" / f"{edge}.parquet").assign(number=number)
        for edge, number in EDGES.items()
    )
    evidence = evidence[~evidence["combination"].astype(bool)]
    evidence = evidence.assign(
        gene=evidence["start"].map(nodes), score=evidence["evidence_level"].map(LEVELS.index) + 1
    )
    evidence["sign"] = [
        mutation_sign(number, profile, gene)
        for number, profile, gene in zip(
            evidence["number"], evidence["molecular_profile"], evidence["gene"], strict=True
        )
    ]
    known = evidence[evidence["end"].isin(dataset.drugs) & evidence["gene"].isin(dataset.genes)]
    pairs = known.groupby(["end", "gene"], as_index=False).agg(
        score=("score", "max"), sign=("sign", "min"), other=("sign", "max")
    )
    pairs = pairs[pairs["sign"] == pairs["other"]].rename(columns={"end": "drug"})
    pairs["sign"] = pairs["sign"].map({1: "resistance", -1: "sensitivity"})
    return pairs.assign(layer="mutation", explainer="answer key")[COLUMNS]


def main() -> None:
    """Write the three files."""
    parser = argparse.ArgumentParser(description="Make files to try `pathproof validate --explanations` with.")
    parser.add_argument("workspace", type=Path, help="a workspace that `pathproof run` or `pathproof ingest` made")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), help="where the files go (default: here)")
    parser.add_argument("--per-drug", type=int, default=10, help="random claims for each drug (default: 10)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        workspace = Workspace.open(options.workspace, create=False)
        dataset = load_dataset(workspace)
        files = {
            "random.csv": random_explainer(dataset, options.per_drug, options.seed).to_csv(index=False),
            "answer_key.csv": answer_key(workspace, dataset).to_csv(index=False),
            "universe.txt": "\n".join(dataset.genes) + "\n",
        }
        for name, text in files.items():
            write_text(options.folder / name, text)
            print(f"{options.folder / name}: {text.count(chr(10))} lines")
    except PathproofError as error:
        parser.exit(error.exit_code, f"{error}\n")


if __name__ == "__main__":
    main()
