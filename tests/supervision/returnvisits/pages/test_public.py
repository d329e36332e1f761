"""The form of whoever holds a slip: no sign-in, no cookie, no script, nothing kept of who came."""

import logging
import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Feedback, Grade
from supervision.returnvisits import rates, services
from supervision.returnvisits.models import Visit, VisitState, VisitStep
from supervision.returnvisits.rates import Rate
from tests.cases.factories import moment
from tests.supervision.returnvisits.factories import LATER, County, draw, visits_in
from tests.supervision.returnvisits.pages.conftest import Opened


@pytest.fixture
def visit(county: County) -> Visit:
    return visits_in(draw(county), county.station)[0]


@pytest.fixture
def token(county: County, visit: Visit) -> str:
    return services.issue_slip(visit=visit, by=county.legal, at=LATER)


@pytest.fixture
def phone() -> Client:
    """A browser that knows nobody and has been nowhere; forged requests are looked for as in the product."""
    return Client(enforce_csrf_checks=True, HTTP_USER_AGENT="Phone/1.0", REMOTE_ADDR="203.0.113.9")


def test_the_form_asks_in_plain_words_and_tells_no_more_of_the_matter_than_unit_and_kind(
    phone: Client, token: str, visit: Visit
) -> None:
    page = phone.get("/rate/", {"k": token}).content.decode()

    assert "城关派出所" in page and "案件" in page
    assert re.findall(r'name="grade" value="(\d)"', page) == ["1", "2", "3", "4"]
    assert visit.matter.number not in page and visit.code not in page


def test_it_works_without_script_and_asks_nobody_else(phone: Client, token: str) -> None:
    page = phone.get("/rate/", {"k": token}).content.decode()

    assert "<script" not in page and not re.search(r"\son\w+=", page)
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', page) == []
    assert 'name="viewport"' in page and "font: 20px" in page


def test_an_answer_is_taken_once_and_the_second_is_thanked(phone: Client, token: str, visit: Visit) -> None:
    first = phone.post("/rate/", {"k": token, "grade": "3", "text": "慢"}).content.decode()
    second = phone.post("/rate/", {"k": token, "grade": "1"}).content.decode()

    assert "谢谢您" in first
    assert "已经收到" in second and "谢谢您" in second
    rating = Feedback.objects.get()
    assert (rating.grade, rating.text, rating.channel) == (Grade.DISSATISFIED, "慢", "扫码评价")
    visit.refresh_from_db()
    assert visit.state == VisitState.REACHED


def test_no_cookie_is_set_and_no_session_begun(phone: Client, token: str) -> None:
    answers = [
        phone.get("/rate/", {"k": token}),
        phone.post("/rate/", {"k": token}),
        phone.post("/rate/", {"k": token, "grade": "1"}),
        phone.get("/rate/", {"k": "0" * 32}),
    ]

    assert [len(one.cookies) for one in answers] == [0, 0, 0, 0]
    assert not phone.cookies
    assert not Session.objects.exists()


def test_it_may_neither_be_kept_nor_found_nor_told_on(phone: Client, token: str) -> None:
    for answered in (phone.get("/rate/", {"k": token}), phone.post("/rate/", {"k": token, "grade": "1"})):
        assert "no-store" in answered["Cache-Control"]
        assert answered["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answered["X-Robots-Tag"]
        assert "frame-ancestors 'none'" in answered["Content-Security-Policy"]


def test_a_request_without_the_mark_against_forging_is_taken_as_there_is_no_authority_to_forge(
    phone: Client, token: str
) -> None:
    assert phone.post("/rate/", {"k": token, "grade": "2"}).status_code == 200
    assert Feedback.objects.get().grade == Grade.BASICALLY


def test_who_is_signed_in_in_the_same_browser_is_not_asked_and_not_written_down(
    desk: Opened, county: County, token: str, visit: Visit
) -> None:
    desk(county.head).post("/rate/", {"k": token, "grade": "1"})

    assert VisitStep.objects.get(visit=visit, action="answered").by is None


def test_nothing_is_kept_of_where_an_answer_came_from(
    phone: Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        phone.get("/rate/", {"k": token})
        phone.get("/rate/", {"k": "0" * 32})
        phone.post("/rate/", {"k": token, "grade": "1", "text": "好"})

    with connection.cursor() as cursor:
        kept = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            kept += [str(value) for row in cursor.fetchall() for value in row]
    said = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    for trace in ("203.0.113.9", "Phone/1.0", token):
        assert not any(trace in text for text in (*kept, *said))


def test_without_a_grade_it_says_so_and_keeps_what_was_written(phone: Client, token: str) -> None:
    answered = phone.post("/rate/", {"k": token, "text": "我写了很多"})

    assert answered.status_code == 422
    page = answered.content.decode()
    assert "请先选一个满意程度" in page and "我写了很多" in page
    assert not Feedback.objects.exists()


def test_what_is_written_is_shown_as_text_and_never_as_page(phone: Client, token: str) -> None:
    page = phone.post("/rate/", {"k": token, "text": "</textarea><script>alert(1)</script>"}).content.decode()

    assert "<script" not in page


@pytest.mark.parametrize("grade", ["0", "5", "x", ""])
def test_no_other_grade_is_taken(phone: Client, token: str, grade: str) -> None:
    assert phone.post("/rate/", {"k": token, "grade": grade}).status_code == 422
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("k", ["", "0" * 32, "../../etc/passwd", "é" * 100])
def test_an_address_that_was_never_given_out_is_told_so(phone: Client, visit: Visit, k: str) -> None:
    for answered in (phone.get("/rate/", {"k": k}), phone.post("/rate/", {"k": k, "grade": "1"})):
        assert "二维码无效" in answered.content.decode()
    assert not Feedback.objects.exists()


def test_after_its_day_a_slip_is_over(phone: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment("2026-03-17 00:00"))

    assert "过了有效日期" in phone.get("/rate/", {"k": token}).content.decode()


def test_one_slip_is_not_tried_without_end(phone: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "A_TOKEN", Rate("test-token", most=2, seconds=600))

    statuses = [phone.get("/rate/", {"k": token}).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert phone.post("/rate/", {"k": token, "grade": "1"}).status_code == 429
    assert not Feedback.objects.exists()


def test_guesses_are_bounded_all_together(phone: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "THE_FORM", Rate("test-form", most=3, seconds=60))

    statuses = [phone.get("/rate/", {"k": f"{number:032x}"}).status_code for number in range(4)]

    assert statuses == [200, 200, 200, 429]
    assert "没有作废" in phone.get("/rate/", {"k": token}).content.decode()


def test_what_is_far_too_long_is_not_even_read(phone: Client, token: str) -> None:
    assert phone.post("/rate/", {"k": token, "grade": "1", "text": "长" * 20_000}).status_code == 413
    assert phone.post("/rate/", {"k": token, "grade": "1", "text": "长" * 501}).status_code == 422
    assert not Feedback.objects.exists()


def test_opening_the_form_asks_the_database_twice_at_most(phone: Client, token: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        phone.get("/rate/", {"k": token})

    assert len(asked) <= 2


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_no_other_method_is_taken(phone: Client, method: str) -> None:
    assert getattr(phone, method)("/rate/").status_code == 405
