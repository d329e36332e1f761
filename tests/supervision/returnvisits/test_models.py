"""What the database keeps by itself: each constraint has a test that breaks it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, models, transaction

from cases.ledgers import MESSAGE
from cases.models import Feedback, Grade
from supervision.returnvisits import services
from supervision.returnvisits.models import (
    Check,
    Notice,
    RoundUnit,
    Visit,
    VisitRound,
    VisitState,
    VisitStep,
    What,
)
from supervision.returnvisits.services.checking import Demand
from tests.cases.factories import day
from tests.supervision.returnvisits.factories import DRAWN, LATER, County, answer, check_of, draw, visits_in

# Constraint -> what breaks it. The last test says that none is forgotten.
BREAKS: dict[str, Callable[["Scene"], object]] = {}


def breaks(constraint: str) -> Callable[[Callable[["Scene"], object]], Callable[["Scene"], object]]:
    def keep(act: Callable[["Scene"], object]) -> Callable[["Scene"], object]:
        BREAKS[constraint] = act
        return act

    return keep


class Scene:
    """A round with a visit that waits, one answered, and checks: open, borne out."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.round = draw(county)
        rows = visits_in(self.round)
        self.open, self.over = (self._negative(visit) for visit in rows[:2])
        demand = Demand(county.problem, "请改正")
        services.conclude_check(check=self.over, upheld=True, text="属实", by=county.legal, at=LATER, demand=demand)
        self.waiting, self.answered = rows[2], self.open.visit

    def _negative(self, visit: Visit) -> Check:
        answer(self.county, visit, Grade.DISSATISFIED)
        return check_of(visit)

    def set_round(self, **fields: Any) -> int:
        return VisitRound.objects.filter(pk=self.round.pk).update(**fields)

    def set_visit(self, visit: Visit, **fields: Any) -> int:
        return Visit.objects.filter(pk=visit.pk).update(**fields)

    def set_check(self, check: Check, **fields: Any) -> int:
        return Check.objects.filter(pk=check.pk).update(**fields)


@breaks("round_ends_after_it_begins")
def _(scene: Scene) -> object:
    return scene.set_round(until_on=day("2026-01-31"))


@breaks("round_draws_something")
def _(scene: Scene) -> object:
    return scene.set_round(per_unit=0)


@breaks("round_can_be_drawn_again")
def _(scene: Scene) -> object:
    return scene.set_round(seed="")


@breaks("closed_round_says_by_whom")
def _(scene: Scene) -> object:
    return scene.set_round(closed_at=LATER)


@breaks("round_draws_of_a_unit_once")
def _(scene: Scene) -> object:
    return RoundUnit.objects.create(round=scene.round, unit=scene.county.station, frame=["x"], frame_size=1, drawn=1)


@breaks("round_draws_no_more_than_there_is")
def _(scene: Scene) -> object:
    return RoundUnit.objects.filter(round=scene.round).update(drawn=9)


@breaks("round_asks_about_a_matter_once")
def _(scene: Scene) -> object:
    return Visit.objects.create(
        round=scene.round, matter=scene.waiting.matter, drawn_at=DRAWN, **scene.waiting.unit.scope_ids
    )


@breaks("reached_visit_has_an_answer")
def _(scene: Scene) -> object:
    return scene.set_visit(scene.waiting, state=VisitState.REACHED, ended_at=LATER, asked_at=LATER)


@breaks("unanswered_visit_says_why")
def _(scene: Scene) -> object:
    return scene.set_visit(scene.waiting, state=VisitState.UNFIT, ended_at=LATER)


@breaks("visit_that_ended_says_when")
def _(scene: Scene) -> object:
    return scene.set_visit(scene.answered, ended_at=None)


@breaks("token_has_a_last_day")
def _(scene: Scene) -> object:
    return scene.set_visit(scene.waiting, token_digest="d")


@breaks("check_says_what_was_found")
def _(scene: Scene) -> object:
    return scene.set_check(scene.over, text="")


@breaks("upheld_check_has_an_order")
def _(scene: Scene) -> object:
    return scene.set_check(scene.over, order=None)


@breaks("check_concluded_by_its_checker")
def _(scene: Scene) -> object:
    return scene.set_check(scene.over, checker=scene.county.inspector)


@breaks("caller_told_once_of_a_round")
def _(scene: Scene) -> object:
    return Notice.objects.create(what=What.CALLS, round=scene.round, caller=scene.county.legal, tell_since=LATER)


@breaks("check_told_once")
def _(scene: Scene) -> object:
    return Notice.objects.create(what=What.CHECK, round=scene.round, check_row=scene.open, tell_since=LATER)


@breaks("notice_is_about_calls_or_a_check")
def _(scene: Scene) -> object:
    return Notice.objects.create(what=What.CHECK_OVER, round=scene.round, tell_since=LATER)


def ours() -> list[type[models.Model]]:
    return list(apps.get_app_config("returnvisits").get_models())


@pytest.mark.parametrize("constraint", BREAKS)
def test_the_database_refuses(county: County, constraint: str) -> None:
    scene = Scene(county)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BREAKS[constraint](scene)

    # SQLite names a unique constraint by its columns.
    assert constraint in str(refused.value) or "UNIQUE" in str(refused.value)


def test_no_constraint_is_forgotten() -> None:
    assert {constraint.name for model in ours() for constraint in model._meta.constraints} == set(BREAKS)


@pytest.mark.parametrize("act", ["save", "delete", "update"])
def test_a_step_can_neither_be_changed_nor_go(county: County, act: str) -> None:
    draw(county)
    step = VisitStep.objects.get()
    acts = {"save": step.save, "delete": step.delete, "update": lambda: VisitStep.objects.update(text="改")}

    with pytest.raises(DatabaseError, match=MESSAGE), transaction.atomic():
        acts[act]()

    assert VisitStep.objects.get().text == "总体 5 件，抽取 4 件"


def test_no_row_of_the_room_holds_who_was_asked_or_rates_an_officer() -> None:
    """Matters are followed, never people: no name, number, address or device of anybody, and no officer but those who act."""
    fields = {
        f"{model.__name__}.{field.name}" for model in (*ours(), Feedback) for field in model._meta.concrete_fields
    }
    officers = {
        f"{model.__name__}.{field.name}"
        for model in ours()
        for field in model._meta.concrete_fields
        if field.related_model is not None and field.related_model.__name__ == "Officer"
    }

    telling = ("phone", "mobile", "address", "person", "name", "ip", "agent", "device", "identity", "officer")
    assert [one for one in fields if one.partition(".")[2] in telling] == []
    assert {one.partition(".")[2] for one in officers} == {
        "drawn_by",
        "closed_by",
        "caller",
        "checker",
        "concluded_by",
        "by",
    }
