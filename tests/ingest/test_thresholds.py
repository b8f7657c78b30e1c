"""How much may be unknown, renamed or contradicted before a file is a wrong one; ids that stand for symbols."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from ingest_slices import EXPRESSION, FILES, GENES, MODEL, MODEL_LIST, OMNIPATH, SYMBOLS, write_slices

from pathproof.errors import DataError
from pathproof.ingest.identifiers import GeneTable, require_agreement, require_known_sets
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.pipeline import check_data
from pathproof.ingest.sources.base import Tally
from pathproof.ingest.sources.cell_lines import read_cell_lines
from pathproof.ingest.sources.hgnc import SYMBOL_ENTREZ, read_genes
from pathproof.ingest.sources.registry import SOURCES

N = 100
HERE = Path("file.csv")


@pytest.fixture(scope="module")
def genes() -> GeneTable:
    """G0 with Entrez id 0 ... G99 with Entrez id 99, each with an Ensembl id and a UniProt accession."""
    table = GeneTable()
    for number in range(N):
        table.add(f"hgnc:{number}", f"G{number}", str(1000 + number), f"ENSG{number:011}", f"P{number:05}")
    return table


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("ENSG00000000007", "G7"),
        ("ENSG00000000007.12", "G7"),
        ("P00042", "G42"),
        ("P00042-2", "G42"),
        ("ENSG00000000700", None),
        ("P2RY12", None),  # it looks like an accession, and is none
    ],
)
def test_an_id_in_the_place_of_a_symbol(genes: GeneTable, name: str, symbol: str | None) -> None:
    gene = genes.find(name)
    assert (gene and gene.symbol) == symbol


def _agreement(genes: GeneTable, moved: Sequence[int]) -> Tally:
    tally = Tally()
    names = [f"G{number}" for number in range(N)]
    entrez = [str(1000 + (number + 1) % N if number in moved else 1000 + number) for number in range(N)]
    require_agreement(genes, [*names, "NEW", "", "G1"], [*entrez, "1003", "1004", ""], tally, HERE)
    return tally


def test_a_symbol_beside_the_id_of_another_gene_is_counted_and_many_are_refused(genes: GeneTable) -> None:
    assert _agreement(genes, []).noted == {}, "a new name of a gene, an id alone, a name alone"
    few = _agreement(genes, [5, 6])
    assert few.noted == {"approved symbol beside the Entrez id of another gene: the id decides": 2}
    assert next(iter(few.examples.values()))[0] == "G5 beside 1006, which is G6"
    with pytest.raises(DataError, match=r"3 of 101 symbols(.|\n)*file.csv(.|\n)*G5 beside 1006(.|\n)*at most 2%"):
        _agreement(genes, [5, 6, 7])


def test_the_columns_of_a_matrix_are_held_against_the_genes(tmp_path: Path) -> None:
    header = FILES[EXPRESSION].split("\n")[0]
    moved = header.replace("BRAF (673)", "BRAF (1956)").replace("EGFR (1956)", "EGFR (673)")
    (problem,) = check_data(write_slices(tmp_path, {EXPRESSION: FILES[EXPRESSION].replace(header, moved)}))
    assert problem.what == "2 of 4 symbols stand beside the Entrez id of another gene."
    assert str(problem.where).endswith(EXPRESSION)


def test_a_set_of_unknown_members_is_counted_and_many_are_refused() -> None:
    sets = {f"S{number}": ("A", "B", "C") for number in range(20)}
    tally = Tally()
    require_known_sets({**sets, "S3": ("X", "Y", "A"), "S4": ("X", "A"), "S5": ("Z",)}, {"A", "B", "C"}, tally, HERE)
    assert tally.noted == {"set of which most members are unknown": 2}, "half of S4 is known"
    poor = {**sets, **{f"S{number}": ("A B C",) for number in range(3)}}
    with pytest.raises(DataError, match=r"Of 3 of 20 sets(.|\n)*S0, S1, S2(.|\n)*at most 10%"):
        require_known_sets(poor, {"A", "B", "C"}, Tally(), HERE)


def _symbols(folder: Path, n_renamed: int, first: str = "") -> Path:
    """An id table of N genes, and a newer list in which the first ones have another name."""
    head = FILES[GENES].split("\n")[0]
    ids = "".join(f"S,,,{1000 + n}.0,HGNC:{n},G{n},,\n" for n in range(N))
    names = "".join(f"{'NEW' if n < n_renamed else 'G'}{n}\t{1000 + n}\n" for n in range(1, N))
    header = FILES[SYMBOLS].split("\n")[0]
    return write_slices(folder, {GENES: f"{head}\n{ids}", SYMBOLS: f"{header}\n{first or 'G0'}\t1000\n{names}"})


def test_symbols_that_a_newer_list_renames_are_counted_and_many_are_refused(tmp_path: Path) -> None:
    table, used = read_genes(_symbols(tmp_path / "few", 20))
    told = next(tally for source, tally in used.values() if source is SYMBOL_ENTREZ)
    reason = "symbol other than that of the gene identifier table of Cell Model Passports"
    assert told.noted == {reason: 19}
    assert told.examples[reason][0] == "G1 -> NEW1"
    gene = table.find("G1")
    assert gene is not None
    assert gene.symbol == "NEW1"
    with pytest.raises(DataError, match=rf"29 of {N} genes have other symbols(.|\n)*{SYMBOLS}(.|\n)*at most 5%"):
        read_genes(_symbols(tmp_path / "many", 30))


def test_one_symbol_that_two_tables_give_two_genes_is_refused_when_it_is_many(tmp_path: Path) -> None:
    folder = _symbols(tmp_path, 0, "G1")  # 1000 is G1, and so is 1001: that is a symbol twice
    with pytest.raises(DataError, match="Duplicate keys"):
        read_genes(folder)
    text = (folder / SYMBOLS).read_text()
    (folder / SYMBOLS).write_text(text.replace("G1\t1001\n", "G0\t1001\n"))
    with pytest.raises(DataError, match=r"2 of 100 genes(.|\n)*G0 \(1000\) is G1 and G0 is 1001(.|\n)*at most 1%"):
        read_genes(folder)


def test_a_newer_symbol_is_not_called_obsolete(genes: GeneTable) -> None:
    table, tally = GeneTable(), Tally()
    table.add("hgnc:1", "H3F3A", "3020", "", "")
    table.add("hgnc:2", "KMT2A", "4297", "", "")
    table.add_other_name("H3-3A", "H3F3A", newer=True)
    table.add_other_name("MLL", "KMT2A")
    table.tell(["H3-3A", "MLL", "KMT2A"], tally)
    (account,) = tally.mapping
    assert (account.mapped, account.obsolete, account.newer) == (3, 1, 1)
    assert account.examples == {"obsolete": ["MLL -> KMT2A"], "newer": ["H3-3A -> H3F3A"]}


def test_a_model_without_a_sanger_id_is_found_by_its_depmap_id_or_its_rrid(tmp_path: Path) -> None:
    header = "ModelID,SangerModelID,COSMICID,OncotreePrimaryDisease,GrowthPattern,RRID\n"
    models = {
        "ACH-000001": "SIDM00001,1001.0,Melanoma,Adherent,CVCL_9",  # a stated id is not held against the others
        "ACH-000002": ",,Leukemia,Suspension,",
        "ACH-000004": ",,Carcinoma,Adherent,CVCL_4",
        "ACH-000005": ",,Glioma,Adherent,CVCL_99",
        "ACH-000006": ",,Glioma,Adherent,CVCL_1",
    }
    lists = (
        "model_id,model_name,tissue,COSMIC_ID,BROAD_ID,RRID\nSIDM00001,L-1,Skin,,ACH-000001,CVCL_1\n"
        "SIDM00002,L-2,Blood,,ACH-000002;ACH-000006,CVCL_2\nSIDM00004,L-4,Lung,,,CVCL_4\n"
    )
    rows = header + "".join(f"{model},{rest}\n" for model, rest in models.items())
    data = write_slices(tmp_path, {MODEL: rows, MODEL_LIST: lists})
    tallies = Tally(), Tally()
    frame = read_cell_lines(data / MODEL_LIST, data / MODEL, tallies).frame.set_index("cell_line")
    assert frame["cancer_type"].to_dict() == {
        "sidm:SIDM00001": "Melanoma",
        "sidm:SIDM00002": "Leukemia",
        "sidm:SIDM00004": "Carcinoma",
    }
    assert frame["ach"].tolist() == ["ACH-000001", "ACH-000002", "ACH-000004"]
    assert tallies[1].noted == {
        "model without a Sanger id: its DepMap id or RRID gives the line": 2,
        "model without a Sanger id: DepMap id and RRID give two lines": 1,
    }
    assert tallies[1].dropped == {"no Sanger model id": 2}


def test_an_unknown_symbol_of_omnipaths_service_is_found_by_its_accession(tmp_path: Path) -> None:
    names = "source target source_genesymbol target_genesymbol is_directed consensus_direction"
    header = f"{names} consensus_stimulation consensus_inhibition".split()
    rows = [
        header,
        ["P01116", "P15056", "RASK", "BRAF", *"1110"],
        ["P15056", "Q02750", "BRAF", "MAP2K1", *"1101"],
        ["P01116", "Q02750", "TWO", "MAP2K1", *"1110"],
        ["P15056", "Q02750", "TWO", "MAP2K1", *"1110"],
    ]
    text = "".join("\t".join(row) + "\n" for row in rows)
    data = write_slices(tmp_path, {OMNIPATH: None, "omnipath/omnipath_webservice_interactions.tsv": text})
    from pathproof.ingest.builder import Origin
    from pathproof.ingest.knowledge import build_knowledge
    from pathproof.ingest.tables import build_tables

    inputs = Inputs(data)
    inputs.read_all(lambda message, share: None, 1.0)
    made = {source.name: Origin("made", "made", "made") for source in SOURCES}
    affects = build_knowledge(inputs, build_tables(inputs), made).edges["AFFECTS"]
    assert list(zip(affects["start"], affects["end"], affects["sign"], strict=True)) == [
        ("hgnc:1097", "hgnc:6840", -1),
        ("hgnc:6407", "hgnc:1097", 1),
    ]
    told = next(record.tally for title, record in inputs.files.items() if "web service" in title)
    assert told.noted == {"unknown symbol: found by its UniProt accession": 1}
    assert told.dropped == {"unmapped symbol": 2}
