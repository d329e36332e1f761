"""What the database keeps by itself."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.handovers.models import Handover, HandoverItem, Outcome, State
from tests.supervision.handovers.factories import AT, House, begin, carried, everything


@pytest.mark.parametrize(
    "changes",
    [
        {"document_number": "", "note": ""},
        {"total": 0},
        {"moved": 9},
        {"state": State.DONE},
        {"state": State.DONE, "done_at": AT},
        {"done_at": AT},
        {"tell_since": AT},
    ],
)
def test_a_handover_says_its_ground_and_is_done_when_it_is_whole(house: House, changes: dict[str, Any]) -> None:
    everything(house)
    row = begin(house, to=house.taker)

    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(pk=row.pk).update(**changes)


@pytest.mark.parametrize("column", ["from_officer", "from_unit", "to_unit", "to_officer", "by"])
def test_who_handed_what_to_whom_cannot_be_changed_later(house: House, column: str) -> None:
    everything(house)
    row = begin(house, to=house.taker)
    other = house.bureau.sibling if column.endswith("unit") else house.legal

    with pytest.raises(DatabaseError, match="移交单"), transaction.atomic():
        Handover.objects.filter(pk=row.pk).update(**{column: other})


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.MOVED},
        {"outcome": Outcome.KEPT, "done_at": AT},
        {"outcome": Outcome.KEPT, "done_at": AT, "why": ""},
        {"outcome": Outcome.MOVED, "done_at": AT, "why": "x"},
        {"why": "x"},
    ],
)
def test_a_line_says_what_became_of_it_when_and_why_not(house: House, changes: dict[str, Any]) -> None:
    everything(house)
    row = begin(house, to=house.taker)

    with pytest.raises(IntegrityError), transaction.atomic():
        HandoverItem.objects.filter(handover=row, place=1).update(**changes)


def test_a_line_is_written_once_filled_in_once_and_never_deleted(house: House) -> None:
    everything(house)
    item = carried(begin(house, to=house.taker)).items.first()
    assert item is not None and item.outcome == Outcome.MOVED

    for act in (
        lambda: HandoverItem.objects.filter(pk=item.pk).update(number="x"),
        lambda: HandoverItem.objects.filter(pk=item.pk).update(outcome=Outcome.KEPT, why="x"),
        lambda: HandoverItem.objects.filter(pk=item.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_thing_stands_on_a_handover_once(house: House) -> None:
    everything(house)
    item = begin(house, to=house.taker).items.get(place=1)
    item.pk, item.place = None, 99

    with pytest.raises(IntegrityError), transaction.atomic():
        item.save(force_insert=True)


def test_a_line_is_of_one_thing(house: House) -> None:
    everything(house)
    row = begin(house, to=house.taker)
    matter, order = row.items.filter(what="matter").first(), row.items.get(what="order")
    assert matter is not None
    order.pk, order.place, order.order_id, order.matter_id, order.case_id = None, 99, None, None, None

    with pytest.raises(IntegrityError), transaction.atomic():
        order.save(force_insert=True)


def test_it_is_told_who_gave_and_who_took(house: House) -> None:
    everything(house)
    row = begin(house, to=house.taker)

    assert str(row) == f"移交〔2026〕{row.pk}号"
    assert (row.giver, row.receiver, row.ground) == ("民警100001", "城关派出所民警100002", "人〔2026〕1号")
