"""What follows from the environment."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.rigs.commands import first_look, production, run

READ = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in %r}, default=str))
"""


def read(*names: str, environment: dict[str, str]) -> dict[str, Any]:
    ended = run(sys.executable, "-c", READ % (names,), environment=environment)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_a_first_look_shows_no_internals_and_serves_this_machine_only(tmp_path: Path) -> None:
    found = read("DEBUG", "ALLOWED_HOSTS", "PRODUCTION", "WHITENOISE_USE_FINDERS", environment=first_look(tmp_path))

    assert found == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "PRODUCTION": False,
        "WHITENOISE_USE_FINDERS": True,
    }


def test_a_first_look_needs_no_phone_and_production_does(tmp_path: Path) -> None:
    names = ("SECOND_FACTOR", "ADMIN_NETWORKS", "TRUSTED_PROXIES", "PASSWORD_DAYS", "SESSIONS_AT_ONCE")

    first, bureau = read(*names, environment=first_look(tmp_path)), read(*names, environment=production(tmp_path))

    assert (first["SECOND_FACTOR"], bureau["SECOND_FACTOR"]) == ("optional", "required")
    assert (bureau["ADMIN_NETWORKS"], bureau["TRUSTED_PROXIES"]) == ([], [])
    assert (bureau["PASSWORD_DAYS"], bureau["SESSIONS_AT_ONCE"]) == (90, 3)


def test_serving_others_means_https(tmp_path: Path) -> None:
    names = ("PRODUCTION", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")

    assert set(read(*names, environment=production(tmp_path)).values()) == {True}


def test_postgresql_on_this_machine_alone_is_production_without_https(tmp_path: Path) -> None:
    environment = production(tmp_path, ALLOWED_HOSTS="localhost")

    assert read("PRODUCTION", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", environment=environment) == {
        "PRODUCTION": True,
        "SECURE_SSL_REDIRECT": False,
        "SESSION_COOKIE_SECURE": False,
    }


def test_a_folder_with_blanks_and_chinese_holds_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "数据 a+b#1"

    found = read("DATABASES", environment=first_look(folder))

    assert found["DATABASES"]["default"]["NAME"] == str(folder / "dingban.sqlite3")


def test_other_commands_find_the_redis_that_serve_started(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "redis.port").write_text("17123")

    found = read("REDIS_URL", "CELERY_BROKER_URL", environment=first_look(tmp_path))

    assert set(found.values()) == {"redis://127.0.0.1:17123/0"}


@pytest.mark.skipif(settings.POSTGRESQL, reason="what SQLite needs")
@pytest.mark.django_db
def test_sqlite_is_opened_for_several_processes() -> None:
    with connection.cursor() as cursor:
        found = {}
        for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys"):
            cursor.execute(f"PRAGMA {name}")
            found[name] = cursor.fetchone()[0]

    assert found == {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 30_000, "foreign_keys": 1}
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.skipif(not settings.POSTGRESQL, reason="proves that the PostgreSQL run is one")
@pytest.mark.django_db
def test_the_postgresql_run_is_on_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")

        assert cursor.fetchone()[0].startswith("PostgreSQL")


def test_tasks_survive_a_worker() -> None:
    assert settings.CELERY_TASK_ACKS_LATE is True
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] == 6 * 3600
