"""A log of another country's law through the whole house: catalogue, import, clocks, sweep, figures.

The small log is always walked. The real one, the complete log of an Italian police force with its half a million
steps, lies beside the repository where it is on hand; what must come out of it was computed twice by others.
"""

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from cases.models import Batch, Event, Matter, PendingWinding

ROOT = Path(__file__).resolve().parents[2]
FINES = ROOT / "seeds" / "examples" / "fines"
REAL_LOG = ROOT.parent / "shared" / "data" / "traffic_fines_events.csv.gz"
VARIANTS = REAL_LOG.with_name("traffic_fines_publisher_variants.csv")

CREATE, SEND, NOTIFY, PENALTY = "Create Fine", "Send Fine", "Insert Fine Notification", "Add penalty"
PAY, APPEAL, JUDGE = "Payment", "Insert Date Appeal to Prefecture", "Appeal to Judge"
COLLECT = "Send for Credit Collection"

# Days on which 90 and 60 days after are easily counted: 31 March is the 90th day after 31 December of a common year.
SMALL_LOG: dict[str, list[tuple[str, str]]] = {
    # Sent on the last day; paid before it was notified, which is in time.
    "B1": [
        (CREATE, "2006-12-31"),
        (SEND, "2007-03-31"),
        (PAY, "2007-04-10"),
        (NOTIFY, "2007-04-12"),
        (PENALTY, "2007-06-11"),
    ],
    # Sent a day late; clocks go forward on 25 March 2007 and take nothing from it.
    "B2": [
        (CREATE, "2006-12-31"),
        (SEND, "2007-04-01"),
        (NOTIFY, "2007-04-12"),
        (PENALTY, "2007-06-11"),
        (PAY, "2007-06-11"),
    ],
    # Paid a day late, twice on one day; then collected.
    "B3": [
        (CREATE, "2007-01-10"),
        (SEND, "2007-01-20"),
        (NOTIFY, "2007-02-01"),
        (PENALTY, "2007-04-02"),
        (PAY, "2007-04-03"),
        (PAY, "2007-04-03"),
        (COLLECT, "2009-03-30"),
    ],
    # Appealed on the sixtieth day and to the judge on the thirty-first.
    "B4": [
        (CREATE, "2007-01-10"),
        (SEND, "2007-01-10"),
        (NOTIFY, "2007-02-01"),
        (JUDGE, "2007-03-04"),
        (APPEAL, "2007-04-02"),
    ],
    # Never sent: one paid at once, one not at all.
    "B5": [(CREATE, "2007-09-30"), (PAY, "2007-10-01")],
    "B6": [(CREATE, "2007-10-03")],
    "B7": [(CREATE, "2007-10-02")],
}
# started, on time, late, on the last day, never ended
SMALL_CLOCKS = {
    "fine_send": (7, 3, 1, 1, 3),
    "fine_notify": (7, 2, 2, 0, 3),
    "fine_penalty": (4, 3, 0, 3, 1),
    "fine_payment": (4, 2, 1, 1, 1),
    "fine_appeal_to_prefecture": (4, 1, 0, 1, 3),
    "fine_appeal_to_judge": (4, 0, 1, 0, 3),
}
REAL_CLOCKS = {
    "fine_send": (150_370, 54_215, 49_772, 795, 46_383),
    "fine_notify": (150_370, 32_267, 47_593, 609, 70_510),
    "fine_penalty": (79_860, 79_860, 0, 79_860, 0),
    "fine_payment": (79_860, 5_013, 14_726, 901, 60_121),
    "fine_appeal_to_prefecture": (79_860, 3_461, 582, 77, 75_817),
    "fine_appeal_to_judge": (79_860, 149, 389, 14, 79_322),
}
REAL_OPEN = [
    ("2005-12-31", 74_877, 2_521, 289, 9_817),
    ("2007-12-31", 101_281, 1_451, 323, 10_190),
    ("2010-12-31", 134_506, 240, 29, 10_446),
    ("2012-12-31", 148_830, 209, 72, 8_127),
]
REAL_2007 = [
    (300, 6, 1_053),
    (690, 8, 10),
    (873, 4, 4),
    (774, 1_273, 590),
    (807, 8, 15),
    (1_425, 595, 22),
    (2_135, 481, 638),
    (1_916, 1_590, 980),
    (658, 1_074, 385),
    (556, 550, 723),
    (600, 4, 405),
    (556, 1_673, 822),
]
REAL_STEPS = {
    "create_fine": 150_370,
    "send_fine": 103_987,
    "insert_fine_notification": 79_860,
    "add_penalty": 79_860,
    "payment": 77_601,
    "send_for_credit_collection": 59_013,
    "insert_date_appeal_to_prefecture": 4_188,
    "send_appeal_to_prefecture": 4_141,
    "receive_result_appeal": 999,
    "notify_result_appeal": 896,
    "appeal_to_judge": 555,
}


def command(*words: object) -> Any:
    """What a command prints with --json."""
    out = io.StringIO()
    call_command(*map(str, words), "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def walk(log: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """An empty database, the catalogue of the fines, the log; the import's report and the figures."""
    call_command("load_catalogue", FINES, stdout=io.StringIO())
    report = command("intake", log, "--mapping", FINES / "mapping.yaml")
    command("rewind", "--pending")
    command("sweep", "--at", "2013-06-30T00:00:00+02:00")
    return report, command("log_report", FINES / "report.yaml")


def clocks_of(figures: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    names = ("started", "on_time", "late", "on_last_day", "never_ended")
    return {row["limit"]: tuple(row[name] for name in names) for row in figures["clocks"]}


def small_log(folder: Path) -> Path:
    path = folder / "log.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["case_id", "seq", "activity", "date"])
        for case, steps in SMALL_LOG.items():
            writer.writerows([case, seq, step, day] for seq, (step, day) in enumerate(steps))
    return path


@pytest.mark.django_db
def test_a_small_log_of_fines_is_counted_to_the_day(tmp_path: Path) -> None:
    report, figures = walk(small_log(tmp_path))

    assert (report["matters_new"], report["events_new"], report["rows_refused"]) == (7, 26, 0)
    assert clocks_of(figures) == SMALL_CLOCKS
    # On 31 December 2007 B7 is ninety days old and B6 eighty-nine: neither is more than ninety.
    assert [tuple(row.values()) for row in figures["open_at"]] == [
        ("2005-12-31", 0, 0, 0, 0),
        ("2007-12-31", 7, 2, 0, 1),
        ("2010-12-31", 7, 2, 2, 1),
        ("2012-12-31", 7, 2, 2, 1),
    ]
    months = [tuple(row.values())[1:] for row in figures["by_month"]]
    assert months[:4] == [(2, 2, 0), (0, 0, 2), (0, 1, 0), (0, 1, 2)]
    assert months[8:10] == [(1, 0, 0), (2, 0, 0)]


@pytest.mark.django_db
def test_a_small_log_again_and_undone_and_again_ends_where_it_began(tmp_path: Path) -> None:
    log = small_log(tmp_path)
    first, figures = walk(log)

    again = command("intake", log, "--mapping", FINES / "mapping.yaml")

    assert (again["events_new"], again["rows_unchanged"]) == (0, 26)
    assert not PendingWinding.objects.exists()
    assert command("intake", "--undo", first["batch"])["events"] == 26
    command("rewind", "--pending")
    assert command("log_report", FINES / "report.yaml")["matters"] == 0
    assert walk(log)[1] == figures


def sequences() -> Iterator[tuple[str, ...]]:
    """The sequence of steps of each matter, as recorded."""
    steps: list[str] = []
    matter = None
    rows = Event.objects.order_by("matter_id", "pk").values_list("matter_id", "kind__code")
    for matter_id, code in rows.iterator(chunk_size=10_000):
        if matter_id != matter and steps:
            yield tuple(steps)
            steps = []
        matter = matter_id
        steps.append(code)
    yield tuple(steps)


def published_sequences() -> dict[tuple[str, ...], int]:
    """How often the publisher counted each sequence, in the codes of our catalogue."""
    codes = yaml.safe_load((FINES / "mapping.yaml").read_bytes())["intake"]["event"]["kind"]["values"]
    with VARIANTS.open(encoding="utf-8", newline="") as stream:
        found = {
            tuple(codes[step] for step in row["variant"].split(";")): int(row["cases"])
            for row in csv.DictReader(stream)
        }
    assert len(found) == 231
    return found


@pytest.mark.real_log
@pytest.mark.skipif(not REAL_LOG.is_file(), reason="旁边没有 shared/data，不能走真实日志")
@pytest.mark.django_db
def test_the_real_log_gives_the_figures_others_computed() -> None:
    report, figures = walk(REAL_LOG)

    assert (report["rows_read"], report["matters_new"], report["events_new"]) == (561_470, 150_370, 561_470)
    assert (report["rows_refused"], report["kept_count"]) == (0, 0)
    assert (Matter.objects.count(), Batch.objects.get().rows_read) == (150_370, 561_470)
    assert Counter(Event.objects.values_list("kind__code", flat=True)) == REAL_STEPS
    assert clocks_of(figures) == REAL_CLOCKS
    assert [tuple(row.values()) for row in figures["open_at"]] == REAL_OPEN
    assert [tuple(row.values())[1:] for row in figures["by_month"]] == REAL_2007
    assert Counter(sequences()) == published_sequences()
