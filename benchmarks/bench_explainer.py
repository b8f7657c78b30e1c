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
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench import machine
from explainer_fits import fit_figures, two_layers
from explainer_steps import Figure, Size, comparison, step_figures

from pathproof.explain.models.base import one_thread
from pathproof.explain.multivariate.fit import Settings

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
