"""Tables of the libraries in our frame: roles with their permissions in Chinese, the timetable, the logs."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from cases.models import Officer, Role
from cases.roles import plan_roles
from config.site import crontab_words, permission_words
from tests.cases.factories import Bureau, make_bureau, make_officer

PASSWORD = "liangzhu-jade-5300"


@pytest.fixture
def bureau(db: None) -> Bureau:
    bureau = make_bureau()
    plan_roles()
    return bureau


def sign_in(bureau: Bureau, role: Role) -> Client:
    client = Client()
    client.force_login(make_officer("900001", bureau.county, role))
    return client


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "每分钟"),
        ({"minute": "*/5"}, "每 5 分钟"),
        ({"minute": "30", "hour": "8"}, "每天 08:30"),
        ({"minute": "0", "hour": "9", "day_of_week": "1"}, "每周一 09:00"),
        ({"minute": "0", "hour": "9", "day_of_month": "3"}, "每月 3 日 09:00"),
        ({"minute": "0,30", "hour": "8-18"}, "分 0,30，时 8-18，日 *，月 *，周 *"),
        ({"minute": "0", "hour": "9", "day_of_week": "mon-fri"}, "分 0，时 9，日 *，月 *，周 mon-fri"),
    ],
)
def test_a_crontab_is_said_in_words(fields: dict[str, str], said: str) -> None:
    assert crontab_words(CrontabSchedule(**fields)) == said


def test_permissions_are_named_in_chinese(bureau: Bureau) -> None:
    names = {permission_words(one) for one in Permission.objects.select_related("content_type")}

    assert "查看监督事项" in names
    assert "可以使用期限计算器" in names
    assert not [name for name in names if name.startswith("Can ")]


def test_a_line_of_the_timetable_is_switched_off_but_neither_added_nor_deleted(bureau: Bureau) -> None:
    call_command("plan_timetable", verbosity=0)
    keeper = sign_in(bureau, Role.SYSTEM_ADMIN)
    task = PeriodicTask.objects.get(task="alerts.sweep")
    address = f"/django_celery_beat/periodictask/{task.pk}"

    page = keeper.get("/django_celery_beat/periodictask/").content.decode()
    keeper.post(f"{address}/change/", {"name": "扫描", "crontab": str(task.crontab_id)})

    task.refresh_from_db()
    assert "每分钟扫描预警" in page
    assert "每 5 分钟" in page
    assert (task.name, task.enabled, task.task) == ("扫描", False, "alerts.sweep")
    assert keeper.get("/django_celery_beat/periodictask/add/").status_code == 403
    assert keeper.post(f"{address}/delete/", {"post": "yes"}).status_code == 403


def test_a_role_of_the_bureaus_own_is_made_of_permissions(bureau: Bureau) -> None:
    guard = sign_in(bureau, Role.SECURITY_ADMIN)
    wanted = Permission.objects.get(codename="view_matter")

    page = guard.get("/auth/group/add/").content.decode()
    guard.post("/auth/group/add/", {"name": "值班", "permissions": [str(wanted.pk)]})

    assert "监督事项：查看监督事项" in page
    assert list(Group.objects.get(name="值班").permissions.all()) == [wanted]


def test_the_groups_of_built_in_roles_and_ones_own_are_only_read(bureau: Bureau) -> None:
    guard = sign_in(bureau, Role.SECURITY_ADMIN)
    myself = Officer.objects.get(police_number="900001")
    own, other = Group.objects.create(name="值班"), Group.objects.create(name="专案")
    myself.groups.add(own)
    wanted = Permission.objects.get(codename="view_matter")

    answers = {}
    for group in (Group.objects.get(name=Role.SECURITY_ADMIN.label), own, other):
        before = group.permissions.count()
        answers[group.name] = guard.post(
            f"/auth/group/{group.pk}/change/", {"name": group.name, "permissions": [str(wanted.pk)]}
        ).status_code
        assert (group.permissions.count() == before) is (group != other)

    page = guard.get(f"/auth/group/{Group.objects.get(name='审计员').pk}/change/").content.decode()
    assert answers == {"安全管理员": 403, "值班": 403, "专案": 302}
    assert "账号安全：查看登录台账" in page


def test_who_signed_in_and_who_failed_is_read_by_the_auditor(bureau: Bureau) -> None:
    officer = make_officer("100001", bureau.station, Role.CASE_OFFICER)
    officer.set_password(PASSWORD)
    officer.save()
    Client().post("/login/", {"username": "100001", "password": PASSWORD})
    Client().post("/login/", {"username": "100066", "password": "wrong"})
    auditor = sign_in(bureau, Role.AUDITOR)

    assert "100001" in auditor.get("/axes/accesslog/").content.decode()
    assert "100066" in auditor.get("/axes/accessattempt/").content.decode()


def test_what_an_administrator_changed_is_in_the_log(bureau: Bureau) -> None:
    keeper = sign_in(bureau, Role.SYSTEM_ADMIN)
    keeper.post(f"/cases/unit/{bureau.station.pk}/change/", {"name": "城关中心派出所", "short_name": ""})
    client = Client()
    client.force_login(make_officer("900009", bureau.county, Role.AUDITOR))

    page = client.get("/admin/logentry/").content.decode()

    assert "城关中心派出所" in page
    assert "民警900001" in page


@pytest.mark.parametrize("table", ["admin/logentry", "axes/accesslog", "axes/accessattempt", "axes/accessfailurelog"])
def test_a_log_is_only_read_and_a_row_has_no_page(bureau: Bureau, table: str) -> None:
    client = Client()
    client.force_login(Officer.objects.create_superuser("root", "建站账号", bureau.county, None))

    assert client.get(f"/{table}/").status_code == 200
    assert client.get(f"/{table}/add/").status_code == 403
    assert client.get(f"/{table}/1/change/").status_code == 404
    assert client.get(f"/{table}/1/delete/").status_code in (302, 403)


@pytest.mark.parametrize("table", ["clockedschedule", "solarschedule"])
def test_schedules_nobody_here_uses_have_no_page(bureau: Bureau, table: str) -> None:
    client = Client()
    client.force_login(Officer.objects.create_superuser("root", "建站账号", bureau.county, None))

    assert client.get(f"/django_celery_beat/{table}/").status_code == 404
