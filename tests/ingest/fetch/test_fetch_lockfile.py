"""The project's lock file: what it names is read by somebody, and a broken one is said as a whole."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pathproof.errors import ConfigError, UsageError
from pathproof.ingest.fetch.lockfile import PACKAGED, Entry, read_lock
from pathproof.ingest.sources import terms
from pathproof.ingest.sources.base import find_file
from pathproof.ingest.sources.registry import SOURCES

LOCK = read_lock()


@pytest.mark.parametrize("entry", LOCK.file, ids=lambda entry: entry.path)
def test_each_file_lies_where_its_reader_looks(entry: Entry, tmp_path: Path) -> None:
    """Found by the readers themselves, and under the name of the source that they declare."""
    target = tmp_path / entry.path
    target.parent.mkdir(parents=True)
    target.touch()
    (source,) = [source for source in SOURCES if source.name == entry.source and source == entry.reader]
    assert find_file(source, tmp_path) == target


def test_each_address_is_safe_and_of_the_provider() -> None:
    hosts = {urlsplit(url).hostname for entry in LOCK.file for url in entry.urls}
    assert {urlsplit(url).scheme for entry in LOCK.file for url in entry.urls} == {"https"}
    assert hosts == {
        *("cmp.cog.sanger.ac.uk", "cog.sanger.ac.uk", "ndownloader.figshare.com", "api.figshare.com"),
        *("download.reactome.org", "reactome.org", "civicdb.org", "dgidb.org", "zenodo.org", "storage.googleapis.com"),
        *("data.wikipathways.org", "data.broadinstitute.org", "omnipathdb.org"),
    }


def test_what_the_sanger_gives_is_asked_for() -> None:
    asked = {entry.path for entry in LOCK.file if LOCK.licence[entry.licence].accept}
    assert asked == {entry.path for entry in LOCK.file if "sanger.ac.uk" in entry.urls[0]}
    assert len(asked) == 6


@pytest.mark.parametrize("entry", LOCK.file, ids=lambda entry: entry.path)
def test_the_lock_file_and_the_source_tell_one_licence(entry: Entry) -> None:
    told = {"sanger": terms.SANGER, "cc0": terms.CC0, "cc-by-4": terms.CC_BY}
    assert entry.reader is not None
    assert entry.reader.terms == told.get(entry.licence, terms.PER_RESOURCE)


def test_each_source_is_fetched_or_got_by_hand_for_a_reason() -> None:
    entries, by_hand = LOCK.select(())
    assert {entry.reader for entry in entries}.isdisjoint(source for source, _ in by_hand)
    assert {entry.reader for entry in entries} | {source for source, _ in by_hand} == set(SOURCES)
    assert set(LOCK.by_hand) <= {source.title for source, _ in by_hand}
    assert all(source.get_from and why for source, why in by_hand)


def test_sources_are_chosen_by_name() -> None:
    entries, by_hand = LOCK.select(("reactome", "gdsc.targets"))
    assert [entry.source for entry in entries] == ["reactome"] * 3
    assert [source.name for source, _ in by_hand] == ["gdsc.targets"]
    with pytest.raises(UsageError, match="did you mean: reactome"):
        LOCK.select(("reactom",))
    with pytest.raises(UsageError, match="did you mean: sanger"):
        LOCK.check_accepted(("Sanger",))
    with pytest.raises(UsageError, match="allowed: sanger"):
        LOCK.check_accepted(("cc0",))


def test_all_problems_of_a_lock_file_at_once(tmp_path: Path) -> None:
    broken = PACKAGED.read_text(encoding="utf-8")
    for old, new in (
        ('"https://civicdb.org', '"ftp://civicdb.org'),
        ('path = "depmap/Model.csv"', 'path = "../Model.csv"'),
        ('md5_expected = "cee4a3', 'md5_expected = "xyz'),
        ('release = "8.5"\n', ""),
        ("bytes = 298479", "bytes = 298479\nsha512 = 1"),
    ):
        assert broken.count(old) == 1
        broken = broken.replace(old, new)
    path = tmp_path / "lock.toml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"5 problem\(s\)") as refused:
        read_lock(path)
    for said in ("ftp://", "../Model.csv", "md5_expected", "release", "sha512", str(path)):
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('path = "depmap/Model.csv"', 'path = "depmap/models.csv"', "depmap/models.csv: no reader looks there"),
        ('path = "depmap/Model.csv"', 'path = "gdsc/screened_compounds_rel_8.5.csv"', "stands twice"),
        ("[licence.dgidb]", "[licence.other]", "licence 'dgidb' is not described"),
        ("format = 1", "format = 2", "format"),
        ("format = 1", "format = ", "Cannot read"),
    ],
)
def test_a_lock_file_that_contradicts_itself(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "lock.toml"
    path.write_text(PACKAGED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_lock(path)


def test_a_lock_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_lock(tmp_path / "none.toml")
