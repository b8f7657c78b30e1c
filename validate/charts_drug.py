"""The subgraph of one explanation: drug, claims, and what the references hold about them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from pathproof.validate.render_format import SIGN_WORDS, STATE_WORDS, reference_title, shorten
from pathproof.validate.schema_report import claim_state

WIDTH = 780
ROW = 54
TOP = 30
DRUG = (8, 150)  # x, width of the three columns
CLAIM = (226, 226)
EVIDENCE = (508, 264)


def drug_subgraph(drug: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> Markup:
    """Drug - claims - evidence as inline SVG.

    Colour, line style and a word say the same: supported (solid), contradicted (dashed),
    novel or untestable (dotted, no evidence to point at).
    """
    height = TOP + ROW * max(len(claims), 2) + 4
    middle = TOP + ROW * max(len(claims), 2) / 2
    parts = [_heads(), _drug_box(drug, middle)]
    for i, claim in enumerate(claims):
        parts.append(_claim(claim, set(drug.get("targets") or ()), TOP + ROW * i, middle))
    words = "; ".join(f"{_name(claim)} {STATE_WORDS[claim_state(claim)][1]}" for claim in claims)
    label = escape(f"Subgraph of {drug['name']}: {words}")
    body = "".join(parts)
    return Markup(f'<svg class="sub" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">{body}</svg>')  # noqa: S704  every text in it was escaped


def _heads() -> str:
    columns = ((DRUG, "drug"), (CLAIM, "the model names"), (EVIDENCE, "the references hold"))
    return "".join(f'<text class="ax" x="{x}" y="16">{text}</text>' for (x, _), text in columns)


def _drug_box(drug: Mapping[str, Any], middle: float) -> str:
    x, width = DRUG
    targets = ", ".join(drug.get("targets") or ()) or "no annotated target"
    return (
        f'<rect class="bx" x="{x}" y="{middle - 24:g}" width="{width}" height="48" rx="8"/>'
        f"{_text('lb', x + 10, middle - 4, drug['name'], 16)}{_text('sm', x + 10, middle + 14, targets, 17)}"
    )


def _claim(claim: Mapping[str, Any], targets: set[str], y: float, middle: float) -> str:
    state = claim_state(claim)
    mark, word = STATE_WORDS[state]
    x, width = CLAIM
    centre = y + 23
    start = DRUG[0] + DRUG[1]
    notes = [f"{mark} {word}"]
    if targets & set(claim.get("genes") or ()):
        notes.append("target")
    sign = SIGN_WORDS.get(claim.get("sign") or "", "")
    bend = (start + x) / 2
    return (
        f'<path class="e {state}" d="M{start} {middle:g}C{bend:g} {middle:g} {bend:g} {centre:g} {x} {centre:g}"/>'
        f'<rect class="bx {state}" x="{x}" y="{y}" width="{width}" height="46" rx="8"/>'
        f"{_text('lb', x + 10, y + 19, _name(claim), 12)}"
        f'<text class="sm" x="{x + width - 10}" y="{y + 19:g}" text-anchor="end">{escape(sign)}</text>'
        f'<text class="sm {state}" x="{x + 10}" y="{y + 37:g}">{escape(shorten(" · ".join(notes), 32))}</text>'
        f"{_evidence(claim, state, y)}"
    )


def _evidence(claim: Mapping[str, Any], state: str, y: float) -> str:
    x, width = EVIDENCE
    start, centre = CLAIM[0] + CLAIM[1], y + 23
    if state in ("novel", "untestable"):
        word = "not in a reference of this drug" if state == "novel" else "no reference can judge it"
        return f'<text class="sm" x="{x}" y="{centre + 4:g}">{word}</text>'
    names = [*(claim.get("supported_by") or ()), *(claim.get("contradicted_by") or ())]
    title = ", ".join(reference_title(name) for name in names)
    evidence = re.sub(r"\s*\[[^\]]*\]$", "", (claim.get("evidence") or [""])[0])  # edge ids are for tracing
    return (
        f'<path class="e {state}" d="M{start} {centre:g}H{x}"/>'
        f'<rect class="bx {state}" x="{x}" y="{y}" width="{width}" height="46" rx="8"/>'
        f"{_text('md', x + 10, y + 19, title, 32)}{_text('sm', x + 10, y + 37, evidence, 35)}"
    )


def _text(name: str, x: float, y: float, text: str, limit: int) -> str:
    """One line of text, cut with an ellipsis; the whole stands in its title."""
    title = f"<title>{escape(text)}</title>" if len(text) > limit else ""
    return f'<text class="{name}" x="{x:g}" y="{y:g}">{escape(shorten(text, limit))}{title}</text>'


def _name(claim: Mapping[str, Any]) -> str:
    if claim["kind"] == "pathway":
        return str(claim.get("name") or claim["key"])
    return " + ".join(claim.get("genes") or ()) or str(claim["key"])
