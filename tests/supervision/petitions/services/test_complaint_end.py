"""What a complaint may still need: more time, another look, and in the end that nothing of a person is left of it."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from cases.models import Clock, Event, HandlingRole, Matter, Officer, Role
from supervision.petitions import refusals
from supervision.petitions.models import Complainant, Complaint, ComplaintDisposal, ComplaintStage
from supervision.petitions.queries import borne_out_share
from supervision.petitions.services import (
    PetitionRefused,
    accept_complaint,
    ask_complaint_disposal,
    close_complaint,
    complaint_extendable,
    complaint_extension_untold,
    confirm_complaint_disposal,
    extend_complaint,
    find,
    look_at_complainant,
    name_complaint_handler,
    order_for_complaint,
    reopen_complaint,
    reply_to_complaint,
    rotate_keys,
    take_in,
    tell_complaint_extension,
)
from supervision.rectification.models import Order, Problem
from supervision.retention.services import hold_matter
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.petitions.factories import AT, LI, WANG, make_complaint

LATER = moment("2026-11-02 10:00")
TEN_YEARS_ON = moment("2036-09-14 10:00")
REASON = "调取值班录像认定"


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def claim(bureau: Bureau, registrar: Officer) -> Complaint:
    """A claim taken in hand on Friday 11 September."""
    made = make_complaint(bureau, registrar)
    accept_complaint(complaint=made, category="claim", on=day("2026-09-11"), by=registrar, at=AT)
    return made


@pytest.fixture
def second(bureau: Bureau, registrar: Officer, claim: Complaint) -> Officer:
    officer = make_officer("500001", bureau.legal, Role.LEGAL_OFFICER)
    name_complaint_handler(complaint=claim, officer=officer, role=HandlingRole.LEGAL, by=registrar, at=AT)
    return officer


def concluded(complaint: Complaint, by: Officer, verdict: str = "verified", on: str = "2026-09-14") -> None:
    at = moment(f"{on} 10:00")
    find(complaint=complaint, verdict=verdict, reason=REASON, by=by, at=at)
    reply_to_complaint(complaint=complaint, on=day(on), by=by, at=at)
    close_complaint(complaint=complaint, on=day(on), note="", by=by, at=at)


def seen(complaint: Complaint) -> Complaint:
    return Complaint.objects.get(pk=complaint.pk)


# -- more time ---------------------------------------------------------------------------------------------------------


def due_on(complaint: Complaint) -> str:
    return f"{Clock.objects.get(matter=complaint.pk, limit__code='xf_complete_60d').due_on}"


EXTENSIONS = [
    # article, approved by, told of on, literal last day, why
    ("信访工作条例 第三十四条", "", "", "2026-11-10", "sixty days from acceptance on 11 September"),
    ("信访工作条例 第三十四条", "county_leader", "", "2026-11-10", "approved and not told of: it does not count"),
    ("信访工作条例 第三十四条", "county_leader", "2026-11-02", "2026-12-10", "thirty days more once told of"),
    ("信访工作条例 第三十四条", "department_head", "2026-11-02", "2026-11-10", "who approved it stands too low"),
]


@pytest.mark.parametrize(("article", "approver", "told_on", "due", "why"), EXTENSIONS)
def test_an_extension_counts_once_it_is_approved_high_enough_and_told_of(
    claim: Complaint, registrar: Officer, article: str, approver: str, told_on: str, due: str, why: str
) -> None:
    if approver:
        extend_complaint(
            complaint=claim, on=day("2026-11-02"), approver=approver, ground="情况复杂", by=registrar, at=LATER
        )
    if told_on:
        tell_complaint_extension(complaint=claim, on=day(told_on), by=registrar, at=LATER)

    clock = Clock.objects.get(matter=claim.pk, limit__code="xf_complete_60d")
    assert due_on(claim) == due
    assert f"{clock.limit.law} {clock.limit.article}" == article
    assert complaint_extension_untold(claim) == bool(approver and not told_on)


def test_what_is_not_extended(claim: Complaint, bureau: Bureau, registrar: Officer) -> None:
    told = {"on": day("2026-11-02"), "approver": "county_leader", "by": registrar, "at": LATER}
    accusation = make_complaint(bureau, registrar, channel_number="GD-2")
    with pytest.raises(PetitionRefused, match="现在是“已登记”"):
        extend_complaint(complaint=accusation, ground="情况复杂", **told)
    accept_complaint(complaint=accusation, category="accusation", on=day("2026-09-11"), by=registrar, at=AT)
    for complaint, ground, words in (
        (accusation, "情况复杂", refusals.NO_TERM_TO_EXTEND),
        (claim, " ", refusals.REASON_NEEDED),
    ):
        with pytest.raises(PetitionRefused, match=words):
            extend_complaint(complaint=complaint, ground=ground, **told)
    with pytest.raises(PetitionRefused, match=refusals.NOTHING_TO_TELL):
        tell_complaint_extension(complaint=claim, on=day("2026-11-02"), by=registrar, at=LATER)

    extend_complaint(complaint=claim, ground="情况复杂", **told)
    with pytest.raises(PetitionRefused, match=refusals.EXTENDED_ALREADY):
        extend_complaint(complaint=claim, ground="情况复杂", **told)
    tell_complaint_extension(complaint=claim, on=day("2026-11-02"), by=registrar, at=LATER)
    with pytest.raises(PetitionRefused, match=refusals.NOTHING_TO_TELL):
        tell_complaint_extension(complaint=claim, on=day("2026-11-02"), by=registrar, at=LATER)

    assert Event.objects.filter(matter=claim.pk, kind__code="petition_extended").count() == 1


def test_after_the_answer_no_days_run_that_could_be_lengthened_and_what_was_not_told_of_is_idle(
    claim: Complaint, bureau: Bureau, registrar: Officer
) -> None:
    told = {"on": day("2026-11-02"), "approver": "county_leader", "ground": "情况复杂", "by": registrar, "at": LATER}
    plain = make_complaint(bureau, registrar, channel_number="GD-2")
    accept_complaint(complaint=plain, category="claim", on=day("2026-09-11"), by=registrar, at=AT)
    extend_complaint(complaint=claim, **(told | {"on": day("2026-09-14"), "at": moment("2026-09-14 09:00")}))
    for one in (claim, plain):
        concluded(seen(one), registrar)
        again(seen(one), registrar)

    assert not complaint_extension_untold(seen(claim))
    with pytest.raises(PetitionRefused, match=refusals.NOTHING_TO_TELL):
        tell_complaint_extension(complaint=seen(claim), on=day("2026-11-02"), by=registrar, at=LATER)
    with pytest.raises(PetitionRefused, match=refusals.NO_TERM_AFTER_REPLY):
        extend_complaint(complaint=seen(plain), **told)
    assert not complaint_extendable(seen(plain))


# -- another look ------------------------------------------------------------------------------------------------------

SEPTEMBER = {"begins": moment("2026-09-01"), "ends": moment("2026-10-01")}


def again(complaint: Complaint, by: Officer, **told: Any) -> None:
    fields = {"why": "提供了新的录音", "on": day("2026-11-02"), "at": LATER} | told
    reopen_complaint(complaint=complaint, by=by, **fields)


def test_what_was_found_counts_no_more_once_it_is_looked_into_again_and_is_kept_beside_it(
    claim: Complaint, bureau: Bureau, registrar: Officer
) -> None:
    concluded(claim, registrar)
    assert borne_out_share(bureau.station, **SEPTEMBER).numerator == 1
    assert Matter.objects.get(pk=claim.pk).closed_at is not None

    again(seen(claim), registrar)

    row, kept = seen(claim), claim.reopenings.get()
    assert (row.stage, row.verdict, row.replied_at, row.closed_at, row.retain_until) == (
        ComplaintStage.REOPENED, "", None, None, None,
    )  # fmt: skip
    assert (kept.verdict, kept.verdict_reason, kept.found_by, kept.why) == (
        "verified", REASON, registrar, "提供了新的录音",
    )  # fmt: skip
    assert borne_out_share(bureau.station, **SEPTEMBER).denominator == 0
    assert Matter.objects.get(pk=claim.pk).closed_at is None
    assert "原认定：属实，不再算数" in claim.steps.get(act="重新核查").text


def test_it_is_found_and_answered_anew_and_no_statutory_days_run_for_that(claim: Complaint, registrar: Officer) -> None:
    concluded(claim, registrar)
    again(seen(claim), registrar)
    assert not Clock.objects.running().filter(matter=claim.pk, limit__code="xf_complete_60d").exists()

    concluded(seen(claim), registrar, verdict="not_verified", on="2026-11-03")

    row = seen(claim)
    assert (row.stage, row.verdict, f"{row.retain_until}") == (ComplaintStage.CLOSED, "not_verified", "2036-11-03")


def test_the_order_that_went_out_stays_with_what_was_found_then_and_another_may_follow_it(
    claim: Complaint, registrar: Officer
) -> None:
    Problem.objects.create(code="slow", name="拖延办案", fault="期限", law="某法", article="第一条")
    find(complaint=claim, verdict="verified", reason=REASON, by=registrar, at=AT)
    order = order_for_complaint(complaint=claim, problem="slow", text="立即补正。", by=registrar, at=AT)
    reply_to_complaint(complaint=claim, on=day("2026-09-11"), by=registrar, at=AT)

    again(seen(claim), registrar)
    find(complaint=claim, verdict="partly", reason="再次核查", by=registrar, at=LATER)

    assert claim.reopenings.get().order_number == order.number
    assert seen(claim).order_number == ""
    # The room below says which one is open.
    with pytest.raises(PetitionRefused, match="同一来源已有未结的"):
        order_for_complaint(complaint=claim, problem="slow", text="再补正。", by=registrar, at=LATER)
    assert Order.objects.count() == 1


def test_what_was_taken_into_it_is_open_again_with_it(claim: Complaint, bureau: Bureau, registrar: Officer) -> None:
    other = make_complaint(bureau, registrar, channel="12389", channel_number="JB-1")
    take_in(complaint=other, into=claim, by=registrar, at=AT)
    concluded(claim, registrar)

    again(seen(claim), registrar)

    assert Matter.objects.get(pk=other.pk).closed_at is None
    concluded(seen(claim), registrar, on="2026-11-03")
    assert Matter.objects.get(pk=other.pk).closed_at is not None


def test_what_is_not_looked_into_again(claim: Complaint, bureau: Bureau, registrar: Officer) -> None:
    with pytest.raises(PetitionRefused, match="现在是“核查中”"):
        again(claim, registrar)
    concluded(claim, registrar)
    with pytest.raises(PetitionRefused, match=refusals.REASON_NEEDED):
        again(claim, registrar, why=" ")
    with pytest.raises(PetitionRefused, match=refusals.ONLY_HANDLERS):
        again(claim, make_officer("100009", bureau.legal, Role.LEGAL_OFFICER))

    assert seen(claim).stage == ComplaintStage.CLOSED


# -- disposal ----------------------------------------------------------------------------------------------------------


def test_it_is_kept_until_its_time_and_not_disposed_of_before_it_is_closed(
    claim: Complaint, registrar: Officer
) -> None:
    with pytest.raises(PetitionRefused, match=refusals.COMPLAINT_NOT_RESTING):
        ask_complaint_disposal(complaint=claim, reason="期满", by=registrar, at=TEN_YEARS_ON)
    concluded(claim, registrar)

    assert f"{seen(claim).retain_until}" == "2036-09-14"
    with pytest.raises(PetitionRefused, match="2036-09-14"):
        ask_complaint_disposal(complaint=claim, reason="期满", by=registrar, at=moment("2036-09-13 10:00"))


def test_one_on_hold_is_not_disposed_of_even_where_it_was_taken_into_another(
    claim: Complaint, bureau: Bureau, registrar: Officer, second: Officer
) -> None:
    other = make_complaint(bureau, registrar, channel="12389", channel_number="JB-1", complainant=WANG)
    name_complaint_handler(complaint=other, officer=second, role=HandlingRole.LEGAL, by=registrar, at=AT)
    take_in(complaint=other, into=claim, by=registrar, at=AT)
    concluded(claim, registrar)
    at = moment("2036-11-03 10:00")
    ask_complaint_disposal(complaint=claim, reason="保存期满", by=registrar, at=at)
    hold_matter(matter=other.matter, reason="诉讼", by=registrar, at=at)

    with pytest.raises(PetitionRefused, match=refusals.ON_HOLD):
        confirm_complaint_disposal(complaint=claim, by=second, at=at)

    assert Complainant.objects.filter(sealed="").count() == 0


def test_two_people_dispose_of_it_and_nothing_of_the_person_nor_of_the_words_is_left(
    claim: Complaint, bureau: Bureau, registrar: Officer, second: Officer
) -> None:
    other = make_complaint(bureau, registrar, channel="12389", channel_number="JB-1", complainant=WANG)
    name_complaint_handler(complaint=other, officer=second, role=HandlingRole.LEGAL, by=registrar, at=AT)
    take_in(complaint=other, into=claim, by=registrar, at=AT)
    concluded(claim, registrar)
    again(seen(claim), registrar)
    concluded(seen(claim), registrar, on="2026-11-03")
    at, subject = moment("2036-11-03 10:00"), claim.subject
    with pytest.raises(PetitionRefused, match=refusals.NO_REQUEST):
        confirm_complaint_disposal(complaint=claim, by=second, at=at)
    ask_complaint_disposal(complaint=claim, reason="保存期满", by=registrar, at=at)
    with pytest.raises(PetitionRefused, match=refusals.SAME_PERSON):
        confirm_complaint_disposal(complaint=claim, by=registrar, at=at)
    with pytest.raises(PetitionRefused, match=refusals.DONE_ALREADY):
        ask_complaint_disposal(complaint=claim, reason="保存期满", by=second, at=at)

    confirm_complaint_disposal(complaint=claim, by=second, at=at)

    assert set(Complainant.objects.values_list("sealed", "key", "identity_digest", "phone_digest")) == {
        ("", "", "", "")
    }
    tables = ("petitions_complaint", "petitions_complainant", "petitions_complaintreopening", "cases_matter")
    stored = everything_in(*tables)
    words = [*LI.values(), *WANG.values(), subject, other.subject, REASON]
    assert [word for word in words if any(word in text for text in stored)] == []
    assert seen(claim).matter.number in stored and seen(claim).verdict == "verified"
    assert claim.steps.filter(act="销毁").exists() and other.steps.filter(act="销毁").exists()
    with pytest.raises(PetitionRefused, match="已经销毁"):
        look_at_complainant(complaint=claim, reason="联系", by=registrar, at=at)
    with pytest.raises(PetitionRefused, match="已经销毁"):
        again(seen(claim), registrar, at=at)
    assert rotate_keys().unreadable == []


def everything_in(*tables: str) -> list[str]:
    found: list[str] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(value) for row in cursor.fetchall() for value in row]
    return found


def test_who_asked_before_it_was_looked_into_again_asked_for_nothing(
    claim: Complaint, registrar: Officer, second: Officer
) -> None:
    concluded(claim, registrar)
    ask_complaint_disposal(complaint=claim, reason="期满", by=registrar, at=TEN_YEARS_ON)

    again(seen(claim), registrar, on=day("2036-09-14"), at=TEN_YEARS_ON)

    assert not ComplaintDisposal.objects.exists()
    with pytest.raises(PetitionRefused, match=refusals.NO_REQUEST):
        confirm_complaint_disposal(complaint=claim, by=second, at=TEN_YEARS_ON)
