"""From what a peer says of a model to claims: its strongest genes, each by one feature, and its strongest pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.attribution import within_layer
from pathproof.explain.multivariate.peer_kinds import PAIRS
from pathproof.graph_schema.records import Claim, ClaimKind, Sign

if TYPE_CHECKING:
    from pathproof.explain.data import Feature
    from pathproof.explain.multivariate.model_peers import Said

Floats = NDArray[np.float64]


def strongest(scores: Floats, genes: Sequence[str], top: int) -> list[int]:
    """Columns of the strongest features (m,), one a gene; what is 0 is not named."""
    found: dict[str, int] = {}
    for f in np.argsort(-np.abs(scores), kind="stable").tolist():
        if len(found) == top or scores[f] == 0:
            break
        found.setdefault(genes[f], f)
    return list(found.values())


def claims_of(said: Said, output: int, features: Sequence[Feature], top: int, by_layer: bool) -> tuple[Claim, ...]:
    """Claims of one output: at most `top` genes, and at most :data:`PAIRS` pairs where the peer speaks of pairs.

    Parameters
    ----------
    said : Said
        Of the features, and after them of others (tissues) that no claim can name.
    output : int
    features : sequence of Feature
        The first columns of the slopes.
    top : int
    by_layer : bool
        Order the features, and state their values, in units of their layer's root mean square; `weights` stay per SD.
    """
    slopes = said.slopes[output, : len(features)]
    values = within_layer(slopes[:, None], [feature.layer for feature in features])[:, 0] if by_layer else slopes
    claims = [
        Claim(
            kind=ClaimKind.GENE,
            genes=(features[f].gene,),
            layers=(features[f].recorded,),
            weights=(float(slopes[f]),) if said.signed else (),
            value=float(values[f]),
            sign=_sign(values[f]) if said.signed else None,
            rank=i + 1,
        )
        for i, f in enumerate(strongest(values, [feature.gene for feature in features], top))
    ]
    pairs = said.pairs[output] if said.pairs else {}
    return (*claims, *_pairs(pairs, features))


def _pairs(pairs: dict[tuple[int, int], float], features: Sequence[Feature]) -> list[Claim]:
    """The strongest pairs of two genes, each once; a pair with a tissue or within a gene is none."""
    claims: dict[str, Claim] = {}
    for (i, j), value in sorted(pairs.items(), key=lambda own: -abs(own[1])):
        if len(claims) == PAIRS or value == 0:
            break
        if max(i, j) >= len(features) or features[i].gene == features[j].gene:
            continue
        named = (features[i], features[j])
        claim = Claim(
            kind=ClaimKind.INTERACTION,
            genes=tuple(feature.gene for feature in named),
            layers=tuple(feature.recorded for feature in named),
            value=value,
            sign=_sign(value),
            rank=len(claims) + 1,
        )
        claims.setdefault(claim.key, claim)
    return list(claims.values())


def _sign(value: float) -> Sign:
    return Sign.RESISTANCE if value > 0 else Sign.SENSITIVITY
