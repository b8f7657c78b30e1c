"""DGIdb as its releases write it: what is missing is NULL, or a pair of quotes, or not there at all; and in xz."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest
from ingest_slices import interactions

from pathproof.errors import DataError
from pathproof.ingest.sources.base import Tally, require_file
from pathproof.ingest.sources.dgidb import DGIDB, Interaction, read_interactions


def _read(folder: Path, text: str) -> list[Interaction]:
    path = folder / "interactions.tsv"
    path.write_text(text)
    return read_interactions(path, Tally())


def test_the_release_of_2026_says_what_the_others_say(tmp_path: Path) -> None:
    lines = interactions().splitlines()
    tails = ["", "", "\tevidence_score", *["\t3"] * (len(lines) - 3)]  # comments, header, rows
    older = "\n".join(line + tail for line, tail in zip(lines, tails, strict=True)) + "\n"
    above, rows = older.splitlines()[:3], [line.split("\t") for line in older.splitlines()[3:]]
    types, scores = above[2].split("\t").index("interaction_types"), 2
    assert any(row[types] == "NULL" for row in rows)
    newer = [[("" if cell == "NULL" else cell) for cell in row] for row in rows]
    for row in newer:
        row[types] = row[types] or '""'
    newer[0] = newer[0][:-scores]  # as rows of which the drug or the gene was not matched
    text = "\n".join([*above, *("\t".join(row) for row in newer)]) + "\n"
    assert _read(tmp_path, text) == _read(tmp_path, older) != []
    shorter = "\n".join([*above, "\t".join(newer[1][: types - 1]), *("\t".join(row) for row in newer)]) + "\n"
    with pytest.raises(DataError, match="8 fields and the header 12"):
        _read(tmp_path, shorter)


def test_a_file_in_xz_is_found_and_read(tmp_path: Path) -> None:
    text = interactions()
    packed = tmp_path / "dgidb" / "interactions.tsv.xz"
    packed.parent.mkdir()
    packed.write_bytes(lzma.compress(text.encode()))
    assert require_file(DGIDB, tmp_path) == packed
    assert read_interactions(packed, Tally()) == _read(tmp_path, text)
    whole = packed.read_bytes()
    packed.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cut off before its end"):
        read_interactions(packed, Tally())
    packed.write_bytes(whole[:30] + b"\xff" * 10 + whole[40:])
    with pytest.raises(DataError, match="damaged"):
        read_interactions(packed, Tally())
