"""`pathproof demo-data`: write a demonstration world of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pathproof.cli import options as o
from pathproof.errors import UsageError


def demo_data(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder for the files.")],
    seed: Annotated[int, typer.Option(help="Seed of all numbers.")] = 0,
    mechanism_seed: Annotated[int, typer.Option(help="Seed of what is planted beyond the written facts.")] = 0,
    replicate: Annotated[int, typer.Option(help="Number of the repeat: another draw of the noise only.")] = 0,
    lines: Annotated[int | None, typer.Option(help="Cell lines.")] = None,
    drugs: Annotated[int | None, typer.Option(help="Compounds.")] = None,
    genes: Annotated[int | None, typer.Option(help="Genes with expression.")] = None,
    pairs: Annotated[int | None, typer.Option(help="Drugs with a planted pair of genes.")] = None,
    modules: Annotated[int | None, typer.Option(help="Planted modules.")] = None,
    hubs: Annotated[int | None, typer.Option(help="Highly connected genes that do nothing.")] = None,
    noise_sd: Annotated[float | None, typer.Option(help="Noise of one measurement, ln IC50.")] = None,
    second_noise_sd: Annotated[float | None, typer.Option(help="Also a second screen, GDSC1, with this noise.")] = None,
    shuffled: Annotated[bool, typer.Option("--shuffled", help="Permute the responses within each tissue.")] = False,
) -> int:
    """Write a demonstration world: real names, simulated numbers, and what is planted in them (docs/demo-world.md)."""
    from pathproof.ingest.demo.world import WorldParameters, write_demo

    asked = {
        **{"lines": lines, "drugs": drugs, "genes": genes, "pairs": pairs, "modules": modules},
        **{"hubs": hubs, "noise_sd": noise_sd, "second_noise_sd": second_noise_sd},
    }
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    parameters = WorldParameters(
        seed=seed, mechanism_seed=mechanism_seed, replicate=replicate, shuffled=shuffled, **given
    )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("The folder for the demonstration is not empty.", where=folder, action="give a new folder")
    write_demo(folder, parameters)
    o.out.print(f"A demonstration world: {folder.resolve()}", soft_wrap=True)
    o.out.print("What is planted in it: planted.json, truth/*.csv")
    return 0
