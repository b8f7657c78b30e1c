"""Profiles: the program's own agree with the code, a user's file changes what it names, and says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from scoring_world import context, right, store, table

from pathproof.errors import UsageError
from pathproof.validate.profiles import Profile, profile_named
from pathproof.validate.run import validate


def test_the_default_of_the_code_is_the_default_of_the_file() -> None:
    assert profile_named("default") == Profile("default")


def test_strict_asks_for_more_and_nothing_less() -> None:
    strict, default = profile_named("strict"), profile_named("default")
    assert strict.asked == default.asked
    assert strict.per_group_precision == strict.asked.precision
    assert strict.min_distinct_facts > default.min_distinct_facts
    assert strict.permuted_response
    assert (strict.min_groups, strict.min_coverage) == (default.min_groups, default.min_coverage)


def test_a_users_file_changes_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('precision = 1\nmin_target_groups = 3\nreference = "targets"\n')
    mine = profile_named(str(path))
    assert (mine.name, mine.asked.precision, mine.min_groups, mine.reference) == ("mine.toml", 1.0, 3, "targets")
    assert mine.asked.margin == Profile("default").asked.margin


def test_everything_wrong_in_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'precison = 0.8\nmin_coverage = 7\nmin_target_groups = "ten"\nmin_runs = true\nhalvings = 2.5\nreference = ""\n'
    )
    with pytest.raises(UsageError) as caught:
        profile_named(str(path))
    told = str(caught.value)
    for part in (
        "precison is no criterion",
        "precision for precison",
        "min_coverage = 7.0 does not lie from 0 to 1",
        "min_target_groups = 'ten' is not of the type int",
        "min_runs = True is not of the type int",
        "halvings = 2.5 is not of the type int",
        "reference is empty",
    ):
        assert part in told


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Cannot read the validation profile"):
        profile_named(str(tmp_path / "nowhere.toml"))
    (tmp_path / "broken.toml").write_text("precision = = 1")
    with pytest.raises(UsageError, match="is no TOML"):
        profile_named(str(tmp_path / "broken.toml"))
    with pytest.raises(UsageError, match="did you mean: strict"):
        profile_named("strikt")


@pytest.mark.parametrize(
    ("name", "match"),
    [("target_pathways", "never carries a verdict"), ("targetz", "is unknown.*|did you mean: targets")],
)
def test_a_headline_reference_must_be_there_and_may_not_be_a_large_pathway(
    tmp_path: Path, name: str, match: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'reference = "{name}"\n')
    with pytest.raises(UsageError, match=match):
        validate(store(), table(right()), context("right"), profile=str(path))


def test_another_headline_reference_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('reference = "targets"\n')
    report = validate(store(), table(right()), context("right"), profile=str(path)).report
    assert report["headline"]["reference"] == "targets"
    assert report["verdict"]["status"] == "FAIL"
