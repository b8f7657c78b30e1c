"""The verdict in sentences: one each for what is supported, what is not, and what was not tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pathproof.validate.render_format import REFERENCES

Row = Mapping[str, Any]

ADD = {
    "not_circular": "the knowledge sources that the explainer had seen",
    "predictor": "the predictor's scores on unseen cell lines",
    "predictor_per_drug": "which drugs the predictor foresees better than naive mean effects",
    "stability": "the agreement of several runs",
    "faithfulness": "deletion of the claimed features in the model, against random features",
    "confounders": "the share of tissue and general fragility in the explanation",
}
LIMITS = (
    "The asked and the obtained precision are two numbers: a threshold gives less on groups that did not choose it.",
    "Many drugs share few target groups and many claims are few distinct facts: these counts are the effective sample.",
    "A novel claim may be true: references list what somebody has studied, not all that is so.",
    "Preclinical evidence (level D) may itself rest on cell-line screens; the tables stand with and without it.",
    "Popular genes reach a high precision without any explanation: compare with popularity, not with the base rate.",
    "Large pathways agree with almost any list of genes; no verdict rests on them.",
    "The drug-swap null permutes single drugs, also within a class; the intervals resample target groups.",
)


def percent(value: float | None) -> str:
    """A share in words."""
    return "unknown" if value is None else f"{100 * value:.0f} %"


def _named(reference: str) -> str:
    title = REFERENCES.get(reference, reference.replace("_", " "))
    return title[:1].lower() + title[1:]


def headline_sentence(explainer: str, reference: str, row: Row, status: str) -> str:
    """The single sentence on top of the report."""
    name = _named(reference)
    if not row:
        return f"{status}: {explainer} makes no gene claim, so nothing could be judged."
    if row.get("precision") is None:
        reached = percent(row.get("candidate_precision"))
        return (
            f"{status}: no confidence threshold brings the claims of {explainer} to the asked {percent(row['asked'])} "
            f"precision against {name} ({reached} without selection)."
        )
    low, high = (percent(v) for v in row["ci95"]) if row.get("ci95") else ("unknown", "unknown")
    swap, popular = (percent((row.get(key) or {}).get("mean")) for key in ("drug_swap", "popularity"))
    return (
        f"{status}: {percent(row['precision'])} of the surest gene claims of {explainer} are supported by {name} "
        f"(95 % interval {low} to {high}; asked {percent(row['asked'])}), "
        f"for {row['n_drugs']} drugs in {row['n_target_groups']} target groups "
        f"({percent(row['coverage_at_threshold'])} of the testable drugs). The same claims scored for other drugs "
        f"give {swap}; the most claimed genes, claimed for every drug, {popular}. "
        "How sure a claim must be was set on other target groups."
    )


def sentences(gates: Sequence[Row], explainer: str, reference: str, headline: Row) -> dict[str, list[str]]:
    """One sentence for each of the three lists; what a gate says in full stands in the gate table."""
    by = {"pass": [g for g in gates if g["status"] in ("pass", "warn")], "fail": [], "open": []}
    by["fail"] = [g for g in gates if g["status"] == "fail"]
    by["open"] = [g for g in gates if g["status"] in ("error", "not_run")]
    lists: dict[str, list[str]] = {"supported": [], "not_supported": [], "not_tested": []}
    if by["pass"]:
        lists["supported"].append(f"Supported for {explainer}: " + _titles(by["pass"]) + ".")
    if by["fail"]:
        lists["not_supported"].append(f"Not supported for {explainer}: " + _titles(by["fail"]) + ".")
    if by["open"]:
        told = _titles(by["open"], reasons=True)
        lists["not_tested"].append(f"Not decided for {explainer} against {_named(reference)}: {told}.")
    missing = [ADD[g["id"]] for g in by["open"] if g["id"] in ADD]
    if missing:
        lists["not_tested"].append("To decide, add " + "; ".join(missing) + ".")
    if headline and headline.get("n_distinct_facts"):
        facts, right = headline["n_distinct_facts"], headline["n_distinct_right"]
        lists["supported"].append(
            f"The selected claims are {facts} distinct facts (target group and gene), {right} of them right."
        )
    return lists


def _titles(gates: Sequence[Row], *, reasons: bool = False) -> str:
    parts = []
    for gate in gates:
        title = gate["title"][0].lower() + gate["title"][1:]
        told = reasons and gate.get("reason") and not gate["reason"].startswith("not given")
        parts.append(f"{title} ({gate['reason']})" if told else title)
    return "; ".join(parts)
