"""Opening a provider's text file: what is damaged, packed otherwise or no text at all is one clear DataError."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from pathproof.errors import DataError
from pathproof.ingest.sources.base import Tally
from pathproof.ingest.sources.problems import AGAIN

_GZIP_MAGIC, _XZ_MAGIC = b"\x1f\x8b", b"\xfd7zXZ\x00"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
NO_BREAK = "no line break at the end: the file may be cut off"


@contextmanager
def open_binary(path: Path) -> Iterator[IO[bytes]]:
    """Open a plain, gzipped or xz file (told by content), or the one table in a zip archive (told by its name).

    Damage found while reading is a DataError.
    """
    try:
        if path.suffix == ".zip":
            with _only_member(path) as member:
                yield member
            return
        with path.open("rb") as raw:
            start = raw.read(len(_XZ_MAGIC))
        unpacked = gzip.open if start.startswith(_GZIP_MAGIC) else lzma.open if start == _XZ_MAGIC else open
        with unpacked(path, "rb") as handle:
            yield cast(IO[bytes], handle)
    except EOFError as error:
        raise DataError("The compressed file is cut off before its end.", where=path, action=AGAIN) from error
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        raise DataError(f"The compressed file is damaged: {error}", where=path, action=AGAIN) from error
    except OSError as error:
        raise DataError(
            f"Cannot read the file: {error.strerror or error}", where=path, action="check its rights"
        ) from error


@contextmanager
def _only_member(path: Path) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if len(names) != 1:
            shown = ", ".join(names[:5]) or "nothing"
            raise DataError("A zip archive has to hold one table.", where=path, got=shown, action="unpack it")
        with archive.open(names[0]) as member:
            yield member


def read_text(path: Path) -> str:
    """The whole file as text, lines ended by a line feed; a file that is no text table is a DataError."""
    with open_binary(path) as handle:
        content = handle.read()
    check_start(content[:512], path)
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise DataError("The file holds NUL bytes: it is damaged.", where=f"{path}, line {line}", action=AGAIN)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise not_utf8(path, line, repr(error.object[error.start])) from error
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        raise lone_return(path, text[: text.index("\r")].count("\n") + 1)
    return text


def lone_return(path: Path, line: int) -> DataError:
    """What to raise for a carriage return without a line feed: some programs end lines so, others do not."""
    what, action = "A carriage return stands without a line feed.", "save it with line feeds between the lines"
    return DataError(what, where=f"{path}, line {line}", action=action)


def not_utf8(path: Path, line: int, got: str) -> DataError:
    """What to raise for a byte that is no UTF-8."""
    action = "save it as UTF-8, or download it again"
    return DataError("The file is not UTF-8 text.", where=f"{path}, line {line}", got=got, action=action)


def check_start(start: bytes, path: Path) -> None:
    """Refuse what is certainly no table: nothing at all, a web page, a workbook, binary data."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise DataError("The file is empty.", where=path, action=AGAIN)
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
    if start.startswith(_UTF_16):
        raise DataError("The file is UTF-16 text, as spreadsheets save it.", where=path, action="save it as UTF-8")
    if b"\x00" in start:
        raise DataError("The file is binary, not a text table.", where=path, action=AGAIN)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file without columns.

    Raises
    ------
    DataError
        As :func:`read_text`.
    """
    return read_text(path).removesuffix("\n").split("\n")


def note_open_end(path: Path, tally: Tally) -> None:
    """Note a last line without a line break; a compressed file that is cut off is found by its checksum."""
    with open_binary(path) as handle:
        packed = not isinstance(handle, io.BufferedReader)
        handle.seek(0 if packed else max(0, path.stat().st_size - 60))
        end = b"\n" if packed else handle.read()
    if not end.endswith((b"\n", b"\r")) and path.suffix != ".xlsx":
        tally.note(NO_BREAK, [end.decode("utf-8", "replace").rpartition("\n")[2]])
