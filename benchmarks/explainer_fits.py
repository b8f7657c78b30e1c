"""What whole fits cost, and how close they come to the model: jobs of bench_explainer.py."""

from __future__ import annotations

import time

import numpy as np
from explainer_steps import Figure
from sklearn.linear_model import Ridge

from pathproof.cli.facts import peak_rss_mb
from pathproof.explain.multivariate.account import Account, explain_function
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction, of_estimator


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
