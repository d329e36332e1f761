"""Property in the demonstration bureau: what was imported is described but for one, money is frozen in a criminal case beyond
its amount, and of the four excesses each is there, some of them judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from cases.demo.people import Staff
from cases.models import Event, Matter, Officer
from supervision.property import services
from supervision.property.models import Excess, Item, Place
from supervision.property.queries import KIND, local_day
from supervision.property.services import Known

LEGAL, HEAD_OF_SQUAD = "020001", "021001"
# Who approved, whose it is, how much it is worth, and what else is told; in turn for what was imported.
DETAILS = (
    {"approver": "county_leader", "owner": "suspect", "value": Decimal(1_200)},
    {"approver": "county_leader", "owner": "suspect", "value": Decimal(860)},
    {"approver": "station_head", "owner": "suspect", "value": Decimal(3_400)},
    {"approver": "county_leader", "owner": "third", "value": Decimal(2_600)},
    {"approver": "county_leader", "owner": "suspect", "value": Decimal(500), "necessity": True},
    {"approver": "county_leader", "owner": "unknown", "value": None},
)


def keep_property(staff: Staff, *, at: datetime) -> None:
    """Describe what was imported and take some more; `at` is the moment up to which everything has happened."""
    legal = staff.officers[LEGAL]
    store = services.add_place(unit=staff.county, name="县局涉案财物管理中心", by=legal)
    services.add_place(unit=staff.county, name="刑事技术室（送检暂存）", by=legal)
    _describe(store, legal, at)
    _freeze(staff, at)
    services.watch(at=at)
    _judge(legal, at)


def _describe(store: Place, legal: Officer, at: datetime) -> None:
    rows = Matter.objects.standing().filter(kind__code=KIND, parent__isnull=False).order_by("pk")
    # The last one is left for whoever looks around.
    described = list(rows.select_related("kind", "unit", "officer", "parent__kind"))[:-1]
    registered = set(
        Event.objects.filter(matter__in=described, kind__code="evidence_registered").values_list("matter", flat=True)
    )
    for number, matter in enumerate(described):
        taken_at = matter.opened_at or at
        details = DETAILS[number % len(DETAILS)]
        known = Known(
            measure="registered" if matter.pk in registered else "seized",
            asset="goods",
            taken_at=taken_at,
            document=f"和公（治）扣决字〔{local_day(taken_at).year}〕{number + 11}号",
            **details,
        )
        item = services.describe_item(matter=matter, known=known, by=legal, at=at)
        _bring_up_to_date(item, store, legal, number, at)


def _bring_up_to_date(item: Item, store: Place, legal: Officer, number: int, at: datetime) -> None:
    """Of what is still held most lies in the store, and one was found to be somebody else's."""
    if not item.is_held:
        return
    if number % 3 != 2:
        handed_at = min(item.taken_at + timedelta(hours=6), at)
        services.hand_over(item=item, place=store, handed_at=handed_at, by=legal, at=at)
    if number % 4 == 3:
        on = max(local_day(at - timedelta(days=1)), local_day(item.taken_at))
        services.note_unrelated(item=item, on=on, reason="查明系其邻居所有，与案件无关", by=legal, at=at)


def _freeze(staff: Staff, at: datetime) -> None:
    """Two accounts of a criminal case, together beyond its amount, and shares frozen with too low an approval."""
    cases = Matter.objects.open().filter(kind__code="criminal_case", unit=staff.units["HC01"]).order_by("pk")
    case = cases.select_related("kind", "unit", "officer").first()
    head = staff.officers[HEAD_OF_SQUAD]
    if case is None or case.opened_at is None:
        return
    taken_at = min(case.opened_at + timedelta(days=2), at)
    account = Known(
        measure="frozen", asset="deposit", taken_at=taken_at, owner="suspect", value=Decimal(180_000),
        document="和公（刑）冻财字〔31〕号", approver="county_leader",
    )  # fmt: skip
    others = (
        ("冻1", "某银行账户尾号 3381", account),
        ("冻2", "某银行账户尾号 7720", replace(account, value=Decimal(95_000))),
        ("冻3", "某公司股权 12%", replace(account, asset="equity", value=None)),
    )
    for number, title, known in others:
        services.register_item(
            case=case, number=f"{case.number}-{number}", title=title, known=known, by=head, at=at
        )  # fmt: skip
    services.note_amount(case=case, amount=Decimal(230_000), basis="司法会计鉴定意见", by=head, at=at)


def _judge(legal: Officer, at: datetime) -> None:
    """One of what was found holds, one does not; the others wait."""
    found = Excess.objects.to_judge().visible_to(legal).select_related("clock").order_by("pk")
    low = found.filter(rule="low_approver", computed=True).first()
    if low is not None:
        services.confirm_excess(excess=low, text="呈批表只有所领导签字", by=legal, at=at)
    third = found.filter(rule="not_seizable").first()
    if third is not None:
        services.dismiss_excess(excess=third, why="购买凭证显示系违法嫌疑人本人所有", by=legal, at=at)
