"""What the auditor reads of a row is said in Chinese, whoever made the table."""

import json
import re

import pytest

from cases.audit.declared import WATCHED
from cases.audit.models import Act, RowChange
from cases.audit.queries import shown_values, table_name
from cases.audit.watching import models_by_table

# An abbreviation in capitals is nobody's language: IP, SHA-256.
ENGLISH = re.compile("[a-z]{2}")


@pytest.mark.parametrize("table", sorted(WATCHED))
def test_every_column_of_a_watched_table_is_named_in_chinese(table: str) -> None:
    columns = [str(field.column) for field in models_by_table()[table]._meta.concrete_fields]
    change = RowChange(table_name=table, act=Act.INSERT, new=json.dumps(dict.fromkeys(columns, "x")))

    names = [one.name for one in shown_values(change)]

    assert len(names) == len(columns)
    assert [name for name in (*names, table_name(table)) if name.isascii() or ENGLISH.search(name)] == []


def test_a_line_of_the_timetable_says_which_task_it_runs() -> None:
    new = json.dumps({"id": 7, "task": "alerts.sweep"})
    change = RowChange(table_name="django_celery_beat_periodictask", act=Act.INSERT, new=new)

    shown = [(one.name, one.new) for one in shown_values(change)]

    assert shown == [("行号", "7"), ("执行的任务", "alerts.sweep")]
