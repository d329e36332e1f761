"""Archives in the demonstration bureau: what is on record is collected, one entry is praise, one has a reply, two were read."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.demo.people import LEGAL_OFFICER, Staff
from supervision.archives import services
from supervision.archives.models import ArchiveEntry, Kind

INSPECTOR = "020102"
# Whose account is for a first look.
CASE_OFFICER = "031002"


def keep_archives(staff: Staff, *, at: datetime) -> None:
    """Collect up to `at`; an officer says something to the latest order he had, and is praised; his archive is read twice."""
    services.collect(at=at)
    officer = staff.officers[CASE_OFFICER]
    legal, inspector = staff.officers[LEGAL_OFFICER], staff.officers[INSPECTOR]
    services.look_at_officer(officer=officer, reason="季度执法质量考评", by=legal, at=at - timedelta(hours=20))
    services.record(
        kind=Kind.PRAISE,
        officer=officer,
        unit=None,
        happened_at=at - timedelta(days=20),
        text="主动上门为行动不便的老人补做笔录、送达文书，群众送来锦旗。",
        source_key="archives.hand:demo",
        by=legal,
        at=at - timedelta(hours=20),
    )
    orders = ArchiveEntry.objects.standing().filter(kind=Kind.ORDER, officer=officer)
    if (latest := orders.order_by("-happened_at", "-pk").first()) is not None:
        said = "鉴定机构退回材料两次，等待期间没有及时登记暂停；以后当日登记。"
        services.reply(entry=latest, text=said, by=officer, at=at - timedelta(hours=2))
    services.look_at_officer(officer=officer, reason="日常监督检查", by=inspector, at=at - timedelta(hours=1))
