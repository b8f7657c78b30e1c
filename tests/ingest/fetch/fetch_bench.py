"""A data folder and a fetch into it that waits for nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pathproof.ingest.fetch.client import Client, Patience
from pathproof.ingest.fetch.fetcher import Fetcher
from pathproof.ingest.fetch.lockfile import Entry, Licence, LockFile

PATH = "omnipath/CollecTRI_regulons.csv"
BODY = (
    "source,target,weight\n" + "".join(f"TF{n % 700},GENE{n},{1 if n % 3 else -1}\n" for n in range(20_000))
).encode()
HASTY = Patience(attempts=3, connect=2, read=0.4, first_wait=0.5, longest_wait=8, redirects=4, between_requests=0)


@dataclass
class Bench:
    """A data folder, and a fetcher of one file into it."""

    data: Path
    slept: list[float] = field(default_factory=list)

    def fetcher(self, *entries: Entry, **options: Any) -> Fetcher:
        """A fetcher of these files."""
        licences = {
            "free": Licence(title="Free", terms="https://example.org/free"),
            "strict": Licence(title="Strict", terms="https://example.org/strict", accept=True),
        }
        lock = LockFile(format=1, licence=licences, file=entries)
        return Fetcher(lock, self.data, Client(HASTY, self.slept.append), **options)

    def fetch(self, entry: Entry) -> list[str]:
        """Fetch one file with a new fetcher; what a user should know about it."""
        path, notes = self.fetcher(entry).fetch(entry)
        assert path == self.data / entry.path
        return notes

    def files(self) -> dict[str, bytes]:
        """Everything in the folder but the lock and the record, with its content."""
        return {
            path.relative_to(self.data).as_posix(): path.read_bytes()
            for path in sorted(self.data.rglob("*"))
            if path.is_file() and path.name not in ("lock", "pathproof-fetch.lock.json")
        }

    def names(self) -> list[str]:
        """As `files`, with the part of a name that stands for an address left out."""
        return sorted({name.split(".csv.")[0] + ".csv" if ".part/" in name else name for name in self.files()})
