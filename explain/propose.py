"""What the ensemble proposes: gene, module and pathway claims, before the model is asked about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathproof.explain.attribution import GeneScores, top_masks
from pathproof.explain.confirm import Question
from pathproof.explain.modules import clump, correlations, module_values
from pathproof.explain.pathways import PathwaySets, enrichment_z, leading_members
from pathproof.graph_schema.records import ClaimKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Draft:
    """A claim that the ensemble proposes.

    Parameters
    ----------
    kind : ClaimKind
    drug : int
    features : tuple of int
        Columns of `x`, leader first.
    weights : tuple of float
        Centred attribution of each feature, ln IC50 per SD.
    value : float
        ln IC50 per SD (gene, module) or z (pathway).
    sd, selection, consistency : float
        Over bootstrap members, as in :class:`pathproof.graph_schema.records.Claim`.
    pathway : str or None
    same : tuple of str
        Pathways that cannot be told from it (:class:`pathproof.explain.pathways.PathwaySets`).
    asked : int or None
        The model is asked about the first so many features; None: about all.
    """

    kind: ClaimKind
    drug: int
    features: tuple[int, ...]
    weights: tuple[float, ...]
    value: float
    sd: float
    selection: float
    consistency: float
    pathway: str | None = None
    same: tuple[str, ...] = ()
    asked: int | None = None

    @property
    def sign(self) -> int:
        """+1 for resistance."""
        return 1 if self.value > 0 else -1

    def question(self) -> Question:
        """What to ask the model."""
        return Question(self.drug, self.features[: self.asked], self.weights[: self.asked], self.sign)


@dataclass(frozen=True)
class Limits:
    """How many claims a drug may get and from where on.

    Parameters
    ----------
    genes, modules, pathways : int
        At most so many per drug.
    selection : float
        Least selection frequency of a proposed claim.
    module_correlation : float
        Least absolute correlation with a module's leader.
    module_size, pathway_genes : int
        Most features of a module, and of a pathway that carry its claim.
    pathway_top : int
        A member selects its so many strongest pathways per drug.
    """

    genes: int = 20
    modules: int = 3
    pathways: int = 5
    selection: float = 0.5
    module_correlation: float = 0.3
    module_size: int = 8
    pathway_genes: int = 8
    pathway_top: int = 10


def order_genes(scores: GeneScores, drug: int, limits: Limits) -> Ints:
    """Genes to claim for a drug: by selection frequency, then by abs(value) / SD, then by number."""
    selection, value = scores.selection[:, drug], scores.value[:, drug]
    firmness = np.abs(value) / np.maximum(scores.sd[:, drug], 1e-12)
    order = np.lexsort((np.arange(value.size), -firmness, -selection))
    kept = order[(selection[order] >= limits.selection) & (value[order] != 0)]
    return np.asarray(kept[: limits.genes], dtype=np.int64)


def gene_drafts(scores: GeneScores, drug: int, genes: Ints) -> list[Draft]:
    """One claim for each gene, in the given order."""
    return [
        Draft(
            kind=ClaimKind.GENE,
            drug=drug,
            features=(int(scores.feature[g, drug]),),
            weights=(float(scores.value[g, drug]),),
            value=float(scores.value[g, drug]),
            sd=float(scores.sd[g, drug]),
            selection=float(scores.selection[g, drug]),
            consistency=float(scores.consistency[g, drug]),
        )
        for g in genes
    ]


@dataclass(frozen=True)
class ModuleSpace:
    """What modules are formed from: tissue-free features, where they were measured, and features in SD."""

    residuals: Floats
    present: Bools
    scaled: Floats


def module_drafts(scores: GeneScores, drug: int, genes: Ints, space: ModuleSpace, limits: Limits) -> list[Draft]:
    """Clump a drug's gene claims; a group of at least two is a module.

    A member selects a module when it puts at least half of its genes among its top k.
    """
    if genes.size < 2:
        return []
    columns = scores.feature[genes, drug]
    tied = correlations(space.residuals[:, columns], space.present[:, columns])
    groups = [group[: limits.module_size] for group in clump(tied, limits.module_correlation) if len(group) > 1]
    in_top = scores.line_top[:, genes, drug]
    drafts = []
    for group in groups[: limits.modules]:
        own, features = genes[group], columns[group]
        rows = space.present[:, features].all(axis=1)
        x = space.scaled[np.ix_(rows, features)]
        weights = scores.value[own, drug]
        value = float(module_values(x, weights))
        members = module_values(x, scores.line_members[:, own, drug])
        drafts.append(
            Draft(
                kind=ClaimKind.MODULE,
                drug=drug,
                features=tuple(int(f) for f in features),
                weights=tuple(float(w) for w in weights),
                value=value,
                sd=float(members.std(ddof=1)),
                selection=float((in_top[:, group].mean(axis=1) >= 0.5).mean()),
                consistency=float((np.sign(members) == np.sign(value)).mean()),
            )
        )
    return [draft for draft in drafts if draft.selection >= limits.selection and draft.value != 0]


@dataclass(frozen=True)
class PathwayScores:
    """Enrichment z (P, D) of the explained model and over bootstrap members (B, P, D)."""

    sets: PathwaySets
    feature: Ints
    attribution: Floats
    value: Floats
    members: Floats


def score_pathways(explained: Floats, bootstraps: Floats, sets: PathwaySets, feature: Ints) -> PathwayScores:
    """Test every pathway in every member.

    Parameters
    ----------
    explained : float array (F, D)
        Centred attribution of the explained model.
    bootstraps : float array (B, F, D)
    feature : int array (G,)
        The feature that stands for each gene in the test: expression where it was measured,
        because the correlation of genes is that of their expression.
    """
    attribution = explained[feature]
    members = np.stack([enrichment_z(a[feature], sets) for a in bootstraps])
    return PathwayScores(sets, feature, attribution, enrichment_z(attribution, sets), members)


def pathway_drafts(scores: PathwayScores, limits: Limits) -> list[Draft]:
    """The pathways that members select again and again, for all drugs, strongest first within a drug."""
    if not scores.sets.ids:
        return []
    selection = top_masks(scores.members, limits.pathway_top).mean(axis=0)
    consistency = (np.sign(scores.members) == np.sign(scores.value)).mean(axis=0)
    sd = scores.members.std(axis=0, ddof=1)
    drafts = []
    for drug in range(scores.value.shape[1]):
        value = scores.value[:, drug]
        order = np.lexsort((np.arange(value.size), -np.abs(value), -selection[:, drug]))
        for p in [i for i in order if selection[i, drug] >= limits.selection][: limits.pathways]:
            members = np.flatnonzero(scores.sets.membership[:, p])
            sign = 1 if value[p] > 0 else -1
            lead = leading_members(scores.attribution[:, drug], members, sign, limits.pathway_genes)
            if lead.size == 0:
                continue
            drafts.append(
                Draft(
                    kind=ClaimKind.PATHWAY,
                    drug=drug,
                    features=tuple(int(f) for f in scores.feature[lead]),
                    weights=tuple(float(scores.attribution[g, drug]) for g in lead),
                    value=float(value[p]),
                    sd=float(sd[p, drug]),
                    selection=float(selection[p, drug]),
                    consistency=float(consistency[p, drug]),
                    pathway=scores.sets.ids[p],
                    same=scores.sets.same[p],
                )
            )
    return drafts
