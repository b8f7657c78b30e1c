"""More genes than lines: slopes that the lines' row space does not hold are found by asking outside of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from multivariate_world import lines

from pathproof.explain.multivariate.account import Account, explain_function
from pathproof.explain.multivariate.anchor import outer_slopes
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import ModelFunction
from pathproof.explain.multivariate.space import row_space

M, N, D = 150, 60, 3
SETUP = Settings(latents=8, rank=4, steps=20)
RNG = np.random.default_rng(3)
SLOPES = RNG.standard_normal((M, D)) * 0.3
NAMES = tuple(f"G{i}" for i in range(M))


def _asked(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows @ SLOPES + 0.3 * np.tanh(rows[:, :D]))


MODEL = ModelFunction("many genes", _asked, NAMES, tuple(f"drug {d}" for d in range(D)))


def _explained(setup: Settings) -> Account:
    return explain_function(MODEL, lines(N, M), setup, seeds=2, samples=3)


@pytest.fixture(scope="module")
def account() -> Account:
    return _explained(SETUP)


def _overlap(account: Account) -> float:
    tops = [{int(i) for i in np.argsort(-np.abs(member.slopes[0]))[:20]} for member in account.of_kind("lines")]
    pairs = [(a, b) for i, a in enumerate(tops) for b in tops[:i]]
    return float(np.mean([len(a & b) / len(a | b) for a, b in pairs]))


def test_slopes_outside_of_the_row_space_are_found_and_the_same_for_other_lines(account: Account) -> None:
    x = lines(N, M).x
    true = SLOPES.copy()
    for d in range(D):
        true[d, d] += 0.3 * (1.0 - np.tanh(x[:, d]) ** 2).mean()
    true = true * x.std(axis=0)[:, None]
    for member in account.members:
        assert member.space.basis.shape[1] < N
        for d in range(D):
            assert np.corrcoef(member.slopes[d], true[:, d])[0, 1] > 0.98
    assert _overlap(account) >= 0.7
    assert account.fidelity.min() > 0.9


def test_without_asking_outside_they_are_not(account: Account) -> None:
    blind = _explained(dataclasses.replace(SETUP, swaps=0))
    assert _overlap(blind) < 0.5 < _overlap(account)
    assert (blind.fidelity < account.fidelity).all()
    assert blind.model_calls == N


def test_what_lies_outside_is_orthogonal_to_the_space_and_adds_up() -> None:
    space = row_space(lines(N, M).x, 256)
    unit, length = space.outside(SLOPES)
    assert np.abs(space.basis.T @ unit).max() < 1e-10
    assert np.linalg.norm(unit, axis=0) == pytest.approx(np.ones(D))
    inside = space.basis @ (space.basis.T @ SLOPES)
    assert inside + unit * length / space.unit == pytest.approx(SLOPES)
    none, nothing = space.outside(inside)
    assert not none.any()
    assert not nothing.any()


@pytest.mark.parametrize("rows", [40, 400])
def test_ridge_slopes_are_those_of_the_normal_equations_for_few_and_for_many_rows(rows: int) -> None:
    z = RNG.standard_normal((rows, M))
    output, check = z @ SLOPES, RNG.standard_normal((50, M))
    got = outer_slopes(z, output, check, check @ SLOPES)
    centred = z - z.mean(axis=0)
    unit = (centred**2).sum() / M
    wanted = np.linalg.solve(centred.T @ centred + 1e-3 * unit * np.eye(M), centred.T @ (output - output.mean(axis=0)))
    assert got == pytest.approx(wanted, abs=1e-8)
