"""References, circularity and the judgement of single claims, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scoring_world import DRUGS, GENES, PER_GROUP, FakeStore, context, evidence, gene, right, row, store, table

from pathproof.errors import DataError, StoreError, UsageError
from pathproof.validate.alteration import expression_sign, mutation_sign
from pathproof.validate.circularity import circular_facts, entered_sources, told_pairs
from pathproof.validate.knowledge import read_knowledge
from pathproof.validate.overlap import block_of, compile_facts, overlap
from pathproof.validate.planted import planted_truth
from pathproof.validate.reference import Reference, fact_frame
from pathproof.validate.references import build_references
from pathproof.validate.run import validate
from pathproof.validate.universe import Universe


def named(name: str, world: FakeStore | None = None) -> Reference:
    return next(r for r in build_references(read_knowledge(world or store())) if r.name == name)


def of(reference: Reference, drug: str) -> set[str]:
    return {item for d, item in reference.pairs if d == drug}


def test_what_each_reference_holds() -> None:
    d = DRUGS[PER_GROUP]  # group 1: target G001
    assert of(named("targets"), d) == {gene(1)}
    assert of(named("signed_neighbourhood"), d) == {gene(61)}
    assert of(named("regulons"), d) == {gene(91)}
    pathways = {"reactome:P0", "reactome:P1"}
    assert of(named("target_pathways"), d) == pathways | {gene(i) for i in range(13)} - {gene(1)}
    assert (d, gene(1)) in named("target_pathways").set_aside
    assert of(named("resistance_evidence"), d) == {symbol for symbol, _ in evidence(PER_GROUP)}


def test_class_evidence_reaches_drugs_of_the_same_targets_only() -> None:
    world = store()
    world.tables["evidence-edges"] = [r for r in world.tables["evidence-edges"] if r["drug"] == DRUGS[0]]
    assert of(named("resistance_evidence", world), DRUGS[1]) == set()
    assert of(named("resistance_evidence_class", world), DRUGS[1]) == {symbol for symbol, _ in evidence(0)}
    assert of(named("resistance_evidence_class", world), DRUGS[PER_GROUP]) == set()


def test_combinations_are_left_out_and_level_d_has_a_row_without_it() -> None:
    world = store()
    world.tables["evidence-edges"] = [
        {**world.tables["evidence-edges"][0], "combination": True},
        {**world.tables["evidence-edges"][1], "evidence_level": "D"},
    ]
    assert of(named("resistance_evidence", world), DRUGS[0]) == {evidence(0)[1][0]}
    assert of(named("resistance_evidence_no_D", world), DRUGS[0]) == set()


def test_target_groups_are_components_and_drugs_without_targets_stand_alone() -> None:
    world = store()
    world.tables["target-edges"] = [
        *({"drug": DRUGS[0], "gene": g, "edge": g} for g in ("A", "B")),
        *({"drug": DRUGS[1], "gene": g, "edge": g} for g in ("B", "C", "A")),
        *({"drug": DRUGS[2], "gene": g, "edge": g} for g in ("C", "B", "D", "E")),
    ]
    known = read_knowledge(world)
    assert known.relatives[DRUGS[0]] == (DRUGS[0], DRUGS[1])  # 2 of 3; the third shares 1 of 5
    assert known.groups[DRUGS[1]] == known.groups[DRUGS[0]]
    assert known.groups[DRUGS[2]] != known.groups[DRUGS[0]]
    assert len({known.groups[d] for d in DRUGS[3:]}) == len(DRUGS) - 3


@pytest.mark.parametrize(
    ("profile", "mutation", "expression"),
    [
        ("BRAF V600E", -1, -1),
        ("BRAF Loss", -1, 1),
        ("BRAF Underexpression", -1, 1),
        ("BRAF Wildtype", 1, 0),
        ("BRAF Exon 19 Deletion", -1, -1),
        ("NOT BRAF V600E", 1, 0),
        ("PTEN Loss AND BRAF V600E", -1, -1),
        ("EGFR Overexpression AND BRAF Loss-of-function", -1, 1),
    ],
)
def test_the_alteration_decides_the_sign(profile: str, mutation: int, expression: int) -> None:
    assert mutation_sign(-1, profile, "BRAF") == mutation
    assert expression_sign(-1, profile, "BRAF") == expression


def test_circular_facts_by_source_and_by_pair() -> None:
    references = build_references(read_knowledge(store()))
    by_name = {r.name: r for r in references}
    entered = entered_sources([("source:omnipath",)], ("gdsc", "collectri"))
    assert circular_facts(by_name["signed_neighbourhood"], entered).all()
    assert not circular_facts(by_name["resistance_evidence"], entered).any()
    # The model was told the targets: a target that the evidence names too is circular there as well.
    world = store()
    world.tables["evidence-edges"].append({**world.tables["evidence-edges"][0], "gene": gene(0), "edge": "x"})
    references = build_references(read_knowledge(world))
    told = told_pairs(references, frozenset({"gdsc.targets"}))
    found = next(r for r in references if r.name == "resistance_evidence")
    flags = circular_facts(found, frozenset({"gdsc.targets"}), told)
    assert [found.pairs[i] for i in np.flatnonzero(flags)] == [(DRUGS[0], gene(0))]


def judged(kind: str, genes: tuple[str, ...], held: tuple[str, ...], sign: int = 0, fact_sign: int = 0) -> str:
    universe = Universe.of(GENES[:20], (), "test")
    facts = fact_frame(
        {
            "drug": "d",
            "item": g,
            "sign_mutation": fact_sign,
            "sign_expression": 0,
            "sources": ("s",),
            "edges": (g,),
            "text": "",
        }
        for g in held
    )
    compiled = compile_facts(Reference("r", "", "", facts, signed=True), ["d"], universe, kind)
    claim = table([row("x", DRUGS[0], "|".join(genes), 0.5, sign, genes=genes, kind=kind)]).frame
    found = overlap(block_of(claim, universe, kind), compiled, np.array([0]), np.array([[0]]))
    if not found.testable[0, 0]:
        return "untestable"
    return "supported" if found.supported[0, 0] else "contradicted" if found.contradicted[0, 0] else "novel"


@pytest.mark.parametrize(
    ("kind", "genes", "held", "sign", "fact", "state"),
    [
        ("gene", GENES[:1], GENES[:1], 0, 1, "supported"),
        ("gene", GENES[:1], GENES[:1], 1, 1, "supported"),
        ("gene", GENES[:1], GENES[:1], 1, 0, "supported"),
        ("gene", GENES[:1], GENES[:1], 1, -1, "contradicted"),
        ("gene", GENES[:1], GENES[1:2], 1, 1, "novel"),
        ("gene", ("OUTSIDE",), GENES[:1], 0, 0, "untestable"),
        ("gene", GENES[:1], (), 0, 0, "untestable"),
        ("interaction", GENES[:2], GENES[:2], 0, 0, "supported"),
        ("interaction", GENES[:2], GENES[:1], 0, 0, "novel"),
        ("interaction", (GENES[0], "OUTSIDE"), GENES[:1], 0, 0, "untestable"),
        ("module", GENES[:4], GENES[:2], 0, 0, "supported"),
        ("module", GENES[:5], GENES[:2], 0, 0, "novel"),
        ("module", (*GENES[:2], "OUT1", "OUT2", "OUT3"), GENES[:2], 0, 0, "untestable"),
    ],
)
def test_states_of_claims(
    kind: str, genes: tuple[str, ...], held: tuple[str, ...], sign: int, fact: int, state: str
) -> None:
    assert judged(kind, genes, held, sign, fact) == state


SIGNATURES = [
    {
        **{"gene_set": f"msigdb:X_{how}", "name": f"X_{how}", "drug": DRUGS[0], "edge": f"x{how}"},
        **{"gene": gene(g), "expression": how},
    }
    for how, g in (("higher", 100), ("lower", 101), (None, 102))
]


def test_signatures_of_resistance_are_read_in_the_expression() -> None:
    world = store(**{"resistance-signatures": SIGNATURES})
    facts = named("resistance_signatures", world).facts.set_index("item")
    assert facts["sign_expression"].to_dict() == {gene(100): 1, gene(101): -1, gene(102): 0}
    assert (facts["sign_mutation"] == 0).all()
    assert facts["text"][gene(100)] == "in X_higher (msigdb), higher in resistant cells"
    claims = [
        row("x", DRUGS[0], gene(g), 0.9, sign, layer="expression")
        for g, sign in ((100, 1), (101, 1), (102, 1), (103, 1))
    ]
    rows = validate(world, table(claims), context("x")).claim_rows.set_index("key")
    held = {key: "resistance_signatures" in names for key, names in rows["supported_by"].items()}
    assert held == {gene(100): True, gene(101): False, gene(102): True, gene(103): False}
    assert "resistance_signatures" in rows["contradicted_by"][gene(101)]


def test_evidence_that_may_rest_on_the_same_screen_is_marked() -> None:
    world = store()
    world.tables["evidence-edges"] = [
        {**one, "evidence_level": level, "publications": [paper]}
        for one, level, paper in zip(
            world.tables["evidence-edges"], "DBB", ("pubmed:1", "pubmed:27397505", "pubmed:2"), strict=False
        )
    ]
    texts = sorted(named("resistance_evidence", world).facts["text"], key=len)
    assert [text.partition(" (civic)")[2] for text in texts] == [
        "",
        " (preclinical: may rest on the same screens)",
        " (cites a paper of a screen: not independent of it)",
    ]


def test_errors_are_told() -> None:
    with pytest.raises(StoreError, match="holds no drugs"):
        read_knowledge(FakeStore({}))
    with pytest.raises(StoreError, match="target-edges does not give"):
        read_knowledge(store(**{"target-edges": [{"drug": "d", "symbol": "x"}]}))
    with pytest.raises(UsageError, match="no validation profile"):
        validate(store(), table(right()), {}, profile="defualt")
    with pytest.raises(DataError, match="no claims to score"):
        validate(store(), table([]), {})
    with pytest.raises(DataError, match="planted answer cannot be read"):
        planted_truth({"mechanisms": [{"drug": "d", "genes": [{"gene": "A"}]}]})


def test_universe_is_an_argument_and_named_in_the_report() -> None:
    inside = [row for row in right() if row["key"] in GENES[:60]]
    given = validate(store(), table(inside), context("right"), universe=GENES[:60]).report["universe"]
    assert given["n_genes"] == 60
    assert given["origin"] == "given with the claims"
    without = {**context("right"), "universe": None}
    assert "genes named in the claims" in validate(store(), table(right()), without).report["universe"]["origin"]
