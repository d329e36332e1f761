"""The tree of units changed: what moves with a unit, what stays its own, who sees it then."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from cases import services
from cases.audit.declared import LEDGERS
from cases.intake.rows import read_directory
from cases.ladders import copy_ladder
from cases.models import (
    Barring,
    BarringGround,
    Clock,
    Event,
    HandlingRole,
    Ladder,
    Matter,
    Officer,
    PendingWinding,
    Role,
    Unit,
    UnitLadder,
    UnitLevel,
)
from cases.queries import clocks_of, in_unit, matters_of, units_of
from cases.services import CaseRefused
from cases.tree import check_merger, heir, merge_unit, move_unit, rewrite_scope, scoped_models, settle
from cases.winding import wind_pending
from tests.cases.factories import Bureau, make_case, make_officer, moment

AT = moment("2026-03-20 00:01")
ON = date(2026, 3, 20)

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def case(bureau: Bureau, officer: Officer) -> Matter:
    return make_case("A1", bureau.station, officer, filed="2026-03-02")


@pytest.fixture
def legal_next_door(bureau: Bureau) -> Officer:
    return make_officer("100008", bureau.other_county, Role.LEGAL_OFFICER)


@pytest.fixture
def head_of_heir(bureau: Bureau) -> Officer:
    return make_officer("100007", bureau.sibling, Role.UNIT_HEAD)


def fresh(row: Any) -> Any:
    """The row as the database has it, without what the object has learnt."""
    return type(row).objects.get(pk=row.pk)


def merge(unit: Unit, into: Unit, at: Any = AT) -> Unit:
    return merge_unit(unit=unit, into=into, on=ON, ground="某公〔2026〕1号", at=at)


def in_line() -> bool:
    """Whether every copy of a unit's columns says what the unit says."""
    return all(
        (row.city_id, row.county_id, row.station_id) == (row.unit.city_id, row.unit.county_id, row.unit.station_id)
        for model in scoped_models()
        for row in model._default_manager.select_related("unit")
        if row.unit is not None
    )


# -- moves -----------------------------------------------------------------------------------------------------------


def test_a_moved_unit_and_its_rows_are_seen_from_above_and_no_longer_from_where_they_were(
    bureau: Bureau, case: Matter, officer: Officer, legal_officer: Officer, legal_next_door: Officer
) -> None:
    assert case in matters_of(legal_officer) and case not in matters_of(legal_next_door)

    move_unit(unit=bureau.station, parent=bureau.other_county, at=AT)

    assert case not in matters_of(fresh(legal_officer)) and case in matters_of(fresh(legal_next_door))
    assert clocks_of(fresh(legal_next_door)).count() == 1
    assert bureau.station in units_of(fresh(legal_next_door)) and bureau.station not in units_of(fresh(legal_officer))
    # Who works there goes on as before, and so does the clock.
    assert case in matters_of(fresh(officer))
    clock = Clock.objects.get()
    assert (clock.unit, clock.county, clock.due_on) == (bureau.station, bureau.other_county, date(2026, 4, 1))
    assert in_line()


def test_a_county_moves_with_everything_below_it(bureau: Bureau, case: Matter) -> None:
    city = services.add_unit(code="C2", name="另一市局", level=UnitLevel.CITY, parent=bureau.province)

    move_unit(unit=bureau.county, parent=city, at=AT)

    station = fresh(bureau.station)
    county = fresh(bureau.county)
    assert station.path.startswith(county.path) and county.path.startswith(fresh(city).path)
    assert (station.city, station.county, station.station) == (city, county, station)
    assert list(Matter.objects.filter(in_unit(fresh(city)))) == [case]
    assert not Matter.objects.filter(in_unit(bureau.city)).exists()
    assert in_line()


def test_a_unit_that_moves_away_and_back_is_as_it_was(bureau: Bureau, case: Matter) -> None:
    move_unit(unit=bureau.station, parent=bureau.other_county, at=AT)
    move_unit(unit=fresh(bureau.station), parent=fresh(bureau.county), at=AT)

    station = fresh(bureau.station)
    assert (station.parent, station.county, fresh(case).county) == (bureau.county,) * 2 + (bureau.county,)
    assert in_line()


@pytest.mark.parametrize(
    ("unit", "parent", "why"),
    [
        ("station", "county", "上级现在就是"),
        ("county", "station", "就是县局或者在其之下"),
        ("county", "county", "就是县局或者在其之下"),
        ("county", "other_county", "层级应当低于上级单位"),
        ("station", "other_station", "层级应当低于上级单位"),
    ],
)
def test_a_move_that_makes_no_tree_is_refused(bureau: Bureau, unit: str, parent: str, why: str) -> None:
    with pytest.raises(CaseRefused, match=why):
        move_unit(unit=getattr(bureau, unit), parent=getattr(bureau, parent), at=AT)

    assert not Unit.objects.exclude(regrafted_at=None).exists()


def test_a_unit_that_has_ended_moves_nowhere_and_nothing_moves_below_it(bureau: Bureau) -> None:
    Unit.objects.filter(pk=bureau.other_county.pk).update(valid_until=ON)

    with pytest.raises(CaseRefused, match="请选择在用的单位"):
        move_unit(unit=bureau.station, parent=bureau.other_county, at=AT)
    with pytest.raises(CaseRefused, match="不能再变动"):
        move_unit(unit=fresh(bureau.other_county), parent=bureau.province, at=AT)


def test_open_matters_go_by_the_ladders_of_the_new_line_where_any_unit_has_its_own(
    bureau: Bureau, case: Matter, legal_officer: Officer
) -> None:
    move_unit(unit=bureau.station, parent=bureau.other_county, at=AT)
    assert not PendingWinding.objects.exists()
    copy_ladder(unit=fresh(bureau.county), ladder=Ladder.objects.all()[0], by=legal_officer, at=AT)

    move_unit(unit=fresh(bureau.station), parent=fresh(bureau.county), at=AT)

    assert list(PendingWinding.objects.values_list("matter", flat=True)) == [case.pk]


# -- mergers ---------------------------------------------------------------------------------------------------------


def test_a_merged_unit_hands_over_what_is_open_and_keeps_what_is_closed(
    bureau: Bureau, case: Matter, officer: Officer, head_of_heir: Officer
) -> None:
    closed = make_case("A2", bureau.station, officer, filed="2026-02-02")
    Matter.objects.filter(pk=closed.pk).update(closed_at=moment("2026-02-20"))

    merge(bureau.station, bureau.sibling)
    wind_pending(at=AT)

    assert (fresh(case).unit, fresh(case).officer, fresh(closed).unit) == (bureau.sibling, officer, bureau.station)
    handed = Event.objects.get(from_unit=bureau.station)
    assert (handed.matter, handed.to_unit, handed.to_officer, handed.document_number) == (
        case,
        bureau.sibling,
        officer,
        "某公〔2026〕1号",
    )
    # The head of the other sees both: what was closed lies below his unit now.
    assert set(matters_of(fresh(head_of_heir))) == {case, closed}
    clock = Clock.objects.get(matter=case)
    assert (clock.unit, clock.due_on) == (bureau.sibling, date(2026, 4, 1))
    assert in_line()


def test_the_merged_unit_has_ended_and_stands_below_the_other_with_its_own_rows(bureau: Bureau, case: Matter) -> None:
    Matter.objects.filter(pk=case.pk).update(closed_at=moment("2026-03-10"))

    merged = merge(bureau.station, bureau.sibling)

    assert (merged.valid_until, merged.merged_into, merged.parent) == (ON, bureau.sibling, bureau.sibling)
    assert merged.path.startswith(fresh(bureau.sibling).path) and merged.station == bureau.sibling
    assert list(Matter.objects.filter(in_unit(merged))) == [case]
    assert list(Matter.objects.filter(in_unit(bureau.sibling))) == [case]
    assert heir(merged) == bureau.sibling


def test_a_clock_that_ran_out_stays_with_the_unit_that_let_it(bureau: Bureau, case: Matter) -> None:
    late = moment("2026-04-03 00:01")

    merge(bureau.station, bureau.sibling, at=late)
    wind_pending(at=late)

    assert (Clock.objects.get().unit, fresh(case).unit) == (bureau.station, bureau.sibling)
    assert in_line()


def test_people_belong_to_the_other_and_ladders_of_its_own_are_gone(
    bureau: Bureau, officer: Officer, legal_officer: Officer
) -> None:
    copy_ladder(unit=bureau.station, ladder=Ladder.objects.all()[0], by=legal_officer, at=AT)

    merge(bureau.station, bureau.sibling)

    assert fresh(officer).unit == bureau.sibling
    assert not UnitLadder.objects.exists()


def test_a_merged_county_leaves_its_stations_to_the_other(
    bureau: Bureau, case: Matter, legal_next_door: Officer, legal_officer: Officer
) -> None:
    merge(bureau.county, bureau.other_county)

    station = fresh(bureau.station)
    assert (station.parent, station.county, station.valid_until) == (bureau.other_county, bureau.other_county, None)
    assert case in matters_of(fresh(legal_next_door))
    # A matter of the station stays the station's.
    assert fresh(case).unit == bureau.station
    assert in_line()


def test_who_was_merged_once_goes_along_when_the_other_is_merged_too(bureau: Bureau, case: Matter) -> None:
    Matter.objects.filter(pk=case.pk).update(closed_at=moment("2026-03-10"))

    first = merge(bureau.station, bureau.sibling)
    second = merge(fresh(bureau.sibling), bureau.other_station, at=moment("2026-03-21 00:01"))

    assert heir(fresh(first)) == bureau.other_station == heir(second)
    assert list(Matter.objects.filter(in_unit(fresh(bureau.other_station)))) == [case]
    assert list(Matter.objects.filter(in_unit(fresh(first)))) == [case]
    assert in_line()


def test_a_station_may_go_into_the_bureau_above_it(bureau: Bureau, case: Matter, officer: Officer) -> None:
    merge(bureau.station, bureau.county)

    assert (fresh(case).unit, fresh(officer).unit) == (bureau.county, bureau.county)
    assert fresh(bureau.station).path.startswith(fresh(bureau.county).path)
    assert in_line()


@pytest.mark.parametrize(
    ("unit", "into", "why"),
    [
        ("county", "other_station", "不能并入层级更低的"),
        ("county", "station", "就是县局或者在其之下"),
        ("province", "city", "是最上级单位|或者在其之下"),
    ],
)
def test_a_merger_that_makes_no_tree_is_refused(bureau: Bureau, unit: str, into: str, why: str) -> None:
    with pytest.raises(CaseRefused, match=why):
        merge(getattr(bureau, unit), getattr(bureau, into))

    assert not Unit.objects.exclude(merged_into=None).exists()


def test_a_unit_does_not_end_before_it_began(bureau: Bureau) -> None:
    Unit.objects.filter(pk=bureau.station.pk).update(valid_from=date(2026, 4, 1))

    with pytest.raises(CaseRefused, match="不能在此以前撤并"):
        check_merger(fresh(bureau.station), bureau.sibling, ON)


def test_the_tree_goes_no_deeper_than_its_paths(bureau: Bureau) -> None:
    stations = [
        services.add_unit(code=f"S{n}", name=f"第{n}派出所", level=UnitLevel.STATION, parent=bureau.county)
        for n in range(9)
    ]
    merged = 0
    with pytest.raises(CaseRefused, match="层次已经太多"):
        for one, other in pairwise(stations):
            merge(fresh(one), fresh(other))
            merged += 1

    assert merged == 6
    assert in_line()


def test_a_merger_that_fails_halfway_leaves_everything_as_it_was(
    bureau: Bureau, case: Matter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("cases.tree._bar_the_heir", fail)
    with pytest.raises(RuntimeError):
        merge(bureau.station, bureau.sibling)

    assert (fresh(case).unit, fresh(bureau.station).valid_until) == (bureau.station, None)
    assert not Event.objects.exclude(from_unit=None).exists()


def test_the_database_keeps_that_only_an_ended_unit_was_merged(bureau: Bureau) -> None:
    for values in ({"merged_into": bureau.sibling}, {"merged_into": bureau.station, "valid_until": ON}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Unit.objects.filter(pk=bureau.station.pk).update(**values)


# -- what was written meanwhile --------------------------------------------------------------------------------------


def test_what_was_written_by_the_old_tree_is_brought_into_line_afterwards(
    bureau: Bureau, case: Matter, officer: Officer
) -> None:
    old = Unit.objects.get(pk=bureau.station.pk)
    merge(bureau.station, bureau.sibling)
    late = services.open_matter(kind="case", number="A9", unit=old, officer=officer)
    assert late.station == bureau.station

    assert settle(fresh(bureau.station), ground="某公〔2026〕1号", at=AT) > 0

    assert (fresh(late).unit, fresh(late).station) == (bureau.sibling, bureau.sibling)
    assert settle(fresh(bureau.station), ground="某公〔2026〕1号", at=AT) == 0
    assert in_line()


def test_what_was_written_below_a_merged_county_meanwhile_is_brought_into_line_too(bureau: Bureau) -> None:
    old = Unit.objects.get(pk=bureau.station.pk)
    merge(bureau.county, bureau.other_county)
    late = services.open_matter(kind="case", number="A9", unit=old)

    assert settle(fresh(bureau.county), ground="某公〔2026〕1号", at=AT) > 0

    assert (fresh(late).unit, fresh(late).county) == (bureau.station, bureau.other_county)
    assert in_line()


def test_rows_that_say_the_right_thing_are_not_written_again(bureau: Bureau, case: Matter) -> None:
    move_unit(unit=bureau.station, parent=bureau.other_county, at=AT)

    assert rewrite_scope(fresh(bureau.station)) == 0


# -- who is kept away ------------------------------------------------------------------------------------------------


@pytest.fixture
def letter(bureau: Bureau, legal_officer: Officer) -> Matter:
    """A restricted matter about the station, handled by the station beside it."""
    matter = services.open_matter(kind="letter", number="L1", unit=bureau.sibling, restricted=True)
    services.bar(matter=matter, unit=bureau.station, ground=BarringGround.ACCUSED, by=None, at=moment("2026-03-03"))
    services.name_handler(matter=matter, officer=legal_officer, role=HandlingRole.LEGAL, at=moment("2026-03-03"))
    return matter


def test_who_the_accused_unit_went_into_does_not_handle_the_matter_either(
    bureau: Bureau, letter: Matter, legal_officer: Officer
) -> None:
    merge(bureau.station, bureau.sibling)

    assert fresh(letter).unit == bureau.county
    assert set(Barring.objects.in_force().values_list("unit__code", flat=True)) == {"X1", "X2"}
    # Whoever is not of those units goes on.
    assert letter in matters_of(fresh(legal_officer))


def test_people_of_the_accused_unit_are_kept_away_after_they_belong_to_the_other(
    bureau: Bureau, letter: Matter, officer: Officer
) -> None:
    Matter.objects.filter(pk=letter.pk).update(**bureau.legal.scope_ids)

    merge(bureau.station, bureau.sibling)

    assert services.is_barred(letter, fresh(officer))
    assert fresh(letter).unit == bureau.legal


def test_a_matter_goes_above_when_the_unit_that_handles_it_comes_under_the_accused(
    bureau: Bureau, legal_officer: Officer
) -> None:
    matter = services.open_matter(kind="letter", number="L2", unit=bureau.station, restricted=True)
    services.bar(matter=matter, unit=bureau.other_county, ground=BarringGround.ACCUSED, by=None, at=AT)

    move_unit(unit=bureau.station, parent=bureau.other_county, at=AT)

    assert fresh(matter).unit == bureau.city
    assert in_line()


# -- what others send ------------------------------------------------------------------------------------------------


def test_the_code_of_a_merged_unit_names_the_one_it_is_part_of(bureau: Bureau) -> None:
    merge(bureau.station, bureau.sibling)
    merge(fresh(bureau.sibling), bureau.other_station, at=moment("2026-03-21 00:01"))

    directory = read_directory()

    assert directory.units["X1"].id == directory.units["X2"].id == bureau.other_station.pk
    assert directory.heirs == {bureau.station.pk: bureau.other_station.pk, bureau.sibling.pk: bureau.other_station.pk}
    assert directory.unit_names[bureau.station.pk] == "城关派出所"


def test_ledgers_with_the_names_of_units_are_those_known_to_be_read_by_the_unit() -> None:
    """A new one has to be read by its unit too, for its columns keep what was above it then."""
    named = {
        model._meta.db_table
        for model in apps.get_models()
        if {"unit", "city", "county", "station"} <= {field.name for field in model._meta.concrete_fields}
    }

    assert named & set(LEDGERS) == {"archives_archiveentry", "handovers_handoveritem"}
