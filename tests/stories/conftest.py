"""Stories are told under the law as shipped, with the seeds loaded once for a file of them."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="module")
def law(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The shipped catalogue, in a transaction around all tests of the file; each test's own lies inside it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)
