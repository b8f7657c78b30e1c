"""The ensemble behind every explanation: members that differ in seed only, and members on resampled cell lines.

The explained model is trained on all lines. Members of the first kind are too, each with another
seed; members of the second kind are trained on a bootstrap of the lines and say what would change
with other data. Keeping the two apart matters, because an explanation may be the same for every seed and
still different for other cell lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from pathproof.workspace import Workspace, content_key

if TYPE_CHECKING:
    from pathproof.explain.data import Dataset
    from pathproof.explain.models.base import Predictor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Progress = Callable[[str, float | None], None]
MakeModel = Callable[[], "Predictor"]
STEP = "ensemble"
VERSION = 1


@dataclass(frozen=True)
class Member:
    """One model of the ensemble.

    Parameters
    ----------
    kind : str
        "seed" (all lines) or "bootstrap" (lines drawn with replacement).
    seed : int
        Seed of the fit.
    lines : int array
        Row numbers of the dataset, sorted; a bootstrap repeats some of them.
    """

    kind: Literal["seed", "bootstrap"]
    seed: int
    lines: Ints


@dataclass(frozen=True)
class Fitted:
    """What a fitted member leaves behind: its gradient (F, D), its fidelity (D,) and its folder."""

    member: Member
    gradient: Floats
    fidelity: Floats
    folder: Path


def plan_members(n_lines: int, n_seeds: int, n_bootstraps: int, seed: int) -> list[Member]:
    """List the members of the ensemble.

    Every bootstrap fit also has its own seed: in use, data and seed change together.
    """
    everyone = np.arange(n_lines, dtype=np.int64)
    members = [Member("seed", seed + i, everyone) for i in range(n_seeds)]
    rng = np.random.default_rng([seed, 1])
    for i in range(n_bootstraps):
        drawn = np.sort(rng.integers(0, n_lines, n_lines)).astype(np.int64)
        members.append(Member("bootstrap", seed + n_seeds + i, drawn))
    return members


def member_key(member: Member, *parts: object) -> str:
    """Content key of a member: its lines, its seed and everything that defines the model."""
    return content_key("member", VERSION, member.kind, member.seed, member.lines.tolist(), *parts)


def surrogate_fidelity(model: Predictor, dataset: Dataset, lines: Ints, gradient: Floats) -> Floats:
    """R2 of the additive account against the model on lines that the member did not see.

    The account is the mean prediction of the fitted lines plus gradient times the distance from
    their mean. A member that saw every line is judged on all of them.

    Returns
    -------
    float array (D,)
        1 is a perfectly additive model; NaN for a constant prediction.
    """
    unseen = np.setdiff1d(np.arange(dataset.x.shape[0]), lines)
    judged = unseen if unseen.size >= 2 else np.arange(dataset.x.shape[0])
    tissue = dataset.tissue_one_hot
    fitted = model.predict(dataset.x[lines], tissue[lines])
    wanted = model.predict(dataset.x[judged], tissue[judged])
    moved = (dataset.x[judged] - dataset.x[lines].mean(axis=0)).astype(np.float64)
    got = fitted.mean(axis=0) + moved @ gradient
    total = ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1.0 - ((wanted - got) ** 2).sum(axis=0) / total
    return np.where(total > 0, r2, np.nan)


def fit_ensemble(
    dataset: Dataset,
    workspace: Workspace,
    members: list[Member],
    make_model: MakeModel,
    model_parts: list[object],
    progress: Progress,
) -> list[Fitted]:
    """Fit every member that the workspace does not hold yet; each is one resumable step."""
    fitted = []
    for i, member in enumerate(members):
        key = member_key(member, *model_parts)
        progress(f"explain: member {i + 1} of {len(members)} ({member.kind})", i / len(members))
        if not workspace.is_done(STEP, key):
            _fit_member(dataset, workspace, member, make_model, key)
        folder = workspace.step(STEP, key)
        arrays = load_file(folder / "member.safetensors")
        fitted.append(Fitted(member, arrays["gradient"], arrays["fidelity"], folder / "model"))
    return fitted


def _fit_member(dataset: Dataset, workspace: Workspace, member: Member, make_model: MakeModel, key: str) -> None:
    model = make_model()
    model.fit(dataset, member.lines, member.seed)
    gradient = np.ascontiguousarray(model.gradient(), dtype=np.float64)
    fidelity = surrogate_fidelity(model, dataset, member.lines, gradient)
    with workspace.writing_step(STEP, key, {"kind": member.kind, "seed": member.seed}) as part:
        model.save(part / "model")
        save_file({"gradient": gradient, "fidelity": fidelity}, part / "member.safetensors")
