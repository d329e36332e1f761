"""倒查 and 调度会: why a petition arose, the order that names the fault and nothing else, and what a meeting decided."""

from datetime import date

import pytest

from cases.models import Officer, Role
from supervision.petitions.models import Decision, LookBack, Petition
from supervision.petitions.refusals import (
    DONE_ALREADY,
    FUTURE_DAY,
    LOOKS_BACK_AT_NONE,
    ONLY_HANDLERS,
    ORDER_NOT_NEEDED,
    ORDERED_ALREADY,
    WORDS_NEEDED,
)
from supervision.petitions.services import PetitionRefused, hold_meeting, look_back, order_fault, reply
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.queries import orders_of
from tests.cases.factories import make_case, make_officer, moment
from tests.supervision.petitions.factories import AT, LI, Scene

LATER = moment("2026-09-14 10:00")
TEXT = "接报后未及时开展工作，立即补正并说明原因。"


@pytest.fixture
def problem(db: None) -> Problem:
    return Problem.objects.create(
        code="slow", name="拖延办案", fault="期限", law="治安管理处罚法", article="第一百一十八条", workdays=3
    )


@pytest.fixture
def at_fault(scene: Scene) -> Officer:
    return make_officer("600001", scene.accused, Role.CASE_OFFICER)


def looked(scene: Scene, officer: Officer | None = None, **changed: object) -> LookBack:
    told = {"cause": "delay", "unit": scene.accused, "finding": "接报后十五日未开展工作", **changed}
    return look_back(petition=scene.petition, officer=officer, by=scene.registrar, at=AT, **told)  # type: ignore[arg-type]


def test_the_cause_and_who_answers_for_it_are_on_record(scene: Scene, at_fault: Officer) -> None:
    row = looked(scene, at_fault)

    assert (row.cause, row.unit, row.officer, row.by) == ("delay", scene.accused, at_fault, scene.registrar)


def test_our_own_fault_is_some_units_and_nobody_judges_himself(scene: Scene) -> None:
    with pytest.raises(PetitionRefused, match=LOOKS_BACK_AT_NONE):
        looked(scene, unit=None)
    with pytest.raises(PetitionRefused, match="不能由本人倒查"):
        looked(scene, scene.registrar)
    with pytest.raises(PetitionRefused, match=WORDS_NEEDED):
        looked(scene, finding=" ")

    assert looked(scene, cause="misunderstanding", unit=None).unit is None


def test_an_order_goes_out_once_as_found_in_daily_supervision(
    scene: Scene, at_fault: Officer, problem: Problem
) -> None:
    found = looked(scene, at_fault)

    order = order_fault(found=found, problem="slow", text=TEXT, by=scene.registrar, at=AT)

    found.refresh_from_db()
    assert (order.source, order.unit, order.officer, order.matter) == (Source.SUPERVISOR, scene.accused, at_fault, None)
    assert str(scene.petition.pk) != order.source_number and scene.petition.matter.number not in order.source_number
    assert found.order_number == order.number
    with pytest.raises(PetitionRefused, match=ORDERED_ALREADY):
        order_fault(found=found, problem="slow", text=TEXT, by=scene.registrar, at=AT)


def test_the_order_names_the_case_behind_the_petition_which_is_open_to_its_unit_anyway(
    scene: Scene, at_fault: Officer, problem: Problem
) -> None:
    case = make_case("A-1", scene.accused, at_fault)
    Petition.objects.filter(pk=scene.petition.pk).update(underlying=case)

    order = order_fault(found=looked(scene, at_fault), problem="slow", text=TEXT, by=scene.registrar, at=AT)

    assert order.matter == case
    assert orders_of(at_fault).get() == order


@pytest.mark.parametrize(
    "words", ["群众来信反映的问题属实", "信访人称未立案", f"与{LI['name']}联系", LI["phone"], "信访202600001"]
)
def test_words_that_would_give_it_away_are_refused(
    scene: Scene, at_fault: Officer, problem: Problem, words: str
) -> None:
    found = looked(scene, at_fault)

    with pytest.raises(PetitionRefused, match="会让对方得知") as refused:
        order_fault(found=found, problem="slow", text=f"经查，{words}，立即整改。", by=scene.registrar, at=AT)

    assert not Order.objects.exists()
    assert LI["name"] not in str(refused.value)


def test_without_a_unit_at_fault_there_is_nothing_to_order(scene: Scene, problem: Problem) -> None:
    found = looked(scene, cause="outside", unit=None)

    with pytest.raises(PetitionRefused, match=ORDER_NOT_NEEDED):
        order_fault(found=found, problem="slow", text=TEXT, by=scene.registrar, at=AT)


def test_what_the_room_of_orders_refuses_is_told_and_nothing_is_written(scene: Scene) -> None:
    found = looked(scene)

    with pytest.raises(PetitionRefused):
        order_fault(found=found, problem="no such thing", text=TEXT, by=scene.registrar, at=AT)

    found.refresh_from_db()
    assert found.ordered_at is None


# -- meetings ----------------------------------------------------------------------------------------------------------


def test_a_meeting_has_minutes_and_decisions_with_due_replies(scene: Scene) -> None:
    hold_meeting(
        petition=scene.petition, held_at=AT, chair=scene.registrar, minutes="会议要求限期核查。",
        decisions=(("核查报警记录", scene.registrar, date(2026, 9, 18)),), by=scene.registrar, at=AT,
    )  # fmt: skip

    decision = Decision.objects.get()
    assert (decision.what, decision.reply_due_on) == ("核查报警记录", date(2026, 9, 18))

    reply(decision=decision, text="已核查", by=scene.registrar, at=LATER)
    with pytest.raises(PetitionRefused, match=DONE_ALREADY):
        reply(decision=decision, text="再答", by=scene.registrar, at=LATER)
    decision.refresh_from_db()
    assert (decision.replied_at, decision.tell_since) == (LATER, None)


def test_only_who_sees_the_petition_sits_in_its_meetings(scene: Scene) -> None:
    told = {"petition": scene.petition, "minutes": "略", "at": AT}

    with pytest.raises(PetitionRefused, match="不是本件的经办人"):
        hold_meeting(held_at=AT, chair=scene.leader, by=scene.registrar, **told)  # type: ignore[arg-type]
    with pytest.raises(PetitionRefused, match=ONLY_HANDLERS):
        hold_meeting(held_at=AT, chair=scene.registrar, by=scene.leader, **told)  # type: ignore[arg-type]
    with pytest.raises(PetitionRefused, match="不是本件的经办人"):
        hold_meeting(
            held_at=AT, chair=scene.registrar, by=scene.registrar,
            decisions=(("核查", scene.leader, date(2026, 9, 18)),), **told,  # type: ignore[arg-type]
        )  # fmt: skip
    with pytest.raises(PetitionRefused, match=FUTURE_DAY):
        hold_meeting(held_at=LATER, chair=scene.registrar, by=scene.registrar, **told)  # type: ignore[arg-type]

    assert not scene.petition.meetings.exists()
