"""Peers that explain single lines: KernelSHAP, LIME, and, which also say pairs, shapiq and SHAP interactions of trees.

Each needs a package of its own; one that is not installed is said by name. They ask thousands of rows for every line,
so a few of the lines that they may see are explained, and what is said of them is brought to slopes by least squares
through the base: the mean of the lines that they may see, of which they say 0.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import UsageError
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.model_peers import Peer, Said, boosted, plain_ridge
from pathproof.explain.multivariate.peer_kinds import needed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ASKED = 4
"""So many lines are explained."""
LIME_CALLS, PAIR_CALLS, PAIR_FEATURES, TREE_PAIRS = 5000, 2048, 20, 50


def kernel_shap(asked: int = ASKED, calls: int | None = None) -> Peer:
    """KernelSHAP (Lundberg and Lee 2017, doi:10.48550/arXiv.1705.07874) against the mean line, without its selection.

    Parameters
    ----------
    asked : int
        Lines that are explained.
    calls : int, optional
        Rows for each; default as the package has it, 2,048 and twice the number of features.

    Raises
    ------
    DependencyError
        The package shap is not there.
    UsageError
        Fewer calls than unknowns.
    """

    def said(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
        shap = needed("KernelSHAP", "shap", "shap")
        m = lines.x.shape[1]
        budget = 2 * m + 2048 if calls is None else calls
        _enough("KernelSHAP", budget, m + 1)
        picked, base = chosen(lines, rows, asked, seed)
        explainer = shap.KernelExplainer(function.ask, base[None])
        with _drawing_from(seed):
            values = explainer.shap_values(picked, nsamples=budget, l1_reg=False, silent=True)
        by_output = np.asarray(values).reshape(len(picked), m, len(function.outputs)).transpose(2, 0, 1)
        slopes = np.stack([through_base(own, picked - base) for own in by_output])
        return _stated(slopes * lines.x.std(axis=0))

    return said


def lime(asked: int = ASKED, calls: int = LIME_CALLS) -> Peer:
    """LIME (Ribeiro et al. 2016, doi:10.1145/2939672.2939778): local ridges on rows drawn around the mean line.

    Features are continuous and none is dropped; the rest is as the package has it.

    Raises
    ------
    DependencyError
        The package lime is not there.
    UsageError
        Fewer calls than unknowns.
    """

    def said(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
        needed("LIME", "lime", "lime")
        tabular = importlib.import_module("lime.lime_tabular")
        m = lines.x.shape[1]
        _enough("LIME", calls, m + 1)
        picked, _ = chosen(lines, rows, asked, seed)
        seen = lines.x[rows]
        spread = np.where(seen.std(axis=0) > 0, seen.std(axis=0), 1.0)
        explainer = tabular.LimeTabularExplainer(
            seen, mode="regression", discretize_continuous=False, feature_selection="none", random_state=seed
        )
        slopes = np.zeros((len(function.outputs), m))
        for line in picked:
            for d in range(len(function.outputs)):
                one = explainer.explain_instance(line, _output(function, d), num_features=m, num_samples=calls)
                for feature, weight in one.local_exp[1]:
                    slopes[d, feature] += weight / (spread[feature] * len(picked))
        return _stated(slopes * lines.x.std(axis=0))

    return said


def shapiq(asked: int = ASKED, calls: int = PAIR_CALLS, features: int = PAIR_FEATURES) -> Peer:
    """Shapley interactions of order two (k-SII by KernelSHAP-IQ; Fumagalli et al. 2024, doi:10.48550/arXiv.2405.10852).

    For each output over its strongest features by a ridge on the model's answers, because pairs of all are too many to
    be asked about; the slopes of the others are 0, and their values stay those of the line.

    Raises
    ------
    DependencyError
        The package shapiq is not there.
    UsageError
        Fewer calls than features and pairs.
    """

    def said(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
        package = needed("shapiq", "shapiq", "shapiq")
        count, outputs = min(features, lines.x.shape[1]), len(function.outputs)
        _enough("shapiq", calls, 1 + count + count * (count - 1) // 2)
        picked, base = chosen(lines, rows, asked, seed)
        strongest = np.argsort(-np.abs(plain_ridge(function, lines, rows, seed).slopes), axis=1)[:, :count]
        spread = lines.x.std(axis=0)
        slopes, pairs = np.zeros((outputs, lines.x.shape[1])), []
        for d in range(outputs):
            own = np.sort(strongest[d])
            places = list(combinations(range(count), 2))
            ones, twos = np.zeros((len(picked), count)), np.zeros((len(picked), len(places)))
            for k, line in enumerate(picked):
                asking = package.KernelSHAPIQ(count, max_order=2, index="k-SII", random_state=seed)
                found = asking.approximate(min(calls, 2**count), _game(function, d, line, base, own))
                ones[k] = [found[(i,)] for i in range(count)]
                twos[k] = [found[pair] for pair in places]
            moved = (picked - base)[:, own]
            both = np.stack([moved[:, i] * moved[:, j] for i, j in places], axis=1)
            slopes[d, own] = through_base(ones, moved) * spread[own]
            size = through_base(twos, both) * np.asarray([spread[own[i]] * spread[own[j]] for i, j in places])
            named = [(int(own[i]), int(own[j])) for i, j in places]
            pairs.append(dict(zip(named, size.tolist(), strict=True)))
        return Said(slopes, np.full(outputs, np.nan), tuple(pairs))

    return said


def tree_interactions(asked: int = ASKED, count: int = TREE_PAIRS) -> Peer:
    """SHAP interaction values (Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9) of trees on the model's answers.

    For each output the pairs that the lines asked about show most; the two halves of a pair are added.

    Raises
    ------
    DependencyError
        The package shap or lightgbm is not there.
    """

    def said(function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
        shap = needed("SHAP interactions", "shap", "shap")
        picked, base = chosen(lines, rows, asked, seed)
        moved, spread = picked - base, lines.x.std(axis=0)
        slopes, pairs = np.zeros((len(function.outputs), lines.x.shape[1])), []
        for d, trees in enumerate(boosted("SHAP interactions", lines.x[rows], function.ask(lines.x)[rows], seed)):
            values = np.asarray(shap.TreeExplainer(trees).shap_interaction_values(picked))
            slopes[d] = through_base(values.sum(axis=2), moved) * spread
            size = np.triu(np.abs(values).sum(axis=0), 1)
            best = np.argsort(-size, axis=None, kind="stable")[:count]
            named = [
                (int(i), int(j)) for i, j in zip(*np.unravel_index(best, size.shape), strict=True) if size[i, j] > 0
            ]
            own = {}
            for i, j in named:
                both = (moved[:, i] * moved[:, j])[:, None]
                own[(i, j)] = float(through_base(2.0 * values[:, i, j][:, None], both)[0] * spread[i] * spread[j])
            pairs.append(own)
        return Said(slopes, np.full(len(slopes), np.nan), tuple(pairs))

    return said


def through_base(values: Floats, moved: Floats) -> Floats:
    """Least squares slopes (m,) through 0 of values (n, m) on how far each feature lies from the base (n, m)."""
    total = (moved**2).sum(axis=0)
    return np.asarray(np.divide((values * moved).sum(axis=0), total, out=np.zeros_like(total), where=total > 0))


def _stated(slopes: Floats) -> Said:
    """Slopes without an account that could be judged on other lines."""
    return Said(slopes, np.full(len(slopes), np.nan))


def _enough(peer: str, calls: int, least: int) -> None:
    if calls < least:
        raise UsageError(
            f"The budget is too small for {peer}: there are more unknowns than rows that are asked.",
            got=f"{calls} calls a line",
            allowed=f"at least {least}",
            action="ask for more, or explain fewer features",
        )


def chosen(lines: Lines, rows: Ints, asked: int, seed: int) -> tuple[Floats, Floats]:
    """Some of the rows that may be seen, drawn by the seed (k, m), and the mean of them all (m,)."""
    drawn = np.random.default_rng([seed, 5]).choice(rows, min(asked, len(rows)), replace=False)
    return lines.x[np.sort(drawn)], lines.x[rows].mean(axis=0)


def _output(function: ModelFunction, d: int) -> Callable[[Floats], Floats]:
    return lambda rows: function.ask(rows)[:, d]


def _game(
    function: ModelFunction, d: int, line: Floats, base: Floats, features: Ints
) -> Callable[[NDArray[np.bool_]], Floats]:
    """Value of coalitions (c, features): what they lack is taken from the base."""

    def value(coalitions: NDArray[np.bool_]) -> Floats:
        rows = np.repeat(line[None], len(coalitions), axis=0)
        rows[:, features] = np.where(coalitions, line[features], base[features])
        return np.asarray(function.ask(rows)[:, d])

    return value


@contextlib.contextmanager
def _drawing_from(seed: int) -> Iterator[None]:
    """The package draws from NumPy's one global state: set here, and put back."""
    before = np.random.get_state()  # noqa: NPY002 (another package's generator)
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
