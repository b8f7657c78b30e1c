"""A demonstration world with every measured file, large enough for checks that look at a table as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from pathproof.ingest.demo.world import WorldParameters, write_demo

SIZES = WorldParameters(lines=80, drugs=24, pairs=2, modules=1, second_noise_sd=0.5)
GDSC2 = "gdsc/GDSC2_fitted_dose_response.csv.gz"
GDSC1 = "gdsc/GDSC1_fitted_dose_response.csv.gz"
CCLE = "ccle/CCLE_NP24.2009_Drug_data_2015.02.24.csv"
COMPOUNDS, TARGETS = "gdsc/screened_compounds.csv", "gdsc/drug_gene_targets.csv"
FEATURES = "gdsc/genomic_features_v17.csv.gz"
GDSC_COPY_NUMBER = "gdsc/cell_cna_log2.csv"
COPY_NUMBER, DAMAGING = "depmap/OmicsCNGene_706.csv", "depmap/OmicsSomaticMutationsMatrixDamaging_706.csv"
EXPRESSION, MODELS = "depmap/OmicsExpressionZScore_1631.csv.gz", "cell_model_passports/model_list.csv.gz"
GENES = "hgnc/gene_identifiers_20191101.csv.gz"
_DOSES = ".0025,.0080,.025,.080,.25,.80,2.53,8"
Change = Callable[[pd.DataFrame], pd.DataFrame]


def read(data: Path, file: str) -> pd.DataFrame:
    """A table as it stands there: numbers as numbers, empty cells as ""."""
    frame = pd.read_csv(data / file, keep_default_na=False)
    return frame.rename(columns={"Unnamed: 0": ""})


def write(data: Path, file: str, frame: pd.DataFrame) -> None:
    """Put a table in the place of another."""
    (data / file).parent.mkdir(exist_ok=True)
    frame.to_csv(data / file, index=False, lineterminator="\n")


def write_measured(data: Path) -> Path:
    """The world, with the files that the demonstration does not have made of it."""
    write_demo(data, SIZES)
    models, rng = read(data, MODELS), np.random.default_rng(5)
    write(data, CCLE, _ccle(read(data, GDSC2), models))
    genes = _numbered(data)
    ratios = rng.normal(0.0, 0.3, (len(models), len(genes))).round(3)
    ratios[:, -2] += 0.5
    ratios[:, -1] -= 1.5
    by_entrez = pd.DataFrame(ratios, columns=[entrez for _, entrez in genes])
    write(data, GDSC_COPY_NUMBER, pd.concat([models["COSMIC_ID"], by_entrez], axis=1))
    names = [f"{symbol} ({entrez})" for symbol, entrez in genes]
    first = models["BROAD_ID"].rename("")
    copies = pd.DataFrame(np.log2(2.0**ratios + 1).round(4), columns=names)
    write(data, COPY_NUMBER, pd.concat([first, copies], axis=1))
    calls = pd.DataFrame((rng.random(ratios.shape) < 0.06).astype(int), columns=names)
    write(data, DAMAGING, pd.concat([first, calls], axis=1))
    return data


def _numbered(data: Path) -> list[tuple[str, str]]:
    """Symbols and Entrez ids of 42 genes, MYC and CDKN2A last; the demonstration's table of genes has no such ids."""
    table = read(data, GENES)
    others = [symbol for symbol in table["hgnc_symbol"] if symbol not in ("MYC", "CDKN2A")][:40]
    genes = {symbol: 9_000_000 + number for number, symbol in enumerate(others)} | {"MYC": 4609, "CDKN2A": 1029}
    table["entrez_id"] = [f"{genes[symbol]}.0" if symbol in genes else "" for symbol in table["hgnc_symbol"]]
    assert (table["entrez_id"] != "").sum() == len(genes)
    (data / GENES).unlink()
    write(data, GENES.removesuffix(".gz"), table)
    return [(symbol, str(entrez)) for symbol, entrez in genes.items()]


def _ccle(screen: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    ids = screen["SANGER_MODEL_ID"].map(models.set_index("model_id")["CCLE_ID"])
    ic50 = np.exp(screen["LN_IC50"].astype(float)).clip(0.0025, 8.0)
    frame = {
        "CCLE Cell Line Name": ids,
        "Primary Cell Line Name": screen["CELL_LINE_NAME"],
        "Compound": screen["DRUG_NAME"],
        "Target": "",
        "Doses (uM)": _DOSES,
        "IC50 (uM)": ic50,
        "Amax": -50.0,
        "ActArea": (8.0 * (1.0 - screen["AUC"].astype(float))).round(4),
    }
    return pd.DataFrame(frame).drop_duplicates(["CCLE Cell Line Name", "Compound"])


def exchanged(one: str, other: str) -> Change:
    """Two columns under each other's name."""
    return lambda frame: frame.rename(columns={one: other, other: one})


def scaled(factor: float, *columns: str) -> Change:
    """Numbers in another unit."""
    return lambda frame: frame.assign(**{name: frame[name] * factor for name in columns})


def moved(*columns: str, by: int = 1) -> Change:
    """Columns moved down, the last cells to the top."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{name: np.roll(frame[name].to_numpy(), by) for name in columns})

    return change


def at(row: int, column: str, of: int) -> Change:
    """One cell with what another row has there."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.copy()
        frame.loc[row, column] = frame.loc[of, column]
        return frame

    return change


LOG10, LOG2 = (scaled(1 / np.log(base), "LN_IC50") for base in (10, 2))


def nanomolar(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(LN_IC50=frame["LN_IC50"] + np.log(1000))


def every_second(change: Change) -> Change:
    """A change of every second drug alone."""

    def of_half(frame: pd.DataFrame) -> pd.DataFrame:
        half = frame["DRUG_ID"].rank(method="dense") % 2 == 0
        return pd.concat([frame[~half], change(frame[half])]).sort_index()

    return of_half
