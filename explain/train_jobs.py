"""The pieces of a training run that can run side by side: one per fold, and the model of all lines.

Each piece is a step of the workspace of its own, so a run that was cut short goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pathproof.explain.cluster import fan_out
from pathproof.explain.data import Dataset, GeneGraph, Ints
from pathproof.explain.models.anchored import AnchoredConfig, AnchoredGnn
from pathproof.explain.models.base import Predictor
from pathproof.explain.models.gnn import Gnn, control_of
from pathproof.explain.models.naive import NaiveMeanEffects, TissueMean
from pathproof.explain.train_pieces import Progress, long_table
from pathproof.workspace import Workspace, write_json, write_parquet

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


def run_jobs(
    dataset: Dataset,
    graph: GeneGraph,
    jobs: Sequence[Job],
    workers: int,
    progress: Progress,
    note: Callable[[int], None],
) -> None:
    """Run the pieces that the workspace does not hold yet, in `workers` processes (1: in this one).

    The results do not depend on the number of workers: every piece seeds itself and runs on one thread.
    `note` is told each fold whose responses a piece has read.
    """
    todo = [job for job in jobs if not Workspace(job.root).is_done(job.step, job.key)]
    done = len(jobs) - len(todo)
    progress(f"train: {done} of {len(jobs)} pieces are there already", done / len(jobs))
    for place, _ in fan_out(run_job, [(dataset, graph, job) for job in todo], min(workers, len(todo))):
        done += 1
        progress(f"train: {todo[place].title}", done / len(jobs))
        fold = todo[place].fold
        if fold is not None:
            note(fold)


def run_job(dataset: Dataset, graph: GeneGraph, job: Job) -> None:
    """Fit one piece and write its step."""
    lines = np.arange(len(dataset.cell_lines), dtype=np.int64)
    if job.fold is None:
        model = AnchoredGnn(graph, job.config)
        started = time.process_time()
        model.fit(dataset, lines, job.seed)
        with Workspace(job.root).writing_step(MODEL_STEP, job.key, _facts(job, dataset, graph)) as part:
            model.save(part / "model")
            write_json(part / "facts.json", {"weight": model.weight, "fit_seconds": time.process_time() - started})
        return
    train, test = lines[job.folds != job.fold], lines[job.folds == job.fold]
    anchored = AnchoredGnn(graph, job.config)
    seconds = _timed_fits(dataset, graph, job, train, anchored)
    with Workspace(job.root).writing_step(FOLD_STEP, job.key, _facts(job, dataset, graph)) as part:
        models: dict[str, Predictor] = {**seconds.models, "ridge": anchored.ridge, "gnn": anchored.gnn}
        models[anchored.name] = anchored
        x, tissue = dataset.x[test], dataset.tissue_one_hot[test]
        predictions = {name: models[name].predict(x, tissue) for name in MODEL_ORDER if name in models}
        tested = np.ones((len(test), len(dataset.drugs)), dtype=bool)
        write_parquet(part / "predictions.parquet", long_table(dataset, test, tested, job.fold, predictions))
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
        started = time.process_time()
        model.fit(dataset, train, job.seed)
        seconds[name] = time.process_time() - started
    seconds |= anchored.fit_seconds
    return _Timed(models, seconds)


def _facts(job: Job, dataset: Dataset, graph: GeneGraph) -> dict[str, object]:
    return {"data_id": dataset.data_id, "graph": graph.key, "fold": job.fold, "seed": job.seed}
