"""Rows of an exchange file held against the schema: everything that is wrong, with its place, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pathproof.errors import nearest
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.exchange.rows import Edge, Node, of_type
from pathproof.graph_schema.kinds import Property
from pathproof.graph_schema.row_check import check_rows
from pathproof.graph_schema.schema import EDGE_BY_TYPE, NODE_BY_LABEL

_BATCH = 5_000


class Checker:
    """Takes nodes, then relationships, one by one; call :meth:`flush` after the last of each.

    Attributes
    ----------
    wrong : Violations
        Unknown kinds and properties, missing, mistyped or forbidden values, ids that come twice, ends that are
        no node of the right label.
    labels : dict of str to str
        The label of each node by its id (all ids are held in memory, the rows are not).
    n_nodes, n_edges : Counter
        By label and by type.
    """

    def __init__(self) -> None:
        self.wrong = Violations()
        self.labels: dict[str, str] = {}
        self.n_nodes: Counter[str] = Counter()
        self.n_edges: Counter[str] = Counter()
        self._edge_ids: dict[str, set[str]] = {kind: set() for kind in EDGE_BY_TYPE}
        self._held: dict[str, list[tuple[Mapping[str, Any], str]]] = {}

    @property
    def rows(self) -> int:
        """Nodes and relationships so far."""
        return self.n_nodes.total() + self.n_edges.total()

    def node(self, node: Node) -> None:
        """Take one node."""
        if node.label not in NODE_BY_LABEL:
            self._unknown("label", node.label, node.where, NODE_BY_LABEL)
            return
        self.n_nodes[node.label] += 1
        other = self.labels.get(node.id)
        if other is None:
            self.labels[node.id] = node.label
        elif other == node.label:
            self.wrong.add(f"{node.label}.id: not unique", [_at(node.id, node.where)])
        else:
            self.wrong.add("an id is used by two labels", [_at(f"{node.id}, {other} and {node.label}", node.where)])
        self._hold(node.label, NODE_BY_LABEL[node.label].properties, node.properties, node.where)

    def edge(self, edge: Edge) -> None:
        """Take one relationship; all nodes have been taken before."""
        kind = EDGE_BY_TYPE.get(edge.type)
        if kind is None:
            self._unknown("relationship type", edge.type, edge.where, EDGE_BY_TYPE)
            return
        self.n_edges[edge.type] += 1
        one = str(edge.properties.get("id"))
        if one in self._edge_ids[edge.type]:
            self.wrong.add(f"{edge.type}.id: not unique", [_at(one, edge.where)])
        self._edge_ids[edge.type].add(one)
        for side, name, allowed in (("start", edge.start, kind.start), ("end", edge.end, kind.end)):
            if self.labels.get(name) not in allowed:
                reason = f"{edge.type}: {side} is no {' or '.join(allowed)} that is there"
                self.wrong.add(reason, [_at(f"{name} in {one}", edge.where)])
        self._hold(edge.type, of_type(edge.type), edge.properties, edge.where)

    def flush(self) -> None:
        """Check what is still held."""
        for kind in list(self._held):
            declared = NODE_BY_LABEL[kind].properties if kind in NODE_BY_LABEL else of_type(kind)
            self._check(kind, declared)

    def _unknown(self, what: str, name: str, where: str, allowed: Mapping[str, object]) -> None:
        near = nearest(name, allowed)
        self.wrong.add(f"no such {what} in the schema", [_at(repr(name) + (f", like {near}" if near else ""), where)])

    def _hold(self, kind: str, declared: Sequence[Property], properties: Mapping[str, Any], where: str) -> None:
        held = self._held.setdefault(kind, [])
        held.append((properties, where))
        if len(held) >= _BATCH:
            self._check(kind, declared)

    def _check(self, kind: str, declared: Sequence[Property]) -> None:
        held = self._held.pop(kind, [])
        found = Violations()
        check_rows(kind, declared, [properties for properties, _ in held], found)
        if not found.counts:
            return
        for properties, where in held:  # once more, row by row: now the places are of use
            own = Violations()
            check_rows(kind, declared, [properties], own)
            for reason, n in own.counts.items():
                self.wrong.add(reason, [_at(own.examples[reason][0], where)] * n)


def _at(case: str, where: str) -> str:
    return f"{case} in {where}" if where else case
