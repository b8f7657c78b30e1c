"""The one exception family. Every message says what, where, got, allowed, nearest and what to do.

Exit codes of the program (see docs/report.md): 0 pass, 1 a gate failed, 2 usage or
configuration, 3 could not run (data, store, dependency), 4 inconclusive.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_USAGE = 2
EXIT_CANNOT_RUN = 3
EXIT_INCONCLUSIVE = 4
EXIT_INTERRUPTED = 130


class PathproofError(Exception):
    """Something a user can act on.

    Parameters
    ----------
    what : str
        One sentence: what is wrong.
    where : str, optional
        File, line, key or address.
    got, allowed : str, optional
        What was found, and what may stand there.
    nearest : str, optional
        The closest allowed name, for "did you mean".
    action : str, optional
        What to do next.
    """

    exit_code = EXIT_CANNOT_RUN

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        got: object = None,
        allowed: object = None,
        nearest: str | None = None,
        action: str | None = None,
    ) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.got = None if got is None else str(got)
        self.allowed = None if allowed is None else str(allowed)
        self.nearest = nearest
        self.action = action
        super().__init__(self.render())

    def render(self) -> str:
        """The message as printed: the sentence, then one labelled line for each known fact."""
        facts = [
            ("where", self.where),
            ("got", self.got),
            ("allowed", self.allowed),
            ("did you mean", self.nearest),
            ("what to do", self.action),
        ]
        return "\n".join([self.what, *(f"  {label}: {text}" for label, text in facts if text)])


class UsageError(PathproofError):
    """A flag, a name or a combination that cannot be meant."""

    exit_code = EXIT_USAGE


class ConfigError(UsageError):
    """A setting in the environment or in pathproof.toml that cannot be used."""


class DataError(PathproofError):
    """A file is missing, truncated, of another provider, or holds what it may not hold."""


class StoreError(PathproofError):
    """The graph store is down, full, refuses the password, or disagrees with the manifest."""


class DependencyError(PathproofError):
    """An optional package or program is needed and not installed."""


class WorkspaceError(PathproofError):
    """The workspace cannot be written or was written by something else."""


def nearest(name: str, options: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The option most like `name`, compared without case; None when nothing is close."""
    by_lower = {option.lower(): option for option in options}
    hits = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[hits[0]] if hits else None
