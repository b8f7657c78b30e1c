"""The lines that the association test can use: a predictor needs expression, a mutation test does not."""

from __future__ import annotations

import dataclasses

from pathproof.errors import DataError
from pathproof.explain.data import Dataset, load_dataset
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
    return dataclasses.replace(load_dataset(workspace, screen=screen, max_rmse=max_rmse, lines="any"), left_out={})


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


def data_sources(dataset: Dataset) -> tuple[str, ...]:
    """Names of the sources that the dataset's tables come from; the gene graph is none of them."""
    mutations = ("gdsc.mutations",) if dataset.layer_columns("mutation").size else ()
    return ("gdsc", "depmap.expression", *mutations, "cell_lines")
