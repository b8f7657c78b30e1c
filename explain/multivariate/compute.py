"""The work behind :func:`pathproof.explain.multivariate.run.explain_drugs`: fit, propose, ask, judge, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.asking import Job
from pathproof.explain.assemble import Frame, Judged, make_explanation
from pathproof.explain.attribution import (
    Attributions,
    GeneScores,
    feature_spread,
    gene_scores,
    response_sd,
    top_masks,
)
from pathproof.explain.cluster import fan_out
from pathproof.explain.compute import bonferroni_deviate
from pathproof.explain.ensemble import STEP as MEMBER_STEP
from pathproof.explain.ensemble import Fitted, fit_ensemble, member_key, plan_members
from pathproof.explain.lmm_modules import association_modules
from pathproof.explain.lmm_robust import robust_association
from pathproof.explain.multivariate.account import Account, identity
from pathproof.explain.multivariate.data_peers import data_explanations
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import SHARED, of_drugs
from pathproof.explain.multivariate.judging import CONFIDENCE, Found, held_by_data
from pathproof.explain.multivariate.kept import Work, fit_aside, fit_kept
from pathproof.explain.multivariate.members import Member, draw_split
from pathproof.explain.multivariate.one_line import LineJob, added, at_line, deviations, judge_line, propose_line
from pathproof.explain.multivariate.over_lines import Evidence, Views, judge_over_lines
from pathproof.explain.multivariate.rule_claims import Proposed
from pathproof.explain.multivariate.run import MultivariateConfig, MultivariateResult, Progress, Where
from pathproof.explain.summaries import pair_jaccards
from pathproof.graph_schema.records import ClaimKind, Explanation, ModelRecord
from pathproof.workspace import Workspace

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.ensemble import Member as Sample
    from pathproof.explain.models.base import Predictor
    from pathproof.explain.train import TrainResult

Floats = NDArray[np.float64]
NAME, EXPLAINER_VERSION = "multivariate", "7"
STABLE_TOP = 20


@dataclass(frozen=True)
class Scope:
    """Columns of the drugs, and rows of the lines (None: all); both sorted."""

    drugs: tuple[int, ...]
    lines: tuple[int, ...] | None

    @property
    def line(self) -> int | None:
        """The one line, where it is about one only."""
        return self.lines[0] if self.lines is not None and len(self.lines) == 1 else None

    @property
    def over(self) -> tuple[int, ...] | None:
        """Lines that derivatives are averaged over: for one line those of all, whose members serve every line."""
        return None if self.line is not None else self.lines


@dataclass(frozen=True)
class Run:
    """What is explained, and how."""

    job: Job
    scope: Scope
    config: MultivariateConfig
    where: Where


def compute(
    run: Run, trained: TrainResult, evidence: Dataset, pathways: Mapping[str, Sequence[str]], key: str
) -> MultivariateResult:
    """Run every stage; `evidence`: the lines of the test in the data."""
    job, scope, config = run.job, run.scope, run.config
    dataset = job.dataset
    refits = _refits(run)
    explained = job.spec.explained()
    account = _account(run, trained.key, explained, refits)
    if scope.line is not None:
        moved = deviations(dataset, scope.line)
        account = at_line(account, moved)
    attributions = attributions_of(account, dataset, scope.drugs)
    slopes = attributions.raw[:, list(scope.drugs)].T
    if scope.line is not None:
        attributions = added(attributions, moved)
    scores = scores_of(attributions, dataset, config.top_k)
    asked = [explained, *(job.spec.load(one.folder) for one in refits[: config.asked])]
    job.progress("explain: association test", None)
    table = robust_association(evidence)
    modules = None
    if scope.line is None:
        modules = association_modules(evidence)
        views, known = Views(account, attributions, scores), Evidence(evidence, table, modules, pathways)
        found = judge_over_lines(job, config, (scope.drugs, scope.lines), views, asked, refits, known)
    else:
        line = LineJob(dataset, scope.line, scope.drugs, account, moved, asked, config)
        found = Found(*judge_line(line, propose_line(line, scores), table, evidence))
    judged = held_by_data(found.judged, len(dataset.features), len(dataset.drugs), config.data_level)
    summary = summarise(account, scores, scope, dataset)
    frame = _frame(run, trained, summary, found.calls)
    explanations = [
        _scoped(make_explanation(frame, drug, [item for item in judged if item.draft.drug == drug]), scope, dataset)
        for drug in scope.drugs
    ]
    explanations = [
        with_rules(one, drug, found.rules, dataset) for one, drug in zip(explanations, scope.drugs, strict=True)
    ]
    model = ModelRecord(id=trained.model_id, name=job.spec.name, universe=dataset.genes, sources=trained.sources)
    peers: list[Explanation] = []
    if modules is not None:
        job.progress("explain: pairs in the data", None)
        counts, tables = _gene_counts(judged, dataset), (table, modules)
        peers = data_explanations(tables, dataset, evidence, scope.drugs, counts, trained.sources, config.seed)
    return MultivariateResult(key, model, explanations, peers, slopes, summary)


def _gene_counts(judged: Sequence[Judged], dataset: Dataset) -> list[int]:
    """How many genes were proposed for each drug."""
    named = [item.draft.drug for item in judged if item.draft.kind is ClaimKind.GENE]
    return [named.count(drug) for drug in range(len(dataset.drugs))]


def with_rules(record: Explanation, drug: int, rules: Sequence[Proposed], dataset: Dataset) -> Explanation:
    """The record, with conditions and counts of its rules under `factors`, beside what else its claims rest on."""
    factors = dict(record.parameters["factors"])
    for one in (own for own in rules if own.draft.drug == drug):
        key = "rule:" + "|".join(sorted(dataset.features[i].gene for i in one.rule.features))
        factors[key] = {**factors[key], **one.facts(dataset)}
    return record.model_copy(update={"parameters": {**record.parameters, "factors": factors}})


def _scoped(record: Explanation, scope: Scope, dataset: Dataset) -> Explanation:
    """The record, with its lines where it is about some of them."""
    if scope.lines is None:
        return record
    name = "cohort" if scope.line is None else "cell_line"
    return record.model_copy(update={"scope": name, "scope_ids": tuple(dataset.cell_lines[i] for i in scope.lines)})


def _aside(run: Run, work: Callable[..., object], calls: Sequence[tuple[Any, ...]], title: str) -> None:
    """Run what is missing in other processes, where that is asked for; each call leaves steps in the workspace."""
    if run.where.aside and calls:
        for done, _ in enumerate(fan_out(work, calls, run.where.jobs, run.where.cluster), 1):
            run.job.progress(f"explain: {title} {done} of {len(calls)}", done / len(calls))


def _refit_aside(data: Dataset, root: Path, member: Sample, make: Callable[[], Predictor], parts: list[Any]) -> None:
    fit_ensemble(data, Workspace(root), [member], make, parts, lambda _text, _share: None)


def _refits(run: Run) -> list[Fitted]:
    """The model on bootstraps of the lines: the same members that the explainer "pathproof" has."""
    job, config, known = run.job, run.config, run.job.config
    plan = plan_members(job.dataset.x.shape[0], known.seeds, max(known.bootstraps, config.refits), config.seed)
    members = [member for member in plan if member.kind == "bootstrap"][: config.refits]
    parts = [job.dataset.data_id, job.graph.key, *job.spec.parts]
    todo = [own for own in members if not job.workspace.is_done(MEMBER_STEP, member_key(own, *parts))]
    calls = [(job.dataset, job.workspace.root, own, job.spec.make, parts) for own in todo]
    _aside(run, _refit_aside, calls, "refitted model")
    return fit_ensemble(job.dataset, job.workspace, members, job.spec.make, parts, job.progress)


def _account(run: Run, name: str, explained: Predictor, refits: Sequence[Fitted]) -> Account:
    """Members of the explained model under several seeds, and one of each refitted model."""
    job, scope, config = run.job, run.scope, run.config
    size = len(job.dataset.features) + len(job.dataset.tissues)
    setup = Settings(
        latents=min(config.latents, size),
        rank=min(config.rank, size),
        space=config.space,
        swaps=config.swaps,
        steps=config.steps,
    )
    tasks: list[tuple[str, Fitted | None, tuple[int, ...]]]
    tasks = [(name, None, tuple(config.seed + i for i in range(config.seeds)))]
    tasks += [(one.folder.parent.name, one, (config.seed + config.seeds + i,)) for i, one in enumerate(refits)]
    every: list[Work] = []
    for i, (own, fitted, seeds) in enumerate(tasks):
        model = explained if fitted is None else job.spec.load(fitted.folder)
        function, lines = of_drugs(model, job.dataset, scope.drugs)
        split = draw_split(len(lines.ids), config.seed + i)
        every.append(Work(own, function, lines, split, seeds, setup, scope.over))
    todo = [(work, job.workspace.root) for work in every if work.missing(job.workspace)]
    _aside(run, fit_aside, todo, "account")
    members: list[Member] = []
    for i, work in enumerate(every):
        members += fit_kept(work, job.workspace, _part(job.progress, i, len(every)))
    function, lines = of_drugs(explained, job.dataset, scope.drugs)
    return Account(function, lines, setup, tuple(members), function.ask(lines.x).std(axis=0), 0)


def _part(progress: Progress, i: int, count: int) -> Progress:
    """Progress within one of so many parts."""
    return lambda _text, share: progress(f"explain: account {i + 1} of {count}", (i + (share or 0.0)) / count)


def attributions_of(account: Account, dataset: Dataset, drugs: Sequence[int]) -> Attributions:
    """The members' mean slopes over all drugs of the data set, all centred but `raw`; 0 for drugs not explained.

    The value is that of the explained model: the mean over the members that differ in the seed only.
    """
    width, columns = len(dataset.features), list(drugs)

    def spread(slopes: Floats) -> Floats:
        whole = np.zeros((width, len(dataset.drugs)))
        whole[:, columns] = slopes[: len(columns), :width].T
        return whole

    unit = response_sd(dataset.y)
    own = np.mean([member.slopes for member in account.of_kind("seed")], axis=0)
    centred = spread(own)
    raw = centred.copy()
    raw[:, columns] += own[account.output(SHARED), :width, None] * unit[columns]
    seeds, lines = (np.stack([spread(member.slopes) for member in account.of_kind(kind)]) for kind in ("seed", "lines"))
    return Attributions(feature_spread(dataset), unit, raw, centred, seeds, lines)


def scores_of(attributions: Attributions, dataset: Dataset, top_k: int) -> GeneScores:
    """Genes, selected by a share of the members: the smaller one of those under other seeds and on other lines."""
    views = (attributions.raw, attributions.centred)
    members = (attributions.seeds, attributions.bootstraps)
    scores = gene_scores(views, *members, dataset.features, dataset.genes, top_k)
    return replace(scores, selection=np.minimum(scores.selection, scores.seed_top.mean(axis=0)))


def summarise(account: Account, scores: GeneScores, scope: Scope, dataset: Dataset) -> dict[str, Any]:
    """How faithful and how stable the accounts are, over the chosen drugs; per drug in their order."""
    drugs = list(scope.drugs)
    size = min(STABLE_TOP, len(dataset.genes))
    found: dict[str, Any] = {"drugs": [dataset.drugs[d] for d in drugs], "top": size}
    found["chance"] = size / (2 * len(dataset.genes) - size)
    for kind, members in (("seeds", scores.seed_members), ("lines", scores.line_members)):
        jaccards = pair_jaccards(top_masks(members[:, :, drugs], size))
        b = len(members)
        found[f"jaccard_{kind}"] = ((jaccards.sum(axis=(1, 2)) - b) / (b * (b - 1))).tolist()
    own = account.of_kind("seed")
    for name in ("fidelity", "ridge"):
        values = np.mean([getattr(member, name)[: len(drugs)] for member in own], axis=0)
        found[name] = [float(v) if np.isfinite(v) else None for v in values]
    if len(drugs) > 1:
        for kind, members in (("seeds", scores.seed_members), ("lines", scores.line_members)):
            same, other = identity(members[:, :, drugs].transpose(0, 2, 1))
            found[f"identity_{kind}"] = {"same drug, other member": same, "other drug, same member": other}
    return found


def _frame(run: Run, trained: TrainResult, summary: dict[str, Any], calls: int) -> Frame:
    dataset, config = run.job.dataset, run.config
    z0 = bonferroni_deviate(len(dataset.features) * len(dataset.drugs))
    parameters = {**asdict(config), "confidence": CONFIDENCE, "z0": z0, "member": run.job.spec.name}
    parameters.pop("seed")

    def over_drugs(values: Sequence[float | None]) -> Floats:
        whole = np.full(len(dataset.drugs), np.nan)
        whole[list(run.scope.drugs)] = [np.nan if v is None else v for v in values]
        return whole

    return Frame(
        dataset=dataset,
        model_id=trained.model_id,
        sources=trained.sources,
        parameters=parameters,
        seed=config.seed,
        z0=z0,
        fidelity=over_drugs(summary["fidelity"]),
        stability=over_drugs(summary["jaccard_seeds"]),
        data_stability=over_drugs(summary["jaccard_lines"]),
        model_calls=calls,
        explainer=NAME,
        version=EXPLAINER_VERSION,
    )
