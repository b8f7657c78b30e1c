"""Rows of an exchange file held against the schema: everything that is wrong, with its place, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pathproof.errors import nearest
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.exchange.rows import Edge, Node
from pathproof.graph_schema.row_check import check_rows
from pathproof.graph_schema.rules import lost_end, named_by, properties_of, source_faults
from pathproof.graph_schema.schema import EDGE_BY_TYPE, NODE_BY_LABEL, EdgeKind, NodeKind

_BATCH = 5_000
_KINDS: dict[str, NodeKind | EdgeKind] = {**NODE_BY_LABEL, **EDGE_BY_TYPE}
_DECLARED = {name: properties_of(kind) for name, kind in _KINDS.items()}
_NAMED_BY = {name: named_by(kind) for name, kind in _KINDS.items()}


class Checker:
    """Takes nodes, then relationships, one by one; call :meth:`flush` after the last of each, :meth:`close` at the end.

    Attributes
    ----------
    wrong : Violations
        What breaks the rules of :mod:`pathproof.graph_schema.rules`, unknown kinds and properties, ids that come
        twice. Release and licence are held against the sources where there is a Dataset: only then is the
        knowledge whole, with its sources.
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
        self._sources: dict[str, tuple[str, str]] = {}
        self._said: dict[tuple[str, tuple[str, str, str]], tuple[int, str]] = {}
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
        if node.label == "KnowledgeSource":
            self._sources[node.id] = (str(node.properties.get("release")), str(node.properties.get("licence")))
        self._hold(node.label, node.properties, node.where)

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
                self.wrong.add(f"{edge.type}: {lost_end(kind, side)}", [_at(f"{name} in {one}", edge.where)])
        self._hold(edge.type, edge.properties, edge.where)

    def flush(self) -> None:
        """Check what is still held."""
        for kind in list(self._held):
            self._check(kind)

    def close(self) -> None:
        """Check who says so, in which release and under which licence: all sources have been taken now."""
        sources = self._sources if self.n_nodes["Dataset"] else None
        for (name, said), (n, where) in self._said.items():
            for what, reason, case in source_faults(_KINDS[name], said, sources):
                self.wrong.add(f"{name}.{what}: {reason}", [_at(case, where)], n)

    def _unknown(self, what: str, name: str, where: str, allowed: Mapping[str, object]) -> None:
        near = nearest(name, allowed)
        self.wrong.add(f"no such {what} in the schema", [_at(repr(name) + (f", like {near}" if near else ""), where)])

    def _hold(self, kind: str, properties: Mapping[str, Any], where: str) -> None:
        if (by := _NAMED_BY[kind]) is not None:
            source, version, licence = (properties.get(name) for name in (by, "dataset_version", "licence"))
            if source and version and licence:  # else required and missing
                said = (kind, (str(source), str(version), str(licence)))
                n, first = self._said.get(said, (0, where))
                self._said[said] = (n + 1, first)
        held = self._held.setdefault(kind, [])
        held.append((properties, where))
        if len(held) >= _BATCH:
            self._check(kind)

    def _check(self, kind: str) -> None:
        held = self._held.pop(kind, [])
        found = Violations()
        check_rows(kind, _DECLARED[kind], [properties for properties, _ in held], found, self._is_there)
        if not found.counts:
            return
        for properties, where in held:  # once more, row by row: now the places are of use
            own = Violations()
            check_rows(kind, _DECLARED[kind], [properties], own, self._is_there)
            for reason, n in own.counts.items():
                self.wrong.add(reason, [_at(own.examples[reason][0], where)] * n)

    def _is_there(self, label: str, node_id: str) -> bool:
        return self.labels.get(node_id) == label


def _at(case: str, where: str) -> str:
    return f"{case} in {where}" if where else case
