"""Gene identifiers: Cell Model Passports' copy of HGNC, HGNC's own downloads, and withdrawn symbols."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.identifiers import GeneTable
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import Column, Source, Tally, find_file, require_file
from pathproof.ingest.sources.cells import SPREADSHEET_DATE
from pathproof.ingest.sources.opening import note_open_end
from pathproof.ingest.sources.problems import Problems
from pathproof.ingest.sources.reading import read_table

_LICENCE = "CC0 1.0 (HGNC)"
_CITATION = "Seal et al. 2023, doi:10.1093/nar/gkac888"

_HGNC = (r"HGNC:\d+", "an HGNC id (HGNC:1097)")
_ENTREZ = (r"\d+", "an NCBI Gene id")
_ENSEMBL = (r"ENSG\d+", "an Ensembl gene id (ENSG00000157764)")
_SYMBOL = (rf"(?!{SPREADSHEET_DATE}$).+", "a gene symbol but a date, which a spreadsheet has made of it")
_NAMED = ["symbol", "entrez_id"]
# Genes with another symbol in a newer table: 0.5 % between the id table of 2019 and the list of 2023. In a few rows a
# share says nothing. Genes whose symbol has become that of another gene: none between the same two.
_MOST_RENAMED, _FEW = 0.05, 20
_MOST_CONTRADICTED = 0.01
_ONCE = ("hgnc_symbol", "symbol", "Approved symbol", "hgnc_id", "entrez_id", "NCBI Gene ID(supplied by NCBI)")
GENE_IDENTIFIERS = Source(
    name="hgnc",
    title="gene identifier table of Cell Model Passports",
    gives="human genes with their HGNC, Ensembl, Entrez and UniProt ids, as the Sanger Institute gives them out",
    files=("hgnc/gene_identifiers.csv", "hgnc/gene_identifiers_*.csv"),
    rows=42_478,
    columns=(
        Column("ensembl_gene_id", "str", "Ensembl gene id", form=_ENSEMBL),
        Column("entrez_id", "str", "NCBI Gene id, written as a float", form=(r"\d+(\.0)?", "an NCBI Gene id")),
        Column("hgnc_id", "str", "HGNC:<number>", form=_HGNC),
        Column("hgnc_symbol", "str", "approved symbol at the time of the file", blank=False, form=_SYMBOL),
        Column("uniprot_id", "str", "UniProt accession"),
    ),
    licence="Sanger data usage policy: research use, no redistribution",
    terms=terms.SANGER,
    citation=_CITATION,
    get_from="https://cog.sanger.ac.uk/cmp/download/ (gene_identifiers_<date>.csv)",
)
SYMBOL_ENTREZ = Source(
    name="hgnc",
    title="HGNC custom download of approved symbols and NCBI Gene ids",
    gives="newer approved symbols, joined by Entrez id",
    files=("hgnc/hgnc_symbol_entrez.tsv",),
    rows=46_125,
    columns=(
        Column("Approved symbol", "str", "approved symbol", blank=False, form=_SYMBOL),
        Column("NCBI Gene ID(supplied by NCBI)", "str", "NCBI Gene id", form=_ENTREZ),
    ),
    licence=_LICENCE,
    terms=terms.CC0,
    citation=_CITATION,
    get_from="https://www.genenames.org/download/custom/",
    separator="\t",
    optional=True,
)
COMPLETE_SET = Source(
    name="hgnc",
    title="HGNC complete set",
    gives="approved, previous and alias symbols with their ids",
    files=("hgnc/hgnc_complete_set.txt", "hgnc/hgnc_complete_set_*.txt"),
    columns=(
        Column("hgnc_id", "str", "HGNC:<number>", blank=False, form=_HGNC),
        Column("symbol", "str", "approved symbol", blank=False, form=_SYMBOL),
        Column("alias_symbol", "str", "other symbols, |-joined"),
        Column("prev_symbol", "str", "withdrawn symbols, |-joined"),
        Column("entrez_id", "str", "NCBI Gene id", form=_ENTREZ),
        Column("ensembl_gene_id", "str", "Ensembl gene id", form=_ENSEMBL),
        Column("uniprot_ids", "str", "UniProt accessions, |-joined"),
    ),
    licence=_LICENCE,
    terms=terms.CC0,
    citation=_CITATION,
    get_from="https://www.genenames.org/download/archive/",
    separator="\t",
    optional=True,
)

# Symbols that HGNC has withdrawn but that files read here still use (GDSC's genomic features, drug
# target lists, Reactome); looked up only when a symbol is neither approved nor known by Entrez id.
_WITHDRAWN = {
    "C15orf55": "NUTM1", "ERBB2IP": "ERBIN", "FAM123B": "AMER1", "FTSJD1": "CMTR2", "LPHN2": "ADGRL2",
    "MKL1": "MRTFA", "MLL": "KMT2A", "MLL2": "KMT2D", "MLL3": "KMT2C", "MLLT4": "AFDN", "WHSC1": "NSD2",
    "WHSC1L1": "NSD3", "PKM2": "PKM", "TIE2": "TEK", "RON": "MST1R", "ERBB1": "EGFR", "PARP7": "TIPARP",
    "PARP5A": "TNKS", "ROS": "ROS1", "IL8": "CXCL8", "PARK2": "PRKN", "FYB": "FYB1", "VPRBP": "DCAF1",
    "APITD1": "CENPS", "RQCD1": "CNOT9", "SC5DL": "SC5D",
}  # fmt: skip
# Approved since: newer files (CIViC, OmniPath) use symbols that an older identifier table does not know.
_RENAMED_SINCE = {
    "H3-3A": "H3F3A", "H3-3B": "H3F3B", "H2AX": "H2AFX", "H2AZ1": "H2AFZ", "H2AZ2": "H2AFV", "H1-0": "H1F0",
    "H2AJ": "H2AFJ", "MRTFA": "MKL1", "CEP43": "FGFR1OP", "BMAL1": "ARNTL",
    "BMAL2": "ARNTL2", "PHB1": "PHB", "STING1": "TMEM173", "RIGI": "DDX58", "EPRS1": "EPRS", "G6PC1": "G6PC",
    "VARS1": "VARS", "CARS1": "CARS", "IARS1": "IARS", "NARS1": "NARS", "LARS1": "LARS", "GBA1": "GBA",
    "CMKLR2": "GPR1", "TAFAZZIN": "TAZ", "CERT1": "COL4A3BP",
}  # fmt: skip


def read_genes(data: Path) -> tuple[GeneTable, dict[Path, tuple[Source, Tally]]]:
    """All known human genes.

    The newest approved symbol wins: the complete set's, else the symbol list's (joined by NCBI Gene
    id), else the identifier table's. Earlier symbols stay known as other names of the same gene. A
    gene without an HGNC number in any file has the id `hgnc.symbol:<symbol>`.

    Raises
    ------
    DataError
        When a file is missing or is not what it should be.
    """
    used: dict[Path, tuple[Source, Tally]] = {}
    rows = _read(require_file(GENE_IDENTIFIERS, data), GENE_IDENTIFIERS, used)
    rows["entrez_id"] = rows["entrez_id"].str.replace(r"\.0$", "", regex=True)
    rows["hgnc_id"] = rows["hgnc_id"].str.replace("HGNC:", "hgnc:", regex=False)
    table = GeneTable()
    complete = find_file(COMPLETE_SET, data)
    if complete is not None:
        whole = _read(complete, COMPLETE_SET, used)
        _hold_against(GENE_IDENTIFIERS, rows[["hgnc_symbol", "entrez_id"]], COMPLETE_SET, whole[_NAMED], used)
        _add_complete_set(table, whole)
    newer = find_file(SYMBOL_ENTREZ, data)
    symbols = pd.DataFrame(columns=["symbol", "entrez"], dtype=str)
    if newer is not None:
        symbols = _read(newer, SYMBOL_ENTREZ, used)
        symbols.columns = pd.Index(["symbol", "entrez"])
        _hold_against(GENE_IDENTIFIERS, rows[["hgnc_symbol", "entrez_id"]], SYMBOL_ENTREZ, symbols, used)
    _add_identifiers(table, rows, symbols)
    for number in range(1, 15):
        # Renamed because spreadsheets took them for dates.
        for short, long in ((f"SEPT{number}", f"SEPTIN{number}"), (f"MARCH{number}", f"MARCHF{number}")):
            table.add_other_name(long, short, newer=True)
            table.add_other_name(short, long)
    for other, approved in _WITHDRAWN.items():
        table.add_other_name(other, approved)
    for other, approved in _RENAMED_SINCE.items():
        table.add_other_name(other, approved, newer=True)
    return table, used


def _read(path: Path, source: Source, used: dict[Path, tuple[Source, Tally]]) -> pd.DataFrame:
    """The table of one file, in which no symbol and no id of a gene may stand twice."""
    tally = Tally()
    note_open_end(path, tally)
    frame = read_table(path, source, tally, _check_once)
    tally.rows_in = tally.rows_out = len(frame)
    used[path] = (source, tally)
    return frame


def _check_once(frame: pd.DataFrame, problems: Problems) -> None:
    for column in _ONCE:
        if column in frame.columns:
            problems.repeated(frame, [column])


def _add_complete_set(table: GeneTable, frame: pd.DataFrame) -> None:
    for row in frame.itertuples(index=False):
        table.add(
            str(row.hgnc_id).replace("HGNC:", "hgnc:"),
            str(row.symbol),
            str(row.entrez_id),
            str(row.ensembl_gene_id),
            next(iter(_parts(str(row.uniprot_ids))), ""),
        )
    for column in ("prev_symbol", "alias_symbol"):
        for symbol, others in zip(frame["symbol"], frame[column], strict=True):
            for other in _parts(others):
                table.add_other_name(other, symbol)
    for symbol, accessions in zip(frame["symbol"], frame["uniprot_ids"], strict=True):
        for accession in _parts(accessions)[1:]:
            table.add_accession(accession, symbol)


def _hold_against(
    old: Source,
    rows: pd.DataFrame,
    new: Source,
    newer: pd.DataFrame,
    used: Mapping[Path, tuple[Source, Tally]],
) -> None:
    """Hold the symbol and Entrez id (two columns) of one table against those of a newer one.

    A gene that the newer table names otherwise is counted. If they are many, or if the symbols belong to other
    genes there, the columns of one of them were moved against each other.
    """
    paths = {source.title: path for path, (source, _) in used.items()}
    tally = used[paths[new.title]][1]
    symbol_of = dict(zip(newer.iloc[:, 1], newer.iloc[:, 0], strict=True))
    entrez_of = dict(zip(newer.iloc[:, 0], newer.iloc[:, 1], strict=True))
    both = [(symbol, entrez) for symbol, entrez in rows.itertuples(index=False) if entrez and entrez in symbol_of]
    renamed = [(symbol, entrez) for symbol, entrez in both if symbol_of[entrez] != symbol]
    against = [(symbol, entrez) for symbol, entrez in renamed if entrez_of.get(symbol)]
    tally.note(
        f"symbol other than that of the {old.title}", [f"{one} -> {symbol_of[number]}" for one, number in renamed]
    )
    shown = [f"{one} ({number}) is {symbol_of[number]} and {one} is {entrez_of[one]}" for one, number in against]
    tally.note(f"id of a symbol other than in the {old.title}", shown)
    contradicted = len(against) > _MOST_CONTRADICTED * len(both)
    if contradicted or len(renamed) > max(_FEW, _MOST_RENAMED * len(both)):
        most, wrong = (_MOST_CONTRADICTED, against) if contradicted else (_MOST_RENAMED, renamed)
        examples = shown if contradicted else [f"{one} -> {symbol_of[number]} ({number})" for one, number in renamed]
        raise DataError(
            f"{len(wrong):,} of {len(both):,} genes have other symbols than in the {old.title}: this is probably the "
            "wrong file, or one of its columns was moved.",
            where=paths[new.title],
            got="; ".join(examples[:5]),
            allowed=f"at most {most:.0%} of the Entrez ids that both have",
            action=f"get it from {new.get_from}; if it is sound, look at {paths[old.title]}",
        )


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.strip('"').split("|") if part.strip()]


def _add_identifiers(table: GeneTable, rows: pd.DataFrame, symbols: pd.DataFrame) -> None:
    newest = dict(zip(symbols["entrez"], symbols["symbol"], strict=True))
    newest.pop("", None)
    later: list[tuple[str, str]] = []
    for hgnc, symbol, entrez, ensembl, uniprot in zip(
        rows["hgnc_id"],
        rows["hgnc_symbol"],
        rows["entrez_id"],
        rows["ensembl_gene_id"],
        rows["uniprot_id"],
        strict=True,
    ):
        approved = newest.get(entrez, symbol)
        table.add(hgnc, approved, entrez, ensembl, uniprot)
        if approved != symbol:
            later.append((symbol, approved))
    for symbol, entrez in zip(symbols["symbol"], symbols["entrez"], strict=True):
        table.add("", symbol, entrez, "", "")
    for other, approved in later:
        table.add_other_name(other, approved)
