"""Every kind of wrong file is one DataError that says what, where, what is allowed and what to do."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from ingest_slices import (
    CIVIC,
    COLLECTRI,
    COMPOUNDS,
    DGIDB,
    EXPRESSION,
    FEATURES,
    FILES,
    GENES,
    GMT,
    HIERARCHY,
    MODEL,
    MODEL_LIST,
    NAMES,
    OMNIPATH,
    RESPONSE,
    TARGETS,
    write_slices,
)

from pathproof.errors import DataError, PathproofError
from pathproof.ingest.pipeline import check_data, ingest
from pathproof.workspace import Workspace

Change = Callable[[str], str | bytes | None]


def swap(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def give(content: str | bytes | None) -> Change:
    return lambda text: content


def repeat_last(text: str) -> str:
    return text + text.splitlines()[-1] + "\n"


def cut_gzip(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)[:-40]


CASES: list[tuple[str, Change, str]] = [
    (RESPONSE, give(None), r"GDSC2 fitted dose response is missing(.|\n)*get it from"),
    (RESPONSE, give(""), "file is empty"),
    (RESPONSE, give(FILES[RESPONSE].splitlines()[0] + "\n"), "header and no rows"),
    (RESPONSE, give("<!DOCTYPE html><html>410 Gone</html>"), r"web page(.|\n)*login page"),
    (RESPONSE, give(b"PK\x03\x04rest of a workbook"), "Excel workbook or a zip"),
    (RESPONSE, give(b"DATASET\x00\x01"), "binary"),
    (RESPONSE, cut_gzip, "cut off before its end"),
    (RESPONSE, give(gzip.compress(FILES[RESPONSE].encode())[:12] + b"\xff" * 80), "damaged"),
    (RESPONSE, lambda text: text.encode().replace(b"Trametinib", b"Tram\xe9tinib", 1), r"not UTF-8(.|\n)*line 2"),
    (RESPONSE, swap("LN_IC50", "LNIC50"), r"1 of 10 columns are missing(.|\n)*did you mean: LN_IC50: LNIC50"),
    (RESPONSE, give(FILES[COMPOUNDS]), "columns are those of the GDSC screened compounds"),
    (RESPONSE, give("CCLE Cell Line Name,Compound,ActArea\nA,B,1\n"), "columns are those of the CCLE drug response"),
    (
        RESPONSE,
        swap(",1.25,", ",sensitive,"),
        r"Text where a number belongs(.|\n)*line 3, column LN_IC50(.|\n)*'sensitive'",
    ),
    (RESPONSE, swap(",1.25,", ",inf,"), r"line 3, column LN_IC50(.|\n)*finite number"),
    (RESPONSE, swap(",1.25,", ",,"), r"line 3, column LN_IC50"),
    (RESPONSE, swap(",0.41,", ",41,"), r"out of its range(.|\n)*line 2, column AUC(.|\n)*0.0 to 1.0"),
    (RESPONSE, swap("SIDM00002", "906826"), r"line 3, column SANGER_MODEL_ID(.|\n)*'906826'"),
    (RESPONSE, swap("GDSC2,", "GDSC1,"), r"another screen(.|\n)*GDSC1(.|\n)*allowed: GDSC2"),
    (RESPONSE, repeat_last, r"Duplicate keys(.|\n)*line 7(.|\n)*GDSC2 / 2047 / SIDM00001"),
    (RESPONSE, lambda text: text[: text.rindex(",0.95")] + "\n", r"16 fields and the header 19(.|\n)*line 6"),
    (RESPONSE, lambda text: text.replace("\n", ",more\n").replace(",more", "", 1), "5 rows(.|\n)*which has 19"),
    (RESPONSE, lambda text: text.replace("SIDM0000", "SIDM0999"), "screened cell lines are known: this is probably"),
    (COMPOUNDS, repeat_last, "Duplicate keys(.|\n)*1083"),
    (COMPOUNDS, swap("1372", "Trametinib"), r"line 2, column DRUG_ID"),
    (TARGETS, swap("GENE_TARGET", "TARGET"), r"GENE_TARGET: TARGET"),
    (TARGETS, lambda text: text.replace("MAP2K", "protein").replace("KRAS", "x"), "targets are known"),
    (FEATURES, give("COSMIC_ID,gain_cna1\n1,0\n"), "no column that ends in _mut"),
    (FEATURES, swap("1001,skin,0,1", "1001,skin,0,2"), r"out of its range(.|\n)*BRAF_mut"),
    (FEATURES, swap("1002,", "1003,"), "Duplicate keys(.|\n)*1003"),
    (EXPRESSION, swap("0.25", "high"), r"line 2, column OLDKRAS \(3845\)(.|\n)*'high'"),
    (EXPRESSION, swap(",0.5,9.0", ",0.5"), r"5 fields and the header 6(.|\n)*line 2"),
    (EXPRESSION, swap("BRAF (673)", "BRAF"), r"a column is not a gene(.|\n)*got: BRAF"),
    (EXPRESSION, swap("ACH-000003", "HELA"), r"not a DepMap model(.|\n)*line 3(.|\n)*'HELA'"),
    (EXPRESSION, swap("ACH-000003", "ACH-000001"), "Duplicate keys(.|\n)*ACH-000001"),
    (EXPRESSION, give(FILES[RESPONSE]), "columns are those of the GDSC2 fitted dose response"),
    (EXPRESSION, swap("CCN1 (3491)", "BRAF (673)"), "a gene stands twice"),
    (MODEL, swap("SangerModelID", "Sanger_Model_ID"), r"SangerModelID: Sanger_Model_ID"),
    (MODEL_LIST, swap("SIDM00001", "ACH-1"), r"line 2, column model_id"),
    (GMT, lambda text: text.replace("\t", " "), r"not the file of Reactome gene sets(.|\n)*line 1"),
    (GMT, swap("R-HSA-164843", "http://www.gsea-msigdb.org"), r"line 1(.|\n)*name TAB id"),
    (GMT, swap("R-HSA-1\t", "R-HSA-164843\t"), "a set stands twice"),
    (GMT, lambda text: text.replace("BRAF", "1").replace("KRAS", "2").replace("MAP2K1", "3"), "gene symbols are known"),
    (NAMES, give(FILES[HIERARCHY]), r"not the file of Reactome pathway names"),
    (NAMES, swap("R-HSA-2\tSignal", "R-HSA-1\tSignal"), r"two names(.|\n)*line 4"),
    (HIERARCHY, swap("R-HSA-1\n", "KRAS\n"), r"line 1(.|\n)*parent id TAB child id"),
    (CIVIC, swap("therapies", "drugs"), "1 of 13 columns are missing"),
    (CIVIC, repeat_last, r"Duplicate keys(.|\n)*evidence_id(.|\n)*line 15(.|\n)*13"),
    (CIVIC, swap("\t1909\t", "\tdoid\t"), r"a Disease Ontology number(.|\n)*line 2, column doid(.|\n)*'doid'"),
    (CIVIC, swap("\t4\taccepted", "\t9\taccepted"), r"a rating from 1 to 5(.|\n)*line 2, column rating"),
    (
        DGIDB,
        swap("\tinteraction_types\t", "\tkinds\t"),
        r"column is missing(.|\n)*interaction_types or interaction_type",
    ),
    (
        DGIDB,
        swap("interaction_source_db_name", "who"),
        r"interaction_source_db_name or interaction_claim",
    ),
    (DGIDB, swap("gene_claim_name", "gene_claim"), "1 of 5 columns are missing"),
    (DGIDB, swap("\tTRUE", ""), r"10 fields and the header 11(.|\n)*line 4"),
    (DGIDB, give("# only\n# comments\n"), "5 of 5 columns are missing"),
    (
        OMNIPATH,
        swap("KRAS\t1\tBRAF", "KRAS\t0\tBRAF"),
        r"may not stand here: column interaction(.|\n)*line 2(.|\n)*-1 or 1",
    ),
    (OMNIPATH, lambda text: text.replace("\t", ","), "separated by commas, not by tabs"),
    (COLLECTRI, swap('"EGFR",1', '"EGFR",up'), r"line 2, column weight"),
    (GENES, swap(",BRAF,NM", ",,NM"), r"empty cell(.|\n)*line 2, column hgnc_symbol"),
]


@pytest.mark.parametrize(
    ("file", "change", "message"), CASES, ids=[f"{file}-{n}" for n, (file, _, _) in enumerate(CASES)]
)
def test_bad_file_is_one_clear_error(file: str, change: Change, message: str, tmp_path: Path) -> None:
    data = write_slices(tmp_path / "data", {file: change(FILES[file])})
    problems = check_data(data)
    assert len(problems) == 1
    with pytest.raises(DataError, match=message) as caught:
        ingest(data, Workspace.open(tmp_path / "ws"))
    assert caught.value.render() == problems[0].render()
    assert Path(file).name.split(".")[0] in str(caught.value.where)
    assert not (tmp_path / "ws" / "manifest.json").exists()


def test_check_data_collects_everything(tmp_path: Path) -> None:
    changes: dict[str, str | bytes | None] = {RESPONSE: None, GMT: "", CIVIC: "<html>", OMNIPATH: None}
    problems = check_data(write_slices(tmp_path, changes))
    assert len(problems) == 4
    assert all(isinstance(problem, PathproofError) for problem in problems)


def test_sound_folder_has_no_problems_and_nothing_is_written(tmp_path: Path) -> None:
    data = write_slices(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    assert check_data(data) == []
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before


def test_missing_file_names_the_nearest_present_one(tmp_path: Path) -> None:
    data = write_slices(tmp_path, {RESPONSE: None})
    (data / "gdsc" / "GDSC2_fitted_dose_response.zip").write_bytes(b"PK")
    assert check_data(data)[0].nearest == "gdsc/GDSC2_fitted_dose_response.zip"


def test_missing_folder(tmp_path: Path) -> None:
    (problem,) = check_data(tmp_path / "nowhere")
    assert "does not exist" in problem.what


def test_two_candidates_are_not_guessed(tmp_path: Path) -> None:
    data = write_slices(tmp_path)
    (data / (COMPOUNDS + ".gz")).write_bytes(gzip.compress(FILES[COMPOUNDS].encode()))
    (problem,) = check_data(data)
    assert "Several files could be the GDSC screened compounds" in problem.what


def test_unknown_extra_columns_are_tolerated(tmp_path: Path) -> None:
    text = "".join(f"{line},new\n" for line in FILES[MODEL].splitlines())
    assert check_data(write_slices(tmp_path, {MODEL: text})) == []
