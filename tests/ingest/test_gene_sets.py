"""WikiPathways, MSigDB and PRISM: the slices worked out by hand, wrong files, and what they leave as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ingest_made import Made, edges, source, table
from ingest_slices import (
    CANONICAL,
    COMPOUND_LIST,
    FILES,
    HALLMARK,
    SIGNATURES,
    TREATMENTS,
    WIKIPATHWAYS,
    write_slices,
)

from pathproof.errors import DataError
from pathproof.ingest.pipeline import check_data, ingest
from pathproof.ingest.sources.base import Tally
from pathproof.ingest.sources.gmt import read_gmt
from pathproof.ingest.sources.msigdb import HALLMARK as HALLMARK_SOURCE
from pathproof.ingest.sources.msigdb import signature_of
from pathproof.ingest.sources.registry import ADDITIONS
from pathproof.ingest.sources.wikipathways import read_pathways
from pathproof.validate.knowledge_tables import KnowledgeTables
from pathproof.workspace import Workspace

OPTIONAL = (WIKIPATHWAYS, HALLMARK, CANONICAL, SIGNATURES, COMPOUND_LIST, TREATMENTS)


def without(made: Made, type_: str) -> pd.DataFrame:
    """Edges of one type that no optional source gives."""
    frame = table(made, f"knowledge/edges/{type_}")
    return frame[~frame["primary_knowledge_source"].isin({f"source:{one.source.name}" for one in ADDITIONS})]


def mapping(made: Made, file: str) -> dict[str, dict[str, Any]]:
    return {account["kind"]: account for account in source(made, file)["mapping"]}


def test_wikipathways_are_pathways_found_by_entrez_id(made: Made) -> None:
    pathways = table(made, "knowledge/nodes/Pathway").set_index("id")
    assert pathways.loc["wikipathways:WP10", ["name", "n_genes"]].tolist() == ["Half of 100% RAS", 2]
    assert pathways.loc["wikipathways:WP2", "name"] == "EGFR alone"
    ours = {pair for pair in edges(made, "PARTICIPATES_IN") if pair[1].startswith("wikipathways:")}
    assert ours == {
        ("hgnc:6407", "wikipathways:WP10"),
        ("hgnc:1097", "wikipathways:WP10"),
        ("hgnc:3236", "wikipathways:WP2"),
    }
    facts = source(made, WIKIPATHWAYS)
    assert facts["release"] == "20230410", "the file states its release"
    assert facts["dropped"] == {"pathway of another species": 1, "pathway without a gene": 1}
    account = mapping(made, WIKIPATHWAYS)["gene"]
    assert (account["mapped"], account["dropped"], account["examples"]) == (3, 1, {"dropped": ["999999"]})


def test_msigdb_sets_are_gene_sets_and_no_pathways(made: Made) -> None:
    sets = table(made, "knowledge/nodes/GeneSet").set_index("name")
    assert sets["collection"].to_dict() == {
        "HALLMARK_KRAS_SIGNALING_UP": "hallmark",
        "PID_RAS_PATHWAY": "canonical",
        "A_SELUMETINIB_RESISTANCE_B_ALL_DN": "resistance",
        "A_SELUMETINIB_RESISTANCE_B_ALL_UP": "resistance",
        "B_TRAMETINIB_SENSITIVE_VS_RESISTANT_UP": "resistance",
        "C_RESISTANCE_TO_GEFITINIB": "resistance",
        "D_ENDOCRINE_THERAPY_RESISTANCE_1": "resistance",
    }
    assert sets.loc["HALLMARK_KRAS_SIGNALING_UP", "n_genes"] == 2, "CYR61 is CCN1; a gene counts once"
    assert ("hgnc:2654", "msigdb:HALLMARK_KRAS_SIGNALING_UP") in edges(made, "IN_GENE_SET")
    assert source(made, CANONICAL)["dropped"] == {
        "copied from Reactome, which is read itself": 1,
        "copied from WikiPathways, read itself": 1,
        "KEGG's own terms": 1,
        "BioCarta's own terms": 1,
        "set without a gene": 1,
    }
    assert source(made, SIGNATURES)["dropped"] == {"not about resistance": 1}
    assert mapping(made, HALLMARK)["gene"]["examples"] == {"obsolete": ["CYR61 -> CCN1"], "dropped": ["NO-GENE"]}


def test_a_signature_is_of_the_drug_that_its_name_says_and_no_other(made: Made) -> None:
    told = table(made, "knowledge/edges/SIGNATURE_OF_RESISTANCE_TO").fillna({"expression": ""})
    names = told["start"].str.removeprefix("msigdb:")
    assert dict(zip(zip(names, told["end"], strict=True), told["expression"], strict=True)) == {
        ("A_SELUMETINIB_RESISTANCE_B_ALL_DN", "gdsc.drug:1062"): "lower",
        ("A_SELUMETINIB_RESISTANCE_B_ALL_DN", "gdsc.drug:1736"): "lower",
        ("A_SELUMETINIB_RESISTANCE_B_ALL_UP", "gdsc.drug:1062"): "higher",
        ("A_SELUMETINIB_RESISTANCE_B_ALL_UP", "gdsc.drug:1736"): "higher",
        ("B_TRAMETINIB_SENSITIVE_VS_RESISTANT_UP", "gdsc.drug:1372"): "lower",
        ("C_RESISTANCE_TO_GEFITINIB", "reactome.therapy:gefitinib"): "",
    }
    assert source(made, SIGNATURES)["examples"]["signature that names no drug of the graph"] == [
        "D_ENDOCRINE_THERAPY_RESISTANCE_1"
    ]
    assert mapping(made, SIGNATURES)["drug"]["examples"] == {"dropped": ["endocrine therapy"]}


@pytest.mark.parametrize(
    ("name", "drug"),
    [
        ("LI_CISPLATIN_RESISTANCE_DN", ("cisplatin", "lower")),
        ("HOLLEMAN_VINCRISTINE_RESISTANCE_ALL_UP", ("vincristine", "higher")),
        ("HONMA_DOCETAXEL_RESISTANCE", ("docetaxel", None)),
        ("BACOLOD_RESISTANCE_TO_ALKYLATING_AGENTS_DN", ("alkylating agents", "lower")),
        ("CALVET_IRINOTECAN_SENSITIVE_VS_RESISTANT_UP", ("irinotecan", "lower")),
        ("CALVET_IRINOTECAN_SENSITIVE_VS_RESISTANT_DN", ("irinotecan", "higher")),
        ("CREIGHTON_ENDOCRINE_THERAPY_RESISTANCE_1", ("endocrine therapy", None)),
        ("ZHANG_RESPONSE_TO_CISPLATIN_UP", None),
    ],
)
def test_names_of_signatures(name: str, drug: tuple[str, str | None] | None) -> None:
    assert signature_of(name) == drug


def test_prism_says_what_drugs_do_and_targets_only_what_was_not_screened(made: Made) -> None:
    drugs = table(made, "knowledge/nodes/Drug").set_index("id")
    assert list(drugs.loc["gdsc.drug:1372", "mechanisms"]) == ["mek inhibitor"]
    imatinib = drugs.loc["civic.therapy:Imatinib"]
    assert list(imatinib["mechanisms"]) == ["abl inhibitor", "kit inhibitor"]
    assert imatinib["phase"] == "Launched"
    assert list(drugs.loc["gdsc.drug:1432", "mechanisms"]) == []
    given = table(made, "knowledge/edges/TARGETS")
    ours = given[given["primary_knowledge_source"] == "source:prism"]
    assert set(zip(ours["start"], ours["end"], strict=True)) == {
        ("civic.therapy:Imatinib", "hgnc:76"),
        ("civic.therapy:Imatinib", "hgnc:1097"),
    }
    facts = source(made, COMPOUND_LIST)
    assert facts["dropped"] == {"no name": 1, "neither mechanism nor target": 1}
    assert mapping(made, COMPOUND_LIST)["drug"]["examples"] == {"dropped": ["ASPIRIN"]}


def test_without_them_everything_else_is_as_it_was(made: Made, tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    folder = write_slices(tmp_path / "data", dict.fromkeys(OPTIONAL))
    assert check_data(folder) == []
    bare = workspace, ingest(folder, workspace)
    for type_, n in bare[1]["counts"]["edges"].items():
        now, then = without(made, type_), table(bare, f"knowledge/edges/{type_}")
        assert len(then) == n
        pd.testing.assert_frame_equal(now.reset_index(drop=True), then, check_dtype=False)
    drugs = table(bare, "knowledge/nodes/Drug")
    assert drugs[["mechanisms", "phase"]].isna().all(axis=None), "nothing is said without a source"
    for name in ("screen", "expression", "mutations", "drugs"):
        path = f"tables/{name}"
        if (made[0].root / f"{path}.parquet").is_file():
            pd.testing.assert_frame_equal(table(made, path), table(bare, path))


def test_claims_are_about_reactomes_pathways_alone(made: Made) -> None:
    told = KnowledgeTables(made[0]).rows("pathway-members")
    assert {row["pathway"] for row in told} == {"reactome:R-HSA-1", "reactome:R-HSA-164843"}
    assert {row["knowledge_source"] for row in told} == {"source:reactome"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("KRAS signalling KRAS BRAF\n", "1 of 1 lines have another form"),
        ("A\turl\tKRAS\nA\turl\tBRAF\n", "stands twice(.|\n)*A, first in line 1"),
        ("\turl\tKRAS\n", "1 of 1 lines have another form"),
    ],
)
def test_lines_that_are_no_gene_set(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "sets.gmt"
    path.write_text(text)
    with pytest.raises(DataError, match=what):
        read_gmt(path, HALLMARK_SOURCE, Tally())


def test_line_ends_spaces_and_repeated_genes_are_no_part_of_a_set(tmp_path: Path) -> None:
    path = tmp_path / "sets.gmt"
    path.write_bytes(b"A\turl\tKRAS \t\tBRAF\tKRAS\r\n\r\nB\turl\r\n")
    tally = Tally()
    sets = read_gmt(path, HALLMARK_SOURCE, tally)
    assert [(one.name, one.members) for one in sets] == [("A", ("KRAS", "BRAF")), ("B", ())]
    assert tally.noted == {"gene that stands twice in a set": 1}


def test_every_wrong_name_of_wikipathways_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sets.gmt"
    path.write_text(
        "RAS%WikiPathways_20230410%WP1%Homo sapiens\tu\t1\nHALLMARK_X\tu\tKRAS\n"
        "Again%WikiPathways_20230410%WP1%Homo sapiens\tu\t2\nR%Reactome_1%WP2%Homo sapiens\tu\t2\n"
    )
    with pytest.raises(DataError) as caught:
        read_pathways(path, Tally())
    text = caught.value.render()
    for part in ("HALLMARK_X", "a pathway stands twice", "R%Reactome_1%WP2%Homo sapiens"):
        assert part in text


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        (WIKIPATHWAYS, "R%WikiPathways_1%WP1%Homo sapiens\tu\tKRAS\tBRAF\n", "0 of 2 NCBI Gene ids are known"),
        (HALLMARK, "H\tu\t3845\t673\n", "0 of 2 gene symbols are known"),
        (
            COMPOUND_LIST,
            FILES[COMPOUND_LIST].replace("MAP2K1, MAP2K2, EGFR", "A-1, A-2, A-3"),
            "gene symbols are known",
        ),
        (COMPOUND_LIST, FILES[TREATMENTS], "columns are those of the PRISM Repurposing treatments"),
    ],
)
def test_a_file_of_other_ids_stops_ingest(file: str, text: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=what):
        ingest(write_slices(tmp_path / "data", {file: text}), Workspace.open(tmp_path / "ws"))
