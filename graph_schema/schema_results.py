"""Results: explanations, the models that they explain, and what validation says of them."""

from __future__ import annotations

from pathproof.graph_schema.kinds import DIRECTIONS, ID, NODE_CORE, EdgeKind, NodeKind, Property


def _share(name: str, meaning: str) -> Property:
    return Property(name, "float", meaning, unit="0 to 1", low=0.0, high=1.0)


_CLAIM_PROPERTIES = (
    *NODE_CORE,
    Property("key", "str", "gene symbol, A|B, A|B|C or pathway id", required=True),
    Property("value", "float", "signed attribution", required=True),
    Property("sign", "str", "what a higher value of the feature goes with", allowed=DIRECTIONS),
    Property("rank", "int", "1 is the strongest of its kind in the explanation", required=True, low=1),
    _share("confidence", "formed without any reference"),
    _share("selection_frequency", "share of ensemble members that select the claim"),
    _share("sign_consistency", "share of ensemble members that agree on the sign"),
    Property("sd", "float", "standard deviation of value over members", low=0),
    Property("effect", "float", "effect of perturbing the features on the model", unit="ln IC50 (uM)"),
    Property("effect_sd", "float", "standard deviation of effect over members", unit="ln IC50 (uM)", low=0),
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
    "rule": "RuleClaim",
}
CLAIMS = tuple(CLAIM_LABELS.values())
PATHED = tuple(label for kind, label in CLAIM_LABELS.items() if kind != "pathway")
"""Claims that can have mechanism paths: a pathway claim's genes are its members, not claimed one by one."""

RESULT_NODES = (
    NodeKind(
        "Model",
        "a trained predictor",
        (
            *NODE_CORE,
            Property("name", "str", "name", required=True),
            Property("universe", "list[str]", "symbols of the genes that the model could name"),
            Property("sources", "list[str]", "knowledge sources that entered the model"),
        ),
        "name",
        "biolink:InformationContentEntity",
    ),
    NodeKind(
        "Explanation",
        "one explainer's account of one drug",
        (
            *NODE_CORE,
            Property("explainer", "str", "explainer", required=True),
            Property("version", "str", "its version", required=True),
            Property("screen", "str", "drug screen", required=True),
            Property("drug_name", "str", "drug", required=True),
            Property("scope", "str", "what it is about", required=True, allowed=("drug", "cohort", "cell_line")),
            Property("seed", "int", "seed", required=True),
            Property("fidelity", "float", "R2 against the model on unseen lines", high=1.0),
            _share("stability", "top-k Jaccard over seeds"),
            _share("data_stability", "top-k Jaccard over samples of lines"),
            Property("knowledge", "str", "key of the knowledge that the paths of its claims were found in"),
            Property("path_rules", "int", "rules that they were found by; since 2 with their null_share", low=1),
            Property("record", "str", "the whole record as strict JSON", required=True),
        ),
        "explainer",
        "biolink:InformationContentEntity",
    ),
    *(
        NodeKind(label, f"a claim about a {kind}", _CLAIM_PROPERTIES, "key", "biolink:InformationContentEntity")
        for kind, label in CLAIM_LABELS.items()
    ),
    NodeKind(
        "MechanismPath",
        "a shortest signed path of the knowledge between a target of a drug and a claimed gene",
        (
            *NODE_CORE,
            Property("text", "str", "the path in words, e.g. BRAF -> MAP2K1 -| TP53", required=True),
            Property("target", "str", "symbol of the target", required=True),
            Property("gene", "str", "symbol of the claimed gene", required=True),
            Property(
                "direction",
                "str",
                "downstream: target to gene; upstream: gene to target; same: the gene is the target",
                required=True,
                allowed=("downstream", "upstream", "same"),
            ),
            Property("n_steps", "int", "relationships passed", required=True, low=0, high=3),
            Property("sign", "int", "product of the steps' signs", required=True, allowed=(1, -1)),
            Property("genes", "list[str]", "symbols in the direction of the arrows", required=True),
            Property("signs", "list[int]", "sign of each step", allowed=(1, -1)),
            Property("edges", "list[str]", "ids of the knowledge edges, in order"),
        ),
        "gene",
        "biolink:InformationContentEntity",
    ),
    NodeKind(
        "ValidationRun",
        "one run of the validation",
        (
            *NODE_CORE,
            Property("status", "str", "the verdict", required=True, allowed=("PASS", "FAIL", "INCONCLUSIVE")),
            Property("report_sha256", "str", "hash of report.json without its run block", required=True),
        ),
        "status",
        "biolink:InformationContentEntity",
    ),
)

_EVIDENCE = (
    Property("run", "str", "id of the ValidationRun that found it", required=True),
    Property("edges", "list[str]", "ids of the knowledge edges through which it holds"),
)
RESULT_EDGES = (
    EdgeKind("EXPLAINS", ("Explanation",), ("Drug",), "the explanation is about the drug", "biolink:mentions"),
    EdgeKind("OF_MODEL", ("Explanation",), ("Model",), "the explanation is of the model", "biolink:derives_from"),
    EdgeKind("HAS_CLAIM", ("Explanation",), CLAIMS, "the explanation makes the claim", "biolink:has_part"),
    EdgeKind(
        "CLAIMS_GENE",
        CLAIMS,
        ("Gene",),
        "the claim names the gene",
        "biolink:mentions",
        (
            Property("weight", "float", "signed attribution"),
            Property("layer", "str", "the feature that is meant", allowed=("expression", "mutation")),
        ),
    ),
    EdgeKind("CLAIMS_PATHWAY", ("PathwayClaim",), ("Pathway",), "the claim names the pathway", "biolink:mentions"),
    EdgeKind(
        "HAS_PATH",
        PATHED,
        ("MechanismPath",),
        "the path ties the claim to a target of the explanation's drug",
        "biolink:related_to",
        (
            _share(
                "null_share",
                "how ordinary such a path is: share of the other genes with about as many signed steps that reach a "
                "target of the drug in at most as many steps; for reading, in no confidence",
            ),
        ),
    ),
    EdgeKind(
        "PASSES",
        ("MechanismPath",),
        ("Gene",),
        "the path passes the gene",
        "biolink:mentions",
        (Property("position", "int", "0 for the first gene, in the direction of the arrows", required=True, low=0),),
    ),
    EdgeKind(
        "SUPPORTED_BY",
        CLAIMS,
        ("EvidenceItem",),
        "the evidence item says the same as the claim",
        "biolink:related_to",
        _EVIDENCE,
    ),
    EdgeKind(
        "CONTRADICTED_BY",
        CLAIMS,
        ("EvidenceItem",),
        "the evidence item says the opposite of the claim",
        "biolink:related_to",
        _EVIDENCE,
    ),
    EdgeKind(
        "JUDGED",
        ("ValidationRun",),
        CLAIMS,
        "the verdict of each reference on the claim",
        "biolink:related_to",
        (
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
            ID,
            Property("key", "str", "key of the manifest that was loaded", required=True),
            Property("complete", "bool", "the load ended and the counts were right", required=True),
        ),
        category="biolink:Dataset",
    ),
)
