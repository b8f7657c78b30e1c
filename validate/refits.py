"""Nulls that need the model again: its response permuted, its weights randomised.

This room imports no explainer, so whoever has one hands in a function: given the number of a draw,
it permutes (within lineage) or randomises, fits, explains, and returns the claims as a table. The
draws are scored like the real claims, against the headline reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.judged import Judged, Setting, judge_all
from pathproof.validate.sampled import summary
from pathproof.validate.scoring import pick, tally_of

Refit = Callable[[int], ClaimTable]
PERMUTED, WEIGHTS = "permuted_response", "random_weights"
NAMES = (PERMUTED, WEIGHTS)
LEVEL = 0.05
LEAST = 19  # draws below which p cannot reach 0.05


@dataclass(frozen=True)
class Refits:
    """The functions of the refit nulls, and how often each is called.

    Parameters
    ----------
    functions : mapping of str to callable
        By name, among :data:`NAMES`.
    draws : int
    own : callable, optional
        Where a refit is a cheaper procedure than the run: the claims of that procedure on the real data, with
        which the draws are then compared.
    procedure : str, optional
        The cheaper procedure in words.
    """

    functions: Mapping[str, Refit]
    draws: int = LEAST
    own: Callable[[], ClaimTable] | None = None
    procedure: str | None = None


@dataclass(frozen=True)
class Sure:
    """A set of claims as two figures: mean precision of its surest (NaN: none can be tested), and how many are sure."""

    precision: float
    claims: int


def refit_row(
    setting: Setting, judged: Judged, refits: Refits | None, name: str, most: int, threshold: float | None
) -> dict[str, Any]:
    """The row of one refit null; without a function it says so.

    `observed`, `mean`, `sd` and `p` are of the precision; where refits are a cheaper procedure, `observed` and
    `claims_observed` are that procedure's on the real data. `claims_observed`, `claims_mean` and `claims_p` of the
    number of claims whose confidence clears the threshold that was chosen for the real ones.
    """
    if refits is None or name not in refits.functions:
        return {"reason": "no function to fit and explain the model again was handed in"}
    cheap = refits.own
    own = _sure(judged, most, threshold) if cheap is None else _refitted(setting, judged, cheap(), most, threshold)
    found = [_refitted(setting, judged, refits.functions[name](draw), most, threshold) for draw in range(refits.draws)]
    precision = summary(own.precision, np.array([one.precision for one in found]))
    claims = summary(float(own.claims), np.array([float(one.claims) for one in found]))
    return {
        **{"observed": own.precision, "reason": refits.procedure},
        **{"mean": precision.mean, "sd": precision.sd, "p": precision.p, "p_error": precision.p_error},
        **{"draws": refits.draws, "claims_observed": own.claims, "claims_mean": claims.mean, "claims_p": claims.p},
    }


def _refitted(setting: Setting, judged: Judged, table: ClaimTable, most: int, threshold: float | None) -> Sure:
    """The claims of one refit against the same reference; one without a testable claim counts against the explainer."""
    reference = next(one for one in setting.references if one.name == judged.reference)
    alone = replace(setting, references=(reference,))
    for one in judge_all(alone, table):
        if (one.kind, one.circular) == (judged.kind, judged.circular):
            return _sure(one, most, threshold)
    return Sure(float("nan"), 0)


def _sure(judged: Judged, most: int, threshold: float | None) -> Sure:
    chosen = judged.ordered(most)
    picked = pick(judged, chosen)
    confidence = judged.claims["confidence"].where(judged.claims["confidence"].notna(), judged.claims["score"].abs())
    clear = chosen & (confidence.to_numpy() >= (-np.inf if threshold is None else threshold))
    value = float(tally_of(judged, picked).per_drug.mean()) if len(picked.rows) else float("nan")
    return Sure(value, int(clear.sum()))
