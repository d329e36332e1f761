"""What rooms above can do about a matter, on its page, for whoever may."""

import pytest

from cases.desk import links
from cases.desk.links import Link, add_link, links_of
from cases.models import Officer
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_case


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
