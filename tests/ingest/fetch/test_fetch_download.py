"""A download from a server that misbehaves: what lies in the folder afterwards, each time."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from fetch_bench import BODY, HASTY, PATH, Bench
from fetch_server import Answer, Unreliable, slowly, stalled, status, whole

from pathproof.errors import DataError
from pathproof.ingest.fetch.client import Client, Refused, redirected
from pathproof.ingest.fetch.lockfile import Entry
from pathproof.ingest.fetch.part import Part

Make = Callable[..., Entry]
DONE = {PATH: BODY}
OTHER = BODY.replace(b"GENE1", b"GENE9")


def test_a_whole_file(server: Unreliable, bench: Bench, entry: Make) -> None:
    assert bench.fetch(entry(server.serve("/a", whole(BODY)))) == []
    assert bench.files() == DONE
    (asked,) = server.headers("/a")
    assert asked["Accept-Encoding"] == "identity"
    assert "Range" not in asked


@pytest.mark.parametrize(
    "first",
    [whole(BODY, stop=150_000), stalled(BODY, 150_000)],
    ids=["dropped", "stalled"],
)
def test_what_breaks_off_is_taken_up_where_it_ended(
    server: Unreliable, bench: Bench, entry: Make, first: Answer
) -> None:
    bench.fetch(entry(server.serve("/a", first, whole(BODY))))
    assert bench.files() == DONE
    again = server.headers("/a")[1]
    assert again["If-Range"] == '"one"'
    assert 0 < int(again["Range"].removeprefix("bytes=").rstrip("-")) <= 150_000


def test_a_line_that_drops_often_still_ends(server: Unreliable, bench: Bench, entry: Make) -> None:
    """More breaks than attempts: what counts is whether the file grows."""
    bench.fetch(entry(server.serve("/a", *[whole(BODY, stop=70_000)] * 4, whole(BODY))))
    assert bench.files() == DONE
    assert server.times("/a") == 5 > HASTY.attempts


def test_a_slow_server_is_waited_for(server: Unreliable, bench: Bench, entry: Make) -> None:
    bench.fetch(entry(server.serve("/a", slowly(BODY, 6, 0.1))))
    assert bench.files() == DONE
    assert server.times("/a") == 1


def test_a_file_that_never_comes_whole(server: Unreliable, bench: Bench, entry: Make) -> None:
    url = server.serve("/a", whole(BODY, ranges=False, stop=150_000))
    with pytest.raises(DataError, match="broke off") as refused:
        bench.fetch(entry(url))
    assert bench.names() == [".part/omnipath__CollecTRI_regulons.csv"]
    assert server.times("/a") == HASTY.attempts
    text = str(refused.value)
    assert url in text
    assert str(bench.data / PATH) in text
    assert "by hand" in text
    server.serve("/a", whole(BODY))
    bench.fetch(entry(url))
    assert bench.files() == DONE


@pytest.mark.parametrize(
    ("second", "requests", "content"),
    [
        (whole(BODY, ranges=False), 2, BODY),
        (whole(OTHER, '"two"'), 2, OTHER),
        (whole(OTHER, '"two"', if_range=False), 3, OTHER),
        (status(416), 3, OTHER),
    ],
    ids=["range ignored", "new version", "new version, If-Range ignored", "range refused"],
)
def test_bytes_of_two_versions_are_never_joined(
    server: Unreliable, bench: Bench, entry: Make, second: Answer, requests: int, content: bytes
) -> None:
    """The second answer does not fit what came first: the file is fetched from its start."""
    last = whole(OTHER, '"two"')
    bench.fetch(entry(server.serve("/a", whole(BODY, stop=150_000), second, last)))
    assert server.times("/a") == requests
    assert bench.files() == {PATH: content}


def test_without_a_version_nothing_is_joined(server: Unreliable, bench: Bench, entry: Make) -> None:
    bench.fetch(entry(server.serve("/a", whole(BODY, None, stop=150_000), whole(BODY, None))))
    assert bench.files() == DONE
    assert "Range" not in server.headers("/a")[1]


def test_without_a_strong_etag_the_date_names_the_version(server: Unreliable, bench: Bench, entry: Make) -> None:
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    headers = {"Last_Modified": date}
    url = server.serve("/a", whole(BODY, 'W/"x"', stop=150_000, **headers), whole(BODY, 'W/"x"', **headers))
    bench.fetch(entry(url))
    assert bench.files() == DONE
    assert server.headers("/a")[1]["If-Range"] == date


def test_a_body_without_length_is_whole_when_it_ends(server: Unreliable, bench: Bench, entry: Make) -> None:
    bench.fetch(entry(server.serve("/a", whole(BODY, length=False))))
    assert bench.files() == DONE


def test_half_a_body_without_length_is_not_the_release(server: Unreliable, bench: Bench, entry: Make) -> None:
    """Cut at the end of a line it is a sound table: only the size that the release is known to have tells."""
    half = BODY[: BODY.index(b"\n", len(BODY) // 2) + 1]
    address = server.serve("/a", whole(half, length=False))
    with pytest.raises(DataError, match=f"ended after {len(half):,} bytes.*probably cut"):
        bench.fetch(entry(address, bytes=len(BODY)))
    assert bench.names() == [".part/omnipath__CollecTRI_regulons.csv"]  # kept aside, as rejected
    (note,) = bench.fetch(entry(address, about_bytes=len(BODY)))  # only known about: taken, and told
    assert "look whether it is whole" in note


def test_a_server_that_compresses_though_told_not_to(server: Unreliable, bench: Bench, entry: Make) -> None:
    """What is stored is the file; compressed bytes of a broken answer are not gone on with."""
    packed = gzip.compress(BODY)
    squeezed = {"Content_Encoding": "gzip"}
    url = server.serve("/a", whole(packed, stop=len(packed) // 2, **squeezed), whole(packed, **squeezed))
    bench.fetch(entry(url))
    assert bench.files() == DONE
    assert "Range" not in server.headers("/a")[1]


@pytest.mark.parametrize("code", [202, 408, 429, 500, 503])
def test_a_passing_trouble_is_tried_again(server: Unreliable, bench: Bench, entry: Make, code: int) -> None:
    bench.fetch(entry(server.serve("/a", status(code), status(code), whole(BODY))))
    assert bench.files() == DONE
    assert len(bench.slept) == 2
    assert 0.25 <= bench.slept[0] <= 0.5 <= bench.slept[1] <= 1.0  # doubled, with jitter


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_not_asked_twice(server: Unreliable, bench: Bench, entry: Make, code: int) -> None:
    url = server.serve("/a", status(code))
    with pytest.raises(DataError, match=f"status {code}") as refused:
        bench.fetch(entry(url))
    assert bench.files() == {}
    assert server.times("/a") == 1
    assert url in str(refused.value)


def test_the_time_that_a_server_asks_for_is_waited(server: Unreliable, bench: Bench, entry: Make) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=6), usegmt=True)
    url = server.serve("/a", status(429, Retry_After="7"), status(429, Retry_After=date), whole(BODY))
    bench.fetch(entry(url))
    assert bench.files() == DONE
    assert bench.slept[0] == 7
    assert 3 < bench.slept[1] <= 6


def test_a_time_that_cannot_be_read_is_no_reason_to_stop(server: Unreliable, bench: Bench, entry: Make) -> None:
    bench.fetch(entry(server.serve("/a", status(503, Retry_After="soon"), whole(BODY))))
    assert bench.files() == DONE
    assert bench.slept[0] <= 0.5


def test_a_server_that_asks_for_an_hour_is_left(server: Unreliable, bench: Bench, entry: Make) -> None:
    with pytest.raises(DataError, match="wait 3600 s: run again later"):
        bench.fetch(entry(server.serve("/a", status(429, Retry_After="3600"))))
    assert (bench.files(), bench.slept) == ({}, [])


def test_a_server_that_stays_broken_is_left_after_some_attempts(server: Unreliable, bench: Bench, entry: Make) -> None:
    with pytest.raises(DataError, match=r"status 500.*tried 3 times"):
        bench.fetch(entry(server.serve("/a", status(500))))
    assert (bench.files(), server.times("/a")) == ({}, HASTY.attempts)


def test_nobody_listens(bench: Bench, entry: Make) -> None:
    with pytest.raises(DataError, match="no connection"):
        bench.fetch(entry("http://127.0.0.1:1/a"))
    assert bench.files() == {}


def test_mirrors_are_asked_in_order(server: Unreliable, bench: Bench, entry: Make) -> None:
    first = server.serve("/a", whole(OTHER, stop=150_000), status(404))
    bench.fetch(entry(first, server.serve("/b", whole(BODY)), server.serve("/c", whole(OTHER))))
    assert bench.files() == DONE
    assert [path for path, _ in server.asked] == ["/a", "/a", "/b"]


def test_every_mirror_that_failed_is_named(server: Unreliable, bench: Bench, entry: Make) -> None:
    urls = [server.serve("/a", status(403)), server.serve("/b", status(404))]
    with pytest.raises(DataError) as refused:
        bench.fetch(entry(*urls))
    assert f"{urls[0]}: status 403" in str(refused.value)
    assert f"{urls[1]}: status 404" in str(refused.value)


def test_a_redirect_is_followed_and_the_first_address_asked_again(
    server: Unreliable, bench: Bench, entry: Make
) -> None:
    """Addresses that a redirect leads to may be valid for seconds only: going on begins at the first."""
    server.serve("/there", whole(BODY, stop=150_000), whole(BODY))
    bench.fetch(entry(server.serve("/a", status(302, Location="/there"))))
    assert bench.files() == DONE
    assert [path for path, _ in server.asked] == ["/a", "/there", "/a", "/there"]
    assert "Range" in server.headers("/there")[1]


def test_redirects_in_a_circle_end(server: Unreliable, bench: Bench, entry: Make) -> None:
    server.serve("/b", status(302, Location="/a"))
    with pytest.raises(DataError, match="more than 4 redirects"):
        bench.fetch(entry(server.serve("/a", status(301, Location="/b"))))
    assert (bench.files(), len(server.asked)) == ({}, HASTY.redirects + 1)


def test_a_redirect_to_a_file_of_this_machine_is_refused(server: Unreliable, bench: Bench, entry: Make) -> None:
    with pytest.raises(DataError, match="no web address"):
        bench.fetch(entry(server.serve("/a", status(302, Location="file:///etc/hosts"))))
    assert bench.files() == {}


def test_a_redirect_never_leads_from_https_to_http() -> None:
    with pytest.raises(Refused, match="from https"):
        redirected("https://example.org/a", "http://example.org/a")
    assert redirected("https://example.org/a/b", "../c") == "https://example.org/c"
    assert redirected("http://example.org/a", "https://example.org/a") == "https://example.org/a"


def test_the_proxy_of_the_environment_is_asked(
    server: Unreliable, bench: Bench, entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    server.routes["http://provider.invalid/a"] = [whole(BODY)]
    bench.fetch(entry("http://provider.invalid/a"))
    assert bench.files() == DONE


def test_a_proxy_that_is_down_is_said_and_an_exception_to_it_kept(
    server: Unreliable, bench: Bench, entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = entry(server.serve("/a", whole(BODY)))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(DataError, match="the proxy"):
        bench.fetch(wanted)
    assert bench.files() == {}
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    bench.fetch(wanted)
    assert bench.files() == DONE


def test_progress_says_how_much_of_what_and_how_fast(server: Unreliable, bench: Bench, entry: Make) -> None:
    said: list[tuple[str, float | None]] = []
    wanted = entry(server.serve("/a", status(503), whole(BODY)))
    bench.fetcher(wanted).fetch(wanted, lambda message, fraction: said.append((message, fraction)))
    assert said[0][0].startswith("status 503 Service Unavailable; trying again in ")
    shares = [share for _, share in said[1:] if share is not None]
    assert len(shares) == len(said) - 1 > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(re.fullmatch(r"[\d.]+ [kM]B of 0\.\d MB, [\d.]+ [kM]B/s", message) for message, _ in said[1:])


def test_a_host_is_not_asked_in_quick_succession(server: Unreliable, bench: Bench) -> None:
    slept: list[float] = []
    client = Client(replace(HASTY, between_requests=5), slept.append)
    for path in ("/a", "/b"):
        client.download(server.serve(path, whole(BODY)), Part(bench.data / path[1:]))
    assert bench.files() == {"a": BODY, "b": BODY, "a.json": bench.files()["a.json"], "b.json": bench.files()["b.json"]}
    assert len(slept) == 1
    assert 0 < slept[0] <= 5
