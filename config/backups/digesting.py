"""One digest over the whole house, so that two houses, or a house and its backup, can be compared."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from django.db import models

from config.backups import files, tables
from config.backups.rules import HouseDigest, TableDigest, row_line


def digest_house() -> HouseDigest:
    """Read every table at one moment, then every file. Not inside a transaction."""
    with tables.one_moment():
        read = digest_tables()
        migrations = tables.applied_migrations()
    return HouseDigest(read, files.digests(), migrations)


def digest_tables() -> dict[str, TableDigest]:
    return {table: digest_table(model) for table, model in tables.house_models().items()}


def digest_table(model: type[models.Model], also: Callable[[bytes], object] | None = None) -> TableDigest:
    """The digest of a table's rows, each line of which is given to `also` on the way."""
    rows, digest = 0, sha256()
    for row in tables.rows_of(model):
        line = row_line(row)
        rows += 1
        digest.update(line)
        if also is not None:
            also(line)
    return TableDigest(tables.columns_of(model), rows, digest.hexdigest())
