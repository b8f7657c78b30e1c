"""Every table and edge of a hand-made data folder, against values worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ingest_slices import (
    CIVIC,
    COLLECTRI,
    DGIDB,
    EXPRESSION,
    FILES,
    HIERARCHY,
    RESPONSE,
    SYMBOLS,
    interactions,
    response,
    write_slices,
)

from pathproof.graph_schema.schema import EDGE_CORE, KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.ingest.pipeline import check_data, ingest
from pathproof.workspace import Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, Any]]:
    root = tmp_path_factory.mktemp("golden")
    workspace = Workspace.open(root / "ws")
    return workspace, ingest(write_slices(root / "data"), workspace)


def table(made: tuple[Workspace, dict[str, Any]], name: str) -> pd.DataFrame:
    return pd.read_parquet(made[0].root / f"{name}.parquet")


def edges(made: tuple[Workspace, dict[str, Any]], type_: str) -> set[tuple[str, str]]:
    frame = table(made, f"knowledge/edges/{type_}")
    return set(zip(frame["start"], frame["end"], strict=True))


def source(made: tuple[Workspace, dict[str, Any]], file: str) -> dict[str, Any]:
    return next(entry for entry in made[1]["sources"] if entry["file"] == file)


def test_screen(made: tuple[Workspace, dict[str, Any]]) -> None:
    screen = table(made, "tables/screen")
    assert list(screen.columns) == [
        "cell_line", "drug", "ln_ic50", "auc", "rmse", "min_conc", "max_conc", "source",
    ]  # fmt: skip
    row = screen.set_index(["drug", "cell_line"]).loc[("gdsc.drug:1372", "sidm:SIDM00001")]
    assert (row["ln_ic50"], row["auc"], row["max_conc"], row["source"]) == (-3.5, 0.41, 1.0, "GDSC2")
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
        "direction Does Not Support": 1,
        "flagged": 1,
        "evidence status submitted": 1,
        "evidence type Prognostic": 1,
        "wild type or absence, not an alteration": 1,
        "several genes altered together, none alone": 1,
        "no gene of the profile is known": 1,
        "significance Adverse Response": 1,
    }


def test_evidence_items(made: tuple[Workspace, dict[str, Any]]) -> None:
    items = table(made, "knowledge/nodes/EvidenceItem").set_index("id")
    assert list(items.index) == [f"civic.eid:{number}" for number in (1, 2, 3, 4, 5)]
    assert items.loc["civic.eid:1"].drop(["provided_by", "dataset_version", "licence"]).to_dict() == {
        "name": "EID1",
        "direction": "resistance",
        "evidence_level": "B",
        "significance": "Resistance",
        "molecular_profile": "MAP2K1 P124S",
        "disease": "Melanoma",
        "combination": False,
        "rating": 4,
        "statement": 'Free text with "one quote and, commas',
        "citation": "Author et al., 2001",
        "url": "https://civic.example/1",
    }
    assert items["direction"].tolist() == ["resistance", "resistance", "sensitivity", "resistance", "sensitivity"]
    assert items.loc["civic.eid:4", ["significance", "combination"]].tolist() == ["Reduced Sensitivity", True]
    assert pd.isna(items.loc["civic.eid:3", "rating"])
    assert items.loc["civic.eid:5", ["disease", "citation"]].isna().all()
    diseases = table(made, "knowledge/nodes/Disease").set_index("id")["name"].to_dict()
    assert diseases == {"doid:1909": "Melanoma", "civic.disease:Solid Tumor": "Solid Tumor"}
    publications = table(made, "knowledge/nodes/Publication").set_index("id")["name"].to_dict()
    assert publications == {
        **{f"pubmed:10{number}": f"Author et al., {2000 + number}" for number in (1, 2, 3, 4)},
        "asco:105": "asco:105",
    }


def test_what_ties_an_evidence_item(made: tuple[Workspace, dict[str, Any]]) -> None:
    def of(type_: str, number: int) -> set[str]:
        return {end for start, end in edges(made, type_) if start == f"civic.eid:{number}"}

    assert of("ABOUT_GENE", 1) == {"hgnc:6840"}
    assert of("ABOUT_DRUG", 1) == {"gdsc.drug:1062", "gdsc.drug:1736"}
    assert of("ABOUT_GENE", 3) == {"hgnc:1097", "hgnc:6407"}
    assert of("ABOUT_DRUG", 4) == {"gdsc.drug:1372", "civic.therapy:Dabrafenib"}
    assert (of("ABOUT_DISEASE", 3), of("ABOUT_DISEASE", 5)) == ({"civic.disease:Solid Tumor"}, set())
    assert (of("CITES", 2), of("CITES", 5)) == ({"pubmed:102"}, {"asco:105"})
    items = set(table(made, "knowledge/nodes/EvidenceItem")["id"])
    for type_ in ("ABOUT_GENE", "ABOUT_DRUG", "CITES"):
        assert {start for start, _ in edges(made, type_)} == items
    for type_ in ("CONFERS_RESISTANCE_TO", "CONFERS_SENSITIVITY_TO"):
        direct = table(made, f"knowledge/edges/{type_}")
        ties = edges(made, "ABOUT_GENE"), edges(made, "ABOUT_DRUG")
        for item, gene, drug in zip(direct["evidence_item"], direct["start"], direct["end"], strict=True):
            assert (item, gene) in ties[0]
            assert (item, drug) in ties[1]
    about = table(made, "knowledge/edges/ABOUT_GENE").set_index("start")
    assert list(about.loc["civic.eid:1", "publications"]) == ["pubmed:101"]


def test_columns_that_a_nightly_file_may_lack(tmp_path: Path) -> None:
    lacking = {"doid", "rating", "citation", "evidence_statement", "evidence_civic_url", "nct_ids"}
    rows = [line.split("\t") for line in FILES[CIVIC].splitlines()]
    kept = [position for position, name in enumerate(rows[0]) if name not in lacking]
    shorter = "\n".join("\t".join(row[position] for position in kept) for row in rows) + "\n"
    workspace = Workspace.open(tmp_path / "ws")
    made = workspace, ingest(write_slices(tmp_path / "data", {CIVIC: shorter}), workspace)
    items = table(made, "knowledge/nodes/EvidenceItem")
    assert items[["rating", "statement", "citation", "url"]].isna().all(axis=None)
    assert len(items) == 5
    assert set(table(made, "knowledge/nodes/Disease")["id"]) == {"civic.disease:Melanoma", "civic.disease:Solid Tumor"}
    assert "pubmed:101" in set(table(made, "knowledge/nodes/Publication")["name"])


def test_lines_in_the_graph(made: tuple[Workspace, dict[str, Any]]) -> None:
    assert edges(made, "HAS_MUTATION_IN") == {
        ("sidm:SIDM00001", "hgnc:1097"),
        ("sidm:SIDM00001", "hgnc:3508"),
        ("sidm:SIDM00002", "hgnc:6407"),
    }
    responses = table(made, "knowledge/edges/RESPONDS_TO").set_index("id")
    assert len(responses) == len(table(made, "tables/screen"))
    row = responses.loc["gdsc.response:GDSC2:1372:SIDM00002"]
    assert row[["start", "end"]].tolist() == ["sidm:SIDM00002", "gdsc.drug:1372"]
    assert row[["ln_ic50", "auc", "max_conc", "rmse"]].tolist() == [1.25, 0.9, 1.0, 0.05]
    for type_ in ("HAS_MUTATION_IN", "RESPONDS_TO"):
        said = table(made, f"knowledge/edges/{type_}")[["knowledge_level", "agent_type"]].drop_duplicates()
        assert said.to_numpy().tolist() == [["observation", "data_analysis_pipeline"]]


_TARGETS = {
    ("gdsc.drug:1372", "hgnc:6840"): ("gdsc.targets", ["allosteric modulator", "inhibitor"]),
    ("gdsc.drug:1372", "hgnc:6842"): ("gdsc.targets", []),
    ("gdsc.drug:1062", "hgnc:6840"): ("gdsc.targets", []),
    ("gdsc.drug:1062", "hgnc:6842"): ("gdsc.targets", []),
    ("gdsc.drug:1736", "hgnc:6840"): ("gdsc.targets", []),
    ("gdsc.drug:1432", "hgnc:6192"): ("gdsc.targets", []),
    ("gdsc.drug:1908", "hgnc:6407"): ("gdsc.targets", []),
    ("gdsc.drug:2047", "hgnc:6407"): ("gdsc.targets", []),
    # Imatinib is a therapy of the literature; crizotinib was screened, and GDSC names no gene of it.
    ("civic.therapy:Imatinib", "hgnc:76"): ("dgidb", ["antagonist", "inhibitor"]),
}
_UNUSED = {
    "from CIViC: circular with the evidence": 1,
    "no interaction type": 1,
    "no direct action on the protein": 1,
    "no target that GDSC gives the screened drug": 2,
    "unmapped gene": 1,
    "drug not in the graph": 1,
}


@pytest.mark.parametrize("layout", ["interaction_types", "interaction_type", "version 4"])
def test_targets_and_their_actions(layout: str, tmp_path: Path) -> None:
    text = interactions(layout)
    cut = layout == "version 4"
    if cut:
        text += "ESR1\t2099"
    workspace = Workspace.open(tmp_path / "ws")
    made = workspace, ingest(write_slices(tmp_path / "data", {DGIDB: text}), workspace)
    found = table(made, "knowledge/edges/TARGETS")
    told = {
        (row.start, row.end): (row.primary_knowledge_source.removeprefix("source:"), list(row.actions))
        for row in found.itertuples()
    }
    assert told == _TARGETS
    facts = source(made, DGIDB)
    assert facts["dropped"] == {**_UNUSED, **({"last row, cut off": 1} if cut else {})}
    assert (facts["rows_in"], facts["rows_out"]) == (11 + cut, 4)
    by_pair = found.set_index(["start", "end"])
    given = list(by_pair.loc[("civic.therapy:Imatinib", "hgnc:76"), "publications"])
    assert given == (["pubmed:1", "pubmed:22", "pubmed:7"] if cut else [])
    assert list(by_pair.loc[("gdsc.drug:1372", "hgnc:6840"), "publications"]) == [], "GDSC gives none"
    assert by_pair.loc[("civic.therapy:Imatinib", "hgnc:76"), "agent_type"] == "automated_agent"


def test_without_the_interactions_targets_have_no_actions(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    made = workspace, ingest(write_slices(tmp_path / "data", {DGIDB: None}), workspace)
    found = table(made, "knowledge/edges/TARGETS")
    assert len(found) == 8
    assert not any(map(len, found["actions"]))
    assert "source:dgidb" not in set(table(made, "knowledge/nodes/KnowledgeSource")["id"])


def test_every_fact_says_where_it_comes_from(made: tuple[Workspace, dict[str, Any]]) -> None:
    sources = table(made, "knowledge/nodes/KnowledgeSource").set_index("id")
    told = {entry["file"]: (entry["release"], entry["licence"], entry["sha256"]) for entry in made[1]["sources"]}
    assert tuple(sources.loc["source:civic", ["release", "licence", "sha256"]]) == told[CIVIC]
    kinds = [("nodes", kind.label, "provided_by", kind.sources) for kind in KNOWLEDGE_NODES if kind.sources]
    kinds += [("edges", kind.type, "primary_knowledge_source", kind.sources) for kind in KNOWLEDGE_EDGES]
    for folder, name, by, given_by in kinds:
        frame = table(made, f"knowledge/{folder}/{name}")
        assert len(frame), f"{name} has no row in the slices"
        assert set(frame[by].str.removeprefix("source:")) <= set(given_by)
        for column, of in (("dataset_version", "release"), ("licence", "licence")):
            assert (frame[column] == frame[by].map(sources[of])).all()
    agents = {kind.type: set(table(made, f"knowledge/edges/{kind.type}")["agent_type"]) for kind in KNOWLEDGE_EDGES}
    assert agents["AFFECTS"] == agents["REGULATES"] == {"automated_agent"}
    assert agents["ABOUT_GENE"] == agents["PART_OF"] == agents["PARTICIPATES_IN"] == {"manual_agent"}


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
    for name in ("tables/screen", "tables/expression", "tables/mutations", "tables/drugs", "tables/genes"):
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
