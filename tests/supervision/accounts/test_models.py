"""What the database itself refuses."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import Officer, Post, Role
from supervision.accounts.models import Authenticator, Outcome, PastPassword, RecoveryCode, SignIn
from supervision.accounts.services import note
from tests.cases.factories import Bureau, day
from tests.supervision.accounts.factories import AT, DESK, enrol


def test_nobody_grants_himself_a_post(officer: Officer, bureau: Bureau) -> None:
    with pytest.raises(IntegrityError, match="post_granted_by_another"), transaction.atomic():
        Post.objects.create(
            officer=officer, unit=bureau.county, role=Role.LEADER, from_on=day("2026-01-01"), granted_by=officer
        )
    with pytest.raises(IntegrityError, match="post_granted_by_another"), transaction.atomic():
        officer.posts.update(granted_by=officer)


def test_nobody_takes_his_own_second_factor_away(officer: Officer, guard: Officer) -> None:
    with pytest.raises(IntegrityError, match="second_factor_reset_by_another"), transaction.atomic():
        note(officer=guard, outcome=Outcome.FACTOR_RESET, visitor=DESK, at=AT, by=guard)

    note(officer=officer, outcome=Outcome.FACTOR_RESET, visitor=DESK, at=AT, by=guard)
    note(officer=guard, outcome=Outcome.FACTOR_RESET, visitor=DESK, at=AT)


def test_only_a_number_that_is_nobodys_has_no_officer(db: None) -> None:
    with pytest.raises(IntegrityError, match="sign_in_has_an_officer"), transaction.atomic():
        SignIn.objects.create(at=AT, number="100001", outcome=Outcome.SIGNED_IN)


@pytest.mark.parametrize("changes", [{"failures": 10}, {"failures": 11}, {"locked_at": AT}])
def test_locked_is_who_spoiled_all_his_tries(officer: Officer, changes: dict[str, Any]) -> None:
    enrol(officer)

    with pytest.raises(IntegrityError, match="authenticator_locked_by_spoiled_tries"), transaction.atomic():
        Authenticator.objects.update(**changes)


def test_a_recovery_code_stands_once_on_its_sheet(officer: Officer) -> None:
    enrol(officer)
    known = RecoveryCode.objects.all()[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        RecoveryCode.objects.create(authenticator=known.authenticator, digest=known.digest)


def test_the_ledger_is_only_added_to(officer: Officer) -> None:
    row = note(officer=officer, outcome=Outcome.SIGNED_IN, visitor=DESK, at=AT)

    for act in (lambda: SignIn.objects.filter(pk=row.pk).update(address=""), lambda: SignIn.objects.all().delete()):
        with pytest.raises(DatabaseError, match="只能追加"), transaction.atomic():
            act()


def test_passwords_in_use_are_dated_and_entered_when_the_product_is_renewed(officer: Officer, bureau: Bureau) -> None:
    PastPassword.objects.all().delete()
    Officer.objects.update(password_set_at=None)
    nobody = Officer.objects.create_user("100077", "无密码", bureau.station)

    for _ in range(2):
        import_module("cases.migrations.0013_date_passwords").date_passwords(apps, None)
        import_module("supervision.accounts.migrations.0003_enter_passwords_in_use").enter_passwords(apps, None)

    officer.refresh_from_db()
    nobody.refresh_from_db()
    [entered] = PastPassword.objects.all()
    assert (entered.officer, entered.hash, entered.set_at) == (officer, officer.password, officer.password_set_at)
    assert nobody.password_set_at is None
