"""A store that is stopped, or hangs, in the middle of a load and of a query: told in bounded time, nothing lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import faults
import pytest
from fault_places import EmbeddedPlace, Neo4jPlace, Place
from fault_world import load, small_transactions, write_world
from neo4j_server import RealNeo4j

from pathproof.errors import StoreError
from pathproof.graph_schema import calls, child, embedded
from pathproof.graph_schema.fingerprint import fingerprint

LONG = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a + b AS c WHERE c < 0 RETURN c"
GONE = "ended unexpectedly|No graph store answers|does not answer any more"


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A server of its own, because it is to be stopped."""
    workspace = write_world(tmp_path / "w")
    if request.param == "embedded":
        yield EmbeddedPlace(workspace)
        embedded.stop(workspace)
        return
    server = RealNeo4j(request.getfixturevalue("neo4j_home"), tmp_path / "neo4j")
    server.start()
    try:
        yield Neo4jPlace(workspace, server)
    finally:
        server.end()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds instead of half minutes."""
    monkeypatch.setattr(calls, "SILENCE_SECONDS", 3.0)
    monkeypatch.setattr(calls, "PROBE_SECONDS", 5.0)
    monkeypatch.setattr(child, "STOP_SECONDS", 3.0)


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGSTOP])
def test_a_store_that_stops_in_mid_load(place: Place, sign: signal.Signals) -> None:
    whole = faults.undisturbed(place)
    place.fresh()
    acknowledged = 0

    def count(n: int) -> None:
        nonlocal acknowledged
        acknowledged = n
        if n == 60:
            os.kill(place.pid(), sign)

    began = time.monotonic()
    expected = "does not answer any more" if sign == signal.SIGSTOP else GONE
    with pytest.raises(StoreError, match=expected):
        with place.open() as store, small_transactions(store, count):
            load(store, place.workspace)
    assert time.monotonic() - began < 90
    assert acknowledged >= 60
    place.ended()
    with place.open() as store:
        assert fingerprint(store) in whole.after[acknowledged : acknowledged + 2]
        load(store, place.workspace)
        assert fingerprint(store) == whole.after[-1]


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGSTOP])
def test_a_store_that_stops_in_mid_query(place: Place, sign: signal.Signals) -> None:
    expected = "does not answer any more" if sign == signal.SIGSTOP else GONE
    with place.open() as store:
        store.write("CREATE (:Gene {id: 'kept'})")
        timer = threading.Timer(1.0, os.kill, (place.pid(), sign))
        timer.start()
        began = time.monotonic()
        with pytest.raises(StoreError, match=expected):
            store.read(LONG)
        assert time.monotonic() - began < 60
        timer.join()
    place.ended()
    with place.open() as store:
        assert store.read("MATCH (g:Gene) RETURN g.id AS id") == [{"id": "kept"}]


@pytest.mark.slow
def test_a_long_query_is_waited_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "SILENCE_SECONDS", 0.05)
    with place.open() as store:
        rows = store.read("UNWIND range(1, 3000) AS a UNWIND range(1, 1000) AS b RETURN sum(a * b) AS s")
    assert rows == [{"s": 3000 * 3001 // 2 * 1000 * 1001 // 2}]
