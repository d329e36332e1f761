"""信访工作条例 30 as a test: who is complained about sees neither the petition nor that there is one, wherever he looks.

Every address of the site is opened with every row of the petition by everybody who must not know; nothing of its
number, its words or its being there may come back. The addresses are asked of the site itself, so one that is added
later is tried too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.intake import IntakeReport, load_file, parse_mapping
from cases.models import Absence, Clock, Event, Handling, HandlingRole, Officer, Role
from cases.queries import batches_of, clocks_of, events_of, handlers_in_sight, kinds_of, limits_of, matters_of, moves_of
from cases.roles import plan_roles
from cases.services import transfer_matter
from supervision.alerts.models import Alert, AlertStep
from supervision.alerts.queries import alerts_of, steps_of
from supervision.alerts.services import sweep
from supervision.petitions.acts import ACTS
from supervision.petitions.models import Petition
from supervision.petitions.queries import likenesses_of, looks_of, petitions_of, untold
from supervision.petitions.services import (
    assign_handler,
    assign_lead,
    look_at_identity,
    look_back,
    notify,
    order_fault,
)
from supervision.rectification.models import Problem
from tests.cases.factories import Bureau, make_bureau, make_case, make_officer
from tests.supervision.petitions.factories import LI, WANG, make_petition, petition_catalogue

SUBJECT = "反映办案人员对被盗电动车一案拖延不办"
FINDING = "接报后十五日未开展任何工作"


@dataclass
class Scene:
    """Two petitions about one station, warned of and worked on; its people, and everybody else who handles neither."""

    bureau: Bureau
    petition: Petition
    registrar: Officer
    strangers: dict[str, Officer] = field(default_factory=dict)


def people_who_must_not_know(bureau: Bureau) -> dict[str, Officer]:
    """Every role in the accused station, and in its siblings, parents and next door: no one of them is a handler."""
    found = {}
    for number, (place, unit, roles) in enumerate(
        (
            ("accused", bureau.station, tuple(Role)),
            ("sibling", bureau.sibling, (Role.UNIT_HEAD,)),
            ("county", bureau.county, (Role.LEGAL_OFFICER, Role.LEADER, Role.INSPECTOR, *Role.administrators())),
            ("city", bureau.city, (Role.LEADER,)),
            ("province", bureau.province, (Role.INSPECTOR,)),
            ("next county", bureau.other_county, (Role.LEGAL_OFFICER,)),
        )
    ):
        for role in roles:
            found[f"{place} {role}"] = make_officer(f"7{number}{list(Role).index(role):04}", unit, role)
    found["moved to the accused"] = make_officer("790001", bureau.legal, Role.LEGAL_OFFICER)
    found["superuser"] = Officer.objects.create_superuser("root", "建站账号", bureau.county, "liangzhu-jade-5300")
    found["nobody's"] = make_officer("790002", bureau.station)
    return found


@pytest.fixture
def scene(db: None) -> Scene:
    petition_catalogue()
    bureau = make_bureau()
    plan_roles()
    now = timezone.now()
    registrar = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    strangers = people_who_must_not_know(bureau)
    long_ago = f"{timezone.localdate(now) - timedelta(days=40)}"
    petition = make_petition(bureau, registrar, subject=SUBJECT, received_on=long_ago, at=now)
    make_petition(bureau, registrar, subject=SUBJECT, received_on=long_ago, petitioners=(LI, WANG), persons=2, at=now)
    leader = make_officer("100002", bureau.city, Role.LEADER)
    assign_lead(petition=petition, officer=leader, by=registrar, at=now)
    # He handled it, and then went to the accused.
    mover = strangers["moved to the accused"]
    assign_handler(petition=petition, officer=mover, role=HandlingRole.LEGAL, by=registrar, at=now)
    Officer.objects.filter(pk=mover.pk).update(unit=bureau.station)
    look_at_identity(petition=petition, reason="约定见面", by=registrar, at=now)
    make_case("A-1", bureau.station, strangers["accused case_officer"])
    sweep(at=now)
    assert Alert.objects.filter(clock__matter=petition.pk).exists()
    return Scene(bureau, petition, registrar, strangers)


def fresh(officer: Officer) -> Officer:
    return Officer.objects.get(pk=officer.pk)


# -- what the rooms answer ---------------------------------------------------------------------------------------------


def everything_read(officer: Officer) -> dict[str, int]:
    """How many rows of the petitions each door of each room shows an officer."""
    petitions = Petition.objects.all()
    return {
        "matters": matters_of(officer).filter(kind__code="petition").count(),
        "clocks": clocks_of(officer).filter(matter__kind__code="petition").count(),
        "events": events_of(officer).filter(matter__kind__code="petition").count(),
        "moves": moves_of(officer).filter(clock__matter__kind__code="petition").count(),
        "alerts": alerts_of(officer).filter(clock__matter__kind__code="petition").count(),
        "steps": steps_of(officer).filter(clock__matter__kind__code="petition").count(),
        "petitions": petitions_of(officer).count(),
        "likenesses": sum(likenesses_of(officer, one).count() for one in petitions),
        "looks": looks_of(officer).count(),
        "kinds": kinds_of(officer).filter(code="petition").count(),
        "limits": limits_of(officer).filter(kinds__code="petition").count(),
        "tidings": sum(one.officer_id == officer.pk for one in untold(at=timezone.now() + timedelta(days=400))),
    }


def test_no_door_of_any_room_shows_a_row_to_whoever_does_not_handle_it(scene: Scene) -> None:
    seen = {name: everything_read(fresh(officer)) for name, officer in scene.strangers.items()}

    telling = {name: {door: rows for door, rows in doors.items() if rows} for name, doors in seen.items()}

    assert {name: doors for name, doors in telling.items() if doors} == {}


def test_its_handler_sees_it_through_every_door(scene: Scene) -> None:
    seen = everything_read(fresh(scene.registrar))

    assert [door for door, rows in seen.items() if not rows] == ["moves"]


# -- what the site answers ---------------------------------------------------------------------------------------------

# Addresses that are not of this site's own making, or end the session.
SKIPPED = {"logout", "jsi18n", "autocomplete", "view_on_site", "health", "feed_dates"}


def addresses(scene: Scene, patterns: Any = None, space: str = "") -> Iterator[str]:
    """Every address of the site, with the number of every row of the petition in the place of a number."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}:{pattern.namespace}".strip(":") if pattern.namespace else space
            yield from addresses(scene, pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and pattern.name not in SKIPPED:
            yield from filled(scene, f"{space}:{pattern.name}".strip(":"), pattern)


def filled(scene: Scene, name: str, pattern: URLPattern) -> Iterator[str]:
    wanted = pattern.pattern.converters.keys()
    for numbers in ({}, *({"number": number} for number in numbers_of(scene))):
        known: dict[str, Any] = {
            "pk": numbers.get("number"),
            "event_pk": numbers.get("number"),
            "object_id": numbers.get("number"),
            "content_type_id": 1,
            "year": 2026,
            "code": "notify" if name.startswith("petitions:") else "xf_notify_15d",
            "verb": "reply",
            "app_label": "petitions",
            "key": "none",
            "id": numbers.get("number"),
        }
        arguments = {one: known.get(one) for one in wanted}
        if None in arguments.values():
            continue
        try:
            yield reverse(name, kwargs=arguments)
        except Exception:  # an argument of another shape is another address
            continue
        if not wanted & {"pk", "event_pk", "object_id", "id"}:
            return


def numbers_of(scene: Scene) -> list[int]:
    """The numbers of every row that hangs on the petition."""
    pk = scene.petition.pk
    rows = [pk]
    rows += Clock.objects.filter(matter=pk).values_list("pk", flat=True)
    rows += Event.objects.filter(matter=pk).values_list("pk", flat=True)
    rows += Alert.objects.filter(clock__matter=pk).values_list("pk", flat=True)
    rows += AlertStep.objects.filter(clock__matter=pk).values_list("pk", flat=True)
    rows += scene.petition.looks.values_list("pk", flat=True)
    return sorted(set(rows))


def telling_words(scene: Scene) -> list[str]:
    """What would give it away: numbers, words, persons, and whoever handles it as its handler."""
    numbers = list(Petition.objects.values_list("matter__number", flat=True))
    return [*numbers, SUBJECT, SUBJECT[2:12], *LI.values(), *WANG.values(), "约定见面", "信访接收情况书面告知"]


# The law is everybody's: pages about limits name every limit.
OF_THE_LAW = re.compile(r"^/(limits|unit-ladders|calculator|calendar|cases/(eventkind|matterkind|limit))/")


def searches(scene: Scene) -> list[str]:
    number = scene.petition.matter.number
    return [
        f"{reverse('desk:find')}?number={number}",
        f"{reverse('desk:matters')}?q={number}",
        f"{reverse('desk:matters')}?title={SUBJECT[2:8]}",
        f"{reverse('desk:matters')}?restricted=yes",
        f"{reverse('desk:clocks')}?q={number}&state=open",
        f"{reverse('alerts:alerts')}?q={number}&state=open",
        f"{reverse('petitions:petitions')}?q={number}",
        f"{reverse('admin:cases_event_changelist')}?q={number}",
        f"{reverse('admin:cases_clockmove_changelist')}?q={number}",
    ]


def without_what_was_asked(page: str, scene: Scene) -> str:
    """A page says back what was looked for; that gives nothing away. What a form holds or a link carries is taken out."""
    page = re.sub(r'value="[^"]*"', "", page)
    return re.sub(r'href="\?[^"]*"', "", page)


# One of each set of permissions in the accused station; outside it, whoever sees a subtree that holds the petition.
WALKERS = (
    "accused unit_head", "accused legal_officer", "accused inspector", "moved to the accused", "county legal_officer",
    "county leader", "county auditor", "superuser",
)  # fmt: skip


@pytest.mark.parametrize("name", WALKERS)
def test_no_address_of_the_site_gives_it_away(scene: Scene, name: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(fresh(scene.strangers[name]))
    words, telling, opened = telling_words(scene), [], 0

    for address in dict.fromkeys([*addresses(scene), *searches(scene)]):
        if OF_THE_LAW.match(address):
            continue
        answer = client.get(address, follow=True)
        opened += answer.status_code == 200
        page = without_what_was_asked(getattr(answer, "content", b"").decode("utf-8", "ignore"), scene)
        telling += [f"{address}: {word}" for word in words if word in page]

    assert telling == []
    assert opened > 5


def test_the_walk_comes_everywhere_and_a_handler_meets_it_there(scene: Scene) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(fresh(scene.registrar))
    number = scene.petition.matter.number

    met = {
        address
        for address in dict.fromkeys([*addresses(scene), *searches(scene)])
        if number in client.get(address, follow=True).content.decode("utf-8", "ignore")
    }

    pk = scene.petition.pk
    clock = Clock.objects.filter(matter=pk).first()
    assert clock is not None
    assert {
        "/petitions/", f"/petitions/{pk}/", "/matters/", f"/matters/{pk}/", f"/clocks/{clock.pk}/",
        "/cases/event/", "/alerts/alertstep/", "/petitions/identitylook/",
    } <= met  # fmt: skip


def test_the_page_of_a_petition_is_not_there_for_others_as_if_it_did_not_exist(scene: Scene) -> None:
    client = Client()
    client.force_login(fresh(scene.strangers["accused unit_head"]))

    there = client.get(reverse("petitions:petition", args=(scene.petition.pk,)))
    nowhere = client.get(reverse("petitions:petition", args=(scene.petition.pk + 999,)))

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert there.content == nowhere.content


def test_no_act_can_be_sent_by_whoever_does_not_handle_it(scene: Scene) -> None:
    client, steps, looks = Client(), scene.petition.steps.count(), scene.petition.looks.count()
    sent = [reverse("petitions:do", args=(scene.petition.pk, act.code)) for act in ACTS]
    sent.append(reverse("petitions:identity", args=(scene.petition.pk,)))
    told = {"on": "2026-09-12", "reason": "x", "officer": "100001"}

    for name in ("accused unit_head", "moved to the accused", "county legal_officer", "superuser"):
        client.force_login(fresh(scene.strangers[name]))
        assert {client.post(address, told).status_code for address in sent} == {404}

    assert (scene.petition.steps.count(), scene.petition.looks.count()) == (steps, looks)


def test_the_workbench_and_the_lists_of_the_accused_are_what_they_would_be_without_it(scene: Scene) -> None:
    """Not by a count, a tile or an empty line does the head of the accused learn that something is there."""
    client = Client()
    head = fresh(scene.strangers["accused unit_head"])
    client.force_login(head)
    pages = ("/", "/matters/", "/clocks/?state=open", "/alerts/?state=open", "/petitions/", "/rectification/")

    with_it = {page: _plain(client.get(page).content.decode()) for page in pages}
    # Out of his sight altogether: the next county has it.
    for petition in Petition.objects.select_related("matter"):
        transfer_matter(
            matter=petition.matter,
            to_unit=scene.bureau.other_county,
            to_officer=None,
            occurred_at=timezone.now(),
            by=None,
            at=timezone.now(),
        )
    without = {page: _plain(client.get(page).content.decode()) for page in pages}

    assert with_it == without


def _plain(page: str) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"', "", page)
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?|since=[^&\"]+", "", page)


# -- what leaves the house ---------------------------------------------------------------------------------------------


def test_an_order_for_the_fault_does_not_say_that_anybody_complained(scene: Scene) -> None:
    problem = Problem.objects.create(
        code="slow", name="拖延办案", fault="期限", law="治安管理处罚法", article="第一百一十八条"
    )
    now = timezone.now()
    case = scene.strangers["accused case_officer"]
    found = look_back(
        petition=scene.petition, cause="delay", unit=scene.bureau.station, officer=case, finding=FINDING,
        by=scene.registrar, at=now,
    )  # fmt: skip
    order = order_fault(
        found=found, problem=problem.code, text="接报后未及时开展工作，立即补正。", by=scene.registrar, at=now
    )
    client = Client()
    client.force_login(fresh(scene.strangers["accused unit_head"]))

    pages = [
        client.get(reverse("rectification:orders"), follow=True).content.decode(),
        client.get(reverse("rectification:order", args=(order.pk,))).content.decode(),
    ]

    words = [*telling_words(scene), FINDING]
    for page in pages:
        assert order.number in page
        # "信访" stands in the menu of everybody and as a source in the filter; nowhere in what is said of the order.
        body = page[page.index('id="main"') :]
        body = re.sub(r"<option[^>]*>[^<]*</option>", "", body)
        assert [word for word in (*words, "信访") if word in body] == []


# -- what comes in -----------------------------------------------------------------------------------------------------

LEDGER = {
    "name": "信访台账", "source": "信访台账", "rows": "matter",
    "matter": {"kind": {"fixed": "petition"}, "number": "编号", "unit": "单位", "title": "事项"},
    "events": [{"kind": "petition_received", "when": {"column": "收到", "as": "day"}}],
}  # fmt: skip


def brought_in(tmp_path: Path, by: Officer, number: str, unit: str) -> IntakeReport:
    file = tmp_path / "ledger.csv"
    file.write_text(f"编号,单位,事项,收到\n{number},{unit},随便写的,2026-09-01\n")
    return load_file(file, parse_mapping(LEDGER), at=timezone.now(), by=by)


def test_a_file_is_no_way_of_asking_after_a_petition_one_is_kept_away_from(scene: Scene, tmp_path: Path) -> None:
    accused = fresh(scene.strangers["accused legal_officer"])
    number = scene.petition.matter.number
    events = scene.petition.matter.events.count()

    report = brought_in(tmp_path, accused, number, scene.bureau.station.code)

    assert (report.rows_loaded, report.rows_refused, report.matters_new) == (0, 1, 0)
    assert [problem.reason for problem in report.refusals] == [f"编号“{number}”不能使用，请核对"]
    assert scene.petition.matter.events.count() == events


def test_what_differs_from_a_petition_on_record_is_not_told(scene: Scene, tmp_path: Path) -> None:
    legal = fresh(scene.strangers["county legal_officer"])

    report = brought_in(tmp_path, legal, scene.petition.matter.number, scene.bureau.sibling.code)

    said = f"{report.kept} {report.refusals}"
    assert "仅经办人可见" in said
    assert SUBJECT not in said
    assert scene.bureau.legal.name not in said


def test_a_batch_of_petitions_is_seen_by_whoever_brought_it_in_and_no_colleague(scene: Scene, tmp_path: Path) -> None:
    legal = fresh(scene.strangers["county legal_officer"])

    report = brought_in(tmp_path, legal, "台账-1", scene.bureau.legal.code)

    assert batches_of(legal).filter(pk=report.batch).exists()
    assert not batches_of(fresh(scene.registrar)).filter(pk=report.batch).exists()
    assert not batches_of(fresh(scene.strangers["accused legal_officer"])).filter(pk=report.batch).exists()


def test_tidings_go_to_those_who_handle_it_and_see_it(scene: Scene) -> None:
    later = timezone.now() + timedelta(days=30)

    told = {one.officer_id for one in untold(at=later)}

    assert told == {scene.registrar.pk}


def test_who_was_named_and_then_barred_is_no_longer_among_those_to_be_told(scene: Scene) -> None:
    mover = scene.strangers["moved to the accused"]
    assert Handling.objects.filter(matter=scene.petition.pk, officer=mover, until_at=None).exists()

    told = handlers_in_sight([scene.petition.pk])[scene.petition.pk]

    assert [(one.officer_id, one.role) for one in told] == [
        (scene.registrar.pk, HandlingRole.LEGAL),
        (scene.petition.leads.get().officer_id, HandlingRole.LEADER),
    ]


def test_being_told_reaches_no_deputy_of_a_handler(scene: Scene) -> None:
    today = timezone.localdate()
    Absence.objects.create(
        officer=scene.registrar,
        deputy=scene.strangers["accused unit_head"],
        from_on=today,
        until_on=today + timedelta(days=60),
    )

    assert {one.officer_id for one in untold(at=timezone.now() + timedelta(days=30))} == {scene.registrar.pk}


def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    scene: Scene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(fresh(scene.registrar))
    client.get(reverse("petitions:petitions"))
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        client.get(f"{reverse('petitions:petitions')}?q={scene.petition.matter.number}")
    make_petition(scene.bureau, scene.registrar, subject="另一件事", received_on="2026-09-01", at=timezone.now())
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        client.get(reverse("petitions:petitions"))


QUERIES_OF_THE_LIST = 17


def test_a_notice_given_late_is_still_recorded(scene: Scene) -> None:
    notify(petition=scene.petition, on=timezone.localdate(), by=scene.registrar, at=timezone.now())

    assert scene.petition.steps.filter(act="告知接收情况").exists()
