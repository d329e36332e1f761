"""The machine's clock is put back an hour, or stood still for days: nothing is done twice, nothing is left out."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from cases.models import Level
from supervision.alerts.models import Action, Alert, AlertStep
from supervision.alerts.services import sweep
from supervision.bulletins.models import Bulletin, Letter, LetterState, Notice
from supervision.bulletins.rules import CLAIM_LASTS
from supervision.bulletins.services import RoundReport, compose_notices, issue_due, send_letters
from tests.cases.factories import make_bureau, make_case, make_catalogue, make_officer, moment
from tests.supervision.bulletins.conftest import place as place
from tests.supervision.bulletins.conftest import room as room
from tests.supervision.bulletins.conftest import working_days as working_days
from tests.supervision.bulletins.factories import APRIL_FIRST, County, issued, letter_to, make_reader
from tests.supervision.bulletins.factories import make_officer as make_reading_officer
from tests.supervision.bulletins.rooms import Room

pytestmark = pytest.mark.django_db
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def alerts_of_a_case(*moments: datetime) -> Counter[tuple[str, int]]:
    """A case filed on 2 March: yellow from 25 March, orange from 29 March, red from 2 April."""
    make_catalogue()
    make_case("A1", make_bureau().station, filed="2026-03-02")
    for at in moments:
        sweep(at=at)
    return Counter(AlertStep.objects.values_list("action", "level"))


ONCE_EACH = Counter({(Action.RAISED.value, level.value): 1 for level in (Level.YELLOW, Level.ORANGE, Level.RED)})


def test_alerts_are_raised_once_each_though_the_clock_went_back_over_the_moment_of_one() -> None:
    orange = moment("2026-03-29")

    found = alerts_of_a_case(
        moment("2026-03-25"), orange + MINUTE, orange - 59 * MINUTE, orange + MINUTE, moment("2026-04-02")
    )

    assert found == ONCE_EACH
    assert Alert.objects.get().ended_at is None


def test_alerts_of_days_that_were_slept_through_are_made_good_at_once() -> None:
    assert alerts_of_a_case(moment("2026-03-24"), moment("2026-04-20")) == ONCE_EACH


def test_bulletins_are_made_once_though_midnight_came_twice(place: County) -> None:
    make_reader(place.county, "wang@example.cn", entered="2025-06-01")

    evening, morning = APRIL_FIRST - 9 * HOUR, APRIL_FIRST
    made = [len(report.issued) + len(report.drafted) for report in map(issued_at, (evening, morning))]

    again = [len(report.issued) + len(report.drafted) for report in map(issued_at, (evening, morning, evening))]

    assert min(made) > 0 and again == [0, 0, 0]
    assert Bulletin.objects.count() == sum(made)


def issued_at(at: datetime) -> RoundReport:
    return issue_due(at=at)


def test_bulletins_of_days_that_were_slept_through_leave_out_no_day_and_tell_none_twice(place: County) -> None:
    make_reader(place.county, "wang@example.cn", entered="2025-06-01")
    issue_due(at=APRIL_FIRST)
    issue_due(at=APRIL_FIRST + 5 * DAY)

    spans = Bulletin.objects.filter(kind="daily").values_list("begins_on", "ends_on")
    told = sorted(first + number * DAY for first, last in spans for number in range((last - first).days))
    assert len(told) > 4 and told[-1] == (APRIL_FIRST + 4 * DAY).date()
    assert told == [told[0] + number * DAY for number in range(len(told))]


def test_a_person_has_one_notice_a_day_though_the_hour_came_twice(
    room: Room, working_days: None, place: County
) -> None:
    reader = make_reading_officer(place.a, email="li@example.cn")
    morning = moment("2026-04-28 10:00")
    room.raises("A1", reader, since=moment("2026-04-28 00:00"))
    compose_notices(at=morning)
    room.raises("A2", reader, since=morning - 30 * MINUTE)

    for at in (morning - HOUR, morning - 30 * MINUTE, morning, morning + MINUTE):
        compose_notices(at=at)
    assert Notice.objects.count() == 1

    compose_notices(at=morning + DAY)
    assert [notice.size for notice in Notice.objects.order_by("day")] == [1, 1]


def test_letters_wait_for_the_hour_to_come_again_and_go_once(
    place: County, mailoutbox: list[object], unheard_queue: None
) -> None:
    issued(place.county, "one@example.cn", "two@example.cn")

    back = send_letters(at=APRIL_FIRST - HOUR)
    there = send_letters(at=APRIL_FIRST)
    again = send_letters(at=APRIL_FIRST - HOUR)

    assert (back.sent, there.sent, again.sent, len(mailoutbox)) == (0, 2, 0, 2)


def test_a_letter_held_when_the_clock_jumped_days_ahead_is_in_doubt_and_not_lost(
    place: County, mailoutbox: list[object], unheard_queue: None
) -> None:
    issued(place.county, "one@example.cn")
    Letter.objects.update(state=LetterState.SENDING, claims=1, claimed_at=APRIL_FIRST, next_try_at=None)

    before = send_letters(at=APRIL_FIRST + CLAIM_LASTS - MINUTE)
    after = send_letters(at=APRIL_FIRST + 3 * DAY)
    send_letters(at=APRIL_FIRST + 3 * DAY + MINUTE)

    assert (before.doubted, after.doubted, letter_to("one@example.cn").state) == (0, 1, LetterState.SENT)
    assert len(mailoutbox) == 1


@pytest.fixture
def unheard_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounds are run by the test, at its own hours."""
    monkeypatch.setattr("supervision.bulletins.issuing.tell_the_worker", lambda: None)


def test_a_sign_in_ends_when_its_half_hour_is_over_and_lives_on_when_the_clock_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = timezone.now()
    client = Client()
    client.force_login(make_officer("100001", make_bureau().station))

    def asked(at: datetime) -> int:
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)
        return client.get("/account/password/").status_code

    assert asked(now) == 200
    assert asked(now - HOUR) == 200
    assert asked(now + timedelta(seconds=settings.SESSION_COOKIE_AGE) + DAY) == 302
