"""`pathproof query`: named queries and the user's own Cypher, as table, CSV or JSON."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from pathproof.cli.options import err
from pathproof.cli.pipeline import open_store_of
from pathproof.cli.printing import check_form, print_rows
from pathproof.config import Settings
from pathproof.errors import UsageError
from pathproof.workspace import Workspace

ROWS = 10_000
LONGEST = 20  # characters of a whole number of 64 bits with its sign
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Question:
    """What was asked on the command line."""

    name: str | None
    parameters: tuple[str, ...]
    cypher: str | None
    form: str
    list_: bool
    limit: int | None
    timeout: float


def ask(settings: Settings, question: Question) -> None:
    """Answer one question on standard output.

    Raises
    ------
    UsageError
        For an unknown query, parameter or format, or Cypher that could write.
    """
    from pathproof.graph_schema.guard import check_read_only
    from pathproof.graph_schema.hints import unknown_kinds, unknown_properties
    from pathproof.graph_schema.queries import load_query

    check_form(question.form)
    if question.list_:
        _list(question)
        return
    if (question.name is None) == (question.cypher is None):
        raise UsageError(
            "Give the name of a query, or --cypher '...'.", action="`pathproof query --list` shows the named queries"
        )
    if question.limit is not None and question.cypher is None:
        raise UsageError(
            "--limit is for your own Cypher.",
            got=f"--limit {question.limit} with the query {question.name}",
            action=f"give limit={question.limit} where the query has such a parameter: `pathproof query --list NAME`",
        )
    columns: list[str] = []
    asked = question.cypher or ""
    parameters: dict[str, Any] = _pairs(question.parameters)
    if question.cypher is not None:
        check_read_only(question.cypher)
        parameters = {name: read_value(text) for name, text in parameters.items()}
    else:
        named = load_query(str(question.name))
        named.bind(parameters)  # what is wrong with them is told before a server starts
        columns, asked = list(named.columns), named.cypher
    remote = settings.store is not None  # then nothing is asked of the workspace, nor is one made
    workspace = Workspace(settings.workspace) if remote else Workspace.open(settings.workspace, create=False)
    with open_store_of(settings, workspace) as store:
        if question.cypher is not None:
            rows = store.user_query(
                question.cypher, parameters, timeout_s=question.timeout, row_limit=question.limit or ROWS
            )
        else:
            rows = store.rows(str(question.name), parameters, timeout_s=question.timeout)
        notices = list(store.notices)
        if not rows and ":Explanation" in asked and not store.read("MATCH (e:Explanation) RETURN e.id LIMIT 1"):
            notices.append("hint: the graph holds no explanations yet: `pathproof run` writes them")
    print_rows(rows, question.form, columns)
    for notice in notices:
        err.print(notice, markup=False, soft_wrap=True)
    if question.cypher is not None:
        for unknown in [*([] if rows else unknown_kinds(question.cypher)), *unknown_properties(question.cypher)]:
            err.print(f"hint: the schema of PathProof has {unknown}", markup=False, soft_wrap=True)


def _list(question: Question) -> None:
    from pathproof.cli.library import show_library, show_query

    if question.name is None:
        show_library(question.form)
    else:
        show_query(question.name, question.form)


def _pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError("A parameter is written key=value.", got=pair, action="for example drug=Trametinib")
        if name in values:
            raise UsageError("A parameter is given twice.", got=pair, action="write a list as genes=BRAF,KRAS")
        values[name] = text
    return values


def read_value(text: str) -> Any:
    """The value of a parameter that nobody declared: a number or a truth value where the text is one.

    In double quotes it is text, whatever it looks like; so is a number that a server cannot hold.
    """
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if _WHOLE.fullmatch(text):
        return int(text) if len(text) <= LONGEST and abs(int(text)) < 2**63 else text
    if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return {"true": True, "false": False}.get(text.lower(), text)
