"""The pages: asking, the list, deciding."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from cases.models import Officer, Role
from config.today import today
from supervision.exports.gate import sign
from supervision.exports.models import ExportRequest, RequestState
from supervision.exports.rules import Why
from supervision.exports.services import Export, approve_export
from tests.cases.factories import make_officer
from tests.supervision.exports.factories import AT, LIST, Desk, ask


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def asking(officer: Officer, export: Export = LIST, why: Why = Why.MANY) -> str:
    return f"{reverse('exports:ask')}?{urlencode({'of': sign(export, why, officer)})}"


def address(row: ExportRequest) -> str:
    return reverse("exports:request", args=(row.pk,))


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_the_page_says_why_and_what_and_takes_a_purpose(desk: Desk) -> None:
    client = browser(desk.asker)
    page = text(client, asking(desk.asker))
    assert "共 1200 行，超过不经审批可以导出的 1000 行" in page and LIST.path in page

    wrong = client.post(asking(desk.asker), {"purpose": " "})
    assert wrong.status_code == 422 and not ExportRequest.objects.exists()
    client.post(asking(desk.asker), {"purpose": "年度核对"})

    row = ExportRequest.objects.get()
    assert (row.purpose, row.rows, row.reason, row.unit) == ("年度核对", 1200, "many", desk.asker.unit)
    again = client.post(asking(desk.asker), {"purpose": "年度核对"})
    assert again.status_code == 422 and ExportRequest.objects.count() == 1
    assert "正在等审批" in text(client, asking(desk.asker))


def test_a_sensitive_kind_says_what_makes_it_so(desk: Desk) -> None:
    page = text(browser(desk.asker), asking(desk.asker, replace(LIST, what="回访短信名单", rows=4), Why.SENSITIVE))

    assert "可以代替当事人作答" in page


def test_what_has_grown_since_it_was_approved_says_so(desk: Desk) -> None:
    approve_export(request=ask(desk), by=desk.leader, at=AT)

    page = text(browser(desk.asker), asking(desk.asker, replace(LIST, rows=2000)))

    assert "以前同意的是 1200 行，现在是 2000 行" in page


def test_what_another_pressed_or_nobody_did_cannot_be_asked_for(desk: Desk) -> None:
    client = browser(desk.legal)

    for path in (asking(desk.asker), reverse("exports:ask"), f"{reverse('exports:ask')}?of=x"):
        answer = client.post(path, {"purpose": "年度核对"}, follow=True)
        assert "再点一次导出" in answer.content.decode()

    assert not ExportRequest.objects.exists()


def test_who_decides_approves_or_refuses_on_the_page_and_is_told_what_is_wrong(desk: Desk) -> None:
    row, client = ask(desk), browser(desk.leader)
    assert 'value="approve"' in text(client, address(row))

    wrong = client.post(address(row), {"act": "refuse", "answer": ""})
    assert wrong.status_code == 422 and "请写明理由" in wrong.content.decode()
    client.post(address(row), {"act": "approve", "answer": "可以"})

    row.refresh_from_db()
    assert (row.state, row.decider, row.answer) == (RequestState.APPROVED, desk.leader, "可以")
    shown = text(browser(desk.asker), address(row))
    assert "还可以下载 3 次" in shown and f'href="{LIST.path}"' in shown
    # Who may not take it is not offered it.
    assert f'href="{LIST.path}"' not in text(client, address(row))


@pytest.mark.parametrize(("who", "status"), [("asker", 422), ("head", 404), ("stranger", 404), ("auditor", 403)])
def test_nobody_else_decides(desk: Desk, who: str, status: int) -> None:
    row = ask(desk)

    answer = browser(getattr(desk, who)).post(address(row), {"act": "approve", "answer": ""})

    row.refresh_from_db()
    assert (answer.status_code, row.state) == (status, RequestState.ASKED)


def test_the_asker_withdraws_and_an_unknown_act_is_none(desk: Desk) -> None:
    row, client = ask(desk), browser(desk.asker)
    assert client.post(address(row), {"act": "x"}).status_code == 404
    assert 'value="withdraw"' in text(client, address(row))

    client.post(address(row), {"act": "withdraw"})

    row.refresh_from_db()
    assert row.state == RequestState.WITHDRAWN


@pytest.mark.parametrize(
    ("who", "query", "found"),
    [
        ("asker", "mine=1", 2),
        ("asker", "mine=decide", 1),
        ("legal", "mine=decide", 2),
        ("legal", "mine=1", 0),
        ("leader", "state=usable", 1),
        ("leader", "state=asked", 2),
        ("leader", "state=over", 0),
        ("leader", f"asker={'100004'}", 1),
        ("auditor", "", 3),
        ("stranger", "", 0),
    ],
)
def test_the_list_is_cut_to_who_looks_and_narrowed(desk: Desk, who: str, query: str, found: int) -> None:
    ask(desk)
    approve_export(request=ask(desk, query="a=1"), by=desk.leader, at=AT)
    ask(desk, by=desk.head)

    page = text(browser(getattr(desk, who)), f"{reverse('exports:requests')}?{query}")

    assert f"共 <b>{found}</b> 条" in page


def test_an_empty_list_says_what_fills_it(desk: Desk) -> None:
    assert "点“导出”就会转到申请页" in text(browser(desk.asker), reverse("exports:requests"))


def test_the_list_asks_the_same_number_of_questions_for_one_request_and_for_three(desk: Desk) -> None:
    client, path = browser(desk.leader), reverse("exports:requests")
    ask(desk)
    client.get(path)

    with CaptureQueriesContext(connection) as one:
        client.get(path)
    ask(desk, query="a=1")
    ask(desk, by=desk.head)
    with CaptureQueriesContext(connection) as three:
        page = client.get(path).content.decode()

    assert page.count("data-href") == 3
    assert len(one) == len(three)


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN])
def test_the_other_administrators_open_nothing(desk: Desk, role: Role) -> None:
    row, client = ask(desk), browser(make_officer("900001", desk.bureau.county, role))

    found = {client.get(path).status_code for path in (reverse("exports:requests"), address(row), asking(desk.asker))}

    assert found == {403}


def test_what_waits_stands_on_the_workbench_of_who_decides(desk: Desk) -> None:
    row = ask(desk)

    def waits(officer: Officer) -> list[Any]:
        groups = today(Officer.objects.get(pk=officer.pk), AT)
        return [thing.link for group in groups if group.name == "导出申请待我审批" for thing in group.things]

    assert [waits(one) for one in (desk.leader, desk.asker, desk.head)] == [[address(row)], [], []]
