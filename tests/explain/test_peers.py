"""Peers: counts, determinism, and the univariate correlation against a plain loop."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from explain_world import graph, world

from pathproof.explain.peers import (
    association_peer,
    evidence,
    line_mean_response,
    popular_peer,
    random_peer,
    univariate_correlations,
    univariate_peer,
)

COUNTS = [3, 2, 0, 4, 1, 1, 1, 1]


def test_random_claims_are_seeded_and_differ_between_drugs() -> None:
    dataset = world()
    peer = random_peer(dataset, COUNTS, 5)
    assert [len(c) for c in peer.claims] == COUNTS
    assert peer == random_peer(dataset, COUNTS, 5)
    assert peer.claims != random_peer(dataset, COUNTS, 6).claims
    assert {c.feature for c in peer.claims[0]} != {c.feature for c in peer.claims[3]}
    assert all(c.sign == 0 and c.confidence is None for own in peer.claims for c in own)


def test_popular_claims_are_the_hubs_for_every_drug() -> None:
    dataset = world()
    peer = popular_peer(dataset, graph(dataset), COUNTS)
    assert [dataset.features[own[0].feature].gene for own in peer.claims if own] == ["G20"] * 7
    assert peer.claims[3][0].value == 10.0
    assert peer.graph_sources == ("omnipath",)


def test_univariate_agrees_with_a_loop_over_pairs_with_missing_responses() -> None:
    dataset = world()
    y = dataset.y.copy()
    y[np.random.default_rng(0).random(y.shape) < 0.1] = np.nan
    dataset = dataclasses.replace(dataset, y=y)
    got = univariate_correlations(dataset)
    z = (y - np.nanmean(y, axis=0)) / np.nanstd(y, axis=0)
    z = z - line_mean_response(y)[:, None]
    names = np.asarray(dataset.tissue)
    for f, d in ((0, 0), (61, 3), (17, 5)):
        layer = dataset.has_layer[dataset.features[f].layer]
        x, r = dataset.x[:, f].astype(float).copy(), z[:, d].copy()
        for t in set(dataset.tissue):
            x[(names == t) & layer] -= x[(names == t) & layer].mean()
            r[names == t] -= np.nanmean(r[names == t])
        both = layer & np.isfinite(r)
        assert got[f, d] == pytest.approx(np.corrcoef(x[both], r[both])[0, 1], abs=1e-6)


def test_univariate_names_each_gene_once_and_finds_the_planted_one() -> None:
    dataset = world()
    peer = univariate_peer(dataset, COUNTS)
    assert dataset.features[peer.claims[0][0].feature].gene == "G0"
    assert peer.claims[0][0].sign == -1
    assert dataset.features[peer.claims[3][0].feature].gene == "M1"
    for own in peer.claims:
        assert len({dataset.features[c.feature].gene for c in own}) == len(own)
        assert [c.confidence for c in own] == sorted((c.confidence for c in own), reverse=True)  # type: ignore[type-var]


def test_line_mean_leaves_lines_without_data_unknown() -> None:
    y = np.asarray([[1.0, 2.0], [3.0, np.nan], [np.nan, np.nan], [5.0, 6.0]])
    mean = line_mean_response(y)
    assert np.isnan(mean[2])
    assert mean[0] == pytest.approx(((1 - 3) / np.std([1, 3, 5]) + (2 - 4) / np.std([2, 6])) / 2)


def test_association_claims_are_the_leads_with_their_direction() -> None:
    from pathproof.explain.lmm import association_lmm

    dataset = world()
    table = association_lmm(dataset)
    peer = association_peer(table, COUNTS, 4.0)
    top = peer.claims[0][0]
    assert dataset.features[top.feature].gene == "G0"
    assert top.sign == -1
    assert top.value < 0
    assert top.confidence == pytest.approx(evidence(table.z[0, 0], 4.0))
    assert all(table.lead[c.feature, d] for d, own in enumerate(peer.claims) for c in own)
    assert all(len(own) <= n for own, n in zip(peer.claims, COUNTS, strict=True))


def test_evidence_is_a_half_at_the_threshold_and_rises() -> None:
    values = [evidence(z, 4.0) for z in (0.0, 2.0, -4.0, 8.0)]
    assert values[0] == 0.0
    assert values[2] == 0.5
    assert values == sorted(values)
