"""Numbers that JSON cannot hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any


def not_finite(value: Any, place: str) -> Iterator[str]:
    """Places of the numbers that are not finite."""
    if isinstance(value, float):
        if not math.isfinite(value):
            yield place
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from not_finite(item, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from not_finite(item, f"{place}[{i}]")
