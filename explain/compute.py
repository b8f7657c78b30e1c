"""The work behind :func:`pathproof.explain.run.explain`: one function per stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.asking import (
    Job,
    ModelSpec,
    ask,
    background_of,
    faithfulness_rows,
    joint_sets,
    judge_all,
    members_to_ask,
)
from pathproof.explain.assemble import CONFIDENCE, Frame, make_explanation, peer_explanations
from pathproof.explain.attribution import Attributions, GeneScores, attribute, centre_over_drugs, score_genes
from pathproof.explain.confirm import Survey
from pathproof.explain.ensemble import Fitted, fit_ensemble, plan_members
from pathproof.explain.lmm import association_lmm
from pathproof.explain.lmm_table import AssociationTable
from pathproof.explain.modules import tissue_residuals
from pathproof.explain.pathways import pathway_sets
from pathproof.explain.peers import (
    association_peer,
    gene_features,
    line_mean_response,
    popular_peer,
    presence,
    random_peer,
    univariate_peer,
)
from pathproof.explain.propose import (
    Draft,
    ModuleSpace,
    PathwayScores,
    gene_drafts,
    module_drafts,
    order_genes,
    pathway_drafts,
    score_pathways,
)
from pathproof.explain.run import ExplainResult
from pathproof.explain.summaries import confounder_rows, identity_rows, stability_rows
from pathproof.graph_schema.records import ClaimKind, ModelRecord

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.train import TrainResult

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GRAPH_SOURCES = ("collectri", "omnipath")


def compute(
    job: Job,
    evidence: Dataset | AssociationTable,
    key: str,
    trained: TrainResult,
    pathways: Mapping[str, Sequence[str]],
) -> ExplainResult:
    """Run every stage; see :func:`pathproof.explain.run.explain`. `evidence`: the test in the data, or its lines."""
    model_id, sources = trained.model_id, trained.sources
    dataset, config = job.dataset, job.config
    fitted = _fit(job)
    explained = job.spec.explained()
    attributions = attribute(dataset, explained.gradient(), fitted)
    scores = score_genes(attributions, dataset.features, dataset.genes, config.top_k)
    job.progress("explain: association test", None)
    table = evidence if isinstance(evidence, AssociationTable) else association_lmm(evidence)
    z0 = bonferroni_deviate(len(dataset.features))
    centred = centre_over_drugs(attributions.bootstraps, attributions.response_sd)
    drafts, by_pathway = propose(job, replace(attributions, bootstraps=centred), scores, pathways)
    counts = [sum(d.drug == i and d.kind is ClaimKind.GENE for d in drafts) for i in range(len(dataset.drugs))]
    peers = [
        random_peer(dataset, counts, config.seed),
        popular_peer(dataset, job.graph, counts),
        univariate_peer(dataset, counts),
        association_peer(table, counts, z0),
    ]
    joint = joint_sets(drafts, peers, dataset, config.joint_genes)
    survey = ask(job, [explained, *members_to_ask(job, fitted)], background_of(job, attributions), drafts, joint)
    judged = judge_all(dataset, config, drafts, survey, table, by_pathway)
    stability = stability_rows(scores, dataset.drugs, config.top_k, config.seed)
    frame = _frame(job, model_id, sources, fitted, stability, survey, z0)
    explanations = [
        make_explanation(frame, drug, [item for item in judged if item.draft.drug == drug])
        for drug in range(len(dataset.drugs))
    ]
    data_sources = tuple(s for s in sources if s not in GRAPH_SOURCES)
    for peer in peers:
        explanations += peer_explanations(peer, dataset, data_sources, config.seed)
    return ExplainResult(
        key=key,
        model=ModelRecord(id=model_id, name=job.spec.name, universe=dataset.genes, sources=sources),
        explanations=explanations,
        stability=stability,
        faithfulness=faithfulness_rows(joint, survey, len(drafts), config.seed),
        confounders=_confounders(dataset, attributions, scores, config.seed),
    )


def _fit(job: Job) -> list[Fitted]:
    config = job.config
    members = plan_members(job.dataset.x.shape[0], config.seeds, config.bootstraps, config.seed)
    parts = [job.dataset.data_id, job.graph.key, *job.spec.parts]
    return fit_ensemble(job.dataset, job.workspace, members, job.spec.make, parts, job.progress)


def bonferroni_deviate(n_tests: int) -> float:
    """The deviate that two-sided p = 0.05 / n_tests corresponds to."""
    return NormalDist().inv_cdf(1.0 - 0.025 / n_tests)


def propose(
    job: Job,
    attributions: Attributions,
    scores: GeneScores,
    pathways: Mapping[str, Sequence[str]],
    *,
    modules: bool = True,
) -> tuple[list[Draft], PathwayScores]:
    """All drafts of all drugs, and the pathway scores that they come from; the members' attributions centred.

    `modules`: with those that a drug's own genes form.
    """
    dataset, config = job.dataset, job.config
    present = presence(dataset)
    residuals = tissue_residuals(dataset.x.astype(np.float64), dataset.tissue, present)
    scaled = dataset.x / np.where(attributions.feature_sd > 0, attributions.feature_sd, 1.0)
    space = ModuleSpace(residuals, present, scaled)
    drafts: list[Draft] = []
    for drug in range(len(dataset.drugs)):
        genes = order_genes(scores, drug, config.limits)
        drafts += gene_drafts(scores, drug, genes)
        if modules:
            drafts += module_drafts(scores, drug, genes, space, config.limits)
    feature = gene_features(dataset)
    sets = pathway_sets(
        pathways,
        dataset.genes,
        residuals[:, feature],
        catalogue_size=config.catalogue_size,
        min_measured=config.min_measured,
    )
    by_pathway = score_pathways(attributions.centred, attributions.bootstraps, sets, feature)
    return drafts + pathway_drafts(by_pathway, config.limits), by_pathway


def _frame(
    job: Job,
    model_id: str,
    sources: tuple[str, ...],
    fitted: Sequence[Fitted],
    stability: Sequence[dict[str, Any]],
    survey: Survey,
    z0: float,
) -> Frame:
    config, dataset = job.config, job.dataset
    own = [f.fidelity for f in fitted if f.member.kind == "bootstrap"]
    by_kind = {
        kind: np.asarray([row["jaccard_mean"] for row in stability if row["kind"] == kind and row["drug"] != "all"])
        for kind in ("seeds", "lines")
    }
    parameters = {**asdict(config), "confidence": CONFIDENCE, "z0": z0, "member": job.spec.name}
    parameters.pop("seed")
    asked = 1 + config.asked_seeds + config.asked_bootstraps
    return Frame(
        dataset=dataset,
        model_id=model_id,
        sources=sources,
        parameters=parameters,
        seed=config.seed,
        z0=z0,
        fidelity=np.mean(own, axis=0),
        stability=by_kind["seeds"],
        data_stability=by_kind["lines"],
        model_calls=asked * config.draws * survey.n_sets,
    )


def _confounders(dataset: Dataset, attributions: Attributions, scores: GeneScores, seed: int) -> list[dict[str, Any]]:
    scaled = dataset.x / np.where(attributions.feature_sd > 0, attributions.feature_sd, 1.0)
    views = {"raw": attributions.raw, "centred": attributions.centred}
    fragility = line_mean_response(dataset.y)
    rows = confounder_rows(np.asarray(scaled, dtype=np.float64), dataset.tissue, fragility, views, seed)
    return rows + identity_rows({"seeds": scores.seed_members, "lines": scores.line_members}, seed)


def member_spec(graph: GeneGraph, trained: TrainResult) -> ModelSpec:
    """Members of the explained kind, with one network each and the explained model's weight.

    The explained model is the mean of several networks on top of the ridge; a member has one, so the
    spread over members is that of a single network: a cautious figure.
    """
    from pathproof.explain.models.anchored import AnchoredGnn
    from pathproof.explain.models.base import CODE_VERSION

    model = trained.load_model()
    gnn = replace(model.config.gnn, seeds=1)
    settings = replace(model.config, gnn=gnn, weight=model.weight, inner_seeds=1)
    return ModelSpec(
        name=AnchoredGnn.name,
        parts=[AnchoredGnn.name, CODE_VERSION, asdict(settings)],
        make=lambda: AnchoredGnn(graph, settings),
        load=AnchoredGnn.load,
        explained=lambda: model,
    )
