"""The data report says what the manifest says, in every form, and escapes what files may hold."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ingest_made import Made

from pathproof.errors import WorkspaceError
from pathproof.ingest.report.page import render_page
from pathproof.ingest.report.text import WIDTH, percent, render_text
from pathproof.ingest.report.view import SCHEMA_VERSION, USABLE, data_report, report_of
from pathproof.ingest.report.writing import FILES, write_data_report
from pathproof.ingest.sources.registry import SOURCES
from pathproof.workspace import Workspace

AGREEMENT = pd.DataFrame(
    {
        "molecule": "m",
        "name": "Selumetinib",
        "screen_a": "gdsc2",
        "drug_a": "gdsc.drug:1736",
        "screen_b": "ccle",
        "drug_b": "ccle.drug:azd6244",
        "measure": ["ln_ic50", "area"],
        "n_lines": [188, 12],
        "spearman": [-0.4567, None],
        "low": [-0.55, None],
        "high": [-0.33, None],
    }
)


@pytest.fixture
def report(made: Made) -> dict[str, Any]:
    """The report on the slices."""
    return report_of(made[0])


def test_the_report_has_the_numbers_of_the_manifest(made: Made, report: dict[str, Any]) -> None:
    manifest = made[1]
    assert report["schema_version"] == SCHEMA_VERSION
    assert [source["title"] for source in report["sources"]] == [entry["title"] for entry in manifest["sources"]]
    for source, entry in zip(report["sources"], manifest["sources"], strict=True):
        assert source["rows_in"] == source["rows_out"] + source["dropped"]
        assert {row["reason"]: row["rows"] for row in source["lost"]} == entry["dropped"]
        assert {row["reason"]: row["rows"] for row in source["noted"]} == entry["noted"]
        assert source["mapping"] == entry["mapping"]
    assert report["totals"]["dropped"] == sum(loss["rows"] for loss in report["losses"])
    assert report["totals"]["dropped"] == sum(sum(entry["dropped"].values()) for entry in manifest["sources"])
    rows = [loss["rows"] for loss in report["losses"]]
    assert rows == sorted(rows, reverse=True)


def test_each_screen_has_a_funnel_with_one_usable_step(made: Made, report: dict[str, Any]) -> None:
    assert [funnel["screen"] for funnel in report["funnels"]] == [screen["screen"] for screen in made[1]["screens"]]
    for funnel in report["funnels"]:
        first = funnel["steps"][0]
        assert [step["step"] for step in funnel["steps"] if step["usable"]] == [USABLE]
        assert (first["share"], first["lost"]) == (1.0, 0)
        assert all(step["lost"] == first["pairs"] - step["pairs"] >= 0 for step in funnel["steps"])


def test_what_is_absent_is_named_with_its_cost(report: dict[str, Any]) -> None:
    here = {source["title"] for source in report["sources"]}
    absent = {source["title"]: source for source in report["absent"]}
    assert here | set(absent) == {source.title for source in SOURCES}
    assert not here & set(absent)
    assert absent
    for source in SOURCES:
        if source.title in absent:
            assert source.gives in absent[source.title]["cost"]
            assert absent[source.title]["get_from"] == source.get_from


def test_agreement_is_one_row_for_each_two_drugs(made: Made) -> None:
    (row,) = data_report(made[1], AGREEMENT)["agreement"]["drugs"]
    assert (row["screen_a"], row["drug_b"]) == ("gdsc2", "ccle.drug:azd6244")
    assert row["ln_ic50"] == {"n_lines": 188, "spearman": -0.457, "low": -0.55, "high": -0.33}
    assert row["area"] == {"n_lines": 12, "spearman": None, "low": None, "high": None}
    page = render_page({**data_report(made[1], AGREEMENT), "agreement": _summarised(made[1])})
    assert "GDSC2 and CCLE, drug by drug (1)" in page
    assert "−0.46 [−0.55, −0.33]" in page


def _summarised(manifest: dict[str, Any]) -> dict[str, Any]:
    row = {"screen_a": "gdsc2", "screen_b": "ccle", "measure": "area", "min_lines": 20, "drug_pairs": 3}
    row |= {"drug_pairs_with_enough_lines": 1, "lower_quartile": 0.1, "median": 0.25, "upper_quartile": None}
    return {**data_report(manifest, AGREEMENT)["agreement"], "summary": [row]}


def test_the_text_fits_a_terminal_and_names_every_loss(made: Made, report: dict[str, Any]) -> None:
    text = render_text({**report, "agreement": _summarised(made[1])})
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "GDSC2 and CCLE" in text
    assert "0.10 / 0.25 / -" in text
    flat = " ".join(text.split())
    for source in report["sources"]:
        assert source["title"] in flat
        for row in source["lost"]:
            assert f"left out: {row['rows']:,} {row['reason']}" in flat
        for row in source["noted"]:
            assert f"noted: {row['rows']:,} {row['reason']}" in flat


class _Reader(HTMLParser):
    """Tags that are open, all attributes, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_asks_no_network(made: Made, report: dict[str, Any]) -> None:
    page = render_page({**report, "agreement": _summarised(made[1])})
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    assert "<script" not in page
    assert "url(" not in page
    assert not [
        value for name, value in reader.attributes if name in ("src", "href") and not str(value).startswith("#")
    ]
    targets = {value for name, value in reader.attributes if name == "id"}
    assert {str(value)[1:] for name, value in reader.attributes if name == "href"} <= targets
    for source in report["sources"]:
        assert source["title"] in reader.text
        assert source["sha256"] in reader.text
    for loss in report["losses"]:
        assert f"{loss['rows']:,}" in reader.text
        assert loss["reason"] in reader.text
    assert len(page.encode()) < 500_000


def test_what_a_file_holds_cannot_become_markup(made: Made) -> None:
    manifest = deepcopy(made[1])
    entry = manifest["sources"][0]
    entry["dropped"] = {"<b>bold</b>": 1}
    entry["examples"] = {"<b>bold</b>": ["<img src=x onerror=alert(1)>"]}
    entry["file"] = '"><script>alert(1)</script>'
    page = render_page(data_report(manifest, AGREEMENT))
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>bold" not in page


def test_a_demonstration_says_so_in_every_form(made: Made) -> None:
    report = data_report({**made[1], "kind": "demonstration"}, AGREEMENT)
    assert "SIMULATED" in render_text(report).splitlines()[0]
    assert "SIMULATED" in render_page(report)
    assert all(source["terms"] == "" for source in report["sources"])


def test_equal_reports_give_equal_bytes_and_no_half_file(report: dict[str, Any], tmp_path: Path) -> None:
    first = write_data_report(report, tmp_path / "a")
    second = write_data_report(report, tmp_path / "b")
    assert sorted(first) == sorted(FILES)
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in second.values()]
    assert json.loads(first["data-report.json"].read_text()) == json.loads(json.dumps(report))
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(FILES)
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="Cannot write"):
        write_data_report(report, tmp_path / "file")


def test_nothing_to_report_on_is_said(tmp_path: Path, made: Made) -> None:
    empty = Workspace.open(tmp_path / "ws")
    with pytest.raises(WorkspaceError, match=r"manifest\.json"):
        report_of(empty)
    (empty.root / "manifest.json").write_text((made[0].root / "manifest.json").read_text())
    with pytest.raises(WorkspaceError, match=r"agreement\.parquet(.|\n)*ingest"):
        report_of(empty)


def test_nearly_all_is_not_said_to_be_all() -> None:
    assert [percent(value) for value in (None, 0, 1, 0.998, 0.5, 0.0004)] == [
        *("", "0\u00a0%", "100\u00a0%", "99.8\u00a0%", "50.0\u00a0%", "0.0\u00a0%")
    ]


def test_the_styles_of_the_page_are_its_own_names(report: dict[str, Any]) -> None:
    page = render_page(report)
    used = {name for value in re.findall(r'class="([^"]+)"', page) for name in value.split()}
    assert used <= set(re.findall(r"\.([a-z][\w-]*)", page.split("</style>")[0])) | {"in"}
