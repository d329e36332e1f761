"""A special bulletin on a campaign: what it looked at, what came of it by unit, how far it has come."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.models import Matter
from supervision.bulletins.composing.draft import from_json
from supervision.bulletins.issuing import shown_circular
from supervision.bulletins.models import Bulletin
from supervision.bulletins.papers.document import Circular, Paragraph
from supervision.bulletins.papers.plain import plain_text
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.services import compose_monthly, compose_special, correct, issue, recompose
from supervision.campaigns import services as campaigns
from supervision.campaigns.models import Campaign
from supervision.campaigns.rules import Filter, Standstill
from supervision.rectification.models import Problem
from tests.cases.factories import day, make_case, moment
from tests.supervision.campaigns.factories import BEGUN, add_task, begin
from tests.supervision.reviews.factories import County, make_county, make_files

JULY = moment("2026-07-01 09:00")


@pytest.fixture
def county(db: None) -> County:
    return make_county()


def told_of(county: County, campaign: Campaign | None, **changes: Any) -> Bulletin:
    about = {"unit": county.bureau.county, "title": "超期办案专项整治情况通报", "first": day("2026-04-06")}
    return compose_special(**{**about, "until": day("2026-07-01"), "campaign": campaign, "at": JULY, **changes})


def words(bulletin: Bulletin) -> str:
    return plain_text(shown_circular(bulletin))


def section(bulletin: Bulletin, code: str = "campaign") -> tuple[Any, ...]:
    return next(one.blocks for one in from_json(bulletin.circular or {}).sections if one.code == code)


def test_what_came_of_it_stands_in_words_and_by_unit(county: County) -> None:
    make_files(county, late=1)
    campaign = begin(county)
    for number in ("A1", "B1"):
        campaigns.order_under(
            campaign=campaign, matter=Matter.objects.get(number=number), problem=Problem.objects.get(code="late"),
            text="超期没有说明", by=county.legal, at=BEGUN,
        )  # fmt: skip
    campaigns.finish_task(
        task=add_task(county, campaign), note="已自查", by=county.legal, at=moment("2026-04-28 09:00")
    )
    add_task(county, campaign, name="总结", due_on=day("2026-06-30"))

    bulletin = told_of(county, campaign)

    text = words(bulletin)
    assert "“超期办案专项整治”由县局部署，自4月6日至6月30日。排查范围：2026-03-01 至 2026-03-31 发生的" in text
    assert "排查 5 件，已办结 0 件，有期限超期的 1 件；发出整改通知 2 件，已整改 0 件，超期未改 2 件。" in text
    whole, *units = next(
        block.rows for block in section(bulletin) if getattr(block, "title", "").startswith("专项整治")
    )
    numbers = [[getattr(cell, "text", cell) for cell in row.cells] for row in (whole, *units)]
    assert numbers == [
        ["县局合计", "5", "0", "1", "—", "2", "0", "—", "2"],
        [str(county.station), "3", "0", "1", "—", "1", "0", "—", "1"],
        [str(county.bureau.sibling), "2", "0", "0", "—", "1", "0", "—", "1"],
    ]
    steps = next(block.rows for block in section(bulletin) if getattr(block, "name", "") == "专项步骤")
    assert [row.cells for row in steps] == [
        ("自查自纠", "4月15日", "4月28日", "逾期完成"),
        ("总结", "6月30日", "—", "逾期未办"),
    ]


def test_every_number_in_its_sentences_is_a_figure_and_the_same_are_kept_as_data(county: County) -> None:
    make_files(county, late=1)

    bulletin = told_of(county, begin(county))

    assert bulletin.figures["campaign"]["whole"]["matters"] == 5
    _, counts = (block for block in section(bulletin) if isinstance(block, Paragraph))
    assert not re.search(r"\d", "".join(run for run in counts.runs if isinstance(run, str)))


def test_a_unit_reads_of_itself_only_and_of_nothing_restricted(county: County) -> None:
    make_files(county, late=1)
    campaign = begin(county)
    make_case("A9", county.station, county.officer, filed="2026-03-02", restricted=True)

    told = told_of(county, campaign, unit=county.station).figures["campaign"]

    assert (told["whole"]["matters"], [line["unit"] for line in told["units"]]) == (3, [str(county.station)])


def test_where_only_what_is_over_is_looked_at_its_share_is_not_told(county: County) -> None:
    make_files(county, late=1)
    over = Filter(("case",), day("2026-03-01"), day("2026-03-31"), standstill=Standstill.OVER)

    table = next(
        block for block in section(told_of(county, begin(county, looked_at=over))) if hasattr(block, "columns")
    )

    assert table.rows[0].cells[4] == "—"


def test_other_bulletins_say_nothing_of_campaigns(county: County) -> None:
    begin(county)

    assert section(told_of(county, None)) == ()
    assert "campaign" not in compose_monthly(unit=county.bureau.county, month=day("2026-06-01"), at=JULY).figures


def test_a_unit_without_a_part_in_it_gets_none(county: County) -> None:
    campaign = begin(county)

    with pytest.raises(BulletinRefused, match="没有参加“超期办案专项整治”"):
        told_of(county, campaign, unit=county.bureau.other_station)

    assert not Bulletin.objects.exists()


def test_composed_anew_and_corrected_it_is_still_about_the_campaign(county: County) -> None:
    make_files(county)
    bulletin = told_of(county, begin(county))

    again = recompose(bulletin=bulletin, at=JULY)
    Bulletin.objects.filter(pk=again.pk).update(
        submitter=county.legal, submitted_at=JULY, signer=county.head, signed_at=JULY, state="signed"
    )
    again.refresh_from_db()
    issue(bulletin=again, by=county.legal, at=JULY)
    corrected = correct(bulletin=again, wrong="件数有误", by=county.legal, at=JULY)

    assert again.figures["campaign"] == corrected.figures["campaign"]
    assert corrected.campaign == bulletin.campaign


def test_the_database_keeps_campaigns_to_special_bulletins_and_issued_ones_as_they_are(county: County) -> None:
    campaign = begin(county)
    monthly = compose_monthly(unit=county.bureau.county, month=day("2026-06-01"), at=JULY)

    with pytest.raises(IntegrityError), transaction.atomic():
        Bulletin.objects.filter(pk=monthly.pk).update(campaign=campaign)


def test_it_is_a_circular_like_any_other(county: County) -> None:
    assert isinstance(shown_circular(told_of(county, begin(county))), Circular)
