"""The timetable's round: what is planned goes out by itself or waits, once, and whoever's turn it is hears of it."""

from datetime import date, datetime

import pytest

from cases.models import Officer, Role
from cases.services import assign_post
from supervision.bulletins import news
from supervision.bulletins.models import Bulletin, BulletinPlan, BulletinState, NoticeLine
from supervision.bulletins.services import (
    add_recipient,
    compose_monthly,
    compose_notices,
    drop,
    issue,
    issue_due,
    plan_unit,
    send_back,
    sign_off,
    submit,
)
from tests.supervision.bulletins.factories import (
    APRIL_FIRST,
    MARCH,
    County,
    make_calendar,
    make_limit,
    make_officer,
    make_reader,
    moment,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calendar(db: None) -> None:
    make_calendar()


@pytest.fixture
def legal(place: County) -> Officer:
    return with_post(make_officer(place.county, name="法制"), place.county, Role.LEGAL_OFFICER)


@pytest.fixture
def leader(place: County) -> Officer:
    return with_post(make_officer(place.county, name="局长"), place.county, Role.LEADER)


def with_post(officer: Officer, unit: object, role: Role) -> Officer:
    assign_post(officer=officer, unit=unit, role=role, from_on=MARCH)  # type: ignore[arg-type]
    return officer


def out() -> list[tuple[str, str]]:
    """What has gone out: kind and days, in order."""
    return [(row.kind, row.span.name) for row in Bulletin.objects.issued().order_by("issued_at", "pk")]


def round_at(text: str) -> int:
    report = issue_due(at=moment(text))
    assert report.failed == []
    return len(report.issued) + len(report.drafted)


# -- plans -----------------------------------------------------------------------------------------------------------


def test_a_unit_gets_its_plans_with_its_first_reader_and_keeps_them_as_they_are_moved(place: County) -> None:
    make_reader(place.county, "one@example.cn")
    BulletinPlan.objects.filter(kind="daily").update(active=False)
    make_reader(place.county, "two@example.cn")

    plans = BulletinPlan.objects.filter(unit=place.county).order_by("pk")

    assert [(row.kind, row.waits, row.active) for row in plans] == [
        ("daily", False, False),
        ("weekly", False, True),
        ("monthly", True, True),
    ]
    assert plan_unit(unit=place.county, at=APRIL_FIRST) == 0


def test_a_unit_whose_readers_are_older_than_its_plans_gets_them_in_the_round(place: County) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-20")
    BulletinPlan.objects.all().delete()

    round_at("2026-03-31 08:30")

    assert {row.entered_at for row in BulletinPlan.objects.all()} == {moment("2026-03-20")}
    assert out() == [("daily", "2026年3月30日"), ("weekly", "2026年3月23日至29日")]


def test_without_readers_nothing_is_made(place: County) -> None:
    plan_unit(unit=place.county, at=moment("2026-01-01"))

    assert round_at("2026-04-01 08:30") == 0


# -- what goes out ---------------------------------------------------------------------------------------------------


def test_days_and_weeks_go_out_by_themselves_and_never_twice(place: County) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-26 07:00")

    made = [
        round_at(when)
        for when in (
            "2026-03-26 08:25",
            "2026-03-26 08:30",
            "2026-03-26 08:35",
            "2026-03-27 08:30",
            "2026-03-28 08:30",
            "2026-03-30 08:30",
            "2026-03-30 08:35",
        )
    ]

    # On the Thursday the month of February, too, which waits for a signature.
    assert made == [0, 2, 0, 1, 0, 2, 0]
    assert out() == [
        ("daily", "2026年3月25日"),
        ("daily", "2026年3月26日"),
        ("daily", "2026年3月27日至29日"),
        ("weekly", "2026年3月23日至29日"),
    ]


def test_after_a_silence_there_is_one_look_at_all_days_and_the_last_week(place: County) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-01")
    BulletinPlan.objects.filter(kind="monthly").update(active=False)
    round_at("2026-03-03 08:30")

    round_at("2026-03-31 14:20")

    assert out() == [
        ("daily", "2026年3月2日"),
        ("weekly", "2026年2月23日至3月1日"),
        ("daily", "2026年3月3日至30日"),
        ("weekly", "2026年3月23日至29日"),
    ]


def test_a_month_that_waits_is_left_as_a_draft_once_and_one_that_does_not_goes_out(place: County) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-25")
    make_reader(place.a, "two@example.cn", entered="2026-03-25")
    BulletinPlan.objects.exclude(kind="monthly").update(active=False)
    BulletinPlan.objects.filter(unit=place.a).update(waits=False)

    first = issue_due(at=APRIL_FIRST)
    again = issue_due(at=moment("2026-04-01 08:35"))

    assert [(row.unit.code, row.state) for row in first.drafted] == [("X", BulletinState.DRAFT)]
    assert [(row.unit.code, row.state) for row in first.issued] == [("A", BulletinState.ISSUED)]
    assert again.drafted == again.issued == []


def test_what_somebody_decided_not_to_send_is_not_made_again(place: County, legal: Officer) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-25")
    BulletinPlan.objects.exclude(kind="monthly").update(active=False)
    (draft,) = issue_due(at=APRIL_FIRST).drafted
    drop(bulletin=draft, reason="本月不通报", by=legal, at=APRIL_FIRST)

    assert round_at("2026-04-02 08:30") == 0


def test_a_draft_made_by_hand_before_its_day_is_left_to_who_made_it(place: County, legal: Officer) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-25")
    BulletinPlan.objects.exclude(kind="monthly").update(active=False)
    mine = compose_monthly(unit=place.county, month=MARCH, at=moment("2026-04-01 00:10"), by=legal)

    assert round_at("2026-04-01 08:30") == 0
    assert Bulletin.objects.get() == mine


def test_the_hour_and_the_day_of_a_plan_are_kept(place: County) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-25")
    BulletinPlan.objects.filter(kind="daily").update(active=False)
    BulletinPlan.objects.filter(kind="weekly").update(weekday=1, leaves_at="16:00")
    BulletinPlan.objects.filter(kind="monthly").update(working_day=2, waits=False)
    issue_due(at=moment("2026-03-26 09:00"))

    for when in ("2026-03-30 16:30", "2026-03-31 15:59", "2026-03-31 16:00", "2026-04-01 09:00", "2026-04-02 08:30"):
        issue_due(at=moment(when))

    made = {row.span.name: row.issued_at for row in Bulletin.objects.issued()}
    assert made["2026年3月23日至29日"] == moment("2026-03-31 16:00")
    assert made["2026年3月"] == moment("2026-04-02 08:30")


# -- whose turn it is ------------------------------------------------------------------------------------------------


def told(at: datetime) -> list[tuple[str, str]]:
    """Who would be told what at a moment, in this room."""
    names = dict(Officer.objects.values_list("pk", "name"))
    return [(names[one.officer_id], one.text) for one in news.untold(at=at, urgent=False)]


def test_each_whose_turn_it_is_hears_of_it_and_nobody_else(place: County, legal: Officer, leader: Officer) -> None:
    make_reader(place.county, "one@example.cn", entered="2026-03-25")
    BulletinPlan.objects.exclude(kind="monthly").update(active=False)
    (draft,) = issue_due(at=APRIL_FIRST).drafted
    title = "某县公安局2026年3月执法监督月通报"

    assert told(APRIL_FIRST) == [("法制", f"{title}已编好草稿，请审阅、点评后送签")]
    submit(bulletin=draft, by=legal, at=APRIL_FIRST)
    assert told(APRIL_FIRST) == [("局长", f"{title}待您签批（法制 04-01 送签）")]
    send_back(bulletin=draft, reason="请补充分析", by=leader, at=APRIL_FIRST)
    assert told(APRIL_FIRST) == [("法制", f"{title}被退回，请修改后再送签：请补充分析")]
    submit(bulletin=draft, by=legal, at=APRIL_FIRST)
    sign_off(bulletin=draft, by=leader, at=APRIL_FIRST)
    assert told(APRIL_FIRST) == [("法制", f"{title}已签批，请签发")]
    issue(bulletin=draft, by=legal, at=APRIL_FIRST)
    assert told(APRIL_FIRST) == []


def test_a_stations_bulletin_is_signed_by_its_head_and_by_a_leader_where_he_submitted_it(
    place: County, leader: Officer
) -> None:
    head = with_post(make_officer(place.a, name="所长"), place.a, Role.UNIT_HEAD)
    clerk = make_officer(place.a, name="内勤")
    one = compose_monthly(unit=place.a, month=MARCH, at=APRIL_FIRST)
    submit(bulletin=one, by=clerk, at=APRIL_FIRST)
    other = compose_monthly(unit=place.a, month=date(2026, 2, 1), at=APRIL_FIRST)
    submit(bulletin=other, by=head, at=APRIL_FIRST)

    assert [name for name, _ in told(APRIL_FIRST)] == ["所长", "局长"]


def test_he_is_reminded_each_working_day_until_it_is_done(
    place: County, legal: Officer, leader: Officer, calendar: None
) -> None:
    make_limit("any", "任一时限")
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST, by=legal)
    submit(bulletin=draft, by=legal, at=moment("2026-04-01 10:00"))
    days: list[str] = []

    # 4 April is a Saturday.
    for day in range(1, 8):
        for hour in ("10:05", "10:10"):
            at = moment(f"2026-04-{day:02d} {hour}")
            issue_due(at=at)
            days += [f"{at:%m-%d}"] * compose_notices(at=at).lines
        if day == 6:
            sign_off(bulletin=draft, by=leader, at=moment("2026-04-06 16:00"))

    mine = NoticeLine.objects.filter(officer=leader).values_list("notice__day", flat=True)
    assert [f"{day:%m-%d}" for day in mine] == ["04-01", "04-02", "04-03", "04-06"]
    assert [f"{row.notice.day:%m-%d}" for row in NoticeLine.objects.filter(officer=legal)] == ["04-07"]


def test_a_draft_begun_by_hand_reminds_nobody(place: County, legal: Officer) -> None:
    add_recipient(unit=place.county, officer=legal, at=moment("2026-03-25"))
    BulletinPlan.objects.update(active=False)
    compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST, by=legal)

    issue_due(at=moment("2026-04-02 09:30"))

    assert told(moment("2026-04-02 09:30")) == []


def test_what_no_longer_stands_is_not_told(place: County, legal: Officer, leader: Officer) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST, by=legal)
    submit(bulletin=draft, by=legal, at=APRIL_FIRST)
    (key,) = (one.key for one in news.untold(at=APRIL_FIRST, urgent=False))

    assert news.still_stands([key, "bulletins.letter:1:failed", "alerts.alert:1:raised"]) == {key}
    sign_off(bulletin=draft, by=leader, at=APRIL_FIRST)
    assert news.still_stands([key]) == set()
    assert list(news.untold(at=APRIL_FIRST, urgent=True)) == []
