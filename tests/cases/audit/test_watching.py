"""Every row written in a watched table is noted, by whatever way, and secrets are not."""

import json
import sqlite3
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from cases import services
from cases.audit.models import RowChange
from cases.audit.watching import MASK, MASK_CHANGED, sign, standing, unguarded, unwatch, watch
from cases.models import Matter, MatterKind, Officer, Role, Unit
from tests.cases.factories import Bureau, day, make_officer

pytestmark = pytest.mark.django_db


def noted(table: str) -> list[RowChange]:
    return list(RowChange.objects.filter(table_name=table).order_by("pk"))


def raw(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_bulk_update_is_noted_row_by_row_with_what_was_and_what_is(bureau: Bureau) -> None:
    before = RowChange.objects.count()
    pks = list(Unit.objects.order_by("pk").values_list("pk", flat=True)[:3])

    Unit.objects.filter(pk__in=pks).update(short_name="改名")

    found = list(RowChange.objects.order_by("pk"))[before:]
    assert [(one.act, one.row_key) for one in found] == [("update", str(pk)) for pk in pks]
    assert all(json.loads(one.new or "")["short_name"] == "改名" for one in found)
    assert json.loads(found[0].old or "")["short_name"] != "改名"


def test_raw_sql_is_noted_like_anything_else(bureau: Bureau) -> None:
    raw("UPDATE cases_unit SET name = 'x' WHERE id = %s", bureau.station.pk)
    raw("INSERT INTO auth_group (name) VALUES ('新组')")
    raw("DELETE FROM auth_group WHERE name = '新组'")

    assert noted("cases_unit")[-1].act == "update"
    made, gone = noted("auth_group")[-2:]
    assert (made.act, made.old, json.loads(made.new or "")["name"]) == ("insert", None, "新组")
    assert (gone.act, json.loads(gone.old or "")["name"], gone.new) == ("delete", "新组", None)
    assert made.by is None


def test_what_changes_nothing_is_no_change(bureau: Bureau) -> None:
    before = RowChange.objects.count()

    Unit.objects.update(name=Unit.objects.values("name").filter(pk=bureau.station.pk)[:1])
    changed = RowChange.objects.count() - before
    Unit.objects.update(name=Unit.objects.values("name").filter(pk=bureau.station.pk)[:1])

    assert changed == Unit.objects.count() - 1
    assert RowChange.objects.count() - before == changed


def test_what_the_program_moves_by_itself_is_no_change(bureau: Bureau) -> None:
    officer = make_officer("1", bureau.station, Role.CASE_OFFICER)
    before = RowChange.objects.count()

    raw("UPDATE cases_officer SET last_login = '2026-03-01 00:00:00+00' WHERE id = %s", officer.pk)

    assert RowChange.objects.count() == before


def test_a_password_is_never_written_and_its_change_is(bureau: Bureau) -> None:
    officer = make_officer("1", bureau.station, Role.CASE_OFFICER)
    officer.set_password("correct horse battery")

    officer.save(update_fields=["password"])

    # When it was set is another change, that follows.
    changes = [(json.loads(one.old or "{}"), json.loads(one.new or "{}")) for one in noted("cases_officer")]
    told = [old.get("password") for old, new in changes if new.get("password") == MASK_CHANGED]
    assert told and set(told) <= {MASK, ""}
    assert not RowChange.objects.filter(new__contains=officer.password).exists()


def test_what_a_case_is_about_is_not_written_but_that_it_changed(bureau: Bureau) -> None:
    kind = MatterKind.objects.create(code="k", name="种类")
    matter = Matter.objects.create(
        kind=kind, number="A1", title="张某盗窃案", unit=bureau.station, **bureau.station.scope_ids
    )

    Matter.objects.update(title="李某盗窃案", unit=bureau.county)

    [change] = noted("cases_matter")
    old, new = json.loads(change.old or ""), json.loads(change.new or "")
    assert (old["title"], new["title"], new["number"]) == (MASK, MASK_CHANGED, MASK)
    assert (old["unit_id"], new["unit_id"]) == (bureau.station.pk, bureau.county.pk)
    assert change.row_key == str(matter.pk)


def test_whoever_signed_is_named_and_nobody_after_him(bureau: Bureau) -> None:
    officer = make_officer("1", bureau.station, Role.CASE_OFFICER)

    sign(connection, officer.pk, "desk:units")
    Unit.objects.filter(pk=bureau.station.pk).update(name="甲")
    sign(connection, None, None)
    Unit.objects.filter(pk=bureau.station.pk).update(name="乙")

    first, second = noted("cases_unit")[-2:]
    assert (first.by, first.via) == (officer, "desk:units")
    assert (second.by, second.via) == (None, None)


def test_a_change_that_was_undone_was_none_and_the_signature_stays(bureau: Bureau) -> None:
    officer = make_officer("1", bureau.station, Role.CASE_OFFICER)
    before = RowChange.objects.count()
    sign(connection, officer.pk, "desk:units")

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Unit.objects.update(name="甲")
        raise ZeroDivisionError
    assert RowChange.objects.count() == before
    Unit.objects.filter(pk=bureau.station.pk).update(name="乙")

    assert noted("cases_unit")[-1].by == officer
    sign(connection, None, None)


def test_the_noted_cannot_be_altered_or_deleted(bureau: Bureau) -> None:
    row = RowChange.objects.order_by("pk")[0]
    officer = make_officer("1", bureau.station, Role.CASE_OFFICER)
    sign(connection, officer.pk, "p")
    Unit.objects.filter(pk=bureau.station.pk).update(name="甲")
    sign(connection, None, None)
    signed = noted("cases_unit")[-1]

    for act in (
        lambda: RowChange.objects.filter(pk=row.pk).update(new="{}"),
        lambda: RowChange.objects.filter(pk=row.pk).delete(),
        lambda: RowChange.objects.filter(pk=signed.pk).update(by=None, via=None),
    ):
        with pytest.raises(Exception, match="台账只能追加"), transaction.atomic():
            act()


def test_a_page_signs_for_who_is_signed_in_by_its_name(bureau: Bureau, client: Client) -> None:
    admin = Officer.objects.create(
        police_number="9", name="管理员", unit=bureau.county, is_staff=True, is_superuser=True
    )
    client.force_login(admin)

    answer = client.post("/auth/group/add/", {"name": "甲组", "permissions": []})
    services.assign_post(officer=admin, unit=bureau.county, role=Role.LEADER, from_on=day("2026-01-01"))

    assert answer.status_code == 302
    by_page = RowChange.objects.filter(table_name="auth_group", new__contains="甲组")
    by_itself = noted("cases_post")[-1:]
    assert [(one.by, one.via) for one in by_page] == [(admin, "admin:auth_group_add")]
    assert [one.by for one in by_itself] == [None]


@pytest.mark.skipif(settings.POSTGRESQL, reason="a file beside the program is SQLite's")
@pytest.mark.django_db(transaction=True)
def test_whoever_writes_past_the_program_is_noted_without_a_name(bureau: Bureau) -> None:
    sign(connection, 77, "desk:units")
    other = sqlite3.connect(connection.settings_dict["NAME"])
    with other:
        other.execute("UPDATE cases_unit SET name = 'x' WHERE id = ?", (bureau.station.pk,))
    other.close()
    sign(connection, None, None)

    last = noted("cases_unit")[-1]
    assert (last.act, last.by_id, json.loads(last.new or "")["name"]) == ("update", None, "x")


def test_a_trigger_that_was_taken_down_is_missed_and_put_up_again() -> None:
    name, table = next((n, t) for n, t in standing(connection).items() if "audit_w_" in n and t == "cases_unit")
    drop = f'DROP TRIGGER "{name.rpartition(".")[2]}"'
    raw(drop if connection.vendor == "sqlite" else f'{drop} ON "{table}"')

    assert unguarded(connection) == ["cases_unit"]
    assert watch(connection) == 1
    assert watch(connection) == 0
    assert unguarded(connection) == []


def test_before_tables_are_changed_no_trigger_of_ours_stands() -> None:
    unwatch(connection)

    assert not [name for name in standing(connection) if "audit_w_" in name]
    assert watch(connection) > 100
