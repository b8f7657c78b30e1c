"""A tiny planted graph and claim tables for the tests of the scoring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pathproof.validate.claim_table import ClaimTable, finished

N_GROUPS, PER_GROUP, N_GENES = 14, 3, 200


SOURCES = {
    "target-edges": "gdsc.targets",
    "pathway-members": "reactome",
    "signalling-edges": "omnipath",
    "regulation-edges": "collectri",
    "evidence-edges": "civic",
    "resistance-pathways": "reactome",
    "resistance-signatures": "msigdb",
}


class FakeStore:
    """Rows of named queries, with the columns of the query library."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        self.tables = rows

    def rows(self, name: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        given = self.tables.get(name, [])
        if name not in SOURCES:
            return given
        return [{"knowledge_source": f"source:{SOURCES[name]}", **row} for row in given]


def gene(i: int) -> str:
    return f"G{i:03d}"


def drug(i: int) -> str:
    return f"gdsc.drug:{i + 1}"


GENES = tuple(gene(i) for i in range(N_GENES))
DRUGS = tuple(drug(i) for i in range(N_GROUPS * PER_GROUP))


def evidence(d: int) -> list[tuple[str, int]]:
    """The two genes that the evidence knows for a drug's group, with signs: every group has its own."""
    g = d // PER_GROUP
    return [(gene(20 + 2 * g), -1), (gene(21 + 2 * g), 1)]


def store(**more: list[dict[str, Any]]) -> FakeStore:
    """14 target groups of 3 drugs; each group has one target and two genes with evidence."""
    n = len(DRUGS)
    rows: dict[str, list[dict[str, Any]]] = {
        "drugs": [
            {"id": drug(i), "name": f"Drug {i}", "synonyms": [f"syn{i}"], "pubchem": str(9000 + i)} for i in range(n)
        ],
        "genes": [{"symbol": symbol} for symbol in GENES],
        "target-edges": [{"drug": drug(i), "gene": gene(i // PER_GROUP), "edge": f"t{i}"} for i in range(n)],
        "evidence-edges": [
            {
                "drug": drug(i),
                "gene": symbol,
                "direction": "resistance" if sign > 0 else "sensitivity",
                "evidence_level": "B",
                "molecular_profile": f"{symbol} Mutation",
                "combination": False,
                "edge": f"e{i}-{symbol}",
            }
            for i in range(n)
            for symbol, sign in evidence(i)
        ],
        "pathway-members": [
            {"pathway": f"reactome:P{p}", "name": f"Pathway {p}", "gene": gene(g), "edge": f"m{p}-{g}"}
            for p in range(10)
            for g in range(p, p + 12)
        ],
        "signalling-edges": [
            {"source": gene(g), "target": gene(g + 60), "sign": 1, "edge": f"s{g}"} for g in range(N_GROUPS)
        ],
        "regulation-edges": [
            {"source": gene(g), "target": gene(g + 90), "sign": -1, "edge": f"r{g}"} for g in range(N_GROUPS)
        ],
    }
    return FakeStore({**rows, **more})


def row(who: str, d: str, symbol: str, confidence: float, sign: int = 0, **more: Any) -> dict[str, Any]:
    """One gene claim."""
    return {
        "claim_id": f"{who}/{d}/{symbol}",
        "explainer": who,
        "screen": "S",
        "drug": d,
        "drug_name": f"Drug {int(d.split(':')[1]) - 1}",
        "kind": "gene",
        "key": symbol,
        "genes": (symbol,),
        "layer": "mutation",
        "sign": sign,
        "score": confidence,
        "rank": 1,
        "confidence": confidence,
        "confirmed": None,
        "reported": True,
        "selection_frequency": np.nan,
        "effect": np.nan,
        "sources": (),
        **more,
    }


def table(rows: Sequence[dict[str, Any]], drugs: Sequence[str] = DRUGS) -> ClaimTable:
    who = sorted({(r["explainer"], r["screen"]) for r in rows})
    return ClaimTable(finished(rows), tuple((e, s, d) for e, s in who for d in drugs))


def right(who: str = "right", noise: int = 2, seed: int = 0) -> list[dict[str, Any]]:
    """Both true genes of most drugs with a high confidence, and noise with a low one."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, d in enumerate(DRUGS):
        known = {symbol for symbol, _ in evidence(i)}
        if rng.random() < 0.8:
            rows += [row(who, d, symbol, 0.8 + 0.2 * rng.random(), sign) for symbol, sign in evidence(i)]
        others = [g for g in GENES[120:] if g not in known]
        rows += [row(who, d, str(g), 0.6 * rng.random()) for g in rng.choice(others, noise, replace=False)]
    return rows


def shuffled(rows: Sequence[dict[str, Any]], who: str = "shuffled") -> list[dict[str, Any]]:
    """The same explanations, each given to a drug of another group."""
    move = {d: DRUGS[(i + 7 * PER_GROUP) % len(DRUGS)] for i, d in enumerate(DRUGS)}
    return [
        {**r, "explainer": who, "drug": move[r["drug"]], "claim_id": f"{who}/{move[r['drug']]}/{r['key']}"}
        for r in rows
    ]


def context(explained: str | None = None) -> dict[str, Any]:
    """A context with which every gate that does not look at the claims passes."""
    models = [
        {"name": "naive-mean-effects", "per_drug_pearson": 0.3},
        {"name": "gnn", "per_drug_pearson": 0.5},
    ]
    return {
        "kind": "real",
        "run": {"id": "r1"},
        "explained_explainer": explained,
        "universe": list(GENES),
        "model_sources": ["gdsc", "omnipath", "collectri"],
        "predictor": {
            "split": "leave-cell-lines-out",
            "folds": 5,
            "explained": "gnn",
            "models": models,
            "differences": [{"model": "gnn", "minus": "naive-mean-effects", "mean": 0.2, "ci95": [0.1, 0.3]}],
            "per_drug": {d: {"gnn": 0.5} for d in DRUGS},
            "beats_naive": dict.fromkeys(DRUGS, True),
        },
        "stability": [
            {"explainer": explained, "drug": "all", "kind": "lines", "members": 10, "jaccard_mean": 0.5,
             "ci95": [0.4, 0.6], "chance": 0.1}
        ],
        "faithfulness": [
            {"explainer": explained, "drug": "all", "metric": "deletion", "beyond_random": 0.2,
             "beyond_random_ci95": [0.1, 0.3]}
        ],
        "confounders": [{"confounder": "tissue", "value": 0.1}],
    }  # fmt: skip
