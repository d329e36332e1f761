"""Two at once: one answer, one check, one finding, whoever comes first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from cases.models import Feedback, Grade
from supervision.rectification.models import Order
from supervision.returnvisits import services
from supervision.returnvisits.models import Channel, Check, Notice
from supervision.returnvisits.services import ReturnVisitRefused, SlipRefused
from supervision.returnvisits.services.checking import Demand
from supervision.returnvisits.services.slips import USED
from tests.cases.factories import moment
from tests.supervision.returnvisits.factories import LATER, check_of, draw, make_county, negative, visits_in

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act: Callable[[int], object], times: int = 3) -> list[object]:
    """What the act came to in several threads that begin together: its answer, or what it was refused with."""
    gate = Barrier(times)

    def one(number: int) -> object:
        try:
            gate.wait(20)
            return act(number)
        except (ReturnVisitRefused, SlipRefused) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_of_three_answers_by_one_slip_one_counts_and_the_others_are_thanked() -> None:
    county = make_county()
    visit = visits_in(draw(county))[0]
    token = services.issue_slip(visit=visit, by=county.legal, at=LATER)

    came = at_once(lambda _: services.answer_by_slip(token=token, grade=Grade.DISSATISFIED, text="", at=LATER))

    refused = [one for one in came if isinstance(one, SlipRefused)]
    assert [str(one) for one in refused] == [USED, USED]
    assert (Feedback.objects.count(), Check.objects.count()) == (1, 1)


def test_of_three_findings_one_stands_and_one_order_is_issued() -> None:
    county = make_county()
    check = negative(county)

    came = at_once(
        lambda _: services.conclude_check(
            check=check_of(check.visit), upheld=True, text="属实", by=county.legal, at=LATER,
            demand=Demand(county.problem, "请改正"),
        )
    )  # fmt: skip

    assert sum(isinstance(one, Check) for one in came) == 1
    assert Order.objects.count() == 1


def test_an_answer_and_the_end_of_the_round_do_not_pass_each_other() -> None:
    county = make_county()
    drawn = draw(county)
    visit = visits_in(drawn)[0]
    after = moment("2026-03-17 09:00")

    def act(number: int) -> object:
        if number == 0:
            return services.close_round(visit_round=drawn, by=county.legal, at=after)
        fresh = visits_in(drawn)[0]
        return services.record_answer(
            visit=fresh, channel=Channel.TELEPHONE, grade=Grade.DISSATISFIED, text="", by=county.legal, at=after
        )

    at_once(act, 2)

    drawn.refresh_from_db()
    # Either the answer came first, and its check keeps the round open; or the round is over, and there is no answer.
    assert drawn.is_open == Check.objects.filter(visit=visit, finding="open").exists()


def test_two_watches_at_once_leave_word_once() -> None:
    county = make_county()
    negative(county)
    late = moment("2026-03-18 09:00")

    at_once(lambda _: services.watch(at=late), 2)

    assert Notice.objects.filter(what__endswith="over").count() == 2
