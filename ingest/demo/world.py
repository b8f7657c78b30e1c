"""Write the demonstration world: real names, simulated numbers, and the planted right answer beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pathproof.ingest.demo.facts import Drug, Facts, load_facts
from pathproof.ingest.demo.layouts import write_layouts
from pathproof.ingest.demo.simulate import simulate
from pathproof.workspace import write_json

NOTE = (
    "SIMULATED. Drug, gene and pathway names and the evidence are textbook facts written by hand; every number of the "
    "cell lines and of the screen is drawn at random with the mechanisms listed here planted in it."
)


def write_demo(folder: Path, seed: int = 0) -> None:
    """Write the demonstration in the providers' layouts, with `planted.json`.

    Parameters
    ----------
    folder : Path
        Made when absent; files of an earlier demonstration are replaced.
    seed : int
        The same seed writes the same bytes (with the same library versions). Facts do not depend on it.

    Notes
    -----
    ln IC50 (ln uM) of a line for a drug is the drug's mean, plus the line's general fragility, plus a
    tissue effect, plus the planted effects (ln IC50 per standard deviation of an expression or mutation
    feature, 0/1 calls standardised over all lines), plus noise. Some lines lack a layer, and some pairs are
    untested. `planted.json` holds the planted effects and what was done to make the task honest: drugs
    without any mechanism, and drugs of which the evidence knows other genes.
    """
    facts = load_facts()
    write_layouts(folder, facts, simulate(facts, seed))
    write_json(folder / "planted.json", planted_answer(facts, seed))


def planted_answer(facts: Facts, seed: int) -> dict[str, Any]:
    """What is planted, as JSON: `effect` is signed, + for resistance, in ln IC50 (uM) per standard deviation."""
    return {
        "seed": seed,
        "note": NOTE,
        "mechanisms": [_mechanism(drug) for drug in facts.drugs if drug.planted],
        "decoys": {
            "no_mechanism": [_named(drug) for drug in facts.drugs if not drug.planted],
            "evidence_knows_other_genes": [
                {**_named(drug), "genes": known_genes(facts, drug)} for drug in facts.drugs if drug.decoy
            ],
        },
    }


def known_genes(facts: Facts, drug: Drug) -> list[str]:
    """Genes that the demonstration evidence names for the drug, sorted."""
    return sorted({row.gene for row in facts.evidence if drug.name in row.therapies and row.status == "accepted"})


def _named(drug: Drug) -> dict[str, Any]:
    return {"drug": drug.curie, "drug_name": drug.name}


def _mechanism(drug: Drug) -> dict[str, Any]:
    genes = [{"gene": p.gene, "layer": p.layer, "sign": p.sign, "effect": p.effect} for p in drug.planted]
    pathway = None if drug.pathway is None else f"reactome:{drug.pathway}"
    return {**_named(drug), "genes": genes, "pathway": pathway}
