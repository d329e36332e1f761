"""What the database itself keeps."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.bulletins.models import (
    Bulletin,
    BulletinPlan,
    BulletinState,
    BulletinStep,
    Letter,
    LetterState,
    LetterStep,
    Recipient,
)
from supervision.bulletins.services import compose_monthly, plan_unit, submit
from tests.supervision.bulletins.factories import (
    APRIL_FIRST,
    MARCH,
    County,
    issued,
    letter_to,
    make_officer,
    make_reader,
    moment,
)

ONE = "one@example.cn"


def refused(act: Any) -> bool:
    """Whether the database refuses the act."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda rows: rows.update(html="<p>好</p>"), id="its HTML"),
        pytest.param(lambda rows: rows.update(figures={}), id="its figures"),
        pytest.param(lambda rows: rows.update(state=BulletinState.DRAFT, issued_at=None), id="its being issued"),
        pytest.param(lambda rows: rows.update(title="别的"), id="its title"),
        pytest.param(lambda rows: rows._raw_delete(rows.db), id="its being there"),
    ],
)
def test_nothing_of_an_issued_bulletin_can_be_changed(place: County, act: Any) -> None:
    bulletin = issued(place.county)

    assert refused(lambda: act(Bulletin.objects.filter(pk=bulletin.pk)))
    assert Bulletin.objects.get(pk=bulletin.pk).title == bulletin.title


def test_a_draft_can_be_changed(place: County) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    Bulletin.objects.filter(pk=draft.pk).update(title="草稿")

    assert Bulletin.objects.get().title == "草稿"


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda rows: rows.update(action="issue"), id="changed"),
        pytest.param(lambda rows: rows.update(note="后补"), id="annotated"),
        pytest.param(lambda rows: rows._raw_delete(rows.db), id="removed"),
    ],
)
def test_a_step_of_a_bulletin_cannot_be(place: County, act: Any) -> None:
    compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    assert refused(lambda: act(BulletinStep.objects.all()))
    assert [step.action for step in BulletinStep.objects.all()] == ["compose"]


def test_an_issued_bulletin_is_archived_once_and_for_good(place: County) -> None:
    issued(place.county)
    rows = Bulletin.objects.all()

    rows.update(state=BulletinState.ARCHIVED, archived_at=APRIL_FIRST)

    assert refused(lambda: rows.update(state=BulletinState.ISSUED, archived_at=None))
    assert refused(lambda: rows.update(archived_at=moment("2026-05-01")))
    assert refused(lambda: rows.update(title="别的"))
    assert Bulletin.objects.get().archived_at == APRIL_FIRST


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": BulletinState.SUBMITTED}, id="submitted by nobody"),
        pytest.param({"state": BulletinState.SIGNED, "signed_at": APRIL_FIRST}, id="signed by nobody"),
        pytest.param({"state": BulletinState.ISSUED, "issued_at": APRIL_FIRST}, id="issued without a number"),
        pytest.param({"number": "某公法监月通〔2026〕1号"}, id="numbered before it is issued"),
        pytest.param({"state": BulletinState.ARCHIVED}, id="archived never"),
        pytest.param({"archived_at": APRIL_FIRST}, id="a draft in the archive"),
        pytest.param({"wrong": "漏数"}, id="wrong about nothing"),
        pytest.param({"ends_on": MARCH}, id="about no day"),
    ],
)
def test_a_bulletin_cannot_be(place: County, changes: dict[str, Any]) -> None:
    compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)

    assert refused(lambda: Bulletin.objects.update(**changes))


def test_nobody_signs_what_he_submitted_even_by_hand_in_the_table(place: County) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    officer = make_officer(place.county)
    submit(bulletin=draft, by=officer, at=APRIL_FIRST)

    signed = {"state": BulletinState.SIGNED, "signer": officer, "signed_at": APRIL_FIRST}
    assert refused(lambda: Bulletin.objects.update(**signed))


def test_a_number_is_given_once(place: County) -> None:
    issued(place.county)
    draft = compose_monthly(unit=place.county, month=date(2026, 2, 1), at=APRIL_FIRST)

    assert refused(
        lambda: Bulletin.objects.filter(pk=draft.pk).update(
            state=BulletinState.ISSUED, issued_at=APRIL_FIRST, year=2026, serial=1, number="又一个1号"
        )
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kind": "special"}, id="of what has an occasion of its own"),
        pytest.param({"weekday": 7}, id="on an eighth day of the week"),
        pytest.param({"working_day": 0}, id="on the day before the first"),
        pytest.param({"working_day": 16}, id="on a day a month may not have"),
        pytest.param({"kind": "daily"}, id="twice"),
    ],
)
def test_a_plan_cannot_be(place: County, changes: dict[str, Any]) -> None:
    plan_unit(unit=place.county, at=APRIL_FIRST)

    assert refused(lambda: BulletinPlan.objects.filter(kind="weekly").update(**changes))


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda rows: rows.update(action="sent"), id="changed"),
        pytest.param(lambda rows: rows.update(note="后补"), id="annotated"),
        pytest.param(lambda rows: rows._raw_delete(rows.db), id="removed"),
    ],
)
def test_a_step_of_a_letter_cannot_be(place: County, act: Any) -> None:
    issued(place.county, ONE)

    assert refused(lambda: act(LetterStep.objects.all()))
    assert [step.action for step in LetterStep.objects.all()] == ["queued"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"state": LetterState.SENT, "next_try_at": None}, id="sent without a moment"),
        pytest.param({"sent_at": APRIL_FIRST}, id="a moment without being sent"),
        pytest.param({"state": LetterState.SENDING, "next_try_at": None}, id="being sent by nobody"),
        pytest.param({"state": LetterState.SENDING, "claimed_at": APRIL_FIRST}, id="being sent and waiting"),
        pytest.param({"state": LetterState.FAILED, "next_try_at": None}, id="failed without a reason"),
        pytest.param({"state": LetterState.DOUBTFUL}, id="doubtful since never"),
        pytest.param({"next_try_at": None}, id="queued for never"),
        pytest.param({"state": "lost"}, id="in no known state"),
    ],
)
def test_a_letter_cannot_be(place: County, changes: dict[str, Any]) -> None:
    issued(place.county, ONE)

    assert refused(lambda: Letter.objects.update(**changes))


def test_a_recipient_gets_a_bulletin_in_one_letter(place: County) -> None:
    issued(place.county, ONE)
    letter = letter_to(ONE)

    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(
            bulletin=letter.bulletin,
            recipient=letter.recipient,
            message_id="<other@x>",
            queued_at=APRIL_FIRST,
            next_try_at=APRIL_FIRST,
        )


def test_a_unit_has_one_bulletin_a_month(place: County) -> None:
    draft = compose_monthly(unit=place.county, month=MARCH, at=APRIL_FIRST)
    draft.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save(force_insert=True)


@pytest.mark.parametrize("half", ["neither", "both", "no name", "no address"])
def test_a_recipient_is_an_officer_or_an_address(place: County, half: str) -> None:
    officer = make_officer(place.county)
    fields: dict[str, Any] = {
        "neither": {},
        "both": {"officer": officer, "name": "王", "address": ONE},
        "no name": {"address": ONE},
        "no address": {"name": "王"},
    }[half]

    with pytest.raises(IntegrityError), transaction.atomic():
        Recipient.objects.create(entered_at=APRIL_FIRST, **fields, **place.county.scope_ids)


def test_an_address_is_a_units_recipient_once_and_may_be_another_units_too(place: County) -> None:
    make_reader(place.county, ONE)
    make_reader(place.a, ONE)

    with pytest.raises(IntegrityError), transaction.atomic():
        Recipient.objects.create(name="王", address="ONE@example.cn", entered_at=APRIL_FIRST, **place.county.scope_ids)


def test_letters_say_what_they_are(place: County) -> None:
    bulletin = issued(place.county, ONE)

    assert str(letter_to(ONE)) == f"{bulletin} → one"
    assert str(LetterStep.objects.get()) == "排队"
    assert list(Letter.objects.ripe(moment("2026-04-01 08:29"))) == []
