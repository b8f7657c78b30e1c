"""A folder that holds only what `pathproof fetch` gets is enough, and says what it lacks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fetched_world import DRIVERS, SERVICE, write_fetched, zipped
from ingest_made import Made, edges, source, table
from ingest_slices import COMPOUNDS, FEATURES, FILES, RESPONSE, TARGETS, write_slices

from pathproof.cli.data_commands import data_check
from pathproof.errors import DataError
from pathproof.explain.data import load_dataset
from pathproof.ingest.fetch.content import check_content
from pathproof.ingest.fetch.lockfile import read_lock
from pathproof.ingest.pipeline import ingest
from pathproof.ingest.report.page import render_page
from pathproof.ingest.report.text import NO_LAYER, render_text
from pathproof.ingest.report.view import report_of
from pathproof.ingest.sources import networks
from pathproof.ingest.sources.base import Tally, find_file
from pathproof.ingest.sources.registry import SOURCES
from pathproof.workspace import Workspace

ZIPPED = DRIVERS.replace(".csv", ".zip")
COMPLETE_SET = "hgnc/hgnc_complete_set_2025-04-01.txt"


def make(folder: Path, changes: dict[str, str | bytes | None]) -> Made:
    workspace = Workspace.open(folder / "ws")
    return workspace, ingest(write_slices(folder / "data", changes), workspace)


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `made`, a demonstration as it is written, and `data`, the same in the files that are fetched."""
    folder = tmp_path_factory.mktemp("fetched")
    write_fetched(folder)
    return folder


def test_what_is_needed_can_be_fetched() -> None:
    readers = {entry.reader for entry in read_lock().file}
    assert [source.title for source in SOURCES if not source.optional and source not in readers] == []
    assert networks.OMNIPATH_SERVICE in readers, "one of OmniPath's two files is needed"


def test_fetch_would_keep_every_file_of_it(fetched: Path) -> None:
    entries = {entry.path: entry for entry in read_lock().file}
    files = [path for path in (fetched / "data").rglob("*") if path.is_file()]
    assert len(files) == 14
    for path in files:
        check_content(path, entries[path.relative_to(fetched / "data").as_posix()])


@pytest.mark.parametrize("quick", [True, False])
def test_the_check_finds_all_that_is_needed(fetched: Path, quick: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert data_check(fetched / "data", quick=quick) == 0
    assert "All files that are needed are there" in capsys.readouterr().out


def test_it_says_the_same_as_the_world_in_its_usual_files(fetched: Path, tmp_path: Path) -> None:
    now, then = (
        (workspace, ingest(fetched / name, workspace))
        for name, workspace in (("data", Workspace.open(tmp_path / "now")), ("made", Workspace.open(tmp_path / "then")))
    )
    for name in ("mutations", "screens/gdsc2", "cell_lines", "molecules"):
        pd.testing.assert_frame_equal(table(now, f"tables/{name}"), table(then, f"tables/{name}"), check_like=True)
    for type_ in ("AFFECTS", "REGULATES", "TARGETS", "HAS_MUTATION_IN", "CONFERS_RESISTANCE_TO"):
        assert edges(now, type_) == edges(then, type_) != set()
    expression, given = (table(one, "tables/expression").set_index("cell_line") for one in (now, then))
    assert list(expression.columns) == list(given.columns)
    correlated = expression.corrwith(given)
    assert (correlated > 0.99).mean() > 0.99
    dataset = load_dataset(now[0])
    assert dataset.layer_columns("mutation").size > 0
    assert set(report_of(now[0])["layers"][1]) >= {"file", "unit"}


def test_the_least_that_is_needed_is_enough(fetched: Path, tmp_path: Path) -> None:
    data = shutil.copytree(fetched / "data", tmp_path / "data")
    for one in SOURCES:
        found = find_file(one, data) if one.optional and one is not networks.OMNIPATH_SERVICE else None
        if found is not None and one.title != "DepMap expression as log2(TPM + 1)":  # it shares the needed file
            found.unlink()
    assert len(list(data.rglob("*.*"))) == 12
    workspace = Workspace.open(tmp_path / "ws")
    manifest = ingest(data, workspace)
    assert manifest["counts"]["edges"]["HAS_MUTATION_IN"] == 0
    assert manifest["counts"]["edges"]["TARGETS"] > 0
    (data / SERVICE).unlink()
    with pytest.raises(DataError, match="OmniPath signed, directed interactions is missing"):
        ingest(data, workspace)


WRITTEN = (
    "DRUG_ID,SCREENING_SITE,DRUG_NAME,SYNONYMS,TARGET,TARGET_PATHWAY\n"
    '1372,,Trametinib,GSK1120212,"MAP2K1, MAP2K2 , MAP2K1",ERK MAPK signaling\n'
    '1736,,Selumetinib,AZD6244,"MLL, RTK (KRAS, BRAF), SHARED",ERK MAPK signaling\n'
    "1432,,AZD1480,-,DNA alkylating agent,Other\n"
    "1908,,Ulixertinib,BVD-523,-,ERK MAPK signaling\n"
)
GENES = "\t".join(["hgnc_id", "symbol", "alias_symbol", "prev_symbol", "entrez_id", "ensembl_gene_id", "uniprot_ids"])
SHARED = f"{GENES}\nHGNC:1097\tBRAF\tSHARED\t\t673\t\t\nHGNC:6407\tKRAS\tSHARED|RAS2\t\t3845\t\t\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The slices without a table of targets and without mutations."""
    changes = {TARGETS: None, FEATURES: None, COMPOUNDS: WRITTEN, COMPLETE_SET: SHARED}
    return make(tmp_path_factory.mktemp("written"), changes)


def test_targets_in_free_text_are_those_that_name_one_gene(written: Made) -> None:
    drugs = table(written, "tables/drugs").set_index("drug")
    assert drugs["targets"].map(list).to_dict() == {
        "gdsc.drug:1372": ["MAP2K1", "MAP2K2"],
        "gdsc.drug:1736": ["KMT2A"],  # MLL is its former name
        "gdsc.drug:1432": [],
        "gdsc.drug:1908": [],
        "gdsc.drug:2047": [],
    }
    assert drugs[["pubchem", "chembl"]].isna().all(axis=None)
    facts = next(one for one in written[1]["sources"] if one["name"] == "gdsc.targets")
    assert facts["file"] == COMPOUNDS
    assert facts["noted"] == {
        "targets read from the column TARGET of the screened compounds": 4,
        "target that is not one gene": 3,
        "targets of the compound of the same name": 1,
    }
    assert facts["examples"]["target that is not one gene"] == ["RTK (KRAS, BRAF)", "SHARED", "DNA alkylating agent"]
    assert facts["dropped"] == {
        "compound without a target": 1,
        "compound without a target that is one gene": 1,
    }
    assert (facts["rows_in"], facts["rows_out"]) == (4, 2)
    (account,) = facts["mapping"]
    assert account["examples"] == {
        "ambiguous": ["SHARED"],
        "obsolete": ["MLL -> KMT2A"],
        "dropped": ["DNA alkylating agent", "RTK (KRAS, BRAF)"],
    }
    said = table(written, "knowledge/edges/TARGETS")
    given = said[said["start"].str.startswith("gdsc.drug")]
    assert set(given["primary_knowledge_source"]) == {"source:gdsc.targets"}


def test_compounds_without_any_target_text_are_refused(tmp_path: Path) -> None:
    text = WRITTEN.replace("TARGET,", "TARGETED,", 1)
    with pytest.raises(DataError, match="Nothing says what the compounds act on(.|\n)*drug_gene_targets.csv"):
        make(tmp_path, {TARGETS: None, COMPOUNDS: text})
    with pytest.raises(DataError, match="targets are known: this is probably the wrong file"):
        make(tmp_path / "other", {TARGETS: None, COMPOUNDS: WRITTEN.replace("MAP2K", "protein ").replace("MLL", "x")})


def test_without_mutations_the_layer_is_empty_and_the_report_says_so(written: Made) -> None:
    assert list(table(written, "tables/mutations").columns) == ["cell_line"]
    assert table(written, "tables/mutations").empty
    assert edges(written, "HAS_MUTATION_IN") == set()
    assert "gdsc.mutations" not in set(table(written, "knowledge/nodes/KnowledgeSource")["name"])
    dataset = load_dataset(written[0])
    assert dataset.layer_columns("mutation").size == 0
    assert not dataset.has_layer["mutation"].any()
    assert dataset.layer_columns("expression").size > 0
    report = report_of(written[0])
    absent = {one["title"]: one["cost"] for one in report["absent"]}
    assert "or no mutation where that file is absent too" in absent["GDSC genomic features"]
    assert "Cell Model Passports driver mutations" in absent
    assert "GDSC drug targets as gene symbols" not in absent
    assert f"* mutations           {NO_LAYER}" in render_text(report)
    assert NO_LAYER in render_page(report)


MUTATIONS = (
    "gene_id,gene_symbol,model_id,protein_mutation,cancer_driver,source\n"
    "S1,BRAF,SIDM00001,p.V600E,True,Sanger\n"
    "S1,BRAF,SIDM00001,p.L597R,True,Broad\n"
    "S2,KRAS,SIDM00002,p.G12D,t,Sanger\n"
    "S7,MLL,SIDM00002,p.?,TRUE,Sanger\n"
    "S3,EGFR,SIDM00003,p.?,False,Sanger\n"
    "S0,,SIDM00001,p.?,True,Sanger\n"
    "S1,BRAF,SIDM09999,p.V600E,True,Sanger\n"
)


@pytest.mark.parametrize(
    ("name", "content"), [(DRIVERS, MUTATIONS), (ZIPPED, zipped(MUTATIONS.encode(), "mutations_summary.csv"))]
)
def test_driver_mutations_of_the_passports(name: str, content: str | bytes, tmp_path: Path) -> None:
    made = make(tmp_path, {FEATURES: None, name: content})
    calls = table(made, "tables/mutations").set_index("cell_line")
    assert calls.astype(int).to_dict("index") == {
        "sidm:SIDM00001": {"BRAF": 1, "KMT2A": 0, "KRAS": 0},
        "sidm:SIDM00002": {"BRAF": 0, "KMT2A": 1, "KRAS": 1},
        "sidm:SIDM00003": {"BRAF": 0, "KMT2A": 0, "KRAS": 0},  # sequenced: a mutation that is no driver stands there
    }
    facts = source(made, name)
    assert facts["dropped"] == {
        "row without a known cell line": 1,
        "mutation that is no driver": 1,
        "mutation of no named gene": 1,
        "further mutation of one gene in one line": 1,
    }
    assert (facts["rows_in"], facts["rows_out"]) == (7, 3)
    assert edges(made, "HAS_MUTATION_IN") == {
        ("sidm:SIDM00001", "hgnc:1097"),
        ("sidm:SIDM00002", "hgnc:6407"),
        ("sidm:SIDM00002", "hgnc:7132"),
    }
    (seen,) = [one for one in made[1]["layers"] if one["name"] == "mutations"]
    assert (seen["file"], seen["model_sees"], seen["genes"]) == (name, True, 3)


def test_beside_gdscs_features_they_are_a_layer_that_no_model_sees(made: Made, tmp_path: Path) -> None:
    now = make(tmp_path, {DRIVERS: MUTATIONS})
    for name in ("tables/mutations", "knowledge/edges/HAS_MUTATION_IN"):
        pd.testing.assert_frame_equal(table(now, name), table(made, name))
    assert table(now, "tables/layers/mutations_drivers").shape == (3, 4)
    facts: dict[str, Any] = next(one for one in now[1]["layers"] if one["name"] == "mutations_drivers")
    assert (facts["model_sees"], facts["unit"], facts["file"]) == (False, "0 or 1", DRIVERS)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        (DRIVERS, MUTATIONS.replace(",t,", ",maybe,"), "true or false(.|\n)*line 4, column cancer_driver"),
        (DRIVERS, MUTATIONS.replace("SIDM00003", "A375"), "a Sanger model id(.|\n)*line 6, column model_id"),
        (
            DRIVERS,
            MUTATIONS.replace("cancer_driver", "driver"),
            "This is not the Cell Model Passports driver mutations",
        ),
        (DRIVERS, MUTATIONS.replace("SIDM0000", "SIDM7777"), "cell lines are known"),
        (DRIVERS, FILES[RESPONSE], "the columns are those of the GDSC2"),
        (ZIPPED, zipped(b"x", "a.csv", "b.csv"), "has to hold one table(.|\n)*a.csv, b.csv"),
        (ZIPPED, zipped(MUTATIONS.encode(), "a.csv")[:-40], "compressed file is damaged"),
        (ZIPPED, b"<html>no</html>", "compressed file is damaged"),
        (DRIVERS, zipped(MUTATIONS.encode(), "a.csv"), "Excel workbook or a zip archive"),
    ],
)
def test_broken_files_of_the_passports(name: str, content: str | bytes, what: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=what):
        make(tmp_path, {FEATURES: None, name: content})


def test_of_omnipaths_archive_the_core_is_read(tmp_path: Path) -> None:
    header = "source_genesymbol target_genesymbol is_directed consensus_direction consensus_stimulation"
    rows = ["A B True True True False True", "A C True True True False False", "B C True False False True True"]
    path = tmp_path / "archive.tsv"
    path.write_text(
        "\n".join(row.replace(" ", "\t") for row in (f"{header} consensus_inhibition omnipath", *rows)) + "\n"
    )
    tally = Tally()
    frame = networks.read_service(path, tally)
    assert frame.to_dict("records") == [{"source": "A", "target": "B", "sign": 1}]
    assert tally.dropped == {
        "of another data set than the core": 1,
        "without a direction that most resources give": 1,
    }
