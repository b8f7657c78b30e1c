"""Units and logarithms that are mixed: a part of the drugs of a screen on another scale than the others."""

from __future__ import annotations

import re
from pathlib import Path

import measured_world as world
import numpy as np
import pandas as pd
import pytest
from measured_world import LOG2, LOG10, Change, every_second

from pathproof.errors import DataError
from pathproof.ingest.between_files import check_levels
from pathproof.ingest.sources import gdsc_response
from pathproof.ingest.sources.problems import Problems

NO_DOSES = ["MIN_CONC", "MAX_CONC"]


@pytest.mark.parametrize("doses", [True, False], ids=["with doses", "without doses"])
@pytest.mark.parametrize("change", [LOG2, LOG10], ids=["binary", "common"])
def test_another_logarithm_in_half_of_the_drugs(change: Change, doses: bool) -> None:
    """Curves of a step, whose IC50 lies in their doses as their area says: half of the drugs, and two of 24."""
    rng = np.random.default_rng(3)
    area = rng.uniform(0.3, 0.7, 24 * 40)
    frame = pd.DataFrame({"DRUG_ID": np.repeat(np.arange(24), 40), "AUC": area, "MIN_CONC": 0.004, "MAX_CONC": 4.0})
    frame["LN_IC50"] = np.log(0.004) + area * np.log(1000) + rng.normal(0.0, 0.1, len(frame))
    frame["LN_IC50"] += np.linspace(-3, 3, 24)[frame["DRUG_ID"]]
    for name in NO_DOSES:
        frame[name] *= np.exp(np.linspace(-3, 3, 24))[frame["DRUG_ID"]]
    told = "Some drugs are on another scale"
    if doses:
        told = "IC50 and doses of some drugs are not of one scale|not of one scale: columns LN_IC50"
    else:
        frame = frame.drop(columns=NO_DOSES)
    few = frame["DRUG_ID"] < 2
    assert re.search(told, _message(frame)) is None
    assert re.search(told, _message(pd.concat([change(frame[few]), frame[~few]]))) is None
    assert re.search(told, _message(every_second(change)(frame)))


def _message(frame: pd.DataFrame) -> str:
    problems = Problems(Path("file"), "file")
    gdsc_response._check_numbers(frame, problems)
    return "\n".join(error.render() for _, error in problems._found)


@pytest.mark.real_data
@pytest.mark.parametrize("share", [1, 2, 5], ids=["all drugs", "half of the drugs", "a fifth of the drugs"])
def test_the_real_gdsc1_in_another_unit_is_seen_beside_gdsc2(share: int, real_screens: dict[str, pd.DataFrame]) -> None:
    """The extract of GDSC1 names no doses, so only the other screen tells uM from nM."""
    one, other = real_screens["gdsc1"], real_screens["gdsc2"]
    _compare(one, other)
    nm = one.assign(ln_ic50=one["ln_ic50"] + np.log(1000))
    chosen = one["drug"].rank(method="dense") % share == 0
    with pytest.raises(DataError, match="of another unit than in the other screen"):
        _compare(pd.concat([nm[chosen], one[~chosen]]), other)


@pytest.fixture(scope="module")
def real_screens(real_data: Path) -> dict[str, pd.DataFrame]:
    names = {"SANGER_MODEL_ID": "line", "DRUG_ID": "drug", "DRUG_NAME": "drug_name", "LN_IC50": "ln_ic50"}
    files = {"gdsc1": world.GDSC1, "gdsc2": world.GDSC2}
    return {
        name: pd.read_csv(real_data / file, usecols=list(names)).rename(columns=names) for name, file in files.items()
    }


def _compare(one: pd.DataFrame, other: pd.DataFrame) -> None:
    first, second = (gdsc_response.Response(frame) for frame in (one, other))
    check_levels(first, second, (Path("GDSC1.csv"), Path("GDSC2.csv")))
