"""The real readers take the demonstration, whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.ingest.demo.facts import Evidence
from pathproof.ingest.demo.world import WorldParameters, demo_facts, write_demo
from pathproof.ingest.pipeline import check_data, ingest
from pathproof.ingest.sources.registry import ADDITIONS
from pathproof.workspace import Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Workspace, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "data")
    workspace = Workspace.open(folder / "workspace")
    return folder / "data", workspace, ingest(folder / "data", workspace, kind="demonstration")


def test_the_data_check_finds_nothing(made: tuple[Path, Workspace, dict[str, Any]]) -> None:
    assert check_data(made[0]) == []


def test_only_the_rows_made_for_it_are_set_aside(made: tuple[Path, Workspace, dict[str, Any]]) -> None:
    manifest = made[2]
    together = sum(" AND " in row.variant for row in demo_facts().evidence)
    assert together > 5
    assert manifest["kind"] == "demonstration"
    dropped = {source["file"]: source["dropped"] for source in manifest["sources"] if source["dropped"]}
    assert list(dropped) == ["civic/ClinicalEvidenceSummaries.tsv.gz"]
    assert dropped["civic/ClinicalEvidenceSummaries.tsv.gz"] == {
        "evidence type Diagnostic": 1,
        "evidence type Prognostic": 1,
        "evidence type Predisposing": 1,
        "evidence type Oncogenic": 1,
        "evidence status submitted": 1,
        "several genes altered together, none alone": together,
    }


def usable(row: Evidence) -> bool:
    return row.kind == "Predictive" and row.status == "accepted" and " AND " not in row.variant


def test_tables(made: tuple[Path, Workspace, dict[str, Any]]) -> None:
    facts, tables = demo_facts(), made[1].tables
    screen = pd.read_parquet(tables / "screens" / "gdsc2.parquet")
    assert (screen["drug"].nunique(), screen["cell_line"].nunique()) == (len(facts.drugs), 240)
    expression = pd.read_parquet(tables / "expression.parquet")
    assert set(expression.columns) - {"cell_line"} == set(facts.genes)
    mutations = pd.read_parquet(tables / "mutations.parquet")
    assert set(mutations.columns) - {"cell_line"} == set(facts.drivers)
    drugs = pd.read_parquet(tables / "drugs.parquet").set_index("drug")
    assert {drug.curie: set(drug.targets) for drug in facts.drugs} == {d: set(t) for d, t in drugs["targets"].items()}
    genes = pd.read_parquet(tables / "genes.parquet")
    assert (genes["gene"] == "hgnc.symbol:" + genes["symbol"]).all()


def test_knowledge_holds_every_evidence_row_and_edge(made: tuple[Path, Workspace, dict[str, Any]]) -> None:
    facts, counts = demo_facts(), made[2]["counts"]
    assert counts["nodes"]["Drug"] == len(facts.drugs), "every therapy of the evidence is a drug of the screen"
    assert counts["edges"]["AFFECTS"] == len(facts.signed)
    assert counts["edges"]["REGULATES"] == len(facts.regulon)
    assert counts["edges"]["PARTICIPATES_IN"] == sum(len(pathway.genes) for pathway in facts.pathways)
    assert counts["edges"]["DESCRIBES_RESISTANCE_TO"] == len(facts.named_pathways)
    kept = [row for row in facts.evidence if usable(row)]
    stated = [row for row in kept if row.direction == "Supports"]
    for edge, meaning in (("CONFERS_RESISTANCE_TO", "Resistance"), ("CONFERS_SENSITIVITY_TO", "Sensitivity/Response")):
        rows = [row for row in stated if row.significance == meaning]
        assert counts["edges"][edge] == sum(len(row.therapies) for row in rows)


def test_every_kind_of_knowledge_is_in_the_demonstration(made: tuple[Path, Workspace, dict[str, Any]]) -> None:
    counts = made[2]["counts"]
    added = {addition.source.name for addition in ADDITIONS}  # published collections: the demonstration has none
    nodes = {kind.label for kind in KNOWLEDGE_NODES if not kind.sources or set(kind.sources) - added}
    assert nodes == {label for label, n in counts["nodes"].items() if n}
    edges = {kind.type for kind in KNOWLEDGE_EDGES if set(kind.sources) - added}
    assert edges == {type_ for type_, n in counts["edges"].items() if n}


def test_items_responses_mutations_and_actions(made: tuple[Path, Workspace, dict[str, Any]]) -> None:
    facts, counts, folder = demo_facts(), made[2]["counts"], made[1].knowledge
    kept = [row for row in facts.evidence if usable(row)]
    assert counts["nodes"]["EvidenceItem"] == len(kept) == counts["edges"]["CITES"]
    items = pd.read_parquet(folder / "nodes" / "EvidenceItem.parquet")
    assert items["statement"].str.startswith("Simulated for the PathProof demonstration").all()
    assert (items["citation"] == "Simulated for the PathProof demonstration").all()
    diseases = pd.read_parquet(folder / "nodes" / "Disease.parquet").set_index("name")["id"]
    assert diseases["Melanoma"] == "doid:1909"
    assert diseases["Kidney Cancer"] == "civic.disease:Kidney Cancer"
    assert set(facts.doid) <= {row.disease for row in facts.evidence}
    screen = pd.read_parquet(made[1].tables / "screens" / "gdsc2.parquet")
    assert counts["edges"]["RESPONDS_TO"] == len(screen)
    calls = pd.read_parquet(made[1].tables / "mutations.parquet").set_index("cell_line")
    assert counts["edges"]["HAS_MUTATION_IN"] == int(calls.to_numpy().sum())
    targets = pd.read_parquet(folder / "edges" / "TARGETS.parquet")
    names = pd.read_parquet(made[1].tables / "drugs.parquet").set_index("drug")["name"]
    told = {(names[row.start], row.end.removeprefix("hgnc.symbol:")): list(row.actions) for row in targets.itertuples()}
    assert told == {(drug.name, gene): sorted(drug.actions) for drug in facts.drugs for gene in drug.targets}
    assert set(targets["primary_knowledge_source"]) == {"source:gdsc.targets"}


def test_planted_drugs_and_genes_are_in_the_tables(made: tuple[Path, Workspace, dict[str, Any]]) -> None:
    planted = json.loads((made[0] / "planted.json").read_text())
    drugs = set(pd.read_parquet(made[1].tables / "drugs.parquet")["drug"])
    measured = {
        "expression": set(pd.read_parquet(made[1].tables / "expression.parquet").columns),
        "mutation": set(pd.read_parquet(made[1].tables / "mutations.parquet").columns),
    }
    pathways = set(pd.read_parquet(made[1].knowledge / "nodes" / "Pathway.parquet")["id"])
    for row in planted["mechanisms"]:
        assert row["drug"] in drugs
        assert row["pathway"] in pathways
        assert all(gene["gene"] in measured[gene["layer"]] for gene in row["genes"])


def test_two_screens_agree_in_the_tables_as_the_world_was_made(tmp_path: Path) -> None:
    """`second_noise_sd=2` is the agreement of GDSC1 and GDSC2: a median Spearman near .44 (docs/demo-world.md)."""
    write_demo(tmp_path / "data", WorldParameters(second_noise_sd=2.0))
    workspace = Workspace.open(tmp_path / "workspace")
    ingest(tmp_path / "data", workspace, kind="demonstration")
    table = pd.read_parquet(workspace.tables / "agreement.parquet")
    ic50 = table[table["measure"] == "ln_ic50"]
    assert set(zip(ic50["screen_a"], ic50["screen_b"], strict=True)) == {("gdsc2", "gdsc1")}
    assert len(ic50) == len(demo_facts().drugs)
    assert 0.38 < ic50["spearman"].median() < 0.50
    assert ic50["n_lines"].min() > 200
