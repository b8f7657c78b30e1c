"""A heterogeneous graph network: genes pass messages, cell lines read genes, drugs read cell lines.

The network is trained in ``gnn_training``; here it is frozen: the gene states are folded into one
matrix, so a prediction costs one product and a small residual layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, Floats, GeneGraph, Ints, Singles
from pathproof.explain.layers_completion import Completion
from pathproof.explain.models.base import (
    Replacement,
    check_lines,
    check_replacement,
    load_arrays,
    not_fitted,
    one_thread,
    save_arrays,
)


@dataclass(frozen=True)
class GnnConfig:
    """Shape and training of the network.

    Parameters
    ----------
    seeds : int
        Members; the prediction is their mean.
    weight_decay : float
        AdamW, on all but biases, norms and gates: the one setting that matters.
    shuffle_genes : bool
        Control: the graph's genes are permuted, so edges keep their shape and lose their meaning.
    """

    dim: int = 64
    hidden: int = 128
    epochs: int = 60
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 3.0
    input_dropout: float = 0.5
    hidden_dropout: float = 0.2
    seeds: int = 5
    shuffle_genes: bool = False

    def __post_init__(self) -> None:
        for name in ("dim", "hidden", "epochs", "batch", "seeds"):
            if getattr(self, name) < 1:
                raise UsageError(f"GnnConfig.{name} is too small.", got=getattr(self, name), allowed="1 or more")


@dataclass(frozen=True)
class Frozen:
    """What is left of S trained members (float32 unless stated).

    Parameters
    ----------
    features : (S, F, k)
        State of each feature: z = x features + tissue states.
    tissues : (S, T, k)
    norm : (S, 2, k)
        Weight and bias of the layer norm.
    w1, b1, w2, b2 : (S, k, h), (S, h), (S, h, k), (S, k)
        u = z + gelu(norm(z) w1 + b1) w2 + b2.
    drugs, bias : (S, k, D), (S, D)
        ln IC50 = u drugs + bias: the response scale is folded in.
    slope : (S, k, k)
        Mean over the fitted lines of d u / d z (rows: u, columns: z).
    gates : (S, R)
        Learned weight of each relation.
    """

    features: Tensor
    tissues: Tensor
    norm: Tensor
    w1: Tensor
    b1: Tensor
    w2: Tensor
    b2: Tensor
    drugs: Tensor
    bias: Tensor
    slope: Tensor
    gates: Tensor

    def to(self, dtype: torch.dtype) -> Frozen:
        """The same network in another precision."""
        return Frozen(**{name: value.to(dtype) for name, value in vars(self).items()})

    def latent(self, x: Tensor, tissue: Tensor) -> Tensor:
        """State of the lines (S, n, k) before the residual layer: linear in `x`."""
        return x @ self.features + tissue @ self.tissues

    def residual(self, z: Tensor) -> Tensor:
        """Residual layer: z (S, m, k) to u (S, m, k)."""
        normed = F.layer_norm(z, z.shape[-1:]) * self.norm[:, None, 0] + self.norm[:, None, 1]
        inner = F.gelu(torch.baddbmm(self.b1[:, None], normed, self.w1))
        return z + torch.baddbmm(self.b2[:, None], inner, self.w2)


class Gnn:
    """Mean of several seeds of the graph network.

    Parameters
    ----------
    graph : GeneGraph
        Relations among the genes of the data set.
    config : GnnConfig, optional
    """

    name = "gnn"

    def __init__(self, graph: GeneGraph | None, config: GnnConfig | None = None) -> None:
        self.graph = graph
        self.config = config or GnnConfig()
        self._frozen: Frozen | None = None
        self.losses: tuple[float, ...] = ()

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Train the members one after the other on the rows `lines` (repeats count)."""
        from pathproof.explain.models.gnn_training import train_member

        rows = check_lines(dataset, lines)
        if self.graph is None:
            raise UsageError("This network was loaded without its gene graph and cannot be fitted.")
        seeds = np.random.SeedSequence(seed).generate_state(self.config.seeds)
        with one_thread():
            members = [train_member(dataset, rows, self.graph, self.config, int(s)) for s in seeds]
        stacked = {name: torch.stack([m.parts[name] for m in members]) for name in members[0].parts}
        self.__dict__.pop("_double", None)
        self._frozen = Frozen(**stacked)
        self.losses = tuple(member.loss for member in members)

    @property
    def frozen(self) -> Frozen:
        """The trained network in float32."""
        if self._frozen is None:
            raise not_fitted(self.name)
        return self._frozen

    @cached_property
    def _double(self) -> Frozen:
        return self.frozen.to(torch.float64)

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D): the mean over the members, in float64."""
        net = self._double
        with torch.no_grad(), one_thread():
            z = net.latent(_tensor(x, torch.float64), _tensor(tissue, torch.float64))
            response = torch.baddbmm(net.bias[:, None], net.residual(z), net.drugs).mean(dim=0)
        return np.asarray(response.numpy(), dtype=np.float64)

    def gradient(self) -> Floats:
        """Slopes (F, D) in ln IC50 per unit of the feature, exact, mean over the fitted lines and the members."""
        net = self._double
        with torch.no_grad(), one_thread():
            slopes = (net.features @ net.slope.transpose(1, 2) @ net.drugs).mean(dim=0)
        return np.asarray(slopes.numpy(), dtype=np.float64)

    def perturb_effects(
        self,
        x: Singles,
        tissue: Singles,
        feature_sets: Sequence[Ints],
        replacement: Replacement,
        drugs: Ints | None = None,
    ) -> Iterator[Floats]:
        """Change of the prediction (n, D) for each set (see base), by updating the state with the set's rows only.

        float32 inside: agrees with full forward passes to about 1e-5.
        """
        check_replacement(x, replacement)
        net = self.frozen
        decode = net.drugs if drugs is None else net.drugs[:, :, torch.from_numpy(np.asarray(drugs))]
        with torch.no_grad(), one_thread():
            z = net.latent(_tensor(x), _tensor(tissue))
            before = net.residual(z)
        for columns in feature_sets:
            with torch.no_grad(), one_thread():
                mean_after = self._mean_after(z, x, columns, replacement)
                effect = torch.bmm(before - mean_after, decode).mean(dim=0)
            yield np.asarray(effect.numpy(), dtype=np.float64)

    def _mean_after(self, z: Tensor, x: Singles, columns: Ints, replacement: Replacement) -> Tensor:
        """Mean over draws of u after the replacement, (S, n, k)."""
        net = self.frozen
        states = net.features[:, torch.from_numpy(np.asarray(columns))]
        mine = _tensor(x[:, columns]) @ states
        total = torch.zeros_like(z)
        for draw in replacement:
            theirs = mine[:, torch.from_numpy(draw)] if draw.ndim == 1 else _tensor(draw[:, columns]) @ states
            total += net.residual(z - mine + theirs)
        return total / len(replacement)

    def save(self, folder: Path) -> None:
        """Write the frozen network as safetensors and a JSON card (the gene graph is not part of it)."""
        arrays = {name: value.numpy() for name, value in vars(self.frozen).items()}
        save_arrays(folder, self.name, arrays, {"config": asdict(self.config), "losses": list(self.losses)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote; the result predicts, and is not to be fitted again."""
        arrays, card = load_arrays(folder, cls.name)
        model = cls(None, GnnConfig(**card["config"]))
        model._frozen = Frozen(**{name: torch.from_numpy(value) for name, value in arrays.items()})
        model.losses = tuple(card["losses"])
        return model


class CompletedGnn(Gnn):
    """The network on a data set of lines and layers of all kinds: it learns from every line, completed.

    It sees expression and mutations, which come first among the features; the others count for nothing. What a line
    lacks of the expression is expected from its other layers (:class:`Completion`), also where it is asked about.
    """

    def fit(self, dataset: Dataset, lines: Ints, seed: int) -> None:
        """Train on the rows `lines` (repeats count), completed."""
        rows = check_lines(dataset, lines)
        own = sum(feature.layer != "copy_number" for feature in dataset.features)
        x = dataset.x[:, :own].copy()
        x[rows] = Completion().fit(dataset, rows)[:, :own]
        super().fit(replace(dataset, features=dataset.features[:own], x=x, known=None), rows, seed)

    def _own(self, values: Any) -> Any:
        """The features that the network sees, of an array whose last axis is features."""
        return values[..., : self.frozen.features.shape[1]]

    def predict(self, x: Singles, tissue: Singles) -> Floats:
        """Predict ln IC50 (n, D)."""
        return super().predict(self._own(x), tissue)

    def perturb_effects(
        self,
        x: Singles,
        tissue: Singles,
        feature_sets: Sequence[Ints],
        replacement: Replacement,
        drugs: Ints | None = None,
    ) -> Iterator[Floats]:
        """Change of the prediction (n, D) for each set; features that the network does not see change nothing."""
        check_replacement(x, replacement)
        seen = self._own(x)
        sets = [np.asarray(columns)[np.asarray(columns) < seen.shape[1]] for columns in feature_sets]
        values = (
            replacement if replacement.ndim == 2 else np.asarray(replacement[..., : seen.shape[1]], dtype=np.float32)
        )
        yield from super().perturb_effects(seen, tissue, sets, values, drugs)


def _tensor(values: Any, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).to(dtype)


def control_of(config: GnnConfig) -> GnnConfig:
    """The same network with the gene labels of the graph shuffled."""
    return replace(config, shuffle_genes=True)
