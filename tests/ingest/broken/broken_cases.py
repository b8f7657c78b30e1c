"""What a broken file is: how it comes of a sound one, and what must be said of it."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Case:
    """One broken file.

    `expect` is `error` (the words stand in the message, in this order), `counted` (the account of a file has a
    reason with the words, which the sound file's has not, or not so often), or `same` (nothing differs).
    """

    name: str
    file: str
    change: Change
    expect: Literal["error", "counted", "same"]
    words: str = ""


def error(name: str, file: str, change: Change, words: str) -> Case:
    return Case(name, file, change, "error", words)


def counted(name: str, file: str, change: Change, words: str) -> Case:
    return Case(name, file, change, "counted", words)


def same(name: str, file: str, change: Change) -> Case:
    return Case(name, file, change, "same")


def swap(old: str, new: str, times: int = 1) -> Change:
    """Replace text that must be there."""

    def change(content: bytes) -> bytes:
        assert old.encode() in content, old
        return content.replace(old.encode(), new.encode(), times)

    return change


def every(old: str, new: str) -> Change:
    """Replace text wherever it stands."""
    return swap(old, new, -1)


def give(content: bytes) -> Change:
    return lambda _: content


def lines(change: Callable[[list[str]], list[str]]) -> Change:
    """Change the list of lines."""
    return lambda content: "".join(f"{line}\n" for line in change(content.decode().splitlines())).encode()


def exchange(one: str, other: str) -> Change:
    """Two names of the header in each other's place, as if the columns below were swapped."""

    def change(content: bytes) -> bytes:
        header, rest = content.split(b"\n", 1)
        assert one.encode() in header
        assert other.encode() in header
        return header.replace(one.encode(), b"?").replace(other.encode(), one.encode()).replace(
            b"?", other.encode()
        ) + (b"\n" + rest)

    return change


def emptied(column: str, text: str = "") -> Change:
    """A column of a table with tabs, empty or with one text in all its cells."""

    def change(content: bytes) -> bytes:
        rows = [line.split("\t") for line in content.decode().splitlines()]
        header = next(number for number, row in enumerate(rows) if column in row)
        place = rows[header].index(column)
        for row in rows[header + 1 :]:
            row[place] = text
        return "".join("\t".join(row) + "\n" for row in rows).encode()

    return change


def moved(column: int) -> Change:
    """A column of a table with tabs, its cells one row up and the first one last."""

    def change(content: bytes) -> bytes:
        header, *rows = (line.split("\t") for line in content.decode().splitlines())
        cells = [row[column] for row in rows]
        for row, cell in zip(rows, [*cells[1:], cells[0]], strict=True):
            row[column] = cell
        return "".join("\t".join(row) + "\n" for row in (header, *rows)).encode()

    return change


def again(number: int) -> Change:
    """One line repeated at the end."""
    return lines(lambda found: [*found, found[number]])


def cut_gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)[:-12]


def damaged_gzip(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[len(packed) // 2] ^= 0xFF
    return bytes(packed)


def zipped(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("table.csv", content)
    return made.getvalue()


def latin_1(content: bytes) -> bytes:
    """A letter of Latin-1 in the second line."""
    first, rest = content.split(b"\n", 1)
    return first + b"\n" + rest[:3] + b"\xe9" + rest[3:]


def nul(content: bytes) -> bytes:
    return content[:-3] + b"\x00" + content[-3:]


def no_last_break(content: bytes) -> bytes:
    return content.removesuffix(b"\n")


HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>200 OK</body></html>\n"
ANY_ERROR: tuple[tuple[str, Change, str], ...] = (
    ("gzip cut off", cut_gzip, "cut off before its end"),
    ("gzip damaged", damaged_gzip, "compressed file is (damaged|cut off)"),
    ("web page with status 200", give(HTML), "web page, not a table"),
    ("empty", give(b""), "file is empty"),
    ("only spaces and line breaks", give(b" \n\n\t\n"), "file is empty"),
    ("zip archive", zipped, "Excel workbook or a zip archive"),
    ("UTF-16", lambda content: content.decode().encode("utf-16"), "UTF-16"),
    ("Latin-1", latin_1, r"not UTF-8(.|\n)*line 2"),
    ("NUL byte", nul, "NUL|binary"),
    ("carriage returns alone", lambda content: content.replace(b"\n", b"\r"), "carriage return stands"),
)
HARMLESS: tuple[tuple[str, Change], ...] = (
    ("byte order mark", lambda content: b"\xef\xbb\xbf" + content),
    ("Windows line ends", lambda content: content.replace(b"\n", b"\r\n")),
    ("packed", gzip.compress),
)
