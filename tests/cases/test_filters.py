"""Filters of the lists: nothing supervised is forgotten, nothing offered that the officer may not see."""

from typing import Any

import pytest
from django.test import RequestFactory

from cases.desk import filtering
from cases.filters import ClockFilter, LimitListFilter, ListFilter, MatterFilter
from cases.models import Clock, Limit, Matter, Officer, Unit
from tests.cases.factories import Bureau, make_case, moment

pytestmark = pytest.mark.django_db

NOW = moment("2026-04-10 09:00")

# What of a row nobody looks for in a list, and why.
NOT_FILTERED = {
    Matter: {
        "id", "city", "county", "station",  # by unit
        "facts",  # by its limits
        "withdrawn_at",  # never shown
    },
    Clock: {
        "id", "matter", "city", "county", "station", "start_event", "ended_by",
        "nominal_on", "yellow_at", "orange_at", "next_level_at",  # by level
        "ended_at", "late",  # by state
        "tier", "unsettled",
        "manner",  # how it is pressed, which its warnings show
        "restricted",  # by its matter
    },
    Limit: {
        "id", "code", "name", "law", "article", "text_version",  # by words
        "length", "unit", "rollover", "in_force_from", "in_force_until",  # by being in force
        "ladder", "definition",
        "answered",  # shown with the question it answers
    },
}  # fmt: skip
FILTERED_AS = {"opened_at": "opened", "closed_at": "closed", "started_at": "started", "due_at": "due_on"}
FILTERED_AS |= {"number": "q", "kinds": "kind", "matter": "q"}


def filter_of(kind: type[ListFilter], officer: Officer, query: dict[str, str] | None = None) -> ListFilter:
    request = RequestFactory().get("/", query or {})
    request.user = officer
    model: Any = kind.Meta.model  # type: ignore[attr-defined]
    return kind(request.GET or None, model.objects.all(), request=request, at=NOW)


@pytest.mark.parametrize("kind", [MatterFilter, ClockFilter, LimitListFilter])
def test_no_supervised_field_is_forgotten(kind: Any) -> None:
    model = kind.Meta.model
    fields = {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}

    asked = {FILTERED_AS.get(name, name) for name in fields - NOT_FILTERED[model]}

    assert asked - kind.base_filters.keys() == set()


@pytest.mark.parametrize("kind", [MatterFilter, ClockFilter, LimitListFilter])
def test_what_stands_in_front_exists(kind: Any) -> None:
    assert set(kind.in_front) <= kind.base_filters.keys()
    assert 3 <= len(kind.in_front) <= 6


def test_units_are_offered_from_the_scope_only_and_indented_by_level(
    bureau: Bureau, legal_officer: Officer, officer: Officer
) -> None:
    offered = [text for _, text in filter_of(MatterFilter, legal_officer).form.fields["unit"].widget.choices]
    own = [text for _, text in filter_of(MatterFilter, officer).form.fields["unit"].widget.choices]

    assert offered == ["全部", "县局", "　法制大队", "　城关派出所", "　城东派出所"]
    assert own == ["全部", "城关派出所"]


def test_of_very_many_units_the_lowest_are_left_out_of_the_choice_but_not_out_of_the_address(
    bureau: Bureau, catalogue: None, legal_officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "UNITS_IN_A_SELECT", 3)
    make_case("A-1", bureau.station)

    asked = filter_of(MatterFilter, legal_officer, {"unit": str(bureau.station.pk)})

    assert [text for _, text in asked.form.fields["unit"].widget.choices] == ["全部", "县局"]
    assert asked.rows.count() == 1


def test_a_unit_stands_for_everything_below_it(bureau: Bureau, catalogue: None, legal_officer: Officer) -> None:
    make_case("A-1", bureau.station)
    make_case("B-1", bureau.sibling)

    def numbers(unit: Unit) -> set[str]:
        return set(filter_of(MatterFilter, legal_officer, {"unit": str(unit.pk)}).rows.values_list("number", flat=True))

    assert numbers(bureau.county) == {"A-1", "B-1"}
    assert numbers(bureau.station) == {"A-1"}


def test_a_filter_that_does_not_know_who_looks_is_refused() -> None:
    with pytest.raises(ValueError, match="谁在看"):
        MatterFilter(None, Matter.objects.all(), request=None)  # type: ignore[arg-type]


def test_a_list_without_conditions_is_not_narrowed(officer: Officer) -> None:
    assert not filter_of(MatterFilter, officer).narrowed
    assert filter_of(MatterFilter, officer, {"state": "open"}).narrowed
    assert not filter_of(MatterFilter, officer, {"state": "open"}).narrowed_behind
    assert filter_of(MatterFilter, officer, {"officer": "100001"}).narrowed_behind


def test_due_days_are_local_days_with_both_ends(bureau: Bureau, catalogue: None, officer: Officer) -> None:
    # Due on 1, 2 and 3 April.
    for number, filed in enumerate(("2026-03-02", "2026-03-03", "2026-03-04")):
        make_case(f"A-{number}", bureau.station, officer, filed=filed)

    rows = filter_of(ClockFilter, officer, {"due_on_after": "2026-04-02", "due_on_before": "2026-04-02"}).rows

    assert [str(day) for day in rows.values_list("due_on", flat=True)] == ["2026-04-02"]
