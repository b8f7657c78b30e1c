"""What stands beside the headline: simple explainers, popular genes, simple predictors, empty references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pathproof.validate.evidence import KIND_WORDS
from pathproof.validate.profiles import Profile
from pathproof.validate.render_format import MINUS, REFERENCES
from pathproof.validate.words import percent

Row = Mapping[str, Any]
Lists = dict[str, list[str]]
Gap = tuple[float, float, float]
TOP = "top3"
ALIKE_COVERAGE = 0.8  # a precision at a much smaller coverage is not as good
SIMPLE = {"random", "popular", "univariate", "association-lmm"}  # the peers that a run puts beside its explainer
EDGES, NO_EDGES = "gnn", "gnn-shuffled-genes"


def beside(
    who: tuple[str, str],
    profile: Profile,
    precision: Sequence[Row],
    selective: Sequence[Row],
    references: Sequence[str] = (),
    differences: Sequence[Row] = (),
) -> Lists:
    """Sentences for the three lists of the verdict.

    Parameters
    ----------
    who : (explainer, screen)
        The judged one.
    profile : Profile
    precision, selective : sequence of mapping
        The rows of the report.
    references : sequence of str
        Names of all references: one without a row holds nothing of the judged kind.
    differences : sequence of mapping
        Paired differences of the explainers' precision without selection, as the leaderboard gives them. Where
        two explainers have one, it decides between them; their own intervals do not.
    """
    explainer, screen = who
    wanted = {
        "screen": screen,
        "reference": profile.reference,
        "claim_kind": profile.claim_kind,
        "circular": "excluded",
    }
    chosen = {r["explainer"]: r for r in selective if _is(r, wanted)}
    top = {r["explainer"]: r for r in precision if _is(r, {**wanted, "selection": TOP})}
    lists: Lists = {"supported": [], "not_supported": [], "not_tested": []}
    _peers(lists, explainer, chosen, top, _gaps(who, differences))
    own, popular = (_value(top, explainer), ((top.get(explainer) or {}).get("popularity") or {}).get("mean"))
    if own is not None and popular is not None and own < popular:
        lists["not_supported"].append(
            f"Without selection {percent(own)} of the three surest claims of {explainer} for a drug are supported: "
            f"less than the most claimed ones, claimed for every drug, would reach ({percent(popular)})."
        )
    empty = _empty(who, profile, precision, references)
    if empty:
        lists["not_tested"].append("Nothing to score in: " + "; ".join(empty) + ".")
    return lists


def _is(row: Row, wanted: Row) -> bool:
    return all(row.get(key) == value for key, value in wanted.items())


def _value(rows: Mapping[str, Row], name: str) -> float | None:
    value = (rows.get(name) or {}).get("precision")
    return None if value is None else float(value)


def _gaps(who: tuple[str, str], differences: Sequence[Row]) -> dict[str, Gap]:
    """The judged explainer minus each other of its screen: mean and 95 % interval."""
    explainer, screen = who
    found: dict[str, Gap] = {}
    for row in differences:
        if row["ci95"] is None or (row["screen"], row["minus_screen"]) != (screen, screen):
            continue
        mean, (low, high) = row["mean"], row["ci95"]
        if row["explainer"] == explainer:
            found[row["minus"]] = (mean, low, high)
        elif row["minus"] == explainer:
            found[row["explainer"]] = (-mean, -high, -low)
    return found


def _peers(
    lists: Lists, explainer: str, chosen: Mapping[str, Row], top: Mapping[str, Row], gaps: Mapping[str, Gap]
) -> None:
    names = sorted((set(chosen) | set(top)) - {explainer})
    if not names:
        lists["not_tested"].append("No other explainer stands beside it for comparison.")
        return
    if _value(top, explainer) is None and _value(chosen, explainer) is None:
        return

    def alike(name: str) -> bool:
        wide = _coverage(chosen, name) >= ALIKE_COVERAGE * _coverage(chosen, explainer)
        plain = gaps[name][1] <= 0 if name in gaps else _inside(name, explainer, top)
        return plain or (wide and _inside(name, explainer, chosen))

    def rank(name: str) -> tuple[int, bool, float, float]:
        wins = _wins(name, explainer, chosen, top, gaps)
        return wins, alike(name), _value(chosen, name) or 0.0, _value(top, name) or 0.0

    best = max(names, key=rank)
    figures = (
        f"{_selected(chosen, best)} against {_selected(chosen, explainer)}; "
        f"without selection (top 3) {_two(_value(top, best))} against {_two(_value(top, explainer))}"
        + _paired(gaps.get(best))
    )
    who = f"{best}, a simple explainer," if best in SIMPLE else f"{best}, compared with it,"
    if _wins(best, explainer, chosen, top, gaps):
        lists["not_supported"].append(f"{who} does as well or better: {figures}.")
    elif alike(best):
        why = "" if best in gaps and gaps[best][1] <= 0 else " (not below its 95 % interval)"
        lists["not_supported"].append(f"{who} cannot be told from {explainer}{why}: {figures}.")
    else:
        others = "simple" if set(names) <= SIMPLE else "compared"
        lists["supported"].append(f"No {others} explainer reaches {explainer}, the best is {best}: {figures}.")


def _inside(name: str, explainer: str, rows: Mapping[str, Row]) -> bool:
    """Whether the other's precision is not below the interval of the judged one."""
    value, interval = _value(rows, name), (rows.get(explainer) or {}).get("ci95")
    return value is not None and interval is not None and value >= float(interval[0])


def _paired(gap: Gap | None) -> str:
    if gap is None:
        return ""
    return f", on shared drugs {-gap[0]:+.3f} (95 % interval {-gap[2]:+.3f} to {-gap[1]:+.3f})".replace("-", MINUS)


def _wins(name: str, explainer: str, chosen: Mapping[str, Row], top: Mapping[str, Row], gaps: Mapping[str, Gap]) -> int:
    """In how many comparisons the other does as well: selected (precision and coverage), and without selection."""
    other, own = _value(chosen, name), _value(chosen, explainer)
    wider = _coverage(chosen, name) >= _coverage(chosen, explainer)
    selected = other is not None and (own is None or (other >= own and wider))
    plain, mine = _value(top, name), _value(top, explainer)
    as_good = plain is not None and (mine is None or plain >= mine)
    return int(selected) + int(gaps[name][0] <= 0 if name in gaps else as_good)


def _coverage(rows: Mapping[str, Row], name: str) -> float:
    return float((rows.get(name) or {}).get("coverage_at_threshold") or 0.0)


def _selected(rows: Mapping[str, Row], name: str) -> str:
    value, coverage = _value(rows, name), percent(_coverage(rows, name))
    if value is None:
        return "none selected"
    return "almost none selected" if coverage == percent(0.0) else f"{_two(value)} at {coverage} coverage"


def _two(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.2f}"


def _empty(who: tuple[str, str], profile: Profile, precision: Sequence[Row], references: Sequence[str]) -> list[str]:
    """References with nothing to score for the judged explainer, and why."""
    explainer, screen = who
    wanted = {"explainer": explainer, "screen": screen, "claim_kind": profile.claim_kind, "circular": "excluded"}
    rows = [r for r in precision if _is(r, wanted) and r["selection"] == "all reported"]
    why = {r["reference"]: r.get("reason") or "no reason known" for r in rows if r["precision"] is None}
    silent = set(references) - {r["reference"] for r in rows}
    why |= dict.fromkeys(silent, f"it holds no {KIND_WORDS[profile.claim_kind]}s of the universe")
    order = [*references, *sorted(set(why) - set(references))]
    return [f"{REFERENCES.get(name, name)} ({why[name]})" for name in order if name in why]


def predictor_limits(section: Row | None) -> list[str]:
    """What the predictor table says against the explained model: no better than ridge; edges that add nothing."""
    found: list[str] = []
    section = section or {}
    explained = section.get("explained")
    models = {row.get("name"): row for row in section.get("models") or []}
    for row in section.get("differences") or []:
        ci = row.get("ci95")
        if row.get("minus") != "ridge" or row.get("model", explained) != explained or not ci or not ci[0] <= 0 <= ci[1]:
            continue
        found.append(
            f"The explained model ({explained}) predicts no better than a ridge without any graph: difference "
            f"{row['mean']:+.4f} in the mean per-drug Pearson (95 % interval {ci[0]:+.4f} to {ci[1]:+.4f})."
        )
    with_edges, without = models.get(EDGES), models.get(NO_EDGES)
    if with_edges and without and _alike(section, with_edges, without):
        found.append(
            f"The graph network predicts as well with its genes shuffled (mean per-drug Pearson "
            f"{with_edges['per_drug_pearson']:.3f} and {without['per_drug_pearson']:.3f}): "
            "the graph's edges add nothing measurable here."
        )
    return found


def _alike(section: Row, one: Row, other: Row) -> bool:
    """Whether the two networks do not differ: by the interval where one is given, else by the SD over folds."""
    if one.get("per_drug_pearson") is None or other.get("per_drug_pearson") is None:
        return False
    for row in section.get("differences") or []:
        if (row.get("model"), row.get("minus")) == (EDGES, NO_EDGES) and row.get("ci95"):
            return bool(row["ci95"][0] <= 0)
    spread = max(float(row.get("sd_over_folds") or 0.0) for row in (one, other))
    return bool(one["per_drug_pearson"] - other["per_drug_pearson"] <= spread)
