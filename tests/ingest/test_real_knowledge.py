"""The real files of knowledge: the counts that their providers publish, against lines that share no code with us."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ingest_made import Made, source, table

pytestmark = pytest.mark.real_data
WIKIPATHWAYS = "wikipathways/wikipathways-20230410-gmt-Homo_sapiens.gmt"
HALLMARK, CANONICAL = "msigdb/h.all.symbols.gmt", "msigdb/c2.cp.v2022.1.symbols.nokegg.gmt"
SIGNATURES = "msigdb/c2.cgp.resistance.symbols.gmt"
PRISM = "prism/compounds_moa.csv.gz"
CIVIC = "civic/ClinicalEvidenceSummaries.tsv.gz"


@pytest.fixture(scope="module")
def real(real_made: Made) -> Made:
    """The real files, ingested."""
    return real_made


def counts(made: Made, file: str) -> tuple[int, int]:
    entry = source(made, file)
    return entry["rows_in"], entry["rows_out"]


def accounts(made: Made, file: str) -> dict[str, dict[str, Any]]:
    return {account["kind"]: account for account in source(made, file)["mapping"]}


def test_published_counts(real: Made) -> None:
    assert counts(real, WIKIPATHWAYS) == (796, 796)
    assert source(real, WIKIPATHWAYS)["release"] == "20230410"
    assert counts(real, HALLMARK) == (50, 50)
    assert counts(real, CANONICAL) == (2572, 225)
    assert counts(real, SIGNATURES) == (68, 64)
    assert counts(real, PRISM) == (6658, 6295)
    assert counts(real, "omnipath/omnipath_signed_directed.tsv")[0] == 19_807
    assert counts(real, "omnipath/collectri.csv")[0] == 43_178
    assert counts(real, "reactome/ReactomePathways.gmt") == (1448, 1448)
    sets = table(real, "knowledge/nodes/GeneSet")
    assert Counter(sets["collection"]) == {"hallmark": 50, "canonical": 225, "resistance": 64}
    pathways = table(real, "knowledge/nodes/Pathway")
    assert Counter(pathways["provided_by"]) == {"source:reactome": 1498, "source:wikipathways": 796}


def test_civic_items(real_data: Path, real: Made) -> None:
    with gzip.open(real_data / CIVIC, "rt", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 4854
    assert {row["evidence_status"] for row in rows} == {"accepted"}
    resistant = [
        row
        for row in rows
        if row["evidence_direction"] == "Supports" and row["significance"] in ("Resistance", "Reduced Sensitivity")
    ]
    assert len(resistant) == 837
    items = table(real, "knowledge/nodes/EvidenceItem")
    assert Counter(items["supports"]) == {True: 2379, False: 372}
    refuting = set(items.loc[~items["supports"], "id"])
    for what in ("RESISTANCE", "SENSITIVITY"):
        assert refuting.isdisjoint(table(real, f"knowledge/edges/CONFERS_{what}_TO")["evidence_item"])


def test_wikipathways_members_against_the_symbol_table(real_data: Path, real: Made) -> None:
    path = real_data / "hgnc/hgnc_symbol_entrez.tsv"
    symbols = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False).set_index("NCBI Gene ID(supplied by NCBI)")
    (line,) = [line for line in (real_data / WIKIPATHWAYS).read_text().splitlines() if "%WP4806%" in line]
    theirs = {symbols.loc[number, "Approved symbol"] for number in line.split("\t")[2:] if number in symbols.index}
    members = table(real, "knowledge/edges/PARTICIPATES_IN")
    genes = table(real, "tables/genes").set_index("gene")["symbol"]
    ours = set(members.loc[members["end"] == "wikipathways:WP4806", "start"].map(genes))
    assert len(theirs) > 50
    assert ours == theirs, "EGFR tyrosine kinase inhibitor resistance"
    account = accounts(real, WIKIPATHWAYS)["gene"]
    assert (account["mapped"], account["dropped"]) == (8251, 25)


def test_signatures_and_their_drugs(real: Made) -> None:
    told = table(real, "knowledge/edges/SIGNATURE_OF_RESISTANCE_TO")
    names = table(real, "knowledge/nodes/Drug").set_index("id")["name"]
    by_drug = told.assign(drug=told["end"].map(names).str.lower()).groupby("drug")["start"].nunique()
    assert by_drug["cisplatin"] == 8
    assert by_drug["dasatinib"] == 1
    assert by_drug["gefitinib"] == 2
    ways = told.drop_duplicates("start").set_index("start")["expression"]
    assert ways["msigdb:CALVET_IRINOTECAN_SENSITIVE_VS_RESISTANT_UP"] == "lower"
    assert ways["msigdb:COLDREN_GEFITINIB_RESISTANCE_UP"] == "higher"
    assert pd.isna(ways["msigdb:HONMA_DOCETAXEL_RESISTANCE"])
    unnamed = source(real, SIGNATURES)["noted"]["signature that names no drug of the graph"]
    assert unnamed + told["start"].nunique() == 64


def test_prism_gives_vemurafenib_its_target(real: Made) -> None:
    drugs = table(real, "knowledge/nodes/Drug").set_index("name")
    genes = table(real, "tables/genes").set_index("gene")["symbol"]
    vemurafenib = drugs.loc["Vemurafenib"]
    assert list(vemurafenib["mechanisms"]) == ["raf inhibitor"]
    targets = table(real, "knowledge/edges/TARGETS")
    ours = targets[(targets["start"] == vemurafenib["id"]) & (targets["primary_knowledge_source"] == "source:prism")]
    assert set(ours["end"].map(genes)) == {"BRAF", "RAF1"}
    given = targets[targets["primary_knowledge_source"] == "source:prism"]
    assert not given["start"].str.contains(r"^(?:gdsc|ccle)\.drug:").any(), "what was screened keeps its own targets"


def test_what_the_thresholds_were_measured_on(real: Made) -> None:
    """The real files lie far from where ingest stops."""
    reason = "set of which most members are unknown"
    assert source(real, "reactome/ReactomePathways.gmt")["noted"][reason] == 26
    assert all(reason not in source(real, file)["noted"] for file in (WIKIPATHWAYS, HALLMARK, CANONICAL, SIGNATURES))
    renamed = "symbol other than that of the gene identifier table of Cell Model Passports"
    noted = source(real, "hgnc/hgnc_symbol_entrez.tsv")["noted"]
    assert (noted[renamed], [what for what in noted if what.startswith("id of a symbol")]) == (195, [])
    beside = "approved symbol beside the Entrez id of another gene: the id decides"
    assert [entry["file"] for entry in real[1]["sources"] if beside in entry["noted"]] == []
    linked = "model without a Sanger id: its DepMap id or RRID gives the line"
    assert source(real, "depmap/Model.csv.gz")["noted"][linked] == 539


def test_drugs_of_one_molecule_in_the_graph(real: Made) -> None:
    drugs = table(real, "knowledge/nodes/Drug").set_index("id")
    molecules = table(real, "tables/molecules").set_index("drug")["molecule"]
    assert drugs.loc[molecules.index, "molecule"].equals(molecules)
    assert set(drugs["molecule"]) <= set(drugs.index)
    assert drugs["molecule"].nunique() < 0.95 * len(drugs)
