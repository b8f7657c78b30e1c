"""The whole validation: claims and knowledge in, report and judgements out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pathproof.errors import DataError
from pathproof.graph_schema.records import Judgement
from pathproof.validate.assemble import Parts, assemble
from pathproof.validate.claim_table import ClaimTable
from pathproof.validate.deletion import Question
from pathproof.validate.examples import FactIndex, Said, claim_rows, collect, drug_pages, judgements
from pathproof.validate.families import fill_q
from pathproof.validate.gates import Evidence, run_gates
from pathproof.validate.given import with_given
from pathproof.validate.judged import Judged, Setting, judge_all
from pathproof.validate.knowledge import Knowledge, QuerySource, read_knowledge
from pathproof.validate.leaderboard import SELECTION, Standing, leaderboard, standing
from pathproof.validate.null_table import null_table
from pathproof.validate.planted import planted_truth
from pathproof.validate.profiles import Profile, check_reference, profile_named
from pathproof.validate.rankings import ranking
from pathproof.validate.references import MAX_PATHWAY, MIN_PATHWAY, build_references
from pathproof.validate.scoring import SELECTIONS, score
from pathproof.validate.selective import selected_drugs, selective
from pathproof.validate.support import claim_columns
from pathproof.validate.universe import Universe, checked_genes, choose_genes
from pathproof.validate.user_references import UserReference, check_names


@dataclass(frozen=True)
class ValidationResult:
    """What a validation leaves.

    Parameters
    ----------
    report : dict
        The contract of report.json.
    judgements : list of Judgement
        What the references say of each claim, for the graph.
    claim_rows : DataFrame
        The claim table with state, references and reason; with a screen also `data_z` and `borne_out`.
    questions : tuple of Question
        What a model was asked, or has to be (context key `wants_questions`).
    """

    report: dict[str, Any]
    judgements: list[Judgement]
    claim_rows: pd.DataFrame
    questions: tuple[Question, ...] = ()


def validate(
    store: QuerySource,
    claims: ClaimTable,
    context: Mapping[str, Any],
    *,
    profile: str = "default",
    seed: int = 0,
    universe: Sequence[str] | None = None,
    references: Sequence[UserReference] = (),
) -> ValidationResult:
    """Score every explainer against every reference, beside the nulls, and pass a verdict on one of them.

    Parameters
    ----------
    store : object with `rows(name)`
        The graph, or the tables of a workspace.
    claims : ClaimTable
    context : mapping
        What only others know: kind, run, predictor, explained_explainer, stability, faithfulness, confounders,
        attrition, sources, model_sources, planted, universe, gene_traits; and what
        :func:`pathproof.validate.given.with_given` reads. A key that is absent leaves its gate (or null) undecided.
    profile : str
        Name of the criteria, or a TOML file with them.
    seed : int
    universe : sequence of str, optional
        Symbols of the genes that could have been named; before the context's. Symbols that the
        graph does not know are left out and counted.
    references : sequence of UserReference
        The user's own, each a table beside the others.

    Raises
    ------
    DataError
        When there is nothing to score, or the given universe is of other symbols or lacks claimed genes.
    UsageError
        When the profile names a reference that is not there, or that never carries a verdict.
    StoreError
        When the graph does not answer.
    """
    criteria = profile_named(profile)
    if claims.frame.empty:
        action = "explain a model first, or give a file with --explanations"
        raise DataError("There are no claims to score.", where=claims.origin, action=action)
    given, unknown = checked_genes(universe, lambda: [row["symbol"] for row in store.rows("genes")], claims.genes)
    setting = _setting(read_knowledge(store, _drugs_of(claims)), claims, context, seed, given, references)
    check_reference(criteria, {one.name: one.gating for one in setting.references})
    who = judged_explainer(claims, context)
    criteria = _for_kind(criteria, headline_kind(claims, *who))
    scored = _score(setting, claims, criteria, who)
    context = with_given(context, setting, claims, (*who, criteria.claim_kind), scored.headline.get("threshold"))
    index = FactIndex(setting, claims)
    rows = claim_rows(claims, scored.said, setting)
    if context.get("tested") is not None:
        rows = rows.join(claim_columns(rows, context["tested"]))
    lost = [*claims.attrition, *(row for one in references for row in one.attrition)]
    parts = _parts(scored, setting, criteria, context, (rows, index, who), unknown, lost)
    said = (judgements(claims, scored.said, index), rows, tuple(context.get("questions") or ()))
    return ValidationResult(assemble(parts, setting, criteria, context), *said)


def _parts(
    scored: _Scored,
    setting: Setting,
    criteria: Profile,
    context: Mapping[str, Any],
    judged: tuple[pd.DataFrame, FactIndex, tuple[str, str]],
    unknown: Sequence[str],
    lost: Sequence[dict[str, Any]],
) -> Parts:
    rows, index, (explainer, screen) = judged
    beside: list[dict[str, Any]] = []
    if scored.judged is not None:
        beside = null_table(setting, *scored.judged, {**context, "threshold": scored.headline.get("threshold")})
    return Parts(
        precision=scored.precision,
        selective=scored.selective,
        gates=run_gates(_evidence(scored, criteria, {**context, "null_table": beside}, explainer)),
        drugs=drug_pages(rows, explainer, screen, setting, context, index),
        rows=rows,
        explainer=explainer,
        screen=screen,
        headline=scored.headline,
        unknown_genes=unknown,
        board=leaderboard(setting, scored.standings),
        lost=lost,
        null_table=beside,
        rankings=scored.rankings,
    )


def _drugs_of(claims: ClaimTable) -> set[str]:
    return {*claims.frame["drug"], *(drug for _, _, drug in claims.explained)}


def _setting(
    known: Knowledge,
    claims: ClaimTable,
    context: Mapping[str, Any],
    seed: int,
    universe: Sequence[str] | None,
    own: Sequence[UserReference],
) -> Setting:
    origin, genes = choose_genes(universe, context.get("universe"), claims.genes)
    inside = set(genes)
    pathways = [
        pathway
        for pathway, members in known.pathways.items()
        # Claims about pathways alone name no gene: then any pathway could have been named.
        if MIN_PATHWAY <= len(members) <= MAX_PATHWAY and (not inside or inside.intersection(members))
    ]
    nameable = frozenset(inside).union(pathways)
    references = build_references(known, nameable)
    check_names(own, (reference.name for reference in references))
    references = (*references, *(one.reference.within(nameable) for one in own))
    planted = context.get("planted")
    if planted is not None:
        references = (planted_truth(planted), *references)
    sources = tuple(sorted(context.get("model_sources") or ()))
    return Setting(references, known, Universe.of(genes, pathways, origin), sources, seed)


def judged_explainer(claims: ClaimTable, context: Mapping[str, Any]) -> tuple[str, str]:
    """The explainer and screen of the verdict: the named one, else the one with the most claims, then by name."""
    frame = claims.frame
    named = context.get("explained_explainer")
    if named is not None and named in claims.explainers:
        frame = frame[frame["explainer"] == named]
    if frame.empty:
        return str(named), next(screen for name, screen, _ in claims.explained if name == named)
    sizes = frame.groupby(["explainer", "screen"], sort=True).size()
    explainer, screen = min(sizes.index, key=lambda who: (-sizes[who], who))
    return str(explainer), str(screen)


def headline_kind(claims: ClaimTable, explainer: str, screen: str) -> str:
    """The kind of claim that the verdict is about: genes where there are any, else what is claimed most."""
    frame = claims.frame
    kinds = frame[(frame["explainer"] == explainer) & (frame["screen"] == screen)]["kind"].value_counts()
    if kinds.empty or "gene" in kinds.index:
        return "gene"
    return str(min(kinds.index, key=lambda kind: (-kinds[kind], kind)))


def _for_kind(profile: Profile, kind: str) -> Profile:
    """The criteria for another kind of claim; evidence names no pathways, so these have a reference of their own."""
    reference = profile.pathway_reference if kind == "pathway" else profile.reference
    return replace(profile, claim_kind=kind, reference=reference)


@dataclass(frozen=True)
class _Scored:
    precision: list[dict[str, Any]]
    selective: list[dict[str, Any]]
    said: dict[str, Said]
    headline: dict[str, Any]
    plain: dict[str, Any]
    drugs: tuple[str, ...]
    standings: list[Standing]
    judged: tuple[Judged, dict[str, Any]] | None
    rankings: list[dict[str, Any]]


def _score(setting: Setting, claims: ClaimTable, profile: Profile, who: tuple[str, str]) -> _Scored:
    precision: list[dict[str, Any]] = []
    picked: list[dict[str, Any]] = []
    said: dict[str, Said] = {}
    headline: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    drugs: tuple[str, ...] = ()
    standings: list[Standing] = []
    ranked: list[dict[str, Any]] = []
    standing_of: tuple[Judged, dict[str, Any]] | None = None
    rows: list[dict[str, Any]] = []
    lost = 1
    wanted = (profile.claim_kind, profile.reference, "excluded")
    for judged in judge_all(setting, claims):
        if judged.circular == "included" and not lost:
            precision.extend(_included(row) for row in rows)
        else:
            rows = [score(setting, judged, name, most) for name, most in SELECTIONS]
            precision.extend(rows)
        lost = judged.left_out
        collect(said, judged)
        if judged.circular == "included":
            continue
        ranked.extend(ranking(setting, judged))
        if judged.kind in ("gene", profile.claim_kind):
            picked.append(selective(setting, judged, profile.asked))
        if (judged.kind, judged.reference, judged.circular) != wanted:
            continue
        standings.append(standing(setting, judged, next(row for row in rows if row["selection"] == SELECTION)))
        if (judged.explainer, judged.screen) == who:
            headline, plain, standing_of = picked[-1], rows[0], (judged, standings[-1].row)
            drugs = selected_drugs(setting, judged, profile.asked)
    fill_q(ranked)
    fill_q(precision)
    fill_q(picked)
    return _Scored(precision, picked, said, headline, plain, drugs, standings, standing_of, ranked)


def _included(row: dict[str, Any]) -> dict[str, Any]:
    """The same figures where nothing was left out; its q is of another family."""
    swap = row["drug_swap"]
    return {**row, "circular": "included", "drug_swap": None if swap is None else dict(swap)}


def _evidence(scored: _Scored, profile: Profile, context: Mapping[str, Any], explainer: str) -> Evidence:
    return Evidence(profile, context, explainer, scored.headline, scored.plain, scored.drugs)
