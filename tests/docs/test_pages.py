"""Pages that are made from the code stay equal to it, and the README's promises hold."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pathproof.graph_schema.describe import END, schema_page
from pathproof.graph_schema.schema import EDGES
from pathproof.ingest.report.sources_page import sources_page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_on_the_graph_is_the_schema() -> None:
    schema, end, _ = (ROOT / "docs" / "graph.md").read_text(encoding="utf-8").partition("\n" + END)
    assert end
    assert schema == schema_page()


def test_the_drawings_show_every_kind_of_relationship_and_nothing_else() -> None:
    arrows = re.findall(r'^  (\w+) -- "([^"]+)" --> (\w+)$', schema_page(), re.MULTILINE)
    drawn = {(type_, start, end) for start, types, end in arrows for type_ in types.split(", ")}
    assert drawn == {(kind.type, "_".join(kind.start), "_".join(kind.end)) for kind in EDGES}
    boxes = set(re.findall(r'^  (\w+)\["', schema_page(), re.MULTILINE))
    assert boxes == {box for _, start, end in drawn for box in (start, end)}


def test_the_page_shows_units_values_and_sources() -> None:
    page = schema_page()
    assert "| `ln_ic50` | float | yes | ln uM |  | natural log of the fitted half-maximal concentration |" in page
    assert "| `sign` | int | yes |  | `1`, `-1` | +1 activates, -1 inhibits |" in page
    assert "| `evidence_item` | str | yes |  | id of an EvidenceItem |" in page
    assert "| `rating` | int |  |  | 1 to 5 |" in page
    sources = "`gdsc.targets`, `dgidb`, `ccle`, `prism`"
    assert f"The gene's product is a direct target of the drug. Sources: {sources}." in page


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


def test_the_readme_counts_the_queries_of_the_library() -> None:
    told = re.search(r"(\d+) questions in Cypher", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert told is not None
    assert int(told.group(1)) == len(list((ROOT / "graph_schema" / "cypher").glob("*.cypher")))
