"""Whether the numbers of a drug screen are what their columns say: exchanged columns, other logarithms, other units.

Every limit lies far from the sound files on one side and from the fault on the other; the figures are measured on
GDSC2, GDSC1 and CCLE. A file too small for a check (few drugs, lines or rows) is not held against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathproof.ingest.sources.problems import N_SHOWN, Problems

MIN_LINES = 20
"""Rows of a drug below which it says nothing of a spread or a correlation."""
MIN_DRUGS = 10
"""Such drugs below which a file says nothing."""
MIN_HALVED = 20
"""Rows with an area of about one half below which a file says nothing of its scale."""
LEAST_BETWEEN = 0.5
"""Spread (SD) of the drugs' means. Sound: 2.31, 2.27, 1.70; a Z_SCORE, which is centred per drug: 0.03."""
MOST_ASIDE = 0.4
"""Median distance (ln uM) of an IC50 from the middle dose where the area is one half. Sound: 0.04 (GDSC2); common
logarithms: 0.86; a Z_SCORE: 1.2; IC50 or doses in nM: 6.9."""
MIN_OF_DRUG = 5
"""Rows of a drug with such an area below which it says nothing of the scale of its own."""
MOST_DRUGS_ASIDE = 0.15
"""Share of the drugs of which that distance is too large. Sound: 0.03; binary logarithms in half of the drugs: 0.34;
IC50 in nM in half of them: 0.55."""
MOST_SLOPES_APART = 1.3
"""Slope of ln IC50 over the areas of 0.3 to 0.7 within a drug: its 90th percentile over drugs as a multiple of the
10th, of files without doses. Sound: 1.09; binary logarithms in half of the drugs: 1.50; common ones: 2.41."""
LEAST_WITHIN = 0.87
"""Median over drugs of the spread (SD) of ln IC50, of files without doses. Sound: 1.32; common logarithms: 0.57."""
LEAST_RANK = 0.3
"""Median over drugs of the rank correlation of ln IC50 and area. Sound: 0.81, 0.94, 0.69; one turned round: below 0."""
MOST_REPEATED = 0.1
"""Share of the rows that may have one and the same value. Sound: 0.0001; a quarter filled in: 0.25."""
MIN_REPEATED = 200
"""Rows below which a value that repeats says nothing."""
_ACTION = "look whether columns were exchanged or values converted, or download the file again"


@dataclass(frozen=True)
class Measures:
    """The numbers of a screen, one entry per row, and how the file names them.

    `response` is the ln IC50; `area` is higher for a more resistant line, as an AUC is (an activity area with its sign
    turned).
    """

    drug: pd.Series[str]
    response: pd.Series[float]
    area: pd.Series[float]
    response_name: str
    area_name: str

    def told(self) -> pd.DataFrame:
        """Columns drug, response, area of the drugs that have enough rows; empty when they are too few."""
        frame = pd.DataFrame({"drug": self.drug, "response": self.response, "area": self.area}).dropna()
        frame = frame[frame["drug"].map(frame["drug"].value_counts()) >= MIN_LINES]
        return frame if frame["drug"].nunique() >= MIN_DRUGS else frame.iloc[:0]


def check_potency(measures: Measures, problems: Problems) -> None:
    """Drugs differ in potency; what is centred per drug is no IC50."""
    means = measures.told().groupby("drug")["response"].mean()
    between = float(means.std())
    if between < LEAST_BETWEEN:
        problems.add(
            f"The drugs all have the same mean, as in a Z_SCORE: column {measures.response_name}.",
            f"column {measures.response_name}",
            got=f"a standard deviation of {between:.2f} between the means of {len(means):,} drugs",
            allowed=f"at least {LEAST_BETWEEN} (ln uM): drugs differ in potency",
            action=_ACTION,
        )


def check_spread(measures: Measures, problems: Problems) -> None:
    """Common logarithms are smaller by 2.3: for files without the doses, which tell more (:func:`check_doses`)."""
    spreads = measures.told().groupby("drug")["response"].std()
    within = float(spreads.median())
    if within < LEAST_WITHIN:
        problems.add(
            f"The numbers spread too little for natural logarithms: column {measures.response_name}.",
            f"column {measures.response_name}",
            got=f"a standard deviation of {within:.2f} within a drug (the median of {len(spreads):,})",
            allowed=f"at least {LEAST_WITHIN} (ln uM)",
            action="multiply common logarithms by 2.302585, or download the file again",
        )


def check_slopes(measures: Measures, problems: Problems) -> None:
    """One design of doses gives all drugs one slope of ln IC50 over the area: some of them are in another logarithm.

    For files without the doses, as :func:`check_spread`, which sees them only when all drugs are.
    """
    frame = pd.DataFrame({"drug": measures.drug, "response": measures.response, "area": measures.area}).dropna()
    frame = frame[frame["area"].between(0.3, 0.7)]
    frame = frame[frame["drug"].map(frame["drug"].value_counts()) >= MIN_LINES]
    means = frame.groupby("drug")[["response", "area"]].transform("mean")
    area = frame["area"] - means["area"]
    sums = pd.DataFrame({"both": area * (frame["response"] - means["response"]), "area": area**2})
    sums = sums.groupby(frame["drug"]).sum()
    sums = sums[sums["area"] > 0]
    slopes: pd.Series[float] = sums["both"] / sums["area"]
    if len(slopes) < MIN_DRUGS:
        return
    low, high = (float(slopes.quantile(share)) for share in (0.1, 0.9))
    if high > MOST_SLOPES_APART * low:
        problems.add(
            f"Some drugs are on another scale than the others: column {measures.response_name}.",
            f"column {measures.response_name}",
            got=f"one that rises with {measures.area_name} by {low:.2f} in one tenth of {len(slopes):,} drugs or less, "
            f"and by {high:.2f} in another or more (as drugs {slopes.idxmin()} and {slopes.idxmax()})",
            allowed=f"{MOST_SLOPES_APART:g} times as much at most: one design of doses gives one slope",
            action="give natural logarithms (ln uM) for all drugs, or download the file again",
        )


def check_repeats(values: pd.Series[float], problems: Problems) -> None:
    """A fitted value hardly repeats: one that stands in many rows was filled in for what is not known.

    `values` are those that are none of the outermost doses, which some files give for an IC50 beyond them.
    """
    told = values.dropna()
    if len(told) < MIN_REPEATED:
        return
    counts = told.value_counts()
    if int(counts.iloc[0]) > MOST_REPEATED * len(told):
        problems.add(
            f"One value stands in many rows, as if it was filled in: column {values.name}.",
            f"column {values.name}",
            got=f"{counts.index[0]:g} in {int(counts.iloc[0]):,} of {len(told):,} rows",
            allowed=f"at most {MOST_REPEATED:.0%} of the rows with one value",
            action="leave out the rows that were not measured, or download the file again",
        )


def check_rank(measures: Measures, problems: Problems) -> None:
    """Both measures are of one curve: what has one of them turned round, sorted or moved, is wrong in each row."""
    frame = measures.told()
    ranks = frame.groupby("drug")[["response", "area"]].rank()
    ranks -= ranks.groupby(frame["drug"]).transform("mean")
    products = (ranks**2).assign(both=ranks["response"] * ranks["area"])
    sums = products.groupby(frame["drug"]).sum()
    varied = sums[(sums["response"] > 0) & (sums["area"] > 0)]
    rho: pd.Series[float] = varied["both"] / np.sqrt(varied["response"] * varied["area"])
    if len(rho) >= MIN_DRUGS and float(rho.median()) < LEAST_RANK:
        names = f"{measures.response_name} and {measures.area_name}"
        problems.add(
            f"The two measures of one response do not agree: columns {names}.",
            f"columns {names}",
            got=f"a rank correlation of {rho.median():.2f} within a drug (the median of {len(rho):,})",
            allowed=f"at least {LEAST_RANK}, counted so that both are lower for a more sensitive line",
            action="look whether one was turned round, sorted or moved by rows, or download the file again",
        )


def check_doses(measures: Measures, low: pd.Series[float], high: pd.Series[float], problems: Problems) -> None:
    """Where half of the area (0 to 1) is left, any symmetric curve crosses one half in the middle of its doses.

    `low` and `high` are the natural logarithms of the lowest and the highest dose (uM).
    """
    halved = measures.area.between(0.4, 0.6)
    aside = (measures.response - low - measures.area * (high - low))[halved].dropna()
    if len(aside) < MIN_HALVED:
        return
    if float(aside.abs().median()) <= MOST_ASIDE:
        _check_drugs_aside(aside.abs(), measures, problems)
        return
    problems.add(
        f"IC50 and doses are not of one scale: columns {measures.response_name}, MIN_CONC, MAX_CONC.",
        f"column {measures.response_name}",
        got=f"where {measures.area_name} is about 0.5, an IC50 that is {aside.abs().median():.2f} (the median of "
        f"{len(aside):,} rows) from the middle of the doses on the scale of ln uM",
        allowed=f"at most {MOST_ASIDE}",
        action="the IC50 is a natural logarithm and both are in uM (not nM): " + _ACTION,
    )


def _check_drugs_aside(aside: pd.Series[float], measures: Measures, problems: Problems) -> None:
    """The same drug by drug: units that are mixed do not show in the file as a whole."""
    of_drugs = aside.groupby(measures.drug[aside.index])
    medians = of_drugs.median()[of_drugs.size() >= MIN_OF_DRUG]
    wrong = medians[medians > MOST_ASIDE]
    if len(medians) >= MIN_DRUGS and len(wrong) > MOST_DRUGS_ASIDE * len(medians):
        problems.add(
            f"IC50 and doses of some drugs are not of one scale: columns {measures.response_name}, MIN_CONC, MAX_CONC.",
            f"column {measures.response_name}",
            got=f"{len(wrong):,} of {len(medians):,} drugs with an IC50 that is more than {MOST_ASIDE} from the middle "
            f"of the doses where {measures.area_name} is about 0.5, as {', '.join(map(str, wrong.index[:N_SHOWN]))}",
            allowed=f"at most {MOST_DRUGS_ASIDE:.0%} of the drugs",
            action="the IC50 is a natural logarithm and both are in uM (not nM), for all drugs: " + _ACTION,
        )
