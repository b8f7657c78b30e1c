"""Cypher that could write is refused, Cypher that reads is not, and neither changes the graph."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from guard_queries import (
    ATTACKS,
    CALL_SITES,
    CALLS,
    FOREIGN,
    GRAPH,
    HARMLESS_LOOKALIKES,
    HONEST,
    HONEST_ON_NEO4J,
    HONEST_PLANS,
    PARAMS,
    REFUSED_THOUGH_HARMLESS,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pathproof.errors import StoreError, UsageError
from pathproof.graph_schema.fingerprint import fingerprint
from pathproof.graph_schema.guard import BEFORE_BRACKET, FUNCTIONS, REFUSED, check_read_only
from pathproof.graph_schema.queries import list_queries
from pathproof.graph_schema.store import GraphStore


def state(store: GraphStore) -> tuple[str, list[str], list[str]]:
    """Everything that a query could change: nodes, edges, constraints and indexes."""
    schema = [sorted(str(row["name"]) for row in store.read(f"SHOW {what}")) for what in ("CONSTRAINTS", "INDEXES")]
    return fingerprint(store), schema[0], schema[1]


def filled(store: GraphStore) -> GraphStore:
    store.write("MATCH (n) DETACH DELETE n")
    store.write(GRAPH)
    return store


@pytest.fixture
def graph(both: GraphStore) -> GraphStore:
    return filled(both)


def given_to(cypher: str) -> dict[str, Any]:
    return {name: value for name, value in PARAMS.items() if re.search(rf"\${name}\b", cypher)}


@pytest.mark.parametrize("cypher", ATTACKS)
def test_what_could_write_is_refused(cypher: str) -> None:
    with pytest.raises(UsageError, match=ATTACKS[cypher]):
        check_read_only(cypher)


@pytest.mark.parametrize("cypher", [*HONEST, *HONEST_PLANS, *HONEST_ON_NEO4J])
def test_what_only_reads_is_allowed(cypher: str) -> None:
    assert check_read_only(cypher) is None  # type: ignore[func-returns-value]


def test_there_are_enough_of_both() -> None:
    assert len(ATTACKS) >= 60
    assert len(HONEST) >= 60


def test_the_library_itself_only_reads() -> None:
    queries = list_queries()
    for query in queries:
        check_read_only(query.cypher)
    assert len(queries) >= 14


def test_the_message_says_where() -> None:
    with pytest.raises(UsageError, match=r"DELETE deletes(.|\n)*line 3"):
        check_read_only("MATCH (n)\n// x\nDELETE n")


def test_a_function_of_a_plug_in_is_told_from_a_property() -> None:
    check_read_only("MATCH (n) WHERE n.gds.project = 1 AND (n.x = 2) RETURN n.apoc, (n.y)")
    with pytest.raises(UsageError, match=r"a\.b\.c is not a function(.|\n)*got: a\.b\.c"):
        check_read_only("RETURN 1 + a . b.c (2)")
    with pytest.raises(UsageError, match=r"line 2(.|\n)*did you mean: tolower"):
        check_read_only("MATCH (n)\nRETURN toLowr(n.x)")


def test_no_place_hides_a_call() -> None:
    for site in CALL_SITES:
        check_read_only(site.replace("@", "size([1])"))
        for call in CALLS:
            with pytest.raises(UsageError, match=FOREIGN):
                check_read_only(site.replace("@", call))


@pytest.mark.parametrize("cypher", REFUSED_THOUGH_HARMLESS)
def test_what_is_refused_although_harmless(cypher: str) -> None:
    with pytest.raises(UsageError, match=re.escape(REFUSED_THOUGH_HARMLESS[cypher])):
        check_read_only(cypher)


def test_the_page_says_what_is_refused_although_harmless() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "cypher.md").read_text("utf-8")
    said = re.search(r"\*\*Refused although harmless\*\*: (.*?)\n\n", page, re.DOTALL)
    assert said is not None
    named = re.findall(r"`([^`]+)`", said.group(1))
    assert len(named) >= 15
    assert [name for name in named if not any(name in cypher for cypher in REFUSED_THOUGH_HARMLESS)] == []
    for cypher in REFUSED_THOUGH_HARMLESS:
        assert any(name in cypher for name in named), cypher


@pytest.mark.neo4j
def test_the_allowed_functions_are_those_of_neo4j(neo4j_store: GraphStore) -> None:
    rows = neo4j_store.read("SHOW BUILT IN FUNCTIONS YIELD name RETURN DISTINCT toLower(name) AS name")
    paths = {"shortestpath", "allshortestpaths"}
    others = {"file", "linenumber", "graph.byname", "graph.byelementid"}
    assert {row["name"] for row in rows} - others == FUNCTIONS - paths


def test_no_word_before_a_bracket_names_a_function(graph: GraphStore) -> None:
    """Were one of them a function of a server, our check would let it be called."""
    for word in sorted(BEFORE_BRACKET - {"NOT"}):
        with pytest.raises(UsageError, match="cannot run this query"):
            graph.user_query(f"RETURN {{x: {word}(1)}} AS map")


def test_attacks_change_nothing(graph: GraphStore) -> None:
    before = state(graph)
    for cypher in ATTACKS:
        with pytest.raises(UsageError):
            graph.user_query(cypher, given_to(cypher))
    for cypher in HARMLESS_LOOKALIKES:
        check_read_only(cypher)
        with pytest.raises(UsageError, match="cannot run this query"):
            graph.user_query(cypher)
    assert state(graph) == before


def test_honest_queries_run_and_change_nothing(graph: GraphStore) -> None:
    before = state(graph)
    for cypher in HONEST:
        assert graph.user_query(cypher, given_to(cypher)), cypher
    for cypher in HONEST_PLANS:
        graph.user_query(cypher)
    assert state(graph) == before


@pytest.mark.neo4j
def test_honest_queries_say_the_same_on_both(embedded_store: GraphStore, neo4j_store: GraphStore) -> None:
    one, other = filled(embedded_store), filled(neo4j_store)
    different = [
        cypher
        for cypher in HONEST
        if _table(one.user_query(cypher, given_to(cypher))) != _table(other.user_query(cypher, given_to(cypher)))
    ]
    assert different == []


def _table(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(repr(sorted(row.items())) for row in rows)


def test_queries_of_one_server_only(graph: GraphStore) -> None:
    before = state(graph)
    for cypher in HONEST_ON_NEO4J:
        if graph.kind == "neo4j":
            assert graph.user_query(cypher)
        else:
            with pytest.raises(UsageError, match="cannot run this query"):
                graph.user_query(cypher)
    assert state(graph) == before


def test_what_slips_past_the_guard_is_refused_by_the_server(graph: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathproof.graph_schema.store.check_read_only", lambda cypher: None)
    before = state(graph)
    for cypher in [
        "CREATE (:Gene {id: 'x'})",
        "CREATE (:Unheard {id: 'x'})",
        "MERGE (n:Gene {id: 'x'}) RETURN n",
        "MATCH (n:Gene) SET n.x = 1",
        "MATCH (n:Gene) SET n:Unheard",
        "MATCH (n:Gene) REMOVE n.symbol",
        "MATCH ()-[r:AFFECTS]->() SET r.sign = 0",
        "MATCH ()-[r]->() DELETE r",
        "MATCH (n) DETACH DELETE n",
        "MATCH (a:Gene), (b:Drug) CREATE (a)-[:TARGETS]->(b)",
        "FOREACH (x IN [1] | CREATE (:Gene {id: 'x'}))",
        "CALL { CREATE (n:Gene) RETURN n } RETURN n",
        "CREATE CONSTRAINT evil FOR (n:Gene) REQUIRE n.x IS UNIQUE",
        "CREATE INDEX evil FOR (n:Gene) ON (n.x)",
        "CREATE USER eve SET PASSWORD 'password'",
        "EXPLAIN CREATE (n:Gene)",
    ]:
        if cypher.startswith("EXPLAIN"):
            graph.user_query(cypher)
        else:
            with pytest.raises((StoreError, UsageError)):
                graph.user_query(cypher)
    assert state(graph) == before


# text without a string, comment or back-tick, so that cutting it at every other character is right
_WORDS = st.sampled_from([*REFUSED, "match", "Return", "n", "x1", "_set", "reset", "µ", "ſet"])
_PIECES = st.one_of(_WORDS, st.sampled_from([" ", "\n", "(", ")", "[", "]", "-", ">", "=", "<", ",", "{", "}", "+"]))


@given(st.lists(_PIECES, max_size=30))
@settings(max_examples=400, deadline=None)
def test_every_writing_word_in_bare_text_is_seen(pieces: list[str]) -> None:
    """Without `:`, `.`, `$`, `|`, `&`, `!` nothing makes a writing word a name."""
    text = "MATCH " + "".join(pieces)
    words = re.split(r"[^\w]+", text)
    if any(word.upper() in REFUSED for word in words):
        with pytest.raises(UsageError):
            check_read_only(text)


_HIDE = st.sampled_from(
    ["{}", "'{}'", '"{}"', "`{}`", "/* {} */", "// {}\n", "n.{}", ":{}", "${}", "{{{}: 1}}", "[{}]"]
)
_WRITE = st.sampled_from(
    [
        "SET n.x = 1",
        "CREATE (m:Gene {id: 'evil'})",
        "MERGE (m:Gene {id: 'evil'})",
        "DETACH DELETE n",
        "REMOVE n.symbol",
        "FOREACH (x IN [1] | SET n.x = x)",
        "CALL { CREATE (m:Gene) RETURN m }",
        "CALL db.createLabel('Evil')",
        "; CREATE (m)",
        "set",
        "CREATE",
        "DELETE n",
    ]
)
_READ = st.sampled_from(
    [
        "MATCH (n:Gene)",
        "WITH n",
        "RETURN n",
        "RETURN 1 AS n",
        "WHERE n.set = 1",
        "UNION",
        "OPTIONAL MATCH (n)",
        "LIMIT 1",
    ]
)
_GLUE = st.sampled_from([" ", "\n", "", "/**/", "//\n", "'", '"', "`", "/*", "*/", "\\", "\\'", "''", ";", "{", "}"])
_FRAGMENT = st.one_of(_READ, _WRITE, st.builds(lambda shape, what: shape.format(what), _HIDE, _WRITE))
_HIDDEN = st.builds(
    lambda frame, what: frame.replace("@", what.translate({ord("'"): None, ord('"'): None})),
    st.sampled_from(
        [
            "MATCH (n:Gene) WHERE n.symbol <> '@' RETURN n",
            'MATCH (n:Gene) RETURN n, "@" AS text',
            "MATCH (n:Gene) /* @ */ RETURN n.`@` AS x",
            "MATCH (n:Gene) // @\nRETURN count(n) AS n",
            "OPTIONAL MATCH (n:`@`) RETURN n AS `@`",
            "CALL { MATCH (n) WHERE n.x = '@' RETURN n } RETURN n",
        ]
    ),
    _WRITE,
)
_TANGLED = st.builds(
    lambda start, parts, end: start + "".join(glue + part for glue, part in parts) + end,
    st.sampled_from(["MATCH (n:Gene) ", "MATCH (n:Gene) WHERE n.x = ", "EXPLAIN MATCH (n) ", "RETURN ", ""]),
    st.lists(st.tuples(_GLUE, _FRAGMENT), max_size=6),
    st.sampled_from(["", " RETURN n", " RETURN 1 AS one", " //", "'", ";"]),
)
_STATEMENT = st.one_of(_TANGLED, _HIDDEN)


def test_no_statement_changes_the_graph(graph: GraphStore) -> None:
    before = state(graph)
    ran: list[str] = []

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(statements=st.lists(_STATEMENT, min_size=8, max_size=8))
    def changes_nothing(statements: list[str]) -> None:
        for cypher in statements:
            with contextlib.suppress(UsageError):
                graph.user_query(cypher, PARAMS, timeout_s=30)
                ran.append(cypher)
        assert fingerprint(graph) == before[0]

    changes_nothing()
    assert state(graph) == before
    assert len(ran) >= 100
