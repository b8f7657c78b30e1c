"""`pathproof query --list`: the named queries by who asks, and one of them with its parameters and columns."""

from __future__ import annotations

from typing import Any

from rich.padding import Padding

from pathproof.cli.printing import Rows, console, print_rows, table_of
from pathproof.graph_schema.queries import ASKERS, NamedQuery, list_queries, load_query

TITLES = {
    "biologist": "For a biologist",
    "reviewer": "For a reviewer",
    "pharmacologist": "For a pharmacologist",
    "program": "Whole tables, for a program",
}


def show_library(form: str) -> None:
    """All queries: name and question; as CSV and JSON also who asks and the parameters in short."""
    queries = list_queries()
    if form != "table":
        print_rows([_described(query) for query in queries], form)
        return
    out = console()
    for asker in ASKERS:
        out.print(f"[bold]{TITLES[asker]}[/bold]")
        rows = [{"name": query.name, "question": query.question} for query in queries if query.asker == asker]
        out.print(_indented(rows, ("name",)))
    out.print("`pathproof query --list NAME` shows the parameters and columns of one.")


def show_query(name: str, form: str) -> None:
    """One query: its question, parameters, columns and statement.

    Raises
    ------
    UsageError
        There is none of this name.
    """
    query = load_query(name)
    if form == "json":
        print_rows([{**_described(query), "parameters": _parameters(query), "columns": _columns(query)}], form)
        return
    if form == "csv":
        print_rows([{"what": "parameter", **row} for row in _parameters(query)], form)
        return
    out = console()
    words = " ".join(f"{one.name}=..." for one in query.parameters if one.required)
    out.print(f"[bold]{query.name}[/bold]: {query.question}")
    out.print(f"pathproof query {query.name} {words}".rstrip() + "\n")
    for title, rows in (("Parameters", _parameters(query)), ("Columns", _columns(query))):
        if rows:
            out.print(f"[bold]{title}[/bold]")
            out.print(_indented(rows, ("name", "type", "default")))


def _indented(rows: Rows, kept: tuple[str, ...]) -> Padding:
    return Padding(table_of(rows, headed=False, kept=kept), (0, 0, 1, 2), expand=False)


def _described(query: NamedQuery) -> dict[str, Any]:
    return {"name": query.name, "for": query.asker, "question": query.question, "parameters": query.signature()}


def _parameters(query: NamedQuery) -> Rows:
    return [
        {
            "name": one.name,
            "type": one.type,
            "default": "needed" if one.required else "none" if one.default is None else str(one.default),
            "meaning": one.meaning,
        }
        for one in query.parameters
    ]


def _columns(query: NamedQuery) -> Rows:
    return [{"name": name, "type": one.type, "meaning": one.meaning} for name, one in query.columns.items()]
