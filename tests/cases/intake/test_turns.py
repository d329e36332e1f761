"""Two imports of one file at once bring it in once."""

import threading
from pathlib import Path

import pytest
from django.db import connection

from cases.intake import IntakeRefused, load_file, loading, parse_mapping
from cases.models import Batch, BatchState, Event, Matter, PendingWinding
from tests.cases.factories import Bureau
from tests.cases.intake.conftest import NOW, STEPS, Write

ROWS = 400


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_bring_every_row_in_once(
    bureau: Bureau, catalogue: None, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "CHUNK", 20)
    rows = "\n".join(f"A{n // 2},X1,{'决定' if n % 2 else '立案'},2026-03-{n % 28 + 1:02d},{n}" for n in range(ROWS))
    path = write(f"编号,单位,环节,时间,流水号\n{rows}\n")
    together, faults = threading.Barrier(2), []

    def bring_in(path: Path) -> None:
        together.wait(timeout=30)
        try:
            load_file(path, parse_mapping(STEPS), at=NOW)
        except IntakeRefused as refused:
            # The later one has carried on the earlier one's work.
            faults.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring_in, args=[path]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(faults) <= 1
    assert (Matter.objects.count(), Event.objects.count(), PendingWinding.objects.count()) == (
        ROWS // 2,
        ROWS,
        ROWS // 2,
    )
    assert Event.objects.values("source_number").distinct().count() == ROWS
    assert BatchState.LOADED in Batch.objects.values_list("state", flat=True)
    assert BatchState.LOADING not in Batch.objects.values_list("state", flat=True)
