"""What is shipped for deploying agrees with the program: units, nginx, environment, scripts, guide."""

import ast
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from config import webserver
from tests.rigs.commands import manage, production

FOLDER: Path = settings.ROOT / "config" / "deployment"
UNITS = sorted((FOLDER / "units").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
SCRIPTS = ("install", "upgrade", "dingban", "steps.sh")
# Read by the web server itself, not by the settings.
OF_GUNICORN = {"GUNICORN_CMD_ARGS", "FORWARDED_ALLOW_IPS"}
GUIDE = (FOLDER / "README.md").read_text()


def lines(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if line and not line.startswith(("[", "#")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def command(unit: Path) -> str:
    return lines(unit)["ExecStart"][0].removeprefix("/opt/dingban/current/.venv/bin/")


def variables_of_the_settings() -> set[str]:
    """The names the settings read from the environment; those of a prefix as the prefix."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse((settings.ROOT / "config" / "settings.py").read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "environment"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def example() -> dict[str, str]:
    named = re.findall(r"(?m)^#?([A-Z][A-Z_]*[^=\s]*)=(.*)$", (FOLDER / "environment.example").read_text())
    return {name: " ".join(shlex.split(value)) for name, value in named}


def test_the_example_names_every_variable_there_is_and_no_other() -> None:
    named = {re.sub(r"_SECRET_.*", "_SECRET_", name) for name in example()}

    assert named - OF_GUNICORN == variables_of_the_settings()
    assert named >= OF_GUNICORN


def test_what_the_example_says_is_accepted_as_production_once_secrets_are_filled_in(tmp_path: Path) -> None:
    said = {
        name: value for name, value in example().items()
        if value and name not in OF_GUNICORN | {"DATA_DIR", "FONT_DIR", "RETENTION_FILE", "DEBUG"}
    }  # fmt: skip

    ended = manage("check", "--deploy", "--fail-level", "WARNING", environment=production(tmp_path, **said))

    assert ended.returncode == 0, ended.stderr


def test_the_guide_names_the_commands_of_the_units() -> None:
    assert {command(unit) for unit in SERVICES} <= set(re.findall(r"`([^`\n]+)`", GUIDE))
    assert len(SERVICES) == 4 and "config/deployment/README.md" in (settings.ROOT / "README.md").read_text()


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_may_do_no_more_than_it_must(unit: Path) -> None:
    said = lines(unit)

    assert said["User"] == said["Group"] == ["dingban"]
    assert said["UMask"] == ["0077"] and said["CapabilityBoundingSet"] == [""]
    assert said["ProtectSystem"] == ["strict"]
    written = ["/var/lib/dingban"] + (["/var/backups/dingban"] if "backup" in unit.name else [])
    assert said["ReadWritePaths"][0].split() == written
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert said[name] == ["yes"]
    assert said["EnvironmentFile"] == ["/etc/dingban/environment"]


def test_what_must_live_lives_again_and_beat_is_one() -> None:
    living = [unit for unit in SERVICES if "backup" not in unit.name]

    assert [lines(unit)["Restart"] for unit in living] == [["always"]] * 3
    assert [lines(unit)["WantedBy"] for unit in living] == [["multi-user.target"]] * 3
    assert sum("beat" in command(unit) for unit in SERVICES) == 1
    # A worker that is told to stop has the time to finish what it does.
    assert int(lines(FOLDER / "units" / "dingban-worker.service")["TimeoutStopSec"][0]) >= 60


def test_the_units_run_what_there_is() -> None:
    words = {unit.stem: shlex.split(command(unit)) for unit in SERVICES}

    assert words["dingban-web"][:3] == ["gunicorn", "--config", "python:config.webserver"]
    assert words["dingban-worker"][:4] == words["dingban-beat"][:4] == ["celery", "--quiet", "--app", "config"]
    assert words["dingban-backup"][:3] == ["python", "manage.py", "backup"]


def test_nginx_hands_on_what_the_program_believes() -> None:
    site = (FOLDER / "nginx.conf").read_text()

    assert f"server {webserver.bind};" in site
    # Set, not appended to what the browser says of itself.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in site and "$proxy_add_x_forwarded_for" not in site
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in site
    # With its port, or a form sent to another than 443 would be taken for another site's.
    assert "proxy_set_header Host $http_host;" in site
    waits = re.search(r"proxy_read_timeout (\d+)s", site)
    assert waits and int(waits[1]) > webserver.timeout
    size = re.search(r"client_max_body_size (\d+)m", site)
    assert size and int(size[1]) > max(settings.EVIDENCE_MB_AT_MOST, settings.API_INTAKE_MB_AT_MOST)
    assert f"location /{settings.STATIC_URL.strip('/')}/ {{\n        alias /var/lib/dingban/static/;" in site


def test_every_command_the_scripts_run_is_there() -> None:
    text = "".join((FOLDER / script).read_text() for script in SCRIPTS)
    run = set(re.findall(r"(?m)(?:^|\s|\()(?:UMASK=\d+ )?(?:RELEASE=\S+ )?manage ([a-z_]+)", text))

    assert run >= {"migrate", "plan_roles", "load_catalogue", "plan_timetable", "collectstatic", "check", "backup"}
    assert run <= set(get_commands())
    assert {"found", "restore", "verify_seals", "digest"} <= set(get_commands())


@pytest.mark.parametrize("script", [*SCRIPTS[:3], "try"])
def test_a_script_may_be_run_and_can_be_read(script: str) -> None:
    file = FOLDER / script

    assert file.stat().st_mode & 0o111
    if script == "try":
        ast.parse(file.read_text())
        return
    assert "set -" in file.read_text()
    read = subprocess.run(["bash", "-n", str(file)], capture_output=True, text=True)
    assert (read.returncode, read.stderr) == (0, "")


def test_everything_shipped_follows_the_folders_it_is_installed_into(tmp_path: Path) -> None:
    program = f"""
set -euo pipefail
. {FOLDER}/steps.sh
HOST_NAME=example.test
for file in nginx.conf dingban environment.example units/*; do
    fill "$SHIPPED/$file" "{tmp_path}/$(basename "$file")" 0600
done
"""
    elsewhere = {
        "HOME_DIR": "/srv/p", "SETTINGS_DIR": "/srv/s", "STATE_DIR": "/srv/d", "BACKUP_DIR": "/srv/b", "ACCOUNT": "office",
        "WEB_PORT": "9000", "HTTPS_PORT": "8443", "HTTP_PORT": "8080", "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    program = program.replace("units/*", " ".join(f"units/{unit.name}" for unit in UNITS))

    subprocess.run(["bash", "-c", program], check=True, env=elsewhere, cwd=FOLDER)

    texts = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert len(texts) == 3 + len(UNITS)
    for name, text in texts.items():
        assert not re.search(r"/opt/dingban|/etc/dingban|/var/(lib|backups)/dingban|=dingban$|:8000", text, re.M), name
    assert "listen [::]:8443 ssl" in texts["nginx.conf"] and "server_name example.test" in texts["nginx.conf"]
    assert "User=office" in texts["dingban-web.service"] and "runuser -u office" in texts["dingban"]
