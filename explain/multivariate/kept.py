"""Members that are kept: one finished piece of work for each member and output, so that a killed run goes on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from threadpoolctl import threadpool_limits

from pathproof.explain.multivariate.fit import Progress, Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.members import Member, MemberKind, fit_split, joined
from pathproof.explain.multivariate.prepare import Split
from pathproof.explain.multivariate.space import row_space
from pathproof.workspace import Workspace, content_key

Floats = NDArray[np.float64]
STEP = "multivariate-member"
VERSION = 5
ARRAYS = ("slopes", "outside", "vectors", "values", "fidelity", "ridge", "roughness")


@dataclass(frozen=True)
class Work:
    """One split of the lines, and the members that are fitted on it.

    Parameters
    ----------
    name : str
        Content key of the model and of its data.
    function : ModelFunction
    lines : Lines
    split : Split
    seeds : tuple of int
        One member for each; several make members of kind "seed".
    setup : Settings
    over : tuple of int, optional
        Rows of the lines that derivatives are averaged over; default all.
    """

    name: str
    function: ModelFunction
    lines: Lines
    split: Split
    seeds: tuple[int, ...]
    setup: Settings
    over: tuple[int, ...] | None = None

    def key(self, seed: int, output: str) -> str:
        """Content key of one member's account of one output."""
        split = [getattr(self.split, part).tolist() for part in ("fit", "check", "judge")]
        settings = {name: value for name, value in asdict(self.setup).items() if name != "chunk"}
        return content_key(STEP, VERSION, self.name, split, self.seeds, seed, settings, self.over, output)

    def missing(self, workspace: Workspace) -> list[str]:
        """Outputs that the workspace lacks a member of."""
        return [
            output
            for output in self.function.outputs
            if not all(workspace.is_done(STEP, self.key(seed, output)) for seed in self.seeds)
        ]


def fit_aside(work: Work, root: Path) -> None:
    """Fit and keep what is missing, in another process; it is read back where it is needed."""
    fit_kept(work, Workspace(root), lambda _text, _share: None)


def fit_kept(work: Work, workspace: Workspace, progress: Progress) -> list[Member]:
    """The members of a split for all outputs; what the workspace holds already is not kept again.

    Outputs are fitted together with their neighbours in `work` although some of these may be kept: a run that was
    killed between two of them ends with the same bytes as one that was not.
    """
    outputs = work.function.outputs
    missing = {outputs.index(name) for name in work.missing(workspace)}

    def keep(fitted: list[int], members: list[Member]) -> None:
        for seed, member in zip(work.seeds, members, strict=True):
            for place, output in enumerate(fitted):
                key = work.key(seed, outputs[output])
                if not workspace.is_done(STEP, key):
                    _save(workspace, key, member, place)

    with threadpool_limits(1, "blas"):  # as in a worker process: numpy's sums come out in one order
        if missing:
            answers = work.function.ask(work.lines.x)
            what = (work.function, work.lines, answers, work.split, work.seeds, work.setup)
            fit_split(*what, progress, keep, work.over, missing)
        space = row_space(work.lines.x[work.split.fit], work.setup.space)
    kind: MemberKind = "seed" if len(work.seeds) > 1 else "lines"
    nothing: dict[str, Any] = dict.fromkeys(ARRAYS, np.zeros(0))
    blank = Member(
        kind=kind,
        seed=0,
        split=work.split,
        space=space,
        scale=work.lines.x.std(axis=0) / space.spread,
        **nothing,
    )
    return [
        joined([_load(workspace.step(STEP, work.key(seed, output)), blank, seed) for output in outputs])
        for seed in work.seeds
    ]


def _save(workspace: Workspace, key: str, member: Member, output: int) -> None:
    """Keep what a member says of one output."""
    whole = {name: getattr(member, name) for name in ARRAYS}
    arrays = {name: np.ascontiguousarray(value[output : output + 1]) for name, value in whole.items()}
    with workspace.writing_step(STEP, key, {"kind": member.kind, "seed": member.seed}) as part:
        save_file(arrays, part / "member.safetensors")


def _load(folder: Path, blank: Member, seed: int) -> Member:
    """Read it back; an output without a direction of its own gets one of length 0."""
    arrays: dict[str, Any] = load_file(folder / "member.safetensors")
    width = blank.space.basis.shape[1]
    if not len(arrays["outside"]):
        arrays["outside"] = np.zeros((1, len(blank.scale)))
    if arrays["vectors"].shape[1] == width:
        arrays["vectors"] = np.pad(arrays["vectors"], ((0, 0), (0, 1), (0, 0)))
    return replace(blank, seed=seed, **arrays)
