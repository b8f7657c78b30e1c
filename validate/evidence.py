"""What the gates look at, and the form of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathproof.validate.profiles import Profile

Row = dict[str, Any]
NO_CONTEXT = "not given: agreement with knowledge alone can be copied, so it never passes alone"
UNSAID = "nobody said which knowledge the explainer had seen"
ANSWERED = 0.8  # share of the drugs with claims about which a model must have answered
UNRANKED = "all claims have the same score and confidence, so which are the surest is not said"
KIND_WORDS = {"gene": "gene", "interaction": "gene pair", "module": "module", "pathway": "pathway"}


@dataclass(frozen=True)
class Evidence:
    """What the gates look at.

    Parameters
    ----------
    profile : Profile
    context : mapping
        Sections that only others know: predictor, stability, faithfulness, confounders.
    explainer : str
        The one that is judged.
    headline : mapping
        Its selective row for the headline reference, circular facts excluded; empty when it has none.
    plain : mapping
        The precision row of all its reported claims for the same.
    drugs : sequence of str
        Drugs with a claim in the headline.
    """

    profile: Profile
    context: Mapping[str, Any]
    explainer: str
    headline: Mapping[str, Any]
    plain: Mapping[str, Any]
    drugs: Sequence[str] = ()

    @property
    def decidable(self) -> bool:
        """Whether there are enough target groups to say anything, before any selection, and an order of the claims."""
        enough = int(self.headline.get("n_candidate_groups") or 0) >= self.profile.min_groups
        return enough and not self.headline.get("unranked")

    @property
    def kind(self) -> str:
        """The judged kind of claim, as people call it."""
        return KIND_WORDS[self.profile.claim_kind]

    def own_rows(self, section: str) -> list[Row]:
        """Rows of a section about the judged explainer, over all drugs."""
        rows = [r for r in self.context.get(section) or [] if r.get("explainer", self.explainer) == self.explainer]
        return [r for r in rows if r.get("drug", "all") == "all"]

    @property
    def faithfulness(self) -> Row | None:
        """What deleting the claimed features does to the model; None where no model was asked."""
        return next((r for r in self.own_rows("faithfulness") if r.get("beyond_random") is not None), None)

    @property
    def model_asked(self) -> bool:
        """Whether a model was asked about enough of the drugs with claims (a run of ours asks about all)."""
        row = self.faithfulness
        return row is not None and ("n_asked" not in row or row["n_drugs"] >= ANSWERED * row["n_asked"])


def gate(name: str, title: str, criterion: str, status: str, **facts: Any) -> Row:
    """One row of the gate table."""
    empty = dict.fromkeys(("observed", "ci95", "null_mean", "null_sd", "p", "q"))
    return {"id": name, "title": title, "criterion": criterion, "status": status, **empty, **facts}
