"""Chance, nulls and intervals against independent implementations on the same input: scipy and gseapy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from scoring_world import DRUGS, GENES, FakeStore, row, store, table

from pathproof.validate.judged import Judged, Setting, judge_all
from pathproof.validate.knowledge import read_knowledge
from pathproof.validate.metrics import bootstrap_interval, resamples
from pathproof.validate.nulls import drug_swap, permutations
from pathproof.validate.overlap import block_of, chance, compile_facts
from pathproof.validate.reference import Reference, fact_frame
from pathproof.validate.sampled import draws_of, summary, uniform
from pathproof.validate.scoring import Picked, pick, score
from pathproof.validate.universe import Universe

ITEMS, HELD, NAMED, RIGHT = 60, 12, 8, 4
BLANK = {"drug": DRUGS[0], "sign_mutation": 0, "sign_expression": 0, "sources": ("x",), "text": ""}
UNIVERSE = Universe.of(GENES[:ITEMS], (), "test")
REFERENCE = Reference("r", "", "", fact_frame({**BLANK, "item": g, "edges": (g,)} for g in GENES[:HELD]))


def one_drug(world: FakeStore) -> tuple[Setting, Judged, Picked]:
    """Eight genes are claimed for one drug; four of them are among the twelve of sixty that the reference holds."""
    genes = [*GENES[:RIGHT], *GENES[HELD : HELD + NAMED - RIGHT]]
    claims = table([row("x", DRUGS[0], g, 0.9 - 0.01 * i) for i, g in enumerate(genes)], (DRUGS[0],))
    setting = Setting((REFERENCE,), read_knowledge(world), UNIVERSE, draws=4000)
    judged = next(iter(judge_all(setting, claims)))
    return setting, judged, pick(judged, judged.ordered(None))


@pytest.fixture(scope="module")
def drawn() -> tuple[float, float, float]:
    """p of the null of random genes with its Monte Carlo error, and the number of right claims."""
    setting, judged, picked = one_drug(store())
    found = score(setting, judged, "all reported", None)
    draws = draws_of(judged, picked, uniform(judged), setting.rng("golden"), setting.draws)
    null = summary(found["precision"], draws)
    return null.p, null.p_error, found["n_supported"]


def test_random_genes_give_the_p_value_of_fishers_exact_test(drawn: tuple[float, float, float]) -> None:
    p, error, right = drawn
    assert right == RIGHT
    cells = [[RIGHT, NAMED - RIGHT], [HELD - RIGHT, ITEMS - HELD - NAMED + RIGHT]]
    assert abs(p - stats.fisher_exact(cells, alternative="greater").pvalue) < 4 * error
    assert p == pytest.approx(stats.hypergeom.sf(RIGHT - 1, ITEMS, HELD, NAMED), abs=4 * error)


def test_random_genes_give_the_p_value_of_gseapy(drawn: tuple[float, float, float]) -> None:
    gseapy = pytest.importorskip("gseapy")
    genes = [*GENES[:RIGHT], *GENES[HELD : HELD + NAMED - RIGHT]]
    found = gseapy.enrich(genes, {"reference": list(GENES[:HELD])}, background=list(GENES[:ITEMS]), outdir=None)
    assert found.res2d["Overlap"].tolist() == [f"{RIGHT}/{HELD}"]
    assert abs(drawn[0] - float(found.res2d["P-value"].iloc[0])) < 4 * drawn[1]


@pytest.mark.parametrize(("kind", "size", "need"), [("gene", 1, 1), ("interaction", 2, 2), ("module", 7, 4)])
def test_the_chance_of_a_claim_is_that_of_fishers_exact_test(kind: str, size: int, need: int) -> None:
    facts = compile_facts(REFERENCE, [DRUGS[0]], UNIVERSE, kind)
    genes = GENES[:size]
    frame = table([row("x", DRUGS[0], "|".join(genes), 0.5, genes=genes, kind=kind)]).frame
    cells = [[need, size - need], [HELD - need, ITEMS - HELD - size + need]]
    found = chance(block_of(frame, UNIVERSE, kind), facts, np.array([0]))
    assert found == pytest.approx([stats.fisher_exact(cells, alternative="greater").pvalue])


def test_drug_swap_gives_the_p_value_of_scipys_permutation_test() -> None:
    rng = np.random.default_rng(4)
    supported, testable = rng.integers(0, 3, (6, 6)), np.full((6, 6), 3)
    supported[np.arange(6), np.arange(6)] += rng.integers(0, 2, 6)

    def mean(order: npt.NDArray[np.float64]) -> float:
        return float(supported[np.arange(6), order.astype(int)].mean() / 3)

    exact = stats.permutation_test(
        (np.arange(6),), mean, permutation_type="pairings", alternative="greater", n_resamples=1000
    )
    found = drug_swap(supported, testable, np.arange(6), permutations(6, 4000, rng))
    assert found is not None
    assert abs(found.p - exact.pvalue) < 4 * found.p_error
    assert abs(found.mean - exact.null_distribution.mean()) < 4 * found.sd / np.sqrt(4000)


def test_the_interval_over_groups_is_that_of_scipys_bootstrap() -> None:
    rng = np.random.default_rng(6)
    values, size = rng.random(25), rng.integers(1, 5, 25).astype(float)
    found = bootstrap_interval(values * size, size, resamples(25, 20_000, rng))
    other = stats.bootstrap(
        (values * size, size), lambda a, b: a.sum() / b.sum(), paired=True, vectorized=False,
        method="percentile", n_resamples=20_000, rng=rng,
    )  # fmt: skip
    assert found == pytest.approx(tuple(other.confidence_interval), abs=0.01)
