"""What is written is read back equal, whatever the texts and numbers; others read the same."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import networkx as nx
import pytest
from exchange_world import graphs, texts_of, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathproof.errors import DataError
from pathproof.graph_schema.exchange import kgx
from pathproof.graph_schema.exchange.formats import FORMATS
from pathproof.graph_schema.exchange.rows import EDGE_TYPES, NODE_TYPES, Edge, Node

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
CORE = {"provided_by": "source:x", "dataset_version": "1", "licence": "none"}
EDGE = {
    "predicate": "biolink:affects",
    "primary_knowledge_source": "source:x",
    "knowledge_level": "observation",
    "agent_type": "manual_agent",
    "publications": [],
    "dataset_version": "1",
    "licence": "none",
    "sign": -1,
}
GENE = {**CORE, "symbol": "BRAF"}
PAIR = [Node("Gene", {"id": "hgnc:1", **GENE}), Node("Gene", {"id": "hgnc:2", **GENE})]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_lost(form: str) -> None:
    """Rows to files and back: equal in values and types, absent apart from empty."""

    @QUICK
    @given(graphs(form))
    def check(graph: tuple[list[Node], list[Edge]]) -> None:
        nodes, edges = graph
        with tempfile.TemporaryDirectory() as folder:
            path = written(Path(folder), form, nodes, edges)
            assert texts_of(list(FORMATS[form].nodes(path))) == texts_of(nodes)
            assert texts_of(list(FORMATS[form].edges(path))) == texts_of(edges)

    check()


def test_networkx_reads_the_types(tmp_path: Path) -> None:
    """Labels, types, numbers and booleans arrive as such, lists as JSON; two edges of a pair stay two."""
    claim = {**CORE, "key": "A|B", "value": -0.1, "rank": 2**53 + 1, "confirmed": False, "edges": ["a", "b|c"]}
    edges = [Edge("AFFECTS", "hgnc:1", "hgnc:2", {"id": f"e{i}", **EDGE}) for i in range(2)]
    path = written(tmp_path, "graphml", [*PAIR, Node("GeneClaim", {"id": "c", **claim})], edges)
    graph = nx.read_graphml(path)
    assert graph.is_directed()
    assert graph.is_multigraph()
    assert graph.nodes["hgnc:1"] == {"labels": ":Gene", **GENE}
    assert graph.nodes["c"] == {"labels": ":GeneClaim", **claim, "edges": json.dumps(claim["edges"])}
    assert [type(graph.nodes["c"][name]) for name in ("value", "rank", "confirmed")] == [float, int, bool]
    assert sorted(key for *_, key in graph.edges(keys=True)) == ["e0", "e1"]
    told = {"label": "AFFECTS", **EDGE, "publications": "[]"}
    assert graph.edges["hgnc:1", "hgnc:2", "e0"] == told
    assert type(told["sign"]) is int


@QUICK
@given(graphs("graphml"))
def test_networkx_holds_the_same_graph(graph: tuple[list[Node], list[Edge]]) -> None:
    """Every value in networkx is the one that was written."""
    nodes, edges = graph
    with tempfile.TemporaryDirectory() as folder:
        read = nx.read_graphml(written(Path(folder), "graphml", nodes, edges), force_multigraph=True)
    assert set(read.nodes) == {node.id for node in nodes}
    for node in nodes:
        assert _as_xml(node.properties, NODE_TYPES[node.label]) == {
            name: value for name, value in read.nodes[node.id].items() if name != "labels"
        }
    assert {key for *_, key in read.edges(keys=True)} == {edge.properties["id"] for edge in edges}
    for edge in edges:
        found = read.edges[edge.start, edge.end, edge.properties["id"]]
        assert {name: value for name, value in found.items() if name not in ("label", "id")} == _as_xml(
            edge.properties, EDGE_TYPES[edge.type]
        )


def _as_xml(properties: dict[str, object], types: dict[str, str]) -> dict[str, object]:
    return {
        name: json.dumps(value, ensure_ascii=False) if types[name].startswith("list[") else value
        for name, value in properties.items()
        if name != "id"
    }


def test_what_networkx_writes_is_read(tmp_path: Path) -> None:
    """Out to networkx and back through its own writer."""
    edges = [Edge("AFFECTS", "hgnc:1", "hgnc:2", {"id": f"e{i}", **EDGE}) for i in range(2)]
    path = written(tmp_path, "graphml", PAIR, edges)
    again = tmp_path / "again.graphml"
    nx.write_graphml(nx.read_graphml(path), again)
    assert texts_of(list(FORMATS["graphml"].nodes(again))) == texts_of(PAIR)
    assert texts_of(list(FORMATS["graphml"].edges(again))) == texts_of(edges)


def test_a_character_that_xml_lacks_is_refused_by_name(tmp_path: Path) -> None:
    bad = Node("Gene", {"id": "hgnc:1", **GENE, "entrez": "a\x01b"})
    with pytest.raises(DataError, match=r"cannot hold the character U\+0001(?s:.*)entrez(?s:.*)kgx"):
        written(tmp_path, "graphml", [bad], [])


@pytest.mark.parametrize("synonyms", [[""], ["a;b"]])
def test_a_list_that_admin_import_cannot_read_is_refused_by_name(tmp_path: Path, synonyms: list[str]) -> None:
    bad = Node("Drug", {"id": "d", **CORE, "name": "d", "synonyms": synonyms})
    with pytest.raises(DataError, match=r"Drug\.synonyms of d(?s:.*)graphml or kgx"):
        written(tmp_path, "neo4j-admin", [bad], [])


def test_empty_and_absent_lists_of_a_kind_are_refused_for_admin_import(tmp_path: Path) -> None:
    drugs = [
        Node("Drug", {"id": "a", **CORE, "name": "a", "synonyms": []}),
        Node("Drug", {"id": "b", **CORE, "name": "b"}),
    ]
    with pytest.raises(DataError, match=r"no difference between an empty list and none(?s:.*)Drug\.synonyms"):
        written(tmp_path, "neo4j-admin", drugs, [])


def test_kgx_has_the_columns_that_the_specification_asks_for(tmp_path: Path) -> None:
    """Category and name for every node, a predicate for every edge; a gene's name is its symbol."""
    path = written(tmp_path, "kgx", PAIR, [Edge("AFFECTS", "hgnc:1", "hgnc:2", {"id": "e", **EDGE})])
    rows = [line.split("\t") for line in (path / "nodes.tsv").read_text(encoding="utf-8").splitlines()]
    assert rows[0][:5] == ["id", "category", "name", "provided_by", "pathproof_label"]
    assert rows[1][:5] == ["hgnc:1", "biolink:Gene", "BRAF", "source:x", "Gene"]
    rows = [line.split("\t") for line in (path / "edges.tsv").read_text(encoding="utf-8").splitlines()]
    assert rows[0][:5] == ["id", "subject", "predicate", "object", "pathproof_type"]
    assert rows[1][:5] == ["e", "hgnc:1", "biolink:affects", "hgnc:2", "AFFECTS"]
    wanted = {"primary_knowledge_source", "knowledge_level", "agent_type", "publications"}
    assert wanted <= set(rows[0])


def test_kgx_of_a_program_that_writes_a_byte_order_mark_and_carriage_returns(tmp_path: Path) -> None:
    drugs = [Node("Drug", {"id": f"gdsc.drug:{i}", "name": f"D{i}", "synonyms": ["a\r", "b"]}) for i in range(3)]
    path = written(tmp_path, "kgx", drugs, [])
    before = list(kgx.nodes(path))
    for file in ("nodes.tsv", "edges.tsv"):
        (path / file).write_bytes(b"\xef\xbb\xbf" + (path / file).read_bytes().replace(b"\n", b"\r\n"))
    assert list(kgx.nodes(path)) == before
    assert before[0].properties["synonyms"] == ["a\r", "b"]
    assert list(kgx.edges(path)) == []


def test_headers_are_those_of_biocypher(tmp_path: Path) -> None:
    path = written(tmp_path, "neo4j-admin", PAIR, [Edge("AFFECTS", "hgnc:1", "hgnc:2", {"id": "e", **EDGE})])
    assert sorted(one.name for one in path.iterdir()) == [
        "AFFECTS-header.csv",
        "AFFECTS-part000.csv",
        "Gene-header.csv",
        "Gene-part000.csv",
        "after-import.cypher",
        "neo4j-admin-import-call.sh",
    ]
    header = (path / "Gene-header.csv").read_text(encoding="utf-8")
    assert header.startswith(":ID,id:string,")
    assert header.endswith(",:LABEL\n")
    assert ",symbol:string," in header
    header = (path / "AFFECTS-header.csv").read_text(encoding="utf-8")
    assert header.startswith(":START_ID,id:string,predicate:string,")
    assert header.endswith(",sign:long,:END_ID,:TYPE\n")
    assert ",publications:string[]," in header


@given(st.sampled_from(sorted(FORMATS)), st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_file_that_is_cut_off_is_never_read_as_whole(form: str, data: st.DataObject) -> None:
    """Cut within its last line, each file is refused with its place."""
    edges = [Edge("AFFECTS", "hgnc:1", "hgnc:2", {"id": "e", **EDGE})]
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), form, PAIR, edges)
        files = [path] if path.is_file() else sorted([*path.glob("*.tsv"), *path.glob("*-part000.csv")])
        one = data.draw(st.sampled_from(files))
        text = one.read_bytes()
        last = text.rstrip(b"\n").rfind(b"\n") + 1
        one.write_bytes(text[: data.draw(st.integers(last + 1, len(text) - 1 if path.is_dir() else len(text) - 2))])
        with pytest.raises(DataError, match="cut off or damaged"):
            list(FORMATS[form].nodes(path)), list(FORMATS[form].edges(path))
