"""Rules and outlines through their pages, and the ledger to read."""

import pytest
from django.test import Client

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.followup.models import EntryRule, OutlineTemplate
from tests.cases.factories import make_officer
from tests.supervision.followup.factories import County, follow, make_rule


def browser(officer: Officer) -> Client:
    plan_roles()
    client = Client()
    client.force_login(officer)
    return client


def rule(**entered: object) -> dict[str, object]:
    return {
        "code": "media",
        "name": "媒体关注",
        "told_as": "社会关注",
        "condition": '{"facts": {"media": [true]}}',
        "order": 1,
        "active": "on",
        **entered,
    }


def test_a_legal_officer_adds_a_rule_and_reads_it_in_words(county: County) -> None:
    client = browser(county.legal)

    answer = client.post("/followup/entryrule/add/", rule())

    assert answer.status_code == 302
    assert EntryRule.objects.get().condition == {"facts": {"media": [True]}}
    assert "社会关注：是" in client.get("/followup/entryrule/").content.decode()


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("{}", "进入条件"),
        ('{"kinds": ["case"]}', "只写种类会把全部案件列入盯办"),
        ('{"colour": 1}', "没有“colour”这项条件"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_not_saved(county: County, condition: str, said: str) -> None:
    page = browser(county.legal).post("/followup/entryrule/add/", rule(condition=condition)).content.decode()

    assert said in page
    assert not EntryRule.objects.exists()


def test_a_rule_is_taken_out_of_use_and_never_deleted(county: County) -> None:
    kept = make_rule("media", {"facts": {"media": [True]}})
    client = browser(county.legal)

    client.post(f"/followup/entryrule/{kept.pk}/change/", {key: v for key, v in rule().items() if key != "active"})

    assert not EntryRule.objects.get().active
    assert client.post(f"/followup/entryrule/{kept.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_outline_is_kept_with_its_items_and_knows_its_kinds(county: County) -> None:
    def outline(kinds: str) -> dict[str, object]:
        items = {"items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0, "items-0-order": 1, "items-0-title": "查流水"}
        return {
            "code": "own", "name": "本局提纲", "kinds": kinds, "stagnation_days": 4, "order": 5, "active": "on",
            "items-0-working_days": 3, **items,
        }  # fmt: skip

    client = browser(county.legal)
    assert "没有“nothing”这种事项" in client.post(
        "/followup/outlinetemplate/add/", outline('["nothing"]')
    ).content.decode()  # fmt: skip

    client.post("/followup/outlinetemplate/add/", outline('["case"]'))

    template = OutlineTemplate.objects.get(code="own")
    assert [item.title for item in template.items.all()] == ["查流水"]  # type: ignore[attr-defined]
    assert "案件" in client.get("/followup/outlinetemplate/").content.decode()


def test_the_ledger_shows_the_steps_of_what_one_may_see(county: County) -> None:
    follow(county)

    assert "群众反映强烈" in browser(county.legal).get("/followup/followstep/").content.decode()
    assert "群众反映强烈" not in browser(county.stranger).get("/followup/followstep/").content.decode()


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.LEADER, Role.SYSTEM_ADMIN])
def test_rules_are_kept_by_legal_officers_only(county: County, role: Role) -> None:
    assert browser(make_officer("900001", county.bureau.county, role)).get("/followup/entryrule/").status_code == 403
