"""Tables that go beside the explanations: stability, faithfulness and confounders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.attribution import GeneScores

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Row = dict[str, Any]
DRAWS = 500


def mean_interval(values: Floats, seed: int) -> tuple[float, list[float]]:
    """Mean and 95 % percentile bootstrap interval over the entries (drugs)."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, [0.0, 0.0]
    rng = np.random.default_rng([seed, 4])
    draws = finite[rng.integers(0, finite.size, (DRAWS, finite.size))].mean(axis=1)
    lo, hi = np.quantile(draws, [0.025, 0.975])
    return float(finite.mean()), [float(lo), float(hi)]


def pair_jaccards(masks: Bools) -> Floats:
    """Top-k Jaccard of every two members.

    Parameters
    ----------
    masks : bool array (B, G, D)

    Returns
    -------
    float array (D, B, B)
    """
    m = masks.transpose(2, 0, 1).astype(np.float64)
    shared = m @ m.transpose(0, 2, 1)
    size = m.sum(axis=2)
    either = size[:, :, None] + size[:, None, :] - shared
    return np.asarray(np.divide(shared, either, out=np.ones_like(shared), where=either > 0))


def jaccard_intervals(jaccards: Floats, seed: int) -> tuple[Floats, Floats]:
    """Mean over pairs of members and its interval, resampling members (all drugs share them).

    Parameters
    ----------
    jaccards : float array (R, B, B)

    Returns
    -------
    (float array (R,), float array (R, 2))
    """
    n = jaccards.shape[1]
    pairs = ~np.eye(n, dtype=bool)
    mean = jaccards[:, pairs].mean(axis=1)
    rng = np.random.default_rng([seed, 5])
    draws: list[Floats] = []
    while len(draws) < DRAWS:
        counts = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        weight = np.outer(counts, counts) * pairs
        if weight.sum() > 0:
            draws.append((jaccards * weight).sum(axis=(1, 2)) / weight.sum())
    return mean, np.quantile(np.stack(draws), [0.025, 0.975], axis=0).T


def stability_rows(scores: GeneScores, drugs: Sequence[str], top_k: int, seed: int) -> list[Row]:
    """Top-k Jaccard over members that differ in seed, and over members that differ in lines."""
    rows: list[Row] = []
    for kind, members in (("seeds", scores.seed_top), ("lines", scores.line_top)):
        jaccards = pair_jaccards(members)
        everything = np.concatenate([jaccards.mean(axis=0, keepdims=True), jaccards])
        mean, interval = jaccard_intervals(everything, seed)
        size = min(top_k, scores.value.shape[0])
        chance = size / (2 * scores.value.shape[0] - size)
        for name, m, ci in zip(("all", *drugs), mean, interval, strict=True):
            rows.append(
                {
                    "explainer": "pathproof",
                    "drug": name,
                    "kind": kind,
                    "top_k": top_k,
                    "members": int(members.shape[0]),
                    "jaccard_mean": float(m),
                    "ci95": [float(ci[0]), float(ci[1])],
                    "chance": float(chance),
                }
            )
    return rows


def _unit_columns(values: Floats) -> Floats:
    centred = values - values.mean(axis=-2, keepdims=True)
    norm = np.sqrt((centred**2).sum(axis=-2, keepdims=True))
    return np.asarray(np.divide(centred, norm, out=np.zeros_like(centred), where=norm > 0))


def identity_rows(members: dict[str, Floats], seed: int) -> list[Row]:
    """Is an explanation about its drug? The same drug in other members against other drugs in one member.

    Parameters
    ----------
    members : dict of kind to float array (B, G, D)
        "seeds" and "lines".

    Returns
    -------
    list of rows with the median correlation of each comparison; the interval is over drugs.
    """
    rows: list[Row] = []
    for kind, values in members.items():
        unit = _unit_columns(values)
        b = unit.shape[0]
        same = np.stack([(unit[i] * unit[j]).sum(axis=0) for i in range(b) for j in range(i)])
        gram = np.einsum("bgd,bge->bde", unit, unit)
        other = gram[:, ~np.eye(unit.shape[2], dtype=bool)]
        _, interval = mean_interval(np.median(same, axis=0), seed)
        rows.append(
            {
                "confounder": f"identity over {kind}",
                "view": "centred",
                "statistic": "median correlation, same drug in other members",
                "value": float(np.median(same)),
                "ci95": interval,
                "compared_with": float(np.median(other)) if other.size else 0.0,
                "comparison": "median correlation, other drugs in the same member",
                "n_drugs": int(unit.shape[2]),
            }
        )
    return rows


def confounder_rows(
    scaled: Floats, tissue: Sequence[str], fragility: Floats, views: dict[str, Floats], seed: int
) -> list[Row]:
    """How much of what an attribution says is tissue, or general fragility.

    A drug's attribution gives every line the score sum_f a_f x_f. Reported are the share of the
    score's variance that lies between tissues, and its absolute correlation with the line's mean
    response over all drugs.

    Parameters
    ----------
    scaled : float array (n, F)
        Features in SD.
    fragility : float array (n,)
        Mean z-scored response of each line.
    views : dict of name to float array (F, D)
        "raw" and "centred" attributions.
    """
    rows: list[Row] = []
    names = np.asarray(tissue)
    for view, attribution in views.items():
        score = scaled @ attribution
        score = score - score.mean(axis=0)
        total = (score**2).sum(axis=0)
        between = sum((names == t).sum() * score[names == t].mean(axis=0) ** 2 for t in sorted(set(tissue))) / np.where(
            total > 0, total, np.nan
        )
        known = np.isfinite(fragility)
        fragile = fragility[known] - fragility[known].mean()
        part = score[known] - score[known].mean(axis=0)
        norm = np.sqrt((part**2).sum(axis=0) * (fragile**2).sum())
        r = np.abs(fragile @ part) / np.where(norm > 0, norm, np.nan)
        unit = _unit_columns(attribution)
        alike = (unit.T @ unit)[~np.eye(unit.shape[1], dtype=bool)]
        for confounder, statistic, values in (
            ("tissue", "share of the attribution score's variance between tissues", np.asarray(between)),
            ("fragility", "absolute correlation of the attribution score with the line's mean response", r),
            ("other drugs", "mean correlation of a drug's attribution with that of other drugs", alike),
        ):
            mean, interval = mean_interval(np.asarray(values, dtype=np.float64), seed)
            rows.append(
                {
                    "confounder": confounder,
                    "view": view,
                    "statistic": statistic,
                    "value": mean,
                    "ci95": interval if confounder != "other drugs" else None,
                    "n_drugs": int(attribution.shape[1]),
                }
            )
    return rows


def faithfulness_row(
    explainer: str, effects: Floats, agreement: Floats, random: Floats, sizes: Floats, seed: int
) -> Row:
    """The joint effect of an explainer's strongest claims on the model, against random features.

    Parameters
    ----------
    effects : float array (D',)
        Joint centred effect of each drug's claims, ln IC50, in the direction that the model's own
        attributions give (above 0: as said).
    agreement : float array (D',)
        Share of members in which it is above 0.
    random : float array (D', R)
        The same for random sets of the same size.
    """
    mean, interval = mean_interval(effects, seed)
    beyond = effects - random.mean(axis=1)
    beyond_mean, beyond_ci = mean_interval(beyond, seed)
    return {
        "explainer": explainer,
        "drug": "all",
        "metric": "deletion",
        "unit": "ln IC50 (uM)",
        "n_drugs": int(effects.size),
        "mean_features": float(sizes.mean()) if sizes.size else 0.0,
        "effect": mean,
        "ci95": interval,
        "random": float(random.mean()) if random.size else 0.0,
        "beyond_random": beyond_mean,
        "beyond_random_ci95": beyond_ci,
        "above_95th_random": float((effects > np.quantile(random, 0.95, axis=1)).mean()) if random.size else 0.0,
        "sign_agreement": float(agreement.mean()) if agreement.size else 0.0,
    }
