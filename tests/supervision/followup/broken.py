"""A row that the database refuses, by a trigger of the test's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from cases.models import Matter
from supervision.followup.models import FollowedCase

TABLE = FollowedCase._meta.db_table


@contextmanager
def refusing_followups_of(matter: Matter) -> Iterator[None]:
    """Inside, no follow-up of this matter can be written or changed; the trigger is taken down before anything else is."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER refuse_one BEFORE INSERT OR UPDATE ON {TABLE} FOR EACH ROW "
                f"WHEN (NEW.matter_id = {matter.pk}) EXECUTE FUNCTION refuse_one()"
            )
        else:
            for act in ("INSERT", "UPDATE"):
                cursor.execute(
                    f"CREATE TRIGGER refuse_{act} BEFORE {act} ON {TABLE} WHEN NEW.matter_id = {matter.pk} "
                    "BEGIN SELECT RAISE(ABORT, 'refused'); END"
                )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("DROP FUNCTION refuse_one() CASCADE")
            else:
                cursor.execute("DROP TRIGGER refuse_INSERT")
                cursor.execute("DROP TRIGGER refuse_UPDATE")
