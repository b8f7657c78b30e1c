"""What the graph holds: node and relationship kinds as typed records, in one place.

Labels are Biolink's where it has one, one per node; `id` is a CURIE or content hash, unique per label.
Every node says who provided it, in which release and under which licence (the KnowledgeSource and Dataset
nodes are about that themselves); every relationship has the properties of :data:`EDGE_CORE` besides its own.
Constraints, indexes, the checks at load, the exchange formats and docs/graph.md are made from these records.
"""

from __future__ import annotations

from pathproof.graph_schema.kinds import EDGE_CORE, NODE_CORE, EdgeKind, NodeKind, Property
from pathproof.graph_schema.schema_knowledge_edges import KNOWLEDGE_EDGES
from pathproof.graph_schema.schema_knowledge_nodes import KNOWLEDGE_NODES
from pathproof.graph_schema.schema_results import CLAIM_LABELS, RESULT_EDGES, RESULT_NODES, STORE_NODES

__all__ = [
    "CLAIM_LABELS",
    "EDGES",
    "EDGE_BY_TYPE",
    "EDGE_CORE",
    "KNOWLEDGE_EDGES",
    "KNOWLEDGE_NODES",
    "NODES",
    "NODE_BY_LABEL",
    "NODE_CORE",
    "RESULT_EDGES",
    "RESULT_NODES",
    "STORE_NODES",
    "EdgeKind",
    "NodeKind",
    "Property",
]

NODES = KNOWLEDGE_NODES + RESULT_NODES + STORE_NODES
EDGES = KNOWLEDGE_EDGES + RESULT_EDGES
NODE_BY_LABEL = {kind.label: kind for kind in NODES}
EDGE_BY_TYPE = {kind.type: kind for kind in EDGES}
