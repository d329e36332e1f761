"""Several at once: a code is good for once, tries are counted one by one, and what excludes each other does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connections
from pytest_django import Settings

from cases.models import Officer, Role
from cases.services import CaseRefused, assign_post
from supervision.accounts import services
from supervision.accounts.models import Authenticator, OpenSession, Outcome, RecoveryCode
from supervision.accounts.services import AccountRefused
from tests.cases.factories import day, make_bureau, make_officer
from tests.supervision.accounts.factories import AT, DESK, LATER, code_at, enrol

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[int], object], times: int = 3) -> list[object]:
    """What the act came to in several threads that begin together: its answer, or None where it was refused."""
    gate = Barrier(times)

    def one(number: int) -> object:
        try:
            gate.wait(20)
            return act(number)
        except (AccountRefused, CaseRefused):
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.fixture
def officer(transactional_db: None) -> Officer:
    return make_officer("100001", make_bureau().station)


def give(officer: Officer, code: str) -> Outcome:
    return services.give_code(officer=officer, code=code, visitor=DESK, at=LATER)


def test_of_three_who_give_the_same_code_one_comes_in(officer: Officer) -> None:
    secret, codes = enrol(officer)

    phone = at_once(lambda _: give(officer, code_at(secret, LATER)))
    paper = at_once(lambda _: give(officer, codes[0]))

    assert (phone.count(Outcome.FACTOR_GIVEN), phone.count(None)) == (1, 2)
    assert (paper.count(Outcome.CODE_USED), paper.count(None)) == (1, 2)
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_tries_spoiled_at_once_are_all_counted(officer: Officer) -> None:
    enrol(officer)
    Authenticator.objects.update(failures=7)

    at_once(lambda _: give(officer, "12345"))

    held = Authenticator.objects.get()
    assert (held.failures, held.locked_at) == (10, LATER)


def test_two_phones_enrolled_at_once_are_one(officer: Officer) -> None:
    secret = services.begin_enrolment(officer=officer, at=AT)

    came = at_once(
        lambda _: services.confirm_enrolment(officer=officer, code=code_at(secret, AT), keep=None, visitor=DESK, at=AT)
    )

    assert came.count(None) == 2
    assert RecoveryCode.objects.count() == 10


def test_sign_ins_at_once_are_no_more_than_may_be(officer: Officer, settings: Settings) -> None:
    settings.SESSIONS_AT_ONCE = 1

    def begin(_: int) -> object:
        store = SessionStore()
        store.create()
        return services.begin_session(officer=officer, session_key=store.session_key or "", visitor=DESK, at=LATER)

    at_once(begin)

    assert OpenSession.objects.count() == Session.objects.count() == 1


def test_of_posts_that_exclude_each_other_granted_at_once_one_stands(officer: Officer) -> None:
    roles = (*Role.administrators(),)

    came = at_once(
        lambda number: assign_post(officer=officer, unit=officer.unit, role=roles[number], from_on=day("2026-01-05"))
    )

    assert came.count(None) == 2
    assert officer.posts.count() == 1
    assert officer.groups.count() == 1
