"""Writing a report: all five files, the same bytes again, and nothing at all when it is broken."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest
from report_fixture import make_report
from scoring_world import context, right, store, table

from pathproof.errors import DataError
from pathproof.validate.render import FILES, claims_csv, junit_xml, write_report
from pathproof.validate.render_html import render_summary
from pathproof.validate.render_view import DEMONSTRATION
from pathproof.validate.run import validate
from pathproof.validate.schema_report import check_report

CLAIMS = pd.DataFrame(
    {"drug": ["gdsc.drug:1", "gdsc.drug:2"], "genes": [["TP53", "MDM2"], []], "score": [0.1234567890123, None]}
)


def test_writes_all_files_and_equal_reports_give_equal_bytes(tmp_path: Path) -> None:
    report = make_report(20)
    shuffled = dict(reversed(list(report.items())))
    first = write_report(report, CLAIMS, tmp_path / "a" / "new")
    second = write_report(shuffled, CLAIMS, tmp_path / "b")
    assert tuple(first) == FILES
    assert sorted(p.name for p in (tmp_path / "b").iterdir()) == sorted(FILES)  # no temporary file left
    for name in FILES:
        assert first[name].read_bytes() == second[name].read_bytes()


def test_report_json_reads_back_as_it_was_given(tmp_path: Path) -> None:
    report = make_report(5)
    report["added_later"] = {"kept": [1, 2.5, None]}
    text = write_report(report, CLAIMS, tmp_path)["report.json"].read_text()
    assert json.loads(text) == report
    assert "NaN" not in text
    assert "Infinity" not in text


def test_what_validate_makes_can_be_written(tmp_path: Path) -> None:
    result = validate(store(), table(right()), {**context("right"), "kind": "demonstration"})
    paths = write_report(result.report, result.claim_rows, tmp_path)
    html = paths["report.html"].read_text()
    assert result.report["verdict"]["status"] == "PASS"
    assert 'class="card verdict PASS"' in html
    assert "Selected claims" in html
    assert not re.search(r"\bnan\b|\bNone\b|Undefined", html)
    frame = pd.read_csv(paths["claims.csv"])
    assert len(frame) == len(result.claim_rows)


def test_a_broken_report_writes_nothing(tmp_path: Path) -> None:
    report = make_report(3)
    report["precision"][0]["precision"] = float("nan")
    with pytest.raises(DataError, match=r"report\.precision\[0\]\.precision"):
        write_report(report, CLAIMS, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_claims_csv_joins_lists_and_leaves_missing_empty() -> None:
    assert claims_csv(CLAIMS) == "drug,genes,score\ngdsc.drug:1,TP53; MDM2,0.1234567890123\ngdsc.drug:2,,\n"


def test_junit_has_one_case_per_gate_with_its_status() -> None:
    report = check_report(make_report(1))
    suite = ET.fromstring(junit_xml(report)).find("testsuite")  # noqa: S314  our own text
    assert suite is not None
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    kinds = {case.get("name"): case[0].tag for case in suite.iter("testcase")}
    assert kinds == {
        "predictor": "system-out", "precision": "failure", "popularity": "system-out", "stability": "system-out",
        "rewired": "skipped", "weights": "error",
    }  # fmt: skip
    skipped = suite.find("testcase/skipped")
    assert skipped is not None
    assert "needs 20 refits" in str(skipped.get("message"))


def test_junit_of_no_gates_is_a_failure_and_survives_control_characters() -> None:
    report = make_report(1)
    report["gates"] = []
    report["run"]["id"] = "bell\x07 & <tag>"
    suite = ET.fromstring(junit_xml(check_report(report))).find("testsuite")  # noqa: S314  our own text
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")


def test_summary_of_the_demonstration_begins_and_ends_with_saying_so() -> None:
    lines = render_summary(check_report(make_report(2, kind="demonstration"))).strip().splitlines()
    assert lines[0] == lines[-1] == DEMONSTRATION
    assert "# FAIL" in lines[2]
    assert DEMONSTRATION not in render_summary(check_report(make_report(2)))


def test_summary_cannot_be_broken_by_names() -> None:
    report = make_report(1)
    report["gates"][0]["title"] = "a | b <script>\n# heading"
    row = next(line for line in render_summary(check_report(report)).splitlines() if "script" in line)
    assert row.startswith("| a \\| b &lt;script&gt; # heading |")
