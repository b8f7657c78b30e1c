"""Claims from records and from anybody's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pathproof.errors import DataError, UsageError
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign
from pathproof.validate import csv_cells
from pathproof.validate.claims import ClaimTable, claims_from_csv, claims_from_explanations

DRUGS = [
    {"id": "gdsc.drug:1", "name": "Erlotinib", "synonyms": ["Tarceva"], "pubchem": "176870"},
    {"id": "gdsc.drug:2", "name": "Nutlin-3a (-)", "synonyms": None, "pubchem": None},
    {"id": "gdsc.drug:3", "name": "Twice", "synonyms": [], "pubchem": ""},
    {"id": "gdsc.drug:4", "name": "Twice", "synonyms": [], "pubchem": ""},
    {"id": "civic.therapy:twice", "name": "Twice", "synonyms": [], "pubchem": ""},
]
GENES = ("EGFR", "MET", "TP53", "KRAS", "C11orf1")
PATHWAYS = {"reactome:R-HSA-1": "Signaling by EGFR"}


def read(tmp_path: Path, text: str) -> ClaimTable:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return claims_from_csv(path, DRUGS, GENES, PATHWAYS)


def test_every_way_to_write_a_drug_and_a_claim(tmp_path: Path) -> None:
    text = (
        "Drug,gene,gene2,module,pathway,score,sign,confidence\n"
        "erlotinib,egfr,,,,-2,-,0.9\n"
        "TARCEVA,MET,,,,1,resistance,0.4\n"
        "1,EGFR,KRAS,,,0.5,,\n"
        "176870,,,EGFR|MET|TP53,,0.4,,\n"
        "gdsc.drug:1,,,,signaling by egfr,0.3,,\n"
        "Nutlin-3a (-),TP53,,,,3,+,0.2\n"
    )
    frame = read(tmp_path, text).frame
    assert sorted(frame["key"]) == ["EGFR", "EGFR|KRAS", "EGFR|MET|TP53", "MET", "TP53", "reactome:R-HSA-1"]
    first = frame[(frame["key"] == "EGFR")].iloc[0]
    assert (first["drug"], first["sign"], first["rank"], first["order"]) == ("gdsc.drug:1", -1, 1, 1)
    assert set(frame["explainer"]) == {"explanations"}


def test_tab_separated_and_a_shared_name_goes_to_each_screened_id(tmp_path: Path) -> None:
    frame = read(tmp_path, "drug\tgene\tscore\nTwice\tEGFR\t1\n").frame
    assert list(frame["drug"]) == ["gdsc.drug:3", "gdsc.drug:4"]
    assert frame["claim_id"].is_unique


def test_semicolons_and_signs_as_the_program_writes_them(tmp_path: Path) -> None:
    frame = read(tmp_path, "drug;gene;score;sign\nTarceva;EGFR;2;-1\nTarceva;MET;1;1.0\nTarceva;TP53;1;0\n").frame
    assert list(frame["sign"]) == [-1, 1, 0]
    with pytest.raises(DataError, match="score cannot be used: got '0,5'"):
        read(tmp_path, "drug;gene;score\nTarceva;EGFR;0,5\n")


def test_a_confidence_for_some_claims_only_is_refused(tmp_path: Path) -> None:
    head = "drug,gene,gene2,score,confidence,explainer\n"
    with pytest.raises(DataError, match="line 3: confidence is missing, and other claims have one") as caught:
        read(tmp_path, head + "Tarceva,EGFR,,2,0.9,a\nTarceva,MET,,1,,a\nTarceva,TP53,,1,,a\n")
    assert "a confidence for every gene claim of a, or for none" in str(caught.value)
    assert "1 problem in" in str(caught.value)
    apart = "Tarceva,EGFR,,2,0.9,a\nTarceva,MET,,1,,b\nTarceva,EGFR,MET,1,,a\n"  # others, and pairs, may have none
    assert len(read(tmp_path, head + apart).frame) == 3


def test_all_errors_at_once_with_line_got_allowed_and_nearest(tmp_path: Path) -> None:
    text = (
        "drug,gene,score,sign,confidence\n"
        "Erlotinb,EGFR,1,,\n"
        "Erlotinib,EGRF,1,,\n"
        "Erlotinib,EGFR,high,,\n"
        "Erlotinib,EGFR,1,up,\n"
        "Erlotinib,EGFR,1,,7\n"
        "Erlotinib,,1,,\n"
        "Erlotinib,MET,1,,\n"
        "Tarceva,met,2,,\n"
    )
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    told = str(caught.value)
    assert "8 problems" not in told
    assert "7 problems in mine.csv" in told
    for part in (
        "line 2: unknown drug: got 'Erlotinb'",
        "did you mean Erlotinib?",
        "line 3: unknown gene: got 'EGRF'",
        "did you mean EGFR?",
        "line 4: score cannot be used: got 'high', allowed: a finite number",
        "line 5: unknown sign: got 'up', allowed: resistance, sensitivity",
        "line 6: confidence cannot be used: got '7', allowed: a number from 0 to 1",
        "line 7: what is claimed is not clear: got 'nothing'",
        "line 9: the same claim as in line 8",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "is empty"),
        ("  \n\n", "is empty"),
        ("drug,gene,score\n", "no claim"),
        ("compound,symbol,weight\nx,y,1\n", "header lacks drug, score, gene"),
        ("drug,gen,score\nErlotinib,EGFR,1\n", "gene for gen|did you mean"),
        ("drug,gene,score,score\nErlotinib,EGFR,1,1\n", "names score twice"),
        ("drug,gene,gene2,score\nErlotinib,EGFR,EGFR,1\n", "too few different genes"),
        ("drug,gene,score\nErlotinib,EGFR,nan\n", "finite number"),
        ("drug,gene,score,pathway\nErlotinib,EGFR,1,Signaling by EGFR\n", "not clear"),
        ("drug,pathway,score\nErlotinib,Signalling by EGFR,1\n", "did you mean"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("Erlotinib,MET,0,75", "line 3: more cells than columns: got '75'"),
        ("Erlotinib,MET,1,a note, with a comma", "line 3: more cells than columns: got 'a note, with a comma'"),
        ('Erlotinib,"MET,1', "mine.csv, line 3"),
        ('Erlotinib,"MET"x,1', "mine.csv, line 3"),
        ("Erlotinib," + "x" * 200_000 + ",1", "mine.csv, line 3"),
    ],
    ids=["decimal comma", "unquoted comma", "open quote", "text after a quote", "huge field"],
)
def test_a_line_that_does_not_fit_its_columns_is_named(tmp_path: Path, line: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read(tmp_path, f"drug,gene,score\nErlotinib,EGFR,1\n{line}\nErlotinib,KRAS,2\n")


def test_empty_cells_at_the_end_of_a_line_and_quotes_are_read(tmp_path: Path) -> None:
    frame = read(tmp_path, 'drug,gene,score\r\n"Erlotinib",EGFR,1,,\r\n\r\nErlotinib,MET,2\r\n').frame
    assert sorted(frame["key"]) == ["EGFR", "MET"]


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Cannot read"):
        claims_from_csv(tmp_path / "none.csv", DRUGS, GENES, PATHWAYS)
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00drug")
    with pytest.raises(DataError, match="UTF-8"):
        claims_from_csv(tmp_path / "b.csv", DRUGS, GENES, PATHWAYS)


def record(**more: object) -> Explanation:
    claims = (
        Claim(kind=ClaimKind.GENE, genes=("MET",), layers=("expression",), value=0.5, rank=1, confidence=0.2),
        Claim(kind=ClaimKind.GENE, genes=("EGFR",), layers=("mutation",), value=-0.4, rank=2, confidence=0.9,
              sign=Sign.SENSITIVITY, confirmed=True, sources=("extra",)),
        Claim(kind=ClaimKind.GENE, genes=("TP53",), value=0.3, rank=3, confidence=1.0, confirmed=False, reason="none"),
    )  # fmt: skip
    given = {"explainer": "e", "version": "1", "drug": "gdsc.drug:1", "drug_name": "Erlotinib", "screen": "GDSC2"}
    return Explanation.model_validate({**given, "claims": claims, "sources": ("gdsc",), **more})


def test_claims_from_records() -> None:
    found = claims_from_explanations([record()])
    rows = found.frame.set_index("key")
    assert list(rows.loc[["EGFR", "MET", "TP53"], "order"]) == [1, 2, 0]
    assert list(rows.loc[["EGFR", "MET", "TP53"], "reported"]) == [True, True, False]
    assert rows.loc["EGFR", "sources"] == ("extra", "gdsc")
    assert rows.loc["EGFR", "claim_id"] == record().claim_id(record().claims[1])
    assert found.explained == (("e", "GDSC2", "gdsc.drug:1"),)
    assert found.genes == ("EGFR", "MET", "TP53")


def test_a_drug_explained_twice_or_in_part_is_refused() -> None:
    with pytest.raises(UsageError, match="explains the same drug twice"):
        claims_from_explanations([record(), record(seed=2)])
    with pytest.raises(UsageError, match="over all its cell lines"):
        claims_from_explanations([record(scope="cell_line", scope_ids=("sidm:SIDM1",))])


def test_a_file_of_too_many_lines_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_cells, "MOST_LINES", 3)
    path = tmp_path / "long.csv"
    path.write_text("drug,gene,score\n" + "no drug,no gene,x\n" * 3)
    with pytest.raises(DataError, match="9 problems"):  # as many as are allowed: what is wrong in them is told
        claims_from_csv(path, [], [], {})
    path.write_text("drug,gene,score\n" + "no drug,no gene,x\n" * 4)
    with pytest.raises(DataError, match="has more than 3 lines"):
        claims_from_csv(path, [], [], {})
