"""What came of the slices: tables, ends of edges, and the account of a file."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pathproof.workspace import Workspace

Made = tuple[Workspace, dict[str, Any]]


def table(made: Made, name: str) -> pd.DataFrame:
    """A table of the workspace, by its path without the suffix."""
    return pd.read_parquet(made[0].root / f"{name}.parquet")


def edges(made: Made, type_: str) -> set[tuple[str, str]]:
    """Start and end of the edges of one type."""
    frame = table(made, f"knowledge/edges/{type_}")
    return set(zip(frame["start"], frame["end"], strict=True))


def source(made: Made, file: str) -> dict[str, Any]:
    """What the manifest says of a file."""
    return next(entry for entry in made[1]["sources"] if entry["file"] == file)
