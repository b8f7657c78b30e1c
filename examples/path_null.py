"""How often a mechanism path ties a gene to a drug, beside nulls: what such a path is worth as evidence.

    python examples/path_null.py WORKSPACE [--draws 100] [--seed 0]

The pairs are those of drug and gene with accepted evidence (CONFERS_*), of drugs that have a target. Two nulls:
the same genes shuffled over the drugs, and each gene replaced by one with nearly as many signed steps (of the 25
genes before and after it by degree). Prints a Markdown table: the share of pairs with a path of at most so many steps.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import pathproof
from pathproof.graph_schema.mechanism import known_in
from pathproof.graph_schema.paths import MOST_STEPS, Network

NEAR = 25
Pairs = Sequence[tuple[str, str]]


def shares(network: Network, pairs: Pairs) -> np.ndarray:
    """Share of the pairs (drug, gene) whose shortest path has at most 0, 1, ... MOST_STEPS steps."""
    genes: defaultdict[str, set[str]] = defaultdict(set)
    for drug, gene in pairs:
        genes[drug].add(gene)
    found = {drug: network.paths(drug, some) for drug, some in genes.items()}
    lengths = [len(paths[0].signs) if (paths := found[drug][gene]) else MOST_STEPS + 1 for drug, gene in pairs]
    return np.cumsum(np.bincount(lengths, minlength=MOST_STEPS + 2))[:-1] / len(lengths)


def shuffled(pairs: Pairs, rng: np.random.Generator) -> Pairs:
    """The same drugs and the same genes, paired at random."""
    order = rng.permutation(len(pairs))
    return [(drug, pairs[i][1]) for (drug, _), i in zip(pairs, order, strict=True)]


def degree_matched(network: Network, pairs: Pairs, rng: np.random.Generator) -> Pairs:
    """Each gene replaced by another one with nearly as many signed steps."""
    order = np.argsort(network.degree, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    found = []
    for drug, gene in pairs:
        at = int(place[network.number[gene]])
        near = [i for i in range(max(0, at - NEAR), min(len(order), at + NEAR + 1)) if i != at]
        found.append((drug, network.symbols[order[rng.choice(near)]]))
    return found


def main() -> None:
    """Read the graph of a workspace, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with pathproof.open_graph(args.workspace) as graph:
        network = known_in(graph).network
        rows = graph.rows("evidence-edges")
    given = {(row["drug"], row["gene"]) for row in rows}
    pairs = sorted(one for one in given if network.targets.get(one[0]) and one[1] in network.number)
    rng = np.random.default_rng(args.seed)
    nulls = {
        "genes shuffled over the drugs": [shares(network, shuffled(pairs, rng)) for _ in range(args.draws)],
        "genes of like degree": [shares(network, degree_matched(network, pairs, rng)) for _ in range(args.draws)],
    }
    print(f"{len(pairs)} of {len(given)} pairs of drug and gene: the drug has a target, the gene a signed step.\n")
    print("| pairs | " + " | ".join(f"<= {n} steps" for n in range(MOST_STEPS + 1)) + " |")
    print("|---|" + "---:|" * (MOST_STEPS + 1))
    print("| with evidence | " + " | ".join(f"{share:.1%}" for share in shares(network, pairs)) + " |")
    for name, draws in nulls.items():
        mean, sd = np.mean(draws, axis=0), np.std(draws, axis=0, ddof=1)
        cells = " | ".join(f"{m:.1%} ± {s:.1%}" for m, s in zip(mean, sd, strict=True))
        print(f"| {name}, mean ± SD of {args.draws} draws | {cells} |")


if __name__ == "__main__":
    main()
