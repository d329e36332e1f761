"""What the database itself refuses, whoever asks it."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from supervision.inspections.models import (
    Check,
    CheckInspector,
    Draw,
    InspectionPlan,
    InspectionStep,
    Inspector,
    ItemStep,
    PlannedItem,
    Target,
)
from tests.cases.factories import day
from tests.supervision.inspections.factories import County, check_at, draw, record

BROKEN: dict[str, Callable[[], object]] = {
    "target_has_its_names": lambda: Target.objects.update(name=""),
    "removed_target_says_by_whom": lambda: Target.objects.update(removed_at=Target.objects.all()[0].listed_at),
    "removed_inspector_says_by_whom": lambda: Inspector.objects.update(removed_by=Inspector.objects.all()[0].officer),
    "plan_leaves_days": lambda: InspectionPlan.objects.update(publish_workdays=0),
    "closed_plan_says_by_whom": lambda: InspectionPlan.objects.update(closed_at=InspectionPlan.objects.get().made_at),
    "planned_item_has_a_ground": lambda: PlannedItem.objects.update(ground=""),
    "planned_share_is_a_share": lambda: PlannedItem.objects.update(percent=101),
    "two_inspect_at_least": lambda: PlannedItem.objects.update(each=1),
    "planned_item_has_one_subject": lambda: PlannedItem.objects.update(category=""),
    "inspection_step_warns_before": lambda: ItemStep.objects.update(warn_on=day("2026-12-31")),
    "inspection_step_moved_is_counted": lambda: ItemStep.objects.update(due_on=day("2026-12-31")),
    "done_step_tells_nobody": lambda: ItemStep.objects.filter(stage="publish").update(done_on=day("2026-04-20")),
    "inspection_can_be_drawn_again": lambda: Draw.objects.update(seed=""),
    "inspection_draws_what_there_is": lambda: Draw.objects.update(drawn=99),
    "draw_tells_of_a_day": lambda: Draw.objects.update(publish_due_on=None),
    "check_is_of_one_thing": lambda: Check.objects.update(target=None),
    "inspected_check_says_what": lambda: Check.objects.filter(state="inspected").update(text=""),
    "published_check_says_where": lambda: Check.objects.update(published_where="x"),
    "withheld_check_says_why": lambda: Check.objects.update(withheld_why="x"),
    "settled_check_says_by_whom": lambda: Check.objects.update(settled_by=Inspector.objects.all()[0].officer),
    "who_steps_aside_says_why": lambda: CheckInspector.objects.update(why="x"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_keeps_the_rule(county: County, name: str) -> None:
    record(check_at(draw(county), 1))

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name]()


def test_a_second_draw_of_an_item_is_no_row(county: County) -> None:
    row = draw(county)

    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_the_ledger_is_only_added_to(county: County) -> None:
    draw(county)

    for change in (InspectionStep.objects.all().delete, lambda: InspectionStep.objects.update(text="x")):
        with pytest.raises(DatabaseError, match="只能追加"), transaction.atomic():
            change()
