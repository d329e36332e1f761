"""The verbs of the room: units and officers, matters and their events. Everything that changes them comes through here."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NotRequired, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from cases.catalogue.answers import follow_answers
from cases.law_lock import hold_law
from cases.models import (
    Answer,
    Barring,
    BarringGround,
    Event,
    EventKind,
    Handling,
    HandlingRole,
    Matter,
    MatterKind,
    Officer,
    OpenQuestion,
    Post,
    Role,
    Unit,
    UnitKind,
    UnitLevel,
)
from cases.models.scope import barrings_of, forget_posts
from cases.models.unit import STEP_WIDTH
from cases.statute import periods
from cases.statute.limits import InvalidLimit
from cases.winding import wind_matters

# The one kind of event that does more than start and stop clocks.
HAND_OVER = "matter_transferred"

UNKNOWN_KIND = "没有“{code}”这种节点，请先在目录中登记"
UNKNOWN_MATTER_KIND = "没有“{code}”这种事项，请先在目录中登记"
NAIVE_MOMENT = "时间必须带时区"
FUTURE_EVENT = "节点时间{when}晚于录入时间，不能登记尚未发生的事"
ALREADY_VOIDED = "该节点已经作废或者更正过，请从最新的一条更正"
OTHER_MATTER = "只能更正同一事项的节点"
HAND_OVER_STANDS = "移交不能作废，请再办理一次移交"
REASON_NEEDED = "作废必须写明理由"
NUMBER_TAKEN = "编号“{number}”已有同类事项"
SOURCE_TAKEN = "来源编号“{number}”已经登记过"
HAND_OVER_NEEDS_PLACE = "移交要写明移交给哪个单位，请用“移交”办理"
WITHDRAWN = "该事项已随导入批次撤销，不能再登记"
SAME_UNIT = "事项已经由该单位、该民警办理"
LEVEL_ORDER = "{name}的层级应当低于上级单位{parent}"
HAS_A_CASE = "{matter}已有所属事项{parent}，不能再改"
NOT_A_CASE = "{parent}不能作为{matter}的所属事项：本身属于别的事项，或者两者公开范围不同"
NOT_HELD = "{officer}没有担任这一职务"
BARRED = "{officer}属于被反映的单位、人员或者已经回避，不能经办，请另行指定"
BARRED_UNIT = "{unit}是被反映的单位或者在其之下，不能办理，请移交其他单位或者上一级"
BARRING_NEEDS_ONE = "要写明一个单位或者一名民警"
LED_ALREADY = "已有包案领导，请用“变更包案领导”办理"
HANDLING_OVER = "该经办关系已经结束"
UNKNOWN_OPTION = "“{question}”没有这一种答复，可选的有：{options}"
SAME_ANSWER = "“{question}”现在就是这样答复的，没有改动"
GROUND_NEEDED = "答复必须写明依据（文号或者会议纪要），请补填"
DECIDED_LATER = "决定日期 {day} 晚于今天，请在决定以后再登记"
ANSWERS_CLASH = "这一答复与其他已有的答复不能并存：{problems}"
POLICE_NUMBER_TAKEN = "警号“{number}”已有人使用"
OWN_GRANT = "不能给自己登记任职，请由另一名安全管理员办理"
ROLES_APART = "{officer}现任{held}，不能再任{role}：三员分立，管理员不兼任其他角色，请先结束原任职"


class CaseRefused(Exception):
    """An act this room will not do; the message is fit to be shown to an officer."""


# -- units and officers ----------------------------------------------------------------------------------------------


def add_unit(
    *,
    code: str,
    name: str,
    level: UnitLevel | int,
    parent: Unit | None = None,
    kind: UnitKind | str = UnitKind.STATION,
    short_name: str = "",
    valid_from: date | None = None,
) -> Unit:
    """Add a unit under `parent`. Refuses a level that is not below the parent's."""
    if parent is not None and level <= parent.level:
        raise CaseRefused(LEVEL_ORDER.format(name=name, parent=parent))
    with transaction.atomic():
        unit = Unit(
            code=code, name=name, level=level, parent=parent, kind=kind, short_name=short_name, valid_from=valid_from
        )
        unit.path = next_path(parent)
        if parent is not None:
            unit.city_id, unit.county_id, unit.station_id = parent.city_id, parent.county_id, parent.station_id
        unit.save()
        own = {UnitLevel.CITY: "city_id", UnitLevel.COUNTY: "county_id", UnitLevel.STATION: "station_id"}
        if level in own:
            setattr(unit, own[UnitLevel(level)], unit.pk)
            unit.save(update_fields=[own[UnitLevel(level)].removesuffix("_id")])
    return unit


def next_path(parent: Unit | None) -> str:
    """Where the next unit under `parent` stands in the tree."""
    siblings = Unit.objects.filter(parent=parent)
    last = siblings.aggregate(last=Max("path"))["last"]
    step = int(last[-STEP_WIDTH:]) + 1 if last else 1
    return (parent.path if parent is not None else "") + f"{step:0{STEP_WIDTH}d}"


def add_officer(
    *,
    police_number: str,
    name: str,
    unit: Unit,
    password: str | None = None,
    email: str = "",
    must_change_password: bool = False,
) -> Officer:
    """Add an officer with an account; without a password he cannot sign in. Refuses a police number in use.

    `must_change_password`: whoever adds him knows the password, so it lets him in only to choose his own.
    """
    if Officer.objects.filter(police_number=police_number).exists():
        raise CaseRefused(POLICE_NUMBER_TAKEN.format(number=police_number))
    return Officer.objects.create_user(
        police_number, name, unit, password, email=email, must_change_password=must_change_password
    )


def assign_post(*, officer: Officer, unit: Unit, role: Role | str, from_on: date, by: Officer | None = None) -> Post:
    """Give an officer a role in a unit; his account gets the permissions of the role. Already held: nothing changes.

    `by` nobody: it comes with the setting up. Refuses a post for oneself, and an administrator's beside any other role
    (三员分立).
    """
    if by is not None and by.pk == officer.pk:
        raise CaseRefused(OWN_GRANT)
    with transaction.atomic():
        # Two roles that exclude each other must not be granted at the same moment.
        Officer.objects.select_for_update().filter(pk=officer.pk).values_list("pk").first()
        for held in officer.posts.current().values_list("role", flat=True):
            if Role(role).excludes(held):
                raise CaseRefused(ROLES_APART.format(officer=officer, held=Role(held).label, role=Role(role).label))
        post, _ = Post.objects.get_or_create(
            officer=officer, unit=unit, role=role, until_on=None, defaults={"from_on": from_on, "granted_by": by}
        )
        _match_groups(officer)
    forget_posts(officer)
    return post


def end_post(*, post: Post, until_on: date, by: Officer | None = None) -> Post:
    """End a post; the permissions go with the last post of that role. Refuses a post that is over."""
    with transaction.atomic():
        if not Post.objects.filter(pk=post.pk, until_on=None).update(until_on=until_on, ended_by=by):
            raise CaseRefused(NOT_HELD.format(officer=post.officer))
        _match_groups(post.officer)
    post.refresh_from_db()
    forget_posts(post.officer)
    return post


def _match_groups(officer: Officer) -> None:
    """Of the groups named after roles an account has those of its current posts; other groups are left alone."""
    names = {Role(role).label for role in officer.posts.current().values_list("role", flat=True)}
    for name in names:
        Group.objects.get_or_create(name=name)
    officer.groups.remove(*officer.groups.filter(name__in=Role.labels).exclude(name__in=names))
    officer.groups.add(*Group.objects.filter(name__in=names))


# -- matters ---------------------------------------------------------------------------------------------------------


def open_matter(
    *,
    kind: str,
    number: str,
    unit: Unit,
    officer: Officer | None = None,
    title: str = "",
    facts: Mapping[str, Any] | None = None,
    parent: Matter | None = None,
    restricted: bool | None = None,
) -> Matter:
    """Enter a matter. Refuses an unknown kind and a number that a standing matter of the kind has."""
    row = MatterKind.objects.filter(code=kind).first()
    if row is None:
        raise CaseRefused(UNKNOWN_MATTER_KIND.format(code=kind))
    try:
        with transaction.atomic():
            return Matter.objects.create(
                kind=row,
                number=number,
                title=title,
                officer=officer,
                parent=parent,
                facts=dict(facts or {}),
                restricted=row.restricted if restricted is None else restricted,
                **unit.scope_ids,
            )
    except IntegrityError as error:
        raise CaseRefused(NUMBER_TAKEN.format(number=number)) from error


def join_case(*, matter: Matter, case: Matter) -> Matter:
    """Note the case that a matter belongs to, as when it came in with a file that does not say.

    Refuses a matter that belongs to one, a case that itself belongs to another, one that has parts of its own, the
    matter itself, and a pair of which only one is restricted.
    """
    if case.pk == matter.pk or case.parent_id is not None or case.restricted != matter.restricted:
        raise CaseRefused(NOT_A_CASE.format(parent=case, matter=matter))
    with transaction.atomic():
        _require_standing(case.pk)
        _require_standing(matter.pk)
        if Matter.objects.filter(parent=matter).exists():
            raise CaseRefused(NOT_A_CASE.format(parent=case, matter=matter))
        if not Matter.objects.filter(pk=matter.pk, parent=None).update(parent=case):
            matter.refresh_from_db()
            raise CaseRefused(HAS_A_CASE.format(matter=matter, parent=matter.parent))
    matter.refresh_from_db()
    return matter


def name_handler(*, matter: Matter, officer: Officer, role: HandlingRole | str, at: datetime) -> Handling:
    """Make somebody responsible for a matter, which also lets him see it if it is restricted.

    Refuses who is barred, and a second leading official.
    """
    require_unbarred(matter, officer)
    try:
        with transaction.atomic():
            handling, _ = Handling.objects.get_or_create(
                matter=matter, officer=officer, role=role, until_at=None, defaults={"from_at": at}
            )
    except IntegrityError as error:
        raise CaseRefused(LED_ALREADY) from error
    officer.__dict__.pop("_restricted_matters", None)
    return handling


def end_handling(*, handling: Handling, at: datetime) -> None:
    """End somebody's responsibility; a restricted matter is then out of his sight. Refuses one that is over."""
    if not Handling.objects.filter(pk=handling.pk, until_at=None).update(until_at=at):
        raise CaseRefused(HANDLING_OVER)
    handling.officer.__dict__.pop("_restricted_matters", None)


def bar(
    *,
    matter: Matter,
    ground: BarringGround | str,
    by: Officer | None,
    at: datetime,
    unit: Unit | None = None,
    officer: Officer | None = None,
    reason: str = "",
) -> Barring:
    """Keep a unit with all below it, or an officer, away from a matter; what they handled of it ends.

    Barred already: nothing changes. Refuses a unit that the matter hangs on, or one above it.
    """
    if (unit is None) == (officer is None):
        raise CaseRefused(BARRING_NEEDS_ONE)
    if unit is not None and matter.unit.path.startswith(unit.path):
        raise CaseRefused(BARRED_UNIT.format(unit=matter.unit))
    with transaction.atomic():
        barring, _ = Barring.objects.get_or_create(
            matter=matter,
            unit=unit,
            officer=officer,
            until_at=None,
            defaults={"ground": ground, "reason": reason, "by": by, "from_at": at},
        )
        for handling in Handling.objects.filter(matter=matter, until_at=None).select_related("officer__unit"):
            if is_barred(matter, handling.officer):
                Handling.objects.filter(pk=handling.pk).update(until_at=max(at, handling.from_at))
    for named in (officer, by):
        if named is not None:
            named.__dict__.pop("_restricted_matters", None)
    return barring


def lift_barring(*, barring: Barring, at: datetime) -> None:
    """End a barring, as when the wrong unit was written down. Nobody handles the matter again by that alone."""
    Barring.objects.filter(pk=barring.pk, until_at=None).update(until_at=at)


def is_barred(matter: Matter, officer: Officer) -> bool:
    """Whether the officer is kept away from the matter now."""
    return barrings_of(officer).filter(matter=matter).exists()


def require_unbarred(matter: Matter, officer: Officer) -> None:
    """Refuse an officer who is kept away from the matter."""
    if is_barred(matter, officer):
        raise CaseRefused(BARRED.format(officer=officer))


def note_facts(*, matter: Matter, facts: Mapping[str, Any], at: datetime) -> None:
    """Set what limits may depend on, and rewind the matter's clocks, in one transaction. Facts not named stay."""
    with transaction.atomic():
        _require_standing(matter.pk)
        held = Matter.objects.get(pk=matter.pk)
        changed = {**held.facts, **facts}
        if changed != held.facts:
            Matter.objects.filter(pk=matter.pk).update(facts=changed)
            wind_matters([matter.pk], at=at, cause="情形变更")
    matter.refresh_from_db()


class EventFacts(TypedDict):
    """What is told of an event. `occurred_at` and `at` (when it is entered) are aware moments.

    With `day_only` only the local day of `occurred_at` counts, and its midnight is kept. With `voids` it is a
    correction: the old event no longer counts.
    """

    matter: Matter
    kind: str
    occurred_at: datetime
    by: Officer | None
    at: datetime
    day_only: NotRequired[bool]
    document_number: NotRequired[str]
    approver: NotRequired[str]
    ground: NotRequired[str]
    tier: NotRequired[str]
    amount: NotRequired[int | None]
    sets_at: NotRequired[datetime | None]
    sets_on: NotRequired[date | None]
    reference: NotRequired[str]
    source: NotRequired[str]
    source_number: NotRequired[str]
    note: NotRequired[str]
    voids: NotRequired[Event | None]


def record_event(**facts: Unpack[EventFacts]) -> Event:
    """Record that something happened, and rewind the matter's clocks, in one transaction.

    Refuses what has not happened yet, an unknown kind, a second correction of one event, and a source number that is
    on record.
    """
    event = draft_event(**facts)
    done = "更正" if event.voids_id is not None else "登记"
    return _append(event, cause=f"{done}节点“{event.kind}”")


def draft_event(**facts: Unpack[EventFacts]) -> Event:
    """An event as `record_event` would write it, refused for the same reasons; nothing is written."""
    matter, kind, occurred_at, at = facts["matter"], facts["kind"], facts["occurred_at"], facts["at"]
    event_kind = EventKind.objects.filter(code=kind).first()
    if event_kind is None:
        raise CaseRefused(UNKNOWN_KIND.format(code=kind))
    if kind == HAND_OVER:
        raise CaseRefused(HAND_OVER_NEEDS_PLACE)
    if occurred_at.tzinfo is None or at.tzinfo is None:
        raise CaseRefused(NAIVE_MOMENT)
    if facts.get("day_only"):
        zone = ZoneInfo(matter.kind.zone)
        occurred_at = periods.start_of_day(occurred_at.astimezone(zone).date(), zone)
    if occurred_at > at:
        raise CaseRefused(FUTURE_EVENT.format(when=f"{timezone.localtime(occurred_at):%Y-%m-%d %H:%M}"))
    voids = facts.get("voids")
    if voids is not None:
        _check_voidable(voids, matter)
    told = {name: value for name, value in facts.items() if name not in ("kind", "occurred_at", "at")}
    return Event(kind=event_kind, occurred_at=occurred_at, recorded_at=at, **told)


def void_event(*, event: Event, reason: str, by: Officer | None, at: datetime) -> Event:
    """Strike out an event with a reason; it stays on record and no longer counts. Refuses one struck out before."""
    if not reason.strip():
        raise CaseRefused(REASON_NEEDED)
    return _append(draft_void(event=event, reason=reason, by=by, at=at), cause=f"作废节点“{event.kind}”：{reason}")


def draft_void(*, event: Event, reason: str, by: Officer | None, at: datetime) -> Event:
    """A striking-out as `void_event` would write it; nothing is written. Refuses one struck out before."""
    _check_voidable(event, event.matter)
    return Event(
        matter=event.matter,
        kind=event.kind,
        occurred_at=event.occurred_at,
        day_only=event.day_only,
        recorded_at=at,
        note=reason,
        voids=event,
        only_voids=True,
        by=by,
    )


def _check_voidable(event: Event, matter: Matter) -> None:
    if event.matter_id != matter.pk:
        raise CaseRefused(OTHER_MATTER)
    if event.to_unit_id is not None:
        raise CaseRefused(HAND_OVER_STANDS)
    if Event.objects.filter(voids=event).exists():
        raise CaseRefused(ALREADY_VOIDED)


def _require_standing(matter_id: int) -> None:
    """Refuse a matter whose batch was undone; locked, so that it cannot be undone meanwhile."""
    if not Matter.objects.select_for_update().filter(pk=matter_id, withdrawn_at=None).exists():
        raise CaseRefused(WITHDRAWN)


def _append(event: Event, cause: str) -> Event:
    try:
        with transaction.atomic():
            _require_standing(event.matter_id)
            event.save(force_insert=True)
            wind_matters([event.matter_id], at=event.recorded_at, cause=cause)
    except IntegrityError as error:
        if event.voids_id is not None and Event.objects.filter(voids_id=event.voids_id).exists():
            raise CaseRefused(ALREADY_VOIDED) from error
        if (
            event.source_number
            and Event.objects.filter(source=event.source, source_number=event.source_number, withdrawn_at=None).exists()
        ):
            raise CaseRefused(SOURCE_TAKEN.format(number=event.source_number)) from error
        raise
    return event


def _require_unbarred_place(matter: Matter, unit: Unit, officer: Officer | None) -> None:
    barred = Barring.objects.in_force().filter(matter=matter).exclude(unit=None).values_list("unit__path", flat=True)
    if any(unit.path.startswith(path) for path in barred):
        raise CaseRefused(BARRED_UNIT.format(unit=unit))
    if officer is not None:
        require_unbarred(matter, officer)


def transfer_matter(
    *,
    matter: Matter,
    to_unit: Unit,
    to_officer: Officer | None,
    occurred_at: datetime,
    by: Officer | None,
    at: datetime,
) -> Event:
    """Hand a matter over. Clocks still in time follow it; one that has run out stays with the unit that let it.

    Needs the event kind `matter_transferred` in the catalogue. Refuses a hand-over to where the matter already is, and to
    who is barred from it.
    """
    kind = EventKind.objects.filter(code=HAND_OVER).first()
    if kind is None:
        raise CaseRefused(UNKNOWN_KIND.format(code=HAND_OVER))
    if occurred_at > at:
        raise CaseRefused(FUTURE_EVENT.format(when=f"{timezone.localtime(occurred_at):%Y-%m-%d %H:%M}"))
    with transaction.atomic():
        _require_standing(matter.pk)
        held = Matter.objects.get(pk=matter.pk)
        officer_id = to_officer.pk if to_officer is not None else None
        if (held.unit_id, held.officer_id) == (to_unit.pk, officer_id):
            raise CaseRefused(SAME_UNIT)
        _require_unbarred_place(held, to_unit, to_officer)
        event = Event(
            matter=held,
            kind=kind,
            occurred_at=occurred_at,
            recorded_at=at,
            by=by,
            from_unit_id=held.unit_id,
            from_officer_id=held.officer_id,
            to_unit=to_unit,
            to_officer=to_officer,
        )
        event.save(force_insert=True)
        Matter.objects.filter(pk=matter.pk).update(officer_id=officer_id, **to_unit.scope_ids)
        Handling.objects.filter(matter=held, role=HandlingRole.OFFICER, until_at=None).update(until_at=occurred_at)
        if to_officer is not None:
            Handling.objects.create(
                matter=held, officer=to_officer, role=HandlingRole.OFFICER, from_at=occurred_at, since=event
            )
        wind_matters([matter.pk], at=at, cause=f"移交{to_unit}")
    matter.refresh_from_db()
    return event


# -- open questions --------------------------------------------------------------------------------------------------


def answer_question(
    *,
    question: OpenQuestion,
    option: str,
    ground: str,
    by: Officer | None,
    at: datetime,
    decided_on: date | None = None,
) -> Answer:
    """Give the answer by which the limits a question concerns are counted from now on.

    `decided_on` is the local day of the decision, today unless named. Refuses an option there is not, the answer that
    stands, an answer without a ground, a decision still to come, and one that other answers make impossible. The
    default may be given as an answer too: it is then decided and no longer merely assumed. The limits follow at once;
    their clocks are rewound by the change of the law that gives the answer (`cases.changes`).
    """
    if timezone.is_naive(at):
        raise CaseRefused(NAIVE_MOMENT)
    with transaction.atomic():
        # Whoever counts by the old law is done before it changes; two who answer at once do so one after the other.
        hold_law(to_change=True)
        OpenQuestion.objects.select_for_update().get(pk=question.pk)
        check_answer(question=question, option=option, ground=ground, decided_on=decided_on, at=at)
        answer = Answer.objects.create(
            question=question,
            option=option,
            decided_on=decided_on or timezone.localdate(at),
            ground=ground.strip(),
            by=by,
            answered_at=at,
        )
        try:
            follow_answers()
        except InvalidLimit as error:
            raise CaseRefused(clash(error)) from error
    return answer


def check_answer(*, question: OpenQuestion, option: str, ground: str, decided_on: date | None, at: datetime) -> None:
    """Refuse what `answer_question` would refuse of an answer by itself; nothing is written."""
    asked = question.asked()
    if asked.option(option) is None:
        options = "、".join(one.text for one in asked.options)
        raise CaseRefused(UNKNOWN_OPTION.format(question=asked.question, options=options))
    if not ground.strip():
        raise CaseRefused(GROUND_NEEDED)
    if decided_on is not None and decided_on > timezone.localdate(at):
        raise CaseRefused(DECIDED_LATER.format(day=decided_on))
    last = Answer.objects.filter(question=question).order_by("id").last()
    if last is not None and last.option == option:
        raise CaseRefused(SAME_ANSWER.format(question=asked.question))


def clash(error: InvalidLimit) -> str:
    """In a sentence, why an answer and those given before do not go together."""
    return ANSWERS_CLASH.format(problems="；".join(text for _, text in error.problems))
