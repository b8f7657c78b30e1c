"""`pathproof query`: the list of queries, typed parameters, and answers in every form."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from cli_world import Finished, Shell
from rich.console import Console

from pathproof.cli import ask as asking
from pathproof.cli import library, options
from pathproof.cli.ask import read_value
from pathproof.graph_schema.hints import unknown_kinds, unknown_properties
from pathproof.graph_schema.queries import list_queries, load_query
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Console:
    """What is printed on a terminal of 80 columns."""
    console = Console(width=80, file=io.StringIO(), highlight=False, record=True)
    monkeypatch.setattr(library, "console", lambda: console)
    return console


def test_the_list_reads_well_on_80_columns(narrow: Console) -> None:
    library.show_library("table")
    text = narrow.export_text()
    assert max(len(line) for line in text.splitlines()) <= 80
    positions = [text.index(title) for title in library.TITLES.values()]
    assert positions == sorted(positions)
    flat = " ".join(text.split())
    for query in list_queries():
        assert re.search(rf"^  {re.escape(query.name)} ", text, re.MULTILINE), query.name  # on one line, unbroken
    assert "evidence-of-drug Which alterations are known to predict the response to a drug?" in flat


@pytest.mark.parametrize("name", [query.name for query in list_queries()])
def test_one_query_is_described_on_80_columns(narrow: Console, name: str) -> None:
    library.show_query(name, "table")
    text = narrow.export_text()
    assert max(len(line) for line in text.splitlines()) <= 80
    flat = " ".join(text.split())
    query = load_query(name)
    assert query.question in flat
    for one in query.parameters:
        assert f"{one.name} {one.type}" in flat
    for column, one in query.columns.items():
        assert f"{column} {one.type}" in flat


def test_list_with_a_name_describes_it(shell: Shell) -> None:
    (told,) = json.loads(shell("query", "--list", "resistant-lines", "--format", "json").out)
    assert told["question"] == "Which cell lines resist a drug most, and what do they carry?"
    assert [(one["name"], one["type"], one["default"]) for one in told["parameters"]] == [
        ("drug", "str", "needed"),
        ("tissue", "str", "none"),
        ("limit", "int", "20"),
        ("screen", "str", "GDSC2"),
    ]
    assert list(load_query("resistant-lines").columns) == [one["name"] for one in told["columns"]]
    wrong = shell("query", "--list", "resistant-line")
    assert wrong.code == 2
    assert "did you mean: resistant-lines" in wrong.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["popular-claims", "limit=many"], "int from 1 to 10000"),
        (["popular-claims", "limit=0"], "out of bounds"),
        (["evidence-in-disease", "disease=Melanoma", "level=Z"], "A, B, C, D, E"),
        (["explanation-of-drug", "drug=5"], "no drug of this name"),  # read as text, as the header says
        (["lines-with-mutation", "genes=BRAF,KRASS"], "did you mean: KRAS"),
        (["evidence-of-drug"], "needs drug"),
        (["evidence-of-drug", "Trametinib"], "written key=value"),
        (["evidence-of-drug", "drug=Trametinib", "drug=Dabrafenib"], "given twice"),
    ],
)
def test_a_wrong_parameter_is_told(shell: Shell, finished: Finished, words: list[str], text: str) -> None:
    answer = shell("query", *words, "--workspace", finished.workspace)
    assert answer.code == 2, answer.err
    assert text in answer.err
    assert (answer.out, "Traceback" in answer.err) == ("", False)


def test_every_form_tells_the_number_of_rows(shell: Shell, finished: Finished) -> None:
    words = ("query", "lines-with-mutation", "genes=braf,TP53", "--workspace", finished.workspace, "--format")
    as_json, as_csv, as_table = (shell(*words, form) for form in ("json", "csv", "table"))
    rows = json.loads(as_json.out)
    assert rows
    assert all({"BRAF", "TP53"} <= set(row["mutations"]) for row in rows)
    assert len(as_csv.out.splitlines()) == len(as_table.out.splitlines()) == len(rows) + 1
    for answer in (as_json, as_csv, as_table):
        assert answer.err.strip().endswith(f"{len(rows)} row(s)")


def test_an_empty_answer_has_its_head(shell: Shell, finished: Finished) -> None:
    words = ("query", "popular-claims", "explainer=pathproof", "limit=1", "--workspace", finished.workspace)
    assert len(json.loads(shell(*words, "--format", "json").out)) == 1
    none = ("query", "disputed-evidence", "level=A", "--workspace", finished.workspace, "--format", "csv")
    answer = shell(*none)
    assert answer.code == 0, answer.err
    assert answer.out.splitlines()[0] == ",".join(load_query("disputed-evidence").columns)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("673", 673),
        ("-5", -5),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ('"673"', "673"),
        ('"true"', "true"),
        ('""', ""),
        ('"', '"'),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808"),  # more than 64 bits hold
        *((text, text) for text in ("nan", "inf", "-Infinity", "1_000", "1e999", "BRAF", "٣", "9" * 5000)),
    ],
)
def test_the_value_of_a_parameter_of_own_cypher(text: str, value: object) -> None:
    read = read_value(text)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("cypher", "told"),
    [
        ("MATCH (d:Drug)-[r:TARGETS|AFFECTS*..2]->(g:Gene:Drug) WHERE g:Gene&!Drug RETURN {a: d.name, b: Dru}", []),
        ("MATCH (g:Gne) RETURN g", ["no label Gne (did you mean Gene?)"]),
        ("MATCH (d:drug) RETURN d", ["no label drug (did you mean Drug?)"]),
        (
            "MATCH ()-[r:TARGET|:AFECTS]-() RETURN r",
            ["no relationship type TARGET (did you mean TARGETS?)", "no relationship type AFECTS"],
        ),
        (
            "MATCH (:`Gene x`)-[:Gene]->(:Gene|Zzz) RETURN 1",
            ["no label Gene x", "no relationship type Gene", "no label Zzz"],
        ),
        ("MATCH (n) WHERE n:Drugs OR n:Drugs RETURN [x IN [n] WHERE x:Gene | x.name]", ["no label Drugs"]),
        ("MATCH (n)-[r]->() WHERE r:TARGETS RETURN 'as (n:Nothing)', n[0..2] // (m:Nothing)", []),
        (
            "MATCH (g:Gene) CALL { WITH g MATCH (g)<-[:TARGETZ]-(d) RETURN d } RETURN d",
            ["no relationship type TARGETZ"],
        ),
    ],
)
def test_names_that_the_schema_does_not_have(cypher: str, told: list[str]) -> None:
    found = unknown_kinds(cypher)
    assert len(found) == len(told)
    assert all(one.startswith(wanted) for one, wanted in zip(found, told, strict=True)), found


@pytest.mark.parametrize(
    ("cypher", "told"),
    [
        (
            "MATCH (g:Gene {symbol: 'BRAF'})-[r:AFFECTS]->(h) WHERE h.symbol < 'C' AND r.sign = 1 RETURN h.name, r.id",
            [],
        ),
        ("MATCH (g:Gene) RETURN g.symbl", ["no property symbl (did you mean symbol?)"]),
        ("MATCH (g:Gene {symbl: 'BRAF'}) RETURN g.symbol", ["no property symbl (did you mean symbol?)"]),
        ("MATCH (:Drug)-[t:TARGETS {zzz: 1}]->() RETURN t.zzz, t.qqq", ["no property zzz", "no property qqq"]),
        ("MATCH (g:Gene) WITH {zzz: g.symbol} AS m, collect(g) AS some RETURN m.zzz, size(some), {qqq: 1} AS k", []),
        ("WITH datetime('2024-01-01') AS t, [{a: 1}] AS l UNWIND l AS row RETURN t.year, toString(row), row.a", []),
        ("MATCH p = (a:Gene)-[*..2]-(b) RETURN length(p), a.symbol, [n IN nodes(p) | n.zzz]", []),
    ],
)
def test_properties_that_the_schema_does_not_have(cypher: str, told: list[str]) -> None:
    assert unknown_properties(cypher) == told


def test_own_cypher_without_a_row_names_what_is_misspelt(shell: Shell, finished: Finished) -> None:
    ask = ("query", "--workspace", finished.workspace, "--format", "csv", "--cypher")
    wrong = shell(*ask, "MATCH (g:Gen)-[:PARTICIPATE_IN]->(:Pathway) RETURN g.id")
    assert (wrong.code, wrong.out.strip()) == (0, "")
    assert "has no label Gen (did you mean Gene?)" in wrong.err
    assert "has no relationship type PARTICIPATE_IN (did you mean PARTICIPATES_IN?)" in wrong.err
    empty = shell(*ask, "MATCH (g:Gene) RETURN g.symbl LIMIT 1")
    assert "has no property symbl (did you mean symbol?)" in empty.err
    right = shell(*ask, "MATCH (g:Gene {symbol: 'nothing'}) RETURN g.id")
    assert right.err.strip() == "0 row(s)"
    compare = "RETURN $e = '673' AS text, $e = 673 AS number"
    assert shell(*ask, compare, 'e="673"').out.splitlines() == ["text,number", "True,False"]
    assert shell(*ask, compare, "e=673").out.splitlines() == ["text,number", "False,True"]


def test_a_named_query_has_a_time_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[float | None] = []

    def read(self: GraphStore, cypher: str, params: object = None, *, timeout_s: float | None = None) -> list[object]:
        given.append(timeout_s)
        return [{name: "x" for name in load_query("genes").columns}]

    monkeypatch.setattr(GraphStore, "read", read)
    store = GraphStore(MagicMock(), "bolt://localhost", "neo4j")
    monkeypatch.setattr(asking, "open_store_of", lambda *_: store)
    settings = options.settings_of(workspace=Workspace.open(tmp_path / "ws").root)
    asking.ask(settings, asking.Question("genes", (), None, "csv", False, None, 2.5))
    assert given == [2.5]
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_graph_without_explanations_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(GraphStore, "read", lambda *_given, **_more: [])
    monkeypatch.setattr(asking, "open_store_of", lambda *_: GraphStore(MagicMock(), "bolt://localhost", "neo4j"))
    settings = options.settings_of(workspace=Workspace.open(tmp_path / "ws").root)
    for name, told in (("explanations", True), ("genes", False)):
        asking.ask(settings, asking.Question(name, (), None, "csv", False, None, 2.5))
        assert ("holds no explanations yet" in capsys.readouterr().err) == told
