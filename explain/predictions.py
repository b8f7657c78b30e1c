"""Out-of-fold predictions as a tidy table of tested pairs, and back as one array for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathproof.errors import DataError
from pathproof.explain.data import Bools, Dataset, Floats, Ints


def long_table(
    dataset: Dataset, rows: Ints, tested: Bools, fold: int, predictions: Mapping[str, Floats]
) -> pd.DataFrame:
    """Tidy table of the tested pairs that were screened: cell_line, drug, fold, model, prediction, observed (ln IC50).

    Parameters
    ----------
    rows : int64 (m,)
    tested : bool (m, D)
    predictions : dict of name to float64 (m, D)

    Raises
    ------
    DataError
        A prediction is no number.
    """
    observed = dataset.y[rows]
    line, drug = np.nonzero(np.isfinite(observed) & tested)
    parts = []
    for name, values in predictions.items():
        own = values[line, drug]
        if not np.isfinite(own).all():
            lost = ", ".join(sorted({dataset.drug_names[d] for d in drug[~np.isfinite(own)]})[:3])
            raise DataError(f"The model {name} predicts no number in fold {fold + 1}.", got=f"drugs {lost}")
        columns = {
            "cell_line": np.asarray(dataset.cell_lines)[rows[line]],
            "drug": np.asarray(dataset.drugs)[drug],
            "fold": fold,
            "model": name,
            "prediction": own,
            "observed": observed[line, drug],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def prediction_cube(dataset: Dataset, table: pd.DataFrame, names: Sequence[str]) -> dict[str, Floats]:
    """From the tidy table back to one array (n, D) for each named model; NaN where nothing was tested."""
    line = pd.Index(dataset.cell_lines).get_indexer(pd.Index(table["cell_line"]))
    drug = pd.Index(dataset.drugs).get_indexer(pd.Index(table["drug"]))
    model, values = table["model"].to_numpy(), table["prediction"].to_numpy(dtype=np.float64)
    cubes = {name: np.full(dataset.y.shape, np.nan) for name in names}
    for name, cube in cubes.items():
        own = model == name
        cube[line[own], drug[own]] = values[own]
    return cubes
