"""The ensemble behind every explanation: members that differ in seed only, and members on resampled cell lines.

The explained model is trained on all lines. Members of the first kind are too, each with another
seed; members of the second kind are trained on a bootstrap of the lines and say what would change
with other data. Keeping the two apart matters, because an explanation may be the same for every seed and
still different for other cell lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from pathproof.workspace import Workspace, content_key

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, Feature
    from pathproof.explain.models.base import Predictor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, float | None], None]
MakeModel = Callable[[], "Predictor"]
STEP = "ensemble"
VERSION = 1


@dataclass(frozen=True)
class Member:
    """One model of the ensemble.

    Parameters
    ----------
    kind : str
        "seed" (all lines) or "bootstrap" (lines drawn with replacement).
    seed : int
        Seed of the fit.
    lines : int array
        Row numbers of the dataset, sorted; a bootstrap repeats some of them.
    """

    kind: Literal["seed", "bootstrap"]
    seed: int
    lines: Ints


@dataclass(frozen=True)
class Fitted:
    """What a fitted member leaves behind: its gradient (F, D), its fidelity (D,) and its folder."""

    member: Member
    gradient: Floats
    fidelity: Floats
    folder: Path


def plan_members(n_lines: int, n_seeds: int, n_bootstraps: int, seed: int) -> list[Member]:
    """List the members of the ensemble.

    Every bootstrap fit also has its own seed: in use, data and seed change together.
    """
    everyone = np.arange(n_lines, dtype=np.int64)
    members = [Member("seed", seed + i, everyone) for i in range(n_seeds)]
    rng = np.random.default_rng([seed, 1])
    for i in range(n_bootstraps):
        drawn = np.sort(rng.integers(0, n_lines, n_lines)).astype(np.int64)
        members.append(Member("bootstrap", seed + n_seeds + i, drawn))
    return members


def member_key(member: Member, *parts: object) -> str:
    """Content key of a member: its lines, its seed and everything that defines the model."""
    return content_key("member", VERSION, member.kind, member.seed, member.lines.tolist(), *parts)


def surrogate_fidelity(model: Predictor, dataset: Dataset, lines: Ints, gradient: Floats) -> Floats:
    """R2 of the additive account against the model on lines that the member did not see.

    The account is the mean prediction of the fitted lines plus gradient times the distance from
    their mean. A member that saw every line is judged on all of them.

    Returns
    -------
    float array (D,)
        1 is a perfectly additive model; NaN for a constant prediction.
    """
    unseen = np.setdiff1d(np.arange(dataset.x.shape[0]), lines)
    judged = unseen if unseen.size >= 2 else np.arange(dataset.x.shape[0])
    tissue = dataset.tissue_one_hot
    fitted = model.predict(dataset.x[lines], tissue[lines])
    wanted = model.predict(dataset.x[judged], tissue[judged])
    moved = (dataset.x[judged] - dataset.x[lines].mean(axis=0)).astype(np.float64)
    got = fitted.mean(axis=0) + moved @ gradient
    total = ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1.0 - ((wanted - got) ** 2).sum(axis=0) / total
    return np.where(total > 0, r2, np.nan)


def fit_ensemble(
    dataset: Dataset,
    workspace: Workspace,
    members: list[Member],
    make_model: MakeModel,
    model_parts: list[object],
    progress: Progress,
) -> list[Fitted]:
    """Fit every member that the workspace does not hold yet; each is one resumable step."""
    fitted = []
    for i, member in enumerate(members):
        key = member_key(member, *model_parts)
        progress(f"explain: member {i + 1} of {len(members)} ({member.kind})", i / len(members))
        if not workspace.is_done(STEP, key):
            _fit_member(dataset, workspace, member, make_model, key)
        folder = workspace.step(STEP, key)
        arrays = load_file(folder / "member.safetensors")
        fitted.append(Fitted(member, arrays["gradient"], arrays["fidelity"], folder / "model"))
    return fitted


def _fit_member(dataset: Dataset, workspace: Workspace, member: Member, make_model: MakeModel, key: str) -> None:
    model = make_model()
    model.fit(dataset, member.lines, member.seed)
    gradient = np.ascontiguousarray(model.gradient(), dtype=np.float64)
    fidelity = surrogate_fidelity(model, dataset, member.lines, gradient)
    with workspace.writing_step(STEP, key, {"kind": member.kind, "seed": member.seed}) as part:
        model.save(part / "model")
        save_file({"gradient": gradient, "fidelity": fidelity}, part / "member.safetensors")


def scaled_attribution(gradient: Floats, feature_sd: Floats) -> Floats:
    """Attribution in ln IC50 per standard deviation of the feature: gradient (F, D) times SD (F,)."""
    return gradient * feature_sd[:, None]


def centre_over_drugs(values: Floats, response_sd: Floats) -> Floats:
    """Remove what all drugs share (general fragility), in ln IC50.

    Each drug's values are divided by the SD of its response, the mean over drugs is subtracted,
    and the unit is put back, so that a drug with a wide response does not define the mean.

    Parameters
    ----------
    values : float array (..., D)
    response_sd : float array (D,)
        SD of ln IC50 over the lines with data.
    """
    z = values / response_sd
    return np.asarray((z - z.mean(axis=-1, keepdims=True)) * response_sd)


def within_layer(values: Floats, layers: Sequence[str]) -> Floats:
    """Attributions in units of their layer's root mean square for the drug, for ranking only.

    A model shrinks a layer of 180 rare 0/1 features otherwise than one of 1,600 z-scores, so the
    size of an attribution says something only among features of the same layer.

    Parameters
    ----------
    values : float array (F, D)
    layers : sequence of str (F,)

    Returns
    -------
    float array (F, D)
        0 where the whole layer has no attribution.
    """
    names = np.asarray(layers)
    out = np.zeros_like(values)
    for name in sorted(set(layers)):
        rows = np.flatnonzero(names == name)
        size = np.sqrt((values[rows] ** 2).mean(axis=0))
        out[rows] = np.divide(values[rows], size, out=np.zeros_like(values[rows]), where=size > 0)
    return out


def choose_features(score: Floats, gene_of_feature: Ints, n_genes: int) -> Ints:
    """For every gene and drug the feature (layer) with the largest absolute attribution.

    Parameters
    ----------
    score : float array (F, D)
    gene_of_feature : int array (F,)
        Gene number of each feature.

    Returns
    -------
    int array (G, D)
        Feature numbers; on a tie the earlier feature (expression) stays.
    """
    best = np.full((n_genes, score.shape[1]), -1.0)
    chosen = np.zeros((n_genes, score.shape[1]), dtype=np.int64)
    size = np.abs(score)
    for feature, gene in enumerate(gene_of_feature):
        better = size[feature] > best[gene]
        best[gene, better] = size[feature, better]
        chosen[gene, better] = feature
    return chosen


def top_masks(score: Floats, k: int) -> NDArray[np.bool_]:
    """Mark the k largest absolute scores of every drug; score is (..., G, D), ties go to the earlier gene."""
    k = min(k, score.shape[-2])
    order = np.argsort(-np.abs(score), axis=-2, kind="stable")
    mask = np.zeros(score.shape, dtype=bool)
    np.put_along_axis(mask, np.take(order, np.arange(k), axis=-2), True, axis=-2)
    return mask


@dataclass(frozen=True)
class Attributions:
    """Attributions in ln IC50 per SD of the feature.

    Parameters
    ----------
    feature_sd : float array (F,)
    response_sd : float array (D,)
    raw, centred : float array (F, D)
        Of the explained model.
    seeds, bootstraps : float array (B, F, D)
        Raw, of the members.
    """

    feature_sd: Floats
    response_sd: Floats
    raw: Floats
    centred: Floats
    seeds: Floats
    bootstraps: Floats


def attribute(dataset: Dataset, explained: Floats, fitted: Sequence[Fitted]) -> Attributions:
    """Bring the gradient (F, D) of the explained model and those of the members to ln IC50 per SD of the feature."""
    present = np.stack([dataset.has_layer[feature.layer] for feature in dataset.features], axis=1)
    count = np.maximum(present.sum(axis=0), 1)
    x = np.where(present, dataset.x, 0.0).astype(np.float64)
    centred_x = np.where(present, x - x.sum(axis=0) / count, 0.0)
    feature_sd = np.sqrt((centred_x**2).sum(axis=0) / count)
    response_sd = np.nanstd(dataset.y, axis=0)
    response_sd = np.where(response_sd > 1e-12, response_sd, 1.0)
    seeds, bootstraps = (
        np.stack([scaled_attribution(f.gradient, feature_sd) for f in fitted if f.member.kind == kind])
        for kind in ("seed", "bootstrap")
    )
    raw = scaled_attribution(explained, feature_sd)
    return Attributions(feature_sd, response_sd, raw, centre_over_drugs(raw, response_sd), seeds, bootstraps)


@dataclass(frozen=True)
class GeneScores:
    """Gene attributions and how firm they are; all (G, D) unless said otherwise.

    Parameters
    ----------
    feature : int array
        The feature that carries the gene for the drug.
    value, raw : float array
        Centred and raw attribution of the explained model, ln IC50 per SD.
    sd, selection, consistency : float array
        Over bootstrap members: SD of the centred value, share that puts the gene among the top k,
        share that agrees with the sign of `value`.
    seed_members, line_members : float array (B, G, D)
        Centred values of the members.
    seed_top, line_top : bool array (B, G, D)
        The top k of each member (:func:`within_layer`).
    """

    feature: Ints
    value: Floats
    raw: Floats
    sd: Floats
    selection: Floats
    consistency: Floats
    seed_members: Floats
    line_members: Floats
    seed_top: NDArray[np.bool_]
    line_top: NDArray[np.bool_]


def score_genes(
    attributions: Attributions, features: Sequence[Feature], genes: Sequence[str], top_k: int
) -> GeneScores:
    """Bring attributions to genes and count how the members agree."""
    raw, centred, response_sd = attributions.raw, attributions.centred, attributions.response_sd
    layers = [feature.layer for feature in features]
    place = {gene: i for i, gene in enumerate(genes)}
    gene_of = np.asarray([place[feature.gene] for feature in features], dtype=np.int64)
    feature = choose_features(within_layer(centred, layers), gene_of, len(genes))

    def pick(values: Floats) -> Floats:
        return np.take_along_axis(values, feature, axis=0)

    def top(members: Sequence[Floats]) -> NDArray[np.bool_]:
        return np.stack([top_masks(pick(within_layer(a, layers)), top_k) for a in members])

    seeds = [centre_over_drugs(a, response_sd) for a in attributions.seeds]
    lines = [centre_over_drugs(a, response_sd) for a in attributions.bootstraps]
    value = pick(centred)
    by_lines = np.stack([pick(a) for a in lines])
    line_top = top(lines)
    return GeneScores(
        feature=feature,
        value=value,
        raw=pick(raw),
        sd=by_lines.std(axis=0, ddof=1),
        selection=line_top.mean(axis=0),
        consistency=(np.sign(by_lines) == np.sign(value)).mean(axis=0),
        seed_members=np.stack([pick(a) for a in seeds]),
        line_members=by_lines,
        seed_top=top(seeds),
        line_top=line_top,
    )
