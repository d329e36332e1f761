"""From the receipt notice to the review: dates by the articles, and what must come before what."""

from dataclasses import dataclass
from datetime import date

import pytest

from cases.models import Clock, ClockState, Feedback, Matter, Officer
from supervision.petitions.models import Petition, Stage
from supervision.petitions.refusals import (
    DONE_ALREADY,
    EXTENDED_ALREADY,
    FUTURE_DAY,
    NOT_NOW,
    NOTHING_TO_TELL,
    REASON_NEEDED,
    UNKNOWN_ROUTE,
)
from supervision.petitions.services import (
    PetitionRefused,
    answer,
    ask_evaluation,
    decide,
    decline,
    deliver,
    extend,
    extension_untold,
    notify,
    record_remedy,
    take_evaluation,
    tell_extension,
)
from tests.cases.factories import Bureau, make_case, moment
from tests.supervision.petitions.factories import Scene, make_petition

SIXTY = "xf_complete_60d"


def day(text: str) -> date:
    return date.fromisoformat(text)


def clock(petition: Petition, limit: str) -> Clock | None:
    rows = Clock.objects.filter(matter=petition.pk, limit__code=limit).exclude(state=ClockState.VOID)
    return rows.order_by("-pk").first()


def due(petition: Petition, limit: str) -> str | None:
    row = clock(petition, limit)
    return None if row is None else f"{row.due_on}"


@dataclass
class Walk:
    """A petition walked through its steps; each is taken on the day it happened."""

    petition: Petition
    by: Officer

    def step(self, verb, on: str, **told) -> None:
        verb(petition=self.petition, on=day(on), by=self.by, at=moment(f"{on} 16:00"), **told)


@pytest.fixture
def walk(scene: Scene) -> Walk:
    return Walk(scene.petition, scene.registrar)


# -- dates -------------------------------------------------------------------------------------------------------------

# Article, route, whether the sixty days run, and when they end.
ROUTES = [
    ("29", "suggestion", None, "a suggestion is looked into and answered; sixty days are for claims"),
    ("30", "accusation", None, "an accusation goes the way of discipline"),
    ("31(1)", "claim_legal", None, "led into a legal procedure, it follows that procedure's limits"),
    ("31(2)", "claim_arbitration", None, "arbitration"),
    ("31(3)", "claim_party", None, "party procedures"),
    ("31(4)", "claim_administrative", None, "administrative procedures"),
    ("31(5)", "claim_duty", None, "a duty is done or answered by the law that sets it"),
    ("31(6), 34", "claim_other", "2026-11-19", "sixty days from acceptance on a worked Sunday"),
]


@pytest.mark.parametrize(("article", "route", "expected", "why"), ROUTES)
def test_sixty_days_run_only_where_the_article_says(
    walk: Walk, article: str, route: str, expected: str | None, why: str
) -> None:
    walk.step(decide, "2026-09-20", route=route)

    assert due(walk.petition, SIXTY) == expected, why


def test_an_extension_counts_only_once_the_petitioner_was_told(walk: Walk) -> None:
    walk.step(decide, "2026-09-20", route="claim_other")

    walk.step(extend, "2026-11-16", approver="county_leader", ground="情况复杂")
    assert due(walk.petition, SIXTY) == "2026-11-19"
    assert extension_untold(walk.petition)

    walk.step(tell_extension, "2026-11-17")
    # 19 December is a Saturday.
    assert due(walk.petition, SIXTY) == "2026-12-21"
    assert not extension_untold(walk.petition)


def test_an_extension_by_too_low_a_level_moves_nothing(walk: Walk) -> None:
    walk.step(decide, "2026-09-20", route="claim_other")
    walk.step(extend, "2026-11-16", approver="department_head", ground="情况复杂")
    walk.step(tell_extension, "2026-11-17")

    assert due(walk.petition, SIXTY) == "2026-11-19"


def test_recheck_and_review_have_thirty_days_each_and_a_hearing_is_not_counted(walk: Walk) -> None:
    walk.step(decide, "2026-09-11", route="claim_other")
    walk.step(answer, "2026-10-12", conclusion="refused")
    walk.step(deliver, "2026-10-13")
    assert due(walk.petition, "xf_recheck_apply_30d") == "2026-11-12"

    walk.step(record_remedy, "2026-10-20", step="petition_recheck_requested")
    assert due(walk.petition, "xf_recheck_30d") == "2026-11-19"

    walk.step(record_remedy, "2026-10-30", step="petition_recheck_answered")
    walk.step(record_remedy, "2026-11-02", step="petition_recheck_received")
    walk.step(record_remedy, "2026-11-03", step="petition_review_requested")
    assert due(walk.petition, "xf_review_30d") == "2026-12-03"

    walk.step(record_remedy, "2026-11-09", step="petition_hearing_opened")
    walk.step(record_remedy, "2026-11-13", step="petition_hearing_ended")
    # Four days of hearing: 7 December is a Monday.
    assert due(walk.petition, "xf_review_30d") == "2026-12-07"


def test_the_notice_stops_its_clock_and_the_reminder(walk: Walk) -> None:
    walk.step(notify, "2026-09-15", document_number="告〔2026〕1号")

    row = clock(walk.petition, "xf_notify_15d")
    assert row is not None and row.state == ClockState.STOPPED
    walk.petition.refresh_from_db()
    assert walk.petition.tell_since is None
    with pytest.raises(PetitionRefused, match=DONE_ALREADY):
        walk.step(notify, "2026-09-16")


# -- stages ------------------------------------------------------------------------------------------------------------


def test_a_routed_petition_names_the_case_behind_it(walk: Walk, bureau: Bureau) -> None:
    case = make_case("A-1", bureau.sibling)

    walk.step(decide, "2026-09-12", route="claim_legal", underlying=case)

    walk.petition.refresh_from_db()
    assert (walk.petition.stage, walk.petition.underlying) == (Stage.ROUTED, case)


def test_a_petition_is_declined_for_a_reason_and_is_then_closed(walk: Walk) -> None:
    with pytest.raises(PetitionRefused, match=REASON_NEEDED):
        walk.step(decline, "2026-09-12", reason=" ")

    walk.step(decline, "2026-09-12", reason="复核意见已出，同一事实不再受理")

    walk.petition.refresh_from_db()
    assert walk.petition.stage == Stage.DECLINED
    assert Matter.objects.get(pk=walk.petition.pk).closed_at is not None


def test_what_does_not_fit_the_stage_is_refused_and_nothing_is_written(walk: Walk) -> None:
    with pytest.raises(PetitionRefused, match=NOT_NOW.format(stage="已登记", act="答复")):
        walk.step(answer, "2026-09-12", conclusion="supported")

    assert walk.petition.steps.count() == 1
    assert walk.petition.matter.events.count() == 1


def test_a_decision_is_taken_once(walk: Walk) -> None:
    walk.step(decide, "2026-09-12", route="claim_other")

    with pytest.raises(PetitionRefused, match="办理中"):
        walk.step(decide, "2026-09-13", route="accusation")


@pytest.mark.parametrize(("route", "refusal"), [("claim_seventh", UNKNOWN_ROUTE), ("", UNKNOWN_ROUTE)])
def test_routes_are_those_of_the_regulations(walk: Walk, route: str, refusal: str) -> None:
    with pytest.raises(PetitionRefused, match=refusal):
        walk.step(decide, "2026-09-12", route=route)


def test_an_extension_is_given_once_and_told_once(walk: Walk) -> None:
    walk.step(decide, "2026-09-20", route="claim_other")
    with pytest.raises(PetitionRefused, match=NOTHING_TO_TELL):
        walk.step(tell_extension, "2026-11-10")
    walk.step(extend, "2026-11-16", approver="county_leader", ground="情况复杂")
    walk.step(tell_extension, "2026-11-17")

    with pytest.raises(PetitionRefused, match=EXTENDED_ALREADY):
        walk.step(extend, "2026-12-18", approver="county_leader", ground="情况复杂")
    with pytest.raises(PetitionRefused, match=NOTHING_TO_TELL):
        walk.step(tell_extension, "2026-12-18")


def test_nothing_is_recorded_that_has_not_happened(scene: Scene) -> None:
    with pytest.raises(PetitionRefused, match=FUTURE_DAY):
        notify(petition=scene.petition, on=day("2026-09-13"), by=scene.registrar, at=moment("2026-09-12 09:00"))


def test_the_evaluation_is_asked_for_after_the_answer_arrived(walk: Walk) -> None:
    at = moment("2026-10-14 09:00")
    walk.step(decide, "2026-09-12", route="claim_other")
    walk.step(answer, "2026-10-12", conclusion="supported")
    with pytest.raises(PetitionRefused, match="送达"):
        ask_evaluation(petition=walk.petition, by=walk.by, at=at)
    with pytest.raises(PetitionRefused, match="请予评价"):
        take_evaluation(petition=walk.petition, grade=1, text="", by=walk.by, at=at)

    walk.step(deliver, "2026-10-13")
    ask_evaluation(petition=walk.petition, by=walk.by, at=at)
    take_evaluation(petition=walk.petition, grade=2, text="还可以", by=walk.by, at=at)

    assert Feedback.objects.get(matter=walk.petition.pk).grade == 2


def test_an_answer_does_not_arrive_before_it_is_given(walk: Walk) -> None:
    walk.step(decide, "2026-09-12", route="claim_other")
    walk.step(answer, "2026-10-12", conclusion="supported")

    with pytest.raises(PetitionRefused, match="送达答复"):
        deliver(petition=walk.petition, on=day("2026-10-11"), by=walk.by, at=moment("2026-10-13"))


def test_a_step_of_review_needs_the_one_before_it(walk: Walk) -> None:
    with pytest.raises(PetitionRefused, match="之前应当先有"):
        walk.step(record_remedy, "2026-10-12", step="petition_review_requested")


def test_a_forwarded_petition_is_told_by_its_own_clock(bureau: Bureau, registrar: Officer) -> None:
    petition = make_petition(bureau, registrar, channel="forwarded")

    notify(petition=petition, on=day("2026-09-14"), by=registrar, at=moment("2026-09-14 16:00"))

    row = clock(petition, "xf_forwarded_notify_15d")
    assert row is not None and row.state == ClockState.STOPPED
