"""Measure the multivariate explainer: one training step against the explicit published form, memory, fits, one line.

    python benchmarks/bench_explainer.py [--quick] [--out FILE]

On one thread, on random lines, every job in a process of its own, whose memory is its own. A step is the loss with all
its gradients and the update of all parameters, the median of several; seconds of the processor stand beside those of
the clock, which other programs on the machine lengthen; the ratio is one of processor seconds. "curve": the cost of a
fit against genes and lines. "two layers": a ridge on 1,631 expression genes and 24,421 of copy number, explained as a
function. The explicit form needs 4 GiB of memory at 1,631 genes. `--only` runs the jobs with the word in their names.
Prints a table and writes JSON; a missed target is said in words, because seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench import machine
from sklearn.linear_model import Ridge

from pathproof.cli.facts import peak_rss_mb
from pathproof.explain.models.base import one_thread
from pathproof.explain.multivariate.account import Account, explain_function
from pathproof.explain.multivariate.encoder import Factors, encode, gradient
from pathproof.explain.multivariate.explicit import PROJECTIONS, explicit_loss
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction, of_estimator
from pathproof.explain.multivariate.losses import Weights, total_loss

WEIGHTS = Weights(fidelity=1.0, similarity=1.0, collinearity=1.0, local=0.1)
TARGETS = {
    "step, ms": 60.0,
    "times faster than explicit": 300.0,
    "memory of explicit / ours": 10.0,
    "one fit, s": 15.0,
    "one line, ms": 0.3,
    "295 drugs x 10 members on two cores, min (extrapolated)": 25.0,
    "memory of the process, GiB": 4.0,
}
AT_LEAST = ("times faster than explicit", "memory of explicit / ours")


@dataclass(frozen=True)
class Size:
    """Genes, latents, rank, lines of a batch."""

    genes: int
    latents: int
    rank: int
    batch: int

    @property
    def name(self) -> str:
        """For the table."""
        return f"m = {self.genes}, k = {self.latents}, r = {self.rank}, B = {self.batch}"


@dataclass(frozen=True)
class Figure:
    """One measured figure."""

    name: str
    what: str
    value: float


def draw(size: Size, coordinates: int | None = None) -> tuple[Factors, torch.Tensor, torch.Tensor]:
    """A random encoder, lines and outputs, float32."""
    d = coordinates or size.genes
    generator = torch.Generator().manual_seed(0)
    shapes = ((1, d, size.rank + 1), (1, size.latents, size.rank, d), (1, size.latents), (1,))
    values = [torch.randn(shape, generator=generator) / d**0.5 for shape in shapes]
    factors = Factors(*(value.requires_grad_(True) for value in values))
    x = torch.randn(1, size.batch, d, generator=generator)
    return factors, x, torch.randn(1, size.batch, generator=generator)


def stepper(factors: Factors, loss: Callable[[], torch.Tensor]) -> Callable[[], None]:
    """A training step of a loss."""
    optimiser = torch.optim.Adam(list(factors.tensors()), fused=True)

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        loss().backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    return step


def seconds(step: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median seconds of the clock and of the processor, after one step that does not count."""
    step()
    clock, processor = [], []
    for _ in range(repeats):
        before = time.perf_counter(), time.process_time()
        step()
        clock.append(time.perf_counter() - before[0])
        processor.append(time.process_time() - before[1])
    return statistics.median(clock), statistics.median(processor)


def peak_bytes(loss: Callable[[], torch.Tensor]) -> int:
    """Bytes that a loss keeps for its gradient: every tensor that autograd saves, each storage once."""
    seen: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss()
    return sum(seen.values())


def step_figures(size: Size, coordinates: int | None = None) -> list[Figure]:
    """Our step in all genes or in coordinates of the row space; and one line explained, alone and as one of a batch."""
    factors, x, output = draw(size, coordinates)
    clock, processor = seconds(stepper(factors, lambda: total_loss(factors, x, output, WEIGHTS, "regression").sum()), 9)
    name = size.name + (f", {coordinates} coordinates" if coordinates else "")
    with torch.no_grad():
        alone = seconds(lambda: gradient(factors, encode(factors, x[:, :1])), 30)[1]
        batch = seconds(lambda: gradient(factors, encode(factors, x)), 9)[1] / size.batch
    return [
        Figure(name, "step, ms", 1000 * clock),
        Figure(name, "step, ms of processor", 1000 * processor),
        Figure(name, "one line alone, ms of processor", 1000 * alone),
        Figure(name, "one line, ms", 1000 * batch),
    ]


def comparison(size: Size, repeats: int = 2) -> list[Figure]:
    """Our step and the explicit published one, in all genes, in the same run."""
    factors, x, output = draw(size)

    def ours() -> torch.Tensor:
        return total_loss(factors, x, output, WEIGHTS, "regression").sum()

    def published() -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        return explicit_loss(
            factors, x[0], output[0], WEIGHTS, "regression", projections=PROJECTIONS, generator=generator
        )

    fast, slow = seconds(stepper(factors, ours), 9), seconds(stepper(factors, published), repeats)
    memory = peak_bytes(ours), peak_bytes(published)
    return [
        Figure(size.name, "explicit step, s", slow[0]),
        Figure(size.name, "times faster than explicit", slow[1] / fast[1]),
        Figure(size.name, "memory, MiB", memory[0] / 2**20),
        Figure(size.name, "memory of explicit / ours", memory[1] / memory[0]),
    ]


def fit_figures(genes: int, lines: int, outputs: int, setup: Settings, name: str) -> list[Figure]:
    """Whole explanations of a function with planted slopes and products; five members of `outputs` encoders each."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((lines, genes)) + rng.standard_normal((lines, 20)) @ rng.standard_normal((20, genes)) / 4
    slopes = rng.standard_normal((genes, outputs)) * (rng.random((genes, outputs)) < 20 / genes)
    names = tuple(f"G{i}" for i in range(genes))

    def call(rows: np.ndarray) -> np.ndarray:
        return rows @ slopes + rows[:, :outputs] * rows[:, outputs : 2 * outputs]

    model = ModelFunction("planted", call, names, tuple(f"D{i}" for i in range(outputs)))
    named = f"{name}: m = {genes}, n = {lines}"
    return explained(model, Lines(tuple(f"L{i}" for i in range(lines)), names, x), setup, named)[1]


def explained(model: ModelFunction, lines: Lines, setup: Settings, name: str) -> tuple[Account, list[Figure]]:
    """Five members of a model, and what they cost."""
    before = time.perf_counter(), time.process_time()
    account = explain_function(model, lines, setup, seeds=2, samples=3)
    clock, processor = time.perf_counter() - before[0], time.process_time() - before[1]
    fits = len(model.outputs) * len(account.members)
    name = f"{name}, {fits} fits"
    figures = [
        Figure(name, "one fit, s", clock / fits),
        Figure(name, "one fit, s of processor", processor / fits),
        Figure(name, "fidelity, R2", float(np.median(account.fidelity))),
        Figure(name, "fidelity of a plain ridge, R2", float(np.median(account.ridge_fidelity))),
        Figure(name, "memory of the process, GiB", peak_rss_mb() / 1024),
    ]
    if name.startswith("screen"):
        whole = processor / fits * 2950 / 120
        figures.append(Figure(name, "295 drugs x 10 members on two cores, min (extrapolated)", whole))
    return account, figures


def copy_number(rng: np.random.Generator, lines: int, genes: int) -> np.ndarray:
    """Log2 ratios (lines, genes) in segments of about 300 genes, of which a third are gained or lost, with noise."""
    values = np.zeros((lines, genes))
    for own in values:
        ends = np.sort(rng.choice(genes, genes // 300 + 1, replace=False))
        levels = rng.choice([-1.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.6, 1.0], len(ends) + 1)
        own += np.repeat(levels, np.diff(np.concatenate([[0], ends, [genes]])))
    return values + 0.1 * rng.standard_normal(values.shape)


def two_layers(expression: int, copies: int, n: int, setup: Settings) -> list[Figure]:
    """A ridge on two layers that learned from planted slopes of both, explained as a function."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.standard_normal((n, expression)), copy_number(rng, n, copies)], axis=1)
    names = tuple(f"expression:G{i}" for i in range(expression)) + tuple(f"copy_number:G{i}" for i in range(copies))
    slopes = np.zeros((expression + copies, 2))
    for d in range(2):
        slopes[rng.choice(expression, 10, replace=False), d] = rng.choice([-0.5, 0.5], 10)
        slopes[expression + rng.choice(copies, 10, replace=False), d] = rng.choice([-1.0, 1.0], 10)
    model = Ridge(alpha=100.0).fit(x, x @ slopes + 0.5 * rng.standard_normal((n, 2)))
    lines = Lines(tuple(f"L{i}" for i in range(n)), names, x)
    name = f"two layers: m = {expression} + {copies}, n = {n}"
    account, figures = explained(of_estimator(model, ("D0", "D1"), names), lines, setup, name)
    own, true = account.genes().raw, model.coef_ * x.std(axis=0)
    agreement = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(own, true, strict=True)]
    tops = [(set(np.argsort(-np.abs(v))[:20].tolist()) for v in pair) for pair in zip(own, true, strict=True)]
    shared = [len(a & b) / 20 for a, b in tops]
    return [
        *figures,
        Figure(name, "correlation with the slopes of the model", float(np.mean(agreement))),
        Figure(name, "of its 20 strongest features, named", float(np.mean(shared))),
    ]


def said(figure: Figure) -> str:
    """The table row of a figure."""
    target = TARGETS.get(figure.what)
    row = f"{figure.name:<52} {figure.what:<56} {figure.value:>10.3f}"
    if target is None:
        return row
    met = figure.value >= target if figure.what in AT_LEAST else figure.value <= target
    return f"{row} {target:>8g}  {'met' if met else 'MISSED'}"


SCREEN = Settings(latents=32, rank=16, space=256)
"""What a whole screen can afford."""


def jobs(quick: bool) -> dict[str, Callable[[], list[Figure]]]:
    """What is measured, by name; each is sent to a process."""
    if quick:
        small = Size(40, 8, 4, 16)
        tiny = Settings(latents=8, rank=4, steps=5, swaps=1)
        return {
            "step": partial(step_figures, small),
            "explicit": partial(comparison, small),
            "screen": partial(fit_figures, 40, 60, 2, tiny, "screen"),
            "two layers": partial(two_layers, 30, 600, 60, tiny),
        }
    sizes = [(300, 400), (1631, 200), (1631, 400), (1631, 700), (6000, 400), (26052, 700)]
    full = Size(1631, 96, 40, 64)
    return {
        "step": partial(step_figures, full),
        "step in coordinates": partial(step_figures, full, 256),
        "step of a screen": partial(step_figures, Size(1631, 32, 16, 64), 256),
        **{f"curve {m} {n}": partial(fit_figures, m, n, 2, SCREEN, "curve") for m, n in sizes},
        "default": partial(fit_figures, 1631, 700, 2, Settings(), "default"),
        "screen": partial(fit_figures, 1631, 700, 16, SCREEN, "screen"),
        "two layers": partial(two_layers, 1631, 24421, 700, SCREEN),
        "explicit, 300 genes": partial(comparison, Size(300, 96, 17, 64)),
        "explicit": partial(comparison, full, repeats=1),
    }


def aside(job: Callable[[], list[Figure]]) -> list[Figure]:
    """Run a job on one thread in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(alone, job).result()


def alone(job: Callable[[], list[Figure]]) -> list[Figure]:
    """A job on one thread."""
    with one_thread():
        return job()


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tiny size only")
    parser.add_argument("--out", type=Path, default=Path("build/bench_explainer.json"), help="where the JSON goes")
    parser.add_argument("--only", default="", help="jobs with this word in their names")
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    for name, job in jobs(options.quick).items():
        if options.only in name:
            own = alone(job) if options.quick else aside(job)
            print("\n".join(said(figure) for figure in own), flush=True)
            figures += own
    record: dict[str, Any] = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "targets": TARGETS,
        "figures": [asdict(figure) for figure in figures],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
