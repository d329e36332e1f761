"""What other rooms leave behind for the archives, made through their doors, and entries by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection
from django.test import Client

from cases.models import Matter, Officer, Unit
from cases.roles import plan_roles
from supervision.alerts.services import sweep
from supervision.archives.models import ArchiveEntry, Kind
from supervision.archives.services import collect, record
from supervision.rectification.models import Order
from tests.cases.factories import make_case, moment
from tests.cases.factories import record as record_event
from tests.supervision.rectification.factories import order_for
from tests.supervision.returnvisits.factories import County

# A case filed on Monday 2 February 2026 is to be decided by Wednesday 4 March; on Tuesday 10 March it is over.
FILED = "2026-02-02"
DUE = moment("2026-03-05")
OVER = moment("2026-03-10 09:00")
NIGHT = moment("2026-03-11 02:15")
NEXT_NIGHT = moment("2026-03-12 02:15")


def late_case(county: County, number: str = "A-1", *, officer: Officer | None = None, at: datetime = OVER) -> Matter:
    """A case of the station that has run out, and its red warning."""
    matter = make_case(number, county.station, officer or county.officer, filed=FILED)
    sweep(at=at)
    return matter


def ordered(county: County, number: str = "S-1", *, officer: Officer | None = None, **fields: Any) -> Order:
    """An order to the officer of the station, as found in daily supervision."""
    known = {"problem": county.problem.code, "text": "请改正。", "source_number": number, "at": OVER, **fields}
    return order_for(fields.pop("unit", county.station), officer or county.officer, by=county.legal, **known)


def decided(matter: Matter, occurred: str, *, at: str | None = None) -> None:
    record_event(matter, "decided", occurred, at=at)


def praised(county: County, *, officer: Officer | None = None, unit: Unit | None = None, **fields: Any) -> ArchiveEntry:
    known: dict[str, Any] = {
        "kind": Kind.PRAISE,
        "officer": officer if officer is not None or unit is not None else county.officer,
        "unit": unit,
        "happened_at": OVER,
        "text": "抓获现行，处置规范",
        "source_key": f"archives.hand:{ArchiveEntry.objects.count()}",
        "by": county.legal,
        "at": OVER,
        **fields,
    }
    return record(**known)


def collected(at: datetime = NIGHT) -> list[ArchiveEntry]:
    """Everything that is in the archives after a round."""
    collect(at=at)
    return list(ArchiveEntry.objects.order_by("pk"))


def texts(kind: Kind, **fields: Any) -> list[str]:
    return list(ArchiveEntry.objects.filter(kind=kind, **fields).order_by("pk").values_list("text", flat=True))


def browser(officer: Officer) -> Client:
    plan_roles()
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


@contextmanager
def refusing_entries(condition: str) -> Iterator[None]:
    """Inside, the database refuses entries of which the condition on `NEW` holds, by a trigger of the test's own."""
    table = ArchiveEntry._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER refuse_one BEFORE INSERT ON {table} FOR EACH ROW WHEN ({condition}) "
                "EXECUTE FUNCTION refuse_one()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER refuse_one BEFORE INSERT ON {table} WHEN {condition} "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("DROP FUNCTION refuse_one() CASCADE")
            else:
                cursor.execute("DROP TRIGGER refuse_one")
