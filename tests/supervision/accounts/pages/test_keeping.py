"""Accounts that somebody looks after."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases.models import Officer
from supervision.accounts import queries, services
from supervision.accounts.models import Authenticator, Outcome
from tests.cases.factories import Bureau
from tests.supervision.accounts.factories import AT, DESK, enrol, sign_in


def fail(number: str, minutes: int = 0) -> None:
    services.note_failure(number=number, locked=False, visitor=DESK, at=AT + timedelta(minutes=minutes))


def numbers(client: Client, query: str = "") -> list[str]:
    return [row.number for row in client.get(f"/account/signins/{query}").context["rows"]]


@pytest.mark.parametrize("name", ["guard", "auditor"])
def test_the_ledger_is_read_by_who_looks_after_accounts_and_cut_to_their_units(
    name: str, request: pytest.FixtureRequest, officer: Officer, abroad: Officer
) -> None:
    client = sign_in(request.getfixturevalue(name))
    for number in ("100001", "200001", "666666"):
        fail(number)

    assert set(numbers(client, "?failed=1")) == {"100001", "666666"}


@pytest.mark.parametrize("name", ["keeper", "officer", "leader"])
def test_nobody_else_reads_it_or_sees_second_factors(name: str, request: pytest.FixtureRequest) -> None:
    client = sign_in(request.getfixturevalue(name))

    assert client.get("/account/signins/").status_code == 403
    assert client.get("/account/factors/").status_code == 403


def test_an_auditor_of_the_whole_and_the_founding_account_see_every_county(
    bureau: Bureau, auditor: Officer, abroad: Officer
) -> None:
    fail("200001")
    assert not queries.sign_ins_of(auditor).exists()

    auditor.posts.update(unit=bureau.province)
    root = Officer.objects.create_superuser("root", "建站账号", bureau.county, None)

    assert queries.sign_ins_of(auditor).count() == queries.sign_ins_of(root).count() == 1


def test_a_post_that_is_over_shows_nothing(auditor: Officer, officer: Officer) -> None:
    fail("100001")
    fail("666666")
    auditor.posts.update(until_on=AT.date())

    assert not queries.sign_ins_of(auditor).exists()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?number=1000", ["100009", "100001"]),
        ("?outcome=unknown_number", ["666666"]),
        ("?failed=1&address=10.1.2.3&number=100001", ["100001"]),
        ("?address=192.", []),
        ("?at_after=2026-03-03", ["900003"]),
    ],
)
def test_the_ledger_is_narrowed(
    auditor: Officer, officer: Officer, leader: Officer, query: str, found: list[str]
) -> None:
    client = sign_in(auditor)
    for minutes, number in enumerate(("100001", "666666", "100009")):
        fail(number, minutes)

    assert numbers(client, query) == found


def test_an_empty_ledger_says_when_it_will_not_be(auditor: Officer) -> None:
    assert "没有符合这些条件的登录台账" in sign_in(auditor).get("/account/signins/?number=55").content.decode()


def test_the_lists_take_the_same_number_of_queries_whatever_they_hold(
    guard: Officer, officer: Officer, leader: Officer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in(guard)
    enrol(officer)
    for address in ("/account/signins/", "/account/factors/"):
        client.get(address)
        with django_assert_max_num_queries(12) as one:
            client.get(address)
        for n in range(3):
            fail("100001", n)
        if not Authenticator.objects.filter(officer=leader).exists():
            enrol(leader)
        with django_assert_max_num_queries(12) as three:
            client.get(address)
        assert len(three) == len(one), address


def test_a_second_factor_is_reset_with_a_reason_and_its_sign_ins_end(guard: Officer, officer: Officer) -> None:
    enrol(officer)
    there, client = sign_in(officer), sign_in(guard)
    held = Authenticator.objects.get()
    assert "已启用" in client.get("/account/factors/").content.decode()

    nothing = client.post(f"/account/factors/{held.pk}/reset/", {"why": ""}, follow=True).content.decode()
    page = client.post(f"/account/factors/{held.pk}/reset/", {"why": "手机遗失"}, follow=True).content.decode()

    assert "没有重置：请写明重置的理由" in nothing
    assert "已重置民警100001的二次验证" in page
    assert there.get("/").headers["Location"].startswith("/login/")
    assert "重置二次验证" in client.get("/account/signins/?number=100001").content.decode()


def test_nobody_resets_his_own_on_the_page(guard: Officer) -> None:
    client = sign_in(guard)
    enrol(guard)
    held = Authenticator.objects.get()
    client.force_login(guard)
    session = client.session
    session["second_factor"] = "given"
    session.save()

    listed = client.get("/account/factors/").content.decode()
    answer = client.post(f"/account/factors/{held.pk}/reset/", {"why": "x"}, follow=True).content.decode()

    assert "自己的由另一名安全管理员重置" in listed
    assert "不能重置自己的二次验证" in answer
    assert queries.has_factor(guard)


def test_what_lies_outside_his_units_is_not_there(guard: Officer, abroad: Officer) -> None:
    enrol(abroad)
    held = Authenticator.objects.get()

    answer = sign_in(guard).post(f"/account/factors/{held.pk}/reset/", {"why": "x"})

    assert answer.status_code == 404
    assert queries.has_factor(abroad)


def test_the_auditor_resets_nothing(auditor: Officer, officer: Officer) -> None:
    enrol(officer)

    assert sign_in(auditor).post(f"/account/factors/{Authenticator.objects.get().pk}/reset/").status_code == 403


def test_locked_ones_are_found(guard: Officer, officer: Officer, leader: Officer) -> None:
    enrol(officer)
    enrol(leader)
    Authenticator.objects.filter(officer=leader).update(failures=10, locked_at=AT)
    services.begin_enrolment(officer=guard, at=AT)
    client = sign_in(guard)

    def listed(query: str) -> set[str]:
        return {row.officer.police_number for row in client.get(f"/account/factors/{query}").context["rows"]}

    assert listed("?state=locked") == {"100009"}
    assert listed("?state=confirmed") == {"100001", "100009"}
    assert listed("?state=unconfirmed") == {"900002"}
    assert listed("?number=100001") == {"100001"}


def test_every_outcome_has_its_words_and_failures_are_failures() -> None:
    assert len(set(Outcome.labels)) == len(Outcome)
    assert all(outcome.failed for outcome in Outcome.failures())
    assert not Outcome.SIGNED_IN.failed
