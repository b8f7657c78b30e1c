"""Settings: precedence, origins, and refusals that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pathproof.cli.options import settings_of
from pathproof.config import KNOWN, PASSWORD_VARIABLE, load_settings
from pathproof.errors import ConfigError


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    (tmp_path / "pathproof.toml").write_text('seed = 3\ndata = "from-file"\nworkspace = "ws-file"\n')
    environ = {"PATHPROOF_SEED": "2", "PATHPROOF_DATA": "from-env"}
    settings = load_settings({"seed": 1}, environ=environ, folder=tmp_path)
    assert (settings.seed, settings.data, settings.workspace) == (1, Path("from-env"), Path("ws-file"))
    origins = {name: origin for name, _, origin, _ in settings.table()}
    assert origins["seed"] == "flag"
    assert origins["data"] == "$PATHPROOF_DATA"
    assert origins["workspace"] == "pathproof.toml"
    assert origins["profile"] == "default"
    assert set(origins) == set(KNOWN)


def test_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "pathproof.toml").write_text('workspce = "x"\n')
    with pytest.raises(ConfigError, match="workspce") as caught:
        load_settings({}, environ={}, folder=tmp_path)
    assert caught.value.nearest == "workspace"


def test_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "pathproof.toml").write_text("seed = = 1\n")
    with pytest.raises(ConfigError, match=r"pathproof\.toml"):
        load_settings({}, environ={}, folder=tmp_path)


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "worker"),
        ({"max_rmse": 0.0}, "above 0"),
        ({"max_rmse": float("nan")}, "above 0"),
        ({"max_rmse": "low"}, "needs a number"),
    ],
)
def test_refusals(flags: dict[str, object], text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=text):
        load_settings(flags, environ={}, folder=tmp_path)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost",
        "neo4j://",
        "bolt://localhost:99999",
        "bolt://localhost:0",
        "neo4j://me:hunter2secret@db:7687",
    ],
)
def test_a_bad_address_is_refused_before_any_work(uri: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of(store=uri)
    assert "hunter2secret" not in str(caught.value)


def test_text_where_a_number_belongs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="whole number") as caught:
        load_settings({}, environ={"PATHPROOF_SEED": "many"}, folder=tmp_path)
    assert caught.value.where == "$PATHPROOF_SEED"


def test_password_from_environment_or_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    path = tmp_path / "pw"
    path.write_text("from-file\nsecond line\n")
    settings = load_settings({"store_password_file": path}, environ={}, folder=tmp_path)
    assert settings.password() == "from-file"
    monkeypatch.setenv(PASSWORD_VARIABLE, "from-env")
    assert settings.password() == "from-env"
    monkeypatch.delenv(PASSWORD_VARIABLE)
    path.write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        settings.password()
    path.unlink()
    with pytest.raises(ConfigError, match="Cannot read the password file"):
        settings.password()
