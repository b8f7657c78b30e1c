"""Evidence items, responses, mutations, actions and provenance of the slices, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ingest_made import edges, source, table
from ingest_slices import CIVIC, COMPOUND_LIST, DGIDB, FILES, TREATMENTS, interactions, write_slices

from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.ingest.pipeline import ingest
from pathproof.workspace import Workspace


def test_evidence_items(made: tuple[Workspace, dict[str, Any]]) -> None:
    items = table(made, "knowledge/nodes/EvidenceItem").set_index("id")
    assert list(items.index) == [f"civic.eid:{number}" for number in (1, 2, 3, 4, 5, 6)]
    assert items.loc["civic.eid:1"].drop(["provided_by", "dataset_version", "licence"]).to_dict() == {
        "name": "EID1",
        "direction": "resistance",
        "supports": True,
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
    assert items["direction"].tolist() == [
        "resistance", "resistance", "sensitivity", "resistance", "sensitivity", "resistance",
    ]  # fmt: skip
    assert items["supports"].tolist() == [True] * 5 + [False], "EID6: resistance was looked for and not found"
    assert items.loc["civic.eid:4", ["significance", "combination"]].tolist() == ["Reduced Sensitivity", True]
    assert pd.isna(items.loc["civic.eid:3", "rating"])
    assert items.loc["civic.eid:5", ["disease", "citation"]].isna().all()
    diseases = table(made, "knowledge/nodes/Disease").set_index("id")["name"].to_dict()
    assert diseases == {"doid:1909": "Melanoma", "civic.disease:Solid Tumor": "Solid Tumor"}
    publications = table(made, "knowledge/nodes/Publication").set_index("id")["name"].to_dict()
    assert publications == {
        **{f"pubmed:10{number}": f"Author et al., {2000 + number}" for number in (1, 2, 3, 4, 6)},
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
    assert len(items) == 6
    assert set(table(made, "knowledge/nodes/Disease")["id"]) == {"civic.disease:Melanoma", "civic.disease:Solid Tumor"}
    assert "pubmed:101" in set(table(made, "knowledge/nodes/Publication")["name"])


def test_lines_in_the_graph(made: tuple[Workspace, dict[str, Any]]) -> None:
    assert edges(made, "HAS_MUTATION_IN") == {
        ("sidm:SIDM00001", "hgnc:1097"),
        ("sidm:SIDM00001", "hgnc:3508"),
        ("sidm:SIDM00002", "hgnc:6407"),
    }
    responses = table(made, "knowledge/edges/RESPONDS_TO").set_index("id")
    assert len(responses) == len(table(made, "tables/screens/gdsc2"))
    row = responses.loc["gdsc.response:GDSC2:1372:SIDM00002"]
    assert row[["start", "end"]].tolist() == ["sidm:SIDM00002", "gdsc.drug:1372"]
    assert row[["ln_ic50", "auc", "max_conc", "rmse"]].tolist() == [1.25, 0.9, 1.0, 0.05]
    assert row[["screen", "out_of_range"]].tolist() == ["GDSC2", "above"]
    assert responses["act_area"].isna().all()
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
    "no interaction type and no publication": 1,
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
    found = found[found["primary_knowledge_source"] != "source:prism"]
    told = {
        (row.start, row.end): (row.primary_knowledge_source.removeprefix("source:"), list(row.actions))
        for row in found.itertuples()
    }
    assert told == _TARGETS
    facts = source(made, DGIDB)
    nothing = "no interaction type and no publication"
    more = {"last row, cut off": 1} if cut else {nothing: _UNUSED[nothing] + 1}  # only version 4 names publications
    assert facts["dropped"] == {**_UNUSED, **more}
    assert (facts["rows_in"], facts["rows_out"]) == (12 + cut, 4 + cut)
    by_pair = found.set_index(["start", "end"])
    given = list(by_pair.loc[("civic.therapy:Imatinib", "hgnc:76"), "publications"])
    assert given == (["pubmed:1", "pubmed:22", "pubmed:7"] if cut else [])
    screened = by_pair.loc["gdsc.drug:1372"]
    assert list(screened.loc["hgnc:6840", "publications"]) == (["pubmed:3", "pubmed:5"] if cut else [])
    assert list(screened.loc["hgnc:6842", "publications"]) == (["pubmed:9"] if cut else []), "of a row without a type"
    assert screened.loc["hgnc:6840", "actions_source"] == "source:dgidb"
    assert pd.isna(screened.loc["hgnc:6842", "actions_source"])
    assert by_pair.loc[("civic.therapy:Imatinib", "hgnc:76"), "agent_type"] == "automated_agent"


def test_without_the_interactions_targets_have_no_actions(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    without = {DGIDB: None, COMPOUND_LIST: None, TREATMENTS: None}
    made = workspace, ingest(write_slices(tmp_path / "data", without), workspace)
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
