"""What the references say of each claim, and the pages of the drugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from pathproof.graph_schema.records import Judgement
from pathproof.validate.circularity import entered_sources
from pathproof.validate.cited import cite
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.judged import Judged, Setting
from pathproof.validate.overlap import read_layer

if TYPE_CHECKING:
    from pathproof.graph_schema.mechanism import Way

MOST_CLAIMS = 12
MOST_EVIDENCE = 6
SAME, UNSIGNED, NEITHER, OPPOSITE = range(4)
SIGN_WORDS = {1: "resistance", -1: "sensitivity", 0: None}


@dataclass
class Said:
    """What the references say of one claim without circular facts; `circular_support` is what these would add."""

    supported_by: list[str] = field(default_factory=list)
    contradicted_by: list[str] = field(default_factory=list)
    novel_in: list[str] = field(default_factory=list)
    circular_support: list[str] = field(default_factory=list)


def collect(said: dict[str, Said], judged: Judged) -> None:
    """Add one reference's judgement of each of its claims: without circular facts first, then with them."""
    testable, supported, contradicted = judged.own_testable, judged.own_supported, judged.own_contradicted
    for row, claim_id in enumerate(judged.claims["claim_id"]):
        entry = said.setdefault(claim_id, Said())
        if judged.circular == "included":
            if supported[row] and judged.reference not in entry.supported_by:
                entry.circular_support.append(judged.reference)
        elif supported[row]:
            entry.supported_by.append(judged.reference)
        elif contradicted[row]:
            entry.contradicted_by.append(judged.reference)
        elif testable[row]:
            entry.novel_in.append(judged.reference)


class Fact(NamedTuple):
    """One fact of a reference: its row there, edges, words, signs of a mutation and of a high expression, citation."""

    row: int
    edges: tuple[str, ...]
    text: str
    mutation: int
    expression: int
    citation: str
    url: str


class FactIndex:
    """Facts by drug and item, for the evidence behind a judgement; circular facts are no evidence."""

    def __init__(self, setting: Setting, table: ClaimTable) -> None:
        by = ["explainer", "screen", "kind"]
        self._entered = {
            who: entered_sources(set(part["sources"]), setting.model_sources) for who, part in table.frame.groupby(by)
        }
        self._circular = {entered: setting.circular(entered) for entered in set(self._entered.values())}
        self._facts: dict[tuple[str, str, str], list[Fact]] = {}
        for reference in setting.references:
            names = ("edges", "text", "sign_mutation", "sign_expression", "citation", "url")
            facts = zip(*(reference.facts[name].tolist() for name in names), strict=True)
            for row, ((drug, item), (edges, text, *signs, citation, url)) in enumerate(
                zip(reference.pairs, facts, strict=True)
            ):
                mutation, expression = signs if reference.signed else (0, 0)
                fact = Fact(row, edges, text, mutation, expression, citation, url)
                self._facts.setdefault((reference.name, drug, item), []).append(fact)

    def of(self, claim: Mapping[Any, Any], references: Sequence[str]) -> list[list[Fact]]:
        """The facts of these references about the claim's items, those of one reference and item together."""
        items = [claim["key"]] if claim["kind"] == "pathway" else list(claim["genes"])
        circular = self._circular[self._entered[(claim["explainer"], claim["screen"], claim["kind"])]]
        return [
            [fact for fact in self._facts.get((name, claim["drug"], item), ()) if not circular[name][fact.row]]
            for name in references
            for item in items
        ]

    def sides(self, claim: Mapping[Any, Any], references: Sequence[str]) -> list[tuple[int, Fact]]:
        """Each fact with its side (:data:`SAME` to :data:`OPPOSITE`), by the rule of the overlap, the claim's first.

        A fact is read in the claim's layer. One that says no sign there is on the claim's side, unless another
        fact of its reference about the same item says the opposite: then it is on neither.
        """
        layer, found = read_layer(claim["layer"]), []
        for facts in self.of(claim, references):
            said = [getattr(fact, layer) * claim["sign"] for fact in facts]
            unsigned = NEITHER if any(sign < 0 for sign in said) else UNSIGNED
            found += [
                (SAME if sign > 0 else OPPOSITE if sign < 0 else unsigned, fact)
                for fact, sign in zip(facts, said, strict=True)
            ]
        return sorted(found, key=lambda one: one[0])

    def edges(self, claim: Mapping[Any, Any], references: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ids of the edges that say the same as the claim, and that say the opposite."""
        sides = self.sides(claim, references)
        same = {edge for side, fact in sides if side in (SAME, UNSIGNED) for edge in fact.edges}
        opposite = {edge for side, fact in sides if side == OPPOSITE for edge in fact.edges}
        return tuple(sorted(same)), tuple(sorted(opposite))


def judgements(table: ClaimTable, said: Mapping[str, Said], index: FactIndex) -> list[Judgement]:
    """One record for each claim, in the order of the table."""
    records = []
    for claim in table.frame.to_dict("records"):
        entry = said.get(claim["claim_id"], Said())
        supporting, contradicting = index.edges(claim, entry.supported_by + entry.contradicted_by)
        records.append(
            Judgement(
                claim_id=claim["claim_id"],
                supported_by=tuple(entry.supported_by),
                contradicted_by=tuple(entry.contradicted_by),
                novel_in=tuple(entry.novel_in),
                supporting=supporting,
                contradicting=contradicting,
            )
        )
    return records


def claim_rows(table: ClaimTable, said: Mapping[str, Said], setting: Setting) -> pd.DataFrame:
    """The claim table with the judgements and, where nothing could test a claim, the reason."""
    frame = table.frame.copy()
    entries = [said.get(claim_id, Said()) for claim_id in frame["claim_id"]]
    for name in ("supported_by", "contradicted_by", "novel_in", "circular_support"):
        frame[name] = [tuple(getattr(entry, name)) for entry in entries]
    frame["state"] = [_state(entry) for entry in entries]
    known = {drug for reference in setting.references for drug, _ in reference.pairs}
    frame["reason"] = [
        _why(claim, setting, known) if claim["state"] == "untestable" else "" for claim in frame.to_dict("records")
    ]
    return frame


def _state(entry: Said) -> str:
    if entry.supported_by:
        return "mixed" if entry.contradicted_by else "supported"
    if entry.contradicted_by:
        return "contradicted"
    return "novel" if entry.novel_in else "untestable"


def _why(claim: Mapping[Any, Any], setting: Setting, known: set[str]) -> str:
    if claim["kind"] == "pathway" and claim["key"] not in setting.universe.index("pathway"):
        return "the pathway is outside the universe"
    if any(gene not in setting.universe.index("gene") for gene in claim["genes"]) and claim["kind"] != "pathway":
        return "a gene is outside the universe"
    if claim["drug"] not in known:
        return "no reference knows the drug"
    if claim["circular_support"]:
        return "held only by a source that the model or the explainer had seen"
    return "the references that know the drug set the claim aside, or hold no fact of this kind about it"


def drug_pages(
    rows: pd.DataFrame, explainer: str, screen: str, setting: Setting, context: Mapping[str, Any], index: FactIndex
) -> list[dict[str, Any]]:
    """One entry for each drug with claims of the judged explainer; at most twelve claims each, reported ones first."""
    predictor = context.get("predictor") or {}
    part = rows[(rows["explainer"] == explainer) & (rows["screen"] == screen)]
    part = part.assign(hidden=~part["reported"]).sort_values(["drug", "hidden", "order", "kind", "rank", "key"])
    shown = part.groupby("drug", sort=True).head(MOST_CLAIMS)
    novel = shown.loc[shown["state"] == "novel", "claim_id"].tolist()
    ways = context["mechanisms"](novel) if novel and context.get("mechanisms") else {}
    pages = []
    for drug, claims in part.groupby("drug", sort=True):
        pearson = (predictor.get("per_drug") or {}).get(drug) or {}
        pages.append(
            {
                "drug": str(drug),
                "name": str(claims["drug_name"].iloc[0]),
                "targets": list(setting.known.targets.get(str(drug), ())),
                "predictor_pearson": pearson.get(predictor.get("explained")),
                "naive_beaten": (predictor.get("beats_naive") or {}).get(drug),
                "n_claims": len(claims),
                "claims": [_shown(claim, index, ways) for claim in claims.head(MOST_CLAIMS).to_dict("records")],
            }
        )
    return pages


def _number(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _shown(claim: Mapping[Any, Any], index: FactIndex, ways: Mapping[str, Way]) -> dict[str, Any]:
    told, opposite = _told(claim, index)
    shown = dict(list(told.items())[:MOST_EVIDENCE])
    way = ways.get(claim["claim_id"])
    return {
        "kind": claim["kind"],
        "key": claim["key"],
        "genes": list(claim["genes"]),
        "sign": SIGN_WORDS[claim["sign"]],
        "score": _number(claim["score"]),
        "confidence": _number(claim["confidence"]),
        "effect": _number(claim["effect"]),
        "selection_frequency": _number(claim["selection_frequency"]),
        "confirmed": None if claim["confirmed"] is None else bool(claim["confirmed"]),
        "layer": claim["layer"] or None,
        "supported_by": list(claim["supported_by"]),
        "contradicted_by": list(claim["contradicted_by"]),
        "novel_in": list(claim["novel_in"]),
        "circular_support": list(claim["circular_support"]),
        "mechanism": way.text if way else None,
        "mechanism_null": way.null_share if way else None,
        "evidence": list(shown),
        "n_evidence": len(told),
        "n_opposite": opposite,
        "citations": [one for text, fact in shown.items() for one in cite(text, fact.citation, fact.url)],
    }


def _told(claim: Mapping[Any, Any], index: FactIndex) -> tuple[dict[str, Fact], int]:
    """The facts behind a judgement by their words, those on the claim's side first, and how many say the opposite."""
    told: dict[tuple[str, tuple[str, ...]], tuple[int, Fact]] = {}
    for side, fact in index.sides(claim, list(claim["supported_by"]) + list(claim["contradicted_by"])):
        told.setdefault((fact.text, fact.edges), (side, fact))
    words = {_words(fact, read_layer(claim["layer"]), side): fact for side, fact in told.values()}
    return words, sum(side == OPPOSITE for side, _ in told.values())


def _words(fact: Fact, layer: str, side: int) -> str:
    """A fact in words, how it is read where that is not what it says, its side, and the ids of its edges."""
    notes = []
    if layer == "expression" and fact.mutation * fact.expression < 0:
        notes.append(f"so a high expression goes with {SIGN_WORDS[fact.expression]}")
    if layer == "mutation" and fact.mutation and not fact.expression:
        notes.append(f"so a mutation goes with {SIGN_WORDS[fact.mutation]}")
    notes += {NEITHER: ["no direction told for this kind of feature"], OPPOSITE: ["opposite to the claim"]}.get(
        side, []
    )
    text = "; ".join([fact.text, *notes])
    return f"{text} [{', '.join(fact.edges)}]" if fact.edges else text
