"""Anybody's references: CSV and GMT, what is left out, and their place beside the others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from scoring_world import DRUGS, GENES, context, evidence, gene, right, store, table

from pathproof.errors import DataError
from pathproof.validate.claims import names_of
from pathproof.validate.claims_csv import Names
from pathproof.validate.run import validate
from pathproof.validate.user_references import UserReference, reference_from_file, reference_from_frame


@pytest.fixture(scope="module")
def names() -> Names:
    return names_of(store())


def read(names: Names, folder: Path, text: str, name: str = "mine.csv") -> UserReference:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return reference_from_file(path, names)


def test_a_csv_with_signs_pathways_and_unknown_names(names: Names, tmp_path: Path) -> None:
    text = (
        "drug,gene,pathway,sign,evidence\n"
        "drug 0,g020,,sensitivity,a paper\n"
        "syn1,G021,,+,\n"
        "9002,,Pathway 3,,\n"
        "Aspirin,G021,,,\n"
        "Drug 0,NOGENE,,,\n"
    )
    found = read(names, tmp_path, text)
    facts = found.reference.facts
    assert found.reference.name == "user.mine"
    assert found.reference.signed
    assert found.reference.kinds == ("gene", "interaction", "module", "pathway")
    assert list(zip(facts["drug"], facts["item"], facts["sign_mutation"], strict=True)) == [
        (DRUGS[0], "G020", -1),
        (DRUGS[1], "G021", 1),
        (DRUGS[2], "reactome:P3", 0),
    ]
    assert facts["text"].iloc[0] == "a paper"
    assert found.rows == 5
    assert found.lost == {
        "the graph does not know the drug": ["Aspirin"],
        "the graph does not know the gene": ["NOGENE"],
    }
    assert [row["names"] for row in found.attrition] == [1, 1]


def test_a_gmt_names_drugs(names: Names, tmp_path: Path) -> None:
    text = "Drug_0\thttp://x\tG020\tG021\tNOGENE\n\ngdsc.drug:3\tna\tG100\t\n"
    found = read(names, tmp_path, text, "sets.gmt")
    assert found.reference.pairs == ((DRUGS[0], "G020"), (DRUGS[0], "G021"), (DRUGS[2], "G100"))
    assert not found.reference.signed
    assert found.lost == {"the graph does not know the gene": ["NOGENE"]}


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("m.csv", "", "is empty"),
        ("m.csv", "drug,gene\n", "has a header and no fact"),
        ("m.csv", "drug,symbol\nDrug 0,G020\n", "header lacks gene"),
        ("m.csv", "drug,gene,sign\nDrug 0,G020,up\n", "line 2: unknown sign: got 'up'"),
        ("m.csv", "drug,gene,pathway\nDrug 0,G020,Pathway 3\n", "line 2: what the fact is about is not clear"),
        ("m.csv", "drug,gene\nDrog 0,G020\n", "did you mean: drug 0 for Drog 0"),
        ("m.gmt", "", "The reference is empty"),
        ("m.gmt", "Drug_0\tonly a description\n", "line 1: not a set of genes"),
        ("m.gmt", "NOBODY\tx\tG020\n", "No fact of this reference"),
    ],
)
def test_references_that_cannot_be_used(names: Names, tmp_path: Path, name: str, text: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read(names, tmp_path, text, name)


def test_a_users_reference_is_scored_beside_the_others_and_never_merged(names: Names) -> None:
    rows = [
        {"drug": d, "gene": symbol, "sign": "resistance" if sign > 0 else "sensitivity"}
        for i, d in enumerate(DRUGS)
        for symbol, sign in evidence(i)
    ]
    same = reference_from_frame(pd.DataFrame(rows), names, "same")
    other = reference_from_frame(pd.DataFrame([{"drug": DRUGS[0], "gene": gene(199)}]), names, "other")
    report = validate(store(), table(right()), context("right"), references=[same, other]).report
    listed = {row["name"]: row for row in report["references"]}
    assert listed["user.same"]["n_facts"] == 2 * len(DRUGS)
    assert listed["user.same"]["base_rate"]["gene"] == pytest.approx(2 / len(GENES))
    assert listed["user.other"]["n_drugs"] == 1
    figures = {
        row["reference"]: row["precision"]
        for row in report["precision"]
        if (row["selection"], row["circular"]) == ("top3", "excluded")
    }
    assert figures["user.same"] == figures["resistance_evidence_class"]
    assert report["verdict"]["status"] == "PASS"
    assert report["headline"]["reference"] == "resistance_evidence_class"


def test_two_references_of_one_name_are_refused(names: Names) -> None:
    one = reference_from_frame(pd.DataFrame([{"drug": DRUGS[0], "gene": gene(1)}]), names, "x")
    with pytest.raises(DataError, match="same name"):
        validate(store(), table(right()), context("right"), references=[one, one])


def test_references_declare_what_they_are_and_absent_ones_are_listed() -> None:
    report = validate(store(), table(right()), context("right")).report
    listed = {row["name"]: row for row in report["references"]}
    assert not listed["target_pathways"]["may_carry_a_verdict"]
    assert listed["target_pathways"]["claim_kinds"] == ["gene", "interaction", "module", "pathway"]
    assert listed["resistance_evidence_class"]["may_carry_a_verdict"]
    assert listed["resistance_evidence_class"]["claim_kinds"] == ["gene", "interaction", "module"]
    assert "resistance_evidence_class_no_D" in listed
    assert "no fact about a drug" in listed["resistance_signatures"]["absent"]
    assert not listed["resistance_signatures"]["may_carry_a_verdict"]
    for row in report["references"]:
        assert row["holds"]
        assert row.get("absent") or row["blind_to"]
