"""What happened is queued once, in its order, for those it concerns, whenever one looks."""

import hashlib
from datetime import datetime, timedelta
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Level
from supervision.alerts.models import Action, Alert, AlertStep, Withdrawal
from supervision.alerts.services import sweep
from supervision.bulletins.models import Bulletin
from supervision.bulletins.services import compose_monthly, correct, issue
from supervision.webhooks import rules
from supervision.webhooks.models import Delivery, DeliveryStep, Ledger, Subscription
from supervision.webhooks.queries import next_events
from supervision.webhooks.rules import EventName
from supervision.webhooks.services import change, gather, gathering
from tests.cases.factories import Bureau, day, make_bureau, make_catalogue, make_officer, moment, record
from tests.supervision.webhooks.factories import AT, MINUTE, events_for, late_case, subscribe, swept

pytestmark = pytest.mark.django_db


def told(subscription: Subscription) -> list[tuple[str, str]]:
    """(event, level or kind) in order."""
    return [(one["event"], one.get("level") or one.get("kind", "")) for one in events_for(subscription)]


# -- what is told ------------------------------------------------------------------------------------------------------


def test_a_warning_is_told_from_its_first_level_to_its_end(bureau: Bureau) -> None:
    portal = subscribe(bureau.county)
    (matter,) = swept(bureau.station)
    record(matter, "decided", "2026-03-16 09:00")
    sweep(at=AT + timedelta(hours=2))

    gather(at=AT + timedelta(hours=2))

    assert told(portal) == [
        ("alert.raised", "yellow"),
        ("alert.raised", "orange"),
        ("alert.overdue", "red"),
        ("alert.settled", "red"),
    ]
    alert = Alert.objects.get()
    first, *_, last = events_for(portal)
    assert first == {
        "id": f"alerts:{AlertStep.objects.order_by('pk')[0].pk}",
        "event": "alert.raised",
        "at": "2026-03-16T08:00:00+08:00",
        "due_moment": "2026-02-24T00:00:00+08:00",
        "alert": alert.pk,
        "clock": alert.clock_id,
        "matter": matter.number,
        "limit": "decide",
        "unit": "X1",
        "level": "yellow",
        "due_at": "2026-03-04T00:00:00+08:00",
        "link": f"/alerts/{alert.pk}/",
    }
    assert last["reason"] == "stopped"


def test_a_warning_whose_clock_was_paused_is_withdrawn_and_told_again_when_it_stands_again(bureau: Bureau) -> None:
    portal = subscribe(bureau.county)
    (matter,) = swept(bureau.station)
    record(matter, "test_began", "2026-02-20 10:00", at="2026-03-17 10:00")
    sweep(at=AT + timedelta(days=2))

    gather(at=AT + timedelta(days=2))

    assert told(portal)[-1] == ("alert.withdrawn", "red")
    assert events_for(portal)[-1]["reason"] == "paused"


def test_what_people_say_of_a_warning_and_who_they_are_is_not_told(bureau: Bureau) -> None:
    portal = subscribe(bureau.county)
    officer = make_officer("100001", bureau.station)
    late_case(bureau.station, officer=officer)
    sweep(at=AT)
    step = AlertStep.objects.order_by("pk")[0]
    for action in (Action.ACKNOWLEDGED, Action.CLIMBED, Action.ORDERED):
        copy = {"clock_id": step.clock_id, "due_at": step.due_at, "level": step.level, "due_moment": AT, "found_at": AT}
        AlertStep.objects.create(action=action, text="李某请假", by=officer, **copy)

    gather(at=AT)

    assert len(events_for(portal)) == 3
    body = Delivery.objects.get().body
    assert officer.name not in body and officer.police_number not in body and "李某" not in body


def test_nothing_restricted_is_ever_told(bureau: Bureau) -> None:
    portal = subscribe(bureau.province)
    secret, plain = late_case(bureau.station, "某信〔2026〕1号", kind="letter"), late_case(bureau.station)
    sweep(at=AT)
    assert AlertStep.objects.filter(clock__matter=secret).exists()

    gather(at=AT)

    assert {one["matter"] for one in events_for(portal)} == {plain.number}
    assert "某信" not in "".join(Delivery.objects.values_list("body", flat=True))


def test_each_is_told_of_its_unit_and_those_below_it_and_of_no_other(bureau: Bureau) -> None:
    receivers = {
        unit.code: subscribe(unit) for unit in (bureau.city, bureau.county, bureau.station, bureau.other_county)
    }
    swept(bureau.station, bureau.sibling, bureau.other_station)

    gather(at=AT)

    assert {code: {one["unit"] for one in events_for(portal)} for code, portal in receivers.items()} == {
        "C": {"X1", "X2", "Y1"},
        "X": {"X1", "X2"},
        "X1": {"X1"},
        "Y": {"Y1"},
    }


def test_each_is_told_only_of_the_events_it_asked_for(bureau: Bureau) -> None:
    overdue = subscribe(bureau.county, "http://127.0.0.1:9/in", "alert.overdue")
    bulletins = subscribe(bureau.county, "http://127.0.0.1:9/in", "bulletin.issued")
    swept(bureau.station)

    gather(at=AT)

    assert told(overdue) == [("alert.overdue", "red")]
    assert told(bulletins) == []
    assert Subscription.objects.get(pk=bulletins.pk).alerts_read == AlertStep.objects.latest("pk").pk


@pytest.mark.parametrize("name", [name for name in EventName.offered() if name.startswith("alert")])
def test_what_is_asked_of_the_ledger_is_what_it_is_called(bureau: Bureau, name: EventName) -> None:
    """Whatever stands in the ledger: the question finds it exactly where the rule calls it so."""
    swept(bureau.station)
    given = Alert.objects.get()
    AlertStep.objects.bulk_create(
        AlertStep(
            clock_id=given.clock_id, due_at=given.due_at, action=action, level=level, reason=reason, due_moment=AT,
            found_at=AT,
        )
        for action in Action if action != Action.RAISED
        for level in (Level.YELLOW, Level.RED)
        for reason in ("", *Withdrawal)
    )  # fmt: skip
    portal = subscribe(bureau.county, "http://127.0.0.1:9/in", name)

    found = next_events(portal, Ledger.ALERTS, after=0, up_to=10**9, most=10**6)

    assert {one.name for one in found} == {name}
    assert {one.step for one in found} == {
        step.pk
        for step in AlertStep.objects.all()
        if rules.event_of_alert(action=step.action, red=step.level == Level.RED, reason=step.reason) is name
    }


def test_a_bulletin_is_told_when_it_goes_out_and_its_correction_by_the_number_it_corrects(bureau: Bureau) -> None:
    portal, other = subscribe(bureau.county), subscribe(bureau.other_county)
    editor = make_officer("100002", bureau.county)
    at = moment("2026-04-01 08:30")
    first = issue(bulletin=compose_monthly(unit=bureau.county, month=day("2026-03-01"), at=at), by=None, at=at)
    anew = correct(bulletin=first, wrong="数字有误", by=editor, at=at + MINUTE)
    issue(bulletin=anew, by=None, at=at + 2 * MINUTE)

    gather(at=at + 3 * MINUTE)

    assert [one["event"] for one in events_for(portal)] == ["bulletin.issued", "bulletin.corrected"]
    told_first, told_second = events_for(portal)
    assert told_first | {"id": ""} == {
        "id": "",
        "event": "bulletin.issued",
        "at": "2026-04-01T08:30:00+08:00",
        "bulletin": first.pk,
        "number": first.number,
        "kind": "monthly",
        "unit": "X",
        "from_on": "2026-03-01",
        "until_on": "2026-03-31",
        "link": f"/circulars/{first.pk}/",
    }
    assert told_second["corrects"] == first.number
    assert Bulletin.objects.get(pk=anew.pk).number == told_second["number"]
    assert events_for(other) == []


# -- since when, and how often -----------------------------------------------------------------------------------------


def test_what_was_before_a_subscription_is_not_told(bureau: Bureau) -> None:
    swept(bureau.station)
    portal = subscribe(bureau.county)
    swept(bureau.sibling)

    gather(at=AT)

    assert {one["unit"] for one in events_for(portal)} == {"X2"}


def test_gathering_twice_queues_nothing_twice(bureau: Bureau) -> None:
    portal = subscribe(bureau.county)
    swept(bureau.station)

    first, second = gather(at=AT), gather(at=AT + MINUTE)

    assert (first.bodies, first.events, second.bodies, second.events) == (1, 3, 0, 0)
    assert len(events_for(portal)) == 3


def test_a_silence_of_days_is_made_good_by_one_round(bureau: Bureau) -> None:
    portal = subscribe(bureau.county)
    for number in range(3):
        late_case(bureau.station, f"某公〔2026〕9{number}号")
        sweep(at=AT + timedelta(days=number))

    gather(at=AT + timedelta(days=9))

    assert len({one["matter"] for one in events_for(portal)}) == 3
    assert len({one["id"] for one in events_for(portal)}) == 9


def test_what_was_switched_off_is_not_gathered_and_begins_anew(bureau: Bureau) -> None:
    portal = subscribe(bureau.county)
    portal.active = False
    change(subscription=portal, ends=None, by=None, at=AT)
    swept(bureau.station)
    gather(at=AT)
    portal.active = True
    change(subscription=portal, ends=None, by=None, at=AT + MINUTE)
    swept(bureau.sibling)

    gather(at=AT + 2 * MINUTE)

    assert {one["unit"] for one in events_for(portal)} == {"X2"}
    assert Subscription.objects.get().since == AT + MINUTE


def test_many_events_are_cut_into_bodies_in_their_order(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_EVENTS", 4)
    portal = subscribe(bureau.county)
    swept(bureau.station, bureau.sibling, bureau.station)

    report = gather(at=AT)

    assert list(Delivery.objects.order_by("pk").values_list("size", flat=True)) == [4, 4, 1]
    ids = [int(one["id"].partition(":")[2]) for one in events_for(portal)]
    assert ids == sorted(AlertStep.objects.values_list("pk", flat=True))
    assert (report.bodies, report.events, report.more) == (3, 9, False)


def test_a_round_is_bounded_and_the_next_goes_on(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_EVENTS", 4)
    portal = subscribe(bureau.county)
    swept(bureau.station, bureau.sibling, bureau.station)

    first = gather(at=AT, most=2)
    second = gather(at=AT, most=2)

    assert (first.events, first.more, second.events, second.more) == (8, True, 1, False)
    assert len(events_for(portal)) == 9


def test_a_body_takes_the_same_few_statements_however_many_events_it_holds(bureau: Bureau) -> None:
    subscribe(bureau.county)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            gather(at=AT)
        return len(asked)

    swept(bureau.station)
    few = statements()
    swept(*[bureau.station] * 20)
    many = statements()

    assert few == many
    assert Delivery.objects.latest("pk").size == 60


def test_what_a_delivery_says_is_on_record_before_it_leaves(bureau: Bureau) -> None:
    subscribe(bureau.county)
    swept(bureau.station)

    gather(at=AT)

    delivery, step = Delivery.objects.get(), DeliveryStep.objects.get()
    assert (step.action, step.digest) == ("queued", hashlib.sha256(delivery.body.encode()).hexdigest())


# -- beside others -----------------------------------------------------------------------------------------------------


def test_a_place_that_another_round_moved_meanwhile_is_left_to_it(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = subscribe(bureau.county)
    swept(bureau.station)
    read, inside = gathering.next_events, list[int]()

    def overtaken(*args: Any, **named: Any) -> Any:
        found = read(*args, **named)
        if not inside:
            inside.append(1)
            gather(at=AT)
        return found

    monkeypatch.setattr(gathering, "next_events", overtaken)

    report = gather(at=AT)

    assert report.bodies == 0
    assert len(events_for(portal)) == 3


def test_a_ledger_that_is_being_written_is_left_for_the_next_round(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = subscribe(bureau.county)
    swept(bureau.station)
    with monkeypatch.context() as busy:
        busy.setattr(gathering, "settled_top", lambda model: None)
        first = gather(at=AT)

    second = gather(at=AT)

    assert (first.busy, first.events, second.events) == (["alerts"], 0, 3)
    assert len(events_for(portal)) == 3


def test_without_subscriptions_no_ledger_is_looked_at(bureau: Bureau) -> None:
    swept(bureau.station)

    with CaptureQueriesContext(connection) as asked:
        gather(at=AT)

    assert len(asked) == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: ids come as rows do")
@pytest.mark.django_db(transaction=True)
def test_a_step_that_is_committed_after_a_higher_one_is_not_missed() -> None:
    bureau = make_bureau()
    make_catalogue()
    swept(bureau.station)
    portal, given = subscribe(bureau.county), AlertStep.objects.order_by("pk")[0]
    written, may_commit = Flag(), Flag()

    def step(action: str, at: datetime) -> AlertStep:
        return AlertStep(
            clock_id=given.clock_id, due_at=given.due_at, action=action, level=Level.RED, due_moment=at, found_at=at
        )

    def slowly() -> None:
        try:
            with transaction.atomic():
                AlertStep.objects.bulk_create([step(Action.HANDED, AT)])
                written.set()
                may_commit.wait(30)
        finally:
            connection.close()

    slow = Thread(target=slowly)
    slow.start()
    assert written.wait(30)
    AlertStep.objects.bulk_create([step(Action.REOPENED, AT)])
    meanwhile = gather(at=AT)
    may_commit.set()
    slow.join()

    gather(at=AT + MINUTE)

    assert (meanwhile.busy, meanwhile.events) == (["alerts"], 0)
    assert [one["event"] for one in events_for(portal)] == ["alert.handed", "alert.reopened"]
