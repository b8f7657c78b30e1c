"""No broken file is read in silence: it is a named error, or a repair that is counted, or makes no difference."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import broken_knowledge as knowledge
import broken_layers as layers
import broken_screens as screens
import broken_sets as sets
import pytest
from broken_cases import ANY_ERROR, HARMLESS, Case, Change, no_last_break
from broken_world import FILES, Outcome, outcome, parts, write
from ingest_slices import GMT, MODEL, OMNIPATH, RESPONSE

from pathproof.errors import DataError
from pathproof.ingest.inputs import Inputs
from pathproof.ingest.pipeline import check_data
from pathproof.ingest.sources import networks, passports
from pathproof.ingest.sources.base import find_file
from pathproof.ingest.sources.opening import NO_BREAK
from pathproof.ingest.sources.registry import SOURCES

CASES = (
    *screens.GDSC2_CASES,
    *screens.OTHER_CASES,
    *layers.EXPRESSION_CASES,
    *layers.OTHER_CASES,
    *knowledge.LINE_CASES,
    *knowledge.GENE_CASES,
    *knowledge.REACTOME_CASES,
    *knowledge.NETWORK_CASES,
    *knowledge.EVIDENCE_CASES,
    *sets.SET_CASES,
    *sets.PRISM_CASES,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What comes of the sound files."""
    return outcome(write(tmp_path_factory.mktemp("sound")))


def test_every_source_has_a_file_that_is_broken_here(tmp_path: Path) -> None:
    data = write(tmp_path)
    absent = [source for source in SOURCES if find_file(source, data) is None]
    assert absent == [passports.DRIVERS, networks.OMNIPATH_SERVICE], (
        "read in place of others: broken in test_mapping.py and test_fetched_folder.py"
    )


@pytest.fixture(scope="module")
def part_of(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """File -> the part of the inputs that it is read for."""
    return parts(write(tmp_path_factory.mktemp("parts")))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(("change", "words"), [case[1:] for case in ANY_ERROR], ids=[case[0] for case in ANY_ERROR])
def test_what_is_no_text_table_is_refused(
    file: str, change: Change, words: str, part_of: dict[str, str], tmp_path: Path
) -> None:
    data = write(tmp_path, {file: change(FILES[file].encode())})
    with pytest.raises(DataError, match=words) as caught:
        getattr(Inputs(data), part_of[file])
    assert Path(file).name in str(caught.value.where)


@pytest.mark.parametrize("change", [case[1] for case in HARMLESS], ids=[case[0] for case in HARMLESS])
def test_how_the_text_is_wrapped_makes_no_difference(change: Change, sound: Outcome, tmp_path: Path) -> None:
    found = outcome(write(tmp_path, {file: change(text.encode()) for file, text in FILES.items()}))
    assert found == sound


def test_files_that_end_in_mid_line_are_noted(sound: Outcome, tmp_path: Path) -> None:
    found = outcome(write(tmp_path, {file: no_last_break(text.encode()) for file, text in FILES.items()}))
    assert found.tables == sound.tables
    assert all(account.get(f"noted: {NO_BREAK}") == 1 for account in found.tallies.values())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "is no file(.|\n)*a folder"),
        (lambda path: path.symlink_to("nowhere"), "is missing|leads nowhere"),
        (lambda path: path.with_name(path.name + ".gz").write_bytes(b"x"), "Several files could be"),
    ],
    ids=["a folder of this name", "a link to nothing", "two files"],
)
@pytest.mark.parametrize("file", [RESPONSE, GMT, MODEL])
def test_what_is_no_file_is_refused(
    file: str, make: Callable[[Path], object], words: str, part_of: dict[str, str], tmp_path: Path
) -> None:
    data = write(tmp_path, {file: None})
    if "Several" in words:
        (data / file).write_text(FILES[file])
    make(data / file)
    with pytest.raises(DataError, match=words):
        getattr(Inputs(data), part_of[file])


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write(tmp_path)
    whole = Path.open

    def refuse(path: Path, *args: object, **kwargs: object) -> object:
        if path.name == Path(RESPONSE).name:
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"Permission denied(.|\n)*check its rights"):
        _ = Inputs(data).response


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = FILES[RESPONSE].replace(",1.25,", ",sensitive,").replace(",0.41,", ",41,").replace("SIDM00003", "HELA")
    text = text.replace(",1372,", ",1372.0,") + text.splitlines()[-1] + "\n"
    data = write(
        tmp_path, {RESPONSE: text.encode(), GMT: b"<html>", OMNIPATH: FILES[OMNIPATH].replace("1", "2").encode()}
    )
    problems = check_data(data)
    (response,) = [problem for problem in problems if RESPONSE in str(problem.where)]
    assert len(problems) == 3
    assert response.what == "The GDSC2 fitted dose response has 5 problems."
    for told in ("'HELA'", "'1372.0' (line 2)", "'sensitive'", "'41'", "GDSC2 / 2047 / SIDM00001", "3 cells"):
        assert told in str(response.got)


def test_fields_and_cells_are_told_together(tmp_path: Path) -> None:
    """A row with a field too few hides neither the cells of the others nor their lines, nor a header that returns."""
    header, *rows = FILES[RESPONSE].splitlines()
    short, wrong = rows[1].rpartition(",")[0], rows[2].replace("SIDM00003", "HELA")
    data = write(tmp_path, {RESPONSE: "\n".join([header, rows[0], short, wrong, header, *rows[3:], ""]).encode()})
    with pytest.raises(DataError, match="has 3 problems") as caught:
        _ = Inputs(data).response
    for told in ("A row has 18 fields and the header 19", "line 3", "stands again", "line 5", "'HELA'", "line 4"):
        assert told in str(caught.value.got)


@pytest.mark.parametrize("case", CASES, ids=[f"{Path(case.file).name}: {case.name}" for case in CASES])
def test_nothing_is_silent(case: Case, sound: Outcome, part_of: dict[str, str], tmp_path: Path) -> None:
    content = case.change(FILES[case.file].encode())
    assert content != FILES[case.file].encode(), "the file is not broken at all"
    data = write(tmp_path, {case.file: content})
    if case.expect == "error":
        with pytest.raises(DataError, match=case.words) as caught:
            getattr(Inputs(data), part_of[case.file])
            outcome(data)
        assert Path(case.file).name in str(caught.value.where)
        return
    found = outcome(data)
    told = _differences(sound, found)
    changed = [name for name, text in found.tables.items() if text != sound.tables.get(name)]
    assert not changed or told, f"silently different: {changed}"
    assert sound.tables.keys() == found.tables.keys()
    if case.expect == "same":
        assert (changed, told) == ([], [])
    else:
        assert any(re.search(case.words, reason) for reason in told), told
    for account in found.tallies.values():
        dropped = sum(n for reason, n in account.items() if reason.startswith("dropped: "))
        assert account["rows in"] == account["rows out"] + dropped


def _differences(sound: Outcome, found: Outcome) -> list[str]:
    """Reasons whose counts are not those of the sound files."""
    return [
        reason
        for title, account in found.tallies.items()
        for reason in {**account, **sound.tallies[title]}
        if account.get(reason, 0) != sound.tallies[title].get(reason, 0)
    ]
