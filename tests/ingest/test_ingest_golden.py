"""Every table and edge of a hand-made data folder, against values worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ingest_made import edges, source, table
from ingest_slices import (
    COLLECTRI,
    EXPRESSION,
    FILES,
    HIERARCHY,
    RESPONSE,
    SYMBOLS,
    response,
    write_slices,
)

from pathproof.graph_schema.schema import EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.ingest.pipeline import check_data, ingest
from pathproof.workspace import Workspace


def test_screen(made: tuple[Workspace, dict[str, Any]]) -> None:
    screen = table(made, "tables/screens/gdsc2")
    assert list(screen.columns) == [
        "cell_line", "drug", "ln_ic50", "auc", "act_area", "rmse", "min_conc", "max_conc", "out_of_range", "screen",
    ]  # fmt: skip
    row = screen.set_index(["drug", "cell_line"]).loc[("gdsc.drug:1372", "sidm:SIDM00001")]
    assert (row["ln_ic50"], row["auc"], row["max_conc"], row["screen"]) == (-3.5, 0.41, 1.0, "GDSC2")
    assert len(screen) == 5


def test_expression_is_joined_by_id(made: tuple[Workspace, dict[str, Any]]) -> None:
    matrix = table(made, "tables/expression").set_index("cell_line")
    assert list(matrix.index) == ["sidm:SIDM00001", "sidm:SIDM00002"]
    # The Entrez id decides: OLDKRAS (3845) is KRAS; CCN1 (3491) wins over the same gene's column without an id.
    assert list(matrix.columns) == ["BRAF", "CCN1", "EGFR", "KRAS"]
    assert set(matrix.dtypes) == {np.dtype("float32")}
    assert matrix.loc["sidm:SIDM00001"].tolist() == [0.5, -1.5, 1.0, 0.25]
    # Of ACH-000002 and ACH-000003, both SIDM00002, DepMap's own row for that line stays.
    assert matrix.loc["sidm:SIDM00002", "CCN1"] == 1.5
    assert np.isnan(matrix.loc["sidm:SIDM00002", "KRAS"])
    facts = source(made, EXPRESSION)
    assert facts["dropped"] == {"row without a known cell line": 1, "second row of one cell line": 1}
    assert facts["noted"]["column: second one of a gene"] == 1
    assert facts["examples"]["column: second one of a gene"] == ["CYR61"]


def test_mutations(made: tuple[Workspace, dict[str, Any]]) -> None:
    matrix = table(made, "tables/mutations").set_index("cell_line")
    # MLL is KMT2A's withdrawn symbol; BCR-ABL stands for ABL1, both EWSR1 fusions for EWSR1; no copy number.
    assert list(matrix.columns) == ["ABL1", "BRAF", "EWSR1", "KMT2A", "KRAS"]
    assert matrix.loc["sidm:SIDM00001"].tolist() == [0, 1, 1, 0, 0]
    assert matrix.loc["sidm:SIDM00002"].tolist() == [0, 0, 0, 0, 1], "1002 is the line's first COSMIC number"
    assert len(matrix) == 2


def test_cell_lines(made: tuple[Workspace, dict[str, Any]]) -> None:
    lines = table(made, "tables/cell_lines").set_index("cell_line")
    assert list(lines.index) == ["sidm:SIDM00001", "sidm:SIDM00002", "sidm:SIDM00003"], "L-4 is in no table"
    assert lines.loc["sidm:SIDM00002"].tolist() == [
        "L-2", "ACH-000002", "1002", "Blood", "Acute Myeloid Leukemia", "Suspension",
    ]  # fmt: skip
    assert lines.loc["sidm:SIDM00003", ["tissue", "cancer_type", "growth"]].tolist() == ["Unknown"] * 3
    assert lines.loc["sidm:SIDM00003", ["ach", "cosmic"]].isna().all()


def test_drugs(made: tuple[Workspace, dict[str, Any]]) -> None:
    drugs = table(made, "tables/drugs").set_index("drug")
    assert list(drugs.loc["gdsc.drug:1372", "synonyms"]) == ["GSK1120212", "Mekinist"]
    assert list(drugs.loc["gdsc.drug:1062", "targets"]) == ["MAP2K1", "MAP2K2"], "semicolons separate too"
    assert list(drugs.loc["gdsc.drug:1736", "targets"]) == ["MAP2K1"], "RTK is no gene"
    assert drugs.loc["gdsc.drug:1736", "pubchem"] == "57379345"
    assert pd.isna(drugs.loc["gdsc.drug:1736", "chembl"])
    assert pd.isna(drugs.loc["gdsc.drug:1062", "pubchem"])
    assert drugs.loc["gdsc.drug:2047", "name"] == "Ulixertinib", "only the response file lists 2047"
    assert list(drugs.loc["gdsc.drug:2047", "targets"]) == ["KRAS"], "as 1908, which has the same name"
    assert drugs.loc["gdsc.drug:2047", "chembl"] == "CHEMBL3590106"
    assert drugs.loc["gdsc.drug:2047", "target_pathway"] == "ERK MAPK signaling"
    assert list(drugs.loc["gdsc.drug:1083", "targets"]) == []


def test_genes(made: tuple[Workspace, dict[str, Any]]) -> None:
    genes = table(made, "tables/genes").set_index("symbol")
    assert genes.loc["BRAF"].tolist() == ["hgnc:1097", "673", "ENSG00000157764", "P15056"]
    assert genes.loc["CCN1", "gene"] == "hgnc:2654", "renamed from CYR61 by the newer symbol list"
    assert genes.loc["EML4", "gene"] == "hgnc.symbol:EML4", "no file gives its HGNC number"
    assert not genes.index.duplicated().any()


def test_evidence(made: tuple[Workspace, dict[str, Any]]) -> None:
    resistance = table(made, "knowledge/edges/CONFERS_RESISTANCE_TO")
    assert edges(made, "CONFERS_RESISTANCE_TO") == {
        ("hgnc:6840", "gdsc.drug:1062"),
        ("hgnc:6840", "gdsc.drug:1736"),
        ("hgnc:76", "civic.therapy:Imatinib"),
        ("hgnc:1097", "gdsc.drug:1372"),
        ("hgnc:1097", "civic.therapy:Dabrafenib"),
    }
    row = resistance.set_index("id").loc["civic.eid:1:hgnc:6840:gdsc.drug:1062"]
    assert (row["evidence_level"], row["molecular_profile"], row["disease"]) == ("B", "MAP2K1 P124S", "Melanoma")
    assert (row["significance"], bool(row["combination"]), list(row["publications"])) == (
        "Resistance", False, ["pubmed:101"],
    )  # fmt: skip
    assert resistance.loc[resistance["start"] == "hgnc:1097", "combination"].all()
    assert edges(made, "CONFERS_SENSITIVITY_TO") == {
        ("hgnc:1097", "gdsc.drug:1372"),
        ("hgnc:6407", "gdsc.drug:1372"),
        ("hgnc:1097", "civic.therapy:MEK Inhibitor Trametinib-1"),
        ("hgnc:6407", "civic.therapy:MEK Inhibitor Trametinib-1"),
        ("hgnc:427", "gdsc.drug:1083"),
        ("hgnc.symbol:EML4", "gdsc.drug:1083"),
        # Imatinib is the therapy that evidence 2 calls Imatinib Mesylate: one node.
        ("hgnc:427", "civic.therapy:Imatinib"),
        ("hgnc.symbol:EML4", "civic.therapy:Imatinib"),
    }
    facts = source(made, "civic/ClinicalEvidenceSummaries.tsv")
    assert facts["dropped"] == {
        "flagged": 1,
        "evidence status submitted": 1,
        "evidence type Prognostic": 1,
        "wild type or absence, not an alteration": 1,
        "several genes altered together, none alone": 1,
        "no gene of the profile is known": 1,
        "significance Adverse Response": 1,
    }
    assert facts["noted"]["does not support its statement: an item to read, neither support nor contradiction"] == 1
    told = pd.concat([resistance, table(made, "knowledge/edges/CONFERS_SENSITIVITY_TO")])
    assert "civic.eid:6" not in set(told["evidence_item"]), "its statement was found not to hold"


def test_networks(made: tuple[Workspace, dict[str, Any]]) -> None:
    affects = table(made, "knowledge/edges/AFFECTS")
    assert {(s, e, i) for s, e, i in zip(affects["start"], affects["end"], affects["sign"], strict=True)} == {
        ("hgnc:6407", "hgnc:1097", 1),
        ("hgnc:1097", "hgnc:6840", 1),
        ("hgnc:3236", "hgnc:1097", -1),
    }
    assert source(made, "omnipath/omnipath_signed_directed.tsv")["dropped"] == {
        "both signs": 2,
        "a gene with itself": 1,
        "protein complex, not one gene": 1,
        "repeated pair": 1,
    }
    assert edges(made, "REGULATES") == {("hgnc:7132", "hgnc:3236"), ("hgnc:7132", "hgnc:2654")}
    assert source(made, COLLECTRI)["dropped"] == {
        "protein complex, not one gene": 1,
        "microRNA, not a gene symbol": 1,
    }


def test_reactome(made: tuple[Workspace, dict[str, Any]]) -> None:
    pathways = table(made, "knowledge/nodes/Pathway").set_index("id")
    pathways = pathways[pathways["provided_by"] == "source:reactome"]
    assert pathways["n_genes"].to_dict() == {
        "reactome:R-HSA-164843": 2,
        "reactome:R-HSA-1": 2,
        "reactome:R-HSA-2": 0,
        "reactome:R-HSA-3": 0,
        "reactome:R-HSA-4": 0,
        "reactome:R-HSA-5": 0,
    }
    assert pathways.loc["reactome:R-HSA-164843", "name"] == "2-LTR circle formation", "tabs separate, not spaces"
    assert edges(made, "PART_OF") == {
        ("reactome:R-HSA-1", "reactome:R-HSA-2"),
        ("reactome:R-HSA-2", "reactome:R-HSA-3"),
        ("reactome:R-HSA-4", "reactome:R-HSA-3"),
    }
    described = table(made, "knowledge/edges/DESCRIBES_RESISTANCE_TO").set_index("start")
    assert described.loc["reactome:R-HSA-4", ["end", "gene"]].tolist() == ["gdsc.drug:1083", "hgnc:427"]
    assert described.loc["reactome:R-HSA-5", ["end", "gene"]].tolist() == ["reactome.therapy:gefitinib", "hgnc:3236"]
    assert len(described) == 2


def test_knowledge_is_exactly_the_schemas_kinds(made: tuple[Workspace, dict[str, Any]]) -> None:
    folder = made[0].knowledge
    assert {path.stem for path in folder.glob("nodes/*")} == {kind.label for kind in KNOWLEDGE_NODES}
    assert {path.stem for path in folder.glob("edges/*")} == {kind.type for kind in KNOWLEDGE_EDGES}
    for kind in KNOWLEDGE_EDGES:
        columns = ["start", "end", *(item.name for item in (*EDGE_CORE, *kind.properties))]
        frame = pd.read_parquet(folder / "edges" / f"{kind.type}.parquet")
        assert list(frame.columns) == columns
        assert frame["id"].is_unique
        assert set(frame["predicate"]) == {kind.predicate}


def test_every_row_is_accounted_for(made: tuple[Workspace, dict[str, Any]]) -> None:
    for entry in made[1]["sources"]:
        assert entry["rows_in"] == entry["rows_out"] + sum(entry["dropped"].values()), entry["file"]
        assert entry["licence"]
        assert entry["citation"]


def test_attrition(made: tuple[Workspace, dict[str, Any]]) -> None:
    funnel = {row["step"]: (row["cell_lines"], row["drugs"], row["genes"], row["rows"]) for row in made[1]["attrition"]}
    assert funnel["response file"] == (3, 3, None, 5)
    assert funnel["with expression"] == (2, 3, 4, 4)
    assert funnel["with expression and mutation calls"] == (2, 3, 7, 4)


def test_passports_layout_compression_order_and_separators_do_not_matter(
    made: tuple[Workspace, dict[str, Any]], tmp_path: Path
) -> None:
    response_frame = [line.split(",") for line in response("passports").splitlines()]
    order = np.random.default_rng(0).permutation(len(response_frame[0]))
    shuffled = "\r\n".join(",".join(row[i] for i in order) for row in response_frame) + "\r\n"
    changes: dict[str, str | bytes | None] = {
        RESPONSE: shuffled,
        HIERARCHY: "Parent;Child\n" + FILES[HIERARCHY].replace("\t", ";"),
    }
    workspace = Workspace.open(tmp_path / "ws")
    ingest(write_slices(tmp_path / "data", changes, packed=True), workspace)
    for name in ("tables/screens/gdsc2", "tables/expression", "tables/mutations", "tables/drugs", "tables/genes"):
        pd.testing.assert_frame_equal(pd.read_parquet(workspace.root / f"{name}.parquet"), table(made, name))
    for kind in KNOWLEDGE_EDGES:
        there = table((workspace, {}), f"knowledge/edges/{kind.type}").drop(columns="dataset_version")
        pd.testing.assert_frame_equal(
            there, table(made, f"knowledge/edges/{kind.type}").drop(columns="dataset_version")
        )


def test_log_tpm_is_standardised_per_gene(tmp_path: Path) -> None:
    text = ",BRAF (673),KRAS (3845)\nACH-000001,1.0,3\nACH-000002,4.0,3\n"
    data = write_slices(
        tmp_path / "data", {EXPRESSION: None, "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv": text}
    )
    workspace = Workspace.open(tmp_path / "ws")
    ingest(data, workspace)
    matrix = pd.read_parquet(workspace.tables / "expression.parquet").set_index("cell_line")
    expected = (np.array([1.0, 4.0]) - 2.5) / np.std([1.0, 4.0], ddof=1)
    np.testing.assert_allclose(matrix["BRAF"], expected, rtol=1e-6)
    assert matrix["KRAS"].tolist() == [0.0, 0.0]


def test_optional_file_may_be_absent(tmp_path: Path) -> None:
    data = write_slices(tmp_path / "data", {SYMBOLS: None})
    assert check_data(data) == []
    workspace = Workspace.open(tmp_path / "ws")
    ingest(data, workspace)
    assert "CYR61" in pd.read_parquet(workspace.tables / "expression.parquet").columns


def test_demonstration_is_named_as_one(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    manifest = ingest(write_slices(tmp_path / "data"), workspace, kind="demonstration")
    assert manifest["kind"] == "demonstration"
    assert {entry["release"] for entry in manifest["sources"]} == {"simulated for the demonstration"}
