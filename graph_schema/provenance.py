"""Who says so: the provenance that every result carries in the graph, nodes and relationships alike."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pathproof
from pathproof.graph_schema.records import Explanation
from pathproof.graph_schema.schema import EDGE_BY_TYPE

RESULT_LICENCE = "result of a computation; the licences of its sources apply"


@dataclass(frozen=True)
class Origin:
    """Who made a result, in which version.

    Parameters
    ----------
    source : str
        `explainer:<name>` or `pathproof:<part>`.
    version : str
        Version of the explainer or of PathProof; of paths the key of the knowledge that they were found in.
    """

    source: str
    version: str

    @property
    def of_nodes(self) -> dict[str, Any]:
        """The properties that every node has besides its id."""
        return {"provided_by": self.source, "dataset_version": self.version, "licence": RESULT_LICENCE}

    def of_edges(self, type_: str) -> dict[str, Any]:
        """The properties that every relationship of this type has besides its id."""
        return {
            "predicate": EDGE_BY_TYPE[type_].predicate,
            "primary_knowledge_source": self.source,
            "knowledge_level": "prediction",
            "agent_type": "computational_model",
            "publications": [],
            "dataset_version": self.version,
            "licence": RESULT_LICENCE,
        }

    def node(self, node_id: str) -> dict[str, Any]:
        """The properties that every node has."""
        return {"id": node_id, **self.of_nodes}

    def edge(self, type_: str, start: str, end: str) -> dict[str, Any]:
        """The properties that every relationship has."""
        return {"id": edge_id(type_, start, end), **self.of_edges(type_)}


def edge_id(*parts: str) -> str:
    """Stable id of a relationship of results: of its type and the ids of its ends, and of the run where there is one.

    The first 16 hexadecimal digits of the SHA-256 of these parts, each in a line of its own.
    """
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def made_by(explanation: Explanation) -> Origin:
    """The origin of an explanation and its claims."""
    return Origin(f"explainer:{explanation.explainer}", explanation.version)


MODEL = Origin("explainer:pathproof", pathproof.__version__)
VALIDATION = Origin("pathproof:validate", pathproof.__version__)


def mechanism(key: str) -> Origin:
    """The origin of paths that were found in the knowledge with this key."""
    return Origin("pathproof:mechanism", key)
