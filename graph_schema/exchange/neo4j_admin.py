"""CSV files for `neo4j-admin database import full`, with headers as BioCypher writes them.

For each label and relationship type a `<Name>-header.csv` and a `<Name>-part000.csv`; `neo4j-admin-import-call.sh`
starts the import, `after-import.cypher` then creates the constraints and gives back what the import cannot bring:
it makes no difference between an empty list and none, and so drops empty lists. Text is quoted, a quote doubled;
an empty cell is an absent value and `""` an empty text, or an empty list. Items of a list stand between `;`. What
this cannot say is refused by name: a `;` within an item, a list of one empty text, and a property that is an empty
list on some and absent on others of the same kind.

Format: https://neo4j.com/docs/operations-manual/5/tools/neo4j-admin/neo4j-admin-import/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from pathproof.errors import DataError
from pathproof.graph_schema.exchange.rows import (
    EDGE_TYPES,
    LIST,
    NODE_TYPES,
    Edge,
    Node,
    broken,
    from_text,
    item_type,
    to_text,
)
from pathproof.graph_schema.load import schema_statements

CALL, AFTER = "neo4j-admin-import-call.sh", "after-import.cypher"
BETWEEN = ";"
_TYPES = {"str": "string", "int": "long", "float": "double", "bool": "boolean"}
_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|\Z)')
_OPTIONS = (
    "--delimiter=,",
    f"--array-delimiter='{BETWEEN}'",
    "--quote='\"'",
    "--id-type=string",
    "--multiline-fields=true",
    "--ignore-empty-strings=false",
    "--legacy-style-quoting=false",
    "--trim-strings=false",
    "--skip-bad-relationships=false",
    "--skip-duplicate-nodes=false",
)
_Cell = tuple[str, bool]


class _Lists:
    """Which list properties are empty somewhere, and which are absent somewhere."""

    def __init__(self) -> None:
        self.empty: set[tuple[str, str]] = set()
        self.absent: set[tuple[str, str]] = set()

    def see(self, kind: str, name: str, value: list[Any] | None) -> None:
        """Take note of one value."""
        if value is None:
            self.absent.add((kind, name))
        elif not value:
            self.empty.add((kind, name))

    def check(self) -> None:
        """Refuse what the import could not tell apart."""
        if both := sorted(self.empty & self.absent):
            raise DataError(
                "neo4j-admin import makes no difference between an empty list and none, and the graph has both.",
                got=", ".join(f"{kind}.{name}" for kind, name in both),
                action="export to graphml or kgx",
            )


def write(path: Path, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Write the CSV files, the call and the statements that come after it into a folder.

    Raises
    ------
    DataError
        A list cannot be written so that the import reads it back; it is named.
    """
    lists = _Lists()
    with ExitStack() as stack:
        parts: dict[str, TextIO] = {}

        def part(kind: str, header: list[str]) -> TextIO:
            if kind not in parts:
                (path / f"{kind}-header.csv").write_text(",".join(header) + "\n", encoding="utf-8")
                out = (path / f"{kind}-part000.csv").open("w", encoding="utf-8", newline="\n")
                parts[kind] = stack.enter_context(out)
            return parts[kind]

        labels, types = set(), set()
        for node in nodes:
            labels.add(node.label)
            declared = NODE_TYPES[node.label]
            cells = [_quoted(node.id), *_cells(node.label, node.properties, declared, lists), _quoted(node.label)]
            part(node.label, node_header(node.label)).write(",".join(cells) + "\n")
        for edge in edges:
            types.add(edge.type)
            values = _cells(edge.type, edge.properties, EDGE_TYPES[edge.type], lists)
            cells = [_quoted(edge.start), *values, _quoted(edge.end), _quoted(edge.type)]
            part(edge.type, edge_header(edge.type)).write(",".join(cells) + "\n")
    lists.check()
    _write_call(path / CALL, sorted(labels), sorted(types))
    statements = [*schema_statements(), *_fill(lists.empty)]
    (path / AFTER).write_text("".join(f"{one};\n" for one in statements), encoding="utf-8")


def node_header(label: str) -> list[str]:
    """Header of a label's files."""
    return [":ID", *_header(NODE_TYPES[label]), ":LABEL"]


def edge_header(type_: str) -> list[str]:
    """Header of a relationship type's files."""
    return [":START_ID", *_header(EDGE_TYPES[type_]), ":END_ID", ":TYPE"]


def _header(types: Mapping[str, str]) -> list[str]:
    return [
        f"{name}:{_TYPES[item_type(type_)]}" + ("[]" if type_.startswith(LIST) else "") for name, type_ in types.items()
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _cells(kind: str, properties: Mapping[str, Any], types: Mapping[str, str], lists: _Lists) -> Iterator[str]:
    for name, type_ in types.items():
        value = properties.get(name)
        if type_.startswith(LIST):
            lists.see(kind, name, value)
            yield "" if value is None else _quoted(_joined(value, f"{kind}.{name} of {properties.get('id')}"))
        elif value is None:
            yield ""
        else:
            yield _quoted(value) if isinstance(value, str) else to_text(value)


def _joined(value: list[Any], where: str) -> str:
    texts = [to_text(item) for item in value]
    if texts == [""] or any(BETWEEN in text for text in texts):
        raise DataError(
            f"neo4j-admin import cannot read this list: an item holds {BETWEEN!r}, or is an empty text and alone.",
            where=where,
            got=repr(value)[:200],
            action="export to graphml or kgx",
        )
    return BETWEEN.join(texts)


def _fill(empty: set[tuple[str, str]]) -> Iterator[str]:
    for kind, name in sorted(empty):
        match = f"(x:{kind})" if kind in NODE_TYPES else f"()-[x:{kind}]->()"
        batch = f"CALL (x) {{ SET x.{name} = [] }} IN TRANSACTIONS OF 10000 ROWS"
        yield f"MATCH {match} WHERE x.{name} IS NULL {batch}"


def _write_call(path: Path, labels: list[str], types: list[str]) -> None:
    given = [f"--nodes={one}-header.csv,{one}-part000.csv" for one in labels]
    given += [f"--relationships={one}-header.csv,{one}-part000.csv" for one in types]
    lines = (
        "#!/bin/sh",
        "# Loads this folder into an empty database of a stopped Neo4j 5; then start it and run after-import.cypher:",
        f"#   cypher-shell -d neo4j -f {AFTER}",
        "# $NEO4J_ADMIN: the program, if it is not on the path; $DATABASE: the database, if it is not neo4j.",
        "# More options of neo4j-admin can be given as arguments.",
        'cd "$(dirname "$0")" || exit 1',
        'exec "${NEO4J_ADMIN:-neo4j-admin}" database import full "${DATABASE:-neo4j}" \\',
        *(f"  {one} \\" for one in (*_OPTIONS, *given)),
        '  "$@"',
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o755)


def nodes(path: Path) -> Iterator[Node]:
    """The nodes of the folder's files, one after the other."""
    for columns, cells, where in _files(path, ":ID"):
        named = dict(zip(columns, cells, strict=True))
        label = named[":LABEL"][0]
        yield Node(label, {"id": named[":ID"][0], **_values(named, NODE_TYPES.get(label, {}))}, where)


def edges(path: Path) -> Iterator[Edge]:
    """The relationships of the folder's files, one after the other."""
    for columns, cells, where in _files(path, ":START_ID"):
        named = dict(zip(columns, cells, strict=True))
        type_, start, end = (named[name][0] for name in (":TYPE", ":START_ID", ":END_ID"))
        yield Edge(type_, start, end, _values(named, EDGE_TYPES.get(type_, {})), where)


def _values(named: Mapping[str, _Cell], types: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, (text, quoted) in named.items():
        name = column.partition(":")[0]
        if not name or not (text or quoted):
            continue
        type_ = types.get(name, "str")
        if type_.startswith(LIST):
            values[name] = [from_text(item, item_type(type_)) for item in text.split(BETWEEN)] if text else []
        else:
            values[name] = from_text(text, type_)
    return values


def _files(path: Path, mark: str) -> Iterator[tuple[list[str], list[_Cell], str]]:
    needed = (":ID", ":LABEL") if mark == ":ID" else (":START_ID", ":END_ID", ":TYPE")
    for header in sorted(path.glob("*-header.csv")):
        columns = header.read_text(encoding="utf-8").rstrip("\n").split(",")
        if mark not in columns and (":ID" in columns or ":START_ID" in columns):
            continue
        if missing := [name for name in needed if name not in columns]:
            raise broken(header, "line 1", "Columns are missing.", got=f"no {', no '.join(missing)}")
        parts = sorted(path.glob(header.name.replace("-header.csv", "-part*.csv")))
        if not parts:
            what = "A header has no part: the file with its rows is missing."
            raise broken(header, "", what, action="export the graph again")
        for part in parts:
            for cells, number in _records(part):
                if len(cells) != len(columns):
                    got, allowed = f"{len(cells)} cells", f"{len(columns)} cells"
                    raise broken(part, f"line {number}", "A line does not fit the header.", got=got, allowed=allowed)
                yield columns, cells, f"{part.name}, line {number}"


def _records(path: Path) -> Iterator[tuple[list[_Cell], int]]:
    """Cells, each with whether it was quoted (only so an empty text differs from none), and their first line.

    Python's own CSV reader does not tell `""` from nothing.
    """
    held: list[str] = []
    quotes, first = 0, 1
    with path.open(encoding="utf-8", newline="\n") as handle:
        for number, line in enumerate(handle, 1):
            held.append(line)
            quotes += line.count('"')
            if quotes % 2 == 0 and line.endswith("\n"):
                yield _split(path, "".join(held)[:-1], first), first
                held, quotes, first = [], 0, number + 1
    if held:
        raise broken(path, f"line {first}", "A line is not whole: the file is cut off or damaged.", got=held[0][:80])


def _split(path: Path, record: str, number: int) -> list[_Cell]:
    cells: list[_Cell] = []
    at = 0
    while (hit := _FIELD.match(record, at)) is not None:
        text, plain, stop = hit.groups()
        cells.append((plain, False) if text is None else (text.replace('""', '"'), True))
        at = hit.end()
        if not stop:
            return cells
    raise broken(path, f"line {number}", "A quote does not open or close a cell.", got=record[at : at + 80])
