"""A batch is taken back as a whole, unless something hangs on it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cases import services
from cases.intake import IntakeRefused, undo_batch
from cases.models import (
    Batch,
    BatchState,
    Clock,
    ClockState,
    Event,
    Feedback,
    Grade,
    Handling,
    Matter,
    Officer,
    PendingWinding,
)
from cases.winding import wind_pending
from tests.cases.factories import Bureau, moment, record
from tests.cases.intake.conftest import NOW, STEPS, Load, changed

HEADS = "编号,单位,环节,时间,流水号"
TWO_CASES = f"""
    {HEADS}
    A1,X1,立案,2026-03-02,1
    A1,X1,决定,2026-04-20,2
    A2,X1,立案,2026-11-03,3
"""
LATER = NOW + timedelta(hours=1)


def test_events_and_matters_of_the_batch_are_withdrawn_and_their_clocks_become_void(
    load: Load, officer: Officer
) -> None:
    batch = load(TWO_CASES).batch
    wind_pending(at=NOW)
    assert Clock.objects.open().count() == 1

    report = undo_batch(batch, at=LATER, by=officer)

    assert (report.matters, report.events) == (2, 3)
    assert set(Matter.objects.values_list("withdrawn_at", flat=True)) == {LATER}
    assert set(Event.objects.values_list("withdrawn_at", flat=True)) == {LATER}
    row = Batch.objects.get()
    assert (row.state, row.error) == (BatchState.UNDONE, "由民警100001撤销")
    wind_pending(at=LATER)
    assert set(Clock.objects.values_list("state", flat=True)) == {ClockState.VOID}


def test_the_same_file_can_then_be_imported_again(load: Load) -> None:
    undo_batch(load(TWO_CASES).batch, at=LATER)

    again = load(TWO_CASES, at=LATER)

    assert (again.matters_new, again.events_new, again.rows_unchanged) == (2, 3, 0)
    wind_pending(at=LATER)
    assert Clock.objects.open().count() == 1


def test_a_matter_that_was_there_before_keeps_what_it_had(load: Load, bureau: Bureau) -> None:
    matter = services.open_matter(kind="case", number="A2", unit=bureau.station)
    record(matter, "filed", "2026-11-01")
    batch = load(f"{HEADS}\nA2,X1,决定,2026-11-10,9\n").batch
    wind_pending(at=NOW)
    assert not Clock.objects.open().exists()

    undo_batch(batch, at=LATER)
    wind_pending(at=LATER)

    matter.refresh_from_db()
    assert matter.withdrawn_at is None
    assert Clock.objects.open().get().matter == matter


def test_an_officer_the_batch_named_is_let_go(load: Load, officer: Officer) -> None:
    mapping = changed(STEPS, matter__officer="警号")
    batch = load(f"{HEADS},警号\nA1,X1,立案,2026-03-02,1,100001\n", mapping).batch

    undo_batch(batch, at=LATER)

    assert Handling.objects.get().until_at == LATER


def later_event(matter: Matter, bureau: Bureau, officer: Officer) -> None:
    record(matter, "test_began", "2026-11-05", at="2026-11-05")


def correction(matter: Matter, bureau: Bureau, officer: Officer) -> None:
    event = matter.events.earliest("pk")
    services.void_event(event=event, reason="录入错误", by=officer, at=NOW)


def transfer(matter: Matter, bureau: Bureau, officer: Officer) -> None:
    services.transfer_matter(
        matter=matter, to_unit=bureau.sibling, to_officer=officer, occurred_at=moment("2026-11-10"), by=None, at=NOW
    )


def handler(matter: Matter, bureau: Bureau, officer: Officer) -> None:
    services.name_handler(matter=matter, officer=officer, role="leader", at=NOW)


def feedback(matter: Matter, bureau: Bureau, officer: Officer) -> None:
    Feedback.objects.create(matter=matter, grade=Grade.SATISFIED, channel="电话", given_at=NOW)


def child(matter: Matter, bureau: Bureau, officer: Officer) -> None:
    services.open_matter(kind="visit", number="A2-1", unit=bureau.station, parent=matter)


@pytest.mark.parametrize(
    ("hang", "reason"),
    [
        (later_event, "其事项又登记了1个节点（A2）"),
        (correction, "其节点已被更正或作废1个（A2）"),
        (transfer, "其事项又登记了1个节点（A2）"),
        (handler, "其事项另行指定了1名经办人（A2）"),
        (feedback, "其事项有1条回访评价（A2）"),
        (child, "其事项之下又有1件事项（A2-1）"),
    ],
)
def test_a_batch_on_which_something_hangs_is_kept_with_the_reason(
    load: Load, bureau: Bureau, officer: Officer, hang: Callable[[Matter, Bureau, Officer], None], reason: str
) -> None:
    batch = load(TWO_CASES).batch
    wind_pending(at=NOW)
    hang(Matter.objects.get(number="A2"), bureau, officer)

    with pytest.raises(IntakeRefused) as refused:
        undo_batch(batch, at=LATER)

    assert f"第{batch}批不能撤销：" in str(refused.value)
    assert reason in str(refused.value)
    assert not Event.objects.exclude(withdrawn_at=None).exists()
    assert not Matter.objects.exclude(withdrawn_at=None).exists()
    assert not PendingWinding.objects.exists()
    assert Batch.objects.get().state == BatchState.LOADED


def test_batches_are_undone_last_first(load: Load) -> None:
    first = load(TWO_CASES).batch
    second = load(f"{HEADS}\nA2,X1,决定,2026-11-10,9\n").batch

    with pytest.raises(IntakeRefused, match="其事项又登记了1个节点"):
        undo_batch(first, at=LATER)
    undo_batch(second, at=LATER)
    undo_batch(first, at=LATER)

    assert not Event.objects.filter(withdrawn_at=None).exists()


def test_an_undone_batch_and_one_that_never_was_are_refused(load: Load) -> None:
    batch = load(TWO_CASES).batch
    undo_batch(batch, at=LATER)

    with pytest.raises(IntakeRefused, match=f"第{batch}批已经撤销过"):
        undo_batch(batch, at=LATER)
    with pytest.raises(IntakeRefused, match="没有第999批导入"):
        undo_batch(999, at=LATER)


def test_a_rehearsed_undo_counts_and_changes_nothing(load: Load) -> None:
    batch = load(TWO_CASES).batch
    PendingWinding.objects.all().delete()

    report = undo_batch(batch, at=LATER, dry_run=True)

    assert (report.matters, report.events, report.dry_run) == (2, 3, True)
    assert not Event.objects.exclude(withdrawn_at=None).exists()
    assert not PendingWinding.objects.exists()
    assert Batch.objects.get().state == BatchState.LOADED
