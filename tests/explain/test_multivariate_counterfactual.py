"""Counterfactuals: sufficient on the model, without a superfluous gene, and at values that were seen."""

from __future__ import annotations

import numpy as np
import pytest
from multivariate_world import lines

from pathproof.errors import DataError, UsageError
from pathproof.explain.multivariate.counterfactual import counterfactual
from pathproof.explain.multivariate.function import Lines, ModelFunction

M, N = 12, 60
BACKGROUND = lines(N, M)
SLOPES = np.zeros(M)
SLOPES[:4] = [1.0, -0.8, 0.5, 0.1]


def _model(rows: np.ndarray) -> np.ndarray:
    """Genes 0 to 3 act; gene 2 only together with a high gene 5."""
    return np.asarray(rows[:, [0, 1, 3]] @ SLOPES[[0, 1, 3]] + SLOPES[2] * rows[:, 2] * (rows[:, 5] > 0))


MODEL = ModelFunction("few genes", _model, BACKGROUND.features, ("drug",))


@pytest.mark.parametrize("line", ["L0", "L7", "L23"])
@pytest.mark.parametrize("threshold", [-1.0, 0.0, 1.0])
def test_the_model_crosses_with_all_of_it_and_not_with_less(line: str, threshold: float) -> None:
    found = counterfactual(MODEL, BACKGROUND, line, SLOPES, threshold)
    x = BACKGROUND.x[BACKGROUND.ids.index(line)]
    assert found.before == pytest.approx(_model(x[None])[0])
    upward = found.before < threshold
    assert found.found

    def answer(moves: list[int]) -> float:
        row = x.copy()
        for k in moves:
            row[BACKGROUND.features.index(found.moves[k].feature)] = found.moves[k].moved_to
        return float(_model(row[None])[0])

    every = list(range(len(found.moves)))
    assert answer(every) == pytest.approx(found.after)
    assert (found.after >= threshold) == upward
    for k in every:
        assert (answer([i for i in every if i != k]) >= threshold) != upward
    for move in found.moves:
        seen = BACKGROUND.x[:, BACKGROUND.features.index(move.feature)]
        assert seen.min() <= move.moved_to <= seen.max()
        assert move.moved_to in seen
        assert move.feature in {"G0", "G1", "G2", "G3"}


def test_an_unreachable_threshold_is_said_and_not_forced() -> None:
    found = counterfactual(MODEL, BACKGROUND, "L0", SLOPES, 1e6)
    assert not found.found
    assert found.moves == ()
    assert found.after == found.before
    assert found.model_calls == 1 + 4


def test_only_free_features_are_moved_and_a_gene_of_no_use_is_put_back() -> None:
    wrong = SLOPES.copy()
    wrong[7] = 5.0  # the explanation is wrong about gene 7: the model does not use it
    found = counterfactual(MODEL, BACKGROUND, "L0", wrong, 1.0)
    assert found.found
    assert "G7" not in {move.feature for move in found.moves}
    few = counterfactual(MODEL, BACKGROUND, "L0", SLOPES, 0.0, free=np.asarray([1, 3]))
    assert {move.feature for move in few.moves} <= {"G1", "G3"}


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no such line"):
        counterfactual(MODEL, BACKGROUND, "L999", SLOPES, 0.0)
    with pytest.raises(UsageError, match=r"one output"):
        two = ModelFunction("two", lambda rows: rows[:, :2], BACKGROUND.features, ("a", "b"))
        counterfactual(two, BACKGROUND, "L0", SLOPES, 0.0)
    with pytest.raises(UsageError, match=r"slopes"):
        counterfactual(MODEL, BACKGROUND, "L0", SLOPES[:3], 0.0)
    with pytest.raises(UsageError, match=r"share"):
        counterfactual(MODEL, BACKGROUND, "L0", SLOPES, 0.0, share=0.7)
    few = Lines(BACKGROUND.ids[:5], BACKGROUND.features, BACKGROUND.x[:5])
    with pytest.raises(DataError, match=r"too few lines"):
        counterfactual(MODEL, few, "L0", SLOPES, 0.0)
