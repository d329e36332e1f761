"""Taking a complaint in, saying who handles it, and keeping away who is complained about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from cases.audit.models import Way
from cases.audit.services import note_way_out
from cases.duty import opening_before, opening_of
from cases.models import Handling, HandlingRole, Matter, Officer, Unit, UnitLevel
from cases.models.scope import restricted_matters
from cases.services import CaseRefused, is_barred, open_matter
from supervision.petitions import sealing
from supervision.petitions.models import Complainant, ComplainantLook, Complaint, ComplaintChannel
from supervision.petitions.refusals import (
    ACCUSED_UNIT_HANDLES,
    CHANNEL_NUMBER_KNOWN,
    CHANNEL_NUMBER_NEEDED,
    COMPLAINT_ERASED,
    COMPLAINT_SUBJECT_NEEDED,
    FUTURE_DAY,
    HANDLER_NEEDED,
    NAME_NEEDED,
    NAMELESS_NAMED,
    NO_COMPLAINANT,
    NUMBER_UNUSABLE,
    OPENED_TOO_OFTEN,
    REASON_NEEDED,
    PetitionRefused,
)
from supervision.petitions.services.acts import happened, midnight, today
from supervision.petitions.services.complaint_acts import note_complaint, require_handler_left, take_complaint
from supervision.petitions.services.complaint_likeness import Shelf, suggest_same
from supervision.petitions.services.registering import NOTICE_TOLD_AFTER, TRIES, bar_accused, name_on, stations_of

COMPLAINT_KIND = "complaint"
# The day asked for by whoever handed it on: its handler is told so many worked days before.
REPLY_TOLD_BEFORE = 3


def register_complaint(
    *,
    channel: ComplaintChannel | str,
    channel_number: str,
    received_on: date,
    subject: str,
    unit: Unit,
    by: Officer,
    at: datetime,
    handlers: Sequence[tuple[Officer, HandlingRole | str]] = (),
    accused_unit: Unit | None = None,
    accused_officer: Officer | None = None,
    about: Matter | None = None,
    enterprise: bool = False,
    anonymous: bool = False,
    complainant: Mapping[str, str] | None = None,
    reply_asked_on: date | None = None,
    shelf: Shelf | None = None,
) -> Complaint:
    """Register a complaint with its clocks and handlers; who is complained about is barred before anything else.

    `complainant` is what is known of the person (name, identity, phone, address), sealed at once. Where a case is named
    and nobody is accused, its officer and its station or squad are. The registrar handles it too unless he belongs to the
    accused. What resembles earlier complaints is suggested. Refuses a number its channel gave before (to whoever does not
    handle that one without saying so), an accused unit as the one that handles, and a complaint nobody is left to handle.
    """
    channel, number = ComplaintChannel(channel), sealing.plain_form(channel_number)
    known = {name: value.strip() for name, value in (complainant or {}).items() if value.strip()}
    if not subject.strip():
        raise PetitionRefused(COMPLAINT_SUBJECT_NEEDED)
    if received_on > today(at):
        raise PetitionRefused(FUTURE_DAY)
    if not number and channel not in ComplaintChannel.unnumbered():
        raise PetitionRefused(CHANNEL_NUMBER_NEEDED.format(channel=channel.label))
    if anonymous and known:
        raise PetitionRefused(NAMELESS_NAMED)
    if not anonymous and not known:
        raise PetitionRefused(NAME_NEEDED)
    if about is not None and accused_unit is None and accused_officer is None:
        accused_officer = about.officer
        accused_unit = about.unit if about.unit.level == UnitLevel.STATION else None
    if accused_unit is None and accused_officer is not None:
        accused_unit = next(iter(stations_of([accused_officer])), None)
    officers = [accused_officer] if accused_officer is not None else []
    units = list(dict.fromkeys([*([accused_unit] if accused_unit else []), *stations_of(officers)]))
    for one in units:
        if unit.path.startswith(one.path):
            raise PetitionRefused(ACCUSED_UNIT_HANDLES.format(unit=unit))
    _require_unused(channel, number, by)
    with transaction.atomic():
        complaint = _entered(
            unit=unit,
            by=by,
            at=at,
            received_on=received_on,
            facts={"address_unknown": True} if anonymous else {},
            channel=channel,
            channel_number=number,
            subject=subject.strip(),
            about=about,
            accused_unit=accused_unit,
            accused_officer=accused_officer,
            enterprise=enterprise,
            anonymous=anonymous,
            reply_asked_on=reply_asked_on,
            # Who gave no name cannot be told.
            tell_since=None if anonymous else opening_of(received_on + NOTICE_TOLD_AFTER, at),
            tell_reply_since=None if reply_asked_on is None else opening_before(reply_asked_on, REPLY_TOLD_BEFORE, at),
        )
        matter = complaint.matter
        bar_accused(matter, units, officers, by=by, at=at)
        for officer, role in handlers:
            name_on(matter, officer, role, at=at)
        if not any(officer == by for officer, _ in handlers) and not is_barred(matter, by):
            name_on(matter, by, HandlingRole.LEGAL, at=at)
        if not Handling.objects.filter(matter=matter, until_at=None).exists():
            raise PetitionRefused(HANDLER_NEEDED)
        if known:
            _seal(complaint, known, at=at)
        came = "petition_forwarded" if channel in ComplaintChannel.handed_on() else "petition_received"
        happened(matter, came, received_on, by=by, at=at)
        note_complaint(complaint, "登记", channel.label, by=by, at=at)
        suggest_same(complaint, shelf)
    return complaint


def _require_unused(channel: ComplaintChannel, number: str, by: Officer) -> None:
    """Refuse a number that the channel gave before; only its handler is told which complaint it is."""
    before = Complaint.objects.filter(channel=channel, channel_number=number).select_related("matter").first()
    if not number or before is None:
        return
    if before.pk in restricted_matters(Officer.objects.get(pk=by.pk)):
        raise PetitionRefused(
            CHANNEL_NUMBER_KNOWN.format(channel=channel.label, number=number, known=before.matter.number)
        )
    raise PetitionRefused(NUMBER_UNUSABLE.format(number=number))


def _entered(
    *, unit: Unit, by: Officer, at: datetime, received_on: date, facts: Mapping[str, object], **fields: object
) -> Complaint:
    """The matter and its complaint under the next number of the year; tried again if somebody was quicker."""
    year = received_on.year
    for passed_over in range(TRIES):
        last = Complaint.objects.filter(year=year).aggregate(last=Max("serial"))["last"] or 0
        serial = last + 1 + passed_over
        try:
            with transaction.atomic():
                matter = open_matter(
                    kind=COMPLAINT_KIND,
                    number=f"投诉{year}{serial:05d}",
                    unit=unit,
                    title=str(fields["subject"])[:60],
                    facts=facts,
                    restricted=True,
                )
                return Complaint.objects.create(
                    matter=matter,
                    year=year,
                    serial=serial,
                    received_at=midnight(received_on),
                    registered_by=by,
                    registered_at=at,
                    **fields,
                )
        except IntegrityError:
            # Somebody entered the same number of the channel meanwhile, or took the serial.
            _require_unused(ComplaintChannel(str(fields["channel"])), str(fields["channel_number"]), by)
        except CaseRefused as refusal:
            if not isinstance(refusal.__cause__, IntegrityError):
                raise PetitionRefused(str(refusal)) from refusal
    raise PetitionRefused(OPENED_TOO_OFTEN)


def _seal(complaint: Complaint, known: Mapping[str, str], *, at: datetime) -> None:
    row = Complainant(complaint=complaint, entered_at=at)
    row.key, row.sealed = sealing.seal(known, place=row.place)
    row.identity_digest = sealing.digest(known.get("identity", ""), what="identity")
    row.phone_digest = sealing.digest(known.get("phone", ""), what="phone")
    row.save(force_insert=True)


def name_complaint_handler(
    *, complaint: Complaint, officer: Officer, role: HandlingRole | str, by: Officer, at: datetime
) -> None:
    """Let one more officer handle a complaint, which also lets him see it. Refuses whoever is complained about."""
    with transaction.atomic():
        held = take_complaint(complaint, act="指定经办人", by=by)
        name_on(held.matter, officer, role, at=at)
        Complaint.objects.filter(pk=held.pk).update(unhandled_told_at=None)
        note_complaint(held, "指定经办人", f"{officer}（{HandlingRole(role).label}）", by=by, at=at)


def accuse_in_complaint(
    *, complaint: Complaint, by: Officer, at: datetime, units: Iterable[Unit] = (), officers: Iterable[Officer] = ()
) -> None:
    """Write down who else is complained about; from now on they see nothing of it.

    The first unit and officer named are those an order goes to, where none was named before. Refuses where nobody would
    be left to handle it, and a unit the complaint itself is handled by.
    """
    officers = list(officers)
    units = list(dict.fromkeys([*units, *stations_of(officers)]))
    with transaction.atomic():
        held = take_complaint(complaint, act="登记被投诉人", by=by)
        bar_accused(held.matter, units, officers, by=by, at=at)
        require_handler_left(held)
        Complaint.objects.filter(pk=held.pk).update(
            accused_unit=held.accused_unit or next(iter(units), None),
            accused_officer=held.accused_officer or next(iter(officers), None),
        )
        note_complaint(held, "登记被投诉的单位、民警", "", by=by, at=at)


def look_at_complainant(*, complaint: Complaint, reason: str, by: Officer, at: datetime) -> dict[str, str]:
    """Who complained, in the clear. The look is on record before anything is shown.

    Refuses who does not handle it, a look without a reason, where nobody gave a name, and what was disposed of.
    """
    if not reason.strip():
        raise PetitionRefused(REASON_NEEDED)
    with transaction.atomic():
        held = take_complaint(complaint, act="查看身份", by=by)
        if held.disposed_at is not None:
            raise PetitionRefused(COMPLAINT_ERASED.format(act="查看身份"))
        row = Complainant.objects.filter(complaint=held).first()
        if row is None:
            raise PetitionRefused(NO_COMPLAINANT)
        ComplainantLook.objects.create(complaint=held, officer=by, looked_at=at, reason=reason.strip()[:200])
        about = f"petitions.complaint:{held.pk}"
        note_way_out(way=Way.LOOK, what="投诉人身份", about=about, rows=1, by=by, at=at)
    return sealing.unseal(row.key, row.sealed, place=row.place)
