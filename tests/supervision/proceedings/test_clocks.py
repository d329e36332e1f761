"""The shipped limits of these kinds run and end by the verbs of this room; every row with its article and literal dates.

2026-05-01 to 05 are days off; Saturday 05-09 is worked.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from cases.models import Clock, ClockState
from supervision.proceedings import services
from supervision.proceedings.models import Dispute, Review, Transfer
from tests.cases.factories import day, make_bureau, moment
from tests.supervision.proceedings.factories import (
    County,
    a_dispute,
    a_review,
    a_suit,
    a_transfer,
    due_on,
    ended,
    make_people,
)

pytestmark = pytest.mark.django_db

LATER = moment("2026-07-01 10:00")


@pytest.fixture(scope="module")
def law(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The shipped catalogue, for all tests of the file."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture
def county(law: None, db: None) -> County:
    return make_people(make_bureau())


def clock(row: Dispute | Review | Transfer, limit: str) -> Clock:
    return Clock.objects.get(matter=row.matter_id, limit__code=limit)


def ends(row: Dispute | Review | Transfer, limit: str) -> tuple[ClockState, bool | None]:
    found = clock(row, limit)
    return ClockState(found.state), found.late


def running(row: Dispute | Review | Transfer) -> set[str]:
    rows = Clock.objects.filter(matter=row.matter_id, state=ClockState.RUNNING)
    return set(rows.values_list("limit__code", flat=True))


# -- when our time to answer is over -----------------------------------------------------------------------------------

ANSWERS = (
    # 行政复议法第四十八条: ten working days, the day of receipt not counted. From 04-27: 28, 29, 30, 05-06 to 09, 11, 12, 13.
    ("reconsideration", False, "2026-03-02", "recon_reply_10wd", "2026-03-16"),
    ("reconsideration", False, "2026-04-27", "recon_reply_10wd", "2026-05-13"),
    # 行政复议法第五十四条: five working days in the simplified procedure.
    ("reconsideration", True, "2026-03-02", "recon_reply_10wd", "2026-03-09"),
    # 行政诉讼法第六十七条: fifteen days; 2026-03-17 is an ordinary Tuesday, 03-29 a Sunday and rolled to Monday.
    ("suit", False, "2026-03-02", "suit_answer_15d", "2026-03-17"),
    ("suit", False, "2026-03-14", "suit_answer_15d", "2026-03-30"),
)


@pytest.mark.parametrize(("track", "simplified", "received", "limit", "due"), ANSWERS)
def test_the_time_to_answer_runs_from_the_copy_and_ends_with_the_answer(
    county: County, track: str, simplified: bool, received: str, limit: str, due: str
) -> None:
    review = a_review(county, track=track, simplified=simplified, received_on=day(received), at=LATER)
    assert running(review) == {limit}
    assert due_on(review, limit) == day(due)

    services.answer_review(review=review, on=day(due), document_number="", by=county.legal, at=LATER)

    assert ends(review, limit) == (ClockState.STOPPED, False)


def test_an_answer_a_day_late_is_late(county: County) -> None:
    review = a_review(county, at=LATER)

    services.answer_review(review=review, on=day("2026-03-17"), document_number="", by=county.legal, at=LATER)

    assert ends(review, "recon_reply_10wd") == (ClockState.STOPPED, True)


@pytest.mark.parametrize(
    ("on", "late"),
    [("2026-03-10", False), ("2026-03-20", True)],
)
def test_what_is_withdrawn_unanswered_leaves_no_clock_running(county: County, on: str, late: bool) -> None:
    """行政复议法第四十一条: it ends; what was over by then stays over."""
    review = ended(county, a_review(county, at=LATER), "withdrawn", on=on, at=LATER)

    assert running(review) == set()
    assert ends(review, "recon_reply_10wd") == (ClockState.STOPPED, late)


def test_a_suit_that_is_judged_leaves_no_clock_running(county: County) -> None:
    suit = ended(county, a_suit(county, at=LATER), "withdrawn", on="2026-03-10", at=LATER)

    assert running(suit) == set()


def test_an_opinion_is_reported_on_in_sixty_days(county: County) -> None:
    """行政复议法第七十六条: sixty days from 2026-03-23 are 2026-05-22, an ordinary Friday."""
    review = ended(county, a_review(county, at=LATER), "revoked", at=LATER)
    services.receive_opinion(review=review, on=day("2026-03-23"), to_correct="改正", by=county.legal, at=LATER)
    assert due_on(review, "recon_correct_60d") == day("2026-05-22")

    services.report_correction(review=review, on=day("2026-05-22"), correction="已改", by=county.legal, at=LATER)

    assert ends(review, "recon_correct_60d") == (ClockState.STOPPED, False)


# -- transfers ---------------------------------------------------------------------------------------------------------

REVIEWS = (
    # 行政执法机关移送涉嫌犯罪案件的规定第八条: three days; an economic case by its own rule (公通字〔2017〕25号第十六条).
    ("2026-03-02 10:00", False, "xlj_review_3d", "2026-03-05"),
    ("2026-03-02 10:00", True, "econ_transfer_review_3d", "2026-03-05"),
    # The third day is Sunday 2026-03-08: rolled to Monday.
    ("2026-03-05 10:00", False, "xlj_review_3d", "2026-03-09"),
)


@pytest.mark.parametrize(("handed", "economic", "limit", "due"), REVIEWS)
@pytest.mark.parametrize("taken", [True, False])
def test_three_days_run_from_the_hand_over_and_end_with_the_decision_whatever_it_is(
    county: County, handed: str, economic: bool, limit: str, due: str, taken: bool
) -> None:
    transfer = a_transfer(county, handed_at=moment(handed), economic=economic, at=LATER)
    assert running(transfer) == {limit}
    assert due_on(transfer, limit) == day(due)

    if taken:
        services.accept_transfer(transfer=transfer, on=day(due), document_number="", by=county.head, at=LATER)
    else:
        services.refuse_transfer(
            transfer=transfer, on=day(due), reason="没有犯罪事实", returned_on=None, by=county.head, at=LATER
        )

    assert ends(transfer, limit) == (ClockState.STOPPED, False)


def due_at(row: Transfer, limit: str) -> datetime | None:
    return clock(row, limit).due_at


def test_missing_papers_are_said_within_a_day_to_the_minute(county: County) -> None:
    """公安机关办理刑事案件程序规定第一百八十条."""
    transfer = a_transfer(county, incomplete=True, at=LATER)
    assert due_at(transfer, "xlj_supplement_notify_24h") == moment("2026-03-03 10:00")

    services.ask_supplement(
        transfer=transfer, asked_at=moment("2026-03-03 09:59"), missing="清单", by=county.head, at=LATER
    )

    assert ends(transfer, "xlj_supplement_notify_24h") == (ClockState.STOPPED, False)
    assert running(transfer) == {"xlj_review_3d"}


def test_a_case_for_another_agency_is_sent_on_within_a_day(county: County) -> None:
    """移送规定第七条; a minute over is late."""
    transfer = a_transfer(county, elsewhere=True, at=LATER)
    assert due_at(transfer, "xlj_misroute_24h") == moment("2026-03-03 10:00")

    services.redirect_transfer(
        transfer=transfer, redirected_at=moment("2026-03-03 10:01"), on=day("2026-03-03"), reason="转邻县",
        by=county.head, at=LATER,
    )  # fmt: skip

    assert ends(transfer, "xlj_misroute_24h") == (ClockState.STOPPED, True)
    assert running(transfer) == set()


def test_what_the_agency_asks_us_to_reconsider_is_decided_in_three_days(county: County) -> None:
    """公安机关办理刑事案件程序规定第一百八十一条: three days from Friday 2026-03-06 are Monday 2026-03-09."""
    transfer = services.refuse_transfer(
        transfer=a_transfer(county, at=LATER), on=day("2026-03-04"), reason="无罪", returned_on=None, by=county.head,
        at=LATER,
    )  # fmt: skip
    services.appeal_refusal(transfer=transfer, on=day("2026-03-06"), by=county.head, at=LATER)
    assert due_on(transfer, "xlj_reconsider_decide_3d") == day("2026-03-09")

    services.decide_appeal(
        transfer=transfer, on=day("2026-03-09"), filed=False, conclusion="维持", by=county.head, at=LATER
    )

    assert ends(transfer, "xlj_reconsider_decide_3d") == (ClockState.STOPPED, False)


def test_the_procuratorate_is_answered_in_seven_days_and_obeyed_in_fifteen(county: County) -> None:
    """公安机关办理刑事案件程序规定第一百八十二条: 2026-03-16 and 2026-03-31 are ordinary days."""
    transfer = services.refuse_transfer(
        transfer=a_transfer(county, at=LATER), on=day("2026-03-04"), reason="无罪", returned_on=None, by=county.head,
        at=LATER,
    )  # fmt: skip
    services.require_reasons(transfer=transfer, on=day("2026-03-09"), by=county.legal, at=LATER)
    assert due_on(transfer, "proc_explain_7d") == day("2026-03-16")
    services.explain_refusal(transfer=transfer, on=day("2026-03-16"), text="理由", by=county.legal, at=LATER)
    services.order_filing(transfer=transfer, on=day("2026-03-16"), by=county.legal, at=LATER)
    assert due_on(transfer, "proc_notify_file_15d") == day("2026-03-31")

    services.file_as_ordered(transfer=transfer, on=day("2026-03-31"), text="立字1号", by=county.legal, at=LATER)

    assert ends(transfer, "proc_explain_7d") == ends(transfer, "proc_notify_file_15d") == (ClockState.STOPPED, False)
    assert running(transfer) == set()


def test_no_limit_in_law_runs_on_a_dispute_nor_on_what_we_hand_to_others(county: County) -> None:
    dispute = a_dispute(county, at=LATER)
    out = a_transfer(county, direction="out", at=LATER)

    assert not Clock.objects.filter(matter__in=(dispute.matter_id, out.matter_id)).exists()
