"""The hand-written facts: complete, consistent with each other, and as varied as the validation needs."""

from __future__ import annotations

import dataclasses

import pytest

from pathproof.ingest.demo.facts import Facts, load_facts
from pathproof.ingest.demo.mechanisms import with_mechanisms
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.truth import known_genes, planted_answer


@pytest.fixture(scope="module")
def facts() -> Facts:
    return load_facts()


@pytest.fixture(scope="module")
def drawn() -> Facts:
    return with_mechanisms(load_facts(), WorldParameters())


def test_sizes(facts: Facts) -> None:
    assert 40 <= len(facts.drugs) <= 70
    assert 400 <= len(facts.genes) <= 650
    assert 25 <= len(facts.pathways) <= 40
    assert 230 <= sum(tissue.lines for tissue in facts.tissues) <= 250
    assert len(facts.drivers) >= 40


def test_names_are_unique(facts: Facts) -> None:
    for names in (
        [drug.name for drug in facts.drugs],
        [drug.id for drug in facts.drugs],
        [pathway.id for pathway in facts.pathways + facts.named_pathways] + list(facts.parents),
        [tissue.name for tissue in facts.tissues],
        [(a, b) for a, b, _ in facts.signed],
        [(a, b) for a, b, _ in facts.regulon],
    ):
        assert len(set(names)) == len(names)


def test_symbols_look_like_symbols(facts: Facts) -> None:
    assert all(gene == gene.upper() and gene.replace("-", "").isalnum() for gene in facts.genes)


def test_every_pathway_is_large_enough_to_be_scored(facts: Facts) -> None:
    assert all(pathway.parent in facts.parents and not pathway.genes for pathway in facts.named_pathways)
    for pathway in facts.pathways:
        assert len(set(pathway.genes)) == len(pathway.genes), pathway.name
        assert len(pathway.genes) >= 10, pathway.name
        assert pathway.parent in facts.parents, pathway.name


def test_planted_mechanisms_are_possible(facts: Facts) -> None:
    pathways = {pathway.id for pathway in facts.pathways}
    for drug in facts.drugs:
        assert (drug.pathway in pathways) == bool(drug.planted), drug.name
        assert not drug.planted or 2 <= len(drug.planted) <= 4, drug.name
        for planted in drug.planted:
            assert (planted.effect > 0) == (planted.sign == "resistance")
            assert planted.layer == "expression" or planted.gene in facts.drivers, (drug.name, planted.gene)


def test_twelve_target_classes_with_several_drugs_in_many(facts: Facts) -> None:
    # Drugs belong to one class when they share a target: the components of the drug-target graph.
    classes: list[set[str]] = []
    for drug in facts.drugs:
        joined = set(drug.targets).union(*(c for c in classes if c & set(drug.targets)))
        classes = [c for c in classes if not c & joined] + [joined]
    assert len(classes) >= 12
    sizes = [sum(bool(c & set(drug.targets)) for drug in facts.drugs) for c in classes]
    assert sum(size >= 2 for size in sizes) >= 8


@pytest.mark.parametrize("which", ["facts", "drawn"])
def test_evidence_groups(which: str, request: pytest.FixtureRequest) -> None:
    facts: Facts = request.getfixturevalue(which)
    names = {drug.name for drug in facts.drugs}
    assert {therapy for row in facts.evidence for therapy in row.therapies} <= names
    known = {(drug.name, gene) for drug in facts.drugs for gene in known_genes(facts, drug)}
    planted = {(drug.name, p.gene) for drug in facts.drugs for p in drug.planted}
    decoys = {drug.name for drug in facts.drugs if drug.decoy}
    without = {drug.name for drug in facts.drugs if not drug.planted}
    assert len(decoys) >= 4
    assert len(without) == 6
    assert not any(drug in decoys for drug, _ in known & planted), "the evidence of a decoy names a planted gene"
    assert decoys | without <= {drug for drug, _ in known}, "a drug that is never testable teaches nothing"
    honest = {pair for pair in planted if pair[0] not in decoys}
    assert 0.85 < len(honest & known) / len(honest) < 1.0, "most planted facts are known, not all"
    assert len(known - planted) >= 15, "true facts that the simulation does not plant"


def test_evidence_contradicts_itself_somewhere(facts: Facts) -> None:
    signs: dict[tuple[str, str], set[str]] = {}
    for row in facts.evidence:
        for therapy in row.therapies if row.direction == "Supports" else ():
            signs.setdefault((therapy, row.gene), set()).add(row.significance)
    assert sum(len(found) == 2 for found in signs.values()) >= 2


def test_planted_signs_agree_with_the_evidence(drawn: Facts) -> None:
    want = {"resistance": "Resistance", "sensitivity": "Sensitivity/Response"}
    for drug in drawn.drugs:
        for planted in drug.planted:
            found = {
                row.significance
                for row in drawn.evidence
                if drug.name in row.therapies and row.gene == planted.gene and " AND " not in row.variant
                if row.direction == "Supports"
            }
            assert not found or want[planted.sign] in found, (drug.name, planted.gene)


def test_planted_answer_lists_each_drug_once(drawn: Facts) -> None:
    answer = planted_answer(drawn, WorldParameters(seed=7))
    with_mechanism = [row["drug"] for row in answer["mechanisms"]]
    without = [row["drug"] for row in answer["decoys"]["no_mechanism"]]
    assert answer["seed"] == 7
    assert sorted(with_mechanism + without) == sorted(drug.curie for drug in drawn.drugs)
    assert all(row["pathway"].startswith("reactome:R-HSA-") for row in answer["mechanisms"])
    assert answer["note"].startswith("SIMULATED")


def test_a_gene_named_anywhere_is_in_the_gene_list(facts: Facts) -> None:
    extra = dataclasses.replace(facts.evidence[0], gene="NEWGENE")
    assert "NEWGENE" not in facts.genes
    assert "NEWGENE" in dataclasses.replace(facts, evidence=(*facts.evidence, extra)).genes
