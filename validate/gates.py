"""The gates, and the verdict that follows from them.

FAIL when a gate fails or there is no gate at all; INCONCLUSIVE when none fails but one could not
run; PASS only when every gate passes (a warning is printed and does not stop a pass).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pathproof.validate.evidence import UNRANKED, UNSAID, Evidence, Row, gate
from pathproof.validate.gates_data import support_gate
from pathproof.validate.gates_model import (
    confounder_gate,
    copy_gate,
    drugs_gate,
    faithfulness_gate,
    predictor_gate,
    stability_gate,
)
from pathproof.validate.refits import LEAST, LEVEL, PERMUTED

__all__ = ["GATES", "Evidence", "run_gates", "status_of"]


def circular_gate(evidence: Evidence) -> Row:
    """The headline rests on facts that neither the model nor the explainer was told."""
    what = ("not_circular", "The headline reference was not told to the model")
    criterion = "facts are left once those whose source entered the model or the explainer are excluded"
    left, out = evidence.plain.get("n_testable_drugs"), evidence.plain.get("n_circular_facts")
    if left is None:
        return gate(*what, criterion, "not_run", reason="the reference holds nothing about claims of this kind")
    if not left:
        return gate(*what, criterion, "not_run", reason=evidence.plain.get("reason"), observed=0)
    if evidence.context.get("model_sources") is None:
        return gate(*what, criterion, "not_run", reason=UNSAID, observed=left)
    return gate(*what, criterion, "pass", observed=left, n_circular_facts=out)


def precision_gate(evidence: Evidence) -> Row:
    """Selective precision at a threshold that other target groups chose."""
    row, asked = evidence.headline, evidence.profile.asked
    what = ("precision", "Precision of the selected claims reaches what is asked")
    criterion = f"at least {asked.precision:.2f} on target groups that did not choose the threshold"
    if not evidence.decidable:
        return gate(
            *what, criterion, "not_run", observed=row.get("precision"), ci95=row.get("ci95"), reason=_few(evidence)
        )
    null = _null(row)
    if row.get("precision") is None:
        reason = f"no threshold reaches {asked.aim:.2f} on the other target groups; observed: without selection"
        return gate(*what, criterion, "fail", observed=row.get("candidate_precision"), reason=reason, **null)
    good = row["precision"] >= asked.precision
    return gate(*what, criterion, "pass" if good else "fail", observed=row["precision"], ci95=row["ci95"], **null)


def _few(evidence: Evidence) -> str:
    if evidence.headline.get("unranked"):
        return UNRANKED
    groups = int(evidence.headline.get("n_candidate_groups") or 0)
    least = evidence.profile.min_groups
    return f"too few: {groups} target groups have a testable claim, {least} are needed to decide"


def _null(row: Mapping[str, Any]) -> Row:
    swap = row.get("drug_swap") or {}
    return {"null_mean": swap.get("mean"), "null_sd": swap.get("sd"), "p": swap.get("p"), "q": swap.get("q")}


def swap_gate(evidence: Evidence) -> Row:
    """The claims fit their own drug better than other drugs."""
    what = ("above_drug_swap", "The claims are about their own drug")
    criterion = "lower 95 % bound above the mean of the drug-swap null"
    return _above(evidence, what, criterion, (evidence.headline.get("drug_swap") or {}).get("mean"))


def popularity_gate(evidence: Evidence) -> Row:
    """The claims are better than the most claimed genes for every drug."""
    what = ("above_popularity", "The claims are better than the most claimed genes for every drug")
    criterion = "lower 95 % bound above the popularity null"
    return _above(evidence, what, criterion, (evidence.headline.get("popularity") or {}).get("mean"))


def _above(evidence: Evidence, what: tuple[str, str], criterion: str, null: float | None) -> Row:
    row = evidence.headline
    if not evidence.decidable:
        return gate(*what, criterion, "not_run", reason=_few(evidence))
    if row.get("precision") is None:
        return gate(*what, criterion, "not_run", reason="no claim was selected")
    facts = {**_null(row), "null_mean": null, "observed": row["precision"], "ci95": row.get("ci95")}
    if what[0] != "above_drug_swap":
        facts |= {"null_sd": None, "p": None, "q": None}
    if null is None or row.get("ci95") is None:
        return gate(*what, criterion, "not_run", reason="too few drugs or groups for this null", **facts)
    return gate(*what, criterion, "pass" if row["ci95"][0] > null else "fail", **facts)


def groups_gate(evidence: Evidence) -> Row:
    """Enough independent target groups have a claim."""
    least = evidence.profile.min_groups
    what = ("target_groups", "Enough target groups have a selected claim, on average over the halvings")
    return _enough(evidence, what, "n_target_groups", least)


def coverage_gate(evidence: Evidence) -> Row:
    """Enough of the testable drugs have a claim."""
    least = evidence.profile.min_coverage
    what = ("coverage", "Enough testable drugs have a selected claim, on average over the halvings")
    return _enough(evidence, what, "coverage_at_threshold", least)


def _enough(evidence: Evidence, what: tuple[str, str], key: str, least: float) -> Row:
    value = evidence.headline.get(key) or 0
    status = "pass" if value >= least else "not_run"
    reason = None if status == "pass" else "too few to pass"
    return gate(*what, f"at least {least:g}; below it nothing passes", status, observed=value, reason=reason)


def group_precision_gate(evidence: Evidence) -> Row:
    """One vote for each target group; printed always, asked by the strict profile."""
    least, row = evidence.profile.per_group_precision, evidence.headline
    what = ("per_group_precision", "Precision with one vote for each target group reaches what is asked")
    criterion = f"at least {least:.2f} on target groups that did not choose the threshold"
    value = row.get("per_group_precision")
    if not evidence.decidable:
        return gate(*what, criterion, "not_run", observed=value, reason=_few(evidence))
    if value is None:
        return gate(*what, criterion, "not_run", reason="no claim was selected")
    return gate(*what, criterion, "pass" if value >= least else "fail", observed=value)


def facts_gate(evidence: Evidence) -> Row:
    """Enough distinct facts: the effective number of observations."""
    what = ("distinct_facts", "Enough distinct facts (target group and gene) are selected, on average")
    return _enough(evidence, what, "n_distinct_facts", evidence.profile.min_distinct_facts)


def permuted_gate(evidence: Evidence) -> Row:
    """More claims than the same model finds in permuted responses."""
    what = ("permuted_response", "There are more sure claims than in permuted responses")
    criterion = f"p of the number of claims above the threshold at most {LEVEL:g}, over at least {LEAST} refits"
    row: Row = next((r for r in evidence.context.get("null_table") or [] if r["null"] == PERMUTED), {})
    if row.get("claims_p") is None or row["draws"] < LEAST:
        reason = row.get("reason") or f"{row.get('draws', 0)} refits are too few"
        return gate(*what, criterion, "not_run", reason=reason)
    facts: Row = {"observed": row["claims_observed"], "null_mean": row["claims_mean"], "p": row["claims_p"]}
    return gate(*what, criterion, "pass" if row["claims_p"] <= LEVEL else "fail", **facts)


def _asked_for(evidence: Evidence) -> list[Callable[[Evidence], Row]]:
    """Gates of criteria that only some profiles set, and of claims that come without a run of ours."""
    profile = evidence.profile
    wanted = (
        (profile.per_group_precision > 0, group_precision_gate),
        (profile.min_distinct_facts > 0, facts_gate),
        (profile.permuted_response, permuted_gate),
        ("support" in evidence.context, support_gate),
    )
    return [one for asked, one in wanted if asked]


GATES: tuple[Callable[[Evidence], Row], ...] = (
    predictor_gate,
    drugs_gate,
    circular_gate,
    precision_gate,
    swap_gate,
    popularity_gate,
    groups_gate,
    coverage_gate,
    stability_gate,
    faithfulness_gate,
    confounder_gate,
    copy_gate,
)


def run_gates(evidence: Evidence) -> list[Row]:
    """All gates in the order of the report."""
    return [gate(evidence) for gate in (*GATES, *_asked_for(evidence))]


def status_of(gates: Sequence[Mapping[str, Any]]) -> str:
    """PASS, FAIL or INCONCLUSIVE."""
    found = {gate["status"] for gate in gates}
    if not gates or "fail" in found:
        return "FAIL"
    return "PASS" if found <= {"pass", "warn"} else "INCONCLUSIVE"
