"""Explanations as subgraphs: written whole or not at all, with their mechanism paths, and read back equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pathproof.errors import DataError, StoreError
from pathproof.graph_schema.mechanism import (
    CLAIMS_PER_TRANSACTION,
    Claimed,
    Known,
    add_paths,
    found_by,
    held_paths,
    known_in,
    remove_unclaimed,
)
from pathproof.graph_schema.provenance import MODEL, made_by
from pathproof.graph_schema.records import Claim, Explanation, ModelRecord
from pathproof.graph_schema.schema import CLAIM_LABELS, NODE_BY_LABEL, NODE_CORE
from pathproof.graph_schema.schema_results import PATHED
from pathproof.graph_schema.subgraph import Statement, Subgraph
from pathproof.graph_schema.validation_run import write_validation
from pathproof.graph_schema.writer import alone

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

__all__ = [
    "claim_properties",
    "delete_explanations",
    "explanation_properties",
    "gene_properties",
    "read_explanations",
    "write_explanations",
    "write_validation",
]

_COMPARED, _EXAMPLES, _READS = 100, 10, 10
_CORE = {prop.name for prop in NODE_CORE}
Progress = Callable[[str, float | None], None]


class _Given(NamedTuple):
    """An explanation with what is made of it more than once."""

    explanation: Explanation
    id: str
    claim_ids: tuple[str, ...]
    record: str


@alone
def write_explanations(
    store: GraphStore, model: ModelRecord | None, explanations: Sequence[Explanation], progress: Progress
) -> None:
    """Write explanations with their paths; one with the same id is replaced, an equal one is left as it is.

    Equal is the record, the version of the explainer, and by which rules in which knowledge its paths were found.

    Parameters
    ----------
    store : GraphStore
    model : ModelRecord or None
        The explained model. An explanation without `model_id` is not linked to it; None where all are without one.
    explanations : sequence of Explanation

    Raises
    ------
    DataError
        A claim names a gene or pathway, or an explanation a drug, that the graph lacks (all are listed);
        an id comes twice; an explanation is of another model; the schema does not allow a value. Nothing
        of the explanations concerned is written then.
    StoreError
        The graph does not hold the whole knowledge, or holds less afterwards than was written.
    """
    given = [_Given(one, one.id, one.claim_ids, one.to_json()) for one in explanations]
    _check_records(model, given)
    genes = _check_names(store, explanations)
    known = known_in(store)
    old = {
        row["id"]: (row["record"], row["version"], row["found"])
        for row in store.read(
            "UNWIND $ids AS id MATCH (e:Explanation {id: id}) RETURN e.id AS id, e.record AS record, "
            "e.dataset_version AS version, e {.knowledge, .path_rules} AS found",
            {"ids": [one.id for one in given]},
        )
    }
    new = [one for one in given if old.get(one.id) != (one.record, one.explanation.version, found_by(known.key))]
    put_model = [] if model is None else [_put_model(model)]
    if put_model and not new:
        store.write(*put_model[0])
    done = paths = 0
    for some in _portions(new):
        graph, pathed = _subgraph(some, model, genes, known)
        add_paths(store, known, pathed, graph)
        graph.check()
        paths += graph.count("HAS_PATH")
        before, after = list(put_model), list[Statement]()
        if replaced := [one.id for one in some if one.id in old]:
            before += _delete(replaced)
            after += remove_unclaimed(held_paths(store, replaced))
        store.write_one_transaction([*before, *graph.statements(), *after])
        done += len(some)
        progress("writing explanations", done / len(new))
    _compare(store, given, {one.id for one in new}, paths)


def read_explanations(store: GraphStore, explainer: str | None = None) -> list[Explanation]:
    """The explanations of the graph, of one explainer or of all; sorted by explainer, drug name and id."""
    for _ in range(_READS):
        rows = store.read(
            "MATCH (e:Explanation) WHERE $explainer IS NULL OR e.explainer = $explainer "
            "RETURN e.id AS id, e.record AS record",
            {"explainer": explainer},
        )
        if all(row["id"] is not None for row in rows):  # Neo4j shows a node without properties that is just replaced
            break
    found = []
    for row in rows:
        try:
            found.append(Explanation.from_json(row["record"]))
        except ValueError as error:
            raise StoreError(
                "An explanation in the graph was written by another version of PathProof or changed by hand.",
                where=row["id"],
                got=str(error).splitlines()[0],
                action="run `pathproof explain` again; it replaces the record",
            ) from error
    return sorted(found, key=lambda one: (one.explainer, one.drug_name, one.id))


def delete_explanations(store: GraphStore, ids: Sequence[str]) -> None:
    """Delete explanations with their claims, the judgements on these and the paths that no other claim holds.

    Knowledge is not touched.
    """
    for first in range(0, len(ids), 100):
        some = list(ids[first : first + 100])
        store.write_one_transaction(_delete(some) + remove_unclaimed(held_paths(store, some)))


def explanation_properties(one: Explanation) -> dict[str, Any]:
    """Properties of the Explanation node; absent values are left out."""
    return {**made_by(one).node(one.id), **_told(one, one.to_json())}


def claim_properties(label: str, claim_id: str, claim: Claim) -> dict[str, Any]:
    """Properties of the claim's node besides its provenance; absent values are left out."""
    return {"id": claim_id, "key": claim.key, **_declared(label, claim.model_dump(mode="json"))}


def gene_properties(claim: Claim, i: int) -> dict[str, Any]:
    """Properties of the edge from the claim to its gene number `i`, besides those of every edge."""
    properties: dict[str, Any] = {}
    if claim.weights:
        properties["weight"] = float(claim.weights[i])
    if claim.layers:
        properties["layer"] = claim.layers[i]
    return properties


def _told(one: Explanation, record: str) -> dict[str, Any]:
    return {"record": record, **_declared("Explanation", one.model_dump(mode="json", exclude={"claims"}))}


def _declared(label: str, values: dict[str, Any]) -> dict[str, Any]:
    names = [prop.name for prop in NODE_BY_LABEL[label].properties if prop.name not in _CORE]
    return {name: values[name] for name in names if values.get(name) is not None}


def _check_records(model: ModelRecord | None, given: Sequence[_Given]) -> None:
    twice = [one for one, n in Counter(one.id for one in given).items() if n > 1]
    for one in given:
        twice += [claim for claim, n in Counter(one.claim_ids).items() if n > 1]
        of = one.explanation.model_id
        if of is not None and (model is None or model.id not in (of, f"model:{of}")):
            allowed = "none" if model is None else model.id
            raise DataError("An explanation is of another model.", where=one.id, got=of, allowed=allowed)
    if twice:
        raise DataError(
            "Explanations or claims have the same id: the same kind of claim about the same genes may come once.",
            got=_some(twice),
        )


def _check_names(store: GraphStore, explanations: Sequence[Explanation]) -> dict[str, str]:
    """Refuse names that the graph lacks; gives the id of each gene symbol."""
    claims = [claim for one in explanations for claim in one.claims]
    wanted = {
        "genes": ("Gene", "symbol", {gene for claim in claims for gene in claim.genes}),
        "pathways": ("Pathway", "id", {claim.pathway for claim in claims if claim.pathway is not None}),
        "drugs": ("Drug", "id", {one.drug for one in explanations}),
    }
    cypher = " UNION ALL ".join(
        f"UNWIND ${what} AS value MATCH (n:{label} {{{name}: value}}) "
        f"RETURN '{what}' AS what, n.{name} AS name, n.id AS id"
        for what, (label, name, _) in wanted.items()
    )
    found: dict[str, dict[str, str]] = {what: {} for what in wanted}
    for row in store.read(cypher, {what: sorted(values) for what, (_, _, values) in wanted.items()}):
        found[row["what"]][row["name"]] = row["id"]
    lost = {what: sorted(values - found[what].keys()) for what, (_, _, values) in wanted.items()}
    if any(lost.values()):
        raise DataError(
            "Explanations name what the graph does not hold; none was written.",
            where=store.uri,
            got="; ".join(f"{len(names)} {what}: {_some(names)}" for what, names in lost.items() if names),
            allowed="symbols, drug ids and pathway ids of the knowledge in the graph",
            action="load the knowledge that the model was trained with, or map the names to approved symbols",
        )
    return found["genes"]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_EXAMPLES]) + (f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else "")


def _put_model(model: ModelRecord) -> Statement:
    graph = Subgraph()
    graph.node("Model", model.id, MODEL, model.model_dump(mode="json", exclude={"id"}))
    graph.check()
    properties = {**MODEL.node(model.id), **model.model_dump(mode="json")}
    return "MERGE (m:Model {id: $id}) SET m = $properties", {"id": model.id, "properties": properties}


def _portions(given: Sequence[_Given]) -> Iterator[list[_Given]]:
    some: list[_Given] = []
    claims = 0
    for one in given:
        some.append(one)
        claims += len(one.claim_ids) + 1
        if claims >= CLAIMS_PER_TRANSACTION:
            yield some
            some, claims = [], 0
    if some:
        yield some


def _delete(ids: list[str]) -> list[Statement]:
    find = "UNWIND $ids AS id MATCH (e:Explanation {id: id})"
    return [(f"{find}-[:HAS_CLAIM]->(c) DETACH DELETE c", {"ids": ids}), (f"{find} DETACH DELETE e", {"ids": ids})]


def _subgraph(
    some: Sequence[_Given], model: ModelRecord | None, genes: dict[str, str], known: Known
) -> tuple[Subgraph, list[Claimed]]:
    """The explanations without their paths, and the claims that may have paths."""
    graph, pathed = Subgraph(), []
    for given in some:
        one = given.explanation
        me, origin = ("Explanation", given.id), made_by(one)
        graph.node("Explanation", given.id, origin, {**_told(one, given.record), **found_by(known.key)})
        graph.edge(me, "EXPLAINS", ("Drug", one.drug), origin)
        if one.model_id is not None and model is not None:
            graph.edge(me, "OF_MODEL", ("Model", model.id), origin)
        for claim, claim_id in zip(one.claims, given.claim_ids, strict=True):
            label = CLAIM_LABELS[claim.kind.value]
            mine = (label, claim_id)
            graph.node(label, claim_id, origin, claim_properties(label, claim_id, claim))
            graph.edge(me, "HAS_CLAIM", mine, origin)
            for i, gene in enumerate(claim.genes):
                graph.edge(mine, "CLAIMS_GENE", ("Gene", genes[gene]), origin, **gene_properties(claim, i))
            if claim.pathway is not None:
                graph.edge(mine, "CLAIMS_PATHWAY", ("Pathway", claim.pathway), origin)
            if label in PATHED:
                pathed.append(Claimed(label, claim_id, one.drug, claim.genes, origin))
    return graph, pathed


def _compare(store: GraphStore, given: Sequence[_Given], new: set[str], paths: int) -> None:
    """Count in the graph what was given; of the paths those of the new explanations."""
    claims = [claim for one in given for claim in one.explanation.claims]
    rows = [
        row
        for start in range(0, len(given), _COMPARED)  # a whole screen's claims outgrow the store's memory
        for row in store.read(
            "UNWIND $ids AS id MATCH (e:Explanation {id: id})-[:HAS_CLAIM]->(c) "
            "OPTIONAL MATCH (c)-[g:CLAIMS_GENE]->() WITH id, c, count(g) AS genes "
            "OPTIONAL MATCH (c)-[p:HAS_PATH]->() WITH id, c, genes, count(p) AS paths "
            "RETURN id, count(c) AS claims, sum(genes) AS genes, sum(paths) AS paths",
            {"ids": [one.id for one in given[start : start + _COMPARED]]},
        )
    ]
    found = (
        ("claims", sum(row["claims"] for row in rows), len(claims)),
        ("genes of claims", sum(row["genes"] for row in rows), sum(len(claim.genes) for claim in claims)),
        ("paths of claims", sum(row["paths"] for row in rows if row["id"] in new), paths),
    )
    for what, there, wanted in found:
        if there != wanted:
            raise StoreError(
                f"The store does not hold all {what} that were written.",
                where=store.uri,
                got=f"{there:,}",
                allowed=f"{wanted:,}",
                action="run `pathproof explain` again; one process at a time may write explanations",
            )
