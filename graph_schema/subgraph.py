"""Nodes and relationships that are to be written together: held against the schema, then put into statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pathproof.errors import DataError
from pathproof.graph_schema.bulk import BATCH_ROWS, put_edges, put_nodes
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.kinds import Property
from pathproof.graph_schema.provenance import Origin, edge_id
from pathproof.graph_schema.row_check import check_rows
from pathproof.graph_schema.rules import properties_of
from pathproof.graph_schema.schema import EDGE_BY_TYPE, EDGE_CORE, NODE_BY_LABEL

Statement = tuple[str, dict[str, Any]]
End = tuple[str, str]
Rows = list[dict[str, Any]]


class Subgraph:
    """Results on their way into the graph. Nodes are new; the ends of a relationship are here or in the graph.

    Rows of one kind and origin stand together, without what the origin says of all of them: it is checked and
    sent once.
    """

    def __init__(self) -> None:
        self.nodes: dict[tuple[str, Origin], Rows] = defaultdict(list)
        self.edges: dict[tuple[str, str, str, Origin], Rows] = defaultdict(list)

    def node(self, label: str, node_id: str, origin: Origin, properties: Mapping[str, Any]) -> None:
        """Add a node, with its properties besides those that every one has."""
        self.nodes[label, origin].append({"id": node_id, **properties})

    def edge(self, start: End, type_: str, end: End, origin: Origin, **own: Any) -> None:
        """Add a relationship between two (label, id), with its own properties besides those of every one."""
        run = [own["run"]] if "run" in own else []
        row = {"start": start[1], "end": end[1], "id": edge_id(type_, start[1], end[1], *run), **own}
        self.edges[start[0], type_, end[0], origin].append(row)

    def count(self, type_: str) -> int:
        """Number of relationships of a type."""
        return sum(len(rows) for (_, name, _, _), rows in self.edges.items() if name == type_)

    def check(self) -> None:
        """Hold everything against the schema.

        Raises
        ------
        DataError
            All violations at once.
        """
        wrong = Violations()
        for (label, origin), rows in self.nodes.items():
            _check(label, NODE_BY_LABEL[label].properties, origin.of_nodes, rows, wrong)
        for (start, type_, end, origin), rows in self.edges.items():
            kind = EDGE_BY_TYPE[type_]
            if start not in kind.start or end not in kind.end:
                wrong.add(f"{type_}: not from a {start} to a {end}", (row["id"] for row in rows))
            _check(type_, (*_ENDS, *properties_of(kind)), origin.of_edges(type_), rows, wrong)
        if wrong.counts:
            told = (f"{reason}: {n:,} (e.g. {'; '.join(wrong.examples[reason])})" for reason, n in wrong.counts.items())
            raise DataError(
                "These results break the graph's schema; nothing was written.",
                got="\n    ".join(["", *told]),
                allowed="what `pathproof store schema` lists",
            )

    def statements(self) -> Iterator[Statement]:
        """Statements that write it: nodes first, at most 5,000 rows each."""
        for (label, origin), rows in self.nodes.items():
            same = origin.of_nodes
            names = _names(NODE_BY_LABEL[label].properties, same)
            for some in _portions(names, rows):
                yield put_nodes(label, names, same, some)[:2]
        for (start, type_, end, origin), rows in self.edges.items():
            same = origin.of_edges(type_)
            names = _names(EDGE_CORE + EDGE_BY_TYPE[type_].properties, same)
            for some in _portions(["start", "end", *names], rows):
                yield put_edges(type_, start, end, names, same, some)[:2]


_ENDS = tuple(Property(side, "str", "id of the node there", required=True) for side in ("start", "end"))


def _check(name: str, properties: Sequence[Property], same: Mapping[str, Any], rows: Rows, wrong: Violations) -> None:
    check_rows(name, [one for one in properties if one.name in same], [same], wrong)
    check_rows(name, [one for one in properties if one.name not in same], rows, wrong)


def _names(properties: Sequence[Property], same: Mapping[str, Any]) -> list[str]:
    """What rows hold: always all that the schema names, so that a server plans each kind of statement once."""
    return [one.name for one in properties if one.name not in same]


def _portions(names: Sequence[str], rows: Rows) -> Iterator[list[list[Any]]]:
    for first in range(0, len(rows), BATCH_ROWS):
        yield [[row.get(name) for name in names] for row in rows[first : first + BATCH_ROWS]]
