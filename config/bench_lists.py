"""The benchmark of the lists and boards of a great bureau: what each takes at most, as its users open them."""

import gc
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from django.utils import timezone

from cases.models import Limit, Matter, Officer, Role
from cases.roles import plan_roles
from config.bench import Ratio, scratch_database, without_indexes
from config.bench_alerts import great_bureau, lay_clocks, lay_matters
from config.webserver import settle
from supervision.accounts.gate import FACTOR, GIVEN
from supervision.alerts.services import sweep
from supervision.followup.models import FollowedCase, Stage
from supervision.rectification.models import Grade, Order, Problem, Source

# What a list may take on PostgreSQL, in milliseconds: its questions to the database, and the whole page.
QUESTIONS_WITHIN, PAGE_WITHIN = 20.0, 100.0

LISTS = (
    "/alerts/?state=open",
    "/alerts/?state=standing",
    "/alerts/?state=standing&level=3",
    "/alerts/?state=standing&level=2",
    "/alerts/?state=standing&mine=1",
    "/alerts/?state=withdrawn",
    "/alerts/standing/",
    "/alerts/standing/?longer=30",
    "/clocks/?state=open",
    "/clocks/?due=expired&nature=counted",
    "/matters/",
    "/orders/?state=open",
    "/orders/?state=open&overdue=1",
    "/followup/",
    "/followup/cases/?stage=open",
    "/",
)
ASKED = 40
# With fewer rows than this nothing is measured, only tried out.
FEW = 10_000


def listing(rows: int) -> list[Ratio]:
    """Each list with `rows` clocks and a fifth as many warnings: its p95 over what it may take, so below one is within.

    Its questions to the database alone, and the whole page. The slowest seen by a legal officer of a county, a leader of
    the city and a case officer, first page and the page after it.
    """
    with scratch_database():
        plan_roles()
        kind, limits, place = great_bureau()
        with without_indexes("cases_clock", "cases_matter", "cases_event"), transaction.atomic():
            first = lay_matters(place, kind, rows)
            # Half ended, a fifth warned of, the others far from their end; a few limits count for nobody.
            # The pages ask the clock on the wall, so the rows are laid out around it.
            now = timezone.now()
            lay_clocks(first, rows, place, limits, partial(_due, now), 5)
        Limit.objects.filter(pk=limits[-1]).update(nature="party_right")
        with without_indexes("alerts_alert", "alerts_alertstep"):
            sweep(at=now)
        _orders_and_followed(now)
        people = {
            "legal": place.who("B9000001", place.counties[0], Role.LEGAL_OFFICER),
            "leader": place.who("B9000002", place.city, Role.LEADER),
            "officer": place.busy_one(),
        }
        # Names of files with their digests are for a place where they have been collected.
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
            return _worst(people, ASKED if rows > FEW else 1)


def _due(now: datetime, n: int) -> datetime:
    """Of the five in ten that run, two are warned of: one long over, one soon due; three are due in months."""
    share = n % 10
    spread = timedelta(minutes=(n * 7919) % 86_400)
    if share == 5:
        return now - timedelta(days=1) - spread
    if share == 6:
        return now + timedelta(days=1) + spread / 20
    return now + timedelta(days=60) + spread


def _orders_and_followed(now: datetime) -> None:
    """One matter in fifty has an order, another is followed; the rows as the rooms leave them, without their ledgers."""
    problem = Problem.objects.create(code="bench", name="基准", fault="基准", article="基准")
    matters = Matter.objects.filter(restricted=False).order_by("pk")
    columns = ("pk", "unit_id", "city_id", "county_id", "station_id")
    orders, followed = [], []
    for n, (pk, *scope) in enumerate(matters.values_list(*columns).iterator()):
        place = dict(zip(columns[1:], scope, strict=True))
        moment = now - timedelta(days=n % 60, minutes=n % 1440)
        if n % 50 == 7:
            due_at = moment + timedelta(days=20)
            orders.append(
                Order(
                    source=Source.SUPERVISOR,
                    source_number=str(pk),
                    matter_id=pk,
                    problem=problem,
                    grade=Grade.REMINDER,
                    text="请改正",
                    issued_at=moment,
                    workdays=10,
                    first_due_on=due_at.date(),
                    due_on=due_at.date(),
                    due_at=due_at,
                    **place,
                )
            )
        elif n % 50 == 8:
            followed.append(
                FollowedCase(
                    matter_id=pk,
                    main_unit_id=place["unit_id"],
                    reason="超期未办",
                    entered_at=moment,
                    stage=Stage.INCOMPLETE,
                    stagnation_days=5,
                    last_progress_at=moment,
                    **place,
                )
            )
    Order.objects.bulk_create(orders, batch_size=2000)
    FollowedCase.objects.bulk_create(followed, batch_size=2000)
    with connection.cursor() as cursor:
        # What PostgreSQL does by itself in the hours after so many rows have come, it shall not do while pages are timed.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _worst(people: dict[str, Officer], rounds: int) -> list[Ratio]:
    asked: dict[str, float] = {}
    whole: dict[str, float] = {}
    # As the web server does before its first page; whoever asked for the figures is left as he was.
    settle()
    try:
        for officer in people.values():
            client = Client(SERVER_NAME="localhost")
            client.force_login(officer)
            # The pages are opened by somebody who has been let in.
            session = client.session
            session[FACTOR] = GIVEN
            session.save()
            for address in LISTS:
                for query in filter(None, (address, _next(client, address))):
                    questions, page = _time(client, query, rounds)
                    asked[address] = max(asked.get(address, 0), questions)
                    whole[address] = max(whole.get(address, 0), page)
    finally:
        gc.unfreeze()
    return [
        *(Ratio(f"questions {address}", asked[address] / 1000, QUESTIONS_WITHIN / 1000) for address in LISTS),
        *(Ratio(f"page {address}", whole[address] / 1000, PAGE_WITHIN / 1000) for address in LISTS),
    ]


def _next(client: Client, address: str) -> str:
    """The page after the first."""
    answer = client.get(address, secure=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    found = answer.content.decode()
    _, mark, rest = found.partition('rel="next" href="')
    return f"{address.partition('?')[0]}{rest.partition(chr(34))[0].replace('&amp;', '&')}" if mark else ""


def _time(client: Client, query: str, rounds: int) -> tuple[float, float]:
    """The 95th percentile of a page's questions and of the page, in milliseconds."""
    asked, whole = [], []
    spent = 0.0

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        begins = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += perf_counter() - begins

    client.get(query, secure=True)
    for _ in range(rounds):
        spent = 0.0
        with connection.execute_wrapper(watch):
            begins = perf_counter()
            client.get(query, secure=True)
            whole.append((perf_counter() - begins) * 1000)
        asked.append(spent * 1000)
    return _p95(asked), _p95(whole)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(int(len(values) * 0.95) - 1, 0)]
