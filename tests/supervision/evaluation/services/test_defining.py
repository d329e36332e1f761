"""A bureau's own indicators and versions: who may make them, what is refused, what follows what."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import Officer, Role
from supervision.evaluation import refusals
from supervision.evaluation.models import Indicator, Part, Term
from supervision.evaluation.queries import version_for, versions_for
from supervision.evaluation.services import EvaluationRefused, define_indicator, end_indicator, revise_indicator
from supervision.evaluation.services.defining import wording_of
from supervision.evaluation.terms import read_term
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.evaluation.factories import CLOSED, FILED, house_indicator, term, wording

AT = moment("2026-03-10 09:00")
TODAY = date(2026, 3, 10)
APRIL = date(2026, 4, 1)


def own(bureau: Bureau, by: Officer, **told: Any) -> Indicator:
    return define_indicator(
        **{
            "wording": wording(name="当期结案率"),
            "numerator": [read_term(CLOSED)],
            "denominator": [read_term(FILED)],
            "unit": bureau.county,
            "in_force_from": APRIL,
            "by": by,
            "at": AT,
            **told,
        }
    )


# -- made ------------------------------------------------------------------------------------------------------------


def test_an_own_indicator_holds_for_its_bureau_and_below_and_for_nobody_else(
    bureau: Bureau, legal_officer: Officer
) -> None:
    made = own(bureau, legal_officer)

    held = versions_for([bureau.county, bureau.station, bureau.city, bureau.other_station], APRIL)
    assert {unit for unit, rows in held.items() if made in rows} == {bureau.county.pk, bureau.station.pk}
    assert version_for(bureau.county, made.code, date(2026, 3, 31)) is None
    assert (made.code, made.version, made.by) == ("own_X_1", 1, legal_officer)
    assert [(part.side, part.term.text) for part in made.parts.order_by("order")] == [
        ("numerator", 'matters:opened{"closed":true,"kind":["case"]}'),
        ("denominator", 'matters:opened{"kind":["case"]}'),
    ]


def test_terms_are_shared_by_all_that_count_them(bureau: Bureau, legal_officer: Officer) -> None:
    own(bureau, legal_officer)
    own(bureau, legal_officer, wording=wording(name="另一个结案率"))

    assert Term.objects.count() == 2 and Part.objects.count() == 4
    assert set(Indicator.objects.values_list("code", flat=True)) == {"own_X_1", "own_X_2"}


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.UNIT_HEAD, Role.LEADER, Role.INSPECTOR])
def test_only_a_legal_officer_of_the_bureau_makes_one(bureau: Bureau, role: Role) -> None:
    with pytest.raises(EvaluationRefused, match=refusals.NOT_YOUR_BUREAU):
        own(bureau, make_officer("200001", bureau.county, role))


def test_nobody_makes_one_for_the_bureau_next_door(bureau: Bureau, legal_officer: Officer) -> None:
    with pytest.raises(EvaluationRefused, match=refusals.NOT_YOUR_BUREAU):
        own(bureau, legal_officer, unit=bureau.other_county)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"wording": wording(name="破案率")}, "公通字〔2015〕32号"),
        ({"wording": wording(name=" ")}, refusals.NAME_NEEDED),
        ({"numerator": []}, refusals.NOTHING_COUNTED),
        ({"in_force_from": date(2026, 3, 9)}, refusals.DAY_PAST),
    ],
)
def test_what_cannot_be_is_refused(bureau: Bureau, legal_officer: Officer, told: dict[str, Any], why: str) -> None:
    with pytest.raises(EvaluationRefused, match=why):
        own(bureau, legal_officer, **told)

    assert not Indicator.objects.exists()


def test_two_equal_sides_are_refused(bureau: Bureau, legal_officer: Officer) -> None:
    with pytest.raises(EvaluationRefused, match=refusals.SAME_SIDES):
        own(bureau, legal_officer, numerator=[read_term(FILED)])


def test_a_name_that_is_taken_is_refused(bureau: Bureau, legal_officer: Officer) -> None:
    house_indicator(name="行政案件结案率")

    with pytest.raises(EvaluationRefused, match="已有名为“行政案件结案率”"):
        own(bureau, legal_officer, wording=wording(name="行政案件结案率 "))


def test_what_counts_restricted_rows_is_restricted(bureau: Bureau, legal_officer: Officer) -> None:
    made = own(
        bureau,
        legal_officer,
        numerator=[term("complaints", "received", enterprise=True)],
        denominator=[term("complaints", "received")],
    )

    assert made.restricted and not house_indicator().restricted


# -- versions --------------------------------------------------------------------------------------------------------


def test_a_new_version_begins_where_the_one_before_ends(bureau: Bureau, legal_officer: Officer) -> None:
    first = own(bureau, legal_officer, in_force_from=TODAY)

    second = revise_indicator(
        indicator=first,
        wording=replace(wording_of(first), minimum=5),
        unit=bureau.county,
        in_force_from=APRIL,
        by=legal_officer,
        at=AT,
    )

    first.refresh_from_db()
    assert (second.version, second.minimum, first.in_force_until) == (2, 5, APRIL)
    assert version_for(bureau.station, first.code, date(2026, 3, 31)) == first
    assert version_for(bureau.station, first.code, APRIL) == second
    assert [part.term for part in second.parts.order_by("order")] == [
        part.term for part in first.parts.order_by("order")
    ]


def test_a_bureau_may_have_its_own_version_of_one_of_the_house(bureau: Bureau, legal_officer: Officer) -> None:
    house = house_indicator("closing")

    ours = revise_indicator(
        indicator=house,
        wording=replace(wording_of(house), minimum=3),
        unit=bureau.county,
        in_force_from=TODAY,
        by=legal_officer,
        at=AT,
    )

    house.refresh_from_db()
    assert (ours.code, ours.version, house.in_force_until) == ("closing", 2, None)
    assert version_for(bureau.station, "closing", TODAY) == ours
    assert version_for(bureau.city, "closing", TODAY) == house
    assert version_for(bureau.other_station, "closing", TODAY) == house


def test_what_changes_nothing_is_no_new_version(bureau: Bureau, legal_officer: Officer) -> None:
    first = own(bureau, legal_officer, in_force_from=TODAY)

    with pytest.raises(EvaluationRefused, match=refusals.NOTHING_CHANGED):
        revise_indicator(
            indicator=first, wording=wording_of(first), unit=bureau.county, in_force_from=APRIL, by=legal_officer, at=AT
        )


def test_a_version_may_not_begin_before_the_one_it_follows(bureau: Bureau, legal_officer: Officer) -> None:
    first = own(bureau, legal_officer, in_force_from=APRIL)

    with pytest.raises(EvaluationRefused, match="不能早于上一版的施行日 2026-04-01"):
        revise_indicator(
            indicator=first,
            wording=replace(wording_of(first), minimum=5),
            unit=bureau.county,
            in_force_from=TODAY,
            by=legal_officer,
            at=AT,
        )


def test_a_new_version_may_not_turn_into_what_is_forbidden(bureau: Bureau, legal_officer: Officer) -> None:
    first = own(bureau, legal_officer, in_force_from=TODAY)

    with pytest.raises(EvaluationRefused, match="发案数"):
        revise_indicator(
            indicator=first,
            wording=replace(wording_of(first), name="发案数"),
            unit=bureau.county,
            in_force_from=APRIL,
            by=legal_officer,
            at=AT,
        )


def test_an_own_indicator_is_ended_once_and_one_of_the_house_never(bureau: Bureau, legal_officer: Officer) -> None:
    made, house = own(bureau, legal_officer, in_force_from=TODAY), house_indicator()

    end_indicator(indicator=made, until=APRIL, by=legal_officer, at=AT)

    assert version_for(bureau.county, made.code, APRIL) is None
    with pytest.raises(EvaluationRefused, match=refusals.ALREADY_ENDED):
        end_indicator(indicator=made, until=APRIL, by=legal_officer, at=AT)
    with pytest.raises(EvaluationRefused, match=refusals.NOT_OWN):
        end_indicator(indicator=house, until=APRIL, by=legal_officer, at=AT)


# -- kept by the database --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"name": "别的"}, {"minimum": 3}, {"in_force_from": date(2024, 1, 1)}])
def test_a_version_never_changes(bureau: Bureau, change: dict[str, Any]) -> None:
    made = house_indicator()

    with pytest.raises(DatabaseError), transaction.atomic():
        Indicator.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Part.objects.filter(indicator=made).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Term.objects.update(text="x")


def test_the_end_of_a_version_is_filled_in_once(bureau: Bureau) -> None:
    made = house_indicator()
    Indicator.objects.filter(pk=made.pk).update(in_force_until=APRIL)

    with pytest.raises(DatabaseError), transaction.atomic():
        Indicator.objects.filter(pk=made.pk).update(in_force_until=None)


def test_of_one_code_one_version_of_a_maker_is_without_an_end(bureau: Bureau) -> None:
    first = house_indicator()

    with pytest.raises(IntegrityError), transaction.atomic():
        Indicator.objects.create(
            code=first.code, version=2, name="x", numerator_words="x", better="up", made_at=AT, in_force_from=APRIL
        )
