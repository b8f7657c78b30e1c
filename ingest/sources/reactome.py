"""Reactome: gene sets, pathway names, hierarchy, and the pathways about drug resistance.

Reference: Milacic et al. 2024, doi:10.1093/nar/gkad1025.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pandas as pd

from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Source, Tally
from pathproof.ingest.sources.gmt import read_gmt
from pathproof.ingest.sources.opening import read_lines
from pathproof.ingest.sources.problems import AGAIN, Problems
from pathproof.ingest.sources.shares import require_share
from pathproof.ingest.sources.together import Together, check_together

_LICENCE = "CC0 1.0"
_CITATION = "Milacic et al. 2024, doi:10.1093/nar/gkad1025"
_SITE = "https://download.reactome.org/<release>/"

GENE_SETS = Source(
    name="reactome",
    title="Reactome gene sets (GMT)",
    gives="pathways with their genes",
    files=("reactome/ReactomePathways.gmt",),
    rows=1_448,
    sets=r"[^\t]*\tR-[A-Z]{3}-\d+",
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
    rows=22_221,
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
    rows=22_349,
    licence=_LICENCE,
    terms=terms.CC0,
    citation=_CITATION,
    get_from=_SITE + "ReactomePathwaysRelation.txt",
    separator="\t",
)

_ID = re.compile(r"R-[A-Z]{3}-\d+")
_HUMAN = "R-HSA-"
_UNNAMED = "relation of a pathway that no file names"
_LEAST_NAMED = 0.5
_LEAST_HUMAN = 0.01  # of release 84 12 %: the official files hold all species
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
    sets, gmt_names = _read_sets(gmt, tallies[0])
    _hold_together(gmt, gmt_names, names, all_names)
    merged = {**gmt_names, **all_names}
    parts = _read_hierarchy(hierarchy, merged, tallies[2])
    return Reactome(merged, sets, parts, tuple(resistance_pathways(all_names)))


def _hold_together(gmt: Path, gmt_names: dict[str, str], path: Path, names: dict[str, str]) -> None:
    """Both files name the pathways of the same ids."""
    ids = sorted(gmt_names.keys() & names.keys())
    mine, others = (pd.DataFrame({"name": [one[id_] for id_ in ids]}) for one in (gmt_names, names))
    problems = Problems(gmt, GENE_SETS.title)
    same = Together("name", "name", "equals", 0.9, 1.00, 0.00)
    check_together(mine, others, (same,), problems, (gmt.name, path.name))
    problems.raise_if_any()


def resistance_pathways(names: dict[str, str]) -> list[ResistancePathway]:
    """Pathways named `<drug>-resistant <GENE> mutants` or `Resistance of <GENE> ... mutants to <drug>`."""
    found = []
    for pathway, name in sorted(names.items()):
        match = next((hit for pattern in _RESISTANT if (hit := pattern.fullmatch(name))), None)
        if match is not None:
            found.append(ResistancePathway(pathway, match["drug"].strip(), match["gene"]))
    return found


def _say_wrong(problems: Problems, source: Source, wrong: list[tuple[int, str]], n_lines: int, allowed: str) -> None:
    what = f"This is not the file of {source.title}: {len(wrong):,} of {n_lines:,} lines have another form."
    problems.lines(what, wrong, allowed, f"get it from {source.get_from}")


def _read_names(path: Path, tally: Tally) -> dict[str, str]:
    names: dict[str, str] = {}
    wrong, twice = [], []
    lines = read_lines(path)
    for number, line in enumerate(lines, start=1):
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) != 3 or not all(fields) or not _ID.fullmatch(fields[0]):
            wrong.append((number, line))
        elif not fields[0].startswith(_HUMAN):
            tally.drop("pathway of another species", [fields[2]])
        elif fields[0] in names and names[fields[0]] == fields[1]:
            tally.drop("repeated pathway", [fields[0]])
        elif names.setdefault(fields[0], fields[1]) != fields[1]:
            twice.append((number, line))
    problems = Problems(path, NAMES.title)
    _say_wrong(problems, NAMES, wrong, len(lines), "pathway id TAB name TAB species")
    problems.lines("Duplicate keys: a pathway has two names.", twice, "one name for each id")
    problems.raise_if_any()
    tally.rows_in, tally.rows_out = len(lines), len(names)
    require_share(len(names), len(lines), path, "lines name a human pathway", _LEAST_HUMAN)
    return names


def _read_sets(path: Path, tally: Tally) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    sets: dict[str, tuple[str, ...]] = {}
    names: dict[str, str] = {}
    found = read_gmt(path, GENE_SETS, tally, ids=_ID)
    for item in found:
        if not item.note.startswith(_HUMAN):
            tally.drop("gene set of another species", [item.note])
        elif not item.members:
            tally.drop("gene set without genes", [item.note])
        else:
            sets[item.note], names[item.note] = item.members, item.name
    tally.rows_in, tally.rows_out = len(found), len(sets)
    return sets, names


def _read_hierarchy(path: Path, known: Container[str], tally: Tally) -> tuple[tuple[str, str], ...]:
    pairs: set[tuple[str, str]] = set()
    wrong = []
    lines = read_lines(path)
    # The official file has tabs and no header; copies with `Parent;Child` are about.
    headed = [field.strip().lower() for field in re.split("[\t;]", lines[0])] == ["parent", "child"]
    for number, line in enumerate(lines, start=1):
        fields = [field.strip() for field in re.split("[\t;]", line)]
        if headed and number == 1:
            continue
        if len(fields) != 2 or not all(_ID.fullmatch(field) for field in fields):
            wrong.append((number, line))
            continue
        parent, child = fields
        if not (parent.startswith(_HUMAN) and child.startswith(_HUMAN)):
            tally.drop("relation of another species", [parent.split("-")[1]])
        elif parent == child:
            tally.drop("a pathway as a part of itself", [line])
        elif (child, parent) in pairs:
            tally.drop("repeated relation", [line])
        elif parent not in known or child not in known:
            tally.drop(_UNNAMED, [line])
        else:
            pairs.add((child, parent))
    problems = Problems(path, HIERARCHY.title)
    _say_wrong(problems, HIERARCHY, wrong, len(lines), "parent id TAB child id")
    _check_tree(pairs, problems)
    problems.raise_if_any()
    tally.rows_in, tally.rows_out = len(lines) - headed, len(pairs)
    unnamed = tally.dropped.get(_UNNAMED, 0)
    what = "human relations are of pathways that the file of names has"
    require_share(len(pairs), len(pairs) + unnamed, path, what, _LEAST_NAMED)
    return tuple(sorted(pairs))


def _check_tree(pairs: set[tuple[str, str]], problems: Problems) -> None:
    """Parts and wholes must not go in a circle, nor stand in each other's column."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for part, whole in sorted(pairs):
        sorter.add(whole, part)
    try:
        sorter.prepare()
    except CycleError as error:
        problems.add("The hierarchy goes in a circle.", got=" in ".join(error.args[1]), action=AGAIN)
    wholes, parts = {whole for _, whole in pairs}, {part for part, _ in pairs}
    if len(wholes) > len(parts):  # a pathway has several parts, and is seldom a part of several
        problems.add(
            "The hierarchy seems to be upside down: more wholes than parts.",
            got=f"{len(wholes):,} different ids in the first column, {len(parts):,} in the second",
            allowed="parent id TAB child id",
        )


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
