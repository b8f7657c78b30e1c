"""Wrong explainers must be caught by the report, and a right one must get through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scoring_world import DRUGS, GENES, PER_GROUP, context, evidence, right, row, shuffled, store, table

from pathproof.validate.run import ValidationResult, validate
from pathproof.validate.schema_report import check_report


def judged(rows: list[dict[str, Any]], who: str, given: dict[str, Any] | None = None) -> ValidationResult:
    return validate(store(), table(rows), context(who) if given is None else given)


def gate(result: ValidationResult, name: str) -> dict[str, Any]:
    return next(g for g in result.report["gates"] if g["id"] == name)


def figures(result: ValidationResult, **wanted: str) -> dict[str, Any]:
    asked = {"reference": "resistance_evidence_class", "selection": "all reported", "circular": "excluded", **wanted}
    rows = [r for r in result.report["precision"] if all(r[key] == value for key, value in asked.items())]
    assert len(rows) == 1
    return rows[0]


WEAK = {"explainer": "right", "beyond_random": 0.1, "beyond_random_ci95": [-0.1, 0.3]}


@pytest.fixture(scope="module")
def good() -> ValidationResult:
    return judged(right(), "right")


def test_right_explainer_passes_and_beats_its_nulls(good: ValidationResult) -> None:
    assert good.report["verdict"]["status"] == "PASS", good.report["gates"]
    observed, swap = gate(good, "precision"), gate(good, "above_drug_swap")
    assert observed["observed"] >= 0.75
    assert figures(good, selection="top1")["precision"] > 0.6  # a fifth of the drugs has noise only
    assert swap["null_mean"] < 0.2
    assert swap["p"] == pytest.approx(1 / 1001)
    assert gate(good, "above_popularity")["null_mean"] < 0.2


def test_report_keeps_the_contract_and_is_deterministic(good: ValidationResult) -> None:
    again = judged(right(), "right")
    assert check_report(good.report) == check_report(again.report)


def test_shuffled_explainer_fails() -> None:
    result = judged(shuffled(right()), "shuffled")
    assert result.report["verdict"]["status"] == "FAIL"
    assert gate(result, "precision")["status"] == "fail"


def test_random_explainer_fails_and_looks_like_its_nulls() -> None:
    rng = np.random.default_rng(1)
    rows = [row("random", d, str(g), rng.random()) for d in DRUGS for g in rng.choice(GENES, 10, replace=False)]
    result = judged(rows, "random")
    assert result.report["verdict"]["status"] == "FAIL"
    plain = figures(result)
    assert plain["drug_swap"]["p"] > 0.05
    assert abs(plain["precision"] - plain["base_rate"]) < 0.02


def test_answer_key_from_a_file_never_passes_and_is_told_from_random() -> None:
    rows = [row("key", d, symbol, 1.0, sign) for i, d in enumerate(DRUGS) for symbol, sign in evidence(i)]
    result = judged(rows, "key", {"kind": "real", "run": {"id": "r"}, "universe": list(GENES)})
    assert result.report["verdict"]["status"] == "INCONCLUSIVE"
    assert gate(result, "precision")["status"] == "pass"
    assert gate(result, "above_drug_swap")["status"] == "pass"
    assert "copied from the reference looks like this" in gate(result, "not_copied")["reason"]
    assert "To decide, add: the predictor" in " ".join(result.report["verdict"]["not_tested"])


def test_answer_key_with_a_borrowed_context_does_not_pass() -> None:
    rows = [row("key", d, symbol, 1.0, sign) for i, d in enumerate(DRUGS) for symbol, sign in evidence(i)]
    assert judged(rows, "key").report["verdict"]["status"] == "INCONCLUSIVE"


def test_leak_that_names_its_source_is_circular() -> None:
    rows = [row("leak", d, s, 1.0, g, sources=("civic",)) for i, d in enumerate(DRUGS) for s, g in evidence(i)]
    result = judged(rows, "leak")
    assert result.report["verdict"]["status"] == "INCONCLUSIVE"
    assert figures(result)["precision"] is None
    assert "entered the model" in figures(result)["reason"]
    assert figures(result, circular="included")["precision"] == 1.0


def popular_world() -> tuple[Any, list[str]]:
    """Two hub genes have evidence for every drug: naming them is right and says nothing about any drug."""
    hubs = [GENES[150], GENES[151]]
    base = store()
    extra = [
        {
            **base.tables["evidence-edges"][0],
            "drug": d,
            "gene": hub,
            "molecular_profile": f"{hub} Mutation",
            "edge": f"{hub}{d}",
        }
        for d in DRUGS
        for hub in hubs
    ]
    base.tables["evidence-edges"] = base.tables["evidence-edges"] + extra
    return base, hubs


def test_echo_of_the_same_popular_genes_is_caught_by_swap_and_popularity() -> None:
    world, hubs = popular_world()
    rows = [row("echo", d, hub, 0.9) for d in DRUGS for hub in hubs]
    result = validate(world, table(rows), context("echo"))
    assert figures(result)["precision"] == 1.0
    assert result.report["verdict"]["status"] == "FAIL"
    assert gate(result, "above_drug_swap")["status"] == "fail"
    assert gate(result, "above_popularity")["status"] == "fail"


def test_hub_biased_explainer_is_caught() -> None:
    world, hubs = popular_world()
    rng = np.random.default_rng(3)
    rows = [row("hub", d, h, 0.9) for d in DRUGS for h in hubs if rng.random() < 0.9]
    rows += [row("hub", d, str(rng.choice(GENES[100:140])), 0.2) for d in DRUGS]
    result = validate(world, table(rows), context("hub"))
    assert result.report["verdict"]["status"] == "FAIL"
    assert gate(result, "above_drug_swap")["status"] == "fail"


def test_too_few_target_groups_decide_nothing() -> None:
    few = [r for r in right() if DRUGS.index(r["drug"]) < 5 * PER_GROUP]
    result = validate(store(), table(few, DRUGS[: 5 * PER_GROUP]), context("right"))
    assert result.report["verdict"]["status"] == "INCONCLUSIVE"
    assert "5 target groups" in gate(result, "precision")["reason"]


@pytest.mark.parametrize(
    ("key", "name", "value", "status"),
    [
        ("predictor", "predictor", None, "not_run"),
        ("stability", "stability", [], "not_run"),
        ("faithfulness", "faithfulness", [], "not_run"),
        ("stability", "stability", [{"explainer": "right", "members": 1}], "not_run"),
        ("faithfulness", "faithfulness", [WEAK], "fail"),
    ],
)  # fmt: skip
def test_no_pass_without_model_and_repeats(key: str, name: str, value: Any, status: str) -> None:
    result = judged(right(), "right", {**context("right"), key: value})
    assert gate(result, name)["status"] == status
    assert result.report["verdict"]["status"] == ("FAIL" if status == "fail" else "INCONCLUSIVE")


def test_predictor_no_better_than_naive_fails() -> None:
    given = context("right")
    given["predictor"]["models"][1]["per_drug_pearson"] = 0.29
    assert gate(judged(right(), "right", given), "predictor")["status"] == "fail"


def test_opposite_directions_are_contradicted() -> None:
    rows = [row("anti", d, symbol, 1.0, -sign) for i, d in enumerate(DRUGS) for symbol, sign in evidence(i)]
    found = figures(judged(rows, "anti"))
    assert (found["n_supported"], found["n_contradicted"]) == (0, 2 * len(DRUGS))
    assert found["sign_agreement"] == {"share": 0.0, "agree": 0, "of": 2 * len(DRUGS), "two_sided": 0}


def test_judgements_name_the_edges_and_every_claim_is_counted(good: ValidationResult) -> None:
    rows = good.claim_rows
    plain = figures(good)
    assert plain["n_supported"] + plain["n_contradicted"] + plain["n_novel"] + plain["n_untestable"] == len(rows)
    supported = next(j for j in good.judgements if "resistance_evidence" in j.supported_by)
    assert any(edge.startswith("e") for edge in supported.evidence)
    assert {j.claim_id for j in good.judgements} == set(rows["claim_id"])
    page = good.report["drugs"][0]
    assert page["targets"] == [GENES[0]]
    assert page["claims"][0]["evidence"]


def test_planted_truth_gives_recall_and_precision() -> None:
    planted = {
        "mechanisms": [
            {
                "drug": d,
                "genes": [
                    {"gene": s, "layer": "mutation", "sign": "resistance" if g > 0 else "sensitivity", "effect": 0.5}
                    for s, g in evidence(i)
                ],
                "pathway": None,
            }
            for i, d in enumerate(DRUGS)
        ]
    }
    rows = [row("half", d, *evidence(i)[0][:1], 0.9, evidence(i)[0][1]) for i, d in enumerate(DRUGS)]
    result = judged(rows, "half", {**context("half"), "planted": planted, "kind": "demonstration"})
    assert result.report["planted"]["recall"] == 0.5
    assert result.report["planted"]["precision"] == 1.0
