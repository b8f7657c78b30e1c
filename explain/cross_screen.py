"""Models of one screen, tested on lines of another screen that they never saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, Ints
from pathproof.explain.drug_side import DrugSide
from pathproof.explain.layers import aligned, read_layer
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
    """

    dataset: Dataset
    drugs: DrugSide

    @property
    def key(self) -> str:
        """Content key."""
        return f"{self.dataset.data_id}-{self.drugs.key}"


def with_mutations_of(dataset: Dataset, other: Dataset, workspace: Workspace) -> Dataset:
    """The other screen's data set with the mutation features of `dataset`.

    Which mutations have enough carriers is for the screen that is learned from to say: a rare one among the lines
    that are tested is a mutation all the same.
    """
    mutations = tuple(feature for feature in dataset.features if feature.layer == "mutation")
    calls = aligned(read_layer(workspace, "mutation"), [feature.gene for feature in mutations], other.cell_lines)
    kept = other.layer_columns("expression")
    features = (*(other.features[i] for i in kept), *mutations)
    return replace(other, features=features, x=np.concatenate([other.x[:, kept], calls], axis=1))


def cross_rows(
    dataset: Dataset,
    context: Context,
    folders: Mapping[str, tuple[Path, str | None]],
    others: tuple[OtherScreen, ...],
    seed: int,
) -> list[dict[str, Any]]:
    """Mean per-drug Spearman of each model on the lines of other screens that `dataset` does not have.

    Scales differ between screens, orders should not. A drug is the same when its molecule is; where the data set
    has a molecule under several ids, their predictions are averaged.

    Parameters
    ----------
    dataset : Dataset
        What the models were fitted on.
    folders : dict of name to (Path, str or None)
        Their pieces, and which part of the model is meant.
    seed : int
        Of the bootstrap over lines.
    """
    rows = []
    for other in others:
        aligned, lines = unseen_lines(dataset, other.dataset)
        pairs = same_molecules(context.drugs, other.drugs)
        observed = other.dataset.y[lines][:, [b for b, _ in pairs]]
        for name, (folder, part) in folders.items():
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
