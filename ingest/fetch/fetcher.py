"""A data folder and what is to be in it: look, fetch, check, and only then give a file its name."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pathproof.errors import DataError, UsageError
from pathproof.ingest.fetch.client import Client, Refused, megabytes
from pathproof.ingest.fetch.content import Digest, check_content, check_size, digest, looks_cut, unpack
from pathproof.ingest.fetch.lockfile import Entry, LockFile
from pathproof.ingest.fetch.part import Part, sync
from pathproof.ingest.fetch.record import NAME, Fetched, Record, alone, now
from pathproof.ingest.sources.base import Progress, Source, find_file, no_progress
from pathproof.workspace import content_key

SPARE = 100_000_000
_IF_RIGHT = f"; if the change is right, first delete the entry of the file in {NAME}"


@dataclass(frozen=True)
class Standing:
    """How one file stands before anything is fetched.

    Parameters
    ----------
    entry : Entry
    state : {"there", "other", "missing"}
        "other": the readers find another file (another release, compressed, got by hand), which is kept.
    path : Path
        The file that is there, or where it will be.
    notes : tuple of str
        What a user should know.
    found : Digest or None
        Size and hashes of the file that is there.
    """

    entry: Entry
    state: Literal["there", "other", "missing"]
    path: Path
    notes: tuple[str, ...] = ()
    found: Digest | None = None


class Fetcher:
    """Brings the files of a lock file into a data folder.

    Parameters
    ----------
    lock : LockFile
    data : Path
        The data folder; unfinished files lie in its folder `.part`.
    client : Client, optional
    offline : bool
        Open no connection and write nothing: what is missing is an error.
    """

    def __init__(self, lock: LockFile, data: Path, client: Client | None = None, *, offline: bool = False) -> None:
        self.lock = lock
        self.data = data
        self.offline = offline
        self._client = client or Client()
        self._parts = data / ".part"
        self._record = Record.read(data)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder against a second fetch."""
        with nullcontext() if self.offline else alone(self._parts):
            self._record = Record.read(self.data)  # as another fetch may just have left it
            yield

    def accept(self, licences: Iterable[str]) -> None:
        """Record that the user accepts these licences for this folder."""
        names = [name for name in licences if name not in self._record.accepted]
        if names and not self.offline:
            self._record.accepted.update(dict.fromkeys(names, now()))
            self._record.write(self.data)

    def standing(self, entry: Entry) -> Standing:
        """How a file stands; a file whose hash is not the recorded or published one is an error.

        Raises
        ------
        DataError
        """
        target = self.data / entry.path
        read = None if entry.reader is None else self._read_file(entry.reader)
        if not target.is_file():
            if read is None:
                return Standing(entry, "missing", target)
            return Standing(entry, "other", read, (f"kept as it is; move it away to fetch {entry.path}",))
        known = self._record.files.get(entry.path)
        found = digest(target)
        try:
            if known is None:
                check_content(target, entry)
            _check_hash(entry, found, known)
        except Refused as reason:
            raise DataError(
                f"{entry.path} is not what it should be: {reason}",
                where=target,
                action="move it away and run `pathproof fetch` again",
            ) from reason
        notes = _differences(entry, found) if known is None else []
        if notes:
            notes.append(f"so it may be of another release, and is kept; move it away to fetch release {entry.release}")
        if known is not None and known.url is not None and known.release != entry.release:
            notes.append(f"release {known.release}; move it away to fetch release {entry.release}")
        if read is not None and read != target:
            notes.append(f"the readers take {read.relative_to(self.data)} before it")
        return Standing(entry, "there", target, tuple(notes), found)

    def adopt(self, standing: Standing) -> None:
        """Record a file that lay there already, so that it is held from now on."""
        if standing.found is not None and standing.entry.path not in self._record.files and not self.offline:
            self._remember(standing.entry, standing.found, None)

    def missing_by_hand(self, sources: Iterable[tuple[Source, str]]) -> list[tuple[Source, str]]:
        """Those of the sources that are not in the folder."""
        return [pair for pair in sources if self._read_file(pair[0]) is None]

    def _read_file(self, source: Source) -> Path | None:
        return find_file(replace(source, optional=True), self.data)

    def check_allowed(self, entry: Entry) -> None:
        """Refuse to fetch offline, and a file whose licence has to be accepted and was not.

        Raises
        ------
        DataError, UsageError
        """
        if self.offline:
            raise DataError(
                f"{entry.path} is missing.",
                where=self.data / entry.path,
                action="run `pathproof fetch` without --offline",
            )
        licence = self.lock.licence[entry.licence]
        if licence.accept and entry.licence not in self._record.accepted:
            raise UsageError(
                f"{entry.path} is not fetched before you have accepted its licence.",
                got=f"{licence.title}; see {licence.terms}",
                action=f"read it, then add --accept-licence {entry.licence}",
            )

    def check_space(self, entries: Iterable[Entry]) -> None:
        """Refuse to start where the disk has no room for all files.

        Raises
        ------
        DataError
        """
        wanted = 0
        for entry in entries:
            here = max(self._part(entry, url).size for url in entry.urls)
            wanted += max(0, (entry.bytes or entry.about_bytes or 0) - here)
        self._room(wanted)

    def fetch(self, entry: Entry, progress: Progress = no_progress) -> tuple[Path, list[str]]:
        """Fetch one file: its mirrors in order, checked, recorded, and only then under its name.

        Returns
        -------
        tuple of Path and list of str
            The file, and what a user should know about it.

        Raises
        ------
        DataError
            With every address and why it did not give the file.
        UsageError
            When the licence was not accepted.
        """
        self.check_allowed(entry)
        target = self.data / entry.path
        failures = []
        for url in entry.urls:
            part = self._part(entry, url)
            try:
                self._client.download(url, part, progress, self._room)
                ready, found = self._checked(entry, part)
            except Refused as reason:
                failures.append(f"{url}: {reason}")
                continue
            except OSError as error:
                raise DataError(
                    f"Cannot write {entry.path}: {error.strerror or error}",
                    where=error.filename or part.path,
                    action="free some space, or check the rights of the folder; the same command goes on from there",
                ) from error
            self._remember(entry, found, url)
            self._install(ready, target)
            self._clear(entry)
            return target, _differences(entry, found)
        raise DataError(
            f"{entry.path} could not be fetched.",
            where=target,
            got="; ".join(failures),
            action=f"download it by hand ({entry.urls[0]}) to the path above, then run the same command again",
        )

    def _part(self, entry: Entry, url: str) -> Part:
        # One unfinished file for each address: bytes of two mirrors are never joined.
        return Part(self._parts / f"{self._stem(entry)}.{content_key(url)[:8]}")

    def _stem(self, entry: Entry) -> str:
        return entry.path.replace("/", "__")

    def _room(self, wanted: int) -> None:
        free = shutil.disk_usage(next(folder for folder in (self.data, *self.data.parents) if folder.is_dir())).free
        if wanted + SPARE > free:
            raise DataError(
                "There is not enough free space.",
                where=self.data,
                got=f"{megabytes(free)} free",
                allowed=f"at least {megabytes(wanted + SPARE)} (the files and {megabytes(SPARE)} to spare)",
                action="free some space, choose another folder with --data, or fetch less with --only",
            )

    def _checked(self, entry: Entry, part: Part) -> tuple[Path, Digest]:
        """The finished file with its digest; what is wrong is kept aside as *.rejected."""
        ready = part.path
        try:
            check_size(part.size, entry)
            if entry.member is not None:
                ready = part.path.with_name(part.path.name + ".unpacked")
                unpack(part.path, entry.member, ready, self._room)
            check_content(ready, entry)
            found = digest(ready)
            _check_hash(entry, found, self._held(entry))
        except Refused as reason:
            rejected = self._parts / f"{self._stem(entry)}.rejected"
            if ready != part.path:
                ready.unlink(missing_ok=True)
            part.path.replace(rejected)
            part.discard()
            raise Refused(f"{reason} (kept as {rejected})") from reason
        return ready, found

    def _held(self, entry: Entry) -> Fetched | None:
        """What a download has to equal: what was fetched before in this release (not what lay there by itself)."""
        known = self._record.files.get(entry.path)
        return known if known is not None and known.url is not None and known.release == entry.release else None

    def _remember(self, entry: Entry, found: Digest, url: str | None) -> None:
        self._record.files[entry.path] = Fetched(
            source=entry.source,
            release=entry.release if url else f"sha256:{found.sha256[:12]}",
            licence=self.lock.licence[entry.licence].title,
            url=url,
            bytes=found.bytes,
            sha256=found.sha256,
            on=now(),
        )
        self._record.write(self.data)

    def _install(self, ready: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        sync(ready)
        ready.replace(target)
        sync(target.parent)

    def _clear(self, entry: Entry) -> None:
        for left in self._parts.glob(f"{self._stem(entry)}.*"):
            left.unlink()


def _check_hash(entry: Entry, found: Digest, known: Fetched | None) -> None:
    for whose, wanted, action in (
        ("the provider publishes", entry.sha256_published, ""),
        ("when it was first fetched it was", known and known.sha256, _IF_RIGHT),
    ):
        if wanted and wanted != found.sha256:
            raise Refused(f"its SHA-256 is {found.sha256}; {whose} {wanted}{action}")


def _differences(entry: Entry, found: Digest) -> list[str]:
    """Where the file differs from what others reported; not an error, for nobody has confirmed it."""
    notes = []
    for name, wanted, got in (
        ("SHA-256", entry.sha256_expected, found.sha256),
        ("MD5", entry.md5_expected, found.md5),
    ):
        if wanted is not None and wanted != got:
            notes.append(f"{entry.path}: its {name} is {got}; others report {wanted} for release {entry.release}")
    known = entry.sha256_published or entry.sha256_expected or entry.md5_expected
    if entry.bytes is not None and entry.member is None and entry.bytes != found.bytes and (notes or not known):
        notes.append(f"{entry.path}: it has {found.bytes:,} bytes; others report {entry.bytes:,}")
    if entry.about_bytes is not None and entry.member is None and looks_cut(found.bytes, entry.about_bytes):
        usual = f"about {entry.about_bytes:,} are usual: look whether it is whole"
        notes.append(f"{entry.path}: it has {found.bytes:,} bytes, {usual}")
    return notes
