"""The planted right answer: one JSON record, and tables of genes, pairs and modules for every drug."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathproof.ingest.demo import TRUTH_FILE
from pathproof.ingest.demo.facts import Drug, Facts
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.simulate import World
from pathproof.ingest.demo.walks import PathwayGraph, Walk
from pathproof.workspace import read_json, write_json, write_text

NOTE = (
    "SIMULATED. Drug, gene and pathway names and the written evidence are textbook facts; every number of the cell "
    "lines and of the screen is drawn at random with the mechanisms listed here planted in it. Pairs, modules, made "
    "compounds and their evidence are drawn too, and say nothing about real drugs."
)
_COLUMNS = {
    "drugs": ("drug", "drug_name", "responds", "genes", "pairs", "modules", "background", "noise", "agreement"),
    "genes": ("drug", "drug_name", "gene", "layer", "sign", "effect", "walk"),
    "pairs": (
        *("drug", "drug_name", "gene_a", "layer_a", "gene_b", "layer_b", "sign", "effect", "with_main"),
        *("walk_a", "walk_b"),
    ),
    "modules": ("drug", "drug_name", "module", "factor", "gene", "weight", "sign", "effect"),
}


@dataclass(frozen=True)
class Truth:
    """The right answer as tables; `effect` is signed, + for resistance, in ln IC50 (uM) per standard deviation.

    Parameters
    ----------
    drugs : DataFrame
        One row a drug. The variances of `genes`, `pairs`, `modules`, `background` (fragility, tissue and states)
        and `noise` over all lines, as shares of the variance of ln IC50: they need not add up to 1, because
        genes go with tissues and states. `agreement` is the Pearson correlation to expect between two screens
        of the drug.
    genes : DataFrame
        One row a single-gene effect; `walk` is the way between target and gene on the pathway graph, empty where
        the effect is a written one without such a way.
    pairs : DataFrame
        One row a product term.
    modules : DataFrame
        One row a drug and member; `effect` is that of the whole module's score.
    hubs : tuple of str
        Decoys: the most connected genes without any effect.
    """

    drugs: pd.DataFrame
    genes: pd.DataFrame
    pairs: pd.DataFrame
    modules: pd.DataFrame
    hubs: tuple[str, ...]


def truth_of(facts: Facts, world: World, parameters: WorldParameters) -> Truth:
    """Tables of what is planted; in a shuffled world nothing is, and only `drugs` has rows."""
    graph = PathwayGraph(facts)
    holds = () if parameters.shuffled else facts.drugs
    rows = {
        "drugs": [_drug_row(drug, world, d, planted=not parameters.shuffled) for d, drug in enumerate(facts.drugs)],
        "genes": [row for drug in holds for row in _gene_rows(drug, graph)],
        "pairs": [row for drug in holds for row in _pair_rows(drug, graph)],
        "modules": [row for drug in holds for row in _module_rows(drug, facts)],
    }
    tables = {name: pd.DataFrame(rows[name], columns=list(columns)) for name, columns in _COLUMNS.items()}
    return Truth(**tables, hubs=facts.hubs)


def write_truth(folder: Path, facts: Facts, world: World, parameters: WorldParameters) -> None:
    """Write `planted.json` and `truth/*.csv` below `folder`, each atomically."""
    truth = truth_of(facts, world, parameters)
    for name in _COLUMNS:
        frame: pd.DataFrame = getattr(truth, name)
        text = frame.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        write_text(folder / "truth" / f"{name}.csv", text)
    write_json(folder / TRUTH_FILE, planted_answer(facts, parameters))


def read_truth(folder: Path) -> Truth:
    """The tables that :func:`write_truth` wrote below `folder`."""
    tables = {name: pd.read_csv(folder / "truth" / f"{name}.csv", keep_default_na=False) for name in _COLUMNS}
    return Truth(**tables, hubs=tuple(read_json(folder / TRUTH_FILE)["decoys"]["hubs"]))


def planted_answer(facts: Facts, parameters: WorldParameters) -> dict[str, Any]:
    """What is planted, as JSON: `effect` is signed, + for resistance, in ln IC50 (uM) per standard deviation."""
    holds = () if parameters.shuffled else facts.drugs
    return {
        "seed": parameters.seed,
        "parameters": asdict(parameters),
        "note": NOTE,
        "mechanisms": [_mechanism(drug, facts) for drug in holds if drug.responds],
        "decoys": {
            "hubs": list(facts.hubs),
            "no_mechanism": [_named(drug) for drug in facts.drugs if parameters.shuffled or not drug.responds],
            "evidence_knows_other_genes": [
                {**_named(drug), "genes": known_genes(facts, drug)} for drug in facts.drugs if drug.decoy
            ],
        },
    }


def known_genes(facts: Facts, drug: Drug) -> list[str]:
    """Genes that the demonstration evidence names for the drug, sorted; those of a pair say nothing about one."""
    rows = (row for row in facts.evidence if drug.name in row.therapies and row.status == "accepted")
    return sorted({row.gene for row in rows if " AND " not in row.variant})


def _named(drug: Drug) -> dict[str, Any]:
    return {"drug": drug.curie, "drug_name": drug.name}


def _mechanism(drug: Drug, facts: Facts) -> dict[str, Any]:
    modules = {module.name: module for module in facts.modules}
    return {
        **_named(drug),
        "genes": [{"gene": p.gene, "layer": p.layer, "sign": p.sign, "effect": p.effect} for p in drug.planted],
        "pairs": [asdict(pair) for pair in drug.pairs],
        "modules": [
            {
                **asdict(acting),
                "genes": list(modules[acting.module].genes),
                "weights": list(modules[acting.module].weights),
            }
            for acting in drug.acting
        ],
        "pathway": None if drug.pathway is None else f"reactome:{drug.pathway}",
    }


def _drug_row(drug: Drug, world: World, d: int, *, planted: bool) -> dict[str, Any]:
    spread = {name: float(np.var(part[:, d])) for name, part in world.parts.items()}
    response = sum((part[:, d] for part in world.parts.values()), np.zeros(world.n))
    total = float(np.var(response))
    background = world.parts["fragility"] + world.parts["tissue"] + world.parts["states"]
    shares = {name: (spread[name] / total if planted else 0.0) for name in ("genes", "pairs", "modules")}
    noise = spread["noise"] / total
    shares |= {"background": float(np.var(background[:, d])) / total, "noise": noise}
    return {**_named(drug), "responds": planted and drug.responds, **shares, "agreement": 1.0 - noise}


def _gene_rows(drug: Drug, graph: PathwayGraph) -> list[dict[str, Any]]:
    walks = graph.around(drug.targets)
    return [{**_named(drug), **asdict(one), "walk": _walk(walks, one.gene)} for one in drug.planted]


def _pair_rows(drug: Drug, graph: PathwayGraph) -> list[dict[str, Any]]:
    walks = graph.around(drug.targets)
    return [
        {
            **_named(drug),
            "gene_a": pair.genes[0],
            "layer_a": pair.layers[0],
            "gene_b": pair.genes[1],
            "layer_b": pair.layers[1],
            "sign": pair.sign,
            "effect": pair.effect,
            "with_main": pair.with_main,
            "walk_a": _walk(walks, pair.genes[0]),
            "walk_b": _walk(walks, pair.genes[1]),
        }
        for pair in drug.pairs
    ]


def _module_rows(drug: Drug, facts: Facts) -> list[dict[str, Any]]:
    modules = {module.name: module for module in facts.modules}
    return [
        {
            **_named(drug),
            "module": acting.module,
            "factor": modules[acting.module].factor,
            "gene": gene,
            "weight": weight,
            "sign": acting.sign,
            "effect": acting.effect,
        }
        for acting in drug.acting
        for gene, weight in zip(modules[acting.module].genes, modules[acting.module].weights, strict=True)
    ]


def _walk(walks: dict[str, Walk], gene: str) -> str:
    return " > ".join(walks[gene].steps) if gene in walks else ""
