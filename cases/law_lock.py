"""The law stands still while clocks are counted by it, and nobody counts while it changes."""

from django.db import connection

# Any number will do, as long as nobody else locks by it.
_LAW_LOCK = 0x1E9A15


def hold_law(*, to_change: bool = False) -> None:
    """Let the law stay as it is until this transaction ends; or, `to_change`, wait until nobody counts by it.

    Without this a matter could be counted by the old law while a change that does not see it yet is being written,
    and nobody would count it again. SQLite lets only one write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            lock = "pg_advisory_xact_lock" if to_change else "pg_advisory_xact_lock_shared"
            cursor.execute(f"SELECT {lock}(%s)", [_LAW_LOCK])
