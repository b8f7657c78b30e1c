"""Gene sets in the GMT layout: name TAB note TAB member TAB member ...; only tabs separate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pathproof.ingest.sources.base import Source, Tally
from pathproof.ingest.sources.opening import read_lines
from pathproof.ingest.sources.problems import N_SHOWN, Problems


@dataclass(frozen=True)
class GeneSet:
    """One line: its number, both fields before the members, and the different members as written."""

    line: int
    name: str
    note: str
    members: tuple[str, ...]


def read_gmt(path: Path, source: Source, tally: Tally) -> list[GeneSet]:
    """All sets of the file, in its order; one without members is among them.

    Blank lines and spaces around a field are no part of the sets; a gene that stands twice in one is counted.

    Raises
    ------
    DataError
        With every line that is none of this layout, and every name that stands twice.
    """
    problems = Problems(path, source.title)
    sets: list[GeneSet] = []
    first: dict[str, int] = {}
    wrong: list[str] = []
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        name, *others = (field.strip() for field in line.split("\t"))
        if not name or not others:
            wrong.append(f"{line[:60]!r} (line {number})")
            continue
        if first.setdefault(name, number) != number:
            problems.add(f"A set stands twice: first in line {first[name]}.", f"line {number}", got=name)
        members = [one for one in others[1:] if one]
        different = tuple(dict.fromkeys(members))
        if len(different) < len(members):
            twice = [f"{name} {one}" for one, n in Counter(members).items() if n > 1]
            tally.note("gene that stands twice in a set", twice)
        sets.append(GeneSet(number, name, others[0], different))
    if wrong:
        problems.add(
            f"{len(wrong):,} lines are no gene set of the GMT layout.",
            got="; ".join(wrong[:N_SHOWN]),
            allowed="name TAB note TAB gene TAB gene ...",
            action=f"get it from {source.get_from}",
        )
    problems.raise_if_any()
    return sets
