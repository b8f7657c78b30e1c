"""The drug screens that can be explained: the name in a command or a file -> the name in tables, graph and reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from pathproof.errors import UsageError, nearest

SCREENS: Final[Mapping[str, str]] = {"gdsc2": "GDSC2", "gdsc1": "GDSC1", "ccle": "CCLE"}
DEFAULT_SCREEN: Final = "gdsc2"
OTHER_SCREENS: Final = frozenset(f"source:{name}" for name in SCREENS if name != DEFAULT_SCREEN)
"""`provided_by` of a drug that neither GDSC's list nor GDSC2 names: it takes part only where its own screen does."""
RANGE_FLAGS: Final = ("within", "above", "below", "unknown")
"""Where an IC50 lies among the concentrations that were tested; unknown where the file does not give them."""


def checked_screen(name: str) -> str:
    """The screen's name as in :data:`SCREENS`; capitals do not matter.

    Raises
    ------
    UsageError
        When there is no such screen.
    """
    if name.lower() not in SCREENS:
        raise UsageError(
            "There is no screen of this name.", got=name, allowed=", ".join(SCREENS), nearest=nearest(name, SCREENS)
        )
    return name.lower()


def ingested_screen(name: str, present: Collection[str]) -> str:
    """As :func:`checked_screen`, for a screen whose file must have been there.

    Raises
    ------
    UsageError
        When it is not among the `present` ones.
    """
    screen = checked_screen(name)
    if screen not in present:
        raise UsageError(
            "This screen is not among the ingested ones.",
            got=screen,
            allowed=", ".join(sorted(present)),
            action="put its file into the data folder (`pathproof data sources` says where) and run again",
        )
    return screen
