"""What the multivariate explainer finds of what was planted in the demonstration world, beside association-lmm.

    pathproof run --workspace DIR
    pathproof explain --explainer multivariate --workspace DIR --out EXPLAINED
    python benchmarks/bench_demonstration.py --workspace DIR --explained EXPLAINED [--out FILE]

Genes: the AUROC of the slopes in units of their layer, drug by drug, and what confirmed claims name. Pairs: planted
ones claimed, and where the planted ones stand among all products of two features of their drug, by the score of
association-lmm that says which are tested. Modules: the adjusted Rand index (Hubert and Arabie 1985,
doi:10.1007/BF01908075) of the claimed modules of a drug against its planted one; a planted gene that no module names
stands alone, and so does each named gene that was not planted. Claims of the multivariate explainer count once
proposed, and once only where confirmed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import load_file
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from pathproof.errors import WorkspaceError
from pathproof.explain.attribution import centre_over_drugs, response_sd, within_layer
from pathproof.explain.data import Dataset, load_dataset
from pathproof.explain.lmm_data import evidence_dataset
from pathproof.explain.lmm_robust import robust_association
from pathproof.explain.lmm_scan import product_scores
from pathproof.explain.multivariate.run import STEP
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation
from pathproof.workspace import Workspace

Row = tuple[str, str, float]
ASKED = {
    "genes: AUROC of slopes, mean over drugs": ">= .95",
    "confirmed gene claims: false": "<= .05",
    "pairs: AUROC of scores among all products, mean": ">= .9",
    "module claims: adjusted Rand within a drug, mean": ">= .7",
}


@dataclass(frozen=True)
class Truth:
    """What was planted: features and genes of each drug, pairs, and modules."""

    features: dict[str, set[tuple[str, str]]]
    modules: dict[str, tuple[str, ...]]
    pairs: dict[str, set[frozenset[str]]]

    def genes(self, drug: str) -> set[str]:
        """Every gene with a part in the drug's response."""
        own = {gene for gene, _ in self.features.get(drug, ())} | set(self.modules.get(drug, ()))
        return own.union(*self.pairs.get(drug, ()))


def truth_of(workspace: Workspace) -> Truth:
    """What was planted in the workspace's demonstration; another workspace is refused (WorkspaceError)."""
    found = sorted((workspace.root / "steps" / "demo").glob("*/truth"))
    if len(found) != 1:
        raise WorkspaceError("The workspace is not that of one demonstration.", where=workspace.root, got=len(found))
    return truth_in(found[0])


def truth_in(folder: Path) -> Truth:
    """What the tables of a folder say was planted."""
    genes, pairs, modules = (pd.read_csv(folder / f"{name}.csv") for name in ("genes", "pairs", "modules"))
    return Truth(
        {str(drug): set(zip(own["gene"], own["layer"], strict=True)) for drug, own in genes.groupby("drug")},
        {str(drug): tuple(own["gene"]) for drug, own in modules.groupby("drug")},
        {
            str(drug): {frozenset(pair) for pair in zip(own["gene_a"], own["gene_b"], strict=True)}
            for drug, own in pairs.groupby("drug")
        },
    )


def rand_within(planted: Iterable[str], named: Sequence[Sequence[str]]) -> float:
    """Adjusted Rand index of a drug's modules, strongest first, against its planted one (see the module's text)."""
    group: dict[str, str] = {}
    for i, own in enumerate(named):
        for gene in own:
            group.setdefault(gene, f"module {i}")
    inside = set(planted)
    genes = sorted(inside | set(group))
    return float(
        adjusted_rand_score(["planted" if g in inside else g for g in genes], [group.get(g, g) for g in genes])
    )


def module_rows(name: str, claims: dict[str, list[Claim]], truth: Truth) -> list[Row]:
    """How the module claims of each drug stand to what was planted."""
    named = {drug: [claim.genes for claim in own if claim.kind is ClaimKind.MODULE] for drug, own in claims.items()}
    every = [(drug, genes) for drug, own in named.items() for genes in own]
    hit = {drug for drug, genes in every if set(genes) & set(truth.modules.get(drug, ()))}
    false = [not truth.genes(drug) & set(genes) for drug, genes in every]
    rand = [rand_within(members, named.get(drug, [])) for drug, members in truth.modules.items()]
    return [
        (name, "module claims", float(len(every))),
        (name, "module claims: without any planted gene", float(np.mean(false)) if false else float("nan")),
        (name, f"module claims: planted ones touched, of {len(truth.modules)}", float(len(hit))),
        (name, "module claims: adjusted Rand within a drug, mean", float(np.mean(rand))),
        (name, "module claims: adjusted Rand within a drug, least", float(np.min(rand))),
    ]


def pair_rows(name: str, claims: dict[str, list[Claim]], truth: Truth) -> list[Row]:
    """Pair claims that were planted, and others."""
    pairs = [(d, frozenset(c.genes)) for d, own in claims.items() for c in own if c.kind is ClaimKind.INTERACTION]
    right = sum(pair in truth.pairs.get(drug, ()) for drug, pair in pairs)
    planted = sum(len(own) for own in truth.pairs.values())
    return [
        (name, f"pair claims: planted ones, of {planted}", float(right)),
        (name, "pair claims: others", float(len(pairs) - right)),
    ]


def product_rows(lines: Dataset, truth: Truth) -> list[Row]:
    """Place and AUROC of each planted pair, by the best product of its layers, among all products that are not."""
    places, areas = [], []
    for drug, planted in truth.pairs.items():
        pairs, scores = product_scores(lines, lines.drugs.index(drug))
        genes = np.asarray([feature.gene for feature in lines.features])[pairs]
        own = [np.isin(genes, list(pair)).all(axis=1) & (genes[:, 0] != genes[:, 1]) for pair in planted]
        others = scores[~np.any(own, axis=0)]
        for mine in own:
            above = int((others >= scores[mine].max(initial=-1.0)).sum())
            places.append(above + 1)
            areas.append(1.0 - above / len(others))
    return [
        ("association-lmm", "pairs: AUROC of scores among all products, mean", float(np.mean(areas))),
        ("association-lmm", "pairs: AUROC of scores among all products, least", float(np.min(areas))),
        ("association-lmm", "pairs: place of a planted one, median", float(np.median(places))),
        ("association-lmm", "pairs: place of a planted one, last", float(np.max(places))),
    ]


def gene_rows(name: str, claims: dict[str, list[Claim]], truth: Truth, kind: ClaimKind) -> list[Row]:
    """Claims of a kind, and the share of those that name no gene with a part in the drug's response."""
    own = [(drug, claim) for drug, some in claims.items() for claim in some if claim.kind is kind]
    false = [not truth.genes(drug) & set(claim.genes) for drug, claim in own]
    share = float(np.mean(false)) if false else float("nan")
    return [
        (name, f"confirmed {kind.value} claims", float(len(own))),
        (name, f"confirmed {kind.value} claims: false", share),
    ]


def slope_rows(dataset: Dataset, slopes: NDArray[np.float64], truth: Truth) -> list[Row]:
    """Rows of the slopes (F, D) of all drugs, minus what all share: in units of their layer, and per SD."""
    centred = centre_over_drugs(slopes, response_sd(dataset.y))
    by_layer = within_layer(centred, [feature.layer for feature in dataset.features])
    return [
        *area_rows("multivariate", "genes: AUROC of slopes", dataset, by_layer, truth),
        *area_rows("multivariate", "genes: AUROC of slopes per SD", dataset, centred, truth),
    ]


def area_rows(name: str, what: str, dataset: Dataset, values: NDArray[np.float64], truth: Truth) -> list[Row]:
    """AUROC of planted features among those of genes without another part, by the size of values (F, D)."""
    found = []
    for d, drug in enumerate(dataset.drugs):
        planted = truth.features.get(drug, set())
        others = truth.genes(drug) - {gene for gene, _ in planted}
        kept = [i for i, feature in enumerate(dataset.features) if feature.gene not in others]
        wanted = [(dataset.features[i].gene, dataset.features[i].layer) in planted for i in kept]
        if any(wanted):
            found.append(roc_auc_score(wanted, np.abs(np.nan_to_num(values[kept, d]))))
    return [
        (name, f"{what}, mean over drugs", float(np.mean(found))),
        (name, f"{what}, median over drugs", float(np.median(found))),
    ]


def rows_of(records: Sequence[Explanation], truth: Truth) -> list[Row]:
    """Every row about claims."""
    said = {
        name: {one.drug: list(one.claims) for one in records if one.explainer == name}
        for name in ("multivariate", "association-lmm")
    }
    confirmed = {drug: [c for c in own if c.confirmed] for drug, own in said["multivariate"].items()}
    rows: list[Row] = []
    for kind in (ClaimKind.GENE, ClaimKind.PATHWAY, ClaimKind.RULE):
        rows += gene_rows("multivariate", confirmed, truth, kind)
    for name, claims in (*said.items(), ("multivariate, confirmed", confirmed)):
        rows += pair_rows(name, claims, truth) + module_rows(name, claims, truth)
    return rows


def newest_slopes(workspace: Workspace, dataset: Dataset) -> NDArray[np.float64] | None:
    """Raw slopes (F, D) of the newest account of all drugs; None where none was made of all."""
    done = sorted(workspace.step(STEP, "").glob("*/done.json"), key=lambda path: path.stat().st_mtime_ns)
    raw = [load_file(path.parent / "slopes.safetensors")["raw"] for path in done]
    whole = [own for own in raw if own.shape == (len(dataset.drugs), len(dataset.features))]
    return whole[-1].T if whole else None


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workspace", type=Path, required=True, help="of a run on the demonstration")
    parser.add_argument("--explained", type=Path, required=True, help="what `pathproof explain` wrote there")
    parser.add_argument("--out", type=Path, default=Path("build/bench_demonstration.json"), help="where the JSON goes")
    options = parser.parse_args(arguments)
    workspace = Workspace.open(options.workspace, create=False)
    truth, dataset = truth_of(workspace), load_dataset(workspace)
    lines = (options.explained / "explanations.jsonl").read_text(encoding="utf-8").splitlines()
    slopes = newest_slopes(workspace, dataset)
    rows = [] if slopes is None else slope_rows(dataset, slopes, truth)
    evidence = evidence_dataset(dataset, workspace)
    rows += area_rows("association-lmm", "genes: AUROC of deviates", evidence, robust_association(evidence).z, truth)
    rows += product_rows(evidence, truth)
    rows += rows_of([Explanation.from_json(line) for line in lines], truth)
    for name, what, value in rows:
        print(f"{name:<24} {what:<56} {value:8.3f}  {ASKED.get(what, '')}".rstrip())
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
