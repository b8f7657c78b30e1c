"""Sampled nulls: the same number of claims for the same drugs, about other genes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from scipy.spatial import KDTree

from pathproof.validate.judged import Judged
from pathproof.validate.knowledge import Knowledge
from pathproof.validate.overlap import ASIDE, agree, alike_claims
from pathproof.validate.scoring import CELLS, Picked

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Choose = Callable[[np.random.Generator, Ints], Ints]  # items for these claims (places in `Picked.rows`)

NEIGHBOURS = 50
ROUNDS = 30


@dataclass(frozen=True)
class Drawn:
    """A null as draws of one figure.

    Parameters
    ----------
    mean, sd : float
    p : float
        (b + 1) / (n + 1), b of n draws at least as large as what was observed; a draw without a
        figure counts against the explainer.
    p_error : float
        Monte Carlo standard error of p.
    draws : int
    """

    mean: float | None
    sd: float | None
    p: float
    p_error: float
    draws: int


def summary(observed: float, draws: Floats) -> Drawn:
    """Mean, spread and p-value of the draws (NaN: a draw without a figure)."""
    n = len(draws)
    p = (np.count_nonzero(~(draws < observed - 1e-12)) + 1) / (n + 1)
    there = draws[np.isfinite(draws)]
    return Drawn(
        float(there.mean()) if len(there) else None,
        float(there.std(ddof=1)) if len(there) > 1 else None,
        float(p),
        float(np.sqrt(p * (1 - p) / (n + 1))),
        n,
    )


def items_of(judged: Judged, picked: Picked) -> Ints:
    """The one item of each picked claim (claims about a gene or a pathway)."""
    names = judged.block.names
    return np.asarray(names.indices[names.indptr[picked.rows]], dtype=np.int64)


def uniform(judged: Judged) -> Choose:
    """Any item of the universe."""
    total = judged.block.names.shape[1]
    return lambda rng, claims: rng.integers(total, size=claims.shape)


def alike(judged: Judged, picked: Picked, near: Ints) -> Choose:
    """One of the items that are most alike to the claimed one; `near` is items x candidates."""
    own = items_of(judged, picked)
    return lambda rng, claims: near[own[claims], rng.integers(near.shape[1], size=claims.shape)]


def draws_of(judged: Judged, picked: Picked, choose: Choose, rng: np.random.Generator, draws: int) -> Floats:
    """Mean precision over drugs in each draw.

    Each claim keeps its drug, sign and layer and gets another item; the items of one drug differ
    (they are drawn again, at most 30 times). An item that the reference sets aside is untestable.
    """
    slot = np.repeat(np.arange(len(picked.drugs)), np.diff(np.append(picked.first, len(picked.rows))))
    size = max(CELLS // max(len(slot), 1), 1)
    return np.concatenate(
        [_some_draws(judged, picked, choose, rng, slot, min(size, draws - at)) for at in range(0, draws, size)]
    )


def _some_draws(
    judged: Judged, picked: Picked, choose: Choose, rng: np.random.Generator, slot: Ints, draws: int
) -> Floats:
    items = choose(rng, np.broadcast_to(np.arange(len(slot)), (draws, len(slot))))
    for _ in range(ROUNDS):
        again = np.nonzero(_repeats(items, slot))
        if not len(again[1]):
            break
        items[again] = choose(rng, again[1])
    right, open_ = _lookup(judged, picked, items)
    right_of = np.add.reduceat(right & open_, picked.first, axis=1, dtype=np.int64)
    open_of = np.add.reduceat(open_, picked.first, axis=1, dtype=np.int64)
    return mean_of_shares(right_of, open_of)


def mean_of_shares(right: Ints, total: Ints) -> Floats:
    """Draws x drugs: mean over the drugs with something to test; NaN where no drug has."""
    there = total > 0
    share = np.where(there, right / np.maximum(total, 1), 0.0)
    count = there.sum(axis=1)
    return np.where(count > 0, share.sum(axis=1) / np.maximum(count, 1), np.nan)


def _repeats(items: Ints, slot: Ints) -> Bools:
    """Where a drug's item was drawn before, within each draw; the claims of a drug stand side by side."""
    found = np.zeros(items.shape, dtype=bool)
    for apart in range(1, int(np.bincount(slot).max(initial=1))):
        found[:, apart:] |= (items[:, apart:] == items[:, :-apart]) & (slot[apart:] == slot[:-apart])
    return found


def _lookup(judged: Judged, picked: Picked, items: Ints) -> tuple[Bools, Bools]:
    """For each drawn item whether its drug's reference agrees, and whether it can be tested."""
    codes = judged.facts.codes[items, judged.column[picked.rows][None, :]]
    right = np.zeros(items.shape, dtype=bool)
    for sign, layer, here in alike_claims(judged.block, picked.rows):
        right[:, here] = agree(codes[:, here], sign, layer)
    return right, (codes & ASIDE) == 0


def degrees(known: Knowledge) -> dict[str, int]:
    """Edges of each gene in the graph: targets, pathways, signalling and regulation (evidence is the answer)."""
    ends = [("target-edges", "gene"), ("pathway-members", "gene")]
    ends += [(name, end) for name in ("signalling-edges", "regulation-edges") for end in ("start", "end")]
    counts = pd.concat([known[name][end] for name, end in ends]).value_counts()
    return {str(gene): int(n) for gene, n in counts.items()}


def nearest_items(genes: tuple[str, ...], known: Knowledge, traits: pd.DataFrame | None) -> Ints:
    """For each gene the 50 most alike ones, itself among them: genes x candidates.

    Likeness is distance between ranks of the mean and the variance of the expression and of the
    degree in the graph; a gene without expression is like other such genes. Ties (many genes have no edge at
    all) are broken by a fixed random order: by name, the same few would stand for all of them, and whether
    these are in a reference would decide every draw.
    """
    degree = degrees(known)
    columns = [[float(degree.get(gene, 0)) for gene in genes]]
    if traits is not None:
        columns += [traits[name].reindex(list(genes)).to_numpy(dtype=float).tolist() for name in ("mean", "variance")]
    ranks = np.column_stack([_rank(np.array(values)) for values in columns])
    ranks += np.random.default_rng(len(genes)).random(ranks.shape) / (2 * len(genes))  # less than a rank
    _, near = KDTree(ranks).query(ranks, k=min(NEIGHBOURS, len(genes)))
    return np.asarray(near, dtype=np.int64).reshape(len(genes), -1)


def _rank(values: Floats) -> Floats:
    """Ranks in [0, 1]; a missing value lies apart, at -1."""
    ranks = np.full(len(values), -1.0)
    there = np.isfinite(values)
    if there.any():
        ranks[there] = stats.rankdata(values[there]) / there.sum()
    return ranks
