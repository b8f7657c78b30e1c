"""GraphML, as networkx, Gephi, Cytoscape, igraph and APOC read it.

Numbers and booleans keep their types. GraphML has no lists: they stand as JSON text in a string, and the
declaration of their key says so (`<desc>list[str] as JSON</desc>`). An absent property has no `<data>`; an
empty text has an empty one. A node's label stands as `labels=":Gene"`, a relationship's type as
`label="TARGETS"`, each as attribute and as data.

Format: Brandes et al., GraphML Progress Report, 2002, doi:10.1007/3-540-45848-4_59.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pathproof.errors import DataError
from pathproof.graph_schema.exchange.rows import (
    EDGE_TYPES,
    LIST,
    NODE_TYPES,
    Edge,
    Node,
    broken,
    from_text,
    to_text,
)

_XML_TYPES = {"str": "string", "int": "long", "float": "double", "bool": "boolean"}
_ENTITIES = {"\r": "&#13;"}  # a parser would turn it into a line end
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""
_BLOCK = 1 << 16
_ACTION = "export it again, or give the format that it is in"


def _keys() -> dict[tuple[str, str, str], str]:
    """A short key id for each property of nodes and of relationships: the same name may have several types."""
    named = [("node", "labels", "str"), ("edge", "label", "str")]
    for domain, kinds in (("node", NODE_TYPES), ("edge", EDGE_TYPES)):
        pairs = {pair for types in kinds.values() for pair in types.items() if pair[0] != "id"}
        named += [(domain, name, type_) for name, type_ in sorted(pairs)]
    return {one: f"d{i}" for i, one in enumerate(named)}


_KEYS = _keys()


def write(path: Path, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Write one GraphML file.

    Raises
    ------
    DataError
        A text holds a character that XML cannot hold; it is named.
    """
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(_HEAD)
        for domain, name, type_ in _KEYS:
            out.write(_key(domain, name, type_))
        out.write('<graph id="pathproof" edgedefault="directed">\n')
        for node in nodes:
            attributes = f"id={quoteattr(_xml(node.id, node.id))} labels={quoteattr(':' + node.label)}"
            label = ("labels", f":{node.label}")
            _element(out, "node", attributes, label, node.properties, NODE_TYPES[node.label])
        for edge in edges:
            one = str(edge.properties["id"])
            ends = f"source={quoteattr(_xml(edge.start, one))} target={quoteattr(_xml(edge.end, one))}"
            attributes = f"id={quoteattr(_xml(one, one))} {ends} label={quoteattr(edge.type)}"
            _element(out, "edge", attributes, ("label", edge.type), edge.properties, EDGE_TYPES[edge.type])
        out.write("</graph>\n</graphml>\n")


def _key(domain: str, name: str, type_: str) -> str:
    is_list = type_.startswith(LIST)
    desc = f"<desc>{type_} as JSON</desc>" if is_list else ""
    xml_type = "string" if is_list else _XML_TYPES[type_]
    key = _KEYS[domain, name, type_]
    return f'<key id="{key}" for="{domain}" attr.name="{name}" attr.type="{xml_type}">{desc}</key>\n'


def _element(
    out: TextIO,
    tag: str,
    attributes: str,
    label: tuple[str, str],
    properties: Mapping[str, Any],
    types: Mapping[str, str],
) -> None:
    out.write(f'<{tag} {attributes}><data key="{_KEYS[tag, label[0], "str"]}">{label[1]}</data>')
    for name, type_ in types.items():
        value = properties.get(name)
        if value is None or name == "id":
            continue
        text = json.dumps(value, ensure_ascii=False) if type_.startswith(LIST) else to_text(value)
        text = escape(_xml(text, f"{tag} {properties['id']}, {name}"), _ENTITIES)
        out.write(f'<data key="{_KEYS[tag, name, type_]}">{text}</data>')
    out.write(f"</{tag}>\n")


def _xml(text: str, where: str) -> str:
    if (bad := _NOT_XML.search(text)) is not None:
        raise DataError(
            f"GraphML cannot hold the character U+{ord(bad[0]):04X}.",
            where=where,
            got=repr(text[max(0, bad.start() - 20) : bad.end() + 20]),
            action="export to kgx or neo4j-admin, which can",
        )
    return text


def nodes(path: Path) -> Iterator[Node]:
    """The nodes of a GraphML file, one after the other."""
    for one in _read(path):
        if one.tag == "node":
            label = one.data.pop("labels", one.attributes.get("labels", "")).removeprefix(":")
            values = {"id": one.attributes.get("id", ""), **one.data}
            yield Node(label, _typed(values, NODE_TYPES.get(label, {})), one.where)


def edges(path: Path) -> Iterator[Edge]:
    """The relationships of a GraphML file, one after the other."""
    for one in _read(path):
        if one.tag == "edge":
            type_ = one.data.pop("label", one.attributes.get("label", ""))
            values = {**({"id": one.attributes["id"]} if "id" in one.attributes else {}), **one.data}
            ends = one.attributes.get("source", ""), one.attributes.get("target", "")
            yield Edge(type_, *ends, _typed(values, EDGE_TYPES.get(type_, {})), one.where)


def _typed(values: Mapping[str, str], types: Mapping[str, str]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, text in values.items():
        type_ = types.get(name, "str")
        typed[name] = _json(text) if type_.startswith(LIST) else from_text(text, type_)
    return typed


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str]
    where: str
    data: dict[str, str] = field(default_factory=dict)


class _Handler:
    """Gathers whole node and edge elements while the parser runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.whole: list[_Element] = []
        self.in_graphml = False
        self._names: dict[str, str] = {}
        self._open: _Element | None = None
        self._key: str | None = None
        self._text: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype

    @property
    def line(self) -> str:
        return f"line {self.parser.CurrentLineNumber}"

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if not self.in_graphml and tag != "graphml":
            raise broken(self.path, self.line, "This is no GraphML.", got=f"<{tag}>", allowed="<graphml>")
        self.in_graphml = True
        if tag == "key":
            self._names[attributes.get("id", "")] = attributes.get("attr.name", "")
        elif tag in ("node", "edge"):
            self._open = _Element(tag, attributes, self.line)
        elif tag == "data":
            self._key, self._text = attributes.get("key", ""), []

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "data" and self._open is not None and self._key is not None:
            if self._key not in self._names:
                raise broken(self.path, self.line, "A <data> names a key that is not declared.", got=self._key)
            self._open.data[self._names[self._key]] = "".join(self._text)
            self._key = None
        elif tag in ("node", "edge") and self._open is not None:
            self.whole.append(self._open)
            self._open = None

    def _characters(self, text: str) -> None:
        if self._key is not None:
            self._text.append(text)

    def _doctype(self, *_: object) -> None:
        raise broken(self.path, self.line, "A DOCTYPE is not read: it could make a small file huge.", action=_ACTION)


def _read(path: Path) -> Iterator[_Element]:
    handler = _Handler(path)
    with path.open("rb") as handle:
        try:
            while block := handle.read(_BLOCK):
                handler.parser.Parse(block, False)
                yield from handler.whole
                handler.whole.clear()
            handler.parser.Parse(b"", True)
        except expat.ExpatError as error:
            what = "This file is not whole GraphML: it is cut off or damaged."
            where = f"line {error.lineno}"
            raise broken(path, where, what, got=expat.ErrorString(error.code), action=_ACTION) from error
    yield from handler.whole
