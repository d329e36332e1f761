"""The page that explains a due day: in a sentence, in steps, as known on a day, as JSON."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from cases.models import Clock, Limit, Matter, Officer
from tests.cases.desk.conftest import NOW, Opened
from tests.cases.factories import Bureau, clock_of, make_case, record


@pytest.fixture
def matter(bureau: Bureau, catalogue: None, officer: Officer) -> Matter:
    """Filed 2 March, tested 10 to 25 March (learnt on the 27th), lengthened 9 April: 1 April, 16 April, 18 May."""
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-02 10:00")
    record(matter, "test_began", "2026-03-10", at="2026-03-27")
    record(matter, "test_ended", "2026-03-25", at="2026-03-27")
    record(matter, "longer", "2026-04-09", approver="head")
    return matter


def page_of(desk: Opened, officer: Officer, clock: Clock, query: str = "") -> str:
    answer = desk(officer).get(f"/clocks/{clock.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_answer_is_one_sentence_with_its_article(desk: Opened, matter: Matter, officer: Officer) -> None:
    page = page_of(desk, officer, clock_of(matter))

    assert "作出决定于 2026-05-18（周一） 届满，依据《测试法》第一条。" in page
    assert "2026-05-19 00:00 起为超期" in page
    assert "剩 38 天 <i" in page


def test_the_steps_lead_from_the_start_to_the_due_day(desk: Opened, matter: Matter, officer: Officer) -> None:
    page = page_of(desk, officer, clock_of(matter))
    table = page[page.index('id="steps"') : page.index("逐日")]

    assert table.index("2026-04-01（周三）") < table.index("2026-04-16（周四）") < table.index("2026-05-16（周六）")
    assert "鉴定15日不计入" in table
    assert "经县局负责人批准延长30日" in table
    assert "05-16 周六" in table
    assert "2026-05-18（周一）" in table


def test_the_days_are_shown_with_why_they_do_not_count(desk: Opened, matter: Matter, officer: Officer) -> None:
    page = page_of(desk, officer, clock_of(matter))

    assert '<td class="start" title="起算日">2<small>起</small></td>' in page
    assert page.count("<small>停</small>") == 15
    assert page.count("<small>休</small>") == 2
    assert '<td class="due" title="届满日">18<small>届</small></td>' in page


def test_every_move_of_the_due_day_is_listed_with_its_cause(desk: Opened, matter: Matter, officer: Officer) -> None:
    page = page_of(desk, officer, clock_of(matter))
    moves = page[page.index("届满的变动") :]

    assert "登记节点“批准延长”" in moves
    assert "2026-04-17 00:00" in moves
    assert "2026-05-19 00:00" in moves


def test_as_known_before_the_test_was_entered_the_answer_is_the_old_one(
    desk: Opened, matter: Matter, officer: Officer
) -> None:
    page = page_of(desk, officer, clock_of(matter), "?known_at=2026-03-26T12:00")

    assert "作出决定于 2026-04-01（周三） 届满" in page
    assert "以下是 2026-03-26 12:00 当时已经知道的情况" in page
    assert "按现在的记录，届满为 <b>2026-05-18</b>" in page


def test_as_known_before_the_filing_there_is_no_clock(desk: Opened, matter: Matter, officer: Officer) -> None:
    page = page_of(desk, officer, clock_of(matter), "?known_at=2026-03-01")

    assert "起算节点尚未登记，还没有这个期限" in page


@pytest.mark.parametrize("wrong", ["2026-02-30", "yesterday", "2026-03-26T25:00"])
def test_a_time_that_does_not_exist_is_said_and_the_present_shown(
    desk: Opened, matter: Matter, officer: Officer, wrong: str
) -> None:
    page = page_of(desk, officer, clock_of(matter), f"?known_at={wrong}")

    assert f"“{wrong}”不是" in page
    assert "2026-05-18（周一） 届满" in page


def test_the_same_as_json(desk: Opened, matter: Matter, officer: Officer) -> None:
    answer = desk(officer).get(f"/clocks/{clock_of(matter).pk}/?format=json").json()

    assert (answer["limit"], answer["article"], answer["state"]) == ("decide", "第一条", "running")
    assert (answer["due_on"], answer["due_at"]) == ("2026-05-18", "2026-05-19T00:00:00+08:00")
    assert [step["kind"] for step in answer["steps"]] == ["length", "pause", "extension", "rollover"]
    assert [step["after"] for step in answer["steps"]] == ["2026-04-01", "2026-04-16", "2026-05-16", "2026-05-18"]
    # Two on the 27th, when the test was entered: the clock was held, then ran on; one for the extension.
    assert [move["new_due_at"] for move in answer["moves"]] == [
        None,
        "2026-04-17T00:00:00+08:00",
        "2026-05-19T00:00:00+08:00",
    ]


def test_the_json_says_what_the_page_says(desk: Opened, matter: Matter, officer: Officer) -> None:
    """Which text, the days that count and do not, the notices, whether it is certain."""
    Limit.objects.filter(code="decide").update(
        definition={
            **Limit.objects.get(code="decide").definition,
            "text_version": "2025-06-27修订",
            "in_force_from": "2026-01-01",
        }
    )

    answer = desk(officer).get(f"/clocks/{clock_of(matter).pk}/?format=json").json()
    page = page_of(desk, officer, clock_of(matter))

    assert (answer["text_version"], answer["in_force_from"], answer["provisional"]) == (
        "2025-06-27修订",
        "2026-01-01",
        False,
    )
    assert [(step["counted_days"], step["uncounted_days"]) for step in answer["steps"]] == [
        (30, 0),
        (0, 15),
        (30, 0),
        (0, 2),
    ]
    assert (answer["notices"], answer["unannounced_years"]) == ([], [])
    assert answer["warnings"] == {"yellow_at": "2026-05-11T00:00:00+08:00", "orange_at": "2026-05-15T00:00:00+08:00"}
    assert "预警：2026-05-11 00:00 转黄 ▲，2026-05-15 00:00 转橙 ◆" in page
    assert "（2025-06-27修订，2026-01-01起施行）" in page
    assert '<td colspan="5">合计</td><td class="number right">60 天</td><td class="number right">17 天</td>' in page
    assert "已知截至" in page


def test_json_refuses_a_wrong_time_with_a_sentence(desk: Opened, matter: Matter, officer: Officer) -> None:
    answer = desk(officer).get(f"/clocks/{clock_of(matter).pk}/?format=json&known_at=soon")

    assert answer.status_code == 400
    assert "“soon”不是时间" in answer.json()["error"]


def test_a_clock_on_hold_says_that_its_end_is_open(desk: Opened, bureau: Bureau, officer: Officer) -> None:
    matter = make_case("A-2", bureau.station, officer, filed="2026-03-14")
    record(matter, "test_began", "2026-03-20")

    page = page_of(desk, officer, clock_of(matter))

    assert "作出决定暂停计算，恢复以后才能确定届满。" in page


def test_a_clock_whose_start_was_struck_out_says_so(desk: Opened, matter: Matter, officer: Officer) -> None:
    clock = clock_of(matter)
    record(matter, "filed", "2026-03-04", at="2026-04-09 18:00", voids=matter.events.get(kind__code="filed"))

    page = page_of(desk, officer, clock)

    assert "起算节点已经作废，这一期限不再计算。" in page


def test_hours_are_explained_to_the_minute_in_the_zone_of_the_matter(
    desk: Opened, bureau: Bureau, officer: Officer
) -> None:
    visit = make_case("V-1", bureau.station, officer, filed="2026-04-09 22:10", kind="visit")
    visit.kind.zone = "Asia/Urumqi"
    visit.kind.save()

    page = page_of(desk, officer, clock_of(visit, "leave"))

    # Ten past ten in Shanghai is ten past eight in Ürümqi.
    assert "离区于 2026-04-10 20:10 届满，依据《测试法》第二条。" in page
    assert "2026-04-09 20:10" in page
    assert "<svg" in page
    assert "剩 13 小时 10 分" in page


def test_a_clock_out_of_scope_is_not_found(desk: Opened, matter: Matter, stranger: Officer) -> None:
    clock = clock_of(matter)

    assert desk(stranger).get(f"/clocks/{clock.pk}/").status_code == 404
    assert desk(stranger).get(f"/clocks/{clock.pk}/?format=json").status_code == 404
    assert desk(stranger).get("/clocks/999999/").status_code == 404


def test_the_clock_of_a_withdrawn_matter_is_not_found(desk: Opened, matter: Matter, officer: Officer) -> None:
    Matter.objects.filter(pk=matter.pk).update(withdrawn_at=NOW - timedelta(hours=1))

    assert desk(officer).get(f"/clocks/{clock_of(matter).pk}/").status_code == 404


def test_explaining_asks_the_same_number_of_questions_however_many_the_events(
    desk: Opened, matter: Matter, bureau: Bureau, officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plain = make_case("A-3", bureau.station, officer, filed="2026-03-02 10:00")
    browser = desk(officer)
    browser.get("/matters/")

    with django_assert_num_queries(26):
        browser.get(f"/clocks/{clock_of(plain).pk}/")
    with django_assert_num_queries(26):
        browser.get(f"/clocks/{clock_of(matter).pk}/")
