"""The pages of the jobs: how each stands and what is stuck behind them; the runs of one, and having it run now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.words import Standing
from cases.models import Officer, PendingWinding
from cases.queries import batches_of, matters_of
from supervision.bulletins.models import Letter
from supervision.operations import queries, services
from supervision.operations.models import JobRun, Outcome
from supervision.operations.queries import Backlog, Job, Kept
from supervision.operations.rules import JobStanding, JobState
from supervision.operations.services import JobRefused
from supervision.webhooks.queries import deliveries_kept_by

RUNS = "operations.run_job"
SIGNS = {
    JobState.OFF: ("已停用", "—", "grey"),
    JobState.STUCK: ("中断", "■", "red"),
    JobState.LATE: ("晚了", "■", "red"),
    JobState.FAILED: ("最近一次失败", "▲", "orange"),
    JobState.NEVER: ("还没有成功运行过", "○", "yellow"),
    JobState.RUNNING: ("正在运行", "▶", "green"),
    JobState.GOOD: ("正常", "✓", "green"),
}
OUTCOMES = {
    Outcome.RUNNING: ("▶", "green"),
    Outcome.GOOD: ("✓", "green"),
    Outcome.FAILED: ("▲", "orange"),
    Outcome.LOST: ("■", "red"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A job as the page shows it."""

    job: Job
    at: Standing
    trouble: bool


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as the page shows it."""

    row: JobRun
    at: Standing
    took: str


@dataclass(frozen=True, slots=True)
class Behind:
    """The list behind a number: its page, whose permission opens it, which of its rows an officer sees there."""

    page: str
    permission: str
    seen: Callable[[Officer], QuerySet[Any]]


def _windings_of(officer: Officer) -> QuerySet[PendingWinding]:
    return PendingWinding.objects.filter(matter__in=matters_of(officer))


_LETTERS = Behind("admin:bulletins_letter_changelist", "bulletins.view_letter", Letter.objects.visible_to)
LISTS = {
    Kept.BULLETIN_LETTERS: _LETTERS,
    Kept.NOTICE_LETTERS: _LETTERS,
    Kept.WEBHOOKS: Behind("admin:webhooks_delivery_changelist", "webhooks.view_delivery", deliveries_kept_by),
    Kept.IMPORTS: Behind("admin:cases_batch_changelist", "cases.view_batch", batches_of),
    Kept.WINDINGS: Behind("admin:cases_pendingwinding_changelist", "cases.view_pendingwinding", _windings_of),
}
# What is said beside the numbers to whoever may not open their list.
UNLISTED = {
    Kept.BULLETIN_LETTERS: "信件涉及案件内容，名单由法制部门在“信件”里看",
    Kept.NOTICE_LETTERS: "信件涉及案件内容，名单由法制部门在“信件”里看",
    Kept.WEBHOOKS: "名单由系统管理员在“推送记录”里看",
    Kept.IMPORTS: "批次涉及案件内容，由导入的人和法制部门在“导入”里看",
    Kept.WINDINGS: "涉及案件内容，这里不列；没有算成的是哪些、为什么，看运行日志",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a backlog; `link` opens the list of the `listed` of them that the officer sees."""

    number: int
    listed: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class BacklogLine:
    """A backlog as the page shows it, and in words where its rows are to be found."""

    backlog: Backlog
    figures: list[Figure]
    words: str


@page("operations.view_jobrun")
def jobs(request: HttpRequest) -> HttpResponse:
    """Every scheduled job, those in trouble first, and what is stuck behind them."""
    at = timezone.now()
    lines = [_line(job) for job in queries.jobs(at=at)]
    lines.sort(key=lambda line: not line.trouble)
    backlogs = queries.backlogs(at=at)
    return show(
        request,
        "operations/jobs.html",
        title="任务运行",
        lines=lines,
        troubled=sum(line.trouble for line in lines),
        backlogs=[_backlog_line(backlog, who(request)) for backlog in backlogs],
        stuck=sum(backlog.stuck for backlog in backlogs),
        at=at,
    )


@page("operations.view_jobrun", ("GET", "HEAD", "POST"))
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The kept runs of one job; POST has it run once."""
    officer, at = who(request), timezone.now()
    found, wrong = queries.job(pk, at=at), ""
    if found is None:
        raise Http404
    if request.method == "POST":
        if not officer.has_perm(RUNS):
            raise PermissionDenied
        try:
            services.run_once(found.planned, by=officer, at=at)
            messages.success(request, f"“{found.planned.name}”已排队运行一次，稍后刷新本页看结果。")
            return redirect("operations:job", pk=pk)
        except JobRefused as refusal:
            wrong = str(refusal)
    return show(
        request,
        "operations/job.html",
        title=found.planned.name,
        trail=(("任务运行", reverse("operations:jobs")),),
        status=422 if wrong else 200,
        line=_line(found),
        runs=[_run_line(row) for row in queries.runs_of(found.planned.task)],
        requests=queries.requests_of(found.planned.task),
        may_run=officer.has_perm(RUNS),
        wrong=wrong,
    )


def _line(job: Job) -> Line:
    text, sign, tone = SIGNS[job.standing.state]
    trouble = job.standing.state in (JobState.STUCK, JobState.LATE, JobState.FAILED)
    return Line(job, Standing(_said(job.standing, text), sign, tone), trouble)


def _backlog_line(backlog: Backlog, officer: Officer) -> BacklogLine:
    behind = LISTS[backlog.what]
    if not officer.has_perm(behind.permission):
        return BacklogLine(backlog, [Figure(number) for number in backlog.numbers.values()], UNLISTED[backlog.what])
    seen = queries.numbers_among(backlog, behind.seen(officer))
    figures = [
        Figure(number, seen[how], f"{reverse(behind.page)}?{_query(backlog.conditions[how])}")
        if seen.get(how)
        else Figure(number)
        for how, number in backlog.numbers.items()
    ]
    others = backlog.stuck - sum(seen.values())
    return BacklogLine(backlog, figures, f"有 {others} 条不在您的范围内" if others else "")


def _query(condition: queries.Lookups) -> str:
    """A condition as the list of the admin is asked for it."""
    return urlencode({column: _asked(value) for column, value in condition.items()})


def _asked(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return ",".join(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)


def _said(standing: JobStanding, text: str) -> str:
    if standing.state is JobState.LATE:
        return f"{text} {length_words(standing.late_by)}"
    return f"{text}，晚了 {length_words(standing.late_by)}" if standing.late_by else text


def _run_line(row: JobRun) -> RunLine:
    sign, tone = OUTCOMES[Outcome(row.outcome)]
    took = length_words(row.ended_at - row.started_at) if row.ended_at else ""
    return RunLine(row, Standing(row.get_outcome_display(), sign, tone), took)


def length_words(length: timedelta) -> str:
    """A length of time in its two largest units; below a minute in seconds."""
    seconds = max(length.total_seconds(), 0)
    if seconds < 60:
        return f"{seconds:.1f} 秒"
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if days:
        return f"{days} 天 {hours % 24} 小时"
    return f"{hours} 小时 {minutes % 60} 分" if hours else f"{minutes} 分"
