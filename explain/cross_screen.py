"""Models of one screen, tested on lines of another screen that they never saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, Ints, load_dataset
from pathproof.explain.drug_side import DrugSide, load_drug_side
from pathproof.explain.layers import LARGEST_COPY_RATIO, aligned, read_layer
from pathproof.explain.metrics import MIN_LINES, per_drug_spearman, ranked
from pathproof.explain.models.base import predict_lines
from pathproof.explain.models.registry import Context
from pathproof.explain.score_table import percentiles, weighted_pearson
from pathproof.explain.train_pieces import open_model
from pathproof.workspace import Workspace

DRAWS = 500


@dataclass(frozen=True)
class OtherScreen:
    """Another drug screen.

    Parameters
    ----------
    dataset : Dataset
        Of the same tables as the one that is learned from.
    drugs : DrugSide
        Of its drugs.
    wide : Dataset, optional
        The same lines with the further layers that models of all lines and layers look at.
    """

    dataset: Dataset
    drugs: DrugSide
    wide: Dataset | None = None

    @property
    def key(self) -> str:
        """Content key."""
        parts = [self.dataset.data_id, self.drugs.key, *([] if self.wide is None else [self.wide.data_id])]
        return "-".join(parts)


class OfAllLines(NamedTuple):
    """Where a model of all lines lies.

    Parameters
    ----------
    folder : Path
        Of its piece.
    part : str or None
        The part of the model that is meant; None: all of it.
    wide : bool
        Whether it was fitted on the data set with all lines and layers.
    """

    folder: Path
    part: str | None
    wide: bool


def load_other(workspace: Workspace, screen: str, dataset: Dataset, wide: Dataset | None = None) -> OtherScreen:
    """Read another screen in the features of the data set, and of the wide one, under the same limit on fit errors.

    Raises
    ------
    UsageError
        The screen was not ingested, or has no fit errors to filter by.
    """
    other = load_dataset(workspace, screen=screen, max_rmse=dataset.max_rmse)
    layered = None if wide is None else with_features_of(wide, other, workspace)
    return OtherScreen(with_features_of(dataset, other, workspace), load_drug_side(workspace, other), layered)


def with_features_of(dataset: Dataset, other: Dataset, workspace: Workspace) -> Dataset:
    """The other screen's data set with the features of `dataset` beside expression.

    Which mutations have enough carriers is for the screen that is learned from to say: a rare one among the lines
    that are tested is a mutation all the same.
    """
    kept = other.layer_columns("expression")
    features, values, has = [other.features[i] for i in kept], [other.x[:, kept]], dict(other.has_layer)
    for layer, limit in (("mutation", 1.0), ("copy_number", LARGEST_COPY_RATIO)):
        own = [feature for feature in dataset.features if feature.layer == layer]
        if own:
            table = read_layer(workspace, layer)
            values.append(aligned(table, [feature.gene for feature in own], other.cell_lines).clip(-limit, limit))
            has[layer] = np.asarray([line in table.index for line in other.cell_lines], dtype=bool)
            features += own
    return replace(other, features=tuple(features), x=np.concatenate(values, axis=1), has_layer=has)


def cross_rows(
    data: tuple[Dataset, Dataset | None],
    context: Context,
    models: Mapping[str, OfAllLines],
    others: tuple[OtherScreen, ...],
    seed: int,
) -> list[dict[str, Any]]:
    """Mean per-drug Spearman of each model on the lines of other screens that `dataset` does not have.

    Scales differ between screens, orders should not. A drug is the same when its molecule is; where the data set
    has a molecule under several ids, their predictions are averaged.

    Parameters
    ----------
    data : (Dataset, Dataset or None)
        What the models were fitted on: complete lines, and all lines and layers.
    models : dict of name to OfAllLines
    seed : int
        Of the bootstrap over lines.
    """
    rows = []
    for other in others:
        pairs = same_molecules(context.drugs, other.drugs)
        sides = ((False, data[0], other.dataset), (True, data[1], other.wide))
        met = {w: (own, *unseen_lines(own, theirs)) for w, own, theirs in sides if own and theirs}
        for name, (folder, part, wide) in models.items():
            if wide not in met:
                continue
            dataset, aligned, lines = met[wide]
            observed = other.dataset.y[lines][:, [b for b, _ in pairs]]
            whole = open_model(folder, dataset)
            model = whole if part is None else getattr(whole, part)
            try:
                predicted = predict_lines(model, aligned, np.arange(len(lines), dtype=np.int64))
            except UsageError:  # a model that knows lines by name
                continue
            own = np.stack([predicted[:, ids].mean(axis=1) for _, ids in pairs], axis=1)
            rows.append({"model": name, "screen": other.dataset.screen, **_scores(observed, own, seed)})
    return rows


def unseen_lines(dataset: Dataset, other: Dataset) -> tuple[Dataset, Ints]:
    """The other screen's lines that the data set lacks, in the data set's features and tissues, and their rows.

    A feature that the other screen's data set lacks is 0 (no carrier, or the mean); a tissue that the data set
    lacks is none of its columns.
    """
    known = set(dataset.cell_lines)
    lines = np.asarray([i for i, line in enumerate(other.cell_lines) if line not in known], dtype=np.int64)
    place = {feature: i for i, feature in enumerate(other.features)}
    x = np.zeros((len(lines), len(dataset.features)), dtype=np.float32)
    shared = [(i, place[feature]) for i, feature in enumerate(dataset.features) if feature in place]
    mine, theirs = (np.asarray(side, dtype=np.int64) for side in zip(*shared, strict=True))
    x[:, mine] = other.x[lines][:, theirs]
    tissue = tuple(other.tissue[i] for i in lines)
    aligned = replace(
        dataset,
        cell_lines=tuple(other.cell_lines[i] for i in lines),
        x=x,
        has_layer={name: other.has_layer[name][lines] for name in dataset.has_layer},
        tissue=tissue,
        covariates={name: tuple(values[i] for i in lines) for name, values in other.covariates.items()},
        y=np.full((len(lines), len(dataset.drugs)), np.nan),
        known=None,
    )
    columns = {name: i for i, name in enumerate(dataset.tissues)}
    one_hot = np.zeros((len(lines), len(columns)), dtype=np.float32)
    for i, name in enumerate(tissue):
        if name in columns:
            one_hot[i, columns[name]] = 1.0
    aligned.__dict__["tissue_one_hot"] = one_hot  # in the data set's columns, not in its own
    return aligned, lines


def same_molecules(own: DrugSide, other: DrugSide) -> list[tuple[int, list[int]]]:
    """Column of each drug of the other screen, and the columns here of the same molecule."""
    here: dict[str, list[int]] = {}
    for i, molecule in enumerate(own.molecules):
        here.setdefault(molecule, []).append(i)
    return [(i, here[molecule]) for i, molecule in enumerate(other.molecules) if molecule in here]


def _scores(observed: Floats, predicted: Floats, seed: int) -> dict[str, Any]:
    r = per_drug_spearman(observed, predicted)
    n = len(observed)
    if not np.isfinite(r).any():
        return {"lines": n, "drugs": 0, "spearman": None, "ci95_lines": None, "min_lines": MIN_LINES}
    judged = np.isfinite(r)
    counts = np.random.default_rng([seed, n, 2]).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(np.float64)
    drawn = weighted_pearson(*ranked(observed[:, judged], predicted[:, judged]), counts)  # of the ranks as they are
    return {
        "lines": n,
        "drugs": int(judged.sum()),
        "spearman": float(r[judged].mean()),
        "ci95_lines": percentiles(np.nanmean(drawn, axis=1)),
        "min_lines": MIN_LINES,
    }
