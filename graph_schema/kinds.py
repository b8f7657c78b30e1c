"""The vocabulary in which the schema is written: properties, node kinds, relationship kinds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Property:
    """One property of a node or relationship.

    Parameters
    ----------
    name : str
    type : str
        "str", "int", "float", "bool", or a list of one of them as "list[str]".
    meaning : str
        One line.
    required : bool
        Whether every node or relationship of the kind has it.
    unit : str or None
    allowed : tuple of str or int
        The only values there are (of each item, for a list); empty for any.
    low, high : float or None
        Inclusive bounds of a number.
    refers_to : str or None
        The label of the node whose id it holds.
    """

    name: str
    type: str
    meaning: str
    required: bool = False
    unit: str | None = None
    allowed: tuple[str | int, ...] = ()
    low: float | None = None
    high: float | None = None
    refers_to: str | None = None


@dataclass(frozen=True)
class NodeKind:
    """A node label with its properties.

    Parameters
    ----------
    lookup : str or None
        The property that people type; it is indexed.
    category : str
        Biolink category, for the exchange formats.
    sources : tuple of str
        Names of the knowledge sources that give such nodes; empty for what PathProof itself makes.
    """

    label: str
    meaning: str
    properties: tuple[Property, ...] = ()
    lookup: str | None = None
    category: str = "biolink:NamedThing"
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class EdgeKind:
    """A relationship type with its possible ends, Biolink predicate and own properties (besides EDGE_CORE)."""

    type: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    meaning: str
    predicate: str
    properties: tuple[Property, ...] = field(default=())
    sources: tuple[str, ...] = ()


KNOWLEDGE_LEVELS = (
    "knowledge_assertion",
    "logical_entailment",
    "observation",
    "prediction",
    "statistical_association",
    "not_provided",
)
AGENT_TYPES = (
    "manual_agent",
    "automated_agent",
    "data_analysis_pipeline",
    "computational_model",
    "text_mining_agent",
    "not_provided",
)
DIRECTIONS = ("resistance", "sensitivity")

ID = Property("id", "str", "CURIE or content hash, unique per label", required=True)
NODE_CORE = (
    ID,
    Property("provided_by", "str", "who says so: source:<name>, explainer:<name> or pathproof:<part>", required=True),
    Property("dataset_version", "str", "release of the source, or version of the explainer", required=True),
    Property("licence", "str", "licence of the source", required=True),
)
EDGE_CORE = (
    Property("id", "str", "stable id: a hash of type, ends and source, or the source's own id", required=True),
    Property("predicate", "str", "Biolink predicate", required=True),
    Property(
        "primary_knowledge_source",
        "str",
        "who says so: source:<name>, explainer:<name> or pathproof:<part>",
        required=True,
    ),
    Property("knowledge_level", "str", "Biolink knowledge level", required=True, allowed=KNOWLEDGE_LEVELS),
    Property("agent_type", "str", "Biolink agent type", required=True, allowed=AGENT_TYPES),
    Property("publications", "list[str]", "CURIEs, e.g. pubmed:15146165; empty when the source gives none"),
    Property("dataset_version", "str", "release of the source, or version of the explainer", required=True),
    Property("licence", "str", "licence of the source", required=True),
)
SIGN = Property("sign", "int", "+1 activates, -1 inhibits", required=True, allowed=(1, -1))
