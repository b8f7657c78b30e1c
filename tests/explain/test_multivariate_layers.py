"""A predictor that sees copy number, explained as a function, names the layer; a record refuses what it cannot name."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from layers_world import gappy
from predictor_world import GENES

from pathproof.errors import UsageError
from pathproof.explain.assemble import peer_explanations
from pathproof.explain.models.kernel import KernelRidge
from pathproof.explain.multivariate.account import Account, explain_function
from pathproof.explain.multivariate.fit import Settings
from pathproof.explain.multivariate.function import of_predictor
from pathproof.explain.peers import Peer, PeerClaim

DATA = gappy()
EVERY = np.arange(len(DATA.cell_lines))
COPIES = np.flatnonzero([feature.layer == "copy_number" for feature in DATA.features])


@pytest.fixture(scope="module")
def model() -> KernelRidge:
    fitted = KernelRidge()
    fitted.fit(DATA, EVERY, 0)
    return fitted


@pytest.fixture(scope="module")
def account(model: KernelRidge) -> Account:
    """The kernel on expression, mutations and copy number, as a function of completed lines."""
    whole = dataclasses.replace(DATA, x=model.completion.complete(DATA, EVERY).astype(np.float32), known=None)
    function, lines = of_predictor(model, whole)
    return explain_function(function, lines, Settings(latents=8, rank=2, steps=20), seeds=2, samples=3)


def test_every_feature_carries_its_layer(account: Account) -> None:
    names = account.lines.features[: len(DATA.features)]
    assert names == tuple(f"{feature.layer}:{feature.gene}" for feature in DATA.features)
    assert sum(name.startswith("copy_number:") for name in names) == GENES


def test_slopes_of_copy_number_are_those_of_the_model(account: Account, model: KernelRidge) -> None:
    true = model.gradient() * account.lines.x[:, : len(DATA.features)].std(axis=0)[:, None]
    own = account.genes().raw.T[: len(DATA.features)]
    strongest = np.argsort(-np.abs(true[COPIES]).max(axis=1))[:10]
    for drug in range(len(DATA.drugs)):
        assert np.corrcoef(own[COPIES, drug], true[COPIES, drug])[0, 1] > 0.98
    assert own[COPIES[strongest]] == pytest.approx(true[COPIES[strongest]], abs=0.1 * np.abs(true).max())
    assert account.fidelity.min() > 0.95


def test_a_record_does_not_pass_copy_number_off_as_another_layer() -> None:
    claim = PeerClaim(int(COPIES[0]), 1.0, 1, None)
    with pytest.raises(UsageError, match=r"expression and mutations only(.|\n)*copy_number"):
        peer_explanations(Peer("any", ((claim,),), {}), DATA, (), 0)
