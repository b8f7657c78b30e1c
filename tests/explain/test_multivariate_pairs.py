"""Pairs put to the model."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from multivariate_world import function, lines, planted

from pathproof.errors import DataError, UsageError
from pathproof.explain.multivariate.asking import ask_pairs

M, N = 20, 80
MODEL = planted(M, 3)
PAIRS = np.asarray([list(pair) for pair in MODEL.pairs[0]], dtype=np.int64)


def test_the_model_shows_its_products_with_their_size_and_sign_and_no_others() -> None:
    background = lines(N, M)
    asked = ask_pairs(function(MODEL, M), background, PAIRS, draws=60)
    x = background.x
    for k, (i, j) in enumerate(PAIRS.tolist()):
        size = MODEL.pairs[0][(i, j)]
        above = x[:, [i, j]] > np.median(x[:, [i, j]], axis=0)
        same = above[:, 0] == above[:, 1]
        product = (x[:, i] - x[:, i].mean()) * (x[:, j] - x[:, j].mean())
        assert asked.effect[k, 0] == pytest.approx(size * (product[same].mean() - product[~same].mean()), rel=0.1)
        if (i, j) not in MODEL.pairs[1]:
            assert abs(asked.effect[k, 1]) < 1e-9
    sign = np.sign([MODEL.pairs[0][tuple(p)] for p in PAIRS.tolist()])
    assert asked.confirmed(0, sign).all()
    assert not asked.confirmed(0, -sign).any()
    assert asked.model_calls == N * (2 + 180 * 42)


def test_a_model_without_products_confirms_no_pair() -> None:
    additive = dataclasses.replace(MODEL, pairs=({}, {}, {}))
    asked = ask_pairs(function(additive, M), lines(N, M), PAIRS, draws=5)
    for sign in (1.0, -1.0):
        assert not asked.confirmed(0, np.full(len(PAIRS), sign)).any()


def test_a_background_smaller_than_asked_and_pairs_that_are_none_are_refused() -> None:
    background = lines(N, M)
    with pytest.raises(DataError, match=r"background is smaller"):
        ask_pairs(function(MODEL, M), background, PAIRS, draws=N)
    for wrong in (np.asarray([[1, 1]]), np.asarray([[0, M]]), np.asarray([1, 2])):
        with pytest.raises(UsageError, match=r"two different features"):
            ask_pairs(function(MODEL, M), background, wrong)
    with pytest.raises(UsageError, match=r"too few random pairs"):
        ask_pairs(function(MODEL, M), background, PAIRS, nulls=5)
    tiny = lines(N, 6)
    with pytest.raises(DataError, match=r"too few other pairs"):
        ask_pairs(
            dataclasses.replace(function(MODEL, M), features=tiny.features, call=lambda x: x[:, :3]), tiny, PAIRS[:0]
        )
