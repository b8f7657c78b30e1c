"""The library of named queries: the files of `cypher/`, each with a header that says what it answers.

A header is lines of comments before the statement::

    // name: explanation-of-drug
    // question: What does an explainer claim about a drug?
    // param drug: str (drug) -- name, synonym or id
    // param explainer: str = "pathproof" -- whose explanation
    // column claim: what is claimed

A parameter without `= default` (JSON) must be given. `(drug)` or `(gene)` says that the value names one:
a name that the graph does not hold is then an error, not an empty answer.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from pathproof.errors import UsageError, nearest

_PARAM = re.compile(
    r"(?P<name>\w+): (?P<type>\w+)(?: \((?P<names>drug|gene)\))?(?: = (?P<default>.+?))? -- (?P<meaning>.+)"
)
_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a named query; `default` counts only when it is not `required`.

    `names` is "drug" or "gene" where the value names one, else None.
    """

    name: str
    type: str
    meaning: str
    required: bool
    default: Any = None
    names: str | None = None

    def convert(self, value: Any, where: str) -> Any:
        """The value as this parameter's type; text is read (the command line gives text)."""
        kind = _TYPES[self.type]
        if (value is None and not self.required) or (type(value) is kind):
            return value
        try:
            if kind is bool:
                return {"true": True, "false": False}[str(value).lower()]
            if kind is not str and isinstance(value, str | int) and not isinstance(value, bool):
                return kind(value)
        except (ValueError, KeyError):
            pass
        raise UsageError(
            f"Parameter {self.name} of the query {where} has the wrong type.",
            got=repr(value),
            allowed=f"{self.type} ({self.meaning})",
        )


@dataclass(frozen=True)
class NamedQuery:
    """One query of the library.

    Attributes
    ----------
    name, question : str
    parameters : tuple of Parameter
    columns : dict
        Column name to meaning, in order.
    cypher : str
    """

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
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
    name = question = ""
    parameters: list[Parameter] = []
    columns: dict[str, str] = {}
    body: list[str] = []
    for line in text.splitlines():
        word, _, rest = line.removeprefix("// ").partition(" ")
        if not line.startswith("// "):
            body.append(line)
        elif word == "name:":
            name = rest
        elif word == "question:":
            question = rest
        elif word == "column":
            column, _, meaning = rest.partition(": ")
            columns[column] = meaning
        elif word == "param" and (match := _PARAM.fullmatch(rest)):
            default = match["default"]
            value = None if default is None else json.loads(default)
            parameters.append(
                Parameter(match["name"], match["type"], match["meaning"], default is None, value, match["names"])
            )
        else:
            raise ValueError(f"{where}: cannot read the header line {line!r}")
    cypher = "\n".join(body).strip()
    if not (name and question and columns and cypher) or f"{name}.cypher" != where:
        raise ValueError(f"{where}: the header needs name (as the file), question and columns, then a statement")
    return NamedQuery(name, question, tuple(parameters), columns, cypher)
