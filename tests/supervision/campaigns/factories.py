"""A campaign of the county of the reviews about its cases of March."""

from typing import Any

from supervision.campaigns import services
from supervision.campaigns.models import Campaign, Task
from supervision.campaigns.rules import Filter
from tests.cases.factories import day, moment
from tests.supervision.reviews.factories import County

BEGUN = moment("2026-04-06 09:00")
MARCH = Filter(("case",), day("2026-03-01"), day("2026-03-31"))


def begin(county: County, **fields: Any) -> Campaign:
    given = {
        "title": "超期办案专项整治", "demand": "逐案排查，立行立改。", "unit": county.bureau.county,
        "members": [county.station, county.bureau.sibling], "begins_on": day("2026-04-06"),
        "ends_on": day("2026-06-30"), "looked_at": MARCH, "by": county.legal, "at": BEGUN,
    }  # fmt: skip
    return services.begin_campaign(**{**given, **fields})


def add_task(county: County, campaign: Campaign, **fields: Any) -> Task:
    given = {"name": "自查自纠", "due_on": day("2026-04-15"), "by": county.legal, "at": BEGUN}
    return services.add_task(campaign=campaign, **{**given, **fields})
