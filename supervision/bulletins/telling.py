"""Combining what the rooms have to tell into notices: one a person a day in working time, urgent things at once."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TypeVar

from django.db import IntegrityError, transaction

from cases.duty import working_time
from cases.models import Officer
from cases.statute.working_time import WorkingTime
from cases.tidings import Tiding
from supervision.bulletins import rules, sources
from supervision.bulletins.models import (
    Channel,
    Letter,
    Notice,
    NoticeAddress,
    NoticeLine,
    NoticePreference,
)
from supervision.bulletins.outbox import BATCH, queue_letters, tell_the_worker
from supervision.bulletins.refusals import FOREIGN_KEY

log = logging.getLogger(__name__)

# SQLite takes a limited number of values in one question.
ASKED_AT_ONCE = 500

Told = tuple[str, int, datetime]


@dataclass(slots=True)
class TellReport:
    """What a round did: notices of either kind, their lines and letters, and what went wrong, named for the log."""

    daily: int = 0
    urgent: int = 0
    lines: int = 0
    letters: int = 0
    broken: list[str] = field(default_factory=list)


def compose_notices(*, at: datetime, wake: bool = True) -> TellReport:
    """One round of telling, as of `at`; an aware moment.

    1. Ask every room what is urgent, and tell each person of all of it in one notice, at any hour.
    2. In working time ask for everything else, and tell each person whose hour has come and who has had no notice
       today, in one notice. At night and on days off nothing of it leaves; it waits in its room.
    3. Whom a room names twice for the same thing is told once: the line of the notice is unique.
    4. A notice, its lines, its letters and the room's mark that all who were to hear of a thing have, are one
       transaction. A thing for two people is marked when the second has been told too.
    5. A room that fails, or a person whose notice does, is recorded and the round goes on.
    Found by what stands in the rooms' rows, so a silence of days is made good by one notice. Harmless twice and from
    two workers at once. Without `wake` the worker is not told of the letters and finds them with his timetable.
    """
    report, worked = TellReport(), working_time(at)
    today = at.astimezone(worked.zone).date()
    _Round(at, today, worked, urgent=True, report=report).tell()
    if worked.is_open(at):
        _Round(at, today, worked, urgent=False, report=report).tell()
    if report.letters and wake:
        # Once a round and not once a person: where the queue cannot be reached each try takes its time.
        transaction.on_commit(tell_the_worker)
    return report


class _Round:
    """Either the urgent or the daily half of a round."""

    def __init__(self, at: datetime, today: date, worked: WorkingTime, *, urgent: bool, report: TellReport) -> None:
        self.at, self.today, self.worked, self.urgent, self.report = at, today, worked, urgent, report
        self.tidings: dict[int, list[Tiding]] = defaultdict(list)
        # By key, everybody who is to hear of it, and from which moment on.
        self.addressees: dict[str, set[Told]] = defaultdict(set)
        self.told: set[Told] = set()

    def tell(self) -> None:
        for source in sources.SOURCES:
            self._ask(source)
        if not self.tidings:
            return
        people = _People(self.tidings, self.worked, urgent=self.urgent)
        self.told = _told_already(self.addressees)
        # Whoever cannot sign in any more is not waited for; his room names another once it sees that he is gone.
        for key, named in self.addressees.items():
            self.addressees[key] = {one for one in named if one[1] in people.officers}
        self._mark(self._complete(self.addressees))
        has_had_his = set() if self.urgent else _told_on(self.today, self.tidings)
        for officer in people.in_order():
            if officer.pk in has_had_his or not people.hour_has_come(officer, self.at):
                continue
            if fresh := [one for one in self.tidings[officer.pk] if _as_told(one) not in self.told]:
                self._tell_one(officer, fresh, people)

    def _ask(self, source: sources.Source) -> None:
        try:
            asked = [one for one in source.queries.untold(at=self.at, urgent=self.urgent) if one.urgent == self.urgent]
            if foreign := next((one.key for one in asked if not source.owns(one.key)), None):
                raise ValueError(FOREIGN_KEY.format(room=source.name, key=foreign))
        except Exception as error:
            log.exception("room %s could not say what is to be told", source.name)
            self.report.broken.append(f"{source.name}：{type(error).__name__}: {error}")
            return
        for tiding in asked:
            if _as_told(tiding) not in self.addressees[tiding.key]:
                self.addressees[tiding.key].add(_as_told(tiding))
                self.tidings[tiding.officer_id].append(tiding)

    def _tell_one(self, officer: Officer, fresh: list[Tiding], people: "_People") -> None:
        lines = sorted(fresh, key=lambda one: (-one.rank, one.about, one.since, one.key))
        try:
            with transaction.atomic():
                letters = self._write(officer, lines, people)
        except Exception as error:
            if isinstance(error, IntegrityError) and self._somebody_else_did(officer, lines):
                log.info("officer %s has been told by somebody else meanwhile", officer.pk)
                return
            log.exception("officer %s could not be told", officer.pk)
            self.report.broken.append(f"{officer.police_number}：{type(error).__name__}: {error}")
            return
        self.report.lines += len(lines)
        self.report.letters += letters
        if self.urgent:
            self.report.urgent += 1
        else:
            self.report.daily += 1

    def _write(self, officer: Officer, lines: list[Tiding], people: "_People") -> int:
        """Everything that makes him told; how many letters it took."""
        notice = Notice.objects.create(
            officer=officer,
            day=self.today,
            urgent=self.urgent,
            composed_at=self.at,
            headline=rules.headline_of(one.about for one in lines)[:200],
            size=len(lines),
            **officer.unit.scope_ids,
        )
        NoticeLine.objects.bulk_create(
            (
                NoticeLine(
                    notice=notice,
                    officer=officer,
                    key=one.key,
                    since=one.since,
                    about=one.about,
                    text=one.text[:300],
                    link=one.link,
                    rank=one.rank,
                )
                for one in lines
            ),
            batch_size=BATCH,
        )
        ways = people.ways_to(officer)
        letters = queue_letters((Letter(notice=notice, channel=way) for way in ways), by=None, at=self.at)
        told = {_as_told(one) for one in lines}
        self._mark(self._complete((one.key for one in lines), told))
        self.told |= told
        return len(letters)

    def _complete(self, keys: Iterable[str], now: Collection[Told] = ()) -> list[str]:
        """Those of the keys that everybody who is to hear of them has been told of."""
        known = self.told | set(now)
        return [key for key in keys if self.addressees[key] and self.addressees[key] <= known]

    def _mark(self, keys: list[str]) -> None:
        with transaction.atomic():
            for source, own in sources.by_source(keys):
                source.services.mark_told(own, at=self.at)

    def _somebody_else_did(self, officer: Officer, lines: list[Tiding]) -> bool:
        if not self.urgent and Notice.objects.daily().filter(officer=officer, day=self.today).exists():
            return True
        return any(_as_told(one) in _told_already([one.key]) for one in lines)


def _as_told(tiding: Tiding) -> Told:
    return tiding.key, tiding.officer_id, tiding.since


def _told_already(keys: Iterable[str]) -> set[Told]:
    return {
        told
        for asked in _in_parts(list(keys))
        for told in NoticeLine.objects.filter(key__in=asked).values_list("key", "officer_id", "since")
    }


def _told_on(day: date, officers: Iterable[int]) -> set[int]:
    """Those of the officers who have had their notice of that day."""
    return {
        officer
        for asked in _in_parts(list(officers))
        for officer in Notice.objects.daily().filter(day=day, officer__in=asked).values_list("officer_id", flat=True)
    }


Thing = TypeVar("Thing")


def _in_parts(things: list[Thing]) -> Iterator[list[Thing]]:
    for start in range(0, len(things), ASKED_AT_ONCE):
        yield things[start : start + ASKED_AT_ONCE]


class _People:
    """The officers to be told who are still in use, when each wants to be told, and by which ways."""

    def __init__(self, wanted: Iterable[int], worked: WorkingTime, *, urgent: bool) -> None:
        self.worked, self.urgent = worked, urgent
        self.officers: dict[int, Officer] = {}
        for asked in _in_parts(list(wanted)):
            rows = Officer.objects.filter(pk__in=asked, is_active=True).select_related("unit")
            self.officers |= {row.pk: row for row in rows}
        self._own: dict[int, NoticePreference] = {}
        self._addresses: dict[int, list[Channel]] = defaultdict(list)
        for asked in _in_parts(list(self.officers)):
            own = NoticePreference.objects.filter(officer__in=asked)
            self._own |= {row.officer_id: row for row in own if row.officer_id is not None}
            for row in NoticeAddress.objects.filter(officer__in=asked, channel__enabled=True).select_related("channel"):
                self._addresses[row.officer_id].append(row.channel)
        of_units = NoticePreference.objects.filter(unit__isnull=False, told_at__isnull=False)
        self._hours: dict[int | None, time | None] = dict(of_units.values_list("unit_id", "told_at"))

    def in_order(self) -> list[Officer]:
        return [self.officers[pk] for pk in sorted(self.officers)]

    def hour_has_come(self, officer: Officer, at: datetime) -> bool:
        if self.urgent:
            return True
        return rules.daily_is_due(at=at, chosen=self._hour(officer), worked=self.worked)

    def _hour(self, officer: Officer) -> time:
        own = self._own.get(officer.pk)
        if own is not None and own.told_at is not None:
            return own.told_at
        unit = officer.unit
        for above in (unit.pk, unit.station_id, unit.county_id, unit.city_id):
            if (hour := self._hours.get(above)) is not None:
                return hour
        return rules.TOLD_AT

    def ways_to(self, officer: Officer) -> list[Channel | None]:
        """Besides the inbox; None is mail."""
        own = self._own.get(officer.pk)
        by_mail = bool(officer.email) and (own is None or own.by_mail)
        return ([None] if by_mail else []) + list(self._addresses[officer.pk])
