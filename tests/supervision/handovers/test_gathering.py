"""What there is to hand over: in whose reach, in which order, and why something cannot go."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import BarringGround, Officer
from cases.services import bar
from supervision.handovers.gathering import Asked, Line, Receiver, gather
from supervision.handovers.rules import Thing
from supervision.rectification.models import Order
from tests.cases.factories import make_case, record
from tests.supervision.followup.factories import items_of
from tests.supervision.handovers.factories import AT, OVERDUE, House, case, everything, follow, order


def lines(house: House, by: Officer, **asked: object) -> list[Line]:
    whose = Asked(**(asked or {"officer": house.leaver}))  # type: ignore[arg-type]
    return gather(whose, to=None, by=by, at=AT)


def test_the_most_urgent_comes_first_and_each_kind_by_itself(house: House) -> None:
    follow(house)
    order(house)
    case(house, "A-2", filed="2026-02-20")
    case(house, "A-1", filed=OVERDUE)
    make_case("A-0", house.station, house.leaver)

    found = lines(house, house.head)

    assert [(line.mark.thing, line.number) for line in found if line.mark.thing != Thing.ORDER] == [
        (Thing.MATTER, "A-1"),
        (Thing.MATTER, "F-1"),
        (Thing.MATTER, "A-2"),
        (Thing.MATTER, "A-0"),
        (Thing.FOLLOWED, "F-1"),
    ]
    assert [line.stays for line in found[:2]] == [True, False]


def test_only_what_is_open_his_and_in_reach_is_there(house: House) -> None:
    case(house, "A-1")
    record(case(house, "closed"), "closed", "2026-02-10")
    case(house, "other", officer=house.taker)
    case(house, "beside", unit=house.bureau.sibling)
    answered = order(house)
    Order.objects.filter(pk=answered.pk).update(state="replied", replied_at=AT, replied_by=house.leaver)
    make_case("letter", house.station, house.leaver, filed="2026-02-20", kind="letter")

    def matters(by: Officer) -> list[str]:
        return [line.number for line in lines(house, by) if line.mark.thing == Thing.MATTER]

    assert [line.number for line in lines(house, house.head)] == ["A-1"]
    assert matters(house.legal) == ["A-1", "beside"]
    for stranger in (house.next_door, house.county.stranger, house.leaver, house.county.leader):
        assert "A-1" not in matters(stranger)
    assert matters(house.next_door) == ["beside"]


def test_a_unit_an_officer_in_one_unit_and_picked_matters_can_be_asked_for(house: House) -> None:
    first, beside = case(house, "A-1"), case(house, "beside", unit=house.bureau.sibling)
    case(house, "other", officer=house.taker)

    def numbers(**asked: object) -> list[str]:
        return [line.number for line in lines(house, house.legal, **asked)]

    assert numbers(unit=house.station) == ["A-1", "other"]
    assert numbers(officer=house.leaver, unit=house.station) == ["A-1"]
    assert numbers(matters=(first.pk, beside.pk, 999_999)) == ["A-1", "beside"]
    assert gather(Asked(), to=None, by=house.legal, at=AT) == []


def test_items_and_instructions_of_a_followed_case_say_their_days(house: House) -> None:
    one = follow(house)
    item = items_of(one)[0]
    item.officer = house.taker
    item.save()

    (line,) = lines(house, house.head, officer=house.taker)

    assert (line.name, line.mark.officer_id) == ("提纲事项 1 件", house.taker.pk)
    assert [(one.name, one.due) for one in line.running] == [("提纲事项“列明原因”", f"{item.due_on:%Y-%m-%d}")]


def test_it_is_said_why_something_cannot_go(house: House) -> None:
    barred, his = case(house, "A-1"), case(house, "A-2", officer=house.taker)
    follow(house)
    bar(matter=barred, officer=house.taker, ground=BarringGround.INTEREST, by=None, at=AT)

    def why(to: Receiver, **asked: object) -> dict[str, str]:
        whose = Asked(**asked)  # type: ignore[arg-type]
        found = gather(whose, to=to, by=house.legal, at=AT)
        return {f"{line.mark.thing}/{line.number}": line.why for line in found}

    to_taker = why(Receiver(house.station, house.taker), officer=house.leaver)
    assert "回避" in to_taker["matter/A-1"] and to_taker["matter/F-1"] == to_taker["followed/F-1"] == ""
    assert "请指定接收人" in why(Receiver(house.bureau.sibling), officer=house.leaver)["followed/F-1"]
    again = why(Receiver(house.station, house.taker), matters=(his.pk,))
    assert again["matter/A-2"] == "已经由城关派出所民警100002办理，不必移交"


def test_it_asks_the_same_number_of_questions_for_one_and_for_three(house: House) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            gather(
                Asked(officer=house.leaver),
                to=Receiver(house.station, house.taker),
                by=Officer.objects.get(pk=house.head.pk),
                at=AT,
            )
        return len(questions)

    everything(house)
    one = asked()
    for n in (2, 3):
        case(house, f"A-{n}")
        order(house, f"S-{n}")
        follow(house, f"F-{n}")

    assert asked() == one


@pytest.mark.parametrize("most", [1, 2])
def test_no_more_is_gathered_than_can_be_handed_over_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    everything(house)
    monkeypatch.setattr("supervision.handovers.gathering.MOST", most)

    assert len(lines(house, house.head)) == most
