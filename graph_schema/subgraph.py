"""Nodes and relationships that are to be written together: held against the schema, then put into statements."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pathproof.errors import DataError
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.provenance import Origin
from pathproof.graph_schema.row_check import check_rows
from pathproof.graph_schema.schema import EDGE_BY_TYPE, EDGE_CORE, NODE_BY_LABEL

Statement = tuple[str, dict[str, Any]]
End = tuple[str, str]
ROWS_PER_STATEMENT = 5_000


class Subgraph:
    """Results on their way into the graph. Nodes are new; the ends of a relationship are here or in the graph."""

    def __init__(self) -> None:
        self.nodes: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.edges: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)

    def node(self, label: str, properties: dict[str, Any]) -> None:
        """Add a node with all its properties."""
        self.nodes[label].append(properties)

    def edge(self, start: End, type_: str, end: End, origin: Origin, **own: Any) -> None:
        """Add a relationship between two (label, id), with its own properties besides those of every one."""
        properties = {**origin.edge(type_, start[1], end[1], own.get("run")), **own}
        self.edges[start[0], type_, end[0]].append({"start": start[1], "end": end[1], "properties": properties})

    def check(self) -> None:
        """Hold everything against the schema.

        Raises
        ------
        DataError
            All violations at once.
        """
        wrong = Violations()
        for label, rows in self.nodes.items():
            check_rows(label, NODE_BY_LABEL[label].properties, rows, wrong)
        for (start, type_, end), rows in self.edges.items():
            kind = EDGE_BY_TYPE[type_]
            if start not in kind.start or end not in kind.end:
                wrong.add(f"{type_}: not from a {start} to a {end}", (row["properties"]["id"] for row in rows))
            check_rows(type_, EDGE_CORE + kind.properties, [row["properties"] for row in rows], wrong)
        if wrong.counts:
            told = (f"{reason}: {n:,} (e.g. {'; '.join(wrong.examples[reason])})" for reason, n in wrong.counts.items())
            raise DataError(
                "These results break the graph's schema; nothing was written.",
                got="\n    ".join(["", *told]),
                allowed="what `pathproof store schema` lists",
            )

    def statements(self) -> list[Statement]:
        """Statements that write it: nodes first, at most 5,000 rows each."""
        made = [(f"UNWIND $rows AS row CREATE (n:{label}) SET n = row", rows) for label, rows in self.nodes.items()]
        for (start, type_, end), rows in self.edges.items():
            cypher = (
                f"UNWIND $rows AS row MATCH (a:{start} {{id: row.start}}) MATCH (b:{end} {{id: row.end}}) "
                f"CREATE (a)-[r:{type_}]->(b) SET r = row.properties"
            )
            made.append((cypher, rows))
        return [
            (cypher, {"rows": rows[first : first + ROWS_PER_STATEMENT]})
            for cypher, rows in made
            for first in range(0, len(rows), ROWS_PER_STATEMENT)
        ]
