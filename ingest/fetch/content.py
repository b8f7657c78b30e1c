"""Is what came the file that it should be? Told by content, as the readers will read it."""

from __future__ import annotations

import csv
import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pathproof.errors import DataError
from pathproof.ingest.fetch.client import Refused
from pathproof.ingest.fetch.lockfile import Entry
from pathproof.ingest.sources.base import Source
from pathproof.ingest.sources.reading import check_header, check_start, open_binary, read_header
from pathproof.ingest.sources.workbook import SUFFIX, sheet_text

_BLOCK = 1 << 20
LEAST_SHARE = 0.7
"""Of the usual bytes, below which a download looks cut: not every server names a length, and a text file that was cut
at the end of a line is sound by itself."""


@dataclass(frozen=True)
class Digest:
    """Size and hashes of a file."""

    bytes: int
    sha256: str
    md5: str


def digest(path: Path) -> Digest:
    """Read a file once for its size and both hashes (MD5 is what some archives publish; nothing rests on it)."""
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            sha256.update(block)
            md5.update(block)
            size += len(block)
    return Digest(size, sha256.hexdigest(), md5.hexdigest())


def looks_cut(size: int, usual: int) -> bool:
    """Whether a file of `size` bytes may be the beginning of one of `usual` bytes."""
    return size < LEAST_SHARE * usual


def check_size(size: int, entry: Entry) -> None:
    """Refuse what is far shorter than the release that was asked for.

    Raises
    ------
    Refused
        Not for a size that is only known about (`about_bytes`): that is told.
    """
    if entry.bytes is not None and looks_cut(size, entry.bytes):
        raise Refused(f"it ended after {size:,} bytes; release {entry.release} has {entry.bytes:,}: it is probably cut")


def unpack(archive: Path, member: str, to: Path, room: Callable[[int], None]) -> None:
    """Write one member of a zip archive to `to`; its checksum is checked on the way.

    Raises
    ------
    Refused
        When the archive is damaged or does not hold the member.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
            if member not in names:
                raise Refused(f"the archive holds {', '.join(names[:5]) or 'nothing'} and no {member}")
            room(opened.getinfo(member).file_size)
            with opened.open(member) as source, to.open("wb") as target:
                while block := source.read(_BLOCK):
                    target.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        with archive.open("rb") as handle:
            start = handle.read(60)
        raise Refused(f"no sound zip archive ({error}); it starts with {start!r}") from error


def check_content(path: Path, entry: Entry) -> None:
    """Refuse what the readers could not read: a web page, binary data, a file that was cut off, other columns.

    Raises
    ------
    Refused
    """
    if entry.path.endswith(".gz"):
        with path.open("rb") as handle:
            start = handle.read(60)
        if not start.startswith(b"\x1f\x8b"):
            raise Refused(f"not gzip, as the name says; it starts with {start!r}")
    source = entry.reader
    try:
        if entry.path.endswith(SUFFIX):
            first = sheet_text(path).partition("\n")[0]
            if source is not None:
                check_header(next(csv.reader([first])), path, source)
            return
        with open_binary(path) as opened:
            check_start(opened.read(512), path)
            while opened.read(_BLOCK):  # to the end: there stands the checksum of a gzip file
                pass
        if source is not None:
            check_columns(path, source)
    except DataError as error:
        raise Refused(error.what + (f" It starts with {error.got}" if error.got else "")) from error


def check_columns(path: Path, source: Source) -> None:
    """Refuse a file whose first line is not that of the source.

    Raises
    ------
    DataError
    """
    header = read_header(path, source)
    if source.columns:
        check_header(header, path, source)
    # Copies of Reactome's relations with semicolons are about, and read; a gene set's name may hold any of these.
    gene_sets = source.files[0].endswith(".gmt")
    fields = header if gene_sets else re.split("[\t,;]", source.separator.join(header))
    if len(fields) < (3 if gene_sets else 2):
        what = f"The first line has {len(fields)} field(s), too few for the {source.title}."
        raise DataError(what, got=repr("".join(header)[:60]))
