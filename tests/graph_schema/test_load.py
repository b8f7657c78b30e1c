"""Loading: whole or refused, once, again after a kill, and next to explanations."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_graph import LICENCE, Tables, node

from pathproof.errors import DataError, StoreError
from pathproof.graph_schema import embedded
from pathproof.graph_schema.records import Explanation, ModelRecord
from pathproof.graph_schema.store import GraphStore, open_store
from pathproof.workspace import Workspace, read_json, write_json

Make = Callable[..., Workspace]


def _knowledge_counts(store: GraphStore, workspace: Workspace) -> tuple[Any, Any]:
    told = read_json(workspace.root / "manifest.json")["counts"]
    counts = store.counts()
    return {what: {name: counts[what][name] for name in told[what]} for what in told}, told


def test_a_load_holds_what_the_manifest_says(both: GraphStore, workspace: Workspace) -> None:
    heard: list[tuple[str, float | None]] = []
    assert both.load_knowledge(workspace, lambda message, done: heard.append((message, done))) is True
    found, told = _knowledge_counts(both, workspace)
    assert found == told
    assert heard[-1][1] == 1.0
    row = both.read("MATCH (g:Gene {symbol: 'BRAF'})-[r:CONFERS_SENSITIVITY_TO]->(d:Drug) RETURN g, r, d")[0]
    core = {"provided_by": "source:hgnc", "dataset_version": "test", "licence": LICENCE}
    assert row["g"] == {"labels": ["Gene"], "id": "hgnc:1097", "symbol": "BRAF", "entrez": "673", **core}
    assert row["r"]["publications"] == ["pubmed:22460905"]
    assert row["r"]["combination"] is False
    assert "disease" not in row["r"]
    assert row["d"]["synonyms"] == ["GSK2118436"]


def test_the_same_key_is_loaded_once(both: GraphStore, workspace: Workspace) -> None:
    assert both.load_knowledge(workspace)
    assert both.load_knowledge(workspace) is False


def test_ids_are_unique_in_the_graph(both: GraphStore, workspace: Workspace) -> None:
    both.load_knowledge(workspace)
    with pytest.raises(StoreError, match="Constraint"):
        both.write("CREATE (:Gene {id: 'hgnc:1097'})")


def test_an_incomplete_load_is_replaced(both: GraphStore, workspace: Workspace) -> None:
    both.load_knowledge(workspace)
    both.write("MATCH (d:Dataset) SET d.complete = false")
    both.write("MATCH (g:Gene {symbol: 'KRAS'}) DETACH DELETE g")
    both.write("MATCH (g:Gene {symbol: 'NF1'}) SET g.symbol = 'broken', g.more = 1")
    assert both.load_knowledge(workspace)
    found, told = _knowledge_counts(both, workspace)
    assert found == told
    assert both.read("MATCH (g:Gene {id: 'hgnc:7765'}) RETURN g.symbol AS symbol, g.more AS more") == [
        {"symbol": "NF1", "more": None}
    ]


def test_new_knowledge_keeps_explanations_and_other_data(
    both: GraphStore,
    tables: Tables,
    make_workspace: Make,
    model: ModelRecord,
    explanations: list[Explanation],
) -> None:
    both.load_knowledge(make_workspace(tables))
    both.write_explanations(model, explanations)
    both.write("CREATE (:Invoice {id: 7})-[:PAID_BY]->(:Person {name: 'A'})")
    before = both.counts()
    tables["nodes"]["CellLine"].append(node("CellLine", "cell_lines", id="sidm:SIDM00002", name="HCT116"))
    tables["edges"]["REGULATES"] = []
    workspace = make_workspace(tables, "second")
    assert both.load_knowledge(workspace)
    found, told = _knowledge_counts(both, workspace)
    assert found == told
    assert both.read("MATCH (c:CellLine) RETURN c.name AS name ORDER BY name") == [{"name": "A375"}, {"name": "HCT116"}]
    after = both.counts()
    for kind in ("CLAIMS_GENE", "CLAIMS_PATHWAY", "EXPLAINS", "HAS_CLAIM", "OF_MODEL"):
        assert after["edges"][kind] == before["edges"][kind] > 0
    assert both.read_explanations() == sorted(explanations, key=lambda one: (one.explainer, one.drug_name, one.id))
    assert both.read("MATCH (i:Invoice)-[:PAID_BY]->(p) RETURN i.id AS id, p.name AS name") == [{"id": 7, "name": "A"}]


def test_an_explanation_that_lost_a_gene_goes_and_this_is_said(
    both: GraphStore,
    tables: Tables,
    make_workspace: Make,
    model: ModelRecord,
    explanations: list[Explanation],
) -> None:
    both.load_knowledge(make_workspace(tables))
    both.write_explanations(model, explanations)
    gone = "hgnc:7765"  # NF1, named by two of the three explanations
    tables["nodes"]["Gene"] = [row for row in tables["nodes"]["Gene"] if row["id"] != gone]
    for kind, rows in tables["edges"].items():
        tables["edges"][kind] = [row for row in rows if gone not in (row["start"], row["end"])]
    heard: list[str] = []
    before = len(both.notices)  # the store is shared by the tests
    assert both.load_knowledge(make_workspace(tables, "without"), lambda message, _: heard.append(message))
    assert [notice.split(" with ")[0] for notice in both.notices[before:]] == ["The knowledge changed: 2 explanations"]
    assert "records stay in the workspace; `pathproof run` writes them again" in both.notices[-1]
    assert any("removing 2 explanations that name a Gene" in message for message in heard)
    assert [one.explainer for one in both.read_explanations()] == ["association-lmm"]
    assert both.read("MATCH (c) WHERE any(l IN labels(c) WHERE l ENDS WITH 'Claim') RETURN count(c) AS n") == [{"n": 1}]


def test_what_validation_found_in_a_vanished_item_goes_and_this_is_said(
    both: GraphStore,
    tables: Tables,
    make_workspace: Make,
    model: ModelRecord,
    explanations: list[Explanation],
) -> None:
    both.load_knowledge(make_workspace(tables))
    both.write_explanations(model, explanations)
    both.write(
        "MATCH (c:GeneClaim) MATCH (e:EvidenceItem {id: 'civic.eid:2'}) "
        "CREATE (c)-[:SUPPORTED_BY {id: 'link', run: 'run:1'}]->(e)"
    )
    links = both.counts()["edges"]["SUPPORTED_BY"]
    paths = both.counts()["nodes"]["MechanismPath"]
    gone = "civic.eid:2"
    tables["nodes"]["EvidenceItem"] = [row for row in tables["nodes"]["EvidenceItem"] if row["id"] != gone]
    for kind, rows in tables["edges"].items():
        kept = [row for row in rows if row["start"] != gone and row.get("evidence_item") != gone]
        tables["edges"][kind] = kept
    before = len(both.notices)
    assert both.load_knowledge(make_workspace(tables, "without the item"))
    assert [notice.split(" from claims")[0] for notice in both.notices[before:]] == [
        f"The knowledge changed: {links} links"
    ]
    counts = both.counts()
    assert counts["edges"]["SUPPORTED_BY"] == 0
    assert counts["nodes"]["MechanismPath"] == paths > 0
    assert len(both.read_explanations()) == len(explanations)


def test_nodes_that_are_not_ours_are_refused(both: GraphStore, workspace: Workspace) -> None:
    both.write("CREATE (:Gene {name: 'somebody else'})")
    with pytest.raises(StoreError, match="PathProof did not write(.|\n)*1 Gene"):
        both.load_knowledge(workspace)
    assert both.read("MATCH (n) RETURN count(n) AS n") == [{"n": 1}]


def test_counts_that_differ_after_the_load_are_an_error(
    both: GraphStore, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = type(both).write

    def lossy(self: GraphStore, cypher: str, params: Any = None) -> None:
        write(self, cypher, {**params, "rows": params["rows"][:-1]} if ":TARGETS" in cypher and params else params)

    monkeypatch.setattr(type(both), "write", lossy)
    with pytest.raises(StoreError, match="TARGETS: 3 in the graph, 4 in the manifest"):
        both.load_knowledge(workspace)
    monkeypatch.undo()
    assert both.load_knowledge(workspace)


def test_all_violations_are_told_at_once_and_nothing_is_written(
    embedded_store: GraphStore, tables: Tables, make_workspace: Make
) -> None:
    embedded_store.write("MATCH (n) DETACH DELETE n")
    nodes, edges = tables["nodes"], tables["edges"]
    nodes["Genes"] = [{"id": "x"}]
    nodes["Gene"] += [{"id": "hgnc:1097", "symbol": "BRAF"}, {"id": "hgnc:1", "symbol": None}]
    nodes["Pathway"][0]["n_genes"] = 5.5
    nodes["Drug"][0]["synonym"] = "x"
    edges["TARGETS"][0]["end"] = "hgnc:0"
    edges["AFFECTS"][0].pop("sign")
    edges["PART_OF"][0]["publications"] = "pubmed:1"
    workspace = make_workspace(tables)
    manifest = read_json(workspace.root / "manifest.json")
    manifest["counts"]["nodes"]["CellLine"] = 2
    write_json(workspace.root / "manifest.json", manifest)
    with pytest.raises(DataError) as caught:
        embedded_store.load_knowledge(workspace)
    text = str(caught.value)
    for part in (
        "nodes: no such kind in the schema: 1 (e.g. Genes, like Gene)",
        "Gene.id: not unique: 1 (e.g. hgnc:1097 (2 times))",
        "Gene.symbol: required and missing: 1 (e.g. hgnc:1)",
        "Pathway.n_genes: not of type int: 1 (e.g. 5.5 in reactome:R-HSA-5673001)",
        "Drug: no such property in the schema: 1 (e.g. synonym, like synonyms)",
        "TARGETS: end is no Gene that is there: 1 (e.g. hgnc:0 in",
        "AFFECTS.sign: required and missing: 1",
        "PART_OF.publications: not of type list[str]: 1",
        "CellLine: 1 rows, 2 in the manifest",
    ):
        assert part in text
    assert embedded_store.read("MATCH (n) RETURN count(n) AS n") == [{"n": 0}]


def test_a_broken_table_is_named(embedded_store: GraphStore, workspace: Workspace) -> None:
    embedded_store.write("MATCH (n) DETACH DELETE n")
    (workspace.knowledge / "nodes" / "Gene.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(DataError, match=r"Cannot read Gene\.parquet"):
        embedded_store.load_knowledge(workspace)


def test_a_manifest_without_a_key_is_refused(embedded_store: GraphStore, workspace: Workspace) -> None:
    embedded_store.write("MATCH (n) DETACH DELETE n")
    write_json(workspace.root / "manifest.json", {"counts": {}})
    with pytest.raises(DataError, match="no key"):
        embedded_store.load_knowledge(workspace)


_LOADER = """
    import sys
    from pathlib import Path
    from pathproof.graph_schema.store import open_store
    from pathproof.workspace import Workspace
    workspace = Workspace.open(Path(sys.argv[1]))
    with open_store(None, workspace) as store:
        def say(message, done):
            print(message, flush=True)
        store.load_knowledge(workspace, say)
        print("loaded", flush=True)
"""


def test_a_killed_load_is_done_again(tables: Tables, make_workspace: Make) -> None:
    nodes, edges = tables["nodes"], tables["edges"]
    nodes["Gene"] += [{**nodes["Gene"][0], "id": f"hgnc:9{i:05}", "symbol": f"G{i}"} for i in range(12_000)]
    template = edges["PARTICIPATES_IN"][0]
    edges["PARTICIPATES_IN"] += [{**template, "start": f"hgnc:9{i:05}", "id": f"p{i}"} for i in range(12_000)]
    workspace = make_workspace(tables)
    loader = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_LOADER), str(workspace.root)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert loader.stdout is not None
    heard = []
    for line in loader.stdout:
        heard.append(line.strip())
        if line.startswith("loading PARTICIPATES_IN"):
            break
    server = embedded.status(workspace)
    assert server.running, heard
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    loader.kill()
    loader.wait()
    loader.stdout.close()
    deadline = time.monotonic() + 30  # a killed process is gone when its parent has taken note of it
    while embedded.status(workspace).running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not embedded.status(workspace).running
    with open_store(None, workspace) as store:
        assert store.read("MATCH (d:Dataset) RETURN d.complete AS complete") == [{"complete": False}]
        assert store.load_knowledge(workspace)
        found, told = _knowledge_counts(store, workspace)
        assert found == told
    assert not embedded.status(workspace).running


def test_the_server_ends_with_a_killed_python(tmp_path: Path) -> None:
    script = "from pathlib import Path; import sys, time\n" + textwrap.dedent(
        """
        from pathproof.graph_schema.embedded import attach_or_start
        from pathproof.workspace import Workspace
        server = attach_or_start(Workspace.open(Path(sys.argv[1])))
        print("up", flush=True)
        time.sleep(60)
        """
    )
    workspace = Workspace.open(tmp_path / "w")
    python = subprocess.Popen([sys.executable, "-c", script, str(workspace.root)], stdout=subprocess.PIPE, text=True)
    assert python.stdout is not None
    assert python.stdout.readline() == "up\n"
    assert embedded.status(workspace).running
    python.kill()
    python.wait()
    python.stdout.close()
    deadline = time.monotonic() + 15
    while embedded.status(workspace).running and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not embedded.status(workspace).running
