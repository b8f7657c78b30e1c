"""Explanations and validation runs as subgraphs: written whole or not at all, read back equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pathproof.errors import DataError, StoreError
from pathproof.graph_schema.records import Claim, Explanation, Judgement, ModelRecord
from pathproof.graph_schema.schema import CLAIM_LABELS, NODE_BY_LABEL

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

CLAIMS_PER_TRANSACTION = 2_000
_IDS_PER_STATEMENT = 5_000
_EXAMPLES = 10
Progress = Callable[[str, float | None], None]
Statement = tuple[str, dict[str, Any]]


def write_explanations(
    store: GraphStore, model: ModelRecord, explanations: Sequence[Explanation], progress: Progress
) -> None:
    """Write explanations; one with the same id is replaced, an equal one is left as it is.

    Parameters
    ----------
    store : GraphStore
    model : ModelRecord
        The explained model. An explanation without `model_id` is not linked to it.
    explanations : sequence of Explanation

    Raises
    ------
    DataError
        A claim names a gene or pathway, or an explanation a drug, that the graph lacks (all are listed);
        an id comes twice; an explanation is of another model. Nothing is written then.
    StoreError
        The store holds fewer claims afterwards than were written.
    """
    genes = _check(store, model, explanations)
    properties = model.model_dump(mode="json")
    store.write("MERGE (m:Model {id: $id}) SET m = $properties", {"id": model.id, "properties": properties})
    old = {
        row["id"]: row["record"] for row in store.read("MATCH (e:Explanation) RETURN e.id AS id, e.record AS record")
    }
    new = [one for one in explanations if old.get(one.id) != one.to_json()]
    done = 0
    for some in _portions(new):
        store.write_one_transaction(_delete([one.id for one in some]) + _statements(some, model, genes))
        done += len(some)
        progress("writing explanations", done / len(new))
    _compare(store, explanations)


def read_explanations(store: GraphStore, explainer: str | None = None) -> list[Explanation]:
    """The explanations of the graph, of one explainer or of all; sorted by explainer, drug name and id."""
    rows = store.read(
        "MATCH (e:Explanation) WHERE $explainer IS NULL OR e.explainer = $explainer "
        "RETURN e.id AS id, e.record AS record",
        {"explainer": explainer},
    )
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
    """Delete explanations with their claims and the judgements on them; knowledge is not touched."""
    for first in range(0, len(ids), 100):
        store.write_one_transaction(_delete(list(ids[first : first + 100])))


def write_validation(
    store: GraphStore, run_id: str, status: str, report_sha256: str, judgements: Sequence[Judgement]
) -> None:
    """Write one validation run and its judgements, in one transaction; the same run is replaced.

    Raises
    ------
    DataError
        A judged claim is not in the graph, or is judged twice.
    """
    labels = _claim_labels(store, [one.claim_id for one in judgements])
    rows: dict[str, list[dict[str, Any]]] = {label: [] for label in CLAIM_LABELS.values()}
    for one in judgements:
        rows[labels[one.claim_id]].append(
            {"claim": one.claim_id, "properties": one.model_dump(mode="json", exclude={"claim_id"})}
        )
    run = {"id": run_id, "status": status, "report_sha256": report_sha256}
    statements: list[Statement] = [
        ("MERGE (v:ValidationRun {id: $id}) SET v = $run", {"id": run_id, "run": run}),
        ("MATCH (:ValidationRun {id: $id})-[r:JUDGED]->() DELETE r", {"id": run_id}),
    ]
    for label, some in rows.items():
        for first in range(0, len(some), _IDS_PER_STATEMENT):
            cypher = (
                f"UNWIND $rows AS row MATCH (v:ValidationRun {{id: $id}}) MATCH (c:{label} {{id: row.claim}}) "
                "CREATE (v)-[r:JUDGED]->(c) SET r = row.properties"
            )
            statements.append((cypher, {"id": run_id, "rows": some[first : first + _IDS_PER_STATEMENT]}))
    store.write_one_transaction(statements)


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


def _check(store: GraphStore, model: ModelRecord, explanations: Sequence[Explanation]) -> dict[str, str]:
    """Refuse what could not be written whole; gives the id of each gene symbol."""
    _check_records(model, explanations)
    genes = {row["symbol"]: row["id"] for row in store.rows("genes")}
    drugs = {row["id"] for row in store.read("MATCH (d:Drug) RETURN d.id AS id")}
    pathways = {row["id"] for row in store.read("MATCH (p:Pathway) RETURN p.id AS id")}
    claims = [claim for one in explanations for claim in one.claims]
    lost = {
        "genes": {gene for claim in claims for gene in claim.genes} - genes.keys(),
        "pathways": {claim.pathway for claim in claims if claim.pathway is not None} - pathways,
        "drugs": {one.drug for one in explanations} - drugs,
    }
    if any(lost.values()):
        raise DataError(
            "Explanations name what the graph does not hold; none was written.",
            where=store.uri,
            got="; ".join(f"{len(names)} {what}: {_some(sorted(names))}" for what, names in lost.items() if names),
            allowed=f"the graph's {len(genes):,} symbols, {len(drugs):,} drug ids and {len(pathways):,} pathway ids",
            action="load the knowledge that the model was trained with, or map the names to approved symbols",
        )
    return genes


def _check_records(model: ModelRecord, explanations: Sequence[Explanation]) -> None:
    twice = [one for one, n in Counter(one.id for one in explanations).items() if n > 1]
    for one in explanations:
        twice += [claim for claim, n in Counter(one.claim_id(claim) for claim in one.claims).items() if n > 1]
        if one.model_id is not None and model.id not in (one.model_id, f"model:{one.model_id}"):
            raise DataError("An explanation is of another model.", where=one.id, got=one.model_id, allowed=model.id)
    if twice:
        raise DataError(
            "Explanations or claims have the same id: the same kind of claim about the same genes may come once.",
            got=_some(twice),
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_EXAMPLES]) + (f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else "")


def _portions(explanations: Sequence[Explanation]) -> Iterator[list[Explanation]]:
    some: list[Explanation] = []
    claims = 0
    for one in explanations:
        some.append(one)
        claims += len(one.claims) + 1
        if claims >= CLAIMS_PER_TRANSACTION:
            yield some
            some, claims = [], 0
    if some:
        yield some


def _delete(ids: list[str]) -> list[Statement]:
    find = "UNWIND $ids AS id MATCH (e:Explanation {id: id})"
    return [(f"{find}-[:HAS_CLAIM]->(c) DETACH DELETE c", {"ids": ids}), (f"{find} DETACH DELETE e", {"ids": ids})]


def _statements(some: list[Explanation], model: ModelRecord, genes: dict[str, str]) -> list[Statement]:
    rows = [{"drug": one.drug, "properties": explanation_properties(one)} for one in some]
    statements: list[Statement] = [
        (
            "UNWIND $rows AS row MATCH (d:Drug {id: row.drug}) "
            "CREATE (e:Explanation)-[:EXPLAINS]->(d) SET e = row.properties",
            {"rows": rows},
        ),
        (
            "UNWIND $ids AS id MATCH (e:Explanation {id: id}) MATCH (m:Model {id: $model}) CREATE (e)-[:OF_MODEL]->(m)",
            {"ids": [one.id for one in some if one.model_id is not None], "model": model.id},
        ),
    ]
    for kind, label in CLAIM_LABELS.items():
        claims = [(one, claim) for one in some for claim in one.claims if claim.kind == kind]
        if claims:
            statements += _claim_statements(label, claims, genes)
    return statements


def _claim_statements(label: str, claims: list[tuple[Explanation, Claim]], genes: dict[str, str]) -> list[Statement]:
    nodes = [
        {"explanation": one.id, "properties": claim_properties(label, one.claim_id(claim), claim)}
        for one, claim in claims
    ]
    names = [row for one, claim in claims for row in _gene_rows(one.claim_id(claim), claim, genes)]
    pathways = [{"claim": one.claim_id(claim), "pathway": claim.pathway} for one, claim in claims if claim.pathway]
    statements: list[Statement] = [
        (
            f"UNWIND $rows AS row MATCH (e:Explanation {{id: row.explanation}}) "
            f"CREATE (e)-[:HAS_CLAIM]->(c:{label}) SET c = row.properties",
            {"rows": nodes},
        ),
        (
            f"UNWIND $rows AS row MATCH (c:{label} {{id: row.claim}}) MATCH (g:Gene {{id: row.gene}}) "
            "CREATE (c)-[r:CLAIMS_GENE]->(g) SET r = row.properties",
            {"rows": names},
        ),
    ]
    if pathways:
        cypher = (
            f"UNWIND $rows AS row MATCH (c:{label} {{id: row.claim}}) MATCH (p:Pathway {{id: row.pathway}}) "
            "CREATE (c)-[:CLAIMS_PATHWAY]->(p)"
        )
        statements.append((cypher, {"rows": pathways}))
    return statements


def explanation_properties(one: Explanation) -> dict[str, Any]:
    """Properties of the Explanation node; absent values are left out."""
    names = [prop.name for prop in NODE_BY_LABEL["Explanation"].properties if prop.name not in ("id", "record")]
    values = one.model_dump(mode="json")
    return {"id": one.id, "record": one.to_json(), **{name: values[name] for name in names if values[name] is not None}}


def claim_properties(label: str, claim_id: str, claim: Claim) -> dict[str, Any]:
    """Properties of the claim's node; absent values are left out."""
    names = [prop.name for prop in NODE_BY_LABEL[label].properties if prop.name not in ("id", "key")]
    values = claim.model_dump(mode="json")
    return {"id": claim_id, "key": claim.key, **{name: values[name] for name in names if values[name] is not None}}


def gene_properties(claim: Claim, i: int) -> dict[str, Any]:
    """Properties of the edge from the claim to its gene number `i`."""
    properties: dict[str, Any] = {}
    if claim.weights:
        properties["weight"] = float(claim.weights[i])
    if claim.layers:
        properties["layer"] = claim.layers[i]
    return properties


def _gene_rows(claim_id: str, claim: Claim, genes: dict[str, str]) -> Iterator[dict[str, Any]]:
    for i, gene in enumerate(claim.genes):
        yield {"claim": claim_id, "gene": genes[gene], "properties": gene_properties(claim, i)}


def _compare(store: GraphStore, explanations: Sequence[Explanation]) -> None:
    find = "UNWIND $ids AS id MATCH (e:Explanation {id: id})-[:HAS_CLAIM]->(c)"
    ids = {"ids": [one.id for one in explanations]}
    told = {
        "claims": (sum(len(one.claims) for one in explanations), f"{find} RETURN count(c) AS n"),
        "genes of claims": (
            sum(len(claim.genes) for one in explanations for claim in one.claims),
            f"{find}-[r:CLAIMS_GENE]->() RETURN count(r) AS n",
        ),
    }
    for what, (wanted, cypher) in told.items():
        found = store.read(cypher, ids)[0]["n"]
        if found != wanted:
            raise StoreError(
                f"The store does not hold all {what} that were written.",
                where=store.uri,
                got=f"{found:,}",
                allowed=f"{wanted:,}",
                action="run `pathproof explain` again; one process at a time may write explanations",
            )
