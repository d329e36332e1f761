"""Nothing of a county reaches another: every route, as every role.

Two worlds are the same but for one thing: in the second the demonstration county is there, with everything that all rooms
hold. Whoever works in the county beside it is answered letter for letter the same in both, whatever he asks for: rows,
counts, choices of filters, suggestions. And what he asks for by its number is answered as if it did not exist.

The routes are found in the house itself. One that takes something of its own must say in `RULES` of what kind it is.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from cases.demo.people import PEOPLE, PLACES, Person, Place, make_staff
from cases.models import Absence, Batch, BatchState, Matter, Officer, Unit
from cases.services import add_officer, add_unit, assign_post, open_matter, record_event
from supervision.accounts.models import Authenticator
from supervision.alerts.services import sweep
from supervision.api.services import make_token
from supervision.exports.rules import Why
from supervision.exports.services import Export, ask_export
from supervision.handovers.rules import Mark, Thing
from supervision.handovers.services import begin_handover, carry_on
from supervision.retention.models import DisposalList, Hold, Kind
from supervision.units.models import Kind as UnitKind
from supervision.units.services import propose_change
from tests.cases.factories import moment

pytestmark = pytest.mark.django_db

AT: Final = moment("2026-11-22 09:30")
ABSENT: Final = 799_999
# Rows of the county beside it are numbered from here on in both worlds.
OWN_NUMBERS: Final = 900_000
DEMO_COUNTY: Final = "HC"

# -- the rules ---------------------------------------------------------------------------------------------------------

Named = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """Which row a route is about: a model, a narrowing, and how the row names itself in the address."""

    model: str
    where: Named = field(default_factory=dict)
    named: Callable[[Any], Named] = lambda row: {"pk": row.pk}
    # What stands beside the row in the address, the same for a row that is not there.
    besides: Named = field(default_factory=dict)
    # Whether somebody of the county itself can do something there with the demonstration as it stands.
    open_at_home: bool = True


def _rule(model: str, open_at_home: bool = True, **besides: Any) -> Rule:
    return Rule(model, besides=besides, open_at_home=open_at_home)


def _inner(model: str, outer: str, inner: str, **besides: Any) -> Rule:
    """A row inside another, both named."""
    return Rule(model, named=lambda row: {"pk": getattr(row, outer), inner: row.pk}, besides=besides)


PUBLIC: Final = Rule("")
"""Takes something that is everybody's: the law, the calendar."""

ORDINARY: Final = {"restricted": False, "officer__isnull": False}

BY_TOKEN: Final = {
    "units": "cases.Unit",
    "matters": "cases.Matter",
    "clocks": "cases.Clock",
    "alerts": "alerts.Alert",
    "orders": "rectification.Order",
    # The demonstration holds none, and any number will do.
    "figures": "cases.Unit",
    "bulletins": "bulletins.Bulletin",
}

RULES: Final[dict[str, Rule]] = {
    "desk:matter": Rule("cases.Matter", ORDINARY),
    "desk:add_event": Rule("cases.Matter", ORDINARY),
    "desk:add_handler": Rule("cases.Matter", ORDINARY),
    "desk:strike_event": Rule(
        "cases.Event", {"matter__restricted": False}, lambda row: {"pk": row.matter_id, "event_pk": row.pk}
    ),
    "desk:clock": Rule("cases.Clock", {"restricted": False}),
    "desk:api_clock": Rule("cases.Clock", {"restricted": False}),
    "desk:limit": PUBLIC,
    "desk:question": PUBLIC,
    "desk:calendar_year": PUBLIC,
    "desk:new_notice": PUBLIC,
    "desk:new_version": PUBLIC,
    "desk:change": PUBLIC,
    "desk:end_absence": _rule("cases.Absence"),
    "desk:unit_ladder": PUBLIC,
    "desk:feed_dates": PUBLIC,
    "desk:upload": PUBLIC,
    "desk:batch": _rule("cases.Batch"),
    "desk:undo": _rule("cases.Batch"),
    "desk:refused_rows": _rule("cases.Batch"),
    "rectification:order": _rule("rectification.Order"),
    "rectification:act": _rule("rectification.Order", verb="verify"),
    "rectification:file": _inner("rectification.Evidence", "order_id", "file_pk"),
    "rectification:order_paper": _rule("rectification.Order"),
    "rectification:reply_paper": _rule("rectification.Order"),
    "alerts:alert": Rule("alerts.Alert", {"restricted": False}),
    "followup:case": _rule("followup.FollowedCase"),
    "followup:parties": _rule("followup.FollowedCase"),
    "followup:new_item": _rule("followup.FollowedCase"),
    "followup:item": _inner("followup.OutlineItem", "case_id", "item_pk", verb="finish"),
    "followup:new_instruction": _rule("followup.FollowedCase"),
    "followup:instruction": _inner("followup.Instruction", "case_id", "instruction_pk", verb="reply"),
    "followup:closing": _rule("followup.FollowedCase", verb="ask"),
    "proceedings:new": PUBLIC,
    "proceedings:proceeding": _rule("proceedings.Dispute"),
    "proceedings:act": _rule("proceedings.Dispute", verb="settle"),
    # All petitions have been taken up, each by somebody who is still there.
    "petitions:take_up": _rule("petitions.Petition", open_at_home=False),
    "petitions:petition": _rule("petitions.Petition"),
    "petitions:identity": _rule("petitions.Petition"),
    "petitions:do": _rule("petitions.Petition", open_at_home=False, code="inform"),
    "petitions:give": _rule("petitions.Petition", open_at_home=False),
    "petitions:complaint": _rule("petitions.Complaint"),
    "petitions:complainant": _rule("petitions.Complaint"),
    "petitions:do_complaint": _rule("petitions.Complaint", code="reply"),
    "returnvisits:round": _rule("returnvisits.VisitRound"),
    "returnvisits:frame": _rule("returnvisits.VisitRound"),
    "returnvisits:close": _rule("returnvisits.VisitRound"),
    "returnvisits:messages": _rule("returnvisits.VisitRound"),
    "returnvisits:visit": _rule("returnvisits.Visit"),
    "returnvisits:slip": _rule("returnvisits.Visit"),
    "returnvisits:upload": PUBLIC,
    "returnvisits:check": _rule("returnvisits.Check"),
    "reviews:round": _rule("reviews.ReviewRound"),
    "reviews:close": _rule("reviews.ReviewRound"),
    "reviews:report": _rule("reviews.ReviewRound"),
    "reviews:form": _rule("reviews.ReviewForm"),
    "reviews:paper": _rule("reviews.ReviewForm"),
    "property:judge": _rule("property.Excess"),
    "property:close-place": _rule("property.Place"),
    "property:item": _rule("property.Item"),
    # Everything that was imported has been described.
    "property:describe": _rule("property.Item", open_at_home=False),
    "property:act": _rule("property.Item", verb="move"),
    "inspections:plan": _rule("inspections.InspectionPlan"),
    "inspections:close": _rule("inspections.InspectionPlan"),
    "inspections:new_item": _rule("inspections.InspectionPlan"),
    "inspections:move": _rule("inspections.ItemStep"),
    "inspections:item": _rule("inspections.PlannedItem"),
    "inspections:check": _rule("inspections.Check"),
    "inspections:target": _rule("inspections.Target"),
    "handovers:handover": _rule("handovers.Handover"),
    "handovers:sheet": _rule("handovers.Handover"),
    "campaigns:campaign": _rule("campaigns.Campaign"),
    "campaigns:matters": _rule("campaigns.Campaign"),
    "campaigns:order": Rule(
        "campaigns.CampaignOrder", named=lambda row: {"pk": row.campaign_id, "matter_pk": row.order.matter_id}
    ),
    "campaigns:task": _rule("campaigns.Task"),
    "custody:close-room": _rule("custody.Room"),
    "custody:judge": _rule("custody.Fault"),
    "custody:visit": _rule("custody.Visit"),
    "custody:act": _rule("custody.Visit", verb="leave"),
    "expedited:judge": _rule("expedited.Fault"),
    "expedited:case": _rule("expedited.ExpeditedCase"),
    "expedited:apply": _rule("expedited.ExpeditedCase"),
    "expedited:act": _rule("expedited.ExpeditedCase", verb="consent"),
    # A browser of one's own: the next sign-in tidies up those of an account, so none stays to be asked for here.
    "accounts:end": PUBLIC,
    "accounts:reset": _rule("accounts.Authenticator"),
    # Systems are answered by their tokens, never by a session: tests/supervision/api tries what a token opens.
    **{f"api:{name}-detail": Rule(model, open_at_home=False) for name, model in BY_TOKEN.items()},
    "api:intake": PUBLIC,
    "api:batch": _rule("cases.Batch", open_at_home=False),
    "api:nothing": PUBLIC,
    "api:calls": _rule("api.SystemToken"),
    "api:refused": _rule("api.SystemToken"),
    "api:secret": _rule("api.SystemToken"),
    # The timetable is the whole house's.
    "operations:job": PUBLIC,
    # The county's own has nothing past its time in the demonstration; see `_more_of_the_county`.
    "retention:list": _rule("retention.DisposalList"),
    "units:change": _rule("units.UnitChange"),
    "retention:lift": _rule("retention.Hold", open_at_home=False),
    "exports:request": _rule("exports.ExportRequest"),
    # The auditor reads what was done in the whole house; no page of his says what a case is about.
    "audit:change": PUBLIC,
    "evaluation:figure": PUBLIC,
    "evaluation:indicator": PUBLIC,
    "archives:officer": Rule("cases.Officer", {"police_number": "031002"}),
    "archives:unit": Rule("cases.Unit", {"code": "HC11"}),
    "archives:reply": Rule("archives.ArchiveEntry", {"officer__isnull": False}),
    "archives:correction": Rule("archives.ArchiveEntry", {"officer__isnull": False}),
    "bulletins:bulletin": _rule("bulletins.Bulletin"),
    "bulletins:remarks": _rule("bulletins.Bulletin"),
    "bulletins:paper": _rule("bulletins.Bulletin", form="docx"),
    "bulletins:picture": _rule("bulletins.Bulletin", open_at_home=False, name="none-of-this-name"),
    "bulletins:act": _rule("bulletins.Bulletin", verb="submit"),
    "bulletins:notice": _rule("bulletins.Notice"),
}
# Pages that are not cut to a county, and why.
OPEN: Final = {
    "/petitions/new/": "what is complained of may be any unit's, and names of units are no secret",
    "/complaints/new/": "the same",
    "/account/factor/enrol/": "each look makes a new secret",
    "/operations/jobs/": "jobs serve the whole house, and what is stuck is only counted",
    "/metrics": "counts of the whole house, for this machine and the collector only",
    "/audit/": "the auditor reads the whole house",
    "/audit/ways/": "the same",
    "/audit/seals/": "the same",
}
# Tables of the admin whose rows are everybody's who may open them at all: the law, the timetable, the doors' own records.
SHARED: Final = {
    "cases.MatterKind",
    "cases.EventKind",
    "cases.ApproverLevel",
    "cases.Ladder",
    "rectification.Problem",
    "followup.EntryRule",
    "followup.OutlineTemplate",
    "petitions.RankRule",
    "bulletins.Channel",
    "auth.Group",
    "django_celery_beat.PeriodicTask",
    "django_celery_beat.CrontabSchedule",
    "django_celery_beat.IntervalSchedule",
}

# -- the worlds --------------------------------------------------------------------------------------------------------

SIBLING: Final = tuple(
    Place(
        one.code.replace("HC", "LC"),
        one.name.replace("和川", "临溪"),
        one.short_name,
        one.level,
        one.kind,
        one.parent.replace("HC", "LC"),
    )
    for one in PLACES[1:]
)
NUMBERS: Final = ("020101", "020102", "020103", "020104", "020105", "020001", "020003", "023001", "031001", "031002")
VIEWERS: Final = tuple(
    Person(f"9{one.number[1:]}", f"邻{one.name}", one.home.replace("HC", "LC"), one.role)
    for one in PEOPLE
    if one.number in NUMBERS
)


def _number_from(first: int) -> None:
    """Rows of every table are numbered from here on."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sqlite_sequence")
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT name, %s FROM sqlite_master "
            "WHERE type = 'table' AND sql LIKE '%%AUTOINCREMENT%%'",
            [first],
        )


def _more_of_the_county() -> None:
    """What a county has besides the demonstration's: somebody away, a file brought in, a second factor, a system."""
    away, brought = Officer.objects.get(police_number="031001"), Officer.objects.get(police_number="020001")
    Absence.objects.create(officer=away, deputy=brought, from_on=AT.date(), until_on=AT.date())
    Batch.objects.create(
        file_name="a.csv", digest="0" * 64, mapping="m", source="s", by=brought, started_at=AT, finished_at=AT,
        state=BatchState.LOADED,
    )  # fmt: skip
    guard = Officer.objects.get(police_number="020102")
    make_token(
        name="综合平台", unit=guard.unit, scopes=["matters:read"], expires_at=AT + timedelta(days=30), by=guard, at=AT
    )
    ask_export(
        export=Export("导入拒收的行", "/imports/1/refused.csv", "", "GET", "csv", "cases.batch:1", 1200),
        why=Why.MANY, purpose="核对", by=away, at=AT,
    )  # fmt: skip
    DisposalList.objects.create(
        kind=Kind.ANSWER_TEXTS, unit=Unit.objects.get(code=DEMO_COUNTY), before=AT, rule="x", proposer=brought,
        proposed_at=AT,
    )  # fmt: skip
    given = Matter.objects.open().filter(**ORDINARY, unit__path__startswith=Unit.objects.get(code=DEMO_COUNTY).path)[0]
    carry_on(
        handover=begin_handover(
            marks=[Mark(Thing.MATTER, given.pk, given.unit_id, given.officer_id)],
            from_officer=given.officer,
            from_unit=None,
            to_unit=given.unit,
            to_officer=None,
            reason="left",
            note="x",
            by=brought,
            at=AT,
        ),
        tick=lambda: AT,
    )
    Hold.objects.create(
        matter=Matter.objects.filter(**ORDINARY, unit__path__startswith=Unit.objects.get(code=DEMO_COUNTY).path)[0],
        reason="x",
        by=brought,
        at=AT,
    )
    Authenticator.objects.create(officer=away, key="k1", sealed="x", made_at=AT, confirmed_at=AT)
    propose_change(
        kind=UnitKind.MERGER,
        unit=Unit.objects.get(code="HC14"),
        target=Unit.objects.get(code="HC13"),
        effective_on=AT.date(),
        ground="和公编〔2026〕3号",
        by=Officer.objects.get(police_number="020103"),
        at=AT,
    )


def _beside() -> None:
    """The county beside the demonstration's, with a case of its own that ran over."""
    _number_from(OWN_NUMBERS)
    city = Unit.objects.get(code="YC")
    units: dict[str, Unit] = {}
    for place in SIBLING:
        parent = units.get(place.parent, city)
        units[place.code] = add_unit(
            code=place.code, name=place.name, short_name=place.short_name, level=place.level, kind=place.kind,
            parent=parent,
        )  # fmt: skip
    for person in VIEWERS:
        officer = add_officer(police_number=person.number, name=person.name, unit=units[person.home])
        assign_post(officer=officer, unit=units[person.home], role=person.role, from_on=AT.date().replace(year=2025))
    officer = Officer.objects.get(police_number="931002")
    case = open_matter(kind="public_order_case", number="LC2026-1", unit=units["LC11"], officer=officer, title="邻县案")
    accepted = moment("2026-08-03 09:00")
    record_event(matter=case, kind="case_accepted", occurred_at=accepted, by=officer, at=accepted)
    sweep(at=AT)


@dataclass
class Found:
    """What everybody was answered: without the demonstration county, with it, and of its rows by their numbers."""

    without: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    beside: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    asked: int = 0


@contextmanager
def _at(moment_: datetime) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: moment_)
        yield


@pytest.fixture(scope="module")
def in_silence() -> Iterator[None]:
    """Thousands of refusals are asked for, and none of them is news."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def found(django_db_setup: None, django_db_blocker: DjangoDbBlocker, in_silence: None) -> Found:
    """Everything is asked once; the tests look at the answers."""
    if connection.vendor != "sqlite":
        pytest.skip("rows are numbered through SQLite's own table; scope is the same question on both databases")
    answers = Found()
    with django_db_blocker.unblock(), transaction.atomic(), _at(AT):
        for command in ("load_catalogue", "plan_roles", "load_followup", "load_indicators"):
            call_command(command, verbosity=0)
        before = transaction.savepoint()
        make_staff(lambda person: "", places=PLACES[:1], people=PEOPLE[:1])
        _beside()
        answers.without = dict(_asked(answers))
        transaction.savepoint_rollback(before)
        call_command("load_demo", "--at", "2026-11-22T09:30", verbosity=0)
        _more_of_the_county()
        _beside()
        answers.beside = dict(_asked(answers))
        _probe(answers)
        transaction.set_rollback(True)
    return answers


# -- asking ------------------------------------------------------------------------------------------------------------


def _routes(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every named route of the house with what it takes."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{space}:{one.name}" if space else str(one.name), one.pattern.converters
        else:
            yield from _routes(one, str(one.namespace or space))


LEFT_OUT: Final = {"admin:logout", "admin:login", "admin:jsi18n", "admin:view_on_site"}


def _own_routes() -> list[tuple[str, dict[str, Any]]]:
    return [(name, takes) for name, takes in _routes() if not name.startswith("admin:") and name not in LEFT_OUT]


def _tables() -> list[tuple[str, type[Model]]]:
    return [
        (f"{model._meta.app_label}_{model._meta.model_name}", model)
        for model in sorted(admin.site._registry, key=lambda model: model._meta.label)
    ]


def _addresses() -> Iterator[str]:
    """Every page that takes nothing of its own, and every suggestion that a form of the admin asks for."""
    for name, takes in _own_routes():
        if not takes:
            yield reverse(name)
    yield from (reverse("admin:index"), reverse("admin:search") + "?s=HC")
    for table, model in _tables():
        yield reverse(f"admin:{table}_changelist")
        yield reverse(f"admin:{table}_add")
        for name in admin.site._registry[model].autocomplete_fields:
            asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
            yield f"{reverse('admin:autocomplete')}?{urlencode(asked)}"


# What is another at every answer: the token of a form, the mark of the content policy, the key of a cached part.
_CHANCE = re.compile(
    r'(name="csrfmiddlewaretoken" value="|nonce="|X-CSRFToken&quot;: &quot;|"X-CSRFToken": "|feed/)[^"&]+'
)


def _plain(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not answer.headers.get("Content-Type", "").startswith(("text/", "application/json")):
        return f"{answer.headers.get('Content-Type')}, {len(content)}"
    return _CHANCE.sub(r"\1", content.decode())


def _browser(officer: Officer) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(officer)
    return client


def _asked(answers: Found) -> Iterator[tuple[tuple[str, str], tuple[int, str]]]:
    for person in VIEWERS:
        client = _browser(Officer.objects.get(police_number=person.number))
        for address in _addresses():
            answers.asked += 1
            with transaction.atomic():
                point = transaction.savepoint()
                answer = client.get(address)
                yield (f"{person.role} {person.number}", address), (answer.status_code, _plain(answer))
                transaction.savepoint_rollback(point)


def _row_of(rule: Rule) -> Any:
    rows = apps.get_model(rule.model)._base_manager.filter(**rule.where, pk__lt=OWN_NUMBERS)
    return rows.order_by("pk").first()


def _absent(named: Named) -> Named:
    return {key: ABSENT if isinstance(value, int) else value for key, value in named.items()}


def _probe(answers: Found) -> None:
    """Ask for rows of the demonstration county by their numbers: others are told what they are told of no row at all, and
    somebody of the county itself is told more, or the question was the wrong one."""
    beside = [_browser(Officer.objects.get(police_number=person.number)) for person in VIEWERS]
    at_home = [_browser(officer) for officer in Officer.objects.filter(pk__lt=OWN_NUMBERS).order_by("-pk")]
    for name, rule, there, absent in _probes(answers):
        for person, client in zip(VIEWERS, beside, strict=True):
            for way in ("get", "post"):
                answers.asked += 2
                real, none = (_once(client, way, address) for address in (there, absent))
                if real != none:
                    answers.told.append(f"{person.role} {way} {there}: {real[0]} and not {none[0]}")
        if rule.open_at_home and not any(
            _once(client, way, there)[0] not in (403, 404, 405) for client in at_home for way in ("get", "post")
        ):
            answers.unreached.append(f"{name} {there}")


def _probes(answers: Found) -> Iterator[tuple[str, Rule, str, str]]:
    for name, takes in _own_routes():
        if not takes or (rule := RULES.get(name)) is None or rule is PUBLIC:
            continue
        if (row := _row_of(rule)) is None:
            answers.unreached.append(f"{name}: no row of {rule.model}")
            continue
        named = rule.named(row)
        yield name, rule, *(reverse(name, kwargs=one | rule.besides) for one in (named, _absent(named)))
    for table, model in _tables():
        row = model._base_manager.filter(pk__lt=OWN_NUMBERS).order_by("pk").first() if not _shared(model) else None
        if row is not None:
            yield (
                f"admin:{table}",
                # Ledgers have no page of one row.
                Rule(model._meta.label, open_at_home=False),
                *(reverse(f"admin:{table}_change", args=(pk,)) for pk in (row.pk, ABSENT)),
            )


def _shared(model: type[Model]) -> bool:
    return model._meta.label in SHARED


def _once(client: Client, way: str, address: str) -> tuple[int, str]:
    with transaction.atomic():
        point = transaction.savepoint()
        answer = getattr(client, way)(address)
        told = (answer.status_code, re.sub(r"\d+", "", _plain(answer)) + str(answer.headers.get("Location", "")))
        transaction.savepoint_rollback(point)
    return told[0], re.sub(r"\d+", "", told[1])


# -- the walls ---------------------------------------------------------------------------------------------------------


def test_every_route_that_takes_something_says_whose_it_is() -> None:
    taking = {name for name, takes in _own_routes() if takes}

    assert taking == set(RULES)


def test_whoever_works_beside_a_county_is_answered_as_if_it_were_not_there(found: Found) -> None:
    assert found.without.keys() == found.beside.keys()
    differing = [key for key, answer in found.without.items() if answer != found.beside[key] and key[1] not in OPEN]

    assert not differing, "\n".join(f"{who} {address}" for who, address in differing)
    # Pages were opened, and not only refused.
    assert sum(status == 200 for status, _ in found.beside.values()) > 300
    # There is no queue here, and the house says so.
    unwell = {reverse("health"), reverse("readiness")}
    assert {address for (_, address), (status, _) in found.beside.items() if status >= 500} == unwell


def test_what_is_asked_for_by_its_number_is_answered_as_if_it_did_not_exist(found: Found) -> None:
    assert not found.told, "\n".join(found.told)


def test_each_of_these_rows_is_open_to_somebody_of_its_own_county(found: Found) -> None:
    assert not found.unreached, "\n".join(found.unreached)


def test_there_was_something_to_see(found: Found) -> None:
    assert found.asked > 5000
