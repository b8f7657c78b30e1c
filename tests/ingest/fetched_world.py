"""A small demonstration world in the very files that `pathproof fetch` gets: their paths, layouts and nothing else."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pathproof.ingest.demo.world import WorldParameters, write_demo
from pathproof.ingest.fetch.lockfile import read_lock

SIZES = WorldParameters(lines=80, drugs=24, pairs=2, modules=1)
DRIVERS = "cell_model_passports/mutations_summary_20260724.csv"
COMPOUNDS = "gdsc/screened_compounds_rel_8.5.csv"
SERVICE = "omnipath/omnipath_webservice_interactions.tsv"
_NOT_IN_THE_PASSPORTS = ["COSMIC_ID", "TCGA_DESC", "COMPANY_ID", "WEBRELEASE"]


def write_fetched(folder: Path, parameters: WorldParameters = SIZES) -> Path:
    """Write the world of `parameters` below `folder/data`; what only further optional sources hold is absent."""
    made, data = folder / "made", folder / "data"
    write_demo(made, parameters)
    for path, content in _files(made).items():
        target = data / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    assert {path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()} <= {
        entry.path for entry in read_lock().file
    }
    return data


def _files(made: Path) -> dict[str, bytes]:
    """Path of the lock file -> content."""

    def table(name: str, separator: str = ",") -> pd.DataFrame:
        return pd.read_csv(made / name, sep=separator, dtype=str, keep_default_na=False)

    response = table("gdsc/GDSC2_fitted_dose_response.csv.gz").drop(columns=_NOT_IN_THE_PASSPORTS)
    given: dict[str, Callable[[], bytes]] = {
        "gdsc/GDSC2_fitted_dose_response_27Oct23.xlsx": lambda: _workbook(response.assign(CANCER_TYPE="Simulated")),
        COMPOUNDS: lambda: _plain(made / "gdsc/screened_compounds.csv"),
        DRIVERS: lambda: _csv(_drivers(table("gdsc/genomic_features_v17.csv.gz"), table(_MODELS))),
        "cell_model_passports/model_list_20260921.csv": lambda: _plain(made / _MODELS),
        "depmap/Model.csv": lambda: _plain(made / "depmap/Model.csv.gz"),
        "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv": lambda: _tpm(made),
        "reactome/ReactomePathways.gmt": lambda: _plain(made / "reactome/ReactomePathways.gmt"),
        "reactome/ReactomePathways.txt": lambda: _plain(made / "reactome/ReactomePathways.txt"),
        "reactome/ReactomePathwaysRelation.txt": lambda: _plain(made / "reactome/ReactomePathwaysRelation.txt"),
        "civic/nightly-ClinicalEvidenceSummaries.tsv": lambda: _plain(made / "civic/ClinicalEvidenceSummaries.tsv.gz"),
        "dgidb/interactions_2024-Dec.tsv": lambda: _plain(made / "dgidb/interactions.tsv"),
        SERVICE: lambda: _service(table("omnipath/omnipath_signed_directed.tsv", "\t")),
        "omnipath/CollecTRI_regulons.csv": lambda: _plain(made / "omnipath/collectri.csv"),
        "hgnc/gene_identifiers_20241212.csv": lambda: _plain(made / "hgnc/gene_identifiers_20191101.csv.gz"),
    }
    return {path: content() for path, content in given.items()}


_MODELS = "cell_model_passports/model_list.csv.gz"


def _plain(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def _csv(frame: pd.DataFrame, separator: str = ",") -> bytes:
    return frame.to_csv(index=False, sep=separator, lineterminator="\n").encode()


def _workbook(frame: pd.DataFrame) -> bytes:
    numbers = ["MIN_CONC", "MAX_CONC", "LN_IC50", "AUC", "RMSE", "Z_SCORE", "DRUG_ID"]
    target = io.BytesIO()
    frame.astype(dict.fromkeys(numbers, float)).to_excel(target, index=False)
    return target.getvalue()


def zipped(content: bytes, *names: str) -> bytes:
    """A zip archive with this content under each name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return target.getvalue()


def _drivers(calls: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """The calls as Cell Model Passports lists them; each line also has a mutation that drives nothing."""
    own = dict(zip(models["COSMIC_ID"], models["model_id"], strict=True))
    genes = [name for name in calls.columns if name.endswith("_mut")]
    rows = [
        (own[line], gene.removesuffix("_mut"), "True")
        for line, row in zip(calls["COSMIC_ID"], calls[genes].to_numpy(), strict=True)
        for gene, value in zip(genes, row, strict=True)
        if value == "1"
    ]
    rows += [(own[line], genes[0].removesuffix("_mut"), "False") for line in calls["COSMIC_ID"]]
    frame = pd.DataFrame(rows, columns=["model_id", "gene_symbol", "cancer_driver"])
    frame.insert(0, "gene_id", "SIDG0")
    others = ["cancer_predisposition_variant", "effect", "vaf", "coding", "source", "model_name"]
    return frame.assign(protein_mutation="p.?", rna_mutation="r.?", cdna_mutation="c.?", **dict.fromkeys(others, "-"))


def _tpm(made: Path) -> bytes:
    """The z-scores moved up to where log2(TPM + 1) lies."""
    frame = pd.read_csv(made / "depmap/OmicsExpressionZScore_1631.csv.gz", index_col=0)
    return (frame + 8).clip(0, 20).round(4).rename_axis("").to_csv(lineterminator="\n").encode()


def _service(frame: pd.DataFrame) -> bytes:
    up = frame["interaction"].astype(float) > 0
    text = {True: "1", False: "0"}
    columns = {
        "source": "P" + frame.index.astype(str),
        "target": "Q" + frame.index.astype(str),
        "source_genesymbol": frame["source"],
        "target_genesymbol": frame["target"],
        "is_directed": "1",
        "is_stimulation": up.map(text),
        "is_inhibition": (~up).map(text),
        "consensus_direction": "1",
        "consensus_stimulation": up.map(text),
        "consensus_inhibition": (~up).map(text),
    }
    return _csv(pd.DataFrame(columns), "\t")
