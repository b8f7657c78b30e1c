"""Explanations and a validation run of realistic size for any loaded graph, and parameters for its queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from pathproof.graph_schema.queries import NamedQuery
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Judgement, Layer, ModelRecord, Sign
from pathproof.graph_schema.store import GraphStore

# Claims of each kind and genes of each: the mean of our 295 explanations of the real screen (19.2 genes, 1.8 modules,
# 2.9 pathways; 41 genes named), and an interaction, so that every kind is there.
CLAIMS = {ClaimKind.GENE: (19, 1), ClaimKind.INTERACTION: (1, 2), ClaimKind.MODULE: (2, 6), ClaimKind.PATHWAY: (3, 4)}
MODEL = ModelRecord(id="model:benchmark", name="benchmark", universe=(), sources=("gdsc", "omnipath"))
TRIES = 300  # sets of parameters that a query is tried with until one has rows
_NAMES = {
    "genes": "MATCH (g:Gene)-[:AFFECTS|REGULATES]-() RETURN DISTINCT g.symbol AS id ORDER BY id",
    "pathways": "MATCH (p:Pathway)<-[:PARTICIPATES_IN]-() RETURN DISTINCT p.id AS id ORDER BY id",
    "edges": "MATCH ()-[r:AFFECTS]->() RETURN r.id AS id ORDER BY id LIMIT 1000",
    "evidence": "MATCH ()-[r:CONFERS_SENSITIVITY_TO|CONFERS_RESISTANCE_TO]->() RETURN r.id AS id ORDER BY id",
}
_DRUGS = "MATCH (d:Drug)-[:TARGETS]->() RETURN DISTINCT d.id AS id, d.name AS name ORDER BY id"
# for each kind of thing that a parameter can name: all of them, the one with the most relationships first
RANKED = {
    "drug": "MATCH (:Explanation)-[:EXPLAINS]->(d:Drug) WITH DISTINCT d MATCH (d)-[r]-() RETURN d.id AS id, count(r)",
    "gene": "MATCH ()-[:CLAIMS_GENE]->(g:Gene) WITH DISTINCT g MATCH (g)-[r]-() RETURN g.symbol AS id, count(r)",
    "pathway": "MATCH (p:Pathway)<-[r:PARTICIPATES_IN]-() RETURN p.id AS id, count(r)",
    "disease": "MATCH (d:Disease)<-[r:ABOUT_DISEASE]-() RETURN d.id AS id, count(r)",
    "cell_line": "MATCH (c:CellLine)-[r]->() RETURN c.id AS id, count(r)",
    "tissue": "MATCH (c:CellLine)-[r:RESPONDS_TO]->() RETURN c.tissue AS id, count(r)",
    "evidence_item": "MATCH (i:EvidenceItem)-[r]-() RETURN i.id AS id, count(r)",
    "explainer": "MATCH (e:Explanation)-[r:HAS_CLAIM]->() RETURN e.explainer AS id, count(r)",
    "explanation": "MATCH (e:Explanation)-[r:HAS_CLAIM]->() RETURN e.id AS id, count(r)",
    "run": "MATCH (v:ValidationRun)-[r:JUDGED]->() RETURN v.id AS id, count(r)",
}


def explanations(store: GraphStore, n: int, explainer: str, seed: int) -> list[Explanation]:
    """`n` explanations with claims of every kind about genes that the graph knows interactions of.

    Drugs with a known target come first; where there are fewer than `n`, they come again with another seed. Two
    explainers of one `seed` claim the same things of a drug, with weights (and so signs) of their own.
    """
    rng = np.random.default_rng(seed)
    own = np.random.default_rng([seed, *explainer.encode()])
    names = {what: [row["id"] for row in store.read(cypher)] for what, cypher in _NAMES.items()}
    drugs = store.read(_DRUGS)
    return [
        Explanation(
            explainer=explainer,
            version="1",
            seed=i // len(drugs),
            model_id="benchmark" if explainer == "pathproof" else None,
            drug=drugs[i % len(drugs)]["id"],
            drug_name=drugs[i % len(drugs)]["name"],
            screen="GDSC2",
            claims=tuple(_claims(names, rng, own)),
            fidelity=0.4,
            stability=0.6,
            data_stability=0.5,
            sources=("gdsc", "omnipath"),
        )
        for i in range(n)
    ]


def _claims(names: dict[str, list[str]], rng: np.random.Generator, own: np.random.Generator) -> Iterator[Claim]:
    for kind, (count, size) in CLAIMS.items():
        pathways = rng.choice(names["pathways"], count, replace=False).tolist()
        singles = rng.choice(names["genes"], count, replace=False).tolist()  # no gene is claimed twice
        for i in range(count):
            several = rng.choice(names["genes"], size, replace=False).tolist()
            genes = (singles[i],) if size == 1 else tuple(several)
            layers: tuple[Layer, ...] = tuple("expression" for _ in genes)
            weights = tuple(own.normal(0, 1, len(genes)).round(6).tolist())
            yield Claim(
                kind=kind,
                genes=genes,
                layers=layers,
                weights=weights,
                pathway=pathways[i] if kind is ClaimKind.PATHWAY else None,
                value=weights[0],
                sign=Sign.RESISTANCE if weights[0] > 0 else Sign.SENSITIVITY,
                rank=i + 1,
                confidence=float(rng.random()),
                selection_frequency=float(rng.random()),
                sign_consistency=float(rng.random()),
                sd=0.1,
                effect=weights[0],
                effect_sd=0.1,
                confirmed=bool(rng.random() < 0.5),
                edges=tuple(rng.choice(names["edges"], min(3, len(names["edges"])), replace=False).tolist()),
                sources=("reactome",) if kind is ClaimKind.PATHWAY else (),
            )


def judgements(store: GraphStore, some: Sequence[Explanation], seed: int) -> list[Judgement]:
    """A verdict on every claim: a third supported, a tenth contradicted, by evidence of the graph; the rest novel."""
    rng = np.random.default_rng(seed)
    edges = [row["id"] for row in store.read(_NAMES["evidence"])]
    found = []
    for one in some:
        for claim in one.claims:
            chance, behind = rng.random(), (str(rng.choice(edges)),)
            supported, contradicted = chance < 1 / 3, chance > 0.9
            found.append(
                Judgement(
                    claim_id=one.claim_id(claim),
                    supported_by=("civic",) if supported else (),
                    supporting=behind if supported else (),
                    contradicted_by=("civic",) if contradicted else (),
                    contradicting=behind if contradicted else (),
                    novel_in=() if supported or contradicted else ("civic", "reactome"),
                )
            )
    return found


def candidates(store: GraphStore) -> dict[str, list[str]]:
    """For each kind of thing that a parameter can name, those of this graph, the busiest first."""
    found = {}
    for kind, cypher in RANKED.items():
        rows = store.read(f"{cypher} AS n ORDER BY n DESC, id")
        found[kind] = [row["id"] for row in rows if row["id"] is not None]
    return found


def parameters(query: NamedQuery, known: dict[str, list[str]]) -> dict[str, Iterator[dict[str, Any]]] | None:
    """Two kinds of parameters: "typical" ones name things of median size, "busiest" the largest and no narrower choice.

    Of each kind come at most `TRIES`: things one after the other from there on, and in every combination of them, so
    that a question about a drug and a gene can be asked of a pair that the graph knows something about. None where
    the graph holds nothing that a needed parameter could name.
    """
    given: dict[str, dict[str, Any]] = {"typical": {}, "busiest": {}}
    for one in query.parameters:
        if one.names is None and not one.required:
            continue
        if one.names is None:
            raise ValueError(f"{query.name}: no value is known for the parameter {one.name}")
        names = known[one.names]
        if not names and one.required:
            return None
        if not names:
            continue
        for label, first in (("typical", len(names) // 2), ("busiest", 0)):
            if one.required or label == "typical":
                some = [*names[first:], *reversed(names[:first])]
                several = one.type.startswith("list")
                given[label][one.name] = [some[i : i + 3] for i in range(len(some))] if several else some
    if not given["typical"]:
        return {"whole": iter([{}])}
    return {label: islice(_combined(values), TRIES) for label, values in given.items()}


def _combined(values: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every combination of the values, those near the front of all lists first."""
    for total in range(sum(len(some) for some in values.values()) + 1):
        for places in _summing(total, [len(some) for some in values.values()]):
            yield {name: some[place] for (name, some), place in zip(values.items(), places, strict=True)}


def _summing(total: int, most: list[int]) -> Iterator[tuple[int, ...]]:
    """Places that add up to `total`, each below its bound."""
    if not most:
        if total == 0:
            yield ()
        return
    for first in range(min(total, most[0] - 1) + 1):
        for rest in _summing(total - first, most[1:]):
            yield (first, *rest)
