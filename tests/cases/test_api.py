"""The interface: the calculator and the explanation as JSON, and a sentence whatever is wrong."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from cases.models import Matter, Officer, Role
from tests.cases.desk.conftest import Opened, desk, now
from tests.cases.factories import Bureau, add_limit, clock_of, make_case, make_officer, record

__all__ = ["desk", "now"]


@pytest.fixture
def matter(desk: Opened, bureau: Bureau, officer: Officer) -> Matter:
    """A case filed on 2 March, tested from the 10th to the 25th."""
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-02")
    record(matter, "test_began", "2026-03-10")
    record(matter, "test_ended", "2026-03-25", at="2026-03-27 10:00")
    return matter


def ask(browser: Client, *question: tuple[str, str]) -> Any:
    answer = browser.get(f"/api/deadline?{urlencode(question)}")
    return answer.status_code, answer.json()


def test_a_deadline_with_all_that_happened(desk: Opened, officer: Officer) -> None:
    status, said = ask(
        desk(officer),
        ("limit", "decide"),
        ("start", "2026-03-02"),
        ("event", "test_began@2026-03-10/2026-03-25"),
        ("event", "longer@2026-04-14,approver=head"),
    )

    assert status == 200
    assert (said["limit"], said["due_on"], said["due_at"]) == ("decide", "2026-05-18", "2026-05-19T00:00:00+08:00")
    assert [step["kind"] for step in said["steps"]] == ["length", "pause", "extension", "rollover"]
    assert said["warnings"]["yellow_at"] == "2026-05-11T00:00:00+08:00"


def test_the_keys_are_those_of_the_page(desk: Opened, officer: Officer) -> None:
    browser = desk(officer)

    _, said = ask(browser, ("limit", "decide"), ("start", "2026-03-02"))

    assert said == browser.get("/calculator/?limit=decide&start=2026-03-02&format=json").json()


def test_only_what_had_happened_by_a_day_is_known(desk: Opened, officer: Officer) -> None:
    _, said = ask(
        desk(officer),
        ("limit", "decide"),
        ("start", "2026-03-02"),
        ("event", "test_began@2026-03-10/2026-03-25"),
        ("on", "2026-03-15"),
    )

    assert (said["state"], said["due_on"]) == ("paused", None)


def test_the_texts_of_a_limit_side_by_side(desk: Opened, officer: Officer) -> None:
    text = {"name": "办案", "kinds": ["case"], "starts": ["filed"], "stops": ["decided"], "unit": "day", "law": "法"}
    add_limit(**text, code="case_v2012", length=30, in_force_from="2013-01-01", in_force_until="2025-12-31")
    add_limit(**text, code="case_v2025", length=20, in_force_from="2026-01-01")

    _, said = ask(desk(officer), ("limit", "case"), ("start", "2026-03-02"), ("compare", "1"))

    assert (said["limit"], said["due_on"]) == ("case_v2025", "2026-03-22")
    assert [(one["limit"], one["applies"], one["due_on"]) for one in said["compared"]] == [
        ("case_v2012", False, "2026-04-01"),
        ("case_v2025", True, "2026-03-22"),
    ]


REFUSED = (
    ((), "请给出 limit（时限代码或者族名）和 start（起算的日期或时刻）"),
    ((("limit", "decide"),), "请给出 limit"),
    ((("limit", "decide"), ("start", "soon")), "“soon”不是时间，应写成 2026-03-02 或 2026-03-02T10:00"),
    ((("limit", "decide"), ("start", "2026-02-30")), "没有“2026-02-30”这个时间"),
    ((("limit", "decid"), ("start", "2026-03-02")), "没有代码或者族名为“decid”的时限，相近的有 decide"),
    ((("limit", "decide"), ("start", "2026-03-02"), ("tier", "long")), "“作出决定”不分档"),
    ((("limit", "decide"), ("start", "2026-03-02"), ("event", "longer")), "应写成 节点@日期 或 节点@开始/结束"),
    ((("limit", "decide"), ("start", "2026-03-02"), ("event", "left@2026-03-03")), "与节点“left”无关"),
    ((("limit", "decide"), ("start", "2026-03-02"), ("fact", "complex")), "“complex”应写成 名称=值"),
    ((("limit", "decide"), ("start", "2026-03-02"), ("events", "x@2026-03-03")), "没有“events”这个参数，可用的有 limit、"),
)  # fmt: skip


@pytest.mark.parametrize(("question", "text"), REFUSED)
def test_a_bad_question_is_refused_with_a_sentence(
    desk: Opened, officer: Officer, question: tuple[tuple[str, str], ...], text: str
) -> None:
    status, said = ask(desk(officer), *question)

    assert status == 400
    assert said.keys() == {"error"}
    assert text in said["error"]


def test_a_clock_explained_as_its_page_says(desk: Opened, officer: Officer, matter: Matter) -> None:
    browser, clock = desk(officer), clock_of(matter)

    said = browser.get(f"/api/clocks/{clock.pk}").json()

    assert said == browser.get(f"/clocks/{clock.pk}/?format=json").json()
    assert (said["matter"], said["due_on"]) == ("A-1", "2026-04-16")
    assert [(step["counted_days"], step["uncounted_days"]) for step in said["steps"]] == [(30, 0), (0, 15)]


def test_a_clock_as_known_on_a_day(desk: Opened, officer: Officer, matter: Matter) -> None:
    """On the 26th the end of the test had not been entered."""
    said = desk(officer).get(f"/api/clocks/{clock_of(matter).pk}?known_at=2026-03-26").json()

    assert (said["state"], said["due_on"]) == ("paused", None)


def test_a_wrong_moment_is_refused_with_a_sentence(desk: Opened, officer: Officer, matter: Matter) -> None:
    answer = desk(officer).get(f"/api/clocks/{clock_of(matter).pk}?known_at=soon")

    assert answer.status_code == 400
    assert "“soon”不是时间" in answer.json()["error"]


def test_a_clock_out_of_sight_is_not_there(desk: Opened, stranger: Officer, matter: Matter) -> None:
    unseen = desk(stranger).get(f"/api/clocks/{clock_of(matter).pk}")
    absent = desk(stranger).get("/api/clocks/999999")

    assert (unseen.status_code, unseen.json()) == (404, absent.json())


@pytest.mark.parametrize("address", ["/api/deadline?limit=decide&start=2026-03-02", "/api/clocks/1"])
def test_nobody_signed_in_is_told_to(desk: Opened, client: Client, address: str) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer.json()) == (401, {"error": "请先登录"})


@pytest.mark.parametrize("address", ["/api/deadline?limit=decide&start=2026-03-02", "/api/clocks/1"])
def test_without_the_permission_it_is_refused(desk: Opened, bureau: Bureau, address: str) -> None:
    answer = desk(make_officer("100009", bureau.legal, Role.SYSTEM_ADMIN)).get(address)

    assert answer.status_code == 403
    assert answer.json() == {"error": "您没有使用这一接口的权限"}


def test_nothing_can_be_sent_to_it(desk: Opened, officer: Officer) -> None:
    assert desk(officer).post("/api/deadline", {}).status_code == 405
