"""Loading chunks and undoing batches take turns, so that nothing is added to a batch while it is being taken back."""

from django.db import connection

# One number for all of intake.
INTAKE_LOCK = 0x44494E47


def take_turn() -> None:
    """Wait for the others until this transaction ends. On SQLite, which has one writer, the transaction is the turn."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INTAKE_LOCK])
