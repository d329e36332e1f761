"""What a file says of a case counts as what a form says of it, on either engine."""

from pathlib import Path

from cases.intake import load_file, parse_mapping
from cases.winding import wind_pending
from supervision.evaluation.counting import count
from supervision.evaluation.rules.periods import read_period
from tests.cases.factories import Bureau, make_case, moment
from tests.supervision.evaluation.factories import term

MAPPING = {
    "name": "台账",
    "source": "台账",
    "rows": "matter",
    "matter": {
        "kind": {"fixed": "case"},
        "number": "编号",
        "unit": "单位",
        "facts": {"expedited": {"column": "快办", "values": {"是": True, "否": False, "": None}}},
    },
    "events": [{"kind": "filed", "when": "立案"}],
}


def test_a_case_imported_as_expedited_counts_as_expedited(bureau: Bureau, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "编号,单位,快办,立案\nA1,X1,是,2026-03-10\nA2,X1,否,2026-03-10\nA3,X1,,2026-03-10\n", encoding="utf-8"
    )
    at, march = moment("2026-04-01"), read_period("2026-03")
    report = load_file(path, parse_mapping(MAPPING), at=moment("2026-03-20"))
    make_case("A4", bureau.station, filed="2026-03-10", facts={"expedited": True})
    assert report.ok, report.refusals
    wind_pending(at=at)

    assert count(term("matters", "opened", expedited=True), bureau.county, march, at) == 2
    assert count(term("matters", "opened", expedited=False), bureau.county, march, at) == 2
