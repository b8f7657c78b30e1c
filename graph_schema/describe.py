"""The schema as a page: the first part of docs/graph.md is this text, held by a test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pathproof.graph_schema.schema import (
    EDGE_CORE,
    KNOWLEDGE_EDGES,
    KNOWLEDGE_NODES,
    NODE_CORE,
    RESULT_EDGES,
    RESULT_NODES,
    STORE_NODES,
    EdgeKind,
    NodeKind,
    Property,
)

END = "<!-- The schema ends here: what follows is not made from it. -->"
_INTRODUCTION = """\
# The graph

What the graph holds, made from `graph_schema/schema.py` by `pathproof store schema`. Knowledge comes from the
providers' files and can be rebuilt from the workspace at any time; explanations are subgraphs beside it: deleting one
never touches knowledge. Labels and predicates are Biolink's where it has one. Nothing enters that is not listed here:
`pathproof ingest` and every load hold all tables against these records and name everything that breaks them.
"""
_NODES = """\
## Every node

has the properties below, except `KnowledgeSource` and `Dataset`, which are about provenance themselves and have their
`id` only. Nodes of knowledge name their source as `source:<name>`; its release and licence are those of the
`KnowledgeSource` node. Nodes of explanations name their maker, `explainer:<name>`.
"""


def schema_page() -> str:
    """The whole schema as Markdown."""
    return "\n".join(
        [
            _INTRODUCTION,
            "The knowledge:\n",
            _drawing(KNOWLEDGE_EDGES),
            "Explanations and what validation says of them:\n",
            _drawing(RESULT_EDGES),
            _NODES,
            _table(NODE_CORE),
            "## Every relationship\n\nhas these properties, besides its own:\n",
            _table(EDGE_CORE),
            "## Nodes of the knowledge\n",
            *map(_node, KNOWLEDGE_NODES),
            "## Relationships of the knowledge\n",
            *map(_edge, KNOWLEDGE_EDGES),
            "## Nodes of explanations and of validation\n",
            *map(_node, RESULT_NODES),
            "## Relationships of explanations and of validation\n",
            *map(_edge, RESULT_EDGES),
            "## The graph's own node\n",
            *map(_node, STORE_NODES),
        ]
    ).rstrip() + "\n"  # fmt: skip


def _drawing(edges: Sequence[EdgeKind]) -> str:
    """A mermaid graph: one arrow for each pair of ends, one box for each label or set of labels that is an end."""
    arrows: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for kind in edges:
        arrows.setdefault((kind.start, kind.end), []).append(kind.type)
    boxes = dict.fromkeys(labels for ends in arrows for labels in ends)
    lines = [
        *(f'  {_box(labels)}["{", ".join(labels)}"]' for labels in boxes),
        *(f'  {_box(start)} -- "{", ".join(types)}" --> {_box(end)}' for (start, end), types in arrows.items()),
    ]
    return "\n".join(["```mermaid", "graph LR", *lines, "```\n"])


def _box(labels: Iterable[str]) -> str:
    return "_".join(labels)


def _node(kind: NodeKind) -> str:
    facts = [_sentence(kind.meaning)]
    if kind.sources:
        facts.append(_sources(kind.sources))
    if kind.lookup:
        facts.append(f"Indexed for look-up: `{kind.lookup}`.")
    own = [item for item in kind.properties if item not in NODE_CORE]
    facts.append(f"Category `{kind.category}`.")
    return f"### {kind.label}\n\n{' '.join(facts)}\n\n{_table(own)}"


def _edge(kind: EdgeKind) -> str:
    ends = f"({' or '.join(kind.start)}) → ({' or '.join(kind.end)})"
    facts = [f"{ends}: {_sentence(kind.meaning)}"]
    if kind.sources:
        facts.append(_sources(kind.sources))
    facts.append(f"Predicate `{kind.predicate}`.")
    table = "\n" + _table(kind.properties) if kind.properties else ""
    return f"### {kind.type}\n\n{' '.join(facts)}\n{table}"


def _sources(names: Sequence[str]) -> str:
    return f"Source{'s' if len(names) > 1 else ''}: {', '.join(f'`{name}`' for name in names)}."


def _table(properties: Iterable[Property]) -> str:
    rows = [
        f"| `{item.name}` | {item.type} | {'yes' if item.required else ''} | {item.unit or ''} | {_values(item)} "
        f"| {item.meaning.replace('<', '&lt;')} |\n"
        for item in properties
    ]
    return "| property | type | required | unit | values | meaning |\n|---|---|---|---|---|---|\n" + "".join(rows)


def _values(item: Property) -> str:
    """What the property may hold: the allowed values, the bounds, or the nodes that it names."""
    if item.allowed:
        return ", ".join(f"`{value}`" for value in item.allowed)
    if item.refers_to:
        return f"id of {_article(item.refers_to)}"
    if item.low is not None and item.high is not None:
        return f"{item.low:g} to {item.high:g}"
    if item.low is not None:
        return f"at least {item.low:g}"
    return "" if item.high is None else f"at most {item.high:g}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _article(label: str) -> str:
    return f"an {label}" if label[0] in "AEIO" else f"a {label}"
