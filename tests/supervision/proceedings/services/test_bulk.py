"""Disputes brought in by file and taken up by the thousand: what the verbs would have made of them, or a refusal by row."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.intake import IntakeMapping, load_file, parse_mapping
from cases.models import Matter
from cases.queries import matters_of
from supervision.proceedings import services
from supervision.proceedings.models import Dispute, ProceedingStep
from supervision.proceedings.services.bulk import DisputeFacts, TakenUp, take_up_disputes
from tests.cases.factories import day
from tests.supervision.proceedings.factories import AT, County, a_dispute, actions, settled

HEADS = "编号,单位,登记,调解,化解,不成,反复,再化解,结果"


def mapping() -> IntakeMapping:
    return parse_mapping(
        {
            "name": "纠纷",
            "source": "纠纷台账",
            "rows": "matter",
            "matter": {"kind": {"fixed": "dispute"}, "number": "编号", "unit": "单位"},
            "events": [
                {"kind": "dispute_recorded", "when": "登记"},
                {"kind": "dispute_mediation_began", "when": "调解"},
                {"kind": "dispute_settled", "when": "化解", "note": "结果"},
                {"kind": "dispute_unsettled", "when": "不成", "note": "结果"},
                {"kind": "dispute_relapsed", "when": "反复"},
                {"kind": "dispute_settled", "when": "再化解", "note": "结果"},
            ],
        }
    )


@pytest.fixture
def bring(county: County, tmp_path: Path) -> "Bring":
    return Bring(tmp_path)


class Bring:
    """Brings rows of a register in through the general import."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *rows: str) -> None:
        path = self.folder / "register.csv"
        path.write_text("\n".join([HEADS, *rows]), encoding="utf-8")
        report = load_file(path, mapping(), at=AT)
        assert report.ok, report.refusals


def facts(number: str, row: int = 2, **told: object) -> DisputeFacts:
    return DisputeFacts(row, number, **{"sort": "邻里", "risk": "一般", "channel": "警情", **told})  # type: ignore[arg-type]


def take(county: County, *rows: DisputeFacts) -> TakenUp:
    return take_up_disputes(rows, by=county.legal, at=AT)


def reasons(report: TakenUp) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.reason) for one in report.refused]


def test_a_dispute_comes_as_far_as_its_events_as_if_entered_by_hand(county: County, bring: Bring) -> None:
    bring("JF7,X1,2026-03-02,2026-03-03,2026-03-05,,,,达成协议")

    report = take(county, facts("JF7", recheck_due_on=day("2026-03-20")))

    by_file, by_hand = Dispute.objects.get(matter__number="JF7"), settled(county, "JF8")
    assert (report.taken, report.refused) == (1, [])
    for name in ("stage", "mediated_by", "mediation_began_on", "ended_on", "result", "recheck_due_on"):
        assert getattr(by_file, name) == getattr(by_hand, name), name
    assert actions(by_file) == actions(by_hand)
    steps = ProceedingStep.objects.filter(matter=by_file.matter).order_by("pk")
    assert [step.event.kind.code for step in steps if step.event] == [
        "dispute_recorded",
        "dispute_mediation_began",
        "dispute_settled",
    ]


def test_what_was_taken_up_goes_on_by_hand(county: County, bring: Bring) -> None:
    bring("JF7,X1,2026-03-02,2026-03-03,,,,,")
    take(county, facts("JF7"))

    dispute = services.settle_dispute(
        dispute=Dispute.objects.select_related("matter__kind").get(matter__number="JF7"),
        on=day("2026-03-05"), result="和解", recheck_due_on=day("2026-03-20"), by=county.head, at=AT,
    )  # fmt: skip

    assert (dispute.stage, dispute.ended_on) == ("settled", date(2026, 3, 5))


def test_a_dispute_that_came_back_is_what_it_was_the_last_time(county: County, bring: Bring) -> None:
    bring(
        "JF7,X1,2026-03-02,2026-03-03,2026-03-05,,2026-03-09,,第一次的结果",
        "JF8,X1,2026-03-02,2026-03-03,2026-03-05,,2026-03-09,2026-03-12,台账写的结果",
    )

    report = take(county, facts("JF7"), facts("JF8", 3, result="再次达成", recheck_due_on=day("2026-04-12")))

    back, again = (Dispute.objects.get(matter__number=number) for number in ("JF7", "JF8"))
    assert report.taken == 2
    assert (back.stage, back.ended_on, back.result) == ("mediating", None, "")
    assert (again.stage, again.ended_on, again.result) == ("settled", date(2026, 3, 12), "再次达成")
    assert actions(again) == ["registered", "mediation", "settled", "relapsed", "settled"]


def test_words_may_be_codes_and_another_unit_may_have_mediated(county: County, bring: Bring) -> None:
    bring("JF7,X1,2026-03-02,2026-03-03,,,,,")

    take(county, facts("JF7", sort="debt", risk="high", channel="hotline", mediated_by="X2"))

    dispute = Dispute.objects.get()
    assert (dispute.sort, dispute.risk, dispute.channel) == ("debt", "high", "hotline")
    assert dispute.mediated_by == county.bureau.sibling


def test_bad_rows_are_refused_by_row_and_column_and_hinder_no_other(county: County, bring: Bring) -> None:
    bring(
        "JF1,X1,2026-03-02,2026-03-03,2026-03-05,,,,达成协议",
        "JF2,X1,2026-03-02,,2026-03-05,,,,达成协议",
        "JF3,X1,,2026-03-03,,,,,",
        "JF4,X1,2026-03-02,2026-03-03,2026-03-05,,,,",
        "JF5,X1,2026-03-02,2026-03-03,,2026-03-06,,,不成",
        "JF6,Y1,2026-03-02,2026-03-03,,,,,",
        "JF9,X1,2026-03-02,,,,,,",
    )
    due = day("2026-03-20")

    report = take(
        county,
        facts("JF1", 2),
        facts("JF2", 3, recheck_due_on=due),
        facts("JF3", 4),
        facts("JF4", 5, recheck_due_on=due),
        facts("JF5", 6, recheck_due_on=due),
        facts("JF6", 7),
        facts("JF9", 8, sort="吵架", mediated_by="X2"),
        facts("JF9", 9),
        facts("没有", 10),
    )

    assert reasons(report) == [
        (2, "回访期限", "已化解的要写明回访期限"),
        (3, "编号", "“dispute_settled”（2026-03-05）不合办理次序，请核对节点"),
        (4, "编号", "没有“登记矛盾纠纷”的节点，请先导入"),
        (5, "结果", "请写明结果"),
        (6, "回访期限", "还没有化解，不写回访期限"),
        (7, "编号", "您可以看到的矛盾纠纷中没有编号“JF6”，请先导入事项和节点"),
        (
            8,
            "纠纷类型",
            "“吵架”不是纠纷类型，可写：婚姻家庭、邻里、债务、劳动、土地山林、物业、消费、损害赔偿、医疗、其他",
        ),
        (9, "编号", "编号与第8行相同"),
        (10, "编号", "您可以看到的矛盾纠纷中没有编号“没有”，请先导入事项和节点"),
    ]
    assert not Dispute.objects.exists()
    assert not ProceedingStep.objects.exists()


def test_a_day_before_the_settlement_and_an_unknown_mediator_are_refused(county: County, bring: Bring) -> None:
    bring("JF1,X1,2026-03-02,2026-03-03,2026-03-05,,,,达成协议", "JF2,X1,2026-03-02,2026-03-03,,,,,")

    report = take(county, facts("JF1", recheck_due_on=day("2026-03-04")), facts("JF2", 3, mediated_by="没有"))

    assert reasons(report) == [
        (2, "回访期限", "回访日期 2026-03-04 早于化解之日 2026-03-05，请定在化解以后"),
        (3, "调解单位代码", "没有代码为“没有”的在用单位"),
    ]


def test_the_same_register_again_changes_nothing_and_another_word_is_not_written_over(
    county: County, bring: Bring
) -> None:
    bring("JF1,X1,2026-03-02,2026-03-03,,,,,", "JF2,X1,2026-03-02,,,,,,")
    take(county, facts("JF1"), facts("JF2", 3))

    again = take(county, facts("JF1"), facts("JF2", 3, risk="重大"))

    assert (again.taken, again.unchanged) == (0, 1)
    assert reasons(again) == [(3, "编号", "已经登记，内容与登记的不同，没有覆盖；需要时请在系统内办理")]
    assert ProceedingStep.objects.count() == 3


def test_one_entered_by_hand_counts_as_there(county: County) -> None:
    a_dispute(county, "JF1")
    row = Dispute.objects.get()

    report = take(county, facts("JF1", sort=row.sort, risk=row.risk, channel=row.channel))

    assert (report.taken, report.unchanged, report.refused) == (0, 1, [])


def test_who_does_not_see_the_unit_takes_up_nothing(county: County, bring: Bring) -> None:
    bring("JF1,X1,2026-03-02,,,,,,")

    report = take_up_disputes([facts("JF1")], by=county.stranger, at=AT)

    assert (report.taken, len(report.refused)) == (0, 1)


def test_three_rows_cost_as_many_questions_as_one(county: County, bring: Bring) -> None:
    bring(*(f"JF{number},X1,2026-03-02,2026-03-03,,,,," for number in range(1, 5)))
    # Whose posts reach where is read once for an officer.
    take(county)
    assert not matters_of(county.legal).filter(restricted=True).exists()
    with CaptureQueriesContext(connection) as one:
        take(county, facts("JF1"))
    with CaptureQueriesContext(connection) as three:
        take(county, facts("JF2"), facts("JF3", 3), facts("JF4", 4))

    assert len(three) == len(one)
    assert Dispute.objects.count() == Matter.objects.filter(kind__code="dispute").count() == 4
