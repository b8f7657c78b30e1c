"""docs/add-a-source.md: its example is the module itself, and what its steps name is there."""

from __future__ import annotations

import re
from pathlib import Path

from pathproof.graph_schema.schema import NODE_BY_LABEL
from pathproof.ingest.builder import Builder
from pathproof.ingest.sources.registry import ADDITIONS, SOURCES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "add-a-source.md").read_text(encoding="utf-8")


def test_the_example_is_the_module() -> None:
    (file, code) = re.search(r"<!-- (\S+) -->\n```python\n(.*?)```\n", PAGE, re.DOTALL).groups()  # type: ignore[union-attr]
    assert code == (ROOT / file).read_text(encoding="utf-8")


def test_every_path_and_name_of_the_page_is_there() -> None:
    steps = PAGE.partition("## The example")[0]
    paths = set(re.findall(r"`((?:ingest|docs|tests|graph_schema)/[\w./-]+)`", steps))
    assert len(paths) > 5
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    assert "`ADDITIONS`" in steps
    assert hasattr(Builder, "known_drugs")


def test_each_addition_is_optional_and_one_of_the_sources() -> None:
    assert {addition.source.title for addition in ADDITIONS} <= {source.title for source in SOURCES}
    assert all(addition.source.optional for addition in ADDITIONS)
    assert "wikipathways" in NODE_BY_LABEL["Pathway"].sources
