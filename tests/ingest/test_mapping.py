"""Identifiers: what each file's names became, ids of genes elsewhere, and what must not depend on any order."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_made import Made, source, table
from ingest_slices import (
    CIVIC,
    COLLECTRI,
    COMPOUND_LIST,
    COMPOUNDS,
    DGIDB,
    EXPRESSION,
    FEATURES,
    FILES,
    GENES,
    MODEL,
    MODEL_LIST,
    OMNIPATH,
    RESPONSE,
    SIGNATURES,
    SYMBOLS,
    TARGETS,
    WIKIPATHWAYS,
    write_slices,
)

from pathproof.errors import DataError
from pathproof.ingest.identifiers import Gene, GeneTable
from pathproof.ingest.pipeline import ingest
from pathproof.ingest.sources.base import Tally
from pathproof.ingest.sources.hgnc import read_genes
from pathproof.workspace import Workspace

COMPLETE = "hgnc/hgnc_complete_set.txt"
COMPLETE_TEXT = (
    "hgnc_id\tsymbol\talias_symbol\tprev_symbol\tentrez_id\tensembl_gene_id\tuniprot_ids\n"
    'HGNC:3430\tERBB2\t"NEU|HER-2|CD340|HER2"\tNGL\t2064\tENSG00000141736\tP04626\n'
    "HGNC:3431\tERBB3\tHER3\t\t2065\tENSG00000065361\tP21860\n"
    "HGNC:11998\tTP53\tp53|LFS1\t\t7157\tENSG00000141510\tP04637\n"
    'HGNC:17635\tCD274\t"B7-H|PD-L1|PDL1"\tPDCD1LG1\t29126\tENSG00000120217\tQ9NZQ7\n'
    'HGNC:1097\tBRAF\t"BRAF1|SHARED"\t\t673\tENSG00000157764\tP15056\n'
    'HGNC:6407\tKRAS\t"SHARED|ERBB3"\t"KRAS2"\t3845\tENSG00000133703\t"P01116|A0A024"\n'
    "HGNC:4781\tH4C1\t\t\t8359\tENSG00000278637\tP62805\n"
    "HGNC:4782\tH4C2\t\t\t8366\tENSG00000278705\tP62805\n"
)


@pytest.fixture(scope="module")
def genes(tmp_path_factory: pytest.TempPathFactory) -> GeneTable:
    """The slices' genes with the complete set beside them."""
    return read_genes(write_slices(tmp_path_factory.mktemp("genes"), {COMPLETE: COMPLETE_TEXT}))[0]


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("ERBB2", "ERBB2"),
        ("HER2", "ERBB2"),
        ("NGL", "ERBB2"),
        ("p53", "TP53"),
        ("PD-L1", "CD274"),
        ("KRAS2", "KRAS"),
        ("ERBB3", "ERBB3"),  # an approved symbol is itself, whoever else has it as an alias
        ("CYR61", "CCN1"),
        ("SHARED", None),
        ("MLL", "KMT2A"),
        ("NOBODY", None),
    ],
)
def test_approved_previous_alias_shared_and_withdrawn_symbols(genes: GeneTable, name: str, symbol: str | None) -> None:
    gene = genes.find(name)
    assert (gene and gene.symbol) == symbol


@pytest.mark.parametrize(
    ("kind", "number", "symbol"),
    [
        ("entrez", "2064", "ERBB2"),
        ("entrez", "2064.0", "ERBB2"),
        ("ensembl", "ENSG00000141736.14", "ERBB2"),
        ("uniprot", "P04626-2", "ERBB2"),
        ("uniprot", "A0A024", "KRAS"),
        ("uniprot", "P62805", None),  # every histone H4 gene gives this protein
        ("entrez", "", None),
        ("ensembl", "ENSG0", None),
    ],
)
def test_ids_elsewhere(genes: GeneTable, kind: str, number: str, symbol: str | None) -> None:
    gene = genes.numbered(kind, number)  # type: ignore[arg-type]
    assert (gene and gene.symbol) == symbol


def test_aliases_in_the_graph_mean_one_gene(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    changes: dict[str, str | bytes | None] = {
        COMPLETE: COMPLETE_TEXT,
        OMNIPATH: FILES[OMNIPATH] + "HER2\t1\tERBB3\np53\t-1\tPD-L1\nSHARED\t1\tKRAS\n",
    }
    made = workspace, ingest(write_slices(tmp_path / "data", changes), workspace)
    found = table(made, "knowledge/nodes/Gene").set_index("symbol")["aliases"]
    assert list(found["ERBB2"]) == ["CD340", "HER-2", "HER2", "NEU", "NGL"]
    assert list(found["ERBB3"]) == ["HER3"]
    assert list(found["BRAF"]) == ["BRAF1"], "SHARED means two genes"
    assert list(found["EGFR"]) == ["ERBB1"]
    (account,) = source(made, OMNIPATH)["mapping"]
    assert account["examples"]["obsolete"] == ["HER2 -> ERBB2", "PD-L1 -> CD274", "p53 -> TP53"]
    assert (account["obsolete"], account["ambiguous"], account["examples"]["ambiguous"]) == (3, 1, ["SHARED"])


def test_what_became_of_the_names(genes: GeneTable) -> None:
    tally = Tally()
    genes.tell(["KRAS", "HER2", "HER2", "SHARED", "NOBODY", ""], tally, ["", "", "", "", "", "673"])
    (account,) = tally.mapping
    assert (account.mapped, account.ambiguous, account.obsolete, account.dropped) == (3, 1, 1, 1)
    assert account.given == 5
    assert account.examples == {"ambiguous": ["SHARED"], "obsolete": ["HER2 -> ERBB2"], "dropped": ["NOBODY"]}


MAPPED = {
    RESPONSE: {"cell_line", "drug"},
    TARGETS: {"gene"},
    FEATURES: {"cell_line", "gene"},
    EXPRESSION: {"cell_line", "gene"},
    CIVIC: {"gene", "drug", "disease"},
    DGIDB: {"gene", "drug"},
    OMNIPATH: {"gene"},
    COLLECTRI: {"gene"},
    WIKIPATHWAYS: {"gene"},
    SIGNATURES: {"gene", "drug"},
    COMPOUND_LIST: {"gene", "drug"},
}


def test_every_file_with_names_says_what_became_of_them(made: Made) -> None:
    told = {entry["file"]: entry["mapping"] for entry in made[1]["sources"]}
    for file, kinds in MAPPED.items():
        accounts = {account["kind"]: account for account in told[file]}
        assert set(accounts) == kinds, file
        for account in accounts.values():
            assert account["mapped"] > 0
            assert account["obsolete"] <= account["mapped"]
            for what in ("ambiguous", "obsolete", "dropped"):
                assert bool(account[what]) == (what in account["examples"])


SERVICE = "omnipath/omnipath_webservice_interactions__20230728-20250813.tsv"
_NAMES = "source target source_genesymbol target_genesymbol"
_SIGNS = "is_directed is_stimulation is_inhibition consensus_direction consensus_stimulation consensus_inhibition"
SERVICE_TEXT = "\n".join(
    "\t".join(row)
    for row in [
        [
            "source",
            "target",
            "source_genesymbol",
            "target_genesymbol",
            *_SIGNS.split(),
            "sources",
            "ncbi_tax_id_source",
        ],
        ["P01116", "P15056", "KRAS", "BRAF", *"110110", "X", "9606"],
        ["P15056", "Q02750", "BRAF", "MAP2K1", *("True", "True", "True", "True", "True", "False"), "X", "9606"],
        ["P00533", "P15056", "EGFR", "BRAF", *"101101", "X", "9606"],
        ["P00533", "P01116", "EGFR", "KRAS", *"111111", "X", "9606"],
        ["P00533", "Q02750", "EGFR", "MAP2K1", *"100100", "X", "9606"],
        ["P00533", "O60674", "EGFR", "JAK2", *"010010", "X", "9606"],
        ["P01116", "O60674", "KRAS", "JAK2", *"110110", "X", "10090"],
        ["COMPLEX:A_B", "O60674", "BRAF_KRAS", "JAK2", *"110110", "X", "9606"],
        "",
    ]
)


@pytest.mark.parametrize("beside", [True, False])
def test_the_layout_of_omnipaths_service_gives_the_same_edges(made: Made, beside: bool, tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    changes = {SERVICE: SERVICE_TEXT, **({} if beside else {OMNIPATH: None})}
    now = workspace, ingest(write_slices(tmp_path / "data", changes), workspace)
    columns = ["start", "end", "sign", "id"]
    theirs = table(made, "knowledge/edges/AFFECTS")[columns]
    pd.testing.assert_frame_equal(table(now, "knowledge/edges/AFFECTS")[columns], theirs)
    facts = source(now, SERVICE)
    assert facts["dropped"] == {
        "of another species": 1,
        "without a direction that most resources give": 1,
        "both signs": 1,
        "without a sign": 1,
        "protein complex, not one gene": 1,
    }
    assert (facts["rows_in"], facts["rows_out"]) == (8, 3)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("\tTrue\t", "\tmaybe\t", "0, 1, True or False(.|\n)*line 3, column is_directed"),
        ("consensus_inhibition", "consensus", "This is not the OmniPath interactions of the web service"),
        ("source_genesymbol", "source_id", "This is not the OmniPath interactions of the web service"),
        ("KRAS\tBRAF", "\tBRAF", "empty cell(.|\n)*line 2, column source_genesymbol"),
        ("\tX\t9606\n", "\n", "fields"),
    ],
)
def test_broken_inputs_of_omnipaths_service(old: str, new: str, what: str, tmp_path: Path) -> None:
    assert old in SERVICE_TEXT
    folder = write_slices(tmp_path / "data", {SERVICE: SERVICE_TEXT.replace(old, new, 1)})
    with pytest.raises(DataError, match=what):
        ingest(folder, Workspace.open(tmp_path / "ws"))


def test_one_of_omnipaths_files_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="The OmniPath signed, directed interactions is missing"):
        ingest(write_slices(tmp_path / "data", {OMNIPATH: None}), Workspace.open(tmp_path / "ws"))


SYMBOL = st.sampled_from([f"G{i}" for i in range(6)])
ROWS = st.lists(st.tuples(SYMBOL, st.lists(SYMBOL, max_size=3)), max_size=6, unique_by=lambda row: row[0])


def _table_of(rows: list[tuple[str, list[str]]]) -> GeneTable:
    table = GeneTable()
    for symbol, _ in rows:
        table.add(f"hgnc:{symbol[1:]}", symbol, symbol[1:], "", "")
    for symbol, others in rows:
        for other in others:
            table.add_other_name(other, symbol)
    return table


@given(ROWS, st.lists(SYMBOL, max_size=8))
def test_mapping_twice_is_mapping_once_and_approved_symbols_stay(
    rows: list[tuple[str, list[str]]], names: list[str]
) -> None:
    table = _table_of(rows)
    for symbol, _ in rows:
        gene = table.find(symbol)
        assert gene is not None
        assert gene.symbol == symbol
    once = [gene and gene.symbol for gene in table.map(names)]
    twice = [gene and gene.symbol for gene in table.map([symbol or "" for symbol in once])]
    assert twice == once


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[str, list[str]]], chance: random.Random) -> None:
    other = list(rows)
    chance.shuffle(other)
    one, two = _table_of(rows), _table_of(other)
    for name in [f"G{i}" for i in range(6)]:
        assert one.find(name) == two.find(name)
        assert one.why_not(name) == two.why_not(name)
    assert one.aliases() == two.aliases()


@given(st.lists(st.sampled_from([Gene(f"hgnc:{i}", f"G{i}", str(i)) for i in range(5)]), max_size=8))
def test_an_account_adds_up_to_the_different_names(known: list[Gene]) -> None:
    table = _table_of([("G0", ["OLD"]), ("G1", ["OLD", "ONE"])])
    names = [gene.symbol for gene in known] + ["OLD", "ONE"]
    tally = Tally()
    table.tell(names, tally)
    assert tally.mapping[0].given == len(set(names))


SHUFFLED = (RESPONSE, COMPOUNDS, TARGETS, FEATURES, EXPRESSION, MODEL, MODEL_LIST, OMNIPATH, COLLECTRI, GENES, SYMBOLS)


def _shuffled(name: str, chance: random.Random) -> str:
    """The slice with its rows and its columns in another order."""
    separator = "\t" if name.endswith(".tsv") else ","
    frame = pd.read_csv(io.StringIO(FILES[name]), sep=separator, dtype=str, keep_default_na=False)
    rows, columns = list(frame.index), list(frame.columns)
    chance.shuffle(rows)
    if name != EXPRESSION:  # its first column is the index: it is the one that has no name
        chance.shuffle(columns)
    text: str = frame.loc[rows, columns].rename(columns={"Unnamed: 0": ""}).to_csv(sep=separator, index=False)
    return text


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_nothing_is_joined_by_position(
    made: Made, tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("shuffled")
    workspace = Workspace.open(folder / "ws")
    ingest(write_slices(folder / "data", {name: _shuffled(name, chance) for name in SHUFFLED}), workspace)
    tables = [*(made[0].root / "tables").rglob("*.parquet"), *(made[0].knowledge / "edges").glob("*.parquet")]
    assert len(tables) > 10
    for path in tables:
        now = pd.read_parquet(workspace.root / path.relative_to(made[0].root))
        then = pd.read_parquet(path)
        release = [name for name in ("dataset_version",) if name in then]  # the hash of a changed file
        pd.testing.assert_frame_equal(now.drop(columns=release), then.drop(columns=release))
