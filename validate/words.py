"""The verdict in sentences: one each for what is supported, what is not, and what was not tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pathproof.validate.evidence import KIND_WORDS, UNRANKED, UNSAID
from pathproof.validate.profiles import Profile
from pathproof.validate.render_format import REFERENCES, count

Row = Mapping[str, Any]

ADD = {
    "not_circular": "the knowledge sources that the explainer had seen (--seen)",
    "predictor": "the predictor's scores on unseen cell lines (--predictions)",
    "predictor_per_drug": "which drugs the predictor foresees better than naive mean effects",
    "stability": "the agreement of several runs (--runs)",
    "faithfulness": "deletion of the claimed features in the model, against random features (--perturbed)",
    "permuted_response": "the claims of models refitted on permuted responses",
    "confounders": "the share of tissue and general fragility in the explanation",
    "data_support": "a screen in which the claims are tested (--data)",
}
MORE = ("stability", "permuted_response")  # where too little was given, more of the same decides
LIMITS = (
    "The asked and the obtained precision are two numbers: a threshold gives less on groups that did not choose it.",
    "Many drugs share few target groups and many claims are few distinct facts: these counts are the effective sample.",
    "A novel claim may be true: references list what somebody has studied, not all that is so.",
    "Preclinical evidence (level D) may itself rest on cell-line screens; the tables stand with and without it.",
    "Popular genes reach a high precision without any explanation: compare with popularity, not with the base rate.",
    "Large pathways agree with almost any list of genes; no verdict rests on them.",
    "The counts of selected claims (drugs, target groups, distinct facts) are means over the halvings, not one list.",
    "The criteria were fixed in the design from figures measured on GDSC2: on GDSC2 they are not wholly blind.",
    "q is corrected over the references of one table (Benjamini-Yekutieli), not over explainers, kinds and selections: "
    "the verdict rests on one row named beforehand.",
    "The drug-swap null permutes single drugs, also within a class; the intervals resample target groups.",
)


def percent(value: float | None) -> str:
    """A share in words."""
    return "unknown" if value is None else f"{100 * value:.0f} %"


def _named(reference: str) -> str:
    title = REFERENCES.get(reference, reference.replace("_", " "))
    return title[:1].lower() + title[1:]


def _asked(profile: Profile) -> str:
    """The asked precision, and by which criteria where they are not the default."""
    by = "" if profile.name == "default" else f" by the profile {profile.name}"
    return percent(profile.asked.precision) + by


def headline_sentence(explainer: str, profile: Profile, row: Row, status: str) -> str:
    """The single sentence on top of the report: one row's figures, all of them averages over the halvings."""
    name, kind = _named(profile.reference), KIND_WORDS[profile.claim_kind]
    if not row:
        return f"{status}: {name} holds nothing about {kind} claims of {explainer}, so nothing could be judged."
    groups, asked = int(row.get("n_candidate_groups") or 0), _asked(profile)
    reached = percent(row.get("candidate_precision"))
    if row.get("precision") is None and groups < profile.min_groups:
        return (
            f"{status}: too few claims to judge: {name} can test {kind} claims of {explainer} for "
            f"{row.get('n_candidate_drugs') or 0} drugs in {groups} target groups, "
            f"and {profile.min_groups} target groups are needed (precision without selection: {reached})."
        )
    if row.get("unranked"):
        return (
            f"{status}: {UNRANKED}: {reached} of the first three {kind} claims of {explainer} for a drug, by name, are "
            f"supported by {name}."
        )
    if row.get("precision") is None:
        return (
            f"{status}: no confidence threshold brings the claims of {explainer} to the asked {asked} "
            f"precision against {name} ({reached} without selection)."
        )
    low, high = (percent(v) for v in row["ci95"]) if row.get("ci95") else ("unknown", "unknown")
    swap, popular = (percent((row.get(key) or {}).get("mean")) for key in ("drug_swap", "popularity"))
    return (
        f"{status}: {percent(row['precision'])} of the surest {kind} claims of {explainer} are supported by {name} "
        f"(95 % interval {low} to {high}; asked {asked}), on average over {row['n_halvings']} halvings "
        f"for {count(row['n_drugs'])} of {row['n_testable_drugs']} testable drugs "
        f"({percent(row['coverage_at_threshold'])}) in {count(row['n_target_groups'])} target groups. "
        f"The same claims scored for other drugs give {swap}; "
        f"the most claimed {kind}s, claimed for every drug, {popular}. "
        "In each halving, how sure a claim must be was set on the other half of the target groups."
    )


def sentences(gates: Sequence[Row], explainer: str, reference: str, headline: Row) -> dict[str, list[str]]:
    """Sentences for each of the three lists; what a gate says in full stands in the gate table.

    Without a model behind the claims their agreement with knowledge is not called supported: a copy reaches all of it.
    What the screen bears out is, for it does not come from the reference.
    """
    by: dict[str, list[Row]] = {name: [] for name in ("pass", "warn", "fail", "open")}
    for gate in gates:
        by[gate["status"] if gate["status"] in by else "open"].append(gate)
    lists: dict[str, list[str]] = {"supported": [], "not_supported": [], "not_tested": []}
    for gate in [gate for gate in by["pass"] if gate["id"] == "data_support"]:
        by["pass"].remove(gate)
        lists["supported"].append(
            f"Supported for {explainer}: the screen itself bears out {percent(gate['observed'])} of its claims beyond "
            f"lineage and general sensitivity ({percent(gate['null_mean'])} where tested for other drugs)."
        )
    copied = any(gate["id"] == "not_copied" for gate in by["open"])
    reached, lead = (
        ("not_tested", "Reached, but a copy would reach it too, by") if copied else ("supported", "Supported for")
    )
    if by["pass"]:
        lists[reached].append(f"{lead} {explainer}: " + _titles(by["pass"]) + ".")
    if headline and headline.get("n_distinct_facts"):
        facts, right = count(headline["n_distinct_facts"]), count(headline["n_distinct_right"])
        lists[reached].append(
            f"On average the selected claims are {facts} distinct facts (target group and gene), {right} of them right."
        )
    if by["fail"]:
        lists["not_supported"].append(f"Not supported for {explainer}: " + _titles(by["fail"]) + ".")
    if by["open"]:
        told = _titles(by["open"], reasons=True)
        lists["not_tested"].append(f"Not decided for {explainer} against {_named(reference)}: {told}.")
    if by["warn"]:
        lists["not_tested"].append(f"With a reservation for {explainer}: " + _titles(by["warn"], reasons=True) + ".")
    missing = [ADD[g["id"]] for g in by["open"] if g["id"] in ADD and _absent(g)]
    if missing:
        lists["not_tested"].append("To decide, add: " + "; ".join(missing) + ".")
    return lists


def _absent(gate: Row) -> bool:
    """Whether a gate is open because nothing was given for it: what was given and is too little says so itself."""
    reason = str(gate.get("reason") or "")
    return not reason or reason.startswith(("not given", UNSAID)) or gate["id"] in MORE


def _titles(gates: Sequence[Row], *, reasons: bool = False) -> str:
    parts = []
    for gate in gates:
        title = gate["title"][0].lower() + gate["title"][1:]
        reason = str(gate.get("reason") or "").replace("; ", ", ")  # a semicolon parts the points of the list
        parts.append(f"{title} ({reason})" if reasons and reason and not reason.startswith("not given") else title)
    return "; ".join(parts)
