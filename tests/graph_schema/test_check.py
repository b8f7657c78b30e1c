"""The checker of the knowledge tables: each rule is broken once, and all of it is told at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from small_graph import Tables, edge, node

from pathproof.errors import DataError
from pathproof.graph_schema.check import Violations, arrow_schema, check_tables
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.graph_schema.tables import read_knowledge
from pathproof.workspace import Workspace

Make = Callable[..., Workspace]


def told(workspace: Workspace) -> str:
    with pytest.raises(DataError) as caught:
        read_knowledge(workspace)
    return caught.value.render()


def test_the_small_graph_is_sound_and_typed(workspace: Workspace) -> None:
    tables = read_knowledge(workspace)
    for kind in KNOWLEDGE_NODES:
        assert tables.nodes[kind.label].schema.equals(arrow_schema(kind))
        assert tables.nodes[kind.label].num_rows
    for kind in KNOWLEDGE_EDGES:
        assert tables.edges[kind.type].schema.equals(arrow_schema(kind))
        assert tables.edges[kind.type].num_rows


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("edges", "AFFECTS", {"sign": 2}, "AFFECTS.sign: not one of 1, -1: 1 (e.g. 2 in "),
    ("edges", "TARGETS", {"actions": ["inhibitor", None]}, "TARGETS.actions: an item is missing: 1"),
    ("edges", "PART_OF", {"agent_type": "somebody"}, "PART_OF.agent_type: not one of manual_agent, automated_agent"),
    ("edges", "PART_OF", {"predicate": "biolink:has_part"}, "PART_OF.predicate: not biolink:part_of: 1"),
    (
        "edges",
        "CONFERS_RESISTANCE_TO",
        {"evidence_item": "civic.eid:9"},
        "evidence_item: no EvidenceItem that is there",
    ),
    ("edges", "DESCRIBES_RESISTANCE_TO", {"gene": "hgnc:0"}, "DESCRIBES_RESISTANCE_TO.gene: no Gene that is there: 1"),
    ("edges", "RESPONDS_TO", {"rmse": -0.5}, "RESPONDS_TO.rmse: less than 0: 1 (e.g. -0.5 in "),
    ("edges", "RESPONDS_TO", {"ln_ic50": float("inf")}, "RESPONDS_TO.ln_ic50: not of type float: 1 (e.g. inf in "),
    ("edges", "RESPONDS_TO", {"ln_ic50": float("nan")}, "RESPONDS_TO.ln_ic50: required and missing: 1"),
    ("edges", "TARGETS", {"start": None}, "TARGETS: start is no Drug that is there: 1 (e.g. None in "),
    (
        "edges",
        "TARGETS",
        {"primary_knowledge_source": "source:nobody"},
        "TARGETS.primary_knowledge_source: no KnowledgeSource that is there: 1 (e.g. source:nobody)",
    ),
    (
        "edges",
        "TARGETS",
        {"primary_knowledge_source": "source:civic"},
        "TARGETS.primary_knowledge_source: no source of this kind in the schema: 1 (e.g. source:civic)",
    ),
    ("nodes", "Gene", {"licence": "mine"}, "Gene.licence: not that of source:hgnc: 1 (e.g. mine, not test licence)"),
    ("nodes", "Gene", {"dataset_version": "2"}, "Gene.dataset_version: not that of source:hgnc: 1 (e.g. 2, not test)"),
    ("nodes", "EvidenceItem", {"rating": 6}, "EvidenceItem.rating: more than 5: 1 (e.g. 6 in civic.eid:1)"),
    ("nodes", "EvidenceItem", {"direction": "both"}, "EvidenceItem.direction: not one of resistance, sensitivity: 1"),
    ("nodes", "Drug", {"name": ""}, "Drug.name: required and missing: 1 (e.g. gdsc.drug:1373)"),
    ("nodes", "Drug", {"id": "gdsc.drug:1371"}, "Drug.id: not unique: 1 (e.g. gdsc.drug:1371 (2 times))"),
]


@pytest.mark.parametrize(("part", "kind", "change", "message"), CASES, ids=[case[3][:40] for case in CASES])
def test_each_rule_is_held(
    part: str, kind: str, change: dict[str, Any], message: str, tables: Tables, make_workspace: Make
) -> None:
    tables[part][kind][0].update(change)
    assert message in told(make_workspace(tables))


def test_everything_is_told_at_once(tables: Tables, make_workspace: Make) -> None:
    for part, kind, change, _ in (CASES[0], CASES[5], CASES[6], CASES[14]):
        tables[part][kind][0].update(change)
    text = told(make_workspace(tables))
    assert "in 4 ways; nothing was loaded" in text
    for *_, message in (CASES[0], CASES[5], CASES[6], CASES[14]):
        assert message in text


def test_columns_of_the_wrong_type_are_told_with_examples(tables: Tables, make_workspace: Make) -> None:
    for row in tables["edges"]["RESPONDS_TO"]:
        row["auc"] = "high"
    for row in tables["nodes"]["Drug"]:
        row["synonyms"] = 5
    text = told(make_workspace(tables))
    assert "RESPONDS_TO.auc: not of type float: 2 (e.g. 'high' in " in text
    assert "Drug.synonyms: not of type list[str]: 4 (e.g. 5 in gdsc.drug:1373" in text


def test_optional_columns_may_be_absent_and_whole_floats_are_ints(tables: Tables, make_workspace: Make) -> None:
    for row in tables["edges"]["TARGETS"]:
        del row["actions"]
    for row in tables["nodes"]["Pathway"]:
        row["n_genes"] = float(row["n_genes"])
    read = read_knowledge(make_workspace(tables))
    assert read.edges["TARGETS"]["actions"].null_count == 4
    assert read.nodes["Pathway"]["n_genes"].to_pylist() == [5, 1, 2]


def test_the_checker_is_quick(tables: Tables) -> None:
    """As many responses as the real screen has, checked within the three seconds that a load may spend on it."""
    kinds = {kind.type: kind for kind in KNOWLEDGE_EDGES}
    responds = edge(
        "RESPONDS_TO",
        "sidm:SIDM00001",
        "gdsc.drug:1373",
        "gdsc",
        screen="GDSC2",
        out_of_range="above",
        ln_ic50=1.0,
        auc=0.5,
    )
    nodes = {kind.label: pa.Table.from_pylist(tables["nodes"][kind.label]) for kind in KNOWLEDGE_NODES}
    edges = {name: pa.Table.from_pylist(rows) for name, rows in tables["edges"].items()}
    many = pa.Table.from_pylist([responds], arrow_schema(kinds["RESPONDS_TO"])).take(pa.array([0] * 200_000))
    ids = pa.array([f"r{i}" for i in range(200_000)])
    edges["RESPONDS_TO"] = many.set_column(many.column_names.index("id"), "id", ids)
    wrong = Violations()
    before = time.process_time()
    check_tables(nodes, edges, wrong)
    assert time.process_time() - before < 3.0
    assert not wrong.counts
    nodes["Gene"] = pa.Table.from_pylist([node("Gene", "hgnc", id="hgnc:1", symbol="A")])
    check_tables(nodes, edges, wrong)
    assert wrong.counts["TARGETS: end is no Gene that is there"] == 4
