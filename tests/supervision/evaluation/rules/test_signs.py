"""Signs of gaming: what is told, what is not, and that the words name what to look at."""

from datetime import UTC, date, datetime, timedelta

import pytest

from supervision.evaluation.rules.signs import (
    CAUTION,
    Closing,
    Conversion,
    Paused,
    Rating,
    Verification,
    bunched_closings,
    hasty_verifications,
    late_conversions,
    long_pauses,
    ratings_from_one_number,
    reopened,
    same_file_twice,
)

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
NOON = datetime(2026, 4, 15, 4, tzinfo=UTC)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def april(early: int, late: int) -> dict[date, int]:
    """So many closings on the tenth, so many on the last day but one."""
    return {date(2026, 4, 10): early, date(2026, 4, 29): late}


def test_closings_bunched_at_the_end_are_told_with_the_usual_share_and_an_interval() -> None:
    # April 2026 has 22 weekdays, three of them the 28th to the 30th: 13.63 % would be usual.
    sign = bunched_closings(april(20, 30), begins=APRIL, ends=MAY, is_working=weekday)

    assert sign is not None
    assert (sign.seen, sign.out_of) == (30, 50)
    assert "结案 30 件，占当期结案 50 件的 60.00%" in sign.words
    assert "应占 13.63%" in sign.words and "99.8% 置信区间" in sign.words


@pytest.mark.parametrize(
    ("early", "late", "why"),
    [
        (86, 14, "as many as the days deserve"),
        (45, 12, "more, but no more than chance may give"),
        (0, 19, "all of them, but too few to say anything"),
        (0, 0, "nothing closed at all"),
    ],
)
def test_closings_that_are_no_sign(early: int, late: int, why: str) -> None:
    assert bunched_closings(april(early, late), begins=APRIL, ends=MAY, is_working=weekday) is None, why


def test_a_real_but_slight_surplus_of_thousands_is_no_sign() -> None:
    # 18 % of ten thousand against 13.63 %: beyond chance, and not worth a suspicion.
    assert bunched_closings(april(8200, 1800), begins=APRIL, ends=MAY, is_working=weekday) is None
    assert bunched_closings(april(7900, 2100), begins=APRIL, ends=MAY, is_working=weekday) is not None


def test_where_the_last_days_are_a_holiday_days_are_what_is_usual() -> None:
    sign = bunched_closings(april(20, 30), begins=APRIL, ends=MAY, is_working=lambda day: day.day < 28)

    assert sign is not None and "应占 10.00%" in sign.words


def test_closings_outside_the_period_are_not_its_closings() -> None:
    closed = {**april(20, 30), date(2026, 3, 31): 500, MAY: 500}

    sign = bunched_closings(closed, begins=APRIL, ends=MAY, is_working=weekday)

    assert sign is not None and sign.out_of == 50


def test_a_period_of_three_days_has_no_last_three_days() -> None:
    with pytest.raises(ValueError, match="no longer than"):
        bunched_closings({}, begins=APRIL, ends=date(2026, 4, 4), is_working=weekday)


def test_matters_reopened_within_thirty_days_are_told_and_the_thirtieth_day_is_within() -> None:
    closings = [
        Closing("same-day", APRIL, APRIL),
        Closing("thirtieth", APRIL, MAY),
        Closing("thirty-first", APRIL, date(2026, 5, 2)),
        Closing("closed", APRIL),
    ]

    sign = reopened(closings)

    assert sign is not None
    assert sign.rows == ("same-day", "thirtieth") and (sign.seen, sign.out_of) == (2, 4)
    assert "50.00%" in sign.words and "30 日内" in sign.words


def test_one_matter_reopened_is_no_sign() -> None:
    assert reopened([Closing("a", APRIL, MAY), Closing("b", APRIL)]) is None


def verified(key: str, minutes: int, *digests: str) -> Verification:
    return Verification(key, NOON, NOON + timedelta(minutes=minutes), frozenset(digests))


def test_orders_verified_within_minutes_of_the_reply_are_told() -> None:
    sign = hasty_verifications([verified("a", 1), verified("b", 10), verified("c", 11), verified("d", 600)])

    assert sign is not None
    assert sign.rows == ("a", "b") and sign.out_of == 4
    assert "10 分钟内" in sign.words


def test_one_quick_verification_is_no_sign_nor_is_one_before_the_reply_it_does_not_belong_to() -> None:
    assert hasty_verifications([verified("a", 1), verified("b", -5), verified("c", 300)]) is None


def test_one_file_in_the_replies_of_two_orders_is_told_with_both() -> None:
    sign = same_file_twice([verified("a", 60, "f1", "f2"), verified("b", 60, "f3"), verified("c", 60, "f2")])

    assert sign is not None
    assert sign.rows == ("a", "c") and (sign.seen, sign.out_of) == (2, 3)
    assert "1 份" in sign.words


def test_one_file_twice_in_the_same_order_is_no_sign() -> None:
    assert same_file_twice([verified("a", 60, "f1"), verified("a", 90, "f1"), verified("b", 60, "f2")]) is None


def test_ratings_from_one_number_are_told_and_the_number_is_not() -> None:
    ratings = [Rating(f"r{n}", "digest-of-a-number") for n in range(4)] + [Rating("other", "x"), Rating("silent", None)]

    sign = ratings_from_one_number(ratings)

    assert sign is not None
    assert sign.rows == ("r0", "r1", "r2", "r3") and sign.out_of == 6
    assert "66.66%" in sign.words and "最多的一个号码评价了 4 次" in sign.words
    assert "digest-of-a-number" not in sign.words


def test_two_ratings_from_one_number_or_many_from_unknown_ones_are_no_sign() -> None:
    assert ratings_from_one_number([Rating("a", "x"), Rating("b", "x"), *[Rating("c", None)] * 9]) is None


def converted(key: str, left: timedelta) -> Conversion:
    return Conversion(key, NOON - left, NOON)


def test_conversions_just_before_the_limit_are_told() -> None:
    conversions = [
        converted("hours", timedelta(hours=5)),
        converted("at the moment", timedelta(0)),
        converted("three days", timedelta(days=3)),
        converted("a week", timedelta(days=7)),
        converted("after", -timedelta(hours=1)),
    ]

    sign = late_conversions(conversions)

    assert sign is not None
    assert sign.rows == ("hours", "at the moment", "three days") and sign.out_of == 5
    assert "届满前 3 日内" in sign.words


def test_one_late_conversion_is_no_sign() -> None:
    assert late_conversions([converted("a", timedelta(hours=1)), converted("b", timedelta(days=20))]) is None


def test_pauses_longer_than_the_limit_are_told_from_the_first() -> None:
    clocks = [
        Paused("equal", timedelta(days=30), timedelta(days=30)),
        Paused("longer", timedelta(days=30), timedelta(days=30, hours=2)),
        Paused("hours", timedelta(hours=8), timedelta(hours=9)),
    ]

    sign = long_pauses(clocks)

    assert sign is not None
    assert sign.rows == ("longer", "hours") and sign.out_of == 3
    assert "最长的暂停 30 日 2 小时，期限为 30 日" in sign.words


def test_pauses_within_the_limit_are_no_sign() -> None:
    assert long_pauses([Paused("a", timedelta(hours=8), timedelta(hours=8))]) is None


def test_hours_are_told_as_hours() -> None:
    sign = long_pauses([Paused("a", timedelta(hours=8), timedelta(hours=9))])

    assert sign is not None and "暂停 9 小时，期限为 8 小时" in sign.words


def test_minutes_are_told_as_minutes() -> None:
    sign = long_pauses([Paused("a", timedelta(minutes=30), timedelta(minutes=95))])

    assert sign is not None and "暂停 1 小时 35 分钟，期限为 30 分钟" in sign.words


def test_no_sign_calls_itself_a_finding() -> None:
    signs = [
        bunched_closings(april(20, 30), begins=APRIL, ends=MAY, is_working=weekday),
        same_file_twice([verified("a", 60, "f"), verified("b", 60, "f")]),
    ]

    for sign in signs:
        assert sign is not None and sign.look.startswith("查看")
        assert not any(word in sign.words for word in ("造假", "弄虚作假", "违规"))
    assert "不作为评价结论" in CAUTION
