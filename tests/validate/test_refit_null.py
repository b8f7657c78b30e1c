"""The calibration of the refit null: small, and it would see an effect and a p that is too small."""

from __future__ import annotations

import numpy as np
import pytest
import refit_null as bench

from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.judged import judge_all
from pathproof.validate.refits import LEAST, PERMUTED, Refits, refit_row


def test_screens_without_effect_give_no_small_p() -> None:
    told = bench.calibration(4)
    assert told.count(": super-uniform") == 2
    assert "NOT" not in told
    setting = bench.setting_of(bench.DRUGS, bench.GENES, (bench.FACTS,), 3)
    claims = bench.explained(bench.screen_of(0), setting).frame
    assert claims.groupby("drug")["key"].nunique().eq(bench.CLAIMED).all()
    assert 0 < (claims["confidence"] >= bench.SURE).sum() < len(claims)


def test_an_effect_is_found_by_both_figures() -> None:
    setting = bench.setting_of(bench.DRUGS, bench.GENES, (bench.FACTS,), 3)
    assert bench.p_values(bench.screen_of(1, 1.0, setting), setting) == (pytest.approx(0.05), pytest.approx(0.05))


def test_a_refit_that_claims_nothing_is_no_precision_of_0() -> None:
    """It counts against the explainer's precision; of sure claims it has none, which is a figure."""
    setting = bench.setting_of(bench.DRUGS, bench.GENES, (bench.FACTS,), 3)
    claims = bench.explained(bench.screen_of(1, 1.0, setting), setting)
    silent = Refits({PERMUTED: lambda _: ClaimTable(claims.frame.head(0))}, LEAST)
    row = refit_row(setting, next(iter(judge_all(setting, claims))), silent, PERMUTED, bench.CLAIMED, bench.SURE)
    assert (row["p"], row["mean"]) == (1.0, None)
    assert (row["claims_p"], row["claims_mean"]) == (pytest.approx(0.05), 0.0)


def test_a_p_that_is_too_small_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "p_values", lambda *_: (0.05, float(np.float64(0.5))))
    assert "precision: NOT super-uniform" in bench.calibration(30)


def test_within_tissues_nothing_of_the_tissue_is_left() -> None:
    screen = bench.screen_of(2)
    left = bench.within(screen.responses, screen.tissue)
    assert np.abs([left[screen.tissue == t].mean(axis=0) for t in range(bench.TISSUES)]).max() < 1e-12
    assert np.linalg.norm(left, axis=0) == pytest.approx(np.ones(bench.DRUGS))
