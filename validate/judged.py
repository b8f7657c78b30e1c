"""Every explainer's claims of one kind against one reference: the judgements behind all figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.validate import nulls
from pathproof.validate.circularity import circular_facts, entered_sources, told_pairs
from pathproof.validate.claim_table import KINDS, ClaimTable
from pathproof.validate.knowledge import Knowledge
from pathproof.validate.metrics import resamples
from pathproof.validate.overlap import Block, Facts, Overlap, block_of, chance, compile_facts, overlap
from pathproof.validate.reference import Reference
from pathproof.validate.universe import Universe
from pathproof.workspace import content_key

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """What all scores share.

    Parameters
    ----------
    references : tuple of Reference
    known : Knowledge
    universe : Universe
    model_sources : tuple of str
        Sources that entered the explained model.
    seed : int
    draws, resample_draws : int
        Drug-swap permutations and bootstrap draws.
    """

    references: tuple[Reference, ...]
    known: Knowledge
    universe: Universe
    model_sources: tuple[str, ...] = ()
    seed: int = 0
    draws: int = 1000
    resample_draws: int = 2000
    _orders: dict[int, Ints] = field(default_factory=dict, repr=False, compare=False)
    _counts: dict[int, Ints] = field(default_factory=dict, repr=False, compare=False)
    _facts: dict[tuple[str, str, tuple[str, ...], frozenset[str] | None], Facts] = field(
        default_factory=dict, repr=False, compare=False
    )
    _circular: dict[frozenset[str], dict[str, Bools]] = field(default_factory=dict, repr=False, compare=False)

    def rng(self, *what: str) -> np.random.Generator:
        """A generator of its own for each figure: no figure depends on which others were computed."""
        return np.random.default_rng(int(content_key(self.seed, *what), 16))

    def orders(self, n: int) -> Ints:
        """The drug-swap permutations of n testable drugs."""
        if n not in self._orders:
            self._orders[n] = nulls.permutations(n, self.draws, self.rng("drug-swap", str(n)))
        return self._orders[n]

    def resamples(self, groups: int) -> Ints:
        """The bootstrap draws over so many target groups."""
        if groups not in self._counts:
            self._counts[groups] = resamples(groups, self.resample_draws, self.rng("bootstrap", str(groups)))
        return self._counts[groups]

    def circular(self, entered: frozenset[str]) -> dict[str, Bools]:
        """For each reference which of its facts are circular."""
        if entered not in self._circular:
            told = told_pairs(self.references, entered)
            self._circular[entered] = {r.name: circular_facts(r, entered, told) for r in self.references}
        return self._circular[entered]

    def facts(self, reference: Reference, drugs: tuple[str, ...], kind: str, entered: frozenset[str] | None) -> Facts:
        """The reference as arrays, without what is circular for `entered` (None: all of it)."""
        key = (reference.name, "pathway" if kind == "pathway" else "gene", drugs, entered)
        if key not in self._facts:
            mask = None if entered is None else self.circular(entered)[reference.name]
            if mask is not None and not mask.any():
                self._facts[key] = self.facts(reference, drugs, kind, None)
            else:
                self._facts[key] = compile_facts(reference, drugs, self.universe, kind, mask)
        return self._facts[key]


@dataclass(frozen=True)
class Judged:
    """One explainer's claims of one kind in one screen, against one reference.

    Parameters
    ----------
    explainer, screen, kind, reference, circular : str
        `circular` is "excluded" or "included".
    claims : DataFrame
        Rows of the claim table, sorted by drug.
    drugs : tuple of str
        Columns of the overlap: what was explained, or all screened drugs.
    column : ndarray of int
        Each claim's drug.
    group : ndarray of int
        Target group of each column.
    left_out : int
        Facts that were left out as circular.
    """

    explainer: str
    screen: str
    kind: str
    reference: str
    circular: str
    claims: pd.DataFrame
    drugs: tuple[str, ...]
    column: Ints
    group: Ints
    block: Block
    facts: Facts
    left_out: int = 0

    def overlap(self, rows: Ints, columns: Ints) -> Overlap:
        """What the references of these drugs say of these claims: claims x drugs."""
        return overlap(self.block, self.facts, rows, columns[None, :])

    @cached_property
    def own(self) -> Overlap:
        """What its own drug's reference says of each claim: claims x 1."""
        return overlap(self.block, self.facts, np.arange(len(self.column)), self.column[:, None])

    @property
    def own_testable(self) -> Bools:
        """For each claim whether its own drug's reference can test it."""
        return self.own.testable[:, 0]

    @property
    def own_supported(self) -> Bools:
        """For each claim whether its own drug's reference supports it."""
        return self.own.supported[:, 0]

    @property
    def own_contradicted(self) -> Bools:
        """For each claim whether its own drug's reference contradicts it."""
        return self.own.contradicted[:, 0]

    @cached_property
    def luck(self) -> npt.NDArray[np.float64]:
        """For each claim the probability that a random one of its size and sign is supported."""
        return chance(self.block, self.facts, self.column)

    def ordered(self, most: int | None) -> Bools:
        """Reported claims with an order of at most `most`."""
        order = self.claims["order"].to_numpy()
        return np.asarray((order >= 1) & (order <= (np.inf if most is None else most)))


def judge_all(setting: Setting, table: ClaimTable) -> Iterator[Judged]:
    """Every explainer, screen, kind, reference and circularity that has claims."""
    for (explainer, screen), part in table.frame.groupby(["explainer", "screen"], sort=True):
        drugs = table.drugs_of(str(explainer), str(screen)) or setting.known.screened
        drugs = tuple(sorted(set(drugs) | set(part["drug"])))
        for kind in KINDS:
            claims = part[part["kind"] == kind].reset_index(drop=True)
            if len(claims):
                yield from _judge_kind(setting, claims, drugs, (str(explainer), str(screen), kind))


def _judge_kind(
    setting: Setting, claims: pd.DataFrame, drugs: tuple[str, ...], who: tuple[str, str, str]
) -> Iterator[Judged]:
    explainer, screen, kind = who
    names = sorted({setting.known.groups.get(drug, drug) for drug in drugs})
    group = np.array([names.index(setting.known.groups.get(drug, drug)) for drug in drugs], dtype=np.int64)
    place = {drug: j for j, drug in enumerate(drugs)}
    column = np.asarray(claims["drug"].map(place), dtype=np.int64)
    block = block_of(claims, setting.universe, kind)
    entered = entered_sources(set(claims["sources"]), setting.model_sources)
    items = set(setting.universe.items(kind))
    for reference in setting.references:
        if items.isdisjoint(item for _, item in reference.pairs) and kind == "pathway":
            continue  # the reference knows no pathways: a row would say nothing
        known = setting.facts(reference, drugs, kind, None)
        clean = setting.facts(reference, drugs, kind, entered)
        lost = int(known.n_held.sum() - clean.n_held.sum())
        judged = Judged(
            explainer, screen, kind, reference.name, "excluded", claims, drugs, column, group, block, clean, lost
        )
        yield judged
        yield replace(judged, circular="included", facts=known, left_out=0)
