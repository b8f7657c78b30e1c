"""`pathproof query`: named queries and the user's own Cypher, as table, CSV or JSON."""

from __future__ import annotations

import csv
import json
import math
import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from pathproof.cli import options as o
from pathproof.cli.pipeline import open_store_of
from pathproof.config import Settings
from pathproof.errors import UsageError, nearest
from pathproof.workspace import Workspace

PIPE_WIDTH = 100_000  # a pipe has no edge
FORMS = ("table", "csv", "json")


@dataclass(frozen=True)
class Question:
    """What was asked on the command line."""

    name: str | None
    parameters: tuple[str, ...]
    cypher: str | None
    form: str
    list_: bool
    limit: int


def ask(settings: Settings, question: Question) -> None:
    """Answer one question on standard output.

    Raises
    ------
    UsageError
        For an unknown query, parameter or format, or Cypher that could write.
    """
    from pathproof.graph_schema.guard import check_read_only
    from pathproof.graph_schema.queries import list_queries, load_query

    if question.form not in FORMS:
        raise UsageError(
            "Unknown format.",
            where="--format",
            got=question.form,
            allowed=", ".join(FORMS),
            nearest=nearest(question.form, FORMS),
        )
    if question.list_:
        _print_rows([_described(query) for query in list_queries()], question.form)
        return
    if (question.name is None) == (question.cypher is None):
        raise UsageError(
            "Give the name of a query, or --cypher '...'.", action="`pathproof query --list` shows the named queries"
        )
    columns: list[str] = []
    if question.cypher is not None:
        check_read_only(question.cypher)
    else:
        columns = list(load_query(str(question.name)).columns)
    with open_store_of(settings, Workspace.open(settings.workspace, create=settings.store is not None)) as store:
        parameters = _parameters(question.parameters)
        if question.cypher is not None:
            rows = store.user_query(question.cypher, parameters, row_limit=question.limit)
        else:
            rows = store.rows(str(question.name), parameters)
    _print_rows(rows, question.form, columns)


def _described(query: Any) -> dict[str, Any]:
    return {"name": query.name, "question": query.question, "parameters": query.signature()}


def _parameters(pairs: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError("A parameter is written key=value.", got=pair, action="for example drug=Trametinib")
        values[name] = _value(text)
    return values


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)


def _print_rows(rows: list[dict[str, Any]], form: str, columns: list[str] | None = None) -> None:
    names = list(rows[0]) if rows else list(columns or [])
    if form == "json":
        strict = [{name: _finite(value) for name, value in row.items()} for row in rows]
        sys.stdout.write(json.dumps(strict, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
        return
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[_cell(row[name]) for name in names] for row in rows])
        return
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")  # on a narrow terminal nothing is cut off
    for row in rows:
        table.add_row(*(_shown(row[name]) for name in names))
    (o.out if o.out.is_terminal else Console(width=PIPE_WIDTH, highlight=False)).print(table)
    o.err.print(f"{len(rows)} row(s)")


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: they become null, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value


def _cell(value: Any) -> Any:
    return ";".join(str(item) for item in value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    from rich.markup import escape

    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return escape(", ".join(str(item) for item in value))
    return "" if value is None else escape(str(value))
