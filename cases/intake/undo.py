"""Taking a batch back as a whole, as long as nothing hangs on it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from cases.bulk import moment
from cases.intake.refused import IntakeRefused
from cases.intake.turns import take_turn
from cases.models import Batch, BatchState, Event, Feedback, Handling, HandlingRole, Matter, Officer, PendingWinding

NO_BATCH = "没有第{batch}批导入"
UNDONE_ALREADY = "第{batch}批已经撤销过"
HELD = "第{batch}批不能撤销：{reasons}。请先处理这些，再撤销"
SHOWN_NUMBERS = 5


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo took back, or in a rehearsal would take back."""

    batch: int
    matters: int
    events: int
    dry_run: bool = False


def undo_batch(batch_id: int, *, at: datetime, by: Officer | None = None, dry_run: bool = False) -> UndoReport:
    """Withdraw the events of a batch and the matters that came with it, and ask for their clocks to be rewound.

    Refuses a batch that is undone already, and one on which something hangs: on its matters later events by hand or
    from another batch, feedback, people made responsible, child matters; on its events a correction. All in one
    transaction. The same file can then be imported anew.
    """
    with transaction.atomic():
        take_turn()
        batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
        if batch is None:
            raise IntakeRefused(NO_BATCH.format(batch=batch_id))
        if batch.state == BatchState.UNDONE:
            raise IntakeRefused(UNDONE_ALREADY.format(batch=batch_id))
        _ask_winding(batch, at)
        matters = Matter.objects.filter(batch=batch, withdrawn_at=None).update(withdrawn_at=at)
        # Only now are the matters held, so that what is looked for cannot come up behind our back.
        if reasons := _what_hangs(batch):
            raise IntakeRefused(HELD.format(batch=batch_id, reasons="；".join(reasons)))
        events = Event.objects.filter(batch=batch, withdrawn_at=None).update(withdrawn_at=at)
        _own_handlings(batch).filter(until_at=None, from_at__lte=at).update(until_at=at)
        batch.state, batch.finished_at = BatchState.UNDONE, batch.finished_at or at
        batch.error = f"由{by}撤销" if by is not None else "已撤销"
        batch.save(update_fields=["state", "finished_at", "error"])
        if dry_run:
            transaction.set_rollback(True)
    return UndoReport(batch=batch_id, matters=matters, events=events, dry_run=dry_run)


def _ask_winding(batch: Batch, at: datetime) -> None:
    """As `cases.winding.ask_winding`, in one statement: for every matter the batch brought or added to."""
    pending, matter, event = (model._meta.db_table for model in (PendingWinding, Matter, Event))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{pending}" ("matter_id", "cause", "asked_at", "error") '
            f"SELECT id, %s, %s, '' FROM ("
            f'SELECT "id" FROM "{matter}" WHERE "batch_id" = %s AND "withdrawn_at" IS NULL '
            f'UNION SELECT "matter_id" FROM "{event}" WHERE "batch_id" = %s AND "withdrawn_at" IS NULL'
            ") AS touched WHERE true "
            'ON CONFLICT ("matter_id") DO UPDATE '
            'SET "cause" = excluded."cause", "asked_at" = excluded."asked_at", "error" = excluded."error"',
            [f"撤销第{batch.pk}批导入", moment(at), batch.pk, batch.pk],
        )


def _own_handlings(batch: Batch) -> QuerySet[Handling]:
    """The officers the batch itself named."""
    return Handling.objects.filter(
        matter__batch=batch, role=HandlingRole.OFFICER, since=None, officer=F("matter__officer")
    )


def _what_hangs(batch: Batch) -> list[str]:
    others = Q(batch=None) | ~Q(batch=batch)
    found = (
        ("其事项又登记了{count}个节点", Event.objects.filter(others, matter__batch=batch, withdrawn_at=None)),
        ("其节点已被更正或作废{count}个", Event.objects.filter(others, voids__batch=batch, withdrawn_at=None)),
        ("其事项有{count}条回访评价", Feedback.objects.filter(matter__batch=batch)),
        (
            "其事项另行指定了{count}名经办人",
            Handling.objects.filter(matter__batch=batch).exclude(pk__in=_own_handlings(batch)),
        ),
    )
    reasons = [_reason(text, rows) for text, rows in found]
    children = Matter.objects.filter(others, parent__batch=batch, withdrawn_at=None)
    if count := children.count():
        numbers = "、".join(children.order_by("pk").values_list("number", flat=True)[:SHOWN_NUMBERS])
        reasons.append(f"其事项之下又有{count}件事项（{numbers}）")
    return [reason for reason in reasons if reason]


def _reason(text: str, rows: QuerySet[Event] | QuerySet[Feedback] | QuerySet[Handling]) -> str:
    count = rows.count()
    if not count:
        return ""
    numbers = rows.order_by("matter__number").values_list("matter__number", flat=True).distinct()[:SHOWN_NUMBERS]
    return f"{text.format(count=count)}（{'、'.join(numbers)}{'等' if count > SHOWN_NUMBERS else ''}）"
