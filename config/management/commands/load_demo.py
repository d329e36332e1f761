"""`manage.py load_demo`: a county bureau for a first look, or a prefecture with a year at the size of the two reports."""

import json
import os
import secrets
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cases.demo.loading import CatalogueMissing, correct_and_hand_over, load_stories, relive
from cases.demo.people import LEGAL_OFFICER, PEOPLE, Person, Staff, is_there, make_staff
from cases.demo.stories import plan
from cases.duty import working_time
from cases.models import Clock, Event, Feedback, Matter, Officer, Role, Unit
from cases.moments import read_moment
from config.demo.answers import answer_orders, answer_warnings
from config.demo.archives import keep_archives
from config.demo.campaigns import begin_campaign
from config.demo.custody import keep_custody
from config.demo.expedited import handle_quickly
from config.demo.followup import follow_cases
from config.demo.inspections import inspect_places
from config.demo.petitions import lead_petitions, take_complaints
from config.demo.proceedings import enter_proceedings
from config.demo.property import keep_property
from config.demo.report import load_report, size_there
from config.demo.report_bureau import CITY
from config.demo.report_digest import report_digest
from config.demo.report_figures import count_figures, hold_to
from config.demo.report_plan import BEGINS, ENDS, ReportMissed
from config.demo.report_size import PART, WHOLE, Size
from config.demo.reviews import review_files
from config.demo.visits import ask_people
from supervision.alerts.models import Alert
from supervision.alerts.services import climb, order_due, sweep
from supervision.bulletins.services import add_recipient, compose_monthly, compose_notices
from supervision.evaluation.services import load_indicators
from supervision.followup.models import FollowedCase
from supervision.followup.seeds import load_followup
from supervision.rectification.models import Order

ACCOUNTS = "accounts.txt"
# By word: the year of the reports whole or in part, or the small bureau.
SIZES = {"small": None, "report": WHOLE, "report-part": PART}
# Letters and digits that nobody takes for one another.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    """All or nothing, in one transaction. Runs once: a second run changes nothing. Refuses a database with units of its
    own or with the other size, and an empty catalogue."""

    help = (
        "装入演示单位：人员、事项、时钟、预警和整改。只装进空库，重复运行不改动。"
        "small 是一个县局近三个月，report 是一个市局的 2024 全年，装完与两份年度报告的数字逐个核对，不符则不装。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--size",
            choices=list(SIZES),
            default="small",
            help=(
                "规模（small：一个县局，约一百五十件事项；report：一个市局，七个县局，约三万四千件事项，要两三分钟；"
                "report-part：同一年的一部分，约三千六百件，不到一分钟）"
            ),
        )
        parser.add_argument("--at", help="数据截至的时刻（ISO 格式），默认现在；report 的数据止于 2024 年底，不用")
        parser.add_argument("--json", action="store_true", help="只输出一个 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        size = SIZES[options["size"]]
        if size and options["at"]:
            raise CommandError("report 的数据止于 2024 年底，不用 --at", returncode=2)
        try:
            at = read_moment(options["at"]) if options["at"] else timezone.now()
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        loaded = not is_there()
        if loaded:
            if Unit.objects.exists():
                raise CommandError("数据库里已有单位。演示数据只装进空库，以免与真实数据混在一起。")
            try:
                if size:
                    load_year(size, self._quiet if options["json"] else self._progress)
                else:
                    load(at)
            except CatalogueMissing as error:
                raise CommandError(f"目录里没有：{error}。请先运行 manage.py load_catalogue。") from error
            except ReportMissed as error:
                raise CommandError(f"现有目录与演示数据不合：{error}。") from error
        elif size != size_there():
            raise CommandError("已经装入另一种规模的演示数据，没有改动。请换一个空库。")
        self._report(loaded, options["json"], size)

    def _progress(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()

    def _quiet(self, text: str) -> None:
        """The document is all that is printed."""

    def _report(self, loaded: bool, as_json: bool, size: Size | None) -> None:
        accounts = settings.DATA_DIR / ACCOUNTS
        counts = {
            "units": Unit.objects.count(),
            "officers": Officer.objects.count(),
            "matters": Matter.objects.count(),
            "events": Event.objects.count(),
            "clocks": Clock.objects.count(),
            "open_alerts": Alert.objects.open().count(),
            "orders": Order.objects.count(),
            "feedback": Feedback.objects.count(),
            "followed": FollowedCase.objects.count(),
        }
        if as_json:
            known = str(accounts) if accounts.exists() else None
            document: dict[str, Any] = {"loaded": loaded, **counts, "accounts": known}
            if size:
                document |= {"digest": report_digest(), "figures": [one.as_json() for one in count_figures(size)]}
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        elif loaded:
            self.stdout.write(
                f"演示单位已装入：{counts['units']} 个单位，{counts['officers']} 名民警，{counts['matters']} 件事项，"
                f"{counts['clocks']} 个时钟，{counts['open_alerts']} 件未了预警，{counts['orders']} 件整改。账号在 {accounts}。"
            )
        else:
            self.stdout.write("演示单位早已装入，没有改动。")
        if size and not as_json:
            self.stdout.write("2024 全年全市，从明细数得：")
            for one in count_figures(size):
                self.stdout.write(f"  {one}")


def load(at: datetime) -> None:
    """Everything at once; the passwords are on paper before the rows are final.

    Last month's bulletin is left as a draft: issuing it is for whoever looks around. Everybody has the notice of the last
    morning that was worked in his inbox, and its letter waits to be sent.
    """
    passwords: dict[str, str] = {}

    def password_of(person: Person) -> str:
        return passwords.setdefault(person.number, new_password())

    stories = plan(at)
    with transaction.atomic():
        staff = make_staff(password_of)
        matters = load_stories(stories, staff)
        relive(stories, matters, at=at, look=look)
        correct_and_hand_over(stories, matters, staff, at=at)
        lead_petitions(staff, at)
        take_complaints(staff, at)
        sweep(at=at)
        order_due(at=at)
        answer_orders(staff, at=at)
        load_followup(settings.ROOT / "seeds" / "followup.yaml")
        load_indicators(settings.ROOT / "seeds" / "indicators.yaml", at=at)
        follow_cases(staff, at=at)
        enter_proceedings(staff, at=at)
        add_readers(staff, at)
        compose_monthly(unit=staff.county, month=last_month(at), at=at)
        ask_people(staff, at=at)
        review_files(staff, at=at)
        keep_property(staff, at=at)
        keep_custody(staff, at=at)
        handle_quickly(staff, at=at)
        inspect_places(staff, at=at)
        begin_campaign(staff, at=at)
        compose_notices(at=last_opening(at), wake=False)
        keep_archives(staff, at=at)
        write_accounts(settings.DATA_DIR / ACCOUNTS, staff, passwords)


def load_year(size: Size, say: Callable[[str], None]) -> None:
    """The year of the report, at once; what happened in it is over, so nobody is asked for a word any more.

    The bulletins of its last month are left as drafts, of the city and of one county. Nothing stays of a year whose rows,
    counted, are not what the two reports say.
    """
    passwords: dict[str, str] = {}

    def password_of(person: Person) -> str:
        return passwords.setdefault(person.number, new_password())

    with transaction.atomic():
        prefecture, staff = load_report(password_of, size, say)
        load_followup(settings.ROOT / "seeds" / "followup.yaml")
        load_indicators(settings.ROOT / "seeds" / "indicators.yaml", at=BEGINS)
        hold_to(size)
        add_readers(staff, ENDS)
        for unit in (staff.county, staff.units[CITY]):
            compose_monthly(unit=unit, month=last_month(ENDS), at=ENDS)
        write_accounts(settings.DATA_DIR / ACCOUNTS, staff, passwords, prefecture.people)


def look(moment: datetime) -> None:
    """What the timetable does, the sweep, the orders of what has run out and in working time the climb; then people answer."""
    sweep(at=moment)
    order_due(at=moment)
    climb(at=moment)
    answer_warnings(moment)


def add_readers(staff: Staff, at: datetime) -> None:
    """The monthly bulletin of the county goes to its leader, legal officer and heads, and to one address outside."""
    readers = [person.number for person in PEOPLE if person.role in (Role.LEADER, Role.INSPECTOR, Role.UNIT_HEAD)]
    for number in (LEGAL_OFFICER, *readers):
        add_recipient(unit=staff.county, officer=staff.officers[number], at=at)
    add_recipient(unit=staff.county, name="市局法制支队", address="legal@city-bureau.example", at=at)


def last_opening(at: datetime) -> datetime:
    """When work last opened by `at`: the morning whose notices everybody has by now."""
    worked = working_time(at)
    midnight = timezone.localtime(at, worked.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while (opening := worked.next_open(midnight)) > at:
        midnight -= timedelta(days=1)
    return opening


def last_month(at: datetime) -> date:
    """The last day of the local month before the one of `at`."""
    return timezone.localtime(at).date().replace(day=1) - timedelta(days=1)


def new_password() -> str:
    """Three groups of four, easy to type from a page."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(3))


def write_accounts(file: Path, staff: Staff, passwords: dict[str, str], people: Sequence[Person] = PEOPLE) -> None:
    """One line an account, for the person at this machine only."""
    lines = ["演示账号，密码在本机随机生成，只写在这一个文件里。警号即登录名。"]
    for person in people:
        if person.look:
            home = staff.units[person.home]
            lines.append(
                f"{person.number}  {passwords[person.number]}  {person.role.label}  {person.name}（{home}）  看：{person.look}"
            )
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as paper:
        paper.write("\n".join(lines) + "\n")
    draft.replace(file)
