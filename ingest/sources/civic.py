"""CIViC: accepted clinical evidence that an alteration of a gene predicts the response to a drug.

Reference: Griffith et al. 2017, doi:10.1038/ng.3774.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.reading import read_table
from pathproof.ingest.sources.shares import require_share
from pathproof.ingest.sources.together import MIN_ROWS, Together

_PREDICTIVE = "Predictive"
_TYPES = (_PREDICTIVE, "Diagnostic", "Prognostic", "Predisposing", "Oncogenic", "Functional")
_INTERACTIONS = ("Combination", "Sequential", "Substitutes")
_DIRECTION_WORDS = ("Supports", "Does Not Support", "N/A")
_SIGNIFICANCES = (
    *("Sensitivity/Response", "Resistance", "Reduced Sensitivity", "Adverse Response", "N/A", "Positive", "Negative"),
    *("Better Outcome", "Poor Outcome", "Predisposition", "Protectiveness", "Oncogenicity", "Uncertain Significance"),
    *("Dominant Negative", "Gain of Function", "Loss of Function", "Neomorphic", "Unaltered Function", "Unknown"),
)
# Of the evidence that predicts a response, 97 % is usable in a release of 2023; in any other most should be.
_LEAST_USABLE = 0.5
# Of the statements of resistance 63 % say `resist`, of those of sensitivity 10 %.
_LEAST_RESISTANT = 0.35
# Of the items with several therapies or a word for how they belong together, 99.9 % have both; after a move 26 %.
_LEAST_JOINED = 0.9
CIVIC = Source(
    name="civic",
    title="CIViC clinical evidence summaries",
    gives="accepted evidence that an altered gene predicts the response to a drug",
    files=("civic/ClinicalEvidenceSummaries.tsv", "civic/*ClinicalEvidenceSummaries.tsv"),
    rows=4_854,
    columns=(
        Column("molecular_profile", "str", "alteration, or several with AND, OR, NOT", blank=False),
        Column("disease", "str", "disease", filled=0.8),
        Column("therapies", "str", "comma-separated", filled=0.2),
        Column(*("therapy_interaction_type", "str", "how several therapies belong together"), words=_INTERACTIONS),
        Column("evidence_type", "str", "what the evidence is about", filled=0.9, words=_TYPES),
        Column("evidence_direction", "str", "whether it supports its statement", filled=0.9, words=_DIRECTION_WORDS),
        Column(
            *("evidence_level", "str", "A validated, B clinical, C case study, D preclinical, E inferential"),
            form=("[A-E]", "an evidence level from A to E"),
            filled=0.9,
        ),
        Column("significance", "str", "what the alteration is said to mean", filled=0.9, words=_SIGNIFICANCES),
        Column(
            *("citation_id", "str", "number at the source type"),
            form=(r"\d+|10\.\d+/\S+", "a whole number or a DOI"),
            filled=0.9,
        ),
        Column("source_type", "str", "where the citation is found: PubMed, ASCO, ASH", filled=0.9),
        Column(
            *("evidence_status", "str", "state of its curation"),
            filled=0.9,
            words=("accepted", "submitted", "rejected"),
        ),
        Column(*("evidence_id", "str", "CIViC evidence number"), blank=False, form=(r"\d+", "a CIViC evidence number")),
        Column("is_flagged", "str", "true or false", blank=False, form=("(?i:true|false)", "true or false")),
    ),
    licence="CC0 1.0",
    terms=terms.CC0,
    citation="Griffith et al. 2017, doi:10.1038/ng.3774",
    get_from="https://civicdb.org/downloads/nightly/nightly-ClinicalEvidenceSummaries.tsv",
    separator="\t",
    quoted=False,
    key=("evidence_id",),
    extra=(
        Column(
            *("doid", "str", "Disease Ontology number of the disease"),
            form=(r"(DOID:)?\d+", "a Disease Ontology number"),
            filled=0.7,
        ),
        Column("evidence_statement", "str", "the statement in CIViC's words", filled=0.9),
        Column("citation", "str", "author and year, or the meeting and abstract", filled=0.7),
        Column("rating", "str", "trust rating, 1 to 5", form=("[1-5]", "a rating from 1 to 5")),
        Column("evidence_civic_url", "str", "page of the item"),
        Column("molecular_profile_id", "str", "number of the molecular profile: held against it"),
    ),
    together=(
        Together("molecular_profile_id", "molecular_profile", "determines", 0.7, 1.00, 0.02),
        Together("doid", "disease", "determines", 0.7, 1.00, 0.01),
        Together("citation_id", "citation", "determines", 0.7, 1.00, 0.02),
        Together("citation_id", "evidence_level", "determines", 0.55, 0.78, 0.34),
        Together("evidence_id", "evidence_civic_url", "equals", 0.7, 1.00, 0.00, right_part=r"/(\d+)$"),
        Together("significance", "evidence_type", "suggests", 0.9, 0.99, 0.79),
        Together("therapies", "evidence_statement", "stands in", 0.6, 0.84, 0.36),
        Together(
            *("molecular_profile", "evidence_statement", "stands in", 0.74, 0.92, 0.56),
            left_part=r"^\(?(?:NOT )?(\S+)",
        ),
    ),
)

RESISTANCE = "CONFERS_RESISTANCE_TO"
SENSITIVITY = "CONFERS_SENSITIVITY_TO"
EDGE_OF = {
    "Resistance": RESISTANCE,
    "Reduced Sensitivity": RESISTANCE,
    "Sensitivity/Response": SENSITIVITY,
}
SUPPORTS = "Supports"
# `Does Not Support` speaks against the statement itself, and for no other: it is no evidence of the opposite response.
_DIRECTIONS = (SUPPORTS, "Does Not Support")
# Parentheses of the logic stand alone; those inside an alteration, as in `Splice Site (c.3028G>A)`, do not.
_TOKEN = re.compile(r"(?<!\S)(?:\(|\)|AND|OR|NOT)(?!\S)")
_UNKNOWN_PARTNER = frozenset({"v", "?"})


class NotUsable(ValueError):
    """An evidence item that says nothing about one altered gene; the text is the reason code."""


@dataclass(frozen=True)
class Evidence:
    """One usable evidence item; names as the source writes them; without `supports`, the statement did not hold."""

    number: str
    supports: bool
    edge: str
    genes: tuple[str, ...]
    therapies: tuple[str, ...]
    combination: bool
    profile: str
    disease: str
    level: str
    significance: str
    publication: str
    doid: str = ""
    rating: int | None = None
    statement: str = ""
    citation: str = ""
    url: str = ""


def profile_genes(profile: str) -> tuple[str, ...]:
    """Genes of which an alteration, by itself, carries the statement.

    `A OR B`: both. `A AND B`: the genes that both sides name (`EML4::ALK Fusion AND ALK C1156Y` is about
    ALK); two different genes altered together say nothing about either alone. `NOT A` and `A Wildtype`
    name the absence of an alteration and add no gene. A fusion names both of its partners.

    Raises
    ------
    NotUsable
        When no gene is left; the text says why.
    """
    tokens = _tokens(profile)
    genes = _or(tokens)
    if tokens:
        raise NotUsable("molecular profile that cannot be read")
    if genes is None:
        raise NotUsable("wild type or absence, not an alteration")
    if not genes:
        raise NotUsable("several genes altered together, none alone")
    return tuple(sorted(genes))


def _tokens(profile: str) -> list[str]:
    """Operators, parentheses and alterations in reverse order (so that pop() takes the next)."""
    tokens, last = [], 0
    for match in _TOKEN.finditer(profile):
        tokens += [profile[last : match.start()].strip(), match[0]]
        last = match.end()
    return [token for token in [*tokens, profile[last:].strip()] if token][::-1]


def _or(tokens: list[str]) -> set[str] | None:
    sides = [_and(tokens)]
    while tokens and tokens[-1] == "OR":
        tokens.pop()
        sides.append(_and(tokens))
    named = [side for side in sides if side is not None]
    return set().union(*named) if named else None


def _and(tokens: list[str]) -> set[str] | None:
    sides = [_term(tokens)]
    while tokens and tokens[-1] == "AND":
        tokens.pop()
        sides.append(_term(tokens))
    named = [side for side in sides if side is not None]
    return set.intersection(*named) if named else None


def _term(tokens: list[str]) -> set[str] | None:
    """Genes of one term; None for the absence of an alteration."""
    if not tokens:
        raise NotUsable("molecular profile that cannot be read")
    token = tokens.pop()
    if token == "NOT":  # noqa: S105 - a logical operator
        _term(tokens)
        return None
    if token == "(":  # noqa: S105 - a parenthesis
        inner = _or(tokens)
        if not tokens or tokens.pop() != ")":
            raise NotUsable("molecular profile that cannot be read")
        return inner
    if token in (")", "AND", "OR"):
        raise NotUsable("molecular profile that cannot be read")
    gene, _, alteration = token.partition(" ")
    if alteration.strip().lower() in ("wildtype", "wild type", "wild-type"):
        return None
    return {partner for partner in gene.split("::") if partner not in _UNKNOWN_PARTNER}


def split_therapies(text: str) -> tuple[str, ...]:
    """Therapies of one item, separated by commas.

    A comma before a space or between digits belongs to a name (`2,4-pyrimidinediamine`).
    """
    parts = re.split(r"(?<!\d),(?! )|(?<=\d),(?![ \d])", text)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def is_combination(therapies: Sequence[str], interaction: str) -> bool:
    """Whether the statement is about the therapies together (or one after the other), not each alone."""
    if len(therapies) > 1:
        return interaction != "Substitutes"
    return any(word in therapies[0] for word in ("Regimen", "Mixture")) if therapies else False


def read_evidence(path: Path, tally: Tally) -> list[Evidence]:
    """Usable evidence items by number; everything else is counted by reason.

    Raises
    ------
    DataError
        Also when an evidence number stands twice, and when most of what predicts a response is not usable.
    """
    raw = read_table(path, CIVIC, tally)
    tally.rows_in = len(raw)
    found = []
    for row in raw.to_dict("records"):
        try:
            found.append(_evidence({str(key): str(value) for key, value in row.items()}))
        except NotUsable as reason:
            tally.drop(str(reason), [f"EID{row['evidence_id']} {row['molecular_profile'][:60]}"])
    tally.rows_out = len(found)
    predictive = int((raw["evidence_type"] == _PREDICTIVE).sum())
    require_share(len(found), predictive, path, "items of evidence of a response are usable", _LEAST_USABLE)
    _check_significance(found, path)
    _check_joined(raw, path)
    return sorted(found, key=lambda evidence: int(evidence.number))


def _check_significance(found: Sequence[Evidence], path: Path) -> None:
    """What is said to be resistance says so: else it stands for sensitivity, and the other way round."""
    resistant = [one.statement.lower() for one in found if one.edge == RESISTANCE and one.statement]
    if len(resistant) >= MIN_ROWS:
        named = sum("resist" in statement for statement in resistant)
        require_share(named, len(resistant), path, "statements of resistance name it", _LEAST_RESISTANT)


def _check_joined(raw: pd.DataFrame, path: Path) -> None:
    """How therapies belong together is said where there are several, and nowhere else."""
    several, said = raw["therapies"].map(split_therapies).map(len) > 1, raw["therapy_interaction_type"] != ""
    either, both = int((several | said).sum()), int((several & said).sum())
    if either >= MIN_ROWS:
        require_share(both, either, path, "items with several therapies or their interaction have both", _LEAST_JOINED)


def _evidence(row: dict[str, str]) -> Evidence:
    for unwanted, reason in (
        (row["evidence_type"] != _PREDICTIVE, f"evidence type {row['evidence_type'] or 'empty'}"),
        (row["evidence_status"] != "accepted", f"evidence status {row['evidence_status'] or 'empty'}"),
        (row["is_flagged"].lower() != "false", "flagged"),
        (row["evidence_direction"] not in _DIRECTIONS, f"direction {row['evidence_direction'] or 'empty'}"),
        (row["significance"] not in EDGE_OF, f"significance {row['significance'] or 'empty'}"),
        (row["therapies"].strip() == "", "no therapy"),
    ):
        if unwanted:
            raise NotUsable(reason)
    therapies = split_therapies(row["therapies"])
    return Evidence(
        number=row["evidence_id"],
        supports=row["evidence_direction"] == SUPPORTS,
        edge=EDGE_OF[row["significance"]],
        genes=profile_genes(row["molecular_profile"]),
        therapies=therapies,
        combination=is_combination(therapies, row["therapy_interaction_type"]),
        profile=row["molecular_profile"],
        disease=row["disease"],
        level=row["evidence_level"],
        significance=row["significance"],
        publication=f"{row['source_type'].lower()}:{row['citation_id']}" if row["citation_id"] else "",
        doid=row.get("doid", "").removeprefix("DOID:"),
        rating=int(row["rating"]) if row.get("rating") else None,
        statement=row.get("evidence_statement", ""),
        citation=row.get("citation", ""),
        url=row.get("evidence_civic_url", ""),
    )
