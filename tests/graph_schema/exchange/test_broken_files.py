"""Files that are broken or something else: refused before the graph is asked, with file, line and what to do."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from exchange_world import written

from pathproof.errors import DataError, UsageError
from pathproof.graph_schema.exchange.formats import FORMATS
from pathproof.graph_schema.exchange.imports import import_graph
from pathproof.graph_schema.exchange.rows import Edge, Node
from pathproof.graph_schema.store import GraphStore

NO_STORE = cast(GraphStore, None)  # whoever asks it for anything fails
CORE = {"provided_by": "source:hgnc", "dataset_version": "1", "licence": "none"}
GENES = [Node("Gene", {"id": f"hgnc:{i}", **CORE, "symbol": f"G{i}"}) for i in range(3)]
SOURCES = [
    Node("KnowledgeSource", {"id": f"source:{name}", "name": name, "release": "1", "licence": "none", "sha256": "0"})
    for name in ("hgnc", "gdsc", "reactome", "civic", "omnipath")
]
DATASET = Node("Dataset", {"id": "dataset:knowledge", "key": "k", "complete": True})


def affects(i: int, start: str, end: str, **other: Any) -> Edge:
    properties = {
        "id": f"e{i}",
        "predicate": "biolink:affects",
        "primary_knowledge_source": "source:omnipath",
        "knowledge_level": "observation",
        "agent_type": "manual_agent",
        "publications": [],
        "dataset_version": "1",
        "licence": "none",
        "sign": -1,
        **other,
    }
    return Edge("AFFECTS", start, end, properties)


EDGES = [affects(0, "hgnc:0", "hgnc:1"), affects(1, "hgnc:1", "hgnc:2")]


def told(form: str, path: Path) -> str:
    """What the import says."""
    with pytest.raises(DataError) as error:
        import_graph(NO_STORE, form, path)
    return str(error.value)


@pytest.mark.parametrize("form", FORMATS)
def test_everything_that_breaks_the_schema_is_told_at_once(form: str, tmp_path: Path) -> None:
    """Types, values, required ones, ids, ends: each with its line."""
    nodes = [
        DATASET,
        *GENES,
        Node("Gene", {"id": "hgnc:0", **CORE, "symbol": "G0"}),
        Node("Drug", {"id": "hgnc:1", **CORE, "provided_by": "source:gdsc", "name": "D"}),
        Node("Pathway", {"id": "p", **CORE, "provided_by": "source:reactome", "name": "P", "n_genes": -1}),
        Node("Disease", {"id": "d", **CORE, "provided_by": "source:civic"}),
        *SOURCES,
    ]
    edges = [
        *EDGES,
        affects(1, "hgnc:0", "hgnc:2"),
        affects(2, "hgnc:0", "hgnc:9"),
        affects(3, "p", "hgnc:0"),
        affects(4, "hgnc:0", "hgnc:1", knowledge_level="hearsay", sign=2),
        affects(5, "hgnc:0", "hgnc:1", predicate="biolink:NONSENSE"),
        affects(6, "hgnc:0", "hgnc:1", primary_knowledge_source="source:i_made_it_up"),
        affects(7, "hgnc:0", "hgnc:1", licence="mine", dataset_version="2"),
    ]
    said = told(form, written(tmp_path, form, nodes, edges))
    assert "breaks the graph's schema in 13 ways; nothing was written." in said
    for reason in (
        "Gene.id: not unique: 1 (e.g. hgnc:0 in ",
        "an id is used by two labels: 1 (e.g. hgnc:1, ",
        "Pathway.n_genes: less than 0: 1 (e.g. -1 in ",
        "Disease.name: required and missing: 1 (e.g. d in ",
        "AFFECTS.id: not unique: 1 (e.g. e1 in ",
        "AFFECTS: end is no Gene that is there: ",
        "AFFECTS: start is no Gene that is there: ",
        "AFFECTS.knowledge_level: not one of knowledge_assertion",
        "AFFECTS.sign: not one of 1, -1: 1 (e.g. 2 in ",
        "AFFECTS.predicate: not biolink:affects: 1 (e.g. 'biolink:NONSENSE' in ",
        "AFFECTS.primary_knowledge_source: no KnowledgeSource that is there: 1 (e.g. source:i_made_it_up in ",
        "AFFECTS.licence: not that of source:omnipath: 1 (e.g. mine, not none in ",
        "AFFECTS.dataset_version: not that of source:omnipath: 1 (e.g. 2, not 1 in ",
        "hgnc:9 in e2 in ",
        "p in e3 in ",
    ):
        assert reason in said, said
    assert said.count("line ") >= 13


def _edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        one = path / name if name else path
        text = one.read_text(encoding="utf-8")
        assert old in text
        one.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    return change


def _bytes(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def act(path: Path) -> None:
        one = path / name if name else path
        one.write_bytes(change(one.read_bytes()))

    return act


BROKEN: dict[str, tuple[str, Callable[[Path], None], tuple[str, ...]]] = {
    "kgx column": (
        "kgx",
        _edit("edges.tsv", "object", "objekt"),
        ("edges.tsv, line 1", "Columns are missing", "object"),
    ),
    "kgx column twice": ("kgx", _edit("nodes.tsv", "symbol", "id"), ("nodes.tsv, line 1", "comes twice")),
    "kgx label": (
        "kgx",
        _edit("nodes.tsv", "\tGene\t", "\tGen\t"),
        ("no such label", "'Gen', like Gene in nodes.tsv, line 3"),
    ),
    "kgx type": ("kgx", _edit("edges.tsv", "\tAFFECTS\t", "\tAFECTS\t"), ("no such relationship type", "like AFFECTS")),
    "kgx property": ("kgx", _edit("nodes.tsv", "symbol", "symbl"), ("Gene: no such property", "symbl, like symbol")),
    "kgx number": (
        "kgx",
        _edit("edges.tsv", "\t-1\t", "\tone\t"),
        ("AFFECTS.sign: not of type int", "'one' in edges.tsv, line 2"),
    ),
    "kgx huge number": (
        "kgx",
        _edit("edges.tsv", "\t-1\t", "\t9223372036854775808\t"),
        ("AFFECTS.sign: not of type int",),
    ),
    "kgx cells": ("kgx", _edit("nodes.tsv", "\tG1", "\tG1\tmore"), ("nodes.tsv, line 4", "not whole")),
    "kgx packed": ("kgx", _bytes("nodes.tsv", gzip.compress), ("nodes.tsv", "packed with gzip", "gunzip")),
    "kgx bytes": ("kgx", _bytes("nodes.tsv", lambda text: text + b"\xff\n"), ("not UTF-8",)),
    "kgx edges gone": ("kgx", lambda path: (path / "edges.tsv").unlink(), ("no kgx folder", "no edges.tsv")),
    "kgx empty": ("kgx", _bytes("nodes.tsv", lambda text: b""), ("nodes.tsv, line 1", "no id, no category")),
    "csv column": ("neo4j-admin", _edit("Gene-header.csv", ":LABEL", ":LABLE"), ("Gene-header.csv", "no :LABEL")),
    "csv quote": ("neo4j-admin", _edit("Gene-part000.csv", '"G1"', 'G"1"'), ("Gene-part000.csv, line 2", "quote")),
    "csv cells": (
        "neo4j-admin",
        _edit("Gene-part000.csv", '"G1"', '"G1","x"'),
        ("Gene-part000.csv, line 2", "fit the header"),
    ),
    "csv part gone": (
        "neo4j-admin",
        lambda path: (path / "AFFECTS-part000.csv").unlink(),
        ("AFFECTS-header.csv", "has no part"),
    ),
    "xml cut off": ("graphml", _bytes("", lambda text: text[: len(text) // 2]), ("not whole GraphML", "line ")),
    "xml of others": ("graphml", _bytes("", lambda text: b"<gexf/>"), ("no GraphML", "<gexf>")),
    "xml doctype": (
        "graphml",
        _edit("", "<graphml", '<!DOCTYPE g [<!ENTITY a "aaaa">]>\n<graphml'),
        ("DOCTYPE is not read",),
    ),
    "xml key": (
        "graphml",
        _edit("", '<data key="d', '<data key="x'),
        ("does not declare|not declared",),
    ),
    "xml packed": ("graphml", _bytes("", gzip.compress), ("packed with gzip",)),
    "dataset": ("graphml", _edit("", ">true<", ">false<"), ("not dataset:knowledge and complete",)),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_with_its_place(case: str, tmp_path: Path) -> None:
    form, breaks, parts = BROKEN[case]
    path = written(tmp_path, form, [DATASET, *GENES, *SOURCES], EDGES)
    breaks(path)
    said = told(form, path)
    for part in parts:
        assert any(one in said for one in part.split("|")), said


@pytest.mark.parametrize("given", FORMATS)
@pytest.mark.parametrize("actual", FORMATS)
def test_the_wrong_format_is_told(given: str, actual: str, tmp_path: Path) -> None:
    """With the format that it looks like."""
    if given == actual:
        return
    said = told(given, written(tmp_path, actual, GENES, EDGES))
    assert f"This is no {given}" in said
    assert f"give --format {actual}" in said


def test_an_unknown_format_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Unknown exchange format(?s:.*)did you mean: kgx"):
        import_graph(NO_STORE, "kgxx", tmp_path)


def test_nothing_in_a_file_is_an_error(tmp_path: Path) -> None:
    assert "There is nothing in this file" in told("graphml", written(tmp_path, "graphml", [], []))
