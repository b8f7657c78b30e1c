"""Claims about compounds that another screen lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from anybody_world import write_workspace
from scoring_world import DRUGS, GENES, context, drug, evidence, right, row, store, table

import pathproof
from pathproof.errors import DataError
from pathproof.validate.compounds import based, lacking, same_as
from pathproof.validate.run import validate
from pathproof.workspace import read_json, write_json, write_parquet


def known(i: int, **more: Any) -> dict[str, Any]:
    return {"id": drug(i), "name": f"Drug {i}", "synonyms": None, "pubchem": None, **more}


def test_a_compound_is_the_same_by_id_name_synonym_or_pubchem_id() -> None:
    claims = table([row("x", drug(i), "G001", 0.9) for i in range(6)], DRUGS[:6])
    rows = [
        known(0), known(1, synonyms=["OTHER NAME"]), known(2, pubchem="77"), known(3, name="Twice"), known(4), known(5),
        known(7, name="Other name "), known(8, pubchem="77"), known(9, name="twice", synonyms=["unique"]),
    ]  # fmt: skip
    found = lacking(claims, rows, "gdsc2", {drug(0), drug(7), drug(8), drug(9)})
    assert sorted(found.frame["drug"]) == sorted([drug(4), drug(5)])
    assert found.explained == tuple(("x", "S", d) for d in sorted([drug(4), drug(5)]))
    assert found.attrition[0]["drugs"] == 2
    assert "4 drugs left out" in found.attrition[0]["why"]
    with pytest.raises(DataError, match=r"holds every compound(.|\n)*6 drugs, all of them in gdsc2"):
        lacking(claims, rows, "gdsc2", {drug(i) for i in range(6)})


def test_the_verdict_is_about_the_rest_and_says_so() -> None:
    rows = [known(i) for i in range(len(DRUGS))]
    few = lacking(table(right()), rows, "gdsc2", set(DRUGS[:36]))
    report = validate(store(), few, context("right")).report
    left = len(DRUGS) - 36
    assert {page["drug"] for page in report["drugs"]} <= set(DRUGS[36:])
    assert max(r["n_testable_drugs"] for r in report["selective"]) == left
    assert any(r["step"] == "compounds that gdsc2 lacks" and r["drugs"] == left for r in report["attrition"])
    said = [one for one in report["verdict"]["not_tested"] if "only compounds that gdsc2 lacks" in one]
    assert len(said) == 1
    assert f"({left} explained drugs)" in said[0]


def test_of_a_file_the_base_are_the_drugs_of_its_screen_that_the_other_screen_lacks() -> None:
    claims = replace(table([row("x", drug(i), "G001", 0.9) for i in range(3)]), explained=())
    rows = [known(i) for i in range(6)]
    screens = {"gdsc1": {drug(i) for i in (0, 1, 3, 4)}, "gdsc2": {drug(0), drug(4)}, "ccle": {"other:1"}}
    found = lacking(claims, rows, "gdsc2", screens["gdsc2"])
    assert (set(found.frame["drug"]), found.explained) == ({drug(1), drug(2)}, ())
    whole = based(found, screens, "gdsc1", same_as(rows, screens["gdsc2"]))
    assert whole.drugs_of("x", "S") == (drug(1), drug(2), drug(3))  # drug 2 is in no screen, but claimed about
    assert whole.attrition[-1]["drugs"] == 3
    assert "the drugs of gdsc1, and those that are claimed about" in whole.attrition[-1]["why"]


def test_the_base_follows_the_screen_that_the_file_names() -> None:
    one, two = row("x", drug(2), "G001", 0.9, screen="GDSC1"), row("y", drug(0), "G001", 0.9)
    claims = replace(table([one, two]), explained=())
    screens = {"gdsc1": {drug(1)}, "gdsc2": {drug(3), drug(4)}}
    found = based(claims, screens, "gdsc2")
    assert found.drugs_of("x", "GDSC1") == (drug(1), drug(2))
    assert found.drugs_of("y", "S") == (drug(0), drug(3), drug(4))
    assert based(claims, screens, "ccle").drugs_of("y", "S") == tuple(drug(i) for i in (0, 1, 3, 4))
    assert based(claims, {}, "gdsc2") is claims
    assert based(found, screens, "gdsc2") is found


def test_coverage_in_a_notebook_is_over_the_screen_of_the_workspace(tmp_path: Path) -> None:
    workspace = write_workspace(tmp_path / "ws")
    mine = pd.DataFrame([{"drug": f"Drug {i}", "gene": s, "score": 1.0} for i in range(3) for s, _ in evidence(i)])

    def testable() -> int:
        rows = pathproof.validate(mine, workspace=workspace, universe=GENES).report_json["precision"]
        return max(int(one["n_testable_drugs"]) for one in rows)

    assert testable() == len(DRUGS)
    write_parquet(workspace.tables / "screens" / "gdsc2.parquet", pd.DataFrame({"drug": [*DRUGS[:6], DRUGS[0]]}))
    manifest = read_json(workspace.root / "manifest.json")
    write_json(workspace.root / "manifest.json", {**manifest, "screens": [{"name": "gdsc2"}]})
    assert testable() == 6
