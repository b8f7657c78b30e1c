"""The slices, ingested once."""

from __future__ import annotations

import pytest
from ingest_made import Made
from ingest_slices import write_slices

from pathproof.ingest.pipeline import ingest
from pathproof.workspace import Workspace


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("golden")
    workspace = Workspace.open(root / "ws")
    return workspace, ingest(write_slices(root / "data"), workspace)
