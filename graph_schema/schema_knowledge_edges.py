"""The relationships of the knowledge: what the providers' files say of its nodes."""

from __future__ import annotations

from pathproof.graph_schema.kinds import DIRECTIONS, SIGN, EdgeKind, Property
from pathproof.graph_schema.schema_knowledge_nodes import COMBINATION, DISEASE, LEVEL, PROFILE, SIGNIFICANCE
from pathproof.graph_schema.screens import RANGE_FLAGS, SCREENS

KNOWLEDGE_EDGES = (
    EdgeKind(
        "PARTICIPATES_IN",
        ("Gene",),
        ("Pathway",),
        "the gene is a member of the pathway",
        "biolink:participates_in",
        sources=("reactome", "wikipathways"),
    ),
    EdgeKind(
        "IN_GENE_SET",
        ("Gene",),
        ("GeneSet",),
        "the gene is a member of the gene set",
        "biolink:member_of",
        sources=("msigdb",),
    ),
    EdgeKind(
        "SIGNATURE_OF_RESISTANCE_TO",
        ("GeneSet",),
        ("Drug",),
        "the genes are expressed otherwise in cells that resist the drug, in one published experiment",
        "biolink:related_to",
        (
            Property(
                "expression",
                "str",
                "of the genes in resistant cells; absent where the set's name does not say",
                allowed=("higher", "lower"),
            ),
        ),
        ("msigdb",),
    ),
    EdgeKind(
        "PART_OF",
        ("Pathway",),
        ("Pathway",),
        "the pathway is a part of the wider one",
        "biolink:part_of",
        sources=("reactome",),
    ),
    EdgeKind(
        "TARGETS",
        ("Drug",),
        ("Gene",),
        "the gene's product is a direct target of the drug",
        "biolink:affects",
        (
            Property(
                "actions", "list[str]", "what the drug does to it, e.g. inhibitor, as DGIdb gives it; may be empty"
            ),
            Property("actions_source", "str", "who gives the actions", refers_to="KnowledgeSource"),
        ),
        ("gdsc.targets", "dgidb", "ccle", "prism"),
    ),
    EdgeKind(
        "AFFECTS",
        ("Gene",),
        ("Gene",),
        "signed, directed interaction of the genes' proteins",
        "biolink:affects",
        (SIGN,),
        ("omnipath",),
    ),
    EdgeKind(
        "REGULATES",
        ("Gene",),
        ("Gene",),
        "a transcription factor regulates the gene",
        "biolink:regulates",
        (SIGN,),
        ("collectri",),
    ),
    *(
        EdgeKind(
            f"CONFERS_{what.upper()}_TO",
            ("Gene",),
            ("Drug",),
            f"an accepted evidence item: an alteration of the gene predicts {what}",
            f"biolink:associated_with_{what}_to",
            (
                Property("evidence_item", "str", "id of the EvidenceItem that says so", True, refers_to="EvidenceItem"),
                LEVEL,
                PROFILE,
                DISEASE,
                SIGNIFICANCE,
                COMBINATION,
            ),
            ("civic",),
        )
        for what in DIRECTIONS
    ),
    EdgeKind(
        "DESCRIBES_RESISTANCE_TO",
        ("Pathway",),
        ("Drug",),
        "a curated pathway about resistance of a mutant gene to the drug",
        "biolink:related_to",
        (Property("gene", "str", "id of the mutant Gene in the pathway's name", True, refers_to="Gene"),),
        ("reactome",),
    ),
    *(
        EdgeKind(type_, ("EvidenceItem",), (label,), f"the evidence item {says}", predicate, sources=("civic",))
        for type_, label, says, predicate in (
            ("ABOUT_GENE", "Gene", "is about an alteration of the gene", "biolink:mentions"),
            ("ABOUT_DRUG", "Drug", "is about the response to the drug", "biolink:mentions"),
            ("ABOUT_DISEASE", "Disease", "was found in the disease", "biolink:mentions"),
            ("CITES", "Publication", "rests on the publication", "biolink:related_to"),
        )
    ),
    EdgeKind(
        "HAS_MUTATION_IN",
        ("CellLine",),
        ("Gene",),
        "a driver mutation of the gene was called in the cell line",
        "biolink:related_to",
        sources=("gdsc.mutations",),
    ),
    EdgeKind(
        "RESPONDS_TO",
        ("CellLine",),
        ("Drug",),
        "the cell line was screened with the drug",
        "biolink:related_to",
        (
            Property("screen", "str", "the drug screen", True, allowed=tuple(SCREENS.values())),
            Property("ln_ic50", "float", "natural log of the fitted half-maximal concentration", True, "ln uM"),
            Property("auc", "float", "area under the fitted curve; 1 is no effect; none in CCLE", unit="fraction"),
            Property("act_area", "float", "activity area of CCLE; 0 is no effect", unit="doses", low=0),
            Property("max_conc", "float", "highest concentration that was tested", unit="uM", low=0),
            Property("rmse", "float", "root mean squared error of the curve fit", unit="viability", low=0),
            Property(
                "out_of_range",
                "str",
                "where the IC50 lies: within the tested concentrations, or at or beyond the highest or lowest",
                required=True,
                allowed=RANGE_FLAGS,
            ),
        ),
        ("gdsc", "gdsc1", "ccle"),
    ),
)
