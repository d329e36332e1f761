"""The calculator page: a question in the address, the answer of the engine, refusals that lose nothing."""

from urllib.parse import urlencode

import pytest

from cases.models import Officer
from tests.cases.desk.conftest import Opened
from tests.cases.factories import add_limit


def ask(desk: Opened, officer: Officer, **question: str) -> str:
    answer = desk(officer).get(
        f"/calculator/?{urlencode({name.replace('__', '.'): v for name, v in question.items()})}"
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_first_look_offers_the_limits_by_name(desk: Opened, officer: Officer) -> None:
    page = ask(desk, officer)

    assert "作出决定（30日）" in page
    assert "设想（3日，草稿）" in page
    assert "选一个时限，填起算日期，立即得出届满日" in page


@pytest.mark.parametrize(
    ("question", "due"),
    [
        # 1 April 2026 is a Wednesday.
        ({"limit": "decide", "start": "2026-03-02"}, "2026-04-01（周三）"),
        # 15 days of testing are not counted.
        (
            {"limit": "decide", "start": "2026-03-02", "pause0.0.on": "2026-03-10", "pause0.0.until": "2026-03-25"},
            "2026-04-16（周四）",
        ),
        # Lengthened by 30 days; 16 May is a Saturday.
        (
            {
                "limit": "decide",
                "start": "2026-03-02",
                "pause0.0.on": "2026-03-10",
                "pause0.0.until": "2026-03-25",
                "extension0.0.on": "2026-04-14",
                "extension0.0.approver": "head",
            },
            "2026-05-18（周一）",
        ),
        # By ten days only.
        (
            {"limit": "decide", "start": "2026-03-02", "extension0.0.on": "2026-03-20", "extension0.0.amount": "10",
             "extension0.0.approver": "head"},
            "2026-04-13（周一）",
        ),
        # Seven working days over the May holiday and its worked Saturday.
        ({"limit": "answer", "start": "2026-04-30"}, "2026-05-13（周三）"),
        ({"limit": "leave", "start": "2026-05-01T22:10"}, "2026-05-02 22:10"),
    ],
)  # fmt: skip
def test_the_page_answers_as_the_engine_does(
    desk: Opened, officer: Officer, question: dict[str, str], due: str
) -> None:
    page = ask(desk, officer, **question)

    assert f"于 {due} 届满" in page
    assert "怎么算的" in page


def test_the_answer_says_when_the_warnings_come(desk: Opened, officer: Officer) -> None:
    page = ask(desk, officer, limit="decide", start="2026-03-02")

    assert "2026-03-25 00:00 转黄 ▲，2026-03-29 00:00 转橙 ◆" in page


def test_an_act_after_the_end_is_late_and_one_before_in_time(desk: Opened, officer: Officer) -> None:
    late = ask(desk, officer, limit="decide", start="2026-03-02", stop__on="2026-04-02")
    in_time = ask(desk, officer, limit="decide", start="2026-03-02", stop__on="2026-04-01")

    assert "超期办结 ■" in late
    assert "按期办结 ✓" in in_time


def test_an_open_pause_leaves_the_end_open(desk: Opened, officer: Officer) -> None:
    page = ask(desk, officer, limit="decide", start="2026-03-02", pause0__0__on="2026-03-10")

    assert "作出决定暂停计算，恢复以后才能确定届满。" in page


def test_what_the_law_refuses_is_said_beside_the_answer(desk: Opened, officer: Officer) -> None:
    page = ask(
        desk, officer, limit="decide", start="2026-03-02", extension0__0__on="2026-03-20",
        extension0__0__approver="deputy",
    )  # fmt: skip

    assert "于 2026-04-01（周三） 届满" in page
    assert "批准层级“副职”不够" in page


def test_a_draft_answers_with_a_caution(desk: Opened, officer: Officer) -> None:
    page = ask(desk, officer, limit="idea", start="2026-03-02")

    assert "于 2026-03-05（周四） 届满" in page
    assert "这一时限尚未核实（草稿）" in page


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"limit": "nothing", "start": "2026-03-02"}, "没有代码为“nothing”的时限"),
        ({"limit": "decide", "start": "2026-02-29"}, "没有“2026-02-29”这个时间"),
        ({"limit": "decide", "start": "soon"}, "“soon”不是时间"),
        (
            {"limit": "decide", "start": "2026-03-02", "pause0.0.on": "2026-03-25", "pause0.0.until": "2026-03-10"},
            "的结束早于开始",
        ),
        (
            {"limit": "decide", "start": "2026-03-02", "extension0.0.on": "2026-03-25", "extension0.0.amount": "-1"},
            "批准数量应为正整数",
        ),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_in_words(
    desk: Opened, officer: Officer, question: dict[str, str], said: str
) -> None:
    page = ask(desk, officer, **question)

    assert said in page
    assert "届满，依据" not in page


def test_what_was_entered_stays_in_the_form(desk: Opened, officer: Officer) -> None:
    page = ask(desk, officer, limit="decide", start="2026-02-29", pause0__0__on="2026-03-10")

    assert 'name="start" type="date" value="2026-02-29"' in page
    assert 'name="pause0.0.on" type="date" value="2026-03-10"' in page


def test_a_date_set_by_a_document_is_asked_for(desk: Opened, officer: Officer) -> None:
    add_limit(
        code="told", name="按期答复", kinds=["case"], starts=["filed"], stops=["decided"], set_by_event=True,
        unit="day", law="测试法", article="第九条",
    )  # fmt: skip

    without = ask(desk, officer, limit="told", start="2026-03-02")
    given = ask(desk, officer, limit="told", start="2026-03-02", sets="2026-03-20")

    assert "请填写文书确定的日期" in without
    assert "按期答复于 2026-03-20（周五） 届满" in given


def test_a_tier_is_chosen_by_name(desk: Opened, officer: Officer) -> None:
    add_limit(
        code="hold", name="看管", kinds=["visit"], starts=["entered"], stops=["left"], length=8, unit="hour",
        tiers=[{"code": "serious", "length": 24, "unit": "hour", "condition": "情况复杂"}], law="测试法", article="第八条",
    )  # fmt: skip

    page = ask(desk, officer, limit="hold", start="2026-05-01T22:10", tier="serious")

    assert "情况复杂（24小时）" in page
    assert "看管于 2026-05-02 22:10 届满" in page


def test_the_same_question_as_json(desk: Opened, officer: Officer) -> None:
    browser = desk(officer)

    answer = browser.get("/calculator/?limit=decide&start=2026-03-02&format=json")
    wrong = browser.get("/calculator/?limit=decide&start=2026-02-29&format=json")

    assert answer.json()["due_on"] == "2026-04-01"
    assert wrong.status_code == 400
    assert "没有“2026-02-29”这个时间" in wrong.json()["error"]


def test_calculating_leaves_no_trace(desk: Opened, officer: Officer) -> None:
    from cases.models import Clock, Event  # import here: only this test looks at rows

    ask(desk, officer, limit="decide", start="2026-03-02", stop__on="2026-04-01")

    assert not Clock.objects.exists()
    assert not Event.objects.exists()
