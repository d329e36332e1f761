"""What the worker does: the rounds of this room."""

from supervision.followup.models import FollowedCase
from supervision.followup.tasks import enter_by_rules_task, watch_task
from tests.cases.factories import make_case
from tests.supervision.followup.factories import County, follow, make_rule


def test_the_rounds_run_as_tasks(county: County) -> None:
    follow(county, "OLD")
    make_case("NEW", county.station, county.officer, filed="2026-02-02", facts={"media": True})
    make_rule("media", {"facts": {"media": [True]}})

    assert enter_by_rules_task() == 1
    assert watch_task() == 1
    assert FollowedCase.objects.get(matter__number="OLD").stagnant_since is not None
