"""What rooms above can do about a matter, on its page, for whoever may."""

import pytest
from django.test import Client

from cases.desk import links
from cases.desk.links import Link, add_button, add_link, buttons_of, links_of
from cases.models import Officer
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_case, record


@pytest.fixture(autouse=True)
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "OF_A_MATTER", [])


def test_a_link_is_there_once_and_for_whoever_has_its_permission(
    bureau: Bureau, catalogue: None, officer: Officer, legal_officer: Officer
) -> None:
    plan_roles()
    case = make_case("A-1", bureau.station, officer)
    add_link(Link("导入", "desk:imports", "cases.add_batch"))
    add_link(Link("导入", "desk:imports", "cases.add_batch"))

    assert links_of(case, legal_officer) == [("导入", f"/imports/?matter={case.pk}")]
    assert links_of(case, officer) == []


def test_a_button_above_the_list_is_for_whoever_may_and_ticks_only_what_is_open_to_all(
    bureau: Bureau, catalogue: None, officer: Officer, legal_officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "OF_SEVERAL", [])
    for _ in range(2):
        add_button(Link("一并导入", "desk:imports", "cases.add_batch"))
    plan_roles()
    open_one = make_case("A1", bureau.station, officer, filed="2026-03-02")
    closed = make_case("A2", bureau.station, officer, filed="2026-03-02")
    record(closed, "closed", "2026-03-03")
    client = Client()

    client.force_login(legal_officer)
    page = client.get("/matters/").content.decode()
    assert page.count('formaction="/imports/"') == 1
    assert f'name="matter" value="{open_one.pk}"' in page and f'name="matter" value="{closed.pk}"' not in page
    client.force_login(officer)
    assert 'name="matter"' not in client.get("/matters/").content.decode()
    assert buttons_of(officer) == []
