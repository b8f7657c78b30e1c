"""The real screens and layers: the published counts, and values against one-liners that share no reader's code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ingest_made import Made, table
from scipy.stats import spearmanr

from pathproof.errors import DataError
from pathproof.explain.data import load_dataset
from pathproof.explain.lmm_data import association_dataset
from pathproof.ingest.screens_together import check_screens
from pathproof.ingest.tables_agreement import agreement
from pathproof.ingest.tables_drugs import Drugs
from pathproof.ingest.tables_screens import Screen

pytestmark = pytest.mark.real_data

PUBLISHED = {  # title: rows in the file, rows that are used
    "GDSC2 fitted dose response": (195_277, 195_277),
    "GDSC1 fitted dose response": (221_727, 221_064),
    "CCLE drug response (NP24)": (11_670, 11_388),
    "GDSC screened compounds": (558, 558),
    "GDSC genomic features": (988, 987),
    "GDSC copy number by gene": (957, 956),
    "DepMap expression matrix": (521, 521),
    "DepMap expression as log2(TPM + 1)": (928, 928),
    "DepMap copy number by gene": (580, 580),
    "DepMap damaging mutations": (580, 580),
    "NCI-60 expression matrix": (57, 57),
    "model list of Cell Model Passports": (2010, 1331),
    "DepMap model table": (1864, 1752),
    "GDSC drug targets as gene symbols": (558, 488),
    "Reactome gene sets (GMT)": (1448, 1448),
    "Reactome pathway names": (22_221, 2647),
    "Reactome pathway hierarchy": (22_349, 2665),
    "CIViC clinical evidence summaries": (4854, 2751),
    "DGIdb interactions": (20_284, 543),
    "OmniPath signed, directed interactions": (19_807, 18_487),
    "CollecTRI regulons": (43_178, 41_087),
    "gene identifier table of Cell Model Passports": (42_478, 42_478),
    "HGNC custom download of approved symbols and NCBI Gene ids": (46_125, 46_125),
    "WikiPathways gene sets (GMT)": (796, 796),
    "MSigDB hallmark gene sets (GMT)": (50, 50),
    "MSigDB canonical pathways (GMT)": (2572, 225),
    "MSigDB drug-resistance signatures (GMT)": (68, 64),
    "PRISM Repurposing compound list": (6658, 6295),
}
SCREENS = {  # screen: cell lines and drugs in the file, cell lines and drugs that are used, usable pairs
    "gdsc2": (782, 295, 782, 295, 116_740),
    "gdsc1": (1038, 266, 1037, 266, 113_153),
    "ccle": (504, 24, 492, 24, 7_231),
}
LAYERS = {  # layer: cell lines, genes (or regions)
    "expression": (521, 1631),
    "mutations": (987, 269),
    "expression_tpm": (928, 1000),
    "expression_nci60": (57, 21_229),
    "copy_number": (580, 706),
    "copy_number_gdsc": (956, 24_387),
    "mutations_damaging": (580, 706),
    "cna_regions": (987, 407),
}


def test_published_counts(real_made: Made) -> None:
    found = {one["title"]: (one["rows_in"], one["rows_out"]) for one in real_made[1]["sources"]}
    assert found == PUBLISHED


def test_screens(real_made: Made) -> None:
    for one in real_made[1]["screens"]:
        steps = {step["step"]: step for step in one["attrition"]}
        first, usable = steps["response file"], steps["with expression"]
        counts = (first["cell_lines"], first["drugs"], one["cell_lines"], one["drugs"], usable["rows"])
        assert counts == SCREENS[one["name"]], one["name"]
        assert sum(one["out_of_range"].values()) == one["rows"]


def test_layers(real_made: Made) -> None:
    found = {one["name"]: (one["cell_lines"], one["genes"]) for one in real_made[1]["layers"]}
    assert found == LAYERS


def test_the_rows_of_two_lines_under_the_ids_of_others_are_left_out(real_data: Path, real_made: Made) -> None:
    """T-T and KMH-2 stand under the Sanger ids and COSMIC numbers of TT and KM-H2, which are other lines."""
    facts = next(one for one in real_made[1]["sources"] if one["title"] == "GDSC1 fitted dose response")
    assert facts["dropped"] == {"another line under this id": 441, "cell line without annotation": 222}
    assert facts["examples"]["another line under this id"] == ["KMH-2 (SIDM01018)", "T-T (SIDM00484)"]
    raw = pd.read_csv(real_data / "gdsc/GDSC1_fitted_dose_response.csv.gz", usecols=["CELL_LINE_NAME"])
    rows = raw["CELL_LINE_NAME"].value_counts()
    assert rows[["T-T", "KMH-2"]].sum() == 441
    lines = table(real_made, "tables/screens/gdsc1")["cell_line"].value_counts()
    assert lines[["sidm:SIDM00484", "sidm:SIDM01018"]].tolist() == rows[["TT", "KM-H2"]].tolist()


def test_no_other_real_row_contradicts_itself(real_made: Made) -> None:
    lost = {one["title"]: [why for why in one["dropped"] if "under this" in why] for one in real_made[1]["sources"]}
    assert [title for title, reasons in lost.items() if reasons] == ["GDSC1 fitted dose response"]


def test_out_of_range(real_data: Path, real_made: Made) -> None:
    raw = pd.read_csv(real_data / "gdsc/GDSC2_fitted_dose_response.csv.gz")
    above = int((raw["LN_IC50"] > np.log(raw["MAX_CONC"])).sum())
    below = int((raw["LN_IC50"] < np.log(raw["MIN_CONC"])).sum())
    found = {one["name"]: one["out_of_range"] for one in real_made[1]["screens"]}
    assert (found["gdsc2"]["above"], found["gdsc2"]["below"]) == (above, below) == (139_711, 536)
    assert found["gdsc1"] == {"within": 0, "above": 0, "below": 0, "unknown": 221_064}
    capped = pd.read_csv(real_data / "ccle/CCLE_NP24.2009_Drug_data_2015.02.24.csv.gz")["IC50 (uM)"]
    assert (capped == 8).sum() == 6451, "as published"
    assert found["ccle"] == {"within": 5046, "above": 6295, "below": 47, "unknown": 0}


def test_ccle_values(real_data: Path, real_made: Made) -> None:
    raw = pd.read_csv(real_data / "ccle/CCLE_NP24.2009_Drug_data_2015.02.24.csv.gz")
    names = pd.read_csv(real_data / "cell_model_passports/model_list.csv.gz", dtype=str).dropna(subset=["CCLE_ID"])
    lines = names.assign(CCLE_ID=names["CCLE_ID"].str.split(";")).explode("CCLE_ID").drop_duplicates()
    lines = lines[~lines["CCLE_ID"].duplicated(keep=False)].set_index("CCLE_ID")["model_id"]
    lapatinib = raw[raw["Compound"] == "Lapatinib"].set_index("CCLE Cell Line Name")
    frame = table(real_made, "tables/screens/ccle")
    ours = frame[frame["drug"] == "ccle.drug:lapatinib"].set_index("cell_line")
    theirs = lapatinib.rename(index="sidm:" + lines)
    theirs = theirs[theirs.index.str.startswith("sidm:")]
    assert len(theirs) > 400
    assert set(theirs.index) <= set(ours.index)
    ours = ours.loc[theirs.index]
    np.testing.assert_allclose(np.exp(ours["ln_ic50"]), theirs["IC50 (uM)"], rtol=1e-12)
    np.testing.assert_array_equal(ours["act_area"], theirs["ActArea"])


def test_replicates_and_links(real_made: Made) -> None:
    molecules = table(real_made, "tables/molecules").set_index("drug")["molecule"]
    assert molecules[["gdsc.drug:1062", "gdsc.drug:1736", "ccle.drug:azd6244"]].nunique() == 1
    drugs = table(real_made, "tables/drugs").set_index("drug")
    in_gdsc = {drug for drug in drugs.index if drug.startswith("ccle.") and not molecules[drug].startswith("ccle.")}
    assert len(in_gdsc) == 16, "of 24"
    assert molecules["ccle.drug:tae684"] == "gdsc.drug:35", "NVP-TAE684"
    assert real_made[1]["molecules"] == {"drugs": 690, "molecules": 573, "with_several_drugs": 93}


def test_agreement_is_that_of_scipy(real_made: Made) -> None:
    rows = table(real_made, "tables/agreement")
    assert rows["spearman"].dropna().between(-1, 1).all()
    row = rows[(rows["drug_a"] == "gdsc.drug:1558") & (rows["drug_b"] == "ccle.drug:lapatinib")].set_index("measure")
    one, other = (table(real_made, f"tables/screens/{name}") for name in ("gdsc2", "ccle"))
    both = one[one["drug"] == "gdsc.drug:1558"].merge(other[other["drug"] == "ccle.drug:lapatinib"], on="cell_line")
    assert row.loc["ln_ic50", "n_lines"] == len(both)
    expected = spearmanr(both["ln_ic50_x"], both["ln_ic50_y"]).statistic
    assert row.loc["ln_ic50", "spearman"] == pytest.approx(expected)
    assert row.loc["area", "spearman"] == pytest.approx(-spearmanr(both["auc_x"], both["act_area_y"]).statistic)
    medians = {
        (one["screen_a"], one["screen_b"]): one["median"]
        for one in real_made[1]["agreement"]
        if one["measure"] == "ln_ic50"
    }
    assert medians["gdsc2", "gdsc2"] > medians["gdsc2", "ccle"] > medians["gdsc2", "gdsc1"] > 0.3


def test_the_screens_agree_until_one_is_moved_by_a_row(real_made: Made) -> None:
    files = {name: f"{name}.csv" for name in SCREENS}
    check_screens(table(real_made, "tables/agreement"), files)
    drugs = Drugs(table(real_made, "tables/drugs"), {}, frozenset(), table(real_made, "tables/molecules"))
    one, other = (table(real_made, f"tables/screens/{name}") for name in ("gdsc2", "ccle"))
    moved = one.assign(ln_ic50=np.roll(one["ln_ic50"], 1))
    screens = {"gdsc2": Screen(moved, (0, 0, 0)), "ccle": Screen(other, (0, 0, 0))}
    with pytest.raises(DataError, match=r"gdsc2 and ccle: 0\.0\d over 14 pairs of one drug"):
        check_screens(agreement(screens, drugs), files)


def test_copy_number_values(real_data: Path, real_made: Made) -> None:
    raw = pd.read_csv(real_data / "gdsc/cell_cna_log2.csv.gz", usecols=["COSMIC_ID", "673", "1956"], index_col=0)
    ids = table(real_made, "tables/cell_lines").dropna(subset=["cosmic"]).set_index("cosmic")["cell_line"]
    path = real_made[0].tables / "layers" / "copy_number_gdsc.parquet"
    frame = pd.read_parquet(path, columns=["cell_line", "BRAF", "EGFR"]).set_index("cell_line")
    raw.index = raw.index.astype(str).map(ids)
    raw = raw[raw.index.notna()]
    assert len(raw) > 940
    np.testing.assert_array_equal(frame.loc[raw.index].to_numpy(), raw.to_numpy(dtype="f4"))


def test_what_the_models_see_of_gdsc2_has_not_changed(real_made: Made) -> None:
    """The content key of every value, line, drug and feature, as before the further screens and layers came in.

    In the second, one line (SIDM01117) has had its cancer type since models are joined over RRIDs too.
    """
    assert load_dataset(real_made[0]).data_id == "724d6e2277bcd59d"
    assert association_dataset(real_made[0]).data_id == "01c410f4d039b8f3"


def test_every_screen_gives_a_dataset(real_made: Made) -> None:
    shapes = {name: load_dataset(real_made[0], screen=name).y.shape for name in SCREENS}
    assert shapes == {"gdsc2": (441, 295), "gdsc1": (520, 266), "ccle": (314, 24)}
    filtered = load_dataset(real_made[0], max_rmse=0.15)
    poor = table(real_made, "tables/screens/gdsc2")["rmse"] > 0.15
    assert filtered.left_out["responses with a fit error above 0.15"] == int(poor.sum()) > 0
