"""How often a mechanism path ties a gene to a drug, beside nulls: what such a path is worth as evidence.

    python examples/path_null.py WORKSPACE [--explainer pathproof] [--draws 100] [--seed 0]

The pairs are those of drug and gene with accepted evidence (CONFERS_*), or with `--explainer` those of its claims
about one gene; of drugs that have a target. Two nulls: the same genes shuffled over the drugs, and all genes with about
as many signed steps as each (graph_schema/path_null.py; nothing is drawn). Prints a Markdown table: the share of pairs
with a path of at most so many steps. For claims also the middle of their `null_share`, as the graph holds it.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import pathproof
from pathproof.graph_schema.mechanism import known_in
from pathproof.graph_schema.path_null import PathNull
from pathproof.graph_schema.paths import MOST_STEPS, Network
from pathproof.graph_schema.store import GraphStore

RARE = 0.05
Pairs = Sequence[tuple[str, str]]


def genes_of(pairs: Pairs) -> dict[str, list[str]]:
    """The genes of each drug."""
    genes: defaultdict[str, list[str]] = defaultdict(list)
    for drug, gene in pairs:
        genes[drug].append(gene)
    return genes


def shares(network: Network, pairs: Pairs) -> np.ndarray:
    """Share of the pairs (drug, gene) whose shortest path has at most 0, 1, ... MOST_STEPS steps."""
    found = {drug: network.paths(drug, genes) for drug, genes in genes_of(pairs).items()}
    lengths = [len(paths[0].signs) if (paths := found[drug][gene]) else MOST_STEPS + 1 for drug, gene in pairs]
    return np.cumsum(np.bincount(lengths, minlength=MOST_STEPS + 2))[:-1] / len(lengths)


def shuffled(pairs: Pairs, rng: np.random.Generator) -> Pairs:
    """The same drugs and the same genes, paired at random."""
    order = rng.permutation(len(pairs))
    return [(drug, pairs[i][1]) for (drug, _), i in zip(pairs, order, strict=True)]


def of_like_degree(null: PathNull, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """The mean of what the genes of like degree reach, and the standard deviation of one draw for every pair."""
    found = {drug: null.shares(drug, genes) for drug, genes in genes_of(pairs).items()}
    table = np.array([[found[drug][gene][n] for n in range(MOST_STEPS + 1)] for drug, gene in pairs])
    return table.mean(axis=0), np.sqrt((table * (1 - table)).sum(axis=0)) / len(pairs)


def rare(network: Network, null: PathNull, pairs: Pairs) -> tuple[int, float]:
    """How many of the pairs have a path with a share of at most RARE, and how many genes of like degree would."""
    there, expected = 0, 0.0
    for drug, genes in genes_of(pairs).items():
        shares, paths = null.shares(drug, genes), network.paths(drug, genes)
        for gene in genes:
            expected += max((one for one in shares[gene].values() if one <= RARE), default=0.0)
            there += bool(paths[gene]) and shares[gene][len(paths[gene][0].signs)] <= RARE
    return there, expected


def claimed(graph: GraphStore, explainer: str) -> set[tuple[str, str]]:
    """Drug and gene of the claims about one gene."""
    rows = graph.read(
        "MATCH (d:Drug)<-[:EXPLAINS]-(:Explanation {explainer: $explainer})-[:HAS_CLAIM]->(c:GeneClaim) "
        "RETURN d.id AS drug, c.key AS gene",
        {"explainer": explainer},
    )
    return {(row["drug"], row["gene"]) for row in rows}


def print_stored(graph: GraphStore, explainer: str) -> None:
    """By kind of claim and number of steps, what the graph holds beside the shortest path (of equals the least)."""
    rows = graph.read(
        "MATCH (:Explanation {explainer: $explainer})-[:HAS_CLAIM]->(c)-[h:HAS_PATH]->(m:MechanismPath) "
        "WHERE h.null_share IS NOT NULL WITH c, m.n_steps AS steps, h.null_share AS share ORDER BY steps, share "
        "WITH c, collect(steps)[0] AS steps, collect(share)[0] AS share "
        "RETURN labels(c)[0] AS kind, steps, share ORDER BY kind, steps",
        {"explainer": explainer},
    )
    if not rows:
        print(f"\nThe graph holds no null_share beside the paths of {explainer}: write its explanations again.")
        return
    found: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for row in rows:
        found[row["kind"], row["steps"]].append(row["share"])
        found[row["kind"], -1].append(row["share"])
    print(
        "\n| claims with a path | steps | claims | null_share, median | quarter | three quarters |\n|---|" + "---:|" * 5
    )
    for (kind, steps), some in sorted(found.items()):
        low, middle, high = np.quantile(some, [0.25, 0.5, 0.75])
        print(f"| {kind} | {steps if steps >= 0 else 'any'} | {len(some):,} | {middle:.3f} | {low:.3f} | {high:.3f} |")


def main() -> None:
    """Read the graph of a workspace, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--explainer", help="its claims instead of the evidence")
    parser.add_argument("--draws", type=int, default=100, help="of the genes shuffled over the drugs")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with pathproof.open_graph(args.workspace) as graph:
        known = known_in(graph)
        if args.explainer is None:
            given = {(row["drug"], row["gene"]) for row in graph.rows("evidence-edges")}
        else:
            given = claimed(graph, args.explainer)
        network = known.network
        pairs = sorted(one for one in given if network.targets.get(one[0]) and one[1] in network.number)
        if not pairs:
            raise SystemExit(f"No pair of drug and gene to look at, of {len(given)}: nothing is claimed, or no target.")
        draws = [shares(network, shuffled(pairs, np.random.default_rng(args.seed + i))) for i in range(args.draws)]
        print(f"{len(pairs)} of {len(given)} pairs of drug and gene: the drug has a target, the gene a signed step.\n")
        print("| pairs | " + " | ".join(f"<= {n} steps" for n in range(MOST_STEPS + 1)) + " |")
        print("|---|" + "---:|" * (MOST_STEPS + 1))
        print("| as given | " + " | ".join(f"{share:.1%}" for share in shares(network, pairs)) + " |")
        nulls = {
            f"genes shuffled over the drugs, mean ± SD of {args.draws} draws": (np.mean(draws, 0), np.std(draws, 0)),
            "all genes of like degree, mean ± SD of one draw": of_like_degree(known.null, pairs),
        }
        for name, (mean, sd) in nulls.items():
            print(f"| {name} | " + " | ".join(f"{m:.1%} ± {s:.1%}" for m, s in zip(mean, sd, strict=True)) + " |")
        there, expected = rare(network, known.null, pairs)
        share = f"at most {RARE:.0%} of genes of like degree"
        print(f"\n{there} have a path that {share} have; of these {expected:.1f} would.")
        if args.explainer is not None:
            print_stored(graph, args.explainer)


if __name__ == "__main__":
    main()
