"""What a demonstration world is drawn with: seeds, sizes, strengths; by default the demonstration of `make run`."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from pathproof.errors import UsageError

MIN_LINES, MAX_LINES = 60, 9_999
MAX_DRUGS, MAX_GENES = 9_999, 50_000
_RANGES: dict[str, tuple[float, float]] = {
    "seed": (0, 2**63 - 1),
    "mechanism_seed": (0, 2**63 - 1),
    "replicate": (0, 2**63 - 1),
    "lines": (MIN_LINES, MAX_LINES),
    "drugs": (1, MAX_DRUGS),
    "genes": (1, MAX_GENES),
    "pairs": (0, MAX_DRUGS),
    "modules": (0, 20),
    "hubs": (0, 50),
    "effect": (0.0, 10.0),
    "pair_effect": (0.0, 10.0),
    "module_effect": (0.0, 10.0),
    "tissue_sd": (0.0, 10.0),
    "fragility_sd": (0.0, 10.0),
    "state_sd": (0.0, 10.0),
    "noise_sd": (1e-6, 10.0),
    "second_noise_sd": (1e-6, 10.0),
    "missing": (0.0, 0.9),
    "null_share": (0.0, 1.0),
    "known": (0.0, 1.0),
}


@dataclass(frozen=True)
class WorldParameters:
    """Seeds, sizes and strengths of a demonstration world (docs/demo-world.md has the formulas).

    Parameters
    ----------
    seed : int
        Of all numbers: lines, features, responses.
    mechanism_seed : int
        Of what is planted beyond the written facts: pairs, modules, made compounds, and which of it the evidence knows.
    replicate : int
        Another number is another screen of the same lines: only the noise is drawn anew.
    lines : int
        Cell lines, 60 to 9,999; tissues keep their proportions.
    drugs : int
        Compounds. Up to the number of written ones, evenly chosen among them; beyond it compounds are made up.
    genes : int or None
        Genes with expression; None takes those that the facts name. Further ones are background without any edge.
    pairs, modules : int
        Drugs with a planted pair, and planted modules (each acts on one drug). An error says when the graph is too
        small for so many.
    hubs : int
        The most connected genes without a written effect are kept free of any effect: decoys.
    effect : float
        Factor on the single-gene effects, which are written in ln IC50 (uM) per standard deviation.
    pair_effect, module_effect : float
        Size of the effects in ln IC50 (uM) per standard deviation of the product term and of the module's score.
    tissue_sd, fragility_sd, state_sd : float
        Spread (ln IC50) over tissues for a drug, over lines for all drugs, and per broad cell state for a drug.
    noise_sd : float
        Of one measurement (ln IC50).
    second_noise_sd : float or None
        Also write a second screen, as GDSC1: the same lines and mechanisms, measured with this noise.
    missing : float
        Share of pairs that were not tested.
    null_share : float
        Share of the made compounds that have no mechanism.
    known : float
        Share of the drawn effects that get a row of evidence.
    shuffled : bool
        Permute the response profiles among the lines of each tissue: nothing that is planted holds any more.

    Raises
    ------
    UsageError
        For every value out of its range at once.
    """

    seed: int = 0
    mechanism_seed: int = 0
    replicate: int = 0
    lines: int = 240
    drugs: int = 57
    genes: int | None = None
    pairs: int = 10
    modules: int = 6
    hubs: int = 6
    effect: float = 1.0
    pair_effect: float = 0.5
    module_effect: float = 0.6
    tissue_sd: float = 0.5
    fragility_sd: float = 0.4
    state_sd: float = 0.4
    noise_sd: float = 0.8
    second_noise_sd: float | None = None
    missing: float = 0.06
    null_share: float = 0.1
    known: float = 0.85
    shuffled: bool = False

    def __post_init__(self) -> None:
        found = {field.name: _wrong(field.name, getattr(self, field.name)) for field in fields(self)}
        wrong = {name: text for name, text in found.items() if text is not None}
        if wrong:
            raise UsageError(
                "The demonstration world cannot be drawn with these parameters.",
                got="; ".join(wrong.values()),
                allowed=", ".join(
                    f"{name} {_RANGES[name][0]:g} to {_RANGES[name][1]:g}" for name in wrong if name in _RANGES
                ),
            )


def _wrong(name: str, value: object) -> str | None:
    """What is wrong with one parameter, or None."""
    if name == "shuffled":
        return None if isinstance(value, bool) else f"{name} = {value!r} is not true or false"
    if name in ("genes", "second_noise_sd") and value is None:
        return None
    low, high = _RANGES[name]
    whole = isinstance(WorldParameters.__dataclass_fields__[name].default, int) or name == "genes"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return f"{name} = {value!r} is not {'a whole number' if whole else 'a number'}"
    if not math.isfinite(value) or not low <= value <= high:
        return f"{name} = {value!r} is out of range"
    return None
