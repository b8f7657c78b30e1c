"""The nodes of the knowledge: what the providers' files are about. It can be rebuilt from them at any time."""

from __future__ import annotations

from pathproof.graph_schema.kinds import DIRECTIONS, ID, NODE_CORE, NodeKind, Property

LEVEL = Property(
    "evidence_level",
    "str",
    "CIViC level: A validated, B clinical, C case study, D preclinical, E inferential",
    required=True,
    allowed=("A", "B", "C", "D", "E"),
)
SIGNIFICANCE = Property("significance", "str", "as the source writes it", required=True)
PROFILE = Property("molecular_profile", "str", "the alteration, as the source writes it", required=True)
DISEASE = Property("disease", "str", "disease, as the source writes it")
COMBINATION = Property("combination", "bool", "the evidence is about a combination of therapies", required=True)

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
            Property(
                "molecule",
                "str",
                "the first drug of the same molecule (of several screens, sites or names); its own id if alone",
                refers_to="Drug",
            ),
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
            LEVEL,
            SIGNIFICANCE,
            PROFILE,
            DISEASE,
            COMBINATION,
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
