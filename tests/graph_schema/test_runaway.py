"""A user's query that takes too long or gives too much is stopped, at the server too."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from pathproof.errors import PathproofError, StoreError, UsageError
from pathproof.graph_schema.store import GraphStore

MARK = "runaway"
TOO_LONG = f"MATCH (a), (b), (c), (d), (e), (f) WHERE a.i + b.i + c.i + d.i + e.i + f.i < 0 RETURN count(*) AS {MARK}"
TOO_MUCH = f"UNWIND range(1, 10000) AS a UNWIND range(1, 1000) AS b RETURN a AS {MARK}, b"


@pytest.fixture
def crowded(both: GraphStore) -> GraphStore:
    both.write("UNWIND range(1, 300) AS i CREATE (:Crowd {i: i})")
    return both


def running(store: GraphStore) -> int:
    """How many of our queries the server still works on."""
    rows = store.read("SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery")
    return sum(MARK in str(row["currentQuery"]) for row in rows)


def failed(ask: Callable[[], object]) -> tuple[PathproofError, float]:
    begin = time.monotonic()
    with pytest.raises(PathproofError) as caught:
        ask()
    return caught.value, time.monotonic() - begin


def test_a_query_that_takes_too_long_is_stopped(crowded: GraphStore) -> None:
    error, took = failed(lambda: crowded.user_query(TOO_LONG, timeout_s=1))
    assert isinstance(error, StoreError)
    assert "took too long and was stopped" in str(error)
    assert 1 <= took < 8
    begin = time.monotonic()
    assert crowded.user_query("RETURN 1 AS one") == [{"one": 1}]
    assert time.monotonic() - begin < 3
    assert running(crowded) == 0


@pytest.mark.parametrize("hiding", ["{x: @}", "[y IN [1] | @]", "CASE WHEN true THEN @ END", "{x: [{y: @}]}"])
def test_a_sleep_is_refused_and_never_sent(crowded: GraphStore, hiding: str) -> None:
    """Neither server can interrupt what one row's expression does, so no function that waits may reach it."""
    sleep = f"util.sleep(60000 + size('{MARK}'))"
    error, took = failed(lambda: crowded.user_query(f"RETURN {hiding.replace('@', sleep)} AS x", timeout_s=1))
    assert isinstance(error, UsageError)
    assert "util.sleep is not a function of standard Cypher" in str(error)
    assert took < 0.5
    assert running(crowded) == 0


def test_a_query_that_gives_too_much_is_stopped(crowded: GraphStore) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    error, took = failed(lambda: crowded.user_query(TOO_MUCH, row_limit=10_000))
    assert isinstance(error, UsageError)
    assert "more than 10,000 rows" in str(error)
    assert took < 20
    assert process.memory_info().rss - before < 100e6
    assert running(crowded) == 0
    assert len(crowded.user_query("UNWIND range(1, 10000) AS a RETURN a", row_limit=10_000)) == 10_000


def test_only_the_query_whose_time_is_up_is_stopped(crowded: GraphStore) -> None:
    told: list[tuple[PathproofError, float]] = []
    patient = threading.Thread(target=lambda: told.append(failed(lambda: crowded.user_query(TOO_LONG, timeout_s=5))))
    patient.start()
    time.sleep(0.5)
    _, took = failed(lambda: crowded.user_query(TOO_LONG, timeout_s=1))
    assert took < 4
    assert patient.is_alive()
    assert running(crowded) == 1
    patient.join()
    error, took = told[0]
    assert "took too long and was stopped" in str(error)
    assert took >= 5


def test_a_stopped_query_burns_no_processor(crowded: GraphStore) -> None:
    server = serving(crowded)
    failed(lambda: crowded.user_query(TOO_LONG, timeout_s=1))
    time.sleep(1)
    before = server.cpu_times().user
    time.sleep(2)
    assert server.cpu_times().user - before < 1


def serving(store: GraphStore) -> psutil.Process:
    """The process that listens on the store's port."""
    port = int(store.uri.rsplit(":", 1)[1])
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            for place in one.net_connections("tcp"):
                if place.status == psutil.CONN_LISTEN and place.laddr.port == port:
                    return one
    pytest.fail(f"nobody listens on port {port}")
