"""The menu holds what an officer may open, marks where he is, and the frame asks nobody outside."""

import re

import pytest
from django.test import Client

from cases.models import Officer, Role
from cases.roles import plan_roles
from config.theme import MENU
from tests.cases.factories import make_bureau, make_officer


@pytest.fixture
def people(db: None) -> dict[Role, Officer]:
    bureau = make_bureau()
    plan_roles()
    return {role: make_officer(f"10{number:04}", bureau.county, role) for number, role in enumerate(Role)}


def menu_of(officer: Officer, address: str = "/") -> str:
    client = Client()
    client.force_login(officer)
    page = client.get(address, follow=True).content.decode()
    return page[page.index('id="nav-sidebar-apps"') : page.index('id="main"')]


def titles(menu: str) -> list[str]:
    known = {item.title for _, items in MENU for item in items}
    return [title for title in re.findall(r"<span>([^<]+)</span>", menu) if title in known]


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.CASE_OFFICER, {"工作台", "预警", "期限", "事项", "期限计算器", "时限"}, {"导入", "通报", "单位", "角色权限"}),
        (Role.LEGAL_OFFICER, {"预警", "事项", "导入", "通报", "信件"}, {"单位", "民警", "任职", "定时任务"}),
        (Role.LEADER, {"预警", "事项", "通报"}, {"导入", "信件", "民警"}),
        (Role.SYSTEM_ADMIN, {"工作台", "单位", "民警", "定时任务"}, {"预警", "期限", "事项", "节点", "任职", "导入"}),
        (Role.SECURITY_ADMIN, {"任职", "角色权限"}, {"预警", "事项", "节点", "定时任务"}),
        (Role.AUDITOR, {"登录记录", "操作记录"}, {"预警", "事项", "民警", "角色权限"}),
    ],
)  # fmt: skip
def test_the_menu_holds_what_a_role_may_open_and_nothing_else(
    people: dict[Role, Officer], role: Role, shown: set[str], hidden: set[str]
) -> None:
    found = set(titles(menu_of(people[role])))

    assert shown <= found
    assert not hidden & found


def test_a_group_without_a_line_leaves_no_heading(people: dict[Role, Officer]) -> None:
    menu = menu_of(people[Role.CASE_OFFICER])

    assert [heading for heading, _ in MENU if heading and f">{heading}" in re.sub(r"\s+", "", menu)] == ["规则", "台账"]


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", "工作台"),
        ("/clocks/", "期限"),
        ("/alerts/", "预警"),
        ("/alerts/alertstep/", "预警台账"),
        ("/limits/", "时限"),
    ],
)
def test_the_line_of_the_page_one_is_on_is_marked_and_no_other(
    people: dict[Role, Officer], address: str, title: str
) -> None:
    menu = menu_of(people[Role.LEGAL_OFFICER], address)

    marked = [part.split("</a>")[0] for part in re.split(r"<a ", menu) if re.search(r'class="[^"]*\bactive"', part)]
    assert [titles(part) for part in marked] == [[title]]


def test_the_number_search_is_on_every_page_of_who_may_see_matters(people: dict[Role, Officer]) -> None:
    def page(role: Role, address: str) -> str:
        client = Client()
        client.force_login(people[role])
        return client.get(address, follow=True).content.decode()

    assert 'id="number-search"' in page(Role.CASE_OFFICER, "/")
    assert 'id="number-search"' in page(Role.CASE_OFFICER, "/cases/ladder/")
    assert 'id="number-search"' not in page(Role.SYSTEM_ADMIN, "/cases/unit/")


@pytest.mark.parametrize("address", ["/login/", "/"])
def test_the_frame_asks_nobody_outside_and_has_no_script_in_the_page(people: dict[Role, Officer], address: str) -> None:
    client = Client()
    if address != "/login/":
        client.force_login(people[Role.LEGAL_OFFICER])

    page = client.get(address).content.decode()

    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []
    assert re.findall(r'\son\w+="', page) == []
