"""What the worker does."""

from supervision.archives.models import ArchiveEntry
from supervision.archives.tasks import collect_task
from tests.supervision.archives.factories import late_case
from tests.supervision.returnvisits.factories import County


def test_the_round_runs_as_a_task_and_twice_does_no_harm(county: County) -> None:
    late_case(county)

    assert [collect_task(), collect_task()] == [1, 0]
    assert ArchiveEntry.objects.count() == 1
