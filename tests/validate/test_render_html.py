"""report.html: one small file that needs nothing else, says everything in words, and is safe."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from report_fixture import make_report

from pathproof.errors import DataError
from pathproof.validate.charts import Scale, precision_chart, strip
from pathproof.validate.render_format import (
    STATE_WORDS,
    STATUS_WORDS,
    anything,
    number,
    p_value,
    percent,
    points,
    share,
)
from pathproof.validate.render_html import AIM_BYTES, MAX_BYTES, STYLE, render_html
from pathproof.validate.render_records import data_first, line_stability, records_table
from pathproof.validate.render_view import (
    DEMONSTRATION,
    asked_precision,
    chart_rows,
    headline_figures,
    headline_row,
)
from pathproof.validate.schema_report import check_report

VOID = {"meta", "link", "br", "img", "input", "hr"}
IMPLIED = {"td", "th", "tr", "li", "p", "dt", "dd", "tbody", "thead"}


class Reader(HTMLParser):
    """Collects tags, ids, links, visible text and whether the elements close."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID | IMPLIED:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID | IMPLIED:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"style", "head", "title"} & set(self.open[2:]):
            self.text.append(data.strip())


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.wrong
    assert not reader.open
    return reader


@cache
def whole_page() -> str:
    return render_html(check_report(make_report(295)))


def page(**changes: Any) -> str:
    return render_html(check_report({**make_report(4), **changes}))


def test_295_drugs_fit_and_no_drug_is_missing() -> None:
    html = whole_page()
    assert len(html.encode()) <= AIM_BYTES == 440_000 < MAX_BYTES == 500_000
    for i in range(295):
        assert f"<b>Inventinib-{i}</b>" in html
    assert html.count('<svg class="sub"') >= 14


def test_a_page_that_cannot_fit_is_an_error() -> None:
    with pytest.raises(DataError, match="does not fit its size limit"):
        render_html(check_report(make_report(3)), max_bytes=10_000)


def test_needs_no_network_and_no_script() -> None:
    html = whole_page()
    reader = read(html)
    assert not {"script", "link", "iframe", "img", "object", "embed", "base", "form"} & {tag for tag, _ in reader.tags}
    for tag, attributes in reader.tags:
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            inside = (attributes.get(name) or "#").startswith("#")
            assert inside or (tag, name, attributes.get("rel")) == ("a", "href", "noopener")
        assert not [name for name in attributes if name.startswith("on")]
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_links_land_and_tables_are_labelled() -> None:
    reader = read(whole_page())
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert links
    assert {str(link)[1:] for link in links if str(link).startswith("#")} <= set(ids)
    assert {"header", "nav", "main", "footer", "caption", "details", "summary"} <= {tag for tag, _ in reader.tags}
    assert [tag for tag, _ in reader.tags].count("h1") == 1
    for tag, attributes in reader.tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label")


def test_every_status_and_state_stands_in_words() -> None:
    html = whole_page()
    for mark, word in STATUS_WORDS.values():
        assert f"{mark} {word}</span>" in html
    for state in ("supported", "contradicted", "novel", "untestable"):
        assert STATE_WORDS[state][1] in html
    for part in ("prefers-color-scheme:dark", "@media print", "FAIL", "drug-swap", "base rate", "SHA-256"):
        assert part in html


def test_names_are_escaped_everywhere() -> None:
    bad = "<script>alert(1)</script>\"'&"
    report = make_report(4)
    for drug in report["drugs"]:
        drug["name"] = drug["drug"] = bad
        drug["targets"] = [bad]
        for claim in drug["claims"]:
            claim["evidence"], claim["genes"], claim["key"], claim["sign"] = [bad], [bad], bad, bad
    for row in (*report["precision"], *report["selective"]):
        row["reference"] = row["explainer"] = row["claim_kind"] = bad
    report["run"].update(id=bad, command=bad, created=bad, config={bad: bad})
    report["verdict"]["supported"] = [bad]
    report["gates"][0].update(title=bad, criterion=bad, reason=bad)
    report["stability"] = [{bad: bad}]
    report["sources"][0]["name"] = report["environment"][bad] = bad
    html = render_html(check_report(report))
    assert "<script" not in html
    assert "script" not in {tag for tag, _ in read(html).tags}


def test_first_and_last_words_of_a_demonstration() -> None:
    text = read(page(kind="demonstration", planted={"recall": 0.71, "precision": 0.64})).text
    body = text[next(i for i, part in enumerate(text) if part == DEMONSTRATION) :]
    assert body[0] == body[-1] == DEMONSTRATION
    assert "71 %" in body
    assert DEMONSTRATION not in whole_page()


def test_nothing_measured_is_said_and_not_hidden() -> None:
    empty: dict[str, Any] = {key: [] for key in ("precision", "selective", "faithfulness", "stability", "confounders",
                                                 "attrition", "sources", "drugs", "gates")}  # fmt: skip
    html = page(**empty, predictor=None)
    assert "No claim could be scored" in html
    assert "nothing was checked, and that is a failure" in html
    assert html.count("Not measured in this run") == 4


def test_what_the_predictors_say_of_each_other_stands_under_their_table() -> None:
    section = make_report(1)["predictor"]
    one = {"model": "gnn", "minus": "no edges", "mean": 0.001, "ci95": [-0.01, 0.01], "ci95_lines": [-0.02, 0.02]}
    html = page(predictor={**section, "differences": [one], "says": ["The edges add nothing <measurable> to gnn."]})
    assert html.count("<p>The edges add nothing &lt;measurable&gt; to gnn.</p>") == 1
    assert "95 % CI over lines" in html
    assert "[−0.02, 0.02]" in html


def test_the_headline_row_is_the_strictest_reference_and_can_be_named() -> None:
    report = check_report(make_report(1))
    head = headline_row(report)
    assert head is not None
    assert (head["reference"], head["explainer"], head["circular"]) == (
        "resistance_evidence_class",
        "pathproof",
        "excluded",
    )
    report["headline"] = {"reference": "targets", "selection": "top10"}
    head = headline_row(report)
    assert head is not None
    assert (head["reference"], head["selection"]) == ("targets", "top10")
    rows = chart_rows(report)
    assert (rows[0]["title"], rows[0]["precision"]) == ("Selected claims", 0.82)  # the selective row
    assert (rows[1]["reference"], rows[1]["selection"]) == ("targets", "top10")
    assert len({row["reference"] for row in rows}) == len(rows) - 1 == 6


def test_figures_on_top_are_those_of_the_selected_claims_or_say_that_there_are_none() -> None:
    report = check_report(make_report(1))
    figures = dict(headline_figures(report))
    assert figures["obtained, selected claims"] == "0.82 [0.76, 0.93]"
    assert figures["distinct facts, on average"] == "18 (12 right)"
    for row in report["selective"]:
        row.update(precision=None, ci95=None, reason="no threshold reached the aim")
    figures = dict(headline_figures(report))
    assert figures["obtained, top3"] == "0.41 [0.28, 0.54]"
    assert all("title" not in row for row in chart_rows(report))
    assert "No dot: no threshold reached the aim." in render_html(report)


def test_stability_puts_other_cell_lines_first_and_each_drug_on_its_page() -> None:
    html = whole_page()
    part = html[html.index('id="stability"') : html.index('id="confounders"')]
    assert 0 < part.index(">lines<") < part.index(">seeds<")
    assert "590 more rows" in part
    rows = [{"kind": "seeds", "drug": "a", "jaccard_mean": 0.9}, {"kind": "lines", "drug": "a", "jaccard_mean": 0.3}]
    assert data_first(rows)[0]["kind"] == "lines"
    assert line_stability(rows, "pathproof") == {"a": 0.3}
    assert "stability 0.31" in html


@pytest.mark.parametrize(
    ("asked", "found"),
    [(0.75, 0.75), ({"precision": 0.8}, 0.8), ("precision ≥ 0.75 with p < 0.05", 0.75), ("better", None), (None, None),
     (75.0, None)],
)  # fmt: skip
def test_asked_precision(asked: Any, found: float | None) -> None:
    assert asked_precision({"verdict": {"asked": asked}}) == found


def test_marks_lie_where_the_numbers_say() -> None:
    row = make_report(1)["precision"][0] | {"precision": 0.5, "ci95": [0.25, 0.75], "base_rate": 0.0}
    svg = str(precision_chart([row], 0.75))
    scale = Scale(16, 584)
    assert scale(0.5) == 300
    assert f'cx="{scale(0.5)}"' in svg
    assert f"M{scale(0.25)} 60H{scale(0.75)}" in svg
    assert "asked 0.75" in svg
    bare = row | {"precision": None, "drug_swap": None, "popularity": None, "base_rate": None}
    assert not re.search("dot|class=.nl", str(strip(bare)))


def test_numbers_read_well() -> None:
    assert [number(v) for v in (None, 0.41234, -0.5, 195277, 812.5, 99999.6, 999.96, 3.2e-7, 0.0, True)] == [
        "–", "0.412", "−0.5", "195,277", "812", "100,000", "1,000", "3.2e−7", "0", "yes",
    ]  # fmt: skip
    assert [share(v) for v in (None, 0.4123, 0.004, 0.0961, 1.0)] == ["–", "0.41", "0.004", "0.10", "1.00"]
    assert [percent(v) for v in (0.754, 0.004, 0.0)] == ["75 %", "0.4 %", "0 %"]
    assert p_value(0.00099900) == "0.001"
    assert anything({"a": [0.1, 0.2], "b": []}) == "a: [0.1, 0.2]; b: –"


def test_records_keep_every_row_or_say_how_many_are_left() -> None:
    table = records_table([{"zeta": i, "name": f"n{i}", "ci95": [0.1, 0.2]} for i in range(50)], limit=40)
    assert [head["text"] for head in table["heads"]] == ["name", "95 % CI", "zeta"]
    assert (len(table["rows"]), table["more"]) == (40, 10)


def test_what_the_readers_left_out_is_shown_with_examples() -> None:
    part = page()
    part = part[part.index('id="attrition"') : part.index('id="drugs"')]
    assert "no target" in part
    assert "Inventinib-3" in part


def test_a_sentence_with_points_becomes_a_list() -> None:
    assert points("Not decided for x: a (why: b; c); d.") == ("Not decided for x:", ["a (why: b; c)", "d"])
    assert points("One point: only this.") == ("One point: only this.", [])
    assert points("Plain; without a lead.") == ("Plain; without a lead.", [])


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    full = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    channels = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_colours_have_contrast_in_light_and_in_dark() -> None:
    css = STYLE.read_text()
    themes = [dict(re.findall(r"--(\w+):(#\w+)", block)) for block in re.findall(r":root\{([^}]*)\}", css)]
    assert len(themes) == 3  # light, dark, print
    for theme in themes:
        for ink in ("ink", "mut", "acc", "good", "bad", "warn", "mix"):
            for ground in ("bg", "card", "tint"):
                light, dark = sorted((_luminance(theme[ink]), _luminance(theme[ground])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
