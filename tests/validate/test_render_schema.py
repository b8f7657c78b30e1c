"""The contract of report.json is kept or the breach is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_fixture import make_report

from pathproof.errors import DataError
from pathproof.validate.schema_report import CLAIM_STATES, check_report, claim_state


def test_the_whole_report_passes_and_round_trips() -> None:
    report = make_report(30, kind="demonstration")
    checked = check_report(report)
    assert checked == report
    assert check_report(checked) == checked


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(report: dict[str, Any]) -> None:
        place: Any = report
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("schema_version", value=2), "schema_version"),
        (_set("verdict", "status", value="MAYBE"), r"verdict\.status"),
        (_set("verdict", "status", value="PASS"), "a PASS needs gates"),
        (_set("gates", value=[]) , "reads"),
        (_set("gates", 0, "status", value="ok"), r"gates\.0\.status"),
        (_set("gates", 0, "ci95", value=[0.5, 0.1]), "low to high"),
        (_set("gates", 0, "id", value="precision"), "same id"),
        (_set("gates", 0, "observed", value="0.3"), r"gates\.0\.observed"),
        (_set("precision", 0, "base_rate", value=None), "never reported without its base_rate"),
        (_set("precision", 0, "drug_swap", value=None), "never reported without its base_rate and its drug_swap"),
        (_set("precision", 0, "precision", value=1.2), r"precision\.0\.precision"),
        (_set("precision", 0, "circular", value="maybe"), r"precision\.0\.circular"),
        (_set("selective", 0, "curve", value=[[0.1, 0.2]]), r"selective\.0\.curve\.0"),
        (_set("drugs", 0, "name", value=""), r"drugs\.0\.name"),
        (_set("run", "config", value={"x": {1, 2}}), "not plain JSON"),
        (_set("stability", 0, "mean", value=float("inf")), r"report\.stability\[0\]\.mean"),
    ],
)  # fmt: skip
def test_a_breach_is_named(change: Callable[[dict[str, Any]], None], message: str) -> None:
    report = make_report(2)
    change(report)
    if message == "reads":
        assert check_report(report)["gates"] == []  # a FAIL without gates is what no checks deserve
        report["verdict"]["status"] = "INCONCLUSIVE"
        message = "no checks at all is a FAIL"
    with pytest.raises(DataError, match=message):
        check_report(report)


names = st.lists(st.sampled_from(["targets", "civic"]), max_size=2)


@given(supported=names, contradicted=names, novel=names)
def test_claim_state_is_total(supported: list[str], contradicted: list[str], novel: list[str]) -> None:
    state = claim_state({"supported_by": supported, "contradicted_by": contradicted, "novel_in": novel})
    assert state in CLAIM_STATES
    assert (state in ("supported", "mixed")) == bool(supported)
    assert (state in ("contradicted", "mixed")) == bool(contradicted)
    assert (state == "untestable") == (not supported and not contradicted and not novel)
