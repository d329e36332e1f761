"""Wrong settings stop every way of starting, and say what would be right."""

import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.rigs.commands import first_look, manage, production, run

pytestmark = pytest.mark.skipif(settings.POSTGRESQL, reason="each process here has an environment of its own")

CELERY = (sys.executable, "-m", "celery", "--app", "config")
GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "python:config.webserver", "config.wsgi")
WAYS_TO_START = [
    pytest.param((sys.executable, "manage.py", "check"), id="check"),
    pytest.param((sys.executable, "manage.py", "migrate"), id="migrate"),
    pytest.param((sys.executable, "manage.py", "runserver", "--noreload", "0"), id="runserver"),
    pytest.param((sys.executable, "manage.py", "serve"), id="serve"),
    pytest.param((*CELERY, "worker"), id="worker"),
    pytest.param((*CELERY, "beat"), id="beat"),
    pytest.param(GUNICORN, id="gunicorn"),
    pytest.param((sys.executable, "-c", "import config.wsgi"), id="wsgi"),
]


@pytest.mark.parametrize("words", WAYS_TO_START)
def test_wrong_settings_stop_every_way_of_starting(words: tuple[str, ...], tmp_path: Path) -> None:
    environment = first_look(tmp_path, DEBUG="maybe", DATABASE_URL="mysql://user:hunter2@host/name")

    ended = run(*words, environment=environment)

    told = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "config.E001" in told
    assert "config.E002" in told
    assert "请写 true 或 false" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("words", WAYS_TO_START)
def test_first_look_defaults_stop_every_way_of_starting_in_production(words: tuple[str, ...], tmp_path: Path) -> None:
    environment = first_look(tmp_path, DATABASE_URL="postgresql://dingban@db.example.cn/dingban")

    ended = run(*words, environment=environment)

    told = ended.stdout + ended.stderr
    assert ended.returncode != 0
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "REDIS_URL", "EMAIL_URL", "FIELD_KEYS"):
        assert f"必须设置环境变量 {name}。" in told
    assert "必须设置环境变量 DATABASE_URL。" not in told
    assert not (tmp_path / "secret_key").exists()


def test_with_no_variable_set_nothing_is_wrong(tmp_path: Path) -> None:
    ended = manage("check", environment=first_look(tmp_path))

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "secret_key").exists()
    assert (tmp_path / "field_keys").exists()


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"DEBUG": "true"}, "config.E011"),
        ({"EMAIL_URL": "memorymail://"}, "config.E012"),
        ({"SECRET_KEY": "short"}, "config.E005"),
        ({"SECRET_KEY": "a" * 60}, "config.E005"),
        ({"DATABASE_URL": ""}, "必须设置环境变量 DATABASE_URL。"),
        ({"FIELD_KEYS": "k1:too-short"}, "config.E006"),
        ({"ALLOWED_HOSTS": "*"}, "config.E003"),
        ({"SECOND_FACTOR": "optional"}, "config.E013"),
        ({"SECOND_FACTOR": "none"}, "config.E016"),
        ({"ADMIN_NETWORKS": "10.1.2.0/24,10.1.2.3/24"}, "ADMIN_NETWORKS 的第 2 段"),
        ({"TRUSTED_PROXIES": "nginx"}, "config.E014"),
        ({"PASSWORD_DAYS": "-1"}, "config.E015"),
        ({"ADMIN_NETWORKS": "10.1.2.0/24"}, "config.E017"),
    ],
)
def test_production_does_not_accept(variables: dict[str, str], told: str, tmp_path: Path) -> None:
    ended = manage("check", environment=production(tmp_path, **variables))

    assert ended.returncode == 1
    assert told in ended.stderr


def test_administrators_kept_to_a_network_behind_a_named_proxy_are_accepted(tmp_path: Path) -> None:
    named = {"ADMIN_NETWORKS": "10.1.2.0/24", "TRUSTED_PROXIES": "127.0.0.1", "SECOND_FACTOR": "required"}

    ended = manage("check", environment=production(tmp_path, **named))

    assert ended.returncode == 0, ended.stderr


def test_serving_another_machine_is_production_whatever_the_database(tmp_path: Path) -> None:
    ended = manage("check", environment=first_look(tmp_path, ALLOWED_HOSTS="10.1.2.3"))

    assert ended.returncode == 1
    assert "必须设置环境变量 DATABASE_URL。" in ended.stderr


def test_the_web_does_not_start_in_production_before_static_files_are_collected(tmp_path: Path) -> None:
    ended = run(*GUNICORN, environment=production(tmp_path))

    assert ended.returncode != 0
    assert "静态文件尚未收集" in ended.stderr


def test_a_short_secret_shared_with_another_system_stops_the_start_without_being_shown(tmp_path: Path) -> None:
    wrong = manage(
        "check", environment=first_look(tmp_path, WEBHOOK_SECRET_PORTAL="hunter2", WEBHOOK_HOSTS="https://h")
    )
    right = manage("check", environment=first_look(tmp_path, WEBHOOK_SECRET_PORTAL="x" * 32, WEBHOOK_HOSTS="h:8443"))

    told = wrong.stdout + wrong.stderr
    assert wrong.returncode != 0 and "config.E041" in told and "config.E040" in told
    assert "WEBHOOK_SECRET_PORTAL 太短" in told and "hunter2" not in told
    assert right.returncode == 0, right.stderr
