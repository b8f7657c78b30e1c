"""The model as a function and its lines: names of any kind of sequence are tuples of strings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

from pathproof.errors import DataError, UsageError
from pathproof.explain.multivariate.function import Lines, ModelFunction, of_estimator
from pathproof.explain.multivariate.match import check_match

X = np.random.default_rng(0).standard_normal((6, 3))


@pytest.mark.parametrize("names", [("a", "b", "c"), ["a", "b", "c"], [0, 1, 2], range(3), np.arange(3)])
def test_names_become_tuples_of_strings(names: tuple[str, ...]) -> None:
    function = ModelFunction("m", lambda rows: rows[:, :2], names, names[:2])
    lines = Lines(tuple("uvwxyz"), names, X)
    check_match(function, lines)
    assert function.features == lines.features == tuple(str(name) for name in names)
    assert function.only(names[1:2]).ask(X)[:, 0] == pytest.approx(X[:, 1])


def test_a_table_becomes_an_array_and_what_is_no_table_of_numbers_is_refused() -> None:
    for given in (X.tolist(), pd.DataFrame(X, columns=["c", "b", "a"]), X.astype(np.float32)):
        lines = Lines(tuple("uvwxyz"), ("a", "b", "c"), given)  # type: ignore[arg-type]
        assert lines.x.dtype == np.float64
        assert lines.x == pytest.approx(X, abs=1e-6)
    with pytest.raises(DataError, match="no table of numbers"):
        Lines(tuple("uvwxyz"), ("a", "b", "c"), X.astype(str).astype(object) + "?")


def test_one_text_in_the_place_of_names_is_refused() -> None:
    with pytest.raises(UsageError, match=r"outputs") as refused:
        ModelFunction("m", lambda rows: rows[:, 0], ("a", "b", "c"), "drug")  # type: ignore[arg-type]
    assert "['drug']" in str(refused.value)
    with pytest.raises(UsageError, match=r"ids"):
        Lines("uvwxyz", ("a", "b", "c"), X)  # type: ignore[arg-type]


def test_a_classifier_without_one_table_of_probabilities_is_refused() -> None:
    high = X > 0
    for wrong in (SVC().fit(X, high[:, 0]), RandomForestClassifier(2).fit(X, high[:, :2])):
        with pytest.raises(UsageError, match="one table of probabilities"):
            of_estimator(wrong, ["a", "b"], ["a", "b", "c"])
    own = type("Own", (), {"predict": lambda _self, rows: np.asarray(rows)[:, 0]})()
    assert of_estimator(own, ["y"], ["a", "b", "c"]).ask(X)[:, 0] == pytest.approx(X[:, 0]), "of no library"
    kept = of_estimator(RandomForestClassifier(2).fit(X, high[:, 0]), ["no", "yes"], ["a", "b", "c"])
    assert (kept.kind, kept.ask(X).shape) == ("classes", (6, 2))


def test_names_in_another_order_are_refused_by_the_first_that_differs() -> None:
    function = ModelFunction("m", lambda rows: rows[:, :2], [0, 1, 2], ["u", "v"])  # type: ignore[arg-type]
    with pytest.raises(DataError, match="another order"):
        check_match(function, Lines(tuple("uvwxyz"), [0, 2, 1], X))  # type: ignore[arg-type]
