"""The model as a function and its lines: names of any kind of sequence are tuples of strings."""

from __future__ import annotations

import numpy as np
import pytest

from pathproof.errors import DataError
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.match import check_match

X = np.random.default_rng(0).standard_normal((6, 3))


@pytest.mark.parametrize("names", [("a", "b", "c"), ["a", "b", "c"], [0, 1, 2], range(3), np.arange(3)])
def test_names_become_tuples_of_strings(names: tuple[str, ...]) -> None:
    function = ModelFunction("m", lambda rows: rows[:, :2], names, names[:2])
    lines = Lines(tuple("uvwxyz"), names, X)
    check_match(function, lines)
    assert function.features == lines.features == tuple(str(name) for name in names)
    assert function.only(names[1:2]).ask(X)[:, 0] == pytest.approx(X[:, 1])


def test_names_in_another_order_are_refused_by_the_first_that_differs() -> None:
    function = ModelFunction("m", lambda rows: rows[:, :2], [0, 1, 2], ["u", "v"])  # type: ignore[arg-type]
    with pytest.raises(DataError, match="another order"):
        check_match(function, Lines(tuple("uvwxyz"), [0, 2, 1], X))  # type: ignore[arg-type]
