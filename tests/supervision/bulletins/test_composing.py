"""The words of a bulletin."""

from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from supervision.bulletins.composing import compose, headline, moment_text, points, with_notice
from supervision.bulletins.figures import (
    AlertCount,
    ClockCount,
    ClosingCount,
    Family,
    Figures,
    LimitRow,
    Overdue,
    OverdueClock,
    Place,
)
from supervision.bulletins.rules import NOTICE_PLACE, Month, Period, Span
from supervision.bulletins.rules.life import Kind
from tests.supervision.bulletins.factories import APRIL_FIRST, MARCH, moment

A, B = Place("A", "城关派出所"), Place("B", "城东派出所")
DECIDE, SORT = LimitRow("decide", "作出决定", "《测试法》第一条"), LimitRow("sort", "警情分流", "《测试法》第二条")
SPAN = Span.of_month(Month(MARCH))
PERIOD = Period(moment("2026-03-01"), moment("2026-04-01"), moment("2026-04-01"))


def figures(**changes: Any) -> Figures:
    """A county of two stations in March, with nothing to tell unless the test says so."""
    given: dict[str, Any] = {
        "code": "X",
        "name": "某县公安局",
        "period": PERIOD,
        "places": (A, B),
        "limits": {"decide": DECIDE, "sort": SORT},
        "families": (),
        "alerts": {},
        "clocks": {},
        "closing": {},
    }
    return Figures(**{**given, **changes})


def overdue_clock(**changes: Any) -> OverdueClock:
    given: dict[str, Any] = {
        "number": "某公行受〔2026〕7号",
        "kind": "治安案件",
        "unit": "城东派出所",
        "limit": "作出决定",
        "due_on": date(2026, 3, 8),
        "due_at": moment("2026-03-09"),
        "late_by": "超 24 天",
    }
    return OverdueClock(**{**given, **changes})


def words(counted: Figures) -> tuple[str, str]:
    """(HTML, text)"""
    composed = compose(counted, kind=Kind.MONTHLY, span=SPAN, at=APRIL_FIRST)
    return composed.html, composed.text


# -- the headline ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "3月没有办结或届满的时限；期末没有超期未办的时限，没有预警待处理。"),
        (
            {"clocks": {("A", "decide"): ClockCount(in_time=12)}, "alerts": {"A": AlertCount(open_yellow=2)}},
            "3月办结或届满的时限 12 个，全部按期；期末没有超期未办的时限，2 起预警待处理。",
        ),
        (
            {
                "clocks": {("A", "decide"): ClockCount(2, 1, 0), ("B", "sort"): ClockCount(0, 0, 4)},
                "overdue": Overdue(5, 1),
            },
            "3月办结或届满的时限 7 个，按期 2 个（28.57%），超期 5 个；期末仍有 5 个时限超期未办，没有预警待处理。",
        ),
    ],
)
def test_the_headline_says_what_happened_and_what_is_left(changes: dict[str, Any], sentence: str) -> None:
    assert headline(figures(**changes), SPAN) == sentence


# -- what needs attention --------------------------------------------------------------------------------------------


def test_the_most_pressing_comes_first_and_each_point_has_a_sign_of_its_own() -> None:
    counted = figures(
        clocks={("A", "decide"): ClockCount(0, 1, 0), ("B", "sort"): ClockCount(0, 1, 2)},
        alerts={"A": AlertCount(open_yellow=3, open_orange=1)},
        overdue=Overdue(2, 0, (overdue_clock(),)),
    )

    assert [(point.sign, point.sentence) for point in points(counted)] == [
        ("■", "2 个时限已经超期、仍未办结，最久的已超 24 天（城东派出所，作出决定）。"),
        ("■", "本期超期集中在：警情分流 3 个、作出决定 1 个。"),
        ("◆", "1 起橙色预警待处理，即将超期。"),
        ("▲", "3 起黄色预警待处理，请及早安排。"),
    ]


def test_a_quiet_month_says_so() -> None:
    (point,) = points(figures())

    assert (point.sign, point.sentence) == ("●", "没有超期未办的时限，也没有待处理的橙色、黄色预警。")


def test_overdue_clocks_that_may_not_be_named_are_counted_without_a_word_on_where() -> None:
    (point,) = points(figures(overdue=Overdue(1, 1)))

    assert point.sentence == "1 个时限已经超期、仍未办结。"


# -- the whole -------------------------------------------------------------------------------------------------------


class Structure(HTMLParser):
    """Reads a page and complains about a tag that is not closed, or closed where it should not be."""

    ALONE = frozenset({"meta", "br", "td-less"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[int] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "background")]
        if tag == "tr":
            self.cells.append(0)
        if tag in ("td", "th"):
            self.cells[-1] += 1
        if tag not in self.ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


FULL = figures(
    families=(Family("case", "案件"),),
    clocks={("A", "decide"): ClockCount(20, 1, 0), ("B", "sort"): ClockCount(2, 0, 4)},
    alerts={"A": AlertCount(7, 3, 2, 1, 4)},
    closing={("A", "case"): ClosingCount(4, 1, 12, 6)},
    overdue=Overdue(13, 2, (overdue_clock(), overdue_clock(due_on=None, due_at=moment("2025-12-30 15:30")))),
)


@pytest.mark.parametrize("counted", [FULL, figures(), figures(places=(A,))], ids=["full", "empty", "one unit"])
def test_every_tag_is_closed_and_nothing_is_fetched_from_anywhere(counted: Figures) -> None:
    html, _ = words(counted)

    page = Structure()
    page.feed(html)

    assert page.open == []
    assert page.fetched == []
    assert "url(" not in html and "http" not in html


def test_both_forms_carry_the_same_figures() -> None:
    html, text = words(FULL)

    for said in (
        "某县公安局2026年3月执法监督月通报",
        "3月1日至3月31日",
        "2026年3月31日24时",
        "2026年4月1日 08:30",
        headline(FULL, SPAN),
        "某公行受〔2026〕7号",
        "超 24 天",
        "3月8日",
        "2025年12月30日",
        "15:30",
        "另有 9 项未列出",
        "2 项属仅经办人可见的事项，只计数，不列名。",
        "《测试法》第一条",
        "81.48%",
        "95.23%",
        "33.33%",
        "25.00%",
        "50.00%",
    ):
        assert said in html, said
        assert said in text, said


def test_a_rate_of_too_few_is_marked() -> None:
    html, text = words(FULL)

    # 20 of 21 may be compared, 2 of 6 may not.
    assert "95.23%*" not in text and "33.33%*" in text
    assert "95.23%*" not in html and "33.33%*" in html


def test_a_single_unit_needs_no_sum() -> None:
    html, text = words(figures(places=(A,), clocks={("A", "decide"): ClockCount(3, 1, 0)}))

    assert "合计" not in text and "合计" not in html
    assert "城关派出所：按期 3，超期办结 1，届满未办 0，按期率 75.00%*" in text


def test_names_are_shown_as_they_are_and_never_taken_for_markup() -> None:
    html, text = words(figures(places=(Place("A", "<b>一所</b>"), B), name="甲&乙分局"))

    assert "&lt;b&gt;一所&lt;/b&gt;" in html and "<b>一所" not in html
    assert "甲&amp;乙分局" in html
    assert "<b>一所</b>" in text and "甲&乙分局" in text


def test_a_draft_of_a_month_that_still_runs_says_so() -> None:
    running = Period(moment("2026-03-01"), moment("2026-04-01"), moment("2026-03-20 09:15"))

    html, text = words(figures(period=running))

    assert "草稿，本期尚未结束" in html and "草稿，本期尚未结束" in text
    assert "2026年3月20日 09:15" in text


def test_a_long_list_of_what_was_missed_is_cut_and_says_by_how_much() -> None:
    limits = {f"l{n:02}": LimitRow(f"l{n:02}", f"时限{n:02}", "《测试法》") for n in range(23)}

    _, text = words(figures(limits=limits, clocks={("A", code): ClockCount(0, 1, 0) for code in limits}))

    assert text.count("城关派出所，时限") == 20
    assert "另有 3 行未列出" in text


# -- a possible second copy ------------------------------------------------------------------------------------------


def test_a_possible_second_copy_says_so_at_the_top_and_changes_nothing_else() -> None:
    html, text = words(FULL)

    marked_html, marked_text = with_notice(html, text)

    assert "可能重复" not in html + text
    assert marked_text.startswith("【这封信可能重复。")
    assert marked_text.endswith(text)
    assert marked_html.index("这封信可能重复。") < marked_html.index("<h1")
    assert marked_html.count("可能重复") == 1
    before, after = html.split(NOTICE_PLACE)
    assert marked_html.startswith(before) and marked_html.endswith(after)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-04-01", "2026年3月31日24时"),
        ("2027-01-01", "2026年12月31日24时"),
        ("2026-04-01 08:05", "2026年4月1日 08:05"),
    ],
)
def test_the_midnight_that_ends_a_day_belongs_to_that_day(at: str, said: str) -> None:
    assert moment_text(moment(at)) == said
