"""The library of queries: headers, parameters, right rows, and the same rows from both servers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import query_world as world

from pathproof.errors import UsageError
from pathproof.graph_schema.queries import DTYPES, NamedQuery, list_queries, load_query, parse_query
from pathproof.graph_schema.schema import KNOWLEDGE_EDGES, KNOWLEDGE_NODES
from pathproof.graph_schema.store import GraphStore

Rows = list[dict[str, Any]]
DABRAFENIB, PLX, NUTLIN, ERLOTINIB = (f"gdsc.drug:{n}" for n in (1373, 1371, 1047, 1168))
EXPLANATION = world.explanations()[0].id
ASKED: dict[str, list[dict[str, Any]]] = {
    "claims-of-gene": [{"gene": "BRAF"}, {"gene": "hgnc:3236"}],
    "claims-shared-by-explainers": [{"drug": "Dabrafenib"}, {"drug": "Dabrafenib", "min_explainers": 3}],
    "claims-that-explainers-dispute": [{"drug": "dabrafenib"}],
    "claims-against-evidence": [{}, {"run": "run:1"}, {"drug": "gsk2118436", "explainer": "pathproof"}],
    "confident-claims-without-support": [{}, {"min_confidence": 0.84}, {"min_confidence": "0.5", "run": "run:1"}],
    "contradicted-claims": [{}, {"run": "run:1"}],
    "disputed-evidence": [{}, {"combinations": True}, {"combinations": "true", "level": "C"}],
    "drug-target-pathways": [{"drug": "PLX-4720"}, {"drug": "Erlotinib"}, {"drug": "PLX-4720", "max_genes": 2}],
    "drugs-of-target": [{"gene": "BRAF"}, {"gene": "KRAS"}],
    "drugs-sharing-module": [{}, {"min_shared": "1"}, {"min_shared": 3}],
    "evidence-for-claim": [
        {"drug": "Dabrafenib", "gene": "BRAF"},
        {"drug": "Dabrafenib", "gene": "MAP2K1"},
        {"drug": "Erlotinib", "gene": "EGFR"},
        {"drug": "Nutlin-3a (-)", "gene": "TP53"},
    ],
    "evidence-in-disease": [{"disease": "melanoma"}, {"disease": "doid:1909", "level": "E"}],
    "evidence-item": [{"item": "EID3"}, {"item": "civic.eid:2"}],
    "evidence-of-drug": [{"drug": "Dabrafenib"}, {"drug": "PLX-4720"}],
    "evidence-of-gene": [{"gene": "MAP2K1"}],
    "explanation-of-drug": [
        {"drug": "dabrafenib"},
        {"drug": "gsk2118436", "explainer": "association-lmm"},
        {"drug": DABRAFENIB},
        {"drug": "erlotinib"},
    ],
    "explanation-subgraph": [{"explanation": EXPLANATION}],
    "explanations": [{}, {"explainer": "association-lmm"}],
    "gene-sets-of-gene": [
        {"gene": "KRAS"},
        {"gene": "KRAS", "collection": "resistance", "max_genes": 2},
        {"gene": "TP53"},
    ],
    "genes-of-pathway": [{"pathway": "resistance of EGFR mutants"}],
    "lines-with-mutation": [
        {"genes": ["TP53"]},
        {"genes": "tp53,BRAF"},
        {"genes": ["BRAF", "EGFR"]},
        {"genes": "TP53,hgnc:11998,HGNC:1097"},
    ],
    "mechanism-of-claim": [{"drug": "Dabrafenib"}, {"drug": "Dabrafenib", "gene": "mapk1"}],
    "neighbours-of-gene": [{"gene": "TP53"}],
    "novel-claims-with-path": [{}, {"min_confidence": 0.71}, {"limit": 1, "run": "run:1"}],
    "pathway-ancestry": [{"pathway": "Signaling by BRAF"}],
    "pathways-of-gene": [{"gene": "BRAF"}, {"gene": "BRAF", "max_genes": 1}],
    "popular-claims": [{}, {"limit": 1}, {"explainer": "association-lmm"}],
    "regulators-of-gene": [{"gene": "MDM2"}, {"gene": "TP53"}],
    "resistance-signatures-of-drug": [{"drug": "erlotinib"}, {"drug": "Dabrafenib"}],
    "resistant-lines": [
        {"drug": "Dabrafenib"},
        {"drug": "Dabrafenib", "tissue": "breast", "limit": 1},
        {"drug": "Erlotinib", "limit": 1},
    ],
    "responses-of-line": [
        {"line": "a375"},
        {"line": "sidm:SIDM00001", "limit": 1},
        {"line": "A375", "limit": 1},
        {"line": "A375", "screen": "CCLE"},
    ],
    "response-by-mutation": [
        {"drug": "Dabrafenib", "gene": "TP53"},
        {"drug": "Erlotinib", "gene": "TP53"},
        {"drug": "Dabrafenib", "gene": "EGFR"},
    ],
    "same-class-drugs": [{"drug": "PLX-4720"}, {"drug": "PLX-4720", "min_jaccard": 0.6}, {"drug": "Erlotinib"}],
    "signed-paths": [{"drug": "PLX-4720", "gene": one} for one in ("MAPK1", "TP53", "BRAF")],
    "supported-claims": [{}, {"run": "run:1"}, {"drug": "PLX-4720"}, {"explainer": "association-lmm"}],
    "targets-of-drug": [{"drug": "PLX-4720"}, {"drug": "erlotinib"}],
    "tissue-of-response": [{"drug": "Dabrafenib", "min_lines": 1}, {"drug": "Dabrafenib", "min_lines": 2}],
}
NAMES = [query.name for query in list_queries()]


@pytest.fixture(scope="module")
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All answers of one server, asked once: a function of the server's name."""
    found: dict[str, dict[str, list[Rows]]] = {}

    def of(which: str) -> dict[str, list[Rows]]:
        if which not in found:
            store: GraphStore = request.getfixturevalue(f"{which}_store")
            world.fill(store, tmp_path_factory.mktemp(which))
            found[which] = {name: [store.rows(name, one) for one in ASKED.get(name, [{}])] for name in NAMES}
        return found[which]

    return of


@pytest.fixture(params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def rows(request: pytest.FixtureRequest, answers: Any) -> dict[str, list[Rows]]:
    """The answers of each of the two servers in turn."""
    found: dict[str, list[Rows]] = answers(request.param)
    return found


def some(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of the rows."""
    return [tuple(row[column] for column in columns) for row in rows]


@pytest.mark.neo4j
def test_both_servers_give_the_same_rows_in_the_same_order(answers: Any) -> None:
    embedded, neo4j = answers("embedded"), answers("neo4j")
    for name in NAMES:
        assert embedded[name] == neo4j[name], name
        assert any(embedded[name]), f"{name} was compared on no rows"


def test_rows_have_the_columns_and_types_of_the_header(rows: dict[str, list[Rows]]) -> None:
    wanted: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
    for name in NAMES:
        columns = load_query(name).columns
        seen: set[str] = set()
        for row in (row for answer in rows[name] for row in answer):
            assert list(row) == list(columns), name
            for column, value in row.items():
                kind = columns[column].type
                items = value if kind.startswith("list") else [value] if value is not None else []
                assert all(type(one) is wanted[kind.removeprefix("list[").rstrip("]")] for one in items), (name, column)
                seen |= {column} if value is not None else set()
        empty = {"cancer_type", "statement", "url", "data_stability", "target_pathway", "pubchem", "chembl"}
        empty |= {"disease"} if name == "supported-claims" else set()
        assert set(columns) - seen <= empty, name  # what the small graph has no value for


def test_whole_tables(rows: dict[str, list[Rows]]) -> None:
    assert [row["symbol"] for row in rows["genes"][0]][:2] == ["BRAF", "TP53"]  # by id, as text
    drugs = {row["id"]: row for row in rows["drugs"][0]}
    assert drugs[DABRAFENIB]["targets"] == ["BRAF"]
    assert drugs[DABRAFENIB]["synonyms"] == ["GSK2118436"]
    assert some(rows["signalling-edges"][0], "source", "target", "sign") == [
        ("BRAF", "MAP2K1", 1),
        ("KRAS", "MAPK1", 1),
        ("MAP2K1", "MAPK1", 1),
        ("MDM2", "TP53", -1),
        ("NF1", "KRAS", -1),
    ]
    assert some(rows["regulation-edges"][0], "source", "target", "sign", "knowledge_source")[2:] == [
        ("MAPK1", "TP53", -1, "source:collectri"),
        ("TP53", "MDM2", 1, "source:collectri"),
    ]
    assert some(rows["target-edges"][0], "drug", "gene", "knowledge_source") == [
        ("gdsc.drug:1", "EGFR", "source:gdsc.targets"),
        (NUTLIN, "MDM2", "source:gdsc.targets"),
        (ERLOTINIB, "EGFR", "source:gdsc.targets"),
        (PLX, "BRAF", "source:gdsc.targets"),
        (PLX, "KRAS", "source:dgidb"),
        (DABRAFENIB, "BRAF", "source:gdsc.targets"),
    ]
    assert set(some(rows["evidence-edges"][0], "gene", "direction", "disease")) == {
        ("MAP2K1", "resistance", "Melanoma"),
        ("MAP2K1", "sensitivity", "Melanoma"),
        ("BRAF", "sensitivity", None),
        ("EGFR", "resistance", None),
        ("EGFR", "sensitivity", None),
    }
    assert some(rows["resistance-pathways"][0], "drug", "gene") == [(ERLOTINIB, "EGFR")]
    assert len(rows["pathway-members"][0]) == 8
    assert some(rows["pathway-hierarchy"][0], "child", "parent") == [
        ("reactome:R-HSA-9656223", "reactome:R-HSA-5673001")
    ]
    assert len(rows["knowledge-sources"][0]) == 11
    assert some(rows["knowledge-sources"][0], "source", "release", "licence")[0] == (
        "source:cell_lines",
        "test",
        "test licence",
    )


def test_evidence(rows: dict[str, list[Rows]]) -> None:
    assert some(rows["evidence-of-drug"][0], "item", "direction", "level", "genes", "drugs", "publications") == [
        ("EID1", "resistance", "B", ["MAP2K1"], ["Dabrafenib"], ["pubmed:22460905"]),
        ("EID2", "sensitivity", "B", ["BRAF"], ["Dabrafenib"], ["pubmed:22460905"]),
        *[("EID3", "sensitivity", "D", ["MAP2K1"], ["Dabrafenib", "PLX-4720"], ["pubmed:21383288", "pubmed:22460905"])],
        ("EID6", "sensitivity", "C", ["BRAF"], ["Dabrafenib"], ["pubmed:22460905"]),
    ]
    assert [row["supports"] for row in rows["evidence-of-drug"][0]] == [True, True, True, False]
    assert some(rows["evidence-of-drug"][1], "drug", "item") == [(PLX, "EID3")]
    assert some(rows["evidence-of-gene"][0], "gene", "item") == [("MAP2K1", "EID1"), ("MAP2K1", "EID3")]
    first, second = rows["evidence-in-disease"]
    assert some(first, "item", "drugs") == [("EID1", ["Dabrafenib"])]  # EID3 is of level D, EID2 of no disease
    assert some(second, "item") == [("EID1",), ("EID3",), ("EID6",)]
    (item,) = rows["evidence-item"][0]
    assert item["statement"] == "Cells with the mutation stayed sensitive."
    assert (item["rating"], item["combination"], item["diseases"]) == (2, True, ["doid:1909"])
    assert item["url"].endswith("/3")
    assert rows["evidence-item"][1][0]["diseases"] == []
    columns = ("drug_ids", "gene", "resistance", "sensitivity", "resistance_profiles", "sensitivity_profiles")
    map2k1 = ([DABRAFENIB], "MAP2K1", 1, 1, ["MAP2K1 Q56P"], ["MAP2K1 C121S"])
    egfr = ([world.OTHER_ERLOTINIB, ERLOTINIB], "EGFR", 1, 1, ["EGFR T790M"], ["EGFR L858R"])  # once for the molecule
    alone, together, level_c = rows["disputed-evidence"]
    assert some(alone, *columns) == [egfr]  # the item of MAP2K1 for sensitivity is about a combination
    assert some(together, *columns) == [map2k1, egfr]
    assert some(level_c, *columns) == [egfr]  # and of level D


def test_evidence_for_a_claim(rows: dict[str, list[Rows]]) -> None:
    direct, other, pathway, reverse = rows["evidence-for-claim"]
    assert some(direct, "relation", "item", "direction", "supports", "level", "citation") == [
        ("CONFERS_SENSITIVITY_TO", "EID2", "sensitivity", True, "B", "Emery et al., 2009"),
        ("TARGETS", None, None, None, None, None),
        ("ABOUT_GENE", "EID6", "sensitivity", False, "C", None),
    ]
    assert direct[-1]["says"] == "found not to hold: Sensitivity/Response, level C, BRAF V600K"
    assert direct[-1]["publications"] == ["pubmed:22460905"]
    assert some(other, "relation", "through", "item", "disease", "combination") == [
        ("AFFECTS", "BRAF", None, None, None),
        ("CONFERS_RESISTANCE_TO", "", "EID1", "Melanoma", False),
        ("CONFERS_SENSITIVITY_TO", "", "EID3", "Melanoma", True),
    ]
    conferred = ("CONFERS_RESISTANCE_TO", "CONFERS_SENSITIVITY_TO")
    assert some(pathway, "drug", "relation") == [
        *[("gdsc.drug:1", one) for one in (*conferred, "TARGETS")],  # both compounds of this name
        *[(ERLOTINIB, one) for one in conferred],
        (ERLOTINIB, "DESCRIBES_RESISTANCE_TO"),
        (ERLOTINIB, "TARGETS"),
    ]
    assert [row["says"] for row in reverse] == ["the target inhibits it", "it activates the target"]


def test_targets_and_pathways(rows: dict[str, list[Rows]]) -> None:
    plx, erlotinib = rows["targets-of-drug"]
    assert some(plx, "gene", "actions", "source") == [
        ("BRAF", [], "source:gdsc.targets"),
        ("KRAS", ["inhibitor"], "source:dgidb"),
    ]
    assert some(erlotinib, "drug", "gene") == [("gdsc.drug:1", "EGFR"), (ERLOTINIB, "EGFR")]
    assert some(rows["drugs-of-target"][0], "drug_name", "actions", "other_targets", "screened") == [
        ("Dabrafenib", ["inhibitor"], 0, True),
        ("PLX-4720", [], 1, False),  # a compound of GDSC, but no line was screened with it
    ]
    plx, erlotinib, narrow = rows["drug-target-pathways"]
    assert some(plx, "name", "genes", "describes_resistance") == [
        ("Signaling by BRAF", ["BRAF"], False),
        ("Resistance of EGFR mutants", ["KRAS"], False),
        ("RAF/MAP kinase cascade", ["BRAF", "KRAS"], False),
    ]
    assert some(erlotinib, "drug", "genes", "describes_resistance") == [
        ("gdsc.drug:1", ["EGFR"], False),
        (ERLOTINIB, ["EGFR"], True),
    ]
    assert [row["n_genes"] for row in narrow] == [1, 2]
    assert some(rows["pathways-of-gene"][0], "name", "n_genes", "parents") == [
        ("Signaling by BRAF", 1, ["RAF/MAP kinase cascade"]),
        ("RAF/MAP kinase cascade", 5, []),
    ]
    assert len(rows["pathways-of-gene"][1]) == 1
    assert some(rows["genes-of-pathway"][0], "gene", "drugs") == [
        ("EGFR", ["ERLOTINIB", "Erlotinib"]),
        ("KRAS", ["PLX-4720"]),
    ]
    assert some(rows["pathway-ancestry"][0], "name", "n_genes", "steps") == [("RAF/MAP kinase cascade", 5, 1)]
    by_class, close, erlotinib = rows["same-class-drugs"]
    assert some(by_class, "other_name", "shared", "jaccard") == [("Dabrafenib", ["BRAF"], 0.5)]  # 1 of 2 targets
    assert close == []
    assert erlotinib == []  # the one other drug of EGFR is the same molecule


def test_gene_sets(rows: dict[str, list[Rows]]) -> None:
    kras, small, tp53 = rows["gene-sets-of-gene"]
    assert some(kras, "name", "collection", "n_genes", "resistance_to") == [
        ("HALLMARK_KRAS", "hallmark", 1, []),
        ("A_ERLOTINIB_RESISTANCE_UP", "resistance", 2, ["Erlotinib"]),
        ("B_ERLOTINIB_RESISTANCE", "resistance", 3, ["ERLOTINIB", "Erlotinib"]),
    ]
    assert small == kras[1:2]
    assert tp53 == []
    erlotinib, none = rows["resistance-signatures-of-drug"]
    assert some(erlotinib, "drug", "name", "expression", "n_genes", "targets", "genes") == [
        (world.OTHER_ERLOTINIB, "B_ERLOTINIB_RESISTANCE", None, 3, ["EGFR"], ["BRAF", "EGFR", "KRAS"]),
        (ERLOTINIB, "A_ERLOTINIB_RESISTANCE_UP", "higher", 2, [], ["KRAS", "NF1"]),
        (ERLOTINIB, "B_ERLOTINIB_RESISTANCE", None, 3, ["EGFR"], ["BRAF", "EGFR", "KRAS"]),
    ]
    assert none == []


@pytest.mark.parametrize("name", [*(kind.label for kind in KNOWLEDGE_NODES), *(kind.type for kind in KNOWLEDGE_EDGES)])
def test_a_query_asks_for_every_kind_of_knowledge(name: str) -> None:
    asked = {word for query in list_queries() for word in re.findall(r"[:|](\w+)", query.cypher)}
    assert name in asked


def test_signed_neighbours_and_paths(rows: dict[str, list[Rows]]) -> None:
    assert some(rows["neighbours-of-gene"][0], "arrow", "other", "relation", "sign") == [
        ("in", "MAPK1", "REGULATES", -1),
        ("in", "MDM2", "AFFECTS", -1),
        ("out", "MDM2", "REGULATES", 1),
    ]
    mdm2, tp53 = rows["regulators-of-gene"]
    assert some(mdm2, "regulator", "sign", "targeted_by") == [("TP53", 1, [])]
    assert some(tp53, "regulator", "sign") == [("MAPK1", -1)]
    mapk1, tp53, itself = rows["signed-paths"]
    assert some(mapk1, "target", "steps", "sign", "genes") == [  # KRAS raises MAPK1 by two edges, lowers it by one
        ("KRAS", 1, -1, ["KRAS", "MAPK1"]),
        ("KRAS", 1, 1, ["KRAS", "MAPK1"]),
        ("BRAF", 2, 1, ["BRAF", "MAP2K1", "MAPK1"]),
    ]
    assert some(itself, "target", "steps", "sign", "genes", "signs", "edges") == [("BRAF", 0, 1, ["BRAF"], [], [])]
    assert some(tp53, "target", "sign", "genes", "signs") == [  # 1 * -1, -1 * -1, and 1 * 1 * -1
        ("KRAS", 1, ["KRAS", "MAPK1", "TP53"], [-1, -1]),
        ("KRAS", -1, ["KRAS", "MAPK1", "TP53"], [1, -1]),
        ("BRAF", -1, ["BRAF", "MAP2K1", "MAPK1", "TP53"], [1, 1, -1]),
    ]
    assert all(len(row["edges"]) == row["steps"] == len(row["signs"]) for row in mapk1 + tp53)


def test_lines(rows: dict[str, list[Rows]]) -> None:
    everywhere, breast, erlotinib = rows["resistant-lines"]
    assert some(everywhere, "line_name", "ln_ic50", "above_max_conc", "mutations") == [
        ("MCF7", 4.0, True, []),  # e^4 = 54.6 uM, tested up to 10
        ("MDA-MB-231", 3.0, True, ["KRAS", "TP53"]),
        ("HT-29", -0.5, False, ["BRAF", "TP53"]),
        ("A375", -2.5, False, ["BRAF"]),
    ]
    assert some(breast, "line_name") == [("MCF7",)]
    assert some(erlotinib, "drug", "line", "ln_ic50") == [  # the first of each compound of this name
        (ERLOTINIB, "sidm:SIDM00001", 3.5),
        (world.OTHER_ERLOTINIB, "sidm:SIDM00001", 2.5),
    ]
    tp53, erlotinib, egfr = rows["response-by-mutation"]
    columns = ("n_mutated", "n_other", "mean_mutated", "mean_other", "difference")
    assert some(tp53, *columns) == [(2, 1, 1.25, -2.5, 3.75)]  # (-0.5 + 3) / 2 against -2.5; MCF7 was not looked at
    assert some(erlotinib, *columns) == [(0, 1, None, 2.5, None), (0, 1, None, 3.5, None)]
    assert egfr == []  # nobody looked for it
    one, two, none, by_id = rows["lines-with-mutation"]
    assert some(one, "line_name", "mutations") == [("MDA-MB-231", ["KRAS", "TP53"]), ("HT-29", ["BRAF", "TP53"])]
    assert some(two, "line_name") == [("HT-29",)]
    assert none == []
    assert by_id == two  # TP53 twice, and BRAF by its id
    a375, first, of_both, ccle = rows["responses-of-line"]
    assert some(ccle, "drug_name", "auc", "act_area") == [("Dabrafenib", None, 3.5)]
    assert some(a375, "drug_name", "auc", "ln_ic50", "targets") == [
        ("Erlotinib", 0.5, 3.5, ["EGFR"]),  # equal areas: by id, as text
        ("Dabrafenib", 0.5, -2.5, ["BRAF"]),
        ("ERLOTINIB", 0.8, 1.5, ["EGFR"]),  # in the other line of this name
        ("ERLOTINIB", 0.95, 2.5, ["EGFR"]),
    ]
    assert first == a375[:1]
    assert some(of_both, "line", "auc") == [("sidm:SIDM00001", 0.5), (world.OTHER_A375, 0.8)]
    each, larger = rows["tissue-of-response"]
    assert some(each, "tissue", "lines", "mean_ln_ic50", "lowest", "highest") == [
        ("Skin", 1, -2.5, -2.5, -2.5),
        ("Large Intestine", 1, -0.5, -0.5, -0.5),
        ("Breast", 2, 3.5, 3.0, 4.0),
    ]
    assert some(larger, "tissue") == [("Breast",)]


def test_claims(rows: dict[str, list[Rows]]) -> None:
    by_name, by_synonym, by_id, none = rows["explanation-of-drug"]
    assert (len(by_name), by_id, len(by_synonym), none) == (7, by_name, 3, [])
    module = next(row for row in by_name if row["kind"] == "ModuleClaim")
    assert module["genes"] == ["BRAF", "MAP2K1", "MAPK1"]
    braf, egfr = rows["claims-of-gene"]
    assert some(braf, "kind", "drug_name", "explainer", "layer") == [
        ("GeneClaim", "PLX-4720", "pathproof", "mutation"),
        ("GeneClaim", "Dabrafenib", "association-lmm", "mutation"),
        ("GeneClaim", "Dabrafenib", "pathproof", "mutation"),
        ("ModuleClaim", "PLX-4720", "pathproof", None),
        ("ModuleClaim", "Dabrafenib", "pathproof", None),
        ("PathwayClaim", "Dabrafenib", "pathproof", None),
    ]
    assert some(egfr, "explainer", "sign", "rank") == [
        ("association-lmm", "sensitivity", 2),
        ("pathproof", "resistance", 2),
    ]
    shared, by_three = rows["claims-shared-by-explainers"]
    assert some(shared, "gene", "layer", "sign", "explainers") == [
        ("BRAF", "mutation", "sensitivity", ["association-lmm", "pathproof"])
    ]
    assert by_three == []
    assert some(rows["claims-that-explainers-dispute"][0], "gene", "layer", "said") == [
        ("EGFR", "expression", ["association-lmm: sensitivity", "pathproof: resistance"])
    ]
    popular, first, other = rows["popular-claims"]
    assert some(popular, "gene", "drugs", "share", "sensitivity")[:2] == [("BRAF", 2, 1.0, 2), ("EGFR", 1, 0.5, 0)]
    assert first == popular[:1]
    assert some(other, "gene", "share") == [("BRAF", 1.0), ("EGFR", 1.0), ("MAPK1", 1.0)]
    module_pairs = rows["drugs-sharing-module"]
    assert some(module_pairs[0], "drug_name", "other_name", "genes") == [("PLX-4720", "Dabrafenib", ["BRAF", "MAP2K1"])]
    assert module_pairs[1:] == [module_pairs[0], []]
    assert some(rows["explanations"][0], "explainer", "drug_name", "claims") == [
        ("association-lmm", "Dabrafenib", 3),
        ("pathproof", "PLX-4720", 2),
        ("pathproof", "Dabrafenib", 7),
    ]
    assert len(rows["explanations"][1]) == 1


def test_mechanism(rows: dict[str, list[Rows]]) -> None:
    whole, mapk1 = rows["mechanism-of-claim"]
    assert some(whole, "claim", "path", "direction", "path_sign")[:3] == [
        ("BRAF", "BRAF", "same", 1),
        ("MAP2K1", "BRAF -> MAP2K1", "downstream", 1),
        ("MAPK1", "BRAF -> MAP2K1 -> MAPK1", "downstream", 1),
    ]
    assert {row["path"] for row in mapk1} == {"BRAF -> MAP2K1 -> MAPK1"}
    assert {row["kind"] for row in mapk1} == {"GeneClaim", "ModuleClaim"}
    assert some(whole, "null_share")[:3] == [(0.0,), (1 / 7,), (2 / 7,)]  # no other target; BRAF; BRAF and MAP2K1
    drawn = rows["explanation-subgraph"][0]
    assert {row["relation"] for row in drawn} == {
        *("EXPLAINS", "OF_MODEL", "HAS_CLAIM", "CLAIMS_GENE", "CLAIMS_PATHWAY"),
        *("HAS_PATH", "PASSES", "SUPPORTED_BY", "CONTRADICTED_BY"),
        *("JUDGED", "TARGETS", "PARTICIPATES_IN", "AFFECTS", "REGULATES", "DESCRIBES_RESISTANCE_TO"),
        *("CONFERS_SENSITIVITY_TO", "CONFERS_RESISTANCE_TO"),
    }
    edges = some(drawn, "edge")
    assert len(edges) == len(set(edges))
    assert sum(row["relation"] == "HAS_CLAIM" for row in drawn) == 7
    passed = [row for row in drawn if row["source_name"] == "BRAF -> MAP2K1 -> MAPK1" and row["relation"] == "PASSES"]
    assert some(passed, "position", "target_name") == [(0, "BRAF"), (1, "MAP2K1"), (2, "MAPK1")]
    assert {row["null_share"] for row in drawn if row["relation"] == "HAS_PATH"} >= {0.0, 1 / 7, 2 / 7}
    assert {row["null_share"] for row in drawn if row["relation"] != "HAS_PATH"} == {None}


def test_the_evidence_of_each_claim_is_drawn_with_its_explanation(rows: dict[str, list[Rows]]) -> None:
    drawn = {row["edge"]: row for row in rows["explanation-subgraph"][0]}
    judged = {row["target_name"]: row for row in drawn.values() if row["relation"] == "JUDGED"}
    assert set(judged) == {"BRAF", "EGFR", "MAPK1", "MAP2K1", world.pathway(world.RAF), "BRAF|MAP2K1|MAPK1"}
    chains = world.chains(world.tables())
    for claim, said in ((world.pathway(world.RAF), chains["pathway"]), ("BRAF|MAP2K1|MAPK1", chains["module"])):
        assert set(judged[claim]["evidence"]) == set(said)
        for edge, ends in said.items():
            assert tuple(drawn[edge][one] for one in ("source", "relation", "target")) == ends
    against = judged["MAP2K1"]
    assert (against["run"], against["supported_by"], against["contradicted_by"]) == (
        *("run:1", []),
        ["resistance_evidence"],
    )
    (edge,) = against["evidence"]
    assert (drawn[edge]["source_name"], drawn[edge]["relation"]) == ("MAP2K1", "CONFERS_RESISTANCE_TO")
    assert judged["EGFR"]["evidence"] == []
    knowledge = {"TARGETS", "PARTICIPATES_IN", "AFFECTS", "REGULATES", "DESCRIBES_RESISTANCE_TO"}
    knowledge |= {"CONFERS_RESISTANCE_TO", "CONFERS_SENSITIVITY_TO"}
    named = {one for row in judged.values() for one in row["evidence"]}
    assert {edge for edge, row in drawn.items() if row["relation"] in knowledge} == named  # and nothing else


def test_validation(rows: dict[str, list[Rows]]) -> None:
    assert some(rows["validation-runs"][0], "run", "status", "judged", "supported", "contradicted") == [
        ("run:1", "FAIL", 6, 3, 1)
    ]
    assert some(
        rows["supported-claims"][0], "run", "claim", "sign", "item", "direction", "citation", "combination"
    ) == [("run:1", "BRAF", "sensitivity", "EID2", "sensitivity", "Emery et al., 2009", False)]
    assert some(rows["claims-against-evidence"][0], "claim", "sign", "item", "direction") == [
        ("MAP2K1", "sensitivity", "EID1", "resistance")
    ]
    for name in ("supported-claims", "claims-against-evidence", "contradicted-claims"):
        assert rows[name][0] == rows[name][1]
        assert all(row["run"] == "run:1" for row in rows[name][0])
    assert rows["claims-against-evidence"][2] == rows["claims-against-evidence"][0]
    assert rows["supported-claims"][2:] == [[], []]
    assert some(rows["contradicted-claims"][0], "claim") == [("MAP2K1",)]
    least, sure, same = rows["confident-claims-without-support"]
    assert some(least, "claim", "confidence") == [("EGFR", 0.85), ("MAPK1", 0.7), ("MAP2K1", 0.6)]
    assert some(sure, "claim") == [("EGFR",)]
    assert same == least
    novel, higher, one = rows["novel-claims-with-path"]
    assert some(novel, "claim", "path", "steps", "null_share", "paths") == [
        ("MAPK1", "BRAF -> MAP2K1 -> MAPK1", 2, 2 / 7, 1)
    ]
    assert higher == []  # EGFR has no path of at most three steps
    assert one == novel


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        (
            "explanation-of-drug",
            {"drug": "Dabrafenip"},
            r"no drug of this name(.|\n)*'Dabrafenip'(.|\n)*mean: Dabrafenib",
        ),
        ("explanation-of-drug", {"drug": "gsk2118437"}, "did you mean: GSK2118436"),
        ("evidence-for-claim", {"drug": "nothing", "gene": "BRAF"}, "parameter drug of the query evidence-for-claim"),
        (
            "evidence-for-claim",
            {"drug": "dabrafenib", "gene": "BRAFF"},
            r"no gene of this name(.|\n)*did you mean: BRAF",
        ),
        ("evidence-of-gene", {"gene": "HER2"}, r"no gene of this name(.|\n)*symbol \(HGNC\), alias or id"),
        ("evidence-of-gene", {"gene": "shared"}, "no gene of this name"),  # the alias of two
        ("pathway-ancestry", {"pathway": "Signalling by BRAF"}, "did you mean: Signaling by BRAF"),
        ("evidence-in-disease", {"disease": "Melanomma"}, "did you mean: Melanoma"),
        ("evidence-item", {"item": "EID33"}, "did you mean: EID3"),
        ("resistant-lines", {"drug": "Dabrafenib", "tissue": "Brest"}, "did you mean: Breast"),
        ("lines-with-mutation", {"genes": ["BRAF", "TP5"]}, r"parameter genes(.|\n)*'TP5'(.|\n)*did you mean: TP53"),
        ("explanation-subgraph", {"explanation": "x"}, "`pathproof query explanations` lists them"),
        ("explanations", {"explainer": "asociation-lmm"}, "did you mean: association-lmm"),
        ("contradicted-claims", {"run": "run:2"}, "did you mean: run:1"),
        ("responses-of-line", {"line": "A735"}, "no cell line of this name"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(
    answers: Any, embedded_store: GraphStore, name: str, params: dict[str, Any], message: str
) -> None:
    answers("embedded")
    with pytest.raises(UsageError, match=message):
        embedded_store.rows(name, params)


@pytest.mark.parametrize("server", ["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def test_an_alias_of_one_gene_is_answered_with_a_notice(
    answers: Any, server: str, request: pytest.FixtureRequest
) -> None:
    answers(server)
    store: GraphStore = request.getfixturevalue(f"{server}_store")
    before = len(store.notices)
    wanted = store.rows("pathways-of-gene", {"gene": "EGFR"})
    assert wanted
    assert len(store.notices) == before
    assert store.rows("pathways-of-gene", {"gene": "her1"}) == wanted
    assert store.notices[before:] == ["HER1 is another name of EGFR, which the answer is about."]


@pytest.mark.parametrize("known", ["Erlotinib", "ERLOTINIB", "gdsc.drug:1168", "GDSC.DRUG:1168"])
def test_a_known_name_without_an_answer_is_no_error(answers: Any, embedded_store: GraphStore, known: str) -> None:
    answers("embedded")
    assert embedded_store.rows("explanation-of-drug", {"drug": known}) == []
    assert embedded_store.rows("evidence-for-claim", {"drug": known, "gene": "hgnc:6973"}) == []


@pytest.mark.parametrize("spelt", ["map2k1", "Map2k1", "HGNC:6840"])
def test_names_are_found_whatever_the_case(answers: Any, embedded_store: GraphStore, spelt: str) -> None:
    rows = answers("embedded")
    assert embedded_store.rows("evidence-of-gene", {"gene": spelt}) == rows["evidence-of-gene"][0]


def test_a_frame_has_the_columns_and_types_of_the_header_also_without_a_row(
    answers: Any, embedded_store: GraphStore
) -> None:
    answers("embedded")
    full = embedded_store.query("resistant-lines", drug="Dabrafenib")
    empty = embedded_store.query("resistant-lines", drug="Dabrafenib", tissue="Skin").iloc[:0]
    none = embedded_store.query("resistant-lines", drug="Nutlin-3a (-)")
    assert isinstance(full, pd.DataFrame)
    assert full["line_name"].tolist() == ["MCF7", "MDA-MB-231", "HT-29", "A375"]
    assert full["mutations"].iloc[1] == ["KRAS", "TP53"]
    assert full["cancer_type"].isna().all()
    columns = load_query("resistant-lines").columns
    wanted = [DTYPES.get(one.type, "object") for one in columns.values()]
    for frame in (full, empty, none):
        assert list(frame.columns) == list(columns)
        assert [str(one) for one in frame.dtypes] == wanted
    assert (len(full), len(empty), len(none)) == (4, 0, 0)
    missing = embedded_store.query("response-by-mutation", drug="Erlotinib", gene="TP53")
    assert len(missing) == 2
    assert missing["mean_mutated"].isna().all()
    assert str(missing["n_mutated"].dtype) == "Int64"


def test_signatures_are_short() -> None:
    assert load_query("explanation-of-drug").signature() == "drug, explainer='pathproof'"
    assert load_query("confident-claims-without-support").signature() == "min_confidence=0.5, run=None"
    assert load_query("genes").signature() == ""


def test_what_names_something_is_declared_so() -> None:
    naming = {"drug", "gene", "pathway", "disease", "tissue", "explainer", "run", "explanation"}
    kinds = {**{name: name for name in naming}, "genes": "gene", "item": "evidence_item", "line": "cell_line"}
    for query in list_queries():
        for one in query.parameters:
            assert one.names == kinds.get(one.name), (query.name, one.name)


def test_there_are_enough_questions_for_everybody() -> None:
    asked = [query.asker for query in list_queries()]
    assert len([one for one in asked if one != "program"]) >= 26
    assert all(asked.count(one) >= 5 for one in ("biologist", "reviewer", "pharmacologist"))


@pytest.mark.parametrize("query", list_queries(), ids=lambda query: query.name)
def test_every_header_is_whole(query: NamedQuery) -> None:
    assert query.question.endswith("?")
    assert "ORDER BY" in query.cypher
    assert all(column.meaning for column in query.columns.values())
    for one in query.parameters:
        assert f"${one.name}" in query.cypher
        assert one.meaning
        if not one.required:
            assert one.convert(one.default, query.name) == one.default  # the default is of the declared type
    assert set(re.findall(r"\$(\w+)", query.cypher)) == {one.name for one in query.parameters}


def test_an_unknown_query_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean: pathway-members"):
        load_query("pathway-member")


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("genes", {"x": 1}, "has no parameter 'x'"),
        ("explanation-of-drug", {"drugs": "x"}, "did you mean: drug"),
        ("explanation-of-drug", {}, "needs drug"),
        ("explanation-of-drug", {"drug": 5}, r"wrong type(.|\n)*got: 5(.|\n)*str \(name, synonym or id"),
        ("drugs-sharing-module", {"min_shared": "two"}, r"wrong type(.|\n)*int from 1 to 1000"),
        ("drugs-sharing-module", {"min_shared": True}, "wrong type"),
        ("drugs-sharing-module", {"min_shared": 2.5}, "wrong type"),
        ("popular-claims", {"limit": -1}, "out of bounds"),
        ("popular-claims", {"limit": "0"}, "out of bounds"),
        ("confident-claims-without-support", {"min_confidence": 1.5}, "from 0 to 1"),
        ("confident-claims-without-support", {"min_confidence": "nan"}, "wrong type"),
        ("confident-claims-without-support", {"min_confidence": True}, "wrong type"),
        ("evidence-in-disease", {"disease": "x", "level": "F"}, "A, B, C, D, E"),
        ("lines-with-mutation", {"genes": 5}, r"list\[str\]"),
        ("lines-with-mutation", {"genes": ["BRAF", 5]}, "got: 5"),
        ("lines-with-mutation", {"genes": None}, "needs genes"),
    ],
)
def test_a_wrong_parameter_is_told(name: str, params: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_query(name).bind(params)


def test_defaults_and_text_are_converted() -> None:
    sharing, sure = load_query("drugs-sharing-module"), load_query("confident-claims-without-support")
    assert sharing.bind({"min_shared": "3"}) == {"min_shared": 3, "explainer": "pathproof"}
    assert sure.bind({"min_confidence": 1}) == {"min_confidence": 1.0, "run": None}
    assert type(sure.bind({"min_confidence": 1})["min_confidence"]) is float
    assert sharing.bind({"min_shared": np.int64(4)})["min_shared"] == 4
    assert sure.bind({"min_confidence": np.float32(0.5)})["min_confidence"] == 0.5
    lines = load_query("lines-with-mutation")
    assert (
        lines.bind({"genes": "BRAF, KRAS,"}) == lines.bind({"genes": ("BRAF", "KRAS")}) == {"genes": ["BRAF", "KRAS"]}
    )
    assert load_query("explanation-of-drug").bind({"drug": "5"})["drug"] == "5"


@pytest.mark.parametrize(
    "text",
    [
        "// name: other\n// for: reviewer\n// question: x?\n// column a: str -- b\nRETURN 1",
        "// name: x\n// for: nobody\n// question: x?\n// column a: str -- b\nRETURN 1",
        "// name: x\n// for: reviewer\n// question: x?\n// column a: text -- b\nRETURN 1",
        "// name: x\n// for: reviewer\n// question: x?\n// column a -- b\nRETURN 1",
        "// name: x\n// for: reviewer\n// question: x?\n// param a: str (dog) -- b\n// column a: str -- b\nRETURN 1",
        "// name: x\n// what: y\nRETURN 1",
        "RETURN 1",
    ],
)
def test_a_broken_header_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"x\.cypher"):
        parse_query(text, "x.cypher")


def test_an_empty_graph_says_so(both: GraphStore) -> None:
    with pytest.raises(UsageError, match="no drug at all yet: `pathproof run`"):
        both.rows("explanation-of-drug", {"drug": "Dabrafenib"})
    assert both.rows("explanations") == []


def test_the_drugs_of_one_molecule_are_one_in_a_class(both: GraphStore) -> None:
    drugs = {  # name, synonyms, molecule, targets; without a molecule a drug is its own
        "a:1": ("PLX-4720", ["PLX4720"], "a:1", ["BRAF"]),
        "a:2": ("plx-4720", [], "a:1", ["BRAF", "RAF1"]),
        "b:1": ("SB590885", [], "b:1", ["BRAF"]),
        "b:2": ("sb-590885", [], "b:1", ["RAF1", "KIT"]),
        "c:1": ("Imatinib", [], None, ["KIT"]),
    }
    for symbol in ("BRAF", "RAF1", "KIT"):
        both.write("CREATE (:Gene {id: 'hgnc:' + $symbol, symbol: $symbol})", {"symbol": symbol})
    for id_, (name, synonyms, molecule, targets) in drugs.items():
        given = {"id": id_, "name": name, "synonyms": synonyms, "molecule": molecule, "targets": targets}
        both.write("CREATE (:Drug {id: $id, name: $name, synonyms: $synonyms, molecule: $molecule})", given)
        both.write(
            "MATCH (d:Drug {id: $id}) MATCH (g:Gene) WHERE g.symbol IN $targets CREATE (d)-[:TARGETS]->(g)", given
        )
    columns = ("drug", "drug_name", "other", "other_name", "shared", "jaccard")
    row = ("a:1", "PLX-4720", "b:1", "SB590885", ["BRAF", "RAF1"], 2 / 3)
    assert some(both.rows("same-class-drugs", {"drug": "a:1"}), *columns) == [row]
    assert both.rows("same-class-drugs", {"drug": "plx4720"}) == both.rows("same-class-drugs", {"drug": "a:2"})
    assert some(both.rows("same-class-drugs", {"drug": "SB590885"}), "other", "jaccard") == [
        ("a:1", 2 / 3),
        ("c:1", 1 / 3),
    ]
    assert some(both.rows("same-class-drugs", {"drug": "PLX-4720", "min_jaccard": 0.0}), "other") == [("b:1",)]
