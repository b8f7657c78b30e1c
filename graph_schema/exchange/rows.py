"""What the exchange formats carry: nodes and relationships as plain rows, and how values are spelt as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathproof.errors import DataError
from pathproof.graph_schema.schema import EDGE_BY_TYPE, EDGE_CORE, EDGES, NODE_BY_LABEL, NODES, Property

LIST = "list["
_INT = re.compile(r"[+-]?[0-9]{1,19}")
_INT_LIMIT = 2**63
_BOOLS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Node:
    """A node: its label and properties (with `id`; absent ones left out); `where` is its place in a file."""

    label: str
    properties: dict[str, Any]
    where: str = ""

    @property
    def id(self) -> str:
        return str(self.properties.get("id", ""))


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship: its type, the ids of its ends (unique in the whole graph), its properties, its place."""

    type: str
    start: str
    end: str
    properties: dict[str, Any]
    where: str = ""


def node_properties() -> list[str]:
    """Names of the properties of any label, in the schema's order."""
    return list(dict.fromkeys(one.name for kind in NODES for one in kind.properties))


def edge_properties() -> list[str]:
    """Names of the properties of any relationship type, in the schema's order."""
    own = (one.name for kind in EDGES for one in kind.properties)
    return list(dict.fromkeys([*(one.name for one in EDGE_CORE), *own]))


def _types() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    nodes = {label: {one.name: one.type for one in kind.properties} for label, kind in NODE_BY_LABEL.items()}
    edges = {type_: {one.name: one.type for one in of_type(type_)} for type_ in EDGE_BY_TYPE}
    return nodes, edges


def of_type(type_: str) -> tuple[Property, ...]:
    """All properties of a relationship type."""
    return EDGE_CORE + EDGE_BY_TYPE[type_].properties


NODE_TYPES, EDGE_TYPES = _types()


def item_type(type_: str) -> str:
    """The type of a list's items; a scalar's own."""
    return type_.removeprefix(LIST).removesuffix("]")


def to_text(value: Any) -> str:
    """A scalar as text: true and false, the shortest decimal that reads back as the same float, text as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def from_text(text: str, type_: str) -> Any:
    """The scalar that :func:`to_text` spelt; the text itself where it is none of this type (the check tells it)."""
    if type_ == "bool":
        return _BOOLS.get(text.lower(), text)
    if type_ == "int":
        return int(text) if _INT.fullmatch(text) and -_INT_LIMIT <= int(text) < _INT_LIMIT else text
    if type_ == "float":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def broken(path: Path, where: str, what: str, **facts: Any) -> DataError:
    """A file that cannot be read as its format."""
    return DataError(what, where=f"{path}, {where}" if where else path, **facts)
