"""Which facts of a reference the explained model, or its explainer, may have been told.

A fact is circular for a set of sources that entered the model or the explainer
- when one of its own sources is among them, or
- when the same pair of drug and gene (or pathway) is a fact of entered sources alone, in any
  reference: the model was told the pair, whoever else says it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pathproof.errors import UsageError, nearest
from pathproof.validate.reference import Reference

Pair = tuple[str, str]
NONE = "none"


def seen_sources(words: Sequence[str], known: Iterable[str]) -> list[str]:
    """The sources of knowledge that an explainer had seen, by name, sorted.

    Parameters
    ----------
    words : sequence of str
        As somebody wrote them; empty, or "none" alone: it had seen none.
    known : iterable of str
        Names of the sources that the workspace holds.

    Raises
    ------
    UsageError
        For one word instead of several, a source that the workspace does not hold, or "none" beside others.
    """
    held = sorted(set(known))
    allowed = f"{NONE} alone, or {', '.join(held)}"
    if isinstance(words, str):
        raise UsageError("The sources that the explainer had seen are a list.", got=repr(words), allowed=allowed)
    if list(words) == [NONE]:
        return []
    unknown = [word for word in words if word not in held]
    if unknown:
        raise UsageError(
            "The explainer is said to have seen a source of knowledge that this workspace does not hold.",
            where="seen",
            got=", ".join(map(str, unknown)),
            allowed=allowed,
            nearest=nearest(str(unknown[0]), held),
        )
    return sorted(set(words))


def entered_sources(claim_sources: Iterable[Sequence[str]], model_sources: Iterable[str]) -> frozenset[str]:
    """Bare names of all sources behind some claims and the model, without the `source:` prefix."""
    names = {name for sources in claim_sources for name in sources} | set(model_sources)
    return frozenset(name.removeprefix("source:") for name in names)


def told_pairs(references: Iterable[Reference], entered: frozenset[str]) -> frozenset[Pair]:
    """Pairs that are a fact of entered sources alone."""
    told: set[Pair] = set()
    for reference in references:
        codes, sets = reference.provenance
        alone = np.array([bool(names) and entered.issuperset(names) for names in sets], dtype=bool)
        if alone.any():
            told.update(reference.pairs[row] for row in np.flatnonzero(alone[codes]).tolist())
    return frozenset(told)


def circular_facts(
    reference: Reference, entered: frozenset[str], told: frozenset[Pair] = frozenset()
) -> npt.NDArray[np.bool_]:
    """For each fact of the reference whether it is circular.

    Parameters
    ----------
    reference : Reference
    entered : frozenset of str
        Sources that entered the model or the explainer.
    told : frozenset of (drug, item)
        What :func:`told_pairs` found in all references.

    Returns
    -------
    ndarray of bool, one for each row of `reference.facts`
    """
    codes, sets = reference.provenance
    if not sets:
        return np.zeros(0, dtype=bool)
    flags = np.array([not entered.isdisjoint(names) for names in sets], dtype=bool)[codes]
    if told:
        flags |= np.fromiter((pair in told for pair in reference.pairs), dtype=bool, count=len(flags))
    return flags
