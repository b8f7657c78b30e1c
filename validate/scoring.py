"""Every explainer against every reference, by kind of claim, selection and circularity: rows of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pathproof.validate import nulls
from pathproof.validate.judged import Judged, Setting
from pathproof.validate.metrics import (
    METRICS,
    Tally,
    bootstrap_interval,
    difference_interval,
    recall,
    sign_agreement,
)
from pathproof.validate.overlap import DOWN, UP, alike_claims

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]

CELLS = 20_000_000  # of claims x drugs, judged at a time
SELECTIONS = (("all reported", None), ("top1", 1), ("top3", 3), ("top10", 10))
ALL_CIRCULAR = "every fact of this reference rests on a source that entered the model or the explainer"
NO_FACTS = "the reference holds no fact about these drugs within the universe"
NO_CLAIMS = "no claim of this kind can be tested here"


@dataclass(frozen=True)
class Picked:
    """The testable claims of a selection, counted for each drug.

    `rows`: places in `Judged.claims`; `drugs`: columns of the drugs that have such a claim;
    `first`: where each drug starts in `rows`; `testable_columns`: drugs that the reference can test.
    """

    rows: Ints
    drugs: Ints
    first: Ints
    testable_columns: Ints

    def counts(self, judged: Judged) -> tuple[Counts, Counts]:
        """How many of each drug's claims each testable drug's reference supports, and can test."""
        ends = np.append(self.first, len(self.rows))
        shape = (len(self.drugs), len(self.testable_columns))
        supported, testable = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
        start = 0
        while start < len(self.drugs):  # some drugs at a time: all claims x all drugs would not fit
            room = self.first[start] + max(CELLS // max(shape[1], 1), 1)
            stop = max(int(np.searchsorted(ends, room, side="right")) - 1, start + 1)
            said = judged.overlap(self.rows[ends[start] : ends[stop]], self.testable_columns)
            first, many = self.first[start:stop] - self.first[start], np.diff(ends[start : stop + 1])
            for k in range(int(many.max())):  # the k-th claim of every drug that has one
                drugs = np.flatnonzero(many > k)
                supported[start + drugs] += said.supported[first[drugs] + k]
                testable[start + drugs] += said.testable[first[drugs] + k]
            start = stop
        return supported, testable

    @property
    def places(self) -> Ints:
        """Place of each claiming drug among the testable ones."""
        return np.searchsorted(self.testable_columns, self.drugs)


def pick(judged: Judged, chosen: Bools) -> Picked:
    """The claims among `chosen` that their own drug's reference can test."""
    rows = np.flatnonzero(chosen & judged.own_testable)
    drugs, first = np.unique(judged.column[rows], return_index=True)
    return Picked(rows, drugs, first, np.flatnonzero(judged.facts.testable))


def score(setting: Setting, judged: Judged, selection: str, most: int | None) -> dict[str, Any]:
    """One row of the precision table."""
    chosen = judged.ordered(most)
    picked = pick(judged, chosen)
    row: dict[str, Any] = {
        "explainer": judged.explainer,
        "screen": judged.screen,
        "reference": judged.reference,
        "claim_kind": judged.kind,
        "selection": selection,
        "circular": judged.circular,
        "base_rate": judged.facts.base_rate,
        "n_testable_drugs": len(picked.testable_columns),
        "n_circular_facts": judged.left_out,
        "n_claims": int(chosen.sum()),
        "n_untestable": int(chosen.sum()) - len(picked.rows),
    }
    if not len(picked.rows):
        note = NO_CLAIMS if len(picked.testable_columns) else ALL_CIRCULAR if judged.left_out else NO_FACTS
        return {**row, **_nothing(), "reason": note}
    return {**row, **_figures(setting, judged, picked)}


def _nothing() -> dict[str, Any]:
    zero = ("n_drugs", "n_target_groups", "n_supported", "n_contradicted", "n_novel", "n_two_sided")
    none = ("precision", "ci95", "micro", "per_group_precision", "coverage", "random", "sign_agreement")
    return {
        **dict.fromkeys(zero, 0),
        **dict.fromkeys(none),
        "n_distinct_facts": 0,
        "n_distinct_right": 0,
        "drug_swap": None,
        "popularity": {"mean": None},
    }


def tally_of(judged: Judged, picked: Picked) -> Tally:
    """Counts of each drug, and the chance of a random claim."""
    rows, first = picked.rows, picked.first
    testable = np.diff(np.append(first, len(rows)))
    luck = judged.luck[rows]
    return Tally(
        np.add.reduceat(judged.own_supported[rows].astype(np.int64), first),
        np.add.reduceat(judged.own_contradicted[rows].astype(np.int64), first),
        testable,
        judged.group[picked.drugs],
        np.add.reduceat(luck, first) / testable,
    )


def interval_over_groups(setting: Setting, values: Floats, weights: Floats, group: Ints) -> list[float] | None:
    """Bootstrap interval of the weighted mean of the drugs' values, target groups drawn with replacement."""
    _, place = np.unique(group, return_inverse=True)
    sums = np.bincount(place, weights=values * weights).astype(np.float64)
    total = np.bincount(place, weights=weights).astype(np.float64)
    found = bootstrap_interval(sums, total, setting.resamples(len(sums)))
    return None if found is None else list(found)


def difference_over_groups(setting: Setting, drugs: Sequence[str], values: Floats) -> list[float] | None:
    """The same interval of the mean of a figure that may be negative; None with fewer than two target groups."""
    _, place = np.unique([setting.known.groups.get(drug, drug) for drug in drugs], return_inverse=True)
    sums = np.bincount(place, weights=values).astype(np.float64)
    found = difference_interval(sums, np.bincount(place).astype(np.float64), setting.resamples(len(sums)))
    return None if found is None else list(found)


def _figures(setting: Setting, judged: Judged, picked: Picked) -> dict[str, Any]:
    tally = tally_of(judged, picked)
    swap = nulls.drug_swap(*picked.counts(judged), picked.places, setting.orders(len(picked.testable_columns)))
    facts, right = distinct_facts(judged, picked.rows)
    signs = _signs(judged, picked.rows)
    supported, contradicted = int(tally.supported.sum()), int(tally.contradicted.sum())
    values = {metric.name: metric.value(tally) for metric in METRICS}
    return {
        **values,
        "ci95": interval_over_groups(setting, tally.per_drug, np.ones(len(tally.testable)), tally.group),
        "random": {metric.name: metric.expected(tally) for metric in METRICS},
        "drug_swap": None if swap is None else swap_entry(swap, setting.draws),
        "popularity": {"mean": popular(judged, picked)},
        "coverage": len(picked.drugs) / len(picked.testable_columns),
        "n_drugs": len(picked.drugs),
        "n_target_groups": len(set(tally.group.tolist())),
        "n_distinct_facts": facts,
        "n_distinct_right": right,
        "n_supported": supported,
        "n_contradicted": contradicted,
        "n_novel": len(picked.rows) - supported - contradicted,
        "n_two_sided": 0 if signs is None else signs["two_sided"],
        "sign_agreement": signs,
        **_recall(judged, picked),
    }


def swap_entry(swap: nulls.SwapResult, draws: int) -> dict[str, Any]:
    """The drug-swap null as it stands in the report."""
    return {
        "mean": swap.mean,
        "sd": swap.sd,
        "p": swap.p,
        "p_error": swap.p_error,
        "mean_other": swap.mean_other,
        "draws": draws,
    }


def popular(judged: Judged, picked: Picked) -> float | None:
    """The popularity null of these claims."""
    values, there = popular_of_each(judged, picked)
    return float(values[there].mean()) if there.any() else None


def popular_of_each(judged: Judged, picked: Picked) -> tuple[Floats, Bools]:
    """Precision of the most claimed items for each drug of the selection, and whether one can be tested."""
    part = judged.claims.iloc[picked.rows]
    counts = np.diff(np.append(picked.first, len(picked.rows)))
    ranked = nulls.popular_claims(list(part["key"]), part["sign"].to_numpy(), list(part["drug"]))[: counts.max()]
    said = judged.overlap(picked.rows[ranked], picked.drugs)
    return nulls.popularity_of_each(said.supported, said.testable, counts)


def distinct_facts(judged: Judged, rows: Ints) -> tuple[int, int]:
    """Distinct (target group, item) pairs among the claims, and how many of them are right."""
    groups = judged.group[judged.column[rows]].tolist()
    pairs = list(zip(groups, judged.claims["key"].iloc[rows], strict=True))
    right = {pair for pair, good in zip(pairs, judged.own_supported[rows], strict=True) if good}
    return len(set(pairs)), len(right)


def _signs(judged: Judged, rows: Ints) -> dict[str, Any] | None:
    """Directions of held claims that have one on both sides: claims of a single item only.

    A fact that is held in both directions agrees with either: such claims are counted apart.
    """
    block = judged.block
    signed = rows[(block.sign[rows] != 0) & (block.size[rows] == 1)]
    if not len(signed):
        return None
    items, columns = block.names.indices[block.names.indptr[signed]], judged.column[signed]
    agree = disagree = two_sided = 0
    for sign, layer, here in alike_claims(block, signed):
        codes = judged.facts.codes[items[here], columns[here]]
        up, down = (codes & UP[layer]) > 0, (codes & DOWN[layer]) > 0
        right = up if sign > 0 else down
        two_sided += int((up & down).sum())
        agree += int((right & ~(up & down)).sum())
        disagree += int(((up | down) & ~right).sum())
    share = sign_agreement(agree, disagree)
    return {"share": share, "agree": agree, "of": agree + disagree, "two_sided": two_sided}


def _recall(judged: Judged, picked: Picked) -> dict[str, Any]:
    """Share of the planted facts that were named; only where all facts are known."""
    if judged.reference != "planted_truth" or judged.kind not in ("gene", "pathway"):
        return {}
    named = {
        (judged.claims["key"].iloc[row], int(judged.column[row])) for row in picked.rows if judged.own_supported[row]
    }
    return {"recall": recall(len(named), int(judged.facts.n_held.sum()))}
