"""Modules as claims: genes that move together, in which a model's attributions add up, or which the data show as one.

The groups are those of :mod:`pathproof.explain.lmm_modules`, formed without any response and the same for every drug.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.assemble import Judged
from pathproof.explain.lmm_modules import Module, ModuleTable
from pathproof.explain.lmm_pairs import BEYOND
from pathproof.explain.modules import module_values
from pathproof.explain.peers import evidence
from pathproof.explain.propose import Draft
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

if TYPE_CHECKING:
    from pathproof.explain.attribution import Attributions
    from pathproof.explain.data import Dataset
    from pathproof.explain.lmm_table import AssociationTable
    from pathproof.explain.propose import Limits

Floats = NDArray[np.float64]
SELECTED = 5
"""A member selects so many modules of a drug."""
MODULES = {
    "modules": "groups of three or more genes that move together (average linkage of expression, lineage removed, mean "
    "absolute correlation of at least .3); claimed where the mixed model of rank-normal responses, its kernel without "
    "their genes, shows the group's score at Bonferroni's level over all groups and drugs, and that of its other genes "
    "beyond the strongest",
    "module_value": "the score's normal deviate over its inflation, positive where the first gene is high; the weights "
    "are the slopes of its genes, each alone",
}


def module_drafts(
    attributions: Attributions, dataset: Dataset, drugs: Sequence[int], modules: Sequence[Module], limits: Limits
) -> list[Draft]:
    """Modules whose part of the prediction varies most over the lines, selected by member after member.

    The value is the SD of the part, with the sign of the strongest gene. Selection is the smaller share of the members
    under other seeds and of those on other lines. All genes stand in the claim, strongest first; of the first
    `limits.module_size` the model is asked.

    Parameters
    ----------
    attributions : Attributions
        Of members that are centred.
    dataset : Dataset
    drugs : sequence of int
    modules : sequence of Module
    limits : Limits
    """
    lines = np.asarray(dataset.has_layer["expression"])
    drafts: list[Draft] = []
    scaled = [(dataset.x[np.ix_(lines, one.features)] / one.spread).astype(np.float64) for one in modules]
    for drug in drugs:
        found = [_draft(attributions, drug, one.features, x, limits) for one, x in zip(modules, scaled, strict=True)]
        if not found:
            return []
        selected = np.minimum(
            _share(np.stack([seeds for _, seeds, _ in found])), _share(np.stack([own for *_, own in found]))
        )
        order = sorted(range(len(found)), key=lambda i: (-selected[i], -abs(found[i][0].value)))
        kept = [i for i in order if selected[i] >= limits.selection and found[i][0].value != 0]
        drafts += [replace(found[i][0], selection=float(selected[i])) for i in kept[: limits.modules]]
    return drafts


def _draft(
    attributions: Attributions, drug: int, features: NDArray[np.int64], x: Floats, limits: Limits
) -> tuple[Draft, Floats, Floats]:
    """A module as a draft that no member has selected yet, and its value in members under other seeds and lines."""
    own = attributions.centred[features, drug]
    order = np.argsort(-np.abs(own), kind="stable")
    features, own, x = features[order], own[order], x[:, order]
    value = float(module_values(x, own))
    seeds, lines = (
        module_values(x, members[:, features, drug]) for members in (attributions.seeds, attributions.bootstraps)
    )
    draft = Draft(
        kind=ClaimKind.MODULE,
        drug=drug,
        features=tuple(int(f) for f in features),
        weights=tuple(float(w) for w in own),
        value=value,
        sd=float(lines.std(ddof=1)),
        selection=0.0,
        consistency=float((np.sign(lines) == np.sign(value)).mean()),
        asked=limits.module_size,
    )
    return draft, seeds, lines


def _share(value: Floats) -> Floats:
    """Share of the members (columns) that have a module (row) among their strongest."""
    place = (-np.abs(value)).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.asarray((place < SELECTED).mean(axis=1))


def held_as_one(judged: Sequence[Judged], table: ModuleTable, level: float | None = None) -> list[Judged]:
    """The same, a module confirmed only where the data show it as one.

    Its deviate is that of its score; where its other genes do not add to the strongest one, it is that of the others:
    the data show a gene at most, not the module. `table` was asked about all of them. `level`: the score needs this
    size only.
    """
    return [_held(item, table, level) if item.draft.kind is ClaimKind.MODULE else item for item in judged]


def _held(item: Judged, table: ModuleTable, level: float | None) -> Judged:
    draft, answer = item.draft, item.answer
    place = table.place(draft.features[0])
    z, beyond = (
        float(values[place, draft.drug]) * table.modules[place].way(draft.features[0]) * draft.sign
        for values in (table.z, table.beyond)
    )
    why, counts = None, z
    if level is None and not beyond >= BEYOND:
        counts = float(np.minimum(z, beyond))
    if not np.isfinite(counts):
        why = "the data could not be asked about it (too few lines, or genes that cannot be told apart)"
    elif z < (level or table.level):
        others = "" if counts == z else f"; its other genes beyond the strongest: {beyond:.2g}"
        asked = f"asked {level or table.level:.3g}{others}"
        why = f"the data do not show its score beyond lineage and fragility (z = {z:.2g}, {asked})"
    elif level is None and not beyond >= BEYOND:
        asked = f"asked {BEYOND:.3g}; its score: {z:.2g}"
        why = f"the data show one of its genes, and the others no further (z = {beyond:.2g}, {asked})"
    if why is not None:
        why = why if answer.reason is None else f"{answer.reason}; {why}"
        answer = replace(answer, confirmed=False, reason=why)
    return replace(item, answer=answer, data_z=counts * draft.sign)


def with_modules(record: Explanation, drug: int, single: AssociationTable, table: ModuleTable) -> Explanation:
    """The record of "association-lmm" with the modules that the data show as one, strongest first.

    The weights are the slopes of its genes in `single`, each tested alone.
    """
    shown = np.flatnonzero(table.shown()[:, drug])
    claims = []
    for rank, i in enumerate(shown[np.argsort(-np.abs(table.z[shown, drug]), kind="stable")], 1):
        one, lead = table.modules[i], int(table.lead[i, drug])
        order = [lead, *(int(f) for f in one.features if f != lead)]
        z = float(table.z[i, drug]) * one.way(lead)
        claims.append(
            Claim(
                kind=ClaimKind.MODULE,
                genes=tuple(single.features[f].gene for f in order),
                layers=tuple(single.features[f].recorded for f in order),
                weights=tuple(np.nan_to_num(single.beta[order, drug]).tolist()),
                value=z,
                sign=Sign.RESISTANCE if z > 0 else Sign.SENSITIVITY,
                rank=rank,
                confidence=evidence(z, table.level),
            )
        )
    told = {**record.parameters, **MODULES}
    if np.isfinite(table.level):
        told |= {"module_level": table.level, "module_inflation": table.inflation}
    return record.model_copy(update={"claims": (*record.claims, *claims), "parameters": told})
