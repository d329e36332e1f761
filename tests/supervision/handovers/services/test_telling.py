"""The receiver is told once, whoever answers for it then."""

from datetime import timedelta

from cases.models import Absence
from cases.tidings import Tiding
from supervision.bulletins import sources
from supervision.handovers.gathering import Asked
from supervision.handovers.queries import still_stands, untold
from supervision.handovers.services import mark_told, tell_again
from tests.supervision.handovers.factories import AT, House, begin, carried, case, everything


def tidings(**how: object) -> list[Tiding]:
    return list(untold(at=AT, **how))  # type: ignore[arg-type]


def test_the_receiver_is_told_once_of_all_of_it(house: House) -> None:
    everything(house)
    row = begin(house, to=house.taker)
    assert tidings() == []
    carried(row)

    told = tidings()
    assert [(one.officer_id, one.text, one.link) for one in told] == [
        (
            house.taker.pk,
            f"{row.number}：民警100001的事项 2 件、整改 1 件、盯办 1 件已移交给您（调离）",
            f"/handovers/{row.pk}/",
        )
    ]
    assert mark_told([told[0].key], at=AT) == 1 and mark_told([told[0].key], at=AT) == 0
    assert tidings() == []
    assert still_stands([told[0].key, "alerts.alert:1:red", "handovers.handover:x:done"]) == {told[0].key}


def test_without_a_receiver_the_head_of_the_unit_is_told_to_distribute(house: House) -> None:
    case(house, "A-1")
    carried(begin(house, by=house.legal, whose=Asked(unit=house.station), unit=house.bureau.sibling))

    (told,) = tidings()

    assert told.officer_id == house.next_door.pk and "请分派经办人" in told.text


def test_who_stands_in_is_told_and_told_again_after_the_post(house: House) -> None:
    case(house, "A-1")
    carried(begin(house, to=house.taker))
    Absence.objects.create(officer=house.taker, deputy=house.head, from_on=AT.date(), until_on=AT.date())

    (told,) = tidings()
    assert told.officer_id == house.head.pk
    mark_told([told.key], at=AT)
    assert tell_again([told.key], at=AT) == 1

    assert [one.key for one in tidings()] == [told.key]


def test_nobody_is_told_of_nothing_nor_of_what_he_took_himself_nor_out_of_hours(house: House) -> None:
    case(house, "A-1")
    row = begin(house, to=house.taker)
    Absence.objects.create(officer=house.taker, deputy=house.leaver, from_on=AT.date(), until_on=AT.date())
    carried(row)
    assert row.moved == 0 and tidings() == []

    carried(begin(house, to=house.head))

    assert tidings() == [] and tidings(urgent=True) == []


def test_the_bulletins_ask_this_room(house: House) -> None:
    case(house, "A-1")
    carried(begin(house, to=house.taker))
    (source,) = [one for one in sources.SOURCES if one.name == "handovers"]

    (told,) = source.queries.untold(at=AT + timedelta(minutes=1), urgent=False)

    assert source.owns(told.key) and source.follows_the_post
