"""The examples that are shipped bind to the catalogue that is shipped, and read what they are meant for."""

from pathlib import Path

import pytest
from django.core.management import call_command

from cases.intake import load_file, read_mapping
from cases.models import Event, Matter
from tests.cases.factories import Bureau, make_officer
from tests.cases.intake.conftest import NOW, Write, reasons

SEEDS = Path(__file__).resolve().parents[3] / "seeds"

FILES = {
    "public_order_cases": (
        """
        案件编号,办案单位代码,主办民警警号,案件名称,是否快速办理,接报案时间,立案时间,立案文书号,委托鉴定日期,收到鉴定意见日期,批准延长日期,延长批准单位,延长天数,处理决定时间,决定书文号,执行完毕时间
        Z1,X1,100001,张某殴打他人案,否,2026年3月1日22时10分,2026/3/2 10:05,某公受〔2026〕1号,2026-03-05,2026-03-15,2026-03-31,县级公安机关,30日,2026-05-06 16:00,某公决〔2026〕1号,2026-05-12
        """,
        7,
    ),
    "seized_items": (
        """
        财物编号,办案单位代码,主办民警警号,财物名称,案件类别,扣押时间,扣押决定书文号,扣押批准人,移交保管时间,延长扣押日期,延长文书号,延长批准人,退还时间,处理时间
        K1,X1,100001,手机一部,治安,2026-03-02 10:05,某公扣〔2026〕1号,县级公安机关负责人,2026-03-02 16:00,2026-03-30,某公延〔2026〕1号,县级公安机关负责人,2026-04-20 09:00,
        """,
        5,
    ),
    "incident_steps": (
        """
        警情编号,处警单位代码,处警民警警号,警情类别,环节,时间,流水号,备注
        J1,X1,,纠纷,接警,2026-03-01 22:10:05,1,
        J1,X1,100001,纠纷,到达现场,2026-03-01 22:21:40,2,
        J1,X1,100001,纠纷,分流,2026-03-01 23:50,3,调解
        J1,X1,100001,纠纷,回访,2026-03-02 10:00,4,
        """,
        3,
    ),
    "petitions": (
        """
        某局信访台账
        登记类别,登记编号,承办单位代码,包案民警警号,反映事项,收到日期,告知日期,受理日期,受理告知书编号,批准延期日期,延期批准层级,答复日期,答复意见书编号
        信访,F1,X1,100001,反映出警慢,2026.3.2,2026.3.10,2026.3.12,告1号,,,,
        """,
        3,
    ),
    "process_log_xes": (
        """
        <log><trace><string key="concept:name" value="P1"/><string key="unit" value="X1"/>
        <event><string key="concept:name" value="立案"/><date key="time:timestamp" value="2026-03-02T10:05:00+08:00"/></event>
        <event><string key="concept:name" value="decision_made"/><date key="time:timestamp" value="2026-03-20T10:05:00+08:00"/></event>
        </trace></log>
        """,
        2,
    ),
}


@pytest.mark.django_db
def test_every_example_brings_in_a_file_made_for_it(write: Write, bureau: Bureau) -> None:
    call_command("load_catalogue", str(SEEDS), verbosity=0)
    make_officer("100001", bureau.station)

    for name, (content, events) in FILES.items():
        path = write(content, f"{name}.{'xes' if name.endswith('xes') else 'csv'}")
        report = load_file(path, read_mapping(SEEDS / "mappings" / f"{name}.yaml"), at=NOW)

        assert reasons(report) == [], name
        assert report.events_new == events, name
    assert {path.stem for path in (SEEDS / "mappings").glob("*.yaml")} == set(FILES)
    assert Matter.objects.get(number="Z1").facts == {"expedited": "false"}
    extension = Event.objects.get(kind__code="extension_approved")
    assert (extension.approver, extension.amount) == ("county_bureau", 30)
