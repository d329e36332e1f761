"""The pages: choosing whose and to whom, the preview, the button, the sheet."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError

from cases.models import BarringGround, Officer, Role
from cases.services import bar
from supervision.handovers.gathering import Asked
from supervision.handovers.models import Handover, State
from supervision.handovers.tasks import carry_out_task
from tests.cases.factories import make_case, make_officer
from tests.supervision.handovers.conftest import Opened
from tests.supervision.handovers.factories import AT, OVERDUE, House, begin, carried, case, everything, follow, order

LIST, NEW = "/handovers/", "/handovers/new/"
GROUND = {"reason": "left", "document_number": "人〔2026〕1号", "note": ""}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def ticks(page: str) -> list[str]:
    return re.findall(r'name="pk" value="([^"]+)"', page)


def listed(page: str) -> str:
    found = re.search(r'name="listed" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def previewed(client: Client, house: House, **asked: str) -> tuple[str, dict[str, str]]:
    """The preview of what the leaver has for his colleague, and what was asked."""
    told = {"officer": "100001", "to_unit": str(house.station.pk), "to_officer": "100002", **asked}
    return text(client.post(NEW, {**told, "act": "preview"})), told


def handed_over(client: Client, page: str, told: dict[str, str], **more: Any) -> Any:
    return client.post(NEW, {**told, **GROUND, "act": "hand_over", "listed": listed(page), "pk": ticks(page), **more})


# -- from the button to the sheet --------------------------------------------------------------------------------------


def test_from_the_preview_to_the_sheet(house: House, desk: Opened) -> None:
    everything(house)
    late = case(house, "A-9", filed=OVERDUE)
    client = desk(house.head)

    page, told = previewed(client, house)
    assert "可以移交 事项 3 件、整改 1 件、盯办 1 件" in page
    assert "仅经办人可见的事项请在信访、投诉举报的页面更换经办人" in page
    assert page.index("A-9") < page.index(">A-1<") and "已超期的留在原单位、原经办人名下" in page
    done = handed_over(client, page, told)

    row = Handover.objects.get()
    assert done.status_code == 302 and done["Location"] == f"/handovers/{row.pk}/"
    sheet = text(client.get(done["Location"]))
    assert "已移交 事项 3 件、整改 1 件、盯办 1 件" in sheet and "未移交" not in sheet.partition("<dl")[0]
    late.refresh_from_db()
    assert late.officer == house.taker
    word = client.get(f"/handovers/{row.pk}/sheet.docx")
    assert word.status_code == 200 and word["X-Export-Code"] and word.content.startswith(b"PK")
    assert f"移交〔2026〕{row.pk}号" in text(client.get(LIST))


def test_what_is_unticked_stays_and_what_cannot_go_has_no_tick(house: House, desk: Opened) -> None:
    case(house, "A-1")
    kept, barred = case(house, "A-2"), case(house, "A-3")
    bar(matter=barred, officer=house.taker, ground=BarringGround.INTEREST, by=None, at=AT)
    client = desk(house.head)

    page, told = previewed(client, house)
    assert "1 件不能" in page and f"matter-{barred.pk}" not in page and "已经回避" in page
    handed_over(client, page, told, pk=[one for one in ticks(page) if one != f"matter-{kept.pk}"])

    row = Handover.objects.get()
    assert (row.total, row.moved, row.from_officer, row.to_officer) == (1, 1, house.leaver, house.taker)
    kept.refresh_from_db()
    assert kept.officer == house.leaver


def test_what_moved_since_the_preview_is_named_and_the_rest_is_done(house: House, desk: Opened) -> None:
    case(house, "A-1")
    case(house, "A-2")
    client = desk(house.head)
    page, told = previewed(client, house)
    carried(begin(house, by=house.legal, whose=Asked(matters=(case(house, "A-0").pk,)), to=house.head))
    first = begin(house, by=house.legal, to=house.head)
    carried(first)

    done = client.get(handed_over(client, page, told)["Location"])

    assert "一件也没有移交，2 件未移交" in text(done)
    assert text(done).count("由民警100005移交给城关派出所民警100003") == 2


def test_a_link_from_a_matter_and_pasted_numbers_lead_to_the_same_preview(house: House, desk: Opened) -> None:
    one, other = case(house, "A-1"), case(house, "A-2", officer=house.taker)
    client = desk(house.head)

    linked = text(client.get(f"{NEW}?matter={one.pk}"))
    assert "A-1" in linked and "移交从事项页面选来的 1 件" in linked and "请选接收单位" in linked
    assert f"{NEW}?matter={one.pk}" in text(client.get(f"/matters/{one.pk}/"))
    pasted, told = previewed(client, house, officer="", numbers=f"{one.number}\n{other.number}", to_officer="100003")
    assert ticks(pasted) == [f"matter-{one.pk}", f"matter-{other.pk}"]
    handed_over(client, pasted, told)
    other.refresh_from_db()
    assert other.officer == house.head and Handover.objects.get().from_officer is None


def test_a_whole_unit_goes_to_another_for_its_head_to_distribute(house: House, desk: Opened) -> None:
    everything(house)
    client = desk(house.legal)

    page, told = previewed(
        client, house, officer="", unit=str(house.station.pk), to_unit=str(house.bureau.sibling.pk), to_officer=""
    )
    assert "由负责人分派" in page
    handed_over(client, page, told)

    row = Handover.objects.get()
    assert (row.from_unit, row.to_unit, row.to_officer, row.moved) == (house.station, house.bureau.sibling, None, 3)


# -- more than a page waits for ----------------------------------------------------------------------------------------


def test_more_than_fifty_are_left_to_the_job_and_the_page_says_how_far_it_has_come(
    house: House, desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervision.handovers.rules.AT_ONCE", 2)
    monkeypatch.setattr(carry_out_task, "delay", lambda: None)
    everything(house)
    client = desk(house.head)
    page, told = previewed(client, house)

    done = handed_over(client, page, told)

    row = Handover.objects.get()
    waiting = client.get(done["Location"])
    assert row.state == State.QUEUED and waiting["Refresh"] == "3"
    assert "已办 0%" in text(waiting) and "还没有办（4）" in text(waiting)
    early = client.get(f"/handovers/{row.pk}/sheet.docx", follow=True)
    assert "还没有办完" in text(early)
    carry_out_task()
    assert "Refresh" not in client.get(done["Location"]).headers


def test_where_the_queue_does_not_answer_it_is_kept_for_the_timetable(
    house: House, desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr("supervision.handovers.rules.AT_ONCE", 1)
    monkeypatch.setattr(carry_out_task, "delay", refuse)
    everything(house)
    client = desk(house.head)
    page, told = previewed(client, house)

    assert "后台没有应答" in text(
        client.post(NEW, {**told, **GROUND, "act": "hand_over", "listed": listed(page), "pk": ticks(page)}, follow=True)
    )

    assert carry_out_task() == 4


def test_what_is_not_listed_one_by_one_goes_with_one_tick(
    house: House, desk: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervision.handovers.rules.LISTED", 1)
    for n in range(3):
        case(house, f"A-{n}", filed=f"2026-02-0{n + 1}")
    client = desk(house.head)
    page, told = previewed(client, house)
    assert len(ticks(page)) == 1 and "没有逐件列出的 2 件一并移交" in page

    handed_over(client, page, told, rest="1")

    assert Handover.objects.get().moved == 3


# -- what is wrong is said ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"officer": "999999"}, "没有警号为“999999”的民警，或者其名下没有您可以移交的"),
        ({"officer": "100005"}, "没有警号为“100005”的民警，或者其名下没有您可以移交的"),
        ({"to_officer": "999999"}, "没有警号为“999999”的在用民警"),
        ({"numbers": "A-1 没有的"}, "或者已经办结：没有的"),
        ({"to_unit": "999999"}, "选择一个有效的选项"),
    ],
)
def test_what_was_entered_wrong_is_said_beside_it(house: House, desk: Opened, asked: dict[str, str], told: str) -> None:
    case(house, "A-1")
    client = desk(house.head)
    asking = {"officer": "100001", "to_unit": str(house.station.pk), "to_officer": "100002", **asked}

    answer = client.post(NEW, {**asking, "act": "preview"})

    assert answer.status_code == 422 and told in text(answer)
    assert 'value="hand_over"' not in text(answer) and not Handover.objects.exists()


def test_a_receiver_who_cannot_take_is_said_above_and_there_is_no_button(house: House, desk: Opened) -> None:
    case(house, "A-1")

    page, _ = previewed(desk(house.head), house, to_officer="100005")

    assert "不能移交：民警100005在城关派出所没有任职" in page and 'value="hand_over"' not in page and not ticks(page)


def test_without_a_ground_or_a_tick_nothing_moves_and_nothing_is_lost(house: House, desk: Opened) -> None:
    first, second = case(house, "A-1"), case(house, "A-2")
    client = desk(house.head)
    page, told = previewed(client, house)

    wrong = handed_over(client, page, told, document_number="", pk=[f"matter-{first.pk}"])
    assert wrong.status_code == 422 and "请填写文号或者说明" in text(wrong)
    assert re.search(f'value="matter-{first.pk}"[^>]* checked', text(wrong))
    assert not re.search(f'value="matter-{second.pk}"[^>]* checked', text(wrong))
    none = handed_over(client, page, told, pk=[])
    assert none.status_code == 422 and "没有勾选任何一件" in text(none)
    assert not Handover.objects.exists()


def test_a_preview_of_somebody_else_or_made_up_is_not_taken(house: House, desk: Opened) -> None:
    case(house, "A-1")
    page, told = previewed(desk(house.legal), house)

    answer = handed_over(desk(house.head), page, told)
    assert answer.status_code == 422 and "预览已经过期" in text(answer)
    made_up = desk(house.head).post(NEW, {**told, **GROUND, "act": "hand_over", "listed": "x", "pk": ["matter-1"]})
    assert made_up.status_code == 422 and not Handover.objects.exists()


# -- who may, who sees -------------------------------------------------------------------------------------------------


def test_who_may_open_what(house: House, desk: Opened) -> None:
    case(house, "A-1")
    row = carried(begin(house, to=house.taker))
    address, word = f"/handovers/{row.pk}/", f"/handovers/{row.pk}/sheet.docx"
    for officer, may_add, sees in (
        (house.head, 200, 200),
        (house.legal, 200, 200),
        (house.county.leader, 403, 200),
        (house.taker, 403, 200),
        (house.leaver, 403, 404),
        (house.next_door, 200, 404),
        (house.county.stranger, 200, 404),
    ):
        client = desk(officer)
        assert [client.get(path).status_code for path in (NEW, address, word)] == [may_add, sees, sees], officer
        assert (row.number in text(client.get(LIST))) == (sees == 200)
    for n, role in enumerate(Role.administrators()):
        client = desk(make_officer(f"90000{n}", house.bureau.county, role))
        assert {client.get(path).status_code for path in (LIST, NEW, address, word)} == {403}


def test_a_head_next_door_learns_nothing_of_another_stations_people(house: House, desk: Opened) -> None:
    everything(house)
    client = desk(house.next_door)

    answers = [
        re.sub(
            r"10\d{4}|999999",
            "",
            text(client.post(NEW, {"officer": number, "act": "preview"})).partition('<form method="post"')[2],
        )
        for number in ("100001", "999999")
    ]

    chance = re.compile(r'(csrfmiddlewaretoken" value="|listed" value=")[^"]+')
    assert chance.sub("", answers[0]) == chance.sub("", answers[1])
    matter = case(house, "A-7")
    page = text(client.get(f"{NEW}?matter={matter.pk}"))
    assert "没有可以移交的" in page and "A-7" not in page


def test_what_only_its_handlers_see_is_never_there_and_not_counted(house: House, desk: Opened) -> None:
    letter = make_case("L-1", house.station, house.head, filed="2026-02-20", kind="letter")
    Officer.objects.get(pk=house.head.pk)
    client = desk(house.head)

    mine = text(client.get(f"{NEW}?matter={letter.pk}"))
    page, _ = previewed(client, house, officer="100003", to_officer="100002")

    assert "L-1" not in mine and "没有可以移交的" in mine
    assert "L-1" not in page and "仅经办人可见的事项请在信访、投诉举报的页面更换经办人" in page


# -- questions ---------------------------------------------------------------------------------------------------------


def test_the_pages_ask_the_same_number_of_questions_for_one_and_for_three(house: House, desk: Opened) -> None:
    client = desk(house.head)
    everything(house)
    first = begin(house, to=house.taker)

    def asked() -> list[int]:
        counts = []
        for path in (
            LIST,
            f"/handovers/{first.pk}/",
            f"{NEW}?officer=100001&to_unit={house.station.pk}&to_officer=100002",
        ):
            client.get(path)
            with CaptureQueriesContext(connection) as questions:
                assert client.get(path).status_code == 200
            counts.append(len(questions))
        return counts

    one = asked()
    for n in (2, 3):
        case(house, f"A-{n}")
        order(house, f"S-{n}")
        follow(house, f"F-{n}")
        begin(house, to=house.taker)

    assert asked() == one
    assert text(client.get(LIST)).count("data-href") == 3
