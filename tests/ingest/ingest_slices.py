"""A few rows of every file in its provider's layout, written by hand; each oddity has a test."""

from __future__ import annotations

import gzip
from pathlib import Path

RESPONSE = "gdsc/GDSC2_fitted_dose_response.csv"
COMPOUNDS = "gdsc/screened_compounds.csv"
TARGETS = "gdsc/drug_gene_targets.csv"
FEATURES = "gdsc/genomic_features_v17.csv"
EXPRESSION = "depmap/OmicsExpressionZScore_1631.csv"
MODEL = "depmap/Model.csv"
MODEL_LIST = "cell_model_passports/model_list.csv"
GMT = "reactome/ReactomePathways.gmt"
NAMES = "reactome/ReactomePathways.txt"
HIERARCHY = "reactome/ReactomePathwaysRelation.txt"
CIVIC = "civic/ClinicalEvidenceSummaries.tsv"
DGIDB = "dgidb/interactions.tsv"
OMNIPATH = "omnipath/omnipath_signed_directed.tsv"
COLLECTRI = "omnipath/collectri.csv"
WIKIPATHWAYS = "wikipathways/wikipathways-20230410-gmt-Homo_sapiens.gmt"
HALLMARK = "msigdb/h.all.symbols.gmt"
CANONICAL = "msigdb/c2.cp.v2022.1.symbols.gmt"
SIGNATURES = "msigdb/c2.cgp.v2022.1.Hs.symbols.gmt"
COMPOUND_LIST = "prism/Repurposing_Public_24Q2_Extended_Primary_Compound_List.csv"
TREATMENTS = "prism/secondary-screen-replicate-collapsed-treatment-info.csv"
GENES = "hgnc/gene_identifiers_20191101.csv"
SYMBOLS = "hgnc/hgnc_symbol_entrez.tsv"

_LEGACY = (
    "DATASET,NLME_RESULT_ID,NLME_CURVE_ID,COSMIC_ID,CELL_LINE_NAME,SANGER_MODEL_ID,TCGA_DESC,DRUG_ID,DRUG_NAME,"
    "PUTATIVE_TARGET,PATHWAY_NAME,COMPANY_ID,WEBRELEASE,MIN_CONC,MAX_CONC,LN_IC50,AUC,RMSE,Z_SCORE"
)
_PASSPORTS = (
    "DATASET,NLME_RESULT_ID,NLME_CURVE_ID,CELL_LINE_NAME,SANGER_MODEL_ID,CANCER_TYPE,DRUG_ID,DRUG_NAME,"
    "PUTATIVE_TARGET,PATHWAY_NAME,MIN_CONC,MAX_CONC,LN_IC50,AUC,RMSE,Z_SCORE"
)
_MEASURED = (  # SIDM, drug number, drug name, pathway, ln IC50, AUC
    ("SIDM00001", 1372, "Trametinib", "ERK MAPK signaling", "-3.5", "0.41"),
    ("SIDM00002", 1372, "Trametinib", "ERK MAPK signaling", "1.25", "0.9"),
    ("SIDM00003", 1372, "Trametinib", "ERK MAPK signaling", "0.5", "0.8"),
    ("SIDM00001", 1736, "Selumetinib", "ERK MAPK signaling", "2.5", "0.7"),
    ("SIDM00001", 2047, "Ulixertinib", "ERK MAPK signaling", "3.0", "0.95"),
)

_NAMED = {"SIDM00001": ("1001", "L-1"), "SIDM00002": ("1003", "L-2"), "SIDM00003": ("", "L-3")}


def response(layout: str = "legacy") -> str:
    """The drug screen in the 19-column or in the 16-column layout."""
    rows = [_LEGACY if layout == "legacy" else _PASSPORTS]
    for number, (line, drug, name, pathway, ln_ic50, auc) in enumerate(_MEASURED):
        cosmic, own = _NAMED[line]
        if layout == "legacy":
            head = f"GDSC2,401,{number},{cosmic},{own},{line},MB,{drug},{name},MEK1,{pathway},1046,Y"
        else:
            head = f"GDSC2,401,{number},{own},{line},Melanoma,{drug},{name},MEK1,{pathway}"
        rows.append(f"{head},0.001,1.0,{ln_ic50},{auc},0.05,0.1")
    return "\n".join(rows) + "\n"


_EVIDENCE_HEADER = """
    molecular_profile molecular_profile_id disease doid phenotypes therapies therapy_interaction_type evidence_type
    evidence_direction evidence_level significance evidence_statement citation_id source_type asco_abstract_id
    citation nct_ids rating evidence_status evidence_id variant_origin last_review_date evidence_civic_url
    molecular_profile_civic_url is_flagged
""".split()  # noqa: SIM905 - a list of words reads better so


def evidence(number: int, profile: str, therapies: str, significance: str, **changes: str) -> str:
    """One row of the evidence file; `changes` replace columns."""
    row = dict.fromkeys(_EVIDENCE_HEADER, "") | {
        "molecular_profile": profile,
        "disease": "Melanoma",
        "doid": "1909",
        "citation": f"Author et al., {2000 + number}",
        "rating": "4",
        "evidence_civic_url": f"https://civic.example/{number}",
        "therapies": therapies,
        "evidence_type": "Predictive",
        "evidence_direction": "Supports",
        "evidence_level": "B",
        "significance": significance,
        "evidence_statement": 'Free text with "one quote and, commas',
        "citation_id": f"10{number}",
        "source_type": "PubMed",
        "evidence_status": "accepted",
        "evidence_id": str(number),
        "is_flagged": "false",
    }
    return "\t".join({**row, **changes}[name] for name in _EVIDENCE_HEADER)


_TOGETHER = {"therapy_interaction_type": "Combination"}
_EITHER = {"therapy_interaction_type": "Substitutes"}
_TWO = "MEK Inhibitor Trametinib-1,Trametinib"
_UNNUMBERED = {"disease": "Solid Tumor", "doid": "", "rating": ""}
_MEETING = {"disease": "", "doid": "", "source_type": "ASCO", "citation": ""}


def civic() -> str:
    """Evidence rows: five usable ones, and one for every reason to leave one out."""
    return "\n".join(
        [
            "\t".join(_EVIDENCE_HEADER),
            evidence(1, "MAP2K1 P124S", "Selumetinib", "Resistance"),
            evidence(2, "BCR::ABL1 Fusion AND ABL1 T315I", "Imatinib Mesylate", "Resistance"),
            evidence(3, "BRAF V600E OR KRAS G12D", _TWO, "Sensitivity/Response", **_UNNUMBERED),
            evidence(4, "BRAF V600E", "Trametinib,Dabrafenib", "Reduced Sensitivity", **_TOGETHER),
            evidence(5, "EML4::ALK Fusion", "Crizotinib,Imatinib", "Sensitivity/Response", **_EITHER, **_MEETING),
            evidence(6, "BRAF V600E", "Trametinib", "Resistance", evidence_direction="Does Not Support"),
            evidence(7, "BRAF V600E", "Trametinib", "Resistance", is_flagged="true"),
            evidence(8, "BRAF V600E", "Trametinib", "Resistance", evidence_status="submitted"),
            evidence(9, "BRAF V600E", "", "Poor Outcome", evidence_type="Prognostic"),
            evidence(10, "KRAS Wildtype", "Trametinib", "Sensitivity/Response"),
            evidence(11, "BRAF V600E AND KRAS G12D", "Trametinib", "Resistance"),
            evidence(12, "TMB High", "Trametinib", "Resistance"),
            evidence(13, "BRAF V600E", "Trametinib", "Adverse Response"),
        ]
    ) + "\n"  # fmt: skip


_INTERACTIONS = (  # gene, HGNC, Entrez, drug as claimed, concept, drug, source, types, PubMed ids
    ("MAP2K1", "6840", "5604", "GSK-1", "chembl:CHEMBL2103875", "GSK-1", "ChemblInteractions", "inhibitor", "5,3"),
    ("MAP2K1", "6840", "5604", "X", "", "Trametinib", "TTD", "Allosteric Modulator,inhibitor", ""),
    ("ABL1", "76", "25", "Imatinib Mesylate", "rxcui:1", "IMATINIB", "ChemblInteractions", "inhibitor", "22,1"),
    ("ABL1", "76", "25", "STI571", "", "Imatinib", "TTD", "antagonist", "7"),
    ("ALK", "427", "238", "Crizotinib", "", "", "TALC", "inhibitor", ""),
    ("BRAF", "1097", "673", "Imatinib", "", "Imatinib", "CIViC", "inhibitor", ""),
    ("EGFR", "3236", "1956", "Imatinib", "", "Imatinib", "TTD", "", ""),
    ("MAP2K2", "6842", "5605", "Trametinib", "", "Trametinib", "TTD", "", "9"),
    ("KRAS", "6407", "3845", "Imatinib", "", "Imatinib", "TTD", "inducer", ""),
    ("KRAS", "6407", "3845", "Selumetinib", "", "Selumetinib", "TTD", "inhibitor", ""),
    ("", "", "", "Imatinib", "", "Imatinib", "TTD", "inhibitor", ""),
    ("BRAF", "1097", "673", "Aspirin", "", "Aspirin", "TTD", "inhibitor", ""),
)
_NEWEST = (
    "gene_claim_name gene_concept_id gene_name drug_claim_name drug_concept_id drug_name drug_is_approved "
    "interaction_source_db_name interaction_source_db_version {types} interaction_score"
)
_OLDER = (
    "gene_name gene_claim_name entrez_id interaction_claim_source interaction_types drug_claim_name "
    "drug_claim_primary_name drug_name drug_concept_id interaction_group_score PMIDs"
)


def interactions(layout: str = "interaction_types") -> str:
    """Drug-gene interactions in version 5 (the layout names its column of types) or in the layout of version 4."""
    rows = []
    for gene, hgnc, entrez, claimed, concept, drug, source, types, pmids in _INTERACTIONS:
        if layout == "version 4":
            rows.append([gene, f"{gene}!", entrez, source, types, claimed, claimed, drug, concept, "0.1", pmids])
        else:
            number = f"hgnc:{hgnc}" if hgnc else ""
            row = [f"{gene}!", number, gene, claimed, concept, drug, "TRUE", source, "1", types, "0.1"]
            rows.append([cell or "NULL" for cell in row])
    header = _OLDER if layout == "version 4" else _NEWEST.format(types=layout)
    above = "# exported\n# by DGIdb\n" if layout == "interaction_types" else ""
    return above + "\n".join("\t".join(cells) for cells in (header.split(), *rows)) + "\n"


FILES: dict[str, str] = {
    RESPONSE: response(),
    COMPOUNDS: (
        "DRUG_ID,SCREENING_SITE,DRUG_NAME,SYNONYMS,TARGET,TARGET_PATHWAY\n"
        '1372,,Trametinib,"GSK1120212, Mekinist","MEK1, MEK2",ERK MAPK signaling\n'
        '1062,,Selumetinib,"AZD6244, AZD-6244","MEK1, MEK2",ERK MAPK signaling\n'
        '1736,,Selumetinib,"SN1, AZD1480","MEK1, MEK2",ERK MAPK signaling\n'
        "1432,,AZD1480,-,JAK2,Other\n"
        "1908,,Ulixertinib,BVD-523,ERK1,ERK MAPK signaling\n"
        "1083,,Crizotinib,2,ALK,RTK signaling\n"
    ),
    TARGETS: (
        "DRUG_ID,DRUG_NAME,GENE_TARGET,PUBCHEM,CHEMBL,SMILES\n"
        '1372,Trametinib,"MAP2K1,MAP2K2",11707110,CHEMBL2103875,\n'
        "1062,Selumetinib,MAP2K1;MAP2K2,none,none,\n"
        '1736,Selumetinib,"MAP2K1, RTK","57379345, 67973512",SCHEMBL1,\n'
        "1432,AZD1480,JAK2,several,none,\n"
        "1083,Crizotinib,,,,\n"
        "1908,Ulixertinib,KRAS,11719003,CHEMBL3590106,\n"
    ),
    FEATURES: (
        "COSMIC_ID,TISSUE_FACTOR,MSI_FACTOR,BRAF_mut,KRAS_mut,MLL_mut,BCR-ABL_mut,EWSR1-FLI1_mut,EWSR1-X_mut,gain_cna1\n"
        "1001,skin,0,1,0,0,0,1,0,0\n"
        "1003,skin,0,0,1,1,1,0,1,1\n"
        "1002,skin,0,0,1,0,0,0,0,1\n"
        "7777,skin,0,0,1,0,0,0,0,1\n"
    ),
    EXPRESSION: (
        ",BRAF (673),CYR61 (0),CCN1 (3491),OLDKRAS (3845),EGFR (1956)\n"
        "ACH-000001,0.5,9.0,-1.5,0.25,1\n"
        "ACH-000003,0.1,9.0,0.2,0.3,0.4\n"
        "ACH-000002,-0.5,9.0,1.5,,-1\n"
        "ACH-000009,0,0,0,0,0\n"
    ),
    MODEL: (
        "ModelID,PatientID,CellLineName,SangerModelID,GrowthPattern,COSMICID,OncotreePrimaryDisease\n"
        "ACH-000001,P1,L-1,SIDM00001,Adherent,1001.0,Melanoma\n"
        "ACH-000002,P2,L-2,SIDM00002,Suspension,,Acute Myeloid Leukemia\n"
        "ACH-000009,P9,L-9,,Adherent,,Glioma\n"
    ),
    MODEL_LIST: (
        "model_id,model_name,tissue,cancer_type,COSMIC_ID,BROAD_ID,CCLE_ID,RRID\n"
        "SIDM00001,L-1,Skin,Melanoma,1001,ACH-000001,L1_SKIN,CVCL_1\n"
        "SIDM00002,L-2,Blood,Leukemia,1002;1003,ACH-000002;ACH-000003,L2_BLOOD,CVCL_2\n"
        "SIDM00003,L-3,,,,,,\n"
        "SIDM00004,L-4,Lung,Carcinoma,1009,,,\n"
    ),
    GMT: (
        "2-LTR circle formation\tR-HSA-164843\tBRAF\tKRAS\tgag-pol\nSignaling by KRAS\tR-HSA-1\tKRAS\tMAP2K1\tKRAS\n"
    ),
    NAMES: (
        "R-BTA-73843\tSome cow pathway\tBos taurus\n"
        "R-HSA-164843\t2-LTR circle formation\tHomo sapiens\n"
        "R-HSA-1\tSignaling by KRAS\tHomo sapiens\n"
        "R-HSA-2\tSignal Transduction\tHomo sapiens\n"
        "R-HSA-3\tDisease\tHomo sapiens\n"
        "R-HSA-4\tcrizotinib-resistant ALK mutants\tHomo sapiens\n"
        "R-HSA-5\tResistance of EGFR KD mutants to gefitinib\tHomo sapiens\n"
        "R-HSA-6\tImatinib-resistant PDGFR mutants\tHomo sapiens\n"
        "R-HSA-7\tAPOBEC3G mediated resistance to HIV-1 infection\tHomo sapiens\n"
    ),
    HIERARCHY: "R-HSA-2\tR-HSA-1\nR-HSA-3\tR-HSA-2\nR-HSA-3\tR-HSA-4\nR-BTA-1\tR-BTA-2\nR-HSA-7\tR-HSA-6\n",
    CIVIC: civic(),
    DGIDB: interactions(),
    OMNIPATH: (
        "source\tinteraction\ttarget\n"
        "KRAS\t1\tBRAF\nBRAF\t1\tMAP2K1\nEGFR\t1\tKRAS\nEGFR\t-1\tKRAS\n"
        "KRAS\t1\tKRAS\nBRAF_KRAS\t1\tEGFR\nEGFR\t-1\tBRAF\nEGFR\t-1\tBRAF\n"
    ),
    COLLECTRI: (
        '"source","target","weight"\n"KMT2A","EGFR",1\n"KMT2A","CYR61",-1\n"AP1","EGFR",1\n"hsa-miR-21","KRAS",-1\n'
    ),
    WIKIPATHWAYS: (
        "Half of 100% RAS%WikiPathways_20230410%WP10%Homo sapiens\thttps://w/WP10\t3845\t673\t673\t999999\r\n"
        "EGFR alone %WikiPathways_20230410%WP2%Homo sapiens\thttps://w/WP2\t1956\r\n"
        "Of the cow%WikiPathways_20230410%WP3%Bos taurus\thttps://w/WP3\t1\r\n"
        "Empty%WikiPathways_20230410%WP4%Homo sapiens\thttps://w/WP4\r\n"
    ),
    HALLMARK: "HALLMARK_KRAS_SIGNALING_UP\tHALLMARK\tKRAS\tCYR61\tKRAS\tNO-GENE\n",
    CANONICAL: (
        "PID_RAS_PATHWAY\thttps://m\tKRAS\tBRAF\nREACTOME_RAS\thttps://m\tKRAS\nWP_RAS\thttps://m\tKRAS\n"
        "KEGG_RAS\thttps://m\tKRAS\nBIOCARTA_RAS\thttps://m\tKRAS\nNABA_EMPTY\thttps://m\n"
    ),
    SIGNATURES: (
        "A_SELUMETINIB_RESISTANCE_B_ALL_DN\tC2\tEGFR\tKRAS\nA_SELUMETINIB_RESISTANCE_B_ALL_UP\tC2\tBRAF\n"
        "B_TRAMETINIB_SENSITIVE_VS_RESISTANT_UP\tC2\tJAK2\nC_RESISTANCE_TO_GEFITINIB\tC2\tEGFR\n"
        "D_ENDOCRINE_THERAPY_RESISTANCE_1\tC2\tBRAF\nE_RESPONSE_TO_TRAMETINIB_UP\tC2\tBRAF\n"
    ),
    COMPOUND_LIST: (
        "screen,dose,Drug.Name,repurposing_target,MOA,IDs,Synonyms\n"
        'REP.PRIMARY,2.5,TRAMETINIB,"MAP2K1, MAP2K2, EGFR",MEK INHIBITOR,BRD:BRD-1,\n'
        'REP.1M,2.5,IMATINIB-MESYLATE,"ABL1, NO-GENE","ABL INHIBITOR, KIT INHIBITOR",BRD:BRD-2,\n'
        "REP.1M,2.5,ASPIRIN,EGFR,CYCLOOXYGENASE INHIBITOR,BRD:BRD-3,\n"
        "REP.1M,2.5,GEFITINIB,,,BRD:BRD-4,\nREP.1M,2.5,,KRAS,RAS INHIBITOR,BRD:BRD-5,\n"
    ),
    TREATMENTS: (
        "column_name,broad_id,name,dose,screen_id,moa,target,disease.area,indication,smiles,phase\n"
        "BRD-2::1::HTS002,BRD-2,imatinib,1,HTS002,ABL inhibitor,BRAF,oncology,leukemia,C,Launched\n"
        "BRD-2::2::HTS002,BRD-2,imatinib,2,HTS002,ABL inhibitor,BRAF,oncology,leukemia,C,Launched\n"
    ),
    GENES: (
        "gene_id,cosmic_gene_symbol,ensembl_gene_id,entrez_id,hgnc_id,hgnc_symbol,refseq_id,uniprot_id\n"
        "S1,BRAF,ENSG00000157764,673.0,HGNC:1097,BRAF,NM_004333,P15056\n"
        "S2,KRAS,ENSG00000133703,3845.0,HGNC:6407,KRAS,,P01116\n"
        "S3,,,1956.0,HGNC:3236,EGFR,,\n"
        "S4,,,5604.0,HGNC:6840,MAP2K1,,\n"
        "S5,,,5605.0,HGNC:6842,MAP2K2,,\n"
        "S6,,,3717.0,HGNC:6192,JAK2,,\n"
        "S7,,,4297.0,HGNC:7132,KMT2A,,\n"
        "S8,,,25.0,HGNC:76,ABL1,,\n"
        "S9,,,613.0,HGNC:1014,BCR,,\n"
        "S10,,,238.0,HGNC:427,ALK,,\n"
        "S11,,,3491.0,HGNC:2654,CYR61,,\n"
        "S12,,,2130.0,HGNC:3508,EWSR1,,\n"
    ),
    SYMBOLS: "Approved symbol\tNCBI Gene ID(supplied by NCBI)\nCCN1\t3491\nBRAF\t673\nEML4\t27436\n",
}


def write_slices(folder: Path, changes: dict[str, str | bytes | None] | None = None, packed: bool = False) -> Path:
    """Write all files below `folder`; `changes` replace a file's content, None leaves it out."""
    for name, text in {**FILES, **(changes or {})}.items():
        if text is None:
            continue
        path = folder / (name + ".gz" if packed else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(content) if packed else content)
    return folder
