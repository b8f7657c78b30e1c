"""Random graphs that fit the schema, and how a test writes and reads them without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pathproof.graph_schema.exchange.formats import FORMATS
from pathproof.graph_schema.exchange.rows import Edge, Node, of_type
from pathproof.graph_schema.kinds import Property
from pathproof.graph_schema.schema import EDGES, NODES

AWKWARD = (
    '"',
    '""',
    "'",
    "a;b",
    "a|b",
    "\\",
    "\\n",
    "\\N",
    "\\e",
    "\n",
    "\r\n",
    "\t",
    ",",
    " ",
    "<&>",
    "]]>",
    "é😀\u2028",
)
INT64 = st.integers(-(2**63), 2**63 - 1)


def texts(form: str) -> st.SearchStrategy[str]:
    """Texts of any characters that the format can hold: XML has no control characters."""
    banned: dict[str, Any] = {"exclude_categories": ("Cs",)}
    if form == "graphml":
        banned["exclude_characters"] = [chr(i) for i in range(32) if chr(i) not in "\t\n\r"] + ["\ufffe", "\uffff"]
    return st.one_of(st.sampled_from(["", *AWKWARD]), st.text(st.characters(**banned), max_size=12))


def _scalar(one: Property, form: str) -> st.SearchStrategy[Any]:
    if one.allowed:
        return st.sampled_from(one.allowed)
    type_ = one.type.removeprefix("list[").removesuffix("]")
    low, high = one.low, one.high
    if type_ == "int":
        return st.integers(-(2**63) if low is None else int(low), 2**63 - 1 if high is None else int(high))
    if type_ == "float":
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    return st.booleans() if type_ == "bool" else texts(form)


def _value(one: Property, form: str) -> st.SearchStrategy[Any]:
    if not one.type.startswith("list["):
        return _scalar(one, form)
    values = st.lists(_scalar(one, form), max_size=3)
    if form == "neo4j-admin":  # what it refuses by name
        values = values.filter(lambda some: some != [""] and not any(";" in str(item) for item in some))
    return values


@st.composite
def properties(draw: st.DrawFn, declared: tuple[Property, ...], form: str, id_: str) -> dict[str, Any]:
    """Values for a kind: required ones always, others sometimes; lists of neo4j-admin always."""
    made: dict[str, Any] = {}
    for one in declared:
        if one.name == "id":
            made["id"] = id_
        elif one.required or (form == "neo4j-admin" and one.type.startswith("list[")) or draw(st.booleans()):
            made[one.name] = draw(_value(one, form))
    return made


@st.composite
def graphs(draw: st.DrawFn, form: str) -> tuple[list[Node], list[Edge]]:
    """A few nodes of some labels, and relationships between them where the schema allows some."""
    nodes: list[Node] = []
    names = draw(st.lists(texts(form).filter(bool), unique=True, min_size=1, max_size=6))
    for name in names:
        kind = draw(st.sampled_from(NODES))
        nodes.append(Node(kind.label, draw(properties(kind.properties, form, name))))
    ends = [
        (kind.type, a.id, b.id)
        for kind in EDGES
        for a in nodes
        for b in nodes
        if a.label in kind.start and b.label in kind.end
    ]
    edges = []
    if ends:
        for i, (type_, start, end) in enumerate(draw(st.lists(st.sampled_from(ends), max_size=6))):
            edges.append(Edge(type_, start, end, draw(properties(of_type(type_), form, f"edge {i}"))))
    return nodes, edges


def written(folder: Path, form: str, nodes: list[Node], edges: list[Edge]) -> Path:
    """The rows in a file or folder of the format."""
    path = folder / "graph"
    if FORMATS[form].needs:
        path.mkdir()
    FORMATS[form].write(path, iter(nodes), iter(edges))
    return path


def texts_of(rows: list[Node] | list[Edge]) -> list[str]:
    """The rows in an order and a spelling that compare types too, without their places."""
    return sorted(
        json.dumps(
            [one.label if isinstance(one, Node) else [one.type, one.start, one.end], one.properties], sort_keys=True
        )
        for one in rows
    )
