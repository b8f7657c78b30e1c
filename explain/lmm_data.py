"""The lines that the association test can use: a predictor needs expression, a mutation test does not."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.errors import DataError
from pathproof.explain.data import UNKNOWN, Dataset, load_dataset
from pathproof.explain.responses import read_responses
from pathproof.graph_schema.screens import DEFAULT_SCREEN
from pathproof.workspace import Workspace


def association_dataset(
    workspace: Workspace, *, screen: str = DEFAULT_SCREEN, max_rmse: float | None = None
) -> Dataset:
    """Read the tables of :func:`pathproof.explain.data.load_dataset`, with all screened lines that have any layer.

    Lines without expression come in for the mutation tests (in public screens this nearly doubles
    them); `has_layer` says which layer a line has, and `x` is 0 where it has none.

    Parameters
    ----------
    workspace : Workspace
    screen, max_rmse
        Which responses, as for `load_dataset`.

    Returns
    -------
    Dataset
        Sorted lines; exactly the features and drugs of `load_dataset`, in the same order, so that the
        rows and columns of an association table are those of the predictor's data.

    Raises
    ------
    DataError
        A table is missing, names a line twice, or nothing is left after the join.
    """
    base = load_dataset(workspace, screen=screen, max_rmse=max_rmse)
    responses = read_responses(workspace, screen, max_rmse)
    responses = responses[responses["drug"].isin(base.drugs)]
    layers = {"expression": _table(workspace, "expression"), "mutation": _table(workspace, "mutations")}
    measured = {name: frozenset(table.index) for name, table in layers.items()}
    lines = sorted(set(responses["cell_line"]) & frozenset.union(*measured.values()))
    columns = {name: [f.gene for f in base.features if f.layer == name] for name in layers}
    about = _table(workspace, "cell_lines").reindex(lines)
    pairs = responses.pivot(index="cell_line", columns="drug", values="ln_ic50")
    return dataclasses.replace(
        base,
        cell_lines=tuple(lines),
        x=np.concatenate([_aligned(layers[name][columns[name]], lines) for name in layers], axis=1),
        has_layer={name: np.asarray([line in held for line in lines]) for name, held in measured.items()},
        tissue=_labels(about["tissue"]),
        covariates={key: _labels(about[key]) for key in ("cancer_type", "growth")},
        y=pairs.reindex(index=lines, columns=list(base.drugs)).to_numpy(dtype=np.float64),
        left_out={},
    )


def evidence_dataset(dataset: Dataset, workspace: Workspace) -> Dataset:
    """The lines on which claims about a predictor's dataset are tested: :func:`association_dataset` where it came from.

    Parameters
    ----------
    dataset : Dataset
        What the predictor learned from.
    workspace : Workspace

    Returns
    -------
    Dataset
        Same features and drugs. A dataset that was not read from tables (the workspace holds none)
        comes back as it is.

    Raises
    ------
    DataError
        When the workspace's tables are not those that the dataset was read from.
    """
    if not (workspace.tables / "expression.parquet").is_file():
        return dataset
    wide = association_dataset(workspace, screen=dataset.screen, max_rmse=dataset.max_rmse)
    if (wide.features, wide.drugs) != (dataset.features, dataset.drugs):
        raise DataError(
            "The workspace's tables are not those that this dataset was read from.",
            where=workspace.tables,
            got=f"{len(wide.features)} features, {len(wide.drugs)} drugs",
            allowed=f"{len(dataset.features)} features, {len(dataset.drugs)} drugs",
            action="load the dataset again after `pathproof ingest`",
        )
    return wide


def _table(workspace: Workspace, name: str) -> pd.DataFrame:
    path = workspace.tables / f"{name}.parquet"
    table = pd.read_parquet(path).set_index("cell_line")
    if table.index.has_duplicates:
        raise DataError(
            "A table names a cell line twice.",
            where=path,
            got=str(table.index[table.index.duplicated()][0]),
            action="run `pathproof ingest` again",
        )
    return table


def _aligned(table: pd.DataFrame, lines: list[str]) -> npt.NDArray[np.float32]:
    return np.asarray(np.nan_to_num(table.reindex(lines).to_numpy(dtype=np.float32)), dtype=np.float32)


def _labels(column: pd.Series[str]) -> tuple[str, ...]:
    return tuple(UNKNOWN if pd.isna(value) or not str(value).strip() else str(value) for value in column)
