"""A county bureau with those who ask for exports and those who decide."""

from dataclasses import dataclass, replace

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.exports.models import ExportRequest
from supervision.exports.rules import Why
from supervision.exports.services import Export, ask_export
from tests.cases.factories import Bureau, make_bureau, make_officer, moment

AT = moment("2026-03-02 10:00")
LIST = Export(
    what="回访抽样总体", path="/return-visits/rounds/7/frame/", query="", method="GET", form="csv",
    about="returnvisits.visitround:7", rows=1200,
)  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """The asker, a colleague and the leader who may decide; a head, the auditor, and a legal officer next door."""

    bureau: Bureau
    asker: Officer
    legal: Officer
    leader: Officer
    head: Officer
    auditor: Officer
    stranger: Officer


def make_desk() -> Desk:
    bureau = make_bureau()
    plan_roles()
    return Desk(
        bureau=bureau,
        asker=make_officer("100001", bureau.legal, Role.LEGAL_OFFICER),
        legal=make_officer("100002", bureau.legal, Role.LEGAL_OFFICER),
        leader=make_officer("100003", bureau.county, Role.LEADER),
        head=make_officer("100004", bureau.station, Role.UNIT_HEAD),
        auditor=make_officer("100005", bureau.county, Role.AUDITOR),
        stranger=make_officer("100006", bureau.other_station, Role.LEGAL_OFFICER),
    )


def ask(
    desk: Desk, *, by: Officer | None = None, rows: int = 1200, why: Why = Why.MANY, query: str = ""
) -> ExportRequest:
    export = replace(LIST, rows=rows, query=query)
    return ask_export(export=export, why=why, purpose="年度核对，用后删除", by=by or desk.asker, at=AT)
