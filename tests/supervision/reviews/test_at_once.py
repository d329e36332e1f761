"""Several act at once: a form is handed in once, and every finding has one order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from supervision.rectification.models import Order
from supervision.reviews.models import FormState, Line, ReviewForm
from supervision.reviews.services import Finding, ReviewRefused, file_form, watch
from tests.supervision.reviews.factories import LATER, County, draw, form_of, make_county

pytestmark = pytest.mark.django_db(transaction=True)

SERVED = Finding("served", "flaw", 3, "迟送二日")


def at_once(act: Callable[[], object], times: int = 3) -> list[object]:
    """What the act came to in several threads that begin together: its answer, or what it was refused with."""
    gate = Barrier(times)

    def one(_: int) -> object:
        try:
            gate.wait(20)
            return act()
        except ReviewRefused as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.fixture
def county() -> County:
    return make_county()


def test_a_form_that_is_handed_in_three_times_at_once_is_handed_in_once(county: County) -> None:
    draw(county)

    def hand_in() -> object:
        form = form_of("A1")
        assert form.reviewer is not None
        return file_form(form=form, add=(SERVED,), strike=(), opinion="阅", by=form.reviewer, at=LATER)

    came = at_once(hand_in)

    assert sum(isinstance(one, ReviewForm) for one in came) == 1
    assert Line.objects.count() == 1 and form_of("A1").score == 97


def test_three_watches_at_once_issue_every_order_once(county: County) -> None:
    draw(county)
    for number in ("A1", "A2", "B1"):
        form = form_of(number)
        assert form.reviewer is not None
        file_form(form=form, add=(SERVED, SERVED), strike=(), opinion="阅", by=form.reviewer, at=LATER)

    at_once(lambda: watch(at=LATER + timedelta(days=10)))

    assert Order.objects.count() == 6
    assert not Line.objects.filter(order=None).exists()
    assert ReviewForm.objects.filter(state=FormState.FINAL).count() == 3
