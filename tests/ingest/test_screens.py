"""Three screens in one form: units, caps, range flags, doubled records, replicates, and nothing lost in silence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ingest_made import Made, edges, source, table
from ingest_slices import EXPRESSION, RESPONSE, response, write_slices
from screen_slices import CCLE, FURTHER, GDSC1, ccle_row, workbook

from pathproof.errors import DataError
from pathproof.ingest.pipeline import ingest
from pathproof.ingest.report.check import check_folder
from pathproof.ingest.tables_screens import range_flags
from pathproof.workspace import Workspace

COLUMNS = ["cell_line", "drug", "ln_ic50", "auc", "act_area", "rmse", "min_conc", "max_conc", "out_of_range", "screen"]


def make(folder: Path, changes: Mapping[str, str | bytes | None]) -> Made:
    workspace = Workspace.open(folder / "ws")
    return workspace, ingest(write_slices(folder / "data", dict(changes)), workspace)


@pytest.fixture(scope="module")
def further(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The slices with every optional file."""
    return make(tmp_path_factory.mktemp("further"), FURTHER)


def screen_of(made: Made, name: str) -> pd.DataFrame:
    return table(made, f"tables/screens/{name}").set_index(["drug", "cell_line"])


def test_screens_have_one_form(further: Made) -> None:
    for name in ("gdsc1", "gdsc2", "ccle"):
        frame = table(further, f"tables/screens/{name}")
        assert list(frame.columns) == COLUMNS
        assert set(frame["screen"]) == {name.upper()}
        assert not frame.duplicated(["drug", "cell_line"]).any()
        assert set(frame.dtypes[["ln_ic50", "auc", "act_area", "rmse", "min_conc", "max_conc"]]) == {np.dtype("f8")}


def test_ccle_ic50_becomes_its_logarithm_and_a_capped_one_is_told(further: Made) -> None:
    frame = screen_of(further, "ccle")
    capped = frame.loc[("ccle.drug:azd6244", "sidm:SIDM00001")]
    assert capped["ln_ic50"] == math.log(8)
    assert (capped["min_conc"], capped["max_conc"], capped["out_of_range"]) == (0.0025, 8.0, "above")
    inside = frame.loc[("ccle.drug:azd6244", "sidm:SIDM00002")]
    assert (inside["ln_ic50"], inside["out_of_range"], inside["act_area"]) == (math.log(0.5), "within", 3.75)
    assert frame.loc[("ccle.drug:nvpx1", "sidm:SIDM00001"), "out_of_range"] == "below"
    fewer_doses = frame.loc[("ccle.drug:l685458", "sidm:SIDM00001")]
    assert (fewer_doses["max_conc"], fewer_doses["out_of_range"]) == (2.53, "above")
    assert frame["auc"].isna().all(), "an activity area is no AUC"
    assert table(further, "tables/screens/gdsc2")["act_area"].isna().all()
    assert source(further, CCLE)["dropped"] == {"cell line without annotation": 1}


def test_a_file_without_concentrations_says_nothing_of_the_range(further: Made) -> None:
    frame = screen_of(further, "gdsc1")
    assert set(frame["out_of_range"]) == {"unknown"}
    assert frame[["rmse", "min_conc", "max_conc", "act_area"]].isna().all(axis=None)


def test_a_line_that_shares_its_id_with_another_name_keeps_its_own_record(further: Made) -> None:
    frame = screen_of(further, "gdsc1")
    assert frame.loc[("gdsc.drug:1", "sidm:SIDM00001"), "ln_ic50"] == 2.0
    facts = source(further, GDSC1)
    assert facts["dropped"] == {"second record of a drug and a cell line": 1, "cell line without annotation": 1}
    assert facts["examples"]["second record of a drug and a cell line"] == ["L 1 (SIDM00001)"]
    assert (facts["rows_in"], facts["rows_out"]) == (6, 4)


@pytest.mark.parametrize(
    ("ln_ic50", "low", "high", "flag"),
    [
        (0.0, 0.1, 10.0, "within"),
        (math.log(10.0), 0.1, 10.0, "above"),
        (9.0, 0.1, 10.0, "above"),
        (math.log(0.1), 0.1, 10.0, "below"),
        (-9.0, 0.1, 10.0, "below"),
        (0.0, math.nan, 10.0, "unknown"),
        (0.0, 0.1, math.nan, "unknown"),
        (-9.0, 0.0, 10.0, "within"),
    ],
)
def test_range_flags(ln_ic50: float, low: float, high: float, flag: str) -> None:
    one = [pd.Series([value]) for value in (ln_ic50, low, high)]
    assert range_flags(*one).tolist() == [flag]


def test_manifest_says_each_screen_and_its_funnel(further: Made) -> None:
    facts = {one["name"]: one for one in further[1]["screens"]}
    assert list(facts) == ["gdsc2", "gdsc1", "ccle"]
    assert facts["ccle"]["out_of_range"] == {"within": 1, "above": 2, "below": 1, "unknown": 0}
    assert facts["ccle"]["measures"] == ["ln_ic50", "act_area"]
    assert facts["gdsc2"]["measures"] == ["ln_ic50", "auc", "rmse"]
    steps = {step["step"]: (step["cell_lines"], step["drugs"], step["rows"]) for step in facts["ccle"]["attrition"]}
    assert steps["response file"] == (3, 3, 5)
    assert steps["annotated cell lines"] == (2, 3, 4)
    assert steps["with expression"] == (2, 3, 4)
    assert further[1]["attrition"] == facts["gdsc2"]["attrition"]


def test_responses_of_all_screens_are_in_the_graph(further: Made) -> None:
    frame = table(further, "knowledge/edges/RESPONDS_TO").set_index("id")
    assert frame["screen"].value_counts().to_dict() == {"GDSC2": 5, "GDSC1": 4, "CCLE": 4}
    row = frame.loc["ccle.response:CCLE:azd6244:SIDM00002"]
    assert row[["start", "end", "act_area", "out_of_range"]].tolist() == [
        "sidm:SIDM00002", "ccle.drug:azd6244", 3.75, "within",
    ]  # fmt: skip
    assert row[["auc", "rmse"]].isna().all()
    assert row["primary_knowledge_source"] == "source:ccle"
    assert {"gdsc.response:GDSC1:1372:SIDM00001", "gdsc.response:GDSC2:1372:SIDM00001"} <= set(frame.index)
    drugs = table(further, "knowledge/nodes/Drug").set_index("id")["provided_by"]
    assert drugs[["gdsc.drug:1372", "gdsc.drug:1", "ccle.drug:azd6244"]].tolist() == [
        "source:gdsc", "source:gdsc1", "source:ccle",
    ]  # fmt: skip


def test_ccle_compounds_are_linked_to_gdscs_of_the_same_name_or_synonym(further: Made) -> None:
    drugs = table(further, "tables/drugs").set_index("drug")
    linked = drugs.loc["ccle.drug:azd6244"]
    assert linked["name"] == "AZD6244"
    assert "Selumetinib" in linked["synonyms"]
    assert list(linked["targets"]) == ["MAP2K1", "MAP2K2"]
    evidence = {end for start, end in edges(further, "CONFERS_RESISTANCE_TO") if start == "hgnc:6840"}
    assert {"gdsc.drug:1062", "gdsc.drug:1736", "gdsc.drug:1", "ccle.drug:azd6244"} <= evidence
    molecules = table(further, "tables/molecules").set_index("drug")["molecule"]
    replicates = ["gdsc.drug:1062", "gdsc.drug:1736", "gdsc.drug:1", "ccle.drug:azd6244"]
    assert molecules[replicates].nunique() == 1, "replicates stay apart and are linked"
    assert molecules["gdsc.drug:1432"] != molecules["gdsc.drug:1736"], "a synonym alone is not believed"


def test_an_unlinked_compound_has_a_target_only_where_it_is_a_symbol(further: Made) -> None:
    drugs = table(further, "tables/drugs").set_index("drug")["targets"]
    assert list(drugs["ccle.drug:nvpx1"]) == ["EGFR"]
    assert list(drugs["ccle.drug:l685458"]) == [], "GS is an alias of several things"
    targets = table(further, "knowledge/edges/TARGETS")
    own = targets[targets["primary_knowledge_source"] == "source:ccle"]
    assert set(zip(own["start"], own["end"], strict=True)) == {("ccle.drug:nvpx1", "hgnc:3236")}


def test_further_files_change_nothing_of_the_first_screen(made: Made, further: Made) -> None:
    tables = {path.relative_to(made[0].tables).as_posix() for path in made[0].tables.rglob("*.parquet")}
    assert tables == {
        *(f"{name}.parquet" for name in ("agreement", "cell_lines", "drugs", "expression", "genes", "molecules")),
        *("mutations.parquet", "screens/gdsc2.parquet", "layers/cna_regions.parquet"),
    }
    for name in ("screens/gdsc2", "expression", "mutations", "layers/cna_regions"):
        pd.testing.assert_frame_equal(table(made, f"tables/{name}"), table(further, f"tables/{name}"))
    drugs = table(further, "tables/drugs")
    listed = table(made, "tables/drugs")
    kept = drugs[drugs["drug"].isin(listed["drug"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, listed)
    for type_ in ("CONFERS_RESISTANCE_TO", "CONFERS_SENSITIVITY_TO", "TARGETS", "DESCRIBES_RESISTANCE_TO"):
        both = edges(further, type_)
        added = {pair for pair in both if {"gdsc.drug:1", "gdsc.drug:9"} & set(pair) or "ccle." in "".join(pair)}
        assert both - added == edges(made, type_), type_


def test_workbook_gives_the_table_of_its_sheet(made: Made, tmp_path: Path) -> None:
    as_workbook = {RESPONSE: None, RESPONSE.replace(".csv", "_27Oct23.xlsx"): workbook(response("passports"))}
    there = make(tmp_path, as_workbook)
    pd.testing.assert_frame_equal(table(there, "tables/screens/gdsc2"), table(made, "tables/screens/gdsc2"))


def test_damaged_workbook(tmp_path: Path) -> None:
    content = workbook(response())[:-40]
    with pytest.raises(DataError, match=r"workbook cannot be read(.|\n)*download the file again"):
        make(tmp_path, {RESPONSE: None, RESPONSE.replace(".csv", ".xlsx"): content})


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (GDSC1, response(), r"another screen(.|\n)*GDSC2(.|\n)*allowed: GDSC1"),
        (GDSC1, FURTHER[GDSC1] + FURTHER[GDSC1].splitlines()[1] + "\n", "Duplicate keys(.|\n)*SIDM00001 / L-1"),
        (CCLE, FURTHER[CCLE].replace("2.531646", "0"), r"out of its range(.|\n)*IC50 \(uM\)"),
        (CCLE, FURTHER[CCLE].replace(",.080,.25", ",;080,.25"), r"numbers separated by commas(.|\n)*Doses \(uM\)"),
        (CCLE, FURTHER[CCLE] + ccle_row("L1_SKIN", "AZD6244", "MEK", "1", "1"), "Duplicate keys(.|\n)*AZD6244"),
        (CCLE, FURTHER[CCLE].replace("_SKIN", "").replace("_BLOOD", ""), "screened cell lines are known"),
    ],
)
def test_bad_screen_is_one_clear_error(file: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        make(tmp_path, {file: text})


def test_expression_is_made_of_tpm_where_there_are_no_z_scores(tmp_path: Path) -> None:
    text = ",BRAF (673),KRAS (3845)\nACH-000001,1.0,3\nACH-000002,4.0,3\n"
    there = make(tmp_path, {EXPRESSION: None, "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv": text})
    facts = {one["name"]: one for one in there[1]["layers"]}
    assert facts["expression"]["unit"] == "z-score, made from log2(TPM + 1)"
    assert facts["expression"]["file"] == facts["expression_tpm"]["file"]
    raw = table(there, "tables/layers/expression_tpm").set_index("cell_line")
    assert raw["BRAF"].tolist() == [1.0, 4.0]
    assert table(there, "tables/expression")["KRAS"].tolist() == [0.0, 0.0]


def test_quick_look_at_a_workbook(tmp_path: Path) -> None:
    name = RESPONSE.replace(".csv", "_27Oct23.xlsx")
    for content, state in ((workbook(response()), "found"), (workbook(response().replace("AUC", "AUX")), "broken")):
        data = write_slices(tmp_path / state, {RESPONSE: None, name: content})
        look = check_folder(data, quick=True)
        found = next(finding for finding in look.findings if finding.source.title == "GDSC2 fitted dose response")
        assert (found.state, found.path) == (state, data / name)
