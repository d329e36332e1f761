"""The mail and the page: what a mail program needs, and what nobody may smuggle in."""

import base64
from dataclasses import replace

import pytest

from supervision.bulletins.papers.document import Column, FigureTable, Paragraph, Row, counted, rated
from supervision.bulletins.papers.html import fragment, in_itself, mail, page
from supervision.bulletins.papers.plain import DRAFT_WORDS
from supervision.bulletins.rules import NOTICE_PLACE
from tests.supervision.bulletins.papers.circulars import chart_of, county_month, of_hostile_words, of_nothing
from tests.supervision.bulletins.papers.reading import Page

# What a page of ours is built of; anything else was smuggled in.
OURS = set("html head meta title style body div table thead tbody tr th td h1 h2 h3 h4 h5 p span br img a".split())


def test_charts_travel_in_the_mail_under_the_names_its_html_calls_them_by() -> None:
    circular = replace(
        county_month(), blocks=(chart_of("一", (("甲", 1, 20),), "a"), chart_of("二", (("乙", 2, 20),), "b"))
    )

    sent = mail(circular)

    shown = [at["src"] for tag, at in Page(sent.html).elements if tag == "img"]
    assert shown == [f"cid:{picture.cid}" for picture in sent.pictures]
    assert len(set(shown)) == 2
    assert [picture.content[:4] for picture in sent.pictures] == [b"\x89PNG"] * 2


def test_the_same_chart_travels_once() -> None:
    chart = chart_of("一", (("甲", 1, 20),), "a")

    assert len(mail(replace(county_month(), blocks=(chart, chart))).pictures) == 1


def test_a_file_that_stands_alone_holds_its_charts() -> None:
    chart = chart_of("一", (("甲", 1, 20),), "a")

    html = page(replace(county_month(), blocks=(chart,)))

    (source,) = [at["src"] or "" for tag, at in Page(html).elements if tag == "img"]
    assert base64.b64decode(source.removeprefix("data:image/png;base64,")) == chart.png


def test_a_page_of_ours_asks_for_charts_at_an_address() -> None:
    html = fragment(county_month(), address=lambda chart: f"/charts/{chart.name}.svg")

    assert 'src="/charts/' in html and "data:" not in html


def test_a_picture_that_is_kept_out_is_told_in_words() -> None:
    (picture,) = [at for tag, at in Page(mail(county_month()).html).elements if tag == "img"]

    assert "城关派出所：按期率 89.13%（41/46）" in (picture["alt"] or "")


def test_nothing_that_somebody_wrote_becomes_an_element() -> None:
    elements = Page(page(of_hostile_words())).elements

    assert {tag for tag, _ in elements} <= OURS
    assert not [name for _, at in elements for name in at if name.startswith("on")]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x", "//elsewhere.example/", ""]
)
def test_a_number_leads_to_pages_only(link: str) -> None:
    html = page(replace(of_nothing(), blocks=(Paragraph((counted("k", 1, link=link),)),)))

    assert not [tag for tag, _ in Page(html).elements if tag == "a"]


def test_a_number_can_lead_to_the_rows_behind_it() -> None:
    html = page(replace(of_nothing(), blocks=(Paragraph((counted("k", 1, link="/matters/?a=1&b=2"),)),)))

    assert [at["href"] for tag, at in Page(html).elements if tag == "a"] == ["/matters/?a=1&b=2"]


def test_every_style_is_at_its_element_but_for_dark_colours_and_narrow_screens() -> None:
    html = page(county_month())

    assert "@media (prefers-color-scheme: dark)" in html
    unstyled = [
        tag for tag, at in Page(html).elements if tag in ("p", "h1", "h2", "th", "td", "img") and not at.get("style")
    ]
    assert unstyled == []
    assert "http://" not in html.replace("http://www.w3.org", "") and "<link" not in html


def test_heads_say_of_what_they_are_the_head() -> None:
    columns = (Column("单位", numeric=False), Column("率"))
    html = page(replace(of_nothing(), blocks=(FigureTable("表", columns, (Row(("甲", rated("k", 1, 20))),)),)))

    assert [at["scope"] for tag, at in Page(html).elements if tag == "th"] == ["col", "col", "row"]


def test_the_name_of_a_row_stands_on_one_line_where_it_is_short() -> None:
    columns = (Column("单位", numeric=False), Column("率"))
    rows = (Row(("城关派出所", rated("a", 1, 20))), Row(("治安案件办案期限（一般）", rated("b", 1, 20))))
    html = page(replace(of_nothing(), blocks=(FigureTable("表", columns, rows),)))

    kept = ["white-space:nowrap" in at["style"] for tag, at in Page(html).elements if at.get("scope") == "row"]
    assert kept == [True, False]


def test_a_draft_says_so_and_an_issued_one_does_not() -> None:
    assert DRAFT_WORDS in page(county_month(issued=False))
    assert DRAFT_WORDS not in page(county_month())


def test_a_grey_number_has_a_sign_and_a_reason() -> None:
    html = page(county_month())

    assert '<span data-figure="petitions/rate/1">75.00%</span>*' in html
    assert "带 * 的基数小" in html


def test_there_is_a_place_to_say_that_it_may_come_twice() -> None:
    assert mail(county_month()).html.count(NOTICE_PLACE) == 1


def test_a_chart_in_itself_is_an_address() -> None:
    assert in_itself(chart_of("一", (("甲", 1, 20),), "a")).startswith("data:image/png;base64,iVBOR")
