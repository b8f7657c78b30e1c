"""Training of one member of the graph network (torch-geometric)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.nn import GCNConv
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.utils import to_undirected

from pathproof.errors import UsageError
from pathproof.explain.data import Dataset, GeneGraph, Ints
from pathproof.explain.models.base import ResponseScale, layer_columns_or_refuse
from pathproof.explain.models.gnn import Frozen, GnnConfig
from pathproof.explain.models.training import Batch, Dropout, batch_of, optimise


@dataclass(frozen=True)
class Member:
    """The frozen parts of one member (see `Frozen`, without the first axis) and its last training loss."""

    parts: dict[str, Tensor]
    loss: float


class Network(nn.Module):
    """One residual GCN layer over genes, dense gene -> cell edges, one residual layer over cells, drug vectors.

    H = E + sum over relations of gate A E W (A symmetric normalised, edges taken in both directions:
    with directed edges alone the normalisation silences every gene without an incoming edge);
    z = X H / sqrt(p) + M E_M / 4 + T E_T.
    """

    def __init__(self, dataset: Dataset, graph: GeneGraph, config: GnnConfig, generator: torch.Generator) -> None:
        super().__init__()
        expression, mutation = layer_columns_or_refuse(dataset)
        index = {gene: i for i, gene in enumerate(graph.genes)}
        named = [dataset.features[i].gene for i in expression]
        absent = [gene for gene in named if gene not in index]
        if absent:
            raise UsageError("The gene graph lacks genes of the data set.", got=", ".join(absent[:5]))
        self.config = config
        rows = [index[gene] for gene in named]
        # the usual order, expressed genes first, is a view: no copy at every step
        self.expressed = slice(len(rows)) if rows == list(range(len(rows))) else torch.as_tensor(rows)
        self.n_expressed = len(rows)
        edges = relation_edges(graph, generator if config.shuffle_genes else None)
        self.adjacency = [normalised_adjacency(pairs, len(graph.genes)) for pairs in edges]
        self.convs = nn.ModuleList(identity_convolution(config.dim) for _ in edges)
        self.gates = nn.Parameter(torch.full((len(edges),), 0.5))

        def state(rows: int, columns: int, sd: float) -> nn.Parameter:
            return nn.Parameter(torch.randn(rows, columns, generator=generator) * sd)

        k, h = config.dim, config.hidden
        self.genes = state(len(graph.genes), k, 0.125)
        self.mutations = state(mutation.size, k, 0.125)
        self.tissues = state(len(dataset.tissues), k, 0.125)
        self.norm = nn.Parameter(torch.stack([torch.ones(k), torch.zeros(k)]))
        self.w1, self.b1 = state(k, h, 1 / math.sqrt(3 * k)), nn.Parameter(torch.zeros(h))
        self.w2, self.b2 = state(h, k, 1 / math.sqrt(3 * h)), nn.Parameter(torch.zeros(k))
        self.drugs = state(k, len(dataset.drugs), 0.125)
        self.bias = nn.Parameter(torch.zeros(len(dataset.drugs)))

    def feature_states(self) -> Tensor:
        """One state per feature (F, k), expression first."""
        states = self.genes
        for gate, convolution, adjacency in zip(self.gates, self.convs, self.adjacency, strict=True):
            states = states + gate * convolution(self.genes, adjacency)
        return torch.cat([states[self.expressed] / math.sqrt(self.n_expressed), self.mutations / 4])

    def residual(self, z: Tensor, drop: Dropout) -> Tensor:
        """z (n, k) to u (n, k)."""
        normed = F.layer_norm(z, z.shape[-1:]) * self.norm[0] + self.norm[1]
        rate = self.config.hidden_dropout
        inner = drop(F.gelu(drop(normed, rate) @ self.w1 + self.b1), rate)
        return z + inner @ self.w2 + self.b2

    def respond(self, batch: Batch, drop: Dropout) -> Tensor:
        """Z-scored responses (n, D)."""
        z = drop(batch.x, self.config.input_dropout) @ self.feature_states() + batch.tissue @ self.tissues
        return self.residual(z, drop) @ self.drugs + self.bias


def relation_edges(graph: GeneGraph, shuffle: torch.Generator | None = None) -> list[Tensor]:
    """Edges (2, E) of each relation in both directions, by name; genes permuted when `shuffle` is given."""
    n = len(graph.genes)
    label = torch.arange(n) if shuffle is None else torch.randperm(n, generator=shuffle)
    return [
        to_undirected(label[torch.from_numpy(graph.relations[name])], num_nodes=n) for name in sorted(graph.relations)
    ]


def normalised_adjacency(edges: Tensor, n: int) -> Tensor:
    """D^-1/2 A D^-1/2 of undirected edges (2, E) as a sparse (n, n) matrix, without self loops.

    As a matrix the messages are one sparse product: half the time of gathering and scattering edges.
    """
    pairs, weight = gcn_norm(edges, None, n, add_self_loops=False)
    adjacency: Tensor = torch.sparse_coo_tensor(pairs, weight, (n, n), check_invariants=True).coalesce()
    return adjacency


class SparseGCNConv(GCNConv):  # type: ignore[misc]  # torch-geometric is not typed
    """GCNConv whose messages are one product with a ready adjacency (the parent converts it at every call)."""

    def message_and_aggregate(self, adj_t: Tensor, x: Tensor) -> Tensor:
        """Sum the neighbours' states (n, k)."""
        summed: Tensor = torch.sparse.mm(adj_t, x)
        return summed


def identity_convolution(dim: int) -> SparseGCNConv:
    with torch.random.fork_rng(devices=[]):  # the initial values, replaced at once, come from global state
        convolution = SparseGCNConv(dim, dim, add_self_loops=False, normalize=False, bias=False)
    with torch.no_grad():
        convolution.lin.weight.copy_(torch.eye(dim))
    return convolution


def train_member(dataset: Dataset, rows: Ints, graph: GeneGraph, config: GnnConfig, seed: int) -> Member:
    """Train one network on the rows (repeats count) and fold it.

    Call it with torch held to one thread: the sums then come out in the same order every time.
    """
    generator = torch.Generator().manual_seed(seed)
    network = Network(dataset, graph, config, generator)
    scale = ResponseScale.of(dataset.y[rows])
    lines = batch_of(dataset, rows, scale)
    loss = optimise(network, lines, config, generator)
    return Member(_fold(network, lines, scale), loss)


def _fold(network: Network, lines: Batch, scale: ResponseScale) -> dict[str, Tensor]:
    """Everything a prediction needs, with the response scale folded into the drug vectors."""
    sd, mean = (torch.from_numpy(values.astype(np.float32)) for values in (scale.sd, scale.mean))
    silent = Dropout(None)

    def one_line(z: Tensor) -> Tensor:
        return network.residual(z[None], silent)[0]

    with torch.no_grad():
        features = network.feature_states()
        z = lines.x @ features + lines.tissue @ network.tissues
        slope = torch.func.vmap(torch.func.jacrev(one_line))(z).mean(dim=0)
        parts = {name: getattr(network, name).detach().clone() for name in _PLAIN}
        parts |= {"features": features, "slope": slope}
        parts |= {"drugs": network.drugs * sd, "bias": network.bias * sd + mean}
    return {name: parts[name] for name in Frozen.__dataclass_fields__}


_PLAIN = ("tissues", "norm", "w1", "b1", "w2", "b2", "gates")
