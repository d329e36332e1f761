"""Pictures made on the server: everything on one axis, and days in their months."""

from datetime import date, datetime
from xml.etree import ElementTree

import pytest

from cases.desk.pictures import LEFT, RIGHT, WIDTH, Bar, Day, Mark, days_between, months, time_axis
from cases.desk.words import Standing
from tests.cases.factories import SHANGHAI, moment

RED = Standing("超 9 天", "■", "red")
GREEN = Standing("剩 3 天", "●", "green")


def bar(begins: str, due: str | None, ends: str | None = None, how: Standing = GREEN, name: str = "作出决定") -> Bar:
    def at(text: str | None) -> datetime | None:
        return moment(text) if text else None

    return Bar(name, "/clocks/1/", moment(begins), at(due), at(ends), how)


def drawn(*bars: Bar, marks: tuple[Mark, ...] = (), at: str = "2026-04-10") -> ElementTree.Element:
    return ElementTree.fromstring(time_axis(bars, marks, moment(at), SHANGHAI))


def test_nothing_to_draw_is_drawn_as_nothing() -> None:
    assert time_axis((), (), moment("2026-04-10"), SHANGHAI) == ""


@pytest.mark.parametrize("due", ["2026-03-03", "2026-03-09", "2026-04-20", "2026-09-01", "2028-03-01", "2046-03-01"])
def test_every_span_has_a_few_ticks_and_no_bar_leaves_the_frame(due: str) -> None:
    picture = drawn(bar("2026-03-02", due, ends=due))

    ticks = [e for e in picture.iter("line") if e.get("class") == "grid"]
    boxes = [
        (float(e.get("x", 0)), float(e.get("width", 0))) for e in picture.iter("rect") if "bar" in e.get("class", "")
    ]
    assert 1 <= len(ticks) <= 25
    assert all(left >= LEFT and left + width <= WIDTH - RIGHT + 1 for left, width in boxes)


def test_what_lies_past_the_due_moment_is_hatched() -> None:
    picture = drawn(bar("2026-03-02", "2026-04-01", how=RED))

    assert [e.get("fill") for e in picture.iter("rect") if "over" in e.get("class", "").split()] == ["url(#over)"]
    assert "超 9 天 ■" in "".join(picture.itertext())


def test_a_clock_in_time_has_nothing_hatched() -> None:
    picture = drawn(bar("2026-03-02", "2026-05-01"))

    assert [e for e in picture.iter("rect") if "over" in e.get("class", "").split()] == []


def test_a_long_name_is_cut_and_stands_whole_in_the_tip() -> None:
    name = "强制措施期限届满前的羁押必要性审查期限"
    picture = drawn(bar("2026-03-02", "2026-05-01", name=name))

    texts = [e.text or "" for e in picture.iter("text") if e.get("class") == "name"]
    assert texts[0].endswith("…")
    assert len(texts[0]) < len(name)
    assert [e.text for e in picture.iter("title")] == [name]


def test_names_from_outside_are_text_and_never_markup() -> None:
    picture = time_axis((bar("2026-03-02", "2026-05-01", name="<script>x"),), (), moment("2026-04-10"), SHANGHAI)

    assert "<script>" not in picture


def test_each_event_is_a_dot_with_its_name() -> None:
    picture = drawn(bar("2026-03-02", "2026-05-01"), marks=(Mark(moment("2026-03-10"), "委托鉴定"),))

    assert [e.findtext("title") for e in picture.iter("circle")] == ["委托鉴定"]


def test_a_month_is_whole_weeks_from_monday() -> None:
    (month,) = months(date(2026, 3, 2), date(2026, 3, 31), {date(2026, 3, 2): Day(2, "start", "起")})

    assert month.name == "2026年3月"
    assert all(len(week) == 7 for week in month.weeks)
    # 1 March 2026 is a Sunday.
    assert month.weeks[0][:6] == [None] * 6
    assert month.weeks[1][0] == Day(2, "start", "起")
    assert sum(day is not None for week in month.weeks for day in week) == 31


def test_days_between_holds_both_ends() -> None:
    assert list(days_between(date(2026, 2, 27), date(2026, 3, 1))) == [
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    ]
