"""The questions of a run: what is asked of the models, of random features, and of the data, and what came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.assemble import EXPLAINER, Judged
from pathproof.explain.attribution import Attributions
from pathproof.explain.confirm import (
    Question,
    Survey,
    ask_nulls,
    ask_questions,
    composition,
    group_by_set,
    judge,
    random_sets,
)
from pathproof.explain.contrasts import Background, Features, draw_donors
from pathproof.explain.ensemble import Fitted
from pathproof.explain.pathways import enrichment_z
from pathproof.explain.propose import Draft, PathwayScores
from pathproof.explain.run import ExplainConfig, Progress
from pathproof.explain.summaries import faithfulness_row
from pathproof.graph_schema.records import ClaimKind
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.lmm_table import AssociationTable
    from pathproof.explain.models.base import Predictor
    from pathproof.explain.peers import Peer

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shape = tuple[int, int]
ANY_LAYER = -1


@dataclass(frozen=True)
class ModelSpec:
    """How to make and to read back a member of the explained kind.

    Parameters
    ----------
    name : str
    parts : list
        JSON-able description; part of every member's content key.
    make : function
        A new, unfitted model.
    load : function of a folder
        A fitted model that was saved there.
    explained : function
        The explained model itself, fitted on all lines.
    """

    name: str
    parts: list[Any]
    make: Callable[[], Predictor]
    load: Callable[[Path], Predictor]
    explained: Callable[[], Predictor]


@dataclass(frozen=True)
class Job:
    """What an explanation run works on."""

    dataset: Dataset
    graph: GeneGraph
    workspace: Workspace
    spec: ModelSpec
    config: ExplainConfig
    progress: Progress


@dataclass(frozen=True)
class Joint:
    """An explainer's strongest claims of one drug, to be replaced together."""

    explainer: str
    drug: int
    features: Features


def joint_sets(drafts: Sequence[Draft], peers: Sequence[Peer], dataset: Dataset, limit: int) -> list[Joint]:
    joint = []
    for drug in range(len(dataset.drugs)):
        own = [d.features[0] for d in drafts if d.drug == drug and d.kind is ClaimKind.GENE]
        named = {EXPLAINER: own} | {p.name: [c.feature for c in p.claims[drug]] for p in peers if p.name != "random"}
        joint += [Joint(name, drug, tuple(fs[:limit])) for name, fs in named.items() if len(fs) >= limit]
    return joint


def members_to_ask(job: Job, fitted: Sequence[Fitted]) -> list[Predictor]:
    asked: list[Fitted] = []
    for kind, count in (("seed", job.config.asked_seeds), ("bootstrap", job.config.asked_bootstraps)):
        asked += [f for f in fitted if f.member.kind == kind][:count]
    return [job.spec.load(f.folder) for f in asked]


def ask(
    job: Job, models: Sequence[Predictor], background: Background, drafts: Sequence[Draft], joint: Sequence[Joint]
) -> Survey:
    dataset, config = job.dataset, job.config
    questions = [draft.question() for draft in drafts]
    for one in joint:
        weights = tuple(float(background.attribution[f, one.drug]) for f in one.features)
        questions.append(Question(one.drug, one.features, weights, 1))
    raw, centred = ask_questions(
        models, dataset, background, questions, lambda done: job.progress("explain: asking the models", done)
    )
    job.progress("explain: asking about random features", None)
    nulls = ask_nulls(models[0], dataset, background, _nulls(dataset, config, drafts))
    return Survey(raw, centred, nulls, len(group_by_set(questions)))


def background_of(job: Job, attributions: Attributions, lines: Ints | None = None) -> Background:
    """What the questions of a run share; `lines`: rows that are looked at, default all."""
    donors = draw_donors(job.dataset, job.config.draws, job.config.seed)
    return Background(donors, attributions.centred, attributions.feature_sd, attributions.response_sd, lines)


def _mutations_from(dataset: Dataset) -> int:
    return sum(feature.layer == "expression" for feature in dataset.features)


def _nulls(dataset: Dataset, config: ExplainConfig, drafts: Sequence[Draft]) -> dict[Shape, list[Features]]:
    border, n_features = _mutations_from(dataset), len(dataset.features)
    pools = (np.arange(border), np.arange(border, n_features))
    nulls = {}
    for shape in sorted({composition(d.question().features, border) for d in drafts}):
        count = config.null_single if sum(shape) == 1 else config.null_sets
        nulls[shape] = random_sets(shape, pools, count, config.seed)
    rng = np.random.default_rng([config.seed, 7])
    size = min(config.joint_genes, n_features)
    drawn = [rng.choice(n_features, size, replace=False) for _ in range(config.null_sets)]
    nulls[(size, ANY_LAYER)] = [tuple(int(f) for f in one) for one in drawn]
    return nulls


def judge_all(
    dataset: Dataset,
    config: ExplainConfig,
    drafts: Sequence[Draft],
    survey: Survey,
    table: AssociationTable,
    by_pathway: PathwayScores,
) -> list[Judged]:
    border = _mutations_from(dataset)
    claimed: dict[int, set[int]] = {}
    for draft in drafts:
        claimed.setdefault(draft.drug, set()).update(draft.question().features)
    pathway_z = enrichment_z(np.nan_to_num(table.z)[by_pathway.feature], by_pathway.sets)
    place = {pathway: i for i, pathway in enumerate(by_pathway.sets.ids)}
    judged = []
    for i, draft in enumerate(drafts):
        question = draft.question()
        null = survey.nulls[composition(question.features, border)]
        free = null.unclaimed(draft.drug, frozenset(claimed[draft.drug]))
        answer = judge(question, survey.raw[:, i], survey.centred[:, i], free, config.criteria)
        if draft.pathway is None:
            z = float(table.z[draft.features[0], draft.drug])
        else:
            z = float(pathway_z[place[draft.pathway], draft.drug])
        judged.append(Judged(draft, answer, z))
    return judged


def faithfulness_rows(joint: Sequence[Joint], survey: Survey, first: int, seed: int) -> list[dict[str, Any]]:
    rows = []
    for name in sorted({one.explainer for one in joint}, key=lambda n: (n != EXPLAINER, n)):
        places = [i for i, one in enumerate(joint) if one.explainer == name]
        drugs = [joint[i].drug for i in places]
        size = len(joint[places[0]].features)
        effects = survey.centred[:, [first + i for i in places]]
        rows.append(
            faithfulness_row(
                name,
                effects[0],
                (effects > 0).mean(axis=0),
                survey.nulls[(size, ANY_LAYER)].effects[:, drugs].T,
                np.full(len(places), float(size)),
                seed,
            )
        )
    return rows
