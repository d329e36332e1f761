"""A round of review in the demonstration bureau: some files reviewed, one with a fault that waits for its second review, one
objected to, the others still to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.demo.people import Staff
from cases.models import MatterKind
from supervision.reviews import services
from supervision.reviews.models import Basis, FormState, Line, ReviewForm, Template
from supervision.reviews.queries import Scope, local_day, reviewers_under
from supervision.reviews.services import Finding, Plan, Struck

INSPECTOR = "020102"
FILES, SEED = 12, "20260301"
LOOK_BACK = timedelta(days=200)


def review_files(staff: Staff, *, at: datetime) -> None:
    """Draw a round of a dozen files eight days before `at`, and take most of them on to where a first look meets each state."""
    drawn_at = at - timedelta(days=8)
    until = local_day(drawn_at) - timedelta(days=1)
    kinds = MatterKind.objects.filter(restricted=False, family__in=("行政", "刑事")).exclude(code="coercive_measure")
    scope = Scope(staff.county, tuple(kinds.values_list("code", flat=True)), Basis.OPENED, until - LOOK_BACK, until)
    inspector = staff.officers[INSPECTOR]
    held = services.draw_round(
        title="年度案件评查",
        template=Template.objects.filter(in_use=True)[0],
        scope=scope,
        plan=Plan(files=FILES, second_percent=10, seed=SEED),
        reviewers=list(reviewers_under(staff.county)),
        by=inspector,
        at=drawn_at,
    )
    rows = ReviewForm.objects.filter(round=held).exclude(reviewer=None).order_by("pk")
    # What is found below is found in administrative files.
    administrative = rows.filter(matter__kind__family="行政")
    forms = list(administrative.select_related("round", "matter__kind", "unit", "officer", "reviewer"))
    served = Finding("service", "flaw", 3, "处罚决定书第四日才送达，没有说明原因", "卷 23 页")
    hearing = Finding("hearing", "fault", 15, "拟处较大数额罚款，卷内没有听证告知笔录", "卷 17 至 19 页")
    found = ((), (served,), (hearing,), (), (served,), ())
    for form, add in zip(forms, found, strict=False):
        assert form.reviewer is not None
        strike = [
            Struck(line.pk, "已经批准延长，漏录节点，已通知补录")
            for line in Line.objects.standing().filter(form=form)
            if not add
        ]
        services.file_form(
            form=form, add=add, strike=strike, opinion="已阅全卷。", by=form.reviewer, at=at - timedelta(days=1)
        )
    settled = ReviewForm.objects.filter(round=held, state=FormState.SETTLED).exclude(officer=None).order_by("pk")
    contested = settled.select_related("round", "officer").first()
    if contested is not None and contested.officer is not None:
        services.object_to(
            form=contested,
            text="当事人外出务工，第二日已电话告知并约定时间送达，有通话记录。",
            by=contested.officer,
            at=at - timedelta(hours=3),
        )
