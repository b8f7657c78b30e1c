"""Every explainer's claims of one kind against one reference: the judgements behind all figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathproof.validate import nulls
from pathproof.validate.circularity import circular_facts, entered_sources, told_pairs
from pathproof.validate.claim_table import KINDS, ClaimTable
from pathproof.validate.knowledge import Knowledge
from pathproof.validate.overlap import Block, Facts, Overlap, block_of, compile_facts, overlap
from pathproof.validate.references import Reference
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
    draws, resamples : int
        Drug-swap permutations and bootstrap draws.
    """

    references: tuple[Reference, ...]
    known: Knowledge
    universe: Universe
    model_sources: tuple[str, ...] = ()
    seed: int = 0
    draws: int = 1000
    resamples: int = 2000
    _orders: dict[int, Ints] = field(default_factory=dict, repr=False, compare=False)

    def rng(self, *what: str) -> np.random.Generator:
        """A generator of its own for each figure: no figure depends on which others were computed."""
        return np.random.default_rng(int(content_key(self.seed, *what), 16))

    def orders(self, n: int) -> Ints:
        """The drug-swap permutations of n testable drugs."""
        if n not in self._orders:
            self._orders[n] = nulls.permutations(n, self.draws, self.rng("drug-swap", str(n)))
        return self._orders[n]


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
    overlap: Overlap
    left_out: int = 0

    @property
    def own_testable(self) -> Bools:
        """For each claim whether its own drug's reference can test it."""
        return np.asarray(self.overlap.testable[np.arange(len(self.column)), self.column])

    @property
    def own_supported(self) -> Bools:
        """For each claim whether its own drug's reference supports it."""
        return np.asarray(self.overlap.supported[np.arange(len(self.column)), self.column])

    @property
    def own_contradicted(self) -> Bools:
        """For each claim whether its own drug's reference contradicts it."""
        return np.asarray(self.overlap.contradicted[np.arange(len(self.column)), self.column])

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
    told = told_pairs(setting.references, entered)
    for reference in setting.references:
        circular = circular_facts(reference, entered, told)
        for mode, mask in (("excluded", circular), ("included", None)):
            facts = compile_facts(reference, drugs, setting.universe, kind, mask)
            yield Judged(
                explainer, screen, kind, reference.name, mode, claims, drugs, column, group, block, facts,
                overlap(block, facts), int(circular.sum()) if mode == "excluded" else 0,
            )  # fmt: skip
