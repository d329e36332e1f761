"""What somebody may do comes from his posts."""

import pytest
from django.contrib.auth.models import Permission

from cases.models import Officer, Role
from cases.roles import plan_roles
from cases.services import end_post
from tests.cases.factories import Bureau, day, make_bureau, make_officer


@pytest.fixture
def bureau(db: None) -> Bureau:
    plan_roles()
    return make_bureau()


def _fresh(officer: Officer) -> Officer:
    return Officer.objects.get(pk=officer.pk)


def test_a_permission_given_to_one_account_by_itself_does_not_count(bureau: Bureau) -> None:
    officer = make_officer("100001", bureau.station, Role.CASE_OFFICER)
    assert not _fresh(officer).has_perm("rectification.verify_order")

    officer.user_permissions.add(Permission.objects.get(codename="verify_order"))

    assert not _fresh(officer).has_perm("rectification.verify_order")


def test_what_a_post_allows_ends_with_it(bureau: Bureau) -> None:
    officer = make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)
    assert _fresh(officer).has_perm("rectification.verify_order")

    end_post(post=officer.posts.get(), until_on=day("2026-04-01"))

    assert not _fresh(officer).has_perm("rectification.verify_order")
