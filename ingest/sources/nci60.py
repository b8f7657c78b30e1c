"""NCI-60: the expression of the whole transcriptome in 60 cell lines.

Reference: Shoemaker 2006, doi:10.1038/nrc1951.
"""

from __future__ import annotations

from pathproof.ingest.sources.base import Column, Source

EXPRESSION = Source(
    name="nci60.expression",
    title="NCI-60 expression matrix",
    gives="expression of 23,059 genes in the NCI-60 lines, a layer of its own",
    files=("nci60/OmicsExpressionLog2_nci60.csv", "nci60/OmicsExpressionLog2_*.csv"),
    rows=57,
    cells=Column("SYMBOL (ENTREZ)", "float", "expression", low=-10.0, high=25.0, unit="log2"),
    licence="none stated",
    terms="the provider states no licence: name the source, and ask before passing it on",
    citation="Shoemaker 2006, doi:10.1038/nrc1951",
    get_from="CellMiner, https://discover.nci.nih.gov/cellminer/ (rows made ACH ids, columns SYMBOL (ENTREZ))",
    optional=True,
    knowledge_level="observation",
    agent_type="data_analysis_pipeline",
)
