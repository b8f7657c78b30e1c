"""The project's lock file: where each file comes from, what it should be, and under which licence."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pathproof.errors import ConfigError, UsageError, nearest
from pathproof.ingest.sources.base import Source
from pathproof.ingest.sources.registry import SOURCES

_NO_ADDRESS = "the lock file has no address for it"
PACKAGED = Path(__file__).with_name("sources.toml")
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Licence(_Frozen):
    """Terms of a provider; with `accept`, nothing is fetched before the user has accepted them."""

    title: Text
    terms: Text
    accept: bool = False


class Entry(_Frozen):
    """One file to fetch.

    Parameters
    ----------
    source : str
        Name of the source, for `--only`.
    path : str
        Where the readers look for the file, relative to the data folder.
    urls : tuple of str
        The official address, then its mirrors, in the order in which they are tried.
    release, licence : str
        The release that the address names; the key of the licence.
    bytes, about_bytes : int or None
        Size of the download (of the archive, where there is one): exact, or to check the free space with.
    sha256_published : str or None
        Published by the provider: another hash is an error.
    sha256_expected, md5_expected : str or None
        Reported by others: another hash is said, not refused. All hashes are of the file at `path`.
    member : str or None
        Name of the file inside the zip archive that the address leads to.
    note : str or None
        What a user should know before relying on it.
    """

    source: Text
    path: Text
    urls: tuple[Text, ...] = Field(min_length=1)
    release: Text
    licence: Text
    bytes: Annotated[int, Field(gt=0)] | None = None
    about_bytes: Annotated[int, Field(gt=0)] | None = None
    sha256_published: Sha256 | None = None
    sha256_expected: Sha256 | None = None
    md5_expected: Md5 | None = None
    member: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        path = PurePosixPath(self.path)
        if path.is_absolute() or len(path.parts) < 2 or set(path.parts) & {"..", "."} or path.parts[0].startswith("."):
            raise ValueError(f"path {self.path!r} is not a plain path such as folder/file inside the data folder")
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"{url!r} is no web address")
        return self

    @property
    def reader(self) -> Source | None:
        """The source whose reader takes the file at `path`; None when no reader does."""
        plain = self.path.removesuffix(".gz")
        return next((s for s in SOURCES if any(fnmatch.fnmatchcase(plain, pattern) for pattern in s.files)), None)


class LockFile(_Frozen):
    """All files, the licences they come under, and why the other sources have to be got by hand."""

    format: Literal[1]
    licence: dict[str, Licence]
    file: tuple[Entry, ...] = Field(min_length=1)
    by_hand: dict[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [
            f"{entry.path}: licence {entry.licence!r} is not described"
            for entry in self.file
            if entry.licence not in self.licence
        ]
        paths = [entry.path for entry in self.file]
        problems += [f"{path} stands twice" for path in sorted({path for path in paths if paths.count(path) > 1})]
        problems += [f"{entry.path}: no reader looks there" for entry in self.file if entry.reader is None]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def select(self, only: tuple[str, ...]) -> tuple[tuple[Entry, ...], tuple[tuple[Source, str], ...]]:
        """The files of the named sources (all without a name), and the sources got by hand, each with the reason.

        Raises
        ------
        UsageError
            For a name that no source has.
        """
        fetched = [entry.reader for entry in self.file]
        others = [source for source in SOURCES if source not in fetched]
        names = dict.fromkeys([*(entry.source for entry in self.file), *(source.name for source in others)])
        _refuse_unknown("--only", only, list(names), "source")
        return (
            tuple(entry for entry in self.file if not only or entry.source in only),
            tuple((s, self.by_hand.get(s.title, _NO_ADDRESS)) for s in others if not only or s.name in only),
        )

    def check_accepted(self, accepted: tuple[str, ...]) -> None:
        """Refuse the name of a licence that is not asked for here."""
        _refuse_unknown("--accept-licence", accepted, [k for k, v in self.licence.items() if v.accept], "licence")


def _refuse_unknown(flag: str, given: tuple[str, ...], known: list[str], what: str) -> None:
    for name in given:
        if name not in known:
            raise UsageError(
                f"Unknown {what}.",
                where=flag,
                got=name,
                allowed=", ".join(known),
                nearest=nearest(name, known),
                action="`pathproof fetch --list` shows what can be fetched",
            )


def read_lock(path: Path = PACKAGED) -> LockFile:
    """Read a lock file (TOML).

    Raises
    ------
    ConfigError
        With every problem of the file at once.
    """
    try:
        return LockFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            "Cannot read the lock file.", where=path, got=error, action="give a readable TOML file with --lock"
        ) from error
    except ValidationError as error:
        raise ConfigError(
            f"The lock file has {error.error_count()} problem(s).",
            where=path,
            got="; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()),
            action="mend the lines; the lock file of the project is an example",
        ) from error
