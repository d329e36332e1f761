from collections.abc import Callable
from datetime import timedelta

import pytest

from cases.models import Officer
from supervision.rectification.models import Order, Source
from supervision.reviews import refusals
from supervision.reviews.models import Action, FormState, Kinship, Line, ReviewForm, ReviewStep, Stage, Verdict
from supervision.reviews.services import (
    Finding,
    Plan,
    ReviewRefused,
    Struck,
    close_round,
    decide_objection,
    declare_kin,
    file_form,
    give_form,
    object_to,
    review_again,
    watch,
)
from tests.cases.factories import day, moment
from tests.supervision.reviews.factories import LATER, SEED, County, draw, form_of, make_files

SERVED = Finding("served", "flaw", 3, "决定书 3 月 9 日才送达", "卷 15 页")
HEARING = Finding("hearing", "fault", 40, "没有听证告知书")
MERIT = Finding("merit", "merit", 5, "证据目录完整")
# Settled on Wednesday 8 April 2026: the fifth working day after it is Wednesday the 15th.
LAST_DAY = day("2026-04-15")
OVER = moment("2026-04-16")


def reviewed(county: County, number: str, *found: Finding, strike: tuple[Struck, ...] = ()) -> ReviewForm:
    """The first review of a file, handed in by whoever it was given to."""
    form = form_of(number)
    assert form.reviewer is not None
    return file_form(form=form, add=found, strike=strike, opinion="已阅卷", by=form.reviewer, at=LATER)


def settled(county: County, number: str = "A1", *found: Finding) -> ReviewForm:
    draw(county)
    return reviewed(county, number, *(found or (SERVED,)))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(ReviewRefused) as error:
        act()
    return str(error.value)


def actions(form: ReviewForm) -> list[str]:
    return list(ReviewStep.objects.filter(form=form).order_by("pk").values_list("action", flat=True))


# -- the first review --------------------------------------------------------------------------------------------------


def test_a_file_without_findings_is_clean_and_final_at_once(county: County) -> None:
    draw(county)

    form = reviewed(county, "A1", MERIT)

    assert (form.score, form.verdict, form.state, form.final_at, form.due_at) == (
        100,
        Verdict.CLEAN,
        FormState.FINAL,
        LATER,
        None,
    )
    assert actions(form) == [Action.DRAWN, Action.FILED, Action.SETTLED, Action.FINAL]
    assert not Order.objects.exists()


def test_a_flaw_settles_the_form_and_the_unit_has_five_working_days_to_object(county: County) -> None:
    form = settled(county, "A1", SERVED, MERIT)

    assert (form.score, form.verdict, form.state) == (100, Verdict.FLAWED, FormState.SETTLED)
    assert (form.objection_until, form.due_at) == (LAST_DAY, OVER)
    assert not Order.objects.exists()


def test_what_was_computed_counts_unless_it_is_struck_with_why(county: County) -> None:
    make_files(county, late=2)
    draw(county)
    computed = Line.objects.get(form__matter__number="A2")

    kept = reviewed(county, "A1")
    dropped = reviewed(county, "A2", strike=(Struck(computed.pk, "延长已批准，漏录"),))

    assert (kept.score, kept.verdict) == (85, Verdict.FLAWED)
    assert (dropped.score, dropped.verdict) == (100, Verdict.CLEAN)
    computed.refresh_from_db()
    assert (computed.struck_stage, computed.struck_why, computed.struck_by) == (
        Stage.FIRST,
        "延长已批准，漏录",
        dropped.reviewer,
    )


def test_a_fault_goes_to_a_second_reviewer_who_is_another(county: County) -> None:
    form = settled(county, "A1", HEARING)

    assert (form.state, form.verdict, form.score) == (FormState.SECOND, Verdict.FAULTY, 60)
    assert {form.reviewer, form.second_reviewer} == {county.legal, county.second_legal}


def test_what_was_drawn_for_it_goes_to_a_second_reviewer_though_nothing_was_found(county: County) -> None:
    draw(county, plan=Plan(files=5, second_percent=100, seed=SEED))

    form = reviewed(county, "A1")

    assert form.state == FormState.SECOND and form.second_reviewer not in (None, form.reviewer)


def test_where_all_must_keep_away_the_second_review_waits_for_somebody(county: County) -> None:
    draw(county, reviewers=(county.legal,))
    form = reviewed(county, "A1", HEARING)
    assert form.second_reviewer is None

    form = give_form(form=form, to=county.third_legal, by=county.inspector, at=LATER)

    assert (form.second_reviewer, form.second_unit) == (county.third_legal, county.bureau.legal)


def test_the_second_review_confirms_or_amends(county: County) -> None:
    draw(county)
    for number, strike in (("A1", False), ("A2", True)):
        form = reviewed(county, number, HEARING, SERVED)
        assert form.second_reviewer is not None
        line = Line.objects.get(form=form, item="hearing")
        struck = (Struck(line.pk, "有告知笔录"),) if strike else ()
        review_again(form=form, add=(), strike=struck, opinion="已复核", by=form.second_reviewer, at=LATER)

    confirmed, amended = form_of("A1"), form_of("A2")
    assert (confirmed.score, confirmed.verdict, confirmed.state) == (57, Verdict.FAULTY, FormState.SETTLED)
    assert (amended.score, amended.verdict, amended.state) == (97, Verdict.FLAWED, FormState.SETTLED)


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        (Finding("nothing", "flaw", 1, "有"), refusals.UNKNOWN_ITEM.format(item="nothing")),
        (Finding("served", "flaw", 6, "有"), refusals.POINTS_OUT_OF_RANGE.format(item="处罚决定书未按期送达", most=5)),
        (Finding("served", "flaw", 0, "有"), refusals.POINTS_OUT_OF_RANGE.format(item="处罚决定书未按期送达", most=5)),
        (Finding("served", "flaw", 1, "  "), refusals.NO_TEXT.format(item="处罚决定书未按期送达")),
        (Finding("served", "merit", 1, "有"), refusals.WRONG_WEIGHT.format(item="处罚决定书未按期送达", weight="加分")),
        (Finding("merit", "flaw", 1, "有"), refusals.WRONG_WEIGHT.format(item="办案规范，可以作为范例", weight="瑕疵")),
        (Finding("served", "flaw", 1, "有", "x" * 201), refusals.TOO_LONG.format(most=200, length=201)),
    ],
)
def test_a_line_that_the_form_does_not_know_is_refused_and_nothing_changes(
    county: County, found: Finding, refusal: str
) -> None:
    draw(county)

    assert refused(lambda: reviewed(county, "A1", found)) == refusal
    assert form_of("A1").state == FormState.DRAWN and not Line.objects.exists()


def test_only_the_reviewer_hands_a_form_in_and_once(county: County) -> None:
    draw(county)
    form = form_of("A1")
    assert form.reviewer is not None
    same = {"form": form, "add": (), "strike": (), "at": LATER}

    assert refused(lambda: file_form(**same, opinion="阅", by=county.inspector)) == refusals.NOT_THE_REVIEWER.format(
        reviewer=form.reviewer
    )
    assert refused(lambda: file_form(**same, opinion=" ", by=form.reviewer)) == refusals.NO_OPINION  # type: ignore[arg-type]
    file_form(**same, opinion="阅", by=form.reviewer)  # type: ignore[arg-type]
    assert refused(lambda: file_form(**same, opinion="阅", by=form.reviewer)).startswith("这一件现在是“已确定”")  # type: ignore[arg-type]


def test_an_old_sight_of_a_form_changes_nothing(county: County) -> None:
    draw(county)
    seen = form_of("A1")
    assert seen.reviewer is not None
    reviewed(county, "A1", SERVED)
    seen.state = FormState.DRAWN

    assert (
        refused(lambda: file_form(form=seen, add=(HEARING,), strike=(), opinion="阅", by=seen.reviewer, at=LATER))  # type: ignore[arg-type]
        == refusals.MOVED_ON
    )
    assert Line.objects.count() == 1


def test_a_reviewer_who_must_keep_away_by_now_is_refused(county: County) -> None:
    draw(county)
    form = form_of("A1")
    assert form.reviewer is not None
    declare_kin(officer=form.reviewer, kin=county.officer, at=LATER)
    declare_kin(officer=form.reviewer, kin=county.officer, at=LATER)

    assert refused(lambda: reviewed(county, "A1")) == refusals.MUST_RECUSE.format(officer=form.reviewer)
    assert Kinship.objects.count() == 1
    assert refused(lambda: declare_kin(officer=county.legal, kin=county.legal, at=LATER)) == refusals.OWN_KIN


@pytest.mark.parametrize("who", ["head", "officer", "leader"])
def test_a_form_is_given_to_nobody_whose_work_it_is_not(county: County, who: str) -> None:
    draw(county)
    to: Officer = getattr(county, who)

    assert refused(
        lambda: give_form(form=form_of("A1"), to=to, by=county.inspector, at=LATER)
    ) == refusals.REVIEWER_AWAY.format(officer=to)


def test_nobody_is_given_the_second_review_of_what_he_reviewed(county: County) -> None:
    form = settled(county, "A1", HEARING)
    assert form.reviewer is not None

    assert refused(
        lambda: give_form(form=form, to=form.reviewer, by=county.inspector, at=LATER)  # type: ignore[arg-type]
    ) == refusals.REVIEWED_TWICE.format(officer=form.reviewer)


# -- what the unit says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["head", "officer"])
def test_the_unit_objects_and_others_decide_within_ten_working_days(county: County, who: str) -> None:
    form = object_to(form=settled(county), text="当日已电话送达", by=getattr(county, who), at=LATER)

    assert (form.state, form.decision_until, form.due_at) == (
        FormState.OBJECTED,
        day("2026-04-22"),
        moment("2026-04-23"),
    )
    form = decide_objection(form=form, strike=(), text="电话不是送达，维持", by=county.third_legal, at=LATER)
    assert (form.state, form.verdict, form.score) == (FormState.FINAL, Verdict.FLAWED, 97)
    assert Order.objects.get().source == Source.REVIEW


def test_what_does_not_hold_is_struck_by_the_decision_and_no_order_comes_of_it(county: County) -> None:
    form = object_to(form=settled(county, "A1", SERVED), text="送达回证在副卷", by=county.head, at=LATER)
    line = Line.objects.get(form=form)

    form = decide_objection(form=form, strike=(Struck(line.pk, "回证属实"),), text="成立", by=county.leader, at=LATER)

    assert (form.state, form.verdict, form.score) == (FormState.FINAL, Verdict.CLEAN, 100)
    assert not Order.objects.exists()


@pytest.mark.parametrize("who", ["sibling_head", "legal", "inspector", "stranger"])
def test_nobody_objects_for_another_unit(county: County, who: str) -> None:
    form = settled(county)

    assert refused(lambda: object_to(form=form, text="不服", by=getattr(county, who), at=LATER)) == (
        refusals.NOT_OF_THE_UNIT
    )


def test_an_objection_comes_in_time_or_not_at_all(county: County) -> None:
    form = settled(county)

    just_over = refused(lambda: object_to(form=form, text="不服", by=county.head, at=OVER))

    assert just_over == refusals.OBJECTION_OVER.format(day="2026-04-15")
    in_time = object_to(form=form, text="不服", by=county.head, at=OVER - timedelta(minutes=1))
    assert in_time.state == FormState.OBJECTED


def test_neither_reviewer_nor_the_unit_decides(county: County) -> None:
    form = object_to(form=settled(county), text="不服", by=county.head, at=LATER)
    assert form.reviewer is not None

    for officer in (form.reviewer, county.head):
        assert refused(
            lambda officer=officer: decide_objection(form=form, strike=(), text="维持", by=officer, at=LATER)
        ) == refusals.REVIEWED_TWICE.format(officer=officer)
    assert refused(
        lambda: decide_objection(form=form, strike=(), text="维持", by=county.officer, at=LATER)
    ) == refusals.REVIEWER_AWAY.format(officer=county.officer)


# -- final -------------------------------------------------------------------------------------------------------------


def test_when_nobody_objects_every_finding_becomes_an_order_of_its_own(county: County) -> None:
    draw(county)
    reviewed(county, "A1", SERVED, Finding("late", "flaw", 5, "超期二日"), MERIT)

    early, first, second = watch(at=OVER - timedelta(minutes=1)), watch(at=OVER), watch(at=OVER)

    assert ((early.final, early.orders), (first.final, first.orders), (second.final, second.orders)) == (
        (0, 0),
        (1, 2),
        (0, 0),
    )
    form = form_of("A1")
    assert (form.state, form.final_at, form.due_at) == (FormState.FINAL, OVER, None)
    orders = {one.problem.code: one for one in Order.objects.all()}
    assert set(orders) == {"served", "late"}
    assert (orders["served"].unit, orders["served"].officer, orders["served"].matter) == (
        county.station,
        county.officer,
        form.matter,
    )
    assert orders["served"].text == (
        "案件评查认定瑕疵：处罚决定书未按期送达。决定书 3 月 9 日才送达（卷内：卷 15 页）。依据《治安管理处罚法》第一百一十六条。"
    )
    assert {one.order for one in Line.objects.findings()} == set(orders.values())
    assert actions(form)[-3:] == [Action.FINAL, Action.ORDERED, Action.ORDERED]


def test_a_missed_watch_is_made_good_and_an_objection_is_left_to_its_judge(county: County) -> None:
    draw(county)
    objected = object_to(form=reviewed(county, "A1", SERVED), text="不服", by=county.head, at=LATER)
    reviewed(county, "A2", SERVED)

    report = watch(at=OVER + timedelta(days=30))

    assert (report.final, report.orders) == (1, 1)
    assert form_of("A1").state == objected.state


def test_a_round_ends_when_all_its_forms_are_final(county: County) -> None:
    drawn = draw(county)
    for number in ("A1", "A2", "A3", "B1"):
        reviewed(county, number)

    assert refused(lambda: close_round(review_round=drawn, by=county.inspector, at=LATER)) == (
        refusals.STILL_OPEN.format(forms=1)
    )
    reviewed(county, "B2")
    closed = close_round(review_round=drawn, by=county.inspector, at=LATER)
    assert (closed.closed_at, closed.closed_by) == (LATER, county.inspector)
    assert refused(lambda: close_round(review_round=closed, by=county.inspector, at=LATER)) == refusals.ROUND_CLOSED
