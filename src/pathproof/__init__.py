"""PathProof: is what explains the prediction real biology?

The public names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "Claim": "pathproof.graph_schema.records",
    "Explanation": "pathproof.graph_schema.records",
    "GraphStore": "pathproof.graph_schema.store",
    "PathproofError": "pathproof.errors",
    "Workspace": "pathproof.workspace",
    "open_graph": "pathproof.graph_schema.opening",
    "open_store": "pathproof.graph_schema.store",
}
_ROOMS = ("validate",)  # a room that can be called: pathproof.validate(frame)
__all__ = [
    "Claim",
    "Explanation",
    "GraphStore",
    "PathproofError",
    "Workspace",
    "__version__",
    "open_graph",
    "open_store",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name in _ROOMS:
        return import_module(f"pathproof.{name}")
    raise AttributeError(f"module 'pathproof' has no attribute {name!r}")
