"""The eight cheats as files, each with the sentence (or gate) of the report that catches it; the true one passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scoring_world import DRUGS, GENES, context, drug, evidence, gene, right, row, store, table

from pathproof.validate.claims import names_of
from pathproof.validate.claims_csv import claims_from_file
from pathproof.validate.refits import LEAST, PERMUTED, Refits
from pathproof.validate.run import ValidationResult, validate

HUBS = (GENES[150], GENES[151])


def popular_store() -> Any:
    """A graph in which two genes have evidence for most drugs of any sort."""
    base = store()
    first = base.tables["evidence-edges"][0]
    base.tables["evidence-edges"] += [
        {**first, "drug": d, "gene": hub, "molecular_profile": f"{hub} Mutation", "edge": f"{hub}{d}"}
        for d in DRUGS
        for hub in HUBS
    ]
    return base


def judged(rows: list[dict[str, Any]], folder: Path, graph: Any = None, **given: Any) -> ValidationResult:
    """The claims written as a CSV, read again and judged with a model's context (or without: `bare`)."""
    claims = table(rows).frame
    words = {1: "resistance", -1: "sensitivity", 0: ""}
    path = folder / "cheat.csv"
    pd.DataFrame(
        {
            **{"drug": claims["drug"], "gene": claims["key"], "score": claims["score"], "screen": "S"},
            **{"confidence": claims["confidence"], "sign": claims["sign"].map(words), "layer": claims["layer"]},
        }
    ).to_csv(path, index=False)
    graph = graph or store()
    bare = given.pop("bare", False)
    told = {"kind": "real", "run": {"id": "r"}, "universe": list(GENES)} if bare else context("cheat")
    return validate(graph, claims_from_file(path, names_of(graph), "cheat"), {**told, **given})


def caught(result: ValidationResult, status: str, gate: str) -> str:
    """What the verdict says, once its status is this one and this gate did not pass."""
    report = result.report
    assert report["verdict"]["status"] == status, report["gates"]
    found = next(one for one in report["gates"] if one["id"] == gate)
    assert found["status"] in ("fail", "not_run"), found
    verdict = report["verdict"]
    return " ".join([verdict["headline"], *verdict["supported"], *verdict["not_supported"], *verdict["not_tested"]])


def test_random(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [row("x", d, str(g), rng.random()) for d in DRUGS for g in rng.choice(GENES, 10, replace=False)]
    said = caught(judged(rows, tmp_path), "FAIL", "precision")
    assert "no confidence threshold brings the claims of cheat to the asked" in said


def test_popular_genes(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = [row("x", d, hub, 0.8 + 0.2 * rng.random()) for d in DRUGS for hub in HUBS if rng.random() < 0.9]
    rows += [row("x", d, str(rng.choice(GENES[100:140])), 0.2) for d in DRUGS]
    result = judged(rows, tmp_path, popular_store())
    assert "the claims are better than the most claimed genes for every drug" in caught(
        result, "FAIL", "above_popularity"
    )


def test_the_same_claims_for_every_drug(tmp_path: Path) -> None:
    rows = [row("x", d, hub, 0.9) for d in DRUGS for hub in HUBS]
    assert "the claims are about their own drug" in caught(
        judged(rows, tmp_path, popular_store()), "FAIL", "above_drug_swap"
    )


KEY = [row("x", d, symbol, 1.0, sign) for i, d in enumerate(DRUGS) for symbol, sign in evidence(i)]
UNUSED = {"explainer": "cheat", "drug": "all", "metric": "deletion", "beyond_random": 0.0}


def test_a_copied_answer_key(tmp_path: Path) -> None:
    assert "copied from the reference looks like this" in caught(
        judged(KEY, tmp_path, bare=True), "INCONCLUSIVE", "not_copied"
    )
    model = [{**UNUSED, "beyond_random_ci95": [-0.1, 0.1]}]
    assert "the model itself uses what is claimed" in caught(
        judged(KEY, tmp_path, faithfulness=model), "FAIL", "faithfulness"
    )


def test_a_copy_in_part_needs_a_model(tmp_path: Path) -> None:
    result = judged(right(), tmp_path, bare=True)
    assert "part of the reference may have been copied" in caught(result, "INCONCLUSIVE", "not_copied")
    assert "To decide, add: the predictor's scores" in " ".join(result.report["verdict"]["not_tested"])


def test_an_echo_of_the_probabilities(tmp_path: Path) -> None:
    """Every drug gets the genes that go with the model's mean output: one list, differently scored."""
    rng = np.random.default_rng(5)
    listed = rng.choice(GENES, 8, replace=False)
    rows = [row("x", d, str(g), float(rng.random())) for d in DRUGS for g in listed]
    result = judged(rows, tmp_path)
    assert "no confidence threshold" in caught(result, "FAIL", "precision")
    same = next(r for r in result.report["null_table"] if r["null"] == "drug_swap")
    assert same["p"] > 0.05


def test_an_explanation_of_the_seed(tmp_path: Path) -> None:
    row_ = {**context("cheat")["stability"][0], "jaccard_mean": 0.11, "ci95": [0.05, 0.15]}
    result = judged(right(), tmp_path, stability=[row_])
    assert "the explanation is stable over repeated runs" in caught(result, "FAIL", "stability")


def test_a_model_of_permuted_responses(tmp_path: Path) -> None:
    """It claims as much in permuted responses as in the real ones; and it foresees nothing."""
    given = context("cheat")["predictor"]
    given["models"][1]["per_drug_pearson"] = 0.29
    result = judged(right(), tmp_path, predictor=given)
    assert "the predictor beats naive mean effects" in caught(result, "FAIL", "predictor")
    path = tmp_path / "p.toml"
    path.write_text("permuted_response = true\n")
    refits = Refits({PERMUTED: lambda draw: table(right("cheat", seed=draw))}, LEAST)
    claims = table(right("cheat"))
    report = validate(store(), claims, {**context("cheat"), "refits": refits}, profile=str(path)).report
    assert report["verdict"]["status"] == "FAIL"
    assert any("more sure claims than in permuted" in text for text in report["verdict"]["not_supported"])


def test_large_pathways_chosen_for_their_base_rate(tmp_path: Path) -> None:
    """Any member of a large pathway around the target: right by that reference, which carries no verdict."""
    rows = []
    for i, d in enumerate(DRUGS[:30]):  # the ten groups whose target lies in a pathway
        members = [gene(g) for g in range(i // 3, i // 3 + 12)]
        rows += [row("x", d, g, 0.9 - 0.01 * k) for k, g in enumerate(members) if g != gene(i // 3)]
    result = judged(rows, tmp_path)
    large = next(
        r for r in result.report["precision"]
        if (r["reference"], r["selection"], r["circular"]) == ("target_pathways", "top3", "excluded")
    )  # fmt: skip
    assert large["precision"] > 0.9
    assert large["base_rate"] > 0.05
    assert "no confidence threshold" in caught(result, "FAIL", "precision")


def test_the_true_explainer_passes(tmp_path: Path) -> None:
    assert judged(right(), tmp_path).report["verdict"]["status"] == "PASS"


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_true_explainer_passes_with_any_seed(tmp_path: Path, seed: int) -> None:
    assert judged(right(seed=seed), tmp_path).report["verdict"]["status"] == "PASS"


def test_bad_input_is_inconclusive_with_its_reason_and_never_a_pass(tmp_path: Path) -> None:
    flat = [{**r, "score": 1.0, "confidence": 1.0} for r in right()]
    same = "all claims have the same score and confidence, so which are the surest is not said"
    assert same in caught(judged(flat, tmp_path), "INCONCLUSIVE", "precision")
    assert same in caught(judged(flat, tmp_path, bare=True), "INCONCLUSIVE", "above_drug_swap")

    one_drug = store()
    one_drug.tables["evidence-edges"] = [r for r in one_drug.tables["evidence-edges"] if r["drug"] == drug(0)]
    result = judged(right(), tmp_path, one_drug)
    assert result.report["verdict"]["status"] == "INCONCLUSIVE"
    assert "too few" in result.report["verdict"]["headline"]

    nobody = store()
    nobody.tables["evidence-edges"] = []
    result = judged(right(), tmp_path, nobody)
    assert result.report["verdict"]["status"] == "INCONCLUSIVE"
    figures = [r for r in result.report["precision"] if r["reference"] == "resistance_evidence_class"]
    assert all(r["precision"] is None and r["reason"] for r in figures)
    assert all(one["mean"] is None or one["mean"] >= 0 for one in result.report["null_table"])

    outside = judged(right(), tmp_path, universe=[gene(i) for i in range(100, 120)])
    assert outside.report["verdict"]["status"] == "INCONCLUSIVE"
    assert any("outside the universe" in str(r["why"]) for r in outside.report["attrition"])
