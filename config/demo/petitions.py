"""The petitions of the demonstration bureau, led from their room: who asked, who is complained about, what is done."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cases.demo.people import LEADER, LEGAL_OFFICER, Staff
from cases.models import HandlingRole, Matter
from supervision.petitions.models import Category, Channel, Complaint, ComplaintChannel, Petition, Stage, Verdict
from supervision.petitions.queries import not_taken_up
from supervision.petitions.services import (
    accept_complaint,
    accuse,
    add_measure,
    add_petitioner,
    assign_handler,
    assign_lead,
    close_complaint,
    find,
    hold_contact,
    hold_meeting,
    look_back,
    make_plan,
    order_for_complaint,
    plan_contact,
    register_complaint,
    reply_to_complaint,
    take_in,
    take_up,
    tell_received,
)

INSPECTOR = "020102"
ACCUSED = ("HC11", "HC12", "HC13", "HC14")
CHANNELS = (Channel.LETTER, Channel.VISIT, Channel.WEB, Channel.PHONE)
# Invented people: numbers and telephones of nobody.
PEOPLE = (
    {"name": "李某甲", "identity": "11010119900101001X", "phone": "10000000001"},
    {"name": "王某乙", "identity": "110101199002020020", "phone": "10000000002"},
    {"name": "赵某丙", "identity": "110101199003030038", "phone": "10000000003"},
    {"name": "钱某丁", "phone": "10000000004"},
)


def lead_petitions(staff: Staff, at: datetime) -> None:
    """Take up every petition of the demonstration, and work on the oldest that is still in hand as a bureau would."""
    legal = staff.officers[LEGAL_OFFICER]
    found = list(not_taken_up(legal))[::-1]
    for number, matter in enumerate(found):
        petition = take_up(matter=matter, channel=CHANNELS[number % len(CHANNELS)], by=legal, at=at)
        unit = staff.units[ACCUSED[number % len(ACCUSED)]]
        accuse(petition=petition, units=(unit,), by=legal, at=at)
        # The sixth is by the same person as the first.
        add_petitioner(petition=petition, facts=PEOPLE[number % 5 % len(PEOPLE)], by=legal, at=at)
    in_hand = Petition.objects.filter(matter__in=_pks(found), stage=Stage.ACCEPTED).order_by("received_at", "pk")
    for petition in in_hand[:1]:
        _work_on(petition, staff, at)


def _pks(found: list[Matter]) -> list[int]:
    return [matter.pk for matter in found]


def _work_on(petition: Petition, staff: Staff, at: datetime) -> None:
    """A leading official, a plan, a look back by the inspector, a meeting, and contacts held and to come."""
    legal, leader, inspector = (staff.officers[number] for number in (LEGAL_OFFICER, LEADER, INSPECTOR))
    today = timezone.localdate(at)
    if not petition.leads.filter(until_at=None).exists():
        assign_lead(petition=petition, officer=leader, by=legal, at=at)
    assign_handler(petition=petition, officer=inspector, role=HandlingRole.INSPECTOR, by=legal, at=at)
    make_plan(
        petition=petition,
        aim="先查清接报案和办案经过，依法补正后当面答复；有困难的协助申请司法救助。",
        by=leader,
        at=at,
    )
    for what, officer, days in (
        ("调阅案卷和出警视频", inspector, 2),
        ("提出处理意见并集体研究", legal, 5),
    ):
        add_measure(
            petition=petition, what=what, officer=officer, due_on=today + timedelta(days=days), by=leader, at=at
        )
    accused = petition.matter.barrings.exclude(unit=None).get().unit
    look_back(
        petition=petition,
        cause="delay",
        unit=accused,
        finding="受案后未按时告知办理情况，回访不及时。",
        by=inspector,
        at=at,
    )
    hold_meeting(
        petition=petition,
        held_at=at,
        chair=leader,
        minutes="听取倒查情况，明确责任，要求限期答复信访人。",
        decisions=(("约见信访人，释明办理进展", legal, today + timedelta(days=3)),),
        by=legal,
        at=at,
    )
    first = plan_contact(petition=petition, service="reception", planned_on=today, officer=legal, by=legal, at=at)
    hold_contact(
        contact=first,
        result="当面听取诉求，说明办理期限和救济途径。",
        next_on=today + timedelta(days=7),
        next_service="explanation",
        by=legal,
        at=at,
    )


def take_complaints(staff: Staff, at: datetime) -> None:
    """Complaints through several channels: two that are one, one borne out and put right, one nobody put a name to."""
    legal, inspector = staff.officers[LEGAL_OFFICER], staff.officers[INSPECTOR]
    today = timezone.localdate(at)

    def came(
        channel: ComplaintChannel,
        number: str,
        days: int,
        subject: str,
        accused: str,
        person: int | None = None,
        **more: Any,
    ) -> Complaint:
        return register_complaint(
            channel=channel,
            channel_number=number,
            received_on=today - timedelta(days=days),
            subject=subject,
            unit=legal.unit,
            handlers=((inspector, HandlingRole.INSPECTOR),),
            accused_unit=staff.units[accused],
            anonymous=person is None,
            complainant=None if person is None else PEOPLE[person],
            by=legal,
            at=at,
            **more,
        )

    slow = "被盗报案后一直没有收到受案回执，多次到所询问没有结果"
    first = came(ComplaintChannel.POLICE, "JB-0117", 12, slow, "HC11", 0)
    again = came(
        ComplaintChannel.HOTLINE, "GD-20931", 10, f"{slow}，请督促", "HC11", 0, reply_asked_on=today + timedelta(days=2)
    )
    take_in(complaint=again, into=first, by=legal, at=at)
    accept_complaint(complaint=first, category=Category.CLAIM, on=today - timedelta(days=8), by=legal, at=at)
    # The same person once more, for somebody to look at.
    came(ComplaintChannel.EMERGENCY, "110-55082", 2, "报案以后没有人回电话告知进展", "HC11", 0)
    plant = came(
        ComplaintChannel.POLITICAL_LEGAL, "XS-0042", 25, "扣押企业货车超过期限没有解除", "HC12", 1, enterprise=True
    )
    tell_received(complaint=plant, on=today - timedelta(days=20), by=legal, at=at)
    accept_complaint(complaint=plant, category=Category.ACCUSATION, on=today - timedelta(days=20), by=legal, at=at)
    find(
        complaint=plant,
        verdict=Verdict.VERIFIED,
        reason="扣押期限届满后没有办理延长，也没有解除，超过五日。",
        by=inspector,
        at=at,
    )
    order_for_complaint(
        complaint=plant,
        problem="seizure_overlong",
        text="检查发现扣押物品期限届满后没有办理延长或者解除，请立即办理并说明原因。",
        by=inspector,
        at=at,
    )
    reply_to_complaint(complaint=plant, on=today - timedelta(days=1), evaluation_asked=True, by=legal, at=at)
    letter = came(ComplaintChannel.LETTER, "", 30, "反映夜间巡逻车长时间停在饭店门口", "HC13")
    accept_complaint(complaint=letter, category=Category.ACCUSATION, on=today - timedelta(days=28), by=legal, at=at)
    find(
        complaint=letter,
        verdict=Verdict.CANNOT,
        reason="信中没有日期和车号，调取的视频已无法对应。",
        by=inspector,
        at=at,
    )
    close_complaint(
        complaint=letter, on=today - timedelta(days=3), note="没有留下联系方式，无法答复。", by=legal, at=at
    )
    came(ComplaintChannel.ONLINE, "WS-0311", 1, "窗口办理证明要求重复提交材料", "HC14", 3)
