"""Open questions from the folder to the clocks: loaded whole, answered once, followed by everyone who reads a limit."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from cases import services
from cases.calculator import calculate
from cases.catalogue import InvalidCatalogue, Problem
from cases.catalogue.answers import answers_standing, limits_as_answered, standing_on_limit
from cases.catalogue.checking import Known, examine
from cases.catalogue.loading import LoadReport, load_catalogue
from cases.changes.services import apply_change, carry_on, preview_change, propose
from cases.models import (
    Answer,
    Change,
    ChangeKind,
    ChangeState,
    ClockMove,
    ConcernedMatter,
    Limit,
    Matter,
    Officer,
    OpenQuestion,
)
from cases.services import CaseRefused, answer_question
from cases.statute.limits import Rollover, Transition, Unit
from tests.cases.factories import Bureau, clock_of, moment
from tests.cases.test_catalogue import GOOD, folder_of, limit

pytestmark = pytest.mark.django_db

NOW = moment("2026-03-20 08:00")
QUESTIONS = """
questions:
  - code: rolls
    question: 末日遇节假日是否顺延
    why: 条文没有区分
    citations: [《某法》第一条]
    default: forward
    options:
      - {code: forward, text: 顺延, basis: 字面}
      - code: none
        text: 不顺延
        basis: 惯例
        changes:
          decide: {rollover: none}
  - code: days
    question: 三十日是自然日还是工作日
    why: 没有写
    citations: [《某法》第二条]
    default: days
    options:
      - {code: days, text: 自然日, basis: 从严}
      - code: workdays
        text: 工作日
        basis: 援引
        changes:
          decide: {unit: workday, length: 20, ladder: short}
"""


def load(path: Path, **changed: str) -> LoadReport:
    files = {f"{name.replace('__', '/')}.yaml": text for name, text in changed.items()}
    return load_catalogue(folder_of(path, {**GOOD, "questions.yaml": QUESTIONS, **files}), at=NOW)


@pytest.fixture
def law(tmp_path: Path) -> Path:
    load(tmp_path)
    return tmp_path


@pytest.fixture
def rolls(law: Path) -> OpenQuestion:
    return OpenQuestion.objects.get(code="rolls")


@pytest.fixture
def matter(law: Path, bureau: Bureau) -> Matter:
    """Filed on 19 March 2026; the thirtieth day, 18 April, is a Saturday."""
    matter = services.open_matter(kind="case", number="A1", unit=bureau.station)
    when = moment("2026-03-19")
    services.record_event(matter=matter, kind="filed", occurred_at=when, by=None, at=when)
    return matter


def answer(question: OpenQuestion, option: str, by: Officer, *, ground: str = "某局〔2026〕1号") -> Change:
    """The whole way an answer goes: proposed, looked at, carried out."""
    payload = {"question": question.code, "option": option, "ground": ground, "decided_on": "2026-03-20"}
    change = propose(kind=ChangeKind.ANSWER, payload=payload, by=by, at=NOW)
    apply_change(change=preview_change(change=change, at=NOW), by=by, at=NOW)
    while carry_on(change=change, at=NOW):
        change.refresh_from_db()
    return change


# -- loading ---------------------------------------------------------------------------------------------------------


def test_questions_are_loaded_in_their_order_and_loading_again_changes_nothing(tmp_path: Path) -> None:
    report = load(tmp_path)
    again = load(tmp_path)

    assert report.created["questions"] == 2
    assert [row.code for row in OpenQuestion.objects.all()] == ["rolls", "days"]
    assert not again.changed
    assert again.unchanged["questions"] == 2


def test_the_command_says_how_many_questions_are_new(tmp_path: Path) -> None:
    folder_of(tmp_path, {**GOOD, "questions.yaml": QUESTIONS})
    out = StringIO()

    call_command("load_catalogue", str(tmp_path), stdout=out)

    assert "待定问题 2" in out.getvalue()


def test_loading_again_keeps_to_the_answer_given(law: Path, rolls: OpenQuestion, legal_officer: Officer) -> None:
    answer(rolls, "none", legal_officer)

    report = load(law)

    row = Limit.objects.get(code="decide")
    assert not report.changed
    assert (row.rollover, row.rule().rollover, row.definition["rollover"]) == ("none", Rollover.NONE, "forward")


def test_a_new_limit_of_the_family_follows_the_answer_given_before(
    law: Path, rolls: OpenQuestion, legal_officer: Officer
) -> None:
    answer(rolls, "none", legal_officer)

    load(
        law,
        limits__new="""
limits:
  - {code: decide_v2027, name: 新, kinds: [case], starts: [filed], stops: [decided], length: 20, unit: day,
     rollover: forward, calendar: cn, law: 某法, in_force_from: "2027-01-01"}
""",
        limits__ours=limit(in_force_until="2026-12-31"),
    )

    assert Limit.objects.get(code="decide_v2027").family == "decide"
    # The option names the limit; a name that is both a code and the family means the family too.
    assert Limit.objects.get(code="decide_v2027").rule().rollover is Rollover.NONE


def test_another_folder_may_ask_about_a_limit_loaded_before(
    law: Path, tmp_path_factory: pytest.TempPathFactory, legal_officer: Officer
) -> None:
    """A limit that is not of the folder follows a question that is."""
    other = tmp_path_factory.mktemp("other")
    load_catalogue(
        folder_of(
            other,
            {
                "ours.yaml": """
questions:
  - code: ours
    question: 本局口径
    why: 内部规定
    citations: [《本局规定》第一条]
    default: as_is
    options:
      - {code: as_is, text: 不变, basis: 目录}
      - {code: also, text: 延长之日重新起算, basis: 本局规定, changes: {decide: {starts: [filed, longer]}}}
"""
            },
        ),
        at=NOW,
    )

    answer(OpenQuestion.objects.get(code="ours"), "also", legal_officer)

    assert [row.code for row in OpenQuestion.objects.order_by("code")] == ["days", "ours", "rolls"]
    assert Limit.objects.get(code="decide").rule().starts == ("filed", "longer")


def test_an_option_that_was_chosen_cannot_go(law: Path, rolls: OpenQuestion, legal_officer: Officer) -> None:
    answer(rolls, "none", legal_officer)

    with pytest.raises(InvalidCatalogue) as refusal:
        load(law, questions=QUESTIONS.replace("code: none\n", "code: never\n"))

    (problem,) = refusal.value.problems
    assert (problem.place.file, problem.place.line, problem.code, problem.field) == (
        "questions.yaml",
        3,
        "rolls",
        "options",
    )
    assert problem.text == "已经选定的答复“none”不能删去，请保留这一项，或者先改选其他答复"


# -- what the folder may not say -------------------------------------------------------------------------------------


def problems(path: Path, questions: str) -> list[Problem]:
    return examine(folder_of(path, {**GOOD, "questions.yaml": questions}), Known())[1]


WRONG = (
    ("decide: {rollover: none}", "decid: {rollover: none}", "options[2].changes.decid", "没有“decid”这一时限，是不是“decide”"),
    (
        "decide: {rollover: none}",
        "decide: {rollover: sideways}",
        "options[2].changes.decide.rollover",
        "按待定问题“rolls”的这一答复，应为 none、forward、backward 之一，现为 'sideways'",
    ),
    (
        "decide: {rollover: none}",
        "decide: {calendar: us}",
        "options[2].changes.decide.calendar",
        "没有“us”这一日历，请改用已有的代码，或者先在 calendars 中登记",
    ),
    (
        "decide: {rollover: none}",
        "decide: {start_approvers: [haed]}",
        "options[2].changes.decide.start_approvers",
        "没有“haed”这一批准层级，是不是“head”",
    ),
    (
        "decide: {rollover: none}",
        "decide: {unit: workday}",
        "options",
        "时限“decide”的 unit 已由待定问题“rolls”改动，两个问题不能改动同一个字段",
    ),
    ("default: forward", "default: back", "default", "没有“back”这种答复，可用的有 forward、none"),
)  # fmt: skip


@pytest.mark.parametrize(("was", "now", "field", "text"), WRONG)
def test_a_wrong_question_is_told_with_file_row_and_field(
    tmp_path: Path, was: str, now: str, field: str, text: str
) -> None:
    found = problems(tmp_path, QUESTIONS.replace(was, now, 1))

    assert [(one.field, one.text) for one in found] == [(field, text)]
    assert (found[0].place.file, found[0].place.section) == ("questions.yaml", "questions")
    assert found[0].place.line > 0


def test_a_limit_that_a_loaded_question_makes_impossible_is_told_of_the_limit(law: Path) -> None:
    with pytest.raises(InvalidCatalogue) as refusal:
        load_catalogue(
            folder_of(
                law / "more",
                {
                    "limits/ours.yaml": """
limits:
  - {code: decide, name: 作出决定, kinds: [case], starts: [filed], stops: [decided], length: 30, unit: day, law: 某法}
"""
                },
            ),
            at=NOW,
        )

    (problem,) = refusal.value.problems
    assert problem.code == "decide"
    assert problem.text == "按待定问题“days”的这一答复，按工作日计算或遇节假日顺延，必须写明日历"


# -- answering -------------------------------------------------------------------------------------------------------


def test_without_an_answer_the_default_stands(law: Path) -> None:
    assert [(one.question.code, one.option.code, one.decided_on) for one in answers_standing()] == [
        ("rolls", "forward", None),
        ("days", "days", None),
    ]


def test_an_answer_is_followed_by_the_row_the_calculator_and_the_clocks(
    rolls: OpenQuestion, matter: Matter, legal_officer: Officer
) -> None:
    # 19 March and thirty days is Saturday 18 April.
    before = clock_of(matter).due_on

    change = answer(rolls, "none", legal_officer)

    clock = clock_of(matter)
    assert (before, clock.due_on) == (date(2026, 4, 20), date(2026, 4, 18))
    assert calculate("decide", date(2026, 3, 19)).clock.due_on == date(2026, 4, 18)
    assert [move.reason for move in ClockMove.objects.filter(clock=clock)] == [
        f"变更{change.pk}号：待定问题“末日遇节假日是否顺延”答复为：不顺延"
    ]
    (standing, _) = standing_on_limit(clock.limit)
    assert standing.note == (
        "本期限取决于待定问题“末日遇节假日是否顺延”：按 2026-03-20 的答复（不顺延；某局〔2026〕1号）计算"
    )


def test_the_columns_and_the_ladder_of_a_limit_are_those_of_the_answer(law: Path, legal_officer: Officer) -> None:
    answer(OpenQuestion.objects.get(code="days"), "workdays", legal_officer)

    row = Limit.objects.select_related("ladder").get(code="decide")
    assert row.ladder is not None
    assert (row.length, row.unit, row.ladder.code, row.length_text) == (20, "workday", "short", "20个工作日")
    assert row.rule().unit is Unit.WORKDAY


def test_an_answer_may_be_changed_back_and_the_last_one_stands(
    rolls: OpenQuestion, matter: Matter, legal_officer: Officer
) -> None:
    answer(rolls, "none", legal_officer)

    answer(rolls, "forward", legal_officer, ground="某局〔2026〕2号")

    row = Limit.objects.get(code="decide")
    assert (row.answered, row.rollover) == ({}, "forward")
    assert clock_of(matter).due_on == date(2026, 4, 20)
    assert Answer.objects.count() == 2


def test_the_default_may_be_confirmed_which_moves_nothing(
    rolls: OpenQuestion, matter: Matter, legal_officer: Officer
) -> None:
    change = answer(rolls, "forward", legal_officer)

    assert answers_standing()[0].decided_on == date(2026, 3, 20)
    assert (change.total, change.state) == (0, ChangeState.APPLIED)


def test_only_the_matters_whose_clocks_it_may_move_are_rewound(
    rolls: OpenQuestion, matter: Matter, bureau: Bureau, legal_officer: Officer
) -> None:
    services.open_matter(kind="case", number="A2", unit=bureau.station)

    payload = {"question": "rolls", "option": "none", "ground": "文", "decided_on": "2026-03-20"}
    change = propose(kind=ChangeKind.ANSWER, payload=payload, by=legal_officer, at=NOW)

    apply_change(change=preview_change(change=change, at=NOW), by=legal_officer, at=NOW)

    assert list(ConcernedMatter.objects.values_list("matter__number", flat=True)) == ["A1"]


def test_what_an_answer_would_move_is_told_before_and_comes_true(
    rolls: OpenQuestion, matter: Matter, legal_officer: Officer
) -> None:
    payload = {"question": "rolls", "option": "none", "ground": "文", "decided_on": "2026-03-20"}
    change = propose(kind=ChangeKind.ANSWER, payload=payload, by=legal_officer, at=NOW)

    looked_at = preview_change(change=change, at=NOW)

    assert looked_at.preview is not None
    assert (looked_at.preview["moved"], looked_at.preview["shifts"]) == (1, {"-2": 1})
    assert not Answer.objects.exists()
    assert clock_of(matter).due_on == date(2026, 4, 20)
    apply_change(change=looked_at, by=legal_officer, at=NOW)
    while carry_on(change=change, at=NOW):
        pass
    change.refresh_from_db()
    assert change.result == looked_at.preview


def test_an_answer_that_lets_other_events_start_a_limit_finds_their_matters(
    tmp_path: Path, bureau: Bureau, legal_officer: Officer
) -> None:
    load(tmp_path, questions=QUESTIONS.replace("decide: {rollover: none}", "decide: {starts: [filed, decided]}"))
    matter = services.open_matter(kind="case", number="A9", unit=bureau.station)
    when = moment("2026-03-19")
    services.record_event(matter=matter, kind="decided", occurred_at=when, by=None, at=when)
    assert not matter.clocks.exists()

    answer(OpenQuestion.objects.get(code="rolls"), "none", legal_officer)

    assert clock_of(matter).started_at == when


REFUSED = (
    ("maybe", "某局〔2026〕1号", NOW, None, "“末日遇节假日是否顺延”没有这一种答复，可选的有：顺延、不顺延"),
    ("none", "  ", NOW, None, "答复必须写明依据（文号或者会议纪要），请补填"),
    ("none", "文", NOW, date(2026, 3, 21), "决定日期 2026-03-21 晚于今天，请在决定以后再登记"),
    ("none", "文", NOW.replace(tzinfo=None), None, "时间必须带时区"),
)


@pytest.mark.parametrize(("option", "ground", "at", "decided_on", "text"), REFUSED)
def test_what_is_no_answer_is_refused(
    rolls: OpenQuestion, legal_officer: Officer, option: str, ground: str, at: object, decided_on: object, text: str
) -> None:
    with pytest.raises(CaseRefused, match=text.replace("（", ".").replace("）", ".")):
        answer_question(
            question=rolls,
            option=option,
            ground=ground,
            by=legal_officer,
            at=at,
            decided_on=decided_on,  # type: ignore[arg-type]
        )

    assert not Answer.objects.exists()
    assert Limit.objects.get(code="decide").answered == {}


def test_the_answer_that_stands_is_not_given_twice(rolls: OpenQuestion, legal_officer: Officer) -> None:
    answer(rolls, "none", legal_officer)

    with pytest.raises(CaseRefused, match="现在就是这样答复的，没有改动"):
        answer(rolls, "none", legal_officer)

    assert Answer.objects.count() == 1


def test_an_answer_that_another_makes_impossible_is_refused_and_changes_nothing(
    tmp_path: Path, legal_officer: Officer
) -> None:
    """Working days have no rollover to speak of, but hours may not have one at all."""
    load(
        tmp_path,
        limits__ours=limit(rollover="none"),
        questions=QUESTIONS.replace("decide: {rollover: none}", "decide: {rollover: forward}").replace(
            "decide: {unit: workday, length: 20, ladder: short}", "decide: {unit: hour, extensions: []}"
        ),
    )
    answer(OpenQuestion.objects.get(code="rolls"), "none", legal_officer)

    with pytest.raises(CaseRefused, match="这一答复与其他已有的答复不能并存：按小时、分钟计算的期限不顺延"):
        answer(OpenQuestion.objects.get(code="days"), "workdays", legal_officer)

    assert Answer.objects.count() == 1
    assert Limit.objects.get(code="decide").unit == "day"


# -- supposing -------------------------------------------------------------------------------------------------------


def test_supposing_an_answer_gives_the_limits_and_writes_nothing(
    law: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        limits = limits_as_answered({"rolls": "none", "days": "workdays"})

    assert (limits["decide"].rollover, limits["decide"].unit, limits["decide"].length) == (
        Rollover.NONE,
        Unit.WORKDAY,
        20,
    )
    assert Limit.objects.get(code="decide").answered == {}
    assert not Answer.objects.exists()


def test_supposing_leaves_the_other_answers_as_they_stand(
    law: Path, rolls: OpenQuestion, legal_officer: Officer
) -> None:
    answer(rolls, "none", legal_officer)

    assert limits_as_answered({})["decide"].rollover is Rollover.NONE
    assert limits_as_answered({"rolls": "forward"})["decide"].rollover is Rollover.FORWARD


@pytest.mark.parametrize("supposed", [{"rolls": "maybe"}, {"nothing": "none"}])
def test_supposing_what_is_not_there_is_refused(law: Path, supposed: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        limits_as_answered(supposed)


# -- the shipped questions -------------------------------------------------------------------------------------------


def test_a_case_open_at_the_turn_of_the_year_goes_over_when_so_answered(bureau: Bureau, legal_officer: Officer) -> None:
    """《治安管理处罚法》（2012）第九十九条 by default; （2025）第一百一十八条 when answered, with a hearing not counted."""
    call_command("load_catalogue", stdout=StringIO())
    matter = services.open_matter(kind="public_order_case", number="Z1", unit=bureau.station)
    for kind, day in (
        ("case_accepted", "2025-12-20"),
        ("hearing_notified", "2026-01-05"),
        ("hearing_ended", "2026-01-10"),
    ):
        when = moment(day)
        services.record_event(matter=matter, kind=kind, occurred_at=when, by=None, at=when)
    question = OpenQuestion.objects.get(code="psa_across_2026")
    before = clock_of(matter, "psa_case_30d_v2012").due_on

    answer(question, "new_text", legal_officer)

    # 20 December and thirty days is Monday 19 January; five days of hearing make it Saturday the 24th, so Monday.
    assert before == date(2026, 1, 19)
    assert clock_of(matter, "psa_case_30d_v2025").due_on == date(2026, 1, 26)
    assert Limit.objects.get(code="psa_case_30d_v2025").rule().transition is Transition.RUNNING
    assert calculate("psa_case_30d", date(2025, 12, 20)).limit.code == "psa_case_30d_v2025"


def test_the_command_notes_the_questions(capsys: pytest.CaptureFixture[str]) -> None:
    out = StringIO()
    call_command("load_catalogue", stdout=StringIO())

    call_command("deadline", "prop_adm_register_7wd", "--start", "2026-04-29", "--json", stdout=out)

    said = json.loads(out.getvalue())
    assert [one["code"] for one in said["questions"]] == ["evidence_days", "evidence_approver"]
    assert all(one["default"] for one in said["questions"])


def test_a_refusal_of_the_command_is_still_one(law: Path) -> None:
    with pytest.raises(CommandError, match="没有代码或者族名"):
        call_command("deadline", "nothing", "--start", "2026-04-29", "--compare")
