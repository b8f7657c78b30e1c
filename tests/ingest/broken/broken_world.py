"""Small made-up files of every source at its official layout, and everything that comes of them as text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from ingest_slices import FILES as SLICES

from pathproof.ingest.builder import Origin
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.knowledge import build_knowledge
from pathproof.ingest.tables import build_tables

GDSC1 = "gdsc/GDSC1_fitted_dose_response.csv"
CCLE = "ccle/CCLE_NP24.2009_Drug_data_2015.02.24.csv"
TPM = "depmap/OmicsExpressionTPMLogp1_top1000.csv"
COPY_NUMBER = "depmap/OmicsCNGene_706.csv"
DAMAGING = "depmap/OmicsSomaticMutationsMatrixDamaging_706.csv"
GDSC_COPY_NUMBER = "gdsc/cell_cna_log2.csv"
NCI60 = "nci60/OmicsExpressionLog2_nci60.csv"
COMPLETE = "hgnc/hgnc_complete_set.txt"

_HGNC = (  # number, symbol, alias, previous, Entrez, Ensembl, UniProt
    "HGNC:1097\tBRAF\tBRAF1|B-raf\t\t673\tENSG00000157764\tP15056",
    "HGNC:6407\tKRAS\tK-Ras\tKRAS2\t3845\tENSG00000133703\tP01116",
    "HGNC:3236\tEGFR\tERRP\tERBB\t1956\tENSG00000146648\tP00533",
    "HGNC:2654\tCCN1\tGIG1\tCYR61\t3491\tENSG00000142871\tO00622",
    "HGNC:7729\tSEPTIN2\t\tSEPT2\t4735\tENSG00000168385\tQ15019",
)
FILES: dict[str, str] = {
    **{name: text.replace("\r\n", "\n") for name, text in SLICES.items()},
    GDSC1: (
        "DATASET,NLME_CURVE_ID,COSMIC_ID,CELL_LINE_NAME,SANGER_MODEL_ID,DRUG_ID,DRUG_NAME,PATHWAY_NAME,"
        "MIN_CONC,MAX_CONC,LN_IC50,AUC,RMSE\n"
        "GDSC1,1,1001,L-1,SIDM00001,1062,Selumetinib,ERK MAPK signaling,0.0078,2.0,1.5,0.8,0.1\n"
        "GDSC1,2,1002,L-2,SIDM00002,1062,Selumetinib,ERK MAPK signaling,0.0078,2.0,0.5,0.6,0.1\n"
        "GDSC1,3,1001,L-1,SIDM00001,1083,Crizotinib,RTK signaling,0.0078,2.0,2.5,0.9,0.2\n"
    ),
    CCLE: (
        "CCLE Cell Line Name,Primary Cell Line Name,Compound,Target,Doses (uM),Activity Data (median),Activity SD,"
        "Num Data,FitType,EC50 (uM),IC50 (uM),Amax,ActArea\n"
        'L1_SKIN,L-1,AZD6244,MEK,".0025,.08,.8,8","0,-20,-60,-80","1,2,3,4",4,Sigmoid,.1,.12,-80,3.5\n'
        'L2_BLOOD,L-2,AZD6244,MEK,".0025,.08,.8,8","0,0,-5,-10","1,2,3,4",4,Sigmoid,NA,8,-10,.4\n'
        'L1_SKIN,L-1,PF2341066,c-MET,".0025,.08,.8,8","0,-10,-30,-40","1,2,3,4",4,Sigmoid,.5,7,-40,1.5\n'
    ),
    TPM: ",BRAF (673),CCN1 (3491),EGFR (1956)\nACH-000001,3.5,0,1.25\nACH-000002,2.5,7.5,0.5\n",
    COPY_NUMBER: ",BRAF (673),KRAS (3845),EGFR (1956)\nACH-000001,1.0,1.5,1.0\nACH-000002,0.9,,2.5\n",
    DAMAGING: ",BRAF (673),KRAS (3845),EGFR (1956)\nACH-000001,0,1,0\nACH-000002,1,0,0\n",
    GDSC_COPY_NUMBER: "COSMIC_ID,673,3845,1956\n1001,0.1,-0.5,1.25\n1002,0.0,,2.5\n",
    NCI60: ",BRAF (673),KRAS (3845),EGFR (1956)\nACH-000001,5.5,1.5,1.25\nACH-000002,-0.9,3.5,2.5\n",
    COMPLETE: "hgnc_id\tsymbol\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\tuniprot_ids\n"
    + "".join(f"{row}\n" for row in _HGNC),
}


@dataclass(frozen=True)
class Outcome:
    """All tables by name as CSV, and what each file's account says."""

    tables: dict[str, str]
    tallies: dict[str, dict[str, int]]


def write(folder: Path, changes: dict[str, bytes | None] | None = None) -> Path:
    """Write all files below `folder`; `changes` replace a file's content, None leaves it out."""
    for name, content in {**{name: text.encode() for name, text in FILES.items()}, **(changes or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content)
    return folder


def parts(data: Path) -> dict[str, str]:
    """Path of every file -> the part of the inputs that it is read for."""
    inputs = Inputs(data)
    found: dict[str, str] = {}
    for part in Inputs.parts:
        getattr(inputs, part)
        for record in inputs.files.values():
            found.setdefault(record.path.relative_to(data).as_posix(), part)
    return found


def outcome(data: Path) -> Outcome:
    """Read, join and build everything, in memory."""
    inputs = Inputs(data)
    inputs.read_all(lambda message, share: None, 1.0)
    tables = build_tables(inputs)
    made = Origin("made", "made", "made")
    knowledge = build_knowledge(inputs, tables, {record.source.name: made for record in inputs.files.values()})
    frames: dict[str, pd.DataFrame] = {
        "expression": tables.expression,
        "mutations": tables.mutations,
        "cell_lines": tables.cell_lines,
        "drugs": tables.drugs.table,
        "molecules": tables.drugs.molecules,
        "agreement": tables.agreement,
        **{f"screen {name}": screen.table for name, screen in tables.screens.items()},
        **{f"layer {name}": layer for name, layer in tables.layers.items()},
        **{f"node {name}": frame for name, frame in knowledge.nodes.items()},
        **{f"edge {name}": frame for name, frame in knowledge.edges.items()},
    }
    return Outcome(
        {name: frame.to_csv() for name, frame in frames.items()},
        {title: _account(record.tally) for title, record in inputs.files.items()},
    )


def _account(tally: object) -> dict[str, int]:
    counts = vars(tally)
    lost = {f"dropped: {reason}": n for reason, n in counts["dropped"].items()}
    noted = {f"noted: {reason}": n for reason, n in counts["noted"].items()}
    names = {
        f"{account.kind} {what}": getattr(account, what)
        for account in counts["mapping"]
        for what in ("mapped", "ambiguous", "obsolete", "newer", "dropped")
    }
    return {"rows in": counts["rows_in"], "rows out": counts["rows_out"], **lost, **noted, **names}
