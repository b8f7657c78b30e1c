"""Train and judge the predictors on cell lines they never saw, then fit the explained model on all lines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, GeneGraph, Ints
from pathproof.explain.input_check import check_folds, check_input
from pathproof.explain.models.anchored import AnchoredConfig, AnchoredGnn
from pathproof.explain.models.base import CODE_VERSION
from pathproof.explain.models.gnn import GnnConfig
from pathproof.explain.reads import Reads
from pathproof.explain.score_table import Judged, both_intervals
from pathproof.explain.scores import predictor_section
from pathproof.explain.splits import Split, make_split
from pathproof.explain.train_jobs import FOLD_STEP, MODEL_ORDER, MODEL_STEP, Job, run_jobs
from pathproof.explain.train_pieces import Progress
from pathproof.workspace import Workspace, content_key, read_json, write_json, write_parquet

STEP = "train"
JUDGED = 2
"""Raised whenever the scores of the same predictions change, or what is told of them."""
EXPLAINED = AnchoredGnn.name


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

    def anchored(self) -> AnchoredConfig:
        """The settings of the explained model."""
        gnn = GnnConfig(seeds=self.seeds, epochs=self.epochs)
        inner = AnchoredConfig.inner_seeds
        return AnchoredConfig(gnn=gnn, weight=self.weight, inner_seeds=min(inner, self.seeds))

    def key_parts(self) -> dict[str, Any]:
        """Everything that changes a number."""
        return {"anchored": asdict(self.anchored()), **{k: v for k, v in asdict(self).items() if k != "workers"}}


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
    folder, model_folder : Path
        Predictions, folds and scores; the explained model.
    fold_model_folders : tuple of Path
        For each fold, the explained kind of model fitted without the fold's lines.
    folds : int64 (n,)
        Fold of each line of the data set.
    reads : dict of str to int
        How often any test fold was read by these predictors, and by how many configurations of the explained one
        (see :class:`pathproof.explain.reads.Reads`). It differs between equal runs, so it is not in the section.
    """

    key: str
    predictor: dict[str, Any]
    sources: tuple[str, ...]
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
        """The explained model, fitted on all lines."""
        return AnchoredGnn.load(self.model_folder)

    def load_fold_model(self, fold: int) -> AnchoredGnn:
        """The model that never saw the lines of the fold."""
        return AnchoredGnn.load(self.fold_model_folders[fold])


def train(
    dataset: Dataset,
    graph: GeneGraph,
    workspace: Workspace,
    config: TrainConfig | None = None,
    progress: Progress = _quiet,
) -> TrainResult:
    """Judge all models by leave-cell-lines-out and fit the explained one on all lines.

    The folds are drawn before anything is fitted; the test lines of a fold are read once, for its scores.
    Work that the workspace holds already is not repeated.

    Parameters
    ----------
    dataset : Dataset
    graph : GeneGraph
        Over the genes of the data set.
    workspace : Workspace
    config : TrainConfig, optional
    progress : callable
        Called with a message and the fraction done.

    Raises
    ------
    DataError
        Too few cell lines for the folds, or input that no model can learn from.
    """
    config = config or TrainConfig()
    check_input(dataset)
    split = make_split("lco", dataset, dataset.drugs, config.folds, config.split_seed)
    check_folds(dataset, split)
    folds = split.of[:, 0]
    key = content_key(STEP, CODE_VERSION, dataset.data_id, graph.key, config.key_parts())
    reads = Reads(workspace, f"{dataset.data_id}-{split.key}")
    jobs = [_job(workspace, key, fold, folds, config) for fold in [*range(config.folds), None]]
    run_jobs(
        dataset,
        graph,
        jobs,
        config.workers or _usable_cores(),
        progress,
        note=lambda fold: reads.note(EXPLAINED, key, fold),
    )
    judged = content_key(key, JUDGED)
    if not workspace.is_done(STEP, judged):
        _judge(dataset, workspace, (key, judged), config, jobs, split)
    folder = workspace.step(STEP, judged)
    return TrainResult(
        key=key,
        predictor=read_json(folder / "predictor.json"),
        sources=_sources(dataset, graph),
        folder=folder,
        model_folder=workspace.step(MODEL_STEP, jobs[-1].key) / "model",
        fold_model_folders=tuple(workspace.step(FOLD_STEP, job.key) / "model" for job in jobs[:-1]),
        folds=folds,
        reads=reads.of(EXPLAINED, key),
    )


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _job(workspace: Workspace, key: str, fold: int | None, folds: Ints, config: TrainConfig) -> Job:
    return Job(
        root=workspace.root,
        key=content_key(key, "model" if fold is None else fold),
        fold=fold,
        folds=folds,
        seed=config.seed if fold is None else config.seed + 1000 * (fold + 1),
        config=config.anchored(),
        control=config.control,
    )


def _sources(dataset: Dataset, graph: GeneGraph) -> tuple[str, ...]:
    mutations = ("gdsc.mutations",) if dataset.layer_columns("mutation").size else ()
    return ("gdsc", "depmap.expression", *mutations, "cell_lines", *sorted(graph.relations, reverse=True))


def _judge(
    dataset: Dataset,
    workspace: Workspace,
    keys: tuple[str, str],
    config: TrainConfig,
    jobs: Sequence[Job],
    split: Split,
) -> None:
    """Join the folds' predictions, score them, and write the step; `keys`: of the fits, and of what is told of them."""
    folders = [workspace.step(job.step, job.key) for job in jobs]
    facts = [read_json(folder / "facts.json") for folder in folders]
    table = pd.concat([pd.read_parquet(folder / "predictions.parquet") for folder in folders[:-1]], ignore_index=True)
    judged = Judged(prediction_cube(dataset, table), dataset.y, split, (), config.seed)
    section = both_intervals(predictor_section(dataset, judged.scores, explained=EXPLAINED), judged)
    section |= {
        "key": keys[0],
        "weights": {"folds": [fact["weight"] for fact in facts[:-1]], "explained": facts[-1]["weight"]},
        "settings": config.key_parts(),
    }
    for entry in section["models"]:
        entry["fit_seconds"] = float(np.mean([fact["fit_seconds"][entry["name"]] for fact in facts[:-1]]))
    with workspace.writing_step(STEP, keys[1], {"data_id": dataset.data_id}) as part:
        write_parquet(part / "predictions.parquet", table)
        write_json(part / "folds.json", split.record())
        write_json(part / "predictor.json", section)


def prediction_cube(dataset: Dataset, table: pd.DataFrame) -> dict[str, Floats]:
    """From the tidy table back to one array (n, D) per model, NaN where the pair was not screened."""
    line = pd.Index(dataset.cell_lines).get_indexer(pd.Index(table["cell_line"]))
    drug = pd.Index(dataset.drugs).get_indexer(pd.Index(table["drug"]))
    values, names = table["prediction"].to_numpy(dtype=np.float64), table["model"].to_numpy()
    cube: dict[str, Floats] = {}
    for name in MODEL_ORDER:
        mine = names == name
        if mine.any():
            cube[name] = np.full(dataset.y.shape, np.nan)
            cube[name][line[mine], drug[mine]] = values[mine]
    return cube
