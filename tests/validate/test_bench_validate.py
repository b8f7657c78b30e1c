"""The benchmark of the validation measures what it says, small."""

from __future__ import annotations

import bench_validate as bench
import numpy as np
import pytest


def test_the_synthetic_setting_has_the_asked_size() -> None:
    setting = bench.setting_of(30, 100, (2, 20), 0)
    assert [len(reference.facts) for reference in setting.references] == [60, 600]
    assert len(setting.known.screened) == 30
    assert len(set(setting.known.groups.values())) == 10
    claims = bench.claims_of(setting, 3, 0).frame
    assert len(claims) == 90
    assert claims.groupby("drug")["key"].nunique().eq(3).all()


def test_the_speed_is_of_all_references_and_nulls() -> None:
    took = bench.speed(12, 60, 3)
    assert 0 < took.ranked < took.wall
    assert took.cpu > 0
    assert bench.speed(12, 60, 3, rankings=False).ranked < took.ranked


def test_the_peer_is_measured_or_named_as_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda _: None)
    assert "left out" in bench.peer(12, 60, 5, 1.0)


def test_random_explainers_do_not_pass_and_p_is_super_uniform() -> None:
    told = bench.calibration(60)
    assert "PASS in 0.0%" in told
    assert told.count(": super-uniform") == 4
    assert "rewired: super-uniform" in told
    assert "NOT" not in told


def test_a_true_explainer_passes_and_one_that_knows_little_does_not() -> None:
    told = bench.power(4)
    assert "80% of the drugs known: 100.0%" in told
    assert float(told.rpartition("known: ")[2].rstrip("%")) <= 50


def test_the_calibration_would_see_a_p_that_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "nulls_of", lambda *_: {"broken": float(np.float64(0.001))})
    assert "broken: NOT super-uniform" in bench.calibration(10)
