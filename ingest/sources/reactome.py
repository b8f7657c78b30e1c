"""Reactome: gene sets, pathway names, hierarchy, and the pathways about drug resistance.

Reference: Milacic et al. 2024, doi:10.1093/nar/gkad1025.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pathproof.errors import DataError
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Source, Tally
from pathproof.ingest.sources.reading import check_start, read_text

_LICENCE = "CC0 1.0"
_CITATION = "Milacic et al. 2024, doi:10.1093/nar/gkad1025"
_SITE = "https://download.reactome.org/<release>/"

GENE_SETS = Source(
    name="reactome",
    title="Reactome gene sets (GMT)",
    gives="pathways with their genes",
    files=("reactome/ReactomePathways.gmt",),
    licence=_LICENCE,
    terms=terms.CC0,
    citation=_CITATION,
    get_from=_SITE + "ReactomePathways.gmt.zip",
    separator="\t",
)
NAMES = Source(
    name="reactome",
    title="Reactome pathway names",
    gives="pathway names, and the pathways about drug resistance",
    files=("reactome/ReactomePathways.txt",),
    licence=_LICENCE,
    terms=terms.CC0,
    citation=_CITATION,
    get_from=_SITE + "ReactomePathways.txt",
    separator="\t",
)
HIERARCHY = Source(
    name="reactome",
    title="Reactome pathway hierarchy",
    gives="which pathway is a part of which",
    files=("reactome/ReactomePathwaysRelation.txt",),
    licence=_LICENCE,
    terms=terms.CC0,
    citation=_CITATION,
    get_from=_SITE + "ReactomePathwaysRelation.txt",
    separator="\t",
)

_ID = re.compile(r"R-[A-Z]{3}-\d+")
_HUMAN = "R-HSA-"
_RESISTANT = (
    re.compile(r"(?P<drug>.+)-resistant (?P<gene>\S+) mutants"),
    re.compile(r"Resistance of (?P<gene>\S+) (?:.+ )?mutants to (?P<drug>.+)"),
)


@dataclass(frozen=True)
class ResistancePathway:
    """A pathway whose name says that mutants of a gene resist a drug (names as written)."""

    pathway: str
    drug: str
    gene: str


@dataclass(frozen=True)
class Reactome:
    """Human pathways: id -> name, id -> symbols as written, (part, whole) pairs, resistance pathways."""

    names: dict[str, str]
    sets: dict[str, tuple[str, ...]]
    parts: tuple[tuple[str, str], ...]
    resistance: tuple[ResistancePathway, ...]


def read_reactome(gmt: Path, names: Path, hierarchy: Path, tallies: tuple[Tally, Tally, Tally]) -> Reactome:
    """Read the three files; other species are counted and left out."""
    all_names = _read_names(names, tallies[1])
    sets, gmt_names = _read_gmt(gmt, tallies[0])
    parts = _read_hierarchy(hierarchy, tallies[2])
    merged = {**gmt_names, **all_names}
    return Reactome(merged, sets, parts, tuple(resistance_pathways(all_names)))


def resistance_pathways(names: dict[str, str]) -> list[ResistancePathway]:
    """Pathways named `<drug>-resistant <GENE> mutants` or `Resistance of <GENE> ... mutants to <drug>`."""
    found = []
    for pathway, name in sorted(names.items()):
        match = next((hit for pattern in _RESISTANT if (hit := pattern.fullmatch(name))), None)
        if match is not None:
            found.append(ResistancePathway(pathway, match["drug"].strip(), match["gene"]))
    return found


def _lines(path: Path) -> list[str]:
    text = read_text(path)
    check_start(text[:512].encode(), path)
    return text.splitlines()


def _wrong(source: Source, path: Path, line: int, text: str, allowed: str) -> DataError:
    return DataError(
        f"This is not the file of {source.title}.",
        where=f"{path}, line {line}",
        got=repr(text[:80]),
        allowed=allowed,
        action=f"get it from {source.get_from}",
    )


def _read_names(path: Path, tally: Tally) -> dict[str, str]:
    names: dict[str, str] = {}
    for number, line in enumerate(_lines(path), start=1):
        fields = line.split("\t")
        if len(fields) != 3 or not _ID.fullmatch(fields[0]):
            raise _wrong(NAMES, path, number, line, "pathway id TAB name TAB species")
        tally.rows_in += 1
        if not fields[0].startswith(_HUMAN):
            tally.drop("pathway of another species", [fields[2]])
        elif fields[0] in names and names[fields[0]] == fields[1].strip():
            tally.drop("repeated pathway", [fields[0]])
        elif names.setdefault(fields[0], fields[1].strip()) != fields[1].strip():
            raise DataError("Duplicate keys: a pathway has two names.", where=f"{path}, line {number}", got=fields[0])
    tally.rows_out = len(names)
    return names


def _read_gmt(path: Path, tally: Tally) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    sets: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    for number, line in enumerate(_lines(path), start=1):
        # Only tabs separate: names such as "2-LTR circle formation" hold spaces. The name comes first.
        fields = line.split("\t")
        if len(fields) < 3 or not _ID.fullmatch(fields[1]):
            raise _wrong(GENE_SETS, path, number, line, "name TAB pathway id TAB symbol TAB symbol ...")
        tally.rows_in += 1
        if not fields[1].startswith(_HUMAN):
            tally.drop("gene set of another species", [fields[1]])
            continue
        if fields[1] in sets:
            raise DataError("Duplicate keys: a pathway stands twice.", where=f"{path}, line {number}", got=fields[1])
        sets[fields[1]] = tuple(dict.fromkeys(symbol.strip() for symbol in fields[2:] if symbol.strip()))
        names[fields[1]] = fields[0].strip()
    tally.rows_out = len(sets)
    return sets, names


def _read_hierarchy(path: Path, tally: Tally) -> tuple[tuple[str, str], ...]:
    pairs: set[tuple[str, str]] = set()
    for number, line in enumerate(_lines(path), start=1):
        # The official file has tabs and no header; copies with `Parent;Child` are about.
        fields = line.split("\t") if "\t" in line else line.split(";")
        if number == 1 and [field.strip().lower() for field in fields] == ["parent", "child"]:
            continue
        if len(fields) != 2 or not all(_ID.fullmatch(field.strip()) for field in fields):
            raise _wrong(HIERARCHY, path, number, line, "parent id TAB child id")
        tally.rows_in += 1
        parent, child = (field.strip() for field in fields)
        if (child, parent) in pairs:
            tally.drop("repeated relation", [line])
        elif parent.startswith(_HUMAN) and child.startswith(_HUMAN):
            pairs.add((child, parent))
        else:
            tally.drop("relation of another species", [parent.split("-")[1]])
    tally.rows_out = len(pairs)
    return tuple(sorted(pairs))


def ancestors(start: set[str], parts: tuple[tuple[str, str], ...]) -> set[str]:
    """`start` and everything that it is a part of, through all levels."""
    wholes: dict[str, list[str]] = {}
    for part, whole in parts:
        wholes.setdefault(part, []).append(whole)
    found, todo = set(start), sorted(start)
    while todo:
        for whole in wholes.get(todo.pop(), []):
            if whole not in found:
                found.add(whole)
                todo.append(whole)
    return found
