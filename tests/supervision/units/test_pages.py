"""The pages: proposing, what it would do, deciding, and what was done."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Officer, Unit
from supervision.units.models import Kind, State, UnitChange
from supervision.units.services import carry_out
from tests.cases.factories import make_case
from tests.supervision.units.factories import AT, BEFORE, GROUND, Tree, approved, proposed, some_case

LIST, NEW = "/unit-changes/", "/unit-changes/new/"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: BEFORE)


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def address(row: UnitChange) -> str:
    return reverse("units:change", args=(row.pk,))


def test_from_the_form_to_what_was_done_by_two_administrators(tree: Tree) -> None:
    some_case(tree)
    proposer, decider = browser(tree.proposer), browser(tree.decider)
    assert "没有单位变动" in text(proposer, LIST) and "提出单位变动" in text(proposer, LIST)

    proposer.post(
        NEW,
        {
            "kind": "merger",
            "unit": tree.station.pk,
            "target": tree.sibling.pk,
            "effective_on": "2026-03-06",
            "ground": GROUND,
        },
    )
    row = UnitChange.objects.get()
    page = text(proposer, address(row))
    assert 'value="approve"' not in page and 'value="withdraw"' in page
    assert "其中未办结、移交城东派出所的 1 件" in page and "民警100003（办案单位负责人）" in page
    assert "共 <b>1</b> 条" in text(decider, f"{LIST}?mine=decide")
    waiting = text(decider, "/")
    assert "单位变动待我批准" in waiting and "城关派出所并入城东派出所" in waiting and "2026-03-06 生效" in waiting
    assert "单位变动待我批准" not in text(proposer, "/")
    wrong = decider.post(address(row), {"act": "refuse", "answer": ""})
    assert wrong.status_code == 422 and "请写明理由" in wrong.content.decode()
    decider.post(address(row), {"act": "approve", "answer": "同意"})
    carry_out(at=AT)

    page = text(decider, address(row))
    assert "已实施，核对中" in page and "移交事项" in page and "1 件（仅经办人可见的不计）" in page
    # What has become of the unit is told where units are kept.
    assert "城东派出所" in text(proposer, f"/cases/unit/{tree.station.pk}/change/")


def test_what_is_wrong_with_a_proposal_stands_on_the_form(tree: Tree) -> None:
    answer = browser(tree.proposer).post(
        NEW,
        {
            "kind": "move",
            "unit": tree.station.pk,
            "target": tree.sibling.pk,
            "effective_on": "2026-03-06",
            "ground": GROUND,
        },
    )

    assert answer.status_code == 422 and "层级应当低于上级单位" in answer.content.decode()
    assert not UnitChange.objects.exists()


def test_why_it_was_not_carried_out_is_told(tree: Tree) -> None:
    row = approved(tree, Kind.MOVE)
    UnitChange.objects.filter(pk=row.pk).update(error="邻县公安局已于 2026-03-05 撤并，请选择在用的单位")

    assert "没有实施：邻县公安局已于" in text(browser(tree.proposer), address(row))
    assert "没有实施" in text(browser(tree.proposer), LIST)


def test_the_other_line_reads_the_change_and_not_what_the_unit_holds(tree: Tree) -> None:
    from cases.models import Role
    from tests.cases.factories import make_officer

    row = proposed(tree, Kind.MOVE)
    legal_next_door = make_officer("300001", tree.next_door, Role.LEGAL_OFFICER)

    page = text(browser(legal_next_door), address(row))

    assert "城关派出所由县局划归邻县公安局" in page and "会怎样" not in page
    assert "会怎样" in text(browser(tree.county.legal), address(row))


def test_who_keeps_neither_unit_finds_no_change_and_case_officers_no_page(tree: Tree) -> None:
    from cases.models import Role
    from tests.cases.factories import make_officer

    row = proposed(tree)
    stranger = make_officer("300002", tree.next_door, Role.SECURITY_ADMIN)

    assert browser(stranger).get(address(row)).status_code == 404
    assert "没有单位变动" in text(browser(stranger), LIST)
    assert browser(tree.county.officer).get(LIST).status_code == 403
    assert browser(tree.decider).get(NEW).status_code == 403
    assert browser(tree.proposer).post(address(row), {"act": "approve"}).status_code == 403
    assert UnitChange.objects.get().state == State.PROPOSED


def test_the_form_offers_units_in_force_that_are_his_to_keep(tree: Tree) -> None:
    Unit.objects.filter(pk=tree.sibling.pk).update(valid_until="2026-03-01")

    page = text(browser(tree.proposer), NEW)

    assert "城关派出所" in page and "城东派出所" not in page and "某省公安厅" not in page


def test_the_list_and_the_page_ask_a_fixed_number_of_questions(tree: Tree) -> None:
    client = browser(tree.decider)
    row = proposed(tree)
    asked = []
    for unit in (None, tree.county.branch, tree.sibling):
        if unit is not None:
            proposed(tree, Kind.MOVE, unit=unit)
            make_case(f"N{unit.pk}", tree.station, None, filed="2026-03-02")
        counts = []
        for path in (LIST, address(row)):
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                client.get(path)
            counts.append(len(caught))
        asked.append(counts)

    assert asked[0] == asked[1] == asked[2]


def test_a_unit_that_still_holds_something_is_not_ended_by_filling_in_a_day(tree: Tree) -> None:
    some_case(tree)
    client = browser(tree.proposer)

    answer = client.post(
        f"/cases/unit/{tree.station.pk}/change/",
        {"name": "城关派出所", "short_name": "", "valid_until": "2026-03-04"},
    )

    assert "请到“单位变动”办理撤并" in answer.content.decode()
    tree.station.refresh_from_db()
    assert tree.station.valid_until is None
