"""GNNExplainer of PyTorch Geometric on the explained network, as a peer.

What is a graph in the trained model: every feature of a line (gene nodes, and one for each tissue) sends its state,
times its value, to the line, which reads them. The messages between genes do not depend on the line and are folded
into the states when the model is kept (:class:`pathproof.explain.models.gnn.Frozen`), so no line can mask them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch_geometric.explain import Explainer, GNNExplainer

from pathproof.errors import UsageError
from pathproof.explain.models.base import one_thread
from pathproof.explain.multivariate.function import Lines, ModelFunction
from pathproof.explain.multivariate.model_peers import Peer, Said, linear_half
from pathproof.explain.multivariate.sampling_peers import chosen

if TYPE_CHECKING:
    from pathproof.explain.models.anchored import AnchoredGnn

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ASKED, EPOCHS, RATE = 24, 100, 0.01


class ReadingGraph(nn.Module):
    """One output of the anchored network as a graph: feature nodes with a value each, and edges to their lines.

    Parameters
    ----------
    model : AnchoredGnn
    mixed : float array (all drugs,)
        Makes the output from the predictions for all drugs.
    base : float array (m,)
        The line that a node of value 0 stands for.
    unit : float
        The output is divided by it.
    """

    def __init__(self, model: AnchoredGnn, mixed: Floats, base: Floats, unit: float) -> None:
        super().__init__()
        net = model.gnn.frozen.to(torch.float64)
        self.net, self.weight, self.unit = net, model.weight, unit
        self.drug = net.drugs @ torch.from_numpy(mixed)  # (S, k)
        self.states = torch.cat([net.features, net.tissues], dim=1)  # (S, m, k)
        self.linear = torch.from_numpy((1.0 - model.weight) * linear_half(model, len(base)) @ mixed)  # (m,)
        self.start = (torch.from_numpy(base) @ self.states)[:, None]  # (S, 1, k)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        """Outputs (lines, 1), up to a constant, of nodes (lines * m, 1) and edges (2, lines * m) to the lines.

        The nodes of each line stand together, in the order of the features.
        """
        m = self.states.shape[1]
        sources, line = edge_index
        values = torch.zeros(int(line.max()) + 1, m, dtype=x.dtype).index_put((line, sources % m), x[sources, 0])
        z = self.start + values @ self.states  # every line sums the messages of its features
        network = (self.net.residual(z) @ self.drug[:, :, None]).mean(dim=0)
        out: Tensor = (values @ self.linear[:, None] + self.weight * network) / self.unit
        return out


def gnn_explainer(
    model: AnchoredGnn, mixed: Floats, asked: int = ASKED, epochs: int = EPOCHS, rate: float = RATE
) -> Peer:
    """GNNExplainer (Ying et al. 2019, doi:10.48550/arXiv.1903.03894): the features that keep a line's output.

    For each output and line it learns one weight in (0, 1) a feature node, so that the line, moved from the mean line
    by these shares of its deviations, keeps its output (in SDs over the lines that may be seen), with the penalties of
    the package as they are. `slopes` holds the mean weight over the lines: it has no sign, and is no slope.

    Parameters
    ----------
    model : AnchoredGnn
    mixed : float array (all drugs, D)
        Makes the outputs from the predictions for all drugs.
    asked : int
        Lines that are explained.
    epochs, rate : int, float
        Steps of Adam for each output, and the size of a step; default as the package has them.

    Raises
    ------
    UsageError
        No line is asked about, or so few steps that a weight cannot leave the neighbourhood of where it was drawn.
    """
    if asked < 1 or epochs * rate < 1.0:
        raise UsageError(
            "The budget is too small for gnn-explainer.",
            got=f"{asked} lines, {epochs} steps of {rate:g}",
            allowed="at least one line, and steps that add up to 1: a step moves the logit of a weight by its size",
            action="ask about more lines, or take more steps",
        )

    def said(_function: ModelFunction, lines: Lines, rows: Ints, seed: int) -> Said:
        picked, base = chosen(lines, rows, asked, seed)
        moved = torch.from_numpy(picked - base)
        weights = []
        for d in range(mixed.shape[1]):
            graph = ReadingGraph(model, mixed[:, d], base, 1.0)
            with one_thread(), torch.no_grad():
                graph.unit = max(float(graph(*nodes_of(torch.from_numpy(lines.x[rows] - base))).std()), 1e-12)
            with one_thread(), torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                weights.append(node_weights(graph, moved, epochs, rate).mean(dim=0).numpy())
        return Said(np.stack(weights), np.full(mixed.shape[1], np.nan), signed=False)

    return said


def node_weights(graph: ReadingGraph, moved: Tensor, epochs: int, rate: float) -> Tensor:
    """Weight of every feature in every line (lines, m), of deviations from the base (lines, m); torch's state draws.

    The lines are one graph without edges between them; the penalties are means over nodes and the loss one over lines,
    so each line is explained as it would be alone.
    """
    explainer = Explainer(
        graph,
        GNNExplainer(epochs=epochs, lr=rate),
        explanation_type="model",
        node_mask_type="object",
        model_config={"mode": "regression", "task_level": "graph", "return_type": "raw"},
    )
    found: Tensor = explainer(*nodes_of(moved)).node_mask
    return found.view(moved.shape)


def nodes_of(moved: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes (lines * m, 1) and edges (2, lines * m): each feature of a line to the line."""
    lines, m = moved.shape
    return moved.reshape(-1, 1), torch.stack([torch.arange(lines * m), torch.arange(lines).repeat_interleave(m)])
