"""What nobody handles any more: the nearest leader who may know is asked to name somebody, and nobody else hears of it."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.duty import DutyRoster
from cases.models import Handling, HandlingRole, Matter, Officer, Post, Role
from cases.queries import handlers_in_sight
from cases.roles import plan_roles
from cases.services import assign_post
from supervision.bulletins.models import NoticeLine
from supervision.bulletins.services import compose_notices
from supervision.petitions.models import Complaint, Petition
from supervision.petitions.queries import complaints_of, still_stands, untold
from supervision.petitions.refusals import HANDLED_ALREADY, NOT_ASKED_TO_NAME
from supervision.petitions.services import (
    PetitionRefused,
    accuse_in_complaint,
    mark_told,
    name_complaint_handler,
    name_where_nobody_handles,
    tell_again,
)
from supervision.petitions.unattended import asked_to_name, to_be_given, unattended
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.petitions.factories import AT, make_complaint, make_petition

NINE = moment("2026-09-14 09:00")


@pytest.fixture
def complaint(bureau: Bureau, registrar: Officer) -> Complaint:
    return make_complaint(bureau, registrar)


def fresh(officer: Officer) -> Officer:
    return Officer.objects.get(pk=officer.pk)


def asked(complaint: Complaint) -> list[Officer]:
    return asked_to_name(Matter.objects.get(pk=complaint.pk), DutyRoster(NINE))


def gone(officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(is_active=False)


# -- what is unattended ------------------------------------------------------------------------------------------------


def left_in_use(bureau: Bureau, officer: Officer) -> None:
    """Nothing happens to him."""


def out_of_use(bureau: Bureau, officer: Officer) -> None:
    gone(officer)


def moved_to_the_accused(bureau: Bureau, officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(unit=bureau.station)


def post_among_the_accused(bureau: Bureau, officer: Officer) -> None:
    assign_post(officer=officer, unit=bureau.station, role=Role.UNIT_HEAD, from_on=date(2026, 1, 1))


def without_a_post(bureau: Bureau, officer: Officer) -> None:
    Post.objects.filter(officer=officer).delete()


def made_auditor(bureau: Bureau, officer: Officer) -> None:
    Post.objects.filter(officer=officer).update(role=Role.AUDITOR)


def handling_ended(bureau: Bureau, officer: Officer) -> None:
    Handling.objects.filter(officer=officer).update(until_at=NINE)


def moved_next_door(bureau: Bureau, officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(unit=bureau.sibling)


CHANGES = (
    left_in_use, out_of_use, moved_to_the_accused, post_among_the_accused, without_a_post, made_auditor,
    handling_ended, moved_next_door,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_one_question_finds_what_the_rule_of_sight_says_nobody_sees(
    bureau: Bureau, registrar: Officer, complaint: Complaint, change: object
) -> None:
    petition = make_petition(bureau, registrar)
    change(bureau, registrar)  # type: ignore[operator]

    seen = handlers_in_sight([complaint.pk, petition.pk])

    assert set(unattended().values_list("pk", flat=True)) == {complaint.pk, petition.pk} - set(seen)


def test_with_a_second_handler_it_is_not_unattended_and_nor_is_what_has_ended(
    bureau: Bureau, registrar: Officer, complaint: Complaint
) -> None:
    second = make_officer("500001", bureau.legal, Role.LEGAL_OFFICER)
    name_complaint_handler(complaint=complaint, officer=second, role=HandlingRole.LEGAL, by=registrar, at=AT)
    gone(registrar)
    assert not unattended().exists()

    gone(second)
    assert unattended().exists()
    Complaint.objects.filter(pk=complaint.pk).update(
        stage="closed", category="accusation", verdict="cannot", verdict_reason="无法查实", found_by=second, found_at=AT,
        replied_at=AT, closed_at=AT,
    )  # fmt: skip
    assert not unattended().exists()


# -- who is asked ------------------------------------------------------------------------------------------------------


def test_the_nearest_leader_is_asked_and_where_he_is_accused_the_one_above(
    bureau: Bureau, registrar: Officer, leader: Officer, complaint: Complaint
) -> None:
    above = make_officer("100003", bureau.city, Role.LEADER)
    assert asked(complaint) == [leader]
    accuse_in_complaint(complaint=complaint, officers=(leader,), by=registrar, at=AT)

    assert asked(complaint) == [above]


def test_a_leader_who_also_heads_the_accused_is_not_asked(
    bureau: Bureau, registrar: Officer, leader: Officer, complaint: Complaint
) -> None:
    assign_post(officer=leader, unit=bureau.station, role=Role.UNIT_HEAD, from_on=date(2026, 1, 1))

    assert asked(complaint) == []


def test_he_is_told_once_that_there_is_one_and_not_a_word_of_it(
    bureau: Bureau, registrar: Officer, leader: Officer, complaint: Complaint
) -> None:
    gone(registrar)

    compose_notices(at=NINE)
    compose_notices(at=NINE + timedelta(days=1))

    (line,) = NoticeLine.objects.all()
    assert (line.officer_id, line.link) == (leader.pk, "/petitions/unattended/")
    assert line.text == "有一件仅经办人可见的事项已经没有人经办，请指定经办人"
    assert complaint.matter.number not in line.text and "投诉" not in line.text


def test_what_he_was_told_stands_until_somebody_handles_it_and_is_told_again_to_who_follows_him(
    bureau: Bureau, registrar: Officer, leader: Officer, complaint: Complaint
) -> None:
    gone(registrar)
    keys = [one.key for one in untold(at=NINE)]
    assert mark_told(keys, at=NINE) == 1
    assert (list(untold(at=NINE)), mark_told(keys, at=NINE)) == ([], 0)
    assert still_stands(keys) == set(keys)

    gone(leader)
    successor = make_officer("100004", bureau.county, Role.LEADER)
    assert tell_again(keys, at=NINE) == 1
    assert [one.officer_id for one in untold(at=NINE)] == [successor.pk]

    second = make_officer("500001", bureau.legal, Role.LEGAL_OFFICER)
    name_where_nobody_handles(matter=complaint.matter, officer=second, role=HandlingRole.LEGAL, by=successor, at=NINE)
    assert still_stands(keys) == set()
    gone(second)
    # Left again after it was named anew: another thing to be told.
    assert [one.since for one in untold(at=NINE)] == [NINE]


# -- naming ------------------------------------------------------------------------------------------------------------


def test_who_is_not_asked_names_nobody_and_what_is_handled_is_left_to_its_handlers(
    bureau: Bureau, registrar: Officer, leader: Officer, complaint: Complaint
) -> None:
    second = make_officer("500001", bureau.legal, Role.LEGAL_OFFICER)
    told = {"matter": complaint.matter, "officer": second, "role": HandlingRole.LEGAL, "at": NINE}
    with pytest.raises(PetitionRefused, match=HANDLED_ALREADY):
        name_where_nobody_handles(by=leader, **told)
    gone(registrar)
    for by in (second, make_officer("300009", bureau.station, Role.UNIT_HEAD)):
        with pytest.raises(PetitionRefused, match=NOT_ASKED_TO_NAME):
            name_where_nobody_handles(by=by, **told)
    accused = make_officer("300001", bureau.station)
    with pytest.raises(PetitionRefused):
        name_where_nobody_handles(by=leader, **{**told, "officer": accused})

    name_where_nobody_handles(by=leader, **told)

    assert complaints_of(fresh(second)).exists()
    assert not complaints_of(fresh(leader)).exists()
    assert complaint.steps.last().text == f"{second}（法制民警），原来无人经办"


@pytest.fixture
def now(bureau: Bureau, registrar: Officer, leader: Officer) -> Petition:
    """A petition of today, whose only handler is gone."""
    petition = make_petition(bureau, registrar, received_on=f"{timezone.localdate()}", at=timezone.now())
    plan_roles()
    gone(registrar)
    return petition


def test_on_the_page_he_reads_its_number_and_unit_and_names_somebody(
    bureau: Bureau, leader: Officer, now: Petition
) -> None:
    second = make_officer("500001", bureau.legal, Role.LEGAL_OFFICER)
    client = Client()
    client.force_login(fresh(leader))
    page = client.get(reverse("petitions:unattended")).content.decode()
    heads = client.get(reverse("petitions:petitions")).content.decode()

    assert now.matter.number in page and bureau.legal.name in page
    assert now.subject not in page and bureau.station.name not in page
    assert "有 1 件信访投诉没有人经办" in heads
    wrong = client.post(reverse("petitions:give", args=(now.pk,)), {"officer": "999999", "role": "legal"})
    assert (wrong.status_code, "没有警号为“999999”的在用民警" in wrong.content.decode()) == (422, True)
    answer = client.post(reverse("petitions:give", args=(now.pk,)), {"officer": "500001", "role": "legal"}, follow=True)

    assert f"{now.matter.number} 已由{second}经办" in answer.content.decode()
    assert [one.officer for one in handlers_in_sight([now.pk])[now.pk]] == [second]


@pytest.mark.parametrize(
    ("number", "place", "role"),
    [
        ("300009", "station", Role.UNIT_HEAD),
        ("300008", "station", Role.LEADER),
        ("300007", "legal", Role.LEGAL_OFFICER),
        ("300006", "other_county", Role.LEADER),
        ("300005", "province", Role.LEADER),
    ],
)
def test_for_nobody_else_there_is_any(bureau: Bureau, now: Petition, number: str, place: str, role: Role) -> None:
    other = make_officer(number, getattr(bureau, place), role)
    client = Client()
    client.force_login(fresh(other))

    page = client.get(reverse("petitions:unattended"))

    assert to_be_given(other, timezone.now()) == []
    assert now.matter.number not in page.content.decode()
    sent = client.post(reverse("petitions:give", args=(now.pk,)), {"officer": number, "role": "legal"})
    assert sent.status_code in (403, 404)


def test_it_asks_the_database_as_often_for_three_as_for_one_where_nothing_is_unattended(
    bureau: Bureau, registrar: Officer, complaint: Complaint, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert list(unattended()) == []
    make_complaint(bureau, registrar, channel_number="GD-2")
    make_petition(bureau, registrar)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert list(unattended()) == []
