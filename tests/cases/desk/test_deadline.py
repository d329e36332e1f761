"""The calculator page: a question in the address, the answer of the engine, refusals that lose nothing."""

from urllib.parse import urlencode

import pytest

from cases.models import DayOff, Officer
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


def test_the_page_says_how_many_days_count_and_by_which_notice_others_do_not(desk: Opened, officer: Officer) -> None:
    DayOff.objects.update(notice="国办发明电〔2025〕7号")

    page = ask(desk, officer, limit="answer", start="2026-04-30")

    assert '<td class="number right">7 天</td><td class="number right">6 天</td>' in page
    assert "放假安排：2026-05-01 至 05-05 劳动节放假，2026-05-09 劳动节调休上班（国办发明电〔2025〕7号）" in page


def test_a_provisional_day_says_which_year_has_no_notice_yet(desk: Opened, officer: Officer) -> None:
    page = ask(desk, officer, limit="decide", start="2026-12-20")

    assert "尚未公布放假安排的年份：2027" in page


def test_the_answer_is_ready_to_copy_as_a_sentence_and_as_an_address(desk: Opened, officer: Officer) -> None:
    page = ask(
        desk, officer, limit="decide", start="2026-03-02", pause0__0__on="2026-03-10", pause0__0__until="2026-03-25"
    )

    assert (
        "作出决定自 2026-03-02（周一） 起算，2026-03-10至2026-03-25鉴定15日不计入，至 2026-04-16（周四） 届满；"
        "依据《测试法》第一条。"
    ) in page
    assert (
        'value="http://testserver/calculator/?limit=decide&amp;start=2026-03-02&amp;pause0.0.on=2026-03-10'
        '&amp;pause0.0.until=2026-03-25"'
    ) in page
    assert 'data-copy="sentence"' in page


def test_only_what_was_known_by_a_day_is_counted(desk: Opened, officer: Officer) -> None:
    question = {"limit": "decide", "start": "2026-03-02", "pause0.0.on": "2026-03-10", "pause0.0.until": "2026-03-25"}

    early = ask(desk, officer, **question, on="2026-03-09")
    late = ask(desk, officer, **question, on="2026-03-25")

    assert "于 2026-04-01（周三） 届满" in early
    assert "于 2026-04-16（周四） 届满" in late


@pytest.fixture
def two_texts(desk: Opened) -> None:
    """Thirty days until 2025, twenty since."""
    text = {"name": "办案", "kinds": ["case"], "starts": ["filed"], "stops": ["decided"], "unit": "day", "law": "法"}
    add_limit(**text, code="case_v2012", length=30, in_force_from="2013-01-01", in_force_until="2025-12-31")
    add_limit(**text, code="case_v2025", length=20, in_force_from="2026-01-01")


@pytest.mark.usefixtures("two_texts")
def test_the_texts_of_a_limit_stand_side_by_side(desk: Opened, officer: Officer) -> None:
    page = ask(desk, officer, limit="case_v2025", start="2026-03-02")

    assert "新旧文本对照" in page
    assert "起算日 2026-03-02 晚于失效日 2025-12-31" in page
    assert "2026-04-01（周三） 届满" in page
    assert "2026-03-22（周日） 届满" in page


@pytest.mark.usefixtures("two_texts")
def test_a_text_not_in_force_that_day_is_refused_and_the_texts_are_still_compared(
    desk: Opened, officer: Officer
) -> None:
    page = ask(desk, officer, limit="case_v2025", start="2025-12-20")

    assert "2025-12-20 起算的应适用“case_v2012”" in page
    assert "新旧文本对照" in page
    assert "改按这一文本推算" in page


@pytest.mark.usefixtures("two_texts")
def test_the_comparison_as_json_only_where_asked_for(desk: Opened, officer: Officer) -> None:
    browser = desk(officer)

    plain = browser.get("/calculator/?limit=case_v2025&start=2026-03-02&format=json").json()
    both = browser.get("/calculator/?limit=case_v2025&start=2026-03-02&format=json&compare=1").json()

    assert "compared" not in plain
    assert [one["due_on"] for one in both["compared"]] == ["2026-04-01", "2026-03-22"]


def test_calculating_leaves_no_trace(desk: Opened, officer: Officer) -> None:
    from cases.models import Clock, Event  # import here: only this test looks at rows

    ask(desk, officer, limit="decide", start="2026-03-02", stop__on="2026-04-01")

    assert not Clock.objects.exists()
    assert not Event.objects.exists()
