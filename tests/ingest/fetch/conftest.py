"""A server on loopback, an empty data folder, and entries of a lock file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fetch_bench import PATH, Bench
from fetch_server import Unreliable, unreliable_server

from pathproof.ingest.fetch.lockfile import Entry


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[Unreliable]:
    """Started for one test."""
    with unreliable_server() as served:
        yield served


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty data folder."""
    return Bench(tmp_path / "data")


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """An entry for the table that the tests fetch, from these addresses."""

    def make(*urls: str, **facts: Any) -> Entry:
        return Entry(**{"source": "collectri", "path": PATH, "urls": urls, "release": "1", "licence": "free", **facts})

    return make
