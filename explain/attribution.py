"""Gradients of the explained model and of its members, brought to gene attributions and counts of agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, Feature
    from pathproof.explain.ensemble import Fitted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def scaled_attribution(gradient: Floats, feature_sd: Floats) -> Floats:
    """Attribution in ln IC50 per standard deviation of the feature: gradient (F, D) times SD (F,)."""
    return gradient * feature_sd[:, None]


def response_sd(y: Floats) -> Floats:
    """SD of each drug's ln IC50 (n, D) over the lines with data (D,); 1 for a constant one."""
    sd = np.nanstd(y, axis=0)
    return np.where(sd > 1e-12, sd, 1.0)


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


def feature_spread(dataset: Dataset) -> Floats:
    """SD of each feature over the lines that have its layer (F,)."""
    present = np.stack([dataset.has_layer[feature.layer] for feature in dataset.features], axis=1)
    count = np.maximum(present.sum(axis=0), 1)
    x = np.where(present, dataset.x, 0.0).astype(np.float64)
    centred_x = np.where(present, x - x.sum(axis=0) / count, 0.0)
    return np.asarray(np.sqrt((centred_x**2).sum(axis=0) / count))


def attribute(dataset: Dataset, explained: Floats, fitted: Sequence[Fitted]) -> Attributions:
    """Bring the gradient (F, D) of the explained model and those of the members to ln IC50 per SD of the feature."""
    feature_sd = feature_spread(dataset)
    unit = response_sd(dataset.y)
    seeds, bootstraps = (
        np.stack([scaled_attribution(f.gradient, feature_sd) for f in fitted if f.member.kind == kind])
        for kind in ("seed", "bootstrap")
    )
    raw = scaled_attribution(explained, feature_sd)
    return Attributions(feature_sd, unit, raw, centre_over_drugs(raw, unit), seeds, bootstraps)


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
    unit = attributions.response_sd
    seeds, lines = (
        np.stack([centre_over_drugs(a, unit) for a in own]) for own in (attributions.seeds, attributions.bootstraps)
    )
    return gene_scores((attributions.raw, attributions.centred), seeds, lines, features, genes, top_k)


def gene_scores(
    views: tuple[Floats, Floats],
    seeds: Floats,
    lines: Floats,
    features: Sequence[Feature],
    genes: Sequence[str],
    top_k: int,
) -> GeneScores:
    """Bring centred attributions of members (B, F, D) to genes and count how they agree.

    Parameters
    ----------
    views : pair of float arrays (F, D)
        Raw and centred attribution of the explained model, ln IC50 per SD of the feature.
    seeds, lines : float array (B, F, D)
        Centred, of members that differ in the seed only, and of members on other lines.
    """
    raw, centred = views
    layers = [feature.layer for feature in features]
    place = {gene: i for i, gene in enumerate(genes)}
    gene_of = np.asarray([place[feature.gene] for feature in features], dtype=np.int64)
    feature = choose_features(within_layer(centred, layers), gene_of, len(genes))

    def pick(values: Floats) -> Floats:
        return np.take_along_axis(values, feature, axis=0)

    def top(members: Floats) -> NDArray[np.bool_]:
        return np.stack([top_masks(pick(within_layer(a, layers)), top_k) for a in members])

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
