from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from pytest_django import Settings

from cases.models import Officer
from supervision.accounts import queries, services
from supervision.accounts.models import OpenSession, Outcome, SignIn
from supervision.accounts.services import SESSION_OVER, AccountRefused, Visitor
from tests.supervision.accounts.factories import AT, DESK, LATER

pytestmark = pytest.mark.usefixtures("now")


def session() -> str:
    store = SessionStore()
    store.create()
    assert store.session_key is not None
    return store.session_key


def begin(officer: Officer, minutes: int = 0, address: str = "10.1.2.3") -> OpenSession:
    return services.begin_session(
        officer=officer, session_key=session(), visitor=Visitor(address), at=AT + timedelta(minutes=minutes)
    )


def outcomes(officer: Officer) -> list[str]:
    return list(officer.sign_ins.order_by("pk").values_list("outcome", flat=True))


@pytest.mark.parametrize(
    ("number", "locked", "changes", "outcome"),
    [
        ("100001", False, {}, Outcome.WRONG_PASSWORD),
        ("100001", True, {}, Outcome.LOCKED_OUT),
        ("100001", False, {"is_active": False}, Outcome.SWITCHED_OFF),
        ("100001", False, {"is_staff": False}, Outcome.SWITCHED_OFF),
        ("100001", False, {"password": "!none"}, Outcome.SWITCHED_OFF),
        ("666666", False, {}, Outcome.UNKNOWN_NUMBER),
        ("666666", True, {}, Outcome.LOCKED_OUT),
    ],
)
def test_a_failure_is_entered_with_the_class_of_its_reason(
    officer: Officer, number: str, locked: bool, changes: dict[str, object], outcome: Outcome
) -> None:
    Officer.objects.filter(pk=officer.pk).update(**changes)

    row = services.note_failure(number=number, locked=locked, visitor=DESK, at=AT)

    assert (row.outcome, row.number, row.address, row.agent) == (outcome, number, "10.1.2.3", "Firefox")
    assert row.officer == (officer if number == "100001" else None)


def test_what_is_too_long_is_cut_and_still_entered(officer: Officer) -> None:
    row = services.note_failure(number="9" * 300, locked=False, visitor=Visitor("", "x\0" * 400), at=AT)

    row.refresh_from_db()
    assert row.number == "9" * 20
    assert row.agent == "x" * 200


def test_one_sign_in_too_many_ends_the_oldest(officer: Officer, settings: Settings) -> None:
    settings.SESSIONS_AT_ONCE = 2
    first, second = begin(officer, 0, "10.0.0.1"), begin(officer, 1)

    third = begin(officer, 2)

    assert set(OpenSession.objects.all()) == {second, third}
    assert not Session.objects.filter(session_key=first.session_key).exists()
    assert Session.objects.count() == 2
    assert outcomes(officer) == ["signed_in", "signed_in", "signed_in", "crowded_out"]
    assert "10.0.0.1" in SignIn.objects.get(outcome=Outcome.CROWDED_OUT).text


def test_a_sign_in_that_ran_out_takes_nobodys_place(officer: Officer, settings: Settings) -> None:
    settings.SESSIONS_AT_ONCE = 3
    standing, idle, gone = begin(officer), begin(officer, 1), begin(officer, 2)
    Session.objects.filter(session_key=idle.session_key).update(expire_date=AT - timedelta(seconds=1))
    Session.objects.filter(session_key=gone.session_key).delete()

    latest = begin(officer, 3)

    assert set(OpenSession.objects.all()) == {standing, latest}
    assert "crowded_out" not in outcomes(officer)


def test_nobody_elses_sign_in_is_counted(officer: Officer, leader: Officer, settings: Settings) -> None:
    settings.SESSIONS_AT_ONCE = 1
    begin(leader)

    begin(officer)

    assert OpenSession.objects.count() == 2


def test_an_own_sign_in_elsewhere_is_ended_once(officer: Officer) -> None:
    there = begin(officer)

    services.end_session(session=there, by=officer, visitor=DESK, at=LATER)

    assert not Session.objects.exists()
    assert outcomes(officer) == ["signed_in", "ended"]
    with pytest.raises(AccountRefused, match=SESSION_OVER):
        services.end_session(session=there, by=officer, visitor=DESK, at=LATER)


def test_nobody_ends_anothers_sign_in(officer: Officer, leader: Officer) -> None:
    there = begin(officer)

    with pytest.raises(AccountRefused, match=SESSION_OVER):
        services.end_session(session=there, by=leader, visitor=DESK, at=LATER)

    assert Session.objects.count() == 1


def test_signing_out_is_entered(officer: Officer) -> None:
    there = begin(officer)

    services.sign_out(officer=officer, session_key=there.session_key, visitor=DESK, at=LATER)

    assert outcomes(officer) == ["signed_in", "signed_out"]
    assert not OpenSession.objects.exists()


def test_the_last_sign_in_and_what_failed_since(officer: Officer) -> None:
    assert queries.before_now(officer) is None
    begin(officer, 0, "10.0.0.9")
    begin(officer, 1, "10.0.0.8")
    services.note_failure(number="100001", locked=False, visitor=DESK, at=LATER)
    services.note_failure(number="100001", locked=True, visitor=DESK, at=LATER)
    services.note_failure(number="100009", locked=False, visitor=DESK, at=LATER)

    before = queries.before_now(officer)

    assert before == queries.Before(AT + timedelta(minutes=1), "10.0.0.8", 2)


def test_seats_tell_which_is_here_and_when_each_was_last_used(officer: Officer) -> None:
    there, here = begin(officer), begin(officer, 1)
    Session.objects.filter(session_key=there.session_key).update(expire_date=AT + timedelta(minutes=42))

    seats = queries.seats_of(officer, here=here.session_key, at=LATER)

    assert [(seat.row, seat.here) for seat in seats] == [(here, True), (there, False)]
    assert seats[1].seen_at == AT + timedelta(minutes=12)
    assert queries.seats_of(officer, here=None, at=AT + timedelta(hours=1)) == []
