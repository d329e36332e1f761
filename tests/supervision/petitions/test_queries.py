"""What handlers are to be told: when it is due, once, and not after it is done."""

from datetime import date

import pytest

from cases.services import record_event
from supervision.petitions.models import Contact, Decision, Measure
from supervision.petitions.queries import pk_of, still_stands, untold
from supervision.petitions.services import (
    add_measure,
    assign_lead,
    decline,
    finish_measure,
    hold_meeting,
    make_plan,
    mark_told,
    notify,
    plan_contact,
    reopen,
    reply,
)
from tests.cases.factories import moment
from tests.supervision.petitions.factories import AT, Scene
from tests.supervision.petitions.services.test_resting import answered, rest

MONDAY = moment("2026-09-14 09:00")


def told(at: str) -> dict[str, int]:
    return {one.key.split(":")[0].removeprefix("petitions."): one.officer_id for one in untold(at=moment(at))}


@pytest.fixture
def busy(scene: Scene) -> Scene:
    """A measure, a contact and a reply, all due on Monday the fourteenth."""
    by, monday = scene.registrar, date(2026, 9, 14)
    assign_lead(petition=scene.petition, officer=scene.leader, by=by, at=AT)
    make_plan(petition=scene.petition, aim="核查", by=by, at=AT)
    add_measure(petition=scene.petition, what="调阅案卷", officer=scene.leader, due_on=monday, by=by, at=AT)
    plan_contact(petition=scene.petition, service="reception", planned_on=monday, officer=by, by=by, at=AT)
    hold_meeting(
        petition=scene.petition, held_at=AT, chair=scene.leader, minutes="略",
        decisions=(("核查报警记录", by, monday),), by=by, at=AT,
    )  # fmt: skip
    return scene


def test_each_is_told_to_whom_it_concerns_as_work_opens_on_its_day(busy: Scene) -> None:
    assert told("2026-09-14 08:59") == {}
    assert told("2026-09-14 09:00") == {
        "measure": busy.leader.pk,
        "contact": busy.registrar.pk,
        "decision": busy.registrar.pk,
    }


def test_nothing_here_leaves_outside_working_time(busy: Scene) -> None:
    assert list(untold(at=MONDAY, urgent=True)) == []


def test_what_was_told_is_not_told_again(busy: Scene) -> None:
    keys = [one.key for one in untold(at=MONDAY)]

    assert mark_told(keys, MONDAY) == 3
    assert mark_told(keys, MONDAY) == 0
    assert told("2026-09-15 09:00") == {}
    # It still stands: it is not done.
    assert still_stands(keys) == set(keys)


def test_what_is_done_no_longer_stands(busy: Scene) -> None:
    keys = {one.key for one in untold(at=MONDAY)}

    finish_measure(measure=Measure.objects.get(), result="已调阅", by=busy.leader, at=MONDAY)
    reply(decision=Decision.objects.get(), text="已核查", by=busy.registrar, at=MONDAY)

    assert still_stands(keys) == {f"petitions.contact:{Contact.objects.get().pk}:due"}
    assert still_stands(["alerts.alert:1:x", "petitions.nothing:1:due", "petitions.contact:x:due", ""]) == set()


def test_the_words_name_the_number_and_no_person(busy: Scene) -> None:
    for one in untold(at=MONDAY):
        assert busy.petition.matter.number in one.text
        assert "李某甲" not in one.text
        assert one.link == f"/petitions/{busy.petition.pk}/"


def test_the_notice_is_told_of_before_its_fifteen_days_are_over(scene: Scene) -> None:
    # Ten days on is 21 September, a Monday.
    assert told("2026-09-21 09:00") == {"notice": scene.registrar.pk}

    notify(petition=scene.petition, on=date(2026, 9, 21), by=scene.registrar, at=moment("2026-09-21 10:00"))
    assert told("2026-09-22 09:00") == {}


def test_a_notice_recorded_elsewhere_is_told_of_no_more(scene: Scene) -> None:
    at = moment("2026-09-15 10:00")
    record_event(
        matter=scene.petition.matter, kind="petition_notified", occurred_at=at, by=scene.registrar, at=at, day_only=True
    )

    assert told("2026-09-22 09:00") == {}


def test_a_declined_petition_needs_no_notice_of_its_coming_in(scene: Scene) -> None:
    decline(
        petition=scene.petition, reason="重复", on=date(2026, 9, 14), by=scene.registrar, at=moment("2026-09-14 16:00")
    )

    assert told("2026-09-22 09:00") == {}


def test_rechecks_are_told_of_until_the_petition_is_taken_up_again(scene: Scene) -> None:
    answered(scene.petition, scene.registrar, scene.leader)
    rest(scene.petition, scene.registrar)
    notify(petition=scene.petition, on=date(2026, 9, 20), by=scene.registrar, at=moment("2026-09-20 18:00"))
    assert told("2026-10-20 09:00") == {"recheck": scene.registrar.pk}
    keys = [one.key for one in untold(at=moment("2026-10-20 09:00"))]

    reopen(
        petition=scene.petition, why="未兑现", on=date(2026, 10, 20), by=scene.registrar, at=moment("2026-10-20 10:00")
    )

    assert told("2027-10-20 09:00") == {}
    assert still_stands(keys) == set()


def test_a_key_is_of_one_noun() -> None:
    assert pk_of("petitions.contact:7:due", "contact") == 7
    assert pk_of("petitions.contact:7:due", "measure") is None
    assert pk_of("petitions.contact:7:other", "contact") is None
