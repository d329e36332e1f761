"""The simulated bureau as rows: units, officers, posts, and the cases as they are entered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cases.models import (
    Event,
    EventKind,
    Handling,
    HandlingRole,
    Matter,
    MatterKind,
    Officer,
    Post,
    Role,
    Unit,
    UnitKind,
    UnitLevel,
)
from cases.services import add_unit
from cases.statute import periods
from config.simulation.drawing import Act, Case

OFFICERS_A_UNIT = 6
SOURCE = "模拟"


@dataclass(frozen=True, slots=True)
class Staff:
    """The county and who works there: its legal department and branch, case officers by unit, the head of each, the legal officers and the leaders of the county."""

    county: Unit
    legal_unit: Unit
    line: Unit
    units: Sequence[Unit]
    officers: Sequence[Sequence[Officer]]
    heads: Sequence[Officer]
    legal: Sequence[Officer]
    leaders: Sequence[Officer]

    @property
    def people(self) -> int:
        return sum(len(unit) for unit in self.officers) + len(self.heads) + len(self.legal) + len(self.leaders)


def make_staff(units: int, since: date) -> Staff:
    """A city, a county, its legal department, a branch and so many stations, with everybody in post since a day."""
    city = add_unit(code="M", name="模拟市公安局", level=UnitLevel.CITY, kind=UnitKind.BUREAU)
    county = add_unit(code="M1", name="模拟县公安局", level=UnitLevel.COUNTY, kind=UnitKind.BUREAU, parent=city)

    def below(code: str, name: str, kind: UnitKind) -> Unit:
        return add_unit(code=code, name=name, level=UnitLevel.STATION, kind=kind, parent=county)

    legal_unit = below("M1-00", "法制大队", UnitKind.LEGAL)
    line = below("M1-LINE", "治安大队", UnitKind.BRANCH)
    stations = [below(f"M1-{n:02d}", f"第{n}派出所", UnitKind.STATION) for n in range(1, units + 1)]
    serial = iter(range(800_000, 900_000))

    def hire(unit: Unit, count: int, role: Role) -> list[Officer]:
        rows = [
            Officer(police_number=str(n), name=f"民警{n}", unit=unit, password="!")  # nosec B106
            for n, _ in zip(serial, range(count), strict=False)
        ]
        made = Officer.objects.bulk_create(rows)
        Post.objects.bulk_create([Post(officer=one, unit=unit, role=role, from_on=since) for one in made])
        return made

    return Staff(
        county,
        legal_unit,
        line,
        stations,
        [hire(unit, OFFICERS_A_UNIT, Role.CASE_OFFICER) for unit in stations],
        [hire(unit, 1, Role.UNIT_HEAD)[0] for unit in stations],
        hire(legal_unit, 3, Role.LEGAL_OFFICER),
        hire(county, 2, Role.LEADER),
    )


def open_cases(cases: Iterable[Case], staff: Staff) -> dict[str, int]:
    """Every matter of the year as a row, before anything has happened to it; ids by number."""
    kinds = {kind.code: kind for kind in MatterKind.objects.all()}
    made: dict[str, int] = {}
    batch = list(cases)
    for begins in range(0, len(batch), 2000):
        part = batch[begins : begins + 2000]
        rows = Matter.objects.bulk_create(
            Matter(
                kind=kinds[case.kind],
                number=case.number,
                officer=staff.officers[case.unit][case.officer],
                facts=case.facts,
                **staff.units[case.unit].scope_ids,
            )
            for case in part
        )
        Handling.objects.bulk_create(
            Handling(
                matter=row,
                officer=staff.officers[case.unit][case.officer],
                role=HandlingRole.OFFICER,
                from_at=case.acts[0].entered,
            )
            for row, case in zip(rows, part, strict=True)
        )
        made.update((case.number, row.pk) for case, row in zip(part, rows, strict=True))
    return made


class Recorder:
    """Enters events as they come in, thousands at a time."""

    def __init__(self) -> None:
        self._kinds = {kind.code: kind for kind in EventKind.objects.all()}
        self._serial = 0

    def enter(self, acts: Sequence[tuple[int, Act]]) -> set[int]:
        """Write the events of these matters; the matters' ids."""
        Event.objects.bulk_create([self._event(matter_id, act) for matter_id, act in acts], batch_size=1000)
        return {matter_id for matter_id, _ in acts}

    def _event(self, matter_id: int, act: Act) -> Event:
        self._serial += 1
        kind = self._kinds[act.kind]
        return Event(
            matter_id=matter_id,
            kind=kind,
            occurred_at=_known(act.at) if kind.day_only else act.at,
            day_only=kind.day_only,
            recorded_at=act.entered,
            source=SOURCE,
            source_number=str(self._serial),
            **act.fields,
        )


def _known(at: datetime) -> datetime:
    """The midnight of the day, where only the day is on record."""
    zone = at.tzinfo
    assert isinstance(zone, ZoneInfo)
    return periods.start_of_day(at.date(), zone)
