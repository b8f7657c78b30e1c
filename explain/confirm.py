"""Ask the model itself: does replacing a claim's features change the predictions as the claim says?

For a set S of features and a cell line x, delta(x) = f(x) - mean over donors of f(x with S taken
from the donor): what the line's own values of S do to its predicted ln IC50. A claim says that a
high score of S goes with resistance (or sensitivity). Its effect is the mean delta of the lines in
the upper third of the score minus that of the lower third (for a mutation: carriers minus
non-carriers), in ln IC50. The same donors serve all lines, so their choice cancels for an additive
model. One replacement gives the deltas of all drugs, so drugs with the same set share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.contrasts import Background, Contrasts, Features, contrast_effects

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.models.base import Predictor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NO_NULL = "no unclaimed random features of the same number are left to compare with"


@dataclass(frozen=True)
class Question:
    """One claim to put to the model.

    Parameters
    ----------
    drug : int
        Column of the response.
    features : tuple of int
        Columns of `x`, leader first.
    weights : tuple of float
        Signed attribution of each feature (ln IC50 per SD of the feature).
    sign : int
        +1 when a high score goes with resistance.
    """

    drug: int
    features: Features
    weights: tuple[float, ...]
    sign: int


@dataclass(frozen=True)
class Answer:
    """What the model says.

    Parameters
    ----------
    effect, raw_effect : float
        On the explained model, ln IC50: minus what all drugs share, and as it is.
    effect_sd : float
        Spread of the centred effect over the asked models.
    agreement : float
        Share of the asked models whose effect has the claim's sign.
    null95 : float
        95th percentile of the absolute effect of size-matched unclaimed random feature sets.
    null_percentile : float
        Share of size-matched unclaimed random feature sets with a smaller absolute effect.
    confirmed : bool
    reason : str or None
        Why it is not confirmed, in words.
    """

    effect: float
    raw_effect: float
    effect_sd: float
    agreement: float
    null95: float
    null_percentile: float
    confirmed: bool
    reason: str | None


@dataclass(frozen=True)
class Criteria:
    """When a claim counts as confirmed."""

    agreement: float = 0.9
    percentile: float = 0.95


def group_by_set(questions: Iterable[Question]) -> dict[Features, list[int]]:
    """Questions that perturb the same features, whatever the drug and the order of the members.

    The leader stays in front: the leader's carriers are the upper group of a set of mutations.
    """
    groups: dict[Features, list[int]] = {}
    for i, question in enumerate(questions):
        lead, *rest = question.features
        groups.setdefault((lead, *sorted(rest)), []).append(i)
    return groups


@dataclass(frozen=True)
class Survey:
    """What the models answered: effects (B, Q), row 0 being the explained model, and its nulls by composition."""

    raw: Floats
    centred: Floats
    nulls: dict[tuple[int, int], NullSets]
    n_sets: int


def ask_questions(
    models: Sequence[Predictor],
    dataset: Dataset,
    background: Background,
    questions: Sequence[Question],
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[Floats, Floats]:
    """Perturb every distinct set once per model and read off the effects of all questions.

    Returns
    -------
    (float array (B, Q), float array (B, Q))
        Raw and centred effects, ln IC50.
    """
    groups = group_by_set(questions)
    sets = sorted(groups)
    raw = np.zeros((len(models), len(questions)))
    centred = np.zeros_like(raw)
    contrasts = Contrasts(dataset, background.feature_sd, background.lines)
    answers = zip(*(_deltas(model, dataset, background.donors, sets) for model in models), strict=True)
    for done, (key, deltas) in enumerate(zip(sets, answers, strict=True)):
        places = groups[key]
        lines = contrasts.weigh(key, np.stack([_signed_weights(questions[i], key) for i in places], axis=1))
        drugs = np.asarray([questions[i].drug for i in places], dtype=np.int64)
        for b, delta in enumerate(deltas):
            raw[b, places], centred[b, places] = contrast_effects(delta, lines, drugs, background.response_sd)
        progress((done + 1) / len(sets))
    return raw, centred


def ask_nulls(
    model: Predictor, dataset: Dataset, background: Background, nulls: Mapping[tuple[int, int], Sequence[Features]]
) -> dict[tuple[int, int], NullSets]:
    """Absolute centred effects of random sets on the explained model, for every drug.

    A random set is scored for each drug with that drug's own attributions as weights, as a claim is.
    """
    contrasts = Contrasts(dataset, background.feature_sd, background.lines)
    every = np.arange(len(dataset.drugs), dtype=np.int64)
    found = {}
    for shape, sets in nulls.items():
        effects = np.zeros((len(sets), every.size))
        for r, delta in enumerate(_deltas(model, dataset, background.donors, sets)):
            lines = contrasts.weigh(sets[r], background.null_weights(sets[r]))
            effects[r] = np.abs(contrast_effects(delta, lines, every, background.response_sd)[1])
        found[shape] = NullSets(tuple(sets), effects)
    return found


def _deltas(model: Predictor, dataset: Dataset, donors: Ints, sets: Sequence[Features]) -> Iterator[Floats]:
    columns = [np.asarray(features, dtype=np.int64) for features in sets]
    rows = np.repeat(donors[:, None], dataset.x.shape[0], axis=1)
    return model.perturb_effects(dataset.x, dataset.tissue_one_hot, columns, rows)


def _signed_weights(question: Question, key: Features) -> Floats:
    by_feature = dict(zip(question.features, question.weights, strict=True))
    return np.asarray([by_feature[f] * question.sign for f in key])


@dataclass(frozen=True)
class NullSets:
    """Effects of random feature sets of one composition, for all drugs.

    Parameters
    ----------
    sets : tuple of tuple of int
    effects : float array (R, D)
        Absolute centred effects on the explained model, ln IC50.
    """

    sets: tuple[Features, ...]
    effects: Floats

    def unclaimed(self, drug: int, claimed: frozenset[int]) -> Floats:
        """Effects for one drug of the sets that hold none of its claimed features."""
        free = [r for r, features in enumerate(self.sets) if claimed.isdisjoint(features)]
        return np.asarray(self.effects[free, drug])


def composition(features: Features, mutation_from: int) -> tuple[int, int]:
    """How many expression and mutation features a set holds (mutation features come last in `x`)."""
    mutations = sum(f >= mutation_from for f in features)
    return len(features) - mutations, mutations


def random_sets(shape: tuple[int, int], pools: tuple[Ints, Ints], count: int, seed: int) -> list[Features]:
    """Random feature sets with the same number of expression and mutation features.

    For single features every feature of the pool is taken once when the pool is no larger than `count`.
    """
    rng = np.random.default_rng([seed, 3, *shape])
    if sum(shape) == 1:
        pool = pools[0] if shape[0] else pools[1]
        chosen = pool if pool.size <= count else np.sort(rng.choice(pool, count, replace=False))
        return [(int(f),) for f in chosen]
    sets = []
    for _ in range(count):
        parts = [rng.choice(pool, min(n, pool.size), replace=False) for n, pool in zip(shape, pools, strict=True)]
        sets.append(tuple(int(f) for f in np.concatenate(parts)))
    return sets


def judge(question: Question, raw: Floats, centred: Floats, null: Floats, criteria: Criteria) -> Answer:
    """Bring a question's effects over models (B,), the explained one first, together with its random sets' (R,)."""
    effect = float(centred[0])
    agreement = float((np.sign(centred) == question.sign).mean())
    if null.size == 0:
        return Answer(effect, float(raw[0]), _spread(centred), agreement, 0.0, 0.0, False, NO_NULL)
    percentile = float((null < abs(effect)).mean())
    limit = float(np.quantile(null, criteria.percentile))
    reasons = []
    if agreement < criteria.agreement:
        reasons.append(f"only {agreement:.0%} of the models agree on the direction")
    if abs(effect) <= limit:
        reasons.append(f"the effect exceeds that of only {percentile:.0%} of random features of the same number")
    return Answer(
        effect=effect,
        raw_effect=float(raw[0]),
        effect_sd=_spread(centred),
        agreement=agreement,
        null95=limit,
        null_percentile=percentile,
        confirmed=not reasons,
        reason="; ".join(reasons) or None,
    )


def _spread(values: Floats) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else 0.0
