"""A data folder before and after: what is there is kept, what may not come does not, one fetch at a time."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fetch_bench import BODY, PATH, Bench
from fetch_server import Unreliable, whole

from pathproof.errors import DataError, UsageError
from pathproof.ingest.fetch.fetcher import Fetcher
from pathproof.ingest.fetch.lockfile import Entry

Make = Callable[..., Entry]
RECORD = "pathproof-fetch.lock.json"


def put(bench: Bench, path: str, body: bytes = BODY) -> Path:
    """A file that a user laid into the folder."""
    target = bench.data / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    return target


def test_a_file_that_lies_there_is_recorded_and_held(bench: Bench, entry: Make) -> None:
    wanted = entry("http://127.0.0.1:1/a")
    target = put(bench, PATH)
    fetcher = bench.fetcher(wanted)
    standing = fetcher.standing(wanted)
    assert (standing.state, standing.notes) == ("there", ())
    fetcher.adopt(standing)
    kept = json.loads((bench.data / RECORD).read_text())["files"][PATH]
    assert (kept["url"], kept["sha256"]) == (None, hashlib.sha256(BODY).hexdigest())
    assert kept["release"] == f"sha256:{kept['sha256'][:12]}"  # nobody said which release it is
    target.write_bytes(BODY[:-5])  # still a table that can be read
    with pytest.raises(DataError, match="not what it should be") as refused:
        bench.fetcher(wanted).standing(wanted)
    assert kept["sha256"] in str(refused.value)
    assert hashlib.sha256(BODY[:-5]).hexdigest() in str(refused.value)


def test_a_file_of_a_release_that_nobody_named_is_kept_and_said(bench: Bench, entry: Make) -> None:
    wanted = entry("http://127.0.0.1:1/a", sha256_expected=hashlib.sha256(b"x").hexdigest(), release="97")
    put(bench, PATH)
    first, second = bench.fetcher(wanted).standing(wanted).notes
    assert hashlib.sha256(BODY).hexdigest() in first
    assert second == "so it may be of another release, and is kept; move it away to fetch release 97"


def test_a_web_page_saved_by_hand_is_no_file(bench: Bench, entry: Make) -> None:
    wanted = entry("http://127.0.0.1:1/a")
    put(bench, PATH, b"<html>Sign in</html>")
    with pytest.raises(DataError, match="web page"):
        bench.fetcher(wanted).standing(wanted)
    assert not (bench.data / RECORD).exists()


def test_a_copy_that_the_readers_take_is_taken(bench: Bench, entry: Make) -> None:
    path = "reactome/ReactomePathwaysRelation.txt"
    wanted = entry("http://127.0.0.1:1/a", source="reactome", path=path)
    put(bench, path, b"Parent;Child\nR-HSA-1;R-HSA-2\n")
    assert bench.fetcher(wanted).standing(wanted).state == "there"


def test_a_file_laid_by_hand_does_not_hold_a_download(server: Unreliable, bench: Bench, entry: Make) -> None:
    """Nobody said which release it was: moved away, the pinned one may come."""
    wanted = entry(server.serve("/a", whole(BODY)))
    target = put(bench, PATH, BODY + b"TF1,GENE1,1\n")
    fetcher = bench.fetcher(wanted)
    fetcher.adopt(fetcher.standing(wanted))
    target.unlink()
    bench.fetch(wanted)
    assert bench.files() == {PATH: BODY}
    assert json.loads((bench.data / RECORD).read_text())["files"][PATH]["release"] == "1"


def test_another_file_that_the_readers_take_is_kept(bench: Bench, entry: Make) -> None:
    """A second file would make the readers' choice ambiguous."""
    put(bench, "omnipath/collectri.csv.gz")
    wanted = entry("http://127.0.0.1:1/a")
    standing = bench.fetcher(wanted).standing(wanted)
    assert (standing.state, standing.path.name) == ("other", "collectri.csv.gz")
    assert PATH in standing.notes[0]


def test_a_file_that_the_readers_pass_over_is_said(bench: Bench, entry: Make) -> None:
    put(bench, PATH)
    put(bench, "omnipath/collectri.csv")
    wanted = entry("http://127.0.0.1:1/a")
    assert bench.fetcher(wanted).standing(wanted).notes == ("the readers take omnipath/collectri.csv before it",)


def test_a_file_of_another_release_is_said(server: Unreliable, bench: Bench, entry: Make) -> None:
    bench.fetch(entry(server.serve("/a", whole(BODY))))
    newer = entry(server.serve("/b", whole(BODY + b"TF1,GENE1,1\n")), release="2")
    assert bench.fetcher(newer).standing(newer).notes == ("release 1; move it away to fetch release 2",)
    (bench.data / PATH).unlink()
    bench.fetch(newer)
    assert bench.files() == {PATH: BODY + b"TF1,GENE1,1\n"}


def test_offline_opens_no_connection(
    server: Unreliable, bench: Bench, entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    wanted = entry(server.serve("/a", whole(BODY)), sha256_published=hashlib.sha256(BODY).hexdigest())
    fetcher = bench.fetcher(wanted, offline=True)
    with fetcher.alone():
        assert fetcher.standing(wanted).state == "missing"
        with pytest.raises(DataError, match="is missing"):
            fetcher.fetch(wanted)
    assert not bench.data.exists()
    put(bench, PATH)
    standing = fetcher.standing(wanted)
    fetcher.adopt(standing)
    fetcher.accept(["strict"])
    assert standing.state == "there"
    assert bench.files() == {PATH: BODY}
    assert not (bench.data / RECORD).exists()
    put(bench, PATH, BODY[:-1])
    with pytest.raises(DataError, match="the provider publishes"):
        fetcher.standing(wanted)
    assert server.asked == []


def fake_space(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """A disk with so many free bytes."""
    real = os.statvfs

    def statvfs(path: Any) -> os.statvfs_result:
        found = list(real(path))
        found[0], found[1], found[3], found[4] = 1, 1, free, free
        return os.statvfs_result(found)

    monkeypatch.setattr(os, "statvfs", statvfs)


def test_without_space_nothing_is_started(
    server: Unreliable, bench: Bench, entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all files together, before the first connection."""
    first = entry(server.serve("/a", whole(BODY)), bytes=40_000_000)
    second = entry(server.serve("/b", whole(BODY)), path="omnipath/collectri.csv", about_bytes=70_000_000)
    fake_space(monkeypatch, 200_000_000)
    fetcher = bench.fetcher(first, second)
    fetcher.check_space([first])
    with pytest.raises(DataError, match="free space") as refused:
        fetcher.check_space([first, second])
    assert "200.0 MB free" in str(refused.value)
    assert "210.0 MB" in str(refused.value)
    assert (server.asked, bench.data.exists()) == ([], False)


def test_a_size_that_the_server_names_first_is_checked_too(
    server: Unreliable, bench: Bench, entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = entry(server.serve("/a", whole(BODY)))
    fake_space(monkeypatch, 100_000_000 + len(BODY) - 1)
    with pytest.raises(DataError, match="free space"):
        bench.fetch(wanted)
    assert PATH not in bench.files()
    fake_space(monkeypatch, 100_000_000 + len(BODY))
    bench.fetch(wanted)
    assert bench.files() == {PATH: BODY}


def test_a_file_that_cannot_be_written_is_said_and_gone_on_from(server: Unreliable, bench: Bench, entry: Make) -> None:
    """The system refuses to write on in the middle: another mirror would not help."""
    wanted = entry(server.serve("/a", whole(BODY)), server.serve("/b", whole(BODY)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
    try:
        with pytest.raises(DataError, match="Cannot write") as refused:
            bench.fetch(wanted)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "free some space" in str(refused.value)
    assert os.strerror(errno.EFBIG) in str(refused.value)
    assert bench.names() == [".part/omnipath__CollecTRI_regulons.csv"]
    bench.fetch(wanted)
    assert bench.files() == {PATH: BODY}
    assert [path for path, _ in server.asked] == ["/a", "/a"]
    assert int(server.headers("/a")[1]["Range"].removeprefix("bytes=").rstrip("-")) <= 150_000


def test_what_stops_just_before_the_name_is_given_is_finished_without_asking_again(
    server: Unreliable, bench: Bench, entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = entry(server.serve("/a", whole(BODY)))

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Fetcher, "_install", stop)
        with pytest.raises(KeyboardInterrupt):
            bench.fetch(wanted)
    assert bench.names() == [".part/omnipath__CollecTRI_regulons.csv"]
    bench.fetch(wanted)
    assert bench.files() == {PATH: BODY}
    assert server.times("/a") == 1


def test_two_at_once(bench: Bench, entry: Make) -> None:
    wanted = entry("http://127.0.0.1:1/a")
    with bench.fetcher(wanted).alone():
        with pytest.raises(DataError, match="Another pathproof process") as refused:
            with bench.fetcher(wanted).alone():
                pytest.fail("both hold the folder")
        assert "wait" in str(refused.value)
    with bench.fetcher(wanted).alone():
        assert bench.files() == {}


def test_a_licence_is_accepted_once(server: Unreliable, bench: Bench, entry: Make) -> None:
    wanted = entry(server.serve("/a", whole(BODY)), licence="strict")
    with pytest.raises(UsageError, match="--accept-licence strict") as refused:
        bench.fetch(wanted)
    assert "https://example.org/strict" in str(refused.value)
    assert (server.asked, bench.data.exists()) == ([], False)
    bench.data.mkdir()
    bench.fetcher(wanted).accept(["strict"])
    bench.fetch(wanted)  # a new fetcher: the acceptance was recorded
    assert bench.files() == {PATH: BODY}
    assert list(json.loads((bench.data / RECORD).read_text())["accepted"]) == ["strict"]


def test_a_record_that_cannot_be_read_is_not_overwritten(bench: Bench, entry: Make) -> None:
    bench.data.mkdir()
    (bench.data / RECORD).write_text('{"format": 7, "files": {}, "more": 1}')
    with pytest.raises(DataError, match="cannot be read") as refused:
        bench.fetcher(entry("http://127.0.0.1:1/a"))
    assert "format" in str(refused.value)
    assert "more" in str(refused.value)
    assert (bench.data / RECORD).read_text() == '{"format": 7, "files": {}, "more": 1}'
