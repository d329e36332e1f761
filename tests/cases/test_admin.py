"""Tables of the room through the pages: what is kept up goes through the verbs, what is a ledger is only read."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from cases.admin import lead_words
from cases.models import ClockMove, Event, Officer, Post, Role, Unit
from cases.roles import plan_roles
from tests.cases.factories import Bureau, clock_of, make_case, make_officer, record

Sign = Callable[[Officer], Client]

PASSWORD = "liangzhu-jade-5300"


@pytest.fixture
def sign_in(db: None) -> Sign:
    plan_roles()

    def browser(officer: Officer) -> Client:
        client = Client()
        client.force_login(officer)
        return client

    return browser


@pytest.fixture
def keeper(sign_in: Sign, bureau: Bureau) -> Client:
    """The system administrator's browser: units and accounts."""
    return sign_in(make_officer("900001", bureau.county, Role.SYSTEM_ADMIN))


@pytest.fixture
def guard(sign_in: Sign, bureau: Bureau) -> Client:
    """The security administrator's browser: posts and permissions."""
    return sign_in(make_officer("900002", bureau.county, Role.SECURITY_ADMIN))


@pytest.fixture
def root(sign_in: Sign, bureau: Bureau) -> Client:
    return sign_in(Officer.objects.create_superuser("root", "建站账号", bureau.county, PASSWORD))


# -- units -----------------------------------------------------------------------------------------------------------


def test_a_unit_added_on_the_page_has_its_place_in_the_tree(keeper: Client, bureau: Bureau) -> None:
    answer = keeper.post(
        "/cases/unit/add/",
        {"code": "X3", "name": "城西派出所", "kind": "station", "level": "4", "parent": str(bureau.county.pk)},
    )

    unit = Unit.objects.get(code="X3")
    assert answer.status_code == 302
    assert unit.path.startswith(bureau.county.path)
    assert (unit.city, unit.county, unit.station) == (bureau.city, bureau.county, unit)


def test_a_unit_above_its_parent_is_refused_beside_the_field(keeper: Client, bureau: Bureau) -> None:
    answer = keeper.post(
        "/cases/unit/add/",
        {"code": "X3", "name": "错", "kind": "bureau", "level": "2", "parent": str(bureau.county.pk)},
    )

    assert "层级应当低于上级单位县局" in answer.content.decode()
    assert not Unit.objects.filter(code="X3").exists()


def test_of_a_unit_that_exists_only_names_and_its_end_can_be_changed(keeper: Client, bureau: Bureau) -> None:
    station = bureau.station
    keeper.post(
        f"/cases/unit/{station.pk}/change/",
        {"name": "城关中心派出所", "short_name": "城关", "code": "HACK", "level": "1", "valid_until": "2026-12-31"},
    )

    station.refresh_from_db()
    assert (station.name, station.short_name, station.valid_until) == ("城关中心派出所", "城关", date(2026, 12, 31))
    assert (station.code, station.level) == ("X1", 4)


def test_nobody_deletes_a_unit(root: Client, bureau: Bureau) -> None:
    assert root.post(f"/cases/unit/{bureau.station.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Unit.objects.filter(pk=bureau.station.pk).exists()


# -- officers --------------------------------------------------------------------------------------------------------


def test_an_officer_added_with_a_password_can_sign_in(keeper: Client, bureau: Bureau) -> None:
    keeper.post(
        "/cases/officer/add/",
        {"police_number": "100077", "name": "新民警", "unit": str(bureau.station.pk), "password": PASSWORD},
    )

    officer = Officer.objects.get(police_number="100077")
    assert officer.check_password(PASSWORD)
    assert Client().post("/login/", {"username": "100077", "password": PASSWORD}).status_code == 302


def test_an_officer_added_without_a_password_cannot(keeper: Client, bureau: Bureau) -> None:
    keeper.post("/cases/officer/add/", {"police_number": "100077", "name": "新民警", "unit": str(bureau.station.pk)})

    assert not Officer.objects.get(police_number="100077").has_usable_password()


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"password": "12345678901"}, "只包含数字"),
        ({"police_number": "900001"}, "已存在"),
    ],
)
def test_a_weak_password_and_a_number_in_use_are_refused(
    keeper: Client, bureau: Bureau, entered: dict[str, str], said: str
) -> None:
    before = Officer.objects.count()

    known = {"police_number": "100077", "name": "新民警", "unit": str(bureau.station.pk)}
    answer = keeper.post("/cases/officer/add/", {**known, **entered})

    assert said in answer.content.decode()
    assert Officer.objects.count() == before


def test_the_system_administrator_gives_nobody_rights(keeper: Client, officer: Officer) -> None:
    keeper.post(
        f"/cases/officer/{officer.pk}/change/",
        {"name": "改名", "unit": str(officer.unit_id), "is_active": "on", "is_staff": "on", "is_superuser": "on"},
    )

    officer.refresh_from_db()
    assert officer.name == "改名"
    assert not officer.is_superuser
    assert keeper.get("/cases/post/").status_code == 403
    assert keeper.get("/auth/group/").status_code == 403


def test_the_account_that_sets_the_system_up_is_out_of_reach(keeper: Client, bureau: Bureau) -> None:
    root = Officer.objects.create_superuser("root", "建站账号", bureau.county, PASSWORD)

    changed = keeper.post(f"/cases/officer/{root.pk}/change/", {"name": "x", "unit": str(bureau.county.pk)})
    password = keeper.post(
        f"/cases/officer/{root.pk}/password/", {"password1": "a-new-one-99", "password2": "a-new-one-99"}
    )

    root.refresh_from_db()
    assert changed.status_code == 403
    assert password.status_code == 403
    assert root.check_password(PASSWORD)


def test_a_password_is_set_anew_for_who_forgot_it(keeper: Client, officer: Officer) -> None:
    new = "qiantang-tide-0818"

    answer = keeper.post(
        f"/cases/officer/{officer.pk}/password/", {"password1": new, "password2": new, "usable_password": "true"}
    )

    officer.refresh_from_db()
    assert answer.status_code == 302
    assert officer.check_password(new)


def test_a_password_that_another_set_lets_in_only_to_change_it(
    keeper: Client, bureau: Bureau, officer: Officer
) -> None:
    keeper.post(
        "/cases/officer/add/",
        {"police_number": "100077", "name": "新民警", "unit": str(bureau.station.pk), "password": PASSWORD},
    )
    keeper.post(
        f"/cases/officer/{officer.pk}/password/",
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
    )

    assert Officer.objects.filter(must_change_password=True).count() == 2


def test_ones_own_password_is_changed_where_the_old_one_is_asked_for(keeper: Client) -> None:
    myself = Officer.objects.get(police_number="900001")

    answer = keeper.post(
        f"/cases/officer/{myself.pk}/password/",
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
    )

    myself.refresh_from_db()
    assert answer.headers["Location"] == "/password_change/"
    assert not myself.has_usable_password()


def test_a_first_password_that_holds_the_number_is_refused(keeper: Client, bureau: Bureau) -> None:
    answer = keeper.post(
        "/cases/officer/add/",
        {"police_number": "100077", "name": "新民警", "unit": str(bureau.station.pk), "password": "Wo-100077-hao"},
    )

    assert "警号或者姓名" in answer.content.decode()
    assert not Officer.objects.filter(police_number="100077").exists()


# -- posts -----------------------------------------------------------------------------------------------------------


def test_a_post_entered_on_the_page_brings_its_permissions(guard: Client, bureau: Bureau) -> None:
    officer = make_officer("100030", bureau.station)

    guard.post(
        "/cases/post/add/",
        {"officer": str(officer.pk), "unit": str(bureau.station.pk), "role": "unit_head", "from_on": "2026-01-05"},
    )

    officer = Officer.objects.get(pk=officer.pk)
    assert officer.posts.get().role == Role.UNIT_HEAD
    assert officer.has_perm("cases.view_matter")


def test_a_post_is_ended_and_its_permissions_go(guard: Client, officer: Officer) -> None:
    post = officer.posts.get()

    guard.post(f"/cases/post/{post.pk}/change/", {"until_on": "2026-03-31"})

    post.refresh_from_db()
    assert post.until_on == date(2026, 3, 31)
    assert not Officer.objects.get(pk=officer.pk).has_perm("cases.view_matter")


def test_a_post_that_is_over_is_only_read(guard: Client, officer: Officer) -> None:
    post = officer.posts.get()
    Post.objects.filter(pk=post.pk).update(until_on=date(2026, 3, 31))

    guard.post(f"/cases/post/{post.pk}/change/", {"until_on": "2026-12-31"})

    post.refresh_from_db()
    assert post.until_on == date(2026, 3, 31)


def test_a_post_does_not_end_before_it_begins(guard: Client, officer: Officer) -> None:
    post = officer.posts.get()

    answer = guard.post(f"/cases/post/{post.pk}/change/", {"until_on": "2024-01-01"})

    assert "任职结束早于开始" in answer.content.decode()
    assert officer.posts.get().until_on is None


def test_nobody_gives_himself_a_post(guard: Client, bureau: Bureau) -> None:
    myself = Officer.objects.get(police_number="900002")

    answer = guard.post(
        "/cases/post/add/",
        {"officer": str(myself.pk), "unit": str(bureau.county.pk), "role": "leader", "from_on": "2026-01-05"},
    )

    assert "不能给自己登记任职" in answer.content.decode()
    assert myself.posts.count() == 1


def test_not_even_the_account_that_sets_the_system_up_gives_itself_one(root: Client, bureau: Bureau) -> None:
    myself = Officer.objects.get(police_number="root")

    answer = root.post(
        "/cases/post/add/",
        {"officer": str(myself.pk), "unit": str(bureau.county.pk), "role": "leader", "from_on": "2026-01-05"},
    )

    assert "不能给自己登记任职" in answer.content.decode()
    assert not myself.posts.exists()


def test_a_post_on_the_page_says_who_granted_it(guard: Client, bureau: Bureau, officer: Officer) -> None:
    guard.post(
        "/cases/post/add/",
        {"officer": str(officer.pk), "unit": str(bureau.sibling.pk), "role": "unit_head", "from_on": "2026-01-05"},
    )

    post = officer.posts.get(role="unit_head")
    assert post.granted_by is not None and post.granted_by.police_number == "900002"
    assert "民警900002" in guard.get("/cases/post/").content.decode()


def test_roles_that_are_kept_apart_are_refused_on_the_page(guard: Client, bureau: Bureau, officer: Officer) -> None:
    answer = guard.post(
        "/cases/post/add/",
        {"officer": str(officer.pk), "unit": str(bureau.county.pk), "role": "auditor", "from_on": "2026-01-05"},
        follow=True,
    )

    assert "没有保存" in answer.content.decode() and "三员分立" in answer.content.decode()
    assert officer.posts.count() == 1


def test_nobody_deletes_a_post(root: Client, officer: Officer) -> None:
    assert root.post(f"/cases/post/{officer.posts.get().pk}/delete/", {"post": "yes"}).status_code == 403


# -- the catalogue and the ledgers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    ["event", "clockmove", "batch", "refusal", "feedback", "pendingwinding", "ladder", "matterkind", "eventkind",
     "approverlevel"],
)  # fmt: skip
def test_a_ledger_takes_nothing_by_hand_whoever_asks(root: Client, bureau: Bureau, catalogue: None, table: str) -> None:
    assert root.get(f"/cases/{table}/").status_code == 200
    assert root.get(f"/cases/{table}/add/").status_code == 403


def test_a_row_of_a_ledger_cannot_be_changed_or_deleted(
    root: Client, bureau: Bureau, catalogue: None, officer: Officer
) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-14")
    event = Event.objects.get(matter=matter)

    changed = root.post(f"/cases/event/{event.pk}/change/", {"note": "changed"})
    deleted = root.post(f"/cases/event/{event.pk}/delete/", {"post": "yes"})
    root.post("/cases/event/", {"action": "delete_selected", "_selected_action": [str(event.pk)], "post": "yes"})

    assert (changed.status_code, deleted.status_code) == (404, 403)
    assert Event.objects.get().note == ""


def test_ledgers_are_cut_to_what_the_officer_may_see(
    sign_in: Sign, bureau: Bureau, catalogue: None, officer: Officer, stranger: Officer, legal_officer: Officer
) -> None:
    matter = make_case("A-1", bureau.station, officer, filed="2026-03-02")
    record(matter, "longer", "2026-03-20", approver="head")
    letter = make_case("XF-1", bureau.station, None, filed="2026-03-02", kind="letter")
    record(letter, "received", "2026-03-03", voids=letter.events.get())

    hers, his = sign_in(legal_officer), sign_in(stranger)

    for table in ("event", "clockmove"):
        assert "A-1" in hers.get(f"/cases/{table}/").content.decode()
        assert "XF-1" not in hers.get(f"/cases/{table}/").content.decode()
        assert "A-1" not in his.get(f"/cases/{table}/").content.decode()
    assert ClockMove.objects.filter(clock=clock_of(matter)).count() == 1


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
@pytest.mark.parametrize("table", ["event", "clockmove", "feedback", "batch", "refusal", "pendingwinding"])
def test_the_three_administrators_read_no_ledger_of_cases(
    sign_in: Sign, bureau: Bureau, role: Role, table: str
) -> None:
    assert sign_in(make_officer("900003", bureau.county, role)).get(f"/cases/{table}/").status_code == 403


def test_events_are_found_by_the_beginning_of_a_number(
    sign_in: Sign, bureau: Bureau, catalogue: None, legal_officer: Officer
) -> None:
    make_case("A-1", bureau.station, filed="2026-03-02")
    make_case("B-1", bureau.station, filed="2026-03-02")

    page = sign_in(legal_officer).get("/cases/event/?q=A-").content.decode()

    assert "A-1" in page
    assert "B-1" not in page


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        ({"days": 7, "at": "00:00"}, "届满前 7 日 00:00"),
        ({"days": 0, "at": "09:00"}, "届满当日 09:00"),
        ({"workdays": 2}, "届满前 2 个工作日"),
        ({"hours": 6}, "届满前 6 小时"),
        ({"share": 0.25}, "剩余 25% 时"),
    ],
)
def test_a_lead_time_is_said_in_words(lead: dict[str, object], said: str) -> None:
    assert lead_words(lead) == said


def test_every_role_has_its_group(sign_in: Sign) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.labels)
