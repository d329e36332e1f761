from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Barring, BarringGround, MatterKind, Officer
from supervision.reviews import refusals, rules
from supervision.reviews.models import (
    Action,
    Basis,
    FormState,
    Kinship,
    Line,
    Matters,
    ReviewForm,
    ReviewRound,
    ReviewStep,
    Stage,
    Stratum,
)
from supervision.reviews.queries import draw_again, frame_of
from supervision.reviews.services import Plan, ReviewRefused, draw_sample
from tests.cases.factories import day, make_case, moment
from tests.supervision.reviews.factories import DRAWN, SEED, County, draw, form_of, make_files, scope_of


def reviewers_of(drawn: ReviewRound) -> dict[str, str | None]:
    rows = ReviewForm.objects.filter(round=drawn).order_by("matter__number")
    return dict(rows.values_list("matter__number", "reviewer__police_number"))


def test_a_round_keeps_all_that_is_needed_to_draw_it_again(county: County) -> None:
    drawn = draw(county, plan=Plan(files=3, seed=SEED))

    again = draw_again(drawn)

    assert (again.same_frame, again.same_sample, again.digest) == (True, True, drawn.frame_digest)
    assert (drawn.frame_size, drawn.seed, drawn.seed_given, drawn.method) == (5, SEED, True, rules.METHOD)
    assert list(Stratum.objects.values_list("unit__code", "kind", "frame_size", "drawn")) == [
        ("X1", "case", 3, 2),
        ("X2", "case", 2, 1),
    ]
    assert ReviewForm.objects.filter(round=drawn, state=FormState.DRAWN).count() == 3
    assert list(ReviewStep.objects.filter(form=None).values_list("action", "by", "text")) == [
        (Action.DRAWN, county.inspector.pk, "总体 5 件，抽取 3 件")
    ]
    assert ReviewStep.objects.filter(action=Action.DRAWN).exclude(form=None).count() == 3


def test_it_is_drawn_the_same_again_after_files_moved_on_and_new_ones_came(county: County) -> None:
    drawn = draw(county, plan=Plan(files=3, seed=SEED))
    moved = ReviewForm.objects.filter(round=drawn).first()
    assert moved is not None
    type(moved.matter).objects.filter(pk=moved.matter_id).update(unit=county.bureau.legal, station=county.bureau.legal)
    make_case("A9", county.station, filed="2026-03-05")

    again = draw_again(drawn)

    assert again.same_frame and again.same_sample


def test_a_tampered_frame_or_sample_is_seen(county: County) -> None:
    drawn = draw(county, plan=Plan(files=3, seed=SEED))

    Stratum.objects.filter(unit=county.station).update(frame=["A1", "A2"], frame_size=2)

    assert not draw_again(drawn).same_frame


def test_the_same_seed_gives_the_same_files_to_the_same_reviewers(county: County) -> None:
    make_files(county)
    plan, reviewers = Plan(files=4, seed="7"), (county.legal, county.second_legal)

    first = draw_sample(scope_of(county), plan, reviewers, at=DRAWN)
    second = draw_sample(scope_of(county), plan, reviewers, at=DRAWN)

    assert (first.sample, first.reviewer_of, first.digest) == (second.sample, second.reviewer_of, second.digest)
    assert not ReviewRound.objects.exists()


def test_without_a_seed_one_is_taken_by_chance_and_kept(county: County) -> None:
    drawn = draw(county, plan=Plan(files=3))

    assert len(drawn.seed) == 16 and not drawn.seed_given
    assert draw_again(drawn).same_sample


def test_nobody_reviews_his_units_his_own_or_his_kins_files_nor_one_he_is_barred_from(county: County) -> None:
    [first, second, third, *_] = make_files(county)
    # The inspector once handled the first; the second legal officer has kin in the station, the third is barred.
    Kinship.objects.create(officer=county.officer, kin=county.second_legal, declared_at=DRAWN)
    Barring.objects.create(
        matter=third, officer=county.inspector, ground=BarringGround.INTEREST, by=county.legal, from_at=DRAWN
    )
    first.handlings.create(officer=county.inspector, role="inspector", from_at=DRAWN, until_at=DRAWN)

    drawn = draw(county, reviewers=(county.inspector, county.second_legal))

    given = reviewers_of(drawn)
    assert (given["A1"], given["A2"], given["A3"]) == (None, county.inspector.police_number, None)
    assert {given["B1"], given["B2"]} <= {county.inspector.police_number, county.second_legal.police_number}
    assert second.pk in ReviewForm.objects.values_list("matter", flat=True)


def test_where_bureaus_review_each_other_nobody_reviews_his_own_bureau(county: County) -> None:
    drawn = draw(
        county, plan=Plan(files=5, crossed=True, seed=SEED, second_percent=0), reviewers=(county.legal, county.stranger)
    )

    assert set(reviewers_of(drawn).values()) == {county.stranger.police_number}


def test_limits_that_are_over_stand_on_the_form_as_computed(county: County) -> None:
    make_files(county, late=1)
    open_case = make_case("A8", county.station, county.officer, filed="2026-03-20")

    draw(county, plan=Plan(files=6, seed=SEED))

    lines = Line.objects.filter(clock__limit__code="decide_5d").order_by("form__matter__number")
    assert [(one.form.matter.number, one.item, one.stage, one.by, one.points, one.text) for one in lines] == [
        ("A1", "late", Stage.COMPUTED, None, 15, "本案“作出处理决定”超期办结"),
        ("A8", "late", Stage.COMPUTED, None, 15, "本案“作出处理决定”已超期，还没有办结"),
    ]
    assert {one.citation for one in lines} == {lines[0].clock.limit.citation}  # type: ignore[union-attr]
    assert form_of("A8").matter == open_case


def test_restricted_files_children_and_withdrawn_ones_are_not_in_the_frame(county: County) -> None:
    [first, *_] = make_files(county)
    make_case("V1", county.station, kind="visit", filed="2026-03-02", parent=first)
    MatterKind.objects.filter(code="letter").update(restricted=True)
    make_case("L1", county.station, kind="letter", filed="2026-03-02")
    type(first).objects.filter(number="A3").update(withdrawn_at=DRAWN)

    frame = frame_of(scope_of(county, kinds=("case", "visit", "letter")), at=DRAWN)

    assert sorted(one.number for one in frame.candidates) == ["A1", "A2", "B1", "B2"]


def test_the_scope_may_be_what_is_closed_long_open_or_of_an_enterprise(county: County) -> None:
    [first, *_] = make_files(county)
    type(first).objects.filter(number="A1").update(facts={"enterprise": True})
    type(first).objects.filter(number="A2").update(closed_at=moment("2026-03-09 10:00"))
    make_case("OLD", county.station, filed="2025-06-02")

    def numbers(**fields: object) -> list[str]:
        return sorted(one.number for one in frame_of(scope_of(county, **fields), at=DRAWN).candidates)

    assert numbers(matters=Matters.ENTERPRISE) == ["A1"]
    assert numbers(basis=Basis.CLOSED) == ["A2"]
    assert numbers(basis=Basis.LONG_OPEN, from_on=day("2025-01-01")) == ["OLD"]


@pytest.mark.parametrize(
    ("scope", "plan", "refusal"),
    [
        ({"from_on": day("2026-04-01")}, {}, refusals.PERIOD_BACKWARDS),
        ({"until_on": day("2026-04-07")}, {}, refusals.PERIOD_NOT_OVER.format(day="2026-04-07")),
        ({"kinds": ()}, {}, refusals.NO_KINDS),
        ({"kinds": ("letter",)}, {}, refusals.RESTRICTED_KIND.format(kind="来信")),
        ({"matters": Matters.ECONOMIC}, {}, refusals.EMPTY_FRAME),
        ({}, {"files": 0}, refusals.FILES_OUT_OF_RANGE.format(most=rules.MOST_FILES)),
        ({}, {"files": 6}, refusals.MORE_THAN_FRAME.format(size=5, files=6)),
        ({}, {"files": 1}, refusals.TOO_FEW_FILES.format(files=1, units=2, least=1)),
        ({}, {"least": 0}, refusals.LEAST_OUT_OF_RANGE),
        ({}, {"second_percent": 101}, refusals.SECOND_OUT_OF_RANGE),
        ({}, {"seed": "x" * 65}, refusals.SEED_TOO_LONG.format(most=64)),
    ],
)
def test_a_draw_is_refused(county: County, scope: dict[str, object], plan: dict[str, object], refusal: str) -> None:
    make_files(county)
    MatterKind.objects.filter(code="letter").update(restricted=True)

    with pytest.raises(ReviewRefused) as refused:
        draw(county, scope=scope_of(county, **scope), plan=replace(Plan(files=5), **plan))

    assert str(refused.value) == refusal
    assert not ReviewRound.objects.exists()


@pytest.mark.parametrize("who", ["leader", "head", "officer"])
def test_only_whose_work_it_is_reviews(county: County, who: str) -> None:
    officer: Officer = getattr(county, who)

    with pytest.raises(ReviewRefused) as refused:
        draw(county, reviewers=(officer,))

    assert str(refused.value) == refusals.REVIEWER_AWAY.format(officer=officer)


def test_a_round_draws_without_a_question_a_file(county: County) -> None:
    make_files(county, station=3, sibling=1, late=3)
    # What an officer object learns of its posts and units it keeps.
    draw(county, plan=Plan(files=2, seed=SEED))
    with CaptureQueriesContext(connection) as few:
        draw(county, plan=Plan(files=2, seed=SEED))
    more = [make_case(f"C{number}", county.station, filed="2026-03-02") for number in range(20)]
    with CaptureQueriesContext(connection) as many:
        draw(county, plan=Plan(files=20, seed=SEED))

    assert (len(more), len(many)) == (20, len(few))


# -- what the database keeps -------------------------------------------------------------------------------------------


def refused_by_the_database(**changes: object) -> bool:
    try:
        with transaction.atomic():
            ReviewForm.objects.filter(matter__number="A1").update(**changes)
    except IntegrityError:
        return True
    return False


def test_the_database_keeps_reviewers_from_their_own(county: County) -> None:
    draw(county)
    form = form_of("A1")

    assert refused_by_the_database(reviewer_unit=form.unit)
    assert refused_by_the_database(second_unit=form.unit)
    assert refused_by_the_database(reviewer=form.officer)
    assert refused_by_the_database(second_reviewer=form.officer)
    assert refused_by_the_database(second_reviewer=form.reviewer)
    assert refused_by_the_database(score=50)
    assert refused_by_the_database(state=FormState.SETTLED)
    assert refused_by_the_database(state=FormState.FINAL)
    done = {"state": FormState.SETTLED, "filed_at": DRAWN, "verdict": "clean"}
    assert refused_by_the_database(**done, score=101)
    assert not refused_by_the_database(**done, score=100)
    objected = {
        "objected_at": DRAWN,
        "objected_by": county.head,
        "objection": "不服",
        "decision_until": day("2026-04-20"),
    }
    assert refused_by_the_database(objected_at=DRAWN)
    assert not refused_by_the_database(**objected)
    for judge in (form.reviewer, county.head):
        assert refused_by_the_database(decided_at=DRAWN, decided_by=judge, decision="驳回")
    assert not refused_by_the_database(decided_at=DRAWN, decided_by=county.third_legal, decision="驳回")


def test_the_ledger_is_only_added_to(county: County) -> None:
    draw(county)

    with pytest.raises(DatabaseError), transaction.atomic():
        ReviewStep.objects.update(at=DRAWN + timedelta(days=1))
    with pytest.raises(DatabaseError), transaction.atomic():
        ReviewStep.objects.all().delete()
