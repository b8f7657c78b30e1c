"""Gene sets in the GMT layout: name TAB note TAB member TAB member ...; only tabs separate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources.base import Source, Tally
from pathproof.ingest.sources.opening import read_lines
from pathproof.ingest.sources.problems import N_SHOWN, Problems
from pathproof.ingest.sources.together import check_together

# Names joined by a sign that no symbol or id of a gene holds, or three and more of them by spaces. Members that are
# words, as Reactome's `18S rRNA, 5.8S rRNA, 28S rRNA` and `SARS coronavirus, complete genome`, are none.
_JOINED = re.compile(r"[^\s,;|]+( ?[,;|] ?[^\s,;|]+)+|[A-Z0-9.@-]+( [A-Z0-9.@-]+){2,}")


@dataclass(frozen=True)
class GeneSet:
    """One line: its number, both fields before the members, and the different members as written."""

    line: int
    name: str
    note: str
    members: tuple[str, ...]


def read_gmt(
    path: Path,
    source: Source,
    tally: Tally,
    *,
    ids: re.Pattern[str] | None = None,
    check: Callable[[list[GeneSet], Problems], None] | None = None,
) -> list[GeneSet]:
    """All sets of the file, in its order; one without members is among them.

    Blank lines and spaces around a field are no part of the sets; a gene that stands twice in one is counted.

    Parameters
    ----------
    path : Path
    source : Source
    tally : Tally
    ids : pattern or None
        What the field behind the name is, where it is the set's id: then two sets may have one name.
    check : callable or None
        Adds what else is wrong with the sets to the problems of the file.

    Raises
    ------
    DataError
        For the sets of another collection; else with every line of another layout, every set that stands twice, every
        member that is several names in one field, and names that do not fit the fields behind them.
    """
    problems = Problems(path, source.title)
    sets: list[GeneSet] = []
    first: dict[str, int] = {}
    wrong, twice, joined = (list[tuple[int, str]]() for _ in range(3))
    lines = [(number, line) for number, line in enumerate(read_lines(path), start=1) if line.strip()]
    split = [[field.strip() for field in line.split("\t")] for _, line in lines]
    _require_collection([(fields[0], fields[1]) for fields in split if len(fields) > 1], path, source)
    for (number, line), (name, *others) in zip(lines, split, strict=True):
        if not name or not others or (ids is not None and not ids.fullmatch(others[0])):
            wrong.append((number, line))
            continue
        key = others[0] if ids is not None else name
        if first.setdefault(key, number) != number:
            twice.append((number, f"{key}, first in line {first[key]}"))
        members = [one for one in others[1:] if one]
        joined += [(number, one) for one in members if _JOINED.fullmatch(one)]
        item = GeneSet(number, name, others[0], tuple(dict.fromkeys(members)))
        repeated = [f"{key} {one}" for one, n in Counter(members).items() if n > 1]
        tally.note("gene that stands twice in a set", repeated)
        sets.append(item)
    what = f"This is not the file of {source.title}: {len(wrong):,} of {len(lines):,} lines have another form."
    allowed = f"name TAB {'note' if ids is None else 'id'} TAB gene TAB gene ..."
    problems.lines(what, wrong, allowed, f"get it from {source.get_from}")
    problems.lines("Duplicate keys: a set stands twice.", twice, "one line for each set")
    problems.lines(f"{len(joined):,} members are several names in one field.", joined, "a tab between two genes")
    named = pd.DataFrame({"name": [item.name for item in sets], "note": [item.note for item in sets]}, dtype=str)
    check_together(named, named, source.together, problems)
    if check is not None:
        check(sets, problems)
    problems.raise_if_any()
    return sets


def _require_collection(named: Sequence[tuple[str, str]], path: Path, source: Source) -> None:
    """Stop when the names (with the fields behind them) say that most sets are of another collection."""
    from pathproof.ingest.sources.registry import SOURCES, recognise_sets

    title = recognise_sets(named)
    if title in (None, source.title):
        return
    owner = next((one for one in SOURCES if one.title == title), None)
    raise DataError(
        f"This is not the file of {source.title}: the names of its sets are those of the {title}.",
        where=path,
        got=", ".join(name for name, _ in named[:N_SHOWN]),
        allowed=f"the sets of {source.get_from}",
        action=f"lay it down as {owner.files[0]}" if owner else "take it away: no source takes this collection",
    )
