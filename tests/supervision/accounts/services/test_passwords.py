import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import Settings

from cases.models import Officer
from supervision.accounts import services
from supervision.accounts.models import OpenSession, Outcome, PastPassword
from tests.cases.factories import Bureau
from tests.supervision.accounts.factories import DESK, LATER, OTHER, PASSWORD


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("only-small-letters", "至少 3 类"),
        ("UPPERANDLOWER-", "至少 3 类"),
        ("Wo-100001-hao", "警号或者姓名"),
        ("Wo-100001-hao"[::-1], "警号或者姓名"),
        ("Wo-民警100001-9", "警号或者姓名"),
        (PASSWORD, "最近 5 次"),
        ("Short-1", "10"),
    ],
)
def test_a_password_that_is_not_good_is_refused_with_the_reason(officer: Officer, password: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, officer)

    assert said in "".join(refused.value.messages)


def test_a_good_one_is_taken(officer: Officer) -> None:
    validate_password(OTHER, officer)


def test_the_latest_so_many_are_not_chosen_again_and_older_ones_may_be(officer: Officer, settings: Settings) -> None:
    settings.PASSWORD_HISTORY = 2
    for password in (OTHER, f"{OTHER}-2"):
        officer.set_password(password)
        officer.save()

    validate_password(PASSWORD, officer)
    for password in (OTHER, f"{OTHER}-2"):
        with pytest.raises(ValidationError, match="最近 2 次"):
            validate_password(password, officer)


def test_another_may_have_what_one_had(officer: Officer, leader: Officer, settings: Settings) -> None:
    officer.set_password(OTHER)
    officer.save()

    validate_password(OTHER, leader)


def test_every_password_that_is_set_is_remembered_with_its_day_and_never_in_plain(bureau: Bureau) -> None:
    before = timezone.now()

    officer = Officer.objects.create_user("100055", "某某", bureau.station, PASSWORD)

    [kept] = PastPassword.objects.filter(officer=officer)
    officer.refresh_from_db()
    assert officer.password_set_at is not None and officer.password_set_at >= before
    assert kept.hash == officer.password and PASSWORD not in kept.hash


def test_an_account_without_a_password_has_none_to_remember(bureau: Bureau) -> None:
    officer = Officer.objects.create_user("100055", "某某", bureau.station)

    assert not PastPassword.objects.exists()
    assert officer.password_set_at is None


def test_a_password_that_another_set_ends_every_sign_in(officer: Officer, leader: Officer) -> None:
    for holder in (officer, leader):
        OpenSession.objects.create(officer=holder, session_key=holder.police_number, begun_at=LATER)

    officer.set_password(OTHER)
    officer.save()

    assert OpenSession.objects.get().officer == leader


def test_a_changed_password_is_the_officers_own_and_ends_his_other_sign_ins(officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(must_change_password=True)
    for key in ("here", "there", "elsewhere"):
        OpenSession.objects.create(officer=officer, session_key=key, begun_at=LATER)

    ended = services.change_password(officer=officer, password=OTHER, keep="here", visitor=DESK, at=LATER)

    officer.refresh_from_db()
    assert ended == 2
    assert list(OpenSession.objects.values_list("session_key", flat=True)) == ["here"]
    assert officer.check_password(OTHER)
    assert (officer.must_change_password, officer.password_set_at) == (False, LATER)
    assert officer.sign_ins.get().outcome == Outcome.PASSWORD_CHANGED
    assert PastPassword.objects.filter(officer=officer).count() == 2
