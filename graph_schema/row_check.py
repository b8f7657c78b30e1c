"""Rows of properties held against the schema, before they are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pathproof.errors import nearest
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.kinds import Property

_PYTHON: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


def check_rows(name: str, properties: Sequence[Property], rows: Sequence[Mapping[str, Any]], wrong: Violations) -> None:
    """Gather everything in the rows of one kind that the schema does not allow.

    Parameters
    ----------
    name : str
        Label or relationship type, for the messages.
    properties : sequence of Property
        All that a row may have. An absent value is a missing key or None.
    rows : sequence of mapping
    wrong : Violations
        Where it is gathered: unknown names, required values that are missing, wrong types, values that are
        not allowed or out of bounds.
    """
    declared = {one.name: one for one in properties}
    for given in sorted(set().union(*rows) - declared.keys()):
        near = nearest(given, declared)
        wrong.add(f"{name}: no such property in the schema", [given + (f", like {near}" if near else "")])
    for one in properties:
        values = [row.get(one.name) for row in rows]
        if one.required:
            absent = (row.get("id", "without id") for row, value in zip(rows, values, strict=True) if value is None)
            wrong.add(f"{name}.{one.name}: required and missing", absent)
        fault = _fault_finder(one)
        for value in values:
            if value is not None and (reason := fault(value)) is not None:
                wrong.add(f"{name}.{one.name}: {reason}", [repr(value)])


def _fault_finder(one: Property) -> Callable[[Any], str | None]:
    kind: Any = _PYTHON[one.type.removeprefix("list[").removesuffix("]")]
    allowed = frozenset(one.allowed)
    low = -math.inf if one.low is None else one.low
    high = math.inf if one.high is None else one.high
    number = kind in (int, float)

    def of_item(value: Any) -> str | None:
        if type(value) is not kind or (number and not math.isfinite(value)):
            return f"not of type {one.type}"
        if allowed and value not in allowed:
            return "not one of " + ", ".join(map(str, one.allowed))
        if number and not low <= value <= high:
            return f"not within {low:g} to {high:g}"
        return None

    def of_list(value: Any) -> str | None:
        if type(value) is not list:
            return f"not of type {one.type}"
        return next((reason for item in value if (reason := of_item(item)) is not None), None)

    return of_list if one.type.startswith("list[") else of_item
