"""Anybody's explanations, from a comma- or tab-separated file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pathproof.errors import DataError, nearest
from pathproof.graph_schema.records import ClaimKind
from pathproof.validate.claim_table import ClaimTable, finished
from pathproof.validate.knowledge import LITERATURE
from pathproof.workspace import content_key

REQUIRED = ("drug", "score")
NAMING = ("gene", "gene2", "module", "pathway")
OPTIONAL = ("sign", "confidence", "screen", "explainer", "layer")
SIGNS = {"resistance": 1, "+": 1, "sensitivity": -1, "-": -1, "": 0}
SHOWN = 20


@dataclass
class _Reading:
    """What the lines are checked against, and everything found wrong so far."""

    path: Path
    drugs: dict[str, tuple[tuple[str, str], ...]]
    genes: dict[str, str]
    pathways: dict[str, str]
    problems: list[str] = field(default_factory=list)

    def wrong(self, line: int, what: str, got: str, allowed: str, near: str | None = None) -> None:
        hint = f"; did you mean {near}?" if near else ""
        self.problems.append(f"line {line}: {what}: got {got!r}, allowed: {allowed}{hint}")


def claims_from_csv(
    path: Path,
    drugs: Iterable[Mapping[str, Any]],
    genes: Iterable[str],
    pathways: Mapping[str, str],
) -> ClaimTable:
    """Read a table of claims: columns drug, score and what the claim names.

    A line names one gene (`gene`), a pair (`gene` and `gene2`), a module (`module`: symbols
    separated by `|`, `;` or blanks) or a pathway (`pathway`: id or name). Optional columns:
    sign (resistance, sensitivity, + or -), confidence (0 to 1), layer (mutation or expression),
    screen, explainer.

    Parameters
    ----------
    path : Path
        UTF-8, comma or tab; the first line holds the names of the columns.
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
    reading = _Reading(
        path,
        _drug_names(drugs),
        {gene.upper(): gene for gene in genes},
        {name.lower(): pid for pid, label in sorted(pathways.items()) for name in (label, pid)},
    )
    lines = _lines(path, reading)
    rows = [row for number, line in lines for row in _claims_of(number, line, reading)]
    _refuse_duplicates(rows, reading)
    if reading.problems:
        shown = reading.problems[:SHOWN]
        more = len(reading.problems) - len(shown)
        raise DataError(
            f"{len(reading.problems)} problems in {path.name}:\n    "
            + "\n    ".join(shown)
            + (f"\n    ... and {more} more" if more else ""),
            where=path,
            action="mend these lines; names are compared without case",
        )
    for row in rows:
        del row["line"]
    return ClaimTable(finished(_ranked(rows)), (), path.name)


def _drug_names(drugs: Iterable[Mapping[str, Any]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Every way to write a drug, in lower case; ids and names before synonyms."""
    exact: dict[str, set[tuple[str, str]]] = {}
    other: dict[str, set[tuple[str, str]]] = {}
    for row in drugs:
        drug, name = str(row["id"]), str(row["name"])
        bare = drug.rsplit(":", 1)[-1]
        for text in (drug, name, *([bare] if bare.isdigit() else [])):
            exact.setdefault(text.lower(), set()).add((drug, name))
        pubchem = str(row.get("pubchem") or "")
        written = [*(row.get("synonyms") or ()), *([f"pubchem:{pubchem}", f"cid:{pubchem}"] if pubchem else [])]
        # A bare number is a GDSC id first: PubChem numbers are long, so the two rarely meet.
        for text in (*written, *([pubchem] if pubchem else [])):
            other.setdefault(str(text).lower(), set()).add((drug, name))
    merged = {**other, **exact}
    return {name: _screened_first(ids) for name, ids in merged.items()}


def _screened_first(ids: set[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Screened compounds stand before therapies that only the literature names."""
    screened = sorted(pair for pair in ids if LITERATURE not in pair[0])
    return tuple(screened or sorted(ids))


def _lines(path: Path, reading: _Reading) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"Cannot read {path.name}: {error}", where=path, allowed="a UTF-8 text file") from error
    if not text.strip():
        raise DataError("The file of explanations is empty.", where=path, allowed=_columns_text())
    rows = _cells(path, text)
    header = [name.strip().lower() for name in rows[0][1]]
    _check_header(path, header)
    lines = []
    for number, values in rows[1:]:
        surplus = [value.strip() for value in values[len(header) :] if value.strip()]
        if surplus:
            allowed = f"{len(header)} cells; a decimal point, and quotes around a value that holds the delimiter"
            reading.wrong(number, "more cells than columns", ", ".join(surplus), allowed)
        elif any(value.strip() for value in values):
            padded = [*values, *[""] * (len(header) - len(values))]
            lines.append((number, {n: v.strip() for n, v in zip(header, padded, strict=False)}))
    if not lines and not reading.problems:
        raise DataError("The file of explanations has a header and no claim.", where=path, allowed="one claim a line")
    return lines


def _cells(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """The cells of each record, with the line on which it starts."""
    first = text.splitlines()[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for values in reader:
            rows.append((start, values))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path.name} cannot be read as a table: {error}.",
            where=f"{path}, line {start}",
            allowed=f"fields of at most {csv.field_size_limit():,} characters, every quote closed",
            action="mend this line; double a quote inside a quoted value",
        ) from error
    return rows


def _columns_text() -> str:
    return "columns drug, score, and gene (or gene and gene2), module or pathway; optional " + ", ".join(OPTIONAL)


def _check_header(path: Path, header: Sequence[str]) -> None:
    absent = [name for name in REQUIRED if name not in header]
    if not any(name in header for name in ("gene", "module", "pathway")):
        absent.append("gene (or module, or pathway)")
    twice = sorted({name for name in header if header.count(name) > 1})
    if absent or twice:
        known = (*REQUIRED, *NAMING, *OPTIONAL)
        near = [f"{name} for {hit}" for name in header if name not in known and (hit := nearest(name, known))]
        raise DataError(
            f"The header lacks {', '.join(absent)}." if absent else f"The header names {', '.join(twice)} twice.",
            where=f"{path}, line 1",
            got=", ".join(header),
            allowed=_columns_text(),
            nearest="; ".join(near) or None,
        )


def _claims_of(number: int, line: Mapping[str, str], reading: _Reading) -> list[dict[str, Any]]:
    """The claims of one line: none when something is wrong with it, several for a shared drug name."""
    before = len(reading.problems)
    drugs = reading.drugs.get(line["drug"].lower(), ())
    if not drugs:
        near = nearest(line["drug"], reading.drugs)
        known = next(iter(reading.drugs[near]))[1] if near else None
        reading.wrong(
            number, "unknown drug", line["drug"], "a name, synonym, GDSC id or PubChem id of the graph", known
        )
    kind, names = _named(number, line, reading)
    score = _number(number, line, "score", reading)
    confidence = _number(number, line, "confidence", reading, (0.0, 1.0)) if line.get("confidence") else np.nan
    sign = SIGNS.get(line.get("sign", "").lower())
    if sign is None:
        reading.wrong(number, "unknown sign", line["sign"], "resistance, sensitivity, +, - or nothing")
    if line.get("layer", "") not in ("", "mutation", "expression"):
        reading.wrong(number, "unknown layer", line["layer"], "mutation, expression or nothing")
    if len(reading.problems) > before or kind is None:
        return []
    shared: dict[str, Any] = {
        "explainer": line.get("explainer") or "explanations",
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
        reading.wrong(number, "what is claimed is not clear", got, "one of gene, gene with gene2, module, pathway")
        return None, ()
    if filled == ["pathway"]:
        pathway = reading.pathways.get(line["pathway"].lower())
        if pathway is None:
            near = nearest(line["pathway"], reading.pathways)
            reading.wrong(number, "unknown pathway", line["pathway"], "id or name of a pathway of the graph", near)
            return None, ()
        return ClaimKind.PATHWAY, (pathway,)
    if filled == ["module"]:
        written = line["module"].replace("|", " ").replace(";", " ").replace(",", " ").split()
    else:
        written = [line["gene"], *([line["gene2"]] if line.get("gene2") else [])]
    found = [_gene(number, name, reading) for name in written]
    names = tuple(dict.fromkeys(name for name in found if name is not None))
    if None not in found and (len(names) != len(written) or (filled == ["module"] and len(names) < 2)):
        reading.wrong(number, "too few different genes", " ".join(written), "different genes, at least two in a module")
    kind = ClaimKind.MODULE if filled == ["module"] else ClaimKind.INTERACTION if line.get("gene2") else ClaimKind.GENE
    return kind, names


def _gene(number: int, name: str, reading: _Reading) -> str | None:
    gene = reading.genes.get(name.upper())
    if gene is None:
        near = nearest(name, reading.genes.values())
        reading.wrong(number, "unknown gene", name, "an approved symbol of the graph", near)
    return gene


def _number(
    number: int, line: Mapping[str, str], column: str, reading: _Reading, limits: tuple[float, float] | None = None
) -> float:
    allowed = "a finite number" if limits is None else f"a number from {limits[0]:g} to {limits[1]:g}"
    try:
        value = float(line[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (limits is not None and not limits[0] <= value <= limits[1]):
        reading.wrong(number, f"{column} cannot be used", line[column], allowed)
    return value


def _refuse_duplicates(rows: Sequence[Mapping[str, Any]], reading: _Reading) -> None:
    seen: dict[str, int] = {}
    told: set[int] = set()
    for row in rows:
        first = seen.setdefault(row["claim_id"], row["line"])
        if first != row["line"] and row["line"] not in told:
            told.add(row["line"])
            what = f"{row['drug_name']}, {row['key']}"
            reading.wrong(row["line"], f"the same claim as in line {first}", what, "each claim once")


def _ranked(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rank 1 is the largest score of its explainer, screen, drug and kind."""
    count: dict[tuple[str, ...], int] = {}
    ranked = []
    for row in sorted(rows, key=lambda r: (-abs(r["score"]), r["key"])):
        place = (row["explainer"], row["screen"], row["drug"], row["kind"])
        count[place] = count.get(place, 0) + 1
        ranked.append({**row, "rank": count[place]})
    return ranked
