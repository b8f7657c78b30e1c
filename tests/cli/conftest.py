"""One finished demonstration run, shared by the tests of the commands."""

from __future__ import annotations

import pytest
from cli_world import Finished, Shell


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("user"))


@pytest.fixture(scope="session")
def finished(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("finished")
    answer = shell("run", "--workspace", folder / "ws", "--out", folder / "out")
    assert answer.code in (0, 1, 4), answer.err
    return Finished(folder / "ws", folder / "out", answer)
