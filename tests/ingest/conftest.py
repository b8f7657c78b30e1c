"""The slices and the real files, each ingested once."""

from __future__ import annotations

from pathlib import Path

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


@pytest.fixture(scope="session")
def real_made(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    workspace = Workspace.open(tmp_path_factory.mktemp("real") / "ws")
    return workspace, ingest(real_data, workspace)
