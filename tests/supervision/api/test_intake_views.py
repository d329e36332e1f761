"""Rows are sent in: once a key, only of the system's own units, and what is wrong is named."""

import json
import pkgutil
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Batch, Event, Matter, Officer, Refusal
from supervision.api import queries, services
from supervision.api.models import IntakeCall
from supervision.api.services import intake as taking
from tests.cases.factories import Bureau
from tests.supervision.api.calling import Caller, case_of, let_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("platform_mapping")]

PATH = "intake/平台案件"


def row(number: str, unit: str = "X1", filed: Any = "2026-03-02 09:00", **more: Any) -> dict[str, Any]:
    return {"编号": number, "单位": unit, "名称": "某案", "立案": filed, "种类": "案件", **more}


def send(caller: Caller, rows: Any, key: str = "first-key-1", path: str = PATH) -> Any:
    return caller.post(path, {"rows": rows}, headers={"Idempotency-Key": key})


def test_rows_come_in_as_a_batch_with_their_clocks(bureau: Bureau, county: Caller) -> None:
    answer = send(county, [row("案1"), row("案2", "X2", 更多=None)])

    told = answer.json()
    assert answer.status_code == 200, told
    assert (told["state"], told["matters_new"], told["events_new"], told["refused"]) == ("loaded", 2, 2, [])
    assert set(Matter.objects.values_list("number", "unit__code")) == {("案1", "X1"), ("案2", "X2")}
    assert Batch.objects.get().pk == told["batch"] and county.token.prefix in Batch.objects.get().file_name


def test_a_refused_row_is_named_and_the_others_come_in(bureau: Bureau, county: Caller) -> None:
    told = send(county, [row("案1"), row("案2", filed="昨天"), row("", "X1")]).json()

    assert (told["rows_loaded"], told["rows_refused"]) == (1, 2)
    assert [(one["row"], one["column"]) for one in told["refused"]] == [(2, "立案"), (3, "编号")]
    assert all(one["reason"] and one["way_out"] for one in told["refused"])
    again = county.get(f"batches/{told['batch']}").json()
    assert [(one["row"], one["column"]) for one in again["refused"]] == [(2, "立案"), (3, "编号")]
    assert again["matters_new"] == 1


def test_the_same_call_twice_is_done_once_and_answered_alike(bureau: Bureau, county: Caller) -> None:
    first, second = (send(county, [row("案1"), row("案2", filed="昨天")]) for _ in range(2))

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert "Idempotent-Replayed" not in first and second["Idempotent-Replayed"] == "true"
    assert (Batch.objects.count(), Matter.objects.count(), Refusal.objects.count()) == (1, 1, 1)


def test_a_key_is_for_one_body(bureau: Bureau, county: Caller, security: Officer) -> None:
    send(county, [row("案1")])

    other = send(county, [row("案2")])
    neighbour = send(let_in(bureau.county, security), [row("案3")])

    assert (other.status_code, other.json()["code"]) == (409, "other_body")
    assert neighbour.status_code == 200
    assert set(Matter.objects.values_list("number", flat=True)) == {"案1", "案3"}


def test_a_call_in_flight_is_not_made_again_until_it_is_given_up(bureau: Bureau, county: Caller) -> None:
    send(county, [row("案1")])
    call = IntakeCall.objects.all()
    call.update(state="in_flight", status=None, answer=None, batch=None, at=timezone.now())

    waiting = send(county, [row("案1")])
    call.update(at=timezone.now() - timedelta(minutes=16))
    taken_over = send(county, [row("案1")])

    assert (waiting.status_code, waiting.json()["code"]) == (409, "in_flight")
    assert (taken_over.status_code, taken_over.json()["rows_unchanged"]) == (200, 1)
    assert Matter.objects.count() == 1 and call.get().state == "answered"


def test_a_call_that_broke_may_be_made_again(bureau: Bureau, county: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    given = {"token": county.token, "mapping": "平台案件", "rows": [row("案1")], "key": "first-key-1"}
    with monkeypatch.context() as broken:
        broken.setattr(taking, "load_file", breaks)
        with pytest.raises(RuntimeError):
            services.take_in(**given, at=timezone.now())

    assert not IntakeCall.objects.exists()
    assert services.take_in(**given, at=timezone.now()).status == 200


class Killed(BaseException):
    """What nothing in the house catches: as if the process were no more."""


@pytest.mark.parametrize(
    ("place", "name", "at_call"),
    [
        ("supervision.api.services.intake", "write_sheet", 1),
        ("supervision.api.services.intake", "load_file", 1),
        ("cases.intake.loading._Import", "go_through", 1),
        ("cases.intake.loading._Chunk", "_write_events", 1),
        ("cases.intake.loading._Chunk", "_write_events", 2),
        ("cases.intake.loading._Import", "end", 1),
        ("supervision.api.services.intake", "_told", 1),
    ],
)
def test_a_call_that_was_killed_is_done_once_by_the_next_try(
    bureau: Bureau, county: Caller, monkeypatch: pytest.MonkeyPatch, place: str, name: str, at_call: int
) -> None:
    monkeypatch.setattr("cases.intake.loading.CHUNK", 1)
    rows = [row("案1"), row("案2"), row("案3", filed="昨天")]
    given = {"token": county.token, "mapping": "平台案件", "rows": rows, "key": "first-key-1"}
    begun = timezone.now()
    calls = []

    with monkeypatch.context() as killing:
        original = pkgutil.resolve_name(
            f"{place}:{name}" if "._" not in place else f"{place.replace('._', ':_')}.{name}"
        )

        def killed(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            if len(calls) == at_call:
                raise Killed
            return original(*args, **kwargs)

        killing.setattr(f"{place}.{name}", killed)
        with pytest.raises(Killed):
            services.take_in(**given, at=begun)

    soon = services.take_in(**given, at=begun + timedelta(minutes=1))
    later = services.take_in(**given, at=begun + timedelta(minutes=15))
    again = services.take_in(**given, at=begun + timedelta(minutes=16))

    assert (soon.status, soon.body["code"]) == (409, "in_flight")
    assert (later.status, later.body["state"], later.body["rows_refused"]) == (200, "loaded", 1)
    assert later.body["rows_loaded"] + later.body["rows_unchanged"] == 2
    assert (again.status, again.body, again.again) == (200, later.body, True)
    assert sorted(Matter.objects.values_list("number", flat=True)) == ["案1", "案2"]
    assert Event.objects.count() == 2
    assert not Batch.objects.filter(state="loading").exists()


def test_the_same_key_while_the_first_call_is_under_way_is_told_to_wait(
    bureau: Bureau, county: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: list[Any] = []
    load = taking.load_file

    def loading(*args: Any, **kwargs: Any) -> Any:
        if not meanwhile:
            meanwhile.append(send(county, [row("案1")]))
        return load(*args, **kwargs)

    monkeypatch.setattr(taking, "load_file", loading)
    first = send(county, [row("案1")])

    assert (first.status_code, meanwhile[0].status_code, meanwhile[0].json()["code"]) == (200, 409, "in_flight")
    assert Batch.objects.count() == 1


def test_what_was_refused_as_a_whole_is_refused_again_under_its_key_and_a_table_that_is_none_uses_up_no_key(
    bureau: Bureau, county: Caller
) -> None:
    assert send(county, "x").status_code == 422
    assert not IntakeCall.objects.exists()
    first, again = (send(county, [{"编号": "案1"}]) for _ in range(2))

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 422 and again["Idempotent-Replayed"] == "true"


def test_what_a_system_sent_in_when_is_on_record(bureau: Bureau, county: Caller) -> None:
    batch = send(county, [row("案1"), row("案2", filed="昨天")]).json()["batch"]
    send(county, [row("案3")])
    county.get(f"batches/{batch}")

    told = [(one.what, one.rows, one.asked, one.by) for one in queries.answers_to(county.token).order_by("pk")]
    assert told == [
        ("接口送入平台案件：综合办案平台", 2, "来自 127.0.0.1 幂等键 first-key-1 答复 200", None),
        ("接口送入平台案件：综合办案平台", None, "来自 127.0.0.1 幂等键 first-key-1 答复 409", None),
        (f"接口批次{batch}：综合办案平台", 1, "来自 127.0.0.1", None),
    ]


def test_a_preview_writes_nothing_and_leaves_the_key_free(bureau: Bureau, county: Caller) -> None:
    preview = send(county, [row("案1"), row("案2", "nowhere")], path=f"{PATH}?dry_run=true").json()

    assert (preview["dry_run"], preview["batch"], preview["matters_new"], preview["rows_refused"]) == (True, None, 1, 1)
    assert not Matter.objects.exists() and not Batch.objects.exists() and not IntakeCall.objects.exists()
    assert send(county, [row("案3")]).status_code == 200


@pytest.mark.parametrize(
    ("unit", "taken"),
    [("X1", True), ("X2", False), ("X", False), ("Y1", False)],
    ids=["own", "sibling", "parent", "next"],
)
def test_rows_come_in_for_the_systems_own_units_only(bureau: Bureau, security: Officer, unit: str, taken: bool) -> None:
    told = send(let_in(bureau.station, security), [row("案1", unit)]).json()

    assert Matter.objects.exists() is taken
    assert [one["column"] for one in told["refused"]] == ([] if taken else ["单位"])


def test_a_row_neither_touches_nor_tells_of_a_matter_elsewhere(bureau: Bureau, security: Officer) -> None:
    elsewhere = case_of("案1", bureau.other_station)

    told = send(let_in(bureau.station, security), [row("案1", filed="2026-03-05 09:00")])

    assert Event.objects.filter(matter=elsewhere).count() == 1
    assert [one["column"] for one in told.json()["refused"]] == ["编号"]
    assert "河口" not in told.content.decode() and "2026-03-02" not in told.content.decode()


def test_what_only_named_handlers_see_is_not_sent_in(bureau: Bureau, county: Caller) -> None:
    told = send(county, [row("信1", 种类="来信")]).json()

    assert [one["column"] for one in told["refused"]] == ["种类"] and not Matter.objects.exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("x", "rows 是一个列表"),
        ([], "没有一行"),
        ([["a"]], "第1行不是对象"),
        ([row("案1", 名称={"a": 1})], "第1行“名称”只能是文字"),
        ([row("案1"), row("案2", 名称="\0")], "第2行“名称”含有不能保存的字符"),
        ([row("案1", 名称="字" * 10_001)], "10001 个字"),
        ([{"": "x"}], "列名是空的"),
        ([{"编号": "案1"}], "所需的列"),
        ([{}] * 5001, "一次最多 5000 行"),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(bureau: Bureau, county: Caller, rows: Any, said: str) -> None:
    answer = send(county, rows)

    assert answer.status_code == 422 and said in answer.json()["message"]
    assert not Matter.objects.exists() and not Batch.objects.exists()


@pytest.mark.parametrize(("path", "named"), [("没有的", "没有的"), ("%00平台案件", "\ufffd平台案件")])
def test_a_mapping_that_there_is_not_is_named(county: Caller, path: str, named: str) -> None:
    answer = send(county, [row("案1")], path=f"intake/{path}")

    assert answer.status_code == 422 and f"没有名为“{named}”的对应表" in answer.json()["message"]


@pytest.mark.parametrize("key", ["", "short", "空格 不行的键", "x" * 65])
def test_a_key_is_asked_for(county: Caller, key: str) -> None:
    answer = county.post(PATH, {"rows": [row("案1")]}, headers={"Idempotency-Key": key.encode().decode("latin-1")})

    assert answer.status_code == 400 and "幂等键" in answer.json()["fields"]["Idempotency-Key"][0]
    assert not Matter.objects.exists()


def test_a_body_that_is_too_large_is_not_read(county: Caller, settings: Any) -> None:
    settings.API_INTAKE_MB_AT_MOST = 0

    assert send(county, [row("案1")]).json()["code"] == "too_large"


def test_a_body_that_does_not_say_how_long_it_is_is_not_read(county: Caller) -> None:
    headers = {"Authorization": f"Bearer {county.shown}", "Idempotency-Key": "first-key-1"}
    body = json.dumps({"rows": [row("案1")]})

    answer = Client().post(f"/api/v1/{PATH}", body, "application/json", headers=headers, CONTENT_LENGTH="")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_fields") and not Matter.objects.exists()


@pytest.mark.parametrize("body", ["{", "[" * 100_000, '{"rows": [NaN]}', '{"rows": ' + "9" * 5000 + "}", "\ufeff{}"])
def test_broken_json_is_said_in_chinese(county: Caller, body: str) -> None:
    answer = county.post(PATH, body, headers={"Idempotency-Key": "first-key-1"})

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_json")


def test_who_may_not_send_in_may_not_look_at_batches(bureau: Bureau, county: Caller, security: Officer) -> None:
    reader = let_in(bureau.county, security, scopes=["matters:read"])
    batch = send(county, [row("案1")]).json()["batch"]

    assert send(reader, [row("案2")]).status_code == 403
    assert reader.get(f"batches/{batch}").status_code == 403
    assert let_in(bureau.county, security).get(f"batches/{batch}").status_code == 404
    assert county.get("batches/9999999999999999999999").status_code == 404
