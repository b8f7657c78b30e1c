"""Explainers of the data alone beside ours: as many genes for each drug, and the pairs that the data show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pathproof.explain.assemble import peer_explanations
from pathproof.explain.compute import GRAPH_SOURCES, bonferroni_deviate
from pathproof.explain.lmm_scan import strongest_products
from pathproof.explain.multivariate.module_claims import with_modules
from pathproof.explain.peers import association_peer, evidence, univariate_peer
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.lmm_modules import ModuleTable
    from pathproof.explain.lmm_table import AssociationTable

PAIRS = {
    "pairs": "the 30 products of two features with the highest scores are tested, both features in the model; claimed "
    "where the deviate reaches that of Bonferroni over all scored products and all drugs of the screen",
    "pair_value": "the product's normal deviate",
}


def data_explanations(
    tables: tuple[AssociationTable, ModuleTable],
    dataset: Dataset,
    lines: Dataset,
    drugs: Sequence[int],
    counts: Sequence[int],
    sources: Sequence[str],
    seed: int,
) -> list[Explanation]:
    """Records of "association-lmm" with its pairs and modules, and "univariate", for some drugs over all their lines.

    Parameters
    ----------
    tables : AssociationTable and ModuleTable
        Tests of single features, and of modules.
    dataset, lines : Dataset
        The model's, and all lines of the test in the data.
    drugs : sequence of int
    counts : sequence of int
        Genes of each drug of the data set.
    sources : sequence of str
        What the model knows; the graph is taken out, for these explainers do not see it.
    seed : int
    """
    own = tuple(source for source in sources if source not in GRAPH_SOURCES)
    peers = (
        association_peer(tables[0], counts, bonferroni_deviate(len(dataset.features))),
        univariate_peer(dataset, counts),
    )
    lmm, univariate = (peer_explanations(peer, dataset, own, seed) for peer in peers)
    found = [with_modules(with_pairs(lmm[d], lines, d), lines, d, tables[1]) for d in drugs]
    return found + [univariate[d] for d in drugs]


def with_pairs(record: Explanation, lines: Dataset, drug: int) -> Explanation:
    """The record, with the pairs whose product the data show at the level of all products and drugs of the screen."""
    found = strongest_products(lines, drug)
    least = bonferroni_deviate(max(found.scored, 1) * len(lines.drugs))
    shown = [(pair, float(z)) for pair, z in zip(found.pairs.tolist(), found.z, strict=True) if abs(z) >= least]
    claims = []
    for i, (pair, z) in enumerate(shown):
        features = [lines.features[f] for f in pair]
        claims.append(
            Claim(
                kind=ClaimKind.INTERACTION,
                genes=tuple(feature.gene for feature in features),
                layers=tuple(feature.recorded for feature in features),
                value=z,
                sign=Sign.RESISTANCE if z > 0 else Sign.SENSITIVITY,
                rank=i + 1,
                confidence=evidence(z, least),
            )
        )
    parameters = {**record.parameters, **PAIRS, "pairs_scored": found.scored, "pair_level": least}
    return record.model_copy(update={"claims": (*record.claims, *claims), "parameters": parameters})
