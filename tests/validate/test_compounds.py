"""Claims about compounds that another screen lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scoring_world import DRUGS, context, drug, right, row, store, table

from pathproof.errors import DataError
from pathproof.validate.compounds import lacking
from pathproof.validate.run import validate


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


def test_of_a_file_the_base_is_every_screened_compound_that_the_other_screen_lacks() -> None:
    claims = replace(table([row("x", drug(i), "G001", 0.9) for i in range(3)]), explained=())
    rows = [known(i) for i in range(6)]
    rows += [known(7, id="civic.therapy:1"), known(8, provided_by="source:ccle")]
    found = lacking(claims, rows, "gdsc2", {drug(0), drug(5)})
    assert found.drugs_of("x", "S") == tuple(sorted(drug(i) for i in (1, 2, 3, 4)))
    assert set(found.frame["drug"]) == {drug(1), drug(2)}
