"""The workspace: nothing half-written ever stands under a final name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pathproof.errors import UsageError, WorkspaceError
from pathproof.workspace import Workspace, content_key, require_outside, write_json, write_text


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"x": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, {"x": float("nan")})
    assert json.loads(path.read_text()) == {"x": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_step_that_breaks_is_not_done_and_leaves_nothing(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    with pytest.raises(KeyboardInterrupt), workspace.writing_step("train", "k1") as folder:
        write_text(folder / "half.txt", "half")
        raise KeyboardInterrupt
    assert not workspace.is_done("train", "k1")
    assert list((workspace.root / "steps" / "train").iterdir()) == []
    with workspace.writing_step("train", "k1") as folder:
        write_text(folder / "whole.txt", "whole")
    assert workspace.is_done("train", "k1")
    assert (workspace.step("train", "k1") / "whole.txt").read_text() == "whole"


def test_a_workspace_inside_the_data_folder_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "link").symlink_to(data)
    for inside in (data, data / "ws", tmp_path / "link/a/ws", data / "gdsc/../ws"):
        with pytest.raises(UsageError, match="inside the data folder") as caught:
            require_outside(inside, data)
        assert "--workspace DIR" in str(caught.value.action)
    for outside in (tmp_path / "ws", tmp_path / "data-ws", tmp_path):  # the demonstration's files lie in the workspace
        require_outside(outside, data)
    require_outside(data, None)


def test_another_folder_is_not_taken_for_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("precious")
    with pytest.raises(WorkspaceError, match="not empty"):
        Workspace.open(tmp_path)
    with pytest.raises(WorkspaceError, match="no workspace here"):
        Workspace.open(tmp_path / "new", create=False)
    write_json(tmp_path / "old" / "workspace.json", {"format": 99})
    with pytest.raises(WorkspaceError, match="another version"):
        Workspace.open(tmp_path / "old")


def test_a_workspace_can_be_moved(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "a")
    with workspace.writing_step("s", "k"):
        pass
    (tmp_path / "a").rename(tmp_path / "b")
    assert Workspace.open(tmp_path / "b", create=False).is_done("s", "k")


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError, match="Cannot write|not a PathProof workspace"):
        Workspace.open(tmp_path / "file" / "ws")


def test_only_one_writer(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "ws")
    with workspace.lock():
        with pytest.raises(WorkspaceError, match="Another pathproof process"), Workspace.open(tmp_path / "ws").lock():
            pass
    with workspace.lock():
        pass


def test_content_key_is_stable_and_order_free() -> None:
    assert (
        content_key({"a": 1, "b": [2, 3]}) == content_key({"b": [2, 3], "a": 1}) != content_key({"a": 1, "b": [3, 2]})
    )
    with pytest.raises(ValueError, match="JSON compliant"):
        content_key(float("nan"))
