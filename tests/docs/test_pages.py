"""Pages that are made from the code stay equal to it, and the README's promises hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pathproof.graph_schema.describe import schema_page
from pathproof.ingest.sources.page import sources_page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_on_the_graph_is_the_schema() -> None:
    assert (ROOT / "docs" / "graph.md").read_text(encoding="utf-8") == schema_page()


def test_the_page_on_the_data_is_what_the_readers_declare() -> None:
    assert (ROOT / "docs" / "data.md").read_text(encoding="utf-8") == sources_page()


def test_links_of_the_pages_lead_somewhere() -> None:
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_ci_runs_the_test_command_of_the_readme() -> None:
    steps = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make test" in readme
    assert [line for line in steps.splitlines() if line.startswith("make")] == ["make check", "make test"]


def test_what_is_pinned_lies_in_the_declared_range() -> None:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.lower().split("==") for line in lines if "==" in line)
    wanted = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    missing = [need.name for need in wanted if need.name.lower() not in pins]
    outside = [
        str(need) for need in wanted if need.name.lower() in pins and pins[need.name.lower()] not in need.specifier
    ]
    assert (missing, outside) == ([], [])
