r"""KGX TSV: a folder with nodes.tsv and edges.tsv, as the Biolink tools read them.

Besides the columns that KGX asks for (id, category, name; subject, predicate, object and the source's), there is
one for each property of the schema, `pathproof_label` (the node's label) and `pathproof_type` (the relationship's
type). Items of a list stand between `|`. So that nothing is lost, a backslash, tab, line end, carriage return and,
in a list's item, a bar are written `\\`, `\t`, `\n`, `\r` and `\p`; an empty text is `\e`. An empty cell is an absent
value, or an empty list where a list belongs; an absent list is `\N`. `name` repeats what people type where a label
has no name of its own (a gene's symbol).

Format: https://github.com/biolink/kgx/blob/master/specification/kgx-format.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from pathproof.graph_schema.exchange.rows import (
    EDGE_TYPES,
    LIST,
    NODE_TYPES,
    Edge,
    Node,
    broken,
    edge_properties,
    from_text,
    item_type,
    node_properties,
    to_text,
)
from pathproof.graph_schema.schema import NODE_BY_LABEL

LABEL, TYPE = "pathproof_label", "pathproof_type"
_NODE_FIRST = ("id", "category", "name", "provided_by", LABEL)
_EDGE_FIRST = ("id", "subject", "predicate", "object", TYPE)
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "|": "\\p"}
_SPECIAL = re.compile(r"[\\\t\n\r]")
_SPECIAL_IN_LIST = re.compile(r"[\\\t\n\r|]")
_BACK = {text[1]: char for char, text in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\([\\tnrp])")
_EMPTY, _ABSENT = "\\e", "\\N"


def write(path: Path, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Write nodes.tsv and edges.tsv into a folder."""
    columns = [*_NODE_FIRST, *(name for name in node_properties() if name not in _NODE_FIRST)]
    with (path / "nodes.tsv").open("w", encoding="utf-8", newline="\n") as out:
        _line(out, columns)
        for node in nodes:
            kind = NODE_BY_LABEL[node.label]
            cells = _cells(node.properties, NODE_TYPES[node.label])
            cells |= {"category": kind.category, LABEL: node.label}
            if kind.lookup is not None:
                cells.setdefault("name", cells.get(kind.lookup, ""))
            _line(out, (cells.get(name, "") for name in columns))
    columns = [*_EDGE_FIRST, *(name for name in edge_properties() if name not in _EDGE_FIRST)]
    with (path / "edges.tsv").open("w", encoding="utf-8", newline="\n") as out:
        _line(out, columns)
        for edge in edges:
            cells = _cells(edge.properties, EDGE_TYPES[edge.type])
            cells |= {"subject": _escape(edge.start), "object": _escape(edge.end), TYPE: edge.type}
            _line(out, (cells.get(name, "") for name in columns))


def _line(out: TextIO, cells: Iterable[str]) -> None:
    out.write("\t".join(cells) + "\n")


def _cells(properties: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, str]:
    cells = {}
    for name, type_ in types.items():
        value = properties.get(name)
        if type_.startswith(LIST):
            texts = None if value is None else (_escape(to_text(item), in_list=True) for item in value)
            cells[name] = _ABSENT if texts is None else "|".join(texts)
        elif value is not None:
            cells[name] = _escape(to_text(value))
    return cells


def _escape(text: str, *, in_list: bool = False) -> str:
    return (_SPECIAL_IN_LIST if in_list else _SPECIAL).sub(lambda hit: _ESCAPES[hit[0]], text) or _EMPTY


def _unescape(cell: str) -> str:
    return "" if cell == _EMPTY else _ESCAPED.sub(lambda hit: _BACK[hit[1]], cell)


def nodes(path: Path) -> Iterator[Node]:
    """The nodes of nodes.tsv, one after the other."""
    for cells, where in _rows(path / "nodes.tsv", ("id", "category", LABEL)):
        label = _unescape(cells.pop(LABEL))
        types = NODE_TYPES.get(label, {})
        properties = _values(cells, types, {"category", "name"} - types.keys())
        yield Node(label, properties, where)


def edges(path: Path) -> Iterator[Edge]:
    """The relationships of edges.tsv, one after the other."""
    for cells, where in _rows(path / "edges.tsv", ("id", "subject", "predicate", "object", TYPE)):
        type_, start, end = (_unescape(cells.pop(name)) for name in (TYPE, "subject", "object"))
        yield Edge(type_, start, end, _values(cells, EDGE_TYPES.get(type_, {}), set()), where)


def _values(cells: Mapping[str, str], types: Mapping[str, str], derived: set[str]) -> dict[str, Any]:
    """Typed values; columns that KGX wants and we derive are left out, unknown ones stay for the check to name."""
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        type_ = types.get(name)
        if type_ is not None and type_.startswith(LIST):
            if cell != _ABSENT:
                items = cell.split("|") if cell else []
                values[name] = [from_text(_unescape(item), item_type(type_)) for item in items]
        elif cell and name not in derived:
            values[name] = from_text(_unescape(cell), type_ or "str")
    return values


def _rows(path: Path, needed: Iterable[str]) -> Iterator[tuple[dict[str, str], str]]:
    with path.open(encoding="utf-8-sig", newline="\n") as handle:  # other programs write a byte-order mark or CRLF
        columns = _cut(handle.readline())
        if missing := [name for name in needed if name not in columns]:
            raise broken(path, "line 1", "Columns are missing.", got=f"no {', no '.join(missing)}")
        if len(set(columns)) < len(columns):
            raise broken(path, "line 1", "A column comes twice.", got=", ".join(columns))
        for number, line in enumerate(handle, 2):
            cells = _cut(line)
            if len(cells) != len(columns) or not line.endswith("\n"):
                what = "A line is not whole: the file is cut off or damaged."
                got = f"{len(cells)} cells" + ("" if line.endswith("\n") else ", no line end")
                raise broken(path, f"line {number}", what, got=got, allowed=f"{len(columns)} cells and a line end")
            yield dict(zip(columns, cells, strict=True)), f"{path.name}, line {number}"


def _cut(line: str) -> list[str]:
    return line.removesuffix("\n").removesuffix("\r").split("\t")
