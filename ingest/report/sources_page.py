"""The sources as a page: docs/data.md is this text, held by a test."""

from __future__ import annotations

from pathproof.ingest.sources.base import Column, Source
from pathproof.ingest.sources.dgidb import DIRECT
from pathproof.ingest.sources.registry import SOURCES
from pathproof.ingest.sources.shares import LEAST_WORDS

INTRODUCTION = """\
# The data

What `pathproof ingest` reads, made from the readers by `pathproof data sources`. Put the files below one folder under
these paths, as the providers ship them, compressed (`.gz`, `.xz`) or not. Columns are found by name: their order does
not matter, and further columns are ignored. No file is changed, copied into the project, or sent anywhere.

What comes of them: tidy tables and the knowledge graph in the workspace, with `manifest.json`, which holds for every
file its hash, release and licence, the rows in and out, and why each lost row was lost.

## Is everything there?

    pathproof data check DIR            every file is read as `ingest` reads it
    pathproof data check --quick DIR    headers and first rows only: a second or two

It starts nothing and writes nothing. One line for each source says `found`, `missing`, `absent` (optional, and not
there) or `broken`, with the file and its size. For what is not there it names a file with a like name, the command that
fetches it, or where to get it; files that no source takes are listed too. Exit code 0: all that is needed is there;
3: it is not.

## What came in, and what was lost?

    pathproof ingest --report [--out DIR]

prints the data report and writes it as `data-report.html` (one page, no network), `data-report.json`
(`schema_version` 1) and `data-report.txt`, to DIR or to `data-report/` in the workspace. It is a view on
`manifest.json` and the tables, and computes nothing anew:

- for each screen the way from raw rows to usable pairs: cell lines, drugs, genes and pairs at each step, and why
- how far the screens agree on the same drug and cell lines: no explanation of one can be more right than that
- every reason for which rows were left out, of all files together and of each file, with counts and examples
- what became of the names and ids in each file: mapped, obsolete (previous symbols and aliases), newer (approved
  after the identifier tables were made), ambiguous, dropped
- file, release, licence and what it allows, citation and hash of each source
- the sources that are not there, and what that costs

## What happens to a broken file?

Either it is refused with a message that says what, where (file, line, column), what was found, what may stand there and
what to do, all problems of the file at once; or it is read after a repair that is counted and listed in the report.
What the cells themselves cannot show, as two free-text columns in each other's place, no reader can see. Refused are,
among others: a compressed file that is cut off, a web page or a workbook under the table's name, UTF-16 and other
encodings, another separator, decimal commas, rows with too few or too many fields, a header among the rows, the file
of another source, ids that a spreadsheet has made into numbers (`905933.0`, `9.06E+05`), gene symbols that it has
made into dates (`2-Sep`) in tables of approved symbols, keys that stand twice, numbers out of their range, columns
whose median shows another unit, columns that were emptied or hold the words of another one, several genes in one field
of a gene set, symbols that stand beside the Entrez ids of other genes, a file of which most genes, drugs or rows are
not known or not usable, or no row at all is used, gene sets of another collection, other logarithms or another unit in
a part of the drugs, expression in other logarithms, a hierarchy that goes in a circle. Repaired and counted are: spaces
around a cell, repeated genes and empty sets, relations of a pathway with itself, names that are no gene, a last line
without a line break, a column without any value that is not needed.

A column that was moved by rows or sorted alone is found where something else says what belongs to it: other columns of
the file (a disease and its number, a therapy and the statement, a drug and what it does), another file (the ids, names
and tissues of the two tables of cell lines, the targets and classes of compounds, the names of pathways), another layer
of the same lines and genes (expression, copy number, mutations), or another screen of the same drugs and lines. What
was turned round is found in the same way: source and target of the two networks and their signs, resistance and
sensitivity beside the statement. Rows or columns that were exchanged among some cell lines or genes of a layer, values
of one line under the id of another, a part of the doses in another unit and one IC50 in many rows are refused too. The
message says how well both fit, how well they fit in the published files, and which file it probably is. It takes at
least 40 rows (12 repeated ids; 30 lines and 30 genes; 10 drugs with 20 lines): smaller files, and what stands alone,
are not held against anything, and the report notes the layers of which that is so. What no other file says cannot be
seen: Ensembl and UniProt ids of the gene table that were moved, the flags of CIViC's items and
whether an item supports its statement (moved by rows, a statement and its direction still look alike), all measures of
a screen that were moved where no other screen is there, and a file of one's own that agrees with itself.

Cells without a number in a wide table are counted, columns without any are left out and named, and more than a fifth
of empty cells is refused (the public expression and copy-number matrices have none, NCI-60 1.8 %).

A text file that was cut at the end of a line is sound by itself, and so is a part of a file that somebody made. Where a
file has less than 60 % of the rows of the published one, `ingest` and the report say so, and go on.

## Units and identifiers

Units: `LN_IC50` is the natural logarithm of the IC50 in micromolar, and lower is more sensitive; `AUC` is a share of
the screened range. Identifiers are mapped once: genes to HGNC (a gene without an HGNC number gets
`hgnc.symbol:<symbol>`), cell lines to Sanger model ids (over the ids of DepMap and COSMIC, CCLE names and RRIDs), drugs
to `gdsc.drug:<DRUG_ID>` (therapies that only the literature names: `civic.therapy:<name>`). A gene is found by its
Entrez id where the file gives one, else by its approved symbol, another symbol, or an Ensembl gene id or a UniProt
accession in the symbol's place. Drugs that are one molecule (by a name, a synonym and a common target, a PubChem or a
ChEMBL id) have one `molecule`.

DGIdb is used for two things: the interaction types of GDSC's own targets become their `actions`; and a therapy that
was not screened gets the targets that DGIdb types as a direct action on the protein ({direct}).
Rows without a type give nothing. Rows that DGIdb took from CIViC are left out: the targets would come from the very
evidence that they are held against.
"""


def sources_page() -> str:
    """All sources as Markdown."""
    direct = ", ".join(sorted(DIRECT))
    return INTRODUCTION.format(direct=direct) + "".join(_section(source) for source in SOURCES)


def _section(source: Source) -> str:
    files = " or ".join(f"`{name}`" for name in source.files)
    facts = [
        f"- gives: {source.gives}",
        f"- path: {files}",
        f"- needed: {'no' if source.optional else 'yes'}",
        *([f"- without it: {source.without}"] if source.without else []),
        f"- licence: {source.licence} ({source.terms})",
        f"- statements: {source.knowledge_level.replace('_', ' ')}, {source.agent_type.replace('_', ' ')}",
        f"- reference: {source.citation}",
        f"- from: {source.get_from}",
    ]
    text = f"\n## {source.title}\n\n" + "\n".join(facts) + "\n"
    if source.key:
        text += "\nOne row for each " + ", ".join(f"`{name}`" for name in source.key) + ".\n"
    if source.columns:
        text += "\n" + _columns(source.columns)
    if source.cells:
        text += "\nAll further columns that are read:\n\n" + _columns((source.cells,))
    if source.extra:
        text += "\nRead where it is there:\n\n" + _columns(source.extra)
    return text


def _columns(columns: tuple[Column, ...]) -> str:
    rows = "".join(
        f"| `{item.name}` | {item.type} | {item.unit} | {_checked(item)} | {item.meaning} |\n" for item in columns
    )
    return "| column | type | unit | must be | meaning |\n|---|---|---|---|---|\n" + rows


def _checked(column: Column) -> str:
    """What is asked of each cell."""
    asked = [] if column.blank else ["filled"]
    if column.values:
        asked.append(" or ".join(f"{value:g}" for value in column.values))
    elif column.low is not None and column.high is not None:
        asked.append(f"{column.low:g} to {column.high:g}")
    elif column.low is not None:
        asked.append(f"at least {column.low:g}")
    if column.form is not None:
        asked.append(column.form[1])
    if column.words:
        asked.append(f"{LEAST_WORDS:.0%} of the filled cells one of {', '.join(column.words)}")
    if column.filled:
        asked.append(f"filled in {column.filled:.0%} of the rows")
    if column.typical is not None:
        asked.append(f"median {column.typical[0]:g} to {column.typical[1]:g}")
    return "; ".join(asked)
