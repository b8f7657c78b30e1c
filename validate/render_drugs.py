"""The drug pages: which claims are tabled, which are drawn, and how much fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathproof.validate.charts_drug import drug_subgraph
from pathproof.validate.render_format import (
    SIGN_WORDS,
    STATE_WORDS,
    number,
    percent,
    reference_title,
    share,
    shorten,
)
from pathproof.validate.schema_report import CLAIM_STATES, claim_state

Row = dict[str, Any]
STATE_ORDER = ("supported", "mixed", "contradicted", "novel", "untestable")
_EDGES = re.compile(r"\s*\[[^\]]*\]$")
ARROWS = {"resistance": "↑", "sensitivity": "↓", "+": "↑", "-": "↓"}


@dataclass(frozen=True)
class Detail:
    """How much of each drug is written out; the rest is in claims.csv and report.json.

    `rows` claims with a judgement and `novel` others get a table row, `named` more their name;
    `drawings` drugs are drawn, with `drawn` claims each; `paths` novel claims have their path
    written out; `untestable`: such claims are named too, not only counted.
    """

    rows: int
    novel: int
    named: int
    drawn: int
    drawings: int
    evidence: int
    paths: int
    untestable: bool = False


LEVELS = (
    Detail(rows=12, novel=12, named=60, drawn=6, drawings=400, evidence=3, paths=6, untestable=True),
    Detail(rows=12, novel=6, named=30, drawn=6, drawings=200, evidence=2, paths=4),
    Detail(rows=10, novel=3, named=24, drawn=5, drawings=120, evidence=2, paths=3),
    Detail(rows=8, novel=2, named=16, drawn=5, drawings=90, evidence=1, paths=2),
    Detail(rows=6, novel=1, named=12, drawn=4, drawings=70, evidence=1, paths=2),
    Detail(rows=6, novel=0, named=12, drawn=4, drawings=50, evidence=1, paths=2),
    Detail(rows=4, novel=0, named=10, drawn=4, drawings=30, evidence=1, paths=2),
    Detail(rows=3, novel=0, named=8, drawn=3, drawings=14, evidence=1, paths=1),
    Detail(rows=2, novel=0, named=5, drawn=3, drawings=6, evidence=1, paths=1),
    Detail(rows=0, novel=0, named=3, drawn=0, drawings=0, evidence=0, paths=0),
)
GROUPS = (
    ("judged", "With a supported or contradicted claim"),
    ("novel", "Every testable claim is novel"),
    ("none", "No claim, or none that a reference can judge"),
)


def drug_groups(
    drugs: Sequence[Mapping[str, Any]], detail: Detail, stability: Mapping[str, float] | None = None
) -> list[Row]:
    """The drugs in three groups, by name; within the drawing budget the best judged drugs are drawn.

    `stability` gives for each drug the agreement of its explanations over other cell lines.
    """
    counts = {id(drug): _counts(drug) for drug in drugs}
    judged = [drug for drug in drugs if _group(counts[id(drug)]) == "judged"]
    ranked = sorted(judged, key=lambda d: (-counts[id(d)]["supported"], d["name"].lower(), d["drug"]))
    drawn = {id(drug) for drug in ranked[: detail.drawings]}
    groups = []
    for key, title in GROUPS:
        members = [drug for drug in drugs if _group(counts[id(drug)]) == key]
        pages = [_page(drug, counts[id(drug)], detail, id(drug) in drawn) for drug in sorted(members, key=_by_name)]
        for page in pages:
            page["stability"] = (stability or {}).get(page["id"])
        groups.append({"title": title, "pages": pages})
    return [group for group in groups if group["pages"]]


def _by_name(drug: Mapping[str, Any]) -> tuple[str, str]:
    return drug["name"].lower(), drug["drug"]


def _counts(drug: Mapping[str, Any]) -> dict[str, int]:
    states = [claim_state(claim) for claim in drug.get("claims") or ()]
    return {state: states.count(state) for state in CLAIM_STATES}


def _group(counts: Mapping[str, int]) -> str:
    if counts["supported"] or counts["contradicted"] or counts["mixed"]:
        return "judged"
    return "novel" if counts["novel"] else "none"


def _page(drug: Mapping[str, Any], counts: Mapping[str, int], detail: Detail, drawn: bool) -> Row:
    # A claim's place in the report is its rank: sorting by state keeps it within one state.
    claims = sorted(drug.get("claims") or (), key=lambda claim: STATE_ORDER.index(claim_state(claim)))
    judged = counts["supported"] + counts["mixed"] + counts["contradicted"]
    first = min(judged, detail.rows)
    tabled = claims[:first] + claims[judged : judged + detail.novel]
    rest = claims[first:judged] + claims[judged + detail.novel :]
    told = [claim for claim in rest if detail.untestable or claim_state(claim) != "untestable"][: detail.named]
    return {
        "id": drug["drug"],
        "name": drug["name"],
        "targets": ", ".join(drug.get("targets") or ()) or "none annotated",
        "pearson": share(drug["predictor_pearson"]) if _positive(drug) else number(drug.get("predictor_pearson")),
        "naive_beaten": drug.get("naive_beaten"),
        "badges": [{"state": s, "words": f"{counts[s]} {STATE_WORDS[s][1]}"} for s in STATE_ORDER if counts[s]],
        "rows": [_claim_row(claim, detail) for claim in tabled],
        "named": ", ".join(_short(claim) for claim in told),
        "paths": [_drawn(claim) for claim in claims if claim.get("mechanism")][: detail.paths],
        "more": len(rest) - len(told) + max(0, (drug.get("n_claims") or 0) - len(claims)),
        "svg": drug_subgraph(drug, claims[: detail.drawn]) if drawn and detail.drawn else None,
    }


def _drawn(claim: Mapping[str, Any]) -> str:
    """The path of a claim with the arrows of people, not of plain text, and how many like genes have one as short."""
    path = str(claim["mechanism"]).replace(" -> ", " → ").replace(" -| ", " ⊣ ")
    null = claim.get("mechanism_null")
    return path if null is None else f"{path} ({percent(null)} of like genes)"


def _positive(drug: Mapping[str, Any]) -> bool:
    return (drug.get("predictor_pearson") or -1.0) >= 0


def _short(claim: Mapping[str, Any]) -> str:
    arrow = ARROWS.get(claim.get("sign") or "", "")
    state = claim_state(claim)
    note = "" if state == "novel" else f" ({STATE_WORDS[state][1]})"
    return f"{shorten(claim_name(claim), 40)}{arrow}{note}"


def claim_name(claim: Mapping[str, Any]) -> str:
    """What a claim is about, as people write it."""
    if claim["kind"] == "pathway":
        return str(claim.get("name") or claim["key"])
    return " + ".join(claim.get("genes") or ()) or str(claim["key"])


def without_edges(text: str) -> str:
    """Evidence without the edge ids at its end: they are for tracing, in report.json."""
    return _EDGES.sub("", text)


def _claim_row(claim: Mapping[str, Any], detail: Detail) -> Row:
    state = claim_state(claim)
    names = [*(claim.get("supported_by") or ()), *(claim.get("contradicted_by") or ())]
    cited = {one["evidence"]: one for one in claim.get("citations") or ()}
    evidence = [
        {"text": shorten(without_edges(text), 140), "cited": cited.get(text)}
        for text in (claim.get("evidence") or ())[: detail.evidence]
    ]
    more = max(claim.get("n_evidence") or 0, len(claim.get("evidence") or ())) - len(evidence)
    against = f"; {number(claim['n_opposite'])} in all say the opposite" if claim.get("n_opposite") else ""
    return {
        "name": shorten(claim_name(claim), 60),
        "kind": claim["kind"],
        "sign": SIGN_WORDS.get(claim.get("sign") or "", claim.get("sign") or "–"),
        "effect": number(claim.get("effect"), 2),
        "confidence": share(claim.get("confidence")),
        "selected": share(claim.get("selection_frequency")),
        "confirmed": {True: "yes", False: "no", None: "–"}[claim.get("confirmed")],
        "state": state,
        "mark": STATE_WORDS[state][0],
        "word": STATE_WORDS[state][1],
        "circular": " · ".join(reference_title(name) for name in claim.get("circular_support") or ()),
        "references": " · ".join(reference_title(name) for name in names),
        "evidence": evidence,
        "more": f" (+{more}{against})" if more > 0 and evidence else "",
    }
