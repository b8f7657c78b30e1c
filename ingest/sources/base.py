"""What a source declares about itself, and how its file is found in the data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pathproof.errors import DataError, nearest
from pathproof.ingest.sources.together import Together

Progress = Callable[[str, float | None], None]
ENDINGS = ("", ".gz", ".xz")
"""How a file of a source may be compressed."""
N_EXAMPLES = 8


def no_progress(message: str, fraction: float | None) -> None:
    """The progress listener that listens to nothing."""


@dataclass(frozen=True)
class Column:
    """One column of a provider's file.

    Parameters
    ----------
    name : str
        As the provider writes it.
    type : {"str", "float"}
    meaning : str
        What it holds.
    low, high : float or None
        Range that a number may have.
    blank : bool
        Whether an empty cell is allowed (read as missing).
    unit : str
        Of a number, as `ln uM`; "" for none.
    values : tuple of float
        The only numbers that may stand in it; () for no such rule.
    form : tuple of str or None
        Pattern that every filled cell of a text column matches, and what such a cell is, in words.
    typical : tuple of float or None
        Bounds of the column's median: beyond them its numbers are of another kind or unit.
    filled : float
        The least share of the rows that has something in it: below, the column was emptied or exchanged.
    words : tuple of str
        What at least nine in ten filled cells say: other words are counted, many of them are another column's.
    """

    name: str
    type: Literal["str", "float"]
    meaning: str
    low: float | None = None
    high: float | None = None
    blank: bool = True
    unit: str = ""
    values: tuple[float, ...] = ()
    form: tuple[str, str] | None = None
    typical: tuple[float, float] | None = None
    filled: float = 0.0
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One file of a provider.

    Parameters
    ----------
    name : str
        Name of the knowledge source; several files may share one.
    title : str
        What people call the file.
    gives : str
        What it adds to the tables and the graph, in one line.
    files : tuple of str
        Patterns relative to the data folder, without .gz or .xz, in order of preference.
    columns : tuple of Column
        Required columns, found by name (order and further columns do not matter).
    licence, terms : str
        Its name, and what it allows, in one line.
    citation, get_from : str
    release : str or None
        The release that the layout names; None when the file does not say.
    separator : str
    quoted : bool
        Whether double quotes delimit fields.
    optional : bool
        Whether the data folder may lack it.
    without : str
        What is done when it is absent, where that is more than to leave out what it gives.
    extra : tuple of Column
        Columns that are read where they are there; absent ones are absent from the table.
    comment : str
        Lines before the header that start with it are skipped; "" for none.
    key : tuple of str
        Columns whose values together may stand in one row only; () for no such rule.
    together : tuple of Together
        Columns that say something of each other: what was moved by rows no longer fits.
    cells : Column or None
        Of a wide table: how its further columns are named, and what each of their cells is.
    rows : int
        Of the published file (of the release, or the extract, that was at hand): far fewer are told. 0: unknown.
    sets : str
        Of gene sets: pattern of a set's name, a tab and the field behind it.
    knowledge_level, agent_type : str
        Biolink's words for what the file's statements are, and who or what made them.
    """

    name: str
    title: str
    gives: str
    files: tuple[str, ...]
    licence: str
    terms: str
    citation: str
    get_from: str
    columns: tuple[Column, ...] = ()
    release: str | None = None
    separator: str = ","
    quoted: bool = True
    optional: bool = False
    without: str = ""
    extra: tuple[Column, ...] = ()
    comment: str = ""
    key: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()
    cells: Column | None = None
    rows: int = 0
    sets: str = ""
    knowledge_level: str = "knowledge_assertion"
    agent_type: str = "manual_agent"

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns)


@dataclass
class Mapping:
    """What became of the different names or ids of one kind in one file.

    Parameters
    ----------
    kind : {"gene", "cell_line", "drug", "disease"}
    mapped : int
        Names that mean exactly one thing that is known; the obsolete ones are among them.
    ambiguous : int
        Names that mean several things, and are not guessed.
    obsolete : int
        Mapped names that are other than the approved ones: previous symbols, and aliases.
    newer : int
        Mapped names that were approved later than the names of the table that they are looked up in.
    dropped : int
        Names that nothing is known of. mapped + ambiguous + dropped is all that stood in the file.
    examples : dict of str to list of str
        The first few of each, under `ambiguous`, `obsolete` and `newer` (as `GIVEN -> APPROVED`), and `dropped`.
    """

    kind: Literal["gene", "cell_line", "drug", "disease"]
    mapped: int = 0
    ambiguous: int = 0
    obsolete: int = 0
    newer: int = 0
    dropped: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def given(self) -> int:
        """All different names."""
        return self.mapped + self.ambiguous + self.dropped


@dataclass
class Tally:
    """Rows that came in, went out, and were left out for which reason, with a few examples of each.

    `mapping` says the same of the names in them: one account for each kind of thing. `release` is the release that
    the file itself states, if it does.
    """

    rows_in: int = 0
    rows_out: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    mapping: list[Mapping] = field(default_factory=list)
    release: str | None = None

    def drop(self, reason: str, items: Iterable[str]) -> None:
        """Count one left-out row per item; the first few different ones are kept as examples.

        Rows in = rows out + rows dropped, for every file.
        """
        self._count(self.dropped, reason, items)

    def note(self, reason: str, items: Iterable[str]) -> None:
        """Count what is no row of the file: a column, a name, a row that was kept after a change."""
        self._count(self.noted, reason, items)

    def names(
        self,
        kind: Literal["gene", "cell_line", "drug", "disease"],
        mapped: Iterable[str],
        *,
        ambiguous: Iterable[str] = (),
        obsolete: Iterable[str] = (),
        newer: Iterable[str] = (),
        dropped: Iterable[str] = (),
    ) -> Mapping:
        """Say what became of the different names of one kind; `obsolete` and `newer` are among the mapped ones."""
        given = {"ambiguous": ambiguous, "obsolete": obsolete, "newer": newer, "dropped": dropped}
        told = {what: sorted(set(names)) for what, names in given.items()}
        counts = {what: len(names) for what, names in told.items()}
        examples = {what: names[:N_EXAMPLES] for what, names in told.items() if names}
        account = Mapping(kind, len(set(mapped)), **counts, examples=examples)
        self.mapping.append(account)
        return account

    def _count(self, counts: dict[str, int], reason: str, items: Iterable[str]) -> None:
        shown = self.examples.setdefault(reason, [])
        n = 0
        for item in items:
            n += 1
            if len(shown) < N_EXAMPLES and item not in shown:
                shown.append(item)
        if n:
            counts[reason] = counts.get(reason, 0) + n
        if not shown:
            del self.examples[reason]


def find_file(source: Source, data: Path) -> Path | None:
    """The source's file under `data`, plain or compressed (:data:`ENDINGS`); None for an absent optional source.

    Raises
    ------
    DataError
        When the file is missing, or when a pattern fits several files.
    """
    for pattern in source.files:
        hits = sorted({hit for ending in ENDINGS for hit in data.glob(pattern + ending)})
        if len(hits) > 1:
            raise DataError(
                f"Several files could be the {source.title}.",
                where=data / Path(pattern).parent,
                got=", ".join(hit.name for hit in hits),
                allowed="one of them",
                action="leave one in this folder and move the others away",
            )
        if hits and not hits[0].is_file():
            raise DataError(
                f"The {source.title} is no file.",
                where=hits[0],
                got="a folder" if hits[0].is_dir() else "a link that leads nowhere, or a device",
                action=f"put the file itself there; get it from {source.get_from}",
            )
        if hits:
            return hits[0]
    if source.optional:
        return None
    raise _missing(source, data)


def require_file(source: Source, data: Path) -> Path:
    """Like :func:`find_file`, for a source that must be there."""
    path = find_file(source, data)
    if path is None:
        raise _missing(source, data)
    return path


def _missing(source: Source, data: Path) -> DataError:
    present = [path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()] if data.is_dir() else []
    wanted = source.files[0]
    return DataError(
        f"The {source.title} is missing.",
        where=data / wanted,
        allowed=" or ".join(f"{name}[.gz|.xz]" for name in source.files),
        nearest=nearest_file(wanted, present),
        action=f"get it from {source.get_from}",
    )


def nearest_file(wanted: str, present: Sequence[str]) -> str | None:
    """The file among `present` (paths) whose name is most like that of `wanted`; None when nothing is close."""
    by_name = {Path(path).name: path for path in present}
    stem = Path(wanted).name.replace("*", "")
    hit = nearest(stem, by_name) or nearest(stem.split(".")[0], {name.split(".")[0]: name for name in by_name})
    if hit is None:
        return None
    return by_name.get(hit) or next(path for name, path in by_name.items() if name.split(".")[0] == hit)
