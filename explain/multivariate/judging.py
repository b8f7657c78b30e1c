"""From proposals to claims: asked of the model, held against the data, with the reason where one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.assemble import CONFIDENCE as PRODUCT
from pathproof.explain.assemble import Judged
from pathproof.explain.compute import bonferroni_deviate
from pathproof.explain.confirm import Criteria, judge
from pathproof.explain.lmm_pairs import product_deviates
from pathproof.explain.multivariate.account import Account
from pathproof.explain.multivariate.rules import regions
from pathproof.explain.propose import Draft, Limits
from pathproof.graph_schema.records import ClaimKind

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.multivariate.products import ProductSurvey
    from pathproof.explain.multivariate.rule_claims import Proposed

Floats = NDArray[np.float64]
CONFIDENCE = (
    PRODUCT + "; selection_frequency is the smaller one of the members under other seeds and of those of models that "
    "were fitted on other lines; z is the weaker one of responses and of rank-normal responses; a pair's is that of "
    "the product beyond both genes, or beyond their squares too where it does not add to these; a module's is that of "
    "its score, or of its other genes beyond the strongest where they do not add to it"
)
PROPOSED_PAIRS = 200


@dataclass(frozen=True)
class Found:
    """Judged claims, how often models were asked, and the rules among the claims."""

    judged: list[Judged]
    calls: int
    rules: Sequence[Proposed] = ()


def pair_drafts(account: Account, dataset: Dataset, output: int, drug: int, limits: Limits, count: int) -> list[Draft]:
    """Pairs of two genes that members select again and again, strongest first; none for a drug without curvature.

    A pair is selected by a member that has it among its strongest :data:`PROPOSED_PAIRS`. Tissues take no part.
    """
    view = account.pairs(output, PROPOSED_PAIRS)
    drafts: list[Draft] = []
    for k, (i, j) in enumerate(view.pairs.tolist()):
        if len(drafts) == count:
            break
        features = dataset.features
        if j >= len(features) or features[i].gene == features[j].gene:
            continue
        if view.selection[k] < limits.selection or view.centred[k] == 0:
            continue
        drafts.append(
            Draft(
                kind=ClaimKind.INTERACTION,
                drug=drug,
                features=(i, j),
                weights=(),
                value=float(view.centred[k]),
                sd=float(view.sd[k]),
                selection=float(view.selection[k]),
                consistency=float(view.consistency[k]),
            )
        )
    return drafts


def judge_pairs(drafts: Sequence[Draft], survey: ProductSurvey, evidence: Dataset, criteria: Criteria) -> list[Judged]:
    """Bring together what the models and the data say of each pair; `evidence`: the lines of the test in the data."""
    z = np.full(len(drafts), np.nan)
    for drug in sorted({draft.drug for draft in drafts}):
        places = [i for i, draft in enumerate(drafts) if draft.drug == drug]
        pairs = [(drafts[i].features[0], drafts[i].features[1]) for i in places]
        z[places] = product_deviates(evidence, drug, pairs)
    judged = []
    for i, draft in enumerate(drafts):
        null = survey.null[:, draft.drug]
        answer = judge(draft.question(), survey.raw[:, i], survey.centred[:, i], null, criteria)
        judged.append(Judged(draft, answer, float(z[i])))
    return judged


def held_by_data(judged: Sequence[Judged], features: int, drugs: int, level: float | None = None) -> list[Judged]:
    """The same, a claim confirmed only where the mixed model's deviate has its sign and the size asked of its kind.

    Modules are left as they are: :func:`~pathproof.explain.multivariate.module_claims.held_as_one` holds them.

    Parameters
    ----------
    judged : sequence of Judged
    features, drugs : int
        How many a claim could have been made of and about. Without a level the deviate of Bonferroni over them is
        asked of a gene and of a pathway; of a pair that over all pairs of features and drugs, of a rule that over all
        its :func:`~pathproof.explain.multivariate.rules.regions` and drugs, because they were searched.
    level : float, optional
        Asked of every kind instead.
    """
    searched = dict.fromkeys(ClaimKind, features)
    searched |= {ClaimKind.INTERACTION: features * (features - 1) // 2, ClaimKind.RULE: regions(features)}
    levels = {kind: level or bonferroni_deviate(count * drugs) for kind, count in searched.items()}
    held = []
    for item in judged:
        if item.draft.kind is ClaimKind.MODULE:
            held.append(item)
            continue
        asked = levels[item.draft.kind]
        shown = np.isfinite(item.data_z) and item.data_z * item.draft.sign >= asked
        held.append(item if shown else _refused(item, asked))
    return held


def _refused(item: Judged, level: float) -> Judged:
    if np.isfinite(item.data_z):
        why = f"the data do not show it beyond lineage and fragility (z = {item.data_z:.2g}, asked {level:.3g})"
    else:
        why = "the data could not be asked about it (too few lines or carriers)"
    reason = why if item.answer.reason is None else f"{item.answer.reason}; {why}"
    return replace(item, answer=replace(item.answer, confirmed=False, reason=reason))
