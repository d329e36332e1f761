"""Due dates in one's own calendar: an address made once, and what may be read under it."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from cases.models import Clock, Feed, Matter, Officer, Role
from cases.queries import Today
from cases.roles import plan_roles
from cases.services import end_post
from tests.cases.factories import Bureau, make_case, make_officer, record


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    plan_roles()
    return make_officer("100001", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def case(bureau: Bureau, officer: Officer, catalogue: None) -> Matter:
    return make_case("A1", bureau.station, officer, filed=f"{timezone.localdate()} 00:00", title="张某殴打他人案")


def made(client: Client, officer: Officer) -> str:
    """The address as the page shows it, once."""
    client.force_login(officer)
    shown = client.post("/feed/", {"make": "1"}).content.decode()
    found = re.search(r'value="http://testserver(/feed/[^"]+\.ics)"', shown)
    assert found is not None
    return found[1]


def fetched(address: str) -> Calendar:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return Calendar.from_ical(answer.content)


def test_the_calendar_holds_the_due_day_of_ones_own_case_without_signing_in(
    client: Client, officer: Officer, case: Matter
) -> None:
    address = made(client, officer)

    (entry,) = fetched(address).walk("VEVENT")

    clock = Clock.objects.get()
    assert entry.decoded("dtstart") == clock.due_on
    assert str(entry["summary"]) == "A1 作出决定届满"
    assert str(entry["url"]).endswith(f"/clocks/{clock.pk}/")


def test_no_title_travels_outside(client: Client, officer: Officer, case: Matter) -> None:
    body = Client().get(made(client, officer)).content.decode()

    assert "A1" in body
    assert "张某" not in body


def test_a_limit_in_hours_stands_at_its_moment(client: Client, bureau: Bureau, officer: Officer, case: Matter) -> None:
    visit = make_case("V1", bureau.station, officer, kind="visit", filed=f"{timezone.localdate()} 00:00")

    entries = {str(entry["uid"]): entry for entry in fetched(made(client, officer)).walk("VEVENT")}

    clock = Clock.objects.get(matter=visit)
    assert entries[f"clock-{clock.pk}@dingban"].decoded("dtstart") == clock.due_at


def test_what_is_done_is_gone_at_the_next_reading(client: Client, officer: Officer, case: Matter) -> None:
    address = made(client, officer)
    record(case, "decided", f"{timezone.localdate()} 00:00")

    assert fetched(address).walk("VEVENT") == []


def test_what_ran_out_stays_and_says_so(client: Client, bureau: Bureau, officer: Officer, catalogue: None) -> None:
    make_case("A2", bureau.station, officer, filed="2026-01-05 10:00")
    assert Clock.objects.get().due_at < Today(timezone.now()).begins

    (entry,) = fetched(made(client, officer)).walk("VEVENT")

    assert str(entry["summary"]).startswith("已超期：A2")


def test_neither_others_cases_nor_restricted_ones_are_in_it(
    client: Client, bureau: Bureau, officer: Officer, stranger: Officer, case: Matter
) -> None:
    make_case("B1", bureau.station, stranger, filed=f"{timezone.localdate()} 00:00")
    make_case("L1", bureau.station, officer, kind="case", filed=f"{timezone.localdate()} 00:00", restricted=True)

    assert [str(entry["summary"]) for entry in fetched(made(client, officer)).walk("VEVENT")] == ["A1 作出决定届满"]


def test_a_new_address_closes_the_old_one(client: Client, officer: Officer, case: Matter) -> None:
    old = made(client, officer)
    new = made(client, officer)

    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200


def test_a_closed_feed_is_gone(client: Client, officer: Officer, case: Matter) -> None:
    address = made(client, officer)

    client.post("/feed/", {"close": "1"})

    assert Client().get(address).status_code == 404


def test_the_address_dies_with_the_account_and_with_the_post(client: Client, officer: Officer, case: Matter) -> None:
    address = made(client, officer)
    end_post(post=officer.posts.get(), until_on=timezone.localdate())
    without_post = Client().get(address).status_code
    Officer.objects.filter(pk=officer.pk).update(is_active=False)

    assert (without_post, Client().get(address).status_code) == (404, 404)


def test_the_table_does_not_hold_the_address(client: Client, officer: Officer, case: Matter) -> None:
    address = made(client, officer)

    secret = address.removeprefix("/feed/").removesuffix(".ics")
    assert secret not in str(Feed.objects.values().get())


def test_the_page_shows_the_address_once(client: Client, officer: Officer, case: Matter) -> None:
    address = made(client, officer)

    assert address not in client.get("/feed/").content.decode()


def test_the_page_is_not_for_whoever_sees_no_clocks(client: Client, bureau: Bureau) -> None:
    plan_roles()
    client.force_login(make_officer("100009", bureau.county, Role.SYSTEM_ADMIN))

    assert client.get("/feed/").status_code == 403


def test_an_entry_costs_no_question_of_its_own(
    client: Client, bureau: Bureau, officer: Officer, case: Matter, django_assert_max_num_queries: object
) -> None:
    address = made(client, officer)
    for number in range(3):
        make_case(f"C{number}", bureau.station, officer, filed=f"{timezone.localdate()} 00:00")

    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(fetched(address).walk("VEVENT")) == 4
