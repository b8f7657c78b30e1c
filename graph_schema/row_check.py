"""Rows of properties held against the schema, before they are written; the rules are those of :mod:`.rules`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pathproof.errors import nearest
from pathproof.graph_schema.check import Violations
from pathproof.graph_schema.kinds import Property
from pathproof.graph_schema.rules import MISSING, dangling, forbidden, mistyped, too_high, too_low

Known = Callable[[str, str], bool]
_PYTHON: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


def check_rows(
    name: str,
    properties: Sequence[Property],
    rows: Sequence[Mapping[str, Any]],
    wrong: Violations,
    known: Known | None = None,
) -> None:
    """Gather everything in the rows of one kind that the schema does not allow.

    Parameters
    ----------
    name : str
        Label or relationship type, for the messages.
    properties : sequence of Property
        All that a row may have. An absent value is a missing key or None; a required text may not be empty.
    rows : sequence of mapping
    wrong : Violations
        Where it is gathered: unknown names, required values that are missing, wrong types, values that are
        not allowed or out of bounds, references to nodes that are not there.
    known : callable, optional
        Whether there is a node with this label and id; without it references are not checked.
    """
    declared = {one.name: one for one in properties}
    for given in sorted(set().union(*rows) - declared.keys()):
        near = nearest(given, declared)
        wrong.add(f"{name}: no such property in the schema", [given + (f", like {near}" if near else "")])
    for one in properties:
        values = [row.get(one.name) for row in rows]
        if one.required:
            pairs = zip(rows, values, strict=True)
            absent = (row.get("id") or "without id" for row, value in pairs if value is None or value == "")
            wrong.add(f"{name}.{one.name}: {MISSING}", absent)
        fault = _fault_finder(one, known)
        for value in values:
            if value is not None and (reason := fault(value)) is not None:
                wrong.add(f"{name}.{one.name}: {reason}", [repr(value)])


def _fault_finder(one: Property, known: Known | None) -> Callable[[Any], str | None]:
    kind: Any = _PYTHON[one.type.removeprefix("list[").removesuffix("]")]
    allowed = frozenset(one.allowed)
    low = -math.inf if one.low is None else one.low
    high = math.inf if one.high is None else one.high
    number, refers_to = kind in (int, float), one.refers_to

    def of_item(value: Any) -> str | None:
        if type(value) is not kind or (number and not math.isfinite(value)):
            return mistyped(one)
        if allowed and value not in allowed:
            return forbidden(one)
        if number and not low <= value <= high:
            return too_low(one) if value < low else too_high(one)
        if refers_to is not None and known is not None and not known(refers_to, value):
            return dangling(one)
        return None

    def of_list(value: Any) -> str | None:
        if type(value) is not list:
            return mistyped(one)
        return next((reason for item in value if (reason := of_item(item)) is not None), None)

    return of_list if one.type.startswith("list[") else of_item
