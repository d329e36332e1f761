"""From events to the mail, through every room: recorded, wound, swept, counted, issued and sent."""

import pytest

from supervision.alerts.services import sweep
from supervision.bulletins.counting import read_figures
from supervision.bulletins.figures import AlertCount, ClockCount
from supervision.bulletins.rules import Month, Span, period_of
from supervision.bulletins.rules.life import Kind
from supervision.bulletins.services import add_recipient, issue_due, send_letters
from tests.cases.factories import make_bureau, make_case, make_catalogue, record
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.factories import MARCH, SHANGHAI, moment, months_by_themselves


@pytest.mark.django_db
def test_a_month_of_a_county_from_its_events_to_its_mail(sink: ChoosySink) -> None:
    bureau = make_bureau()
    make_catalogue()
    # Thirty days from filing: the first is due on 1 April, the second on 18 March, the third on 3 March.
    in_time = make_case("某公〔2026〕1号", bureau.station, filed="2026-03-02 10:00")
    late = make_case("某公〔2026〕2号", bureau.station, filed="2026-02-16 10:00")
    make_case("某公〔2026〕3号", bureau.sibling, filed="2026-02-01 10:00")
    make_case("某信〔2026〕4号", bureau.sibling, kind="letter", filed="2026-03-10 10:00")
    add_recipient(unit=bureau.county, name="局长", address="chief@example.cn", at=moment("2026-03-20"))
    sweep(at=moment("2026-03-16 08:00"))
    record(in_time, "decided", "2026-03-20 15:00")
    record(in_time, "closed", "2026-03-25 15:00")
    record(late, "decided", "2026-03-20 15:00")
    sweep(at=moment("2026-03-31 08:00"))

    months_by_themselves()
    (bulletin,) = issue_due(at=moment("2026-04-01 08:30")).issued
    report = send_letters(at=moment("2026-04-01 08:31"))

    figures = read_figures(
        bureau.county, period_of(Span.of_month(Month(MARCH)), zone=SHANGHAI, at=moment("2026-04-01 08:30"))
    )
    assert {**figures.as_json(Kind.MONTHLY), "indicators": []} == bulletin.figures
    # The third case's thirty days ended on 3 March; one restricted letter is too few to be told of.
    assert figures.all_clocks == ClockCount(in_time=1, late=1, expired=1)
    assert figures.all_alerts == AlertCount(raised=2, withdrawn=1, open_red=1)
    assert (figures.overdue.count, figures.overdue.restricted) == (1, 0)
    assert report.sent == 1
    (mail,) = sink.copies_for("chief@example.cn")
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "按期 1 个（33.33%），超期 2 个；期末仍有 1 个时限超期未办，1 起预警待处理。" in text
    assert "某公〔2026〕3号" in text
    assert "某信〔2026〕4号" not in text
