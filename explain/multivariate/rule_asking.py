"""Rules asked of the models and of the data, with the reason where one fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.assemble import Judged
from pathproof.explain.confirm import composition, judge, random_sets
from pathproof.explain.contrasts import contrast_effects
from pathproof.explain.lmm_pairs import group_deviates

if TYPE_CHECKING:
    from pathproof.explain.contrasts import Background
    from pathproof.explain.data import Dataset
    from pathproof.explain.models.base import Predictor
    from pathproof.explain.multivariate.rule_claims import Ground, Proposed
    from pathproof.explain.run import ExplainConfig

Floats = NDArray[np.float64]


def judge_rules(
    proposed: Sequence[Proposed], ground: Ground, background: Background, evidence: Dataset, config: ExplainConfig
) -> list[Judged]:
    """Ask the models and the data about each rule; what fails says why.

    The effect is the one of all claims: how much more replacing the rule's features changes the prediction in the
    lines that meet it than in the others. The mixed model tests the lines that meet it as a group.
    """
    raw, centred = _effects(proposed, ground, background)
    nulls = _nulls(proposed, ground, background, config)
    there = ground.scaled(evidence)
    z = np.full(len(proposed), np.nan)
    for drug in sorted({one.draft.drug for one in proposed}):
        places = [i for i, one in enumerate(proposed) if one.draft.drug == drug]
        groups = [proposed[i].rule.holds(there) for i in places]
        z[places] = group_deviates(evidence, drug, groups, [proposed[i].rule.features for i in places])
    judged = []
    for i, one in enumerate(proposed):
        answer = judge(one.draft.question(), raw[:, i], centred[:, i], nulls[i], config.criteria)
        reasons = [*([answer.reason] if answer.reason else []), *_failings(one, config.limits.selection)]
        answer = replace(answer, confirmed=not reasons, reason="; ".join(reasons) or None)
        judged.append(Judged(one.draft, answer, float(z[i])))
    return judged


def _failings(one: Proposed, selection: float) -> Iterator[str]:
    low, base = one.held.interval[0], one.held.base
    if low <= base:
        share = "no line" if one.held.precision is None else f"precision {one.held.precision:.2f}, from {low:.2f}"
        yield f"on lines held out it is not surely better than chance ({share}, base rate {base:.2f})"
    if one.draft.selection < selection:
        yield f"it holds in only {one.draft.selection:.0%} of the models fitted on other lines"


def _line_weights(one: Proposed, ground: Ground) -> Floats:
    """Line weights (n, 1): + 1 / n in the lines that meet the rule, - 1 / n in the others, 0 where nothing is asked."""
    held = one.rule.holds(ground.z)[ground.rows]
    weights = np.zeros((len(ground.z), 1))
    if held.any() and not held.all():
        weights[ground.rows, 0] = np.where(held, 1.0 / held.sum(), -1.0 / (~held).sum())
    return weights


def _deltas(
    model: Predictor, ground: Ground, background: Background, sets: Sequence[Sequence[int]]
) -> Iterator[Floats]:
    """What each set of features does to the predictions (n, D)."""
    rows = np.repeat(background.donors[:, None], len(ground.z), axis=1)
    columns = [np.asarray(own, dtype=np.int64) for own in sets]
    return model.perturb_effects(ground.dataset.x, ground.dataset.tissue_one_hot, columns, rows)


def _effects(proposed: Sequence[Proposed], ground: Ground, background: Background) -> tuple[Floats, Floats]:
    """Raw and centred effects (B, R), ln IC50."""
    raw = np.zeros((len(ground.models), len(proposed)))
    centred = np.zeros_like(raw)
    weights = [_line_weights(one, ground) for one in proposed]
    for b, model in enumerate(ground.models):
        deltas = _deltas(model, ground, background, [one.rule.features for one in proposed])
        for i, delta in enumerate(deltas):
            drug = np.asarray([proposed[i].draft.drug])
            effect = contrast_effects(delta, weights[i], drug, background.response_sd)
            raw[b, i], centred[b, i] = float(effect[0][0]), float(effect[1][0])
    return raw, centred


def _nulls(proposed: Sequence[Proposed], ground: Ground, background: Background, config: ExplainConfig) -> list[Floats]:
    """For each rule the absolute centred effects of random features, as many of each layer, on the explained model."""
    features = ground.dataset.features
    border = sum(feature.layer == "expression" for feature in features)
    pools = (np.arange(border), np.arange(border, len(features)))
    shapes = [composition(one.rule.features, border) for one in proposed]
    found: list[list[float]] = [[] for _ in proposed]
    for shape in sorted(set(shapes)):
        sets = random_sets(shape, pools, config.null_sets, config.seed)
        own = [(i, one, _line_weights(one, ground)) for i, one in enumerate(proposed) if shapes[i] == shape]
        for drawn, delta in zip(sets, _deltas(ground.models[0], ground, background, sets), strict=True):
            for i, one, weights in own:
                if set(drawn).isdisjoint(one.rule.features):
                    effect = contrast_effects(delta, weights, np.asarray([one.draft.drug]), background.response_sd)
                    found[i].append(abs(float(effect[1][0])))
    return [np.asarray(values) for values in found]
