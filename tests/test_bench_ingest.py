"""The benchmark of ingest runs on a tiny size; what it calls a full release has the layout and size that it says."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import bench_ingest
import full_releases
import ingest_jobs
import pandas as pd
import pytest
from full_ids import FULL, LARGE_SCREEN, TINY, Sizes

from pathproof.ingest.pipeline import check_data

# Large enough for every check of columns and files that belong together (40 rows, 12 repeated ids).
MIDDLE = replace(
    TINY, gdsc2=(12_000, 200, 90), gdsc1=(9_000, 200, 80), models=260, evidence=600, drug_genes=900, prism=1_500
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases in a few rows."""
    folder = tmp_path_factory.mktemp("releases")
    full_releases.write_full(folder, TINY)
    return folder


def test_the_releases_are_as_large_as_the_providers_say() -> None:
    """Rows and columns of the releases of 2026."""
    assert FULL.gdsc2[:2] == (242_036, 969)
    assert FULL.gdsc1[0] == 333_161
    assert FULL.expression == (1_700, 19_200)
    assert FULL.copy_number[1] == 24_000
    assert (FULL.models, FULL.model_columns) == (2_266, 98)
    assert LARGE_SCREEN.gdsc2[0] == 395_263


def test_sizes_and_layouts_are_those_that_were_asked(tiny: Path) -> None:
    """Rows, columns, both headers of the screens, and no pair of line and compound twice."""
    screens = {}
    for screen, size in (("GDSC2", TINY.gdsc2), ("GDSC1", TINY.gdsc1)):
        frame = screens[screen] = pd.read_csv(tiny / f"gdsc/{screen}_fitted_dose_response_27Oct23.csv")
        assert len(frame) == size[0]
        assert frame["SANGER_MODEL_ID"].nunique() <= size[1]
        assert not frame.duplicated(["DRUG_ID", "SANGER_MODEL_ID"]).any()
    assert tuple(screens["GDSC2"].columns) == full_releases.RESPONSE_16
    assert tuple(screens["GDSC1"].columns) == full_releases.RESPONSE_19
    assert screens["GDSC2"]["DRUG_NAME"].nunique() < screens["GDSC2"]["DRUG_ID"].nunique()
    matrix = pd.read_csv(tiny / "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv", index_col=0)
    assert matrix.shape == TINY.expression
    assert pd.read_csv(tiny / "cell_model_passports/model_list_20260921.csv").shape == (TINY.models, 98)


def test_the_same_seed_writes_the_same_bytes(tiny: Path, tmp_path: Path) -> None:
    """So that two runs of the benchmark read the same."""
    full_releases.write_full(tmp_path / "same", TINY)
    full_releases.write_full(tmp_path / "other", TINY, seed=1)
    hashes = [
        {path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.*")}
        for folder in (tiny, tmp_path / "same", tmp_path / "other")
    ]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("sizes", [TINY, MIDDLE], ids=["tiny", "middle"])
def test_the_readers_take_them_whole(sizes: Sizes, tmp_path: Path) -> None:
    """What is measured is a complete ingest, not one that stops at a file that it refuses."""
    full_releases.write_full(tmp_path, sizes)
    assert [str(problem) for problem in check_data(tmp_path)] == []


def test_every_part_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part gives figures, a GMT tool that is absent is named, and the page holds the table."""
    monkeypatch.delenv("PATHPROOF_DATA", raising=False)  # the made folder, not the real one
    out, docs = tmp_path / "bench.json", tmp_path / "bench.md"
    assert bench_ingest.main(["--tiny", "--only", "full", "gmt", "--out", str(out), "--docs", str(docs)]) == 0
    record = json.loads(out.read_text())
    figures = {(one["part"], one["name"]): one for one in record["figures"]}
    first = figures["full", "first call, seconds"]
    assert 0 < figures["full", "second call, seconds"]["measured"] < first["measured"]
    assert first["floor"] > 0
    assert 0.01 < figures["full", "first call, peak memory"]["measured"] < 4
    assert any(f"{TINY.sets} gene sets" in name for part, name in figures if part == "gmt")
    assert record["failed"] == []
    assert "pandas alone" in docs.read_text()
    assert "| full | first call, seconds |" in docs.read_text()
    assert "<= 300" in capsys.readouterr().out


def test_a_tool_that_is_absent_is_left_out_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No failure, and no figure in its place."""
    monkeypatch.setattr(bench_ingest, "GMT_TOOLS", ("no_such_tool",))
    bench = bench_ingest.Bench(tmp_path)
    bench.gmt(None)
    assert bench.notes == ["no_such_tool is not installed: left out."]
    assert bench.failed == []
    assert len(bench.figures) == 1


def test_a_refused_folder_is_a_failure_and_no_figure(tmp_path: Path) -> None:
    """With the program's own words."""
    bench = bench_ingest.Bench(tmp_path)
    (tmp_path / "empty").mkdir()
    bench.ingest("real", tmp_path / "empty")
    assert bench.figures == []
    assert "exit code 1" in bench.failed[0]
    assert "DataError" in bench.failed[0]


def test_a_missed_target_is_said_in_words() -> None:
    """Beside the floor and the ratio."""
    assert bench_ingest.Figure("real", "n", "s", 61.0, 60.0, 30.5).cells()[2:] == (
        *("61.0", "s", "<= 60.0", "MISSED", "30.5", "2.00"),
    )  # fmt: skip
    assert bench_ingest.Figure("real", "n", "s", 59.0, 60.0).cells()[5:] == ("met", "", "")


def test_the_floor_reads_every_table(tiny: Path) -> None:
    """Rows of pandas alone: all of the screens, matrices and tables; GMT and headerless files are not tables."""
    found = ingest_jobs.job_pandas(tiny, "")
    assert found["files"] == sum(path.suffix in (".csv", ".tsv") for path in tiny.rglob("*.*"))
    assert found["rows in"] > TINY.gdsc2[0] + TINY.gdsc1[0]


def test_a_large_screen_needs_few_other_rows() -> None:
    """Only the screen and its lines differ from the tiny releases."""
    assert replace(LARGE_SCREEN, gdsc2=TINY.gdsc2, models=TINY.models) == TINY
