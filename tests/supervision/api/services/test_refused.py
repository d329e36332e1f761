"""What was not let in is put on record under its token, so many an hour and no more."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import Officer
from supervision.api import rules
from supervision.api.models import RefusedCall, SystemToken
from supervision.api.rules import NotLetIn
from supervision.api.services import note_refused
from tests.cases.factories import Bureau, moment
from tests.supervision.api.calling import let_in

pytestmark = pytest.mark.django_db

AT = moment("2026-03-02 09:59")


@pytest.fixture
def token(bureau: Bureau, security: Officer) -> SystemToken:
    return let_in(bureau.county, security).token


def note(token: SystemToken, minutes: int = 0, what: str = "单位") -> RefusedCall | None:
    at = AT + timedelta(minutes=minutes)
    return note_refused(token=token, why=NotLetIn.EXPIRED, what=what, address="10.1.2.3", at=at)


def test_an_hour_holds_so_many_and_the_next_begins_anew(token: SystemToken, bureau: Bureau, security: Officer) -> None:
    noted = [note(token) for _ in range(rules.REFUSED_AN_HOUR + 5)]

    assert [one.serial for one in noted if one is not None] == list(range(1, rules.REFUSED_AN_HOUR + 1))
    assert noted[rules.REFUSED_AN_HOUR :] == [None] * 5
    later, other = note(token, minutes=1), note(let_in(bureau.county, security).token)
    assert later is not None and other is not None and later.serial == other.serial == 1
    assert RefusedCall.objects.count() == rules.REFUSED_AN_HOUR + 2


def test_the_database_itself_holds_no_more_than_so_many(token: SystemToken) -> None:
    first = note(token)
    assert first is not None

    for serial in (0, 1, rules.REFUSED_AN_HOUR + 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            RefusedCall.objects.create(token=token, why="expired", at=AT, hour=first.hour, serial=serial)


def test_two_at_once_each_get_a_number_of_their_own(token: SystemToken, monkeypatch: pytest.MonkeyPatch) -> None:
    class Overtaken:
        """Nobody was there when it was asked, and somebody is before it is acted on."""

        def aggregate(self, **asked: object) -> dict[str, None]:
            RefusedCall.objects.create(token=token, why="revoked", at=AT, hour=rules.hour_of(AT), serial=1)
            return {"last": None}

    real, answers = RefusedCall.objects.filter, iter([Overtaken()])
    monkeypatch.setattr(RefusedCall.objects, "filter", lambda **of: next(answers, None) or real(**of))

    noted = note(token)

    assert noted is not None and noted.serial == 2
    assert sorted(RefusedCall.objects.values_list("serial", "why")) == [(1, "revoked"), (2, "expired")]


def test_what_is_on_record_is_neither_changed_nor_deleted(token: SystemToken) -> None:
    note(token)

    for act in (lambda: RefusedCall.objects.update(why="revoked"), lambda: RefusedCall.objects.all().delete()):
        with pytest.raises(DatabaseError, match="台账"), transaction.atomic():
            act()


def test_words_are_kept_as_long_as_their_column(token: SystemToken) -> None:
    noted = note(token, what="长" * 200)

    assert noted is not None and noted.what == "长" * 60
