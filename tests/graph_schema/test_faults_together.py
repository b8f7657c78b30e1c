"""Several processes at once: two loaders, and four readers beside a writer."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import faults
import pytest
from fault_places import EmbeddedPlace, Neo4jPlace, Place
from fault_world import EXPLANATIONS, explanations, load, model, write_world
from neo4j_server import RealNeo4j

from pathproof.errors import StoreError
from pathproof.graph_schema import embedded, writer
from pathproof.graph_schema.fingerprint import fingerprint
from pathproof.graph_schema.store import GraphStore
from pathproof.graph_schema.writer import one_writer

HOLD = """
    import os, sys
    from pathlib import Path
    from pathproof.graph_schema.store import open_store
    from pathproof.graph_schema.writer import one_writer
    from pathproof.workspace import Workspace
    uri, password = os.environ.get("URI"), os.environ.get("PATHPROOF_STORE_PASSWORD")
    with open_store(uri, Workspace.open(Path(sys.argv[1])), password=password) as store, one_writer(store):
        print("held", flush=True)
        sys.stdin.readline()
"""
READERS = 4


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    workspace = write_world(tmp_path / "w")
    if request.param == "embedded":
        embedded.start(workspace)
        yield KeptPlace(workspace)
        embedded.stop(workspace)
        return
    server: RealNeo4j = request.getfixturevalue("neo4j_server")
    place = Neo4jPlace(workspace, server)
    place.fresh()
    yield place


class KeptPlace(EmbeddedPlace):
    """An embedded server that stays when its users leave."""

    def fresh(self) -> None:
        with self.open() as store:
            store.write("MATCH (n) DETACH DELETE n")


def child(place: Place, *words: str) -> subprocess.Popen[str]:
    arguments, environment = place.command()
    uri = {"URI": arguments[0]} if arguments else {}
    return subprocess.Popen(
        [sys.executable, *words, str(place.workspace.root), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment, **uri, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.slow
def test_two_loaders_at_once(place: Place) -> None:
    with place.open() as store:
        load(store, place.workspace)
        whole = fingerprint(store)
    place.fresh()
    loaders = [child(place, str(faults.LOADER)) for _ in range(2)]
    told = [one.communicate(timeout=120) for one in loaders]
    finished = [out.endswith("done\n") for out, _ in told]
    assert any(finished), told
    for (out, err), done in zip(told, finished, strict=True):
        assert err == ""
        assert done or ("Another process is writing to this graph" in out and "process " in out)
    with place.open() as store:
        assert fingerprint(store) == whole


@pytest.mark.slow
def test_who_writes_is_named_and_a_dead_writer_holds_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "WAIT_SECONDS", 0.5)
    holder = child(place, "-c", textwrap.dedent(HOLD))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with place.open() as store:
        with pytest.raises(StoreError, match=rf"Another process is writing(.|\n)*process {holder.pid} on .*`-c .*UTC"):
            store.load_knowledge(place.workspace)
        assert store.read("MATCH (n) RETURN count(n) AS n") == [{"n": 0}], "the lock itself is not seen"
        holder.kill()
        holder.communicate()
        monkeypatch.setattr(writer, "WAIT_SECONDS", 10.0)
        assert store.load_knowledge(place.workspace)


@pytest.mark.slow
def test_a_second_writer_waits_for_a_short_first_one(place: Place) -> None:
    with place.open() as first, place.open() as second:
        order: list[str] = []

        def later() -> None:
            with one_writer(second):
                order.append("second")

        thread = threading.Thread(target=later)
        with one_writer(first):
            thread.start()
            time.sleep(0.7)
            order.append("first")
        thread.join(15)
    assert order == ["first", "second"]


@pytest.mark.slow
@pytest.mark.neo4j
def test_of_two_writers_that_start_together_one_is_told(
    neo4j_store: GraphStore, neo4j_server: RealNeo4j, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither saw the other when it asked: the second waits at the server, and not without end."""
    monkeypatch.setattr(writer, "_wait", lambda holder, uri: None)
    monkeypatch.setattr(writer, "WAIT_SECONDS", 0.5)
    with neo4j_server.open() as second:
        with one_writer(neo4j_store):
            begun = time.monotonic()
            with pytest.raises(StoreError, match=rf"Another process is writing(.|\n)*process {os.getpid()} on"):
                with one_writer(second):
                    pytest.fail("two writers")
            assert time.monotonic() - begun < 8
        monkeypatch.setattr(writer, "WAIT_SECONDS", 10.0)
        with one_writer(second):
            assert second.read("MATCH (d:Dataset {id: 'dataset:writer'}) RETURN d") == []


def _read_until(stop: threading.Event, store: GraphStore, found: list[str]) -> None:
    """Read all explanations and their claims, over and over; note what is none of the two versions.

    Both servers read committed data: one statement that walks over an explanation at the very moment of its
    replacement may see some claims of it. The record is one property, and whole at any time.
    """
    cypher = (
        "MATCH (e:Explanation)-[:HAS_CLAIM]->(c) WITH e, count(c) AS n, min(c.value) AS low, max(c.value) AS high "
        "RETURN e.id AS id, n, low, high"
    )
    while not stop.is_set():
        try:
            for row in store.read(cypher):
                one = (row["n"], row["low"], row["high"])
                found.append("whole" if one in ((5, -0.5, -0.5), (6, -1.5, -1.5)) else f"half: {one}")
            records = store.read_explanations()
            if len(records) != EXPLANATIONS:
                found.append(f"{len(records)} explanations")
            for record in records:
                whole = len({claim.value for claim in record.claims}) == 1 and len(record.claims) in (5, 6)
                found.append("record" if whole else "half record")
        except StoreError as error:
            found.append(f"error: {error}")


@pytest.mark.slow
def test_four_readers_beside_a_writer(place: Place) -> None:
    versions = [explanations(place.workspace, version) for version in (0, 1)]
    stop = threading.Event()
    found: list[list[str]] = [[] for _ in range(READERS)]
    with place.open() as store:
        load(store, place.workspace)
        stores = [place.open() for _ in range(READERS)]
        readers = [threading.Thread(target=_read_until, args=(stop, *one)) for one in zip(stores, found, strict=True)]
        for one in readers:
            one.start()
        try:
            for i in range(10):
                store.write_explanations(model(), versions[(i + 1) % 2])
        finally:
            stop.set()
            for one in readers:
                one.join(60)
            for other in stores:
                other.close()
        assert store.read_explanations() == sorted(versions[0], key=lambda one: (one.drug_name, one.id))
    seen = [what for some in found for what in some]
    counts = {what: seen.count(what) for what in sorted(set(seen))}
    assert all(some for some in found)
    walked = sum(n for what, n in counts.items() if what.startswith("half: "))
    assert {what for what in counts if not what.startswith("half: ")} == {"whole", "record"}, counts
    assert walked <= 0.01 * counts["whole"], counts
