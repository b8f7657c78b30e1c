"""The written files: deterministic, small, honest about being simulated, and with recoverable signals."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict

from pathproof.ingest.demo.world import WorldParameters, write_demo

Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Screen:
    """The files joined again with plain pandas: lines that have all three layers."""

    def __init__(self, folder: Path) -> None:
        curves = pd.read_csv(folder / "gdsc/GDSC2_fitted_dose_response.csv.gz")
        models = pd.read_csv(folder / "depmap/Model.csv.gz").set_index("ModelID")
        expression = pd.read_csv(folder / "depmap/OmicsExpressionZScore_1631.csv.gz", index_col=0)
        expression.columns = expression.columns.str.removesuffix(" (0)")
        expression.index = models.loc[expression.index, "COSMICID"].astype(int)
        features = pd.read_csv(folder / "gdsc/genomic_features_v17.csv.gz", index_col="COSMIC_ID")
        calls = features.filter(regex="_mut$")
        calls.columns = calls.columns.str.removesuffix("_mut")
        lines = expression.index.intersection(calls.index)
        self.y = curves.pivot(index="COSMIC_ID", columns="DRUG_ID", values="LN_IC50").loc[lines]
        self.curves = curves
        self.layers = {"expression": expression.loc[lines], "mutation": calls.loc[lines]}
        tissue = pd.get_dummies(features.loc[lines, "TISSUE_FACTOR"]).to_numpy(float)
        fragility = (self.y - self.y.mean()).mean(axis=1).to_numpy()
        z = self.layers["expression"].to_numpy()
        states, *_ = np.linalg.svd(z - z.mean(axis=0), full_matrices=False)
        self.tissue: Floats = tissue
        self.nuisance: Floats = np.column_stack([tissue, fragility, states[:, :4]])
        self.planted = json.loads((folder / "planted.json").read_text())

    def joint_t(self, drug: int, genes: list[dict[str, str]]) -> Floats:
        """t of each planted feature in one least-squares fit; covariates: tissue, line mean, four components."""
        x = np.column_stack([self.nuisance, *(self.layers[g["layer"]][g["gene"]] for g in genes)])
        y = self.y[drug].to_numpy()
        x, y = x[~np.isnan(y)], y[~np.isnan(y)]
        beta, *_ = np.linalg.lstsq(x, y, rcond=None)
        variance = np.sum((y - x @ beta) ** 2) / (len(y) - x.shape[1])
        t: Floats = beta / np.sqrt(variance * np.diag(np.linalg.inv(x.T @ x)))
        return t[-len(genes) :]

    def marginal_p(self, drug: int) -> Floats:
        """p of each feature's partial correlation with the response, given the same covariates."""
        y = self.y[drug].to_numpy()
        kept = ~np.isnan(y)
        x = np.column_stack([layer.to_numpy(float) for layer in self.layers.values()])[kept]
        basis, _ = np.linalg.qr(self.nuisance[kept])
        x, y = x - basis @ (basis.T @ x), y[kept] - basis @ (basis.T @ y[kept])
        r = (x.T @ y) / (np.linalg.norm(x, axis=0) * np.linalg.norm(y))
        dof = len(y) - basis.shape[1] - 1
        p: Floats = 2 * stats.t.sf(np.abs(r) * np.sqrt(dof / (1 - r**2)), dof)
        return p


@pytest.fixture(scope="module")
def screen(demo: Path) -> Screen:
    return Screen(demo)


def test_same_seed_same_bytes_in_another_process(demo: Path, tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from pathproof.ingest.demo.world import write_demo; write_demo(pathlib.Path(sys.argv[1]))"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "4", "TZ": "Asia/Tokyo"},
    )
    assert hashes(tmp_path) == hashes(demo)


def test_another_seed_changes_numbers_and_no_facts(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, WorldParameters(seed=1))
    changed = {name for name, digest in hashes(tmp_path).items() if hashes(demo)[name] != digest}
    assert "gdsc/GDSC2_fitted_dose_response.csv.gz" in changed
    assert "depmap/OmicsExpressionZScore_1631.csv.gz" in changed
    assert not any(name.startswith(("reactome/", "omnipath/", "civic/", "dgidb/", "hgnc/")) for name in changed)
    first, second = (json.loads((folder / "planted.json").read_text()) for folder in (demo, tmp_path))
    assert first["mechanisms"] == second["mechanisms"]


def test_small(demo: Path) -> None:
    assert sum(path.stat().st_size for path in demo.rglob("*") if path.is_file()) < 3_000_000


def test_writing_twice_into_one_folder_leaves_the_same_files(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, WorldParameters(seed=3))
    write_demo(tmp_path)
    assert hashes(tmp_path) == hashes(demo)


def test_files_say_that_they_are_simulated(demo: Path, screen: Screen) -> None:
    evidence = pd.read_csv(demo / "civic/ClinicalEvidenceSummaries.tsv.gz", sep="\t")
    assert evidence["evidence_statement"].str.startswith("Simulated for the PathProof demonstration").all()
    assert (evidence["source_type"] == "Simulated").all()
    interactions = pd.read_csv(demo / "dgidb/interactions.tsv", sep="\t", comment="#")
    assert (interactions["interaction_source_db_name"] == "Simulated").all()
    assert (screen.curves["WEBRELEASE"] == "SIMULATED").all()
    assert (pd.read_csv(demo / "depmap/Model.csv.gz")["SourceType"] == "Simulated").all()
    assert (screen.curves["DRUG_ID"] > 900_000).all()
    assert screen.curves["CELL_LINE_NAME"].str.startswith("DEMO-").all()


def test_every_symbol_is_in_the_gene_table(demo: Path, screen: Screen) -> None:
    genes = set(pd.read_csv(demo / "hgnc/gene_identifiers_20191101.csv.gz")["hgnc_symbol"])
    named = set(screen.layers["expression"]) | set(screen.layers["mutation"])
    for line in (demo / "reactome/ReactomePathways.gmt").read_text().splitlines():
        named.update(line.split("\t")[2:])
    for cell in pd.read_csv(demo / "gdsc/drug_gene_targets.csv")["GENE_TARGET"]:
        named.update(cell.split(";"))
    for file, separator in (("omnipath_signed_directed.tsv", "\t"), ("collectri.csv", ",")):
        edges = pd.read_csv(demo / "omnipath" / file, sep=separator)
        named.update(edges["source"], edges["target"])
    evidence = pd.read_csv(demo / "civic/ClinicalEvidenceSummaries.tsv.gz", sep="\t")
    named.update(evidence["molecular_profile"].str.split(" ").str[0])
    assert named == genes


def test_numbers_are_in_their_ranges(screen: Screen) -> None:
    curves = screen.curves
    assert list(curves.columns)[:3] == ["DATASET", "NLME_RESULT_ID", "NLME_CURVE_ID"]
    assert curves.shape[1] == 19
    assert curves["AUC"].between(0, 1).all()
    assert (curves["MAX_CONC"] / curves["MIN_CONC"]).between(999, 1001).all()
    per_drug = curves.groupby("DRUG_ID")[["LN_IC50", "AUC"]].corr(method="spearman")
    rank = per_drug.xs("LN_IC50", level=1)["AUC"]
    assert rank.min() > 0.999, "AUC and ln IC50 come from one curve"
    z = screen.layers["expression"].to_numpy()
    assert np.abs(z.mean(axis=0)).max() < 0.2
    assert 0.85 < z.std(axis=0).min() < z.std(axis=0).max() < 1.15


def test_lines_that_lack_a_layer(demo: Path, screen: Screen) -> None:
    lines = len(pd.read_csv(demo / "depmap/Model.csv.gz"))
    assert lines == 240
    assert len(pd.read_csv(demo / "depmap/OmicsExpressionZScore_1631.csv.gz")) == lines - 10
    assert len(pd.read_csv(demo / "gdsc/genomic_features_v17.csv.gz")) == lines - 6
    assert len(screen.y) == lines - 16
    assert 0.03 < screen.y.isna().to_numpy().mean() < 0.1


def test_planted_signs_are_recovered_by_least_squares(screen: Screen) -> None:
    t, sign = [], []
    for row in screen.planted["mechanisms"]:
        t.append(screen.joint_t(int(row["drug"].removeprefix("gdsc.drug:")), row["genes"]))
        sign.append([1 if gene["sign"] == "resistance" else -1 for gene in row["genes"]])
    agrees = np.concatenate(t) * np.concatenate(sign)
    assert agrees.min() > 1.0
    assert 0.85 < (agrees > 3.0).mean() < 1.0, "most effects are plain to see, not all"


def test_drugs_without_a_mechanism_show_nothing_beyond_chance(screen: Screen) -> None:
    without = [int(row["drug"].removeprefix("gdsc.drug:")) for row in screen.planted["decoys"]["no_mechanism"]]
    p = np.column_stack([screen.marginal_p(drug) for drug in without])
    assert p.min() * p.size > 0.01, "a feature passes Bonferroni at 1 %"
    assert abs((p < 0.05).mean() - 0.05) < 0.02
    with_one = screen.marginal_p(int(screen.planted["mechanisms"][0]["drug"].removeprefix("gdsc.drug:")))
    assert with_one.min() * with_one.size < 1e-6, "the same test must see a planted mechanism"


def test_a_ridge_predicts_unseen_lines_well_but_not_perfectly(screen: Screen) -> None:
    mutation = screen.layers["mutation"].to_numpy(float)
    x = np.column_stack(
        [
            screen.layers["expression"],
            (mutation - mutation.mean(axis=0)) / mutation.std(axis=0),
            3 * screen.tissue,
        ]
    )
    y = screen.y.fillna(screen.y.mean()).to_numpy()
    folds = KFold(5, shuffle=True, random_state=0)
    predicted = cross_val_predict(RidgeCV((100.0, 300.0, 1000.0), alpha_per_target=True), x, y, cv=folds)
    pearson = [float(np.corrcoef(predicted[:, d], y[:, d])[0, 1]) for d in range(y.shape[1])]
    planted = {int(row["drug"].removeprefix("gdsc.drug:")) for row in screen.planted["mechanisms"]}
    with_one = np.mean([r for r, drug in zip(pearson, screen.y.columns, strict=True) if drug in planted])
    assert 0.45 < with_one < 0.70


def test_a_second_screen_agrees_as_its_noise_says_and_goes_away_again(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, WorldParameters(second_noise_sd=1.4))
    first, second = (
        pd.read_csv(tmp_path / f"gdsc/{name}_fitted_dose_response.csv.gz").pivot(
            index="SANGER_MODEL_ID", columns="DRUG_ID", values="LN_IC50"
        )
        for name in ("GDSC2", "GDSC1")
    )
    shares = pd.read_csv(tmp_path / "truth/drugs.csv")["noise"].to_numpy()
    signal = 0.8**2 * (1 - shares) / shares
    expected = signal / np.sqrt((signal + 0.8**2) * (signal + 1.4**2))
    found = first.corrwith(second).to_numpy()
    assert found.mean() == pytest.approx(expected.mean(), abs=0.03)
    assert np.corrcoef(found, expected)[0, 1] > 0.7
    assert set(pd.read_csv(tmp_path / "gdsc/GDSC1_fitted_dose_response.csv.gz")["DATASET"]) == {"GDSC1"}
    write_demo(tmp_path)
    assert hashes(tmp_path) == hashes(demo)
