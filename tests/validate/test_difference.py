"""What changed between two reports: nothing between equal ones, and each kind of change by name."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pandas as pd
import pytest
from scoring_world import context, right, store, table

from pathproof.validate.difference import difference
from pathproof.validate.run import ValidationResult, validate


@pytest.fixture(scope="module")
def result() -> ValidationResult:
    return validate(store(), table(right()), context("right"))


def test_equal_runs_differ_in_nothing(result: ValidationResult) -> None:
    later = deepcopy(result.report)
    later["run"] = {**later["run"], "created": "later", "wall_seconds": 3.0, "id": "other"}
    found = difference(result.report, later, (result.claim_rows, result.claim_rows))
    assert found["equal"]
    assert found["verdict"] is None


def test_each_change_is_told(result: ValidationResult) -> None:
    before: dict[str, Any] = {**deepcopy(result.report), "sources": [{"name": "civic", "file": "a", "sha256": "1"}]}
    after = deepcopy(before)
    after["sources"][0] |= {"sha256": "2", "release": "new"}
    after["environment"] = {"numpy": "9"}
    after["verdict"]["status"] = "FAIL"
    gate = next(one for one in after["gates"] if one["id"] == "precision")
    gate |= {"status": "fail", "observed": 0.1}
    row = next(r for r in after["precision"] if r["selection"] == "top3")
    row |= {"precision": 0.01, "ci95": [0.0, 0.02]}
    claims = result.claim_rows
    moved = claims.iloc[1:].copy()
    moved.loc[moved.index[0], "state"] = "contradicted"
    extra = claims.iloc[[0]].assign(key="NEW")
    found = difference(before, after, (claims, pd.concat([moved, extra])))
    assert not found["equal"]
    assert found["verdict"] == ["PASS", "FAIL"]
    assert found["gates"][0]["status"] == ["pass", "fail"]
    assert [r["apart"] for r in found["precision"]] == [True]
    assert [c["key"] for c in found["claims"]["gained"]] == ["NEW"]
    assert [c["key"] for c in found["claims"]["lost"]] == [claims.iloc[0]["key"]]
    assert found["claims"]["changed"][0]["state"][1] == "contradicted"
    assert found["made_with"] == {"numpy": [None, "9"]}
    assert found["sources"][0]["release"] == [None, "new"]
