"""Write a demonstration world: real names, simulated numbers, and the planted right answer beside them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pathproof.ingest.demo.facts import Facts, load_facts
from pathproof.ingest.demo.layouts import write_layouts
from pathproof.ingest.demo.mechanisms import with_mechanisms
from pathproof.ingest.demo.parameters import WorldParameters
from pathproof.ingest.demo.simulate import World, simulate
from pathproof.ingest.demo.truth import write_truth

__all__ = ["WorldParameters", "demo_facts", "write_demo"]


def demo_facts(parameters: WorldParameters | None = None) -> Facts:
    """The written facts in the asked size, with what is drawn (default: those of `pathproof run`'s demonstration)."""
    return with_mechanisms(load_facts(), parameters or WorldParameters())


def second_screen(facts: Facts, parameters: WorldParameters) -> World | None:
    """The same lines and mechanisms measured again with the second screen's noise; None where none is asked for."""
    if parameters.second_noise_sd is None:
        return None
    again = dataclasses.replace(parameters, replicate=parameters.replicate + 1_000, noise_sd=parameters.second_noise_sd)
    return simulate(facts, again)


def write_demo(folder: Path, parameters: WorldParameters | None = None) -> None:
    """Write a demonstration world in the providers' layouts, with its truth.

    Parameters
    ----------
    folder : Path
        Made when absent; files of an earlier demonstration are replaced.
    parameters : WorldParameters, optional
        Default: the demonstration of `pathproof run`. The same parameters write the same bytes (with the same
        library versions).

    Raises
    ------
    UsageError
        When the demonstration's graph has no place for what is asked.

    Notes
    -----
    ln IC50 (ln uM) of a line for a drug is the drug's mean, plus the line's general fragility, plus a tissue
    effect, plus broad cell states, plus the planted effects (of genes, of products of two genes, of modules), plus
    noise; docs/demo-world.md has the formulas. Some lines lack a layer, and some pairs are untested.
    `planted.json` holds what is planted and what was done to make the task honest: decoy hubs, drugs without any
    mechanism, and drugs of which the evidence knows other genes. `truth/*.csv` says the same as tables
    (:func:`pathproof.ingest.demo.truth.read_truth`).
    """
    parameters = parameters or WorldParameters()
    facts = demo_facts(parameters)
    world = simulate(facts, parameters)
    write_layouts(folder, facts, world, second_screen(facts, parameters))
    write_truth(folder, facts, world, parameters)
