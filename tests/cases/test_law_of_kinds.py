"""The law read for some kinds of matter only: for these it is the whole law, and what other kinds have hinders nobody."""

import pytest

from cases import winding
from cases.models import Clock, Limit, MatterKind
from tests.cases.factories import Bureau, make_case, moment

pytestmark = pytest.mark.django_db

AT = moment("2026-06-30")


@pytest.mark.parametrize("code", ["case", "visit", "letter"])
def test_a_kind_has_the_rulebook_of_the_whole_law_and_the_others_have_none(catalogue: None, code: str) -> None:
    kind = MatterKind.objects.get(code=code)

    whole, part = winding.catalogue(), winding.catalogue(kinds={kind.pk})

    assert set(part.rulebooks) == {kind.pk} < set(whole.rulebooks)
    assert part.rulebooks[kind.pk] == whole.rulebooks[kind.pk]
    assert (part.limit_ids, part.families, part.codes) == (whole.limit_ids, whole.families, whole.codes)
    assert (part.zones, part.kinds, part.marks) == (whole.zones, whole.kinds, whole.marks)


def test_a_limit_that_cannot_be_read_stops_only_the_kinds_it_applies_to(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    elsewhere = Limit.objects.exclude(kinds=matter.kind).first()
    assert elsewhere is not None
    Limit.objects.filter(pk=elsewhere.pk).update(definition={})

    report = winding.wind_matters([matter.pk], at=AT, cause="重算")

    assert (report.matters, report.failed) == (1, [])
    assert Clock.objects.filter(matter=matter).exists()
