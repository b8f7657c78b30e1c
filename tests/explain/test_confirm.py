"""The effect of a claim on the model, against brute force, and the rule of confirmation."""

from __future__ import annotations

import numpy as np
import pytest
from explain_world import CurvedModel, LinearModel, world

from pathproof.explain.attribution import centre_over_drugs
from pathproof.explain.confirm import (
    Criteria,
    NullSets,
    Question,
    ask_nulls,
    ask_questions,
    composition,
    group_by_set,
    judge,
    random_sets,
)
from pathproof.explain.contrasts import Background, Contrasts, contrast_effects, draw_donors

DATASET = world()
SD = np.maximum(DATASET.x.std(axis=0), 1e-9).astype(np.float64)
RESPONSE_SD = DATASET.y.std(axis=0)


def _model(kind: type[LinearModel], seed: int = 0) -> LinearModel:
    model = kind()
    model.fit(DATASET, np.arange(len(DATASET.cell_lines)), seed)
    return model


def _background(model: LinearModel) -> Background:
    attribution = centre_over_drugs(model.gradient() * SD[:, None], RESPONSE_SD)
    return Background(draw_donors(DATASET, 4, 0), attribution, SD, RESPONSE_SD)


def _brute_effects(model: LinearModel, question: Question, donors: np.ndarray) -> tuple[float, float]:
    """Line by line, donor by donor, drug by drug."""
    rows = np.flatnonzero(DATASET.has_layer["mutation"]) if any(f >= 60 for f in question.features) else range(160)
    delta = {}
    for i in rows:
        here, tissue = DATASET.x[i : i + 1], DATASET.tissue_one_hot[i : i + 1]
        total = np.zeros(len(DATASET.drugs))
        for donor in donors:
            changed = here.copy()
            for f in question.features:
                changed[0, f] = DATASET.x[donor, f]
            total += model.predict(here, tissue)[0] - model.predict(changed, tissue)[0]
        delta[i] = total / len(donors)
    if all(f >= 60 for f in question.features):
        upper = [i for i in rows if DATASET.x[i, question.features[0]] > 0]
        lower = [i for i in rows if all(DATASET.x[i, f] == 0 for f in question.features)]
    else:
        score = {
            i: question.sign
            * sum(w * DATASET.x[i, f] / SD[f] for w, f in zip(question.weights, question.features, strict=True))
            for i in rows
        }
        ranked = sorted(rows, key=lambda i: score[i])
        lower, upper = ranked[: len(ranked) // 3], ranked[-(len(ranked) // 3) :]
    effect = np.mean([delta[i] for i in upper], axis=0) - np.mean([delta[i] for i in lower], axis=0)
    z = effect / RESPONSE_SD
    return effect[question.drug], (z[question.drug] - z.mean()) * RESPONSE_SD[question.drug]


@pytest.mark.parametrize("kind", [LinearModel, CurvedModel])
@pytest.mark.parametrize(
    "question",
    [
        Question(0, (0,), (-0.8,), -1),
        Question(1, (5,), (0.7,), 1),
        Question(0, (0, 2, 1), (-0.8, 0.1, -0.2), -1),
        Question(3, (61,), (-0.6,), -1),
        Question(3, (61, 64), (-0.6, 0.1), -1),
        Question(2, (10, 63), (-0.6, 0.2), -1),
    ],
)
def test_effects_agree_with_brute_force(kind: type[LinearModel], question: Question) -> None:
    model = _model(kind)
    background = _background(model)
    other = Question(4, tuple(reversed(question.features)), tuple(reversed(question.weights)), question.sign)
    raw, centred = ask_questions([model, model], DATASET, background, [question, other], lambda _: None)
    wanted = _brute_effects(model, question, background.donors)
    assert raw.shape == (2, 2)
    assert raw[0, 0] == pytest.approx(wanted[0], abs=1e-5)
    assert centred[0, 0] == pytest.approx(wanted[1], abs=1e-5)
    assert np.allclose(raw[0], raw[1])


def test_a_linear_effect_does_not_depend_on_the_donors() -> None:
    model = _model(LinearModel)
    question = Question(0, (0,), (-0.8,), -1)
    order = np.argsort(DATASET.x[:, 0], kind="stable")
    gap = DATASET.x[order[-53:], 0].mean() - DATASET.x[order[:53], 0].mean()
    for seed in (1, 2):
        background = Background(draw_donors(DATASET, 2, seed), np.zeros((66, 8)), SD, RESPONSE_SD)
        raw, _ = ask_questions([model], DATASET, background, [question])
        assert raw[0, 0] == pytest.approx(gap * model.weights[0, 0], abs=1e-4)


def test_donors_have_every_layer_and_depend_on_the_seed() -> None:
    donors = draw_donors(DATASET, 30, 3)
    assert DATASET.has_layer["mutation"][donors].all()
    assert np.array_equal(donors, draw_donors(DATASET, 30, 3))
    assert not np.array_equal(donors, draw_donors(DATASET, 30, 4))


def test_contrast_weights_sum_to_zero_and_split_thirds() -> None:
    contrasts = Contrasts(DATASET, SD)
    weights = contrasts.weigh((0, 5), np.asarray([[1.0, 0.2], [0.5, -1.0]]))
    assert np.allclose(weights.sum(axis=0), 0)
    assert ((weights > 0).sum(axis=0) == 53).all()
    assert ((weights < 0).sum(axis=0) == 53).all()
    carriers = contrasts.weigh((61,), np.ones((1, 1)))[:, 0]
    assert np.array_equal(carriers > 0, DATASET.x[:, 61] > 0)
    assert (carriers[:5] == 0).all()


def test_shared_part_is_removed_in_units_of_each_drugs_spread() -> None:
    rng = np.random.default_rng(0)
    own, shared = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))
    sd = np.asarray([1.0, 2.0, 0.5])
    lines = rng.standard_normal((20, 3))
    drugs = np.arange(3)
    assert np.allclose(
        contrast_effects(own + shared * sd, lines, drugs, sd)[1], contrast_effects(own, lines, drugs, sd)[1]
    )


def test_one_set_is_perturbed_once_for_all_its_drugs() -> None:
    model = _model(LinearModel)
    asked = []

    class Counting(LinearModel):
        def perturb_effects(self, x, tissue, feature_sets, replacement, drugs=None):  # type: ignore[no-untyped-def]
            asked.extend(tuple(s.tolist()) for s in feature_sets)
            return model.perturb_effects(x, tissue, feature_sets, replacement, drugs)

    questions = [
        Question(0, (3, 2, 1), (0.1, 0.2, 0.3), 1),
        Question(1, (3, 1, 2), (0.1, 0.2, 0.3), 1),
        Question(2, (3,), (1.0,), 1),
    ]
    ask_questions([Counting()], DATASET, _background(model), questions)
    assert asked == [(3,), (3, 1, 2)]
    assert group_by_set(questions) == {(3, 1, 2): [0, 1], (3,): [2]}


def test_random_sets_match_the_composition() -> None:
    pools = (np.arange(60), np.arange(60, 66))
    assert random_sets((0, 1), pools, 200, 0) == [(f,) for f in range(60, 66)]
    assert len(set(random_sets((1, 0), pools, 40, 0))) == 40
    for shape in ((3, 0), (2, 1)):
        sets = random_sets(shape, pools, 25, 0)
        assert len(sets) == 25
        assert {composition(s, 60) for s in sets} == {shape}
        assert all(len(set(s)) == sum(shape) for s in sets)


def test_null_leaves_out_claimed_features() -> None:
    model = _model(LinearModel)
    nulls = ask_nulls(model, DATASET, _background(model), {(1, 0): [(0,), (5,), (7,)]})[(1, 0)]
    assert nulls.unclaimed(0, frozenset({0})).shape == (2,)
    assert nulls.unclaimed(0, frozenset()).max() > 3 * nulls.unclaimed(0, frozenset({0})).max()
    assert (nulls.effects >= 0).all()


def _answer(effects: list[float], null: list[float]) -> object:
    centred = np.asarray(effects)
    return judge(Question(0, (1,), (1.0,), 1), centred, centred, np.asarray(null), Criteria())


def test_a_claim_is_confirmed_only_when_models_agree_and_the_effect_stands_out() -> None:
    null = list(np.linspace(0, 1, 101))
    good = _answer([1.2, 1.1, 1.3], null)
    assert good.confirmed  # type: ignore[attr-defined]
    assert good.reason is None  # type: ignore[attr-defined]
    assert good.null95 == pytest.approx(0.95)  # type: ignore[attr-defined]
    weak = _answer([0.5, 0.6, 0.7], null)
    assert not weak.confirmed  # type: ignore[attr-defined]
    assert "random features" in weak.reason  # type: ignore[attr-defined]
    torn = _answer([1.2, -0.1, 1.3], null)
    assert not torn.confirmed  # type: ignore[attr-defined]
    assert "67% of the models agree" in torn.reason  # type: ignore[attr-defined]
    wrong = _answer([-1.2, -1.1, -1.3], null)
    assert not wrong.confirmed  # type: ignore[attr-defined]
    alone = _answer([1.2, 1.2, 1.2], [])
    assert not alone.confirmed  # type: ignore[attr-defined]
    assert "no unclaimed random features" in alone.reason  # type: ignore[attr-defined]


def test_null_sets_of_another_drug_are_not_mixed_in() -> None:
    null = NullSets(((1,), (2,)), np.asarray([[1.0, 10.0], [2.0, 20.0]]))
    assert null.unclaimed(1, frozenset({1})).tolist() == [20.0]
