"""Mechanism paths in the graph: as Cypher finds them, shared, removed when unclaimed, found again after a load."""

from __future__ import annotations

import pytest
from small_graph import Tables, edge, gene

from pathproof.errors import StoreError
from pathproof.graph_schema import mechanism
from pathproof.graph_schema.mechanism import PATH_RULES, Way, shortest_paths
from pathproof.graph_schema.paths import MOST_PATHS
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, ModelRecord
from pathproof.graph_schema.store import GraphStore
from pathproof.workspace import Workspace

MORE = (("EGFR", "NF1", 1), ("KRAS", "BRAF", 1), ("MAPK1", "EGFR", -1), ("MAP2K1", "TP53", -1))


@pytest.fixture
def tables(tables: Tables) -> Tables:
    """The small graph with loops and ways of the same length."""
    mechanism._KNOWN.clear()  # its key is that of the small graph without them
    tables["edges"]["AFFECTS"] += [edge("AFFECTS", gene(a), gene(b), "omnipath", sign=sign) for a, b, sign in MORE]
    tables["edges"]["REGULATES"].append(edge("REGULATES", gene("TP53"), gene("BRAF"), "collectri", sign=-1))
    return tables


@pytest.fixture
def filled(both: GraphStore, workspace: Workspace, model: ModelRecord, explanations: list[Explanation]) -> GraphStore:
    both.load_knowledge(workspace)
    both.write_explanations(model, explanations)
    return both


def paths_of(store: GraphStore, **of: str) -> set[tuple[str, str]]:
    """(direction, text) of the paths of the claims of an explanation."""
    rows = store.read(
        "MATCH (e:Explanation {id: $id})-[:HAS_CLAIM]->()-[:HAS_PATH]->(p) "
        "RETURN DISTINCT p.direction AS direction, p.text AS text",
        of,
    )
    return {(row["direction"], row["text"]) for row in rows}


def knowledge(store: GraphStore) -> dict[str, int]:
    counts = store.counts()
    names = ("Gene", "Drug", "Pathway", "AFFECTS", "REGULATES", "TARGETS", "PARTICIPATES_IN")
    return {name: n for what in counts.values() for name, n in what.items() if name in names}


WALK = """
MATCH (d:Drug {{id: $drug}})-[:TARGETS]->(t:Gene) MATCH (g:Gene {{symbol: $gene}}) WHERE t <> g
MATCH p = {pattern}
WITH [r IN relationships(p) | r.id] AS edges
RETURN edges ORDER BY size(edges), edges
"""


def by_cypher(store: GraphStore, drug: str, name: str) -> set[tuple[str, ...]]:
    """Edge ids of the shortest paths between a gene and the drug's targets, as variable-length patterns find them."""
    if store.read("MATCH (d:Drug {id: $d})-[:TARGETS]->(:Gene {symbol: $g}) RETURN 1 AS n", {"d": drug, "g": name}):
        return {()}
    found = [
        tuple(row["edges"])
        for pattern in ("(t)-[:AFFECTS|REGULATES*1..3]->(g)", "(g)-[:AFFECTS|REGULATES*1..3]->(t)")
        for row in store.read(WALK.format(pattern=pattern), {"drug": drug, "gene": name})
    ]
    return {one for one in found if len(one) == min(map(len, found))}


def test_the_paths_are_those_that_cypher_finds(filled: GraphStore, explanations: list[Explanation]) -> None:
    rows = filled.read(
        "MATCH (d:Drug)<-[:EXPLAINS]-(:Explanation)-[:HAS_CLAIM]->(c)-[:CLAIMS_GENE]->(g:Gene) "
        "OPTIONAL MATCH (c)-[:HAS_PATH]->(p:MechanismPath) WHERE p.gene = g.symbol "
        "RETURN d.id AS drug, labels(c)[0] AS label, c.id AS claim, g.symbol AS gene, "
        "collect(p.edges) AS paths, count(p) AS n"
    )
    assert len(rows) == sum(len(claim.genes) for one in explanations for claim in one.claims)
    for row in rows:
        if row["label"] == "PathwayClaim":
            assert row["n"] == 0
            continue
        wanted = by_cypher(filled, row["drug"], row["gene"])
        assert {tuple(edges) for edges in row["paths"]} == wanted, row
        assert row["n"] == len(wanted) <= MOST_PATHS
    assert {len(edges) for row in rows for edges in row["paths"]} == {0, 1, 2, 3}


def test_each_path_passes_its_genes_in_order(filled: GraphStore) -> None:
    rows = filled.read(
        "MATCH (p:MechanismPath)-[r:PASSES]->(g:Gene) WITH p, r, g ORDER BY p.id, r.position "
        "RETURN p.id AS id, p.genes AS genes, p.n_steps AS n, p.sign AS sign, p.signs AS signs, p.edges AS edges, "
        "collect(g.symbol) AS passed, collect(r.position) AS positions"
    )
    assert len(rows) == filled.counts()["nodes"]["MechanismPath"] > 4
    said = {
        row["id"]: (row["a"], row["b"], row["sign"])
        for row in filled.read(
            "MATCH (a:Gene)-[r:AFFECTS|REGULATES]->(b:Gene) "
            "RETURN r.id AS id, a.symbol AS a, b.symbol AS b, r.sign AS sign"
        )
    }
    for row in rows:
        assert row["passed"] == row["genes"]
        assert row["positions"] == list(range(row["n"] + 1))
        steps = list(zip(row["genes"], row["genes"][1:], row["signs"], strict=False))
        assert [said[one] for one in row["edges"]] == steps
        assert row["sign"] == (-1) ** row["signs"].count(-1)


def test_the_shortest_path_of_each_claim_in_words(filled: GraphStore) -> None:
    held = filled.read(
        "MATCH (c)-[h:HAS_PATH]->(m:MechanismPath) "
        "RETURN c.id AS claim, m.text AS text, m.n_steps AS n, m.sign AS sign, h.null_share AS share"
    )
    best: dict[str, tuple[int, str, int, float]] = {}
    for row in held:
        if row["n"]:
            way = (row["n"], row["text"], row["sign"], row["share"])
            best[row["claim"]] = min(way, best.get(row["claim"], way))
    claims = sorted({row["claim"] for row in held})
    expected = {
        claim: Way(f"{text}, {'same' if sign > 0 else 'opposite'}", share)
        for claim, (_, text, sign, share) in best.items()
    }
    assert len(expected) > 0
    assert shortest_paths(filled, [*claims, "no claim"]) == expected
    assert shortest_paths(filled, claims[:1]) == {one: way for one, way in expected.items() if one == claims[0]}


def test_a_path_is_shared_and_goes_with_its_last_claim(filled: GraphStore, explanations: list[Explanation]) -> None:
    before = knowledge(filled)
    same = filled.read(
        "MATCH (c)-[:HAS_PATH]->(p:MechanismPath {direction: 'same', gene: 'BRAF'}) "
        "RETURN count(c) AS claims, count(DISTINCT p) AS paths"
    )
    assert same == [{"claims": 5, "paths": 1}]
    mine = [paths_of(filled, id=one.id) for one in explanations]
    filled.delete_explanations([explanations[0].id])
    assert [paths_of(filled, id=one.id) for one in explanations] == [set(), *mine[1:]]
    assert filled.counts()["nodes"]["MechanismPath"] == len(mine[1] | mine[2])
    filled.delete_explanations([one.id for one in explanations])
    counts = filled.counts()
    assert counts["nodes"]["MechanismPath"] == counts["edges"]["PASSES"] == counts["edges"]["HAS_PATH"] == 0
    assert knowledge(filled) == before


def test_a_changed_explanation_leaves_no_path_behind(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    claims = (Claim(kind=ClaimKind.GENE, genes=("TP53",), value=1.0, rank=1), explanations[0].claims[0])
    changed = explanations[0].model_copy(update={"claims": claims})
    filled.delete_explanations([explanations[1].id])
    filled.write_explanations(model, [changed])
    assert paths_of(filled, id=changed.id) == {
        ("same", "BRAF"),
        ("upstream", "TP53 -| BRAF"),
    }
    assert filled.counts()["nodes"]["MechanismPath"] == 2


def test_equal_explanations_of_older_knowledge_get_the_paths_of_the_new(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    filled.write("MATCH (:Gene {symbol: 'TP53'})-[r:REGULATES]->(:Gene {symbol: 'BRAF'}) DELETE r")
    filled.write("MATCH (:Gene {symbol: 'KRAS'})-[r:AFFECTS]->(:Gene {symbol: 'BRAF'}) DELETE r")
    before = [paths_of(filled, id=one.id) for one in explanations]
    filled.write_explanations(model, explanations)
    assert [paths_of(filled, id=one.id) for one in explanations] == before, "the same knowledge by its key: left alone"
    filled.write("MATCH (d:Dataset) SET d.key = 'second'")
    filled.write_explanations(model, explanations)
    after = [paths_of(filled, id=one.id) for one in explanations]
    assert after[2] == before[2] == {("same", "BRAF")}
    assert ("upstream", "NF1 -| KRAS -> BRAF") in before[0]
    assert not any("KRAS -> BRAF" in text for _, text in after[0] | after[1])
    assert filled.read("MATCH (e:Explanation) RETURN DISTINCT e.knowledge AS k") == [{"k": "second"}]


def test_rebuild_finds_the_paths_of_the_knowledge_that_is_there(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    before = [paths_of(filled, id=one.id) for one in explanations]
    first = filled.counts()
    mechanism.rebuild(filled, lambda message, fraction: None)
    assert [paths_of(filled, id=one.id) for one in explanations] == before
    assert filled.counts() == first
    filled.write("MATCH (d:Dataset) SET d.key = 'second', d.complete = false")
    filled.write("MATCH ()-[r:AFFECTS]->() DELETE r")
    heard: list[float | None] = []
    mechanism.rebuild(filled, lambda message, fraction: heard.append(fraction))
    filled.write("MATCH (d:Dataset) SET d.complete = true")
    assert heard
    assert paths_of(filled, id=explanations[0].id) == {("same", "BRAF")}
    assert filled.read("MATCH (p:MechanismPath) RETURN p.dataset_version AS k") == [{"k": "second"}]
    counts = filled.counts()
    filled.write_explanations(model, explanations)
    assert filled.counts() == counts, "they are known to be made: nothing is written again"


def test_paths_that_went_are_made_again_when_a_rebuild_did_not_end(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = filled.counts()
    with monkeypatch.context() as patch:
        patch.setattr(mechanism, "add_paths", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            mechanism.rebuild(filled, lambda message, fraction: None)
    assert filled.counts()["nodes"]["MechanismPath"] == 0
    filled.write_explanations(model, explanations)
    assert filled.counts() == before


def nulls_of(store: GraphStore, drug: str = "Dabrafenib") -> dict[tuple[str, str], float | None]:
    """Claim and path to null_share, as the query tells them."""
    rows = store.rows("mechanism-of-claim", {"drug": drug})
    return {(row["claim"], row["path"]): row["null_share"] for row in rows}


def test_each_path_is_held_against_genes_of_like_degree(filled: GraphStore) -> None:
    """Steps from BRAF, either way: MAP2K1, KRAS and TP53 1; MAPK1, NF1 and MDM2 2; EGFR 3: so of seven others."""
    assert nulls_of(filled) == {
        ("BRAF", "BRAF"): 0.0,  # no other gene is its target
        ("EGFR", "BRAF -> MAP2K1 -> MAPK1 -| EGFR"): 1.0,
        ("EGFR", "EGFR -> NF1 -| KRAS -> BRAF"): 1.0,
        ("BRAF|MAP2K1|MAPK1", "BRAF"): 0.0,
        ("BRAF|MAP2K1|MAPK1", "BRAF -> MAP2K1"): 3 / 7,  # BRAF itself, KRAS and TP53
        ("BRAF|MAP2K1|MAPK1", "BRAF -> MAP2K1 -> MAPK1"): 6 / 7,  # all but EGFR
        ("KRAS|NF1", "KRAS -> BRAF"): 3 / 7,
        ("KRAS|NF1", "NF1 -| KRAS -> BRAF"): 6 / 7,
    }
    (told,) = filled.rows("mechanism-of-claim", {"drug": "Dabrafenib", "gene": "NF1"})
    stored = filled.read(
        "MATCH (c {id: $id})-[h:HAS_PATH]->(m) RETURN m.gene AS gene, h.null_share AS share ORDER BY gene",
        {"id": told["claim_id"]},
    )
    assert stored == [{"gene": "KRAS", "share": 3 / 7}, {"gene": "NF1", "share": told["null_share"]}]


def test_a_graph_from_before_the_nulls_answers_and_is_brought_up_to_date(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    before, counts = nulls_of(filled), filled.counts()
    filled.write("MATCH ()-[h:HAS_PATH]->() REMOVE h.null_share")
    filled.write("MATCH (e:Explanation) REMOVE e.path_rules")
    assert nulls_of(filled) == dict.fromkeys(before)
    claims = [row["claim_id"] for row in filled.rows("mechanism-of-claim", {"drug": "Dabrafenib"})]
    assert {way.null_share for way in shortest_paths(filled, claims).values()} == {None}
    filled.write_explanations(model, explanations)
    assert nulls_of(filled) == before
    assert filled.counts() == counts
    assert filled.read("MATCH (e:Explanation) RETURN DISTINCT e.path_rules AS rules") == [{"rules": PATH_RULES}]
    filled.write("MATCH ()-[h:HAS_PATH]->() REMOVE h.null_share")
    mechanism.rebuild(filled, lambda message, fraction: None)
    assert nulls_of(filled) == before
    filled.write("MATCH ()-[h:HAS_PATH]->() SET h.null_share = 0.5")
    filled.write_explanations(model, explanations)
    assert set(nulls_of(filled).values()) == {0.5}, "what the rules of today made is left as it is"


def test_no_explanation_on_half_the_knowledge(
    filled: GraphStore, model: ModelRecord, explanations: list[Explanation]
) -> None:
    filled.write("MATCH (d:Dataset) SET d.complete = false")
    with pytest.raises(StoreError, match="whole knowledge(.|\n)*did not end"):
        filled.write_explanations(model, explanations)
    filled.write("MATCH (d:Dataset) DELETE d")
    with pytest.raises(StoreError, match="whole knowledge(.|\n)*no knowledge"):
        filled.write_explanations(model, explanations)
