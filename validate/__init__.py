"""Validation. The room can be called: `pathproof.validate(frame)` is :func:`pathproof.validate.anybody.validate`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathproof.validate.anybody import Validation


class _Room(ModuleType):
    """The package as a function, so that importing any part of it does not hide `pathproof.validate(...)`."""

    def __call__(self, *tables: Any, **options: Any) -> Validation:
        from pathproof.validate.anybody import validate

        return validate(*tables, **options)


sys.modules[__name__].__class__ = _Room
