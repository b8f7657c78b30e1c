"""What the graph holds: node and relationship kinds as typed records.

Labels are Biolink's, one per node; `id` is a CURIE and unique per label. Every knowledge edge has
the five properties of :data:`EDGE_CORE` besides its own. The constraints, the checks at load and
the docs come from these records.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Property:
    """One property: its type ("str", "int", "float", "bool", or a list of one of them) and meaning."""

    name: str
    type: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class NodeKind:
    """A node label with its properties; `lookup` is what people type and is indexed."""

    label: str
    meaning: str
    properties: tuple[Property, ...] = ()
    lookup: str | None = None


@dataclass(frozen=True)
class EdgeKind:
    """A relationship type with its possible ends, Biolink predicate and properties."""

    type: str
    start: tuple[str, ...]
    end: tuple[str, ...]
    meaning: str
    predicate: str | None = None
    properties: tuple[Property, ...] = field(default=())


_ID = Property("id", "str", "CURIE or content hash, unique per label", required=True)
EDGE_CORE = (
    Property("id", "str", "stable id: a hash of type, ends and source, or the source's own id", required=True),
    Property("predicate", "str", "Biolink predicate", required=True),
    Property("primary_knowledge_source", "str", "id of the KnowledgeSource", required=True),
    Property("knowledge_level", "str", "Biolink knowledge level, e.g. knowledge_assertion", required=True),
    Property("publications", "list[str]", "CURIEs, e.g. pubmed:15146165; empty when the source gives none"),
    Property("dataset_version", "str", "release of the source", required=True),
)
_SIGN = Property("sign", "int", "+1 activates, -1 inhibits", required=True)

KNOWLEDGE_NODES = (
    NodeKind(
        "Gene",
        "a human gene; id hgnc:<number>",
        (
            _ID,
            Property("symbol", "str", "approved symbol", required=True),
            Property("entrez", "str", "NCBI Gene id"),
            Property("ensembl", "str", "Ensembl gene id"),
            Property("uniprot", "str", "UniProt accession"),
        ),
        "symbol",
    ),
    NodeKind(
        "Drug",
        "a screened compound (id gdsc.drug:<DRUG_ID>) or a therapy that only the literature names (civic.therapy:…)",
        (
            _ID,
            Property("name", "str", "name as the source writes it", required=True),
            Property("synonyms", "list[str]", "other names"),
            Property("target_pathway", "str", "target pathway class of GDSC"),
            Property("pubchem", "str", "PubChem compound id"),
            Property("chembl", "str", "ChEMBL id"),
        ),
        "name",
    ),
    NodeKind(
        "Pathway",
        "a curated pathway; id reactome:R-HSA-<number>",
        (
            _ID,
            Property("name", "str", "name", required=True),
            Property("n_genes", "int", "member genes after mapping; 0 for a pathway without a gene set", required=True),
        ),
        "name",
    ),
    NodeKind(
        "CellLine",
        "a cancer cell line; id sidm:SIDM<number>",
        (
            _ID,
            Property("name", "str", "name", required=True),
            Property("tissue", "str", "tissue of origin"),
            Property("cancer_type", "str", "cancer type"),
        ),
        "name",
    ),
    NodeKind(
        "KnowledgeSource",
        "where facts come from; id source:<name>",
        (
            _ID,
            Property("name", "str", "name", required=True),
            Property("release", "str", "release", required=True),
            Property("licence", "str", "licence", required=True),
            Property("sha256", "str", "hash of the file that was read", required=True),
        ),
        "name",
    ),
)

KNOWLEDGE_EDGES = (
    EdgeKind(
        "PARTICIPATES_IN", ("Gene",), ("Pathway",), "the gene is a member of the pathway", "biolink:participates_in"
    ),
    EdgeKind("PART_OF", ("Pathway",), ("Pathway",), "the pathway is a part of the wider one", "biolink:part_of"),
    EdgeKind("TARGETS", ("Drug",), ("Gene",), "the gene's product is a direct target of the drug", "biolink:affects"),
    EdgeKind(
        "AFFECTS",
        ("Gene",),
        ("Gene",),
        "signed, directed interaction of proteins (OmniPath)",
        "biolink:affects",
        (_SIGN,),
    ),
    EdgeKind(
        "REGULATES",
        ("Gene",),
        ("Gene",),
        "a transcription factor regulates the gene (CollecTRI)",
        "biolink:regulates",
        (_SIGN,),
    ),
    *(
        EdgeKind(
            f"CONFERS_{what.upper()}_TO",
            ("Gene",),
            ("Drug",),
            f"an accepted evidence item: an alteration of the gene predicts {what}",
            "biolink:associated_with",
            (
                Property("evidence_level", "str", "CIViC level A (validated) to E (inferential)", required=True),
                Property("molecular_profile", "str", "the alteration, as the source writes it", required=True),
                Property("disease", "str", "disease, as the source writes it"),
                Property("significance", "str", "as the source writes it", required=True),
                Property("combination", "bool", "the evidence is about a combination of therapies", required=True),
            ),
        )
        for what in ("resistance", "sensitivity")
    ),
    EdgeKind(
        "DESCRIBES_RESISTANCE_TO",
        ("Pathway",),
        ("Drug",),
        "a curated pathway about resistance of a mutant gene to the drug",
        "biolink:related_to",
        (Property("gene", "str", "id of the mutant Gene in the pathway's name", required=True),),
    ),
)

_CLAIM_PROPERTIES = (
    _ID,
    Property("key", "str", "gene symbol, A|B, A|B|C or pathway id", required=True),
    Property("value", "float", "signed attribution", required=True),
    Property("sign", "str", "resistance or sensitivity"),
    Property("rank", "int", "1 is the strongest of its kind in the explanation", required=True),
    Property("confidence", "float", "0 to 1, formed without any reference"),
    Property("selection_frequency", "float", "share of ensemble members that select the claim"),
    Property("sign_consistency", "float", "share of ensemble members that agree on the sign"),
    Property("sd", "float", "standard deviation of value over members"),
    Property("effect", "float", "effect of perturbing the features on the model, ln IC50 (uM)"),
    Property("effect_sd", "float", "standard deviation of effect over members"),
    Property("confirmed", "bool", "the model shows the effect"),
    Property("reason", "str", "why it was not confirmed"),
    Property("edges", "list[str]", "ids of the knowledge edges that the claim rests on"),
    Property("sources", "list[str]", "sources that the claim rests on beyond its explanation's"),
)
CLAIM_LABELS = {
    "gene": "GeneClaim",
    "interaction": "InteractionClaim",
    "module": "ModuleClaim",
    "pathway": "PathwayClaim",
}

EXPLANATION_NODES = (
    NodeKind(
        "Model",
        "a trained predictor",
        (
            _ID,
            Property("name", "str", "name", required=True),
            Property("universe", "list[str]", "symbols of the genes that the model could name"),
            Property("sources", "list[str]", "knowledge sources that entered the model"),
        ),
        "name",
    ),
    NodeKind(
        "Explanation",
        "one explainer's account of one drug",
        (
            _ID,
            Property("explainer", "str", "explainer", required=True),
            Property("version", "str", "its version", required=True),
            Property("screen", "str", "drug screen", required=True),
            Property("drug_name", "str", "drug", required=True),
            Property("scope", "str", "drug, cohort or cell_line", required=True),
            Property("seed", "int", "seed", required=True),
            Property("fidelity", "float", "R2 against the model on unseen lines"),
            Property("stability", "float", "top-k Jaccard over seeds"),
            Property("data_stability", "float", "top-k Jaccard over samples of lines"),
            Property("record", "str", "the whole record as strict JSON", required=True),
        ),
        "explainer",
    ),
    *(NodeKind(label, f"a claim about a {kind}", _CLAIM_PROPERTIES, "key") for kind, label in CLAIM_LABELS.items()),
    NodeKind(
        "ValidationRun",
        "one run of the validation",
        (
            _ID,
            Property("status", "str", "PASS, FAIL or INCONCLUSIVE", required=True),
            Property("report_sha256", "str", "hash of report.json without its run block", required=True),
        ),
        "status",
    ),
)

EXPLANATION_EDGES = (
    EdgeKind("EXPLAINS", ("Explanation",), ("Drug",), "the explanation is about the drug"),
    EdgeKind("OF_MODEL", ("Explanation",), ("Model",), "the explanation is of the model"),
    EdgeKind("HAS_CLAIM", ("Explanation",), tuple(CLAIM_LABELS.values()), "the explanation makes the claim"),
    EdgeKind(
        "CLAIMS_GENE",
        tuple(CLAIM_LABELS.values()),
        ("Gene",),
        "the claim names the gene",
        properties=(
            Property("weight", "float", "signed attribution"),
            Property("layer", "str", "expression or mutation"),
        ),
    ),
    EdgeKind("CLAIMS_PATHWAY", ("PathwayClaim",), ("Pathway",), "the claim names the pathway"),
    EdgeKind(
        "JUDGED",
        ("ValidationRun",),
        tuple(CLAIM_LABELS.values()),
        "the verdict of each reference on the claim",
        properties=(
            Property("supported_by", "list[str]", "references that hold the claim"),
            Property("contradicted_by", "list[str]", "references that hold it with the opposite sign"),
            Property("novel_in", "list[str]", "references that could hold it and do not"),
            Property("evidence", "list[str]", "ids of the knowledge edges behind the support or contradiction"),
        ),
    ),
)

STORE_NODES = (
    NodeKind(
        "Dataset",
        "what was loaded into this graph; one node, id dataset:knowledge",
        (
            _ID,
            Property("key", "str", "key of the manifest that was loaded", required=True),
            Property("complete", "bool", "the load ended and the counts were right", required=True),
        ),
    ),
)

NODES = KNOWLEDGE_NODES + EXPLANATION_NODES + STORE_NODES
EDGES = KNOWLEDGE_EDGES + EXPLANATION_EDGES
NODE_BY_LABEL = {kind.label: kind for kind in NODES}
EDGE_BY_TYPE = {kind.type: kind for kind in EDGES}
