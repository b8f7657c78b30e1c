"""Settings: by flag, then environment, then pathproof.toml, then the default. Each knows where it came from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pathproof.errors import ConfigError, nearest
from pathproof.workspace import DEFAULT_NAME

FILE_NAME: Final = "pathproof.toml"


@dataclass(frozen=True)
class _Known:
    """One setting: its type, environment variable, default and meaning."""

    type: type
    variable: str
    default: Any
    meaning: str


KNOWN: Final[Mapping[str, _Known]] = {
    "data": _Known(Path, "PATHPROOF_DATA", None, "folder with the providers' files; unset = the demonstration"),
    "workspace": _Known(Path, "PATHPROOF_WORKSPACE", Path(DEFAULT_NAME), "folder for everything a run makes"),
    "store": _Known(str, "PATHPROOF_STORE", None, "bolt:// or neo4j:// address; unset = the embedded store"),
    "store_user": _Known(str, "PATHPROOF_STORE_USER", "neo4j", "user name at the store"),
    "store_database": _Known(str, "PATHPROOF_STORE_DATABASE", None, "database name; unset = the server's default"),
    "store_password_file": _Known(Path, "PATHPROOF_STORE_PASSWORD_FILE", None, "file whose first line is the password"),
    "out": _Known(Path, "PATHPROOF_OUT", None, "folder for the report; unset = the run's folder in the workspace"),
    "seed": _Known(int, "PATHPROOF_SEED", 0, "seed of everything random"),
    "workers": _Known(int, "PATHPROOF_WORKERS", None, "processes for training; unset = the number of cores"),
    "screen": _Known(str, "PATHPROOF_SCREEN", "gdsc2", "drug screen: gdsc2, gdsc1 or ccle"),
    "drugs_not_in": _Known(str, "PATHPROOF_DRUGS_NOT_IN", None, "judge only compounds that this screen lacks"),
    "max_rmse": _Known(float, "PATHPROOF_MAX_RMSE", None, "largest error of a curve fit; unset = any"),
    "refits": _Known(int, "PATHPROOF_REFITS", None, "refits of each sort for the nulls; unset = as the profile asks"),
    "profile": _Known(str, "PATHPROOF_PROFILE", "default", "gate profile of the verdict"),
}
PASSWORD_VARIABLE: Final = "PATHPROOF_STORE_PASSWORD"  # noqa: S105 - a name, not a password


@dataclass(frozen=True)
class Setting:
    """A value and where it came from ("flag", "$NAME", "pathproof.toml" or "default")."""

    value: Any
    origin: str


class Settings:
    """All settings of one call; values by attribute, origins by :meth:`table`."""

    def __init__(self, found: Mapping[str, Setting]) -> None:
        self._found = dict(found)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._found[name].value
        except KeyError:
            raise AttributeError(name) from None

    def table(self) -> list[tuple[str, str, str, str]]:
        """Rows of (name, value, origin, meaning)."""
        return [
            (name, "" if setting.value is None else str(setting.value), setting.origin, KNOWN[name].meaning)
            for name, setting in self._found.items()
        ]

    def password(self) -> str | None:
        """The store's password, from the environment or from a file; never from the command line.

        Raises
        ------
        ConfigError
            When the named file cannot be read or is empty.
        """
        direct = os.environ.get(PASSWORD_VARIABLE)
        if direct:
            return direct
        path = self.store_password_file
        if path is None:
            return None
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                "Cannot read the password file.", where=path, got=error, action="give a readable text file"
            ) from error
        password = text.splitlines()[0].strip() if text.strip() else ""
        if not password:
            raise ConfigError("The password file is empty.", where=path, action="put the password on its first line")
        return password


def load_settings(
    flags: Mapping[str, Any], *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """Resolve every setting.

    Parameters
    ----------
    flags : mapping
        Values given on the command line; None means not given.
    environ : mapping, optional
        The environment (default: that of the process).
    folder : Path, optional
        Where pathproof.toml may lie (default: the current folder).

    Raises
    ------
    ConfigError
        For an unknown key or a value of the wrong type, with the place and what is allowed.
    """
    environ = os.environ if environ is None else environ
    path = (Path.cwd() if folder is None else folder) / FILE_NAME
    from_file = _read_file(path)
    found = {}
    for name, known in KNOWN.items():
        if flags.get(name) is not None:
            setting = Setting(_as(known.type, flags[name], f"--{name.replace('_', '-')}"), "flag")
        elif environ.get(known.variable):
            setting = Setting(_as(known.type, environ[known.variable], f"${known.variable}"), f"${known.variable}")
        elif name in from_file:
            setting = Setting(_as(known.type, from_file[name], f"{path}: {name}"), FILE_NAME)
        else:
            setting = Setting(known.default, "default")
        found[name] = setting
    _check(found)
    return Settings(found)


def _read_file(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("Cannot read pathproof.toml.", where=path, got=error, action="mend or delete it") from error
    for name in values:
        if name not in KNOWN:
            raise ConfigError(
                "Unknown setting.",
                where=path,
                got=name,
                allowed=", ".join(KNOWN),
                nearest=nearest(name, KNOWN),
                action="a password never stands here: use $PATHPROOF_STORE_PASSWORD or store_password_file"
                if "password" in name.lower()
                else None,
            )
    return values


def _as(kind: type, value: Any, where: str) -> Any:
    if kind is int and not isinstance(value, bool):
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ConfigError("This setting needs a whole number.", where=where, got=value) from None
    if kind is float and not isinstance(value, bool):
        try:
            return float(value)
        except (TypeError, ValueError):
            raise ConfigError("This setting needs a number.", where=where, got=value) from None
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    if kind is str and isinstance(value, str):
        return value
    raise ConfigError(f"This setting needs a {kind.__name__}.", where=where, got=repr(value))


def _check(found: Mapping[str, Setting]) -> None:
    workers = found["workers"].value
    if workers is not None and workers < 1:
        raise ConfigError("At least one worker is needed.", where=found["workers"].origin, got=workers)
    rmse = found["max_rmse"].value
    if rmse is not None and not 0 < rmse < float("inf"):
        raise ConfigError("The largest fit error must be above 0.", where=found["max_rmse"].origin, got=rmse)
    seed = found["seed"].value
    if not 0 <= seed < 2**31:
        raise ConfigError("The seed must be between 0 and 2^31 - 1.", where=found["seed"].origin, got=seed)
