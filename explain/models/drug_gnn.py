"""A graph network over drugs, for drugs that were never screened: neighbours share a target or a class."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pathproof.errors import DataError, UsageError
from pathproof.explain.data import Bools, Floats
from pathproof.explain.drug_side import DrugSide
from pathproof.explain.models.base import one_thread
from pathproof.explain.models.drug_kernel import KnownLines, drug_facts


@dataclass(frozen=True)
class DrugGnnConfig:
    """Shape and training.

    Parameters
    ----------
    hide : float
        Share of drugs whose own vector is hidden in a step, so that a drug learns to be read from its
        facts and its neighbours, as an unseen one has to be.
    messages : bool
        Whether neighbours are read; without them a drug is read from its facts alone.
    """

    dim: int = 16
    steps: int = 300
    learning_rate: float = 1e-2
    weight_decay: float = 0.1
    hide: float = 0.5
    seeds: int = 5
    messages: bool = True

    def __post_init__(self) -> None:
        for name in ("dim", "steps", "seeds"):
            if getattr(self, name) < 1:
                raise UsageError(f"DrugGnnConfig.{name} is too small.", got=getattr(self, name), allowed="1 or more")


class _Network(nn.Module):
    """residual(line, drug) = u_line . Q_drug; Q = P + sum over relations of gate A P W, P = facts V + own vector."""

    def __init__(self, n_lines: int, drugs: DrugSide, config: DrugGnnConfig, generator: torch.Generator) -> None:
        from pathproof.explain.models.gnn_training import identity_convolution  # brings torch-geometric

        super().__init__()
        facts = torch.from_numpy(drug_facts(drugs, 1.0)).float()
        self.facts = facts
        self.adjacency = drug_neighbours(drugs) if config.messages else []
        self.convs = nn.ModuleList(identity_convolution(config.dim) for _ in self.adjacency)
        self.gates = nn.Parameter(torch.full((len(self.adjacency),), 0.5))

        def state(rows: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(rows, config.dim, generator=generator) * config.dim**-0.5)

        self.lines, self.reading, self.own = state(n_lines), state(facts.shape[1]), state(facts.shape[0])

    def respond(self, shown: Tensor) -> Tensor:
        """Lines x drugs; `shown` (D, 1) is 0 for a drug whose own vector is hidden."""
        vectors = self.facts @ self.reading + self.own * shown
        for gate, convolution, adjacency in zip(self.gates, self.convs, self.adjacency, strict=True):
            vectors = vectors + gate * convolution(vectors, adjacency)
        answer: Tensor = self.lines @ vectors.T
        return answer


class DrugGnn(KnownLines):
    """Mean of several seeds of the network over drugs."""

    name = "drug-gnn"

    def __init__(self, drugs: DrugSide, config: DrugGnnConfig | None = None) -> None:
        super().__init__()
        self.drugs = drugs
        self.config = config or DrugGnnConfig()

    def _specific(self, residual: Floats, seen: Bools, seed: int) -> Floats:
        seeds = np.random.SeedSequence(seed).generate_state(self.config.seeds)
        with one_thread():
            return np.asarray(np.mean([self._train(residual, seen, int(s)) for s in seeds], axis=0))

    def _train(self, residual: Floats, seen: Bools, seed: int) -> Floats:
        config, generator = self.config, torch.Generator().manual_seed(seed)
        network = _Network(len(residual), self.drugs, config, generator)
        wanted, there = torch.from_numpy(residual).float(), torch.from_numpy(seen)
        screened = there.any(dim=0)[:, None].float()
        optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=0.0)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=config.learning_rate, total_steps=config.steps)
        for _ in range(config.steps):
            shown = (torch.rand(len(screened), 1, generator=generator) >= config.hide).float() * screened
            error = (network.respond(shown) - wanted) * there
            penalty = sum(p.square().sum() for p in (network.lines, network.reading, network.own))
            loss = error.square().sum() / there.sum() + config.weight_decay * penalty / len(wanted)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
        if not bool(torch.isfinite(loss)):
            raise DataError(f"The training of {self.name} ended without a number: its loss is {float(loss)}.")
        with torch.no_grad():
            return np.asarray(network.respond(screened).double().numpy(), dtype=np.float64)

    def _card(self) -> dict[str, Any]:
        return {"config": asdict(self.config)}


def drug_neighbours(drugs: DrugSide) -> list[Tensor]:
    """One normalised adjacency (D, D) per relation: a shared target, the same class; ids of one molecule are both."""
    from pathproof.explain.models.gnn_training import normalised_adjacency

    adjacency = []
    for facts in (drugs.target_matrix, drugs.class_matrix):
        near = facts @ facts.T > 0
        np.fill_diagonal(near, False)
        adjacency.append(normalised_adjacency(torch.from_numpy(np.stack(np.nonzero(near))), len(near)))
    return adjacency
