"""Constraints, and the knowledge tables of a workspace into the graph.

What holds at any moment, also after a kill: the marker node `(:Dataset {id: "dataset:knowledge"})`
is written first with `complete = false` and set complete when the counts are right. So a graph with
knowledge but without a marker was not written by PathProof, and is refused. A load over an older or
interrupted one replaces it: nodes are merged by id, so that explanations keep their edges; knowledge
edges are deleted and written anew; nodes that the new knowledge lacks are deleted. An explanation that
names such a vanished node could no longer be whole: it is deleted with its claims, and this is said.
(Its record stays in the workspace; the graph is never the only copy.) What validation found in an evidence
item that vanished goes with the item, and this is said too; mechanism paths are found anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pathproof.errors import StoreError
from pathproof.graph_schema.bulk import Batch, edge_batches, node_batches
from pathproof.graph_schema.mechanism import rebuild
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES, NODES, EdgeKind
from pathproof.graph_schema.tables import KnowledgeTables, read_knowledge, read_manifest
from pathproof.graph_schema.write import delete_explanations
from pathproof.graph_schema.writer import alone
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

MARKER = "dataset:knowledge"
IMPORT = "import "  # the marker's key begins so while a file is being imported
DELETE_ROWS = 10_000
Progress = Callable[[str, float | None], None]


def apply_schema(store: GraphStore) -> None:
    """Create the constraints (unique id of each label) and the indexes (what people type)."""
    for statement in schema_statements():
        store.write(statement)


def schema_statements() -> Iterator[str]:
    """The statements of :func:`apply_schema`."""
    for kind in NODES:
        name = kind.label.lower()
        yield f"CREATE CONSTRAINT {name}_id IF NOT EXISTS FOR (n:{kind.label}) REQUIRE n.id IS UNIQUE"
        if kind.lookup is not None:
            yield f"CREATE INDEX {name}_{kind.lookup} IF NOT EXISTS FOR (n:{kind.label}) ON (n.{kind.lookup})"


@alone
def load_knowledge(store: GraphStore, workspace: Workspace, progress: Progress) -> bool:
    """Load the knowledge of a workspace, replacing what an earlier load left.

    Returns
    -------
    bool
        False when the graph already holds the knowledge with this manifest's key.

    Raises
    ------
    DataError
        The tables break the schema; the graph was not touched.
    StoreError
        The graph holds nodes of these kinds that PathProof did not write, or after the load the counts
        differ from the manifest's.
    """
    marker = marker_of(store)
    if marker is not None and marker["complete"] and marker["key"] == read_manifest(workspace)["key"]:
        return False
    if marker is not None and marker["key"].startswith(IMPORT):
        raise StoreError(
            "An import into this graph was interrupted: explanations may be there in part.",
            where=store.uri,
            action="run the same `pathproof store import` again, or give PathProof an empty database",
        )
    progress("checking the knowledge tables", None)
    tables = read_knowledge(workspace)
    fresh = marker is None
    if fresh:
        refuse_foreign(store)
    apply_schema(store)
    mark(store, tables.key, complete=False)
    if not fresh:
        _clear(store, tables, progress)
    _write_all(store, tables, fresh, progress)
    _compare(store, tables)
    if not fresh:
        rebuild(store, progress)
    mark(store, tables.key, complete=True)
    return True


def marker_of(store: GraphStore) -> dict[str, Any] | None:
    """`key` and `complete` of what was loaded last; None when PathProof loaded nothing."""
    rows = store.read("MATCH (d:Dataset {id: $id}) RETURN d.key AS key, d.complete AS complete", {"id": MARKER})
    return rows[0] if rows else None


def mark(store: GraphStore, key: str, *, complete: bool) -> None:
    """Say in the graph what it holds, and whether all of it is there."""
    params = {"id": MARKER, "key": key, "complete": complete}
    store.write("MERGE (d:Dataset {id: $id}) SET d.key = $key, d.complete = $complete", params)


def refuse_foreign(store: GraphStore) -> None:
    """Refuse a graph with nodes of our kinds and without our marker."""
    found = {kind.label: store.read(f"MATCH (n:{kind.label}) RETURN count(n) AS n")[0]["n"] for kind in KNOWLEDGE_NODES}
    if any(found.values()):
        raise StoreError(
            "This graph holds nodes of the same kinds that PathProof did not write; nothing was changed.",
            where=store.uri,
            got=", ".join(f"{n:,} {label}" for label, n in found.items() if n),
            action="give PathProof an empty database of its own",
        )


def _clear(store: GraphStore, tables: KnowledgeTables, progress: Progress) -> None:
    """Delete the old knowledge edges and the nodes that the new tables lack."""
    broken = lost = 0
    for edge in KNOWLEDGE_EDGES:
        progress(f"removing the old {edge.type}", None)
        for start, end in _ends(edge):
            _delete_in_batches(store, f"MATCH (:{start})-[r:{edge.type}]->(:{end})", "r")
    for kind in KNOWLEDGE_NODES:
        new = set(tables.nodes[kind.label]["id"].to_pylist())
        old = (row["id"] for row in store.read(f"MATCH (n:{kind.label}) RETURN n.id AS id ORDER BY id"))
        stale = [one for one in old if one not in new]
        if stale:
            broken += _delete_explanations_of(store, kind.label, stale, progress)
            lost += _judged_by(store, stale) if kind.label == "EvidenceItem" else 0
            delete = f"UNWIND $rows AS row MATCH (n:{kind.label} {{id: row.id}}) DETACH DELETE n"
            store.write_rows(delete, [{"id": one} for one in stale])
    if lost:
        store.notices.append(
            f"The knowledge changed: {lost:,} link{'s' if lost > 1 else ''} from claims to evidence items that the new "
            "knowledge lacks went from the graph; `pathproof validate` writes what holds now."
        )
    if broken:
        store.notices.append(
            f"The knowledge changed: {broken:,} explanation{'s' if broken > 1 else ''} with a drug, gene or pathway "
            "that the new knowledge lacks went from the graph; their records stay in the workspace; "
            "`pathproof run` writes them again."
        )


def _judged_by(store: GraphStore, items: list[str]) -> int:
    """Links from claims to these evidence items."""
    count = "UNWIND $ids AS id MATCH (:EvidenceItem {id: id})<-[r:SUPPORTED_BY|CONTRADICTED_BY]-() RETURN count(r) AS n"
    return int(store.read(count, {"ids": items})[0]["n"])


def _delete_explanations_of(store: GraphStore, label: str, stale: list[str], progress: Progress) -> int:
    """Delete the explanations that name one of these nodes; how many."""
    find = f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})"
    paths = ("<-[:CLAIMS_GENE|CLAIMS_PATHWAY]-()<-[:HAS_CLAIM]-", "<-[:EXPLAINS]-")
    rows = [
        row
        for path in paths
        for row in store.read(f"{find}{path}(e:Explanation) RETURN DISTINCT e.id AS id", {"ids": stale})
    ]
    broken = sorted({row["id"] for row in rows})
    if broken:
        progress(f"removing {len(broken)} explanations that name a {label} the new knowledge lacks", None)
        delete_explanations(store, broken)
    return len(broken)


def _delete_in_batches(store: GraphStore, match: str, variable: str) -> None:
    count = f"{match} RETURN count({variable}) AS n"
    while store.read(count)[0]["n"]:
        store.write(f"{match} WITH {variable} LIMIT {DELETE_ROWS} DELETE {variable}")


def _ends(kind: EdgeKind) -> list[tuple[str, str]]:
    return [(start, end) for start in kind.start for end in kind.end]


def _write_all(store: GraphStore, tables: KnowledgeTables, fresh: bool, progress: Progress) -> None:
    total = sum(table.num_rows for table in (*tables.nodes.values(), *tables.edges.values()))
    done = 0
    for name, (cypher, params, n) in _batches(tables, fresh):
        store.write(cypher, params)
        done += n
        progress(f"loading {name}", done / total)


def _batches(tables: KnowledgeTables, fresh: bool) -> Iterator[tuple[str, Batch]]:
    for label, table in tables.nodes.items():
        for batch in node_batches(table, label, fresh=fresh):
            yield label, batch
    for kind in KNOWLEDGE_EDGES:
        for start, end in _ends(kind):
            for batch in edge_batches(tables.edges[kind.type], kind.type, start, end):
                yield kind.type, batch


def node_statement(label: str, fresh: bool) -> str:
    """Writes `$rows` of properties as nodes: new ones in a fresh graph, else over those with the same id."""
    put = f"CREATE (n:{label})" if fresh else f"MERGE (n:{label} {{id: row.id}})"
    return f"UNWIND $rows AS row {put} SET n = row"


def edge_statement(type_: str, start: str, end: str) -> str:
    """Writes `$rows` of {start, end, properties} as new relationships between nodes of these labels."""
    return (
        f"UNWIND $rows AS row MATCH (a:{start} {{id: row.start}}) MATCH (b:{end} {{id: row.end}}) "
        f"CREATE (a)-[r:{type_}]->(b) SET r = row.properties"
    )


def _compare(store: GraphStore, tables: KnowledgeTables) -> None:
    counts = store.counts()
    told = tables.counts
    differing = [
        f"{name}: {n:,} in the graph, {told.get(what, {}).get(name, 0):,} in the manifest"
        for what, names in (
            ("nodes", [kind.label for kind in KNOWLEDGE_NODES]),
            ("edges", [kind.type for kind in KNOWLEDGE_EDGES]),
        )
        for name in names
        if (n := counts[what][name]) != told.get(what, {}).get(name, 0)
    ]
    if differing:
        raise StoreError(
            "After the load the graph does not hold what the manifest says.",
            where=store.uri,
            got="; ".join(differing),
            action="nobody else may write these kinds: give PathProof a database of its own and load again",
        )
