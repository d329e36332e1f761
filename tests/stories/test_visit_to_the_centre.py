"""Somebody is brought to the centre and stays: minute by minute around every threshold of eight, twelve and twenty-four hours.

The hours are those of 治安管理处罚法第九十七条: eight; twelve where many are involved or who he is is not known; twenty-four
where the case is complex and detention may follow. A warning comes when a quarter of the hours is left, a louder one at a
tenth, and red at the minute the hours are over. He arrives at nine on Tuesday 10 March 2026.
"""

from datetime import datetime, timedelta

import pytest

from cases.desk.words import standing
from cases.models import Clock, Level, Matter
from supervision.alerts.models import Alert, AlertState
from supervision.alerts.services import order_due, sweep
from supervision.custody import services
from supervision.custody.models import Fault, Visit
from tests.cases.factories import moment
from tests.supervision.custody.factories import ARRIVED, AT, County, begin, bring, make_county

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

MINUTE = timedelta(minutes=1)
GREEN, YELLOW, ORANGE, RED = Level.GREEN, Level.YELLOW, Level.ORANGE, Level.RED

# (hours allowed, threshold, level from that minute on, why)
THRESHOLDS = (
    (8, "2026-03-10 15:00", GREEN, YELLOW, "八小时的四分之一是两小时"),
    (8, "2026-03-10 16:12", YELLOW, ORANGE, "八小时的十分之一是四十八分"),
    (8, "2026-03-10 17:00", ORANGE, RED, "到案九时，满八小时"),
    (12, "2026-03-10 18:00", GREEN, YELLOW, "十二小时的四分之一是三小时"),
    (12, "2026-03-10 19:48", YELLOW, ORANGE, "十二小时的十分之一是一小时十二分"),
    (12, "2026-03-10 21:00", ORANGE, RED, "满十二小时"),
    (24, "2026-03-11 03:00", GREEN, YELLOW, "二十四小时的四分之一是六小时"),
    (24, "2026-03-11 06:36", YELLOW, ORANGE, "二十四小时的十分之一是两小时二十四分"),
    (24, "2026-03-11 09:00", ORANGE, RED, "满二十四小时"),
)


@pytest.fixture
def county(law: None, db: None) -> County:
    return make_county()


def inside(county: County, hours: int) -> Visit:
    """Brought in at nine; longer hours are approved at half past, and he waits with a guard."""
    visit = bring(county)
    begin(county, visit, "search", "检查室", "09:10")
    begin(county, visit, "waiting", "候问室一", "09:20")
    if hours > 8:
        services.extend_stay(
            visit=visit, hours=hours, approved_at=moment("2026-03-10 09:30"), document="延字 1 号", ground="情况复杂",
            by=county.officer, at=AT,
        )  # fmt: skip
    return visit


def pass_minute(at: datetime) -> None:
    """What the timetable does in a minute."""
    sweep(at=at)
    services.watch(at=at)


def seen(visit: Visit) -> tuple[Level, Level | None]:
    """The level of the clock, and of the warning that stands on it."""
    clock = Clock.objects.get(matter=visit.pk)
    alert = Alert.objects.filter(clock=clock).exclude(state=AlertState.WITHDRAWN).first()
    return Level(clock.level), None if alert is None else Level(alert.level)


@pytest.mark.parametrize(("hours", "threshold", "before", "after", "why"), THRESHOLDS)
def test_level_and_warning_change_at_the_very_minute(
    county: County, hours: int, threshold: str, before: Level, after: Level, why: str
) -> None:
    visit, turn = inside(county, hours), moment(threshold)

    told = []
    for minutes in range(-3, 4):
        at = turn + minutes * MINUTE
        pass_minute(at)
        clock = Clock.objects.get(matter=visit.pk)
        told.append((minutes, *seen(visit), standing(clock, at).level))

    warned = None if before == GREEN else before
    assert told == [
        (minutes, before, warned, before) if minutes < 0 else (minutes, after, after, after) for minutes in range(-3, 4)
    ], why


@pytest.mark.parametrize(
    ("hours", "last"), [(8, "2026-03-10 17:00"), (12, "2026-03-10 21:00"), (24, "2026-03-11 09:00")]
)
@pytest.mark.parametrize(("minutes", "late"), [(-1, False), (1, True)])
def test_leaving_a_minute_before_is_in_time_and_a_minute_after_is_not(
    county: County, hours: int, last: str, minutes: int, late: bool
) -> None:
    visit, left = inside(county, hours), moment(last) + minutes * MINUTE
    pass_minute(left)

    services.leave(visit=visit, left_at=left, outcome="询问完毕", by=county.officer, at=left)

    clock = Clock.objects.get(matter=visit.pk)
    assert clock.late is late
    assert Fault.objects.to_judge().filter(visit=visit, sort="limit").exists() is late
    assert Matter.objects.get(pk=visit.pk).closed_at == left


def test_the_words_of_the_last_minutes(county: County) -> None:
    visit = inside(county, 8)
    clock = Clock.objects.get(matter=visit.pk)

    said = [standing(clock, moment(f"2026-03-10 {at}")).text for at in ("16:58", "16:59", "17:00", "17:01")]

    assert said == ["剩 2 分", "剩 1 分", "超 不到 1 分", "超 1 分"]


def test_lengthened_in_the_last_minute_the_warning_goes_and_comes_back_by_the_longer_hours(county: County) -> None:
    visit, last = inside(county, 8), moment("2026-03-10 16:59")
    pass_minute(last)
    assert seen(visit) == (ORANGE, ORANGE)

    services.extend_stay(
        visit=visit, hours=12, approved_at=last, document="延字 2 号", ground="身份不明", by=county.officer, at=last
    )
    pass_minute(last + MINUTE)
    assert seen(visit) == (GREEN, None)

    pass_minute(moment("2026-03-10 17:59"))
    assert seen(visit) == (GREEN, None)
    pass_minute(moment("2026-03-10 18:00"))
    assert seen(visit) == (YELLOW, YELLOW)


def test_a_sweep_that_slept_through_all_of_it_finds_the_level_of_the_moment(county: County) -> None:
    visit = inside(county, 8)

    pass_minute(ARRIVED + timedelta(hours=30))
    order_due(at=ARRIVED + timedelta(hours=30))

    assert seen(visit) == (RED, RED)
    assert Fault.objects.filter(visit=visit, sort="limit").count() == 1
