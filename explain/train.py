"""Train and judge the predictors on cell lines they never saw, then fit the explained model on all lines."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import UsageError
from pathproof.explain.data import UNKNOWN, Dataset, GeneGraph, Ints
from pathproof.explain.drug_side import DrugSide
from pathproof.explain.input_check import check_folds, check_input
from pathproof.explain.lmm_data import data_sources
from pathproof.explain.models.anchored import AnchoredGnn
from pathproof.explain.models.naive import NaiveMeanEffects, TissueMean
from pathproof.explain.models.registry import KINDS, Context, ModelKind
from pathproof.explain.predictions import prediction_cube
from pathproof.explain.reads import Reads
from pathproof.explain.score_table import Judged, both_intervals
from pathproof.explain.scores import predictor_section
from pathproof.explain.splits import Split, make_split
from pathproof.explain.train_pieces import STEP as PIECE_STEP
from pathproof.explain.train_pieces import (
    Piece,
    Progress,
    facts_of,
    open_model,
    plan,
    run_pieces,
    seconds_of,
    stored_predictions,
)
from pathproof.explain.wide import Wide
from pathproof.workspace import Workspace, content_key, read_json, write_json, write_parquet

STEP = "train"
JUDGED = 4
"""Raised whenever the scores of the same predictions change, or what is told of them."""
EXPLAINED = AnchoredGnn.name
CONTROL = "gnn-shuffled-genes"
BESIDE = "kernel+trees"
"""The best predictor that was found: it has no gradient and is not explained, but a reader should know its score."""


def _quiet(message: str, fraction: float | None) -> None:  # noqa: ARG001 - nobody listens
    return


@dataclass(frozen=True)
class TrainConfig:
    """How to train and to judge.

    Parameters
    ----------
    folds, split_seed : int
        Leave-cell-lines-out folds, drawn once over the sorted ids.
    seed : int
        Seed of the fits.
    seeds, epochs : int
        Members of the network, and passes over the lines for each.
    weight : float or None
        Share of the network; None: chosen on inner folds.
    control : bool
        Also train the network on a graph with shuffled genes, to show what the edges add.
    workers : int or None
        Processes; None: one per usable core. It changes no number, so it is not part of the key.
    """

    folds: int = 5
    split_seed: int = 0
    seed: int = 0
    seeds: int = 5
    epochs: int = 60
    weight: float | None = None
    control: bool = True
    workers: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("folds", 2), ("seeds", 1), ("epochs", 1), ("workers", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise UsageError(f"TrainConfig.{name} is too small.", got=value, allowed=f"{least} or more")

    def others(self) -> list[ModelKind]:
        """The predictors beside the explained one that learn from the same lines."""
        names = (NaiveMeanEffects.name, TissueMean.name, *((CONTROL,) if self.control else ()))
        return [KINDS[name] for name in names]

    @property
    def processes(self) -> int:
        """How many fits run side by side."""
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
        return self.workers or usable

    def context(self, dataset: Dataset, graph: GeneGraph) -> Context:
        """What the predictors are made from; none of them sees a fact on a drug."""
        drugs = dataset.drugs
        nothing = DrugSide(drugs, drugs, ((),) * len(drugs), (UNKNOWN,) * len(drugs))
        return Context(graph, nothing, seeds=self.seeds, epochs=self.epochs, weight=self.weight)


@dataclass(frozen=True)
class TrainResult:
    """What a training run left in the workspace.

    Parameters
    ----------
    key : str
        Content key of data, graph and settings; `model_id` is ``model:<key>``.
    predictor : dict
        The report's `predictor` section (see :func:`pathproof.explain.scores.predictor_section`).
    sources : tuple of str
        Names of the sources that entered the explained model.
    dataset : Dataset
        What was learned from; a stored model of other data is refused.
    folder : Path
        Predictions, folds and scores.
    model_folder, fold_model_folders : Path, tuple of Path
        The explained model with its card (see :func:`pathproof.explain.train_pieces.open_model`), and, for each
        fold, the same kind of model fitted without the fold's lines.
    folds : int64 (n,)
        Fold of each line of the data set.
    reads : dict of str to int
        How often any test fold was read by these predictors, and by how many configurations of the explained one
        (see :class:`pathproof.explain.reads.Reads`). It differs between equal runs, so it is not in the section.
    """

    key: str
    predictor: dict[str, Any]
    sources: tuple[str, ...]
    dataset: Dataset
    folder: Path
    model_folder: Path
    fold_model_folders: tuple[Path, ...]
    folds: Ints
    reads: dict[str, int]

    @property
    def model_id(self) -> str:
        """Name of the explained model in records and in the graph."""
        return f"model:{self.key}"

    def load_model(self) -> AnchoredGnn:
        """The explained model, fitted on all lines (DataError: it is damaged, or of other data or code)."""
        return self._open(self.model_folder)

    def load_fold_model(self, fold: int) -> AnchoredGnn:
        """The model that never saw the lines of the fold."""
        return self._open(self.fold_model_folders[fold])

    def _open(self, folder: Path) -> AnchoredGnn:
        model: AnchoredGnn = open_model(folder, self.dataset)
        return model


def train(
    dataset: Dataset,
    graph: GeneGraph,
    workspace: Workspace,
    config: TrainConfig | None = None,
    progress: Progress = _quiet,
    wide: Wide | None = None,
) -> TrainResult:
    """Judge all models by leave-cell-lines-out and fit the explained one on all lines.

    The folds are drawn before anything is fitted. No model is given a response of its test lines; they are read
    once, for the scores, and the reading is counted. Work that the workspace holds already is not repeated.

    Parameters
    ----------
    dataset : Dataset
    graph : GeneGraph
        Over the genes of the data set.
    workspace : Workspace
    config : TrainConfig, optional
    progress : callable
        Called with a message and the fraction done.
    wide : Wide, optional
        The same screen with all lines and layers: the best predictor learns from those, and gets a row.

    Raises
    ------
    DataError
        Too few cell lines for the folds, or input that no model can learn from.
    """
    config = config or TrainConfig()
    left_out = check_input(dataset)
    split = make_split("lco", dataset, dataset.drugs, config.folds, config.split_seed)
    check_folds(dataset, split)
    context = config.context(dataset, graph)
    own = plan(dataset, split, [KINDS[EXPLAINED]], context, config.seed, whole=True)
    pieces = own + plan(dataset, split, config.others(), context, config.seed)
    run_pieces(dataset, split, pieces, context, workspace, (config.processes, None), progress)
    key = content_key(STEP, [piece.key for piece in pieces])
    judged = content_key(key, JUDGED, None if wide is None else wide.key)
    if not workspace.is_done(STEP, judged):
        if wide is not None:
            pieces += _beside(wide.data, context, workspace, config, progress)
        table = stored_predictions(workspace, pieces)
        section = _judge(dataset, table, split, config.seed, seconds_of(workspace, pieces))
        section["says"] += [] if wide is None else [_wide_says(section, dataset, wide.data)]
        section |= {"key": key, "left_out": left_out, **_settings(workspace, pieces, config, context)}
        _write(workspace, judged, dataset, split, table, section)
    folders = [workspace.step(PIECE_STEP, piece.key) for piece in own]
    return TrainResult(
        key=key,
        predictor=read_json(workspace.step(STEP, judged) / "predictor.json"),
        sources=_sources(dataset, graph),
        dataset=dataset,
        folder=workspace.step(STEP, judged),
        model_folder=folders[-1],
        fold_model_folders=tuple(folders[:-1]),
        folds=split.of[:, 0],
        reads=Reads(workspace, own[0].account).of(EXPLAINED, own[0].configuration),
    )


def _beside(
    wide: Dataset, context: Context, workspace: Workspace, config: TrainConfig, progress: Progress
) -> list[Piece]:
    """Fit the best predictor on the same folds of all lines and layers."""
    check_input(wide)
    split = make_split("lco", wide, wide.drugs, config.folds, config.split_seed)
    pieces = plan(wide, split, [KINDS[BESIDE]], context, config.seed)
    run_pieces(wide, split, pieces, context, workspace, (config.processes, None), progress)
    return pieces


def _wide_says(section: dict[str, Any], dataset: Dataset, wide: Dataset) -> str:
    """That some rows of the table learned from more than the others."""
    names = " and ".join(row["name"] for row in section["models"] if KINDS[row["name"]].wide)
    of_all, of_some = len(wide.cell_lines), len(dataset.cell_lines)
    return f"{names} learn from {of_all:,} cell lines with any layer, the others from {of_some:,} complete ones."


def _sources(dataset: Dataset, graph: GeneGraph) -> tuple[str, ...]:
    return (*data_sources(dataset), *sorted(graph.relations, reverse=True))


def _write(
    workspace: Workspace, key: str, dataset: Dataset, split: Split, table: pd.DataFrame, section: dict[str, Any]
) -> None:
    with workspace.writing_step(STEP, key, {"data_id": dataset.data_id}) as part:
        write_parquet(part / "predictions.parquet", table)
        write_json(part / "folds.json", split.record())
        write_json(part / "predictor.json", section)


def _judge(
    dataset: Dataset, table: pd.DataFrame, split: Split, seed: int, seconds: dict[str, list[float]]
) -> dict[str, Any]:
    """Scores of all predictions, and the mean time of a fit; every pair that was screened is tested."""
    there = set(table["model"])
    cube = prediction_cube(dataset, table, [name for name in KINDS if name in there])
    judged = Judged(cube, dataset.y, split, (), seed)
    section = both_intervals(predictor_section(dataset, judged.scores, explained=EXPLAINED), judged)
    for entry in section["models"]:
        entry["fit_seconds"] = float(np.mean(seconds[entry["name"]]))
    return section


def _settings(workspace: Workspace, pieces: list[Piece], config: TrainConfig, context: Context) -> dict[str, Any]:
    """What was set, and the weight that was chosen on inner folds."""
    chosen = {p.fold: facts_of(workspace, p)["weight"] for p in pieces if p.kind.name == EXPLAINED}
    settings = {name: value for name, value in asdict(config).items() if name != "workers"}  # it changes no number
    return {
        "weights": {"explained": chosen.pop(None), "folds": list(chosen.values())},
        "settings": settings | {"anchored": KINDS[EXPLAINED].settings(context)["config"]},
    }
