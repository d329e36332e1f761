"""The demonstration bureau as loaded: what a first look finds, for whom, and that loading it twice changes nothing."""

import json
import re
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.test import Client
from pytest_django import DjangoDbBlocker

from cases.demo.people import NEWCOMER, PEOPLE
from cases.duty import Rung
from cases.models import (
    Clock,
    ClockMove,
    Event,
    Feedback,
    Handling,
    Level,
    Matter,
    Officer,
    PendingWinding,
    Role,
    Unit,
)
from cases.moments import read_moment
from config.today import today
from supervision.accounts.models import Authenticator
from supervision.alerts.models import Action, Alert, AlertState, AlertStep
from supervision.bulletins.models import Bulletin, BulletinState, Letter, Notice, Recipient
from supervision.campaigns.models import Campaign
from supervision.custody.models import Fault as CustodyFault
from supervision.custody.models import Visit as CustodyVisit
from supervision.expedited.models import ExpeditedCase, Fault
from supervision.followup.models import FollowedCase, Instruction, Stage
from supervision.inspections.models import Check as Inspected
from supervision.inspections.models import Draw, ItemStep
from supervision.inspections.queries import draw_again as redraw_inspection
from supervision.proceedings.models import Dispute, Review, Transfer
from supervision.proceedings.queries import proceedings_of
from supervision.property.models import Excess, ExcessKind, Item, ItemState
from supervision.property.queries import items_of, release_overdue, unentered_of
from supervision.rectification.evidence import read
from supervision.rectification.models import Evidence, Order, OrderStep
from supervision.returnvisits.models import Channel, Check, Finding, Visit, VisitRound, VisitState
from supervision.returnvisits.queries import draw_again
from tests.cases.factories import moment

pytestmark = pytest.mark.django_db

AT = "2026-11-22T09:30"


def load(*, at: str = AT) -> dict[str, object]:
    document = StringIO()
    call_command("load_demo", "--at", at, "--json", stdout=document)
    loaded: dict[str, object] = json.loads(document.getvalue())
    return loaded


@pytest.fixture(scope="module")
def law(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The shipped catalogue and the roles, for all tests of the file."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_catalogue", verbosity=0)
        call_command("plan_roles", verbosity=0)
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def demo(law: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """The bureau, loaded once for the tests that only look; the file of its accounts."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        with django_db_blocker.block():
            yield settings.DATA_DIR / "accounts.txt"
        transaction.set_rollback(True)


def officer(number: str) -> Officer:
    return Officer.objects.get(police_number=number)


def accounts(file: Path) -> dict[str, str]:
    """Police number -> password, as a person reads them off the paper."""
    return dict(re.findall(r"^(\d{6})  (\S+)", file.read_text(), re.MULTILINE))


# -- what there is to see ----------------------------------------------------------------------------------------------


def test_warnings_of_every_level_stand_and_wait_at_every_rung(demo: Path) -> None:
    waiting = Alert.objects.open().filter(demands__gt=0)

    assert set(Alert.objects.open().values_list("level", flat=True)) == {Level.YELLOW, Level.ORANGE, Level.RED}
    assert set(waiting.values_list("rung", flat=True)) == set(Rung)
    assert set(Alert.objects.values_list("state", flat=True)) == set(AlertState)


def test_orders_were_issued_as_the_limits_ran_out_and_stand_at_every_state_but_withdrawn(demo: Path) -> None:
    states = Counter(Order.objects.values_list("state", flat=True))

    assert states == {"verified": 11, "issued": 16, "replied": 5, "returned": 1}
    assert Order.objects.filter(source="alert", by=None).count() == 25
    assert not Alert.objects.wanting_order().exists()


def test_some_orders_were_late_some_sent_back_one_put_off_and_one_is_listed(demo: Path) -> None:
    at = moment("2026-11-22 09:30")

    assert Order.objects.overdue(at).exists()
    assert Order.objects.filter(state="verified", verified_at__gte=F("due_at")).exists()
    assert OrderStep.objects.filter(action="returned").count() >= 3
    assert Order.objects.filter(extensions=1).count() == 1
    # That of property comes from a confirmed excess.
    listed = Order.objects.exclude(source_number__startswith="property-").get(grade="listed")
    assert (listed.unit.code, listed.officer, listed.source) == ("HC11", None, "supervisor")


def test_every_reply_has_its_evidence_and_nothing_happened_after_the_moment(demo: Path) -> None:
    replies = OrderStep.objects.filter(action="replied")

    assert replies.count() == Evidence.objects.count() > 0
    assert all(read(file).startswith(b"PK") for file in Evidence.objects.all())
    assert not OrderStep.objects.filter(at__gt=moment("2026-11-22 09:30")).exists()
    # In the order of the ledger, whoever acts: a reply before it is sent back, a verification last.
    for order in Order.objects.all():
        times = list(OrderStep.objects.filter(order=order).order_by("number").values_list("at", flat=True))
        assert times == sorted(times), order


@pytest.mark.parametrize(
    ("number", "waiting"),
    [
        (
            "020001",
            {
                "预警待我答复": 1,
                "整改答复待我核验": 5,
                "申请办结待我审核": 1,
                "责任待我落实": 5,
                "案件待我评查": 2,
                "通报草稿待办": 1,
            },
        ),
        ("031002", {"预警待我答复": 2, "整改待我答复": 4, "案件有我承办的提纲事项": 3}),
        (
            "031001",
            {
                "预警待我答复": 1,
                "整改待我答复": 1,
                "单位答复待我审核": 2,
                "本单位民警未答复的预警": 2,
                "本单位民警未答复的整改": 4,
            },
        ),
        ("020101", {"预警待我答复": 1, "我的批示逾期未复": 1, "评查异议待我裁定": 1}),
    ],
)
def test_the_workbench_of_each_account_has_something_to_do(demo: Path, number: str, waiting: dict[str, int]) -> None:
    groups = today(officer(number), moment("2026-11-22 09:30"))

    assert {group.name: group.count.rows for group in groups} == waiting


def test_there_are_provisional_dates_faults_moves_late_ends_and_ratings(demo: Path) -> None:
    assert Clock.objects.running().filter(provisional=True).exists()
    faults = {fault["code"] for clock in Clock.objects.exclude(faults=[]) for fault in clock.faults}
    assert {"late", "approver"} <= faults
    assert ClockMove.objects.count() >= 10
    assert Clock.objects.filter(late=True).count() >= 10
    assert Feedback.objects.filter(valid=False).exists()


def test_everything_is_wound(demo: Path) -> None:
    assert not PendingWinding.objects.exists()
    assert not Clock.objects.filter(unsettled=True).exists()
    assert not Clock.objects.filter(next_level_at__lte=moment("2026-11-22 09:30")).exists()


def test_warnings_were_raised_and_withdrawn_in_each_of_the_last_two_months_on_their_days(demo: Path) -> None:
    for begins, ends in (("2026-10-01", "2026-11-01"), ("2026-11-01", "2026-12-01")):
        month = AlertStep.objects.filter(found_at__gte=moment(begins), found_at__lt=moment(ends))
        assert month.filter(action=Action.RAISED).count() >= 20
        assert month.filter(action=Action.WITHDRAWN).count() >= 5


def test_a_correction_and_a_hand_over_are_among_the_events(demo: Path) -> None:
    assert Event.objects.filter(voids__isnull=False).exists()
    assert Handling.objects.filter(since__kind__code="matter_transferred").exists()


def test_a_case_is_followed_at_every_stage_and_some_have_trouble(demo: Path) -> None:
    assert set(FollowedCase.objects.values_list("stage", flat=True)) == set(Stage)
    assert FollowedCase.objects.filter(stagnant_since__isnull=False).exists()
    assert FollowedCase.objects.filter(rule__isnull=False).exists()
    assert set(Instruction.objects.values_list("state", flat=True)) == {"open", "replied"}
    assert FollowedCase.objects.visible_to(officer("031002")).exists()
    assert not FollowedCase.objects.visible_to(officer(NEWCOMER)).exists()


def test_disputes_reviews_and_transfers_stand_at_several_stages(demo: Path) -> None:
    assert set(Dispute.objects.values_list("stage", flat=True)) == {"open", "mediating", "settled", "unsettled"}
    assert set(Review.objects.values_list("stage", flat=True)) == {"received", "answered", "ended"}
    assert {row.outcome for row in Review.objects.filter(stage="ended")} == {"upheld", "revoked"}
    assert set(Transfer.objects.values_list("stage", flat=True)) == {"handed", "accepted", "refused"}
    assert Dispute.objects.filter(rechecked_on=None, recheck_due_on__lte=date(2026, 11, 22)).exists()
    assert not proceedings_of(officer(NEWCOMER)).exists()


def test_property_stands_at_every_stage_and_shows_each_of_the_four_excesses(demo: Path) -> None:
    assert set(Item.objects.values_list("state", flat=True)) == set(ItemState)
    assert set(Excess.objects.values_list("kind", flat=True)) == set(ExcessKind)
    assert {"found", "confirmed", "dismissed"} <= set(Excess.objects.values_list("state", flat=True))
    legal = officer("020001")
    assert release_overdue(legal, read_moment(AT)).exists()
    assert unentered_of(legal).count() == 1
    assert not items_of(officer(NEWCOMER)).exists()


def test_cases_are_handled_quickly_at_every_stage_and_what_is_wrong_is_found_and_judged(demo: Path) -> None:
    states = Counter(ExpeditedCase.objects.values_list("state", flat=True))

    assert states == {"decided": 5, "open": 4, "converted": 1}
    assert set(ExpeditedCase.objects.values_list("verdict", flat=True)) == {"may", "may_not", "untold"}
    assert ExpeditedCase.objects.get(applied_by__isnull=False).told_how == "signed"
    assert set(Fault.objects.values_list("rule", "state")) == {
        ("ineligible", "confirmed"),
        ("no_consent", "dismissed"),
        ("unconverted", "found"),
        ("overlong", "found"),
    }
    assert not Fault.objects.visible_to(officer(NEWCOMER)).exists()


def test_people_were_asked_with_answers_of_every_kind_and_the_draw_can_be_done_again(demo: Path) -> None:
    drawn = VisitRound.objects.get()
    visits = Visit.objects.filter(round=drawn)
    assert set(visits.values_list("state", flat=True)) == set(VisitState)
    assert set(visits.exclude(channel="").values_list("channel", flat=True)) == set(Channel)
    assert {Finding.UPHELD, Finding.UNFOUNDED, Finding.OPEN} <= set(Check.objects.values_list("finding", flat=True))
    assert draw_again(drawn).same_sample
    assert not Visit.objects.visible_to(officer("031002")).exists()


def test_the_monthly_bulletin_has_readers(demo: Path) -> None:
    addresses = [
        recipient.address or recipient.officer.email for recipient in Recipient.objects.select_related("officer")
    ]

    assert len(addresses) >= 5
    assert all(address.endswith("bureau.example") for address in addresses)


def test_last_months_bulletin_waits_as_a_draft_and_no_letter_of_it_has_been_queued(demo: Path) -> None:
    bulletin = Bulletin.objects.get()

    assert (bulletin.unit.code, bulletin.begins_on, bulletin.state) == ("HC", date(2026, 10, 1), BulletinState.DRAFT)
    assert not Letter.objects.exclude(bulletin=None).exists()


@pytest.mark.parametrize(
    ("number", "about"),
    [
        ("020001", {"预警", "整改"}),
        ("031001", {"整改"}),
        ("031002", {"预警", "整改"}),
        ("020101", {"预警"}),
    ],
)
def test_everybody_with_something_to_do_has_the_notice_of_the_last_working_morning(
    demo: Path, number: str, about: set[str]
) -> None:
    """The twenty-second was a Sunday: work last opened on Friday."""
    notice = Notice.objects.get(officer=officer(number))

    assert notice.composed_at == moment("2026-11-20 09:00") and notice.read_at is None
    assert {line.about for line in notice.lines.all()} >= about
    assert notice.letters.count() == 1


# -- for whom ----------------------------------------------------------------------------------------------------------


def test_the_newcomer_sees_nothing_at_all(demo: Path) -> None:
    newcomer = officer(NEWCOMER)

    assert newcomer.has_perm("cases.view_matter")
    assert not Matter.objects.visible_to(newcomer).exists()
    assert not Clock.objects.visible_to(newcomer).exists()
    assert not Alert.objects.visible_to(newcomer).exists()


def test_the_case_officer_sees_his_own_at_every_level_and_nobody_elses(demo: Path) -> None:
    busy = officer("031002")

    assert set(Matter.objects.visible_to(busy).values_list("officer", flat=True)) == {busy.pk}
    assert set(Alert.objects.open().visible_to(busy).values_list("level", flat=True)) >= {Level.YELLOW, Level.RED}


def test_the_administrators_see_no_case(demo: Path) -> None:
    for person in PEOPLE:
        if person.role in Role.administrators():
            assert not Matter.objects.visible_to(officer(person.number)).exists()


def test_petitions_are_seen_by_the_legal_officer_who_handles_them_and_not_by_his_colleague(demo: Path) -> None:
    petitions = Matter.objects.filter(kind__code="petition")

    assert petitions.count() == petitions.visible_to(officer("020001")).count() == 8
    assert petitions.visible_to(officer("020101")).count() == 4
    assert not petitions.visible_to(officer("020002")).exists()


# -- the accounts ------------------------------------------------------------------------------------------------------


def test_the_accounts_are_on_a_paper_only_its_owner_can_read(demo: Path) -> None:
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600


def test_the_paper_has_a_line_for_each_role_with_what_to_look_at(demo: Path) -> None:
    paper = demo.read_text()

    for role in Role:
        assert re.search(rf"  {role.label}  .+  看：.+", paper)


def test_the_passwords_on_the_paper_open_the_accounts_and_are_all_different(demo: Path) -> None:
    known = accounts(demo)

    assert set(known) == {person.number for person in PEOPLE if person.look}
    assert len(set(known.values())) == len(known)
    assert all(officer(number).check_password(password) for number, password in known.items())


def test_who_is_not_on_the_paper_cannot_sign_in(demo: Path) -> None:
    assert not Officer.objects.get(police_number="031003").has_usable_password()


def test_an_account_of_the_paper_signs_in_on_the_page(demo: Path, client: Client) -> None:
    client.post("/login/", {"username": "020001", "password": accounts(demo)["020001"]})
    page = client.get("/", follow=True)

    assert page.context["user"].police_number == "020001"


# -- loading -----------------------------------------------------------------------------------------------------------


def rows() -> list[int]:
    return [
        model.objects.count()
        for model in (Unit, Officer, Matter, Event, Clock, ClockMove, AlertStep, OrderStep, Evidence, Feedback)
    ]


def test_loading_again_changes_nothing_not_even_the_passwords(demo: Path) -> None:
    before, paper = rows(), demo.read_text()

    again = load(at="2026-12-01T08:00")

    assert again["loaded"] is False
    assert rows() == before
    assert demo.read_text() == paper


def test_people_passed_through_the_centre_and_two_are_inside(demo: Path) -> None:
    faults = set(CustodyFault.objects.values_list("visit__left_at", "rule", "state"))
    rules = {(rule.partition(":")[0], state) for _, rule, state in faults}

    assert CustodyVisit.objects.filter(left_at=None).count() == 2
    assert CustodyVisit.objects.filter(left_at__isnull=False).count() == 2
    assert None not in {left for left, _, _ in faults}
    assert rules == {
        ("over", "found"), ("no_collection", "found"), ("family_not_told", "found"), ("not_recorded", "found"),
        ("unguarded", "confirmed"),
    }  # fmt: skip
    assert CustodyFault.objects.get(state="confirmed").order.problem.code == "custody_gap"


def test_places_were_inspected_at_random_and_a_campaign_runs(demo: Path) -> None:
    [drawn] = Draw.objects.all()
    [campaign] = Campaign.objects.all()
    states = Counter(Inspected.objects.filter(draw=drawn).values_list("state", flat=True))

    assert redraw_inspection(drawn).agrees
    assert states == {"published": 2, "withheld": 1, "inspected": 2}
    assert [step.moves for step in ItemStep.objects.filter(stage="draw").order_by("pk")] == [0, 1, 0]
    assert campaign.tasks.filter(done_on=None).count() == 3 and campaign.orders.count() == 1
    assert campaign.rounds.count() == 1


def test_every_account_opens_without_a_phone_and_without_choosing_a_password_first(demo: Path) -> None:
    accounts = Officer.objects.exclude(password__startswith="!")

    assert accounts.count() > 0
    assert not accounts.filter(must_change_password=True).exists()
    assert not accounts.filter(password_set_at=None).exists()
    assert not Authenticator.objects.exists()


def test_the_report_counts_what_is_there(demo: Path) -> None:
    report = load()

    assert report["matters"] == Matter.objects.count()
    assert report["clocks"] == Clock.objects.count()
    assert report["orders"] == Order.objects.count() == 33
    assert report["accounts"] == str(demo)
