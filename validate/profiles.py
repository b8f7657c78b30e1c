"""What a verdict asks: criteria from a TOML file, the program's own (default, strict) or the user's."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any

from pathproof.errors import UsageError, nearest
from pathproof.validate.steps import Asked

NAMES = ("default", "strict")
SUFFIX = ".toml"
_SHARE, _COUNT = (0.0, 1.0), (1.0, 1e6)
LIMITS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("precision", "margin", "min_coverage", "drugs_beating_naive"), _SHARE),
    **dict.fromkeys(("copied_precision", "copied_coverage", "per_group_precision", "data_support"), _SHARE),
    **dict.fromkeys(("halvings", "min_choosing_drugs", "min_target_groups"), _COUNT),
    "min_runs": (2.0, 1e6),
    "min_distinct_facts": (0.0, 1e6),
}
_ASKED = {"precision": "precision", "margin": "margin", "halvings": "repeats", "min_choosing_drugs": "min_drugs"}
_OWN = {"min_target_groups": "min_groups"}


@dataclass(frozen=True)
class Profile:
    """Criteria of the gates; the keys of a file are explained in `criteria/default.toml`.

    Parameters
    ----------
    name : str
    reference : str
        The headline reference.
    pathway_reference : str
        The same for explanations that claim pathways only.
    claim_kind : str
        Changed for explanations that claim no gene.
    asked : Asked
        The asked precision, and how the threshold is chosen.
    min_groups : int
        Target groups with a testable claim, below which nothing is decided, and with a selected one, below which
        nothing passes.
    min_coverage : float
        Share of the testable drugs with a selected claim, below which nothing passes.
    min_runs : int
        Runs that a stability needs.
    drugs_beating_naive : float
        Share of the drugs with a claim that the predictor should foresee better than naive mean
        effects; below it the gate warns.
    copied_precision, copied_coverage : float
        All reported claims reach both: no explanation of data looks like this, a copy of the
        reference does.
    data_support : float
        Share of the selected claims that the screen must bear out, where it was asked.
    per_group_precision : float
        Precision asked with one vote for each target group; 0 asks nothing.
    min_distinct_facts : int
        Distinct facts (target group, item) that the selection must hold on average; 0 asks nothing.
    permuted_response : bool
        Whether the claims must beat models refitted on permuted responses.
    """

    name: str
    reference: str = "resistance_evidence_class"
    pathway_reference: str = "resistance_pathways"
    claim_kind: str = "gene"
    asked: Asked = field(default_factory=Asked)
    min_groups: int = 10
    min_coverage: float = 0.10
    min_runs: int = 2
    drugs_beating_naive: float = 0.8
    copied_precision: float = 0.95
    copied_coverage: float = 0.60
    data_support: float = 0.5
    per_group_precision: float = 0.0
    min_distinct_facts: int = 0
    permuted_response: bool = False


def profile_named(name: str) -> Profile:
    """The profile of this name, or of a TOML file (`mine.toml`).

    Raises
    ------
    UsageError
        When there is none, or the file holds a key or a value that means nothing: all of them at once.
    """
    default = _read(resources.files(__package__).joinpath("criteria", "default.toml").read_text(), "default.toml")
    if name == "default":
        return _profile(name, default)
    if name in NAMES:
        text = resources.files(__package__).joinpath("criteria", f"{name}{SUFFIX}").read_text()
        return _profile(name, default | _checked(_read(text, name), default, name))
    if not name.endswith(SUFFIX):
        raise UsageError(
            "There is no validation profile of this name.",
            got=name,
            allowed=f"{', '.join(NAMES)}, or a file that ends in {SUFFIX}",
            nearest=nearest(name, NAMES),
        )
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the validation profile: {error}", where=path) from error
    return _profile(path.name, default | _checked(_read(text, name), default, name))


def criteria_of(name: str) -> dict[str, Any]:
    """All that the profile of this name asks, as plain values: a user's file may change under the same name."""
    return asdict(profile_named(name))


def _read(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The validation profile is no TOML: {error}", where=where) from error


def _checked(given: dict[str, Any], default: dict[str, Any], where: str) -> dict[str, Any]:
    """The keys and values of a file; whole numbers stand for fractions, nothing else is converted."""
    wrong, near = [], []
    for key, value in given.items():
        if key not in default:
            wrong.append(f"{key} is no criterion")
            if hit := nearest(key, default):
                near.append(f"{hit} for {key}")
            continue
        wanted = type(default[key])
        low, high = LIMITS.get(key, (None, None))
        if wanted is float and type(value) is int:
            given[key] = value = float(value)
        if type(value) is not wanted:
            wrong.append(f"{key} = {value!r} is not of the type {wanted.__name__}")
        elif low is not None and high is not None and not low <= value <= high:
            wrong.append(f"{key} = {value!r} does not lie from {low:g} to {high:g}")
        elif value == "":
            wrong.append(f"{key} is empty")
    if wrong:
        raise UsageError(
            "The validation profile cannot be used.",
            where=where,
            got="; ".join(wrong),
            allowed=", ".join(default),
            nearest=", ".join(near) or None,
        )
    return given


def _profile(name: str, values: dict[str, Any]) -> Profile:
    asked = Asked(**{ours: values[key] for key, ours in _ASKED.items()})
    own = {field.name for field in fields(Profile)}
    rest = {_OWN.get(key, key): value for key, value in values.items() if key not in _ASKED}
    return Profile(name, asked=asked, **{key: value for key, value in rest.items() if key in own})


def check_reference(profile: Profile, gating: dict[str, bool]) -> None:
    """Refuse a headline reference that is not there, or that never carries a verdict.

    Parameters
    ----------
    profile : Profile
    gating : dict of str to bool
        For each reference whether it may carry a verdict (large pathways may not).

    Raises
    ------
    UsageError
    """
    for name in (profile.reference, profile.pathway_reference):
        if not gating.get(name, False):
            what = (
                "never carries a verdict: it agrees with almost any list of genes" if name in gating else "is unknown"
            )
            allowed = [one for one, may in gating.items() if may]
            raise UsageError(
                f"The reference of the profile {profile.name} {what}.",
                got=name,
                allowed=", ".join(allowed),
                nearest=nearest(name, allowed),
            )
