"""Claims tested in the screen itself: what is borne out, and that a copied answer key is caught by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scoring_world import DRUGS, GENES, context, evidence, gene, right, row, store, table

from pathproof.validate.evidence import NO_CONTEXT, UNSAID
from pathproof.validate.gates_data import NOT_GIVEN
from pathproof.validate.run import ValidationResult, validate
from pathproof.validate.support import claim_columns, looked_up
from pathproof.validate.words import sentences


@dataclass(frozen=True)
class Screen:
    """A screen in which only some drugs' true genes show."""

    z: dict[str, pd.DataFrame]
    screen: str = "S"
    method: str = "made"

    @property
    def plain(self) -> dict[str, pd.DataFrame]:
        return self.z


def screen(shown: float, seed: int = 0) -> Screen:
    """Noise everywhere; for a share of the drugs the evidence's genes show in their direction."""
    rng = np.random.default_rng(seed)
    layers = {}
    for layer in ("mutation", "expression"):
        z = pd.DataFrame(rng.normal(size=(len(GENES), len(DRUGS))), index=list(GENES), columns=list(DRUGS))
        for i, drug in enumerate(DRUGS):
            for symbol, sign in evidence(i):
                z.loc[symbol, drug] = 6.0 * sign if i < shown * len(DRUGS) else 0.0
        layers[layer] = z
    return Screen(layers)


def judged(rows: list[dict[str, Any]], shown: float, **given: Any) -> ValidationResult:
    return validate(store(), table(rows), {**context("x"), "data_test": lambda: screen(shown), **given})


def gate(result: ValidationResult, name: str = "data_support") -> dict[str, Any]:
    return next(g for g in result.report["gates"] if g["id"] == name)


KEY = [row("x", d, symbol, 1.0, sign) for i, d in enumerate(DRUGS) for symbol, sign in evidence(i)]


def test_a_copied_answer_key_that_the_data_do_not_bear_out_fails() -> None:
    result = judged(KEY, 0.3)
    assert result.report["verdict"]["status"] == "FAIL"
    found = gate(result)
    assert found["status"] == "fail"
    assert found["observed"] == pytest.approx(0.3, abs=0.05)
    assert any("the screen itself bears out the claims" in said for said in result.report["verdict"]["not_supported"])


def test_the_true_explainer_is_borne_out_and_the_row_says_of_what() -> None:
    result = judged(right("x"), 1.0)
    assert result.report["verdict"]["status"] == "PASS"
    found = gate(result)
    assert (found["status"], found["observed"]) == ("pass", 1.0)
    assert found["null_mean"] < 0.2
    support = result.report["support"][0]
    assert (support["selection"], support["tested_in"], support["n_untested"]) == ("selected", "S", 0)
    rows = result.claim_rows
    shown = rows[rows["confidence"] > 0.7]
    assert shown["borne_out"].eq(True).all()
    assert (shown["data_z"] * shown["sign"]).gt(5).all()
    assert next(g for g in result.report["gates"] if g["id"] == "confounders")["status"] == "warn"


def test_the_same_claims_for_every_drug_are_no_better_than_for_others() -> None:
    made = screen(0.0)
    for layer in made.z.values():
        layer.loc[GENES[150]] = 5.0
    rows = [row("x", d, GENES[150], 0.9, 1) for d in DRUGS]
    result = validate(store(), table(rows), {**context("x"), "data_test": lambda: made})
    found = gate(result)
    assert (found["observed"], found["null_mean"], found["status"]) == (1.0, 1.0, "fail")


def test_without_a_screen_the_gate_is_open_and_a_run_without_the_question_has_none() -> None:
    result = validate(store(), table(right("x")), {**context("x"), "data_test": None})
    assert gate(result)["status"] == "not_run"
    assert result.report["verdict"]["status"] == "INCONCLUSIVE"
    assert "a screen in which the claims are tested" in " ".join(result.report["verdict"]["not_tested"])
    plain = validate(store(), table(right("x")), context("x"))
    assert "data_support" not in {g["id"] for g in plain.report["gates"]}


def test_a_screen_that_knows_none_of_it_decides_nothing() -> None:
    empty = Screen({"mutation": pd.DataFrame(index=["OTHER"], columns=["gdsc.drug:9999"], dtype=float)})
    result = validate(store(), table(right("x")), {**context("x"), "data_test": lambda: empty})
    found = gate(result)
    assert found["status"] == "not_run"
    assert "tests none of these" in found["reason"]
    assert "(--data)" not in " ".join(result.report["verdict"]["not_tested"])
    assert result.claim_rows["borne_out"].isna().all()


def test_what_was_given_and_is_too_little_is_not_asked_for_again() -> None:
    def added(**reasons: str | None) -> str:
        gates = [{"id": name, "title": name, "status": "not_run", "reason": told} for name, told in reasons.items()]
        said = sentences(gates, "x", "resistance_evidence", {})["not_tested"]
        return " ".join(text for text in said if text.startswith("To decide, add"))

    assert "(--data)" in added(data_support=NOT_GIVEN)
    assert added(data_support="too few: claims of 3 target groups were tested, 10 are needed") == ""
    assert added(faithfulness="all that was asked was answered for 6 of 42 drugs; 80% needed") == ""
    assert "(--seen)" in added(not_circular=UNSAID, data_support="too few")
    assert "(--runs)" in added(stability="a single run says nothing about stability")
    assert "(--predictions)" in added(predictor=NO_CONTEXT, predictor_per_drug=None)


def frame(*claims: dict[str, Any]) -> pd.DataFrame:
    return table(list(claims)).frame


def test_level_sign_layer_pairs_and_modules() -> None:
    z = pd.DataFrame({DRUGS[0]: [1.7, -1.7, 1.8, np.nan, 3.0]}, index=[gene(i) for i in range(5)])
    layers = {"mutation": z}
    one = (DRUGS[0],)

    def borne(**more: Any) -> bool:
        claims = frame(row("x", DRUGS[0], gene(0), 0.5, **{"sign": 1, **more}))
        return bool(looked_up(claims, layers, one).borne[0, 0])

    assert borne()  # one-sided 1.64
    assert not borne(sign=-1)
    assert not borne(sign=0)  # two-sided 1.96
    two = {**layers, "expression": z * 0.0}
    assert not looked_up(frame(row("x", DRUGS[0], gene(0), 0.5, 1, layer="")), two, one).borne[0, 0]  # either layer
    pair = {"kind": "interaction", "genes": (gene(0), gene(4)), "key": "p"}
    assert not borne(**pair)  # both, two-sided
    assert borne(kind="module", genes=(gene(0), gene(4)), key="m")  # half
    lost = looked_up(frame(row("x", DRUGS[0], gene(3), 0.5, 1)), layers, one)
    assert not lost.there[0, 0]
    assert np.isnan(lost.own[0])


def test_random_claims_are_borne_out_as_often_as_the_level_says() -> None:
    made = screen(0.0, seed=3)
    rng = np.random.default_rng(4)
    rows = [
        row("x", d, str(g), 0.5, int(rng.choice([-1, 1]))) for d in DRUGS for g in rng.choice(GENES[60:], 40, False)
    ]
    told = claim_columns(table(rows).frame, made)["borne_out"]
    assert told.astype(float).mean() == pytest.approx(0.05, abs=0.02)
