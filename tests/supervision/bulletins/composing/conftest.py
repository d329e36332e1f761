"""The county that is small enough to check by hand, played once a file."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.supervision.evaluation.county import County, indicators, march


@pytest.fixture(scope="module")
def played(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[County]:
    """The county under the shipped law; every test's own changes are undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0)
        indicators(minimum=1)
        county = march()
        with django_db_blocker.block():
            yield county
        transaction.set_rollback(True)


@pytest.fixture
def county(played: County, db: None) -> County:
    return played
