"""The pages of open questions: what is asked, what stands, who decided; legal officers answer, others read."""

from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.models import Answer, Change, Limit, Matter, Officer, OpenQuestion
from cases.services import answer_question
from tests.cases.desk.conftest import NOW, Opened
from tests.cases.factories import Bureau, clock_of, make_case, moment

QUESTION: dict[str, Any] = {
    "code": "rolls",
    "question": "末日遇节假日是否顺延",
    "why": "条文没有区分",
    "citations": ["《测试法》第三十五条"],
    "default": "forward",
    "options": [
        {"code": "forward", "text": "顺延到节假日后", "basis": "字面"},
        {"code": "none", "text": "不予顺延", "basis": "惯例", "changes": {"decide": {"rollover": "none"}}},
    ],
}
LADDER_OF_APPROVAL: dict[str, Any] = {
    "code": "who",
    "question": "由谁批准延长",
    "why": "条文不一",
    "citations": ["《测试法》第三条"],
    "default": "head",
    "options": [
        {"code": "head", "text": "县局", "basis": "字面"},
        {
            "code": "city",
            "text": "市局",
            "basis": "上一级",
            "changes": {
                "decide": {"extensions": [{"event": "longer", "length": 30, "times": 2, "approvers": ["city_head"]}]}
            },
        },
    ],
}


@pytest.fixture
def rolls(desk: Opened) -> OpenQuestion:
    return OpenQuestion.objects.create(code="rolls", question=QUESTION["question"], order=10, definition=QUESTION)


@pytest.fixture
def who(rolls: OpenQuestion) -> OpenQuestion:
    return OpenQuestion.objects.create(
        code="who", question=LADDER_OF_APPROVAL["question"], order=20, definition=LADDER_OF_APPROVAL
    )


@pytest.fixture
def matter(desk: Opened, bureau: Bureau, officer: Officer) -> Matter:
    """Filed on 19 March 2026; the thirtieth day, 18 April, is a Saturday."""
    return make_case("A-1", bureau.station, officer, filed="2026-03-19")


def entered(**changed: str) -> dict[str, str]:
    return {"option": "none", "decided_on": "2026-04-09", "ground": "某局〔2026〕1号", **changed}


def test_the_list_says_what_stands_and_how_many_limits_depend_on_it(
    desk: Opened, officer: Officer, who: OpenQuestion
) -> None:
    page = desk(officer).get("/questions/").content.decode()

    assert "2 个问题还没有答复，按默认计算" in page
    assert "末日遇节假日是否顺延" in page
    assert "顺延到节假日后" in page
    assert "默认 <i" in page


@pytest.mark.parametrize(("state", "shown"), [("open", ["由谁批准延长"]), ("answered", ["末日遇节假日是否顺延"])])
def test_the_list_narrows_to_what_is_or_is_not_answered(
    desk: Opened, officer: Officer, legal_officer: Officer, who: OpenQuestion, state: str, shown: list[str]
) -> None:
    row = OpenQuestion.objects.get(code="rolls")
    answer_question(question=row, option="none", ground="文", by=legal_officer, at=NOW)

    page = desk(officer).get(f"/questions/?state={state}").content.decode()

    assert [text for text in ("末日遇节假日是否顺延", "由谁批准延长") if text in page] == shown


def test_the_list_asks_the_same_number_of_questions_however_many_it_shows(
    desk: Opened, officer: Officer, rolls: OpenQuestion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = desk(officer)
    browser.get("/questions/")

    with django_assert_num_queries(7):
        browser.get("/questions/")
    for number in range(3):
        OpenQuestion.objects.create(code=f"q{number}", question="又一个", definition={**QUESTION, "code": f"q{number}"})
    with django_assert_num_queries(7):
        browser.get("/questions/")


def test_an_empty_list_says_what_would_fill_it(desk: Opened, officer: Officer) -> None:
    assert "目录还没有载入" in desk(officer).get("/questions/").content.decode()


def test_a_question_shows_its_reasons_options_and_limits(desk: Opened, officer: Officer, who: OpenQuestion) -> None:
    page = desk(officer).get("/questions/who/").content.decode()

    assert "条文不一" in page
    assert "《测试法》第三条" in page
    assert "延长：批准延长，每次 30日，2 次，须市局负责人批准" in page
    assert '<a href="/limits/decide/">作出决定</a>' in page
    assert "还没有答复过。" in page
    assert 'name="ground"' not in page


def test_an_answer_is_looked_at_first_and_counts_once_it_is_carried_out(
    desk: Opened, legal_officer: Officer, rolls: OpenQuestion, matter: Matter
) -> None:
    browser = desk(legal_officer)

    preview = browser.post("/questions/rolls/", entered(), follow=True).content.decode()

    assert "待定问题“" in preview
    assert "答复为：不予顺延" in preview
    assert not Answer.objects.exists()
    change = Change.objects.get()
    browser.post(f"/changes/{change.pk}/", {"act": "apply"}, follow=True)
    answered = browser.get("/questions/rolls/").content.decode()
    assert "按 2026-04-09 的答复：不予顺延" in answered
    assert "某局〔2026〕1号" in answered
    (row,) = Answer.objects.all()
    assert (row.option, row.decided_on, row.ground, row.by) == (
        "none",
        date(2026, 4, 9),
        "某局〔2026〕1号",
        legal_officer,
    )
    assert Limit.objects.get(code="decide").rollover == "none"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ground": ""}, "这个字段是必填项"),
        ({"option": "maybe"}, "maybe"),
        ({"decided_on": "2026-04-11"}, "决定日期 2026-04-11 晚于今天"),
    ],
)
def test_what_is_no_answer_is_told_above_the_form_which_keeps_its_text(
    desk: Opened, legal_officer: Officer, rolls: OpenQuestion, changed: dict[str, str], said: str
) -> None:
    page = desk(legal_officer).post("/questions/rolls/", entered(**changed)).content.decode()

    assert said in page
    assert not Answer.objects.exists()


def test_who_may_not_answer_is_refused(desk: Opened, officer: Officer, rolls: OpenQuestion) -> None:
    assert desk(officer).post("/questions/rolls/", entered()).status_code == 403
    assert not Answer.objects.exists()


def test_a_question_that_there_is_not_is_not_found(desk: Opened, officer: Officer) -> None:
    assert desk(officer).get("/questions/nothing/").status_code == 404


# -- the note on every date ------------------------------------------------------------------------------------------

DEFAULT = "尚未答复，按默认（顺延到节假日后）计算"


def test_the_page_of_a_limit_notes_what_it_depends_on(desk: Opened, officer: Officer, rolls: OpenQuestion) -> None:
    browser = desk(officer)

    assert f"本期限取决于待定问题“末日遇节假日是否顺延”：{DEFAULT}" in browser.get("/limits/decide/").content.decode()
    assert 'href="/questions/rolls/"' in browser.get("/limits/decide/").content.decode()
    assert "待定问题“" not in browser.get("/limits/answer/").content.decode()


def test_several_questions_stand_in_one_note(desk: Opened, officer: Officer, who: OpenQuestion) -> None:
    page = desk(officer).get("/limits/decide/").content.decode()

    assert "本期限取决于 2 个待定问题" in page
    assert f"“末日遇节假日是否顺延”：{DEFAULT}" in page


def test_the_explanation_of_a_clock_notes_it_on_the_page_and_as_json(
    desk: Opened, officer: Officer, rolls: OpenQuestion, matter: Matter
) -> None:
    browser = desk(officer)
    address = f"/clocks/{clock_of(matter).pk}/"

    assert DEFAULT in browser.get(address).content.decode()
    (note,) = browser.get(f"{address}?format=json").json()["questions"]
    assert (note["code"], note["option"], note["default"]) == ("rolls", "forward", True)


def test_the_calculator_notes_it_and_by_which_answer(
    desk: Opened, officer: Officer, legal_officer: Officer, rolls: OpenQuestion
) -> None:
    answer_question(question=rolls, option="none", ground="某局〔2026〕1号", by=legal_officer, at=moment("2026-04-09"))

    page = desk(officer).get("/calculator/?limit=decide&start=2026-03-19").content.decode()

    assert "于 2026-04-18（周六） 届满" in page
    assert "按 2026-04-09 的答复（不予顺延；某局〔2026〕1号）计算" in page
