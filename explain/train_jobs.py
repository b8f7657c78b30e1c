"""The pieces of a training run that can run side by side: one per fold, and the model of all lines.

Each piece is a step of the workspace of its own, so a run that was cut short goes on where it was.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from pathproof.explain.data import Dataset, Floats, GeneGraph, Ints
from pathproof.explain.models.anchored import AnchoredConfig, AnchoredGnn
from pathproof.explain.models.base import Predictor
from pathproof.explain.models.gnn import Gnn, control_of
from pathproof.explain.models.naive import NaiveMeanEffects, TissueMean
from pathproof.workspace import Workspace, write_json, write_parquet

Progress: TypeAlias = Callable[[str, float | None], None]
FOLD_STEP, MODEL_STEP = "train-fold", "train-model"
CONTROL = "gnn-shuffled-genes"
MODEL_ORDER = (NaiveMeanEffects.name, TissueMean.name, "ridge", "gnn", CONTROL, AnchoredGnn.name)


@dataclass(frozen=True)
class Job:
    """One piece: fit on all lines but those of a fold (fold None: on all lines).

    Parameters
    ----------
    key : str
        Content key of the step that the piece writes.
    folds : int64 (n,)
        Fold of each line of the data set.
    """

    root: Path
    key: str
    fold: int | None
    folds: Ints
    seed: int
    config: AnchoredConfig
    control: bool

    @property
    def step(self) -> str:
        """Name of the step that the piece writes."""
        return MODEL_STEP if self.fold is None else FOLD_STEP

    @property
    def title(self) -> str:
        """What progress shows."""
        return "model of all lines" if self.fold is None else f"fold {self.fold + 1}"


def run_jobs(dataset: Dataset, graph: GeneGraph, jobs: Sequence[Job], workers: int, progress: Progress) -> None:
    """Run the pieces that the workspace does not hold yet, in `workers` spawned processes (1: in this one).

    The results do not depend on the number of workers: every piece seeds itself and runs on one thread.
    """
    todo = [job for job in jobs if not Workspace(job.root).is_done(job.step, job.key)]
    done = len(jobs) - len(todo)
    progress(f"train: {done} of {len(jobs)} pieces are there already", done / len(jobs))
    if workers <= 1 or len(todo) <= 1:
        for job in todo:
            run_job(dataset, graph, job)
            done += 1
            progress(f"train: {job.title}", done / len(jobs))
        return
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(todo)), mp_context=spawn, initializer=end_with_parent)
    try:
        running = {pool.submit(run_job, dataset, graph, job): job for job in todo}
        for future in as_completed(running):
            future.result()
            done += 1
            progress(f"train: {running[future].title}", done / len(jobs))
    finally:
        pool.shutdown(cancel_futures=True)


def end_with_parent() -> None:
    """In a worker: stop within seconds when the parent is gone, so that nothing is left behind after a kill."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, name="watch-parent", daemon=True).start()


def run_job(dataset: Dataset, graph: GeneGraph, job: Job) -> None:
    """Fit one piece and write its step."""
    lines = np.arange(len(dataset.cell_lines), dtype=np.int64)
    if job.fold is None:
        model = AnchoredGnn(graph, job.config)
        started = time.perf_counter()
        model.fit(dataset, lines, job.seed)
        with Workspace(job.root).writing_step(MODEL_STEP, job.key, _facts(job, dataset, graph)) as part:
            model.save(part / "model")
            write_json(part / "facts.json", {"weight": model.weight, "fit_seconds": time.perf_counter() - started})
        return
    train, test = lines[job.folds != job.fold], lines[job.folds == job.fold]
    anchored = AnchoredGnn(graph, job.config)
    seconds = _timed_fits(dataset, graph, job, train, anchored)
    with Workspace(job.root).writing_step(FOLD_STEP, job.key, _facts(job, dataset, graph)) as part:
        models: dict[str, Predictor] = {**seconds.models, "ridge": anchored.ridge, "gnn": anchored.gnn}
        models[anchored.name] = anchored
        x, tissue = dataset.x[test], dataset.tissue_one_hot[test]
        predictions = {name: models[name].predict(x, tissue) for name in MODEL_ORDER if name in models}
        write_parquet(part / "predictions.parquet", long_table(dataset, test, job.fold, predictions))
        anchored.save(part / "model")
        facts = {"weight": anchored.weight, "inner_scores": anchored.inner_scores, "fit_seconds": seconds.seconds}
        write_json(part / "facts.json", facts)


@dataclass(frozen=True)
class _Timed:
    models: dict[str, Predictor]
    seconds: dict[str, float]


def _timed_fits(dataset: Dataset, graph: GeneGraph, job: Job, train: Ints, anchored: AnchoredGnn) -> _Timed:
    """Fit every model on the training lines and take the time of each."""
    models: dict[str, Predictor] = {NaiveMeanEffects.name: NaiveMeanEffects(), TissueMean.name: TissueMean()}
    if job.control:
        models[CONTROL] = Gnn(graph, control_of(job.config.gnn))
    seconds: dict[str, float] = {}
    for name, model in [*models.items(), (anchored.name, anchored)]:
        started = time.perf_counter()
        model.fit(dataset, train, job.seed)
        seconds[name] = time.perf_counter() - started
    seconds |= anchored.fit_seconds
    return _Timed(models, seconds)


def _facts(job: Job, dataset: Dataset, graph: GeneGraph) -> dict[str, object]:
    return {"data_id": dataset.data_id, "graph": graph.key, "fold": job.fold, "seed": job.seed}


def long_table(dataset: Dataset, rows: Ints, fold: int, predictions: dict[str, Floats]) -> pd.DataFrame:
    """Tidy table of screened pairs: cell_line, drug, fold, model, prediction, observed (ln IC50)."""
    observed = dataset.y[rows]
    line, drug = np.nonzero(np.isfinite(observed))
    parts = [
        pd.DataFrame(
            {
                "cell_line": np.asarray(dataset.cell_lines)[rows[line]],
                "drug": np.asarray(dataset.drugs)[drug],
                "fold": fold,
                "model": name,
                "prediction": values[line, drug],
                "observed": observed[line, drug],
            }
        )
        for name, values in predictions.items()
    ]
    return pd.concat(parts, ignore_index=True)
