"""Numbers, names and nothings as people read them; no HTML here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MINUS = "−"
NOTHING = "–"

REFERENCES = {
    "resistance_evidence_class": "Resistance evidence, drug or class",
    "resistance_evidence_class_no_D": "The same, clinical levels only",
    "resistance_evidence": "Resistance evidence, the drug itself",
    "resistance_evidence_no_D": "The drug itself, clinical levels",
    "planted_truth": "Planted truth",
    "targets": "Drug targets",
    "target_pathways": "Pathways around the targets",
    "signed_neighbourhood": "One signed step from a target",
    "regulons": "Regulons of the targets",
    "resistance_pathways": "Resistance pathways",
    "resistance_signatures": "Resistance signatures",
    "user": "Your own reference",
}
STATUS_WORDS = {
    "pass": ("✓", "pass"),
    "warn": ("!", "warning"),
    "fail": ("✗", "fail"),
    "error": ("✗", "error"),
    "not_run": ("○", "not run"),
}
VERDICT_MARKS = {"PASS": "✓", "FAIL": "✗", "INCONCLUSIVE": "?"}
STATE_WORDS = {
    "supported": ("✓", "supported"),
    "contradicted": ("✗", "contradicted"),
    "mixed": ("±", "supported and contradicted"),
    "novel": ("○", "novel"),
    "untestable": ("–", "untestable"),
}
SIGN_WORDS = {"resistance": "↑ resistance", "sensitivity": "↓ sensitivity", "+": "↑ resistance", "-": "↓ sensitivity"}
LABELS = {
    "p": "p",
    "q": "q",
    "ci95": "95 % CI",
    "ci95_lines": "95 % CI over lines",
    "n": "n",
    "rmse": "RMSE",
    "k": "k",
    "id": "id",
    "sd": "SD",
    "r2": "R²",
    "sha256": "SHA-256",
    "auc": "AUC",
    "why": "why",
    "jaccard_mean": "agreement (Jaccard)",
    "top_k": "top k",
    "beyond_random_ci95": "beyond random, 95 % CI",
    "n_distinct_right": "facts right",
    "n_distinct_facts": "distinct facts",
    "n_target_groups": "target groups",
    "n_drugs": "drugs",
    "per_group_precision": "per target group",
    "coverage_at_threshold": "coverage",
    "threshold": "median threshold",
    "candidate_precision": "without selection",
    "drug_swap.mean": "drug-swap",
    "drug_swap.p": "drug-swap p",
    "popularity.mean": "popular",
    "clears.coverage": "clears at coverage",
    "n_facts": "facts",
    "n_facts_in_universe": "facts in universe",
    "blind_to": "cannot see",
    "share": "borne out",
    "drug_swap": "drug-swap",
    "tested_in": "screen",
    "n_claims": "claims",
    "n_untested": "not tested",
}


def number(value: Any, digits: int = 3) -> str:
    """A number with `digits` significant digits, grouped thousands and a true minus; None is a dash."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    size = abs(value)
    if size >= 1000:
        text = f"{value:,.0f}"
    elif size and size < 1e-4:
        text = f"{value:.1e}".replace("e-0", "e-")
    else:
        text = _significant(value, digits)
    return text.replace("-", MINUS)


def _significant(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    return f"{float(text):,.0f}" if "e+" in text else text  # 999.9 rounds up to 1,000


def count(value: Any) -> str:
    """A count, or a mean of counts with one decimal."""
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def share(value: Any) -> str:
    """A share in [0, 1] with two decimals, or two significant digits below 0.1."""
    if value is None:
        return NOTHING
    return f"{value:.2f}" if value >= 0.095 or value == 0 else f"{value:.2g}"


def percent(value: Any) -> str:
    """A share as a percentage, for sentences."""
    if value is None:
        return NOTHING
    scaled = 100 * value
    return f"{scaled:.0f} %" if scaled >= 1 or scaled == 0 else f"{scaled:.1g} %"


def interval(value: Sequence[float] | None, *, as_share: bool = True) -> str:
    """[low, high] with the same rules as the number before it; empty when there is none."""
    if value is None:
        return ""
    form = share if as_share and value[0] >= 0 else number
    return f"[{form(value[0])}, {form(value[1])}]"


def p_value(value: Any) -> str:
    """A p-value with two significant digits."""
    return NOTHING if value is None else number(float(value), 2)


def with_interval(value: Any, ci: Sequence[float] | None, *, as_share: bool = True) -> str:
    """`0.41 [0.28, 0.55]`."""
    form = share if as_share and isinstance(value, float) and value >= 0 else number
    return f"{form(value)} {interval(ci, as_share=as_share)}".strip()


def label(key: str) -> str:
    """A key of the report as a column heading."""
    return LABELS.get(key) or key.replace("_", " ").replace(".", " ")


def reference_title(name: str) -> str:
    """A reference's name in plain words."""
    return REFERENCES.get(name) or name.replace("_", " ")


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis when something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def anything(value: Any) -> str:
    """Any JSON value as one line."""
    if value is None or value == "" or value == [] or value == {}:
        return NOTHING
    if isinstance(value, bool | int | float):
        return number(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{label(str(k))}: {anything(v)}" for k, v in value.items())
    items = list(value)
    if len(items) == 2 and all(isinstance(item, float) for item in items):
        return interval(items, as_share=False)
    shown = ", ".join(anything(item) for item in items[:6])
    return shown if len(items) <= 6 else f"{shown} … ({len(items)} in all)"


def points(sentence: str) -> tuple[str, list[str]]:
    """A sentence "lead: a; b; c." as its lead and its points; any other sentence is all lead."""
    lead, colon, rest = sentence.partition(": ")
    if not colon or "(" in lead:
        return sentence, []
    parts, depth, start = [], 0, 0
    for i, sign in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == ";" and depth == 0:
            parts.append(rest[start:i].strip())
            start = i + 1
    if not parts:
        return sentence, []
    return f"{lead}:", [*parts, rest[start:].strip().removesuffix(".")]
