"""信访工作条例 30, everywhere at once: every role of every unit that must not know, at every named address.

One scene holds a petition and a complaint about one station, with all that other rooms may make of them: warnings,
orders, messages, letters, a change of their limits, a case of the station under follow-up for them, and a reconsideration
of the answer. Whoever must not know opens every address of the site with every row that hangs on them; and the head and
the officer who are accused see every list, count, choice and calendar as if there were nothing.
"""

import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from cases.changes.services import look_again, preview_change, propose
from cases.desk.feed import make_feed
from cases.models import Change, ChangeKind, Clock, EventKind, Limit, Matter, MatterKind, Officer, Role
from cases.roles import plan_roles
from cases.services import open_matter
from supervision.alerts.models import Alert
from supervision.alerts.services import sweep
from supervision.archives.models import ArchiveEntry, Kind
from supervision.archives.queries import officers_open_to, units_open_to
from supervision.archives.services import collect, look_at_officer, look_at_unit
from supervision.bulletins.models import NoticeLine
from supervision.bulletins.services import compose_notices, send_letters
from supervision.followup.models import EntryRule, FollowedCase
from supervision.followup.services import enter_by_rules
from supervision.petitions.acts import BY_CODE
from supervision.petitions.complaint_acts import COMPLAINT_ACT
from supervision.petitions.models import Complaint, ComplaintStep, Petition, PetitionStep
from supervision.petitions.services import (
    accept_complaint,
    ask_complaint_disposal,
    assign_lead,
    close_complaint,
    find,
    look_at_complainant,
    look_at_identity,
    look_back,
    order_fault,
    order_for_complaint,
    plan_contact,
    reopen_complaint,
    reply_to_complaint,
)
from supervision.proceedings.models import ProceedingStep
from supervision.proceedings.services import register_dispute, register_review
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import issue_order
from tests.cases.factories import Bureau, add_limit, make_bureau, make_case, make_officer
from tests.supervision.followup.factories import make_template
from tests.supervision.petitions.factories import LI, WANG, make_complaint, make_petition, petition_catalogue
from tests.supervision.petitions.test_protection import (
    NOT_WALKED,
    WALKERS,
    at_work,
    filled,
    fresh,
    people_who_must_not_know,
    routes,
    rows_of,
    without_what_was_asked,
)

SUBJECT = "反映办案人员对被盗电动车一案拖延不办"
COMPLAINED = "窗口民警收件以后当面讥讽还不给回执"
FINDING = "调取值班录像以后认定接待不规范"
RULE = "信访关联案件"
ORDERED = "核对接待台账，立即补正。"
CHANNEL_NUMBER = "GD-88431"
PROCEEDING_KINDS = ("dispute", "reconsideration")
PROCEEDING_EVENTS = ("dispute_recorded", "admin_reconsideration_copy_received")

ACCUSED = ("accused unit_head", "accused case_officer")
# What each of them has in his own hands, so that his own dates are not empty either.
OWN_CASES = {"A-1": "accused case_officer", "A-2": "accused unit_head"}

# The walk may grow with the site; if it shrinks, somebody or something is not looked at any more.
LEAST_ROLES_OF_UNITS = 22
LEAST_ROUTES = 309
LEAST_MATRIX = 6_750


@dataclass
class World:
    """The bureau as it is with nothing closed in it; `hide` brings in what is."""

    bureau: Bureau
    registrar: Officer
    leader: Officer
    strangers: dict[str, Officer]
    now: datetime
    petition: Petition = field(init=False)
    complaint: Complaint = field(init=False)

    @property
    def head(self) -> Officer:
        return self.strangers["accused unit_head"]

    @property
    def officer(self) -> Officer:
        return self.strangers["accused case_officer"]


@pytest.fixture
def world(db: None) -> World:
    """A station with a case, a dispute and a warning of its own, so that its lists are not empty."""
    petition_catalogue()
    for code in PROCEEDING_KINDS:
        MatterKind.objects.create(code=code, name=code)
    for code in PROCEEDING_EVENTS:
        EventKind.objects.create(code=code, name=code, opens=True, day_only=True)
    add_limit(
        code="close_5d", name="结案", kinds=["case"], starts=["filed"], stops=["closed"], length=5, unit="day",
        law="某法", status="verified", in_force_from="2020-01-01", nature="authority_duty",
    )  # fmt: skip
    Problem.objects.create(code="slow", name="拖延办案", fault="期限", law="某法", article="第一条")
    Problem.objects.create(code="overrun", name="超过时限", fault="期限", law="某法", article="第二条")
    make_template("general", ("列明原因", 2))
    EntryRule.objects.create(code="petition_linked", name=RULE, told_as="重点案件", condition={"petition": True})
    bureau = make_bureau()
    plan_roles()
    now = timezone.now()
    world = World(
        bureau,
        make_officer("100001", bureau.legal, Role.LEGAL_OFFICER),
        make_officer("100002", bureau.city, Role.LEADER),
        people_who_must_not_know(bureau),
        now,
    )
    for one in (world.head, world.officer, world.registrar):
        Officer.objects.filter(pk=one.pk).update(email=f"{one.police_number}@example.cn")
    filed = f"{timezone.localdate(now) - timedelta(days=40)}"
    for number, officer in OWN_CASES.items():
        make_case(number, bureau.station, world.strangers[officer], filed=filed)
    register_dispute(
        number="JF-1", title="停车", unit=bureau.station, officer=world.officer, sort="neighbours", risk="low",
        channel="call", received_on=timezone.localdate(now), by=world.head, at=now,
    )  # fmt: skip
    sweep(at=now)
    assert Alert.objects.exists()
    # The law is everybody's to read, and so is that it is to change; not how many petitions it touches.
    limit = Limit.objects.get(code="xf_notify_15d")
    definition = {**limit.definition, "code": "xf_notify_v2", "family": limit.code, "length": 10}
    definition["in_force_from"] = f"{timezone.localdate(now) - timedelta(days=60)}"
    payload = {"from": limit.code, "definition": definition}
    change = propose(kind=ChangeKind.LIMIT, payload=payload, by=world.registrar, at=now)
    preview_change(change=change, at=now)
    return world


def hide(world: World) -> None:
    """Bring in the petition and the complaint, and all that follows from them without being told to the accused."""
    bureau, by, now = world.bureau, world.registrar, world.now
    long_ago = timezone.localdate(now) - timedelta(days=40)
    case = Matter.objects.get(number="A-1")
    world.petition = make_petition(
        bureau, by, subject=SUBJECT, received_on=f"{long_ago}", at=now, underlying=case,
    )  # fmt: skip
    make_petition(bureau, by, subject=SUBJECT, received_on=f"{long_ago}", petitioners=(LI, WANG), persons=2, at=now)
    assign_lead(petition=world.petition, officer=world.leader, by=by, at=now)
    look_at_identity(petition=world.petition, reason="约定见面", by=by, at=now)
    plan_contact(
        petition=world.petition, service="reception", planned_on=timezone.localdate(now), officer=by, by=by, at=now
    )
    told = {"subject": COMPLAINED, "received_on": long_ago, "accused_officer": world.officer, "about": case, "at": now}
    world.complaint = make_complaint(
        bureau, by, channel_number=CHANNEL_NUMBER, reply_asked_on=long_ago + timedelta(days=20), **told
    )
    make_complaint(bureau, by, channel="12389", channel_number="JB-77120", complainant=WANG, **told)
    look_at_complainant(complaint=world.complaint, reason="约定见面", by=by, at=now)
    accept_complaint(complaint=world.complaint, category="claim", on=long_ago, by=by, at=now)
    for again in (False, True):
        find(complaint=world.complaint, verdict="verified", reason=FINDING, by=by, at=now)
        reply_to_complaint(complaint=world.complaint, on=long_ago, by=by, at=now)
        if not again:
            reopen_complaint(complaint=world.complaint, why=FINDING, on=long_ago, by=by, at=now)
    sweep(at=now)
    closed = Alert.objects.filter(restricted=True)
    assert {one.clock.matter_id for one in closed} >= {world.petition.pk, world.complaint.pk}
    clock = Clock.objects.filter(matter=world.petition.pk, limit__code="xf_notify_15d").select_related("limit").get()
    issue_order(
        source=Source.SUPERVISOR, source_number="W-1", problem=Problem.objects.get(code="overrun"), unit=bureau.legal,
        officer=None, matter=world.petition.matter, clock=clock, text="未按期告知，立即告知。", by=by, at=now,
    )  # fmt: skip
    change = Change.objects.get()
    look_again(change=change, by=by, at=now)
    preview_change(change=change, at=now)
    assert change.preview is not None and change.preview["moved"] > 0


def tell_of_what_is_theirs(world: World) -> list[Order]:
    """What the accused do learn: that a fault is to be put right, that a decision is reviewed, that a case is followed."""
    by, now = world.registrar, world.now
    found = look_back(
        petition=world.petition, cause="delay", unit=world.bureau.station, officer=world.officer, finding=FINDING, by=by,
        at=now,
    )  # fmt: skip
    orders = [
        order_fault(found=found, problem="slow", text=ORDERED, by=by, at=now),
    ]
    complaint = Complaint.objects.get(pk=world.complaint.pk)
    close_complaint(complaint=complaint, on=timezone.localdate(now), note="", by=by, at=now)
    Problem.objects.create(code="rude", name="接待不规范", fault="作风", law="某法", article="第三条")
    orders.append(order_for_complaint(complaint=complaint, problem="rude", text=ORDERED, by=by, at=now))
    # A closed one below the case brings the case under follow-up, in words that do not say why.
    open_matter(kind="petition", number="信访下级-1", unit=world.bureau.legal, parent=Matter.objects.get(number="A-1"))
    enter_by_rules(at=now)
    assert FollowedCase.objects.get().matter.number == "A-1"
    ten_years_on = now.replace(year=now.year + 11)
    ask_complaint_disposal(complaint=complaint, reason="保存期满", by=by, at=ten_years_on)
    register_review(
        number="FY-1", title="不服处理", unit=world.bureau.station, officer=world.officer, track="reconsideration",
        instance="first", body="某县人民政府", act="行罚决字〔2026〕1号", received_on=timezone.localdate(now), by=by, at=now,
        against=world.petition.matter,
    )  # fmt: skip
    return orders


def secrets_of(world: World) -> list[str]:
    """What would give them away: numbers, words, persons, findings. None of it is anybody's who does not handle them."""
    numbers = [
        *Petition.objects.values_list("matter__number", flat=True),
        *Complaint.objects.values_list("matter__number", flat=True),
    ]
    words = [SUBJECT, SUBJECT[2:12], COMPLAINED, COMPLAINED[2:12], FINDING, "约定见面", CHANNEL_NUMBER, "JB-77120"]
    return [*numbers, *words, RULE, "信访下级-1", *LI.values(), *WANG.values()]


def text_of(content: bytes) -> str:
    """What an answer says, of a Word paper or a workbook too."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(content)) as packed:
            return "\n".join(
                re.sub(r"<[^>]+>", "", packed.read(name).decode("utf-8", "ignore")) for name in packed.namelist()
            )
    return content.decode("utf-8", "ignore")


def content_of(answer: object) -> bytes:
    streamed = getattr(answer, "streaming_content", None)
    return b"".join(streamed) if streamed is not None else getattr(answer, "content", b"")


def addresses_by_route(held: dict[str, list[int]]) -> Iterator[tuple[str, list[str]]]:
    patterns: dict[str, URLPattern] = dict(routes())
    for name, pattern in patterns.items():
        if name not in NOT_WALKED:
            yield name, filled(name, pattern, held)


def archives_opened(world: World, officer: Officer) -> list[tuple[str, list[str]]]:
    """The archives of the accused that the officer's post opens, kind by kind, each after he said why he looks."""
    opened: dict[str, list[str]] = {}
    now, why = timezone.now(), "季度执法质量考评"
    for person in officers_open_to(officer).filter(pk__in=(world.head.pk, world.officer.pk)):
        look_at_officer(officer=person, reason=why, by=officer, at=now)
        opened.setdefault("archives:officer", []).append(reverse("archives:officer", args=(person.pk,)))
    for unit in units_open_to(officer).filter(pk=world.bureau.station.pk):
        look_at_unit(unit=unit, reason=why, by=officer, at=now)
        opened.setdefault("archives:unit", []).append(reverse("archives:unit", args=(unit.pk,)))
    return [(route, [f"{one}?kind={kind}" for one in found for kind in Kind]) for route, found in opened.items()]


# -- the matrix --------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are what is meant here; they need no lines in a log."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


def test_no_role_of_any_unit_that_must_not_know_finds_anything_at_any_named_address(
    world: World, mailoutbox: list[EmailMessage]
) -> None:
    hide(world)
    orders = tell_of_what_is_theirs(world)
    # The night enters the orders in the archives, as what daily supervision found.
    collect(at=world.now)
    assert set(ArchiveEntry.objects.filter(kind=Kind.FOUND).values_list("order", flat=True)) == {
        one.pk for one in orders
    }
    # Ten o'clock of a working day: what is to be told leaves, in the inbox and by mail.
    tenth = at_work(world.now)
    compose_notices(at=tenth)
    send_letters(at=tenth + timedelta(minutes=1))
    assert NoticeLine.objects.filter(officer=world.registrar, about="信访").exists()
    held = rows_of(world)  # type: ignore[arg-type]
    everywhere = list(addresses_by_route(held))
    words, telling = secrets_of(world), []
    matrix: set[tuple[str, str, str]] = set()
    opened, archives_read = 0, set[str]()

    for name, officer in world.strangers.items():
        officer, client = fresh(officer), Client(raise_request_exception=False)
        client.force_login(officer)
        roles = "、".join(post.get_role_display() for post in officer.posts.all()) or "没有职务"
        archives = archives_opened(world, officer)
        archives_read |= {name} if archives else set()
        for route, addresses in [*everywhere, *archives]:
            # The accused open every row; the others, who walk every row of a petition elsewhere, one of each address.
            for address in addresses if name in ACCUSED or (route, addresses) in archives else addresses[:1]:
                answer = client.get(address, follow=True)
                opened += 1
                page = without_what_was_asked(text_of(content_of(answer)), world)  # type: ignore[arg-type]
                # The rules of follow-up are the legal department's to set.
                lawful = {RULE} if officer.has_perm("followup.view_entryrule") else set()
                telling += [f"{name} {address}: {word}" for word in words if word in page and word not in lawful]
            matrix.add((f"{name}（{roles}）", officer.unit.name, route))

    assert telling == []
    assert {"accused unit_head", "accused inspector", "county leader"} <= archives_read
    # The orders that did go out are theirs to see, as any other.
    for order in orders:
        assert orders_page(world, order).status_code == 200
    people, named = {(who, unit) for who, unit, _ in matrix}, {route for _, _, route in matrix}
    size = f"{len(people)} 种角色和单位 × {len(named)} 个地址名 = {len(matrix)} 格，打开 {opened} 次"
    print(size)
    assert len(people) >= LEAST_ROLES_OF_UNITS and set(WALKERS) <= set(world.strangers), size
    assert len(named) >= LEAST_ROUTES, size
    assert len(matrix) >= LEAST_MATRIX and opened >= len(matrix), size

    # By mail and in the inbox neither, though the officer is told of his orders there.
    for one in (world.head, world.officer):
        said = "".join(NoticeLine.objects.filter(officer=one).values_list("text", flat=True))
        sent = "".join(f"{mail.subject}{mail.body}" for mail in mailoutbox if one.police_number in "".join(mail.to))
        assert [word for word in (*words, "信访", "投诉", "举报") if word in said + sent] == []
        assert bool(said and sent) or one == world.head
    assert any(world.registrar.police_number in "".join(mail.to) for mail in mailoutbox)


def orders_page(world: World, order: Order) -> object:
    client = Client()
    client.force_login(fresh(world.head))
    return client.get(reverse("rectification:order", args=(order.pk,)))


# -- as if there were nothing ------------------------------------------------------------------------------------------

# What changes by itself between two looks at a page that says the same; how often pages were asked for among it.
VOLATILE = re.compile(
    r'dingban_request_duration\S*\{.*|name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|since=[^&"]+|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?'
)
# When a preview was signed, and so its signature; what was signed is looked at.
SIGNED = re.compile(r'(name="listed" value="[^":]+):[^"]+"')
SELECT = re.compile(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', re.S)
OPTION = re.compile(r'<option[^>]*value="([^"]+)"')
TAB = re.compile(r'href="(\?[^"]*)"')
LEAST_PLAIN, LEAST_CHOICES = 45, 150


def looks_of(client: Client) -> dict[str, str]:
    """Every page without an argument, every tab of it and every choice of every filter, as the officer sees them."""
    seen: dict[str, str] = {}
    for name, pattern in routes():
        if name in NOT_WALKED or pattern.pattern.regex.groupindex:
            continue
        address = reverse(name)
        answer = client.get(address, follow=True)
        seen[address] = _plain(answer)
        if answer.status_code != 200 or address.startswith("/limits/"):
            continue
        page = text_of(content_of(answer))
        asked = [tab.replace("&amp;", "&") for tab in TAB.findall(page)]
        asked += [f"?{field}={value}" for field, body in SELECT.findall(page) for value in OPTION.findall(body)]
        for more in dict.fromkeys(asked):
            seen[f"{address}{more}"] = _plain(client.get(f"{address}{more}", follow=True))
    return seen


def _plain(answer: object) -> str:
    told = SIGNED.sub(r"\1", VOLATILE.sub("", text_of(content_of(answer))))
    return f"{getattr(answer, 'status_code', 0)} {told}"


@pytest.mark.parametrize("who", ACCUSED)
def test_no_list_count_tab_choice_or_calendar_differs_by_what_is_closed(
    world: World, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)
    officer = world.strangers[who]
    client = Client()
    client.force_login(fresh(officer))
    feed = reverse("desk:feed_dates", args=(make_feed(officer=officer, at=world.now),))
    # Once beforehand: what is opened for the first time, or fetched, says so.
    looks_of(client)
    client.get(feed)
    without = {**looks_of(client), feed: _plain(client.get(feed))}

    hide(world)
    with_it = {**looks_of(client), feed: _plain(client.get(feed))}

    assert sorted(set(with_it) ^ set(without)) == []
    assert [address for address in without if without[address] != with_it[address]] == []
    plain = sum("?" not in address for address in without)
    own = next(number for number, officer in OWN_CASES.items() if officer == who)
    assert "A-1" in without["/matters/"] and own in without[feed]
    assert plain >= LEAST_PLAIN and len(without) - plain >= LEAST_CHOICES, (plain, len(without))


def test_the_numbers_of_what_is_closed_are_refused_like_numbers_there_are_not(world: World) -> None:
    """Finding, searching, asking the interface for a clock, naming one in a form: nothing tells one from the other."""
    hide(world)
    clock = Clock.objects.filter(matter=world.petition.pk).first()
    assert clock is not None
    numbers = {world.petition.matter.number: "信访209900001", world.complaint.matter.number: "投诉209900001"}
    numbers |= {CHANNEL_NUMBER: "GD-00000"}
    for officer in (world.head, world.officer):
        client = Client()
        client.force_login(fresh(officer))
        for real, none in numbers.items():
            for address in (
                f"{reverse('desk:find')}?number={{}}",
                f"{reverse('desk:matters')}?q={{}}",
                f"{reverse('desk:clocks')}?q={{}}&state=open",
                f"{reverse('alerts:alerts')}?q={{}}&state=open",
                f"{reverse('alerts:standing')}?q={{}}",
                f"{reverse('rectification:orders')}?q={{}}",
                f"{reverse('followup:cases')}?q={{}}",
                f"{reverse('petitions:petitions')}?q={{}}",
                f"{reverse('petitions:complaints')}?q={{}}",
                f"{reverse('proceedings:proceedings')}?q={{}}",
                f"{reverse('returnvisits:visits')}?q={{}}",
            ):
                asked, made_up = client.get(address.format(real)), client.get(address.format(none))
                assert _plain(asked).replace(real, "N") == _plain(made_up).replace(none, "N"), address
        for real, none in (
            (reverse("desk:api_clock", args=(clock.pk,)), reverse("desk:api_clock", args=(clock.pk + 99_999,))),
            (reverse("petitions:petition", args=(world.petition.pk,)), reverse("petitions:petition", args=(99_999,))),
            (
                reverse("petitions:complaint", args=(world.complaint.pk,)),
                reverse("petitions:complaint", args=(99_999,)),
            ),
            (reverse("desk:matter", args=(world.complaint.pk,)), reverse("desk:matter", args=(99_999,))),
            (
                reverse("proceedings:proceeding", args=(world.petition.pk,)),
                reverse("proceedings:proceeding", args=(99_999,)),
            ),
        ):
            assert _plain(client.get(real)) == _plain(client.get(none))
            assert client.get(real).status_code == 404


def test_no_act_tells_what_is_closed_from_what_there_is_not_and_none_is_done(world: World) -> None:
    """Every act of the pages of petitions and complaints, sent by everybody who must not know."""
    hide(world)
    steps = ComplaintStep.objects.count(), PetitionStep.objects.count(), ProceedingStep.objects.count()
    complaint, petition = world.complaint.pk, world.petition.pk
    acts = [("petitions:do_complaint", complaint, (code,)) for code in COMPLAINT_ACT]
    acts += [("petitions:do", petition, (code,)) for code in BY_CODE]
    acts += [(name, complaint, ()) for name in ("petitions:give", "petitions:complainant")]
    acts += [("petitions:give", petition, ()), ("petitions:identity", petition, ())]
    acts += [("proceedings:act", pk, (verb,)) for pk in (complaint, petition) for verb in ("set-hearing", "hear")]
    told = {"on": f"{timezone.localdate(world.now)}", "why": FINDING, "reason": FINDING, "officer": "100001"}
    different = []
    for name, officer in world.strangers.items():
        client = Client(raise_request_exception=False)
        client.force_login(fresh(officer))
        for route, pk, more in acts:
            real = client.post(reverse(route, args=(pk, *more)), told)
            none = client.post(reverse(route, args=(99_999, *more)), told)
            if real.status_code not in (403, 404) or _plain(real) != _plain(none):
                different.append(f"{name} {route} {more}: {real.status_code}")

    assert different == []
    assert (ComplaintStep.objects.count(), PetitionStep.objects.count(), ProceedingStep.objects.count()) == steps
