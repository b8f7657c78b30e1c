"""The small graph with what the queries ask for besides: lines, disputes, one name in two spellings, results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from small_graph import Tables, drug, edge, gene, node, pathway, small_tables, write_workspace

from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Judgement, ModelRecord, Sign
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace

COMPUTED = {"knowledge_level": "observation", "agent_type": "data_analysis_pipeline"}
SCREENED = {"screen": "GDSC2", "out_of_range": "within", "max_conc": 10.0, "rmse": 0.05}
LINES = {
    "sidm:SIDM00002": ("HT-29", "Large Intestine", ("BRAF", "TP53"), -0.5),
    "sidm:SIDM00003": ("MDA-MB-231", "Breast", ("KRAS", "TP53"), 3.0),
    "sidm:SIDM00004": ("MCF7", "Breast", (), 4.0),
}
ALIASES = {"EGFR": ["ERBB1", "HER1"], "KRAS": ["shared"], "NF1": ["shared"]}
OTHER_ERLOTINIB = "gdsc.drug:1"
OTHER_A375 = "sidm:SIDM00005"
RAF = "RAF/MAP kinase cascade"


def tables() -> Tables:
    """The small graph, and more of it."""
    found = small_tables()
    nodes, edges = found["nodes"], found["edges"]
    for one in nodes["Gene"]:
        one["aliases"] = ALIASES.get(one["symbol"], [])
    for one in nodes["Drug"]:
        one["molecule"] = OTHER_ERLOTINIB if one["name"] == "Erlotinib" else one["id"]
    other = {"name": "ERLOTINIB", "synonyms": [], "pubchem": None, "molecule": OTHER_ERLOTINIB}
    nodes["Drug"].append(node("Drug", "gdsc", id=OTHER_ERLOTINIB, **other))
    edges["TARGETS"] += [
        edge("TARGETS", OTHER_ERLOTINIB, gene("EGFR"), "gdsc.targets", actions=[]),
        edge("TARGETS", drug("PLX-4720"), gene("KRAS"), "dgidb", actions=["inhibitor"], actions_source="source:dgidb"),
    ]
    nodes["CellLine"].append(node("CellLine", "cell_lines", id=OTHER_A375, name="A375", tissue="Kidney"))
    ccle = {**SCREENED, "screen": "CCLE", "ln_ic50": -1.0, "act_area": 3.5}
    edges["RESPONDS_TO"].append(edge("RESPONDS_TO", OTHER_A375, drug("Dabrafenib"), "gdsc", **ccle, **COMPUTED))
    for line, ln_ic50, auc in (("sidm:SIDM00001", 2.5, 0.95), (OTHER_A375, 1.5, 0.8)):
        values = {"ln_ic50": ln_ic50, "auc": auc, **SCREENED}
        edges["RESPONDS_TO"].append(edge("RESPONDS_TO", line, OTHER_ERLOTINIB, "gdsc", **values, **COMPUTED))
    edges["REGULATES"] += [  # the one says what AFFECTS says below, the other the opposite
        edge("REGULATES", gene("KRAS"), gene("MAPK1"), "collectri", sign=sign) for sign in (1, -1)
    ]
    edges["REGULATES"].append(edge("REGULATES", gene("MAPK1"), gene("TP53"), "collectri", sign=-1))
    edges["AFFECTS"].append(edge("AFFECTS", gene("KRAS"), gene("MAPK1"), "omnipath", sign=1))
    for line, (name, tissue, mutated, ln_ic50) in LINES.items():
        nodes["CellLine"].append(node("CellLine", "cell_lines", id=line, name=name, tissue=tissue))
        edges["HAS_MUTATION_IN"] += [
            edge("HAS_MUTATION_IN", line, gene(one), "gdsc.mutations", **COMPUTED) for one in mutated
        ]
        values = {"ln_ic50": ln_ic50, "auc": 0.9, **SCREENED}
        edges["RESPONDS_TO"].append(edge("RESPONDS_TO", line, drug("Dabrafenib"), "gdsc", **values, **COMPUTED))
    _gene_sets(found)
    _more_evidence(found)
    return found


def _gene_sets(found: Tables) -> None:
    """A hallmark, and a second signature of resistance to erlotinib, whose name does not say which way."""
    nodes, edges = found["nodes"], found["edges"]
    members = {"HALLMARK_KRAS": ("KRAS",), "B_ERLOTINIB_RESISTANCE": ("KRAS", "EGFR", "BRAF")}
    for name, genes in members.items():
        collection = "hallmark" if name.startswith("HALLMARK") else "resistance"
        made = {"id": f"msigdb:{name}", "name": name, "collection": collection, "n_genes": len(genes)}
        nodes["GeneSet"].append(node("GeneSet", "msigdb", **made))
        edges["IN_GENE_SET"] += [edge("IN_GENE_SET", gene(one), f"msigdb:{name}", "msigdb") for one in genes]
    edges["SIGNATURE_OF_RESISTANCE_TO"] += [
        edge("SIGNATURE_OF_RESISTANCE_TO", "msigdb:B_ERLOTINIB_RESISTANCE", one, "msigdb", expression=None)
        for one in (drug("Erlotinib"), OTHER_ERLOTINIB)
    ]


def _more_evidence(found: Tables) -> None:
    """Two disputes, of MAP2K1 and dabrafenib and of EGFR and both erlotinibs, and a finding that did not hold."""
    erlotinibs = (OTHER_ERLOTINIB, drug("Erlotinib"))
    wagle = {"level": "D", "disease": "Melanoma", "combination": True, "rating": 2, "citation": "Wagle et al., 2011"}
    wagle |= {
        "statement": "Cells with the mutation stayed sensitive.",
        "url": "https://civicdb.org/links/evidence/3",
        "publications": ["pubmed:22460905", "pubmed:21383288"],
    }
    found["nodes"]["Publication"].append(node("Publication", "civic", id="pubmed:21383288", name="Wagle et al., 2011"))
    _item(found, 3, "sensitivity", "MAP2K1 C121S", (drug("Dabrafenib"), drug("PLX-4720")), **wagle)
    _item(found, 4, "resistance", "EGFR T790M", erlotinibs)
    _item(found, 5, "sensitivity", "EGFR L858R", erlotinibs, level="A")
    _item(found, 6, "sensitivity", "BRAF V600K", (drug("Dabrafenib"),), supports=False, level="C", disease="Melanoma")


def _item(found: Tables, number: int, direction: str, profile: str, drugs: tuple[str, ...], **more: Any) -> None:
    """One item about these drugs, of the gene that its profile begins with."""
    more = {"supports": True, "level": "B", "disease": None, "combination": False, "rating": 3, **more}
    nodes, edges = found["nodes"], found["edges"]
    item, about = f"civic.eid:{number}", gene(profile.split()[0])
    publications, supports = more.pop("publications", ["pubmed:22460905"]), more.pop("supports")
    said = {"evidence_level": more.pop("level"), "molecular_profile": profile, "disease": more.pop("disease")}
    said["significance"] = {"sensitivity": "Sensitivity/Response", "resistance": "Resistance"}[direction]
    said["combination"] = more.pop("combination")
    names = {"id": item, "name": f"EID{number}", "direction": direction, "supports": supports}
    nodes["EvidenceItem"].append(node("EvidenceItem", "civic", **names, **said, **more))
    ties = {"publications": publications}
    edges["ABOUT_GENE"].append(edge("ABOUT_GENE", item, about, "civic", **ties))
    edges["ABOUT_DRUG"] += [edge("ABOUT_DRUG", item, one, "civic", **ties) for one in drugs]
    if said["disease"]:
        edges["ABOUT_DISEASE"].append(edge("ABOUT_DISEASE", item, "doid:1909", "civic", **ties))
    edges["CITES"] += [edge("CITES", item, one, "civic", **ties) for one in publications]
    type_ = f"CONFERS_{direction.upper()}_TO"
    edges[type_] += [edge(type_, about, one, "civic", evidence_item=item, **ties, **said) for one in drugs if supports]


def explanations() -> list[Explanation]:
    """Two explainers on dabrafenib, who agree on BRAF and differ on EGFR; one on PLX-4720."""

    def one(name: str, *claims: Claim, explainer: str = "pathproof") -> Explanation:
        model = "m1" if explainer == "pathproof" else None
        return Explanation(
            explainer=explainer,
            version="1",
            model_id=model,
            drug=drug(name),
            drug_name=name,
            screen="gdsc2",
            claims=claims,
            fidelity=0.25,
            stability=0.5,
        )

    def about(symbol: str, sign: Sign, rank: int, confidence: float, **more: Any) -> Claim:
        value = sign.number / rank
        return Claim(
            kind=ClaimKind.GENE, genes=(symbol,), value=value, sign=sign, rank=rank, confidence=confidence, **more
        )

    braf = about("BRAF", Sign.SENSITIVITY, 1, 0.9, layers=("mutation",), weights=(-0.75,), confirmed=True)
    return [
        one(
            "Dabrafenib",
            braf,
            about("EGFR", Sign.RESISTANCE, 2, 0.85, layers=("expression",)),
            about("MAPK1", Sign.RESISTANCE, 3, 0.7, layers=("expression",)),
            about("MAP2K1", Sign.SENSITIVITY, 4, 0.6),
            Claim(kind=ClaimKind.INTERACTION, genes=("NF1", "KRAS"), weights=(0.1, 2.0), value=1.0, rank=1),
            Claim(kind=ClaimKind.MODULE, genes=("MAP2K1", "BRAF", "MAPK1"), value=-1.0, sign=Sign.SENSITIVITY, rank=1),
            Claim(kind=ClaimKind.PATHWAY, genes=("BRAF", "MAPK1"), pathway=pathway(RAF), value=3.0, rank=1),
        ),
        one("PLX-4720", braf, Claim(kind=ClaimKind.MODULE, genes=("BRAF", "MAP2K1", "NF1"), value=-2.0, rank=1)),
        one(
            "Dabrafenib",
            braf,
            about("EGFR", Sign.SENSITIVITY, 2, 0.4, layers=("expression",)),
            about("MAPK1", Sign.SENSITIVITY, 3, 0.3, layers=("mutation",)),  # another feature: no dispute
            explainer="association-lmm",
        ),
    ]


def claim_id(explanation: Explanation, key: str) -> str:
    """Id of the claim with this key."""
    return next(explanation.claim_id(claim) for claim in explanation.claims if claim.key == key)


def fill(store: GraphStore, root: Path) -> None:
    """Knowledge, explanations and one validation run."""
    store.write("MATCH (n) DETACH DELETE n")
    made = tables()
    workspace: Workspace = write_workspace(root, made, "queries")
    store.load_knowledge(workspace)
    model = ModelRecord(id="model:m1", name="ridge", universe=("BRAF", "EGFR"), sources=("gdsc", "omnipath"))
    said = explanations()
    store.write_explanations(model, said)
    braf, egfr, mapk1, map2k1 = (claim_id(said[0], key) for key in ("BRAF", "EGFR", "MAPK1", "MAP2K1"))
    raf, module = (claim_id(said[0], key) for key in (pathway(RAF), "BRAF|MAP2K1|MAPK1"))
    evidence = ("resistance_evidence",)
    store.write_validation(
        "run:1",
        "FAIL",
        "0" * 64,
        [
            Judgement(
                claim_id=braf, supported_by=("targets", *evidence), supporting=(edge_of(made, "SENSITIVITY", "BRAF"),)
            ),
            Judgement(claim_id=egfr, novel_in=("targets",)),
            Judgement(claim_id=mapk1, novel_in=("targets", *evidence)),
            Judgement(claim_id=raf, supported_by=("target_pathways",), supporting=tuple(chains(made)["pathway"])),
            Judgement(claim_id=module, supported_by=("regulons",), supporting=tuple(chains(made)["module"])),
            Judgement(
                claim_id=map2k1,
                contradicted_by=evidence,
                contradicting=(edge_of(made, "RESISTANCE", "MAP2K1"),),
            ),
        ],
    )


def edge_of(made: Tables, direction: str, symbol: str) -> str:
    """Id of the evidence edge from this gene to dabrafenib."""
    rows = made["edges"][f"CONFERS_{direction}_TO"]
    return next(str(row["id"]) for row in rows if (row["start"], row["end"]) == (gene(symbol), drug("Dabrafenib")))


def chains(made: Tables) -> dict[str, dict[str, tuple[str, str, str]]]:
    """By claim: id of each edge of knowledge that is named as its evidence -> start, type and end."""
    named = {
        "pathway": [
            ("TARGETS", drug("Dabrafenib"), gene("BRAF")),
            ("PARTICIPATES_IN", gene("BRAF"), pathway(RAF)),
        ],
        "module": [
            ("AFFECTS", gene("BRAF"), gene("MAP2K1")),
            ("PARTICIPATES_IN", gene("MAPK1"), pathway(RAF)),
            ("REGULATES", gene("KRAS"), gene("MAPK1")),
            ("AFFECTS", gene("KRAS"), gene("MAPK1")),
            ("DESCRIBES_RESISTANCE_TO", pathway("Resistance of EGFR mutants"), drug("Erlotinib")),
        ],
    }
    return {
        claim: {
            str(row["id"]): (start, type_, end)
            for type_, start, end in facts
            for row in made["edges"][type_]
            if (row["start"], row["end"]) == (start, end)
        }
        for claim, facts in named.items()
    }
