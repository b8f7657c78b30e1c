"""Who says so: the provenance that every result carries in the graph, nodes and relationships alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pathproof
from pathproof.graph_schema.records import Explanation
from pathproof.graph_schema.schema import EDGE_BY_TYPE
from pathproof.workspace import content_key

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

    def node(self, node_id: str) -> dict[str, Any]:
        """The properties that every node has."""
        return {
            "id": node_id,
            "provided_by": self.source,
            "dataset_version": self.version,
            "licence": RESULT_LICENCE,
        }

    def edge(self, type_: str, start: str, end: str, run: str | None = None) -> dict[str, Any]:
        """The properties that every relationship has; its id is made of type, ends and, if given, the run."""
        return {
            "id": content_key(type_, start, end, *([] if run is None else [run])),
            "predicate": EDGE_BY_TYPE[type_].predicate,
            "primary_knowledge_source": self.source,
            "knowledge_level": "prediction",
            "agent_type": "computational_model",
            "publications": [],
            "dataset_version": self.version,
            "licence": RESULT_LICENCE,
        }


def made_by(explanation: Explanation) -> Origin:
    """The origin of an explanation and its claims."""
    return Origin(f"explainer:{explanation.explainer}", explanation.version)


MODEL = Origin("explainer:pathproof", pathproof.__version__)
VALIDATION = Origin("pathproof:validate", pathproof.__version__)


def mechanism(key: str) -> Origin:
    """The origin of paths that were found in the knowledge with this key."""
    return Origin("pathproof:mechanism", key)
