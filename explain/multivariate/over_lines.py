"""A drug over all lines or some: claims of every kind proposed, asked of the models and held against the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pathproof.explain.asking import Job, ask, background_of, judge_all
from pathproof.explain.attribution import Attributions, GeneScores
from pathproof.explain.compute import propose
from pathproof.explain.ensemble import Fitted
from pathproof.explain.multivariate.account import Account
from pathproof.explain.multivariate.judging import Found, judge_pairs, pair_drafts
from pathproof.explain.multivariate.module_claims import held_as_one, module_drafts
from pathproof.explain.multivariate.products import ask_products
from pathproof.explain.multivariate.rule_asking import judge_rules
from pathproof.explain.multivariate.rule_claims import Ground, propose_rules
from pathproof.graph_schema.records import ClaimKind

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.lmm_modules import ModuleTable
    from pathproof.explain.lmm_table import AssociationTable
    from pathproof.explain.models.base import Predictor
    from pathproof.explain.multivariate.run import MultivariateConfig


@dataclass(frozen=True)
class Evidence:
    """What claims are held against beside the model: the lines of the test in the data, its tables, and gene sets."""

    dataset: Dataset
    table: AssociationTable
    modules: ModuleTable
    pathways: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Views:
    """What is read out of the account: it, its attributions, and these by gene."""

    account: Account
    attributions: Attributions
    scores: GeneScores


def judge_over_lines(
    job: Job,
    config: MultivariateConfig,
    chosen: tuple[tuple[int, ...], tuple[int, ...] | None],
    views: Views,
    models: Sequence[Predictor],
    refits: Sequence[Fitted],
    evidence: Evidence,
) -> Found:
    """Claims of every kind with what models and data say; `chosen`: drugs and lines, `models`: the explained first."""
    dataset, (drugs, lines) = job.dataset, chosen
    drafts, by_pathway = propose(job, views.attributions, views.scores, evidence.pathways, modules=False)
    drafts += module_drafts(views.attributions, dataset, drugs, evidence.modules.modules, config.limits)
    pairs = [
        draft
        for output, drug in enumerate(drugs)
        for draft in pair_drafts(views.account, dataset, output, drug, config.limits, config.pairs)
    ]
    background = background_of(job, views.attributions, None if lines is None else np.asarray(lines))
    survey = ask(job, models, background, drafts, [])
    job.progress("explain: asking the models about pairs", None)
    questions = [(draft.drug, (draft.features[0], draft.features[1])) for draft in pairs]
    products = ask_products(models, dataset, background, questions, config.seed) if questions else None
    job.progress("explain: rules", None)
    ground = Ground(dataset, views.account, models, refits[: config.asked], drugs, lines)
    rules = propose_rules(ground)
    judged = judge_rules(rules, ground, background, evidence.dataset, job.config)
    answered = judge_all(dataset, job.config, drafts, survey, evidence.table, by_pathway)
    modules = evidence.modules
    if config.data_level is None:
        groups = [(modules.place(d.features[0]), d.drug) for d in drafts if d.kind is ClaimKind.MODULE]
        modules = modules.asked(evidence.dataset, groups)
    judged += held_as_one(answered, modules, config.data_level)
    if products is not None:
        judged += judge_pairs(pairs, products, evidence.dataset, config.criteria)
    sets = survey.n_sets + (products.n_sets if products else 0) + len(rules)
    return Found(judged, len(models) * config.draws * sets, rules)
