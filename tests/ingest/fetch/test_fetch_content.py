"""What came is looked at before it gets its name: by content, by hash, and by what came the first time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fetch_bench import BODY, PATH, Bench
from fetch_server import Unreliable, whole
from ingest_slices import response
from screen_slices import workbook

from pathproof.errors import DataError
from pathproof.ingest.fetch.client import Refused
from pathproof.ingest.fetch.content import check_content
from pathproof.ingest.fetch.lockfile import Entry, read_lock

Make = Callable[..., Entry]
REJECTED = ".part/omnipath__CollecTRI_regulons.csv"
PAGE = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"
GMT = b"2-LTR circle formation\tR-HSA-164843\tBANF1\tHMGA1\nApoptosis\tR-HSA-109581\tBAX\n"
GMT_PATH = "reactome/ReactomePathways.gmt"


def sha256(body: bytes) -> str:
    """Computed apart from the code under test."""
    return hashlib.sha256(body).hexdigest()


def zipped(**members: bytes) -> bytes:
    """A zip archive; `_` in a name stands for a full stop."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("_", "."), body)
    return packed.getvalue()


def record(bench: Bench) -> dict[str, dict[str, object]]:
    """The files of the record."""
    found: dict[str, dict[str, object]] = json.loads((bench.data / "pathproof-fetch.lock.json").read_text())["files"]
    return found


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (PAGE, "text/html; charset=utf-8", "web page"),
        (PAGE, "text/csv", "web page"),
        (b"", "text/csv", "empty"),
        (b"PK\x03\x04" + bytes(100), "text/csv", "Excel workbook or a zip archive"),
        (b"a,b\x00c\n", "text/csv", "binary"),
        (b'{"error": "no such file"}\n', "text/csv", "columns are missing"),
        (b"CCLE Cell Line Name,Compound,ActArea\nA549,Erlotinib,1\n", "text/csv", "CCLE drug response"),
    ],
    ids=["page", "page called a table", "nothing", "workbook", "binary", "message", "another table"],
)
def test_what_is_no_such_file_gets_no_name(
    server: Unreliable, bench: Bench, entry: Make, body: bytes, kind: str, said: str
) -> None:
    """Status 200 and a wrong body: the next mirror is asked."""
    bad = server.serve("/bad", whole(body, kind=kind))
    with pytest.raises(DataError, match=said) as refused:
        bench.fetch(entry(bad))
    assert PATH not in bench.files()
    assert set(bench.names()) <= {REJECTED}
    assert str(bench.data / PATH) in str(refused.value)
    bench.fetch(entry(bad, server.serve("/good", whole(BODY))))
    assert bench.files() == {PATH: BODY}


def test_another_hash_than_the_published_one_is_refused(server: Unreliable, bench: Bench, entry: Make) -> None:
    other = BODY.replace(b"GENE77", b"GENE78")
    bad = entry(server.serve("/bad", whole(other)), sha256_published=sha256(BODY))
    with pytest.raises(DataError) as refused:
        bench.fetch(bad)
    assert sha256(other) in str(refused.value)
    assert sha256(BODY) in str(refused.value)
    assert bench.files() == {f"{REJECTED}.rejected": other}
    good = entry(bad.urls[0], server.serve("/good", whole(BODY)), sha256_published=sha256(BODY))
    assert bench.fetch(good) == []
    assert bench.files() == {PATH: BODY}


def test_another_hash_than_others_report_is_said(server: Unreliable, bench: Bench, entry: Make) -> None:
    """Nobody has confirmed it, so it is no reason to refuse; from now on the file itself is the measure."""
    facts = {"sha256_expected": sha256(b"x"), "md5_expected": hashlib.md5(b"x").hexdigest(), "bytes": 12}  # noqa: S324
    notes = bench.fetch(entry(server.serve("/a", whole(BODY)), **facts))
    assert bench.files() == {PATH: BODY}
    assert len(notes) == 3
    assert sha256(BODY) in notes[0]
    assert sha256(b"x") in notes[0]
    assert f"{len(BODY):,} bytes; others report 12" in notes[2]
    assert record(bench)[PATH]["sha256"] == sha256(BODY)


def test_the_hash_that_others_report_holds(server: Unreliable, bench: Bench, entry: Make) -> None:
    """With the right hash a size that was reported wrongly is not worth a word."""
    assert bench.fetch(entry(server.serve("/a", whole(BODY)), sha256_expected=sha256(BODY), bytes=12)) == []
    assert bench.files() == {PATH: BODY}


def test_what_came_first_is_held_from_then_on(server: Unreliable, bench: Bench, entry: Make) -> None:
    other = BODY + b"TF1,GENE1,1\n"
    wanted = entry(server.serve("/a", whole(BODY), whole(other, '"two"')))
    bench.fetch(wanted)
    first = record(bench)[PATH]
    assert (first["sha256"], first["bytes"], first["url"]) == (sha256(BODY), len(BODY), wanted.urls[0])
    (bench.data / PATH).unlink()
    with pytest.raises(DataError, match="when it was first fetched") as refused:
        bench.fetch(wanted)
    assert sha256(BODY) in str(refused.value)
    assert sha256(other) in str(refused.value)
    assert bench.files() == {f"{REJECTED}.rejected": other}
    assert record(bench)[PATH] == first


def test_a_gzip_file_is_read_to_its_end(server: Unreliable, bench: Bench, entry: Make) -> None:
    packed = gzip.compress(BODY)
    assert bench.fetch(entry(server.serve("/a", whole(packed)), path=PATH + ".gz")) == []
    assert bench.files() == {PATH + ".gz": packed}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (gzip.compress(BODY)[:-9], "cut off"),
        (gzip.compress(BODY)[:-8] + bytes(8), "damaged"),
        (BODY, "not gzip"),
    ],
    ids=["cut off", "wrong checksum", "plain"],
)
def test_a_broken_gzip_file_gets_no_name(server: Unreliable, bench: Bench, entry: Make, body: bytes, said: str) -> None:
    """The length is as the server said: only the content tells."""
    with pytest.raises(DataError, match=said):
        bench.fetch(entry(server.serve("/a", whole(body)), path=PATH + ".gz"))
    assert bench.files() == {f"{REJECTED}.gz.rejected": body}


def test_a_member_of_an_archive_is_unpacked(server: Unreliable, bench: Bench, entry: Make) -> None:
    url = server.serve("/a.zip", whole(zipped(ReactomePathways_gmt=GMT), kind="application/zip"))
    wanted = entry(url, path=GMT_PATH, member="ReactomePathways.gmt", sha256_published=sha256(GMT))
    assert bench.fetch(wanted) == []
    assert bench.files() == {GMT_PATH: GMT}
    assert record(bench)[GMT_PATH]["sha256"] == sha256(GMT)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (zipped(readme_txt=GMT), "readme.txt and no ReactomePathways.gmt"),
        (zipped(ReactomePathways_gmt=GMT)[:-30], "no sound zip archive"),
        (
            zipped(ReactomePathways_gmt=GMT).replace(
                b"\x00\x00\x00ReactomePathways", b"\x00\x00\x00reactomePathways", 1
            ),
            "no sound zip archive",
        ),
        (PAGE, "no sound zip archive.*DOCTYPE"),
        (zipped(ReactomePathways_gmt=b"name R-HSA-1 GENE\n"), "too few"),
    ],
    ids=["another member", "cut off", "damaged", "page", "no tabs"],
)
def test_a_wrong_archive_gives_no_file(server: Unreliable, bench: Bench, entry: Make, body: bytes, said: str) -> None:
    url = server.serve("/a.zip", whole(body, kind="application/zip"))
    with pytest.raises(DataError, match=said):
        bench.fetch(entry(url, path=GMT_PATH, member="ReactomePathways.gmt"))
    assert bench.files() == {".part/reactome__ReactomePathways.gmt.rejected": body}


def test_a_workbook_is_read_where_the_lock_file_names_one(tmp_path: Path) -> None:
    (named,) = [entry for entry in read_lock().file if entry.path.endswith("GDSC2_fitted_dose_response_27Oct23.xlsx")]
    part = tmp_path / "a download without its name.part"
    part.write_bytes(workbook(response("passports")))
    check_content(part, named)
    for content, why in (
        (workbook("DRUG_ID,DRUG_NAME\n1,A\n"), "columns are missing"),
        (workbook(response("passports"))[:400], "workbook cannot be read"),
        (b"<html>log in</html>", "workbook cannot be read"),
    ):
        part.write_bytes(content)
        with pytest.raises(Refused, match=why):
            check_content(part, named)
