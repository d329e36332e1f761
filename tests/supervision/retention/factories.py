"""A county with old records past their time, those who list them and those who approve."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.models import Batch, BatchState, Feedback, Matter, Officer, Refusal, Role
from cases.roles import plan_roles
from tests.cases.factories import Bureau, make_bureau, make_case, make_catalogue, make_officer, moment

AT = moment("2030-03-04 10:00")
OLD = AT - timedelta(days=2000)
YOUNG = AT - timedelta(days=20)
SECRET = "张三说民警态度不好"


@dataclass(frozen=True)
class Archive:
    """Who proposes, who approves, who may neither; the matter of old answers."""

    bureau: Bureau
    legal: Officer
    other_legal: Officer
    leader: Officer
    head: Officer
    stranger: Officer
    top: Officer
    top_leader: Officer
    matter: Matter


def make_archive() -> Archive:
    bureau = make_bureau()
    make_catalogue()
    plan_roles()
    legal = make_officer("100001", bureau.legal, Role.LEGAL_OFFICER)
    return Archive(
        bureau=bureau,
        legal=legal,
        other_legal=make_officer("100002", bureau.legal, Role.LEGAL_OFFICER),
        leader=make_officer("100003", bureau.county, Role.LEADER),
        head=make_officer("100004", bureau.station, Role.UNIT_HEAD),
        stranger=make_officer("100005", bureau.other_station, Role.LEGAL_OFFICER),
        top=make_officer("100006", bureau.province, Role.LEGAL_OFFICER),
        top_leader=make_officer("100007", bureau.province, Role.LEADER),
        matter=make_case("A-1", bureau.station, None, filed="2024-01-10"),
    )


def make_batch(by: Officer, *, finished_at: datetime = OLD, rows: int = 2) -> Batch:
    batch = Batch.objects.create(
        file_name="旧.csv", digest="0" * 64, mapping="m", source="s", by=by, started_at=finished_at,
        finished_at=finished_at, state=BatchState.LOADED,
    )  # fmt: skip
    for row in range(rows):
        Refusal.objects.create(
            batch=batch, row=row + 2, column="单位", reason=f"没有单位 {SECRET}", content={"当事人": SECRET}
        )
    return batch


def make_answer(matter: Matter, *, given_at: datetime = OLD, text: str = SECRET) -> Feedback:
    return Feedback.objects.create(matter=matter, grade=3, channel="电话回访", given_at=given_at, text=text)
