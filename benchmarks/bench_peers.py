"""The multivariate explainer beside its peers: same model, same drugs, same lines.

    python benchmarks/bench_peers.py --workspace DIR [--drugs 6] [--subsamples 3] [--out FILE]
    python benchmarks/bench_peers.py --quick

Explains drugs of the newest trained model of a workspace, every so many, each minus what all drugs share. For each
explainer: fidelity (R2 against the model on lines it did not see), the identity test (median correlation of the
same drug under another seed, and of other drugs under the same seed), the overlap of the 20 strongest features over
seeds and over 80 % subsamples of the lines, with what chance gives, and seconds a drug. The model stays as it is; how
stable it is itself when it is fitted on other lines is what `pathproof explain` reports. Prints a table, writes JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DependencyError, WorkspaceError
from pathproof.explain.data import Dataset, load_dataset
from pathproof.explain.multivariate.account import identity
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction, of_drugs, shared_out
from pathproof.explain.multivariate.graph_peers import gnn_explainer
from pathproof.explain.multivariate.model_peers import (
    Peer,
    Said,
    asked_ridge,
    integrated_gradients,
    plain_ridge,
    surrogate,
    tree_shap,
)
from pathproof.explain.multivariate.sampling_peers import kernel_shap, lime, shapiq, tree_interactions
from pathproof.explain.train import EXPLAINED
from pathproof.explain.train_pieces import STEP as PIECE_STEP
from pathproof.explain.train_pieces import open_model
from pathproof.workspace import Workspace, read_json

Floats = NDArray[np.float64]
TOP, SHARE = 20, 0.8
SETUP = Settings(latents=32, rank=16)


@dataclass(frozen=True)
class Row:
    """What is measured of one explainer; None: not defined for it."""

    explainer: str
    fidelity: float | None
    same_drug: float
    other_drug: float
    overlap_seeds: float
    overlap_lines: float
    chance: float
    seconds_a_drug: float


@dataclass(frozen=True)
class Task:
    """A model of some drugs, minus what all share, the lines, and how many of the features are genes."""

    function: ModelFunction
    lines: Lines
    genes: int
    drugs: int


def overlap(tops: list[Floats]) -> float:
    """Median over drugs of the mean Jaccard index of the strongest features over every two explanations (D, m)."""
    sets = [[set(np.argsort(-np.abs(own))[:TOP].tolist()) for own in slopes] for slopes in tops]
    pairs = list(itertools.combinations(sets, 2))
    by_drug = [[len(a[d] & b[d]) / len(a[d] | b[d]) for a, b in pairs] for d in range(len(tops[0]))]
    return float(np.median(np.mean(by_drug, axis=1)))


def measure(name: str, peer: Peer, task: Task, subsamples: int) -> Row:
    """Ask one explainer under several seeds, and on several subsamples of the lines."""
    n = len(task.lines.ids)
    rng = np.random.default_rng(0)
    parts = [np.sort(rng.permutation(n)[: int(SHARE * n)]) for _ in range(subsamples)]
    seconds: list[float] = []

    def ask(rows: NDArray[np.int64], seed: int) -> Said:
        started = time.process_time()
        said = peer(task.function, task.lines, rows, seed)
        seconds.append(time.process_time() - started)
        return Said(said.slopes[: task.drugs, : task.genes], said.fidelity[: task.drugs])

    by_lines = [ask(rows, 0) for rows in parts]
    by_seed = [by_lines[0], ask(parts[0], 1)]
    same, other = identity(np.stack([said.slopes for said in by_seed]))
    fidelity = np.stack([said.fidelity for said in by_lines])
    size = min(TOP, task.genes)
    return Row(
        explainer=name,
        fidelity=float(np.median(fidelity)) if np.isfinite(fidelity).all() else None,
        same_drug=same,
        other_drug=other,
        overlap_seeds=overlap([said.slopes for said in by_seed]),
        overlap_lines=overlap([said.slopes for said in by_lines]),
        chance=size / (2 * task.genes - size),
        seconds_a_drug=float(np.median(seconds)) / len(task.function.outputs),
    )


def _explained(done: Path, dataset: Dataset) -> bool:
    """Whether a finished piece is the explained model of all lines of this data set."""
    card = read_json(done.with_name("card.json"))
    return (card["model"], card["split"], card["data_id"]) == (EXPLAINED, None, dataset.data_id)


def of_workspace(folder: Path, pick: Callable[[Dataset], list[int]]) -> tuple[Task, dict[str, Peer]]:
    """Drugs of the newest model of a workspace, and the peers that see inside of the model."""
    workspace = Workspace.open(folder, create=False)
    dataset = load_dataset(workspace)
    models = [done.parent for done in workspace.step(PIECE_STEP, "").glob("*/done.json") if _explained(done, dataset)]
    if not models:
        raise WorkspaceError("No model was trained in this workspace.", where=folder, action="run `pathproof train`")
    model = open_model(max(models, key=lambda path: (path / "done.json").stat().st_mtime_ns), dataset)
    drugs = pick(dataset)
    function, lines = of_drugs(model, dataset, drugs)
    mixed = shared_out(dataset, drugs)
    inside = {"Integrated Gradients": integrated_gradients(model, mixed), "gnn-explainer": gnn_explainer(model, mixed)}
    return Task(function, lines, len(dataset.features), len(drugs)), inside


def every_so_many(dataset: Dataset, count: int) -> list[int]:
    """So many drugs, evenly over the screen."""
    step = max(1, len(dataset.drugs) // count)
    return list(range(step // 2, len(dataset.drugs), step))[:count]


def explainers(setup: Settings, pair_calls: int = 2048) -> dict[str, Peer]:
    """Every explainer of a model that is known by its answers, by the name in the table."""
    return {
        "multivariate": surrogate(setup),
        "ILLUME+ (published, factorised)": surrogate(replace(setup, method="published")),
        "multivariate, 0 steps": surrogate(replace(setup, steps=0)),
        "plain ridge on the model": plain_ridge,
        "ridge asked as often": asked_ridge(setup),
        "TreeSHAP on boosted trees": tree_shap,
        "SHAP interactions of trees (4 lines)": tree_interactions(),
        "KernelSHAP (4 lines)": kernel_shap(),
        "LIME (4 lines)": lime(),
        "shapiq, pairs of 20 genes (4 lines)": shapiq(calls=pair_calls),
    }


def planted() -> tuple[Task, dict[str, Peer]]:
    """A tiny model with products, for a quick look."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((70, 30))
    slopes = rng.standard_normal((30, 3)) * (rng.random((30, 3)) < 0.3)
    names = tuple(f"G{i}" for i in range(30))

    def call(rows: Floats) -> Floats:
        return np.asarray(rows @ slopes + rows[:, :3] * rows[:, 3:6])

    function = ModelFunction("planted", call, names, ("a", "b", "c"))
    return Task(function, Lines(tuple(f"L{i}" for i in range(70)), names, x), 30, 3), {}


def printed(row: Row) -> str:
    """The row of the table."""
    fidelity = "     -" if row.fidelity is None else f"{row.fidelity:6.2f}"
    stable = f"{row.overlap_seeds:6.2f} {row.overlap_lines:6.2f} {row.chance:7.3f}"
    return (
        f"{row.explainer:<38} {fidelity} {row.same_drug:6.2f} {row.other_drug:6.2f} {stable} {row.seconds_a_drug:8.2f}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workspace", type=Path, help="a workspace with a trained model")
    parser.add_argument("--drugs", type=int, default=6)
    parser.add_argument("--subsamples", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tiny planted model instead of a workspace")
    parser.add_argument("--out", type=Path, default=Path("build/bench_peers.json"), help="where the JSON goes")
    options = parser.parse_args(arguments)
    if options.workspace is None and not options.quick:
        parser.error("give --workspace DIR or --quick")
    setup = replace(SETUP, latents=6, rank=2, steps=20) if options.quick else SETUP
    if options.quick:
        task, more = planted()
    else:
        task, more = of_workspace(options.workspace, lambda dataset: every_so_many(dataset, options.drugs))
    peers = {**explainers(setup, 512 if options.quick else 2048), **more}
    print(f"{'explainer':<38} fidel.  same  other  seeds  lines  chance  s a drug")
    rows: list[Row] = []
    for name, peer in peers.items():
        try:
            rows.append(measure(name, peer, task, options.subsamples))
        except DependencyError as error:
            print(f"{name:<38} left out: {error.what}")
            continue
        print(printed(rows[-1]), flush=True)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    print(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
