"""Modules as claims: proposed where attributions add up, confirmed where the data show them as one."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from explain_world import world

from pathproof.explain.assemble import Judged
from pathproof.explain.attribution import Attributions, feature_spread, response_sd
from pathproof.explain.confirm import Answer
from pathproof.explain.lmm import association_lmm
from pathproof.explain.lmm_modules import Module, ModuleTable
from pathproof.explain.multivariate.module_claims import held_as_one, module_drafts, with_modules
from pathproof.explain.propose import Draft, Limits
from pathproof.graph_schema.records import ClaimKind, Explanation

BASE = world()
COUNT = len(BASE.features)
ALIKE, MIXED = np.arange(20, 30), np.arange(40, 50)
X = BASE.x.copy()
X[:, ALIKE] += 2.0 * np.random.default_rng(0).standard_normal((len(X), 1)).astype(np.float32)
X[:, MIXED] += 2.0 * np.random.default_rng(1).standard_normal((len(X), 1)).astype(np.float32)
DATA = dataclasses.replace(BASE, x=X)
SPREAD = feature_spread(DATA)
MODULES = tuple(Module(columns, np.ones(10), SPREAD[columns]) for columns in (ALIKE, MIXED))
DRUG = 4


def _attributions(slopes: np.ndarray) -> Attributions:
    """Every member says the same of one drug, and nothing of the others."""
    whole = np.zeros((COUNT, len(DATA.drugs)))
    whole[:, DRUG] = slopes
    return Attributions(SPREAD, response_sd(DATA.y), whole, whole, np.stack([whole] * 2), np.stack([whole] * 3))


def test_a_module_counts_by_what_its_genes_do_together() -> None:
    """Ten slopes with one sign move the prediction; ten of the same size that cancel each other do not."""
    slopes = np.zeros(COUNT)
    slopes[ALIKE] = 0.05
    slopes[ALIKE[3]] = 0.06
    slopes[MIXED] = 0.05 * np.array([1, -1] * 5)
    first, second = module_drafts(_attributions(slopes), DATA, [DRUG], MODULES, Limits())
    assert set(first.features) == set(ALIKE.tolist()), "all genes stand in the claim"
    assert first.features[0] == ALIKE[3]
    assert first.value > 5 * abs(second.value)
    part = (DATA.x[:, list(first.features)] / SPREAD[list(first.features)]) @ np.array(first.weights)
    assert first.value == pytest.approx(part.std(ddof=1), rel=1e-6)
    assert (first.selection, first.consistency, first.sign) == (1.0, 1.0, 1)
    assert first.question().features == first.features[: Limits().module_size], "the model is asked of the strongest"
    assert len(first.question().weights) == Limits().module_size


def test_a_module_that_other_lines_do_not_select_is_not_proposed() -> None:
    slopes = np.zeros(COUNT)
    slopes[ALIKE] = 0.05
    given = _attributions(slopes)
    many = tuple(Module(np.array([i, i + 1, i + 2]), np.ones(3), SPREAD[i : i + 3]) for i in range(0, 18, 3))
    lines = given.bootstraps.copy()
    lines[:, ALIKE, DRUG] = 0.0
    lines[:, :18, DRUG] = 0.2
    found = module_drafts(dataclasses.replace(given, bootstraps=lines), DATA, [DRUG], (*MODULES[:1], *many), Limits())
    assert not any(set(draft.features) == set(ALIKE.tolist()) for draft in found)
    assert module_drafts(given, DATA, [DRUG], (), Limits()) == []


def _table(z: float, beyond: float) -> ModuleTable:
    """Two modules; the first with these deviates for the drug, its first gene turned the other way."""
    turned = dataclasses.replace(MODULES[0], turned=np.where(np.arange(10) == 0, -1.0, 1.0))
    deviates = np.full((2, len(DATA.drugs)), 0.1)
    other = np.full((2, len(DATA.drugs)), np.nan)
    deviates[0, DRUG], other[0, DRUG] = z, beyond
    lead = np.stack([np.full(len(DATA.drugs), own[0]) for own in (ALIKE, MIXED)])
    return ModuleTable((turned, MODULES[1]), deviates, 1.1, 4.0, lead, other)


def _judged(lead: int, sign: int) -> Judged:
    rest = tuple(int(f) for f in ALIKE if f != lead)
    draft = Draft(ClaimKind.MODULE, DRUG, (lead, *rest), (0.1 * sign,) * 10, 0.3 * sign, 0.1, 1.0, 1.0)
    return Judged(draft, Answer(0.2, 0.2, 0.1, 1.0, 0.05, 1.0, True, None), 0.0)


@pytest.mark.parametrize(
    ("z", "beyond", "lead", "sign", "why"),
    [
        (6.0, 3.0, int(ALIKE[1]), 1, None),
        (6.0, 3.0, int(ALIKE[0]), -1, None),
        (-6.0, -3.0, int(ALIKE[1]), -1, None),
        (6.0, 3.0, int(ALIKE[1]), -1, "do not show its score"),
        (3.9, 2.0, int(ALIKE[1]), 1, r"do not show its score.*z = 3\.9, asked 4\)"),
        (3.9, -0.3, int(ALIKE[1]), 1, r"do not show its score.*z = 3\.9, asked 4; .* strongest: -0\.3"),
        (6.0, np.nan, int(ALIKE[1]), 1, "cannot be told apart"),
        (6.0, 1.2, int(ALIKE[1]), 1, r"one of its genes.*z = 1\.2, asked 1\.6"),
        (np.nan, np.nan, int(ALIKE[1]), 1, "too few lines"),
    ],
)
def test_what_the_data_say_of_a_module(z: float, beyond: float, lead: int, sign: int, why: str | None) -> None:
    (held,) = held_as_one([_judged(lead, sign)], _table(z, beyond))
    assert held.answer.confirmed is (why is None)
    if why is None:
        assert held.data_z * sign == pytest.approx(abs(z))
        assert held.answer.reason is None
    else:
        assert held.answer.reason is not None
        assert re.search(why, held.answer.reason)


@pytest.mark.parametrize(
    ("z", "beyond", "counts"), [(6.0, 1.2, 1.2), (3.9, 1.2, 1.2), (3.9, 1.7, 3.9), (0.7, 1.2, 0.7), (3.9, -1.0, -1.0)]
)
def test_where_the_others_add_nothing_to_the_strongest_gene_theirs_is_what_counts(
    z: float, beyond: float, counts: float
) -> None:
    """Above and below the level: a module of which less is shown is not the surer one."""
    assert held_as_one([_judged(int(ALIKE[1]), 1)], _table(z, beyond))[0].data_z == counts


def test_with_a_level_of_ones_own_the_score_alone_is_asked() -> None:
    assert held_as_one([_judged(int(ALIKE[1]), 1)], _table(2.5, np.nan), level=1.96)[0].answer.confirmed
    assert not held_as_one([_judged(int(ALIKE[1]), 1)], _table(1.5, np.nan), level=1.96)[0].answer.confirmed


def test_the_record_of_the_data_names_what_is_shown_as_one_with_its_sign() -> None:
    record = Explanation(
        explainer="association-lmm", version="1", parameters={}, seed=0, data_id=DATA.data_id, drug=DATA.drugs[DRUG],
        drug_name="a drug", screen="TEST", claims=(), sources=(),
    )  # fmt: skip
    single = association_lmm(DATA)
    (claim,) = with_modules(record, DRUG, single, _table(6.0, 3.0)).claims
    assert claim.kind is ClaimKind.MODULE
    assert claim.genes[0] == DATA.features[ALIKE[0]].gene
    assert set(claim.genes) == {DATA.features[f].gene for f in ALIKE}
    assert claim.weights == tuple(single.beta[[DATA.features.index((g, "expression")) for g in claim.genes], DRUG])
    assert claim.value == -6.0, "the first gene is low where the score is high"
    assert claim.sign is not None
    assert claim.sign.value == "sensitivity"
    assert claim.confidence == pytest.approx(36 / (36 + 16))
    assert with_modules(record, DRUG, single, _table(6.0, 1.0)).claims == ()
    assert with_modules(record, 0, single, _table(6.0, 3.0)).claims == ()
