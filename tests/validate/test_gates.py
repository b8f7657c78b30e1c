"""Gates that could be passed without deserving it, and sentences that said more than was tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scoring_world import DRUGS, GENES, PER_GROUP, context, evidence, right, row, store, table

from pathproof.validate.run import ValidationResult, validate
from pathproof.validate.schema_report import check_report

SAME = {
    "confounder": "identity over lines", "view": "centred", "value": 0.6, "ci95": [0.55, 0.65], "compared_with": 0.01,
}  # fmt: skip
CSV = {"kind": "real", "run": {"id": "r"}, "universe": list(GENES), "model_sources": None}


def judged(rows: list[dict[str, Any]], given: dict[str, Any]) -> ValidationResult:
    return validate(store(), table(rows), given)


def gate(result: ValidationResult, name: str) -> dict[str, Any]:
    return next(g for g in result.report["gates"] if g["id"] == name)


def with_rows(section: str, *rows: dict[str, Any]) -> dict[str, Any]:
    given = context("right")
    return {**given, section: [*given[section], *rows]}


def test_confounders_warn_with_their_figures_and_are_never_supported() -> None:
    figures = [
        {"confounder": name, "view": view, "value": value}
        for name, view, value in (("tissue", "raw", 0.53), ("fragility", "raw", 0.7), ("fragility", "centred", 0.28))
    ]
    result = judged(right(), with_rows("confounders", *figures))
    found, verdict = gate(result, "confounders"), result.report["verdict"]
    assert found["status"] == "warn"
    assert "tissue raw 0.53, fragility raw 0.70, fragility centred 0.28" in found["reason"]
    assert "nothing was scored again without them" in found["reason"]
    assert "fragility" not in " ".join(verdict["supported"])
    assert any(s.startswith("With a reservation") and "fragility raw 0.70" in s for s in verdict["not_tested"])
    assert verdict["status"] == "PASS"


def test_constant_explainer_is_not_stable() -> None:
    constant = {**SAME, "value": 1.0, "ci95": [0.99, 1.0], "compared_with": 1.0}
    assert gate(judged(right(), with_rows("confounders", constant)), "stability")["status"] == "fail"
    own = gate(judged(right(), with_rows("confounders", SAME)), "stability")
    assert own["status"] == "pass"
    assert "same drug 0.60, other drugs 0.01" in own["reason"]
    unknown = gate(judged(right(), context("right")), "stability")
    assert unknown["status"] == "warn"
    assert "could not be looked at" in unknown["reason"]


def test_stability_takes_the_cell_lines_before_the_seeds() -> None:
    seeds = {**SAME, "confounder": "identity over seeds", "compared_with": 0.9}
    assert gate(judged(right(), with_rows("confounders", SAME, seeds)), "stability")["status"] == "pass"
    assert gate(judged(right(), with_rows("confounders", seeds)), "stability")["status"] == "fail"


@pytest.mark.parametrize(
    ("popular", "status", "null"), [(0.05, "pass", 0.05), (0.15, "fail", 0.15), (-1.0, "pass", 0.0)]
)
def test_faithfulness_is_above_popular_genes_too(popular: float, status: str, null: float) -> None:
    peer = {"explainer": "popular", "drug": "all", "beyond_random": popular, "beyond_random_ci95": [popular, popular]}
    found = gate(judged(right(), with_rows("faithfulness", peer)), "faithfulness")
    assert (found["status"], found["null_mean"]) == (status, null)


def noisy_key(share: float, seed: int = 1) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    rows = []
    for i, d in enumerate(DRUGS):
        for symbol, sign in evidence(i):
            wrong = rng.random() < share
            rows.append(row("key", d, str(rng.choice(GENES[120:])) if wrong else symbol, 1.0, 0 if wrong else sign))
    return list({r["claim_id"]: r for r in rows}.values())


def half_key() -> list[dict[str, Any]]:
    return [row("key", d, symbol, 1.0, sign) for d in DRUGS[::2] for symbol, sign in evidence(DRUGS.index(d))]


@pytest.mark.parametrize("rows", [noisy_key(0.1), half_key()], ids=["a tenth noise", "half of the drugs"])
def test_a_copy_in_part_is_inconclusive_and_nothing_vouches_for_it(rows: list[dict[str, Any]]) -> None:
    result = judged(rows, CSV)
    verdict = result.report["verdict"]
    assert verdict["status"] == "INCONCLUSIVE"
    assert gate(result, "not_copied")["status"] == "not_run"
    assert "copied" in gate(result, "not_copied")["reason"]
    assert verdict["supported"] == []
    assert any("a copy would reach it too" in s for s in verdict["not_tested"])
    assert not any("not look like a copy" in s for name in ("supported", "not_tested") for s in verdict[name])


def test_with_the_model_no_sign_of_an_outright_copy_is_all_that_is_said() -> None:
    found = gate(judged(right(), context("right")), "not_copied")
    assert (found["status"], found["title"]) == ("pass", "No sign of an outright copy of the reference")


def peers(good: str, poor: str, known: int = 36) -> list[dict[str, Any]]:
    """Two explainers: one right about many drugs, one about few."""
    rows = [row(good, d, s, 0.9, g) for i, d in enumerate(DRUGS[:known]) for s, g in evidence(i)]
    return rows + [
        row(poor, d, s, 0.9, g) if i % 3 == 0 else row(poor, d, GENES[130 + i], 0.2)
        for i, d in enumerate(DRUGS)
        for s, g in evidence(i)[:1]
    ]


def test_a_simple_explainer_that_does_as_well_is_named_with_figures() -> None:
    told = judged(peers("univariate", "fine"), context("fine")).report["verdict"]
    sentence = next(s for s in told["not_supported"] if s.startswith("univariate, a simple explainer, does as well"))
    assert "without selection (top 3) 1.00 against 0.33" in sentence
    told = judged(peers("fine", "random"), context("fine")).report["verdict"]
    assert any(s.startswith("No simple explainer reaches fine, the best is random") for s in told["supported"])


def test_a_simple_explainer_within_the_interval_is_not_told_apart() -> None:
    rows = peers("fine", "other", 30) + [{**r, "explainer": "near", "claim_id": f"n{r['claim_id']}"} for r in near()]
    rows = [r for r in rows if r["explainer"] != "other"]
    told = judged(rows, context("fine")).report["verdict"]
    assert any(s.startswith("near, compared with it, cannot be told from fine") for s in told["not_supported"])
    assert not any("explainer reaches" in s for s in told["supported"])


def near() -> list[dict[str, Any]]:
    """As `fine`, but for one drug less and one wrong claim more."""
    rows = [r for r in peers("fine", "other", 29) if r["explainer"] == "fine"]
    return [*rows, row("fine", DRUGS[0], GENES[199], 0.9)]


def test_below_its_own_popular_genes_is_said() -> None:
    base = store()
    hub = GENES[150]
    first = base.tables["evidence-edges"][0]
    more = [{**first, "drug": d, "gene": hub, "molecular_profile": f"{hub} Mutation", "edge": f"h{d}"} for d in DRUGS]
    base.tables["evidence-edges"] = base.tables["evidence-edges"] + more
    # Each hub claim shares its drug with two wrong ones; claimed alone for every drug it would be right.
    rows = [row("weak", d, hub, 0.3) for d in DRUGS[:20]] + [
        row("weak", d, GENES[120 + i], 0.2) for i, d in enumerate(DRUGS)
    ]
    told = validate(base, table(rows), context("weak")).report["verdict"]["not_supported"]
    assert any("less than the most claimed ones" in s for s in told)
    good = judged(right(), context("right")).report["verdict"]["not_supported"]
    assert not any("less than the most claimed ones" in s for s in good)


def test_a_model_no_better_than_ridge_and_edges_without_use_are_limits() -> None:
    given = context("right")
    section = given["predictor"]
    section["models"] += [
        {"name": "gnn", "per_drug_pearson": 0.5014, "sd_over_folds": 0.015},
        {"name": "gnn-shuffled-genes", "per_drug_pearson": 0.5008, "sd_over_folds": 0.018},
    ]
    section["explained"] = "anchored"
    section["models"].append({"name": "anchored", "per_drug_pearson": 0.53})
    section["differences"].append({"model": "anchored", "minus": "ridge", "mean": 0.0017, "ci95": [-0.0018, 0.0051]})
    limits = judged(right(), {**given, "limits": ["said by the cli"]}).report["limits"]
    assert any("no better than a ridge" in s and "-0.0018 to +0.0051" in s for s in limits)
    assert any("edges add nothing measurable" in s for s in limits)
    assert "said by the cli" in limits
    section["differences"][-1]["ci95"] = [0.001, 0.005]
    section["differences"].append({"model": "gnn", "minus": "gnn-shuffled-genes", "mean": 0.05, "ci95": [0.01, 0.09]})
    limits = judged(right(), given).report["limits"]
    assert not any("ridge" in s or "edges add nothing" in s for s in limits)


def test_references_with_nothing_to_score_are_named() -> None:
    rows = [{**r, "sources": ("reactome",)} for r in right()]
    told = " ".join(judged(rows, context("right")).report["verdict"]["not_tested"])
    assert "Nothing to score in:" in told
    assert "Pathways around the targets (every fact of this reference rests on a source that entered" in told


def test_too_few_claims_are_called_too_few() -> None:
    rows = [row("few", d, s, 1.0, g) for i, d in enumerate(DRUGS[:3]) for s, g in evidence(i)]
    result = judged(rows, CSV)
    assert result.report["verdict"]["status"] == "INCONCLUSIVE"
    assert "too few claims to judge" in result.report["verdict"]["headline"]
    assert "no confidence threshold" not in result.report["verdict"]["headline"]
    found = next(r for r in result.report["selective"] if r["reference"] == "resistance_evidence_class")
    assert "too few drugs" in found["reason"]


def pathway_claims(right_ones: bool) -> list[dict[str, Any]]:
    named = [("pathway", f"reactome:P{min(i // PER_GROUP, 9) if right_ones else 9}") for i in range(len(DRUGS))]
    return [
        row("paths", d, key, 0.9, kind=kind, genes=(), layer="") for d, (kind, key) in zip(DRUGS, named, strict=True)
    ]


def test_a_file_of_pathways_only_is_judged_on_pathways() -> None:
    listed = [
        {"pathway": f"reactome:P{i // PER_GROUP}", "name": "resists", "drug": d, "gene": GENES[i], "edge": f"p{i}"}
        for i, d in enumerate(DRUGS[: 9 * PER_GROUP])
    ]
    base = store(**{"resistance-pathways": listed})
    result = validate(base, table(pathway_claims(True)), {**CSV, "universe": None})
    report = check_report(result.report)
    assert report["headline"]["claim_kind"] == "pathway"
    assert report["headline"]["reference"] == "resistance_pathways"
    assert "no gene claim" not in report["verdict"]["headline"]
    assert "pathway claims of paths" in report["verdict"]["headline"]
    assert report["verdict"]["status"] == "INCONCLUSIVE"
    assert report["universe"]["n_genes"] == 0
    told = " ".join(report["verdict"]["not_tested"])
    assert "Resistance evidence, drug or class (it holds no pathways of the universe)" in told
    assert report["universe"]["n_pathways"] == 10
    assert any(r["claim_kind"] == "pathway" and r["precision"] for r in report["precision"])


@pytest.mark.parametrize(("kind", "good"), [("interaction", True), ("interaction", False), ("module", True)])
def test_a_file_of_pairs_or_modules_is_judged_on_them(kind: str, good: bool) -> None:
    rows = []
    for i, d in enumerate(DRUGS):
        genes = tuple(s for s, _ in evidence(i)) if good else (GENES[140 + i], GENES[141 + i])
        rows.append(row("sets", d, "|".join(genes), 0.9, kind=kind, genes=genes))
    result = judged(rows, CSV)
    assert result.report["headline"]["claim_kind"] == kind
    assert result.report["verdict"]["status"] == ("INCONCLUSIVE" if good else "FAIL")
    assert gate(result, "precision")["status"] == ("pass" if good else "fail")
    assert ("gene pair" if kind == "interaction" else "module") in result.report["verdict"]["headline"] or not good
