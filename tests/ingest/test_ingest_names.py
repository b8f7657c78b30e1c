"""Genes, drugs and molecular profiles: the mappings on their own, with their invariants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathproof.errors import DataError
from pathproof.ingest.drug_names import DrugIndex, candidate_keys, drug_key
from pathproof.ingest.identifiers import GeneTable, require_mapped_share
from pathproof.ingest.sources.base import Tally
from pathproof.ingest.sources.civic import NotUsable, is_combination, profile_genes, split_therapies
from pathproof.ingest.sources.depmap import split_column
from pathproof.ingest.sources.reactome import ancestors, resistance_pathways

NAMES = st.sampled_from([f"G{i}" for i in range(8)])


@st.composite
def gene_tables(draw: st.DrawFn) -> GeneTable:
    table = GeneTable()
    for number, symbol in enumerate(draw(st.lists(NAMES, min_size=1, max_size=8))):
        table.add(
            draw(st.sampled_from(["", f"hgnc:{number}"])), symbol, draw(st.sampled_from(["", str(number)])), "", ""
        )
    for other, symbol in draw(st.lists(st.tuples(NAMES, NAMES), max_size=10)):
        table.add_other_name(other, symbol)
    return table


@given(gene_tables(), NAMES, st.sampled_from(["", "0", "1", "2"]))
def test_mapping_is_idempotent(table: GeneTable, name: str, entrez: str) -> None:
    gene = table.find(name, entrez)
    if gene is None:
        assert table.why_not(name) in ("unmapped symbol", "ambiguous symbol")
    else:
        assert table.find(gene.symbol) == gene
        assert table.find(gene.symbol, gene.entrez) == gene


@given(gene_tables())
def test_a_gene_has_one_id_one_symbol(table: GeneTable) -> None:
    genes = {gene for gene in table.map([f"G{i}" for i in range(8)]) if gene is not None}
    assert len({gene.id for gene in genes}) == len(genes) == len({gene.symbol for gene in genes})


def test_ambiguous_name_is_not_guessed() -> None:
    table = GeneTable()
    table.add("hgnc:1", "AAA1", "", "", "")
    table.add("hgnc:2", "BBB1", "", "", "")
    table.add_other_name("OLD", "AAA1")
    assert table.find("OLD") is not None
    table.add_other_name("OLD", "BBB1")
    assert table.find("OLD") is None
    assert table.why_not("OLD") == "ambiguous symbol"
    assert table.why_not("A_B") == table.why_not("NFKB") == "protein complex, not one gene"


def test_mapped_share() -> None:
    require_mapped_share(5, 10, __file__, "names")  # type: ignore[arg-type]
    require_mapped_share(0, 0, __file__, "names")  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"Only 4 of 10 names are known: this is probably the wrong file"):
        require_mapped_share(4, 10, __file__, "names")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("profile", "genes"),
    [
        ("BRAF V600E", ("BRAF",)),
        ("NKX2-1 Loss", ("NKX2-1",)),
        ("EML4::ALK e6::e20", ("ALK", "EML4")),
        ("v::ALK Fusion", ("ALK",)),
        ("FGFR2::v Fusion OR FGFR2::? Fusion", ("FGFR2",)),
        ("BCR::ABL1 Fusion AND ABL1 T315I", ("ABL1",)),
        ("BRCA1 Mutation OR BRCA2 Mutation", ("BRCA1", "BRCA2")),
        ("MET Amplification AND NOT KRAS Mutation", ("MET",)),
        ("RB1 Wildtype AND ( CDKN2A Loss OR CDKN2A Mutation )", ("CDKN2A",)),
        ("MET Amplification AND MET Splice Site (c.3028G>A)", ("MET",)),
        ("PML::RARA Fusion AND ( RARA R272Q OR RARA L290V )", ("RARA",)),
    ],
)
def test_genes_of_a_profile(profile: str, genes: tuple[str, ...]) -> None:
    assert profile_genes(profile) == genes


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ("TP53 Wildtype", "wild type or absence"),
        ("NOT KRAS Mutation", "wild type or absence"),
        ("BRAF V600E AND NRAS Q61K", "none alone"),
        ("( BRAF V600E OR KRAS G12D", "cannot be read"),
        ("BRAF V600E AND", "cannot be read"),
        ("BRAF V600E ) OR KRAS G12D", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_profiles_that_say_nothing_of_one_gene(profile: str, reason: str) -> None:
    with pytest.raises(NotUsable, match=reason):
        profile_genes(profile)


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_or_is_the_union_and_and_of_one_gene_is_that_gene(names: list[str]) -> None:
    assert profile_genes(" OR ".join(f"{name} Mutation" for name in names)) == tuple(sorted(set(names)))
    assert profile_genes(" AND ".join(f"{names[0]} V{i}E" for i, _ in enumerate(names))) == (names[0],)


def test_therapies_of_an_item() -> None:
    assert split_therapies("Dabrafenib,Trametinib") == ("Dabrafenib", "Trametinib")
    assert split_therapies("Infigratinib,FGF Receptor Inhibitor, PD173074") == (
        "Infigratinib", "FGF Receptor Inhibitor, PD173074",
    )  # fmt: skip
    assert split_therapies("5-(4-ethoxyphenyl)-2,4-pyrimidinediamine,LY294002,Trastuzumab") == (
        "5-(4-ethoxyphenyl)-2,4-pyrimidinediamine", "LY294002", "Trastuzumab",
    )  # fmt: skip


def test_combinations() -> None:
    assert is_combination(("A", "B"), "Combination")
    assert is_combination(("A", "B"), "Sequential")
    assert is_combination(("A", "B"), "")
    assert not is_combination(("A", "B"), "Substitutes")
    assert not is_combination(("A",), "")
    assert is_combination(("FOLFOX Regimen",), "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Imatinib Mesylate", "imatinib"),
        ("PLX-4720", "PLX4720"),
        ("Regorafenib Anhydrous", "Regorafenib"),
        ("GSK-LSD1-2HCl ", "GSK LSD1 2HCl"),
        ("JQ1 Compound", "JQ-1"),
    ],
)
def test_same_drug(one: str, other: str) -> None:
    assert drug_key(one) == drug_key(other) != ""


@given(st.text(max_size=30))
def test_drug_key_is_idempotent(name: str) -> None:
    assert drug_key(drug_key(name)) == drug_key(name)


def test_code_names() -> None:
    assert "tae684" in candidate_keys("ALK Inhibitor TAE684")
    assert "pd173074" in candidate_keys("FGF/VEGF Receptor Tyrosine Kinase Inhibitor, PD173074")
    assert candidate_keys("Tyrosine Kinase Inhibitor") == ["tyrosinekinaseinhibitor"]


def test_synonyms_beside_a_name_need_a_shared_target() -> None:
    import pandas as pd

    drugs = pd.DataFrame(
        {
            "drug": ["d:1", "d:2", "d:3", "d:4"],
            "name": ["AZD1480", "Selumetinib", "Osimertinib", "AZD9291"],
            "synonyms": [(), ("AZD1480", "2"), ("AZD9291",), ("Osimertinib",)],
            "targets": [("JAK2",), ("MAP2K1",), ("EGFR",), ("EGFR",)],
        }
    )
    index = DrugIndex(drugs)
    assert index.find("JAK2 Inhibitor AZD1480") == ("d:1",)
    assert index.find("osimertinib") == ("d:3", "d:4")
    assert index.find("2") == ()
    assert index.find("Chemotherapy") == ()


def test_split_column() -> None:
    assert split_column("TSPAN6 (7105)") == ("TSPAN6", "7105")
    assert split_column("CYR61 (0)") == ("CYR61", "")


def test_resistance_pathway_names() -> None:
    found = resistance_pathways(
        {
            "R-HSA-1": "NVP-TAE684-resistant ALK mutants",
            "R-HSA-2": "Resistance of ERBB2 KD mutants to AEE788",
            "R-HSA-3": "Drug resistance of KIT mutants",
            "R-HSA-4": "Resistance of ERBB2 mutants to lapatinib",
        }
    )
    assert [(item.pathway, item.drug, item.gene) for item in found] == [
        ("R-HSA-1", "NVP-TAE684", "ALK"),
        ("R-HSA-2", "AEE788", "ERBB2"),
        ("R-HSA-4", "lapatinib", "ERBB2"),
    ]


def test_ancestors_end_in_a_cycle_too() -> None:
    assert ancestors({"a"}, (("a", "b"), ("b", "c"), ("c", "a"), ("x", "y"))) == {"a", "b", "c"}


def test_tally_counts_all_and_shows_few() -> None:
    tally = Tally()
    tally.drop("odd", [str(i) for i in range(100)])
    tally.drop("none", [])
    tally.note("kept", ["a", "a"])
    assert tally.dropped == {"odd": 100}
    assert tally.noted == {"kept": 2}
    assert tally.examples == {"odd": [str(i) for i in range(8)], "kept": ["a"]}
