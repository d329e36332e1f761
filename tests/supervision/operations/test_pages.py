import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.operations.models import JobRequest, JobRun, Outcome
from supervision.operations.pages import length_words
from tests.cases.factories import Bureau, make_officer
from tests.rigs.redis import RedisServer
from tests.supervision.operations.factories import plan

pytestmark = pytest.mark.django_db
JOBS = "operations:jobs"


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


@pytest.fixture
def admin(bureau: Bureau) -> Officer:
    plan_roles()
    return make_officer("900001", bureau.county, Role.SYSTEM_ADMIN)


def run(job: str, outcome: Outcome, minutes_ago: int) -> JobRun:
    started = timezone.now() - timedelta(minutes=minutes_ago)
    ended = started + timedelta(seconds=2) if outcome in Outcome.ended() else None
    error = "磁盘已满，请清理磁盘后重试" if outcome == Outcome.FAILED else ""
    return JobRun.objects.create(
        job=job, task_id=f"{job}{minutes_ago}", started_at=started, ended_at=ended, outcome=outcome, error=error
    )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM_ADMIN])
def test_nobody_but_the_system_administrator_opens_the_pages(bureau: Bureau, role: Role) -> None:
    plan_roles()
    client, planned = browser(make_officer("900002", bureau.county, role)), plan()

    statuses = {
        client.get(reverse(JOBS)).status_code,
        client.get(reverse("operations:job", args=(planned.pk,))).status_code,
        client.post(reverse("operations:job", args=(planned.pk,))).status_code,
    }

    assert statuses == {403} and not JobRequest.objects.exists()


def test_without_a_timetable_the_page_says_what_to_do(admin: Officer) -> None:
    page = browser(admin).get(reverse(JOBS)).content.decode()

    assert "manage.py plan_timetable" in page and "没有中断、晚了或者失败的任务" in page


def test_who_is_in_trouble_comes_first_and_says_how_in_words(admin: Officer) -> None:
    plan("甲正常", "alerts.sweep")
    plan("乙失败", "alerts.climb")
    plan("丙晚了", "alerts.order")
    plan("丁没有了", "cases.wind_pending")
    run("alerts.sweep", Outcome.GOOD, 0)
    run("alerts.climb", Outcome.GOOD, 2)
    run("alerts.climb", Outcome.FAILED, 1)
    run("alerts.order", Outcome.GOOD, 60 * 26)
    run("cases.wind_pending", Outcome.RUNNING, 90)

    page = browser(admin).get(reverse(JOBS)).content.decode()

    assert "3 项任务要处理" in page and "晚了 1 天 1 小时" in page and "磁盘已满" in page and "最近一次失败" in page
    assert max(page.index(name) for name in ("乙失败", "丙晚了", "丁没有了")) < page.index("甲正常")


def test_the_page_asks_the_same_number_of_questions_however_long_the_timetable(admin: Officer) -> None:
    client = browser(admin)
    plan("甲", "alerts.sweep")
    client.get(reverse(JOBS))

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as questions:
            assert client.get(reverse(JOBS)).status_code == 200
        return len(questions)

    one = asked()
    for name, task in (("乙", "alerts.climb"), ("丙", "alerts.order")):
        plan(name, task)
        run(task, Outcome.GOOD, 1)

    assert asked() == one


def test_the_button_queues_the_job_and_says_who_pressed_it(queue: RedisServer, admin: Officer) -> None:
    planned, client = plan(), browser(admin)
    address = reverse("operations:job", args=(planned.pk,))
    assert (
        "确认运行一次" in client.get(address).content.decode()
        and "还没有运行过" in client.get(address).content.decode()
    )

    first = client.post(address, follow=True)
    again = client.post(address)

    assert "已排队运行一次" in first.content.decode() and str(admin) in first.content.decode()
    assert again.status_code == 422 and "刚才已经排队" in again.content.decode()
    with queue.client() as inside:
        assert inside.llen("celery") == 1


def test_who_may_only_look_gets_no_button(bureau: Bureau, admin: Officer) -> None:
    from django.contrib.auth.models import Permission

    looker = make_officer("900003", bureau.county)
    looker.user_permissions.add(Permission.objects.get(codename="view_jobrun"))
    address = reverse("operations:job", args=(plan().pk,))

    assert "确认运行一次" not in browser(looker).get(address).content.decode()
    assert browser(looker).post(address).status_code == 403


def test_a_line_that_is_gone_is_not_found(admin: Officer) -> None:
    assert browser(admin).get(reverse("operations:job", args=(4711,))).status_code == 404


# -- the lists behind the numbers --------------------------------------------------------------------------------------


def links(officer: Officer) -> dict[str, str]:
    """The numbers of the backlogs that open a list, each with its address."""
    page = browser(officer).get(reverse(JOBS)).content.decode()
    cells = re.findall(r"<tr>\s*<td>([^<]+)</td>(.*?)</tr>", page.partition('id="backlogs"')[2], re.S)
    assert len(cells) == 5
    return {f"{name} {number}": html.unescape(link) for name, row in cells for link, number in opened(row)}


def opened(row: str) -> list[tuple[str, str]]:
    return re.findall(r'<a href="([^"]+)">(\d+)</a>', row)


def test_every_number_opens_a_list_of_as_many_rows(bureau: Bureau, everything_stuck: None) -> None:
    everybody = make_officer("900009", bureau.county)
    Officer.objects.filter(pk=everybody.pk).update(is_superuser=True, is_staff=True)

    found = links(everybody)

    assert {name.partition(" ")[0] for name in found} == {"通报信件", "通知信件", "对外推送", "导入", "待算时钟"}
    assert len(found) == 6 + 2 + 1 + 2
    for name, link in found.items():
        listed = browser(everybody).get(link)
        assert listed.status_code == 200, link
        assert name.endswith(f" {len(listed.context['cl'].result_list)}"), name


def test_the_administrator_opens_what_is_his_and_is_told_who_reads_the_rest(
    bureau: Bureau, admin: Officer, everything_stuck: None
) -> None:
    page, found = browser(admin).get(reverse(JOBS)).content.decode(), links(admin)

    # Of three pushes given up, one is a neighbour's.
    assert {name.partition(" ")[0] for name in found} == {"对外推送"}
    assert "3，其中 <a" in page and "有 1 条不在您的范围内" in page
    for name, link in found.items():
        assert name.endswith(f" {len(browser(admin).get(link).context['cl'].result_list)}")
    assert "由法制部门在“信件”里看" in page and "由导入的人和法制部门在“导入”里看" in page and "看运行日志" in page


def test_the_page_asks_as_much_however_much_is_stuck(admin: Officer, request: pytest.FixtureRequest) -> None:
    def asked() -> int:
        client = browser(admin)
        client.get(reverse(JOBS))
        with CaptureQueriesContext(connection) as questions:
            client.get(reverse(JOBS))
        return len(questions)

    nothing = asked()
    request.getfixturevalue("everything_stuck")

    assert asked() == nothing


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=0.34), "0.3 秒"),
        (timedelta(seconds=-1), "0.0 秒"),
        (timedelta(minutes=6, seconds=59), "6 分"),
        (timedelta(hours=6, minutes=40), "6 小时 40 分"),
        (timedelta(days=2, hours=3, minutes=4), "2 天 3 小时"),
    ],
)
def test_lengths_are_said_in_their_largest_units(length: timedelta, words: str) -> None:
    assert length_words(length) == words
