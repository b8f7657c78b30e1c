"""A disk that fills up in mid-load: told, nothing lost, and the load completes when there is space again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import faults
import pytest
from fault_places import EmbeddedPlace
from fault_world import load, small_transactions, write_world

from pathproof.errors import StoreError
from pathproof.graph_schema.fingerprint import fingerprint

MIB = 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 192 MiB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=192m,mode=700", "pathproof-test", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if os.geteuid() == 0 else None
    if done is None or done.returncode != 0:
        reason = "a small disk cannot be mounted here" + (f": {done.stderr.strip()}" if done else " without root")
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(reason)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path) -> None:
    """Take all space that is left on the disk of `path`."""
    with path.open("wb", buffering=0) as handle:
        for size in (MIB, 4096):
            try:
                while True:
                    handle.write(b"\0" * size)
            except OSError:
                continue


@pytest.mark.slow
@pytest.mark.parametrize("moment", [10, 40])
def test_a_disk_that_fills_up_in_mid_load(moment: int, small_disk: Path) -> None:
    place = EmbeddedPlace(write_world(small_disk / "w"))
    whole = faults.undisturbed(place)
    place.fresh()
    ballast = small_disk / "ballast"
    acknowledged = 0

    def committed(n: int) -> None:
        nonlocal acknowledged
        acknowledged = n
        if n == moment:
            fill(ballast)

    with pytest.raises(StoreError, match=r"disk of the embedded(.|\n)*is full(.|\n)*run the same command again"):
        with place.open() as store, small_transactions(store, committed):
            load(store, place.workspace)
    place.settle()
    assert moment <= acknowledged < len(whole.after) - 1
    with pytest.raises(StoreError, match="too little space(.|\n)*at least 64 MiB"):
        place.open()

    ballast.unlink()
    with place.open() as store:
        assert fingerprint(store) in whole.after[acknowledged : acknowledged + 2]
        load(store, place.workspace)
        assert fingerprint(store) == whole.after[-1]
