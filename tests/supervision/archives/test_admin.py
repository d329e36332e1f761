"""The ledger of looks in the admin: to read, for those who supervise; the archives themselves are not there."""

import pytest

from cases.models import Officer
from supervision.archives.services import look_at_officer
from tests.supervision.archives.factories import NIGHT, browser, praised
from tests.supervision.returnvisits.factories import County


def test_the_inspector_and_the_leader_read_who_looked_in_their_bureau(county: County) -> None:
    look_at_officer(officer=county.officer, reason="日常监督检查", by=county.legal, at=NIGHT)
    root = Officer.objects.create_superuser("root", "建站账号", county.bureau.county, "liangzhu-jade-5300")
    look_at_officer(officer=county.stranger, reason="邻县自己的事", by=root, at=NIGHT)

    for reader in (county.inspector, county.leader):
        page = browser(reader).get("/archives/archivelook/").content.decode()
        assert "日常监督检查" in page
        assert "邻县自己的事" not in page


def test_nobody_else_does_and_nobody_writes(county: County) -> None:
    look_at_officer(officer=county.officer, reason="日常监督检查", by=county.legal, at=NIGHT)

    for other in (county.officer, county.head, county.legal):
        assert browser(other).get("/archives/archivelook/").status_code == 403
    assert browser(county.inspector).get("/archives/archivelook/add/").status_code == 403


@pytest.mark.parametrize("table", ["archiveentry", "archivereply"])
def test_entries_have_no_table_that_could_be_read_without_a_reason(county: County, table: str) -> None:
    praised(county)

    assert browser(county.inspector).get(f"/archives/{table}/").status_code == 404
