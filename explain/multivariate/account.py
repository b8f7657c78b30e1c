"""The explanation of a function: genes, pairs and modules of each output, with how faithful and how stable they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pathproof.errors import UsageError, nearest
from pathproof.explain.attribution import centre_over_drugs, top_masks
from pathproof.explain.multivariate.fit import Progress, Settings
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.match import check_match
from pathproof.explain.multivariate.members import Member, fit_split, plan
from pathproof.explain.multivariate.prepare import log_odds
from pathproof.explain.multivariate.readout import Module, modules, top_pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_CENTRED = 3
"""With fewer outputs there is nothing that all of them share."""
DENSE = 5000
TOP_GENES, TOP_PAIRS = 20, 50


@dataclass(frozen=True)
class GeneView:
    """Signed attributions of m features for D outputs, all (D, m) unless said otherwise.

    Parameters
    ----------
    raw : float array
        Mean over members of the mean gradient: units of the output (classes: log-odds) per SD of the feature.
    centred : float array
        `raw` minus what all outputs share (:func:`~pathproof.explain.attribution.centre_over_drugs`); equal to it with
        fewer than three outputs.
    sd, consistency, selection : float array
        Over members on other lines, of `centred`: SD, share with the same sign, and share that
        puts the feature among its top.
    members : float array (B, D, m)
        `centred` of each member, those of kind "seed" first.
    """

    raw: Floats
    centred: Floats
    sd: Floats
    consistency: Floats
    selection: Floats
    members: Floats


@dataclass(frozen=True)
class PairView:
    """The strongest pairs of one output.

    Parameters
    ----------
    pairs : int array (P, 2)
        Columns of the features, i < j; strongest first by `centred`.
    raw, centred : float array (P,)
        Mean second derivative d2g / dx_i dx_j in units of the output per product of the SDs, mean over members; minus
        what all outputs share.
    sd, consistency, selection : float array (P,)
        Over members on other lines, of `raw`.
    """

    pairs: Ints
    raw: Floats
    centred: Floats
    sd: Floats
    consistency: Floats
    selection: Floats


@dataclass(frozen=True)
class Account:
    """A fitted explanation of D outputs over n lines of m features.

    Parameters
    ----------
    function : ModelFunction
    lines : Lines
    settings : Settings
    members : tuple of Member
        Those of kind "seed" first.
    output_sd : float array (D,)
        SD of the model's outputs over the lines (classes: of log-odds).
    model_calls : int
        Rows that the model was asked about.
    """

    function: ModelFunction
    lines: Lines
    settings: Settings
    members: tuple[Member, ...]
    output_sd: Floats
    model_calls: int

    def output(self, name: str) -> int:
        """Number of an output; an unknown name is refused (UsageError)."""
        names = self.function.outputs
        if name not in names:
            raise UsageError("The explanation has no such output.", got=name, nearest=nearest(name, names))
        return names.index(name)

    def _refuse_unknown(self, output: int) -> None:
        if not 0 <= output < len(self.function.outputs):
            raise UsageError(
                "The explanation has no output of this number.",
                got=output,
                allowed=f"0 to {len(self.function.outputs) - 1}",
                action="take the number of a name from output()",
            )

    def of_kind(self, kind: str) -> list[Member]:
        """Members of a kind."""
        return [member for member in self.members if member.kind == kind]

    @cached_property
    def fidelity(self) -> Floats:
        """R2 of the surrogate against the model on judged lines, mean over members (D,)."""
        return np.asarray(np.mean([member.fidelity for member in self.members], axis=0))

    @cached_property
    def ridge_fidelity(self) -> Floats:
        """R2 of a plain ridge on the same lines, mean over the same members (D,)."""
        return np.asarray(np.mean([member.ridge for member in self.members], axis=0))

    def centre(self, values: Floats) -> Floats:
        """Values (..., D) minus what all outputs share; unchanged where that was done or there are fewer than three."""
        if self.function.centred or len(self.function.outputs) < LEAST_CENTRED:
            return values
        return centre_over_drugs(values, np.where(self.output_sd > 1e-12, self.output_sd, 1.0))

    def genes(self, top: int = TOP_GENES) -> GeneView:
        """Attributions of every feature and output."""
        slopes = np.stack([member.slopes for member in self.members])
        raw = slopes.mean(axis=0)
        members = np.stack([self.centre(own.T).T for own in slopes])
        centred = members.mean(axis=0)
        lines = members[[member.kind == "lines" for member in self.members]]
        picked = np.stack([top_masks(own.T, top).T for own in lines])
        return GeneView(
            raw=raw,
            centred=centred,
            sd=lines.std(axis=0, ddof=1),
            consistency=(np.sign(lines) == np.sign(centred)).mean(axis=0),
            selection=picked.mean(axis=0),
            members=members,
        )

    def pair_values(self, output: int, pairs: Ints) -> Floats:
        """Mean second derivative of every member (B, P) at pairs (P, 2)."""
        self._refuse_unknown(output)
        found = []
        for member in self.members:
            own = member.loadings(output)
            found.append((own[pairs[:, 0]] * member.values[output] * own[pairs[:, 1]]).sum(axis=1))
        return np.stack(found)

    def pair_matrix(self, output: int) -> Floats:
        """Mean over members of all second derivatives (m, m) of an output; refused for many features (UsageError)."""
        self._refuse_unknown(output)
        m = len(self.lines.features)
        if m > DENSE:
            raise UsageError(
                "The matrix of all pairs is too large.",
                got=f"{m} features",
                allowed=f"at most {DENSE}",
                action="use pairs()",
            )
        whole = np.zeros((m, m))
        for member in self.members:
            own = member.loadings(output)
            whole += (own * member.values[output]) @ own.T
        return whole / len(self.members)

    def pairs(self, output: int, count: int = TOP_PAIRS) -> PairView:
        """The strongest pairs of an output: proposed by each member, ordered by the mean over members, centred."""
        self._refuse_unknown(output)
        picked = [top_pairs(own.loadings(output), own.values[output], count)[0] for own in self.members]
        candidates = np.unique(np.concatenate(picked), axis=0)
        centred = self.pair_values(output, candidates).mean(axis=0)
        if not self.function.centred:
            others = range(len(self.function.outputs))
            every = np.stack([self.pair_values(d, candidates).mean(axis=0) for d in others], axis=1)
            centred = self.centre(every)[:, output]
        order = np.argsort(-np.abs(centred), kind="stable")[:count]
        candidates, centred = candidates[order], centred[order]
        values = self.pair_values(output, candidates)
        raw = values.mean(axis=0)
        among = [member.kind == "lines" for member in self.members]
        chosen = [{(int(i), int(j)) for i, j in own} for own, mine in zip(picked, among, strict=True) if mine]
        selection = [np.mean([(int(i), int(j)) in own for own in chosen]) for i, j in candidates]
        return PairView(
            pairs=candidates,
            raw=raw,
            centred=centred,
            sd=values[among].std(axis=0, ddof=1),
            consistency=(np.sign(values[among]) == np.sign(raw)).mean(axis=0),
            selection=np.asarray(selection, dtype=np.float64),
        )

    def modules(self, output: int, count: int = 3, size: int = 8) -> list[Module]:
        """Groups of features that bend an output together, from the mean over members (`readout.modules`)."""
        self._refuse_unknown(output)
        stacked = np.concatenate([own.loadings(output) for own in self.members], axis=1)
        values = np.concatenate([own.values[output] for own in self.members]) / len(self.members)
        x = (self.lines.x - self.lines.x.mean(axis=0)) / np.maximum(self.lines.x.std(axis=0), 1e-12)
        return modules(stacked, values, x, float(self.output_sd[output]), count, size)


def explain_function(
    function: ModelFunction,
    lines: Lines,
    settings: Settings | None = None,
    *,
    seeds: int = 3,
    samples: int = 7,
    seed: int = 0,
    progress: Progress = lambda _text, _share: None,
) -> Account:
    """Explain every output of a model over the lines.

    Parameters
    ----------
    function : ModelFunction
    lines : Lines
        Its features, in its order and on its scale.
    settings : Settings, optional
    seeds, samples : int
        Members that differ in the seed only, and members on other samples of the lines.
    seed : int

    Raises
    ------
    DataError
        Lines that do not fit the model, too few of them, or an answer of the model that cannot be used.
    UsageError
        Too few members, or an explainer larger than the data.
    """
    setup = settings or Settings()
    check_match(function, lines)
    work = plan(len(lines.ids), seeds, samples, seed)
    answers = function.ask(lines.x)
    members: list[Member] = []
    asked = len(lines.ids)
    for i, (split, own) in enumerate(zip(work.splits, work.seeds, strict=True)):
        progress(f"explain: split {i + 1} of {len(work.splits)}", i / len(work.splits))
        fitted, extra = fit_split(function, lines, answers, split, own, setup, progress)
        members += fitted
        asked += extra
    spread = (log_odds(answers) if function.kind == "classes" else answers).std(axis=0)
    return Account(function, lines, setup, tuple(members), spread, asked)


def identity(members: Floats) -> tuple[float, float]:
    """The identity test: median correlation of the same output between members, and of other outputs within a member.

    An explanation of the model has the first near 1 and far above the second; one that is its own random start has it
    the other way round.

    Parameters
    ----------
    members : float array (B, D, m)
        Attributions of members of one kind, B >= 2 and D >= 2.
    """
    b, d, m = members.shape
    table = np.corrcoef(members.reshape(b * d, m)).reshape(b, d, b, d)
    same = [table[i, o, j, o] for i in range(b) for j in range(i) for o in range(d)]
    other = [table[i, o, i, p] for i in range(b) for o in range(d) for p in range(o)]
    return float(np.median(same)), float(np.median(other))
