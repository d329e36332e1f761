"""Ends that were recorded on the matter itself become the item's."""

import pytest

from cases.services import record_event
from supervision.property import services
from supervision.property.models import Item
from tests.cases.factories import moment
from tests.supervision.property.factories import FROZEN, County, actions, take

pytestmark = pytest.mark.django_db

LATER = moment("2026-03-12 10:00")


@pytest.mark.parametrize(
    ("frozen", "kind", "state"),
    [
        (False, "property_returned", "returned"),
        (False, "property_disposed", "disposed"),
        (True, "asset_unfrozen", "returned"),
    ],
)
def test_the_watch_takes_over_an_end_and_does_it_once(county: County, frozen: bool, kind: str, state: str) -> None:
    item = take(county, known=FROZEN) if frozen else take(county)
    record_event(
        matter=item.matter, kind=kind, occurred_at=LATER, by=county.officer, at=LATER, document_number="清 1 号"
    )

    services.watch(at=LATER)
    services.watch(at=LATER)

    item.refresh_from_db()
    assert (item.state, item.ended_at) == (state, LATER)
    assert "清 1 号" in item.outcome
    assert actions(item) == ["registered", state]


def test_what_is_still_held_stays_held(county: County) -> None:
    item = take(county)

    services.watch(at=LATER)

    assert Item.objects.get(pk=item.pk).is_held
