"""Taking a petition in, saying who handles it, and keeping away who must not know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max

from cases.duty import opening_of
from cases.models import Barring, BarringGround, Event, Handling, HandlingRole, Officer, Unit, UnitLevel
from cases.models.matter import Matter
from cases.models.scope import posts_of, restricted_matters
from cases.services import CaseRefused, bar, end_handling, is_barred, lift_barring, name_handler, open_matter
from supervision.petitions import rules, sealing
from supervision.petitions.models import Channel, Lead, MatterGrade, Petition, Petitioner, Stage
from supervision.petitions.refusals import (
    ACCUSED_UNIT_HANDLES,
    FEWER_THAN_NAMED,
    FUTURE_DAY,
    HANDLER_NEEDED,
    LAST_HANDLER,
    LEAD_BARRED,
    NOT_TO_TAKE_UP,
    ONLY_HANDLERS,
    OPENED_TOO_OFTEN,
    OTHER_PETITION,
    REASON_NEEDED,
    SUBJECT_NEEDED,
    TOO_MANY_REPRESENTATIVES,
    PetitionRefused,
)
from supervision.petitions.services.acts import happened, midnight, note, take, today
from supervision.petitions.services.likeness import suggest_likenesses

KIND = "petition"
TRIES = 5
# The notice is due within 15 days (信访工作条例 23); the handler is told when so many have gone.
NOTICE_TOLD_AFTER = timedelta(days=10)


def register(
    *,
    channel: Channel | str,
    received_on: date,
    subject: str,
    unit: Unit,
    handlers: Sequence[tuple[Officer, HandlingRole | str]],
    by: Officer,
    at: datetime,
    grade: MatterGrade | str = MatterGrade.ORDINARY,
    persons: int = 1,
    petitioners: Sequence[Mapping[str, str]] = (),
    accused_units: Iterable[Unit] = (),
    accused_officers: Iterable[Officer] = (),
    underlying: Matter | None = None,
    address_unknown: bool = False,
) -> Petition:
    """Register a petition under a receipt number, with its clocks, handlers and whoever is complained about.

    `petitioners` are what is known of each person (name, identity, phone, address), sealed at once. The registrar
    handles it too unless he belongs to the accused. What resembles earlier petitions is suggested. Refuses an accused
    unit as the one that handles, handlers of the accused, more than five to speak for a group that came, and a
    petition nobody would be left to handle.
    """
    if not subject.strip():
        raise PetitionRefused(SUBJECT_NEEDED)
    if received_on > today(at):
        raise PetitionRefused(FUTURE_DAY)
    named = [one for one in petitioners if any(value.strip() for value in one.values())]
    if channel == Channel.VISIT and len(named) > rules.MOST_REPRESENTATIVES:
        raise PetitionRefused(TOO_MANY_REPRESENTATIVES)
    if persons < len(named):
        raise PetitionRefused(FEWER_THAN_NAMED)
    units = list(dict.fromkeys([*accused_units, *stations_of(accused_officers := list(accused_officers))]))
    for accused in units:
        if unit.path.startswith(accused.path):
            raise PetitionRefused(ACCUSED_UNIT_HANDLES.format(unit=unit))
    with transaction.atomic():
        petition = _numbered(
            unit=unit,
            channel=Channel(channel),
            received_on=received_on,
            subject=subject.strip(),
            grade=MatterGrade(grade),
            persons=persons,
            by=by,
            at=at,
            underlying=underlying,
            address_unknown=address_unknown,
        )
        matter = petition.matter
        bar_accused(matter, units, accused_officers, by=by, at=at)
        for officer, role in handlers:
            name_on(matter, officer, role, at=at)
        if not any(officer == by for officer, _ in handlers) and not is_barred(matter, by):
            name_on(matter, by, HandlingRole.LEGAL, at=at)
        if not Handling.objects.filter(matter=matter, until_at=None).exists():
            raise PetitionRefused(HANDLER_NEEDED)
        for one in named:
            enter_petitioner(petition, one, at=at)
        happened(
            matter,
            "petition_forwarded" if channel == Channel.FORWARDED else "petition_received",
            received_on,
            by=by,
            at=at,
        )
        note(petition, "登记", f"{petition.get_channel_display()}，{persons} 人", by=by, at=at)
        suggest_likenesses(petition)
    return petition


def _numbered(
    *,
    unit: Unit,
    channel: Channel,
    received_on: date,
    subject: str,
    grade: MatterGrade,
    persons: int,
    by: Officer,
    at: datetime,
    underlying: Matter | None,
    address_unknown: bool,
) -> Petition:
    """The matter and its petition under the next receipt number of the year; tried again if somebody was quicker."""
    year = received_on.year
    for passed_over in range(TRIES):
        last = Petition.objects.filter(year=year).aggregate(last=Max("serial"))["last"] or 0
        serial = last + 1 + passed_over
        try:
            with transaction.atomic():
                matter = open_matter(
                    kind=KIND,
                    number=f"信访{year}{serial:05d}",
                    unit=unit,
                    title=subject[:60],
                    facts={"address_unknown": True} if address_unknown else {},
                    restricted=True,
                )
                return Petition.objects.create(
                    matter=matter,
                    year=year,
                    serial=serial,
                    channel=channel,
                    received_at=midnight(received_on),
                    subject=subject,
                    grade=grade,
                    persons=persons,
                    underlying=underlying,
                    registered_by=by,
                    registered_at=at,
                    tell_since=opening_of(received_on + NOTICE_TOLD_AFTER, at),
                )
        except IntegrityError:
            continue
        except CaseRefused as refusal:
            if not isinstance(refusal.__cause__, IntegrityError):
                raise PetitionRefused(str(refusal)) from refusal
    raise PetitionRefused(OPENED_TOO_OFTEN)


def take_up(*, matter: Matter, channel: Channel | str, by: Officer, at: datetime) -> Petition:
    """Lead a petition from here that was entered elsewhere, as by an import; its number, events and handlers stay.

    How far it has come is read off its events. Who asked and who is complained about is entered afterwards. Refuses who
    does not handle it, a matter that is no petition, and one taken up before.
    """
    if matter.pk not in restricted_matters(Officer.objects.get(pk=by.pk)):
        raise PetitionRefused(ONLY_HANDLERS)
    if matter.kind.code != KIND or Petition.objects.filter(pk=matter.pk).exists():
        raise PetitionRefused(NOT_TO_TAKE_UP)
    known = dict(
        Event.objects.standing()
        .filter(matter=matter, only_voids=False)
        .order_by("occurred_at", "pk")
        .values_list("kind__code", "occurred_at")
    )
    answered_at, accepted = known.get("petition_answered"), "petition_accepted" in known
    stage = Stage.ANSWERED if answered_at is not None else Stage.ACCEPTED if accepted else Stage.REGISTERED
    decided = stage != Stage.REGISTERED
    received_at = known.get("petition_received") or known.get("petition_forwarded") or matter.opened_at or at
    told = "petition_notified" in known
    with transaction.atomic():
        petition = Petition.objects.create(
            matter=matter,
            channel=Channel(channel),
            received_at=received_at,
            subject=matter.title or matter.number,
            stage=stage,
            category=rules.CLAIM if decided else "",
            route="claim_other" if decided else "",
            answered_at=answered_at,
            delivered_at=known.get("petition_answer_received") if answered_at is not None else None,
            registered_by=by,
            registered_at=at,
            tell_since=None if told else opening_of(today(received_at) + NOTICE_TOLD_AFTER, at),
        )
        leaders = Handling.objects.filter(matter=matter, role=HandlingRole.LEADER, until_at=None)
        for handling in leaders.select_related("officer").order_by("pk")[:1]:
            rank = rules.rank_of((role, level) for role, _, level in posts_of(handling.officer))
            Lead.objects.create(petition=petition, officer=handling.officer, rank=rank, from_at=handling.from_at)
        note(petition, "转入办理", petition.get_stage_display(), by=by, at=at)
        suggest_likenesses(petition)
    return petition


def enter_petitioner(
    petition: Petition, facts: Mapping[str, str], *, at: datetime, representative: bool = True
) -> None:
    """Seal what is known of one person beside the petition."""
    kept = {name: value.strip() for name, value in facts.items() if value.strip()}
    row = Petitioner(petition=petition, representative=representative, entered_at=at)
    row.key, row.sealed = sealing.seal(kept, place=row.place)
    row.identity_digest = sealing.digest(kept.get("identity", ""), what="identity")
    row.phone_digest = sealing.digest(kept.get("phone", ""), what="phone")
    row.save(force_insert=True)


def add_petitioner(*, petition: Petition, facts: Mapping[str, str], by: Officer, at: datetime) -> None:
    """Enter one more person behind a petition; refuses more than were said to ask, and looks for repeats again."""
    with transaction.atomic():
        held = take(petition, act="补登信访人", by=by)
        if held.petitioners.count() >= held.persons:
            raise PetitionRefused(FEWER_THAN_NAMED)
        enter_petitioner(held, facts, at=at)
        note(held, "补登信访人", "", by=by, at=at)
        suggest_likenesses(held)


# -- who handles it --------------------------------------------------------------------------------------------------


def assign_handler(
    *, petition: Petition, officer: Officer, role: HandlingRole | str, by: Officer, at: datetime
) -> None:
    """Let one more officer handle a petition, which also lets him see it. Refuses the accused and who recused himself."""
    with transaction.atomic():
        held = take(petition, act="指定经办人", by=by)
        name_on(held.matter, officer, role, at=at)
        Petition.objects.filter(pk=held.pk).update(unhandled_told_at=None)
        note(held, "指定经办人", f"{officer}（{HandlingRole(role).label}）", by=by, at=at)


def release_handler(*, petition: Petition, officer: Officer, by: Officer, at: datetime) -> None:
    """End what an officer has to do with a petition. Refuses the last one; a lead is changed, not released."""
    with transaction.atomic():
        held = take(petition, act="解除经办", by=by)
        rows = Handling.objects.filter(matter=held.matter, until_at=None).exclude(role=HandlingRole.LEADER)
        mine = list(rows.filter(officer=officer).select_related("officer"))
        if not rows.exclude(officer=officer).exists():
            raise PetitionRefused(LAST_HANDLER)
        for handling in mine:
            end_handling(handling=handling, at=max(at, handling.from_at))
        if mine:
            note(held, "解除经办", str(officer), by=by, at=at)


def name_on(matter: Matter, officer: Officer, role: HandlingRole | str, *, at: datetime) -> None:
    """Let an officer handle a matter; refuses who is barred from it, in this room's words."""
    try:
        name_handler(matter=matter, officer=officer, role=role, at=at)
    except CaseRefused as refusal:
        raise PetitionRefused(str(refusal)) from refusal


# -- who must not know -----------------------------------------------------------------------------------------------


def accuse(
    *,
    petition: Petition,
    by: Officer,
    at: datetime,
    units: Iterable[Unit] = (),
    officers: Iterable[Officer] = (),
) -> None:
    """Write down who is complained about; from now on they see nothing of it, whoever named them.

    With an officer goes his station or squad (信访工作条例 30: neither the person nor the unit is told). Refuses where
    nobody would be left to handle it, and a unit the petition itself is handled by.
    """
    officers = list(officers)
    units = list(dict.fromkeys([*units, *stations_of(officers)]))
    with transaction.atomic():
        held = take(petition, act="登记被反映人", by=by)
        bar_accused(held.matter, units, officers, by=by, at=at)
        _require_handlers(held)
        note(held, "登记被反映的单位、人员", "", by=by, at=at)


def bar_accused(
    matter: Matter, units: Iterable[Unit], officers: Iterable[Officer], *, by: Officer | None, at: datetime
) -> None:
    """Keep whoever is complained about away from a matter; what they handled of it ends."""
    try:
        for unit in units:
            bar(matter=matter, ground=BarringGround.ACCUSED, unit=unit, by=by, at=at)
        for officer in officers:
            bar(matter=matter, ground=BarringGround.ACCUSED, officer=officer, by=by, at=at)
    except CaseRefused as refusal:
        raise PetitionRefused(str(refusal)) from refusal


def stations_of(officers: Iterable[Officer]) -> list[Unit]:
    """The stations and squads accused officers belong to; a bureau is not accused by naming one of its people."""
    return [officer.unit for officer in officers if officer.unit.level == UnitLevel.STATION]


def recuse(*, petition: Petition, officer: Officer, reason: str, by: Officer, at: datetime) -> None:
    """Record that an officer has an interest in a petition and keeps away from it (回避, 信访工作条例 28).

    Refuses one without a reason, the leading official before another takes over, and the last handler.
    """
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="回避", by=by)
        try:
            bar(matter=held.matter, ground=BarringGround.INTEREST, officer=officer, reason=reason.strip(), by=by, at=at)
        except CaseRefused as refusal:
            raise PetitionRefused(str(refusal)) from refusal
        _require_handlers(held)
        note(held, "回避", f"{officer}：{reason.strip()}", by=by, at=at)


def _require_handlers(held: Petition) -> None:
    """Refuse to leave a petition without handlers, or to take its leading official away without another."""
    rows = Handling.objects.filter(matter=held.matter_id, until_at=None)
    if not rows.exclude(role=HandlingRole.LEADER).exists():
        raise PetitionRefused(LAST_HANDLER)
    lead = held.leads.filter(until_at=None).first()
    if lead is not None and not rows.filter(role=HandlingRole.LEADER, officer=lead.officer_id).exists():
        raise PetitionRefused(LEAD_BARRED.format(officer=lead.officer))


def lift(*, petition: Petition, barring: Barring, reason: str, by: Officer, at: datetime) -> None:
    """Take back a barring written down wrongly, with a reason."""
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take(petition, act="更正不得经办", by=by)
        if barring.matter_id != held.pk:
            raise PetitionRefused(OTHER_PETITION)
        lift_barring(barring=barring, at=at)
        note(held, "更正不得经办", f"{barring.get_ground_display()}登记有误：{reason.strip()}", by=by, at=at)
