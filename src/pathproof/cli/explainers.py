"""The explainers that `pathproof explain` knows by name, and which options each of them takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pathproof.errors import UsageError, nearest
from pathproof.explain.multivariate.peer_kinds import KINDS

MULTIVARIATE, OWN = "multivariate", "pathproof"
EXPLAINERS = (OWN, MULTIVARIATE, *KINDS)


@dataclass(frozen=True)
class Asked:
    """What one call asks for; empty: all drugs, all lines.

    Parameters
    ----------
    drugs : sequence of str
        Names, ids or numbers.
    lines : sequence of str
        Names or ids of cell lines.
    tissues : sequence of str
    members : int or None
    flips : sequence of str
        Names or ids of the lines that counterfactuals are looked for in.
    cluster : str or None
        As in `pathproof train`.
    top : int or None
        Genes of each drug, at most.
    by_layer : bool
        Order features in units of their layer.
    pairs : bool
        Look for pairs in the data for all drugs.
    """

    drugs: Sequence[str] = ()
    lines: Sequence[str] = ()
    tissues: Sequence[str] = ()
    members: int | None = None
    flips: Sequence[str] = ()
    cluster: str | None = None
    top: int | None = None
    by_layer: bool = False
    pairs: bool = False

    @property
    def given(self) -> dict[str, bool]:
        """Whether each option was given."""
        return {
            "--drug": bool(self.drugs),
            "--lines": bool(self.lines),
            "--tissue": bool(self.tissues),
            "--members": self.members is not None,
            "--flip": bool(self.flips),
            "--cluster": self.cluster is not None,
            "--top": self.top is not None,
            "--by-layer": self.by_layer,
            "--pairs": self.pairs,
        }


def options_of(explainer: str) -> tuple[str, ...]:
    """The options that an explainer takes, of those that not every one does."""
    if explainer == OWN:
        return ()
    if explainer == MULTIVARIATE:
        return ("--drug", "--lines", "--tissue", "--members", "--flip", "--cluster")
    if KINDS[explainer].sees == "model":
        return ("--drug", "--top", "--by-layer", "--cluster")
    return ("--drug", "--top", "--pairs") if explainer == "association-lmm" else ("--drug", "--top")


def checked_explainer(name: str | None, asked: Asked) -> str:
    """The explainer that is meant.

    Raises
    ------
    UsageError
        There is none of this name, or it does not know an option that was given.
    DependencyError
        It needs an optional package that is not installed.
    """
    chosen = OWN if name is None else name.lower()
    if chosen not in EXPLAINERS:
        raise UsageError(
            "There is no such explainer.",
            got=name,
            allowed=", ".join(EXPLAINERS),
            nearest=nearest(chosen, EXPLAINERS),
        )
    known = options_of(chosen)
    wrong = [option for option, given in asked.given.items() if given and option not in known]
    if wrong:
        others = [one for one in EXPLAINERS if set(wrong) <= set(options_of(one))]
        leave = f"leave out {' and '.join(wrong)}"
        raise UsageError(
            f"The explainer {chosen} does not know {' and '.join(wrong)}.",
            got=f"explainer {chosen}" + (", which explains all drugs over all lines" if chosen == OWN else ""),
            allowed=", ".join(known) if known else "none of the options that choose drugs, lines or genes",
            action=f"add --explainer {others[0]}, or {leave}" if others else leave,
        )
    if chosen in KINDS:
        KINDS[chosen].require()
    return chosen
