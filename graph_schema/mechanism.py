"""Mechanism paths in the graph: which claims they tie to the targets of the drug, and how they stay right.

A path is a node of its own, shared by all claims that it explains, and found in the knowledge that the graph
holds. An explanation says in `knowledge` in which knowledge its paths were found; a path says the same in
`dataset_version`. Claims about pathways have no paths: their genes are members of the pathway, not
claimed one by one.

What ties a claim to a path says beside it how ordinary such a path is (`null_share`, of :mod:`.path_null`): a path is
shared, but its null is that of the drug and of the gene that it ends on. A claim of several genes has each gene's own
beside its paths, and no word for all of them together. Without a path there is nothing to hold against a null, and
nothing is stored. It is for reading: no confidence is formed of it.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pathproof.errors import StoreError
from pathproof.graph_schema.path_null import PathNull
from pathproof.graph_schema.paths import MechanismPath, Network, Step
from pathproof.graph_schema.provenance import Origin, mechanism
from pathproof.graph_schema.schema_results import PATHED
from pathproof.graph_schema.subgraph import Statement, Subgraph

if TYPE_CHECKING:
    from pathproof.graph_schema.store import GraphStore

Progress = Callable[[str, float | None], None]
PATH_RULES = 2
"""Counted up when other paths, or more beside them, are stored for the same claims; 2: with their `null_share`."""
CLAIMS_PER_TRANSACTION = 2_000
_PATHS_PER_TRANSACTION = 5_000
_EXPLANATIONS_AT_ONCE = 10
"""A grouping of all claims of a screen does not fit the embedded server's heap."""


@dataclass(frozen=True)
class Claimed:
    """A claim as far as its paths go: label, id, drug and symbols of its genes."""

    label: str
    claim: str
    drug: str
    genes: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class Known:
    """What paths are made of: the network of the knowledge with this key, its nulls, and the id of each gene in it."""

    key: str
    network: Network
    null: PathNull
    ids: dict[str, str]


class Way(NamedTuple):
    """A path in words, and the share of genes of like degree that have one as short; None in a graph without it."""

    text: str
    null_share: float | None


_KNOWN: weakref.WeakKeyDictionary[GraphStore, Known] = weakref.WeakKeyDictionary()


def known_in(store: GraphStore) -> Known:
    """The network of the knowledge in the graph; read once for each store and knowledge.

    Raises
    ------
    StoreError
        The graph holds no knowledge, or not all of it.
    """
    rows = store.read("MATCH (d:Dataset {id: 'dataset:knowledge'}) RETURN d.key AS key, d.complete AS complete")
    if not rows or not rows[0]["complete"]:
        raise StoreError(
            "The graph does not hold the whole knowledge, so that no explanation can be written.",
            where=store.uri,
            got="a load that did not end" if rows else "no knowledge",
            action="load it first: `pathproof ingest`",
        )
    found = _KNOWN.get(store)
    if found is None or found.key != rows[0]["key"]:
        found = _KNOWN[store] = _read(store, rows[0]["key"])
    return found


def _read(store: GraphStore, key: str) -> Known:
    ids: dict[str, str] = {}
    steps = []
    for type_ in ("AFFECTS", "REGULATES"):
        for row in store.read(
            f"MATCH (a:Gene)-[r:{type_}]->(b:Gene) "
            "RETURN a.symbol AS a, a.id AS a_id, b.symbol AS b, b.id AS b_id, r.sign AS sign, r.id AS edge"
        ):
            ids[row["a"]], ids[row["b"]] = row["a_id"], row["b_id"]
            steps.append(Step(row["a"], row["b"], row["sign"], type_, row["edge"]))
    targets: dict[str, list[str]] = {}
    for row in store.read("MATCH (d:Drug)-[:TARGETS]->(g:Gene) RETURN d.id AS drug, g.symbol AS gene, g.id AS id"):
        ids[row["gene"]] = row["id"]
        targets.setdefault(row["drug"], []).append(row["gene"])
    network = Network(steps, targets)
    return Known(key, network, PathNull(network), ids)


def found_by(key: str) -> dict[str, Any]:
    """Properties of an Explanation whose paths were found in the knowledge with this key, by the rules of today."""
    return {"knowledge": key, "path_rules": PATH_RULES}


def add_paths(store: GraphStore, known: Known, claims: Sequence[Claimed], to: Subgraph) -> None:
    """Add to a subgraph the paths of its claims; those that the graph holds already are tied, not made again."""
    genes: defaultdict[str, list[str]] = defaultdict(list)
    for one in claims:
        genes[one.drug] += one.genes
    found = {drug: known.network.paths(drug, some) for drug, some in genes.items()}
    shares = {drug: known.null.shares(drug, some) for drug, some in genes.items()}
    wanted: dict[str, MechanismPath] = {}
    for one in claims:
        ties = {path.id: path for gene in dict.fromkeys(one.genes) for path in found[one.drug][gene]}
        wanted |= ties
        for path_id, path in ties.items():
            share = shares[one.drug].get(path.gene, {}).get(len(path.signs))
            to.edge((one.label, one.claim), "HAS_PATH", ("MechanismPath", path_id), one.origin, null_share=share)
    held = {
        row["id"]
        for row in store.read(
            "UNWIND $ids AS id MATCH (p:MechanismPath {id: id}) RETURN p.id AS id", {"ids": list(wanted)}
        )
    }
    origin = mechanism(known.key)
    for path_id, path in wanted.items():
        if path_id not in held:
            to.node("MechanismPath", path_id, origin, path.properties())
            for position, gene in enumerate(path.genes):
                to.edge(("MechanismPath", path_id), "PASSES", ("Gene", known.ids[gene]), origin, position=position)


def held_paths(store: GraphStore, explanations: Sequence[str]) -> list[str]:
    """Ids of the paths of these explanations."""
    rows = store.read(
        "UNWIND $ids AS id MATCH (e:Explanation {id: id})-[:HAS_CLAIM]->()-[:HAS_PATH]->(p) RETURN DISTINCT p.id AS id",
        {"ids": list(explanations)},
    )
    return [row["id"] for row in rows]


def shortest_paths(store: GraphStore, claims: Sequence[str]) -> dict[str, Way]:
    """The shortest path of each of these claims that has one, in words; by text among equals.

    Returns
    -------
    dict
        Claim id to Way. Its text is "GENE -> X -| TARGET, opposite": whether the ends rise together (`same`) or not. A
        gene that is itself the target is no path here.
    """
    found = " UNION ALL ".join(
        f"UNWIND $ids AS id MATCH (c:{label} {{id: id}})-[h:HAS_PATH]->(m:MechanismPath) WHERE m.n_steps > 0 "
        "WITH id, m, h ORDER BY m.n_steps, m.text WITH id, collect(m) AS ways, collect(h) AS ties "
        "RETURN id, ways[0].text AS text, ways[0].sign AS sign, ties[0].null_share AS share"
        for label in PATHED
    )
    rows = store.read(found, {"ids": list(claims)})
    return {row["id"]: Way(f"{row['text']}, {'same' if row['sign'] > 0 else 'opposite'}", row["share"]) for row in rows}


def remove_unclaimed(paths: Sequence[str]) -> list[Statement]:
    """Statements that remove those of the paths that no claim holds."""
    cypher = (
        "UNWIND $ids AS id MATCH (p:MechanismPath {id: id}) OPTIONAL MATCH (p)<-[h:HAS_PATH]-() "
        "WITH p, count(h) AS held WHERE held = 0 DETACH DELETE p"
    )
    return [(cypher, {"ids": list(paths)})] if paths else []


def rebuild(store: GraphStore, progress: Progress) -> None:
    """Find the paths of all stored explanations again; to be called after the knowledge was replaced.

    Killed in the middle, some explanations have neither paths nor a `knowledge`; the next rebuild, or the next
    time that they are written, makes them whole.
    """
    key = store.read("MATCH (d:Dataset {id: 'dataset:knowledge'}) RETURN d.key AS key")[0]["key"]
    claims = list(_stored_claims(store))
    store.write("MATCH (e:Explanation) REMOVE e.knowledge")
    while store.read("MATCH (p:MechanismPath) RETURN count(p) AS n")[0]["n"]:
        store.write(f"MATCH (p:MechanismPath) WITH p LIMIT {_PATHS_PER_TRANSACTION} DETACH DELETE p")
    if not claims:
        return
    known = _KNOWN[store] = _read(store, key)
    for first in range(0, len(claims), CLAIMS_PER_TRANSACTION):
        graph = Subgraph()
        add_paths(store, known, claims[first : first + CLAIMS_PER_TRANSACTION], graph)
        graph.check()
        store.write_one_transaction(list(graph.statements()))
        progress("finding the mechanism paths of the stored explanations", first / len(claims))
    store.write("MATCH (e:Explanation) SET e += $found", {"found": found_by(key)})


def _stored_claims(store: GraphStore) -> Iterable[Claimed]:
    ids = [row["id"] for row in store.read("MATCH (e:Explanation) RETURN e.id AS id ORDER BY id")]
    for first in range(0, len(ids), _EXPLANATIONS_AT_ONCE):
        for label in PATHED:
            for row in store.read(_claims_of(label), {"ids": ids[first : first + _EXPLANATIONS_AT_ONCE]}):
                origin = Origin(row["source"], row["version"])
                yield Claimed(label, row["claim"], row["drug"], tuple(row["genes"]), origin)


def _claims_of(label: str) -> str:
    return (
        f"UNWIND $ids AS id MATCH (e:Explanation {{id: id}})-[:HAS_CLAIM]->(c:{label})-[:CLAIMS_GENE]->(g:Gene) "
        "MATCH (e)-[:EXPLAINS]->(d:Drug) "
        "WITH d, e, c, g.symbol AS gene ORDER BY gene "
        "RETURN d.id AS drug, e.provided_by AS source, e.dataset_version AS version, c.id AS claim, "
        "collect(gene) AS genes ORDER BY claim"
    )
