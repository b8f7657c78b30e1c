"""The full releases, simulated in layout and size: what a user who downloads everything gives to `ingest`.

Names, ids and numbers are made up; headers, row counts and the length of numbers follow the releases of 2026. Written
where the caller says, never into the project.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from full_ids import FULL, Ids, Sizes, write_columns, write_wide
from full_knowledge import Knowledge
from numpy.typing import NDArray

RESPONSE_16 = (
    *("DATASET", "NLME_RESULT_ID", "NLME_CURVE_ID", "CELL_LINE_NAME", "SANGER_MODEL_ID", "CANCER_TYPE", "DRUG_ID"),
    *("DRUG_NAME", "PUTATIVE_TARGET", "PATHWAY_NAME", "MIN_CONC", "MAX_CONC", "LN_IC50", "AUC", "RMSE", "Z_SCORE"),
)
RESPONSE_19 = (
    *("DATASET", "NLME_RESULT_ID", "NLME_CURVE_ID", "COSMIC_ID", "CELL_LINE_NAME", "SANGER_MODEL_ID", "TCGA_DESC"),
    *("DRUG_ID", "DRUG_NAME", "PUTATIVE_TARGET", "PATHWAY_NAME", "COMPANY_ID", "WEBRELEASE"),
    *("MIN_CONC", "MAX_CONC", "LN_IC50", "AUC", "RMSE", "Z_SCORE"),
)
TISSUES = ("Lung", "Breast", "Large Intestine", "Skin", "Haematopoietic and Lymphoid", "Pancreas", "Kidney", "Ovary")


def write_full(folder: Path, sizes: Sizes = FULL, seed: int = 0) -> int:
    """Write all files below `folder`; the same sizes and seed write the same. Returns the bytes written."""
    ids = Ids(sizes, seed)
    screens, lines, known = Screens(ids), Lines(ids), Knowledge(ids)
    files: dict[str, Callable[[Path], None]] = {
        "gdsc/GDSC2_fitted_dose_response_27Oct23.csv": lambda p: screens.response(p, "GDSC2", RESPONSE_16, sizes.gdsc2),
        "gdsc/GDSC1_fitted_dose_response_27Oct23.csv": lambda p: screens.response(p, "GDSC1", RESPONSE_19, sizes.gdsc1),
        "gdsc/screened_compounds_rel_8.5.csv": screens.compounds,
        "gdsc/drug_gene_targets.csv": screens.targets,
        "gdsc/genomic_features_v17.csv": lines.calls,
        "gdsc/cell_cna_log2.csv": lines.gdsc_copy_number,
        "ccle/CCLE_NP24.2009_Drug_data_2015.02.24.csv": screens.ccle,
        "cell_model_passports/model_list_20260921.csv": lines.model_list,
        "depmap/Model.csv": lines.model,
        "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv": lambda p: lines.matrix(p, sizes.expression, lines.tpm),
        "depmap/OmicsCNGene.csv": lambda p: lines.matrix(p, sizes.copy_number, lines.copies),
        "depmap/OmicsSomaticMutationsMatrixDamaging.csv": lambda p: lines.matrix(p, sizes.damaging, lines.hits),
        "nci60/OmicsExpressionLog2_nci60.csv": lines.nci60,
        "hgnc/gene_identifiers_20241212.csv": known.identifiers,
        "reactome/ReactomePathways.gmt": known.gene_sets,
        "reactome/ReactomePathways.txt": known.pathway_names,
        "reactome/ReactomePathwaysRelation.txt": known.hierarchy,
        "omnipath/omnipath_signed_directed.tsv": known.interactions,
        "omnipath/collectri.csv": known.regulation,
        "civic/ClinicalEvidenceSummaries.tsv": known.evidence,
        "dgidb/interactions.tsv": known.drug_genes,
        "wikipathways/wikipathways-20260910-gmt-Homo_sapiens.gmt": known.wikipathways,
        "msigdb/h.all.v2026.1.Hs.symbols.gmt": lambda p: known.msigdb(p, "HALLMARK_STATE_{}", 50),
        "msigdb/c2.cp.v2026.1.Hs.symbols.gmt": lambda p: known.msigdb(p, "PID_PATHWAY_{}", sizes.canonical),
        "msigdb/c2.cgp.v2026.1.Hs.symbols.gmt": lambda p: known.msigdb(
            p, "AUTHOR{}_RESISTANCE_TO_SIMULATINIB_UP", sizes.signatures
        ),
        "prism/Repurposing_Public_24Q2_Extended_Primary_Compound_List.csv": known.prism,
    }
    for name, write in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
    return sum((folder / name).stat().st_size for name in files)


class Screens:
    """Screens and their compounds."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.sizes, self.rng = ids.sizes, ids.rng
        self.levels: dict[str, float] = {}
        self.fragile = self.rng.normal(0.0, 1.0, len(ids.names))

    def _level(self, names: NDArray[np.str_]) -> NDArray[np.float64]:
        """Mean ln IC50 (uM): both screens agree on a compound, as its name, up to what their assays differ by."""
        given = [self.levels.setdefault(name, self.rng.normal(2.5, 2.3)) for name in names.tolist()]
        return np.array(given) + self.rng.normal(0.0, 0.3, len(given))

    def response(self, path: Path, screen: str, header: tuple[str, ...], size: tuple[int, int, int]) -> None:
        """A screen; every pair of line and compound at most once."""
        rows, lines, drugs = size
        line, drug = np.divmod(self.rng.permutation(lines * drugs)[:rows], drugs)
        names = np.char.add("Simulatinib ", np.char.zfill((np.arange(drugs) % (drugs - drugs // 30)).astype(str), 3))
        first = 1 if screen == "GDSC1" else 1_001
        ln_ic50 = self._level(names)[drug] + self.fragile[line] + self.rng.normal(0.0, 1.0, rows)
        above, span = ln_ic50 - np.log(10.0), np.log(1_000.0)  # a logistic curve over three decades of doses
        columns = {
            "DATASET": np.full(rows, screen),
            "NLME_RESULT_ID": np.full(rows, 401),
            "NLME_CURVE_ID": 18_000_000 + np.arange(rows),
            "COSMIC_ID": self.ids.cosmic[line],
            "CELL_LINE_NAME": self.ids.names[line],
            "SANGER_MODEL_ID": self.ids.sidm[line],
            "TCGA_DESC": np.full(rows, "LUAD"),
            "CANCER_TYPE": np.full(rows, "Non-Small Cell Lung Carcinoma"),
            "DRUG_ID": first + drug,
            "DRUG_NAME": names[drug],
            "PUTATIVE_TARGET": self.ids.genes[drug % len(self.ids.genes)],
            "PATHWAY_NAME": np.full(rows, "ERK MAPK signaling"),
            "COMPANY_ID": np.full(rows, 1_046),
            "WEBRELEASE": np.full(rows, "Y"),
            "MIN_CONC": np.full(rows, 0.010005),
            "MAX_CONC": np.full(rows, 10.0),
            "LN_IC50": ln_ic50.round(6),
            "AUC": ((np.logaddexp(0.0, above + span) - np.logaddexp(0.0, above)) / span).round(6),
            "RMSE": self.rng.uniform(0.01, 0.15, rows).round(6),
            "Z_SCORE": self.rng.standard_normal(rows).round(6),
        }
        write_columns(path, {name: columns[name] for name in header})

    def compounds(self, path: Path) -> None:
        """Both screens' compounds."""
        numbers, names = zip(*self.ids.drugs, strict=True)
        frame = {"DRUG_ID": numbers, "SCREENING_SITE": "WTSI", "DRUG_NAME": names, "SYNONYMS": "", "TARGET": ""}
        pd.DataFrame(frame | {"TARGET_PATHWAY": "ERK MAPK signaling"}).to_csv(path, index=False)

    def targets(self, path: Path) -> None:
        """Targets of every compound."""
        numbers, names = zip(*self.ids.drugs, strict=True)
        genes = [";".join(self.ids.targets[name]) for name in names]
        frame = {"DRUG_ID": numbers, "DRUG_NAME": names, "GENE_TARGET": genes}
        pd.DataFrame(frame | {"PUBCHEM": "", "CHEMBL": "", "SMILES": ""}).to_csv(path, index=False)

    def ccle(self, path: Path) -> None:
        """Curves with their points as quoted lists."""
        lines, drugs = self.sizes.ccle
        line, drug = np.divmod(np.arange(lines * drugs), drugs)
        rows = len(line)
        of_line = (self.fragile[line] + self.rng.normal(0.0, 1.0, rows)) / np.sqrt(2.0)
        potency = self.rng.uniform(-3.0, 2.0, drugs)[drug] + of_line
        ic50 = np.exp(potency).clip(0.0025, 8.0)
        frame = {
            "CCLE Cell Line Name": np.char.add(self.ids.names[line], "_LUNG"),
            "Primary Cell Line Name": self.ids.names[line],
            "Compound": np.char.add("Simulatinib-", drug.astype(str)),
            "Target": "EGFR",
            "Doses (uM)": ".0025,.0080,.025,.080,.25,.80,2.53,8",
            "Activity Data (median)": "8.67,11.0,2.16,.27,-10,-13,-26,-43",
            "Activity SD": "3.31,3.72,5.36,4.67,13.1,.18,2.42,7.51",
            "Num Data": 8,
            "FitType": "Sigmoid",
            "EC50 (uM)": self.rng.uniform(0.01, 8, rows).round(9),
            "IC50 (uM)": ic50.round(9),
            "Amax": self.rng.uniform(-100, 0, rows).round(9),
            "ActArea": (np.log(8.0 / ic50) * 0.9).round(4),
        }
        pd.DataFrame(frame).to_csv(path, index=False)


class Lines:
    """Cell lines and their features."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.sizes, self.rng = ids.sizes, ids.rng
        self._of_line = self.rng.standard_normal((len(ids.ach), 4), dtype=np.float32)
        self._of_line *= 2.0 / np.linalg.norm(self._of_line, axis=1, keepdims=True)
        self._of_gene = self.rng.standard_normal((4, len(ids.genes)), dtype=np.float32) / 2

    def state(self, size: tuple[int, int]) -> np.ndarray:
        """What all layers of the first lines and genes have in common: about a standard normal."""
        return self._of_line[: size[0]] @ self._of_gene[:, : size[1]]

    def calls(self, path: Path) -> None:
        """Driver mutations and regions, lines by COSMIC number."""
        lines, genes = self.sizes.calls
        names = [f"{gene}_mut" for gene in self.ids.genes[:genes]] + [f"gain_cnaPANCAN{i}" for i in range(1, 408)]
        values = (self.rng.random((lines, len(names))) < 0.05).astype(int)
        values[:, :genes] = self.state((lines, genes)) > 1.6
        frame = pd.DataFrame(values, columns=names)
        frame.insert(0, "COSMIC_ID", self.ids.cosmic[:lines])
        frame.insert(1, "TISSUE_FACTOR", "lung")
        frame.insert(2, "MSI_FACTOR", 0)
        frame.to_csv(path, index=False)

    def gdsc_copy_number(self, path: Path) -> None:
        """log2 copy ratio, rows COSMIC numbers, columns Entrez ids."""
        lines, genes = self.sizes.gdsc_copy_number
        values = np.array([-1.0, 0.0, 0.58])[np.digitize(self.state((lines, genes)), (-0.9, 0.9))]
        write_wide(path, "COSMIC_ID", self.ids.cosmic[:lines], list(self.ids.entrez[:genes]), values)

    def model_list(self, path: Path) -> None:
        """Cell Model Passports: what is read, and further columns up to the size."""
        n = self.sizes.models
        frame = pd.DataFrame(
            {
                "model_id": self.ids.sidm,
                "model_name": self.ids.names,
                "tissue": np.array(TISSUES)[np.arange(n) % len(TISSUES)],
                "cancer_type": "Non-Small Cell Lung Carcinoma",
                "COSMIC_ID": self.ids.cosmic,
                "BROAD_ID": self.ids.ach,
                "CCLE_ID": np.char.add(self.ids.names, "_LUNG"),
                "RRID": np.char.add("CVCL_", np.char.zfill(np.arange(n).astype(str), 4)),
            }
        )
        others = {f"other_{i}": "text of a column that nobody reads" for i in range(self.sizes.model_columns - 8)}
        pd.concat([frame, pd.DataFrame(others, index=frame.index)], axis=1).to_csv(path, index=False)

    def model(self, path: Path) -> None:
        """DepMap's table of models."""
        n = self.sizes.models
        frame = pd.DataFrame(
            {
                "ModelID": self.ids.ach,
                "SangerModelID": self.ids.sidm,
                "COSMICID": np.char.add(self.ids.cosmic, ".0"),
                "CCLEName": np.char.add(self.ids.names, "_LUNG"),
                "RRID": np.char.add("CVCL_", np.char.zfill(np.arange(n).astype(str), 4)),
                "GrowthPattern": "Adherent",
                "OncotreePrimaryDisease": "Non-Small Cell Lung Cancer",
                "OncotreeLineage": np.array(TISSUES)[np.arange(n) % len(TISSUES)],
            }
        )
        pd.concat([frame, pd.DataFrame({f"Other{i}": "text" for i in range(40)}, index=frame.index)], axis=1).to_csv(
            path, index=False
        )

    def matrix(self, path: Path, size: tuple[int, int], draw: Callable[[tuple[int, int]], np.ndarray]) -> None:
        """A DepMap matrix: rows ACH ids under an empty header cell, columns SYMBOL (ENTREZ)."""
        lines, genes = size
        names = [f"{gene} ({number})" for gene, number in zip(self.ids.genes[:genes], self.ids.entrez, strict=False)]
        write_wide(path, "", self.ids.ach[:lines], names, draw(size))

    def tpm(self, size: tuple[int, int]) -> np.ndarray:
        """log2(TPM + 1) with as many digits as the releases have; as there, no value is far beyond 17."""
        return np.log2(1.0 + self.rng.lognormal(1.0, 0.6, size) * np.exp(1.4 * self.state(size))).clip(0.0, 17.0)

    def copies(self, size: tuple[int, int]) -> np.ndarray:
        """Relative copy number."""
        return (self.rng.gamma(80.0, 0.0125, size) + 0.2 * self.state(size)).clip(0.0, 10.0)

    def hits(self, size: tuple[int, int]) -> np.ndarray:
        """0, 1 or 2 damaged alleles."""
        return (self.state(size) > 1.3).astype(float)

    def nci60(self, path: Path) -> None:
        """log2 expression of the NCI-60 lines."""
        lines, genes = self.sizes.nci60
        self.matrix(
            path,
            (lines, genes),
            lambda size: (self.rng.normal(6.0, 0.8, size) + 1.8 * self.state(size)).clip(-5.0, 20.0),
        )
