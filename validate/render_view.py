"""What the report says, in words and rows: the picture-free half of the HTML and the Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pathproof.validate.render_format import count, interval, percent, reference_title, share
from pathproof.validate.schema_report import Report
from pathproof.workspace import canonical_json

Row = dict[str, Any]
DEMONSTRATION = (
    "Demonstration: simulated numbers, planted mechanisms; nothing here is about a real drug. "
    "On real data: pathproof run --data DIR"
)
HEADLINE_ORDER = (
    "resistance_evidence_class",
    "resistance_evidence_class_no_D",
    "resistance_evidence",
    "resistance_evidence_no_D",
    "user",
    "planted_truth",
    "resistance_pathways",
    "targets",
    "signed_neighbourhood",
    "target_pathways",
    "regulons",
    "resistance_signatures",
)
LIMITS = (
    "The drugs fall into far fewer groups that share a target: read the precision per target group beside the one "
    "per drug, because drugs of one group are not independent evidence.",
    "Distinct facts (one target group and one gene) are the effective number of observations, not claims.",
    "The asked precision and the obtained precision are two numbers; a threshold chosen on some drugs is worth what "
    "it gives on other drugs.",
    "Genes that are claimed for many drugs score well by popularity alone; a result has to beat the popularity mark "
    "and the drug-swap band, not the base rate.",
    "A novel claim is not a wrong one: the references are incomplete. An untestable claim is neither right nor wrong.",
    "Preclinical evidence items may themselves rest on the screens that are explained here.",
    "Large pathways hold a large share of all genes, so agreement with them says little; their base rate shows it.",
    "Agreement with knowledge can be copied from knowledge. It counts only together with an accurate predictor, "
    "faithfulness, stability under other cell lines and support in the screen itself.",
)


def complete(report: Mapping[str, Any]) -> Row:
    """The checked report with every optional key of the contract present, so that templates can be strict."""
    full: Row = Report.model_validate_json(canonical_json(report)).model_dump(mode="json")
    for row in full["precision"]:
        row["drug_swap"] = row["drug_swap"] or {"mean": None, "sd": None, "p": None}
        row["popularity"] = row["popularity"] or {"mean": None}
        row["reason"] = row.get("reason")
    for gate in full["gates"]:
        gate["reason"] = next((gate[key] for key in ("reason", "detail", "note") if gate.get(key)), None)
    return full


def asked_precision(report: Mapping[str, Any]) -> float | None:
    """The precision that was asked for, when the verdict names one."""
    asked = report["verdict"].get("asked")
    if isinstance(asked, Mapping):
        asked = next((asked[key] for key in ("precision", "threshold", "value") if key in asked), None)
    if isinstance(asked, str):
        found = re.search(r"(?<![\d.])(0?\.\d+|1\.0+|1)(?![\d.])", asked)
        asked = float(found.group(1)) if found else None
    is_share = isinstance(asked, int | float) and not isinstance(asked, bool) and 0 <= asked <= 1
    return float(asked) if is_share and asked is not None else None


def explained(report: Mapping[str, Any]) -> str | None:
    """The explainer that the verdict is about."""
    names = [str(row["explainer"]) for row in report.get("precision") or []]
    wanted = [(report.get("headline") or {}).get("explainer"), report.get("explained_explainer"), "pathproof"]
    return next((name for name in wanted if name in names), names[0] if names else None)


def headline_row(report: Mapping[str, Any]) -> Row | None:
    """The precision row that the headline is about: named by the report, else the strictest reference."""
    who = explained(report)
    rows = [r for r in report.get("precision") or [] if r["circular"] == "excluded" and r["explainer"] == who]
    named: Row = report.get("headline") or {}
    keys = [key for key in ("screen", "reference", "claim_kind", "selection") if named.get(key) is not None]
    exact = [row for row in rows if all(row.get(key) == named[key] for key in keys)]
    return min(exact or rows, key=_headline_rank, default=None)


def _headline_rank(row: Mapping[str, Any]) -> tuple[bool, int, bool]:
    return row["precision"] is None, _reference_rank(row), row["claim_kind"] != "gene"


def headline_selective(report: Mapping[str, Any]) -> Row | None:
    """The selective row of the headline: claims above a confidence threshold that other drugs chose."""
    head = headline_row(report)
    keys = ("explainer", "screen", "reference", "claim_kind")
    rows = [row for row in report.get("selective") or [] if row.get("circular") != "included"]
    return next((row for row in rows if head and all(row.get(key) == head.get(key) for key in keys)), None)


def headline_figures(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures on top, as (label, text): of the selected claims where a selection was found."""
    head, chosen = headline_row(report), headline_selective(report)
    if head is None:
        return []
    found = chosen is not None and chosen.get("precision") is not None
    row = chosen if chosen is not None and found else head
    what = "obtained, selected claims" if found else f"obtained, {head.get('selection') or 'all claims'}"
    coverage = row.get("coverage_at_threshold") if found else row.get("coverage")
    facts = count(row.get("n_distinct_facts"))
    right = row.get("n_distinct_right")
    return [
        (what, f"{share(row.get('precision'))} {interval(row.get('ci95'))}".strip()),
        ("drug-swap null", share(_mean(row.get("drug_swap")))),
        ("popular genes", share(_mean(row.get("popularity")))),
        ("base rate", share(head["base_rate"])),
        ("per target group", share(row.get("per_group_precision"))),
        ("coverage", share(coverage)),
        (
            "distinct facts, on average" if found else "distinct facts",
            facts if right is None else f"{facts} ({count(right)} right)",
        ),
    ]


def _mean(null: Any) -> float | None:
    value = null.get("mean") if isinstance(null, Mapping) else null
    return None if value is None else float(value)


def headline_sentence(report: Mapping[str, Any]) -> str:
    """One plain sentence: the obtained precision, its nulls and what was asked."""
    given = str(report["verdict"].get("headline") or "").removeprefix(report["verdict"]["status"] + ":").strip()
    if given:
        return given[0].upper() + given[1:]
    head, chosen = headline_row(report), headline_selective(report)
    if head is None or head["precision"] is None:
        return "No claim could be scored against a reference, so nothing can be said about precision."
    found = chosen is not None and chosen.get("precision") is not None
    row = chosen if chosen is not None and found else head
    names = "claims surely" if found else "names"
    asked = asked_precision(report)
    against = "" if asked is None else f"; {percent(asked)} was asked"
    ci = "" if not row.get("ci95") else f" (95 % CI {percent(row['ci95'][0])} to {percent(row['ci95'][1])})"
    return (
        f"Of what {row['explainer']} {names} for a drug, {percent(row['precision'])}{ci} is in the reference "
        f"“{reference_title(head['reference']).lower()}”{against}. The references of other drugs would give "
        f"{percent(_mean(row.get('drug_swap')))} (drug-swap), genes drawn at random {percent(head['base_rate'])} "
        f"(base rate)."
    )


def chart_rows(report: Mapping[str, Any], limit: int = 7) -> list[Row]:
    """Rows of the chart: the selected claims, then each reference with the headline's selection.

    A reference that has no row of the headline's kind of claim is shown with another kind.
    """
    head, chosen = headline_row(report), headline_selective(report)
    if head is None:
        return []
    by_reference: dict[str, Row] = {}
    for row in report["precision"]:
        same = all(row.get(key) == head.get(key) for key in ("explainer", "screen", "selection", "circular"))
        same = same and (row is head or "_no_" not in row["reference"])  # narrowed variants: in the table only
        known = by_reference.get(row["reference"])
        if same and (known is None or (row["claim_kind"] == head["claim_kind"] != known["claim_kind"])):
            by_reference[row["reference"]] = row
    rows = sorted(by_reference.values(), key=lambda row: (row is not head, _name_rank(row["reference"])))
    if chosen is None or chosen.get("precision") is None:
        return rows[:limit]
    facts = {"popularity": {"mean": None}, **chosen, "base_rate": head["base_rate"]}
    if not isinstance(facts.get("drug_swap"), Mapping):
        facts["drug_swap"] = {"mean": facts.get("drug_swap"), "sd": None, "p": None}
    return [{**facts, "title": "Selected claims"}, *rows[: limit - 1]]


def precision_tables(report: Mapping[str, Any]) -> list[Row]:
    """Tables of one (screen, kind, selection) each: references as row groups, explainers side by side.

    The headline's selection lists every explainer; any other selection the explained one only.
    """
    head, who = headline_row(report) or {}, explained(report)
    wanted = (head.get("screen") or "", head.get("claim_kind"), head.get("selection") or "")
    tables: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
    for row in report.get("precision") or []:
        key = (row.get("screen") or "", row["claim_kind"], row.get("selection") or "")
        if row["circular"] == "excluded" and (row["explainer"] == who or (key[0], key[2]) == (wanted[0], wanted[2])):
            tables.setdefault(key, {}).setdefault(row["reference"], []).append(row)
    result: list[Row] = []
    for key, references in tables.items():
        screen = "screen not stated" if key[0] == "not stated" else key[0]
        parts = [f"{key[1]} claims", *(part for part in (screen, key[2]) if part)]
        groups = [_group(name, references[name], who) for name in sorted(references, key=_name_rank)]
        result.append({"caption": ", ".join(parts), "main": key == wanted, "key": key, "groups": groups})
    return sorted(result, key=lambda table: (not table["main"], table["key"][2] != wanted[2], table["caption"]))


def _group(name: str, rows: list[Row], who: str | None) -> Row:
    shown = [row for row in _own_first(rows, who) if row["precision"] is not None]
    reasons = sorted({row["reason"] for row in rows if row["precision"] is None and row.get("reason")})
    return {"title": reference_title(name), "name": name, "rows": shown, "empty": len(rows) - len(shown),
            "reasons": "; ".join(reasons)}  # fmt: skip


def _own_first(rows: list[Row], who: str | None) -> list[Row]:
    return sorted(rows, key=lambda row: row["explainer"] != who)


def circularity(report: Mapping[str, Any]) -> list[Row]:
    """Headline selection without and with circular facts, where there are any."""
    who, head = explained(report), headline_row(report) or {}
    pairs: dict[tuple[str, ...], Row] = {}
    for row in report.get("precision") or []:
        if row["explainer"] == who and all(row.get(k) == head.get(k) for k in ("screen", "selection")):
            key = tuple(row.get(k) or "" for k in ("reference", "claim_kind", "screen", "selection"))
            pairs.setdefault(key, {"key": key})[row["circular"]] = row
    both = [pair for pair in pairs.values() if "excluded" in pair and "included" in pair]
    return [pair for pair in both if _differs(pair)]


def _differs(pair: Mapping[str, Any]) -> bool:
    """Whether circular facts were left out of this pair (without a count: whether a figure changed)."""
    out = pair["excluded"].get("n_circular_facts")
    keys = ("precision", "base_rate", "n_supported", "n_untestable")
    return bool(out) or (out is None and any(pair["excluded"][k] != pair["included"][k] for k in keys))


def selective_rows(report: Mapping[str, Any], limit: int = 4) -> list[Row]:
    """The selective rows to draw: the explained explainer first, the strictest references first."""
    who = explained(report)
    rows = [row for row in report.get("selective") or [] if row.get("curve") and "_no_" not in row["reference"]]
    return sorted(rows, key=lambda row: (row["explainer"] != who, _reference_rank(row)))[:limit]


def _reference_rank(row: Mapping[str, Any]) -> int:
    return _name_rank(row["reference"])[0]


def _name_rank(name: str) -> tuple[int, str]:
    return HEADLINE_ORDER.index(name) if name in HEADLINE_ORDER else len(HEADLINE_ORDER), name


def selective_table(report: Mapping[str, Any]) -> list[Row]:
    """Every explainer's selective precision on the headline reference, the explained one first."""
    head, who = headline_row(report) or {}, explained(report)
    keys = ("screen", "reference", "claim_kind")
    rows = [row for row in report.get("selective") or [] if all(row.get(key) == head.get(key) for key in keys)]
    return _own_first(rows, who)


def selective_sentence(row: Mapping[str, Any]) -> str:
    """What the threshold that other groups chose gives, or why there is none."""
    if row.get("coverage_at_threshold") is None or row.get("precision") is None:
        return f"No dot: {row.get('reason') or 'no threshold reaches what is asked'}."
    text = (
        f"At coverage {share(row['coverage_at_threshold'])} precision is {share(row['precision'])} "
        f"{interval(row.get('ci95'))}, drug-swap {share(_mean(row.get('drug_swap')))}."
    )
    best = row.get("clears")
    if not isinstance(best, Mapping):
        return text
    return text + (
        f" Chosen on the same drugs (optimistic), the lower bound clears what is asked up to coverage "
        f"{share(best.get('coverage'))}, with precision {share(best.get('precision'))}."
    )
