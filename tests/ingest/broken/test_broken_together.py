"""A column moved by a row: what it says of other columns, of its own file or of another one, no longer fits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import measured_world as world
import numpy as np
import pandas as pd
import pytest
from measured_world import Change, moved

from pathproof.errors import DataError
from pathproof.ingest.between_files import check_between, targets_of_lists
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.sources import ccle, cell_lines, civic, dgidb, gdsc, prism
from pathproof.ingest.sources.base import Source, Tally, find_file
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.sources.reactome import read_reactome
from pathproof.ingest.sources.reading import read_table, read_text, table_of
from pathproof.ingest.sources.together import MIN_KEYS, MIN_ROWS, Together, check_together

MODEL = "depmap/Model.csv.gz"
# What is refused in the demonstration's files, whose tissues stand in blocks: a move there is one by many rows.
CASES: list[tuple[str, str, Change, str, str]] = [
    ("Sanger ids", MODEL, moved("SangerModelID"), "lines", "BROAD_ID of model_list.csv.gz and ModelID of Model.csv "),
    ("DepMap ids", MODEL, moved("ModelID"), "lines", "BROAD_ID of model_list.csv.gz and ModelID of Model.csv "),
    ("COSMIC numbers", MODEL, moved("COSMICID"), "lines", "COSMIC_ID of model_list.csv.gz and COSMICID"),
    ("CCLE names", MODEL, moved("CCLEName"), "lines", "StrippedCellLineName and CCLEName"),
    ("lineages", MODEL, moved("OncotreeLineage", by=41), "lines", "OncotreeLineage and OncotreePrimaryDisease"),
    ("cancer types", MODEL, moved("OncotreePrimaryDisease", by=41), "lines", "OncotreeLineage and OncotreePrimary"),
    ("model ids", world.MODELS, moved("model_id"), "lines", "BROAD_ID of model_list.csv and ModelID of Model.csv.gz"),
    ("names", world.MODELS, moved("model_name"), "lines", "model_name and CCLE_ID"),
    ("DepMap ids of the list", world.MODELS, moved("BROAD_ID"), "lines", "BROAD_ID of model_list.csv and ModelID"),
    ("tissues", world.MODELS, moved("tissue", by=41), "lines", "tissue and cancer_type"),
    ("tissue factors", world.FEATURES, moved("TISSUE_FACTOR", by=41), "", "tissue of model_list.csv.gz and TISSUE_F"),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world.write_measured(tmp_path_factory.mktemp("measured"))


@pytest.mark.parametrize(("name", "file", "change", "part", "words"), CASES, ids=[case[0] for case in CASES])
def test_a_moved_column_is_refused(
    name: str, file: str, change: Change, part: str, words: str, sound: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(sound, tmp_path / "data"))
    frame = world.read(data, file)
    (data / file).unlink()
    world.write(data, file.removesuffix(".gz"), change(frame))
    inputs = Inputs(data)
    with pytest.raises(DataError, match=re.escape(words.strip())) as caught:
        _ = getattr(inputs, part) if part else check_between(inputs)
    told = caught.value.render()
    assert "belong together: one looks moved by rows" in told, name
    assert re.search(r"at least \d+%; in the published files \d+%, after a move \d+%", told)


def test_the_sound_files_fit_each_other(sound: Path) -> None:
    inputs = Inputs(sound)
    check_between(inputs)
    assert len(inputs.lines.frame) == 80


def test_pathway_names_of_two_files(tmp_path: Path) -> None:
    ids = [f"R-HSA-{number}" for number in range(1, MIN_ROWS + 1)]
    files = [tmp_path / name for name in ("ReactomePathways.gmt", "ReactomePathways.txt", "Relation.txt")]
    files[0].write_text("".join(f"Pathway {one}\t{one}\tG1\tG2\n" for one in ids))
    files[2].write_text(f"{ids[0]}\t{ids[1]}\n{ids[0]}\t{ids[2]}\n")
    for by in (0, 1):
        named = zip(ids, np.roll(ids, by), strict=True)
        files[1].write_text("".join(f"{one}\tPathway {other}\tHomo sapiens\n" for one, other in named))
        if not by:
            assert len(read_reactome(*files, (Tally(), Tally(), Tally())).sets) == MIN_ROWS
    with pytest.raises(DataError, match=r"name of ReactomePathways.gmt and name of ReactomePathways.txt do not belong"):
        read_reactome(*files, (Tally(), Tally(), Tally()))


def _frame(n: int) -> pd.DataFrame:
    """Two rows for each key, which has one name and one kind; a text that names both."""
    keys = np.repeat(np.arange(n // 2), 2)
    return pd.DataFrame(
        {
            "key": [f"K{key}" for key in keys],
            "name": [f"name {key}" for key in keys],
            "kind": [f"kind {key % 5}" for key in keys],
            "ids": [f"X{key};k{key}" for key in keys],
            "text": [f"We saw that K{key} does it." for key in keys],
        }
    )


KINDS = [
    Together("key", "name", "determines", 0.7, 1.0, 0.0),
    Together("key", "kind", "suggests", 0.7, 1.0, 0.4),
    Together("key", "ids", "equals", 0.7, 1.0, 0.0),
    Together("key", "text", "stands in", 0.7, 1.0, 0.4),
    Together("key", "text", "shares", 0.7, 1.0, 0.4, right_part=r"that (\S+)"),
]


def _told(frame: pd.DataFrame, *declared: Together) -> str:
    problems = Problems(Path("file.csv"), "file")
    check_together(frame, frame, declared, problems)
    try:
        problems.raise_if_any()
    except DataError as error:
        return error.render()
    return ""


@pytest.mark.parametrize("one", KINDS, ids=[one.kind for one in KINDS])
def test_each_kind_of_belonging(one: Together) -> None:
    frame = _frame(200)
    if one.kind == "shares":
        frame["key"] = frame["key"].str.replace("K", "KEY")
        frame["text"] = frame["text"].str.replace("that K", "that KEY")
    assert _told(frame, one) == ""
    for column in (one.left, one.right):
        spoilt = frame.assign(**{column: np.random.default_rng(0).permutation(frame[column])})
        assert f"Columns {one.left} and {one.right} do not belong together" in _told(spoilt, one)
    assert _told(frame.drop(columns=one.right), one) == "", "an absent column says nothing"
    blank = frame.assign(**{one.right: ""})
    assert _told(blank, one) == "", "and so do blank cells"


def test_a_small_table_is_not_held_against_anything() -> None:
    for one in KINDS[:3]:
        n = 2 * MIN_KEYS if one.kind == "determines" else MIN_ROWS
        for rows, expected in ((n - 2, False), (n, True)):
            frame = _frame(rows)
            frame[one.right] = np.roll(frame[one.right], 1)
            assert bool(_told(frame, one)) == expected, (one.kind, rows)


def test_all_columns_that_do_not_fit_are_told_at_once() -> None:
    told = _told(_frame(200).assign(key=lambda f: np.roll(f["key"], 1)), *KINDS[:3])
    assert "3 problems" in told
    assert "0% of 100 repeated values of the first have one value of the second, as 'K0' beside" in told


REAL: list[tuple[Source, str]] = [
    *((cell_lines.MODEL_LIST, name) for name in ("model_name", "tissue", "CCLE_ID")),
    *((cell_lines.MODEL, name) for name in ("OncotreeLineage", "OncotreePrimaryDisease", "CCLEName")),
    *((civic.CIVIC, name) for name in ("molecular_profile", "disease", "doid", "therapies", "significance")),
    *((civic.CIVIC, name) for name in ("evidence_type", "evidence_level", "evidence_statement", "evidence_id")),
    *((civic.CIVIC, name) for name in ("citation_id", "citation")),
    *((gdsc.COMPOUNDS, name) for name in ("TARGET", "TARGET_PATHWAY", "DRUG_NAME", "SYNONYMS")),
    *((dgidb.DGIDB, name) for name in ("gene_name", "drug_name", "interaction_types")),
    *((gdsc.TARGETS, name) for name in ("PUBCHEM", "CHEMBL")),
    *((prism.COMPOUND_LIST, name) for name in ("Drug.Name", "repurposing_target", "MOA")),
    (ccle.RESPONSE, "Target"),
]


@pytest.fixture(scope="module")
def tables(real_data: Path) -> dict[str, pd.DataFrame]:
    sources = {source.title: source for source, _ in REAL}
    found = {}
    for title, source in sources.items():
        path = find_file(source, real_data)
        assert path is not None
        if source is dgidb.DGIDB:  # the extract ends within a row
            found[title] = table_of(dgidb._whole_lines(read_text(path))[0], path, source)
        else:
            found[title] = read_table(path, source)
    return found


@pytest.mark.parametrize(("source", "column"), REAL, ids=[f"{one.title}, {column}" for one, column in REAL])
def test_each_column_of_the_real_files_that_is_moved(
    source: Source, column: str, tables: dict[str, pd.DataFrame]
) -> None:
    """The published files have no problem, and each of these columns has one when it is moved by a row."""
    frame = tables[source.title]
    assert _told(frame, *source.together) == ""
    assert column in _told(moved(column)(frame), *source.together)


def test_the_declared_shares_are_those_of_the_published_files(tables: dict[str, pd.DataFrame]) -> None:
    """What the messages say of the sound files and of a move is measured, to the last digit shown."""
    for source in {one.title: one for one, _ in REAL}.values():
        frame = tables[source.title]
        for one in source.together:
            if one.right not in frame:  # of another layout
                continue
            found = _share(frame, frame, one)
            after = _share(moved(one.left)(frame), frame, one)
            assert found == pytest.approx(one.sound, abs=0.011), one
            assert after == pytest.approx(one.moved, abs=0.02), one
            assert after + 0.05 < one.least < found - 0.05, one


def _share(left: pd.DataFrame, right: pd.DataFrame, one: Together) -> float:
    """The share that a limit above 1 makes the check tell."""
    problems = Problems(Path("file"), "file")
    exact = Together(one.left, one.right, one.kind, 2.0, 1.0, 0.0, one.left_part, one.right_part)
    check_together(left, right, (exact,), problems)
    ((_, error),) = problems._found
    match = re.match(r"(\d+)%", str(error.got))
    assert match is not None
    return int(match[1]) / 100


def _lists_told(names: pd.Series[str], genes: pd.Series[str], listed: list[prism.Compound]) -> str:
    """What is said of a compound list beside GDSC's names and targets."""
    (addition,) = (one for one in prism.ADDITIONS if one.source == prism.COMPOUND_LIST)
    screened = pd.DataFrame({"name": names, "GENE_TARGET": genes})
    (pair,) = targets_of_lists([(addition, listed)], screened)
    ids = pair.left.index.intersection(pair.right.index)
    problems = Problems(Path("compounds_moa.csv"), prism.COMPOUND_LIST.title)
    check_together(pair.left.loc[ids], pair.right.loc[ids], pair.declared, problems)
    return "".join(error.render() for _, error in problems._found)


def test_targets_of_one_compound_in_two_lists() -> None:
    """Joined by name, without salt and signs; a compound of one list alone says nothing."""
    names = pd.Series([f"Drug {n} mesylate" for n in range(MIN_ROWS)])
    genes = pd.Series([f"GEN{n} OTHER{n}" for n in range(MIN_ROWS)])
    listed = [prism.Compound(f"DRUG-{n}", (), (f"GEN{n}", "MORE"), "") for n in range(MIN_ROWS)]
    listed.append(prism.Compound("NOT-SCREENED", (), ("KRAS",), ""))
    assert _lists_told(names, genes, listed) == ""
    assert "repurposing_target" in (told := _lists_told(names, pd.Series(np.roll(genes, 1)), listed))
    assert f"0% of {MIN_ROWS} rows have a word in common" in told


def test_the_real_compound_list_beside_the_real_targets(real_data: Path, tables: dict[str, pd.DataFrame]) -> None:
    path = find_file(prism.COMPOUND_LIST, real_data)
    assert path is not None
    known = tables[gdsc.TARGETS.title]
    frame = read_table(path, prism.COMPOUND_LIST)
    for by, expected in ((0, ""), (1, "8% of 1"), (100, "1% of 1")):
        targets = np.roll(frame["repurposing_target"].to_numpy(), by)
        listed = [
            prism.Compound(name, (), tuple(cell.split(", ")), "")
            for name, cell in zip(frame["Drug.Name"], targets, strict=True)
            if name and cell
        ]
        told = _lists_told(known["DRUG_NAME"], known["GENE_TARGET"], listed)
        assert (expected in told) if expected else not told
