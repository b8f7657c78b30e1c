"""Validation runs in the graph: what a run says of each claim, and the evidence for and against it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pathproof.errors import DataError, StoreError
from pathproof.graph_schema.provenance import VALIDATION
from pathproof.graph_schema.records import Judgement
from pathproof.graph_schema.schema import CLAIM_LABELS
from pathproof.graph_schema.subgraph import Statement, Subgraph
from pathproof.graph_schema.writer import alone

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

_IDS_PER_STATEMENT = 5_000
_EXAMPLES = 10
_SIDES = {"SUPPORTED_BY": "supporting", "CONTRADICTED_BY": "contradicting"}


@alone
def write_validation(
    store: GraphStore, run_id: str, status: str, report_sha256: str, judgements: Sequence[Judgement]
) -> None:
    """Write one validation run with its judgements and their evidence, in one transaction; the same run is replaced.

    A knowledge edge that an evidence item stands behind becomes a SUPPORTED_BY or CONTRADICTED_BY from the claim
    to the item; the other edges are named in the judgement alone.

    Raises
    ------
    DataError
        A judged claim is not in the graph, or is judged twice; or the schema does not allow a value.
    StoreError
        The store holds fewer judgements afterwards than were written.
    """
    labels = _claim_labels(store, [one.claim_id for one in judgements])
    items = _items(store) if any(one.evidence for one in judgements) else {}
    graph, run = Subgraph(), ("ValidationRun", run_id)
    graph.node("ValidationRun", run_id, VALIDATION, {"status": status, "report_sha256": report_sha256})
    for one in judgements:
        claim = (labels[one.claim_id], one.claim_id)
        graph.edge(run, "JUDGED", claim, VALIDATION, **_verdict(one))
        for type_, side in _SIDES.items():
            for item, edges in _by_item(getattr(one, side), items).items():
                graph.edge(claim, type_, ("EvidenceItem", item), VALIDATION, run=run_id, edges=edges)
    graph.check()
    store.write_one_transaction([*_delete(run_id), *graph.statements()])
    _compare(store, run_id, graph)


def _claim_labels(store: GraphStore, ids: Sequence[str]) -> dict[str, str]:
    twice = [one for one, n in Counter(ids).items() if n > 1]
    if twice:
        raise DataError("A claim is judged twice in one validation run.", got=_some(twice))
    labels: dict[str, str] = {}
    for label in CLAIM_LABELS.values():
        cypher = f"UNWIND $ids AS id MATCH (c:{label} {{id: id}}) RETURN c.id AS id"
        for first in range(0, len(ids), _IDS_PER_STATEMENT):
            labels |= {row["id"]: label for row in store.read(cypher, {"ids": ids[first : first + _IDS_PER_STATEMENT]})}
    lost = [one for one in ids if one not in labels]
    if lost:
        raise DataError(
            f"{len(lost)} judged claims are not in the graph.",
            where=store.uri,
            got=_some(lost),
            action="write the explanations before the validation of them",
        )
    return labels


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_EXAMPLES]) + (f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else "")


def _items(store: GraphStore) -> dict[str, str]:
    """The evidence item behind each knowledge edge that one stands behind."""
    cypher = (
        "MATCH (:Gene)-[r:CONFERS_RESISTANCE_TO|CONFERS_SENSITIVITY_TO]->(:Drug) "
        "RETURN r.id AS edge, r.evidence_item AS item"
    )
    return {row["edge"]: row["item"] for row in store.read(cypher)}


def _by_item(edges: Sequence[str], items: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if edge in items:
            found[items[edge]].append(edge)
    return found


def _verdict(one: Judgement) -> dict[str, Any]:
    values = one.model_dump(mode="json", include={"supported_by", "contradicted_by", "novel_in"})
    return {**values, "evidence": list(one.evidence)}


def _delete(run_id: str) -> list[Statement]:
    find, run = "MATCH (v:ValidationRun {id: $id})", {"id": run_id}
    return [
        (f"{find}-[:JUDGED]->()-[r:SUPPORTED_BY|CONTRADICTED_BY]->() WHERE r.run = $id DELETE r", run),
        (f"{find} DETACH DELETE v", run),
    ]


def _compare(store: GraphStore, run_id: str, graph: Subgraph) -> None:
    judged = "MATCH (v:ValidationRun {id: $id})-[r:JUDGED]->() RETURN count(r) AS n"
    evidence = "MATCH (:ValidationRun {id: $id})-[:JUDGED]->()-[r:%s]->() WHERE r.run = $id RETURN count(r) AS n"
    for type_, cypher in {"JUDGED": judged, **{side: evidence % side for side in _SIDES}}.items():
        wanted = graph.count(type_)
        found = store.read(cypher, {"id": run_id})[0]["n"]
        if found != wanted:
            raise StoreError(
                f"The store does not hold all {type_} relationships of the validation run that were written.",
                where=store.uri,
                got=f"{found:,}",
                allowed=f"{wanted:,}",
                action="run `pathproof validate` again; one process at a time may write to the graph",
            )
