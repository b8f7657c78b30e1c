"""Parameters of named queries: their types, and values of the command line or of Python made to fit."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

from pathproof.errors import UsageError

TYPES = ("str", "int", "float", "bool", "list[str]", "list[int]", "list[float]")
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a named query.

    Attributes
    ----------
    name : str
    type : str
        One of :data:`TYPES`.
    meaning : str
    required : bool
    default : any
        Counts only when it is not `required`.
    names : str or None
        The kind of thing that the value names (:data:`pathproof.graph_schema.names.KINDS`).
    low, high : float or None
        Inclusive bounds of a number.
    allowed : tuple of str
        The only values there are; empty for any.
    """

    name: str
    type: str
    meaning: str
    required: bool
    default: Any = None
    names: str | None = None
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()

    def convert(self, value: Any, where: str) -> Any:
        """The value as this parameter's type: text of the command line is read, a list of it at its commas.

        Raises
        ------
        UsageError
            It has another type or is out of bounds.
        """
        if value is None and not self.required:
            return None
        inner = self.type.removeprefix("list[").removesuffix("]")
        if inner == self.type:
            return self._one(value, inner, where)
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple):
            raise self._wrong(value, where)
        return [self._one(item, inner, where) for item in value]

    def _one(self, value: Any, kind: str, where: str) -> Any:
        try:
            read = _read(value, kind)
        except (ValueError, KeyError):
            raise self._wrong(value, where) from None
        if isinstance(read, int | float) and not (
            (self.low is None or read >= self.low) and (self.high is None or read <= self.high)
        ):
            raise self._wrong(value, where)
        if self.allowed and read not in self.allowed:
            raise self._wrong(value, where)
        return read

    def _wrong(self, value: Any, where: str) -> UsageError:
        bounds = ", ".join(self.allowed) if self.low is None else f"from {self.low:g} to {self.high:g}"
        return UsageError(
            f"Parameter {self.name} of the query {where} has the wrong type or lies out of bounds.",
            got=repr(value),
            allowed=f"{self.type} {bounds}".rstrip() + f" ({self.meaning})",
        )


def _read(value: Any, kind: str) -> Any:
    """One value as str, int, float or bool; ValueError or KeyError where it is none."""
    if kind == "bool":
        return bool(value) if isinstance(value, bool) else _TRUTH[str(value).lower()]
    if kind == "str":
        if not isinstance(value, str):
            raise ValueError(value)
        return str(value)
    number = isinstance(value, numbers.Integral if kind == "int" else numbers.Real) and not isinstance(value, bool)
    if not number and not isinstance(value, str):
        raise ValueError(value)
    if kind == "int":
        return int(value)
    read = float(value)
    if not math.isfinite(read):
        raise ValueError(value)
    return read
