"""Who is named: only units outside what chance would give one of their size, never by few, never by what is restricted."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.models import Unit
from supervision.bulletins.composing.draft import Draft, Section
from supervision.bulletins.composing.dressing import Dress, circular_of
from supervision.bulletins.composing.reading import Cell, Compared, Material
from supervision.bulletins.composing.standing import funnels, named, sentence
from supervision.bulletins.composing.wording import headline, points, title_of, trend
from supervision.bulletins.composing.writing import write
from supervision.bulletins.figures import AlertCount, ClockCount, Figures, LimitRow, Overdue, OverdueClock, Place
from supervision.bulletins.papers.document import Block, FigureTable, Paragraph, Run, said
from supervision.bulletins.rules import Period as Counted
from supervision.bulletins.rules import Span
from supervision.bulletins.rules.life import Kind
from supervision.evaluation.models import Indicator
from supervision.evaluation.queries.comparing import Period
from tests.supervision.bulletins.factories import moment

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
SPAN = Span(MARCH.begins_on, MARCH.ends_on)
COUNTED = Counted(moment("2026-03-01"), moment("2026-04-01"), moment("2026-04-01"))
COUNTY = Unit(pk=1, code="X", name="某县公安局", short_name="县局")
DECIDE = LimitRow("decide", "作出决定", "《测试法》第一条")
SORT = LimitRow("sort", "警情分流", "《测试法》第二条")


def indicator(**changes: Any) -> Indicator:
    given = {"code": "close", "version": 1, "name": "结案率", "group": "four", "better": "up", "minimum": 10}
    return Indicator(pk=1, **{**given, **changes})


def figures(**changes: Any) -> Figures:
    """A county of two stations in March, with nothing to tell unless the test says so."""
    given: dict[str, Any] = {
        "code": "X",
        "name": "某县公安局",
        "period": COUNTED,
        "places": (Place("A", "城关派出所"), Place("B", "城东派出所")),
        "limits": {"decide": DECIDE, "sort": SORT},
        "alerts": {},
        "clocks": {},
    }
    return Figures(**{**given, **changes})


def material(one: Indicator | None = None, *counts: tuple[str, int, int], **changes: Any) -> Material:
    """The county with stations that came to these numbers by one indicator."""
    places = [Unit(pk=n, code=f"S{n}", name=name) for n, (name, _, _) in enumerate(counts, 2)]
    compared: tuple[Compared, ...] = ()
    below: dict[str, dict[str, Cell]] = {}
    if one is not None:
        whole = (sum(count[1] for count in counts), sum(count[2] for count in counts))
        compared = (Compared(one, Cell(one, COUNTY, MARCH, *whole)),)
        below[one.code] = {
            unit.code: Cell(one, unit, MARCH, numerator, denominator)
            for unit, (_, numerator, denominator) in zip(places, counts, strict=True)
        }
    given: dict[str, Any] = {
        "unit": COUNTY,
        "kind": Kind.MONTHLY,
        "span": SPAN,
        "period": COUNTED,
        "edition": "bulletin:1:1",
        "figures": figures(),
        "compared": compared,
        "places": tuple(places),
        "below": below,
        "last": None,
        "adjusted": (),
    }
    return Material(**{**given, **changes})


def text(runs: tuple[Run, ...]) -> str:
    return "".join(said(run) for run in runs)


def names(told: Material) -> list[tuple[str, bool | None]]:
    return [(str(one.cell.unit), one.good) for around in funnels(told) for one in named(around)]


USUAL = (("一所", 50, 100), ("二所", 52, 100), ("三所", 48, 100), ("四所", 51, 100))


def test_a_unit_above_the_limits_is_praised_and_one_below_criticised() -> None:
    told = material(indicator(), *USUAL, ("五所", 80, 100), ("六所", 20, 100))

    assert sorted(names(told)) == [("五所", True), ("六所", False)]


def test_where_less_is_better_it_is_the_other_way_round() -> None:
    told = material(indicator(better="down"), *USUAL, ("五所", 80, 100))

    assert ("五所", False) in names(told)


def test_units_that_differ_by_chance_are_not_named() -> None:
    assert names(material(indicator(), *USUAL)) == []


def test_a_unit_of_few_is_not_named_however_far_off_it_is() -> None:
    assert names(material(indicator(), *USUAL, ("五所", 0, 9))) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"restricted": True}, id="what counts restricted matters"),
        pytest.param({"better": "none"}, id="what has no better side"),
        pytest.param({"group": "public"}, id="what the public asks for"),
    ],
)
def test_nobody_is_named_by(changes: dict[str, Any]) -> None:
    assert names(material(indicator(**changes), *USUAL, ("五所", 80, 100))) == []


def test_of_what_may_be_too_high_nobody_is_praised() -> None:
    told = material(indicator(warns_above=True), *USUAL, ("五所", 80, 100))
    (one,) = [one for around in funnels(told) for one in named(around)]

    assert one.good is None
    assert text(sentence(one).runs).endswith("；过高的也请复核是否符合适用条件。")


def test_the_sentence_says_why() -> None:
    told = material(indicator(), *USUAL, ("六所", 20, 100))
    one = next(one for around in funnels(told) for one in named(around) if one.good is False)

    assert text(sentence(one).runs) == (
        "六所 结案率 20.00%（20/100），明显低于整体的 44.20%（221/500），超出偶然差异，请查明原因、限期改进。"
    )


def test_more_than_all_cannot_be_a_funnel() -> None:
    assert names(material(indicator(), ("一所", 120, 100), ("二所", 50, 100))) == []


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence_said"),
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
def test_the_headline_says_what_happened_and_what_is_left(changes: dict[str, Any], sentence_said: str) -> None:
    assert text(headline(material(figures=figures(**changes)))) == sentence_said


def test_the_most_pressing_comes_first_and_each_point_has_a_sign_of_its_own() -> None:
    longest = OverdueClock("7号", "案件", "城东派出所", "作出决定", date(2026, 3, 8), moment("2026-03-09"), "超 24 天")
    counted = figures(
        clocks={("A", "decide"): ClockCount(0, 1, 0), ("B", "sort"): ClockCount(0, 1, 2)},
        alerts={"A": AlertCount(open_yellow=3, open_orange=1)},
        overdue=Overdue(2, 0, (longest,)),
    )

    assert [text(point.runs) for point in points(material(figures=counted))] == [
        "■ 2 个时限已经超期、仍未办结，最久的已超 24 天（城东派出所，作出决定）。",
        "■ 本期超期集中在：警情分流 3 个、作出决定 1 个。",
        "◆ 1 起橙色预警待处理，即将超期。",
        "▲ 3 起黄色预警待处理，请及早安排。",
    ]


def test_a_quiet_month_says_so() -> None:
    (point,) = points(material())

    assert text(point.runs) == "● 没有超期未办的时限和整改，也没有待处理的橙色、黄色预警。"


@pytest.mark.parametrize(
    ("now", "before", "year_ago", "words"),
    [
        ((400, 1000), (300, 1000), (500, 1000), "，比上月上升 10.00 个百分点，比上年同期下降 10.00 个百分点。"),
        # One hundred cases tell a difference of thirty points from chance, and not one of ten.
        (
            (40, 100),
            (10, 100),
            (50, 100),
            "，比上月上升 30.00 个百分点，比上年同期下降 10.00 个百分点（可能只是偶然波动）。",
        ),
        ((40, 100), (40, 100), None, "，与上月持平。"),
        ((40, 100), (3, 9), (4, 10), "，与上年同期持平。"),
        ((4, 9), (40, 100), (40, 100), "，基数小，不作比较。"),
    ],
)
def test_a_change_is_told_only_where_both_sides_have_the_minimum(
    now: tuple[int, int], before: tuple[int, int] | None, year_ago: tuple[int, int] | None, words: str
) -> None:
    one = indicator()
    cells = [None if pair is None else Cell(one, COUNTY, MARCH, *pair) for pair in (now, before, year_ago)]

    paragraph = trend(Compared(one, *cells), Kind.MONTHLY)

    assert isinstance(paragraph, Paragraph)
    assert text(paragraph.runs).endswith(words)


def test_what_may_not_be_told_has_no_sentence() -> None:
    assert trend(Compared(indicator(), None), Kind.MONTHLY) is None


def blocks(told: Material, section: str) -> tuple[Block, ...]:
    draft = write(told, title="标题", at=moment("2026-04-01 08:30"))
    return next(one.blocks for one in draft.sections if one.code == section)


def test_where_chance_explains_all_differences_it_says_that_nobody_is_named() -> None:
    quiet = [block for block in blocks(material(indicator(), *USUAL), "standing") if isinstance(block, Paragraph)]
    loud = blocks(material(indicator(), *USUAL, ("六所", 20, 100)), "standing")

    assert [text(block.runs) for block in quiet] == ["各单位之间的差异都在偶然差异范围以内，本期不点名表扬、批评。"]
    assert len([block for block in loud if isinstance(block, Paragraph)]) == 1
    # Nor is there anything to say where nobody can be compared.
    assert blocks(material(), "standing") == ()


def test_a_year_ago_has_columns_only_where_something_was_counted_then() -> None:
    one = indicator()
    now, then = Cell(one, COUNTY, MARCH, 40, 100), Cell(one, COUNTY, MARCH, 30, 100)

    def columns(*compared: Compared) -> list[str]:
        tables = [block for block in blocks(material(compared=compared), "rates") if isinstance(block, FigureTable)]
        return [column.name for column in tables[0].columns]

    assert columns(Compared(one, now)) == ["指标", "本期", "上月", "环比（百分点）"]
    assert columns(Compared(one, now, None, then))[-2:] == ["上年同期", "同比（百分点）"]


@pytest.mark.parametrize("words", ["少于5，不单列", "回访未结束，暂不公布"])
def test_what_may_not_be_told_says_why_in_its_place(words: str) -> None:
    (table,) = [
        block
        for block in blocks(material(compared=(Compared(indicator(), None, withheld=words),)), "rates")
        if isinstance(block, FigureTable)
    ]

    assert said(table.rows[0].cells[1]) == words


def test_what_a_bureau_measures_besides_is_told_too() -> None:
    own = indicator(code="own_night_patrol", name="夜巡到位率", group="other")

    told = blocks(material(compared=(Compared(own, Cell(own, COUNTY, MARCH, 40, 50)),)), "followup")

    (sentence_said,) = [text(block.runs) for block in told if isinstance(block, Paragraph)]
    assert sentence_said == "夜巡到位率 80.00%（40/50）。"
    assert [block.title for block in told if isinstance(block, FigureTable)] == ["其他指标"]


def test_what_may_not_be_told_of_the_whole_is_no_column_of_the_units() -> None:
    told = material(indicator(), *USUAL)
    (whole,) = told.compared

    tables = blocks(replace(told, compared=(replace(whole, now=None),)), "rates")

    assert [table.title for table in tables if isinstance(table, FigureTable)] == ["四率"]


def test_titles_name_kind_and_days() -> None:
    assert title_of("某县公安局", Kind.MONTHLY, SPAN) == "某县公安局2026年3月执法监督月通报"


# -- what is put around it -------------------------------------------------------------------------------------------


DRAFT = Draft(
    "标题",
    "期间",
    "首句",
    date(2026, 4, 1),
    (
        Section("overall", "总体情况", (Paragraph(("平稳。",)),)),
        Section("rates", "四率", ()),
        Section("next", "下步工作", ()),
    ),
)


def test_a_section_stands_where_something_was_counted_or_somebody_wrote_something() -> None:
    dress = Dress(
        "某县公安局", remarks={"next": "一是调度。\n\n二是回访。"}, addressees="各所队、各大队", copies="市局"
    )

    circular = circular_of(DRAFT, dress)

    assert [placed.label + getattr(placed.block, "text", "") for placed in circular.body if placed.label] == [
        "一、总体情况",
        "二、下步工作",
    ]
    assert [text(block.runs) for block in circular.blocks if isinstance(block, Paragraph)] == [
        "平稳。",
        "一是调度。",
        "二是回访。",
    ]
    assert (circular.addressees, circular.cc, circular.draft) == (("各所队", "各大队"), ("市局",), True)


def test_what_is_issued_bears_number_day_and_seal() -> None:
    dress = Dress("某县公安局", number="某公法监月通〔2026〕1号", seal="（印章）", issued_on=date(2026, 4, 1))

    circular = circular_of(DRAFT, replace(dress, corrected="某号《某》", wrong="漏数。"))

    assert (circular.number, circular.seal, circular.draft) == ("某公法监月通〔2026〕1号", "（印章）", False)
    assert text(circular.blocks[0].runs) == "本通报更正某号《某》。漏数。"  # type: ignore[union-attr]
