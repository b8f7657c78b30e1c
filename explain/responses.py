"""The responses of one drug screen, and the steps by which its pairs became fewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from pathproof.errors import DataError, UsageError
from pathproof.graph_schema.screens import checked_screen, ingested_screen
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset


COLUMNS_AT_ONCE = 2000
"""Read in one go, the 24,000 columns of a genome-wide layer take thirty times the memory of their numbers."""


def read_table(path: Path) -> pd.DataFrame:
    """A table that `ingest` wrote."""
    if not path.is_file():
        raise DataError(f"The table {path.name} is missing.", where=path, action="run `pathproof ingest` first")
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        starts = range(0, len(names), COLUMNS_AT_ONCE)
        parts: list[pd.DataFrame] = [file.read(names[i : i + COLUMNS_AT_ONCE]).to_pandas() for i in starts]
    return parts[0] if len(parts) == 1 else pd.concat(parts, axis=1)


def read_responses(
    workspace: Workspace, screen: str, max_rmse: float | None, left_out: dict[str, int] | None = None
) -> pd.DataFrame:
    """The rows of one screen that have an ln IC50; what the filter by fit error leaves out is counted in `left_out`."""
    folder = workspace.tables / "screens"
    present = [path.stem for path in folder.glob("*.parquet")]
    name = ingested_screen(screen, present) if present else checked_screen(screen)
    table = read_table(folder / f"{name}.parquet")
    if max_rmse is not None:
        if table["rmse"].isna().all():
            raise UsageError(
                "This screen's file gives no errors of the fits, so they cannot be limited.",
                got=f"--max-rmse {max_rmse:g}",
                where=folder / f"{name}.parquet",
                action="leave the limit out, or take the provider's full file",
            )
        poor = ~(table["rmse"] <= max_rmse)
        if left_out is not None:
            left_out[f"responses with a fit error above {max_rmse:g}"] = int(poor.sum())
        table = table[~poor]
    table = table[table["ln_ic50"].notna()]
    if table.empty:
        raise DataError("No response is left of this screen.", where=folder / f"{name}.parquet", got=f"screen {name}")
    return table


def attrition_of(screens: Sequence[Mapping[str, Any]], dataset: Dataset) -> list[dict[str, Any]]:
    """The steps of the dataset's screen, as the manifest lists them, and that of the filter by fit error.

    Parameters
    ----------
    screens : sequence of mapping
        `screens` of the manifest.
    dataset : Dataset
    """
    steps = [dict(step) for one in screens if one["screen"] == dataset.screen for step in one["attrition"]]
    if dataset.max_rmse is None:
        return steps
    filtered = {
        "step": f"with a fit error of at most {dataset.max_rmse:g}",
        "cell_lines": len(dataset.cell_lines),
        "drugs": len(dataset.drugs),
        "genes": len(dataset.genes),
        "rows": int(np.isfinite(dataset.y).sum()),
        "why": "asked for with --max-rmse; of the pairs with expression",
    }
    return [*steps, filtered]
