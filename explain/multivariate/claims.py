"""Claims of an explanation, in the record of every explainer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import DataError
from pathproof.explain.attribution import top_masks
from pathproof.explain.multivariate.account import TOP_GENES, Account, GeneView
from pathproof.explain.multivariate.asking import ask_pairs
from pathproof.explain.summaries import pair_jaccards
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, Feature

Floats = NDArray[np.float64]
NAME, VERSION = "multivariate", "1"
CONFIDENCE = (
    "selection_frequency * sign_consistency * max(fidelity, 0): how faithful and how stable; no reference, no data"
)
NOT_SHOWN = "the model does not show the product beyond random pairs"


@dataclass(frozen=True)
class Limits:
    """How many claims a drug gets, and the least selection frequency of a gene or pair.

    Parameters
    ----------
    genes, pairs, modules : int
    selection : float
    draws : int
        Donors for each line where the model is asked about a pair; 0: it is not asked.
    """

    genes: int = 20
    pairs: int = 5
    modules: int = 3
    selection: float = 0.5
    draws: int = 3


def explanations(
    account: Account, dataset: Dataset, model_id: str, sources: Sequence[str], seed: int, limits: Limits | None = None
) -> list[Explanation]:
    """One explanation for each output of an account of a predictor (:func:`~.function.of_predictor`).

    Tissues are part of the account and never of a claim. A module carries its second derivative along its score as
    `value`; a pair its second derivative; a gene its centred attribution; all in ln IC50 per SD of what moves.

    Raises
    ------
    DataError
        The account's features are not those of the data set.
    """
    limits = limits or Limits()
    named = tuple(f"{f.layer}:{f.gene}" for f in dataset.features)
    if account.lines.features[: len(named)] != named:
        raise DataError("The explanation is of other features than those of the data set.")
    view = account.genes()
    jaccards = {kind: _overlaps(view, account, kind) for kind in ("seed", "lines")}
    found = []
    for d, drug in enumerate(account.function.outputs):
        at = dataset.drugs.index(drug)
        claims = _genes(view, account, dataset, d, limits) + _pairs(account, dataset, d, limits, seed)
        claims += _modules(account, dataset, d, limits)
        settings = asdict(account.settings)
        found.append(
            Explanation(
                explainer=NAME,
                version=VERSION,
                parameters={"settings": settings, "limits": asdict(limits), "confidence": CONFIDENCE},
                seed=seed,
                model_id=model_id,
                data_id=dataset.data_id,
                drug=drug,
                drug_name=dataset.drug_names[at],
                screen=dataset.screen,
                claims=tuple(claims),
                fidelity=float(account.fidelity[d]) if np.isfinite(account.fidelity[d]) else None,
                stability=float(jaccards["seed"][d]),
                data_stability=float(jaccards["lines"][d]),
                sources=tuple(sources),
                model_calls=account.model_calls,
            )
        )
    return found


def _overlaps(view: GeneView, account: Account, kind: str) -> Floats:
    """Mean Jaccard index of the strongest features over every two members of a kind (D,)."""
    own = view.members[[member.kind == kind for member in account.members]]
    table = pair_jaccards(top_masks(own.transpose(0, 2, 1), TOP_GENES))
    b = len(own)
    return np.asarray((table.sum(axis=(1, 2)) - np.trace(table, axis1=1, axis2=2)) / (b * (b - 1)))


def _confidence(account: Account, output: int, selection: float, consistency: float) -> float:
    fidelity = account.fidelity[output]
    return float(selection * consistency * max(fidelity, 0.0)) if np.isfinite(fidelity) else 0.0


def _sign(value: float) -> Sign | None:
    return None if value == 0 else Sign.RESISTANCE if value > 0 else Sign.SENSITIVITY


def _genes(view: GeneView, account: Account, dataset: Dataset, d: int, limits: Limits) -> list[Claim]:
    """Genes by selection frequency, then size; each gene once, by its stronger layer."""
    value, width = view.centred[d], len(dataset.features)
    order = np.lexsort((-np.abs(value[:width]), -view.selection[d, :width]))
    claims: list[Claim] = []
    seen: set[str] = set()
    for i in order.tolist():
        feature = dataset.features[i]
        if len(claims) == limits.genes or view.selection[d, i] < limits.selection:
            break
        if feature.gene in seen or value[i] == 0:
            continue
        seen.add(feature.gene)
        claims.append(
            Claim(
                kind=ClaimKind.GENE,
                genes=(feature.gene,),
                layers=(feature.layer,),
                weights=(float(value[i]),),
                value=float(value[i]),
                sign=_sign(value[i]),
                rank=len(claims) + 1,
                confidence=_confidence(account, d, view.selection[d, i], view.consistency[d, i]),
                selection_frequency=float(view.selection[d, i]),
                sign_consistency=float(view.consistency[d, i]),
                sd=float(view.sd[d, i]),
            )
        )
    return claims


def _pairs(account: Account, dataset: Dataset, d: int, limits: Limits, seed: int) -> list[Claim]:
    """Pairs of two genes that members select again and again, asked of the model."""
    view = account.pairs(d)
    features: list[Feature] = list(dataset.features)
    kept = [
        k
        for k, (i, j) in enumerate(view.pairs.tolist())
        if j < len(features) and features[i].gene != features[j].gene and view.selection[k] >= limits.selection
    ][: limits.pairs]
    if not kept:
        return []
    asked = shown = None
    if limits.draws:
        asked = ask_pairs(account.function, account.lines, view.pairs[kept], draws=limits.draws, seed=seed)
        shown = asked.confirmed(d, np.sign(view.centred[kept]), account.centre)
    claims = []
    for rank, k in enumerate(kept):
        pair = [features[i] for i in view.pairs[k].tolist()]
        claims.append(
            Claim(
                kind=ClaimKind.INTERACTION,
                genes=tuple(f.gene for f in pair),
                layers=tuple(f.layer for f in pair),
                value=float(view.centred[k]),
                sign=_sign(view.centred[k]),
                rank=rank + 1,
                confidence=_confidence(account, d, view.selection[k], view.consistency[k]),
                selection_frequency=float(view.selection[k]),
                sign_consistency=float(view.consistency[k]),
                sd=float(view.sd[k]),
                effect=None if asked is None else float(account.centre(asked.effect)[rank, d]),
                confirmed=None if shown is None else bool(shown[rank]),
                reason=None if shown is None or shown[rank] else NOT_SHOWN,
            )
        )
    return claims


def _modules(account: Account, dataset: Dataset, d: int, limits: Limits) -> list[Claim]:
    """Modules of at least two genes; a module with a tissue in it is left out."""
    claims: list[Claim] = []
    for module in account.modules(d, limits.modules):
        if max(module.features) >= len(dataset.features):
            continue
        named = [dataset.features[i] for i in module.features]
        if len({f.gene for f in named}) < len(named):
            continue
        claims.append(
            Claim(
                kind=ClaimKind.MODULE,
                genes=tuple(f.gene for f in named),
                layers=tuple(f.layer for f in named),
                weights=module.weights,
                value=module.bend,
                sign=_sign(module.bend),
                rank=len(claims) + 1,
            )
        )
    return claims
