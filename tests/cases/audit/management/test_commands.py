"""The commands of the audit: what they print, and their exit status."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cases.audit.models import Way, WayOut
from cases.audit.services import note_way_out
from tests.cases.factories import Bureau, make_officer
from tests.rigs.ledgers import guards_lifted

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def take_out(count: int = 3, days_ago: int = 0) -> list[WayOut]:
    at = timezone.now() - timedelta(days=days_ago)
    return [note_way_out(way=Way.EXPORT, what="表", by=None, at=at) for _ in range(count)]


def test_sealing_says_what_it_sealed_and_where_the_chain_stands() -> None:
    take_out()

    document = json.loads(run("seal", "--json"))

    assert document["rows"] == 3 and document["number"] == document["seals"] == 1
    assert "封存 0 行" in run("seal") and document["chain"] in run("seal")


def test_a_chain_that_holds_is_said_to_hold() -> None:
    take_out()
    run("seal")
    take_out(1)

    document = json.loads(run("verify_seals", "--json"))

    assert (document["holds"], document["seals"], document["rows"], document["unsealed"]) == (True, 1, 3, 1)
    assert "封存链完好" in run("verify_seals")


def test_a_chain_that_does_not_hold_names_the_row_in_words_and_in_json() -> None:
    rows = take_out()
    run("seal")
    with guards_lifted(connection):
        WayOut.objects.filter(pk=rows[1].pk).update(what="改")
    out = StringIO()

    with pytest.raises(CommandError, match=f"第 {rows[1].pk} 行被改动") as caught:
        call_command("verify_seals", "--json", stdout=out)

    assert caught.value.returncode == 1
    [trouble] = json.loads(out.getvalue())["troubles"]
    assert (trouble["fault"], trouble["table"], trouble["row"], trouble["seal"]) == (
        "altered", "audit_wayout", rows[1].pk, 1,
    )  # fmt: skip


def test_an_anchor_is_asked_for_as_it_is_printed() -> None:
    take_out()
    chain = json.loads(run("seal", "--json"))["chain"]
    printed = " ".join(chain[at : at + 8] for at in range(0, 64, 8))

    assert "封存链完好" in run("verify_seals", "--anchor", printed)
    with pytest.raises(CommandError, match="锚值不在链上"):
        run("verify_seals", "--anchor", "0" * 64)


def test_a_missing_trigger_is_named() -> None:
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else ' ON "cases_event"'
        cursor.execute(f"DROP TRIGGER cases_event_no_delete{on}")

    with pytest.raises(CommandError, match="cases_event触发器缺失"):
        run("verify_seals")


def test_who_removes_must_be_named(bureau: Bureau, settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 200
    make_officer("1", bureau.legal)
    make_officer("2", bureau.legal)
    take_out(days_ago=201)
    run("seal")

    two = ("--by", "1", "--confirmed-by", "2")
    for words in ((), ("--by", "nobody"), ("--by", "1"), ("--by", "1", "--confirmed-by", "1")):
        with pytest.raises(CommandError) as caught:
            run("remove_old_logs", *words)
        assert caught.value.returncode == 2
    assert "可以清理 3 行" in run("remove_old_logs", "--dry-run")
    assert json.loads(run("remove_old_logs", *two, "--json"))["rows"]["audit_wayout"] == 3
    assert "封存链完好" in run("verify_seals")


@pytest.mark.parametrize("since", ["0", "-3"])
def test_a_seal_that_cannot_be_is_refused(since: str) -> None:
    with pytest.raises(CommandError) as caught:
        run("verify_seals", "--from", since)

    assert caught.value.returncode == 2
