"""The ledger of warnings through the page: to read, in scope, and nothing else."""

import pytest
from django.test import Client

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.alerts.models import AlertStep
from supervision.alerts.services import sweep
from tests.cases.factories import Bureau, make_case, make_officer, moment


@pytest.fixture
def steps(bureau: Bureau, catalogue: None) -> None:
    plan_roles()
    make_case("A-1", bureau.station, filed="2026-03-10")
    make_case("XF-1", bureau.station, None, filed="2026-03-10", kind="letter")
    sweep(at=moment("2026-04-10 09:00"))


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def test_the_ledger_shows_when_a_level_was_due_and_when_it_was_found(steps: None, bureau: Bureau) -> None:
    page = browser(make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)).get("/alerts/alertstep/").content.decode()

    assert "A-1" in page
    # Seven days before 9 April, found on the 10th.
    assert "2026-04-02 00:00" in page
    assert "2026-04-10 09:00" in page


def test_steps_on_restricted_matters_and_of_other_units_are_not_in_it(steps: None, bureau: Bureau) -> None:
    near = browser(make_officer("100003", bureau.legal, Role.LEGAL_OFFICER)).get("/alerts/alertstep/")
    far = browser(make_officer("100010", bureau.other_county, Role.LEGAL_OFFICER)).get("/alerts/alertstep/")

    assert "XF-1" not in near.content.decode()
    assert "A-1" not in far.content.decode()


def test_nothing_is_written_in_it_by_hand(steps: None, bureau: Bureau) -> None:
    root = browser(Officer.objects.create_superuser("root", "建站账号", bureau.county, None))
    step = AlertStep.objects.order_by("pk")[0]

    assert root.get("/alerts/alertstep/add/").status_code == 403
    assert root.post(f"/alerts/alertstep/{step.pk}/change/", {"level": "1"}).status_code == 404
    assert root.post(f"/alerts/alertstep/{step.pk}/delete/", {"post": "yes"}).status_code == 403
