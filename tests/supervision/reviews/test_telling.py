"""Who is told of what: reviewers a round at a time, the unit of what it may object to, others of what they are to decide."""

from datetime import timedelta

from supervision.reviews import services
from supervision.reviews.models import ReviewForm
from supervision.reviews.queries import matters_behind, still_stands, untold
from supervision.reviews.services import Finding, Plan, file_form, object_to
from tests.supervision.reviews.factories import DRAWN, LATER, SEED, County, draw, form_of, make_files

SERVED = Finding("served", "flaw", 3, "迟送二日")
SOON = LATER + timedelta(hours=1)


def told(at: object) -> set[tuple[str, int]]:
    return {(one.key.partition(":")[0], one.officer_id) for one in untold(at=at)}  # type: ignore[arg-type]


def hand_in(number: str) -> ReviewForm:
    form = form_of(number)
    assert form.reviewer is not None
    return file_form(form=form, add=(SERVED,), strike=(), opinion="阅", by=form.reviewer, at=LATER)


def test_each_reviewer_is_told_once_of_all_his_files_in_a_round(county: County) -> None:
    drawn = draw(county)

    found = list(untold(at=DRAWN))

    assert {one.officer_id for one in found} == {county.legal.pk, county.second_legal.pk} and len(found) == 2
    assert sorted(one.text for one in found) == [
        f"{drawn.number}“三月评查”：2 件案件等您评查",
        f"{drawn.number}“三月评查”：3 件案件等您评查",
    ]
    assert all(one.link.endswith(f"?mine=due&round={drawn.pk}") for one in found)
    assert list(untold(at=DRAWN, urgent=True)) == []


def test_files_from_which_all_must_keep_away_are_told_to_the_legal_officers(county: County) -> None:
    drawn = draw(county)
    ReviewForm.objects.filter(matter__number="A1").update(reviewer=None, reviewer_unit=None)

    [one] = [
        one for one in untold(at=DRAWN) if one.key == f"reviews.due:{drawn.pk}:0" and one.officer_id == county.legal.pk
    ]

    assert one.text.endswith("1 件案件还没有评查员，请指定")


def test_the_head_and_the_handler_are_told_of_what_they_may_object_to_and_others_of_what_they_are_to_decide(
    county: County,
) -> None:
    draw(county)
    services.mark_told([one.key for one in untold(at=DRAWN)], at=DRAWN)
    form = hand_in("A1")
    assert told(SOON) == {("reviews.form", county.head.pk), ("reviews.form", county.officer.pk)}
    [text, _] = [one.text for one in untold(at=SOON)]
    assert text == "A1：评查结论为瑕疵，有异议的 04-15 前提出"

    object_to(form=form, text="已电话告知", by=county.head, at=SOON)

    hearers = {officer for _, officer in told(SOON)}
    assert form.reviewer_id not in hearers and hearers
    assert hearers <= {county.legal.pk, county.second_legal.pk, county.third_legal.pk}
    assert set(matters_behind([one.key for one in untold(at=SOON)]).values()) == {form.matter_id}


def test_a_clean_form_is_told_to_nobody(county: County) -> None:
    draw(county)
    services.mark_told([one.key for one in untold(at=DRAWN)], at=DRAWN)
    form = form_of("A1")
    assert form.reviewer is not None

    file_form(form=form, add=(), strike=(), opinion="阅", by=form.reviewer, at=LATER)

    assert list(untold(at=SOON)) == []


def test_what_was_told_is_told_no_more_unless_asked_for_and_drops_with_its_ground(county: County) -> None:
    make_files(county, station=1, sibling=0)
    draw(county, plan=Plan(files=1, second_percent=0, seed=SEED), reviewers=(county.legal,))
    number = ReviewForm.objects.get().matter.number
    keys = [one.key for one in untold(at=DRAWN)]
    assert still_stands(keys) == set(keys) and len(keys) == 1

    assert (services.mark_told(keys, at=DRAWN), services.mark_told(keys, at=DRAWN)) == (1, 0)
    assert list(untold(at=LATER)) == []
    assert services.tell_again([*keys, "alerts.alert:1:x", "reviews.form:1", "reviews.form:x:settled"], at=LATER) == 1
    assert [one.since for one in untold(at=LATER)] == [LATER]

    hand_in(number)
    assert still_stands(keys) == set()


def test_a_form_that_is_given_to_somebody_else_is_told_to_him(county: County) -> None:
    draw(county)
    services.mark_told([one.key for one in untold(at=DRAWN)], at=DRAWN)

    services.give_form(form=form_of("A1"), to=county.third_legal, by=county.inspector, at=LATER)

    assert told(LATER) == {("reviews.due", county.third_legal.pk)}
