"""The real files: counts against one-liners that share no code with the readers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ingest_made import Made

from pathproof.ingest.pipeline import check_data
from pathproof.workspace import Workspace

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def data(real_data: Path) -> Path:
    return real_data


@pytest.fixture(scope="module")
def made(real_made: Made) -> Made:
    return real_made


@pytest.fixture(scope="module")
def screen(data: Path) -> pd.DataFrame:
    return pd.read_csv(data / "gdsc/GDSC2_fitted_dose_response.csv.gz")


def nodes(made: tuple[Workspace, dict[str, Any]], label: str) -> pd.DataFrame:
    return pd.read_parquet(made[0].knowledge / "nodes" / f"{label}.parquet")


def edges(made: tuple[Workspace, dict[str, Any]], type_: str) -> pd.DataFrame:
    return pd.read_parquet(made[0].knowledge / "edges" / f"{type_}.parquet")


def test_sound(data: Path) -> None:
    assert check_data(data) == []


def test_usable_pairs(data: Path, made: tuple[Workspace, dict[str, Any]], screen: pd.DataFrame) -> None:
    models = pd.read_csv(data / "depmap/Model.csv.gz").dropna(subset=["SangerModelID"])
    lines = pd.read_csv(data / "depmap/OmicsExpressionZScore_1631.csv.gz", usecols=[0]).iloc[:, 0]
    sanger = set(models.loc[models["ModelID"].isin(lines), "SangerModelID"])
    usable = screen[screen["SANGER_MODEL_ID"].isin(sanger)]
    step = next(row for row in made[1]["attrition"] if row["step"] == "with expression")
    assert (step["cell_lines"], step["drugs"], step["rows"]) == (
        usable["SANGER_MODEL_ID"].nunique(), usable["DRUG_ID"].nunique(), len(usable),
    )  # fmt: skip
    assert (step["cell_lines"], step["drugs"], step["genes"], step["rows"]) == (441, 295, 1631, 116_740)


def test_screen_keeps_every_value(made: tuple[Workspace, dict[str, Any]], screen: pd.DataFrame) -> None:
    table = pd.read_parquet(made[0].tables / "screens" / "gdsc2.parquet")
    ours = table.set_index(["drug", "cell_line"])["ln_ic50"].sort_index()
    theirs = screen.assign(
        drug="gdsc.drug:" + screen["DRUG_ID"].astype(str), cell_line="sidm:" + screen["SANGER_MODEL_ID"]
    ).set_index(["drug", "cell_line"])["LN_IC50"].sort_index()  # fmt: skip
    pd.testing.assert_series_equal(ours, theirs, check_names=False)


def test_expression_values(data: Path, made: tuple[Workspace, dict[str, Any]]) -> None:
    raw = pd.read_csv(data / "depmap/OmicsExpressionZScore_1631.csv.gz", index_col=0)
    table = pd.read_parquet(made[0].tables / "expression.parquet").set_index("cell_line")
    lines = pd.read_parquet(made[0].tables / "cell_lines.parquet").dropna(subset=["ach"]).set_index("ach")["cell_line"]
    assert table.shape == raw.shape
    for column, gene in (("BRAF (673)", "BRAF"), ("CYR61 (0)", "CCN1"), ("EGFR (1956)", "EGFR")):
        if column in raw.columns:
            theirs = raw[column].rename(lines).sort_index()
            pd.testing.assert_series_equal(table[gene].astype(float), theirs, check_names=False, atol=1e-6)


def test_mutation_values(data: Path, made: tuple[Workspace, dict[str, Any]]) -> None:
    raw = pd.read_csv(data / "gdsc/genomic_features_v17.csv.gz", index_col=0)
    table = pd.read_parquet(made[0].tables / "mutations.parquet").set_index("cell_line")
    assert table.shape == (987, 269), "988 lines, one without a Sanger id; 270 calls, two of EWSR1"
    screened = set(pd.read_parquet(made[0].tables / "screens" / "gdsc2.parquet")["cell_line"])
    assert len(screened & set(table.index)) == 780
    assert abs(table["KMT2A"].sum() - raw["MLL_mut"].sum()) <= 2
    assert table["ABL1"].sum() == raw["BCR-ABL_mut"].sum()


def test_pathway_members(data: Path, made: tuple[Workspace, dict[str, Any]]) -> None:
    symbols = set(pd.read_csv(data / "hgnc/hgnc_symbol_entrez.tsv", sep="\t", keep_default_na=False).iloc[:, 0])
    members = edges(made, "PARTICIPATES_IN")
    members = members[members["primary_knowledge_source"] == "source:reactome"]
    genes = pd.read_parquet(made[0].tables / "genes.parquet").set_index("gene")["symbol"]
    ours = members.assign(symbol=members["start"].map(genes)).groupby("end")["symbol"].agg(set)
    for line in (data / "reactome/ReactomePathways.gmt").read_text().splitlines():
        _, number, *named = line.split("\t")
        certain = set(named) & symbols
        assert certain <= ours.get(f"reactome:{number}", set()), number
        assert len(ours.get(f"reactome:{number}", set())) <= len(set(named))
    nodes = pd.read_parquet(made[0].knowledge / "nodes/Pathway.parquet").set_index("id")["n_genes"]
    nodes = nodes[nodes.index.str.startswith("reactome:")]
    assert nodes[nodes > 0].sort_index().to_dict() == ours.map(len).sort_index().to_dict()


def test_evidence_against_a_plain_filter(data: Path, made: tuple[Workspace, dict[str, Any]]) -> None:
    raw = pd.read_csv(data / "civic/ClinicalEvidenceSummaries.tsv.gz", sep="\t", quoting=3, dtype=str)
    kept = raw[
        (raw["evidence_type"] == "Predictive")
        & (raw["evidence_direction"] == "Supports")
        & (raw["is_flagged"] == "false")
    ]
    for type_, words in (
        ("CONFERS_RESISTANCE_TO", ["Resistance", "Reduced Sensitivity"]),
        ("CONFERS_SENSITIVITY_TO", ["Sensitivity/Response"]),
    ):
        numbers = set(kept.loc[kept["significance"].isin(words), "evidence_id"])
        ours = {re.match(r"civic\.eid:(\d+):", edge)[1] for edge in edges(made, type_)["id"]}  # type: ignore[index]
        assert ours <= numbers
        assert len(ours) > 0.95 * len(numbers)
    single = kept[
        (kept["molecular_profile"] == "MAP2K1 P124S")
        & (kept["therapies"] == "Selumetinib")
        & (kept["significance"] == "Resistance")
    ]
    expected = {f"civic.eid:{n}:hgnc:6840:gdsc.drug:{d}" for n in single["evidence_id"] for d in (1062, 1736)}
    assert expected
    assert expected <= set(edges(made, "CONFERS_RESISTANCE_TO")["id"])


def test_evidence_items_and_what_they_cite(data: Path, made: tuple[Workspace, dict[str, Any]]) -> None:
    raw = pd.read_csv(data / "civic/ClinicalEvidenceSummaries.tsv.gz", sep="\t", quoting=3, dtype=str)
    items = nodes(made, "EvidenceItem")
    direct = pd.concat([edges(made, f"CONFERS_{what}_TO") for what in ("RESISTANCE", "SENSITIVITY")])
    assert set(direct["evidence_item"]) == set(items.loc[items["supports"], "id"])
    rows = raw.assign(id="civic.eid:" + raw["evidence_id"]).set_index("id").loc[items["id"]]
    assert (items["supports"].to_numpy() == (rows["evidence_direction"] == "Supports").to_numpy()).all()
    assert (items["rating"].fillna(0).to_numpy() == rows["rating"].fillna("0").astype(int).to_numpy()).all()
    assert (items["statement"].to_numpy() == rows["evidence_statement"].to_numpy()).all()
    diseases = ("doid:" + rows["doid"]).fillna("civic.disease:" + rows["disease"])
    assert set(nodes(made, "Disease")["id"]) == set(diseases)
    publications = rows["source_type"].str.lower() + ":" + rows["citation_id"]
    assert set(nodes(made, "Publication")["id"]) == set(publications)
    cited = edges(made, "CITES").set_index("start")["end"]
    assert cited.sort_index().to_dict() == publications.sort_index().to_dict()
    assert (len(items), len(set(diseases)), len(set(publications))) == (2751, 199, 1317)
    ties = {type_: len(edges(made, type_)) for type_ in ("ABOUT_GENE", "ABOUT_DRUG", "ABOUT_DISEASE", "CITES")}
    assert ties == {"ABOUT_GENE": 3016, "ABOUT_DRUG": 5375, "ABOUT_DISEASE": 2751, "CITES": 2751}


def test_lines_in_the_graph(made: tuple[Workspace, dict[str, Any]], screen: pd.DataFrame) -> None:
    responses = edges(made, "RESPONDS_TO")
    assert responses["screen"].value_counts().to_dict() == {"GDSC2": 195_277, "GDSC1": 221_064, "CCLE": 11_388}
    responses = responses[responses["screen"] == "GDSC2"]
    assert len(responses) == len(screen) == 195_277
    lines = pd.read_parquet(made[0].tables / "expression.parquet", columns=["cell_line"])["cell_line"]
    joined = responses[responses["start"].isin(lines)]
    assert (len(joined), joined["start"].nunique()) == (116_740, 441)
    assert not responses.duplicated(["start", "end"]).any(), "one screen, one row for each pair"
    assert abs(responses["ln_ic50"].sum() - screen["LN_IC50"].sum()) < 1e-6
    calls = pd.read_parquet(made[0].tables / "mutations.parquet").set_index("cell_line")
    known = calls.index.isin(nodes(made, "CellLine")["id"])
    assert list(calls.index[~known]) == ["sidm:SIDM00597"], "not in the model list"
    mutated = edges(made, "HAS_MUTATION_IN")
    assert len(mutated) == int(calls[known].to_numpy().sum()) == 4787
    symbols = pd.read_parquet(made[0].tables / "genes.parquet").set_index("gene")["symbol"]
    per_gene = mutated["end"].map(symbols).value_counts()
    assert per_gene["BRAF"] == calls.loc[known, "BRAF"].sum()


def test_actions_and_targets_of_the_literature(data: Path, made: tuple[Workspace, dict[str, Any]]) -> None:
    raw = pd.read_csv(data / "dgidb/interactions_extract.tsv.gz", sep="\t", dtype=str, keep_default_na=False)
    typed = raw[
        (raw["interaction_types"] != "") & (raw["interaction_claim_source"] != "CIViC") & (raw["gene_name"] != "")
    ]
    found = edges(made, "TARGETS")
    added = found[found["primary_knowledge_source"] == "source:dgidb"]
    assert not added["start"].str.startswith("gdsc.drug:").any(), "a screened compound has GDSC's targets only"
    assert (added["actions"].map(len) > 0).all()
    names = nodes(made, "Drug").set_index("id")["name"]
    symbols = pd.read_parquet(made[0].tables / "genes.parquet").set_index("gene")["symbol"]
    told = {(names[row.start].upper(), symbols[row.end]): list(row.actions) for row in added.itertuples()}
    plain = typed[typed["drug_name"].str.upper().isin({"EVEROLIMUS", "IPILIMUMAB", "SONIDEGIB"})]
    for (drug, gene), types in plain.groupby([plain["drug_name"].str.upper(), "gene_name"])["interaction_types"]:
        assert {word for cell in types for word in cell.split(",")} <= set(told[drug, gene]), "and of its other names"
    assert told["TRASTUZUMAB", "ERBB2"] == ["antibody", "inhibitor"]
    given = found[found["primary_knowledge_source"] == "source:gdsc.targets"]
    actions = {(names[row.start], symbols[row.end]): list(row.actions) for row in given.itertuples()}
    assert actions["Trametinib", "MAP2K1"] == ["inhibitor"]
    assert (len(given), int((given["actions"].map(len) > 0).sum())) == (1055, 304)
    assert (len(added), added["start"].nunique()) == (197, 87)
    # The extract is thinned out: vemurafenib has no typed row in it, so nothing says what it acts on.
    assert typed[typed["drug_name"].str.upper() == "VEMURAFENIB"].empty


def test_targets_and_networks(data: Path, made: tuple[Workspace, dict[str, Any]]) -> None:
    drugs = pd.read_parquet(made[0].tables / "drugs.parquet")
    tested = set(pd.read_parquet(made[0].tables / "screens" / "gdsc2.parquet")["drug"])
    with_target = drugs[drugs["drug"].isin(tested) & (drugs["targets"].map(len) > 0)]
    lists = pd.read_csv(data / "gdsc/drug_gene_targets.csv", dtype=str, keep_default_na=False)
    symbols = set(pd.read_csv(data / "hgnc/hgnc_symbol_entrez.tsv", sep="\t", keep_default_na=False).iloc[:, 0])
    plain = {
        f"gdsc.drug:{number}"
        for number, cell in zip(lists["DRUG_ID"], lists["GENE_TARGET"], strict=True)
        if any(part.strip() in symbols for part in re.split("[,;]", cell))
    } & tested
    assert len(plain) == 232, "read with commas only it would be 147"
    assert set(with_target["drug"]) - plain == {f"gdsc.drug:{n}" for n in (1816, 2037, 2047, 2106)}, "by their names"
    assert plain <= set(with_target["drug"])
    raw = pd.read_csv(data / "omnipath/omnipath_signed_directed.tsv", sep="\t")
    ours = edges(made, "AFFECTS")
    assert not ours.duplicated(["start", "end"]).any()
    assert 0.9 * len(raw) < len(ours) <= len(raw)
    assert abs((ours["sign"] == 1).mean() - (raw["interaction"] == 1).mean()) < 0.01


def test_every_row_is_accounted_for(made: tuple[Workspace, dict[str, Any]]) -> None:
    for entry in made[1]["sources"]:
        assert entry["rows_in"] == entry["rows_out"] + sum(entry["dropped"].values()), entry["file"]


def test_memory(made: tuple[Workspace, dict[str, Any]]) -> None:
    assert 100 < made[1]["peak MiB"] < 2048
