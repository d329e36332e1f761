"""A whole round: six hundred files over twenty units, drawn, reviewed, reviewed again, objected to, decided, ordered."""

from collections import Counter
from datetime import timedelta

from django.db.models import F

from cases.models import Matter, MatterKind, Officer, Role, Unit, UnitKind, UnitLevel
from cases.services import add_unit
from supervision.rectification.models import Order, Source
from supervision.reviews.models import FormState, Line, ReviewForm, Stratum
from supervision.reviews.queries import draw_again
from supervision.reviews.services import (
    Finding,
    Plan,
    close_round,
    decide_objection,
    draw_round,
    file_form,
    object_to,
    review_again,
    watch,
)
from tests.cases.factories import make_officer, moment
from tests.supervision.reviews.factories import DRAWN, LATER, SEED, County, form_of, scope_of

UNITS, FILES = 20, 600
OPENED = moment("2026-03-10 09:00")


def make_units(county: County) -> list[Unit]:
    """Twenty stations, the first with thirty files of one kind and ten of another, each next with four more."""
    MatterKind.objects.create(code="incident", name="警情")
    kinds = {kind.code: kind for kind in MatterKind.objects.filter(code__in=("case", "incident"))}
    made = []
    for number in range(UNITS):
        unit = add_unit(
            code=f"S{number:02}",
            name=f"第{number}所",
            level=UnitLevel.STATION,
            kind=UnitKind.STATION,
            parent=county.bureau.county,
        )
        officer = make_officer(f"2{number:05}", unit, Role.CASE_OFFICER)
        Matter.objects.bulk_create(
            Matter(
                kind=kinds[kind],
                number=f"{unit.code}-{kind}-{one}",
                officer=officer,
                opened_at=OPENED,
                **unit.scope_ids,
            )
            for kind, size in (("case", 30 + 4 * number), ("incident", 10))
            for one in range(size)
        )
        made.append(unit)
    return made


def test_a_round_of_six_hundred_files_over_twenty_units(county: County) -> None:
    units = make_units(county)
    # One reviewer sits in a station that is reviewed: he is given others' files only.
    at_home = make_officer("100010", units[3], Role.LEGAL_OFFICER)
    reviewers = (county.legal, county.second_legal, county.third_legal, at_home)
    drawn = draw_round(
        title="年度评查",
        template=county.template,
        scope=scope_of(county, kinds=("case", "incident")),
        plan=Plan(files=FILES, least=5, second_percent=5, seed=SEED),
        reviewers=reviewers,
        by=county.inspector,
        at=DRAWN,
    )

    # -- the draw: again the same, and by the sizes of its strata
    again = draw_again(drawn)
    assert again.same_frame and again.same_sample and len(again.sample) == FILES
    strata = list(Stratum.objects.filter(round=drawn))
    assert len(strata) == 2 * UNITS and sum(one.drawn for one in strata) == FILES
    expected = {one.pk: FILES * one.frame_size / drawn.frame_size for one in strata}
    chi_square = sum((one.drawn - expected[one.pk]) ** 2 / expected[one.pk] for one in strata)
    # 39 degrees of freedom: 62.4 is the 0.99 quantile; parted by the largest remainder it is far below.
    assert chi_square < 5
    assert ReviewForm.objects.filter(round=drawn, second_drawn=True).count() == 30

    # -- nobody reviews his own unit's files, and the work is shared
    given = ReviewForm.objects.filter(round=drawn)
    assert not given.filter(reviewer=None).exists()
    assert not given.filter(reviewer__unit=F("unit")).exists()
    shares = Counter(given.values_list("reviewer", flat=True))
    assert max(shares.values()) - min(shares.values()) <= 1

    # -- every tenth is faulty, every fifth flawed
    by_pk = {one.pk: one for one in reviewers}
    found = {0: Finding("hearing", "fault", 30, "没有听证告知书"), 5: Finding("served", "flaw", 3, "迟送二日")}
    for number, form in enumerate(given.select_related("round", "matter__kind", "unit", "reviewer").order_by("pk")):
        add = (found[number % 10],) if number % 10 in found else ()
        form.reviewer = by_pk[form.reviewer_id or 0]
        file_form(form=form, add=add, strike=(), opinion="已阅卷", by=form.reviewer, at=LATER)
    for form in given.filter(state=FormState.SECOND).select_related("round", "matter", "second_reviewer"):
        assert form.second_reviewer is not None and form.second_reviewer_id != form.reviewer_id
        review_again(form=form, add=(), strike=(), opinion="同意", by=form.second_reviewer, at=LATER)
    assert not given.filter(second_reviewer__unit=F("unit")).exists()

    # -- one unit objects, somebody who did not review it decides
    first = given.filter(state=FormState.SETTLED).select_related("matter", "officer").order_by("pk")[0]
    form = form_of(first.matter.number)
    assert isinstance(form.officer, Officer)
    form = object_to(form=form, text="告知书在副卷", by=form.officer, at=LATER)
    decide_objection(form=form, strike=(), text="副卷没有，维持", by=county.inspector, at=LATER)
    watch(at=LATER + timedelta(days=10))

    # -- every finding an order, one each
    findings = Line.objects.findings().filter(form__round=drawn)
    assert findings.count() == 120 == Order.objects.filter(source=Source.REVIEW).count()
    assert not findings.filter(order=None).exists()
    assert not findings.exclude(order__unit=F("form__unit")).exists()
    assert Counter(given.values_list("verdict", flat=True)) == {"clean": 480, "flawed": 60, "faulty": 60}
    assert not given.exclude(state=FormState.FINAL).exists()
    close_round(review_round=drawn, by=county.inspector, at=LATER + timedelta(days=10))
