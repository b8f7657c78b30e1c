"""The gates, and the verdict that follows from them.

FAIL when a gate fails or there is no gate at all; INCONCLUSIVE when none fails but one could not
run; PASS only when every gate passes (a warning is printed and does not stop a pass).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathproof.validate.profiles import Profile

Row = dict[str, Any]
NAIVE = "naive-mean-effects"
NO_CONTEXT = "not given: agreement with knowledge alone can be copied, so it never passes alone"


@dataclass(frozen=True)
class Evidence:
    """What the gates look at.

    Parameters
    ----------
    profile : Profile
    context : mapping
        Sections that only others know: predictor, stability, faithfulness, confounders.
    explainer : str
        The one that is judged.
    headline : mapping
        Its selective row for the headline reference, circular facts excluded; empty when it has none.
    plain : mapping
        The precision row of all its reported claims for the same.
    drugs : sequence of str
        Drugs with a claim in the headline.
    """

    profile: Profile
    context: Mapping[str, Any]
    explainer: str
    headline: Mapping[str, Any]
    plain: Mapping[str, Any]
    drugs: Sequence[str] = ()

    @property
    def decidable(self) -> bool:
        """Whether there are enough target groups to say anything, before any selection."""
        return int(self.headline.get("n_candidate_groups") or 0) >= self.profile.min_groups


def _gate(name: str, title: str, criterion: str, status: str, **facts: Any) -> Row:
    empty = dict.fromkeys(("observed", "ci95", "null_mean", "null_sd", "p", "q"))
    return {"id": name, "title": title, "criterion": criterion, "status": status, **empty, **facts}


def predictor_gate(evidence: Evidence) -> Row:
    """The explained model foresees unseen cell lines better than naive mean effects."""
    what = ("predictor", "The predictor beats naive mean effects on cell lines it never saw")
    criterion = "mean per-drug Pearson above that of naive mean effects, 95 % interval of the difference above 0"
    section = evidence.context.get("predictor") or {}
    models = {row.get("name"): row for row in section.get("models") or []}
    explained, naive = models.get(section.get("explained")), models.get(NAIVE)
    if explained is None or naive is None:
        return _gate(*what, criterion, "not_run", reason=NO_CONTEXT)
    one, base = explained.get("per_drug_pearson"), naive.get("per_drug_pearson")
    if one is None or base is None:
        return _gate(*what, criterion, "error", reason="a model has no per-drug Pearson")
    difference = next((d for d in section.get("differences") or [] if d.get("minus") == NAIVE), None)
    ci = None if difference is None else difference.get("ci95")
    good = one > base and (ci is None or ci[0] > 0)
    return _gate(*what, criterion, "pass" if good else "fail", observed=one, null_mean=base, difference_ci95=ci)


def drugs_gate(evidence: Evidence) -> Row:
    """The drugs in the headline are ones that the predictor foresees."""
    limit = evidence.profile.drugs_beating_naive
    what = ("predictor_per_drug", "The drugs in the headline are predicted better than by naive mean effects")
    criterion = f"at least {limit:.0%} of them; the explanation of any other drug is inconclusive"
    beats = (evidence.context.get("predictor") or {}).get("beats_naive") or {}
    judged = [bool(beats[drug]) for drug in evidence.drugs if beats.get(drug) is not None]
    if not judged:
        return _gate(
            *what, criterion, "not_run", reason=NO_CONTEXT if not beats else "no drug of the headline was judged"
        )
    share = sum(judged) / len(judged)
    return _gate(*what, criterion, "pass" if share >= limit else "warn", observed=share, n=len(judged))


def circular_gate(evidence: Evidence) -> Row:
    """The headline rests on facts that neither the model nor the explainer was told."""
    what = ("not_circular", "The headline reference was not told to the model")
    criterion = "facts are left once those whose source entered the model or the explainer are excluded"
    left, out = evidence.plain.get("n_testable_drugs"), evidence.plain.get("n_circular_facts")
    if left is None:
        return _gate(*what, criterion, "not_run", reason="the judged explainer makes no claim of this kind")
    if not left:
        return _gate(*what, criterion, "not_run", reason=evidence.plain.get("reason"), observed=0)
    if evidence.context.get("model_sources") is None:
        reason = "nobody said which knowledge the explainer had seen"
        return _gate(*what, criterion, "not_run", reason=reason, observed=left)
    return _gate(*what, criterion, "pass", observed=left, n_circular_facts=out)


def precision_gate(evidence: Evidence) -> Row:
    """Selective precision at a threshold that other target groups chose."""
    row, asked = evidence.headline, evidence.profile.asked
    what = ("precision", "Precision of the selected claims reaches what is asked")
    criterion = f"at least {asked.precision:.2f} on target groups that did not choose the threshold"
    if not evidence.decidable:
        return _gate(
            *what, criterion, "not_run", observed=row.get("precision"), ci95=row.get("ci95"), reason=_few(evidence)
        )
    null = _null(row)
    if row.get("precision") is None:
        reason = f"no threshold reaches {asked.aim:.2f} on the other target groups; observed: without selection"
        return _gate(*what, criterion, "fail", observed=row.get("candidate_precision"), reason=reason, **null)
    good = row["precision"] >= asked.precision
    return _gate(*what, criterion, "pass" if good else "fail", observed=row["precision"], ci95=row["ci95"], **null)


def _few(evidence: Evidence) -> str:
    groups = int(evidence.headline.get("n_candidate_groups") or 0)
    return f"{groups} target groups have a testable claim, {evidence.profile.min_groups} are needed to decide"


def _null(row: Mapping[str, Any]) -> Row:
    swap = row.get("drug_swap") or {}
    return {"null_mean": swap.get("mean"), "null_sd": swap.get("sd"), "p": swap.get("p")}


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
        return _gate(*what, criterion, "not_run", reason=_few(evidence))
    if row.get("precision") is None:
        return _gate(*what, criterion, "not_run", reason="no claim was selected")
    facts = {**_null(row), "null_mean": null, "observed": row["precision"], "ci95": row.get("ci95")}
    if what[0] != "above_drug_swap":
        facts |= {"null_sd": None, "p": None}
    if null is None or row.get("ci95") is None:
        return _gate(*what, criterion, "not_run", reason="too few drugs or groups for this null", **facts)
    return _gate(*what, criterion, "pass" if row["ci95"][0] > null else "fail", **facts)


def groups_gate(evidence: Evidence) -> Row:
    """Enough independent target groups have a claim."""
    least = evidence.profile.min_groups
    return _enough(evidence, ("target_groups", "Enough target groups have a selected claim"), "n_target_groups", least)


def coverage_gate(evidence: Evidence) -> Row:
    """Enough of the testable drugs have a claim."""
    least = evidence.profile.min_coverage
    return _enough(
        evidence, ("coverage", "Enough testable drugs have a selected claim"), "coverage_at_threshold", least
    )


def _enough(evidence: Evidence, what: tuple[str, str], key: str, least: float) -> Row:
    value = evidence.headline.get(key) or 0
    status = "pass" if value >= least else "not_run"
    reason = None if status == "pass" else "too few to decide"
    return _gate(*what, f"at least {least:g}; below it nothing is decided", status, observed=value, reason=reason)


def stability_gate(evidence: Evidence) -> Row:
    """The explanation is that of several runs, and they agree beyond chance."""
    what = ("stability", "The explanation is stable over repeated runs")
    criterion = (
        f"at least {evidence.profile.min_runs} runs on other cell lines; 95 % interval of agreement above chance"
    )
    rows = [
        r
        for r in evidence.context.get("stability") or []
        if r.get("explainer", evidence.explainer) == evidence.explainer
    ]
    rows = [r for r in rows if r.get("drug", "all") == "all"]
    row = next((r for r in rows if r.get("kind") == "lines"), rows[0] if rows else None)
    if row is None:
        return _gate(*what, criterion, "not_run", reason=NO_CONTEXT)
    if int(row.get("members") or 0) < evidence.profile.min_runs:
        return _gate(*what, criterion, "not_run", reason="a single run says nothing about stability")
    mean, ci, chance = row.get("jaccard_mean"), row.get("ci95"), row.get("chance")
    if mean is None or ci is None or chance is None:
        return _gate(
            *what, criterion, "error", observed=mean, reason="the table lacks an interval or the level of chance"
        )
    return _gate(*what, criterion, "pass" if ci[0] > chance else "fail", observed=mean, ci95=ci, null_mean=chance)


def faithfulness_gate(evidence: Evidence) -> Row:
    """Deleting the claimed features changes the model more than deleting random ones."""
    what = ("faithfulness", "The model itself uses what is claimed")
    criterion = (
        "effect of deleting the claimed features beyond that of random ones of the same size, 95 % interval above 0"
    )
    rows = [r for r in evidence.context.get("faithfulness") or [] if r.get("explainer") == evidence.explainer]
    row = next((r for r in rows if r.get("drug", "all") == "all" and r.get("beyond_random") is not None), None)
    if row is None:
        return _gate(*what, criterion, "not_run", reason=NO_CONTEXT)
    ci = row.get("beyond_random_ci95")
    if ci is None:
        return _gate(*what, criterion, "error", observed=row["beyond_random"], reason="the table lacks an interval")
    return _gate(
        *what, criterion, "pass" if ci[0] > 0 else "fail", observed=row["beyond_random"], ci95=ci, null_mean=0.0
    )


def confounder_gate(evidence: Evidence) -> Row:
    """What tissue and general fragility explain is on the table."""
    what = ("confounders", "Tissue and general fragility were looked at")
    rows = evidence.context.get("confounders") or []
    status, reason = ("pass", None) if rows else ("not_run", NO_CONTEXT)
    return _gate(*what, "a table of confounders is given", status, observed=len(rows), reason=reason)


def copy_gate(evidence: Evidence) -> Row:
    """The claims do not look like a copy of the reference."""
    p = evidence.profile
    what = ("not_copied", "The claims do not look like a copy of the reference")
    criterion = f"not all of: precision {p.copied_precision:g} without any selection, coverage {p.copied_coverage:g}"
    row = evidence.plain
    if row.get("precision") is None:
        return _gate(*what, criterion, "not_run", reason="no claim could be tested")
    if row["precision"] >= p.copied_precision and row["coverage"] >= p.copied_coverage:
        note = (
            f"precision {row['precision']:.2f} at coverage {row['coverage']:.2f} without any selection: "
            "an explanation that was copied from the reference looks like this"
        )
        return _gate(*what, criterion, "not_run", observed=row["precision"], ci95=row["ci95"], reason=note)
    return _gate(*what, criterion, "pass", observed=row["precision"], ci95=row["ci95"])


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
    return [gate(evidence) for gate in GATES]


def status_of(gates: Sequence[Mapping[str, Any]]) -> str:
    """PASS, FAIL or INCONCLUSIVE."""
    found = {gate["status"] for gate in gates}
    if not gates or "fail" in found:
        return "FAIL"
    return "PASS" if found <= {"pass", "warn"} else "INCONCLUSIVE"
