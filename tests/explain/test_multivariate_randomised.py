"""The sanity check of Adebayo et al. (doi:10.48550/arXiv.1810.03292): weights drawn anew give another explanation."""

from __future__ import annotations

import numpy as np
import pytest
from predictor_world import DRUGS, GENES, world

from pathproof.explain.models.mlp import Mlp, MlpConfig
from pathproof.explain.multivariate.account import Account, explain_function
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import of_predictor

DATASET = world()
TRAINED = MlpConfig(hidden=(32, 16), epochs=100, learning_rate=0.01, weight_decay=1.0, seeds=1)
DRAWN = MlpConfig(hidden=(32, 16), epochs=1, learning_rate=1e-12, weight_decay=0.0, seeds=1)
"""The same network as it is drawn: a step of no length leaves its weights."""
WIDTH = len(DATASET.features)


def _explained(config: MlpConfig, seed: int) -> tuple[Account, np.ndarray]:
    """The account of a network, and its own exact slopes (D, F), both per SD."""
    model = Mlp(config)
    model.fit(DATASET, np.arange(len(DATASET.cell_lines)), seed)
    function, lines = of_predictor(model, DATASET)
    account = explain_function(function, lines, Settings(latents=8, rank=4, steps=30), seeds=2, samples=3)
    return account, model.gradient().T * lines.x[:, :WIDTH].std(axis=0)


def _agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Median over drugs of the correlation over features of what is left when the mean over drugs is taken out."""
    own, other = (values - values.mean(axis=0) for values in (a, b))
    return float(np.median([np.corrcoef(own[d], other[d])[0, 1] for d in range(DRUGS)]))


@pytest.fixture(scope="module")
def trained() -> tuple[Account, np.ndarray]:
    return _explained(TRAINED, 0)


def test_the_explanation_of_a_trained_network_is_its_slopes(trained: tuple[Account, np.ndarray]) -> None:
    account, slopes = trained
    own = account.genes().raw[:, :WIDTH]
    assert _agreement(own, slopes) > 0.9
    planted = np.abs(own[:, :3]).mean()
    assert planted > 3 * np.abs(own[:, 3:GENES]).mean()


def test_weights_drawn_anew_give_another_explanation(trained: tuple[Account, np.ndarray]) -> None:
    account, slopes = _explained(DRAWN, 1)
    own = account.genes().raw[:, :WIDTH]
    assert _agreement(own, slopes) > 0.9, "it follows the network that it is given"
    assert abs(_agreement(own, trained[0].genes().raw[:, :WIDTH])) < 0.25
