"""Reading a provider's text file so that every kind of wrong file is one clear DataError."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathproof.errors import DataError, nearest
from pathproof.ingest.sources.base import Column, Source

_GZIP_MAGIC = b"\x1f\x8b"
_AGAIN = "download the file again"


@contextmanager
def open_binary(path: Path) -> Iterator[IO[bytes]]:
    """Open a plain or gzipped file (told by content); damage found while reading is a DataError."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP_MAGIC
        with gzip.open(path, "rb") if packed else path.open("rb") as handle:
            yield cast(IO[bytes], handle)
    except EOFError as error:
        raise DataError("The compressed file is cut off before its end.", where=path, action=_AGAIN) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"The compressed file is damaged: {error}", where=path, action=_AGAIN) from error
    except OSError as error:
        raise DataError(
            f"Cannot read the file: {error.strerror or error}", where=path, action="check its rights"
        ) from error


def read_text(path: Path) -> str:
    """The whole file as text; an empty file, a web page or a workbook is a DataError."""
    with open_binary(path) as handle:
        content = handle.read()
    check_start(content[:512], path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(
            "The file is not UTF-8 text.",
            where=f"{path}, line {line}",
            got=repr(error.object[error.start]),
            action=_AGAIN,
        ) from error


def check_start(start: bytes, path: Path) -> None:
    """Refuse what is certainly no table: nothing at all, a web page, a workbook, binary data."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise DataError("The file is empty.", where=path, action=_AGAIN)
    if text.startswith(b"<"):
        raise DataError(
            "The file is a web page, not a table.",
            where=path,
            got=text[:60].decode("utf-8", "replace"),
            action="the server sent an error or a login page: download the file again in a browser",
        )
    if text.startswith(b"PK\x03\x04"):
        raise DataError(
            "The file is an Excel workbook or a zip archive.", where=path, action="unpack it, or save its sheet as CSV"
        )
    if b"\x00" in start:
        raise DataError("The file is binary, not a text table.", where=path, action=_AGAIN)


def read_header(path: Path, source: Source) -> list[str]:
    """Column names of the file."""
    with open_binary(path) as handle:
        start = handle.read(512)
        check_start(start, path)
        lines = itertools.chain(io.BytesIO(start + handle.readline()), handle)
        decoded = (line.decode("utf-8-sig", "replace") for line in lines)
        return _cells(next(itertools.dropwhile(lambda line: _is_comment(line, source), decoded), ""), source)


def _is_comment(line: str, source: Source) -> bool:
    return bool(source.comment) and line.startswith(source.comment)


def _cells(line: str, source: Source) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], **_dialect(source)), [])  # type: ignore[arg-type]


def _dialect(source: Source) -> dict[str, object]:
    return {"delimiter": source.separator, "quoting": csv.QUOTE_MINIMAL if source.quoted else csv.QUOTE_NONE}


def check_header(header: list[str], path: Path, source: Source) -> None:
    """Refuse a file without the source's columns, saying which are missing and whose file it may be."""
    missing = [name for name in source.required if name not in header]
    twice = sorted({name for name in source.required if header.count(name) > 1})
    if twice:
        raise DataError("A column stands twice in the header.", where=f"{path}, line 1", got=", ".join(twice))
    if not missing:
        return
    from pathproof.ingest.sources.registry import recognise

    owner = recognise(header)
    what = f"This is not the {source.title}: {len(missing)} of {len(source.required)} columns are missing."
    if owner is not None and owner.title != source.title:
        what = f"This is not the {source.title}: the columns are those of the {owner.title}."
    shown = ", ".join(header[:20]) + (f", ... ({len(header)} columns)" if len(header) > 20 else "")
    raise DataError(
        what,
        where=f"{path}, line 1",
        got=shown if len(shown) < 1000 else shown[:1000] + " ...",
        allowed="at least " + ", ".join(source.required),
        nearest="; ".join(f"{name}: {hit}" for name in missing if (hit := nearest(name, header))) or None,
        action=f"get it from {source.get_from}",
    )


def read_table(path: Path, source: Source) -> pd.DataFrame:
    """The source's columns (and those of `extra` that are there): text, or float64 where declared.

    An empty cell is "" in a text column and NaN in a number column that may be blank.

    Raises
    ------
    DataError
        With file, line and column of the first offending cell.
    """
    return table_of(read_text(path), path, source)


def table_of(text: str, path: Path, source: Source) -> pd.DataFrame:
    """As :func:`read_table`, of the text of the file."""
    above = list(itertools.takewhile(lambda line: _is_comment(line, source), io.StringIO(text)))
    header = _cells(text[sum(map(len, above)) :].split("\n", 1)[0], source)
    check_header(header, path, source)
    columns = [*source.columns, *(column for column in source.extra if column.name in header)]
    check_fields(io.StringIO(text), len(header), path, source, skip=len(above))
    frame = _parse(text, path, source, [column.name for column in columns], skip=len(above))
    if frame.empty:
        raise DataError("The file has a header and no rows.", where=path, action=_AGAIN)
    for column in columns:
        if column.type == "float":
            frame[column.name] = numbers(frame[column.name], column, path)
        elif not column.blank:
            _no_blanks(frame[column.name], column.name, path)
    return frame


def check_fields(lines: Iterable[str], expected: int, path: Path, source: Source, skip: int = 0) -> None:
    """Refuse a row with more or fewer fields than the header: its values would stand in wrong columns.

    `skip` lines above the header are none of the table.
    """
    reader = csv.reader(lines, **_dialect(source))  # type: ignore[arg-type]
    try:
        for row in reader:
            if row and len(row) != expected and reader.line_num > skip:
                raise DataError(
                    f"A row has {len(row)} fields and the header {expected}: the file may be cut off.",
                    where=f"{path}, line {reader.line_num}",
                    got=repr(source.separator.join(row)[:80]),
                    action=_AGAIN,
                )
    except csv.Error as error:
        raise DataError(f"The table cannot be read: {error}", where=path, action=_AGAIN) from error


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
            quoting=csv.QUOTE_MINIMAL if source.quoted else csv.QUOTE_NONE,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"The table cannot be read: {error}", where=path, action=_AGAIN) from error
    return frame[wanted]


def numbers(raw: pd.Series[str], column: Column, path: Path) -> NDArray[np.float64]:
    """The column as finite float64; the first cell that is no number, blank or out of range is named."""
    values = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=np.float64)
    text = raw.to_numpy(dtype=object)
    blank = np.asarray(raw.str.strip() == "", dtype=bool)
    bad = ~np.isfinite(values) & ~(blank & column.blank)
    if bad.any():
        _refuse("Text where a number belongs", "a finite number", bad, text, column.name, path)
    for limit, outside in ((column.low, np.less), (column.high, np.greater)):
        if limit is not None and (wrong := outside(values, limit)).any():
            allowed = f"{column.low} to {column.high}" if column.high is not None else f"at least {column.low}"
            _refuse("A number out of its range", allowed, wrong, text, column.name, path)
    return values


def _no_blanks(raw: pd.Series[str], name: str, path: Path) -> None:
    blank = np.asarray(raw.str.strip() == "", dtype=bool)
    if blank.any():
        _refuse("An empty cell where a value is needed", "a value", blank, raw.to_numpy(dtype=object), name, path)


def _refuse(
    what: str, allowed: str, wrong: NDArray[np.bool_], text: NDArray[np.object_], name: str, path: Path
) -> None:
    first = int(np.flatnonzero(wrong)[0])
    n = int(wrong.sum())
    raise DataError(
        f"{what}: column {name}" + (f" ({n:,} cells)." if n > 1 else "."),
        where=f"{path}, line {first + 2}, column {name}",
        got=repr(str(text[first])),
        allowed=allowed,
        action="correct the cell, or download the file again",
    )


def require_pattern(raw: pd.Series[str], pattern: str, meaning: str, path: Path) -> None:
    """Refuse a text column with a cell that does not look like the identifier that it should hold."""
    wrong = ~np.asarray(raw.str.fullmatch(pattern), dtype=bool)
    if wrong.any():
        _refuse(f"Not {meaning}", meaning, wrong, raw.to_numpy(dtype=object), str(raw.name), path)
