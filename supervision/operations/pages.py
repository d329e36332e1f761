"""The pages of the jobs: how each stands and what is stuck behind them; the runs of one, and having it run now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.words import Standing
from supervision.operations import queries, services
from supervision.operations.models import JobRun, Outcome
from supervision.operations.queries import Job
from supervision.operations.rules import JobStanding, JobState
from supervision.operations.services import JobRefused

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
        backlogs=backlogs,
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
