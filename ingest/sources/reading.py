"""Reading a provider's text file so that every kind of wrong file is one clear DataError."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.errors import DataError, nearest
from pathproof.ingest.sources.base import Column, Source, Tally
from pathproof.ingest.sources.cells import check_numbers, check_texts
from pathproof.ingest.sources.opening import check_start as check_start
from pathproof.ingest.sources.opening import lone_return, not_utf8
from pathproof.ingest.sources.opening import open_binary as open_binary
from pathproof.ingest.sources.opening import read_text as read_text
from pathproof.ingest.sources.problems import AGAIN, N_SHOWN, Problems
from pathproof.ingest.sources.shares import check_shares
from pathproof.ingest.sources.together import check_together
from pathproof.ingest.sources.workbook import SUFFIX, sheet_text

_SEPARATOR_LINE = re.compile('(?i)"?sep=."?')
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
Check = Callable[[pd.DataFrame, Problems], None]


def read_header(path: Path, source: Source) -> list[str]:
    """Column names of the file; a DataError when its first line is no header but `sep=,`."""
    if path.suffix == SUFFIX:
        return _cells(sheet_text(path, 1).rstrip("\n"), source)
    with open_binary(path) as handle:
        start = handle.read(512)
        check_start(start, path)
        first = start + handle.readline()
        if b"\r" in first.replace(b"\r\n", b""):
            raise lone_return(path, 1)
        lines = itertools.chain(io.BytesIO(first), handle)
        decoded = (line.decode("utf-8-sig", "replace") for line in lines)
        header = _cells(next(itertools.dropwhile(lambda line: _is_comment(line, source), decoded), ""), source)
        refuse_separator_line(header, path)
        return header


def _is_comment(line: str, source: Source) -> bool:
    return bool(source.comment) and line.startswith(source.comment)


def _cells(line: str, source: Source) -> list[str]:
    """Cells of the header; of a separator that a spreadsheet reads in its place, said for itself."""
    line = line.rstrip("\r\n")
    return [line] if _SEPARATOR_LINE.fullmatch(line) else next(_rows([line], source), [])


def _rows(lines: Iterable[str], source: Source) -> Any:
    return csv.reader(lines, csv.excel, delimiter=source.separator, quoting=_quoting(source))


def _quoting(source: Source) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if source.quoted else csv.QUOTE_NONE


def refuse_separator_line(header: list[str], path: Path) -> None:
    """Refuse a first line such as `sep=,`, which some spreadsheets write above the header."""
    if len(header) == 1 and _SEPARATOR_LINE.fullmatch(header[0]):
        raise DataError(
            "The first line is no header: it tells a spreadsheet the separator.",
            where=f"{path}, line 1",
            got=repr(header[0]),
            allowed="the header, with the names of the columns",
            action="delete this line, then try again",
        )


def check_header(header: list[str], path: Path, source: Source) -> None:
    """Refuse a file without the source's columns, saying which are missing and whose file it may be."""
    refuse_separator_line(header, path)
    missing = [name for name in source.required if name not in header]
    named = [*source.required, *(column.name for column in source.extra)]
    twice = sorted({name for name in named if header.count(name) > 1})
    if twice:
        raise DataError("A column stands twice in the header.", where=f"{path}, line 1", got=", ".join(twice))
    if not missing:
        return
    from pathproof.ingest.sources.registry import recognise

    owner = recognise(header)
    close = "; ".join(f"{name}: {hit}" for name in missing if (hit := nearest(name, header)))
    what, action = f"{len(missing)} of {len(source.required)} columns are missing.", f"get it from {source.get_from}"
    if owner is not None and owner.title != source.title:
        what = f"the columns are those of the {owner.title}."
    elif (other := _other_separator(header, source)) is not None:
        what = f"its fields are separated by {_SEPARATORS[other]}, not by {_SEPARATORS[source.separator]}."
        close, action = "", f"save it with {_SEPARATORS[source.separator]} between the fields, or {action}"
    shown = ", ".join(header[:20]) + (f", ... ({len(header)} columns)" if len(header) > 20 else "")
    raise DataError(
        f"This is not the {source.title}: {what}",
        where=f"{path}, line 1",
        got=shown if len(shown) < 1000 else shown[:1000] + " ...",
        allowed="at least " + ", ".join(source.required),
        nearest=close or None,
        action=action,
    )


def _other_separator(header: list[str], source: Source) -> str | None:
    """The separator with which the first line would hold most of the source's columns."""
    line = source.separator.join(header)
    found = {sign: len(set(source.required) & {cell.strip(' "') for cell in line.split(sign)}) for sign in _SEPARATORS}
    best = max(found, key=lambda sign: found[sign])
    return best if best != source.separator and found[best] > len(source.required) / 2 else None


def read_table(path: Path, source: Source, tally: Tally | None = None, check: Check | None = None) -> pd.DataFrame:
    """The source's columns (and those of `extra` that are there): text, or float64 where declared.

    An empty cell is "" in a text column and NaN in a number column that may be blank. Spaces around the text
    of a cell are taken off, and counted in `tally`.

    Parameters
    ----------
    path : Path
    source : Source
    tally : Tally or None
        The account of the file.
    check : callable or None
        Adds what else is wrong with the table to the problems of the file.

    Raises
    ------
    DataError
        With everything that is wrong: first the header, then the fields of the rows and, of the rows that have as
        many as the header, the cells.
    """
    text = sheet_text(path) if path.suffix == SUFFIX else read_text(path)
    return table_of(text, path, source, tally, check)


def table_of(
    text: str, path: Path, source: Source, tally: Tally | None = None, check: Check | None = None
) -> pd.DataFrame:
    """As :func:`read_table`, of the text of the file."""
    above = list(itertools.takewhile(lambda line: _is_comment(line, source), io.StringIO(text)))
    header = _cells(text[sum(map(len, above)) :].split("\n", 1)[0], source)
    check_header(header, path, source)
    columns = [*source.columns, *(column for column in source.extra if column.name in header)]
    problems = Problems(path, source.title, _line_finder(text, source, len(header), len(above)))
    sound = _note_fields(io.StringIO(text), len(header), problems, source, len(above))
    whole = text if sound else _with_fields(text, len(header), source, len(above))
    frame = _parse(whole, path, source, [column.name for column in columns], skip=len(above) if sound else 0)
    if frame.empty:
        problems.raise_if_any()
        raise DataError("The file has a header and no rows.", where=path, action=AGAIN)
    for column in columns:
        if column.type == "float":
            frame[column.name] = check_numbers(frame[column.name], column, problems)
        else:
            frame[column.name] = check_texts(frame[column.name], column, problems, tally)
        check_shares(frame[column.name], column, problems, tally)
    if source.key:
        problems.repeated(frame, list(source.key))
    check_together(frame, frame, source.together, problems)
    if check is not None:
        check(frame, problems)
    problems.raise_if_any()
    return frame


def _line_finder(text: str, source: Source, expected: int, skip: int) -> Callable[[int], int]:
    """From the number of a row to its line: empty lines and cells of several lines make it more than a sum."""

    @cache
    def lines() -> list[int]:
        return [line for line, _ in _sound_rows(text, source, expected, skip)][1:]

    return lambda row: lines()[row]


def _sound_rows(text: str, source: Source, expected: int, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Line and fields of the header, and of every row that has as many fields and is not the header again."""
    reader = _rows(io.StringIO(text), source)
    header: list[str] = []
    for row in reader:
        if reader.line_num > skip and len(row) == expected and row != header:
            header = header or row
            yield reader.line_num, row


def _with_fields(text: str, expected: int, source: Source, skip: int) -> str:
    """The header and the rows that are sound beside those that are not, so that their cells can be looked at too."""
    found, kept = (row for _, row in _sound_rows(text, source, expected, skip)), io.StringIO()
    if not source.quoted:
        return "".join(source.separator.join(row) + "\n" for row in found)
    csv.writer(kept, csv.excel, delimiter=source.separator, lineterminator="\n").writerows(found)
    return kept.getvalue()


def check_fields(lines: Iterable[str], expected: int, path: Path, source: Source, skip: int = 0) -> None:
    """Refuse rows with more or fewer fields than the header: their values would stand in wrong columns.

    `skip` lines above the header are none of the table. A header that stands again is refused too.
    """
    problems = Problems(path, source.title)
    _note_fields(lines, expected, problems, source, skip)
    problems.raise_if_any()


def _note_fields(lines: Iterable[str], expected: int, problems: Problems, source: Source, skip: int) -> bool:
    """Note what :func:`check_fields` refuses; whether every row is of the table, and has as many fields."""
    path = problems.path
    reader = _rows(lines, source)
    header: list[str] | None = None
    ragged: list[tuple[int, list[str]]] = []
    n_ragged = 0
    again: list[int] = []
    try:
        for row in reader:
            if not row or reader.line_num <= skip:
                continue
            if len(row) != expected:
                n_ragged += 1
                if len(ragged) < N_SHOWN:
                    ragged.append((reader.line_num, row))
            elif header is None:
                header = row
            elif row[0] == header[0] and row == header:
                again.append(reader.line_num)
    except csv.Error as error:
        at = f"{path}, line {reader.line_num}"
        raise DataError(f"The table cannot be read: {error}", where=at, action=AGAIN) from error
    except UnicodeDecodeError as error:
        line = reader.line_num + 1 + error.object[: error.start].count(b"\n")
        raise not_utf8(path, line, repr(error.object[error.start])) from error
    if ragged:
        _say_ragged(problems, ragged, n_ragged, expected, source)
    if again:
        got = ", ".join(map(str, again[:N_SHOWN])) + (" ..." if len(again) > N_SHOWN else "")
        action = "several files were put together: take out the further headers, and see that no row stands twice"
        problems.add("The header stands again among the rows.", f"line {again[0]}", got=f"line {got}", action=action)
    return not ragged and not again


def _say_ragged(problems: Problems, ragged: list[tuple[int, list[str]]], n: int, expected: int, source: Source) -> None:
    line, row = ragged[0]
    got = repr(source.separator.join(row)[:80])
    if n == 1:
        what = f"A row has {len(row)} fields and the header {expected}: the file may be cut off."
    else:
        what = f"{n:,} rows have other numbers of fields than the header, which has {expected}."
        got += "; fields: " + ", ".join(f"{len(fields)} (line {at})" for at, fields in ragged)
        got += f", and {n - len(ragged):,} more rows" if n > len(ragged) else ""
    problems.add(what, f"line {line}", got=got)


def _parse(text: str, path: Path, source: Source, wanted: list[str], skip: int) -> pd.DataFrame:
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=source.separator,
            skiprows=skip,
            usecols=wanted,
            dtype=str,
            keep_default_na=False,
            na_values=[],
            quoting=_quoting(source),
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"The table cannot be read: {error}", where=path, action=AGAIN) from error
    return frame[wanted]


def numbers(raw: pd.Series[str], column: Column, path: Path) -> NDArray[np.float64]:
    """The column as finite float64; the cells that are no number, blank or out of range are named."""
    problems = Problems(path, column.name)
    values = check_numbers(raw, column, problems)
    problems.raise_if_any()
    return values


def require_pattern(raw: pd.Series[str], pattern: str, meaning: str, path: Path) -> None:
    """Refuse a text column with a cell that does not look like the identifier that it should hold."""
    problems = Problems(path, str(raw.name))
    wrong = ~np.asarray(raw.str.fullmatch(pattern), dtype=bool)
    problems.cells(f"Not {meaning}", wrong, raw, meaning)
    problems.raise_if_any()
