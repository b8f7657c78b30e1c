"""The small knowledge of small_graph.py as fixtures, and explanations that fit it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_graph import GENES, Tables, drug, pathway, small_tables, write_workspace

from pathproof.graph_schema.records import Claim, ClaimKind, Explanation, ModelRecord, Sign
from pathproof.workspace import Workspace


@pytest.fixture
def tables() -> Tables:
    return small_tables()


@pytest.fixture
def make_workspace(tmp_path: Path) -> Callable[..., Workspace]:
    def make(tables: Tables, key: str = "small") -> Workspace:
        return write_workspace(tmp_path / "workspace", tables, key)

    return make


@pytest.fixture
def workspace(tables: Tables, make_workspace: Callable[..., Workspace]) -> Workspace:
    return make_workspace(tables)


@pytest.fixture
def model() -> ModelRecord:
    return ModelRecord(id="model:m1", name="ridge", universe=tuple(GENES), sources=("gdsc", "omnipath"))


@pytest.fixture
def explanations() -> list[Explanation]:
    """Three explanations with claims of every kind."""

    def one(name: str, *claims: Claim, explainer: str = "pathproof") -> Explanation:
        return Explanation(
            explainer=explainer,
            version="1",
            model_id="m1" if explainer == "pathproof" else None,
            drug=drug(name),
            drug_name=name,
            screen="gdsc2",
            claims=claims,
            parameters={"top": 3, "ε": 0.1},
            fidelity=0.25,
            stability=0.5,
            sources=("gdsc",),
        )

    braf = Claim(
        kind=ClaimKind.GENE,
        genes=("BRAF",),
        layers=("mutation",),
        weights=(-0.75,),
        value=-0.75,
        sign=Sign.SENSITIVITY,
        rank=1,
        confidence=0.9,
        confirmed=True,
        edges=("e1",),
    )
    return [
        one(
            "Dabrafenib",
            braf,
            Claim(kind=ClaimKind.GENE, genes=("EGFR",), value=0.5, sign=Sign.RESISTANCE, rank=2, confidence=0.85),
            Claim(kind=ClaimKind.INTERACTION, genes=("NF1", "KRAS"), weights=(0.1, 2.0), value=1.0, rank=1),
            Claim(kind=ClaimKind.MODULE, genes=("MAP2K1", "BRAF", "MAPK1"), value=-1.0, sign=Sign.SENSITIVITY, rank=1),
            Claim(
                kind=ClaimKind.PATHWAY,
                genes=("BRAF", "MAPK1"),
                pathway=pathway("RAF/MAP kinase cascade"),
                value=3.0,
                rank=1,
                sources=("reactome",),
            ),
        ),
        one(
            "PLX-4720",
            Claim(kind=ClaimKind.MODULE, genes=("BRAF", "MAP2K1", "NF1"), value=-2.0, rank=1),
            Claim(kind=ClaimKind.RULE, genes=("BRAF", "NF1"), weights=(-2.0, 0.5), value=-1.5, rank=1),
        ),
        one("Dabrafenib", braf, explainer="association-lmm"),
    ]
