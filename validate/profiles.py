"""What a verdict asks for.

The criteria were fixed in the design, from figures measured on GDSC2 with other code before this
code was run: on GDSC2 they are therefore not wholly blind, on any other screen they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pathproof.errors import UsageError, nearest
from pathproof.validate.steps import Asked


@dataclass(frozen=True)
class Profile:
    """Criteria of the gates.

    Parameters
    ----------
    name : str
    reference : str
        The headline reference.
    pathway_reference : str
        The same for explanations that claim pathways only.
    claim_kind : str
        Changed for explanations that claim no gene.
    asked : Asked
        The asked precision, and how the threshold is chosen.
    min_groups : int
        Target groups with a claim, below which nothing is decided.
    min_coverage : float
        Share of the testable drugs with a claim, below which nothing is decided.
    min_runs : int
        Runs that a stability needs.
    drugs_beating_naive : float
        Share of the drugs with a claim that the predictor should foresee better than naive mean
        effects; below it the gate warns.
    copied_precision, copied_coverage : float
        All reported claims reach both: no explanation of data looks like this, a copy of the
        reference does.
    """

    name: str
    reference: str = "resistance_evidence_class"
    pathway_reference: str = "resistance_pathways"
    claim_kind: str = "gene"
    asked: Asked = field(default_factory=Asked)
    min_groups: int = 10
    min_coverage: float = 0.10
    min_runs: int = 2
    drugs_beating_naive: float = 0.8
    copied_precision: float = 0.95
    copied_coverage: float = 0.60


PROFILES = {"default": Profile("default")}


def profile_named(name: str) -> Profile:
    """The profile of this name.

    Raises
    ------
    UsageError
        When there is none.
    """
    if name not in PROFILES:
        raise UsageError(
            "There is no validation profile of this name.",
            got=name,
            allowed=", ".join(sorted(PROFILES)),
            nearest=nearest(name, PROFILES),
        )
    return PROFILES[name]
