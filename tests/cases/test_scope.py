"""Who sees which rows: a bureau that supervises, stations that are supervised, and officers who must see nothing.

Lists and counts are cut alike; a restricted letter is seen by its named handlers and by nobody else.
"""

from dataclasses import dataclass

import pytest
from pytest_django import DjangoAssertNumQueries

from cases import services
from cases.models import Clock, HandlingRole, Matter, Officer, Role
from cases.models.scope import ScopedQuerySet
from supervision.alerts.models import Alert
from supervision.alerts.services import sweep
from tests.cases.factories import Bureau, day, make_case, make_officer, moment

pytestmark = pytest.mark.django_db

AT = moment("2026-03-31 09:00")


@dataclass(frozen=True)
class Scene:
    """Two ordinary cases at the station, one next door, one in the next county, one letter; all warned of."""

    bureau: Bureau
    mine: Matter
    colleagues: Matter
    next_door: Matter
    next_county: Matter
    letter: Matter
    handler: Officer


@pytest.fixture
def scene(bureau: Bureau, catalogue: None, officer: Officer, stranger: Officer) -> Scene:
    colleague = make_officer("100010", bureau.station, Role.CASE_OFFICER)
    handler = make_officer("100011", bureau.legal, Role.LEGAL_OFFICER)
    letter = make_case("L1", bureau.station, officer, filed="2026-03-20", kind="letter")
    services.name_handler(matter=letter, officer=handler, role=HandlingRole.LEGAL, at=moment("2026-03-20"))
    scene = Scene(
        bureau=bureau,
        mine=make_case("A1", bureau.station, officer, filed="2026-03-02"),
        colleagues=make_case("A2", bureau.station, colleague, filed="2026-03-02"),
        next_door=make_case("B1", bureau.sibling, stranger, filed="2026-03-02"),
        next_county=make_case("Y1", bureau.other_station, filed="2026-03-02"),
        letter=letter,
        handler=handler,
    )
    sweep(at=AT)
    return scene


def seen_by(officer: Officer) -> set[str]:
    """The numbers an officer sees, the same whichever way he asks: matters, clocks, warnings, and their counts."""
    officer = Officer.objects.get(pk=officer.pk)
    rows: dict[str, ScopedQuerySet] = {
        "number": Matter.objects.visible_to(officer),
        "matter__number": Clock.objects.visible_to(officer),
        "clock__matter__number": Alert.objects.visible_to(officer),
    }
    found = [set(visible.values_list(path, flat=True)) for path, visible in rows.items()]
    assert found[0] == found[1] == found[2]
    assert [visible.count() for visible in rows.values()] == [len(found[0])] * 3
    assert all(visible.exists() == bool(found[0]) for visible in rows.values())
    return found[0]


def test_every_matter_of_the_scene_has_a_clock_and_a_warning(scene: Scene) -> None:
    assert Matter.objects.count() == Clock.objects.count() == Alert.objects.count() == 5


def test_a_case_officer_sees_his_own_matters_and_not_his_colleagues(scene: Scene, officer: Officer) -> None:
    assert seen_by(officer) == {"A1"}


def test_an_officer_with_no_matters_sees_nothing_and_counts_nothing(scene: Scene) -> None:
    newcomer = make_officer("100020", scene.bureau.sibling, Role.CASE_OFFICER)

    assert seen_by(newcomer) == set()


def test_the_station_next_door_is_not_seen_by_whoever_is_supervised(scene: Scene, stranger: Officer) -> None:
    assert seen_by(stranger) == {"B1"}


@pytest.mark.parametrize(
    ("role", "home", "post", "expected"),
    [
        (Role.CASE_OFFICER, "station", "station", set()),
        (Role.UNIT_HEAD, "station", "station", {"A1", "A2"}),
        (Role.UNIT_HEAD, "county", "county", {"A1", "A2", "B1"}),
        (Role.LEGAL_OFFICER, "legal", "legal", {"A1", "A2", "B1"}),
        (Role.LEGAL_OFFICER, "city", "city", {"A1", "A2", "B1", "Y1"}),
        (Role.LEGAL_OFFICER, "other_county", "other_county", {"Y1"}),
        (Role.BRANCH_OFFICER, "legal", "legal", {"A1", "A2", "B1"}),
        (Role.LEADER, "county", "county", {"A1", "A2", "B1"}),
        (Role.LEADER, "province", "province", {"A1", "A2", "B1", "Y1"}),
        (Role.INSPECTOR, "county", "county", {"A1", "A2", "B1"}),
        (Role.SYSTEM_ADMIN, "county", "county", set()),
        (Role.SECURITY_ADMIN, "county", "county", set()),
        (Role.AUDITOR, "county", "county", set()),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_a_role_sees_its_part_of_the_tree_and_no_letter(
    scene: Scene, role: Role, home: str, post: str, expected: set[str]
) -> None:
    somebody = make_officer("100030", getattr(scene.bureau, home), role, post=getattr(scene.bureau, post))

    assert seen_by(somebody) == expected


def test_every_role_is_in_the_table_above() -> None:
    (marks,) = (
        mark
        for mark in test_a_role_sees_its_part_of_the_tree_and_no_letter.pytestmark  # type: ignore[attr-defined]
        if mark.name == "parametrize"
    )

    assert {row[0] for row in marks.args[1]} == set(Role)


def test_a_post_in_another_bureau_reaches_that_bureau_and_not_the_officers_home(scene: Scene) -> None:
    lent = make_officer("100031", scene.bureau.legal, Role.LEADER, post=scene.bureau.other_county)

    assert seen_by(lent) == {"Y1"}


def test_a_post_in_another_bureaus_legal_unit_reaches_that_bureau(scene: Scene) -> None:
    lent = make_officer("100032", scene.bureau.county, Role.LEGAL_OFFICER, post=scene.bureau.other_station)

    assert seen_by(lent) == {"Y1"}


def test_two_posts_reach_the_sum_of_both(scene: Scene) -> None:
    both = make_officer("100033", scene.bureau.sibling, Role.UNIT_HEAD)
    services.assign_post(officer=both, unit=scene.bureau.other_county, role=Role.INSPECTOR, from_on=day("2026-01-01"))

    assert seen_by(both) == {"B1", "Y1"}


def test_a_post_that_is_over_reaches_nothing(scene: Scene) -> None:
    head = make_officer("100034", scene.bureau.station, Role.UNIT_HEAD)
    assert seen_by(head) == {"A1", "A2"}

    services.end_post(post=head.posts.get(), until_on=day("2026-03-30"))

    assert seen_by(head) == set()


def test_an_administrator_who_once_handled_cases_no_longer_sees_them(scene: Scene, officer: Officer) -> None:
    services.end_post(post=officer.posts.get(), until_on=day("2026-03-30"))
    services.assign_post(officer=officer, unit=scene.bureau.station, role=Role.SYSTEM_ADMIN, from_on=day("2026-03-30"))

    assert seen_by(officer) == set()


def test_an_account_without_a_post_sees_nothing_not_even_what_bears_its_name(scene: Scene) -> None:
    nobody = make_officer("100035", scene.bureau.station)
    make_case("A9", scene.bureau.station, nobody, filed="2026-03-02")

    assert seen_by(nobody) == set()


def test_an_account_that_is_switched_off_sees_nothing(scene: Scene, officer: Officer) -> None:
    Officer.objects.filter(pk=officer.pk).update(is_active=False)

    assert seen_by(officer) == set()


# -- restricted matters ------------------------------------------------------------------------------------------------


def test_a_letter_is_seen_by_its_named_handler(scene: Scene) -> None:
    assert "L1" in seen_by(scene.handler)


def test_a_letter_is_not_seen_by_the_officer_it_lies_with_unless_he_is_named(scene: Scene, officer: Officer) -> None:
    assert "L1" not in seen_by(officer)


def test_a_letter_is_not_seen_by_the_head_of_its_unit(scene: Scene) -> None:
    head = make_officer("100040", scene.bureau.station, Role.UNIT_HEAD)

    assert seen_by(head) == {"A1", "A2"}


def test_a_letter_is_not_seen_even_by_a_superuser(scene: Scene) -> None:
    root = Officer.objects.create_superuser("100041", "系统", scene.bureau.county, "x" * 12)

    assert seen_by(root) == {"A1", "A2", "B1", "Y1"}


def test_a_letter_is_seen_by_a_handler_of_another_unit(scene: Scene) -> None:
    helper = make_officer("100042", scene.bureau.sibling, Role.CASE_OFFICER)

    services.name_handler(matter=scene.letter, officer=helper, role=HandlingRole.OFFICER, at=AT)

    assert seen_by(helper) == {"L1"}


def test_a_letter_is_no_longer_seen_by_a_handler_who_was_relieved(scene: Scene) -> None:
    scene.letter.handlings.update(until_at=AT)

    assert "L1" not in seen_by(scene.handler)


def test_being_named_for_one_letter_opens_no_other(scene: Scene) -> None:
    make_case("L2", scene.bureau.station, filed="2026-03-20", kind="letter")
    sweep(at=AT)

    assert {number for number in seen_by(scene.handler) if number.startswith("L")} == {"L1"}


def test_an_administrator_named_as_handler_still_sees_nothing(scene: Scene) -> None:
    admin = make_officer("100043", scene.bureau.county, Role.SYSTEM_ADMIN)

    services.name_handler(matter=scene.letter, officer=admin, role=HandlingRole.LEGAL, at=AT)

    assert seen_by(admin) == set()


def test_an_ordinary_matter_can_be_closed_to_all_but_its_handlers(scene: Scene, officer: Officer) -> None:
    secret = make_case("A8", scene.bureau.station, officer, filed="2026-03-02", restricted=True)
    services.name_handler(matter=secret, officer=officer, role=HandlingRole.OFFICER, at=AT)
    sweep(at=AT)
    head = make_officer("100044", scene.bureau.station, Role.UNIT_HEAD)

    assert seen_by(officer) == {"A1", "A8"}
    assert seen_by(head) == {"A1", "A2"}


# -- hand-overs --------------------------------------------------------------------------------------------------------


def test_scope_follows_a_matter_that_is_handed_over(scene: Scene, officer: Officer, stranger: Officer) -> None:
    services.transfer_matter(
        matter=scene.mine, to_unit=scene.bureau.sibling, to_officer=stranger, occurred_at=AT, by=None, at=AT
    )
    sweep(at=AT)

    assert seen_by(officer) == set()
    assert seen_by(stranger) == {"A1", "B1"}


def test_a_scoped_list_is_one_query_once_posts_and_handlings_are_known(
    scene: Scene, officer: Officer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        list(Matter.objects.visible_to(officer))

    with django_assert_num_queries(1):
        assert {matter.number for matter in Matter.objects.visible_to(officer)} == {"A1"}
