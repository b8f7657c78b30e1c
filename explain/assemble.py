"""Proposed and questioned claims become records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.peers import Peer, evidence
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

if TYPE_CHECKING:
    from pathproof.explain.confirm import Answer
    from pathproof.explain.data import Dataset
    from pathproof.explain.propose import Draft

Floats = NDArray[np.float64]
EXPLAINER = "pathproof"
EXPLAINER_VERSION = "1"
PATHWAY_SOURCE = "reactome"
CONFIDENCE = (
    "selection_frequency * sign_consistency * strength * data; strength = e / (e + null95) with e = abs(effect), "
    "0 when the effect has the other sign; data = z^2 / (z^2 + z0^2), 0 when z has the other sign or was not tested; "
    "null95 and z of each claim stand under `factors`"
)


@dataclass(frozen=True)
class Judged:
    """A proposed claim with what the model and the data say of it; `data_z` NaN: not tested."""

    draft: Draft
    answer: Answer
    data_z: float


@dataclass(frozen=True)
class Frame:
    """What all explanations of a run share; the per-drug fields are (D,) with NaN for unknown."""

    dataset: Dataset
    model_id: str
    sources: tuple[str, ...]
    parameters: dict[str, Any]
    seed: int
    z0: float
    fidelity: Floats
    stability: Floats
    data_stability: Floats
    model_calls: int
    explainer: str = EXPLAINER
    version: str = EXPLAINER_VERSION


def strength(effect: float, sign: int, null95: float) -> float:
    """An effect brought to [0, 1): 0.5 at the 95th percentile of random features, monotone in its size."""
    size = effect * sign
    return 0.0 if size <= 0 else size / (size + null95)


def confidence(item: Judged, z0: float) -> float:
    """How far a claim can be relied on, in [0, 1], without any reference: see :data:`CONFIDENCE`.

    Every factor is monotone: a claim that more members select, that keeps its sign, that moves
    the model more, or that the data show more clearly, never loses confidence by it.
    """
    draft, answer = item.draft, item.answer
    data = evidence(item.data_z, z0) if item.data_z * draft.sign > 0 else 0.0
    product = draft.selection * draft.consistency * strength(answer.effect, draft.sign, answer.null95) * data
    return float(min(max(product, 0.0), 1.0))


def _sign(number: int) -> Sign | None:
    return None if number == 0 else Sign.RESISTANCE if number > 0 else Sign.SENSITIVITY


def make_claim(item: Judged, dataset: Dataset, rank: int, z0: float) -> Claim:
    """Write a judged claim as a record."""
    draft, answer = item.draft, item.answer
    named = [dataset.features[f] for f in draft.features]
    return Claim(
        kind=draft.kind,
        genes=tuple(feature.gene for feature in named),
        layers=tuple(feature.recorded for feature in named),
        weights=draft.weights,
        pathway=draft.pathway,
        value=draft.value,
        sign=_sign(draft.sign),
        rank=rank,
        confidence=confidence(item, z0),
        selection_frequency=draft.selection,
        sign_consistency=draft.consistency,
        sd=draft.sd,
        effect=answer.effect,
        effect_sd=answer.effect_sd,
        confirmed=answer.confirmed,
        reason=answer.reason,
        sources=(PATHWAY_SOURCE,) if draft.kind is ClaimKind.PATHWAY else (),
    )


def make_explanation(frame: Frame, drug: int, items: Sequence[Judged]) -> Explanation:
    """One drug's claims, of each kind the most confident first."""
    claims: list[Claim] = []
    factors: dict[str, dict[str, Any]] = {}
    for kind in ClaimKind:
        own = [item for item in items if item.draft.kind is kind]
        own.sort(key=lambda item: (-confidence(item, frame.z0), -abs(item.draft.value), item.draft.features))
        for i, item in enumerate(own):
            claim = make_claim(item, frame.dataset, i + 1, frame.z0)
            claims.append(claim)
            factors[f"{kind.value}:{claim.key}"] = {
                "null95": item.answer.null95,
                "null_percentile": item.answer.null_percentile,
                "raw_effect": item.answer.raw_effect,
                "agreement": item.answer.agreement,
                "data_z": _known(item.data_z),
                **({"same_members": list(item.draft.same)} if item.draft.same else {}),
            }
    return Explanation(
        explainer=frame.explainer,
        version=frame.version,
        parameters={**frame.parameters, "factors": factors},
        seed=frame.seed,
        model_id=frame.model_id,
        data_id=frame.dataset.data_id,
        drug=frame.dataset.drugs[drug],
        drug_name=frame.dataset.drug_names[drug],
        screen=frame.dataset.screen,
        claims=tuple(claims),
        fidelity=_known(frame.fidelity[drug]),
        stability=_known(frame.stability[drug]),
        data_stability=_known(frame.data_stability[drug]),
        sources=frame.sources,
        model_calls=frame.model_calls,
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def peer_explanations(peer: Peer, dataset: Dataset, data_sources: tuple[str, ...], seed: int) -> list[Explanation]:
    """A peer's claims in the same record. It explains the data, so it names no model and no model effect."""
    explanations = []
    for drug, own in enumerate(peer.claims):
        claims = []
        for i, claim in enumerate(own):
            feature = dataset.features[claim.feature]
            claims.append(
                Claim(
                    kind=ClaimKind.GENE,
                    genes=(feature.gene,),
                    layers=(feature.recorded,),
                    weights=(claim.value,),
                    value=claim.value,
                    sign=_sign(claim.sign),
                    rank=i + 1,
                    confidence=claim.confidence,
                )
            )
        explanations.append(
            Explanation(
                explainer=peer.name,
                version=EXPLAINER_VERSION,
                parameters=peer.parameters,
                seed=seed,
                data_id=dataset.data_id,
                drug=dataset.drugs[drug],
                drug_name=dataset.drug_names[drug],
                screen=dataset.screen,
                claims=tuple(claims),
                sources=tuple(sorted({*data_sources, *peer.graph_sources})),
            )
        )
    return explanations
