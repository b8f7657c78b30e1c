"""An explanation as a `py2neo.Subgraph`, for those whose code speaks py2neo; no server is needed.

py2neo is at its end of life and an optional extra: PathProof itself uses the official driver.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pathproof.errors import DataError, DependencyError
from pathproof.graph_schema.provenance import made_by
from pathproof.graph_schema.records import Explanation
from pathproof.graph_schema.schema import CLAIM_LABELS
from pathproof.graph_schema.write import claim_properties, explanation_properties, gene_properties

if TYPE_CHECKING:
    from py2neo import Subgraph


def to_subgraph(explanation: Explanation, genes: Mapping[str, str] | None = None) -> Subgraph:
    """The explanation with its drug, claims, genes and pathways.

    Labels, relationship types and properties are those of the graph's schema. Of the knowledge there is only
    what an explanation knows: pathways have their `id`, the drug its `id` and name, genes their `symbol`, and by
    that they are merged: `graph.merge(subgraph)` joins them to the nodes of a loaded graph. Mechanism paths are
    knowledge of the graph and stay there.

    Parameters
    ----------
    explanation : Explanation
    genes : mapping of str to str, optional
        The id of each gene by its symbol. With it genes are merged by `id`, and every relationship has the id that
        the graph gives it. Without it the ids of CLAIMS_GENE are made of the symbols: merged over an
        explanation that is in the graph already, they replace the graph's.

    Raises
    ------
    DependencyError
        py2neo is not installed.
    DataError
        `genes` lacks symbols of the explanation (all are listed).
    """
    py2neo = _py2neo()
    if genes is not None:
        _check_genes(explanation, genes)
    origin = made_by(explanation)
    nodes: dict[tuple[str, str], Any] = {}
    edges: list[Any] = []

    def node(label: str, key: str, properties: dict[str, Any]) -> Any:
        return nodes.setdefault((label, properties[key]), _node(py2neo, label, key, properties))

    def edge(start: Any, type_: str, end: Any, **own: Any) -> None:
        first, last = (one[one.__primarykey__] for one in (start, end))
        edges.append(py2neo.Relationship(start, type_, end, **origin.edge(type_, first, last), **own))

    root = node("Explanation", "id", explanation_properties(explanation))
    edge(root, "EXPLAINS", node("Drug", "id", {"id": explanation.drug, "name": explanation.drug_name}))
    for claim in explanation.claims:
        label, claim_id = CLAIM_LABELS[claim.kind.value], explanation.claim_id(claim)
        mine = node(label, "id", {**origin.node(claim_id), **claim_properties(label, claim_id, claim)})
        edge(root, "HAS_CLAIM", mine)
        for i, symbol in enumerate(claim.genes):
            gene = {"symbol": symbol} if genes is None else {"id": genes[symbol], "symbol": symbol}
            end = node("Gene", "symbol" if genes is None else "id", gene)
            edge(mine, "CLAIMS_GENE", end, **gene_properties(claim, i))
        if claim.pathway is not None:
            edge(mine, "CLAIMS_PATHWAY", node("Pathway", "id", {"id": claim.pathway}))
    return py2neo.Subgraph(nodes.values(), edges)


def _check_genes(explanation: Explanation, genes: Mapping[str, str]) -> None:
    if lost := sorted({symbol for claim in explanation.claims for symbol in claim.genes} - genes.keys()):
        raise DataError(
            "Genes of the explanation have no id.",
            where=explanation.id,
            got=", ".join(lost),
            action="read the ids of all genes from the graph that holds its knowledge",
        )


def _node(py2neo: Any, label: str, key: str, properties: dict[str, Any]) -> Any:
    node = py2neo.Node(label, **properties)
    node.__primarylabel__ = label
    node.__primarykey__ = key
    return node


def _py2neo() -> Any:
    try:
        return importlib.import_module("py2neo")
    except ImportError as error:
        raise DependencyError(
            "py2neo is not installed.", got=error, action="pip install 'pathproof[py2neo]'"
        ) from error
