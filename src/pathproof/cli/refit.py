"""The refit nulls of a run: its explainer, fitted again on permuted responses and with mislabelled weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pathproof.config import Settings
from pathproof.errors import ConfigError
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.cli.pipeline import Job
    from pathproof.graph_schema.records import Explanation
    from pathproof.graph_schema.store import GraphStore
    from pathproof.validate.claim_table import ClaimTable
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


def claim_reader(
    settings: Settings, workspace: Workspace, store: GraphStore
) -> Callable[[Iterable[Explanation]], ClaimTable]:
    """How records become claims: all of them, or (`drugs_not_in`) those about compounds that a screen lacks."""
    from pathproof.validate.claims import claims_from_explanations
    from pathproof.validate.compounds import lacking
    from pathproof.validate.knowledge_tables import screened

    if settings.drugs_not_in is None:
        return claims_from_explanations
    known, taken = store.rows("drugs"), screened(workspace, settings.drugs_not_in)
    return lambda records: lacking(claims_from_explanations(records), known, settings.drugs_not_in, taken)


def refits_of(settings: Settings, job: Job, read: Callable[[Iterable[Explanation]], ClaimTable]) -> Refits | None:
    """The functions that refit this run's explainer; None when none are asked."""
    draws = refits_asked(settings)
    if not draws:
        return None
    from pathproof.explain.refits import PERMUTED, WEIGHTS, Refitter
    from pathproof.validate.refits import Refits

    refitter = Refitter(job.dataset, job.graph, job.workspace, job.trained, settings.seed, job.report)
    functions = {
        PERMUTED: lambda draw: read(refitter.permuted(draw)),
        WEIGHTS: lambda draw: read(refitter.mislabelled(draw)),
    }
    return Refits(functions, draws, lambda: read(refitter.own()), PROCEDURE)
