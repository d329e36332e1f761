"""A word about a warning: by name, with a reason and a day; of two at once the second is told.

The clock of most tests: filed on 2 March 2026, due on 1 April; yellow from Wednesday 25 March, orange from Sunday
29 March, red from 2 April.
"""

from datetime import date
from typing import Any

import pytest

from cases.duty import Rung
from cases.models import Level, Matter, Officer
from cases.services import transfer_matter
from supervision.alerts.models import Action, Alert, AlertState, AlertStep
from supervision.alerts.refusals import AlertRefused
from supervision.alerts.services import acknowledge, acknowledge_many, climb, sweep
from tests.cases.factories import Bureau, make_case, make_officer, moment, record
from tests.supervision.alerts.factories import the_alert

pytestmark = pytest.mark.django_db

NOW = moment("2026-03-25 10:00")


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("100001", bureau.station)


@pytest.fixture
def case(bureau: Bureau, catalogue: None, officer: Officer) -> Matter:
    matter = make_case("A1", bureau.station, officer, filed="2026-03-02")
    sweep(at=moment("2026-03-25"))
    return matter


def answer(alert: Alert, by: Officer, **fields: Any) -> Alert:
    return acknowledge(
        **{"alert": alert, "reason": "等鉴定", "next_on": date(2026, 3, 27), "by": by, "at": NOW, **fields}
    )


def test_a_word_is_on_the_warning_and_in_the_ledger(case: Matter, officer: Officer) -> None:
    alert = answer(the_alert(), officer, reason="  等鉴定 ")

    assert (alert.state, alert.said_by, alert.said, alert.said_at) == (AlertState.ACKNOWLEDGED, officer, "等鉴定", NOW)
    step = AlertStep.objects.get(action=Action.ACKNOWLEDGED)
    assert (step.by, step.text, step.next_on, step.rung, step.found_at) == (
        officer,
        "等鉴定",
        date(2026, 3, 27),
        Rung.OFFICER,
        NOW,
    )


def test_with_it_the_climb_stops_until_the_promised_day_is_over_and_nobody_is_told(
    case: Matter, officer: Officer
) -> None:
    alert = answer(the_alert(), officer)

    # The 27th is a Friday; the next opening is Monday the 30th.
    assert (alert.climbs_at, alert.tell_since) == (moment("2026-03-30 09:00"), None)
    assert climb(at=moment("2026-03-27 17:00")).climbed == 0


def test_a_promise_that_passes_without_change_climbs_and_waits_for_a_word_again(case: Matter, officer: Officer) -> None:
    answer(the_alert(), officer)

    assert climb(at=moment("2026-03-30 09:00")).climbed == 1

    alert = the_alert()
    assert (alert.state, alert.rung, alert.said) == (AlertState.OPEN, Rung.HEAD, "等鉴定")


def test_a_higher_level_asks_for_a_word_anew(case: Matter, officer: Officer) -> None:
    answer(the_alert(), officer, next_on=date(2026, 4, 10))

    sweep(at=moment("2026-03-29"))

    alert = the_alert()
    assert (alert.state, alert.level, alert.rung) == (AlertState.OPEN, Level.ORANGE, Rung.OFFICER)
    assert alert.climbs_at == moment("2026-04-01 09:00")
    assert alert.tell_since == moment("2026-03-29")


def test_a_higher_level_does_not_put_off_what_was_due_to_climb_sooner(case: Matter, officer: Officer) -> None:
    answer(the_alert(), officer, next_on=date(2026, 3, 26))

    sweep(at=moment("2026-03-29"))

    assert the_alert().climbs_at == moment("2026-03-27 09:00")


def test_the_same_level_found_again_keeps_the_word(bureau: Bureau, case: Matter, officer: Officer) -> None:
    answer(the_alert(), officer)
    record(case, "longer", "2026-03-26", approver="deputy")

    sweep(at=moment("2026-03-26"))

    assert the_alert().state == AlertState.ACKNOWLEDGED


def test_of_two_who_act_on_what_they_saw_the_second_is_told_and_nothing_is_lost(
    bureau: Bureau, case: Matter, officer: Officer
) -> None:
    mine, his = the_alert(), the_alert()
    answer(mine, officer, reason="等鉴定")

    with pytest.raises(AlertRefused, match="民警100001已于 03-25 10:00 答复"):
        answer(his, make_officer("100004", bureau.station), reason="已催办")

    assert the_alert().said == "等鉴定"
    assert AlertStep.objects.filter(action=Action.ACKNOWLEDGED).count() == 1


def test_a_word_on_a_warning_that_was_just_withdrawn_is_refused(case: Matter, officer: Officer) -> None:
    seen = the_alert()
    record(case, "decided", "2026-03-25 09:30")
    sweep(at=NOW)

    with pytest.raises(AlertRefused, match="系统已于 03-25 10:00 撤销"):
        answer(seen, officer)
    with pytest.raises(AlertRefused, match="已经撤销（时钟已终止）"):
        answer(the_alert(), officer)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reason": "  "}, "必须写明原因"),
        ({"reason": "长" * 501}, "最多 500 字，现有 501 字"),
        ({"next_on": None}, "必须写明下次时间"),
        ({"next_on": date(2026, 3, 24)}, "已经过去"),
        ({"next_on": date(2026, 4, 25)}, "最迟为 2026-04-24"),
    ],
)
def test_what_is_refused(case: Matter, officer: Officer, fields: dict[str, Any], told: str) -> None:
    with pytest.raises(AlertRefused, match=told):
        answer(the_alert(), officer, **fields)

    assert the_alert().state == AlertState.OPEN


def test_today_is_a_day_one_may_promise(case: Matter, officer: Officer) -> None:
    assert answer(the_alert(), officer, next_on=date(2026, 3, 25)).climbs_at == moment("2026-03-26 09:00")


def test_many_are_answered_at_once_and_those_refused_are_named(bureau: Bureau, case: Matter, officer: Officer) -> None:
    others = [make_case(f"B{number}", bureau.station, officer, filed="2026-03-02") for number in range(3)]
    sweep(at=NOW)
    record(others[0], "decided", "2026-03-25 10:00")
    sweep(at=NOW)
    ids = list(Alert.objects.order_by("pk").values_list("pk", flat=True))
    gone = Alert.objects.get(clock__matter=others[0])

    report = acknowledge_many(alerts=[*ids, ids[0]], reason="统一清理", next_on=date(2026, 3, 27), by=officer, at=NOW)

    assert report.done == 3
    assert [(pk, "已经撤销" in why) for pk, why in report.refused] == [(gone.pk, True)]
    assert Alert.objects.filter(state=AlertState.ACKNOWLEDGED, said="统一清理").count() == 3
    assert AlertStep.objects.filter(action=Action.ACKNOWLEDGED, by=officer).count() == 3


# -- who it goes to ----------------------------------------------------------------------------------------------------


def test_a_warning_that_changes_hands_begins_anew_with_the_new_holder(
    bureau: Bureau, case: Matter, officer: Officer
) -> None:
    answer(the_alert(), officer)
    when = moment("2026-03-26 11:00")
    successor = make_officer("100007", bureau.sibling)
    transfer_matter(matter=case, to_unit=bureau.sibling, to_officer=successor, occurred_at=when, by=None, at=when)

    assert sweep(at=when).handed == 1

    alert = the_alert()
    assert (alert.officer, alert.unit, alert.state, alert.rung) == (
        successor,
        bureau.sibling,
        AlertState.OPEN,
        Rung.OFFICER,
    )
    # Thursday 26 March had opened: Friday and Monday pass whole.
    assert (alert.climbs_at, alert.tell_since) == (moment("2026-03-31 09:00"), when)
    assert AlertStep.objects.filter(action=Action.HANDED).count() == 1
    assert sweep(at=when).handed == 0
