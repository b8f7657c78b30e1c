"""Knowledge: what the providers' files say. It can be rebuilt from them at any time."""

from __future__ import annotations

from pathproof.graph_schema.kinds import DIRECTIONS, ID, NODE_CORE, SIGN, EdgeKind, NodeKind, Property
from pathproof.graph_schema.screens import RANGE_FLAGS, SCREENS

_LEVEL = Property(
    "evidence_level",
    "str",
    "CIViC level: A validated, B clinical, C case study, D preclinical, E inferential",
    required=True,
    allowed=("A", "B", "C", "D", "E"),
)
_SIGNIFICANCE = Property("significance", "str", "as the source writes it", required=True)
_PROFILE = Property("molecular_profile", "str", "the alteration, as the source writes it", required=True)
_DISEASE = Property("disease", "str", "disease, as the source writes it")
_COMBINATION = Property("combination", "bool", "the evidence is about a combination of therapies", required=True)

KNOWLEDGE_NODES = (
    NodeKind(
        "Gene",
        "a human gene; id hgnc:<number>",
        (
            *NODE_CORE,
            Property("symbol", "str", "approved symbol", required=True),
            Property("entrez", "str", "NCBI Gene id"),
            Property("ensembl", "str", "Ensembl gene id"),
            Property("uniprot", "str", "UniProt accession"),
            Property("aliases", "list[str]", "other names that mean no other gene: previous symbols and aliases"),
        ),
        "symbol",
        "biolink:Gene",
        ("hgnc",),
    ),
    NodeKind(
        "Drug",
        "a compound of a screen (id gdsc.drug:<DRUG_ID>, ccle.drug:<name>) or a therapy that only the literature names "
        "(civic.therapy:…)",
        (
            *NODE_CORE,
            Property("name", "str", "name as the source writes it", required=True),
            Property("synonyms", "list[str]", "other names"),
            Property("target_pathway", "str", "target pathway class of GDSC"),
            Property("pubchem", "str", "PubChem compound id"),
            Property("chembl", "str", "ChEMBL id"),
            Property("mechanisms", "list[str]", "mechanisms of action, as PRISM gives them, in lower case"),
            Property("phase", "str", "clinical phase, as PRISM gives it"),
        ),
        "name",
        "biolink:Drug",
        ("gdsc", "gdsc1", "ccle", "civic", "reactome"),
    ),
    NodeKind(
        "Pathway",
        "a curated pathway; id reactome:R-HSA-<number>, or wikipathways:WP<number>",
        (
            *NODE_CORE,
            Property("name", "str", "name", required=True),
            Property(
                "n_genes", "int", "member genes after mapping; 0 for a pathway without a gene set", required=True, low=0
            ),
        ),
        "name",
        "biolink:Pathway",
        ("reactome", "wikipathways"),
    ),
    NodeKind(
        "GeneSet",
        "a list of genes under a name: a state, a curated list, or what an experiment found; id msigdb:<name>",
        (
            *NODE_CORE,
            Property("name", "str", "name", required=True),
            Property(
                "collection",
                "str",
                "the part of the source: resistance is published signatures of drug resistance",
                required=True,
                allowed=("hallmark", "canonical", "resistance"),
            ),
            Property("n_genes", "int", "member genes after mapping", required=True, low=0),
        ),
        "name",
        sources=("msigdb",),
    ),
    NodeKind(
        "CellLine",
        "a cancer cell line; id sidm:SIDM<number>",
        (
            *NODE_CORE,
            Property("name", "str", "name", required=True),
            Property("tissue", "str", "tissue of origin"),
            Property("cancer_type", "str", "cancer type"),
        ),
        "name",
        "biolink:CellLine",
        ("cell_lines",),
    ),
    NodeKind(
        "Disease",
        "a disease of the evidence; id doid:<number>, or civic.disease:<name> where the source gives no id",
        (*NODE_CORE, Property("name", "str", "name as the source writes it", required=True)),
        "name",
        "biolink:Disease",
        ("civic",),
    ),
    NodeKind(
        "EvidenceItem",
        "one accepted statement about an alteration and the response to a therapy; id civic.eid:<number>",
        (
            *NODE_CORE,
            Property("name", "str", "short name, e.g. EID1409", required=True),
            Property("direction", "str", "what the alteration is said to confer", required=True, allowed=DIRECTIONS),
            Property("supports", "bool", "false: found not to hold, which says nothing of the opposite", required=True),
            _LEVEL,
            _SIGNIFICANCE,
            _PROFILE,
            _DISEASE,
            _COMBINATION,
            Property("rating", "int", "CIViC's trust rating, 1 to 5 stars", low=1, high=5),
            Property("statement", "str", "the statement in the source's words"),
            Property("citation", "str", "author and year, as the source writes it"),
            Property("url", "str", "page of the item at the source"),
        ),
        "name",
        "biolink:InformationContentEntity",
        ("civic",),
    ),
    NodeKind(
        "Publication",
        "what an evidence item rests on; id pubmed:<number>, or asco:/ash:<number> of an abstract",
        (*NODE_CORE, Property("name", "str", "author and year, else the id", required=True)),
        "name",
        "biolink:Publication",
        ("civic",),
    ),
    NodeKind(
        "KnowledgeSource",
        "where facts come from; id source:<name>",
        (
            ID,
            Property("name", "str", "name", required=True),
            Property("release", "str", "release", required=True),
            Property("licence", "str", "licence", required=True),
            Property("sha256", "str", "hash of the file that was read", required=True),
        ),
        "name",
        "biolink:InformationResource",
    ),
)

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
                _LEVEL,
                _PROFILE,
                _DISEASE,
                _SIGNIFICANCE,
                _COMBINATION,
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
