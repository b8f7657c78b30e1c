"""The library of named queries: the files of `cypher/`, each with a header that says what it answers.

A header is lines of comments before the statement::

    // name: explanation-of-drug
    // for: biologist
    // question: What does an explainer claim about a drug?
    // param drug: str (drug) -- name, synonym or id
    // param least: float [0..1] = 0.5 -- least confidence
    // column claim: str -- what is claimed

A parameter without `= default` (JSON) must be given; `[low..high]` bounds a number, `{A, B}` lists all values.
`(drug)`, `(gene)` or another kind of :mod:`.names` says that the value names one: a name that the graph does not
hold is then an error, not an empty answer. `for` is who asks: biologist, reviewer, pharmacologist, or program for
whole tables.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import pandas as pd

from pathproof.errors import UsageError, nearest
from pathproof.graph_schema.names import KINDS
from pathproof.graph_schema.parameters import TYPES, Parameter

ASKERS = ("biologist", "reviewer", "pharmacologist", "program")
DTYPES = {"str": "string", "int": "Int64", "float": "float64", "bool": "boolean"}
_PARAM = re.compile(
    r"(?P<name>\w+): (?P<type>[\w\[\]]+?)(?: \((?P<names>\w+)\))?(?: \{(?P<allowed>[^}]+)\})?"
    r"(?: \[(?P<low>[^.]+)\.\.(?P<high>[^\]]+)\])?(?: = (?P<default>.+?))? -- (?P<meaning>.+)"
)
_COLUMN = re.compile(r"(?P<name>\w+): (?P<type>[\w\[\]]+) -- (?P<meaning>.+)")


@dataclass(frozen=True)
class Column:
    """A column of a query's answer; the type is "str", "int", "float", "bool" or a list of one as "list[str]"."""

    type: str
    meaning: str


@dataclass(frozen=True)
class NamedQuery:
    """One query of the library.

    Attributes
    ----------
    name, question : str
    asker : str
        One of :data:`ASKERS`.
    parameters : tuple of Parameter
    columns : dict
        By name, in order.
    cypher : str
    """

    name: str
    question: str
    asker: str
    parameters: tuple[Parameter, ...]
    columns: dict[str, Column]
    cypher: str

    def signature(self) -> str:
        """The parameters in short, as in "drug, explainer='pathproof'"; empty when there is none."""
        return ", ".join(one.name if one.required else f"{one.name}={one.default!r}" for one in self.parameters)

    def bind(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters with defaults filled in.

        Raises
        ------
        UsageError
            An unknown name, a missing one or a wrong type.
        """
        names = [one.name for one in self.parameters]
        for given in params:
            if given not in names:
                raise UsageError(
                    f"The query {self.name} has no parameter {given!r}.",
                    allowed=", ".join(names) or "none",
                    nearest=nearest(given, names),
                )
        missing = [one for one in self.parameters if one.required and params.get(one.name) is None]
        if missing:
            raise UsageError(
                f"The query {self.name} needs {' and '.join(one.name for one in missing)}.",
                allowed="; ".join(f"{one.name}: {one.type}, {one.meaning}" for one in missing),
                action=f"pathproof query {self.name} " + " ".join(f"{one.name}=..." for one in missing),
            )
        return {one.name: one.convert(params.get(one.name, one.default), self.name) for one in self.parameters}

    def frame(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """The rows as a frame with this query's columns and their types, also without a row."""
        return pd.DataFrame(
            {
                name: pd.Series([row[name] for row in rows], dtype=DTYPES.get(column.type, "object"))  # lists: object
                for name, column in self.columns.items()
            }
        )


def list_queries() -> list[NamedQuery]:
    """All queries of the library, by name."""
    return list(_library().values())


def load_query(name: str) -> NamedQuery:
    """The query with this name.

    Raises
    ------
    UsageError
        There is none; the nearest name is shown.
    """
    library = _library()
    if name not in library:
        raise UsageError(
            f"There is no query named {name!r}.", allowed=", ".join(library), nearest=nearest(name, library, 0.5)
        )
    return library[name]


@functools.cache
def _library() -> dict[str, NamedQuery]:
    folder = resources.files("pathproof.graph_schema") / "cypher"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".cypher")), key=lambda one: one.name)
    parsed = [parse_query(one.read_text(encoding="utf-8"), one.name) for one in files]
    return {query.name: query for query in parsed}


def parse_query(text: str, where: str) -> NamedQuery:
    """Read one file of the library; a header that is not as above is a ValueError (ours, not the user's)."""
    said = {"name:": "", "for:": "", "question:": ""}
    parameters: list[Parameter] = []
    columns: dict[str, Column] = {}
    body: list[str] = []
    for line in text.splitlines():
        word, _, rest = line.removeprefix("// ").partition(" ")
        if not line.startswith("// "):
            body.append(line)
        elif word in said:
            said[word] = rest
        elif word == "column" and (match := _COLUMN.fullmatch(rest)) and match["type"] in TYPES:
            columns[match["name"]] = Column(match["type"], match["meaning"])
        elif word == "param" and (match := _PARAM.fullmatch(rest)) and match["type"] in TYPES:
            parameters.append(_parameter(match, where))
        else:
            raise ValueError(f"{where}: cannot read the header line {line!r}")
    name, asker, question = said.values()
    cypher = "\n".join(body).strip()
    if not (question and columns and cypher) or f"{name}.cypher" != where or asker not in ASKERS:
        raise ValueError(f"{where}: the header needs name (as the file), for, question and columns, then a statement")
    return NamedQuery(name, question, asker, tuple(parameters), columns, cypher)


def _parameter(match: re.Match[str], where: str) -> Parameter:
    if match["names"] is not None and match["names"] not in KINDS:
        raise ValueError(f"{where}: nothing can be named as a {match['names']}")
    return Parameter(
        match["name"],
        match["type"],
        match["meaning"],
        required=match["default"] is None,
        default=None if match["default"] is None else json.loads(match["default"]),
        names=match["names"],
        allowed=tuple(match["allowed"].split(", ")) if match["allowed"] else (),
        low=None if match["low"] is None else float(match["low"]),
        high=None if match["high"] is None else float(match["high"]),
    )
