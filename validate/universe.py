"""What an explainer could have named: the ground on which a claim is testable and chance is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pathproof.errors import DataError


@dataclass(frozen=True)
class Universe:
    """Genes and pathways that could have been named.

    Parameters
    ----------
    genes : tuple of str
        Symbols, sorted, each once.
    pathways : tuple of str
        Pathway ids, sorted.
    origin : str
        Where the genes come from, in words, for the report.
    """

    genes: tuple[str, ...]
    pathways: tuple[str, ...]
    origin: str

    @classmethod
    def of(cls, genes: Iterable[str], pathways: Iterable[str], origin: str) -> Universe:
        """Sorted and without repeats; an empty universe is refused."""
        symbols = tuple(sorted(set(genes)))
        if not symbols:
            raise DataError(
                "The universe of genes is empty, so no claim can be tested.",
                got=origin,
                action="give the genes that the model could have named (--universe FILE)",
            )
        return cls(symbols, tuple(sorted(set(pathways))), origin)

    def items(self, kind: str) -> tuple[str, ...]:
        """Pathways for claims about pathways, genes for all others."""
        return self.pathways if kind == "pathway" else self.genes

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {
            "gene": {gene: i for i, gene in enumerate(self.genes)},
            "pathway": {pathway: i for i, pathway in enumerate(self.pathways)},
        }

    def index(self, kind: str) -> dict[str, int]:
        """Place of each item of :meth:`items`."""
        return self._places["pathway" if kind == "pathway" else "gene"]


def choose_genes(
    given: Sequence[str] | None, model: Sequence[str] | None, named: Sequence[str]
) -> tuple[str, list[str]]:
    """The universe's genes and where they come from: given by the user, else of the model, else of the claims."""
    if given:
        return "given with the claims", list(given)
    if model:
        return "all genes that the model could have named", list(model)
    return "the genes named in the claims (no universe was given: chance is overstated for them)", list(named)
