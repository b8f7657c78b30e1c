"""What a folder of files holds, said source by source, without writing anything."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from ingest_slices import CIVIC, COMPOUNDS, DGIDB, EXPRESSION, FILES, GMT, MODEL, OMNIPATH, RESPONSE, write_slices
from typer.testing import CliRunner

from pathproof.cli.data_commands import data_app
from pathproof.errors import DataError
from pathproof.ingest.report.check import check_folder
from pathproof.ingest.report.folder import Finding, require_all
from pathproof.ingest.sources.registry import SOURCES

QUICK = pytest.mark.parametrize("quick", [True, False], ids=["quick", "full"])


def finding(data: Path, file: str, quick: bool) -> Finding:
    """What is said of the source that looks for this file."""
    plain = Path(file)
    return next(
        found for found in check_folder(data, quick=quick).findings if any(plain.match(p) for p in found.source.files)
    )


@QUICK
def test_a_sound_folder(quick: bool, tmp_path: Path) -> None:
    data = write_slices(tmp_path)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in data.rglob("*")}
    look = check_folder(data, quick=quick)
    assert [found.source for found in look.findings] == list(SOURCES)
    assert {found.state for found in look.findings} == {"found", "absent"}
    assert (look.joint, look.unread) == ((), ())
    assert all(found.bytes == found.path.stat().st_size for found in look.findings if found.path and found.bytes)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in data.rglob("*")} == before


@QUICK
def test_every_state_has_its_sources(quick: bool, tmp_path: Path) -> None:
    changes: dict[str, str | bytes | None] = {RESPONSE: None, GMT: "<html>", DGIDB: None, EXPRESSION: ""}
    data = write_slices(tmp_path, changes)
    (data / "gdsc" / "GDSC2_fitted_dose_respons.csv").write_text("x")
    missing = finding(data, RESPONSE, quick)
    assert (missing.state, missing.nearest) == ("missing", "gdsc/GDSC2_fitted_dose_respons.csv")
    assert missing.fetch == "gdsc --accept-licence sanger"
    fetched = {one.fetch for one in check_folder(data, quick=quick).findings}
    assert fetched >= {"reactome", "cell_lines", "cell_lines --accept-licence sanger"}
    assert finding(data, GMT, quick).state == "broken"
    assert "web page" in str(finding(data, GMT, quick).problem)
    assert finding(data, DGIDB, quick).state == "absent"
    assert finding(data, EXPRESSION, quick).state == "broken"
    assert check_folder(data, quick=quick).unread == ("gdsc/GDSC2_fitted_dose_respons.csv",)


def test_a_quick_look_sees_the_first_rows_and_the_full_read_all(tmp_path: Path) -> None:
    early = write_slices(tmp_path / "early", {RESPONSE: FILES[RESPONSE].replace(",1.25,", ",high,")})
    assert finding(early, RESPONSE, True).state == "broken"
    rows = FILES[RESPONSE].splitlines()
    late = "\n".join([rows[0], *(rows[1].replace("SIDM00001", f"SIDM{n}") for n in range(100_000, 101_500)), "cut,off"])
    data = write_slices(tmp_path / "late", {RESPONSE: late})
    assert finding(data, RESPONSE, True).state == "found"
    assert finding(data, RESPONSE, False).state == "broken"


@QUICK
def test_two_files_of_one_source_are_broken_and_not_missing(quick: bool, tmp_path: Path) -> None:
    data = write_slices(tmp_path)
    (data / (COMPOUNDS + ".gz")).write_bytes(gzip.compress(FILES[COMPOUNDS].encode()))
    assert finding(data, COMPOUNDS, quick).state == "broken"


def test_what_only_the_joins_show_is_a_joint_problem_or_the_file_s(tmp_path: Path) -> None:
    data = write_slices(tmp_path, {MODEL: FILES[MODEL].replace("SIDM0000", "SIDM0900")})
    assert all(found.state in ("found", "absent") for found in check_folder(data, quick=True).findings)


@pytest.mark.parametrize(
    ("changes", "words", "code"),
    [
        ({}, ["All files that are needed are there", "absent"], 0),
        ({DGIDB: None}, ["absent: DGIdb", "fetch: pathproof fetch --data", "--only dgidb"], 0),
        ({CIVIC: None}, ["missing: CIViC", "civicdb.org", "1 file(s) missing, 0 problem(s)"], 3),
        ({GMT: "<html>"}, ["broken", "web page", "0 file(s) missing, 1 problem(s)"], 3),
    ],
)
def test_the_command_ends_with_the_right_code(
    changes: dict[str, str | bytes | None], words: list[str], code: int, tmp_path: Path
) -> None:
    data = write_slices(tmp_path, changes)
    done = CliRunner().invoke(data_app, ["check", "--quick", str(data)], standalone_mode=False)
    assert done.return_value == code
    for word in words:
        assert word in done.output


def test_all_missing_files_are_named_at_once(tmp_path: Path) -> None:
    data = write_slices(tmp_path, {CIVIC: None, OMNIPATH: None, GMT: None, DGIDB: None})
    with pytest.raises(DataError, match="3 files that are needed are missing") as caught:
        require_all(data)
    told = str(caught.value)
    for word in (
        "ClinicalEvidenceSummaries.tsv",
        "ReactomePathways.gmt",
        "omnipath_signed_directed.tsv",
        "fetch --data",
    ):
        assert word in told
    assert "dgidb" not in told
    assert "did you mean" not in told


def test_a_whole_folder_and_one_missing_file_are_the_readers_matter(tmp_path: Path) -> None:
    require_all(write_slices(tmp_path / "whole"))
    require_all(write_slices(tmp_path / "one", {CIVIC: None}))
    require_all(tmp_path / "nowhere")


@pytest.mark.parametrize("asked", ["gdsc", ".."])
def test_the_folder_above_or_below_is_named(asked: str, tmp_path: Path) -> None:
    data = write_slices(tmp_path / "data")
    with pytest.raises(DataError, match=f"did you mean: .*{tmp_path.name}.data"):
        require_all(data / asked)
    told = CliRunner().invoke(data_app, ["check", "--quick", str(data / asked)], standalone_mode=False)
    assert told.return_value == 3
    assert f"did you mean {data.resolve() if asked == 'gdsc' else data / '..' / 'data'}?" in told.output


def test_of_the_two_networks_one_is_needed(tmp_path: Path) -> None:
    data = write_slices(tmp_path, {OMNIPATH: None})
    for quick in (True, False):
        lost = finding(data, OMNIPATH, quick)
        assert (lost.state, lost.fetch) == ("missing", "omnipath")
        assert check_folder(data, quick=quick).joint == ()
    (data / "omnipath" / "omnipath_webservice_interactions.tsv").write_text("")
    assert finding(data, OMNIPATH, True).state == "absent"


def test_a_short_file_is_told_by_its_lines(tmp_path: Path) -> None:
    data = write_slices(tmp_path)
    rows = len(FILES[RESPONSE].splitlines()) - 1
    assert finding(data, RESPONSE, False).note == (
        f"{rows} of the 242,036 rows of the published file: a part of it, or cut off at the end of a line"
    )
    assert {found.note for found in check_folder(data, quick=True).findings} == {None}
    done = CliRunner().invoke(data_app, ["check", str(data)], standalone_mode=False)
    assert done.return_value == 0
    assert f"note: GDSC2 fitted dose response: {rows} of the 242,036 rows" in done.output
    (data / "planted.json").write_text("{}")
    assert {found.note for found in check_folder(data).findings} == {None}
