"""What a validation reads from the tables of a workspace is what a store answers once they are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from pathproof.errors import UsageError, WorkspaceError
from pathproof.graph_schema.store import GraphStore
from pathproof.validate.knowledge import COLUMNS
from pathproof.validate.knowledge_tables import ANSWERS, KnowledgeTables
from pathproof.workspace import Workspace


def test_every_answer_equals_the_stores(both: GraphStore, workspace: Workspace) -> None:
    both.load_knowledge(workspace)
    tables = KnowledgeTables(workspace)
    for name in ANSWERS:
        theirs = both.rows(name)
        assert len(theirs) > 0, name
        assert tables.rows(name) == theirs, name


def test_the_tables_answer_all_that_a_validation_asks() -> None:
    assert set(ANSWERS) == {*COLUMNS, "genes"}


def test_other_queries_and_empty_or_broken_workspaces_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="do not answer this query"):
        KnowledgeTables(workspace).rows("popular-claims")
    with pytest.raises(WorkspaceError, match="pathproof ingest"):
        KnowledgeTables(Workspace.open(tmp_path / "empty"))
    (workspace.knowledge / "nodes" / "Gene.parquet").unlink()
    with pytest.raises(WorkspaceError, match=r"Cannot read Gene\.parquet"):
        KnowledgeTables(workspace).rows("genes")
