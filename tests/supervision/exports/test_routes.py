"""Every list that leaves through a page, each by its own route: over the limit it is asked for, approved it leaves."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.audit.models import WayOut
from cases.models import Batch, BatchState, Officer, Refusal
from cases.roles import plan_roles
from supervision.exports.models import ExportRequest
from supervision.exports.services import approve_export
from tests.supervision.returnvisits.factories import LATER, County, draw, make_county, make_matters
from tests.walls.test_ways_out import LISTS

ROUTES = {
    "导入拒收的行": ("desk:refused_rows", "GET"),
    "回访抽样总体": ("returnvisits:frame", "GET"),
    "回访短信名单": ("returnvisits:messages", "POST"),
}


@pytest.fixture
def county(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    settings.EXPORT_ROWS_FREELY = 1
    plan_roles()
    return make_county()


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def make_batch(county: County) -> int:
    batch = Batch.objects.create(
        file_name="a.csv", digest="0" * 64, mapping="m", source="s", by=county.legal, started_at=LATER,
        finished_at=LATER, state=BatchState.LOADED,
    )  # fmt: skip
    for row in (2, 3):
        Refusal.objects.create(batch=batch, row=row, column="单位", reason="没有这个单位", content={"单位": "ZZ"})
    return batch.pk


def make_round(county: County) -> int:
    make_matters(county)
    return draw(county).pk


MADE: dict[str, Callable[[County], int]] = {
    "导入拒收的行": make_batch,
    "回访抽样总体": make_round,
    "回访短信名单": make_round,
}


def test_every_list_that_leaves_is_tried_here() -> None:
    assert set(ROUTES) == set(MADE) == set(LISTS.values())


@pytest.mark.parametrize("what", ROUTES)
def test_over_the_limit_one_click_leads_to_the_request_and_approved_it_leaves(county: County, what: str) -> None:
    name, method = ROUTES[what]
    path = reverse(name, args=(MADE[what](county),))
    asker = browser(county.legal)

    def press() -> Any:
        return asker.post(path) if method == "POST" else asker.get(path)

    held = press()
    assert held.status_code == 302 and not WayOut.objects.exists()
    page = asker.get(held["Location"]).content.decode()
    assert "这次导出要先经别人同意" in page and what in page
    asker.post(held["Location"], {"purpose": "核对，用后删除"})
    row = ExportRequest.objects.get()
    assert (row.path, row.method, row.what, row.asker) == (path, method, what, county.legal)
    assert press().status_code == 302

    approve_export(request=row, by=county.leader, at=LATER)
    shown = asker.get(reverse("exports:request", args=(row.pk,))).content.decode()
    assert (f'href="{path}"' if method == "GET" else f'action="{path}"') in shown
    taken = press()

    assert taken.status_code == 200 and taken["X-Export-Code"] == WayOut.objects.get().code
    assert browser(county.leader).get(path).status_code in (302, 403, 404, 405)
