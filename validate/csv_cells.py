"""The cells of a table that somebody wrote: a file separated by commas, tabs or semicolons, or a DataFrame."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pathproof.errors import DataError, nearest

SHOWN = 20
MOST_LINES = 1_000_000
BLOCK = 1 << 20
Line = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Columns:
    """What a table may hold: columns that must be there, one of each group that must, and others.

    Parameters
    ----------
    what, one : str
        What the table holds, and what a line is ("explanations", "claim").
    required : tuple of str
    one_of : tuple of str
        At least one of these must be there.
    optional : tuple of str
    """

    what: str
    one: str
    required: tuple[str, ...]
    one_of: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The columns in words."""
        first, *others = self.one_of
        naming = f"{first} (or {', or '.join(others)})" if others else first
        return f"columns {', '.join(self.required)}, and {naming}; optional {', '.join(self.optional)}"


@dataclass
class Problems:
    """Everything that is wrong in one table, told at once.

    Parameters
    ----------
    name : str
        Of the file, or what the table is called.
    where : str
    unit : str
        "line" of a file, "row" of a DataFrame.
    """

    name: str
    where: str
    unit: str = "line"
    found: list[str] = field(default_factory=list)

    def wrong(self, line: int, what: str, got: str, allowed: str, near: str | None = None) -> None:
        """Note one problem."""
        hint = f"; did you mean {near}?" if near else ""
        self.found.append(f"{self.unit} {line}: {what}: got {got!r}, allowed: {allowed}{hint}")

    def number(self, line: int, column: str, text: str, limits: tuple[float, float] | None = None) -> float:
        """The cell as a finite number (within limits); another is a problem and gives NaN."""
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        low, high = limits or (float("-inf"), float("inf"))
        if not (value - value == 0 and low <= value <= high):
            allowed = "a finite number" if limits is None else f"a number from {low:g} to {high:g}"
            self.wrong(line, f"{column} cannot be used", text, allowed)
            return float("nan")
        return value

    def raise_if_any(self, action: str) -> None:
        """Tell the first problems and how many there are.

        Raises
        ------
        DataError
        """
        if self.found:
            shown = "\n    ".join(self.found[:SHOWN])
            more = len(self.found) - SHOWN
            text = f"{len(self.found)} problem{'s' if len(self.found) > 1 else ''} in {self.name}:\n    {shown}"
            raise DataError(text + (f"\n    ... and {more} more" if more > 0 else ""), where=self.where, action=action)


def check_header(where: str, header: Sequence[str], columns: Columns) -> None:
    """Refuse a header that lacks a column or names one twice.

    Raises
    ------
    DataError
    """
    absent = [name for name in columns.required if name not in header]
    if not any(name in header for name in columns.one_of):
        first, *others = columns.one_of
        absent.append(f"{first} (or {', or '.join(others)})" if others else first)
    twice = sorted({name for name in header if header.count(name) > 1})
    if absent or twice:
        known = (*columns.required, *columns.one_of, *columns.optional)
        near = [f"{name} for {hit}" for name in header if name not in known and (hit := nearest(name, known))]
        raise DataError(
            f"The header lacks {', '.join(absent)}." if absent else f"The header names {', '.join(twice)} twice.",
            where=where,
            got=", ".join(header),
            allowed=columns.text,
            nearest="; ".join(near) or None,
        )


def file_lines(path: Path, columns: Columns, problems: Problems) -> list[Line]:
    """The lines of a file with their numbers; a line with surplus cells is noted as a problem.

    Raises
    ------
    DataError
        When the file cannot be read, is empty, lacks a column, or has more than :data:`MOST_LINES` lines.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            first = handle.readline()
            while first and not first.strip():
                first = handle.readline()
            if not first:
                raise DataError(f"The file of {columns.what} is empty.", where=path, allowed=columns.text)
            handle.seek(0)
            _check_length(path)
            rows = _cells(path, csv.reader(handle, delimiter=delimiter(first), strict=True))
            header = [name.strip().lower() for name in next(rows)[1]]
            check_header(f"{path}, line 1", header, columns)
            lines = list(_named(rows, header, problems))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"Cannot read {path.name}: {error}", where=path, allowed="a UTF-8 text file") from error
    if not lines and not problems.found:
        raise DataError(
            f"The file of {columns.what} has a header and no {columns.one}.", where=path, allowed=columns.text
        )
    return lines


def delimiter(first: str) -> str:
    """Comma, tab or semicolon, whichever the first line holds most of."""
    return max(",\t;", key=first.count)


def _check_length(path: Path) -> None:
    """Refuse a file of too many lines before any of them is read as a table: its size must not fill the memory."""
    count = 0
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            count += block.count(b"\n")
            if count > MOST_LINES + 1:
                raise DataError(
                    f"{path.name} has more than {MOST_LINES:,} lines.",
                    where=path,
                    allowed=f"at most {MOST_LINES:,}",
                    action="keep the surest claims of each drug: no figure looks at more than the order of them",
                )


def _cells(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """The cells of each record, with the line on which it starts."""
    start = 1
    try:
        for values in reader:
            if any(value.strip() for value in values):
                yield start, values
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path.name} cannot be read as a table: {error}.",
            where=f"{path}, line {start}",
            allowed=f"fields of at most {csv.field_size_limit():,} characters, every quote closed",
            action="mend this line; double a quote inside a quoted value",
        ) from error


def _named(rows: Iterator[tuple[int, list[str]]], header: Sequence[str], problems: Problems) -> Iterator[Line]:
    width = len(header)
    for number, values in rows:
        surplus = [value.strip() for value in values[width:] if value.strip()]
        if surplus:
            allowed = f"{width} cells; a decimal point, and quotes around a value that holds the delimiter"
            problems.wrong(number, "more cells than columns", ", ".join(surplus), allowed)
            continue
        padded = [*values, *[""] * (width - len(values))]
        yield number, {name: value.strip() for name, value in zip(header, padded, strict=False)}


def frame_lines(frame: pd.DataFrame, columns: Columns, problems: Problems) -> list[Line]:
    """The rows of a DataFrame as a file would have them, counted from 1; a missing value is an empty cell.

    Raises
    ------
    DataError
        When it is empty, lacks a column, or has more than :data:`MOST_LINES` rows.
    """
    header = [str(name).strip().lower() for name in frame.columns]
    check_header(problems.where, header, columns)
    if not len(frame) or len(frame) > MOST_LINES:
        raise DataError(
            f"The table of {columns.what} has {len(frame):,} rows.",
            where=problems.where,
            allowed=f"1 to {MOST_LINES:,} rows",
        )
    texts = frame.astype(object).where(frame.notna(), "").astype(str).to_numpy()
    return [
        (number, dict(zip(header, (cell.strip() for cell in cells), strict=True)))
        for number, cells in enumerate(texts.tolist(), start=1)
    ]
