"""The door to the graph: what goes wrong is told quickly, with what to do."""

from __future__ import annotations

import logging
import socket
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import pathproof
from pathproof.errors import ConfigError, StoreError, UsageError, WorkspaceError
from pathproof.graph_schema import driver
from pathproof.graph_schema.store import GraphStore, open_store


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where something listens and never says a word."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield int(one.getsockname()[1])


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:7474",
        "blot://localhost",
        "bolt://",
        "localhost:7687",
        "bolt://h:x",
        "bolt://h:0",
        "bolt://h:99999",
        "bolt://h:-1",
        "bolt://[::1",
    ],
)
def test_an_address_that_is_none_is_told(uri: str) -> None:
    for refuse in (driver.check_uri, lambda one: open_store(one, None)):
        with pytest.raises(ConfigError, match=r"not a graph store(.|\n)*bolt://HOST") as caught:
            refuse(uri)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("uri", ["bolt://localhost", "neo4j+s://db.example.org:7687", "bolt://[::1]:7687"])
def test_an_address_that_is_one_passes(uri: str) -> None:
    driver.check_uri(uri)


@pytest.mark.parametrize("uri", ["bolt://eve:s3cret@localhost", "bolt://eve:s3cret@localhost:99999"])
def test_a_password_in_the_address_is_refused_and_not_shown(uri: str) -> None:
    with pytest.raises(ConfigError, match=r"bolt://…@localhost(.|\n)*PASSWORD|not shown") as caught:
        driver.check_uri(uri)
    assert "s3cret" not in str(caught.value)


def test_the_nearest_scheme_is_named() -> None:
    with pytest.raises(ConfigError, match="did you mean: bolt"):
        open_store("blot://localhost:7687", None)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_is_down_is_told(scheme: str) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]  # taken, and nobody listens
        began = time.monotonic()
        with pytest.raises(StoreError, match=f"No graph store answers(.|\n)*{port}(.|\n)*docker compose up"):
            open_store(f"{scheme}://127.0.0.1:{port}", None, password="x")
    assert time.monotonic() - began < 20


def test_a_server_that_never_answers_is_given_up(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "CONNECT_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(StoreError, match="No graph store answers"):
        open_store(f"bolt://127.0.0.1:{silent_port}", None, password="x")
    assert time.monotonic() - began < 20


def test_neither_address_nor_workspace() -> None:
    with pytest.raises(UsageError, match="--workspace"):
        open_store(None, None)


@pytest.mark.parametrize("which", ["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def test_a_wrong_password_and_database_are_told(which: str, request: pytest.FixtureRequest) -> None:
    store: GraphStore = request.getfixturevalue(f"{which}_store")
    with pytest.raises(StoreError, match="refuses user 'eve' or the password"):
        open_store(store.uri, None, user="eve", password="wrong password")
    with pytest.raises(
        StoreError, match=r"none was given(.|\n)*\$PATHPROOF_STORE_PASSWORD(.|\n)*--store-password-file"
    ):
        open_store(store.uri, None)
    if which == "neo4j":
        server = request.getfixturevalue("neo4j_server")
        with pytest.raises(StoreError, match="no database 'nope'"):
            open_store(server.uri, None, user=server.user, password=server.password, database="nope")


@pytest.mark.neo4j
def test_a_real_neo4j_refuses_a_write_in_a_reading_session(neo4j_store: GraphStore) -> None:
    with pytest.raises(StoreError, match="does not allow"):
        neo4j_store.read("CREATE (n:Nothing) RETURN n")


def test_both_say_who_they_are(both: GraphStore) -> None:
    assert both.server.startswith("Neo4j/5.26")
    assert both.kind in ("embedded", "neo4j")
    assert both.uri.startswith("bolt://127.0.0.1:")


def test_a_users_mistake_is_a_usage_error_with_the_servers_words(both: GraphStore) -> None:
    with pytest.raises(UsageError, match=r"cannot run(.|\n)*MATCH \(n RETURN(.|\n)*(Invalid input|Syntax error)"):
        both.user_query("MATCH (n RETURN n")
    with pytest.raises(UsageError, match="foo"):
        both.user_query("RETURN foo")
    with pytest.raises(UsageError, match="missing"):
        both.user_query("RETURN $missing")


def test_too_many_rows_are_never_cut_off_in_silence(both: GraphStore) -> None:
    assert len(both.user_query("UNWIND range(1, 10) AS x RETURN x", row_limit=10)) == 10
    with pytest.raises(UsageError, match="more than 10 rows(.|\n)*LIMIT"):
        both.user_query("UNWIND range(1, 11) AS x RETURN x", row_limit=10)


def test_a_query_that_takes_too_long_is_stopped(both: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathproof.graph_schema.connection.GRACE_SECONDS", 0.5)
    slow = "UNWIND range(1, 3000) AS a UNWIND range(1, 6000) AS b WITH a, b WHERE (a * b) % 7 = 3 RETURN count(*) AS n"
    began = time.monotonic()
    with pytest.raises(StoreError, match="took too long"):
        both.user_query(slow, timeout_s=0.2)
    assert time.monotonic() - began < 10


def test_values_come_as_plain_python(both: GraphStore) -> None:
    both.write("CREATE (:A {id: 'a', xs: [1, 2]})-[:R {w: 0.5}]->(:B {id: 'b'})")
    row = both.read("MATCH p = (a:A)-[r:R]->(b) RETURN a, r, p, {x: [a.id]} AS m, date('2024-01-02') AS d")[0]
    a, r, b = {"labels": ["A"], "id": "a", "xs": [1, 2]}, {"type": "R", "w": 0.5}, {"labels": ["B"], "id": "b"}
    assert row == {"a": a, "r": r, "p": [a, r, b], "m": {"x": ["a"]}, "d": "2024-01-02"}


def test_nothing_litters_the_terminal(
    both: GraphStore, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):  # the root logger
        warnings.simplefilter("error")
        assert both.read("MATCH (n:NoSuchLabel)-[r:NO_SUCH_TYPE]->(m) RETURN n.nothing AS x") == []
    assert [record.getMessage() for record in caplog.records] == []
    out = capfd.readouterr()
    assert (out.out, out.err) == ("", "")


def test_the_public_door_opens_by_workspace_and_by_address(
    both: GraphStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    both.write("CREATE (:KnowledgeSource {id: 'source:x', name: 'x', release: '1', licence: 'l', sha256: 's'})")
    if both.kind == "neo4j":
        server = request.getfixturevalue("neo4j_server")
        monkeypatch.setenv("PATHPROOF_STORE", server.uri)
        monkeypatch.setenv("PATHPROOF_STORE_PASSWORD", server.password)
        graphs = [pathproof.open_graph(), pathproof.open_graph(store=server.uri, password=server.password)]
    else:
        monkeypatch.setenv("PATHPROOF_STORE", "bolt://127.0.0.1:1")  # a named workspace is not passed over for it
        place = request.getfixturevalue("embedded_workspace")
        graphs = [pathproof.open_graph(place), pathproof.open_graph(str(place.root))]
    for graph in graphs:
        with graph:
            assert graph.query("knowledge-sources")["source"].tolist() == ["source:x"]
    with pytest.raises(WorkspaceError, match="no workspace here"):
        pathproof.open_graph(tmp_path / "nowhere")
