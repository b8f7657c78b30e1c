"""The schema as a page: docs/graph.md is this text, held by a test."""

from __future__ import annotations

from collections.abc import Iterable

from pathproof.graph_schema.schema import EDGE_CORE, KNOWLEDGE_EDGES, NODES, RESULT_EDGES, EdgeKind, Property

INTRODUCTION = """\
# The graph

What the graph holds, made from `graph_schema/schema.py` by `pathproof store schema`. Knowledge comes from the
providers' files and can be rebuilt from the workspace at any time; explanations are subgraphs beside it: deleting one
never touches knowledge. Labels and predicates are Biolink's where it has one.

```mermaid
graph LR
  Gene -- PARTICIPATES_IN --> Pathway
  Pathway -- PART_OF --> Pathway
  Drug -- TARGETS --> Gene
  Gene -- "AFFECTS, REGULATES" --> Gene
  Gene -- "CONFERS_RESISTANCE_TO, CONFERS_SENSITIVITY_TO" --> Drug
  Pathway -- DESCRIBES_RESISTANCE_TO --> Drug
  Explanation -- EXPLAINS --> Drug
  Explanation -- OF_MODEL --> Model
  Explanation -- HAS_CLAIM --> Claim["GeneClaim, ModuleClaim, PathwayClaim, InteractionClaim"]
  Claim -- CLAIMS_GENE --> Gene
  Claim -- CLAIMS_PATHWAY --> Pathway
  ValidationRun -- JUDGED --> Claim
```
"""


def schema_page() -> str:
    """The whole schema as Markdown."""
    parts = [INTRODUCTION, "## Nodes\n"]
    for node in NODES:
        searched = f" Indexed for look-up: `{node.lookup}`." if node.lookup else ""
        parts.append(f"### {node.label}\n\n{_sentence(node.meaning)}{searched}\n\n{_table(node.properties)}")
    parts.append("## Relationships of the knowledge\n\nEvery one of them has:\n\n" + _table(EDGE_CORE))
    parts.extend(_edge(kind) for kind in KNOWLEDGE_EDGES)
    parts.append("## Relationships of explanations\n")
    parts.extend(_edge(kind) for kind in RESULT_EDGES)
    return "\n".join(parts).rstrip() + "\n"


def _edge(kind: EdgeKind) -> str:
    ends = f"({' or '.join(kind.start)}) → ({' or '.join(kind.end)})"
    predicate = f" Predicate `{kind.predicate}`." if kind.predicate else ""
    table = "\n" + _table(kind.properties) if kind.properties else ""
    return f"### {kind.type}\n\n{ends}: {_sentence(kind.meaning)}{predicate}\n{table}"


def _table(properties: Iterable[Property]) -> str:
    rows = [
        f"| `{item.name}` | {item.type} | {'yes' if item.required else ''} | {item.meaning} |\n" for item in properties
    ]
    return "| property | type | required | meaning |\n|---|---|---|---|\n" + "".join(rows)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
