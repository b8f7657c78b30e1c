"""The refit nulls of a run: its explainer, fitted again on permuted responses and with mislabelled weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathproof.config import Settings
from pathproof.errors import ConfigError

if TYPE_CHECKING:
    from pathproof.cli.pipeline import Job
    from pathproof.validate.refits import Refits

PROCEDURE = (
    "ridge in place of the ridge-anchored networks, same members on other lines, fewer questions: observed is this "
    "procedure on the real data"
)


def refits_asked(settings: Settings) -> int:
    """How many refits of each sort: as said, else what the profile needs (none, or 19 where it asks for them).

    Raises
    ------
    ConfigError
        For a negative number.
    """
    from pathproof.validate.profiles import profile_named
    from pathproof.validate.refits import LEAST

    if settings.refits is None:
        return LEAST if profile_named(settings.profile).permuted_response else 0
    if settings.refits < 0:
        raise ConfigError("The number of refits is negative.", got=settings.refits, allowed="0 or more")
    return int(settings.refits)


def refits_of(settings: Settings, job: Job) -> Refits | None:
    """The functions that refit this run's explainer; None when none are asked."""
    draws = refits_asked(settings)
    if not draws:
        return None
    from pathproof.explain.refits import PERMUTED, WEIGHTS, Refitter
    from pathproof.validate.claims import claims_from_explanations
    from pathproof.validate.refits import Refits

    refitter = Refitter(job.dataset, job.graph, job.workspace, job.trained, settings.seed, job.report)
    functions = {
        PERMUTED: lambda draw: claims_from_explanations(refitter.permuted(draw)),
        WEIGHTS: lambda draw: claims_from_explanations(refitter.mislabelled(draw)),
    }
    return Refits(functions, draws, lambda: claims_from_explanations(refitter.own()), PROCEDURE)
