"""What handlers are to be told: when it is due, once, and not after it is done."""

from datetime import date, timedelta

import pytest
from django.test import Client

from cases.models import HandlingRole, Officer, Role
from cases.roles import plan_roles
from cases.services import record_event
from supervision.bulletins.leaving import Filed, Withheld, pack
from supervision.bulletins.models import Letter, Notice
from supervision.bulletins.queries import lines_shown
from supervision.bulletins.refusals import ALL_SETTLED
from supervision.bulletins.services import compose_notices
from supervision.petitions.models import Contact, Decision, Measure
from supervision.petitions.queries import matters_behind, still_stands, untold
from supervision.petitions.services import (
    add_measure,
    assign_handler,
    assign_lead,
    decline,
    finish_measure,
    hold_meeting,
    make_plan,
    mark_told,
    notify,
    plan_contact,
    recuse,
    reopen,
    reply,
    tell_again,
)
from supervision.petitions.tidings import pk_of
from tests.cases.factories import make_officer, moment
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

    assert mark_told([*keys, "alerts.alert:1:3-0"], at=MONDAY) == 3
    assert mark_told(keys, at=MONDAY) == 0
    assert told("2026-09-15 09:00") == {}
    # It still stands: it is not done.
    assert still_stands(keys) == set(keys)


def test_what_is_done_no_longer_stands(busy: Scene) -> None:
    keys = {one.key for one in untold(at=MONDAY)}

    finish_measure(measure=Measure.objects.get(), result="已调阅", by=busy.leader, at=MONDAY)
    reply(decision=Decision.objects.get(), text="已核查", by=busy.registrar, at=MONDAY)

    assert still_stands(keys) == {f"petitions.contact:{Contact.objects.get().pk}:due"}
    assert still_stands(["alerts.alert:1:x", "petitions.nothing:1:due", "petitions.contact:x:due", ""]) == set()


def test_what_did_not_reach_its_handler_is_told_again_unless_it_is_done(busy: Scene) -> None:
    keys = [one.key for one in untold(at=MONDAY)]
    mark_told(keys, at=MONDAY)
    finish_measure(measure=Measure.objects.get(), result="已调阅", by=busy.leader, at=MONDAY)
    later = moment("2026-09-14 11:00")

    assert tell_again([*keys, "alerts.alert:1:3-0"], at=later) == 2

    again = {one.key: one.since for one in untold(at=later)}
    assert again == {key: later for key in keys if not key.startswith("petitions.measure")}


def test_what_the_law_dates_is_more_pressing_than_what_was_decided_and_that_than_what_was_planned(busy: Scene) -> None:
    ranks = {
        one.key.split(":")[0].removeprefix("petitions."): one.rank for one in untold(at=moment("2026-09-21 09:00"))
    }

    assert ranks == {"notice": 3, "decision": 2, "measure": 1, "contact": 1}


def test_every_key_leads_to_its_petition(busy: Scene) -> None:
    keys = [one.key for one in untold(at=moment("2026-09-21 09:00"))]

    assert matters_behind([*keys, "petitions.contact:999:due", "other"]) == dict.fromkeys(keys, busy.petition.pk)


# -- through the one mouth ---------------------------------------------------------------------------------------------

NINE = moment("2026-09-21 09:00")


def lines_of(officer: Officer) -> list[str]:
    return [line.text for notice in Notice.objects.filter(officer=officer) for line in lines_shown(notice).lines]


def test_the_one_mouth_tells_a_handler_once_and_nobody_else(scene: Scene) -> None:
    report = compose_notices(at=NINE)
    again = compose_notices(at=NINE + timedelta(hours=1))

    assert (report.broken, report.daily, again.daily) == ([], 1, 0)
    (line,) = lines_of(scene.registrar)
    assert line == f"信访事项 {scene.petition.matter.number} 尚未书面告知接收情况，告知期限将至"
    assert Notice.objects.get().headline == "信访 1 条"


def test_what_had_not_left_for_a_handler_who_is_kept_away_since_does_not_leave_and_another_is_told(
    scene: Scene,
) -> None:
    Officer.objects.filter(pk=scene.registrar.pk).update(email="li@example.cn")
    second = make_officer("100009", scene.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=scene.petition, officer=second, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)
    compose_notices(at=NINE)
    letter = Letter.objects.get()

    recuse(petition=scene.petition, officer=scene.registrar, reason="近亲属", by=second, at=NINE)

    with pytest.raises(Withheld, match=ALL_SETTLED):
        pack(letter, Filed(), at=NINE + timedelta(minutes=1))
    assert lines_of(Officer.objects.get(pk=scene.registrar.pk)) == []
    assert [one.officer_id for one in untold(at=NINE + timedelta(minutes=1))] == [second.pk]


def test_in_the_inbox_of_whoever_is_kept_away_since_its_lines_are_counted_and_not_read(scene: Scene) -> None:
    second = make_officer("100009", scene.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=scene.petition, officer=second, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)
    compose_notices(at=NINE)
    notice = Notice.objects.get()
    client = Client()

    recuse(petition=scene.petition, officer=scene.registrar, reason="近亲属", by=second, at=NINE)
    plan_roles()
    client.force_login(Officer.objects.get(pk=scene.registrar.pk))
    page = client.get(f"/inbox/{notice.pk}/").content.decode()

    assert scene.petition.matter.number not in page
    assert f"/petitions/{scene.petition.pk}/" not in page
    assert "另有 信访 1 条未列出" in page


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
