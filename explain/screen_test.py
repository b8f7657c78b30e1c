"""What the screen itself says of every gene and drug: for claims of anybody, with no model of ours.

The test is :func:`pathproof.explain.lmm.association_lmm`; beside it stands the plain correlation, so that one
sees what lineage and general fragility alone would have shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.explain.data import Dataset
from pathproof.explain.lmm import association_lmm
from pathproof.explain.lmm_data import association_dataset
from pathproof.explain.lmm_kernel import z_from_t
from pathproof.explain.peers import masked_correlations, presence
from pathproof.graph_schema.screens import DEFAULT_SCREEN
from pathproof.workspace import Workspace, content_key, write_parquet

Progress = Callable[[str, float | None], None]
Floats = npt.NDArray[np.float64]
STEP = "screen-test"
VERSION = 1
LAYERS = ("mutation", "expression")
VIEWS = ("z", "plain")
METHOD = "linear mixed model beyond lineage, growth mode and general sensitivity (association-lmm)"
LEAST_LINES = 10


def _quiet(_message: str, _fraction: float | None) -> None:
    return None


@dataclass(frozen=True)
class ScreenTest:
    """The tests of one screen, by layer ("mutation", "expression").

    Parameters
    ----------
    screen : str
    method : str
    z, plain : mapping of layer to DataFrame
        Index gene symbol, columns drug CURIE: the normal deviate beyond lineage and fragility, and that of
        the plain correlation. Positive: a higher value goes with a higher ln IC50. NaN: not tested.
    """

    screen: str
    method: str
    z: Mapping[str, pd.DataFrame]
    plain: Mapping[str, pd.DataFrame]


def screen_test(
    workspace: Workspace,
    *,
    screen: str = DEFAULT_SCREEN,
    max_rmse: float | None = None,
    progress: Progress = _quiet,
) -> ScreenTest:
    """Test every gene against every drug of a screen; a finished test is read back from the workspace.

    Parameters
    ----------
    workspace : Workspace
        One that `pathproof ingest` has filled.
    screen, max_rmse
        Which responses, as for :func:`pathproof.explain.data.load_dataset`.
    progress : function of (message, fraction done or None)

    Raises
    ------
    DataError
        A table is missing, or no drug has enough cell lines.
    UsageError
        The screen was not ingested.
    """
    dataset = association_dataset(workspace, screen=screen, max_rmse=max_rmse)
    key = content_key(STEP, VERSION, dataset.data_id)
    if not workspace.is_done(STEP, key):
        views = {"z": association_lmm(dataset, progress=progress).z, "plain": plain_deviates(dataset)}
        with workspace.writing_step(STEP, key, {"screen": dataset.screen}) as part:
            for view, values in views.items():
                for layer in LAYERS:
                    write_parquet(part / f"{view}-{layer}.parquet", _by_gene(dataset, values, layer), index=True)
    folder = workspace.step(STEP, key)
    held = {v: {layer: pd.read_parquet(folder / f"{v}-{layer}.parquet") for layer in LAYERS} for v in VIEWS}
    return ScreenTest(dataset.screen, METHOD, held["z"], held["plain"])


def _by_gene(dataset: Dataset, values: Floats, layer: str) -> pd.DataFrame:
    rows = [i for i, feature in enumerate(dataset.features) if feature.layer == layer]
    genes = pd.Index([dataset.features[i].gene for i in rows], name="gene")
    return pd.DataFrame(values[rows], index=genes, columns=list(dataset.drugs))


def plain_deviates(dataset: Dataset) -> Floats:
    """Normal deviates (F, D) of the plain correlation of each feature with each drug's ln IC50; nothing is removed.

    NaN with fewer than 10 lines that have both, or without variation.
    """
    present, seen = presence(dataset), np.isfinite(dataset.y)
    x = dataset.x.astype(np.float64)
    centre = np.where(present, x, 0.0).sum(axis=0) / np.maximum(present.sum(axis=0), 1)
    mean = np.where(seen, dataset.y, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    r, n = masked_correlations(np.where(present, x - centre, 0.0), present, np.where(seen, dataset.y - mean, 0.0), seen)
    df = np.maximum(n - 2, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = r * np.sqrt(df / (1.0 - r**2))
    usable = (n >= LEAST_LINES) & np.isfinite(t)
    return np.where(usable, z_from_t(np.where(usable, t, 0.0), df.astype(np.int64)), np.nan)
