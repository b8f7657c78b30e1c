"""The sources as a page: docs/data.md is this text, held by a test."""

from __future__ import annotations

from pathproof.ingest.sources.base import Column, Source
from pathproof.ingest.sources.dgidb import DIRECT
from pathproof.ingest.sources.registry import SOURCES

INTRODUCTION = """\
# The data

What `pathproof ingest` reads, made from the readers by `pathproof data sources`. Put the files below one folder under
these paths, as the providers ship them, compressed (`.gz`) or not; `pathproof data check DIR` says what is missing or
broken without starting anything. Columns are found by name: their order does not matter, and further columns are
ignored. No file is changed, copied into the project, or sent anywhere.

What comes of them: tidy tables and the knowledge graph in the workspace, with `manifest.json`, which holds for every
file its hash, release and licence, the rows in and out, and why each lost row was lost.

Units: `LN_IC50` is the natural logarithm of the IC50 in micromolar, and lower is more sensitive; `AUC` is a share of
the screened range. Identifiers are mapped once: genes to HGNC (a gene without an HGNC number gets
`hgnc.symbol:<symbol>`),
cell lines to Sanger model ids, drugs to `gdsc.drug:<DRUG_ID>` (therapies that only the literature names:
`civic.therapy:<name>`).

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
        f"- licence: {source.licence} ({source.terms})",
        f"- statements: {source.knowledge_level.replace('_', ' ')}, {source.agent_type.replace('_', ' ')}",
        f"- reference: {source.citation}",
        f"- from: {source.get_from}",
    ]
    text = f"\n## {source.title}\n\n" + "\n".join(facts) + "\n"
    if source.columns:
        text += "\n" + _columns(source.columns)
    if source.extra:
        text += "\nRead where it is there:\n\n" + _columns(source.extra)
    return text


def _columns(columns: tuple[Column, ...]) -> str:
    rows = "".join(f"| `{item.name}` | {item.type} | {item.unit} | {item.meaning} |\n" for item in columns)
    return "| column | type | unit | meaning |\n|---|---|---|---|\n" + rows
