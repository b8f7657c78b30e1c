"""Faults that no single cell shows: a table as a whole is of another kind, or its ids and names do not fit together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import measured_world as world
import numpy as np
import pandas as pd
import pytest
from measured_world import LOG2, LOG10, Change, at, every_second, exchanged, moved, nanomolar, scaled

from pathproof.errors import DataError
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import ccle, gdsc_response
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.tables import Tables, build_tables

NO_DOSES = ["MIN_CONC", "MAX_CONC"]
_CHECKED = [*NO_DOSES, "DRUG_ID", "LN_IC50", "AUC", "Z_SCORE", "Compound", "Doses (uM)", "IC50 (uM)", "ActArea"]
PART = {
    **{world.GDSC2: "response", world.GDSC1: "gdsc1", world.CCLE: "ccle", world.TARGETS: "targets"},
    **{world.FEATURES: "features", world.DAMAGING: "damaging", world.EXPRESSION: "expression"},
    **{world.COPY_NUMBER: "copy_number", world.GDSC_COPY_NUMBER: "copy_number_gdsc", world.COMPOUNDS: "response"},
}


def without_doses(change: Change) -> Change:
    return lambda frame: change(frame.drop(columns=NO_DOSES))


def turned(*columns: str) -> Change:
    """1 for 0, and 0 for 1."""
    return lambda frame: frame.assign(**{name: 1 - frame[name] for name in columns})


def all_turned(frame: pd.DataFrame) -> pd.DataFrame:
    return turned(*(name for name in frame.columns if name.endswith("_mut")))(frame)


def rarest_turned(frame: pd.DataFrame) -> pd.DataFrame:
    calls = [name for name in frame.columns if name.endswith("_mut")]
    return turned(str(frame[calls].sum().idxmin()))(frame)


def one_line_turned(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    frame.iloc[3, 1:] = 1
    return frame


def numbers(frame: pd.DataFrame, change: Change) -> pd.DataFrame:
    """All columns but the first, changed."""
    return pd.concat([frame.iloc[:, :1], change(frame.iloc[:, 1:].astype(float))], axis=1)


def transposed(frame: pd.DataFrame) -> pd.DataFrame:
    """Genes in rows, under the same first header cell."""
    name = frame.columns[0]
    return frame.set_index(name).T.reset_index().rename(columns={"index": name}).rename_axis(columns=None)


def no_z_scores(frame: pd.DataFrame) -> pd.DataFrame:
    return numbers(frame, lambda values: (2.5 * values + 3).round(3))


def untested_line(frame: pd.DataFrame) -> pd.DataFrame:
    """One model id with that of a line that the drug was not tested on: no key stands twice."""
    tested = frame.loc[frame["DRUG_ID"] == frame.loc[7, "DRUG_ID"], "SANGER_MODEL_ID"]
    frame = frame.copy()
    frame.loc[7, "SANGER_MODEL_ID"] = min(set(frame["SANGER_MODEL_ID"]) - set(tested))
    return frame


def a_quarter_filled_in(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(LN_IC50=frame["LN_IC50"].where(frame.index % 4 != 0, 0.0))


def ccle_nanomolar(frame: pd.DataFrame) -> pd.DataFrame:
    """Every second compound, its doses and its IC50."""
    half = frame["Compound"].rank(method="dense") % 2 == 0
    doses = frame["Doses (uM)"].where(~half, "2.5,8.0,25,80,250,800,2530,8000")
    return frame.assign(
        **{"Doses (uM)": doses, "IC50 (uM)": frame["IC50 (uM)"].where(~half, frame["IC50 (uM)"] * 1000)}
    )


ALL_MEASURES = ("LN_IC50", "AUC", "RMSE", "Z_SCORE")
ERRORS: list[tuple[str, str, Change, str]] = [
    ("LN_IC50 and Z_SCORE exchanged", world.GDSC2, exchanged("LN_IC50", "Z_SCORE"), "same mean, as in a Z_SCORE"),
    ("common logarithms", world.GDSC2, LOG10, "not of one scale: columns LN_IC50"),
    ("binary logarithms", world.GDSC2, LOG2, "not of one scale"),
    ("sign turned", world.GDSC2, scaled(-1.0, "LN_IC50"), "do not agree: columns LN_IC50 and AUC"),
    ("ln nM", world.GDSC2, nanomolar, "not of one scale"),
    ("doses in nM", world.GDSC2, scaled(1000.0, *NO_DOSES), "unit: column MAX_CONC(.|\n)*not of one scale"),
    ("doses in M", world.GDSC2, scaled(1e-6, *NO_DOSES), "column MAX_CONC"),
    ("highest dose 0", world.GDSC2, scaled(0.0, "MAX_CONC"), "out of its range: column MAX_CONC"),
    ("lowest dose 0", world.GDSC2, scaled(0.0, "MIN_CONC"), "out of its range: column MIN_CONC"),
    ("one dose only", world.GDSC2, lambda f: f.assign(MIN_CONC=f["MAX_CONC"]), "not below the highest"),
    ("AUC turned", world.GDSC2, lambda f: f.assign(AUC=1 - f["AUC"]), "rank correlation of -"),
    ("AUC moved by a row", world.GDSC2, moved("AUC"), "do not agree"),
    ("AUC sorted alone", world.GDSC2, lambda f: f.assign(AUC=np.sort(f["AUC"])), "do not agree"),
    ("model ids moved", world.GDSC2, moved("SANGER_MODEL_ID"), "another line under this id(.|\n)*COSMIC_ID"),
    ("line names moved", world.GDSC2, moved("CELL_LINE_NAME"), "another line under this id(.|\n)*CELL_LINE_NAME"),
    ("COSMIC numbers moved", world.GDSC2, moved("COSMIC_ID"), "another line under this id(.|\n)*COSMIC_ID"),
    ("drug names moved", world.GDSC2, moved("DRUG_NAME", by=80), "another compound under this number"),
    ("drug numbers moved", world.GDSC2, moved("DRUG_ID", by=80), "another compound under this number|Duplicate"),
    ("GDSC1, Z_SCORE", world.GDSC1, without_doses(exchanged("LN_IC50", "Z_SCORE")), "same mean, as in a Z_SCORE"),
    ("GDSC1, common logarithms", world.GDSC1, LOG10, "not of one scale"),
    ("GDSC1, AUC turned", world.GDSC1, lambda f: f.assign(AUC=1 - f["AUC"]), "do not agree"),
    ("GDSC1, without doses", world.GDSC1, without_doses(LOG10), "spread too little for natural logarithms"),
    ("a quarter of LN_IC50 is 0", world.GDSC2, a_quarter_filled_in, "0 in 4.. of 1,... rows"),
    ("GDSC1, a quarter of LN_IC50 is 0", world.GDSC1, without_doses(a_quarter_filled_in), "as if it was filled in"),
    ("all measures moved", world.GDSC2, moved(*ALL_MEASURES), "Screens do not agree(.|\n)*gdsc2 and gdsc1: -?0.[01]"),
    ("GDSC1, all measures moved", world.GDSC1, moved(*ALL_MEASURES), "Screens do not agree"),
    ("CCLE, all measures moved", world.CCLE, moved("IC50 (uM)", "ActArea"), "Screens do not agree"),
    ("CCLE, half in nM", world.CCLE, ccle_nanomolar, "doses of some compounds are in another unit(.|\n)*8 to 8000"),
    ("nM in half", world.GDSC2, every_second(nanomolar), "another unit than in the other screen(.|\n)*12 of 24 drugs"),
    ("GDSC1, nM in half, without doses", world.GDSC1, without_doses(every_second(nanomolar)), "of another unit than"),
    ("GDSC1, model ids moved", world.GDSC1, moved("SANGER_MODEL_ID"), "another line under this id"),
    ("GDSC1, drug names moved", world.GDSC1, moved("DRUG_NAME", by=80), "another compound under this number"),
    ("CCLE, IC50 in nM", world.CCLE, scaled(1000.0, "IC50 (uM)"), "beyond the doses that were tested"),
    ("CCLE, area turned", world.CCLE, lambda f: f.assign(ActArea=8 - f["ActArea"]), "columns IC50 .uM. and ActArea"),
    ("CCLE, area and Amax", world.CCLE, exchanged("ActArea", "Amax"), "out of its range: column ActArea"),
    ("CCLE, names moved", world.CCLE, moved("CCLE Cell Line Name"), "another line under this id"),
    ("targets, numbers moved", world.TARGETS, moved("DRUG_ID"), "another compound under this number"),
    ("compounds, numbers moved", world.COMPOUNDS, moved("DRUG_ID"), "another compound(.|\n)*screened_compounds.csv"),
    ("all calls turned", world.FEATURES, all_turned, "Most calls say altered"),
    ("one gene's calls turned", world.FEATURES, rarest_turned, "calls of a gene(.|\n)*column [A-Z0-9]+_mut"),
    ("damaging, turned", world.DAMAGING, lambda f: numbers(f, lambda v: 1 - v), "Most calls say altered"),
    ("damaging, one line", world.DAMAGING, one_line_turned, "calls of a cell line(.|\n)*ACH-"),
    ("gains as losses", world.GDSC_COPY_NUMBER, lambda f: numbers(f, lambda v: -v), "turned round: losses"),
    ("gains as losses, DepMap", world.COPY_NUMBER, lambda f: numbers(f, lambda v: (2 - v).clip(0)), "turned round"),
    ("copy number, ln", world.COPY_NUMBER, lambda f: numbers(f, lambda v: v * np.log(2)), "another kind or unit"),
    ("expression that is no z-score", world.EXPRESSION, no_z_scores, "no z-score per gene"),
    ("copy number, genes in rows", world.GDSC_COPY_NUMBER, transposed, "cell lines are known"),
    ("features, genes in rows", world.FEATURES, transposed, "no column that ends in _mut"),
    ("damaging, genes in rows", world.DAMAGING, transposed, "column is not a gene"),
]
COUNTED: list[tuple[str, str, Change, str]] = [
    ("one model id of another line", world.GDSC2, untested_line, "another line under this id"),
    ("one line name of another line", world.GDSC2, at(7, "CELL_LINE_NAME", of=9), "another line under this id"),
    ("one COSMIC number of another line", world.GDSC2, at(7, "COSMIC_ID", of=9), "another line under this id"),
    ("one name of another drug", world.GDSC2, at(7, "DRUG_NAME", of=1500), "another compound under this number"),
    ("GDSC1, one name of another drug", world.GDSC1, at(7, "DRUG_NAME", of=1500), "another compound"),
    ("CCLE, one name of another line", world.CCLE, at(7, "Primary Cell Line Name", of=9), "another line"),
]
NAMES = [case[0] for case in (*ERRORS, *COUNTED)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world.write_measured(tmp_path_factory.mktemp("measured"))


def changed(sound: Path, folder: Path, file: str, change: Change) -> Inputs:
    """The sound files with one of them changed."""
    data = Path(shutil.copytree(sound, folder / "data"))
    before = world.read(data, file)
    after = change(before)
    assert not after.equals(before), "the file is not broken at all"
    (data / file).unlink()
    world.write(data, file.removesuffix(".gz"), after)
    return Inputs(data)


def made(inputs: Inputs) -> Tables:
    """Everything read and joined."""
    inputs.read_all(lambda message, share: None, 1.0)
    return build_tables(inputs)


@pytest.fixture(scope="module")
def whole(sound: Path) -> Tables:
    """What comes of the sound files."""
    return made(Inputs(sound))


def test_the_sound_files_pass_and_lose_nothing(sound: Path) -> None:
    inputs = Inputs(sound)
    tables = made(inputs)
    assert set(tables.screens) == {"gdsc2", "gdsc1", "ccle"}
    for record in inputs.files.values():
        assert not [reason for reason in record.tally.dropped if "another" in reason]
        assert not [reason for reason in record.tally.noted if "does not give" in reason]


@pytest.mark.parametrize(("name", "file", "change", "words"), ERRORS, ids=[case[0] for case in ERRORS])
def test_a_table_of_another_kind_is_refused(
    name: str, file: str, change: Change, words: str, sound: Path, tmp_path: Path
) -> None:
    inputs = changed(sound, tmp_path, file, change)
    with pytest.raises(DataError, match=words) as caught:
        getattr(inputs, PART[file])
        made(inputs)
    told = f"{caught.value.where} {caught.value.render()}"
    assert Path(file).name.removesuffix(".gz") in told, name


@pytest.mark.parametrize(("name", "file", "change", "words"), COUNTED, ids=[case[0] for case in COUNTED])
def test_a_row_that_contradicts_itself_is_left_out_and_counted(
    name: str, file: str, change: Change, words: str, sound: Path, whole: Tables, tmp_path: Path
) -> None:
    inputs, screen = changed(sound, tmp_path, file, change), {"response": "gdsc2"}.get(PART[file], PART[file])
    found, before = made(inputs).screens[screen].table, whole.screens[screen].table
    (tally,) = (
        record.tally for record in inputs.files.values() if record.path.name == Path(file).name.removesuffix(".gz")
    )
    (lost,) = (n for reason, n in tally.dropped.items() if words in reason)
    assert lost == 1, name
    assert tally.rows_in == tally.rows_out + sum(tally.dropped.values())
    assert any(re.search(r"\(.+\)", shown) for shown in tally.examples[next(r for r in tally.dropped if words in r)])
    assert len(found) == len(before) - 1 == len(found.merge(before)), "and no other row differs"


def test_an_unknown_spelling_is_kept_and_listed(sound: Path, tmp_path: Path) -> None:
    own = world.read(sound, world.GDSC2)["CELL_LINE_NAME"].iloc[0]
    renamed = lambda f: f.assign(CELL_LINE_NAME=f["CELL_LINE_NAME"].replace(own, "NCI-X"))  # noqa: E731
    inputs = changed(sound, tmp_path, world.GDSC2, renamed)
    assert len(inputs.response.frame) == len(Inputs(sound).response.frame)
    (noted,) = inputs.tally(gdsc_response.GDSC2).noted.items()
    assert noted == ("line name that the model list does not give", 1)


def test_of_several_names_under_one_id_only_its_own_stays(sound: Path, tmp_path: Path) -> None:
    """As T-T under the id of TT: nothing is guessed, whether the other name is known or not."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.copy()
        frame.loc[frame.index[[0, 5]], "CELL_LINE_NAME"] = "NCI-X"
        return frame

    inputs = changed(sound, tmp_path, world.GDSC2, change)
    assert "NCI-X" not in set(inputs.response.frame["line_name"])
    assert inputs.tally(gdsc_response.GDSC2).dropped == {"another line under this id": 2}


def test_every_contradiction_of_a_file_is_told_at_once(sound: Path, tmp_path: Path) -> None:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return moved("DRUG_NAME", by=80)(moved("CELL_LINE_NAME")(frame))

    with pytest.raises(DataError) as caught:
        _ = changed(sound, tmp_path, world.GDSC2, change).response
    assert caught.value.what == "The GDSC2 fitted dose response has 2 problems."
    for told in ("CELL_LINE_NAME", "DRUG_NAME", "model_list.csv.gz and screened_compounds.csv"):
        assert told in str(caught.value.got)


def test_a_line_without_any_expression_is_no_usable_pair(sound: Path, whole: Tables, tmp_path: Path) -> None:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.astype(object)
        frame.iloc[4, 1:] = ""
        return frame

    tables = made(changed(sound, tmp_path, world.EXPRESSION, change))
    assert len(tables.expression) == len(whole.expression) - 1
    usable, before = (
        {step["step"]: step for step in one.screens["gdsc2"].attrition}["with expression"] for one in (tables, whole)
    )
    assert usable["cell_lines"] == before["cell_lines"] - 1
    assert usable["rows"] < before["rows"]


@pytest.mark.real_data
def test_the_limits_part_the_real_files_from_their_faults(real_data: Path) -> None:
    """The sound files have no problem, and each fault of the real GDSC2, GDSC1 and CCLE has one."""
    gdsc2, gdsc1, third = (
        pd.read_csv(real_data / file, usecols=lambda name: name in _CHECKED)
        for file in (world.GDSC2, world.GDSC1, f"{world.CCLE}.gz")
    )
    for frame in (gdsc2, gdsc1):
        assert _told(frame, gdsc_response._check_numbers) == 0
        frame = frame[frame["DRUG_ID"] % 5 == 0]
        for change in (LOG10, scaled(-1.0, "LN_IC50"), lambda f: f.assign(AUC=1 - f["AUC"])):
            assert _told(change(frame), gdsc_response._check_numbers) >= 1
    for change in (exchanged("LN_IC50", "Z_SCORE"), scaled(1000.0, *NO_DOSES)):
        assert _told(change(gdsc2[gdsc2["DRUG_ID"] % 5 == 0]), gdsc_response._check_numbers) >= 1
    for change in (LOG2, LOG10, nanomolar):
        assert _told(every_second(change)(gdsc2), gdsc_response._check_numbers) >= 1
    for change in (LOG2, LOG10):
        assert _told(every_second(change)(gdsc1), gdsc_response._check_numbers) >= 1
    centred = gdsc1.assign(LN_IC50=gdsc1["LN_IC50"] - gdsc1.groupby("DRUG_ID")["LN_IC50"].transform("mean"))
    assert _told(centred, gdsc_response._check_numbers) >= 1
    assert _told(third, ccle._check_numbers) == 0
    assert _told(scaled(1000.0, "IC50 (uM)")(third), ccle._check_numbers) >= 1
    assert _told(third.assign(ActArea=8 - third["ActArea"]), ccle._check_numbers) >= 1


def _told(frame: pd.DataFrame, check: object) -> int:
    """How many problems a check finds."""
    problems = Problems(Path("file"), "file")
    check(frame, problems)  # type: ignore[operator]
    return len(problems._found)
