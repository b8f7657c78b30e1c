"""One place where gene names become genes.

A name is resolved by its NCBI Gene id where the source gives one, else as an approved symbol, else as
another name (previous, alias, withdrawn, or of an older or newer file) that belongs to exactly one gene, else,
where it looks like one, as an Ensembl gene id or a UniProt accession.
Anything else stays unmapped and is counted by the caller. A symbol that is found is found again as itself.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources.base import Tally
from pathproof.ingest.sources.cells import SPREADSHEET_DATE
from pathproof.ingest.sources.shares import require_share

AMBIGUOUS = "ambiguous symbol"
_COMPLEXES = frozenset({"AP1", "NFKB"})
NumberKind = Literal["entrez", "ensembl", "uniprot"]
# What stands behind the number itself: `.0` of a column read as numbers, a version, an isoform.
_BEHIND = {"entrez": r"\.0$", "ensembl": r"\.\d+$", "uniprot": r"-\d+$"}
# A UniProt accession: https://www.uniprot.org/help/accession_numbers.
_LOOKS: dict[NumberKind, re.Pattern[str]] = {
    "ensembl": re.compile(r"ENSG\d{11}(\.\d+)?"),
    "uniprot": re.compile(r"([OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d([A-Z][A-Z0-9]{2}\d){1,2})(-\d+)?"),
}
_MICRO_RNA = re.compile(r"(hsa-)?(miR|mir|let)-")


@dataclass(frozen=True)
class Gene:
    """One human gene: CURIE, approved symbol and identifiers elsewhere ("" when unknown)."""

    id: str
    symbol: str
    entrez: str = ""
    ensembl: str = ""
    uniprot: str = ""


class GeneTable:
    """All genes, with the ways to find one."""

    def __init__(self) -> None:
        self._by_symbol: dict[str, Gene] = {}
        self._by_entrez: dict[str, Gene] = {}
        self._by_id: dict[str, Gene] = {}
        self._other: dict[str, set[str]] = {}
        self._newer: set[str] = set()
        self._numbers: dict[tuple[str, str], set[Gene]] = {}

    def __len__(self) -> int:
        return len(self._by_symbol)

    def add(self, curie: str, symbol: str, entrez: str, ensembl: str, uniprot: str) -> None:
        """Add a gene; one that is known already by id, Entrez id or symbol stays as it is.

        Without a CURIE the gene's id is `hgnc.symbol:<symbol>`.
        """
        curie = curie or f"hgnc.symbol:{symbol}"
        known = self._by_id.get(curie) or self._by_entrez.get(entrez) or self._by_symbol.get(symbol)
        if known is not None:
            if symbol != known.symbol:
                self.add_other_name(symbol, known.symbol)
            return
        gene = Gene(curie, symbol, entrez, ensembl, uniprot)
        self._by_id[curie] = gene
        self._by_symbol[symbol] = gene
        if entrez:
            self._by_entrez[entrez] = gene
        for kind, number in (("entrez", entrez), ("ensembl", ensembl), ("uniprot", uniprot)):
            if number:
                self._numbers.setdefault((kind, number), set()).add(gene)

    def add_accession(self, accession: str, symbol: str) -> None:
        """Let a further UniProt accession mean the gene with this approved symbol (unknown symbols are ignored)."""
        if symbol in self._by_symbol:
            self._numbers.setdefault(("uniprot", accession), set()).add(self._by_symbol[symbol])

    def add_other_name(self, other: str, symbol: str, *, newer: bool = False) -> None:
        """Let `other` also mean the gene with this approved symbol (unknown symbols are ignored).

        `newer`: it is the symbol that was approved later than the one that the table has.
        """
        if symbol in self._by_symbol:
            self._other.setdefault(other, set()).add(symbol)
            self._newer |= {other} if newer else set()

    def find(self, symbol: str, entrez: str = "") -> Gene | None:
        """The gene of this symbol; its Entrez id, when known and not 0, decides over the symbol."""
        by_entrez = self._by_entrez.get(entrez) if entrez else None
        if by_entrez is not None:
            return by_entrez
        if (gene := self._by_symbol.get(symbol)) is not None:
            return gene
        others = self._other.get(symbol, set())
        if others:
            return self._by_symbol[next(iter(others))] if len(others) == 1 else None
        kind = next((kind for kind, form in _LOOKS.items() if form.fullmatch(symbol)), None)
        return None if kind is None else self.numbered(kind, symbol)

    def is_approved(self, symbol: str) -> bool:
        """Whether this is the approved symbol of a gene."""
        return symbol in self._by_symbol

    def numbered(self, kind: NumberKind, number: str) -> Gene | None:
        """The gene of an id elsewhere: None for an unknown one, and for one that several genes share.

        `1956.0`, `ENSG00000146648.19` and `P00533-2` are read as the ids without what stands behind them.
        """
        genes = self._numbers.get((kind, re.sub(_BEHIND[kind], "", number.strip())), set())
        return next(iter(genes)) if len(genes) == 1 else None

    def aliases(self) -> dict[str, tuple[str, ...]]:
        """Approved symbol -> its other names, sorted: those that mean no other gene, approved or not."""
        found: dict[str, list[str]] = {}
        for other in sorted(self._other):
            if other not in self._by_symbol and len(self._other[other]) == 1:
                found.setdefault(next(iter(self._other[other])), []).append(other)
        return {symbol: tuple(others) for symbol, others in found.items()}

    def get(self, curie: str) -> Gene | None:
        """The gene of this CURIE."""
        return self._by_id.get(curie)

    def why_not(self, symbol: str) -> str:
        """Reason code for a name that :meth:`find` does not know."""
        if len(self._other.get(symbol, set())) > 1:
            return AMBIGUOUS
        if _MICRO_RNA.match(symbol):
            return "microRNA, not a gene symbol"
        if re.fullmatch(SPREADSHEET_DATE, symbol):
            return "a date: a spreadsheet has made it of a gene symbol"
        if symbol in _COMPLEXES or "_" in symbol or symbol.startswith("COMPLEX:"):
            return "protein complex, not one gene"
        return "unmapped symbol"

    def map(self, symbols: Sequence[str], entrez: Sequence[str] | None = None) -> list[Gene | None]:
        """Each name's gene or None, in order."""
        ids = entrez if entrez is not None else [""] * len(symbols)
        return [self.find(symbol, number) for symbol, number in zip(symbols, ids, strict=True)]

    def frame(self, symbols: Iterable[str]) -> pd.DataFrame:
        """Columns gene, symbol, entrez, ensembl, uniprot for these approved symbols, sorted by symbol."""
        genes = [self._by_symbol[symbol] for symbol in sorted(set(symbols))]
        columns = {"gene": "id", "symbol": "symbol", "entrez": "entrez", "ensembl": "ensembl", "uniprot": "uniprot"}
        return pd.DataFrame({name: [getattr(gene, key) or None for gene in genes] for name, key in columns.items()})

    def tell(self, names: Sequence[str], tally: Tally, entrez: Sequence[str] | None = None) -> None:
        """Say in `tally` what became of the different names (of a name with an Entrez id: of the two together)."""
        ids = entrez if entrez is not None else [""] * len(names)
        given = sorted(set(zip(names, ids, strict=True)))
        found = {(name, number): self.find(name, number) for name, number in given}
        lost = [name or f"Entrez {number}" for (name, number), gene in found.items() if gene is None]
        others = {
            f"{name} -> {gene.symbol}": name in self._newer
            for (name, _), gene in found.items()
            if gene is not None and name not in ("", gene.symbol)
        }
        tally.names(
            "gene",
            {f"{name} {number}" for (name, number), gene in found.items() if gene is not None},
            ambiguous=[name for name in lost if self.why_not(name) == AMBIGUOUS],
            obsolete=[shown for shown, newer in others.items() if not newer],
            newer=[shown for shown, newer in others.items() if newer],
            dropped=[name for name in lost if self.why_not(name) != AMBIGUOUS],
        )


def require_agreement(
    genes: GeneTable, names: Sequence[str], entrez: Sequence[str], tally: Tally, path: Path, most: float = 0.02
) -> None:
    """Count the approved symbols that stand beside another gene's Entrez id (the id decides), and stop at many.

    Raises
    ------
    DataError
        When they are several, and more than the share `most` of the names with an id: a column was probably moved.
    """
    both = {pair for pair in zip(names, entrez, strict=True) if all(pair)}
    against = sorted(
        f"{name} beside {number}, which is {gene.symbol}"
        for name, number in both
        if (gene := genes.find(name, number)) is not None and genes.is_approved(name) and gene.symbol != name
    )
    tally.note("approved symbol beside the Entrez id of another gene: the id decides", against)
    if len(against) > max(1, most * len(both)):
        raise DataError(
            f"{len(against):,} of {len(both):,} symbols stand beside the Entrez id of another gene.",
            where=path,
            got="; ".join(against[:5]),
            allowed=f"at most {most:.0%}",
            action="look whether one of the two columns was moved or sorted alone, or download the file again",
        )


def require_mapped_share(found: int, given: int, path: Path, what: str, least: float = 0.5) -> None:
    """Stop when most names are unknown: see :func:`.sources.shares.require_share`."""
    require_share(found, given, path, f"{what} are known", least)


def require_known_sets(
    sets: Mapping[str, Iterable[str]], found: Container[str], tally: Tally, path: Path, most: float = 0.1
) -> None:
    """Count the sets of which most members are unknown, and stop at many: each is another set than it says.

    Raises
    ------
    DataError
        When they are several, and more than the share `most` of the sets.
    """
    poor = []
    for name, members in sets.items():
        given = set(members)
        if 2 * sum(one in found for one in given) < len(given):
            poor.append(name)
    tally.note("set of which most members are unknown", poor)
    if len(poor) > max(1, most * len(sets)):
        raise DataError(
            f"Of {len(poor):,} of {len(sets):,} sets most members are unknown.",
            where=path,
            got=", ".join(poor[:5]),
            allowed=f"at most {most:.0%}",
            action="look whether their members are human genes, one in each field, or download the file again",
        )


def resolve(names: Sequence[str], genes: GeneTable, tally: Tally, note: str = "") -> dict[str, Gene]:
    """Genes of the distinct `names`; the others are counted once each in `tally` by reason."""
    genes.tell(names, tally)
    found: dict[str, Gene] = {}
    for name in sorted(set(names)):
        gene = genes.find(name)
        if gene is None:
            tally.note(note + genes.why_not(name), [name])
        else:
            found[name] = gene
    return found
