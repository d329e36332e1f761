"""What a line of the log holds, and what it never does."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from config.logs import JsonLines, TextLines, scrubbed, told
from config.webserver import log_as_the_house_does
from supervision.petitions import sealing
from tests.cases.factories import make_bureau, make_officer
from tests.rigs.commands import first_look, manage, production
from tests.supervision.petitions.factories import LI, make_petition, petition_catalogue

NAME, WORD, TOKEN = "欧阳子虚", "Hen-3-Jiandan", "tok-5b1f0c7e9a"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything any logger says, however quiet it is set, as the JSON that would be written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines("Asia/Shanghai"))
    named = [logging.getLogger(name) for name in ("", "django", "config", "config.requests", "cases", "supervision")]
    before = [(one, one.level) for one in named]
    for one in named:
        one.setLevel(logging.DEBUG)
    listening = [logging.getLogger(), logging.getLogger("django")]
    for one in listening:
        one.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    for one in listening:
        one.removeHandler(handler)
    for one, level in before:
        one.setLevel(level)


def one_of(lines: Lines, **wanted: str) -> dict[str, Any]:
    (found,) = [line for line in lines() if wanted.items() <= line.items()]
    return found


# -- a line ------------------------------------------------------------------------------------------------------------


def test_a_line_says_when_how_grave_who_and_what(lines: Lines) -> None:
    logging.getLogger("cases.winding").warning("%d matters\nwait", 3)

    line = one_of(lines, logger="cases.winding")
    assert (line["level"], line["message"]) == ("WARNING", "3 matters\nwait")
    assert line["time"].endswith("+08:00")
    assert abs(datetime.fromisoformat(line["time"]).timestamp() - datetime.now().astimezone().timestamp()) < 60
    assert set(line) == {"time", "level", "logger", "message"}


def test_an_error_is_one_line_with_the_way_to_it_as_a_field(lines: Lines) -> None:
    try:
        raise ValueError("seven")
    except ValueError:
        logging.getLogger("cases").exception("it failed")

    line = one_of(lines, logger="cases")
    assert line["error"] == "ValueError"
    assert line["traceback"].startswith("Traceback") and line["traceback"].endswith("ValueError: seven\n")


def test_only_known_facts_are_added(lines: Lines) -> None:
    logging.getLogger("cases").info("x", extra={"facts": {"status": 200, "body": "secret"}, "body": "secret"})

    line = one_of(lines, logger="cases")
    assert line["status"] == 200 and "secret" not in json.dumps(line)


def test_as_text_a_line_names_its_request_at_the_end_and_the_way_to_an_error_stands_below() -> None:
    record = logging.LogRecord("cases", logging.ERROR, __file__, 1, "failed", None, None)
    record.facts = {"status": 500}
    try:
        raise ValueError("seven")
    except ValueError:
        record.exc_info = sys.exc_info()

    first, *way = TextLines("Asia/Shanghai").format(record).splitlines()

    assert first.endswith(" ERROR cases failed [status=500]")
    assert way[0].startswith("Traceback") and way[-1] == "ValueError: seven"


# -- what never gets in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET /replies/?token=abc&name=张 200", "GET /replies/?… 200"),
        ("postgresql://dingban:geheim@db:5432/x refused", "postgresql://…@db:5432/x refused"),
        ("redis://:geheim@queue/0", "redis://…@queue/0"),
        ("{'username': '031002', 'password': 'geheim'}", "{'username': '031002', 'password': …}"),
        ("Authorization: Bearer geheim", "Authorization: …"),
        ("token=geheim; x", "token=…; x"),
        ("csrfmiddlewaretoken=geheim", "csrfmiddlewaretoken=…"),
        ("duplicate key\nDETAIL:  Key (name)=(张三\n\n李四) exists.", "duplicate key\nDETAIL: …"),
        ("what now? a=1 holds", "what now? a=1 holds"),
        ("letter 7 broke", "letter 7 broke"),
    ],
)
def test_secrets_are_cut_out_and_the_rest_stays(said: str, kept: str) -> None:
    assert scrubbed(said) == kept


@pytest.mark.django_db
def test_a_failing_sign_in_leaves_neither_password_nor_what_was_typed_behind_the_question_mark(
    client: Client, lines: Lines
) -> None:
    client.post(f"/login/?next=/x/%3Ftoken={TOKEN}&name={NAME}", {"username": "031002", "password": WORD})

    written = json.dumps(lines(), ensure_ascii=False)
    assert one_of(lines, logger="config.requests")["view"] == "admin:login"
    assert [word for word in (WORD, TOKEN, NAME) if word in written] == []


@pytest.mark.django_db
def test_the_secret_of_a_calendar_is_no_part_of_any_line(client: Client, lines: Lines) -> None:
    assert client.get(f"/feed/{TOKEN}.ics").status_code == 404

    written = json.dumps(lines(), ensure_ascii=False)
    assert one_of(lines, logger="django.request")["message"] == "Not Found: /feed/<str:secret>.ics"
    assert TOKEN not in written


@pytest.mark.django_db
def test_an_error_on_the_way_through_petitions_tells_where_but_not_what(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(known: dict[str, str], **_: object) -> None:
        raise KeyError(f"{known}")

    petition_catalogue()
    bureau = make_bureau()
    by = make_officer("020001", bureau.legal)
    monkeypatch.setattr(sealing, "seal", broken)
    with pytest.raises(KeyError, match=LI["name"]) as caught:
        make_petition(bureau, by)
    logging.getLogger("django.request").error("Internal Server Error: /petitions/new/", exc_info=caught.value)

    line = one_of(lines, logger="django.request")
    assert line["error"] == "KeyError" and "supervision/petitions" in line["traceback"]
    assert [text for text in LI.values() if text in json.dumps(line, ensure_ascii=False)] == []


def test_an_error_that_another_led_to_keeps_both_to_itself_if_either_came_through_petitions(tmp_path: Path) -> None:
    room = tmp_path / "supervision" / "petitions"
    room.mkdir(parents=True)
    source = f"def work():\n    raise KeyError('{NAME}')\n"
    names: dict[str, Any] = {}
    exec(compile(source, str(room / "x.py"), "exec"), names)
    try:
        try:
            names["work"]()
        except KeyError as error:
            raise ValueError(f"no {NAME}") from error
    except ValueError as error:
        way = told(error, error.__traceback__)

    assert NAME not in way
    assert "KeyError: （原文不记）" in way and "ValueError: （原文不记）" in way and "in work" in way


# -- which request -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("proxy-0123456789", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f g h", False),
        ("张三张三张三张三", False),
    ],
)
def test_a_request_has_an_id_its_own_where_that_is_sane(client: Client, lines: Lines, given: str, kept: bool) -> None:
    answer = client.get("/login/", headers={"X-Request-ID": given.encode().decode("latin-1")})

    number = answer.headers["X-Request-ID"]
    assert (number == given) is kept and len(number) >= 8
    line = one_of(lines, logger="config.requests")
    assert (line["request_id"], line["view"], line["status"], line["method"]) == (number, "admin:login", 200, "GET")
    assert line["seconds"] >= 0 and "user" not in line


@pytest.mark.django_db
def test_whoever_is_signed_in_is_named_by_police_number_alone(client: Client, lines: Lines) -> None:
    officer = make_officer("031002", make_bureau().station)
    client.force_login(officer)

    client.get("/no/such/matter/")

    written = [line for line in lines() if line.get("user")]
    assert {line["user"] for line in written} == {"031002"}
    assert officer.name not in json.dumps(lines(), ensure_ascii=False)


@pytest.mark.django_db
def test_what_machines_ask_all_day_is_told_only_when_it_is_not_well(
    client: Client, lines: Lines, settings: Settings
) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/healthz").status_code == 503

    assert [line["view"] for line in lines() if line["logger"] == "config.requests"] == ["health"]


# -- the processes -----------------------------------------------------------------------------------------------------


def test_production_writes_json_a_first_look_text_and_a_wrong_word_stops_the_start(tmp_path: Path) -> None:
    program = "from django.conf import settings; print(settings.LOG_FORMAT)"

    asked, looked = (
        manage("shell", "--no-imports", "-c", program, environment=one)
        for one in (production(tmp_path), first_look(tmp_path))
    )
    wrong = manage("check", environment=first_look(tmp_path, LOG_FORMAT="xml"))

    assert (asked.stdout.strip(), looked.stdout.strip()) == ("json", "text")
    assert wrong.returncode == 1 and "config.E016" in wrong.stderr


def test_the_web_servers_own_lines_look_like_all_others() -> None:
    server = logging.getLogger("gunicorn.error")
    handler = logging.StreamHandler(io.StringIO())
    server.addHandler(handler)
    ours = logging.StreamHandler(io.StringIO())
    ours.setFormatter(JsonLines("Asia/Shanghai"))
    root = logging.getLogger()
    root.handlers.insert(0, ours)
    try:
        log_as_the_house_does()
        server.error("Worker (pid:7) was sent SIGKILL!")
    finally:
        server.removeHandler(handler)
        root.removeHandler(ours)

    assert json.loads(handler.stream.getvalue())["message"] == "Worker (pid:7) was sent SIGKILL!"


FULL = """
import logging, sys
import django
django.setup()
from django.test import Client
print([Client(SERVER_NAME="localhost").get("/login/").status_code for _ in range(3)], flush=True)
for n in range(2000):
    logging.getLogger("cases").error("line %d", n)
print("went on", flush=True)
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_on_a_full_disk_lines_are_lost_and_nothing_else(tmp_path: Path) -> None:
    environment = first_look(tmp_path, LOG_FORMAT="json", DJANGO_SETTINGS_MODULE="config.settings")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", FULL],
            cwd=django_settings.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            timeout=60,
        )

    assert done.stdout.splitlines() == ["[200, 200, 200]", "went on"]
