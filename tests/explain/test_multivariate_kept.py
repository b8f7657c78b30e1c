"""Members that are kept: a run that lost some of them ends with the bytes of one that did not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from multivariate_world import function, lines, planted

from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.kept import STEP, Work, fit_kept
from pathproof.explain.multivariate.members import draw_split
from pathproof.workspace import Workspace

N, M, D = 120, 40, 5


def _pieces(root: Path) -> dict[str, tuple[int, bytes]]:
    """Time and bytes of every kept member."""
    found = sorted((root / "steps" / STEP).glob("*/member.safetensors"))
    return {path.parent.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


@pytest.mark.parametrize("seeds", [(3,), (0, 1)])
@pytest.mark.parametrize("chunk", [2, 32])
def test_outputs_that_were_lost_are_fitted_again_to_the_same_bytes(
    seeds: tuple[int, ...], chunk: int, tmp_path: Path
) -> None:
    setup = Settings(latents=8, rank=4, steps=20, chunk=chunk)
    work = Work("model", function(planted(M, D), M), lines(N, M), draw_split(N, 0), seeds, setup)
    workspace = Workspace(tmp_path)
    whole = fit_kept(work, workspace, lambda _text, _share: None)
    before = _pieces(tmp_path)
    assert len(before) == D * len(seeds)
    lost = {work.key(seeds[-1], work.function.outputs[place]) for place in (1, 4)}
    for key in lost:
        shutil.rmtree(workspace.step(STEP, key))
    again = fit_kept(work, workspace, lambda _text, _share: None)
    after = _pieces(tmp_path)
    assert {key: data for key, (_, data) in after.items()} == {key: data for key, (_, data) in before.items()}
    assert {key for key in before if after[key][0] != before[key][0]} == lost, "what was there is not written again"
    for one, other in zip(whole, again, strict=True):
        assert (one.slopes == other.slopes).all()
