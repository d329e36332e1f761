"""What handlers of complaints are told, and that a handler who is away is told once and not every day."""

from datetime import date, timedelta

import pytest
from django.core.mail import EmailMessage

from cases.models import Absence, HandlingRole, Officer, Role
from supervision.alerts.models import Alert
from supervision.alerts.queries import untold as untold_warnings
from supervision.alerts.services import sweep
from supervision.bulletins.models import Letter, NoticeLine
from supervision.bulletins.services import compose_notices, send_letters
from supervision.petitions.models import Complaint
from supervision.petitions.queries import matters_behind, still_stands, untold
from supervision.petitions.services import (
    accept_complaint,
    assign_handler,
    close_complaint,
    extend,
    extend_complaint,
    find,
    name_complaint_handler,
    reply_to_complaint,
    take_in,
    tell_complaint_extension,
    tell_received,
)
from supervision.petitions.services.deciding import decide, tell_extension
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.petitions.factories import AT, Scene, make_complaint

# Received on Friday 11 September: ten days on is Monday the 21st.
TENTH_DAY = "2026-09-21 09:00"


def told(at: str) -> dict[str, int]:
    return {one.key.split(":")[0].removeprefix("petitions."): one.officer_id for one in untold(at=moment(at))}


@pytest.fixture
def complaint(bureau: Bureau, registrar: Officer) -> Complaint:
    return make_complaint(bureau, registrar, reply_asked_on=date(2026, 9, 24))


def test_the_notice_and_the_day_asked_for_are_told_of_as_work_opens_until_they_are_met(
    registrar: Officer, complaint: Complaint
) -> None:
    assert told("2026-09-21 08:59") == {}
    assert told(TENTH_DAY) == {"complaint_notice": registrar.pk, "complaint_reply": registrar.pk}
    at = moment("2026-09-21 10:00")

    tell_received(complaint=complaint, on=at.date(), by=registrar, at=at)
    assert told("2026-09-22 09:00") == {"complaint_reply": registrar.pk}

    accept_complaint(complaint=complaint, category="accusation", on=at.date(), by=registrar, at=at)
    find(complaint=complaint, verdict="cannot", reason="没有记录", by=registrar, at=at)
    reply_to_complaint(complaint=complaint, on=at.date(), by=registrar, at=at)
    assert told("2026-09-22 09:00") == {}


def test_the_words_name_numbers_and_days_and_nothing_that_was_said(registrar: Officer, complaint: Complaint) -> None:
    number = complaint.matter.number
    said = {one.text: one.link for one in untold(at=moment(TENTH_DAY))}

    assert said == {
        f"投诉举报 {number} 尚未书面告知接收情况，告知期限将至": f"/complaints/{complaint.pk}/",
        f"投诉举报 {number} 尚未答复，交办单位要求 09-24 前答复": f"/complaints/{complaint.pk}/",
    }


def test_who_gave_no_name_is_owed_no_notice(bureau: Bureau, registrar: Officer) -> None:
    make_complaint(bureau, registrar, anonymous=True)

    assert told("2026-12-01 09:00") == {}


def test_of_the_notice_the_warning_speaks_once_there_is_one_and_nobody_is_told_twice(
    registrar: Officer, complaint: Complaint
) -> None:
    """The clock of the notice ends on 28 September; its warning begins three days before."""
    sweep(at=moment("2026-09-28 09:00"))
    assert Alert.objects.filter(clock__matter=complaint.pk).count() == 1

    warned = [one.officer_id for one in untold_warnings(at=moment("2026-09-28 09:00"))]

    assert warned == [registrar.pk]
    assert told("2026-09-28 09:00") == {"complaint_reply": registrar.pk}


def test_the_sixty_days_of_a_claim_are_told_of_by_the_warning_alone(registrar: Officer, complaint: Complaint) -> None:
    tell_received(complaint=complaint, on=AT.date(), by=registrar, at=AT)
    accept_complaint(complaint=complaint, category="claim", on=AT.date(), by=registrar, at=AT)
    Complaint.objects.update(tell_reply_since=None)
    sweep(at=moment("2026-11-09 09:00"))

    assert [one.officer_id for one in untold_warnings(at=moment("2026-11-09 09:00"))] == [registrar.pk]
    assert told("2026-11-09 09:00") == {}


def test_an_extension_nobody_was_told_of_is_told_of_from_the_next_worked_day(
    registrar: Officer, complaint: Complaint
) -> None:
    accept_complaint(complaint=complaint, category="claim", on=AT.date(), by=registrar, at=AT)
    tell_received(complaint=complaint, on=AT.date(), by=registrar, at=AT)
    extend_complaint(
        complaint=complaint, on=AT.date(), approver="county_leader", ground="情况复杂", by=registrar, at=AT
    )
    assert "complaint_extension" not in told("2026-09-13 09:00")
    assert told("2026-09-14 09:00") == {"complaint_extension": registrar.pk}
    keys = [one.key for one in untold(at=moment("2026-09-14 09:00"))]

    tell_complaint_extension(complaint=complaint, on=AT.date(), by=registrar, at=AT)

    assert told("2026-09-14 09:00") == {}
    assert still_stands(keys) == set()
    assert matters_behind(keys) == dict.fromkeys(keys, complaint.pk)


def test_an_untold_extension_of_a_petition_is_told_of_too(scene: Scene) -> None:
    petition, by = scene.petition, scene.registrar
    decide(petition=petition, route="claim_other", on=AT.date(), by=by, at=AT)
    extend(petition=petition, on=AT.date(), approver="county_leader", ground="情况复杂", by=by, at=AT)
    assert told("2026-09-14 09:00") == {"extension": by.pk}

    tell_extension(petition=petition, on=AT.date(), by=by, at=AT)

    assert told("2026-09-14 09:00") == {}


def test_what_was_taken_into_another_still_owes_its_notice_and_no_answer(
    bureau: Bureau, registrar: Officer, complaint: Complaint
) -> None:
    other = make_complaint(bureau, registrar, channel="12389", channel_number="JB-1")
    take_in(complaint=complaint, into=other, by=registrar, at=AT)

    keys = {one.key for one in untold(at=moment(TENTH_DAY))}

    assert keys == {f"petitions.complaint_notice:{pk}:due" for pk in (complaint.pk, other.pk)}


def test_of_what_is_closed_nothing_is_told(registrar: Officer, complaint: Complaint) -> None:
    accept_complaint(complaint=complaint, category="accusation", on=AT.date(), by=registrar, at=AT)
    find(complaint=complaint, verdict="cannot", reason="没有记录", by=registrar, at=AT)
    reply_to_complaint(complaint=complaint, on=AT.date(), by=registrar, at=AT)
    close_complaint(complaint=complaint, on=AT.date(), note="", by=registrar, at=AT)

    assert told("2026-12-01 09:00") == {}


def test_nobody_but_a_handler_who_may_see_it_is_told(bureau: Bureau, registrar: Officer, complaint: Complaint) -> None:
    mover = make_officer("100009", bureau.legal, Role.LEGAL_OFFICER)
    name_complaint_handler(complaint=complaint, officer=mover, role=HandlingRole.OFFICER, by=registrar, at=AT)
    assert set(told(TENTH_DAY).values()) == {mover.pk}

    Officer.objects.filter(pk=mover.pk).update(unit=bureau.station)

    assert set(told(TENTH_DAY).values()) == {registrar.pk}


# -- a handler who is away ---------------------------------------------------------------------------------------------

NINE = moment(TENTH_DAY)


def away(officer: Officer, deputy: Officer, until: str = "2026-10-08") -> None:
    Absence.objects.create(
        officer=officer, deputy=deputy, from_on=date(2026, 9, 20), until_on=date.fromisoformat(until)
    )


def test_who_is_away_with_nobody_else_to_tell_is_told_once_and_once_more_when_he_is_back(
    scene: Scene, mailoutbox: list[EmailMessage]
) -> None:
    deputy = make_officer("100009", scene.bureau.legal, Role.LEGAL_OFFICER)
    Officer.objects.filter(pk=scene.registrar.pk).update(email="li@example.cn")
    away(scene.registrar, deputy)
    left = []

    for number in range(22):
        morning = NINE + timedelta(days=number)
        compose_notices(at=morning)
        send_letters(at=morning + timedelta(minutes=1))
        left.append((f"{morning:%m-%d}", len(mailoutbox)))

    days = [f"{line.notice.day}" for line in NoticeLine.objects.select_related("notice").order_by("pk")]
    # Back on Friday 9 October, the first worked day after the holiday; only then a letter is of use to him.
    assert days == ["2026-09-21", "2026-10-09"]
    assert list(Letter.objects.order_by("pk").values_list("state", flat=True)) == ["dropped", "sent"]
    assert next(day for day, letters in left if letters) == "10-09"
    assert not NoticeLine.objects.filter(officer=deputy).exists()


def test_his_deputy_is_told_in_his_place_if_he_handles_it_too(scene: Scene) -> None:
    deputy = make_officer("100009", scene.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=scene.petition, officer=deputy, role=HandlingRole.INSPECTOR, by=scene.registrar, at=AT)
    assert told(TENTH_DAY) == {"notice": scene.registrar.pk}

    away(scene.registrar, deputy)

    assert told(TENTH_DAY) == {"notice": deputy.pk}


def test_another_who_does_the_work_is_told_where_the_deputy_does_not_handle_it(scene: Scene) -> None:
    other = make_officer("100008", scene.bureau.legal, Role.LEGAL_OFFICER)
    stranger = make_officer("100009", scene.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=scene.petition, officer=other, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)
    away(scene.registrar, stranger)

    assert told(TENTH_DAY) == {"notice": other.pk}
