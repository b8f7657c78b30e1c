"""An explanation as a `py2neo.Subgraph`, for those whose code speaks py2neo; no server is needed.

py2neo is at its end of life and an optional extra: PathProof itself uses the official driver.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pathproof.errors import DependencyError
from pathproof.graph_schema.records import Explanation
from pathproof.graph_schema.schema import CLAIM_LABELS
from pathproof.graph_schema.write import claim_properties, explanation_properties, gene_properties

if TYPE_CHECKING:
    from py2neo import Subgraph


def to_subgraph(explanation: Explanation) -> Subgraph:
    """The explanation with its drug, claims, genes and pathways.

    Labels, relationship types and properties are those of the graph's schema. Genes carry their
    `symbol` and pathways and the drug their `id`, which is what they are to be merged by:
    `graph.merge(subgraph)` after `__primarylabel__` and `__primarykey__`, which are set here.

    Raises
    ------
    DependencyError
        py2neo is not installed.
    """
    py2neo = _py2neo()
    drug = _node(py2neo, "Drug", "id", {"id": explanation.drug, "name": explanation.drug_name})
    root = _node(py2neo, "Explanation", "id", explanation_properties(explanation))
    parts: list[Any] = [drug, root, py2neo.Relationship(root, "EXPLAINS", drug)]
    genes: dict[str, Any] = {}
    pathways: dict[str, Any] = {}
    for claim in explanation.claims:
        label = CLAIM_LABELS[claim.kind.value]
        node = _node(py2neo, label, "id", claim_properties(label, explanation.claim_id(claim), claim))
        parts += [node, py2neo.Relationship(root, "HAS_CLAIM", node)]
        for i, symbol in enumerate(claim.genes):
            gene = genes.setdefault(symbol, _node(py2neo, "Gene", "symbol", {"symbol": symbol}))
            parts.append(py2neo.Relationship(node, "CLAIMS_GENE", gene, **gene_properties(claim, i)))
        if claim.pathway is not None:
            pathway = pathways.setdefault(claim.pathway, _node(py2neo, "Pathway", "id", {"id": claim.pathway}))
            parts.append(py2neo.Relationship(node, "CLAIMS_PATHWAY", pathway))
    nodes = [part for part in parts if isinstance(part, py2neo.Node)] + [*genes.values(), *pathways.values()]
    edges = [part for part in parts if isinstance(part, py2neo.Relationship)]
    return py2neo.Subgraph(nodes, edges)


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
