"""Ledgers refuse every change, whoever asks and however: through the ORM, in bulk, or by a statement of their own."""

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from cases.ledgers import MESSAGE, lift_guard, put_guard
from cases.models import Answer, Change, ChangeAction, ChangeKind, ChangeStep, ClockMove, Event, Matter, OpenQuestion
from supervision.alerts.models import Action, AlertStep
from supervision.alerts.services import sweep
from tests.cases.factories import Bureau, make_case, make_officer, moment, record

pytestmark = pytest.mark.django_db

LEDGERS = (Event, ClockMove, Answer, ChangeStep, AlertStep)


@pytest.fixture
def rows(bureau: Bureau, catalogue: None) -> dict[type[models.Model], models.Model]:
    """One row of each ledger."""
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    sweep(at=moment("2026-03-25"))
    record(matter, "longer", "2026-03-27", approver="head")
    question = OpenQuestion.objects.create(code="q", question="问题", definition={})
    by = make_officer("900001", bureau.legal)
    on = date(2026, 3, 1)
    Answer.objects.create(
        question=question, option="a", ground="文", decided_on=on, by=by, answered_at=moment("2026-03-02")
    )
    at = moment("2026-03-27")
    change = Change.objects.create(kind=ChangeKind.LIMIT, title="变更", payload={}, proposed_at=at)
    ChangeStep.objects.create(change=change, action=ChangeAction.PROPOSED, at=at)
    return {ledger: ledger._default_manager.order_by("pk")[0] for ledger in LEDGERS}


def guards_standing() -> set[tuple[str, str]]:
    """(table, trigger) of every guard in the database."""
    query = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger JOIN pg_proc ON tgfoid = pg_proc.oid"
        " WHERE proname = 'ledger_refuses' AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {(table, trigger) for table, trigger in cursor.fetchall()}


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=MESSAGE), transaction.atomic():
        act()


def statement(sql: str) -> Callable[[], object]:
    def execute() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return execute


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_row_of_a_ledger_cannot_be_saved_again(
    rows: dict[type[models.Model], models.Model], ledger: type[models.Model]
) -> None:
    refused(rows[ledger].save)

    assert ledger._default_manager.filter(pk=rows[ledger].pk).exists()


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_row_of_a_ledger_cannot_be_deleted(
    rows: dict[type[models.Model], models.Model], ledger: type[models.Model]
) -> None:
    before = ledger._default_manager.count()

    refused(lambda: ledger._default_manager.filter(pk=rows[ledger].pk)._raw_delete(using="default"))
    refused(statement(f'DELETE FROM "{ledger._meta.db_table}"'))

    assert ledger._default_manager.count() == before


@pytest.mark.parametrize(
    ("ledger", "column"),
    [
        (ledger, column.column)
        for ledger in LEDGERS
        for column in ledger._meta.concrete_fields
        if not (ledger is Event and column.name == "withdrawn_at")
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_no_column_of_a_ledger_can_be_updated_not_even_to_what_it_is(
    rows: dict[type[models.Model], models.Model], ledger: type[models.Model], column: str
) -> None:
    refused(statement(f'UPDATE "{ledger._meta.db_table}" SET "{column}" = "{column}"'))


@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_bulk_update_is_refused_as_well(
    rows: dict[type[models.Model], models.Model], ledger: type[models.Model]
) -> None:
    field = {Event: "note", ClockMove: "reason", Answer: "ground", ChangeStep: "note", AlertStep: "level"}[ledger]

    refused(lambda: ledger._default_manager.update(**{field: getattr(rows[ledger], field)}))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL knows TRUNCATE")
@pytest.mark.parametrize("ledger", LEDGERS)
def test_a_ledger_cannot_be_truncated(rows: dict[type[models.Model], models.Model], ledger: type[models.Model]) -> None:
    statement("SET CONSTRAINTS ALL IMMEDIATE")()

    refused(statement(f'TRUNCATE "{ledger._meta.db_table}" CASCADE'))


def test_the_mark_of_withdrawal_is_set_once_and_then_stands(rows: dict[type[models.Model], models.Model]) -> None:
    event = Event.objects.filter(pk=rows[Event].pk)

    event.update(withdrawn_at=moment("2026-04-01"))

    refused(lambda: event.update(withdrawn_at=moment("2026-04-02")))
    refused(lambda: event.update(withdrawn_at=None))
    assert event.get().withdrawn_at == moment("2026-04-01")


def test_the_mark_of_withdrawal_does_not_let_another_change_pass_with_it(
    rows: dict[type[models.Model], models.Model],
) -> None:
    refused(lambda: Event.objects.update(withdrawn_at=moment("2026-04-01"), note="改写"))


def test_a_ledger_takes_new_rows(rows: dict[type[models.Model], models.Model]) -> None:
    assert AlertStep.objects.filter(action=Action.RAISED).exists()
    assert ClockMove.objects.count() == 1
    assert Event.objects.count() == 2


def test_after_all_migrations_every_ledger_is_guarded_against_both_kinds_of_change() -> None:
    standing = guards_standing()

    for ledger in LEDGERS:
        table = ledger._meta.db_table
        assert {(table, f"{table}_no_update"), (table, f"{table}_no_delete")} <= standing
    assert ("cases_event", "cases_event_once") in standing


def test_every_table_that_calls_itself_append_only_is_guarded() -> None:
    told = {
        model._meta.db_table
        for model in apps.get_models()
        if "append-only" in (model.__doc__ or "").lower() and model.__module__.split(".")[0] in ("cases", "supervision")
    }

    assert told
    assert told <= {table for table, _ in guards_standing()}


def test_a_guard_that_is_lifted_and_put_back_guards_again(rows: dict[type[models.Model], models.Model]) -> None:
    before = guards_standing()

    editor = connection.SchemaEditorClass(connection)  # not entered: SQLite would want to leave the test's transaction
    if connection.vendor == "postgresql":
        statement("SET CONSTRAINTS ALL IMMEDIATE")()

    lift_guard(editor, AlertStep)
    assert not any(table == AlertStep._meta.db_table for table, _ in guards_standing())

    put_guard(editor, AlertStep)
    assert guards_standing() == before
    refused(AlertStep.objects.order_by("pk")[0].save)


def test_whether_a_matter_is_restricted_is_settled_when_it_is_registered(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")

    with pytest.raises(DatabaseError, match="不能更改"), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(restricted=True)

    matter.title = "改过的名称"
    matter.save()
    assert not Matter.objects.get(pk=matter.pk).restricted
