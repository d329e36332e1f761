"""The ledger of orders and the catalogue of problems through the page: to read, in scope, and nothing else."""

from cases.models import Officer
from cases.services import name_handler
from supervision.rectification.models import Order, OrderStep, Problem
from tests.cases.factories import Bureau, make_case
from tests.supervision.rectification.conftest import Opened
from tests.supervision.rectification.factories import AT, order_for

LEDGER = "/rectification/orderstep/"


def test_the_ledger_shows_what_happened_to_whoever_may_see_it(
    desk: Opened, order: Order, legal_officer: Officer, stranger: Officer
) -> None:
    page = desk(legal_officer).get(LEDGER).content.decode()

    assert order.number in page and "2026-05-19 09:00" in page
    assert order.number not in desk(stranger).get(LEDGER).content.decode()


def test_steps_on_restricted_matters_are_not_in_it(
    desk: Opened, bureau: Bureau, officer: Officer, legal_officer: Officer
) -> None:
    letter = make_case("XF-1", bureau.station, kind="letter")
    name_handler(matter=letter, officer=officer, role="officer", at=AT)
    order = order_for(bureau.station, officer, by=None, matter=letter)

    assert order.number not in desk(legal_officer).get(LEDGER).content.decode()
    assert order.number in desk(officer).get(LEDGER).content.decode()


def test_nothing_is_written_in_it_by_hand(desk: Opened, bureau: Bureau, order: Order) -> None:
    root = desk(Officer.objects.create_superuser("root", "建站账号", bureau.county, None))
    step, problem = OrderStep.objects.get(), Problem.objects.get(code="slip")

    assert root.get(f"{LEDGER}add/").status_code == 403
    assert root.post(f"{LEDGER}{step.pk}/change/", {"text": "改"}).status_code == 404
    assert root.post(f"{LEDGER}{step.pk}/delete/", {"post": "yes"}).status_code == 403
    assert root.post(f"/rectification/problem/{problem.pk}/change/", {"name": "改"}).status_code == 403


def test_the_catalogue_of_problems_names_its_articles(desk: Opened, officer: Officer) -> None:
    page = desk(officer).get("/rectification/problem/").content.decode()

    assert "《测试法》第九条" in page
