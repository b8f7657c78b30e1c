"""Explainers of the data alone: genes of each drug, and pairs and modules that the data show. No model is asked.

The multivariate explainer has two of them beside it, with as many genes for each drug; a command runs each alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from pathproof.explain.assemble import peer_explanations
from pathproof.explain.compute import GRAPH_SOURCES, bonferroni_deviate
from pathproof.explain.lmm_data import data_sources, evidence_dataset
from pathproof.explain.lmm_modules import association_modules
from pathproof.explain.lmm_robust import robust_association
from pathproof.explain.lmm_scan import strongest_products
from pathproof.explain.multivariate.module_claims import with_modules
from pathproof.explain.multivariate.peer_kinds import Request
from pathproof.explain.peers import Peer, association_peer, evidence, popular_peer, random_peer, univariate_peer
from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, Sign

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset, GeneGraph
    from pathproof.explain.lmm_modules import ModuleTable
    from pathproof.explain.lmm_table import AssociationTable
    from pathproof.workspace import Workspace

Progress = Callable[[str, float | None], None]
PAIRS = {
    "pairs": "the 30 products of two features with the highest scores are tested, both features in the model; claimed "
    "where the deviate reaches that of Bonferroni over all scored products and all drugs of the screen; of two genes "
    "the strongest product of their layers; scores and deviates are the weaker ones of responses and of rank-normal "
    "responses; a product has to add to the squares of its features (one-sided, p <= .05 over the 30)",
    "pair_value": "the product's normal deviate, the weaker one of responses and of rank-normal responses",
}
LEVEL = (
    "the deviate, the weaker one of responses and of rank-normal responses, reaches z0, that of Bonferroni over all "
    "features and drugs, at a confidence of 0.5"
)


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
    lmm, univariate = (
        peer_explanations(peer, dataset, own, seed)
        for peer in (_association(tables[0], dataset, counts), univariate_peer(dataset, counts))
    )
    found = [with_modules(with_pairs(_with(lmm[d], {"level": LEVEL}), lines, d), d, *tables) for d in drugs]
    return found + [univariate[d] for d in drugs]


def explain_data(
    request: Request, dataset: Dataset, workspace: Workspace, graph: Callable[[], GeneGraph], progress: Progress
) -> list[Explanation]:
    """Records of one explainer of the data, for the drugs of the request.

    What it says of a drug does not depend on which others are named: each is explained beside all drugs.

    Parameters
    ----------
    request : Request
    dataset : Dataset
    workspace : Workspace
        Where the lines of the association test are read.
    graph : function
        Gives the gene graph; called for "popular" only.
    progress : function of (message, fraction done or None)

    Raises
    ------
    DataError
        No drug has enough lines for the association test, or the workspace's tables are others than the dataset's.
    """
    counts, sources, drugs = [request.top] * len(dataset.drugs), data_sources(dataset), request.drugs
    if request.kind.name != "association-lmm":
        makers: dict[str, Callable[[], Peer]] = {
            "univariate": lambda: univariate_peer(dataset, counts),
            "popular": lambda: popular_peer(dataset, graph(), counts),
            "random": lambda: random_peer(dataset, counts, request.seed),
        }
        own = peer_explanations(makers[request.kind.name](), dataset, sources, request.seed)
        return [_with(own[d], {"genes": request.top}) for d in drugs]
    lines = evidence_dataset(dataset, workspace)
    table = robust_association(lines, progress=progress)
    progress("modules in the data", None)
    modules = association_modules(lines)
    own = peer_explanations(_association(table, dataset, counts), dataset, sources, request.seed)
    found = []
    for i, d in enumerate(drugs):
        record = _with(own[d], {"genes": request.top, "level": LEVEL, "factors": _deviates(own[d], table, d)})
        if request.pairs:
            progress(f"pairs of {record.drug_name}", i / len(drugs))
            record = with_pairs(record, lines, d)
        found.append(with_modules(record, d, table, modules))
    return found


def with_pairs(record: Explanation, lines: Dataset, drug: int) -> Explanation:
    """The record, with the pairs whose product the data show at the level of all products and drugs of the screen.

    Two genes are one claim, by the strongest product of their layers; a product of one gene's two layers is none.
    """
    with threadpool_limits(1, "blas"):
        found = strongest_products(lines, drug)
    least = bonferroni_deviate(max(found.scored, 1) * len(lines.drugs))
    claims: dict[str, Claim] = {}
    for pair, z in zip(found.pairs.tolist(), found.z.tolist(), strict=True):
        features = [lines.features[f] for f in pair]
        if abs(z) < least or features[0].gene == features[1].gene:
            continue
        claim = Claim(
            kind=ClaimKind.INTERACTION,
            genes=tuple(feature.gene for feature in features),
            layers=tuple(feature.recorded for feature in features),
            value=z,
            sign=Sign.RESISTANCE if z > 0 else Sign.SENSITIVITY,
            rank=len(claims) + 1,
            confidence=evidence(z, least),
        )
        claims.setdefault(claim.key, claim)
    shown = {**PAIRS, "pairs_scored": found.scored, "pair_level": least}
    return _with(record.model_copy(update={"claims": (*record.claims, *claims.values())}), shown)


def _association(table: AssociationTable, dataset: Dataset, counts: Sequence[int]) -> Peer:
    return association_peer(table, counts, bonferroni_deviate(len(dataset.features) * len(dataset.drugs)))


def _deviates(record: Explanation, table: AssociationTable, drug: int) -> dict[str, dict[str, float]]:
    """The normal deviate of each gene's claim."""
    place = {(feature.gene, feature.layer): f for f, feature in enumerate(table.features)}
    return {
        f"{claim.kind.value}:{claim.key}": {"data_z": float(table.z[place[claim.genes[0], claim.layers[0]], drug])}
        for claim in record.claims
    }


def _with(record: Explanation, parameters: dict[str, Any]) -> Explanation:
    return record.model_copy(update={"parameters": {**record.parameters, **parameters}})
