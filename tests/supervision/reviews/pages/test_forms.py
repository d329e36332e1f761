from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Officer
from supervision.reviews.models import FormState, Line, ReviewForm
from supervision.reviews.queries import forms_of
from supervision.reviews.services import Finding, file_form
from tests.supervision.reviews.factories import LATER, County, draw, form_of, make_files

EMPTY_ROWS = {"row-TOTAL_FORMS": "1", "row-INITIAL_FORMS": "0"}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


def browser(officer: Officer | None) -> Client:
    assert officer is not None
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def address(number: str) -> str:
    return reverse("reviews:form", args=(form_of(number).pk,))


def row(number: int = 0, **fields: str) -> dict[str, str]:
    told = {"item": "served", "weight": "flaw", "points": "3", "text": "迟送二日", "evidence": "卷 15 页", **fields}
    return {f"row-{number}-{name}": value for name, value in told.items()}


def handed_in(number: str, *found: Finding) -> ReviewForm:
    form = form_of(number)
    assert form.reviewer is not None
    return file_form(form=form, add=found, strike=(), opinion="已阅卷", by=form.reviewer, at=LATER)


SERVED = Finding("served", "flaw", 3, "迟送二日")
HEARING = Finding("hearing", "fault", 30, "没有告知书")


def test_a_reviewer_hands_his_form_in_and_strikes_what_was_computed(county: County) -> None:
    make_files(county, late=1)
    draw(county)
    computed = Line.objects.get()
    client = browser(form_of("A1").reviewer)
    page = client.get(address("A1")).content.decode()
    assert "系统比对" in page and "超过办案期限" in page and "卷内位置" in page

    told = {"act": "file", **EMPTY_ROWS, **row(), f"strike_{computed.pk}": "延长漏录", "opinion": "有一处瑕疵"}
    answer = client.post(address("A1"), told)

    assert answer.status_code == 302
    form = form_of("A1")
    assert (form.state, form.score, form.opinion) == (FormState.SETTLED, 97, "有一处瑕疵")
    assert "已划去（初评）：延长漏录" in client.get(address("A1")).content.decode()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({**row(text=""), "opinion": "阅"}, "性质、分值、查明的情况都要填"),
        ({**row(item=""), "opinion": "阅"}, "请选评查项目"),
        ({**row(), "opinion": ""}, "请改正标红的地方"),
        ({**row(points="6"), "opinion": "阅"}, "的分值应为 1 至 5"),
        ({**row(weight="merit"), "opinion": "阅"}, "不能记为加分"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_handed_in(county: County, told: dict[str, str], said: str) -> None:
    draw(county)

    answer = browser(form_of("A1").reviewer).post(address("A1"), {"act": "file", **EMPTY_ROWS, **told})

    assert answer.status_code == 422 and said in answer.content.decode()
    assert form_of("A1").state == FormState.DRAWN


def test_the_second_review_the_objection_and_the_decision_go_through_the_page(county: County) -> None:
    draw(county)
    second = handed_in("A1", HEARING).second_reviewer
    same: dict[str, Any] = {**EMPTY_ROWS, "opinion": "同意"}

    assert browser(second).post(address("A1"), {"act": "again", **same}).status_code == 302
    assert form_of("A1").state == FormState.SETTLED
    assert "提出异议" in browser(county.head).get(address("A1")).content.decode()
    assert browser(county.head).post(address("A1"), {"act": "object", "text": "告知书在副卷"}).status_code == 302
    line = Line.objects.get()
    decided = {"act": "decide", "opinion": "副卷有告知书", f"strike_{line.pk}": "告知书属实"}
    assert browser(county.third_legal).post(address("A1"), decided).status_code == 302

    form = form_of("A1")
    assert (form.state, form.verdict, form.decided_by) == (FormState.FINAL, "clean", county.third_legal)


def test_reviewers_are_not_offered_the_decision_and_cannot_take_it(county: County) -> None:
    draw(county)
    form = handed_in("A1", SERVED)
    browser(county.head).post(address("A1"), {"act": "object", "text": "不服"})
    client = browser(form.reviewer)

    assert "裁定异议</h2>" not in client.get(address("A1")).content.decode()
    answer = client.post(address("A1"), {"act": "decide", "opinion": "维持"})
    assert answer.status_code == 422 and form_of("A1").state == FormState.OBJECTED
    assert client.post(address("A1"), {"act": "nothing"}).status_code == 403


def test_somebody_else_is_named_to_review(county: County) -> None:
    draw(county)

    told = {"act": "hand", "officer": county.third_legal.police_number}
    assert browser(county.inspector).post(address("A1"), told).status_code == 302

    assert form_of("A1").reviewer == county.third_legal


# -- who sees what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "before", "after"),
    [
        ("head", 404, 200),
        ("officer", 404, 200),
        ("sibling_head", 404, 404),
        ("stranger", 404, 404),
        ("leader", 200, 200),
        ("third_legal", 200, 200),
    ],
)
def test_the_unit_reads_a_form_once_it_is_settled_and_nobody_elses_unit_does(
    county: County, who: str, before: int, after: int
) -> None:
    draw(county)
    client = browser(getattr(county, who))

    assert client.get(address("A1")).status_code == before
    handed_in("A1", SERVED)
    assert client.get(address("A1")).status_code == after


def test_the_unit_is_not_told_who_reviewed(county: County) -> None:
    draw(county)
    form = handed_in("A1", SERVED)

    for officer in (county.head, county.officer):
        client = browser(officer)
        for page in (client.get(address("A1")), client.get(reverse("reviews:forms"))):
            assert "A1" in page.content.decode() and str(form.reviewer) not in page.content.decode()


def test_a_reviewer_from_elsewhere_sees_his_forms_and_no_others(county: County) -> None:
    draw(county, reviewers=(county.legal, county.stranger))
    given = set(ReviewForm.objects.filter(reviewer=county.stranger).values_list("pk", flat=True))

    assert given and set(forms_of(county.stranger).values_list("pk", flat=True)) == given


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("state=settled", {"A1"}),
        ("state=drawn", {"A2", "A3", "B1", "B2"}),
        ("verdict=flawed", {"A1"}),
        ("q=B", {"B1", "B2"}),
        ("late=1", set()),
        ("mine=1", set()),
    ],
)
def test_the_list_is_narrowed(county: County, asked: str, found: set[str]) -> None:
    draw(county)
    handed_in("A1", SERVED)

    answer = browser(county.inspector).get(f"{reverse('reviews:forms')}?{asked}")

    assert {one.matter.number for one in answer.context["rows"]} == found


def test_what_waits_for_a_reviewer_is_his_own_list(county: County) -> None:
    draw(county)

    answer = browser(county.legal).get(f"{reverse('reviews:forms')}?mine=due")

    assert {one.reviewer for one in answer.context["rows"]} == {county.legal}


def test_the_list_asks_as_many_questions_for_three_forms_as_for_one(county: County) -> None:
    draw(county)
    client = browser(county.inspector)
    client.get(reverse("reviews:forms"))
    asked = []
    for query in ("q=A1", "q=A"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"{reverse('reviews:forms')}?{query}")
        asked.append((len(answer.context["rows"]), len(queries)))

    assert (asked[0][0], asked[1][0]) == (1, 3)
    assert asked[0][1] == asked[1][1]
