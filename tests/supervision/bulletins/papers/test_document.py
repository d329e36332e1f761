"""What a circular is made of: numbers that cannot be typed in, headings and tables that number themselves."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from supervision.bulletins.papers.document import (
    DATA_SPOKEN,
    Annex,
    Chart,
    Column,
    FigureTable,
    Heading,
    Number,
    Paragraph,
    Placed,
    Row,
    changed,
    counted,
    legend_of,
    rated,
    spoken_text,
    withheld,
)
from supervision.bulletins.papers.lettering import breakable, clean, day_text, head_size, measure, numeral, width
from supervision.evaluation.rates import MINIMUM_DENOMINATOR, Rate
from tests.supervision.bulletins.papers.circulars import chart_of, county_month, of_nothing


@pytest.mark.parametrize(
    ("numerator", "denominator", "decimals", "text"),
    [
        (103, 153, 2, "67.32%"),  # 67.3202
        (49_999, 50_000, 2, "99.99%"),  # 99.998 is not a hundred
        (2, 3, 0, "66%"),
        (4057, 16491, 1, "24.6%"),
        (150, 100, 2, "150.00%"),
        (0, 20, 2, "0.00%"),
        (0, 0, 2, "—"),
    ],
)
def test_a_percentage_is_cut_off_and_never_rounded(numerator: int, denominator: int, decimals: int, text: str) -> None:
    assert rated("k", numerator, denominator, decimals=decimals).text == text


@pytest.mark.parametrize("numerator", [0, 1, 7, 9, 10, 999])
@pytest.mark.parametrize("denominator", [0, 1, 9, 10, 11, 3000])
def test_a_percentage_is_what_the_rules_of_evaluation_make_it(numerator: int, denominator: int) -> None:
    number, rate = rated("k", numerator, denominator), Rate(numerator, denominator)

    assert (number.text, bool(number.mark)) == (rate.text, rate.is_thin())
    assert f"不足 {MINIMUM_DENOMINATOR}" in rated("k", 1, 2).mark


def test_an_indicator_with_a_minimum_of_its_own_is_grey_below_that() -> None:
    assert rated("k", 20, 29, minimum=30).mark == "基数小（分母不足 30），仅供参考，不作比较"
    assert rated("k", 1, 2, minimum=1).mark == ""


@pytest.mark.parametrize(
    ("difference", "text"),
    [("2.349", "+2.34"), ("-1.059", "-1.05"), ("0", "0.00"), ("-0.001", "0.00"), ("0.009", "0.00"), ("12", "+12.00")],
)
def test_a_change_has_its_sign_and_is_cut_off_towards_nought(difference: str, text: str) -> None:
    assert changed("k", Decimal(difference)).text == text


def test_a_number_that_may_not_be_told_has_no_value() -> None:
    number = withheld("k", "少于5，不单列")

    assert (number.text, number.value, number.parts) == ("少于5，不单列", None, "")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: counted(" ", 1),
        lambda: counted("k", -1),
        lambda: Number("k", "1%", None, 1, None),
        lambda: rated("k", -1, 2),
        lambda: Heading(5, "五级"),
        lambda: FigureTable("表", (), ()),
        lambda: FigureTable("表", (Column("甲"), Column("乙")), (Row(("一",)),)),
        lambda: Chart("图", "", "", b"GIF89a", (Column("甲"),), ()),
    ],
)
def test_what_no_paper_could_be_made_of_is_refused(wrong: object) -> None:
    assert callable(wrong)

    with pytest.raises(ValueError, match=r"\w"):
        wrong()


def test_the_same_figure_cannot_be_told_in_two_ways() -> None:
    with pytest.raises(ValueError, match="前后不一：overdue"):
        replace(county_month(), blocks=(Paragraph((counted("overdue", 1), counted("overdue", 2))),))


def test_headings_are_numbered_by_where_they_stand() -> None:
    levels = (1, 2, 2, 3, 4, 4, 3, 1, 2, 4)
    circular = replace(of_nothing(), blocks=tuple(Heading(level, "题") for level in levels))

    assert [placed.label for placed in circular.body] == [
        *("一、", "（一）", "（二）", "1.", "（1）", "（2）", "2.", "二、", "（一）", "（1）")
    ]


def test_tables_are_numbered_on_into_the_annexes_and_a_long_chart_has_its_data_in_one() -> None:
    table = FigureTable("表", (Column("单位", numeric=False),), ())
    many = chart_of("多", tuple((f"单位{n}", n, 60) for n in range(DATA_SPOKEN + 1)), "many")
    few = chart_of("少", (("甲", 1, 20),), "few")

    circular = replace(of_nothing(), blocks=(table, many, few), annexes=(Annex("附", (Heading(1, "题"), table)),))

    assert [placed.label for placed in circular.everything()] == ["表1", "图1", "表2", "图2", "一、", "表3"]
    assert isinstance(circular.body[2], Placed) and circular.body[2].block == many.table
    assert "见图后的表" in spoken_text(many)
    assert spoken_text(few) == "少。横条越长按期率越高，右端为按期率。甲：按期率 5.00%（1/20）；"


def test_the_only_annex_has_no_number() -> None:
    one = replace(county_month(), annexes=county_month().annexes[:1])

    assert (one.annex_label(1), county_month().annex_label(2)) == ("附件", "附件2")


def test_a_table_says_what_its_signs_mean_once() -> None:
    few = tuple(Row((f"单位{n}", rated(f"k{n}", n, 5))) for n in range(3))
    columns = (Column("单位", numeric=False), Column("率"))

    assert legend_of(FigureTable("表", columns, few)) == "注：带 * 的基数小（分母不足 10），仅供参考，不作比较。"
    assert legend_of(FigureTable("表", columns, (Row(("甲", counted("k", 1))),))) == ""


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九")]
)
def test_chinese_numerals(number: int, text: str) -> None:
    assert numeral(number) == text


def test_a_hundred_headings_are_too_many() -> None:
    with pytest.raises(ValueError, match="九十九"):
        numeral(100)


def test_a_text_is_cleared_of_what_no_paper_can_hold() -> None:
    assert clean("甲\x00乙\u202e丙\ud800丁\n戊\u200b") == "甲乙丙丁 戊"


def test_days_are_written_in_arabic_without_leading_noughts() -> None:
    assert day_text(date(2026, 6, 1)) == "2026年6月1日"
    assert day_text(None).split("　") == ["", "", "", "", "年", "", "月", "", "日"]


def test_a_chinese_sign_is_as_wide_as_two_digits() -> None:
    assert width("城关4所") == 7


def test_only_long_runs_without_a_place_to_break_at_are_given_some() -> None:
    assert breakable("A33010000 城关", 10) == "A33010000 城关"
    assert breakable("A1234567890", 10).replace("\u200b", "") == "A1234567890"
    assert breakable("A1234567890", 10).count("\u200b") == 10


def test_the_red_head_fits_on_one_line() -> None:
    assert head_size("县公安局") == 50
    assert head_size("江北县公安局执法监督通报") * 12 <= 442


def test_numbers_and_short_texts_are_given_what_they_need() -> None:
    rows = [["某某省某某市某某县公安局某某派出所" * 3, "5月12日", "12345678"]]

    measured = measure(["单位", "届满", "数"], rows, [False, False, True])

    assert sum(measured.shares) == pytest.approx(1)
    signs = 156 / 25.4 * 72 / (measured.size / 2)
    assert measured.shares[1] * signs >= 7 and measured.shares[2] * signs >= 8
    assert measured.shares[0] > 0.5


def test_a_day_has_room_for_what_is_left_between_its_digits_and_its_signs() -> None:
    signs = 156 / 25.4 * 72 / (9 / 2)
    rows = [["A3301000001202605011" * 2, "故意伤害他人案件" * 4, "5月12日", "12345"]]

    measured = measure(["编号", "案由", "届满", "数"], rows, [False, False, False, True])

    # Seven half-width signs, three gaps of half a one, and the padding of a cell.
    assert measured.size == 9.0
    assert measured.shares[2] * signs >= 7 + 1.5 + 1.8


def test_a_table_of_many_columns_is_set_smaller() -> None:
    few = measure(["单位", "数"], [["城关派出所", "1"]], [False, True])
    many = measure(["单位", *["指标"] * 12], [["城关派出所", *["100.00%"] * 12]], [False, *[True] * 12])

    assert (few.size, many.size) == (12.0, 9.0)
