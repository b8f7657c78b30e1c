"""Anybody's explanations, from a comma- or tab-separated file or a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import nearest
from pathproof.graph_schema.records import ClaimKind
from pathproof.graph_schema.screens import OTHER_SCREENS
from pathproof.validate.claim_table import ClaimTable, finished
from pathproof.validate.csv_cells import Columns, Line, Problems, file_lines, frame_lines
from pathproof.validate.knowledge import LITERATURE
from pathproof.workspace import content_key

COLUMNS = Columns(
    "explanations",
    "claim",
    ("drug", "score"),
    ("gene", "module", "pathway"),
    ("gene2", "sign", "confidence", "screen", "explainer", "layer"),
)
SIGNS = {
    **dict.fromkeys(("resistance", "+", "1", "+1", "1.0"), 1),
    **dict.fromkeys(("sensitivity", "-", "-1", "-1.0"), -1),
    **dict.fromkeys(("", "0", "0.0"), 0),
}
NAMING = ("gene", "gene2", "module", "pathway")
UNNAMED = "explanations"
DRUG_FORMS = "a name, synonym, GDSC id or PubChem id of the graph"
PATHWAY_FORMS = "id or name of a pathway of the graph"


@dataclass(frozen=True)
class Names:
    """What the cells are checked against: every way to write a drug, a gene and a pathway, in lower case.

    `drugs` maps to (id, name) pairs: several where a screen holds a name twice.
    """

    drugs: Mapping[str, tuple[tuple[str, str], ...]]
    genes: Mapping[str, str]
    pathways: Mapping[str, str]

    @classmethod
    def of(cls, drugs: Iterable[Mapping[str, Any]], genes: Iterable[str], pathways: Mapping[str, str]) -> Names:
        """From rows of the query `drugs`, approved symbols, and pathway ids to names."""
        return cls(
            drug_names(drugs),
            {gene.lower(): gene for gene in genes},
            {name.lower(): pid for pid, label in sorted(pathways.items()) for name in (label, pid)},
        )


@dataclass
class _Reading:
    """The names that are known, and everything found wrong so far."""

    names: Names
    problems: Problems
    explainer: str


def claims_from_csv(
    path: Path,
    drugs: Iterable[Mapping[str, Any]],
    genes: Iterable[str],
    pathways: Mapping[str, str],
) -> ClaimTable:
    """Read a table of claims: columns drug, score and what the claim names.

    A line names one gene (`gene`), a pair (`gene` and `gene2`), a module (`module`: symbols
    separated by `|`, `;` or blanks) or a pathway (`pathway`: id or name). Optional columns:
    sign (resistance, sensitivity, + or -, 1 or -1), confidence (0 to 1; for all claims of a kind or
    for none, for claims are ranked by it), layer (mutation or expression),
    screen, explainer.

    Parameters
    ----------
    path : Path
        UTF-8, comma, tab or semicolon; the first line holds the names of the columns.
    drugs : iterable of mapping
        Rows of the named query `drugs`: `id`, `name`, and where known `synonyms` and `pubchem`. A name that several
        ids of the screen share stands for each of them: the claim is copied to each id, as each
        is a compound screened for itself; per-group precision and intervals count them once.
    genes : iterable of str
        Approved symbols.
    pathways : mapping of str to str
        Pathway ids to names.

    Raises
    ------
    DataError
        With every problem of the file at once: line, what was got, what is allowed, the nearest name.
    """
    return claims_from_file(path, Names.of(drugs, genes, pathways))


def claims_from_file(path: Path, names: Names, explainer: str = UNNAMED) -> ClaimTable:
    """The same with names that are known already; `explainer` names the explainer where a line gives none."""
    problems = Problems(path.name, str(path))
    lines = file_lines(path, COLUMNS, problems)
    return _claims(lines, _Reading(names, problems, explainer))


def claims_from_frame(frame: pd.DataFrame, names: Names, explainer: str = UNNAMED) -> ClaimTable:
    """The same from a DataFrame with these columns (the index is not looked at); problems are told by row, from 1."""
    problems = Problems(explainer, f"the table {explainer}", "row")
    return _claims(frame_lines(frame, COLUMNS, problems), _Reading(names, problems, explainer))


def _claims(lines: Iterable[Line], reading: _Reading) -> ClaimTable:
    rows = [row for number, line in lines for row in _claims_of(number, line, reading)]
    _refuse_duplicates(rows, reading)
    _refuse_holes(rows, reading)
    reading.problems.raise_if_any("mend these lines; names are compared without case")
    for row in rows:
        del row["line"]
    return ClaimTable(finished(_ranked(rows)), (), reading.problems.name)


def drug_names(drugs: Iterable[Mapping[str, Any]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Every way to write a drug, in lower case; ids and names before synonyms."""
    exact: dict[str, set[tuple[str, str]]] = {}
    other: dict[str, set[tuple[str, str]]] = {}
    apart: dict[str, set[tuple[str, str]]] = {}
    for row in drugs:
        # The compound of a further screen is meant by its id, and by a name that no other compound has.
        named, written_so = (apart, apart) if row.get("provided_by") in OTHER_SCREENS else (exact, other)
        drug, name = str(row["id"]), str(row["name"])
        bare = drug.rsplit(":", 1)[-1]
        for text in (drug, *([bare] if bare.isdigit() else [])):
            exact.setdefault(text.lower(), set()).add((drug, name))
        named.setdefault(name.lower(), set()).add((drug, name))
        pubchem = str(row.get("pubchem") or "")
        written = [*(row.get("synonyms") or ()), *([f"pubchem:{pubchem}", f"cid:{pubchem}"] if pubchem else [])]
        # A bare number is a GDSC id first: PubChem numbers are long, so the two rarely meet.
        for text in (*written, *([pubchem] if pubchem else [])):
            written_so.setdefault(str(text).lower(), set()).add((drug, name))
    merged = {**apart, **other, **exact}
    return {name: _screened_first(ids) for name, ids in merged.items()}


def _screened_first(ids: set[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Screened compounds stand before therapies that only the literature names."""
    screened = sorted(pair for pair in ids if LITERATURE not in pair[0])
    return tuple(screened or sorted(ids))


def _claims_of(number: int, line: Mapping[str, str], reading: _Reading) -> list[dict[str, Any]]:
    """The claims of one line: none when something is wrong with it, several for a shared drug name."""
    problems = reading.problems
    before = len(problems.found)
    drugs = reading.names.drugs.get(line["drug"].lower(), ())
    if not drugs:
        near = nearest(line["drug"], reading.names.drugs)
        known = reading.names.drugs[near][0][1] if near else None
        problems.wrong(number, "unknown drug", line["drug"], DRUG_FORMS, known)
    kind, names = _named(number, line, reading)
    score = problems.number(number, "score", line["score"])
    told = line.get("confidence")
    confidence = problems.number(number, "confidence", told, (0.0, 1.0)) if told else np.nan
    sign = sign_of(number, line, problems)
    if line.get("layer", "") not in ("", "mutation", "expression"):
        problems.wrong(number, "unknown layer", line["layer"], "mutation, expression or nothing")
    if len(problems.found) > before or kind is None:
        return []
    shared: dict[str, Any] = {
        "explainer": line.get("explainer") or reading.explainer,
        "screen": line.get("screen") or "not stated",
        "kind": kind.value,
        "key": names[0] if kind is ClaimKind.PATHWAY else "|".join(sorted(names)),
        "genes": () if kind is ClaimKind.PATHWAY else names,
        "layer": line.get("layer", ""),
        "sign": sign,
        "score": score,
        "confidence": confidence,
        "confirmed": None,
        "reported": True,
        "selection_frequency": np.nan,
        "effect": np.nan,
        "sources": (),
        "line": number,
    }
    who = (shared["explainer"], shared["screen"], shared["kind"], shared["key"])
    return [
        {**shared, "drug": drug, "drug_name": name, "claim_id": "claim:" + content_key("csv", drug, *who)}
        for drug, name in drugs
    ]


def _named(number: int, line: Mapping[str, str], reading: _Reading) -> tuple[ClaimKind | None, tuple[str, ...]]:
    filled = [name for name in ("gene", "module", "pathway") if line.get(name)]
    if len(filled) != 1 or (line.get("gene2") and filled != ["gene"]):
        got = ", ".join(name for name in NAMING if line.get(name)) or "nothing"
        reading.problems.wrong(
            number, "what is claimed is not clear", got, "one of gene, gene with gene2, module, pathway"
        )
        return None, ()
    if filled == ["pathway"]:
        pathway = reading.names.pathways.get(line["pathway"].lower())
        if pathway is None:
            near = nearest(line["pathway"], reading.names.pathways)
            reading.problems.wrong(
                number, "unknown pathway", line["pathway"], "id or name of a pathway of the graph", near
            )
            return None, ()
        return ClaimKind.PATHWAY, (pathway,)
    if filled == ["module"]:
        written = line["module"].replace("|", " ").replace(";", " ").replace(",", " ").split()
    else:
        written = [line["gene"], *([line["gene2"]] if line.get("gene2") else [])]
    found = [_gene(number, name, reading) for name in written]
    names = tuple(dict.fromkeys(name for name in found if name is not None))
    if None not in found and (len(names) != len(written) or (filled == ["module"] and len(names) < 2)):
        reading.problems.wrong(
            number, "too few different genes", " ".join(written), "different genes, at least two in a module"
        )
    kind = ClaimKind.MODULE if filled == ["module"] else ClaimKind.INTERACTION if line.get("gene2") else ClaimKind.GENE
    return kind, names


def _gene(number: int, name: str, reading: _Reading) -> str | None:
    gene = reading.names.genes.get(name.lower())
    if gene is None:
        near = nearest(name, reading.names.genes.values())
        reading.problems.wrong(number, "unknown gene", name, "an approved symbol of the graph", near)
    return gene


def sign_of(number: int, line: Mapping[str, str], problems: Problems) -> int:
    """+1 resistance, -1 sensitivity, 0 where nothing is said; another word is a problem."""
    sign = SIGNS.get(line.get("sign", "").lower())
    if sign is None:
        problems.wrong(number, "unknown sign", line["sign"], "resistance, sensitivity, +, - or nothing")
    return sign or 0


def _refuse_duplicates(rows: Sequence[Mapping[str, Any]], reading: _Reading) -> None:
    seen: dict[str, int] = {}
    told: set[int] = set()
    for row in rows:
        first = seen.setdefault(row["claim_id"], row["line"])
        if first != row["line"] and row["line"] not in told:
            told.add(row["line"])
            what = f"{row['drug_name']}, {row['key']}"
            reading.problems.wrong(row["line"], f"the same claim as in line {first}", what, "each claim once")


def _refuse_holes(rows: Sequence[Mapping[str, Any]], reading: _Reading) -> None:
    """A confidence for some claims of an explainer only: neither it nor the score would rank them all."""
    held: dict[tuple[Any, ...], set[bool]] = {}
    without: dict[tuple[Any, ...], int] = {}
    for row in rows:
        who = (row["explainer"], row["screen"], row["kind"])
        there = row["confidence"] == row["confidence"]
        held.setdefault(who, set()).add(there)
        if not there:
            without.setdefault(who, row["line"])
    for who, line in without.items():
        if len(held[who]) > 1:
            allowed = f"a confidence for every {who[2]} claim of {who[0]}, or for none"
            reading.problems.wrong(line, "confidence is missing, and other claims have one", "", allowed)


def _ranked(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rank 1 is the largest score of its explainer, screen, drug and kind."""
    count: dict[tuple[str, ...], int] = {}
    ranked = []
    for row in sorted(rows, key=lambda r: (-abs(r["score"]), r["key"])):
        place = (row["explainer"], row["screen"], row["drug"], row["kind"])
        count[place] = count.get(place, 0) + 1
        ranked.append({**row, "rank": count[place]})
    return ranked
