"""One drug in one line: what the line's own values do to its prediction, gene by gene and pair by pair.

The mean slope over all lines and the mean second derivatives give the slope at the line; times how far the line lies
from the mean, in SD, it is what a gene's value in the line should add to the prediction: the claim's value, in ln IC50.
Far from the other lines the surrogate is no guide, so the model is asked there: the gene takes the values of other
lines, the rest stays, and the effect is f(x) minus the mean over these lines; for a pair f(x) - f(x_-i) - f(x_-j) +
f(x_-ij). All minus what all drugs share. A positive sign says that in this line the gene's value goes with resistance.
What the data show is about the drug and not about one line: the mixed model's deviate, turned by the side of the mean
that the line lies on. The members are those of the drug over all lines, so nothing is fitted for a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DataError
from pathproof.explain.assemble import Judged
from pathproof.explain.attribution import Attributions, GeneScores, response_sd
from pathproof.explain.confirm import judge
from pathproof.explain.lmm_pairs import product_deviates
from pathproof.explain.multivariate.account import Account
from pathproof.explain.multivariate.asking import random_pairs
from pathproof.explain.multivariate.function import ModelFunction, of_drugs
from pathproof.explain.multivariate.judging import PROPOSED_PAIRS, pair_drafts
from pathproof.explain.multivariate.members import Member
from pathproof.explain.multivariate.products import NULLS
from pathproof.explain.propose import Draft, gene_drafts, order_genes

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.lmm_table import AssociationTable
    from pathproof.explain.models.base import Predictor
    from pathproof.explain.multivariate.run import MultivariateConfig

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = tuple[int, ...]
DONORS, LEAST_DONORS = 50, 10
ASK_ROWS = 1000


def deviations(dataset: Dataset, row: int) -> Floats:
    """How far a line lies from the mean of the lines that have the feature's layer, in SD over all lines (F,).

    0 for a layer that the line lacks, since nothing was measured, and for a constant feature.
    """
    present = np.stack([dataset.has_layer[feature.layer] for feature in dataset.features], axis=1)
    x = dataset.x.astype(np.float64)
    mean = np.where(present, x, 0.0).sum(axis=0) / np.maximum(present.sum(axis=0), 1)
    sd = x.std(axis=0)
    return np.asarray(np.where(present[row] & (sd > 0), (x[row] - mean) / np.where(sd > 0, sd, 1.0), 0.0))


def at_line(account: Account, moved: Floats) -> Account:
    """The account with each member's slopes as they are at a line that lies `moved` (F,) SDs from the mean.

    Slope plus second derivatives times deviations; the line's tissue is left where the mean is.
    """
    whole = np.concatenate([moved, np.zeros(len(account.lines.features) - len(moved))])

    def slopes(member: Member) -> Floats:
        own = [member.loadings(d) for d in range(len(member.slopes))]
        bent = [(one * v) @ (one.T @ whole) for one, v in zip(own, member.values, strict=True)]
        return np.asarray(member.slopes + np.stack(bent))

    return replace(account, members=tuple(replace(member, slopes=slopes(member)) for member in account.members))


def added(attributions: Attributions, moved: Floats) -> Attributions:
    """Slopes at a line per SD (.., F, D) as what its deviations (F,) add to the prediction."""
    own = {name: getattr(attributions, name) * moved[:, None] for name in ("raw", "centred", "seeds", "bootstraps")}
    return replace(attributions, **own)


@dataclass(frozen=True)
class LineJob:
    """What is asked about one line.

    Parameters
    ----------
    dataset : Dataset
    row : int
    drugs : tuple of int
    account : Account
        Over all lines.
    moved : float array (F,)
        Deviations of the line in SD.
    models : sequence of Predictor
        The explained one first.
    config : MultivariateConfig
    """

    dataset: Dataset
    row: int
    drugs: tuple[int, ...]
    account: Account
    moved: Floats
    models: Sequence[Predictor]
    config: MultivariateConfig


def propose_line(job: LineJob, scores: GeneScores) -> list[Draft]:
    """Genes and pairs whose values in the line add most, as members select them again and again."""
    found: list[Draft] = []
    limits = job.config.limits
    for output, drug in enumerate(job.drugs):
        found += gene_drafts(scores, drug, order_genes(scores, drug, limits))
        pairs = []
        for draft in pair_drafts(job.account, job.dataset, output, drug, limits, PROPOSED_PAIRS):
            both = float(np.prod(job.moved[list(draft.features)]))
            pairs.append(replace(draft, value=draft.value * both, sd=draft.sd * abs(both)))
        pairs = [draft for draft in pairs if draft.value != 0]
        found += sorted(pairs, key=lambda draft: -abs(draft.value))[: job.config.pairs]
    return found


def judge_line(
    job: LineJob, drafts: Sequence[Draft], table: AssociationTable, evidence: Dataset
) -> tuple[list[Judged], int]:
    """What the models and the data say of each draft, and how many rows the models were asked about.

    Raises
    ------
    DataError
        Too few other lines with all layers to take values from.
    """
    donors = _donors(job)
    claimed = {feature for draft in drafts for feature in draft.features}
    nulls, sets = _random(job, claimed, drafts)
    asked = sorted({draft.features for draft in drafts})
    parts = _parts(asked)
    functions = [of_drugs(model, job.dataset, job.drugs)[0] for model in job.models]
    line = _row(job)
    by_model = [dict(zip(parts, _deltas(one, line, donors, parts), strict=True)) for one in functions]
    by_chance = dict(zip(sets, _deltas(functions[0], line, donors, sets), strict=True))
    names, sd = job.account.function.outputs, response_sd(job.dataset.y)
    judged = []
    for draft, z in zip(drafts, _data(job, drafts, table, evidence), strict=True):
        output = names.index(job.dataset.drugs[draft.drug])
        said = np.stack([_effect(own, draft.features) for own in by_model])
        null = np.abs([_effect(by_chance, one)[output] for one in nulls[_shape(job.dataset, draft.features)]])
        shared = said[:, -1] * sd[draft.drug]
        answer = judge(draft.question(), said[:, output] + shared, said[:, output], null, job.config.criteria)
        judged.append(Judged(draft, answer, z))
    return judged, len(donors) * (len(parts) * len(functions) + len(sets))


def _row(job: LineJob) -> Floats:
    return np.concatenate([job.dataset.x[job.row], job.dataset.tissue_one_hot[job.row]]).astype(np.float64)


def _donors(job: LineJob) -> Floats:
    """Lines that have all layers, drawn by the seed (draws, F); their tissue is not taken."""
    whole = np.flatnonzero(np.all(list(job.dataset.has_layer.values()), axis=0))
    whole = whole[whole != job.row]
    if whole.size < LEAST_DONORS:
        raise DataError(
            "There are too few other lines to take values from.",
            got=whole.size,
            allowed=f"at least {LEAST_DONORS} lines with all layers",
        )
    drawn = np.random.default_rng([job.config.seed, 8]).permutation(whole)[:DONORS]
    return np.asarray(job.dataset.x[np.sort(drawn)], dtype=np.float64)


def _deltas(function: ModelFunction, line: Floats, donors: Floats, sets: Sequence[Columns]) -> Floats:
    """f(x) minus the mean over donors of f(x with the set's features taken from the donor), (sets, outputs)."""
    before, few = function.ask(line[None])[0], max(1, ASK_ROWS // len(donors))
    found = np.zeros((len(sets), len(before)))
    for start in range(0, len(sets), few):
        part = sets[start : start + few]
        rows = np.repeat(line[None], len(part) * len(donors), axis=0).reshape(len(part), len(donors), -1)
        for own, columns in zip(rows, part, strict=True):
            own[:, list(columns)] = donors[:, list(columns)]
        after = function.ask(rows.reshape(-1, len(line))).reshape(len(part), len(donors), -1)
        found[start : start + len(part)] = before - after.mean(axis=1)
    return found


def _parts(sets: Sequence[Columns]) -> list[Columns]:
    """The sets and, for a pair, each of its features alone."""
    return sorted({part for own in sets for part in (own, *((f,) for f in own))})


def _effect(deltas: dict[Columns, Floats], features: Columns) -> Floats:
    """Effect of a gene, or of the product of a pair beyond both genes."""
    if len(features) == 1:
        return deltas[features]
    return deltas[features[:1]] + deltas[features[1:]] - deltas[features]


def _shape(dataset: Dataset, features: Columns) -> str:
    """What a claim is compared with: features of the same layer, or pairs."""
    return dataset.features[features[0]].layer if len(features) == 1 else "pair"


def _random(job: LineJob, claimed: set[int], drafts: Sequence[Draft]) -> tuple[dict[str, list[Columns]], list[Columns]]:
    """Unclaimed random features of each layer and random pairs, and every set that has to be asked for them."""
    rng = np.random.default_rng([job.config.seed, 9])
    nulls: dict[str, list[Columns]] = {}
    measured = {name for name, has in job.dataset.has_layer.items() if has[job.row]}
    for layer in sorted({_shape(job.dataset, draft.features) for draft in drafts}):
        if layer == "pair":
            known = np.asarray([draft.features for draft in drafts if len(draft.features) == 2], dtype=np.int64)
            free = np.flatnonzero([feature.layer in measured for feature in job.dataset.features])
            place = {int(f): i for i, f in enumerate(free)}
            named = np.asarray([[place[int(f)] for f in own] for own in known], dtype=np.int64)
            drawn = random_pairs(job.dataset.x[:, free].astype(np.float64), named, NULLS, rng)
            nulls[layer] = [(int(free[i]), int(free[j])) for i, j in drawn]
            continue
        pool = [f for f, feature in enumerate(job.dataset.features) if feature.layer == layer and f not in claimed]
        chosen = rng.permutation(np.asarray(pool, dtype=np.int64))[: job.config.null_single]
        nulls[layer] = [(int(f),) for f in chosen]
    return nulls, _parts([one for own in nulls.values() for one in own])


def _data(job: LineJob, drafts: Sequence[Draft], table: AssociationTable, evidence: Dataset) -> list[float]:
    """The mixed model's deviate of each draft, turned by the side of the mean that the line lies on."""
    found = []
    for draft in drafts:
        side = float(np.sign(np.prod(job.moved[list(draft.features)])))
        if len(draft.features) == 1:
            z = float(table.z[draft.features[0], draft.drug])
        else:
            z = float(product_deviates(evidence, draft.drug, [(draft.features[0], draft.features[1])])[0])
        found.append(z * side)
    return found
