"""Ask the model about pairs: does it show the product that the surrogate proposes?

For a line x and a pair (i, j), delta_ij = f(x) - f(x_-i) - f(x_-j) + f(x_-ij), where x_-i takes gene i from a donor
line, is 0 for every model that is additive in i and j, and c (x_i - d_i)(x_j - d_j) for a product c x_i x_j, with d the
donor. The effect of a pair is the mean of delta_ij, over donors, in the lines where both genes lie on the same side of
their medians, minus that in the lines where they lie on opposite sides: in units of the output, with the sign of c.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DataError, UsageError
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.match import check_match

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_NULL = 20
ROUNDING = 1e-4
"""An effect below this share of the output's SD is taken for rounding."""


@dataclass(frozen=True)
class PairAnswers:
    """What the model says of P pairs and D outputs.

    Parameters
    ----------
    effect : float array (P, D)
        Units of the output (classes: of probability).
    null : float array (Q, D)
        Effects of random other pairs.
    output_sd : float array (D,)
        SD of the outputs over the lines.
    model_calls : int
        Rows that the model was asked about.
    """

    effect: Floats
    null: Floats
    output_sd: Floats
    model_calls: int

    def confirmed(
        self, output: int, sign: Floats, centre: Callable[[Floats], Floats] = lambda values: values
    ) -> NDArray[np.bool_]:
        """Which pairs (P,) show the claimed sign (P,) beyond random pairs, as they are and after `centre`.

        Beyond: above the 95th percentile of the absolute effects of random pairs, and above rounding, because all
        random pairs of an additive model have effects of almost 0.
        """
        shown = np.ones(len(self.effect), dtype=bool)
        for view in (lambda values: values, centre):
            null95 = np.quantile(np.abs(view(self.null)[:, output]), 0.95)
            shown &= view(self.effect)[:, output] * sign > max(null95, ROUNDING * self.output_sd[output])
        return shown


def sides(x: Floats, pair: tuple[int, int]) -> Floats:
    """Line weights (n,): + 1 / n_same where both features lie on one side of their medians, - 1 / n_opposite elsewhere.

    All 0 when one of the groups is empty; a line at a median counts as below it.
    """
    above = x[:, list(pair)] > np.median(x[:, list(pair)], axis=0)
    same = above[:, 0] == above[:, 1]
    if same.all() or not same.any():
        return np.zeros(len(x))
    return np.asarray(np.where(same, 1.0 / same.sum(), -1.0 / (~same).sum()))


def pair_effects(function: ModelFunction, x: Floats, pairs: Ints, donors: Ints) -> Floats:
    """Effects (P, D) of pairs (P, 2) in lines x (n, m) with donor rows (draws, n)."""
    before = function.ask(x)
    effects = np.zeros((len(pairs), before.shape[1]))
    for k, (i, j) in enumerate(pairs.tolist()):
        delta = np.zeros_like(before)
        for donor in donors:
            for columns, sign in (([i], -1.0), ([j], -1.0), ([i, j], 1.0)):
                changed = x.copy()
                changed[:, columns] = x[np.ix_(donor, columns)]
                delta += sign * function.ask(changed)
        effects[k] = sides(x, (i, j)) @ (before + delta / len(donors))
    return effects


def ask_pairs(
    function: ModelFunction, lines: Lines, pairs: Ints, *, draws: int = 10, nulls: int = 40, seed: int = 0
) -> PairAnswers:
    """Ask the model about pairs, and about random other pairs for comparison.

    Parameters
    ----------
    function : ModelFunction
    lines : Lines
        Also the background that donors come from.
    pairs : int array (P, 2)
        Columns of the features.
    draws : int
        Donors for each line.
    nulls : int
        Random pairs, of features that vary.

    Raises
    ------
    DataError
        More donors asked for than there are lines, or too few features for random pairs.
    UsageError
        Pairs of a feature with itself or outside of the features, or too few random pairs for a percentile.
    """
    check_match(function, lines)
    n, m = lines.x.shape
    if not 1 <= draws < n:
        raise DataError(
            "The background is smaller than asked.",
            got=f"{draws} donors a line, {n} lines",
            allowed=f"1 to {n - 1}",
            action="ask for fewer draws, or give more lines",
        )
    wrong = pairs.ndim != 2 or pairs.shape[1:] != (2,) or (pairs.size and (pairs.min() < 0 or pairs.max() >= m))
    if wrong or (pairs[:, 0] == pairs[:, 1]).any():
        raise UsageError(
            "The pairs are not two different features each.", got=f"shape {pairs.shape}", allowed=f"0..{m - 1}"
        )
    if seed < 0:
        raise UsageError("A seed cannot be negative.", got=seed, allowed="0 or more")
    if nulls < LEAST_NULL:
        raise UsageError("There are too few random pairs to compare with.", got=nulls, allowed=f"at least {LEAST_NULL}")
    rng = np.random.default_rng([seed, 5])
    donors = np.stack([rng.permutation(n) for _ in range(draws)])
    others = random_pairs(lines.x, pairs, nulls, rng)
    if len(others) < LEAST_NULL:
        raise DataError(
            "There are too few other pairs to compare with.", got=len(others), allowed=f"at least {LEAST_NULL}"
        )
    effects = pair_effects(function, lines.x, np.concatenate([pairs, others]), donors)
    spread = function.ask(lines.x).std(axis=0)
    return PairAnswers(effects[: len(pairs)], effects[len(pairs) :], spread, n * (2 + 3 * draws * len(effects)))


def random_pairs(x: Floats, pairs: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Pairs of features that vary, none of them among the given pairs; fewer than asked where there are no more."""
    free = np.flatnonzero(x.std(axis=0) > 0)
    known = {(min(i, j), max(i, j)) for i, j in pairs.tolist()}
    found: set[tuple[int, int]] = set()
    for _ in range(100 * count):
        if len(found) == count or free.size < 2:
            break
        i, j = sorted(rng.choice(free, 2, replace=False).tolist())
        if (i, j) not in known:
            found.add((i, j))
    return np.asarray(sorted(found), dtype=np.int64).reshape(-1, 2)
