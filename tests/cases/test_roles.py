"""Roles: what each may do, and that planning them may run at any time."""

import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from cases import roles, services
from cases.models import Role
from cases.roles import PERMISSIONS, UnknownPermission, plan_roles
from tests.cases.factories import Bureau, day, make_officer

pytestmark = pytest.mark.django_db

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
# Tables whose rows are, or show, what a case is about.
CASE_CONTENT = {
    f"{app}.{model}"
    for app, models in {
        "cases": "matter handling event clock clockmove feedback batch refusal pendingwinding",
        "alerts": "alert alertstep",
        "rectification": "order orderstep evidence",
        "followup": "followedcase outlineitem instruction followstep notice",
        "proceedings": "dispute review transfer proceedingstep",
        "returnvisits": "visitround roundunit visit check visitstep notice",
        "property": "item place caseamount excess propertystep",
        "reviews": "reviewround stratum roundreviewer reviewform line reviewstep kinship",
        "custody": "centre room visit stage fault visitstep",
        "expedited": "expeditedcase statedfact fault expeditedstep",
        "inspections": "inspectionplan planneditem itemstep draw check checkinspector finding target inspector interest inspectionstep",
        "handovers": "handover handoveritem",
        "campaigns": "campaign member task campaignround campaignorder campaignstep",
        "evaluation": "figure frozenfigure frozenrows daycount",
        "api": "intakecall",
        "archives": "archiveentry archivereply archivelook",
        "bulletins": "bulletin bulletinstep letter letterstep notice noticeline",
    }.items()
    for model in models.split()
}


def model_of(permission: str) -> str:
    app, _, codename = permission.partition(".")
    return f"{app}.{codename.partition('_')[2]}"


def acts(role: Role) -> set[str]:
    return set(PERMISSIONS[role])


def granted(role: Role) -> set[str]:
    rows = Permission.objects.filter(group__name=role.label).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


# -- the table ---------------------------------------------------------------------------------------------------------


def test_every_role_has_its_line() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert all(PERMISSIONS.values())


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_the_three_administrators_have_nothing_on_case_content(role: Role) -> None:
    assert not {model_of(permission) for permission in acts(role)} & CASE_CONTENT


def test_what_one_administrator_may_change_no_other_may() -> None:
    for one in ADMINISTRATORS:
        for other in ADMINISTRATORS:
            changes = {p for p in acts(one) if ".view_" not in p}
            assert one == other or not changes & acts(other)


def test_the_system_administrator_has_no_hand_on_permissions() -> None:
    touched = {model_of(permission) for permission in acts(Role.SYSTEM_ADMIN)}

    assert not touched & {"auth.group", "auth.permission", "cases.post"}


def test_the_security_administrator_changes_posts_groups_and_tokens_and_no_account() -> None:
    changed = {model_of(permission) for permission in acts(Role.SECURITY_ADMIN) if ".view_" not in permission}

    assert changed == {"cases.post", "auth.group", "accounts.authenticator", "api.systemtoken", "units.unitchange"}


def test_the_auditor_only_reads_and_only_logs() -> None:
    assert all(".view_" in permission for permission in acts(Role.AUDITOR))
    assert {model_of(permission).partition(".")[0] for permission in acts(Role.AUDITOR)} == {
        "admin",
        "axes",
        "accounts",
        "api",
        "audit",
        "exports",
        "retention",
    }


def test_nobody_else_reads_the_logs_or_gives_permissions() -> None:
    for role in set(Role) - {Role.AUDITOR, Role.SECURITY_ADMIN}:
        apps = {permission.partition(".")[0] for permission in acts(role)}
        assert not apps & {"admin", "axes", "auth", "accounts", "api", "audit"}, role


def test_no_role_may_change_or_delete_a_ledger_or_a_clock() -> None:
    for role in Role:
        for permission in acts(role):
            if model_of(permission) in CASE_CONTENT:
                assert ".delete_" not in permission
            if model_of(permission) in {
                "cases.event",
                "cases.clock",
                "cases.clockmove",
                "alerts.alert",
                "alerts.alertstep",
                "rectification.order",
                "rectification.orderstep",
            }:
                assert ".change_" not in permission


def test_only_legal_officers_import() -> None:
    assert [role for role in Role if "cases.add_batch" in acts(role)] == [Role.LEGAL_OFFICER]


def test_who_handles_cases_records_events_and_who_only_looks_does_not() -> None:
    assert {role for role in Role if "cases.add_event" in acts(role)} == {
        Role.CASE_OFFICER,
        Role.UNIT_HEAD,
        Role.LEGAL_OFFICER,
    }


# -- planning ----------------------------------------------------------------------------------------------------------


def test_planning_makes_a_group_for_each_role_with_exactly_its_permissions() -> None:
    report = plan_roles()

    assert report.groups == len(Role)
    assert report.given == sum(len(set(names)) for names in PERMISSIONS.values())
    for role in Role:
        assert granted(role) == acts(role)


def test_planning_twice_changes_nothing() -> None:
    plan_roles()
    before = set(Group.permissions.through.objects.values_list("pk", "group_id", "permission_id"))

    again = plan_roles()

    assert (again.groups, again.given, again.taken) == (0, 0, 0)
    assert set(Group.permissions.through.objects.values_list("pk", "group_id", "permission_id")) == before


def test_what_was_given_by_hand_is_taken_back_and_what_was_taken_is_given_again() -> None:
    plan_roles()
    group = Group.objects.get(name=Role.CASE_OFFICER.label)
    group.permissions.add(Permission.objects.get(codename="change_officer"))
    group.permissions.remove(Permission.objects.get(codename="add_event"))

    report = plan_roles()

    assert (report.groups, report.given, report.taken) == (0, 1, 1)
    assert granted(Role.CASE_OFFICER) == acts(Role.CASE_OFFICER)


def test_groups_of_a_bureaus_own_are_left_alone() -> None:
    own = Group.objects.create(name="专案组")
    own.permissions.add(Permission.objects.get(codename="view_matter"))

    plan_roles()

    assert own.permissions.count() == 1


def test_members_stay_members(bureau: Bureau) -> None:
    officer = make_officer("1", bureau.station, Role.CASE_OFFICER)

    plan_roles()

    assert officer.groups.get().name == Role.CASE_OFFICER.label
    assert officer.has_perm("cases.add_event")


def test_an_unknown_permission_stops_it_aloud_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**PERMISSIONS, Role.AUDITOR: ("admin.view_logentry", "cases.view_secret")}
    monkeypatch.setattr(roles, "PERMISSIONS", wrong)

    with pytest.raises(UnknownPermission, match=r"cases\.view_secret"):
        plan_roles()

    assert not Group.objects.exists()


def test_planning_takes_a_fixed_number_of_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(10):
        plan_roles()


def test_the_command_reports_in_chinese_and_in_json() -> None:
    words, document = StringIO(), StringIO()

    call_command("plan_roles", stdout=words)
    call_command("plan_roles", "--json", stdout=document)

    assert words.getvalue().startswith(f"角色：新增 {len(Role)} 组")
    assert json.loads(document.getvalue()) == {"groups": 0, "given": 0, "taken": 0}


def test_the_command_fails_with_the_name_of_what_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "PERMISSIONS", {Role.AUDITOR: ("cases.view_secret",)})

    with pytest.raises(CommandError, match=r"没有这些权限：cases\.view_secret"):
        call_command("plan_roles")


# -- posts give roles --------------------------------------------------------------------------------------------------


def test_a_post_gives_the_permissions_of_its_role(bureau: Bureau) -> None:
    plan_roles()

    head = make_officer("1", bureau.station, Role.UNIT_HEAD)

    assert head.has_perms(sorted(acts(Role.UNIT_HEAD)))
    assert not head.has_perm("cases.add_batch")


def test_the_end_of_the_last_post_of_a_role_takes_them_away(bureau: Bureau) -> None:
    plan_roles()
    officer = make_officer("1", bureau.legal, Role.LEGAL_OFFICER)
    second = services.assign_post(
        officer=officer, unit=bureau.county, role=Role.LEGAL_OFFICER, from_on=day("2026-01-01")
    )

    services.end_post(post=second, until_on=day("2026-02-01"))
    assert officer.groups.filter(name=Role.LEGAL_OFFICER.label).exists()

    services.end_post(post=officer.posts.current().get(), until_on=day("2026-02-01"))
    assert not officer.groups.exists()


def test_a_new_post_leaves_the_bureaus_own_groups_of_an_account_alone(bureau: Bureau) -> None:
    officer = make_officer("1", bureau.station, Role.CASE_OFFICER)
    officer.groups.add(Group.objects.create(name="专案组"))

    services.assign_post(officer=officer, unit=bureau.station, role=Role.UNIT_HEAD, from_on=day("2026-01-01"))

    assert set(officer.groups.values_list("name", flat=True)) == {
        "专案组",
        Role.CASE_OFFICER.label,
        Role.UNIT_HEAD.label,
    }
