"""Wide tables of numbers, one row per cell line: read as a stream into one array of float32."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.errors import DataError
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.cells import check_typical
from pathproof.ingest.sources.matrix_checks import MatrixCheck, check_missing
from pathproof.ingest.sources.problems import AGAIN, N_SHOWN, Problems
from pathproof.ingest.sources.reading import check_fields, open_binary

_N_SAMPLED = 100  # rows of which the median is taken
_ANY = Column("", "float", "a number")
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True)
class Layout:
    """Where the ids and the numbers of a wide table stand.

    Parameters
    ----------
    header : sequence of str
        All column names, as read.
    index : str
        The column of row ids.
    columns : sequence of str
        The columns of numbers.
    form : tuple of str
        Pattern of a row id, and what a row is, in words.
    only : tuple of str or None
        A column and the value that the rows to keep have in it.
    """

    header: Sequence[str]
    index: str
    columns: Sequence[str]
    form: tuple[str, str]
    only: tuple[str, str] | None = None


def read_matrix(
    path: Path, source: Source, layout: Layout, tally: Tally, check: MatrixCheck | None = None
) -> pd.DataFrame:
    """Rows by id, columns as in `layout`, float32; an empty cell is NaN and counted.

    A column without any number is left out and counted; a row without any stays, and is counted.
    What a number may be is said by the source's `cells`; `check` adds what is wrong with the whole.
    Never more than the array and one line are held.

    Raises
    ------
    DataError
        With everything that is wrong in the file: fields that miss or are too many, then ids of another
        form or that stand twice, cells that are no number or out of their range, and too many empty ones.
    """
    with open_binary(path) as handle:
        check_fields(_text(handle), len(layout.header), path, source)
    cells = _Cells(layout.columns, source.cells or _ANY)
    ids: list[str] = []
    lines: list[int] = []
    values = bytearray()
    with open_binary(path) as handle:
        for line, row in _rows(handle, layout):
            ids.append(row[0])
            lines.append(line)
            values += cells.numbers(row[1:], line).tobytes()
    if not ids:
        raise DataError("The file has a header and no rows.", where=path, action=AGAIN)
    problems = Problems(path, source.title, lines.__getitem__)
    _check_ids(pd.Series(ids, name=layout.index or "1"), layout, problems)
    cells.tell(problems)
    array = np.frombuffer(values, dtype=np.float32).reshape(len(ids), len(layout.columns))
    sample = array[:: len(ids) // _N_SAMPLED + 1]
    if np.isfinite(sample).any():
        check_typical(float(np.nanmedian(sample)), cells.cell, problems)
    frame = pd.DataFrame(array, index=pd.Index(ids, name=layout.index), columns=pd.Index(layout.columns), copy=False)
    missing = np.isnan(array)
    check_missing(frame, missing, problems)
    empty = [layout.columns[place] for place in np.flatnonzero(missing.all(axis=0)).tolist()]
    frame = frame.drop(columns=empty) if empty else frame
    if check is not None:
        check(frame, problems)
    problems.raise_if_any()
    tally.rows_in = len(ids)
    tally.note("cell line without any number", [ids[row] for row in np.flatnonzero(missing.all(axis=1))])
    tally.note("column without any number, left out", empty)
    rows, places = (found.tolist() for found in np.nonzero(missing))
    shown = (f"{ids[row]}, {layout.columns[place]}" for row, place in zip(rows, places, strict=True))
    tally.note(f"cell without a number, of {missing.size:,}", shown)
    return frame


def _text(handle: IO[bytes]) -> io.TextIOWrapper:
    return io.TextIOWrapper(handle, encoding="utf-8-sig", newline="")


def _rows(handle: IO[bytes], layout: Layout) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number of each row to keep, and its id followed by its cells."""
    reader = csv.reader(_text(handle))
    place = {name: position for position, name in enumerate(layout.header)}
    take: Callable[[list[str]], tuple[str, ...]] = itemgetter(
        place[layout.index], *(place[name] for name in layout.columns)
    )
    where, value = (place[layout.only[0]], layout.only[1]) if layout.only else (0, "")
    for row in itertools.islice(filter(None, reader), 1, None):
        if layout.only is None or row[where] == value:
            yield reader.line_num, take(row)


def _check_ids(ids: pd.Series[str], layout: Layout, problems: Problems) -> None:
    pattern, meaning = layout.form
    problems.cells(f"A row that is not {meaning}", ~np.asarray(ids.str.fullmatch(pattern), dtype=bool), ids, meaning)
    problems.repeated(ids.to_frame(), [str(ids.name)])


@dataclass
class _Cells:
    """Turns the texts of a row into numbers and remembers those that cannot be."""

    columns: Sequence[str]
    cell: Column
    counts: dict[str, int] = field(default_factory=dict)
    shown: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)

    def numbers(self, texts: Sequence[str], line: int) -> NDArray[np.float32]:
        """Float32, NaN where the cell is blank or wrong."""
        together = "".join(texts)
        if together.isascii() and "_" not in together:  # else numpy would read 1_0 as 10
            try:
                values = np.array(texts, dtype=np.float32)
            except ValueError:
                return self._one_by_one(texts, line)
            if np.isfinite(values).all():
                self._check_range(values, texts, line)
                return values
        return self._one_by_one(texts, line)

    def _one_by_one(self, texts: Sequence[str], line: int) -> NDArray[np.float32]:
        values = np.full(len(texts), np.nan, dtype=np.float32)
        for position, text in enumerate(texts):
            if _NUMBER.fullmatch(text):
                with np.errstate(over="ignore"):
                    values[position] = np.float32(text)
            if not np.isfinite(values[position]) and not (self.cell.blank and not text.strip()):
                self._wrong("Text where a number belongs", position, text, line)
        values[np.isinf(values)] = np.nan
        self._check_range(values, texts, line)
        return values

    def _check_range(self, values: NDArray[np.float32], texts: Sequence[str], line: int) -> None:
        low, high, allowed = self.cell.low, self.cell.high, self.cell.values
        with np.errstate(invalid="ignore"):
            outside = np.zeros(len(values), dtype=bool)
            if low is not None:
                outside |= values < low
            if high is not None:
                outside |= values > high
            if allowed:
                outside |= np.isfinite(values) & ~np.isin(values, allowed)
        for position in np.flatnonzero(outside).tolist():
            self._wrong("A number out of its range", position, texts[position], line)

    def _wrong(self, what: str, position: int, text: str, line: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
        shown = self.shown.setdefault(what, [])
        if len(shown) < N_SHOWN:
            shown.append((line, self.columns[position], text))

    def tell(self, problems: Problems) -> None:
        """Hand on what was wrong."""
        for what, shown in self.shown.items():
            n = self.counts[what]
            line, column, text = shown[0]
            others = "; ".join(f"{text!r} (line {line}, column {column})" for line, column, text in shown)
            problems.add(
                f"{what}: column {column}" + (f" and others ({n:,} cells)." if n > 1 else "."),
                f"line {line}, column {column}",
                got=repr(text) if n == 1 else others + (f"; and {n - len(shown):,} more" if n > len(shown) else ""),
                allowed=self._allowed(),
                action="correct the cells, or download the file again",
            )

    def _allowed(self) -> str:
        cell = self.cell
        if cell.values:
            return " or ".join(f"{value:g}" for value in cell.values)
        if cell.low is not None and cell.high is not None:
            return f"{cell.low} to {cell.high}"
        return f"at least {cell.low}" if cell.low is not None else "a finite number"
