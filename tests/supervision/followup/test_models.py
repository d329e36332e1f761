"""What the database keeps by itself."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.ledgers import MESSAGE
from cases.models import Matter
from supervision.followup.models import (
    FollowedCase,
    FollowStep,
    Instruction,
    ItemState,
    Notice,
    OutlineItem,
    OutlineTemplate,
    Stage,
    TemplateItem,
    What,
)
from tests.cases.factories import day
from tests.supervision.followup.factories import (
    ENTERED,
    County,
    ended,
    follow,
    items_of,
    make_matter,
    make_template,
    under_review,
)


def broken(rows: object, **changes: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**changes)  # type: ignore[attr-defined]


@pytest.mark.parametrize("party", ["main_unit", "line_unit", "supervisory_unit", "officer"])
def test_a_case_that_counts_as_followed_has_three_parties_and_an_officer(county: County, party: str) -> None:
    case = follow(county)

    broken(FollowedCase.objects.filter(pk=case.pk), **{party: None})


def test_nothing_ends_without_somebody_who_asked_and_another_who_consented(county: County) -> None:
    moving, over = follow(county, "A1"), ended(county, "A2")
    review = under_review(county, "A3")

    broken(FollowedCase.objects.filter(pk=moving.pk), stage=Stage.ENDED)
    broken(FollowedCase.objects.filter(pk=over.pk), consented_by=over.asked_by)
    broken(FollowedCase.objects.filter(pk=over.pk), ended_at=None)
    broken(FollowedCase.objects.filter(pk=review.pk), asked_by=None)
    broken(FollowedCase.objects.filter(pk=over.pk), stagnant_at=ENTERED)


def test_a_case_says_of_its_matter_what_the_matter_says(county: County) -> None:
    case, other = follow(county, "A1"), follow(county, "A2")
    rows, matter = FollowedCase.objects.filter(pk=case.pk), Matter.objects.filter(pk=case.matter_id)
    copies = ("restricted", "withdrawn")
    assert rows.values_list(*copies).get() == (False, False)

    matter.update(withdrawn_at=ENTERED)
    assert rows.values_list(*copies).get() == (False, True)
    assert FollowedCase.objects.filter(pk=other.pk).values_list(*copies).get() == (False, False)

    # Whoever writes a row that he read before, or writes the copies themselves.
    case.save()
    assert rows.values_list(*copies).get() == (False, True)
    rows.update(restricted=True, withdrawn=False)
    assert rows.values_list(*copies).get() == (False, True)

    matter.update(withdrawn_at=None)
    assert rows.values_list(*copies).get() == (False, False)


def test_a_case_of_a_matter_closed_to_others_is_closed_to_them(county: County) -> None:
    closed = make_matter(county, "A3", restricted=True)

    case = FollowedCase.objects.create(
        matter=closed,
        unit=closed.unit,
        reason="",
        entered_at=ENTERED,
        stage=Stage.INCOMPLETE,
        stagnation_days=5,
        last_progress_at=ENTERED,
    )

    case.refresh_from_db()
    assert case.restricted
    assert not case.withdrawn


def test_an_item_and_an_instruction_say_what_came_of_them(county: County) -> None:
    case = follow(county)
    item = OutlineItem.objects.filter(pk=items_of(case)[0].pk)

    broken(item, state=ItemState.DONE)
    broken(item, state=ItemState.STRUCK)
    broken(item, state=ItemState.RETURNED)
    broken(item, done_by=county.officer)
    given = Instruction.objects.create(
        case=case, leader=county.leader, given_at=ENTERED, text="查", to=county.officer, due_on=day("2026-03-05")
    )
    broken(Instruction.objects.filter(pk=given.pk), state="replied")
    broken(Instruction.objects.filter(pk=given.pk), state="withdrawn")
    broken(Instruction.objects.filter(pk=given.pk), late=True)


def test_an_item_is_told_of_once_for_each_thing_and_due_day(county: County) -> None:
    case = follow(county)
    told = {"case": case, "item": items_of(case)[0], "due_on": day("2026-03-04"), "tell_since": ENTERED}
    Notice.objects.create(what=What.ITEM_DUE, **told)
    Notice.objects.create(what=What.ITEM_OVERDUE, **told)

    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(what=What.ITEM_DUE, **told)


def test_an_outline_takes_days_and_its_items_stand_in_one_order(county: County) -> None:
    template = make_template("own", ("一", 1))

    broken(OutlineTemplate.objects.filter(pk=template.pk), stagnation_days=0)
    broken(TemplateItem.objects.filter(template=template), working_days=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateItem.objects.create(template=template, order=1, title="二", working_days=1)


@pytest.mark.parametrize("act", ["save", "delete", "update"])
def test_a_step_can_neither_be_changed_nor_go(county: County, act: str) -> None:
    follow(county)
    step = FollowStep.objects.get()
    acts = {
        "save": step.save,
        "delete": step.delete,
        "update": lambda: FollowStep.objects.update(text="改"),
    }

    with pytest.raises(DatabaseError, match=MESSAGE), transaction.atomic():
        acts[act]()

    assert FollowStep.objects.get().text == "群众反映强烈"
