"""The rows of a live graph, page by page in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pathproof.errors import StoreError
from pathproof.graph_schema.exchange.rows import Edge, Node
from pathproof.graph_schema.load import IMPORT
from pathproof.graph_schema.schema import EdgeKind

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

PAGE_ROWS = 5_000


def pages(ids: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """Ids in groups whose rows add up to about PAGE_ROWS; each comes with its number of rows."""
    page: list[str] = []
    rows = 0
    for one, n in ids:
        if page and rows + n > PAGE_ROWS:
            yield page
            page, rows = [], 0
        page.append(one)
        rows += n
    if page:
        yield page


def node_ids(store: GraphStore, label: str) -> list[str]:
    """Ids of all nodes with the label, sorted."""
    rows = store.read(f"MATCH (n:{label}) WHERE n.id IS NOT NULL RETURN n.id AS id")
    return sorted(row["id"] for row in rows)


def read_nodes(store: GraphStore, label: str, ids: Iterable[str]) -> Iterator[list[Node]]:
    """Pages of the nodes with these ids, in their order; ids that the graph lacks are left out."""
    cypher = f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) RETURN id, properties(n) AS properties"
    for page in pages((one, 1) for one in ids):
        found = {row["id"]: row["properties"] for row in store.read(cypher, {"ids": page})}
        yield [Node(label, found[one]) for one in page if one in found]


def page_of_edges(store: GraphStore, type_: str, start: str, ends: Iterable[str], ids: list[str]) -> list[Edge]:
    """Relationships of a type from these nodes to nodes of these labels, by start, end and id."""
    edges = []
    for end in ends:
        cypher = (
            f"UNWIND $ids AS id MATCH (a:{start} {{id: id}})-[r:{type_}]->(b:{end}) "
            "RETURN id AS start, b.id AS end, properties(r) AS properties"
        )
        rows = store.read(cypher, {"ids": ids})
        edges += [Edge(type_, row["start"], row["end"], row["properties"]) for row in rows]
    return sorted(edges, key=lambda one: (one.start, one.end, str(one.properties.get("id"))))


def read_edges(store: GraphStore, kind: EdgeKind) -> Iterator[list[Edge]]:
    """Pages of all relationships of a kind, start label by start label; in each by start, end and id."""
    for start in kind.start:
        counted = store.read(f"MATCH (a:{start})-[r:{kind.type}]->() RETURN a.id AS id, count(r) AS n")
        for page in pages(sorted((row["id"], row["n"]) for row in counted)):
            yield page_of_edges(store, kind.type, start, kind.end, page)


def way_out(key: str) -> str:
    """What ends an interrupted load or import, by the key of the graph's marker."""
    if key.startswith(IMPORT):
        return "run the interrupted `pathproof store import` again with the same file or folder: it goes on and ends"
    return "run `pathproof ingest` again: it loads the knowledge anew"


def compare_counts(store: GraphStore, what: Mapping[str, Mapping[str, int]], sentence: str, action: str) -> None:
    """Refuse a graph that does not hold these numbers of nodes and relationships."""
    found: dict[str, dict[str, Any]] = store.counts()
    differing = [
        f"{name}: {found[part].get(name, 0):,} in the graph, {n:,} expected"
        for part, numbers in what.items()
        for name, n in numbers.items()
        if found[part].get(name, 0) != n
    ]
    if differing:
        raise StoreError(sentence, where=store.uri, got="; ".join(differing), action=action)
