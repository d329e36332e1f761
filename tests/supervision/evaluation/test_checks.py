"""What came in by another way than the services is found by the system check."""

import pytest
from django.core.checks import Tags, run_checks

from supervision.evaluation.models import Indicator
from tests.cases.factories import Bureau, moment
from tests.supervision.evaluation.factories import SINCE, house_indicator


def told() -> list[str]:
    return [
        f"{one.id}" for one in run_checks(tags=[Tags.database], databases=["default"]) if one.id == "evaluation.E001"
    ]


@pytest.mark.parametrize("name", ["破案率", "行政拘留数"])
def test_a_forbidden_indicator_in_the_table_is_found_and_one_that_ended_is_not(bureau: Bureau, name: str) -> None:
    house_indicator()
    assert told() == []

    Indicator.objects.create(
        code="smuggled",
        version=1,
        name=name,
        numerator_words="x",
        better="up",
        made_at=moment("2026-01-01"),
        in_force_from=SINCE,
    )
    assert told() == ["evaluation.E001"]

    Indicator.objects.filter(code="smuggled").update(in_force_until=SINCE)
    assert told() == []
