"""GNNExplainer as a peer: its weights are those of the package on one line alone, and find what the network reads."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from multivariate_world import lines
from torch_geometric.explain import Explainer, GNNExplainer

from pathproof.errors import UsageError
from pathproof.explain.models.anchored import AnchoredGnn
from pathproof.explain.models.gnn import Frozen, Gnn
from pathproof.explain.multivariate.function import ModelFunction
from pathproof.explain.multivariate.graph_peers import ReadingGraph, gnn_explainer, node_weights, nodes_of

GENES, TISSUES, N = 12, 3, 60
M = GENES + TISSUES
BACKGROUND = lines(N, M)
READ = (1, 4, 9)
"""The features that the model reads at all."""
FUNCTION = ModelFunction("unused", lambda rows: rows, BACKGROUND.features, ("a", "b"))
MIXED = np.asarray([[1.0, -0.5], [0.3, 0.5]])


@pytest.fixture(scope="module")
def model() -> AnchoredGnn:
    """A ridge and a network of two members, drawn at random, that read three of the genes and no tissue."""
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> torch.Tensor:
        return 0.5 * torch.randn(shape, generator=generator)

    s, k, h, d = 2, 4, 6, 2
    features = torch.zeros(s, GENES, k)
    features[:, READ] = draw(s, len(READ), k)
    made = AnchoredGnn(None)
    made.weight = 0.6
    made.gnn = Gnn(None)
    made.gnn._frozen = Frozen(
        features=features, tissues=torch.zeros(s, TISSUES, k), norm=1.0 + draw(s, 2, k), w1=draw(s, k, h),
        b1=draw(s, h), w2=draw(s, h, k), b2=draw(s, k), drugs=draw(s, k, d), bias=draw(s, d), slope=draw(s, k, k),
        gates=draw(s, 1),
    )  # fmt: skip
    weights = np.zeros((GENES, d))
    weights[list(READ)] = np.random.default_rng(0).standard_normal((len(READ), d))
    made.ridge._weights, made.ridge._tissue, made.ridge._mean = weights, np.zeros((TISSUES, d)), np.zeros(d)
    return made


def test_the_graph_says_what_the_model_says(model: AnchoredGnn) -> None:
    x, base = BACKGROUND.x, BACKGROUND.x.mean(axis=0)
    graph = ReadingGraph(model, MIXED[:, 0], base, 2.0)
    with torch.no_grad():
        own = graph(*nodes_of(torch.from_numpy(x - base))).numpy()[:, 0]
    single = x.astype(np.float32)
    wanted = model.predict(single[:, :GENES], single[:, GENES:]) @ MIXED[:, 0]
    assert np.diff(2.0 * own) == pytest.approx(np.diff(wanted), abs=1e-5)


def test_each_line_gets_the_weights_that_the_package_gives_it_alone(model: AnchoredGnn) -> None:
    base = BACKGROUND.x.mean(axis=0)
    moved = torch.from_numpy(BACKGROUND.x[:3] - base)
    graph = ReadingGraph(model, MIXED[:, 0], base, 1.0)

    class Alone(torch.nn.Module):
        """The model of one line, without a graph."""

        def forward(self, x: torch.Tensor, _edges: torch.Tensor) -> torch.Tensor:
            row = torch.from_numpy(base) + x[:, 0]
            net = graph.net
            z = net.latent(row[None, :GENES], row[None, GENES:])
            network = (net.residual(z) @ net.drugs).mean(dim=0) @ torch.from_numpy(MIXED[:, 0])
            return (x[:, 0] @ graph.linear + 0.6 * network)[:, None]

    torch.manual_seed(5)
    drawn = torch.randn(3 * M, 1) * 0.1  # the package's start of the three lines together
    torch.manual_seed(5)
    joint = node_weights(graph, moved, 60, 0.05)
    for i in range(3):
        algorithm = GNNExplainer(epochs=60, lr=0.05)

        def start(x: torch.Tensor, edges: torch.Tensor, i: int = i, own: GNNExplainer = algorithm) -> None:
            own.node_mask = torch.nn.Parameter(drawn[i * M : (i + 1) * M].clone())
            own.edge_mask = None

        algorithm._initialize_masks = start
        explainer = Explainer(
            Alone(), algorithm, explanation_type="model", node_mask_type="object",
            model_config={"mode": "regression", "task_level": "graph", "return_type": "raw"},
        )  # fmt: skip
        alone = explainer(moved[i][:, None], torch.zeros(2, 1, dtype=torch.int64)).node_mask[:, 0]
        assert joint[i].numpy() == pytest.approx(alone.numpy(), abs=1e-3)


def test_only_what_the_model_reads_has_a_weight_and_no_direction_is_stated(model: AnchoredGnn) -> None:
    state = torch.random.get_rng_state()
    rows = np.arange(0, N, 2)
    said = gnn_explainer(model, MIXED)(FUNCTION, BACKGROUND, rows, 0)
    assert said.slopes.shape == (2, M)
    assert not said.signed
    assert np.isnan(said.fidelity).all()
    unread = np.setdiff1d(np.arange(M), READ)
    assert (said.slopes[:, unread] == 0).all()
    assert (said.slopes[:, list(READ)] > 0).all()
    assert (said.slopes < 1).all()
    again = gnn_explainer(model, MIXED)(FUNCTION, BACKGROUND, rows, 0)
    assert (again.slopes == said.slopes).all(), "the seed is all"
    assert (torch.random.get_rng_state() == state).all(), "torch's own generator is as it was"


@pytest.mark.parametrize("budget", [{"asked": 0}, {"epochs": 99}])
def test_a_budget_too_small_for_the_method_is_refused(model: AnchoredGnn, budget: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"budget is too small for gnn-explainer(.|\n)*at least one line"):
        gnn_explainer(model, MIXED, **budget)
