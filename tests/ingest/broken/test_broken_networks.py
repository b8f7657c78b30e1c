"""Networks and clinical evidence turned round: the ends of an edge, its sign, what an alteration is said to mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from measured_world import exchanged

from pathproof.errors import DataError
from pathproof.ingest.networks_together import (
    LEAST_SIGNS,
    MIN_EDGES,
    MIN_NAMES,
    MIN_ROWS,
    MOST_UPSTREAM,
    check_networks,
    kappa,
)
from pathproof.ingest.sources import civic, networks
from pathproof.ingest.sources.base import Tally, require_file
from pathproof.ingest.sources.reading import read_table

PATHS = (Path("omnipath.tsv"), Path("collectri.csv"))
FLIPPED = {"Resistance": "Sensitivity/Response", "Sensitivity/Response": "Resistance"}
Networks = tuple[pd.DataFrame, pd.DataFrame]


def _made() -> Networks:
    """60 regulators of 300 genes; as many of these edges again with the same signs, and signals to the regulators."""
    rng = np.random.default_rng(4)
    edges = [(f"TF{i}", f"G{j}") for i in range(60) for j in rng.choice(300, 8, replace=False)]
    regulation = pd.DataFrame(edges, columns=["source", "target"])
    regulation["sign"] = rng.choice([-1, 1, 1], len(edges))
    signals = pd.DataFrame(
        {"source": [f"K{i}" for i in range(MIN_ROWS)], "target": rng.choice(regulation["source"], MIN_ROWS)}
    )
    signals["sign"] = rng.choice([-1, 1, 1], MIN_ROWS)
    return pd.concat([regulation.sample(MIN_EDGES, random_state=1), signals], ignore_index=True), regulation


def _told(interactions: pd.DataFrame, regulation: pd.DataFrame) -> str:
    try:
        check_networks(interactions, regulation, PATHS)
    except DataError as error:
        return error.render()
    return ""


def _moved(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(sign=np.roll(frame["sign"], 1))


turned = exchanged("source", "target")


def _each_fault_is_told(interactions: pd.DataFrame, regulation: pd.DataFrame) -> None:
    assert _told(interactions, regulation) == ""
    assert "Regulators outnumber what they regulate" in (told := _told(interactions, turned(regulation)))
    assert "where: collectri.csv, columns source and target" in told
    assert "Signals go away from the regulators" in (told := _told(turned(interactions), regulation))
    assert "where: omnipath.tsv, columns source and target" in told
    for spoilt in ((_moved(interactions), regulation), (interactions, _moved(regulation))):
        assert "The signs of the two networks do not belong together" in (told := _told(*spoilt))
        assert "omnipath.tsv or collectri.csv" in told


def test_made_networks_turned_round_and_moved() -> None:
    _each_fault_is_told(*_made())


def test_small_networks_say_nothing() -> None:
    interactions, regulation = _made()
    few = regulation["source"].isin([f"TF{i}" for i in range(MIN_NAMES - 1)])
    one = turned(regulation[few].assign(target="G1").drop_duplicates("source"))
    assert _told(interactions.head(MIN_NAMES - 1), turned(one)) == ""
    assert _told(turned(interactions).tail(MIN_ROWS - 1), regulation) == ""
    fewer = interactions.drop(index=range(1))
    assert _told(_moved(fewer), regulation) == ""


def test_agreement_above_chance() -> None:
    """0.7 of the signs agree, 0.58 do by chance: 0.12 of the 0.42 that are left."""
    one = pd.Series([1] * 70 + [-1] * 30)
    other = pd.Series([1] * 55 + [-1] * 15 + [1] * 15 + [-1] * 15)
    assert kappa(one, other) == pytest.approx((0.7 - 0.58) / (1 - 0.58))
    assert kappa(one, one) == 1.0
    assert kappa(pd.Series([1, 1]), pd.Series([1, 1])) is None


def test_the_real_networks_and_their_faults(real_data: Path) -> None:
    interactions, regulation = (
        networks.read_network(require_file(source, real_data), source, Tally())
        for source in (networks.OMNIPATH, networks.COLLECTRI)
    )
    _each_fault_is_told(interactions, regulation)
    away, towards = (interactions[end].isin(set(regulation["source"])).sum() for end in ("source", "target"))
    assert away / towards == pytest.approx(0.65, abs=0.01)
    assert away / towards + 0.3 < MOST_UPSTREAM < towards / away - 0.3
    ends = ["source", "target"]
    both = interactions.drop_duplicates(ends).merge(regulation.drop_duplicates(ends), on=ends)
    assert len(both) == 880
    sound = kappa(both["sign_x"], both["sign_y"])
    assert sound == pytest.approx(0.52, abs=0.01)
    assert sound > LEAST_SIGNS + 0.2


def _evidence(folder: Path, statements: dict[str, str]) -> Path:
    """40 items for each significance, with its statement."""
    rows = [
        {column.name: "" for column in (*civic.CIVIC.columns, *civic.CIVIC.extra)}
        | {"molecular_profile": "BRAF V600E", "disease": "Melanoma", "therapies": "Drug", "doid": "1909"}
        | {"evidence_type": "Predictive", "evidence_direction": "Supports", "evidence_level": "B", "rating": "3"}
        | {"significance": significance, "citation_id": f"{n}", "citation": f"A {n}", "source_type": "PubMed"}
        | {"evidence_statement": f"BRAF and Drug: {said}", "evidence_id": f"{n}", "evidence_status": "accepted"}
        | {"is_flagged": "false", "therapy_interaction_type": ""}
        for n, (significance, said) in enumerate([*statements.items()] * 40, 1)
    ]
    path = folder / "ClinicalEvidenceSummaries.tsv"
    pd.DataFrame(rows).to_csv(path, sep="\t", index=False)
    return path


def test_what_is_said_to_be_resistant_says_so(tmp_path: Path) -> None:
    said = {"Resistance": "cells were RESISTANT", "Sensitivity/Response": "tumours shrank"}
    assert len(civic.read_evidence(_evidence(tmp_path, said), Tally())) == 80
    flipped = {FLIPPED[significance]: statement for significance, statement in said.items()}
    with pytest.raises(DataError, match=r"Only 0 of 40 statements of resistance name it(.|\n)*at least 35%"):
        civic.read_evidence(_evidence(tmp_path, flipped), Tally())


def test_the_real_evidence_with_its_significance_exchanged(real_data: Path, tmp_path: Path) -> None:
    path = require_file(civic.CIVIC, real_data)
    assert len(civic.read_evidence(path, Tally())) > 2_000
    frame = read_table(path, civic.CIVIC)
    spoilt = tmp_path / "ClinicalEvidenceSummaries.tsv"
    flipped = frame.assign(significance=frame["significance"].replace(FLIPPED))
    flipped.to_csv(spoilt, sep="\t", index=False, quoting=3)
    with pytest.raises(DataError, match="statements of resistance name it"):
        civic.read_evidence(spoilt, Tally())


def test_the_real_evidence_with_its_interactions_moved(real_data: Path, tmp_path: Path) -> None:
    """As they are it passes, of which another test makes sure; after a move by one row it is refused."""
    frame = read_table(require_file(civic.CIVIC, real_data), civic.CIVIC)
    spoilt = tmp_path / "ClinicalEvidenceSummaries.tsv"
    moved = frame.assign(therapy_interaction_type=np.roll(frame["therapy_interaction_type"], 1))
    moved.to_csv(spoilt, sep="\t", index=False, quoting=3)
    with pytest.raises(DataError, match="items with several therapies or their interaction have both"):
        civic.read_evidence(spoilt, Tally())
