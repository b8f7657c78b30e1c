"""What the report says, in words and rows: the picture-free half of the HTML and the Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pathproof.validate.render_format import (
    anything,
    interval,
    label,
    percent,
    reference_title,
    share,
)
from pathproof.validate.schema_report import Report
from pathproof.workspace import canonical_json

Row = dict[str, Any]
DEMONSTRATION = (
    "Demonstration: simulated numbers, planted mechanisms; nothing here is about a real drug. "
    "On real data: pathproof run --data DIR"
)
HEADLINE_ORDER = (
    "resistance_evidence",
    "user",
    "targets",
    "signed_neighbourhood",
    "target_pathways",
    "resistance_pathways",
    "regulons",
    "resistance_signatures",
)
COLUMN_ORDER = (
    "name", "kind", "type", "method", "what", "step", "drug", "explainer", "claim_kind", "scope", "reference",
    "screen", "k", "value", "mean", "observed", "ci95", "sd", "null", "null_mean", "null_sd", "random", "p", "n",
    "status",
)  # fmt: skip
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


def headline_sentence(report: Mapping[str, Any]) -> str:
    """One plain sentence: the obtained precision, its nulls and what was asked."""
    given = report["verdict"].get("headline")
    if isinstance(given, str) and given:
        return given
    row = headline_row(report)
    if row is None or row["precision"] is None:
        return "No claim could be scored against a reference, so nothing can be said about precision."
    swap = (row.get("drug_swap") or {}).get("mean")
    asked = asked_precision(report)
    against = "" if asked is None else f"; {percent(asked)} was asked"
    ci = "" if not row.get("ci95") else f" (95 % CI {percent(row['ci95'][0])} to {percent(row['ci95'][1])})"
    return (
        f"Of what {row['explainer']} names for a drug, {percent(row['precision'])}{ci} is in the reference "
        f"“{reference_title(row['reference']).lower()}”{against}. The references of other drugs would give "
        f"{percent(swap)} (drug-swap), genes drawn at random {percent(row['base_rate'])} (base rate)."
    )


def chart_rows(report: Mapping[str, Any]) -> list[Row]:
    """One precision row for each reference: the headline's explainer, screen and selection, its kind if it has it."""
    head = headline_row(report)
    if head is None:
        return []
    by_reference: dict[str, Row] = {}
    for row in report["precision"]:
        same = all(row.get(key) == head.get(key) for key in ("explainer", "screen", "selection", "circular"))
        known = by_reference.get(row["reference"])
        if same and (known is None or (row["claim_kind"] == head["claim_kind"] != known["claim_kind"])):
            by_reference[row["reference"]] = row
    return sorted(by_reference.values(), key=lambda row: (row is not head, _headline_rank(row)[1], row["reference"]))


def precision_tables(report: Mapping[str, Any]) -> list[Row]:
    """Tables of one (screen, kind, selection) each: references as row groups, explainers side by side."""
    head = headline_row(report)
    tables: dict[tuple[str, str, str], dict[str, list[Row]]] = {}
    for row in report.get("precision") or []:
        if row["circular"] == "excluded":
            key = (row.get("screen") or "", row["claim_kind"], row.get("selection") or "")
            tables.setdefault(key, {}).setdefault(row["reference"], []).append(row)
    who = explained(report)
    result: list[Row] = []
    for (screen, kind, selection), references in tables.items():
        main = head is not None and all(
            (head.get(name) or "") == value
            for name, value in (("screen", screen), ("claim_kind", kind), ("selection", selection))
        )
        parts = [f"{kind} claims", *(part for part in (screen, selection) if part)]
        groups = [
            {"title": reference_title(name), "name": name, "rows": _own_first(references[name], who)}
            for name in sorted(references, key=_name_rank)
        ]
        result.append({"caption": ", ".join(parts), "main": main, "first": kind != "gene", "groups": groups})
    return sorted(result, key=lambda table: (not table["main"], table["first"], table["caption"]))


def _own_first(rows: list[Row], who: str | None) -> list[Row]:
    return sorted(rows, key=lambda row: row["explainer"] != who)


def circularity(report: Mapping[str, Any]) -> list[Row]:
    """Headline selection without and with facts whose source entered the model or the explainer."""
    who, head = explained(report), headline_row(report) or {}
    pairs: dict[tuple[str, ...], Row] = {}
    for row in report.get("precision") or []:
        if row["explainer"] == who and all(row.get(k) == head.get(k) for k in ("screen", "selection")):
            key = tuple(row.get(k) or "" for k in ("reference", "claim_kind", "screen", "selection"))
            pairs.setdefault(key, {"key": key})[row["circular"]] = row
    return [pair for pair in pairs.values() if "excluded" in pair and "included" in pair]


def selective_rows(report: Mapping[str, Any], limit: int = 4) -> list[Row]:
    """The selective rows to draw: the explained explainer first, the strictest references first."""
    who = explained(report)
    rows = [row for row in report.get("selective") or [] if row.get("curve")]
    return sorted(rows, key=lambda row: (row["explainer"] != who, _reference_rank(row)))[:limit]


def _reference_rank(row: Mapping[str, Any]) -> int:
    return _name_rank(row["reference"])[0]


def _name_rank(name: str) -> tuple[int, str]:
    return HEADLINE_ORDER.index(name) if name in HEADLINE_ORDER else len(HEADLINE_ORDER), name


def selective_sentence(row: Mapping[str, Any]) -> str:
    """Where the curve clears the asked threshold, or that it does not."""
    if row.get("coverage_at_threshold") is None or row.get("precision") is None:
        return "At no coverage does the lower 95 % bound clear the asked precision."
    swap = row.get("drug_swap")
    swap = swap.get("mean") if isinstance(swap, Mapping) else swap
    return (
        f"At coverage {share(row['coverage_at_threshold'])} precision is {share(row['precision'])} "
        f"{interval(row.get('ci95'))}, drug-swap {share(swap)}."
    )


def records_table(rows: Sequence[Mapping[str, Any]], limit: int = 40) -> Row:
    """Any list of records as a table: headings, cells as text, and how many rows were left out."""
    flat = [_flat(row) for row in rows]
    keys = {key for row in flat for key in row}
    ordered = [key for key in COLUMN_ORDER if key in keys] + sorted(keys - set(COLUMN_ORDER))
    used = [key for key in ordered if any(row.get(key) not in (None, "", [], {}) for row in flat)]
    cells = [[{"text": anything(row.get(key)), "number": _is_number(row.get(key))} for key in used] for row in flat]
    numeric = [all(_is_number(row.get(key)) or row.get(key) is None for row in flat) for key in used]
    heads = [{"text": label(key), "number": is_number} for key, is_number in zip(used, numeric, strict=True)]
    return {"heads": heads, "rows": cells[:limit], "more": max(0, len(cells) - limit)}


def _flat(row: Mapping[str, Any]) -> Row:
    result: Row = {}
    for key, value in row.items():
        if isinstance(value, Mapping) and value and len(value) <= 4:
            result.update({f"{key}.{inner}": item for inner, item in value.items()})
        else:
            result[key] = value
    return result


def _is_number(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) == 2 and all(isinstance(item, int | float) for item in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def data_first(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Stability rows with other cell lines before rows with other seeds: the harder question first."""
    return sorted(rows, key=lambda row: "data" not in " ".join(str(row.get(k, "")) for k in ("name", "kind", "what")))


def planted_rows(planted: Mapping[str, Any]) -> list[Row]:
    """The planted truth drug by drug, whichever of the allowed shapes it has."""
    per_drug = planted.get("per_drug") or []
    if isinstance(per_drug, Mapping):
        return [{"drug": k, **(v if isinstance(v, Mapping) else {"recall": v})} for k, v in sorted(per_drug.items())]
    return [dict(row) for row in per_drug]
