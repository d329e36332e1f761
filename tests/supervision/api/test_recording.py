"""Nothing leaves through the API without being put on record, under the token it was given to."""

from hashlib import sha256

import pytest

from cases.audit.models import WayOut
from cases.models import Officer
from supervision.api import views
from supervision.api.views import describe
from tests.cases.factories import Bureau
from tests.supervision.api.calling import Caller, case_of, let_in, warn

pytestmark = pytest.mark.django_db

LISTS = [path.removeprefix("/api/v1/") for path in describe()["paths"] if "{" not in path]


@pytest.mark.parametrize("path", LISTS)
def test_every_list_that_is_given_out_is_on_record_with_its_rows_and_its_digest(
    bureau: Bureau, county: Caller, path: str
) -> None:
    case_of("案1", bureau.station)
    warn()

    answer = county.get(path, **({"month": "2026-03"} if path == "figures" else {}))

    taken = WayOut.objects.get(about=f"api.systemtoken:{county.token.pk}")
    assert (taken.way, taken.by, taken.rows) == ("feed", None, len(answer.json()["rows"]))
    assert taken.digest == sha256(answer.content).hexdigest()
    assert taken.what.startswith("接口") and county.token.name in taken.what


def test_one_row_is_on_record_too(bureau: Bureau, county: Caller) -> None:
    case = case_of("案1", bureau.station)

    county.get(f"matters/{case.pk}")

    assert WayOut.objects.get().rows == 1


def test_what_does_not_leave_is_not_on_record(bureau: Bureau, county: Caller, security: Officer) -> None:
    first = county.get("units")
    assert WayOut.objects.count() == 1

    assert county.get("units", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert county.get("matters/999").status_code == 404
    assert county.get("matters", colour="red").status_code == 400
    assert let_in(bureau.county, security, scopes=["figures:read"]).get("matters").status_code == 403
    assert WayOut.objects.count() == 1


def test_what_cannot_be_put_on_record_does_not_leave(county: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(**kwargs: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(views, "note_call", breaks)

    with pytest.raises(OSError, match="full"):
        county.get("units")
