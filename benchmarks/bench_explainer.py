"""Measure the multivariate explainer: one training step against the explicit published form, memory, fits, one line.

    python benchmarks/bench_explainer.py [--quick] [--out FILE]

All in one process on one thread, on random lines. A step is the loss with all its gradients and the update of all
parameters, the median of several; seconds of the processor stand beside those of the clock, which other programs on the
machine lengthen; the ratio is one of processor seconds. "curve": the cost of a fit against genes and lines. The
explicit form needs 4 GiB of memory at 1,631 genes. Prints
a table and writes JSON; a missed target is said in words, because seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench import machine

from pathproof.cli.facts import peak_rss_mb
from pathproof.explain.models.base import one_thread
from pathproof.explain.multivariate.account import explain_function
from pathproof.explain.multivariate.encoder import Factors, encode, gradient
from pathproof.explain.multivariate.explicit import PROJECTIONS, explicit_loss
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.losses import Weights, total_loss

WEIGHTS = Weights(fidelity=1.0, similarity=1.0, collinearity=1.0, local=0.1)
TARGETS = {
    "step, ms": 60.0,
    "times faster than explicit": 300.0,
    "memory of explicit / ours": 10.0,
    "one fit, s": 15.0,
    "one line, ms": 0.3,
    "295 drugs x 10 members on two cores, min (extrapolated)": 25.0,
    "most memory so far, GiB": 4.0,
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
    """Our step at a size, in all genes or in so many coordinates of the row space; and one line explained."""
    factors, x, output = draw(size, coordinates)
    clock, processor = seconds(stepper(factors, lambda: total_loss(factors, x, output, WEIGHTS, "regression").sum()), 9)
    name = size.name + (f", {coordinates} coordinates" if coordinates else "")
    with torch.no_grad():
        line = seconds(lambda: gradient(factors, encode(factors, x[:, :1])), 30)[0]
    return [
        Figure(name, "step, ms", 1000 * clock),
        Figure(name, "step, ms of processor", 1000 * processor),
        Figure(name, "one line, ms", 1000 * line),
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
    before = time.perf_counter(), time.process_time()
    account = explain_function(model, Lines(tuple(f"L{i}" for i in range(lines)), names, x), setup, seeds=2, samples=3)
    clock, processor = time.perf_counter() - before[0], time.process_time() - before[1]
    fits = outputs * len(account.members)
    name = f"{name}: m = {genes}, n = {lines}, {fits} fits"
    return [
        Figure(name, "one fit, s", clock / fits),
        Figure(name, "one fit, s of processor", processor / fits),
        Figure(name, "295 drugs x 10 members on two cores, min (extrapolated)", processor / fits * 2950 / 120),
        Figure(name, "fidelity, R2", float(np.median(account.fidelity))),
        Figure(name, "fidelity of a plain ridge, R2", float(np.median(account.ridge_fidelity))),
        Figure(name, "most memory so far, GiB", peak_rss_mb() / 1024),
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


def jobs(quick: bool) -> list[Callable[[], list[Figure]]]:
    """What is measured."""
    if quick:
        small = Size(40, 8, 4, 16)
        tiny = Settings(latents=8, rank=4, steps=5, swaps=1)
        return [
            lambda: step_figures(small),
            lambda: comparison(small),
            lambda: fit_figures(40, 60, 2, tiny, "tiny"),
        ]
    sizes = [(300, 400), (1631, 200), (1631, 400), (1631, 700), (6000, 400)]
    curve = [partial(fit_figures, genes, lines, 2, SCREEN, "curve") for genes, lines in sizes]
    full = Size(1631, 96, 40, 64)
    return [
        lambda: step_figures(full),
        lambda: step_figures(full, 256),
        *curve,
        lambda: fit_figures(1631, 700, 2, Settings(), "default"),
        lambda: fit_figures(1631, 700, 16, SCREEN, "screen"),
        lambda: fit_figures(26052, 700, 2, SCREEN, "copy number too"),
        lambda: comparison(Size(300, 96, 17, 64)),  # last: the explicit form takes most memory
        lambda: comparison(full, repeats=1),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tiny size only")
    parser.add_argument("--out", type=Path, default=Path("build/bench_explainer.json"), help="where the JSON goes")
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    with one_thread():
        for job in jobs(options.quick):
            own = job()
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
