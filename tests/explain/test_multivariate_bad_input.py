"""What does not fit is refused before anything is computed, with what to change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from explain_world import LinearModel, world
from multivariate_world import function, lines, planted
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge

from pathproof.errors import DataError, UsageError
from pathproof.explain.multivariate.account import explain_function
from pathproof.explain.multivariate.asking import ask_pairs
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction, of_estimator, of_predictor
from pathproof.explain.multivariate.match import check_match
from pathproof.explain.multivariate.run import MultivariateConfig

M, N = 12, 60
SETUP = Settings(latents=6, steps=2, swaps=0)
MODEL = function(planted(M, 3), M)
BACKGROUND = lines(N, M)


def _explain(model: ModelFunction = MODEL, background: Lines = BACKGROUND, setup: Settings = SETUP, **more: Any) -> Any:
    return explain_function(model, background, setup, **{"seeds": 2, "samples": 3, **more})


def _named(names: tuple[str, ...]) -> Lines:
    return dataclasses.replace(BACKGROUND, features=names)


def test_lines_with_other_features_are_refused_by_name() -> None:
    names = BACKGROUND.features
    with pytest.raises(DataError, match=r"not those of the model") as caught:
        _explain(background=_named(("g0", *names[1:])))
    assert "1 missing (G0), 1 unknown (g0)" in str(caught.value)
    assert caught.value.nearest == "g0"


def test_lines_in_another_order_are_refused_with_the_first_column_that_differs() -> None:
    names = BACKGROUND.features
    with pytest.raises(DataError, match=r"another order") as caught:
        _explain(background=_named((*names[:3], names[4], names[3], *names[5:])))
    assert "column 3" in str(caught.value)


def test_lines_on_another_scale_are_refused_when_the_model_says_its_scale() -> None:
    scaled = dataclasses.replace(MODEL, spread=BACKGROUND.x.std(axis=0) / 10)
    with pytest.raises(DataError, match=r"another scale") as caught:
        _explain(scaled)
    assert "10 times" in str(caught.value)
    check_match(dataclasses.replace(MODEL, spread=BACKGROUND.x.std(axis=0) * 1.5), BACKGROUND)


def test_features_on_another_scale_are_refused_by_name_though_most_are_right() -> None:
    frame = pd.DataFrame(BACKGROUND.x, columns=list(BACKGROUND.features))
    model = of_estimator(Ridge().fit(frame, frame["G1"]), ["response"], trained_on=BACKGROUND.x)
    for change, text in ((lambda x: x * 1000, r"G3 \(SD x 1e\+03"), (lambda x: x + 1000, r"G3 \(SD x 1, mean off by")):
        x = BACKGROUND.x.copy()
        x[:, [3, 7]] = change(x[:, [3, 7]])
        with pytest.raises(DataError, match=rf"Features(.|\n)*2 of {M} features: {text}(.|\n)*G7"):
            _explain(model, dataclasses.replace(BACKGROUND, x=x))
    check_match(model, dataclasses.replace(BACKGROUND, x=BACKGROUND.x * 2 + 1))
    few = Lines(BACKGROUND.ids[:30], BACKGROUND.features, np.where(np.arange(M) == 2, 0.0, BACKGROUND.x[:30]))
    check_match(model, few)


def test_names_and_numbers_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(UsageError, match=r"output is named twice(.|\n)*drug 1"):
        dataclasses.replace(MODEL, outputs=("drug 1", "drug 1", "drug 2"))
    with pytest.raises(UsageError, match=r"feature is named twice(.|\n)*G1"):
        dataclasses.replace(MODEL, features=("G1", *MODEL.features[1:]))
    with pytest.raises(UsageError, match=r"spread does not fit"):
        dataclasses.replace(MODEL, spread=np.ones(M - 1))
    unnamed = Ridge().fit(BACKGROUND.x, BACKGROUND.x[:, :3])
    with pytest.raises(UsageError, match=r"another number of features(.|\n)*names"):
        of_estimator(unnamed, MODEL.outputs, BACKGROUND.features[:-1])
    with pytest.raises(UsageError, match=r"another number of features(.|\n)*trained_on"):
        of_estimator(unnamed, MODEL.outputs, BACKGROUND.features, trained_on=BACKGROUND.x[:, :-1])
    for wrong in (lambda: _explain(seed=-5), lambda: ask_pairs(MODEL, BACKGROUND, np.array([[0, 1]]), seed=-1)):
        with pytest.raises(UsageError, match=r"seed cannot be negative"):
            wrong()
    with pytest.raises(UsageError, match=r"seed is too small"):
        MultivariateConfig(seed=-1)


def test_an_output_of_no_number_is_refused() -> None:
    account = _explain()
    for number in (99, 3, -1):
        for asked in (account.pairs, account.modules, account.pair_matrix):
            with pytest.raises(UsageError, match=r"no output of this number(.|\n)*0 to 2"):
                asked(number)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: np.zeros((len(x), 2)), r"another shape"),
        (lambda x: np.zeros(len(x)), r"another shape"),
        (lambda x: np.zeros((len(x) - 1, 3)), r"another shape"),
        (lambda x: np.where(np.arange(3) == 1, np.nan, x[:, :3]), r"not a finite number(.|\n)*drug 1"),
        (lambda x: np.full((len(x), 3), np.inf), r"not a finite number"),
        (lambda x: np.full((len(x), 3), "sensitive"), r"no table of numbers(.|\n)*probabilities for classes"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(call: Callable[[np.ndarray], np.ndarray], text: str) -> None:
    with pytest.raises(DataError, match=text):
        _explain(dataclasses.replace(MODEL, call=call))


def test_a_model_that_writes_into_its_rows_leaves_the_lines_as_they_are() -> None:
    def call(x: np.ndarray) -> np.ndarray:
        said = x[:, :3].copy()
        x[:] = 0.0
        return said

    before = BACKGROUND.x.copy()
    assert np.array_equal(dataclasses.replace(MODEL, call=call).ask(BACKGROUND.x), before[:, :3])
    assert np.array_equal(BACKGROUND.x, before)


def test_a_model_that_fails_on_the_extra_rows_only_is_refused_too() -> None:
    def call(x: np.ndarray) -> np.ndarray:
        known = {row.tobytes() for row in BACKGROUND.x}
        return np.asarray([[1.0 if row.tobytes() in known else np.nan] * 3 for row in x])

    with pytest.raises(DataError, match=r"not a finite number"):
        _explain(dataclasses.replace(MODEL, call=call), setup=dataclasses.replace(SETUP, swaps=1))


def test_classes_need_probabilities() -> None:
    with pytest.raises(DataError, match=r"probabilities"):
        _explain(dataclasses.replace(MODEL, kind="classes"))


def test_an_output_that_the_model_was_not_trained_on_is_refused_with_the_nearest_name() -> None:
    assert MODEL.only(["drug 2", "drug 0"]).ask(BACKGROUND.x).shape == (N, 2)
    with pytest.raises(UsageError, match=r"not trained on") as caught:
        MODEL.only(["drug 7"])
    assert caught.value.nearest is not None
    with pytest.raises(UsageError, match=r"no such output"):
        _explain().output("drug 9")


def test_too_few_lines_and_too_few_members_are_refused() -> None:
    few = Lines(BACKGROUND.ids[:20], BACKGROUND.features, BACKGROUND.x[:20])
    with pytest.raises(DataError, match=r"too few lines"):
        _explain(background=few)
    for seeds, samples in ((1, 7), (3, 2)):
        with pytest.raises(UsageError, match=r"too few members"):
            _explain(seeds=seeds, samples=samples)


def test_an_explainer_larger_than_the_data_is_refused() -> None:
    for setup in (Settings(latents=M + 1), Settings(latents=4, rank=M + 1)):
        with pytest.raises(UsageError, match=r"larger than the data"):
            _explain(setup=setup)
    with pytest.raises(UsageError, match=r"latents is too small"):
        Settings(latents=1)
    with pytest.raises(UsageError, match=r"rate"):
        Settings(rate=float("nan"))


def test_lines_that_do_not_fit_together_are_refused() -> None:
    x = BACKGROUND.x.copy()
    x[3, 4] = np.nan
    with pytest.raises(DataError, match=r"not finite(.|\n)*L3, G4"):
        Lines(BACKGROUND.ids, BACKGROUND.features, x)
    with pytest.raises(DataError, match=r"do not fit their names"):
        Lines(BACKGROUND.ids[1:], BACKGROUND.features, BACKGROUND.x)
    with pytest.raises(DataError, match=r"feature is named twice(.|\n)*G1"):
        _named(("G1", *BACKGROUND.features[1:]))
    flat = Lines(BACKGROUND.ids, BACKGROUND.features, np.ones((N, M)))
    with pytest.raises(DataError, match=r"No feature varies"):
        _explain(background=flat)


def test_a_fitted_estimator_is_a_function_with_its_own_names() -> None:
    frame = pd.DataFrame(BACKGROUND.x, columns=list(BACKGROUND.features))
    target = frame["G1"] - frame["G2"]
    model = of_estimator(Ridge().fit(frame, target), ["response"])
    assert model.features == BACKGROUND.features
    found = _explain(model)
    assert found.fidelity[0] > 0.9
    assert set(np.argsort(-np.abs(found.genes().raw[0]))[:2].tolist()) == {1, 2}
    forest = RandomForestClassifier(10, random_state=0).fit(BACKGROUND.x, (target > 0).astype(int))
    classes = of_estimator(forest, ["no", "yes"], BACKGROUND.features)
    assert classes.kind == "classes"
    assert np.allclose(classes.ask(BACKGROUND.x).sum(axis=1), 1)
    with pytest.raises(UsageError, match=r"does not know its features"):
        of_estimator(forest, ["no", "yes"])


def test_a_predictor_is_a_function_of_its_features_and_tissues() -> None:
    dataset = world()
    model = LinearModel()
    model.fit(dataset, np.arange(len(dataset.cell_lines)), 0)
    ask, background = of_predictor(model, dataset)
    check_match(ask, background)
    assert ask.features[0] == "expression:G0"
    assert ask.features[-1] == "tissue:tissue3"
    assert np.allclose(ask.ask(background.x), model.predict(dataset.x, dataset.tissue_one_hot), atol=1e-5)
