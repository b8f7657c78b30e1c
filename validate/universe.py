"""What an explainer could have named: the ground on which a claim is testable and chance is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pathproof.errors import DataError, nearest

SHOWN = 10


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
        """Sorted and without repeats; a universe without genes and pathways is refused."""
        symbols, pathways = tuple(sorted(set(genes))), tuple(sorted(set(pathways)))
        if not symbols and not pathways:
            raise DataError(
                "The universe of genes is empty, so no claim can be tested.",
                got=origin,
                action="give the genes that the model could have named (--universe FILE)",
            )
        return cls(symbols, pathways, origin)

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


def check_universe(genes: Iterable[str], known_symbols: Iterable[str]) -> tuple[list[str], list[str]]:
    """The symbols of a universe as the graph writes them, and those that it does not know.

    Parameters
    ----------
    genes : iterable of str
        As a user wrote them: any case, blanks around them, perhaps a byte order mark.
    known_symbols : iterable of str
        The graph's approved symbols.

    Returns
    -------
    (approved, unknown)
        Both sorted and without repeats.
    """
    known = {symbol.upper(): symbol for symbol in sorted(known_symbols, reverse=True)}
    written = {gene.replace("\ufeff", "").strip() for gene in genes} - {""}
    approved = {known[gene.upper()] for gene in written if gene.upper() in known}
    return sorted(approved), sorted(gene for gene in written if gene.upper() not in known)


def checked_genes(
    given: Sequence[str] | None, known_symbols: Callable[[], Iterable[str]], claimed: Sequence[str] = ()
) -> tuple[list[str] | None, list[str]]:
    """A given universe in the graph's symbols, and what was left out of it; nothing given is nothing checked.

    Raises
    ------
    DataError
        When the graph knows fewer than half of the symbols: they are of another kind. When it lacks genes of
        `claimed`: what was claimed could have been named, and wrong claims must not become untestable.
    """
    if not given:
        return None, []
    symbols = sorted(set(known_symbols()))
    approved, unknown = check_universe(given, symbols)
    if len(unknown) > len(approved):
        near = {name: nearest(name, symbols) for name in unknown[:SHOWN]}
        raise DataError(
            "The universe is not one of approved gene symbols: the graph knows fewer than half of it.",
            where="--universe",
            got=f"{len(unknown)} unknown of {len(approved) + len(unknown)}: {', '.join(near)}",
            allowed="approved gene symbols of the graph, one a line",
            nearest=", ".join(f"{hit} for {name}" for name, hit in near.items() if hit) or None,
        )
    if lacking := sorted(set(claimed) - set(approved)):
        raise DataError(
            "The universe lacks genes that are claimed, so it is not all that could have been named.",
            where="--universe",
            got=f"{len(lacking):,} of {len(set(claimed)):,} claimed genes: {', '.join(lacking[:SHOWN])}",
            action="add them, or leave out the claims about them; with --compare give the genes of all explainers",
        )
    return approved, unknown
