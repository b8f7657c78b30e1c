"""One place where gene names become genes.

A name is resolved by its NCBI Gene id where the source gives one, else as an approved symbol, else as
another name (withdrawn, or used by an older or newer file) that belongs to exactly one gene. Anything
else stays unmapped and is counted by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pathproof.errors import DataError
from pathproof.ingest.sources.base import Tally

_COMPLEXES = frozenset({"AP1", "NFKB"})
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

    def add_other_name(self, other: str, symbol: str) -> None:
        """Let `other` also mean the gene with this approved symbol (unknown symbols are ignored)."""
        if symbol in self._by_symbol:
            self._other.setdefault(other, set()).add(symbol)

    def find(self, symbol: str, entrez: str = "") -> Gene | None:
        """The gene of this symbol; its Entrez id, when known and not 0, decides over the symbol."""
        by_entrez = self._by_entrez.get(entrez) if entrez else None
        if by_entrez is not None:
            return by_entrez
        if (gene := self._by_symbol.get(symbol)) is not None:
            return gene
        others = self._other.get(symbol, set())
        return self._by_symbol[next(iter(others))] if len(others) == 1 else None

    def get(self, curie: str) -> Gene | None:
        """The gene of this CURIE."""
        return self._by_id.get(curie)

    def why_not(self, symbol: str) -> str:
        """Reason code for a name that :meth:`find` does not know."""
        if len(self._other.get(symbol, set())) > 1:
            return "ambiguous symbol"
        if _MICRO_RNA.match(symbol):
            return "microRNA, not a gene symbol"
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


def require_mapped_share(found: int, given: int, path: Path, what: str, least: float = 0.5) -> None:
    """Stop when most names are unknown: the file is probably another one than it is taken for.

    Raises
    ------
    DataError
        When fewer than the share `least` of the `given` names were found.
    """
    if given and found < least * given:
        raise DataError(
            f"Only {found:,} of {given:,} {what} are known: this is probably the wrong file.",
            where=path,
            got=f"{found / given:.0%} known",
            allowed=f"at least {least:.0%}",
            action="check that the file has the names that it should have (symbols, ids, species), then try again",
        )


def resolve(names: Sequence[str], genes: GeneTable, tally: Tally, note: str = "") -> dict[str, Gene]:
    """Genes of the distinct `names`; the others are counted once each in `tally` by reason."""
    found: dict[str, Gene] = {}
    for name in sorted(set(names)):
        gene = genes.find(name)
        if gene is None:
            tally.note(note + genes.why_not(name), [name])
        else:
            found[name] = gene
    return found
