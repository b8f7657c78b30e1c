"""The simulated screen and its compounds in GDSC's layout."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathproof.ingest.demo.facts import Drug, Facts
from pathproof.ingest.demo.simulate import World


def response(facts: Facts, world: World, lines: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """The tested pairs in GDSC's 19 columns; `lines` as `line_ids` gives them."""
    d, c = np.nonzero(~np.isnan(world.ln_ic50.T))
    drugs = pd.DataFrame([_drug_columns(drug) for drug in facts.drugs]).iloc[d].reset_index(drop=True)
    picked = lines.iloc[c].reset_index(drop=True)
    number = np.arange(1, len(d) + 1)
    return pd.DataFrame(
        {
            "DATASET": dataset,
            "NLME_RESULT_ID": 0,
            "NLME_CURVE_ID": 900_000_000 + number,
            "COSMIC_ID": picked["cosmic"],
            "CELL_LINE_NAME": picked["name"],
            "SANGER_MODEL_ID": picked["sidm"],
            "TCGA_DESC": [facts.tissues[t].tcga for t in picked["tissue"]],
            **{name: drugs[name] for name in ("DRUG_ID", "DRUG_NAME", "PUTATIVE_TARGET", "PATHWAY_NAME")},
            "COMPANY_ID": 0,
            "WEBRELEASE": "SIMULATED",
            "MIN_CONC": world.min_conc[d],
            "MAX_CONC": world.max_conc[d],
            "LN_IC50": world.ln_ic50[c, d].round(6),
            "AUC": world.auc[c, d].round(6),
            "RMSE": world.rmse[c, d].round(6),
            "Z_SCORE": world.z_score[c, d].round(6),
        }
    )


def _drug_columns(drug: Drug) -> dict[str, object]:
    return {
        "DRUG_ID": drug.id,
        "DRUG_NAME": drug.name,
        "PUTATIVE_TARGET": ", ".join(drug.targets),
        "PATHWAY_NAME": drug.theme,
    }


def compounds(facts: Facts) -> pd.DataFrame:
    """Compounds with names, synonyms and what GDSC says of their targets."""
    return pd.DataFrame(
        {
            "DRUG_ID": [drug.id for drug in facts.drugs],
            "SCREENING_SITE": "SIMULATED",
            "DRUG_NAME": [drug.name for drug in facts.drugs],
            "SYNONYMS": [drug.synonyms for drug in facts.drugs],
            "TARGET": [", ".join(drug.targets) for drug in facts.drugs],
            "TARGET_PATHWAY": [drug.theme for drug in facts.drugs],
        }
    )


def targets(facts: Facts) -> pd.DataFrame:
    """Targets as gene symbols."""
    return pd.DataFrame(
        {
            "DRUG_ID": [drug.id for drug in facts.drugs],
            "DRUG_NAME": [drug.name for drug in facts.drugs],
            "GENE_TARGET": [";".join(drug.targets) for drug in facts.drugs],
            "PUBCHEM": "",
            "CHEMBL": "",
            "SMILES": "",
        }
    )
