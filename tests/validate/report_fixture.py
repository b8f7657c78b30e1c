"""A made-up report of any size, to the contract: every name and number in it is invented."""

from __future__ import annotations

from typing import Any

import numpy as np

REFERENCES = {
    "resistance_evidence_class": (0.03, 0.16),
    "resistance_evidence_class_no_D": (0.02, 0.12),
    "resistance_evidence": (0.01, 0.05),
    "resistance_evidence_no_D": (0.008, 0.04),
    "resistance_pathways": (0.002, 0.01),
    "targets": (0.004, 0.03),
    "target_pathways": (0.21, 0.24),
    "signed_neighbourhood": (0.013, 0.02),
    "regulons": (0.05, 0.07),
}
EXPLAINERS = {
    "pathproof": 1.0,
    "association-lmm": 0.95,
    "integrated-gradients": 0.6,
    "univariate": 0.5,
    "popular": 0.35,
    "random": 0.05,
}
GENES = ["TP53", "BRAF", "KRAS", "EGFR", "ERBB2", "MDM2", "PTEN", "PIK3CA", "MET", "FGFR2", "BCL2", "MCL1", "RB1"]


def make_report(n_drugs: int = 295, kind: str = "real", seed: int = 0) -> dict[str, Any]:
    """A report with `n_drugs` drugs; `kind` is "real" or "demonstration"."""
    rng = np.random.default_rng(seed)
    return {
        "schema_version": 1,
        "kind": kind,
        "run": _run(),
        "verdict": _verdict(),
        "headline": {"explainer": "pathproof", "screen": "GDSC2", "reference": "resistance_evidence_class",
                     "claim_kind": "gene", "selection": "top3"},
        "gates": _gates(),
        "predictor": _predictor(),
        "precision": [row for circular in ("excluded", "included") for row in _precision(circular)],
        "selective": [_selective(reference, explainer) for reference in REFERENCES for explainer in EXPLAINERS],
        "faithfulness": [{"name": "deletion, 10 genes", "mean": 0.31, "ci95": [0.27, 0.36], "random": 0.05, "n": 295}],
        "stability": [_stability(kind, drug) for kind in ("seeds", "lines") for drug in ("all", *_drugs(n_drugs))],
        "confounders": [{"name": "tissue removed", "precision": 0.44, "ci95": [0.3, 0.58]}],
        "attrition": [{"step": "screen", "cell_lines": 782, "drugs": 295, "rows": 195277, "why": "as published"},
                      {"step": "claims untestable by every reference", "explainer": "pathproof", "claims": 504,
                       "drugs": 116, "why": "no reference knows the drug", "examples": ["Inventinib-1: TP53"]}],
        "universe": {"origin": "the model's genes", "n_genes": 1631, "n_pathways": 812},
        "references": [{"name": name, "holds": "invented facts", "blind_to": "all else", "signed": True,
                        "sources": ["civic"], "n_facts": 812, "n_facts_in_universe": 640, "n_drugs": 127}
                       for name in REFERENCES],
        "nulls": [{"name": "drug_swap", "keeps": "each drug's claims", "destroys": "the pairing"}],
        "sources": [
            {
                "name": n,
                "release": "8.5",
                "sha256": f"{i:064x}",
                "licence": "CC BY 4.0",
                "rows_in": 195277,
                "rows_out": 9,
                "file": f"{n}/file.csv.gz",
                "citation": "Nobody et al.",
                "dropped": {"no target": 7},
                "examples": {"no target": ["Inventinib-3"]},
            }
            for i, n in enumerate(("gdsc", "depmap.expression", "reactome", "civic"))
        ],
        "environment": {"python": "3.11", "cpu": "two cores"},
        "drugs": [_drug(i, rng) for i in range(n_drugs)],
        "planted": _planted() if kind == "demonstration" else None,
    }  # fmt: skip


def _drugs(n_drugs: int) -> list[str]:
    return [f"gdsc.drug:{1000 + i}" for i in range(n_drugs)]


def _stability(kind: str, drug: str) -> dict[str, Any]:
    mean = 0.31 if kind == "lines" else 0.78
    return {"explainer": "pathproof", "drug": drug, "kind": kind, "top_k": 20, "members": 10, "jaccard_mean": mean,
            "ci95": [mean - 0.03, mean + 0.03], "chance": 0.006}  # fmt: skip


def _run() -> dict[str, Any]:
    return {
        "id": "run-2f8c", "created": "2026-01-02T03:04:05Z", "version": "0.1.0", "git_commit": "c5e7db6",
        "command": "pathproof run --data DIR", "config": {"folds": 5, "members": 10}, "seed": 0,
        "wall_seconds": 812.5, "fit_seconds": {"ridge": 0.6, "anchored GNN": 74.0},
        "peak_rss_mb": 2100.0, "store": "embedded",
    }  # fmt: skip


def _verdict() -> dict[str, Any]:
    return {
        "status": "FAIL",
        "asked": 0.75,
        "supported": ["The predictor beats the naive mean effects for 271 of 295 drugs.",
                      "Precision on clinical resistance evidence is above the drug-swap and the popularity null."],
        "not_supported": ["The asked precision of 0.75: the lower 95 % bound is 0.28."],
        "not_tested": ["116 drugs have no clinical resistance evidence.", "Rewired knowledge graph: not run."],
    }  # fmt: skip


def _gates() -> list[dict[str, Any]]:
    def gate(name: str, title: str, observed: float | None, status: str, criterion: str, **more: Any) -> dict[str, Any]:
        empty = {"ci95": None, "null_mean": None, "null_sd": None, "p": None, "q": None}
        return {
            "id": name,
            "title": title,
            "observed": observed,
            "criterion": criterion,
            "status": status,
            **empty,
            **more,
        }

    return [
        gate("predictor", "The predictor beats the naive mean effects", 0.321, "pass", "> 0", ci95=[0.3, 0.34]),
        gate("precision", "Precision on clinical resistance evidence", 0.412, "fail", "lower bound ≥ 0.75",
             ci95=[0.28, 0.55], null_mean=0.163, null_sd=0.04, p=0.001, q=0.004),
        gate("popularity", "Precision above the popular genes", 0.412, "pass", "> 0.31", null_mean=0.31, p=0.03),
        gate("stability", "Stability under other cell lines", 0.31, "warn", "≥ 0.3", ci95=[0.28, 0.34], null_mean=0.01),
        gate("rewired", "Above a rewired knowledge graph", None, "not_run", "p < 0.05", reason="needs 20 refits"),
        gate("weights", "Above randomised weights", None, "error", "p < 0.05", reason="the refit did not converge"),
    ]  # fmt: skip


def _predictor() -> dict[str, Any]:
    def model(name: str, r: float) -> dict[str, Any]:
        return {"name": name, "per_drug_pearson": r, "per_drug_spearman": r - 0.02 if r else r, "rmse": 1.3 - r / 2,
                "normalised_pearson": r - 0.01, "sd_over_folds": 0.012}  # fmt: skip

    models = [model("naive mean effects", 0.0), model("tissue mean", 0.419), model("ridge", 0.535)]
    return {"split": "leave cell lines out", "folds": 5, "models": [*models, model("anchored GNN", 0.5365)],
            "explained": "anchored GNN"}  # fmt: skip


def _precision(circular: str) -> list[dict[str, Any]]:
    rows = []
    pairs = [
        (kind, most) for kind in ("gene", "module", "pathway") for most in ("all reported", "top1", "top3", "top10")
    ]
    for kind, selection in pairs:
        for reference, (base, swap) in REFERENCES.items():
            for explainer, power in EXPLAINERS.items():
                value = min(0.95, base + (0.41 - base if base < 0.1 else 0.1) * power)
                rows.append({
                    "explainer": explainer, "screen": "GDSC2", "reference": reference, "claim_kind": kind,
                    "selection": selection, "circular": circular, "precision": value,
                    "ci95": [max(0.0, value - 0.13), min(1.0, value + 0.13)], "micro": value * 0.9, "base_rate": base,
                    "drug_swap": {"mean": swap, "sd": 0.03, "p": 0.001}, "popularity": {"mean": min(1.0, swap * 1.9)},
                    "coverage": 0.24, "n_drugs": 127, "n_target_groups": 38, "per_group_precision": value * 0.9,
                    "n_distinct_facts": 41, "n_claims": 381, "n_supported": 150, "n_contradicted": 12,
                    "n_circular_facts": 40 if reference in ("regulons", "signed_neighbourhood") else 0,
                    "n_novel": 219, "n_untestable": 504,
                })  # fmt: skip
    return rows


def _selective(reference: str, explainer: str) -> dict[str, Any]:
    coverage = np.linspace(0.01, 0.5, 40)
    line = [[float(c), float(0.95 - 1.1 * c), 0.1, 0.24] for c in coverage]
    return {"explainer": explainer, "screen": "GDSC2", "reference": reference, "circular": "excluded",
            "claim_kind": "gene",
            "threshold": 0.62,
            "coverage_at_threshold": 0.12, "precision": 0.82, "ci95": [0.76, 0.93],
            "drug_swap": {"mean": 0.16, "sd": 0.03, "p": 0.001}, "popularity": {"mean": 0.3}, "n_drugs": 30,
            "n_target_groups": 17, "per_group_precision": 0.76, "n_distinct_facts": 18, "n_distinct_right": 12,
            "candidate_precision": 0.41, "curve": line,
            "clears": {"threshold": 0.7, "coverage": 0.2, "precision": 0.88, "ci95": [0.76, 1.0]}}  # fmt: skip


def _drug(i: int, rng: np.random.Generator) -> dict[str, Any]:
    judged = i % 3 == 0
    claims = [_claim(j, rng, judged) for j in range(0 if i % 17 == 5 else 14)]
    targets = [GENES[i % len(GENES)], GENES[(i + 4) % len(GENES)]][: 1 + i % 2]
    return {"drug": f"gdsc.drug:{1000 + i}", "name": f"Inventinib-{i}", "targets": targets if i % 7 else [],
            "n_claims": 40, "predictor_pearson": float(rng.uniform(-0.05, 0.7)), "naive_beaten": i % 11 != 0,
            "claims": claims}  # fmt: skip


def _claim(j: int, rng: np.random.Generator, judged: bool) -> dict[str, Any]:
    kind = "module" if j % 6 == 4 else "pathway" if j % 6 == 5 else "gene"
    genes = [str(g) for g in rng.choice(GENES, size=1 if kind == "gene" else 4, replace=False)]
    state = ["supported_by", "novel_in", "contradicted_by", "novel_in"][j % 4] if judged and j < 6 else "novel_in"
    lists: dict[str, list[str]] = {"supported_by": [], "contradicted_by": [], "novel_in": []}
    if j != 13:
        lists[state] = ["resistance_evidence"]
    evidence = (
        ["EID1234: level B, accepted, resistance in melanoma (PMID 123) [edge:0f3a77, edge:0f3a78]"]
        if state != "novel_in"
        else []
    )
    page = {"citation": "Inventor et al., 2001", "url": "https://civicdb.org/links/evidence_items/1234"}
    return {"citations": [{"evidence": text, **page} for text in evidence],
            "kind": kind, "key": "reactome:R-HSA-5673001" if kind == "pathway" else "|".join(sorted(genes)),
            "genes": genes, "sign": "resistance" if j % 2 else "sensitivity", "score": float(rng.normal()),
            "confidence": float(rng.uniform()), "effect": float(rng.normal() / 5), "selection_frequency": 0.8,
            "confirmed": [True, False, None][j % 3], "evidence": evidence, **lists}  # fmt: skip


def _planted() -> dict[str, Any]:
    return {"recall": 0.71, "precision": 0.64, "per_drug": [{"drug": "Inventinib-0", "planted": "BRAF", "found": True}]}
