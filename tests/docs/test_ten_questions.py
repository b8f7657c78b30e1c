"""The ten questions of docs/graph.md: the commands are those of the example, the answers on knowledge come again."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pathproof.graph_schema.queries import load_query
from pathproof.graph_schema.store import open_store
from pathproof.workspace import Workspace, read_json

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """examples/ten_questions.py as a module."""
    spec = importlib.util.spec_from_file_location("ten_questions", ROOT / "examples" / "ten_questions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ten_questions"] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def recorded(example: ModuleType) -> dict[str, str]:
    """Title of each question in docs/graph.md -> its section."""
    text = (ROOT / "docs" / "graph.md").read_text(encoding="utf-8").partition(example.BEGIN)[2]
    parts = re.split(r"^(?=##+ )", text, flags=re.MULTILINE)
    parts = [part for part in parts if part.startswith("### ")]
    return {part.splitlines()[0].removeprefix("### "): part.rstrip("\n") + "\n" for part in parts}


def test_the_page_asks_what_the_example_asks(example: ModuleType, recorded: dict[str, str]) -> None:
    asked = [one for one in example.QUESTIONS if one.title in recorded]
    assert [one.title for one in asked] == list(recorded)
    assert [one.of for one in asked[:10]] == ["knowledge"] * 10
    for one in asked:
        assert f"$ {one.command}\n" in recorded[one.title]
        query = load_query(one.words[0])
        query.bind(dict(word.split("=", 1) for word in one.words[1:]))
        head = recorded[one.title].splitlines()[4]
        assert head.split() == list(query.columns), one.title


@pytest.mark.slow
@pytest.mark.real_data
def test_the_answers_on_knowledge_come_again(
    example: ModuleType, recorded: dict[str, str], real_made: tuple[Workspace, dict[str, Any]], tmp_path: Path
) -> None:
    workspace = Workspace.open(shutil.copytree(real_made[0].root, tmp_path / "ws"))
    asked = [one for one in example.QUESTIONS if one.of == "knowledge"]
    page = (ROOT / "docs" / "graph.md").read_text(encoding="utf-8").partition(example.BEGIN)[2]
    assert re.findall(r"with key `(\w+)`", page) == [read_json(workspace.root / "manifest.json")["key"]]
    with open_store(None, workspace) as store:  # the questions attach to its server
        store.load_knowledge(workspace)
        for one in asked:
            assert example.section(one, example.answer(one, workspace.root)) == recorded[one.title]
