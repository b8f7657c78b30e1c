"""Files of which nothing is used, files that were cut at the end of a line, and sets under another set's page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken_world import FILES, outcome, write
from ingest_made import Made
from ingest_slices import COMPOUNDS, EXPRESSION, GMT, HIERARCHY, MODEL_LIST, RESPONSE, TARGETS

from pathproof.errors import DataError
from pathproof.ingest.inputs import FileRead
from pathproof.ingest.report.page import render_page
from pathproof.ingest.report.text import render_text
from pathproof.ingest.report.view import report_of
from pathproof.ingest.sources import msigdb, wikipathways
from pathproof.ingest.sources.base import Source, Tally, find_file
from pathproof.ingest.sources.gmt import read_gmt
from pathproof.ingest.sources.registry import SOURCES, recognise_sets
from pathproof.ingest.sources.together import MIN_ROWS
from pathproof.ingest.used_files import LEAST_ROWS, short_files
from pathproof.workspace import Workspace

HALVED = "cut off at the end of a line"


def _renumbered(text: str) -> str:
    """Compounds under numbers that no screen has."""
    header, *rows = text.splitlines()
    return "\n".join([header, *(f"9{row}" for row in rows), ""])


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        (COMPOUNDS, _renumbered, "Only 0 of 3 screened compounds are known"),
        (TARGETS, _renumbered, "No row of the GDSC drug targets(.|\n)*target list of an unknown compound"),
        (RESPONSE, lambda text: text.replace("SIDM0", "SIDM9"), "Only 0 of 3 screened cell lines are known"),
        (EXPRESSION, lambda text: text.replace("ACH-0", "ACH-9"), "Only 0 of 4 cell lines are known"),
        (EXPRESSION, lambda text: text.replace("ACH-000002", "ACH-000009", 1), "Duplicate|twice"),
    ],
    ids=["compounds", "targets", "screen", "expression", "expression of one line twice"],
)
def test_a_file_that_shares_nothing_with_the_others_is_named(
    file: str, change: Callable[[str], str], words: str, tmp_path: Path
) -> None:
    data = write(tmp_path, {file: change(FILES[file]).encode()})
    with pytest.raises(DataError, match=words) as caught:
        outcome(data)
    assert Path(file).name in str(caught.value.where)
    assert caught.value.action


def test_expression_of_lines_that_no_screen_has(tmp_path: Path) -> None:
    """All its lines are known, and none was screened: no pair is usable."""
    models = FILES[MODEL_LIST] + "SIDM00005,L-5,Lung,Carcinoma,1010,ACH-000005,,\nSIDM00006,L-6,Lung,,,ACH-000006,,\n"
    header = FILES[EXPRESSION].splitlines()[0]
    lines = f"{header}\nACH-000005,0.5,9.0,-1.5,0.25,1\nACH-000006,-0.5,9.0,1.5,0.5,-1\n"
    with pytest.raises(DataError, match="No cell line of any screen has expression") as caught:
        outcome(write(tmp_path, {MODEL_LIST: models.encode(), EXPRESSION: lines.encode()}))
    assert Path(EXPRESSION).name in str(caught.value.where)
    assert "2 cell lines, as sidm:SIDM00005, sidm:SIDM00006" in str(caught.value.got)


def _read(source: Source, rows: int) -> FileRead:
    return FileRead(source, Path("file"), Tally(rows_in=rows, rows_out=rows))


def test_every_source_of_the_extract_declares_its_rows_and_a_half_of_it_is_told(real_made: Made) -> None:
    """The published files are not short; cut at half, every one of them is, also one at a release's full length."""
    by_title = {source.title: source for source in SOURCES}
    assert [entry["title"] for entry in real_made[1]["sources"] if entry["warnings"]] == []
    for entry in real_made[1]["sources"]:
        source = by_title[entry["title"]]
        assert source.rows >= entry["rows_in"], source.title
        assert short_files([_read(source, entry["rows_in"])]) == {}, source.title
        for whole in (entry["rows_in"], source.rows):
            told = short_files([_read(source, whole // 2)])
            assert HALVED in told[source.title], source.title
            assert f"{whole // 2:,} of the {source.rows:,} rows of the published file" in told[source.title]


def test_the_limit_is_a_share_of_the_published_rows() -> None:
    source = next(source for source in SOURCES if source.title == wikipathways.WIKIPATHWAYS.title)
    least = int(np.ceil(LEAST_ROWS * source.rows))
    assert not short_files([_read(source, least)])
    assert short_files([_read(source, least - 1)])
    unknown = [source for source in SOURCES if not source.rows]
    assert unknown
    assert not short_files([_read(one, 1) for one in unknown]), "nothing is known of their size"


def test_short_files_and_unknown_releases_stand_in_the_report(made: Made) -> None:
    report = report_of(made[0])
    text, page = " ".join(render_text(report).split()), render_page(report)
    found = {one["title"]: one for one in report["warnings"]}
    hierarchy = found["Reactome pathway hierarchy"]
    assert hierarchy["file"] == HIERARCHY
    assert hierarchy["text"].startswith("5 of the 22,349 rows of the published file: a part")
    assert "Look at these files first" in text
    assert f"Reactome pathway hierarchy: {hierarchy['text']} ({HIERARCHY})" in text
    assert f"{hierarchy['text']} ({HIERARCHY})" in page
    hashed = next(source for source in report["sources"] if source["file"] == GMT)
    told = f"release not told by the file; its SHA-256 begins with {hashed['sha256'][:12]}"
    assert told in text
    assert told.removeprefix("release ") in page
    assert "release sha256" not in text


def test_a_demonstration_is_as_large_as_it_is(tmp_path: Path) -> None:
    from ingest_slices import write_slices

    from pathproof.ingest.pipeline import ingest

    data, workspace = write_slices(tmp_path / "data"), Workspace.open(tmp_path / "ws")
    manifest: dict[str, Any] = ingest(data, workspace, kind="demonstration")
    assert all(entry["warnings"] == [] for entry in manifest["sources"])


PAGED = {
    msigdb.HALLMARK: ("HALLMARK_SET_{}", "HALLMARK_SET_{}"),
    msigdb.CANONICAL: ("PID_SET_{}", "https://www.gsea-msigdb.org/gsea/msigdb/human/geneset/PID_SET_{}"),
    wikipathways.WIKIPATHWAYS: ("T%WikiPathways_2023%WP{}%Homo sapiens", "http://wikipathways.org/instance/WP{}_r1"),
}


@pytest.mark.parametrize("source", PAGED, ids=[source.title for source in PAGED])
def test_a_set_stands_beside_its_own_page(source: Source, tmp_path: Path) -> None:
    name, page = PAGED[source]
    path = tmp_path / "sets.gmt"
    for by in (0, 1):
        pages = np.roll(np.arange(MIN_ROWS), by)
        rows = (
            f"{name.format(one)}\t{page.format(other)}\tG1\n" for one, other in zip(range(MIN_ROWS), pages, strict=True)
        )
        path.write_text("".join(rows))
        if not by:
            assert len(read_gmt(path, source, Tally())) == MIN_ROWS
    with pytest.raises(DataError, match=r"Columns name and note do not belong together(.|\n)*0% of 40 rows"):
        read_gmt(path, source, Tally())
    path.write_text("".join(f"{name.format(one)}\tna\tG1\n" for one in range(MIN_ROWS)))
    assert len(read_gmt(path, source, Tally())) == MIN_ROWS, "a field that is no page says nothing"


def test_the_real_sets_are_of_their_collection_and_beside_their_pages(real_data: Path) -> None:
    """Each real file is recognised as itself alone, and a move of its pages is seen where it has pages."""
    for source in (one for one in SOURCES if one.sets):
        path = find_file(source, real_data)
        assert path is not None
        sets = read_gmt(path, source, Tally())
        assert recognise_sets([(item.name, item.note) for item in sets]) == source.title
