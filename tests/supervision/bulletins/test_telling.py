"""One notice a person a day, in working time; urgent things at once; and nothing twice."""

from datetime import date, time, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.duty import working_time
from cases.models import Absence, Officer, Role, WorkCalendar
from cases.services import assign_post
from supervision.bulletins import failures, sources, tasks, telling
from supervision.bulletins.models import (
    Channel,
    ChannelKind,
    Letter,
    LetterState,
    Notice,
    NoticeAddress,
    NoticeLine,
    NoticePreference,
)
from supervision.bulletins.services import TellReport, compose_notices, requeue
from tests.supervision.bulletins.factories import APRIL_FIRST, County, issued, letter_to, make_officer, moment
from tests.supervision.bulletins.rooms import Room, Silent

pytestmark = pytest.mark.usefixtures("working_days")

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Tuesday to Friday before the holiday of 1 to 5 May; Wednesday 6 May is worked again.
TUESDAY, THURSDAY = "2026-04-28", "2026-04-30"


@pytest.fixture
def li(place: County) -> Officer:
    return make_officer(place.a, email="li@example.cn")


@pytest.fixture
def wang(place: County) -> Officer:
    return make_officer(place.b, name="王强")


def keys_told(officer: Officer) -> list[str]:
    return list(NoticeLine.objects.filter(officer=officer).order_by("pk").values_list("key", flat=True))


def days_told(officer: Officer) -> list[str]:
    rows = Notice.objects.daily().filter(officer=officer).order_by("day")
    return [f"{day:%m-%d}" for day in rows.values_list("day", flat=True)]


def every_ten_minutes(since: str, until: str) -> TellReport:
    """Rounds as the timetable would run them, only rarer; what they did together."""
    whole, at = TellReport(), moment(since)
    while at < moment(until):
        report = compose_notices(at=at)
        whole.daily += report.daily
        whole.urgent += report.urgent
        whole.broken += report.broken
        at += 10 * MINUTE
    return whole


# -- when ------------------------------------------------------------------------------------------------------------


def test_what_came_about_at_midnight_is_told_that_morning_and_not_before(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(f"{TUESDAY} 00:00"))

    early = compose_notices(at=moment(f"{TUESDAY} 08:59"))
    report = compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert (early.daily, report.daily) == (0, 1)
    assert Notice.objects.get().day == date(2026, 4, 28)


def test_everything_of_a_day_is_one_notice_the_most_pressing_first(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY), rank=1)
    room.raises("A2", li, since=moment(TUESDAY), rank=3)
    room.raises("R1", li, since=moment(TUESDAY), about="整改", rank=2)

    report = compose_notices(at=moment(f"{TUESDAY} 09:00"))

    notice = Notice.objects.get()
    assert report == TellReport(daily=1, lines=3, letters=1)
    assert (notice.size, notice.headline) == (3, "预警 2 条、整改 1 条")
    assert [key.split(":")[1] for key in keys_told(li)] == ["A2", "R1", "A1"]


def test_what_comes_about_after_the_notice_of_the_day_waits_for_the_next_working_day(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY))
    compose_notices(at=moment(f"{TUESDAY} 09:00"))
    room.raises("A2", li, since=moment(f"{TUESDAY} 10:00"))

    same_day = every_ten_minutes(f"{TUESDAY} 10:00", f"{TUESDAY} 23:50")
    next_day = compose_notices(at=moment("2026-04-29 09:00"))

    assert (same_day.daily, next_day.daily) == (0, 1)
    assert days_told(li) == ["04-28", "04-29"]


def test_the_first_thing_of_a_day_without_a_notice_is_told_in_working_time_of_that_day(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(f"{TUESDAY} 14:00"))

    report = compose_notices(at=moment(f"{TUESDAY} 14:01"))

    assert report.daily == 1


def test_nothing_is_told_at_night_nor_from_the_first_to_the_fifth_of_may(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(f"{THURSDAY} 17:30"))

    holidays = every_ten_minutes(f"{THURSDAY} 17:30", "2026-05-06 09:00")
    back = compose_notices(at=moment("2026-05-06 09:00"))

    assert (holidays.daily, back.daily) == (0, 1)
    assert days_told(li) == ["05-06"]


def test_what_is_urgent_is_told_in_the_night_of_a_holiday_all_of_it_in_one(room: Room, li: Officer) -> None:
    room.raises("D1", li, since=moment("2026-05-02 02:10"), urgent=True)
    room.raises("D2", li, since=moment("2026-05-02 02:10"), urgent=True)
    room.raises("A1", li, since=moment("2026-05-02"))

    report = compose_notices(at=moment("2026-05-02 02:11"))

    notice = Notice.objects.get()
    assert (report.daily, report.urgent) == (0, 1)
    assert (notice.urgent, notice.size, notice.day) == (True, 2, date(2026, 5, 2))


def test_an_urgent_notice_leaves_the_notice_of_the_day_as_it_was(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY))
    room.raises("D1", li, since=moment(TUESDAY), urgent=True)

    report = compose_notices(at=moment(f"{TUESDAY} 09:00"))
    room.raises("D2", li, since=moment(f"{TUESDAY} 09:05"), urgent=True)
    later = compose_notices(at=moment(f"{TUESDAY} 09:06"))

    assert (report.daily, report.urgent) == (1, 1)
    assert (later.daily, later.urgent) == (0, 1)


def test_after_a_silence_of_five_days_everybody_gets_one_notice(room: Room, li: Officer, wang: Officer) -> None:
    for number in range(5):
        room.raises(f"A{number}", li, wang, since=moment("2026-04-20") + number * DAY)

    report = compose_notices(at=moment("2026-04-27 10:20"))
    again = every_ten_minutes("2026-04-27 10:30", "2026-04-27 23:00")

    assert (report.daily, again.daily) == (2, 0)
    assert [len(keys_told(officer)) for officer in (li, wang)] == [5, 5]


def test_a_morning_that_was_missed_is_made_good_on_the_same_day(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY))

    compose_notices(at=moment(f"{TUESDAY} 16:40"))

    assert days_told(li) == ["04-28"]


# -- the hour --------------------------------------------------------------------------------------------------------


def first_told_at(officer: Officer) -> str:
    """The first ten minutes of Tuesday in which he is told."""
    at = moment(TUESDAY)
    while not Notice.objects.filter(officer=officer).exists():
        at += 10 * MINUTE
        compose_notices(at=at)
    return f"{at:%H:%M}"


@pytest.mark.parametrize(
    ("own", "station", "county", "opens", "told"),
    [
        (None, None, None, "09:00", "09:00"),  # the house's 08:30 is before the opening
        (None, None, None, "08:30", "08:30"),
        (None, None, None, "08:00", "08:30"),
        ("14:30", "10:00", "11:00", "09:00", "14:30"),
        (None, "10:00", "11:00", "09:00", "10:00"),
        (None, None, "11:00", "09:00", "11:00"),
        ("06:00", None, None, "09:00", "09:00"),
        ("22:00", None, None, "09:00", "09:00"),
    ],
)
def test_the_hour_is_his_own_or_his_units_and_always_in_working_time(
    room: Room,
    place: County,
    li: Officer,
    own: str | None,
    station: str | None,
    county: str | None,
    opens: str,
    told: str,
) -> None:
    WorkCalendar.objects.update(opens=opens)
    for owner, hour in (({"officer": li}, own), ({"unit": place.a}, station), ({"unit": place.county}, county)):
        if hour is not None:
            NoticePreference.objects.create(told_at=time.fromisoformat(hour), **owner)
    room.raises("A1", li, since=moment(TUESDAY))

    assert first_told_at(li) == told


def test_a_preference_without_an_hour_means_the_units(room: Room, place: County, li: Officer) -> None:
    NoticePreference.objects.create(officer=li, by_mail=False)
    NoticePreference.objects.create(unit=place.county, told_at=time(11))
    room.raises("A1", li, since=moment(TUESDAY))

    assert first_told_at(li) == "11:00"


# -- to whom ---------------------------------------------------------------------------------------------------------


def test_a_thing_for_two_with_different_hours_is_marked_when_both_have_been_told(
    room: Room, li: Officer, wang: Officer
) -> None:
    NoticePreference.objects.create(officer=wang, told_at=time(15))
    key = room.raises("A1", li, wang, since=moment(TUESDAY))

    compose_notices(at=moment(f"{TUESDAY} 09:00"))
    after_one = list(room.marked)
    next_round = compose_notices(at=moment(f"{TUESDAY} 09:01"))
    compose_notices(at=moment(f"{TUESDAY} 15:00"))

    assert (after_one, next_round.daily) == ([], 0)
    assert room.marked == [key]
    assert [keys_told(officer) for officer in (li, wang)] == [[key], [key]]


def test_the_post_decides_who_is_told_when_it_is_told(room: Room, li: Officer, wang: Officer) -> None:
    key = room.raises("A1", li, since=moment(f"{THURSDAY} 18:00"))
    room.successor[li.pk] = wang.pk

    compose_notices(at=moment("2026-05-06 09:00"))

    assert (keys_told(li), keys_told(wang)) == ([], [key])


def test_an_account_out_of_use_is_told_nothing_and_keeps_nobody_else_waiting(
    room: Room, li: Officer, wang: Officer
) -> None:
    key = room.raises("A1", li, wang, since=moment(TUESDAY))
    Officer.objects.filter(pk=li.pk).update(is_active=False)

    compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert (keys_told(li), keys_told(wang), room.marked) == ([], [key], [key])


def test_the_same_thing_is_told_again_only_if_the_room_says_since_when(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY))
    compose_notices(at=moment(f"{TUESDAY} 09:00"))
    room.raises("A1", li, since=moment(TUESDAY))
    same = compose_notices(at=moment("2026-04-29 09:00"))
    room.raises("A1", li, since=moment("2026-04-29 12:00"))

    anew = compose_notices(at=moment("2026-04-30 09:00"))

    assert (same.daily, anew.daily) == (0, 1)


# -- by which ways ---------------------------------------------------------------------------------------------------


def ways(officer: Officer) -> list[str]:
    return [letter.way for letter in Letter.objects.filter(notice__officer=officer).order_by("pk")]


def test_whoever_has_an_address_gets_a_mail_too_unless_he_does_not_want_it(
    room: Room, place: County, li: Officer, wang: Officer
) -> None:
    quiet = make_officer(place.a, email="quiet@example.cn")
    NoticePreference.objects.create(officer=quiet, by_mail=False)
    room.raises("A1", li, wang, quiet, since=moment(TUESDAY))

    compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert [ways(officer) for officer in (li, wang, quiet)] == [["邮件"], [], []]
    assert Notice.objects.count() == 3


def test_a_gateway_gets_a_letter_only_once_it_is_switched_on_and_he_has_an_address_there(
    room: Room, li: Officer, wang: Officer
) -> None:
    off = Channel.objects.create(name="短信", kind=ChannelKind.SMS, base_url="http://127.0.0.1:9")
    on = Channel.objects.create(name="企业微信", kind=ChannelKind.WECOM, base_url="http://127.0.0.1:9", enabled=True)
    for channel in (off, on):
        NoticeAddress.objects.create(officer=wang, channel=channel, address="wang")
    room.raises("A1", li, wang, since=moment(TUESDAY))

    compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert (ways(li), ways(wang)) == (["邮件"], ["企业微信"])


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_round_run_twice_changes_nothing_the_second_time(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY))
    compose_notices(at=moment(f"{TUESDAY} 09:00"))
    before = list(Notice.objects.values()), list(NoticeLine.objects.values()), list(Letter.objects.values())

    report = compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert report == TellReport()
    assert before == (list(Notice.objects.values()), list(NoticeLine.objects.values()), list(Letter.objects.values()))


@pytest.mark.parametrize("urgent", [False, True])
def test_of_two_workers_who_saw_the_same_one_tells_and_the_other_passes_over(
    room: Room, li: Officer, monkeypatch: pytest.MonkeyPatch, urgent: bool
) -> None:
    room.raises("A1", li, since=moment(TUESDAY), urgent=urgent)
    at, seen = moment(f"{TUESDAY} 09:00"), list(room.waiting)
    compose_notices(at=at)
    # What the second worker read before the first had committed.
    monkeypatch.setattr(telling, "_told_on", lambda *args: set())
    asked: list[object] = []
    plain = telling._told_already
    monkeypatch.setattr(
        telling,
        "_told_already",
        lambda keys: plain(keys) if asked else (asked.append(True), set())[1],
    )
    room.waiting = seen

    report = compose_notices(at=at)

    assert report == TellReport()
    assert (Notice.objects.count(), NoticeLine.objects.count()) == (1, 1)


def test_a_room_that_fails_is_told_at_the_end_and_keeps_no_other_room_from_telling(
    room: Room, li: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SOURCES", (Silent(name="silent").source, room.source))
    room.raises("A1", li, since=moment(TUESDAY))

    report = compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert report.daily == 1
    assert report.broken == ["silent：RuntimeError: out of order"] * 2


def test_a_person_whose_notice_fails_keeps_nobody_else_from_his(
    room: Room, li: Officer, wang: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.raises("A1", li, since=moment(TUESDAY))
    room.raises("A2", wang, since=moment(TUESDAY))
    room.waiting[0] = type(room.waiting[0])(**{**_fields(room.waiting[0]), "about": None})

    report = compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert report.daily == 1
    assert len(report.broken) == 1 and report.broken[0].startswith(li.police_number)
    assert (keys_told(li), len(keys_told(wang))) == ([], 1)


def _fields(tiding: object) -> dict[str, object]:
    return {name: getattr(tiding, name) for name in tiding.__slots__}  # type: ignore[attr-defined]


def test_a_key_that_does_not_say_which_room_it_is_of_is_refused(li: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    stray = Room(name="stray")
    stray.raises("A1", li, since=moment(TUESDAY))
    monkeypatch.setattr(sources, "SOURCES", (sources.Source("other", stray, stray),))

    report = compose_notices(at=moment(f"{TUESDAY} 09:00"))

    assert report.daily == 0
    assert "stray.thing:A1:raised" in report.broken[0]


def test_the_task_tells_what_went_wrong(room: Room, li: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment(f"{TUESDAY} 09:00"))
    room.raises("A1", li, since=moment(TUESDAY))

    told = tasks.compose_notices_task()
    monkeypatch.setattr(sources, "SOURCES", (Silent(name="silent").source,))

    assert told == 1
    with pytest.raises(tasks.RoundFailed, match="silent"):
        tasks.compose_notices_task()


# -- how much it asks ------------------------------------------------------------------------------------------------


def test_a_round_asks_no_more_for_thirty_things_than_for_one_and_the_same_for_each_further_person(
    room: Room, place: County
) -> None:
    def questions(people: int, things: int, day: str) -> int:
        for _ in range(people):
            officer = make_officer(place.a, email="x@example.cn")
            for number in range(things):
                room.raises(f"{officer.pk}-{number}", officer, since=moment(day))
        with CaptureQueriesContext(connection) as asked:
            compose_notices(at=moment(f"{day} 10:00"))
        return len(asked)

    one, thirty = questions(1, 1, "2026-04-27"), questions(1, 30, TUESDAY)
    two, three = questions(2, 30, "2026-04-29"), questions(3, 30, THURSDAY)

    assert one == thirty
    assert three - two == two - one


def test_an_idle_round_at_night_asks_next_to_nothing(room: Room, li: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY))

    with CaptureQueriesContext(connection) as asked:
        compose_notices(at=moment("2026-05-02 03:00"))

    assert len(asked) <= 6


# -- never more than one ---------------------------------------------------------------------------------------------

HAPPENINGS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=14 * 24 * 6),  # tens of minutes from Monday 20 April
        st.sampled_from(("raise", "raise urgent", "settle", "round", "round")),
        st.integers(min_value=0, max_value=1),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=HAPPENINGS)
def test_nobody_ever_gets_two_notices_a_day_nor_hears_of_a_thing_twice_nor_outside_working_time(
    room: Room, li: Officer, wang: Officer, happenings: list[tuple[int, str, int]]
) -> None:
    with transaction.atomic():
        room.waiting, room.standing, room.marked, room.told = [], set(), [], {}
        raised: list[str] = []
        for number, (tens, act, whom) in enumerate(sorted(happenings)):
            at = moment("2026-04-20") + tens * timedelta(minutes=10)
            if act == "settle" and raised:
                room.settles(raised.pop())
            elif act.startswith("raise"):
                raised.append(room.raises(str(number), (li, wang)[whom], since=at, urgent="urgent" in act))
            elif act == "round":
                compose_notices(at=at)

        daily = list(Notice.objects.daily().values_list("officer_id", "day", "composed_at"))
        worked = working_time(moment(TUESDAY))
        told = list(NoticeLine.objects.values_list("officer_id", "key", "since"))
        assert len({(officer, day) for officer, day, _ in daily}) == len(daily)
        assert all(worked.is_open(composed_at) for _, _, composed_at in daily)
        assert len(set(told)) == len(told)
        transaction.set_rollback(True)


# -- what this room itself has to tell -------------------------------------------------------------------------------


@pytest.fixture
def failed_letter(place: County, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """A bulletin that the county's reader never got, since nine on 1 April."""
    issued(place.county, "gone@example.cn")
    Letter.objects.update(
        state=LetterState.FAILED, next_try_at=None, error="没有这个人", tell_since=APRIL_FIRST + HOUR / 2
    )
    return letter_to("gone@example.cn")


@pytest.fixture
def shen(place: County) -> Officer:
    """The county's legal officer."""
    officer = make_officer(place.county, name="沈雨")
    assign_post(officer=officer, unit=place.county, role=Role.LEGAL_OFFICER, from_on=date(2025, 1, 1))
    return officer


def test_a_bulletin_that_did_not_arrive_is_told_to_the_legal_officers_of_its_unit(
    failed_letter: Letter, shen: Officer
) -> None:
    report = compose_notices(at=moment("2026-04-01 09:00"))
    again = compose_notices(at=moment("2026-04-02 09:00"))

    line = NoticeLine.objects.get()
    failed_letter.refresh_from_db()
    assert (report.daily, again.daily, failed_letter.tell_since) == (1, 0, None)
    assert (line.officer, line.about) == (shen, "通报发送")
    assert "没有送到gone：没有这个人" in line.text


def test_his_deputy_is_told_while_he_is_away(place: County, failed_letter: Letter, shen: Officer) -> None:
    deputy = make_officer(place.county, name="周正")
    Absence.objects.create(officer=shen, deputy=deputy, from_on=date(2026, 4, 1), until_on=date(2026, 4, 3))

    compose_notices(at=moment("2026-04-01 09:00"))

    assert Notice.objects.get().officer == deputy


def test_a_failed_letter_that_is_queued_again_need_not_be_told(failed_letter: Letter, shen: Officer) -> None:
    requeue(letter=failed_letter, by=shen, at=moment("2026-04-01 09:00"))

    report = compose_notices(at=moment("2026-04-01 09:01"))

    assert report == TellReport()


def test_only_a_letter_that_still_stands_as_failed_stands(failed_letter: Letter) -> None:
    key = f"bulletins.letter:{failed_letter.pk}:failed"
    asked = [key, "bulletins.letter:0:failed", "alerts.alert:1:raised", "bulletins.letter:x:failed"]

    before = failures.still_stands(asked)
    requeue(letter=failed_letter, by=None, at=moment("2026-04-01 09:00"))

    assert (before, failures.still_stands(asked)) == ({key}, set())


def test_what_had_not_left_for_him_who_was_gone_is_to_be_told_anew(failed_letter: Letter, shen: Officer) -> None:
    compose_notices(at=moment("2026-04-01 09:00"))

    failures.tell_again([f"bulletins.letter:{failed_letter.pk}:failed"], at=moment("2026-04-01 11:00"))

    failed_letter.refresh_from_db()
    assert failed_letter.tell_since == moment("2026-04-01 11:00")


def test_a_notice_that_could_not_be_mailed_is_no_news(room: Room, li: Officer, shen: Officer) -> None:
    room.raises("A1", li, since=moment(TUESDAY))
    compose_notices(at=moment(f"{TUESDAY} 09:00"))
    Letter.objects.update(state=LetterState.FAILED, next_try_at=None, error="没有这个人")

    assert list(failures.untold(at=moment(f"{TUESDAY} 10:00"), urgent=False)) == []
