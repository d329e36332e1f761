"""A county with a specialist branch, its people, a small outline, and cases at every stage of follow-up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases import services as cases
from cases.models import Matter, Officer, Role, Unit, UnitKind, UnitLevel
from supervision.followup import services
from supervision.followup.models import EntryRule, FollowedCase, FollowStep, OutlineItem, OutlineTemplate, TemplateItem
from tests.cases.factories import Bureau, make_bureau, make_case, make_catalogue, make_officer, moment

# Monday 2 March 2026, ten in the morning: in working time, and the calendar of 2026 is announced.
ENTERED = moment("2026-03-02 10:00")
FILED = "2026-02-02"


@dataclass(frozen=True)
class County:
    """One officer of each kind that a followed case knows, and a stranger from the county next door."""

    bureau: Bureau
    branch: Unit
    officer: Officer
    colleague: Officer
    head: Officer
    branch_officer: Officer
    legal: Officer
    second_legal: Officer
    leader: Officer
    stranger: Officer

    @property
    def station(self) -> Unit:
        return self.bureau.station


def make_county() -> County:
    bureau = make_bureau()
    make_catalogue()
    branch = cases.add_unit(
        code="X3", name="经济犯罪侦查大队", level=UnitLevel.STATION, kind=UnitKind.BRANCH, parent=bureau.county
    )
    make_template("general", ("列明原因", 2), ("补齐材料", 5))
    return County(
        bureau=bureau,
        branch=branch,
        officer=make_officer("100001", bureau.station, Role.CASE_OFFICER),
        colleague=make_officer("100002", bureau.station, Role.CASE_OFFICER),
        head=make_officer("100003", bureau.station, Role.UNIT_HEAD),
        branch_officer=make_officer("100004", branch, Role.BRANCH_OFFICER),
        legal=make_officer("100005", bureau.legal, Role.LEGAL_OFFICER),
        second_legal=make_officer("100006", bureau.legal, Role.LEGAL_OFFICER),
        leader=make_officer("100007", bureau.county, Role.LEADER),
        stranger=make_officer("100008", bureau.other_station, Role.UNIT_HEAD),
    )


def make_template(code: str, *items: tuple[str, int], stagnation_days: int = 3, **fields: Any) -> OutlineTemplate:
    template = OutlineTemplate.objects.create(code=code, name=code, stagnation_days=stagnation_days, **fields)
    for order, (title, days) in enumerate(items, 1):
        TemplateItem.objects.create(template=template, order=order, title=title, working_days=days)
    return template


def make_rule(code: str, condition: dict[str, Any], **fields: Any) -> EntryRule:
    return EntryRule.objects.create(code=code, name=f"规则{code}", told_as=f"原因{code}", condition=condition, **fields)


def make_matter(county: County, number: str = "A1", **fields: Any) -> Matter:
    """An open case of the station, filed a month before it is followed."""
    return make_case(number, county.station, fields.pop("officer", county.officer), filed=FILED, **fields)


def follow(county: County, number: str = "A1", *, at: datetime = ENTERED, complete: bool = True) -> FollowedCase:
    """A case under follow-up; with `complete` its line party is named too."""
    return services.enter(
        matter=make_matter(county, number),
        reason="群众反映强烈",
        by=county.legal,
        at=at,
        line_unit=county.branch if complete else None,
    )


def items_of(case: FollowedCase) -> list[OutlineItem]:
    return list(OutlineItem.objects.filter(case=case).select_related("case__matter").order_by("order"))


def finish_all(county: County, case: FollowedCase, *, at: datetime) -> FollowedCase:
    for item in items_of(case):
        services.finish_item(item=item, result="已查清", evidence="", by=county.officer, at=at)
    case.refresh_from_db()
    return case


def under_review(county: County, number: str = "A1", *, at: datetime = ENTERED) -> FollowedCase:
    case = finish_all(county, follow(county, number), at=at)
    return services.ask_closing(case=case, conclusion="全部办完", by=county.officer, at=at)


def ended(county: County, number: str = "A1", *, at: datetime = ENTERED) -> FollowedCase:
    return services.consent_closing(case=under_review(county, number, at=at), opinion="同意", by=county.legal, at=at)


def actions(case: FollowedCase) -> list[str]:
    return list(FollowStep.objects.filter(case=case).order_by("pk").values_list("action", flat=True))
