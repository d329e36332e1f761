"""信访工作条例 30 as a test: who is complained about sees neither the petition nor that there is one, wherever he looks.

Every address of the site is opened with every row of the petition by everybody who must not know; nothing of its
number, its words or its being there may come back. The addresses are asked of the site itself, so one that is added
later is tried too.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from docx import Document
from pytest_django import DjangoAssertNumQueries

from cases.changes.services import preview_change, propose
from cases.duty import working_time
from cases.intake import IntakeReport, load_file, parse_mapping
from cases.models import (
    Absence,
    Batch,
    Change,
    ChangeKind,
    Clock,
    Handling,
    HandlingRole,
    Matter,
    Officer,
    Role,
)
from cases.queries import batches_of, clocks_of, events_of, handlers_in_sight, kinds_of, limits_of, matters_of, moves_of
from cases.roles import plan_roles
from cases.services import transfer_matter
from supervision.alerts.models import Alert
from supervision.alerts.queries import alerts_of, steps_of
from supervision.alerts.services import sweep
from supervision.archives.models import ArchiveEntry
from supervision.bulletins.models import Notice, NoticeLine
from supervision.bulletins.services import compose_notices
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
    plan_contact,
    tell_again,
)
from supervision.rectification.models import Problem
from supervision.rectification.models import Source as OrderSource
from supervision.rectification.queries import orders_of
from supervision.rectification.queries import untold as untold_orders
from supervision.rectification.services import issue_order
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
    scene = Scene(bureau, petition, registrar, strangers)
    told_and_worked_on(scene, now)
    return scene


def told_and_worked_on(scene: Scene, now: datetime) -> None:
    """Everything that other rooms have or may make of a petition: orders, messages, a change of its limits."""
    clock = Clock.objects.filter(matter=scene.petition.pk, limit__code="xf_notify_15d").select_related("limit").get()
    problem = Problem.objects.create(
        code="slow", name="拖延办案", fault="期限", law="治安管理处罚法", article="第一百一十八条"
    )
    issue_order(
        source=OrderSource.SUPERVISOR, source_number="W-1", problem=problem, unit=scene.bureau.legal, officer=None,
        matter=scene.petition.matter, clock=clock, text="未按期告知，立即告知。", by=scene.registrar, at=now,
    )  # fmt: skip
    definition = {**clock.limit.definition, "code": "xf_notify_v2", "family": clock.limit.code, "length": 10}
    definition["in_force_from"] = f"{timezone.localdate(now) - timedelta(days=60)}"
    payload = {"from": clock.limit.code, "definition": definition}
    change = propose(kind=ChangeKind.LIMIT, payload=payload, by=scene.registrar, at=now)
    preview_change(change=change, at=now)
    # Of the notice the warning speaks; what the handlers planned themselves this room tells of.
    plan_contact(
        petition=scene.petition, service="reception", planned_on=timezone.localdate(now), officer=scene.registrar,
        by=scene.registrar, at=now,
    )  # fmt: skip
    # Ten o'clock of a working day: what is to be told leaves. It is then to be told once more, for the tests below.
    compose_notices(at=at_work(now))
    told = NoticeLine.objects.filter(officer=scene.registrar, about="信访")
    assert told.exists()
    tell_again(told.values_list("key", flat=True), at=now)


def at_work(now: datetime) -> datetime:
    """Ten o'clock of the next day that is worked."""
    worked = working_time(now)
    morning = timezone.localtime(now).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return next(day for day in (morning + timedelta(days=more) for more in range(30)) if worked.is_open(day))


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
        "orders": orders_of(officer).filter(matter__kind__code="petition").count(),
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

# Addresses that say nothing of any row, whatever their arguments, or end the session; each says why.
NOT_WALKED = {
    "admin:logout": "ends the session",
    "admin:jsi18n": "words of the date picker",
    "admin:autocomplete": "asks for a field of a form by name",
    "admin:view_on_site": "leads to addresses that are walked",
    "health": "no row of any table",
    "readiness": "no row of any table",
    "accounts:enrol": "each look makes a new secret of one's own",
    "desk:feed_dates": "asked by its secret, in a test of its own",
}
# What an argument that is no row's number may be; an argument that stands neither here nor among the rows fails the walk.
WORDS: dict[str, tuple[str | int, ...]] = {
    "year": (2026,),
    "code": ("xf_notify_15d", *(act.code for act in ACTS)),
    "verb": ("reply", "finish", "withdraw", "ask"),
    "key": ("none",),
    "app_label": ("petitions", "cases"),
}


def addresses(scene: Scene) -> Iterator[str]:
    """Every address of the site, with every row that hangs on the petition in the place of a number."""
    held = rows_of(scene)
    for name, pattern in routes():
        if name not in NOT_WALKED:
            yield from filled(name, pattern, held)


def routes(patterns: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every named address there is; those without a name are the admin's own redirects to named ones."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}:{pattern.namespace}".strip(":") if pattern.namespace else space
            yield from routes(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}:{pattern.name}".strip(":"), pattern


def filled(name: str, pattern: URLPattern, held: dict[str, list[int]]) -> list[str]:
    """The addresses of one route: as many as there are rows it may be about."""
    found = []
    wanted = list(pattern.pattern.regex.groupindex)
    for values in product(*(values_for(one, name, held) for one in wanted)):
        with suppress(NoReverseMatch):
            # Of an argument of another shape, as a verb of another room.
            found.append(reverse(name, kwargs=dict(zip(wanted, values, strict=True))))
    assert found, f"{name}: no address found; say in WORDS what its arguments may be"
    return found


def values_for(argument: str, name: str, held: dict[str, list[int]]) -> Sequence[str | int]:
    if argument in WORDS:
        return WORDS[argument]
    if argument in ("pk", "object_id", "id"):
        space, _, route = name.partition(":")
        if space == "admin":
            # Its own rows where any hang on the petition, else the first there are.
            return held.get(route.rpartition("_")[0]) or [1]
        app = f"{APPS.get(space, space)}_"
        # Where the room has no row of it, any number: it must not be told from the others.
        return sorted({pk for label, pks in held.items() for pk in pks if label.startswith(app)}) or [1]
    row = argument.removesuffix("_pk")
    return next((pks for label, pks in held.items() if label.endswith(f"_{row}")), [1])


# The desk shows the rows of cases.
APPS = {"desk": "cases"}


def rows_of(scene: Scene) -> dict[str, list[int]]:
    """By app and model the rows of every table that hang on what is closed, however far: whatever points at it, at what
    points at it, and so on. Tables that are added later are found by themselves."""
    closed = Matter.objects.filter(restricted=True).values_list("pk", flat=True)
    found: dict[type[Model], set[int]] = {Matter: set(closed)}
    waiting = [Matter]
    while waiting:
        model = waiting.pop()
        for other in apps.get_models():
            for column in other._meta.concrete_fields:
                if column.remote_field is None or column.remote_field.model is not model:
                    continue
                named = {f"{column.name}__in": found[model]}
                fresh = set(other._base_manager.filter(**named).values_list("pk", flat=True)) - found.get(other, set())
                if fresh:
                    found.setdefault(other, set()).update(fresh)
                    waiting.append(other)
    # What tells of it without pointing at it: messages, the batch it came in with, and the archives.
    for model in (Notice, Batch, Change, ArchiveEntry):
        found.setdefault(model, set()).update(model._base_manager.values_list("pk", flat=True))
    return {f"{model._meta.app_label}_{model._meta.model_name}": sorted(pks) for model, pks in found.items()}


# What runs on a petition. A change of it names it too, as it is law; but no more than its name.
LIMIT = "信访接收情况书面告知"


def telling_words(scene: Scene) -> list[str]:
    """What would give it away: numbers, words, persons, and whoever handles it as its handler."""
    numbers = list(Petition.objects.values_list("matter__number", flat=True))
    return [*numbers, SUBJECT, SUBJECT[2:12], *LI.values(), *WANG.values(), "约定见面", LIMIT]


# The law is everybody's: pages about limits name every limit.
OF_THE_LAW = re.compile(r"^/(limits|unit-ladders|calculator|calendar|cases/(eventkind|matterkind|limit))/")


def searches(scene: Scene) -> list[str]:
    number = scene.petition.matter.number
    clock = Clock.objects.filter(matter=scene.petition.pk).first()
    assert clock is not None
    return [
        f"{reverse('alerts:standing')}?q={number}",
        f"{reverse('alerts:many')}?alerts={Alert.objects.filter(clock=clock).values_list('pk', flat=True).first()}",
        f"{reverse('rectification:orders')}?q={number}",
        f"{reverse('rectification:orders')}?matter={scene.petition.pk}",
        f"{reverse('rectification:orders')}?source=petition",
        f"{reverse('rectification:new')}?matter={scene.petition.pk}",
        f"{reverse('followup:cases')}?q={number}",
        f"{reverse('followup:board')}?q={number}",
        f"{reverse('followup:new')}?matter={scene.petition.pk}",
        f"{reverse('followup:new')}?number={number}",
        f"{reverse('desk:clocks')}?change={Change.objects.values_list('pk', flat=True).first()}",
        f"{reverse('returnvisits:visits')}?q={number}",
        f"{reverse('bulletins:inbox')}?state=",
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
        # Limits are the law's, and that they were entered is on record.
        lawful = {LIMIT} if address.startswith((reverse("desk:changes"), reverse("audit:changes"))) else set()
        telling += [f"{address}: {word}" for word in words if word in page and word not in lawful]

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
    problem = Problem.objects.get(code="slow")
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
        client.get(f"{reverse('rectification:orders')}?source=supervisor").content.decode(),
    ]
    paper = Document(BytesIO(client.get(reverse("rectification:order_paper", args=(order.pk,))).content))
    written = "".join(paragraph.text for paragraph in paper.paragraphs)
    assert order.number in written and "经日常监督发现" in written
    assert [word for word in (*telling_words(scene), FINDING, "信访", "投诉", "举报") if word in written] == []
    # Told like any other, too: by the number it has nobody knows where it came from.
    assert order.source_number == f"{scene.bureau.station.code}/slow"
    told = [one for one in untold_orders(at=now) if one.key.startswith(f"rectification.order:{order.pk}:")]
    assert [one.officer_id for one in told] == [case.pk]
    assert [word for one in told for word in (*telling_words(scene), FINDING, "信访") if word in one.text] == []

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


QUERIES_OF_THE_LIST = 16


def test_a_notice_given_late_is_still_recorded(scene: Scene) -> None:
    notify(petition=scene.petition, on=timezone.localdate(), by=scene.registrar, at=timezone.now())

    assert scene.petition.steps.filter(act="告知接收情况").exists()
