"""What is handed out is on record, and bears the code of its record."""

from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from cases.audit.handing import CODE, UndeclaredExport, bear, hand_out, hand_out_table
from cases.audit.models import Way, WayOut
from cases.models import Officer, Role
from tests.cases.factories import Bureau, make_officer

pytestmark = pytest.mark.django_db


def package() -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as made:
        made.writestr("word/document.xml", "<w/>")
    return file.getvalue()


@pytest.fixture
def officer(bureau: Bureau) -> Officer:
    return make_officer("1", bureau.station, Role.CASE_OFFICER)


@pytest.fixture
def request_of(officer: Officer) -> HttpRequest:
    request = RequestFactory().get("/x/?state=open")
    request.user = officer
    return request


def test_a_word_file_bears_its_code_and_opens_as_before(request_of: HttpRequest, officer: Officer) -> None:
    answer = hand_out(
        request_of, package(), name="整改.docx", content_type="application/x", what="整改通知书", about="a.b:1"
    )

    taken = WayOut.objects.get()
    with ZipFile(BytesIO(answer.content)) as opened:
        assert opened.read("word/document.xml") == b"<w/>"
        assert opened.comment.decode() == f"dingban {taken.code}"
    assert (taken.way, taken.what, taken.about, taken.form) == (
        Way.EXPORT,
        "整改通知书",
        "a.b:1",
        "docx",
    )
    assert (taken.by, taken.asked, taken.digest) == (officer, "state=open", sha256(answer.content).hexdigest())
    assert answer[CODE] == taken.code
    assert answer["Content-Disposition"].startswith("attachment;")


def test_the_same_file_taken_twice_is_told_apart(request_of: HttpRequest) -> None:
    one, other = (
        hand_out(request_of, b"%PDF-1.7 x %%EOF", name="a.pdf", content_type="application/pdf", what="通报")
        for _ in range(2)
    )

    assert one.content != other.content
    assert WayOut.objects.get(digest=sha256(one.content).hexdigest()).code == one[CODE]


def test_evidence_is_handed_out_as_it_is(request_of: HttpRequest) -> None:
    answer = hand_out(
        request_of, b"%PDF-1.7", name="a.pdf", content_type="application/pdf", what="整改佐证材料", frozen=True
    )

    assert answer.content == b"%PDF-1.7"
    assert WayOut.objects.get().digest == sha256(b"%PDF-1.7").hexdigest()


def test_a_table_bears_its_code_in_its_name_and_is_on_record_before_its_first_line(request_of: HttpRequest) -> None:
    answer = hand_out_table(request_of, iter(["a\r\n"]), name="frame-3.csv", what="回访抽样总体", rows=12)

    taken = WayOut.objects.get()
    assert f"frame-3-{taken.code}.csv" in answer["Content-Disposition"]
    assert (taken.rows, taken.form, taken.digest) == (12, "csv", "")
    assert b"".join(answer) == b"a\r\n"


def test_a_form_without_a_place_for_it_stays_as_it_is() -> None:
    assert bear(b"\x89PNG", "CODE") == b"\x89PNG"


def test_a_form_without_a_place_inside_bears_the_code_in_its_name(request_of: HttpRequest) -> None:
    answer = hand_out(request_of, b"a\r\n", name="refused-3.csv", content_type="text/csv", what="导入拒收的行", rows=1)

    assert answer.content == b"a\r\n"
    assert f"refused-3-{WayOut.objects.get().code}.csv" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("what", "rows"), [("没有登记的名单", 3), ("没有登记的文书", None), ("导入拒收的行", None), ("通报", 3)]
)
def test_a_file_of_no_declared_kind_is_handed_to_nobody(request_of: HttpRequest, what: str, rows: int | None) -> None:
    with pytest.raises(UndeclaredExport, match=what):
        hand_out(request_of, b"x", name="a.csv", content_type="text/csv", what=what, rows=rows)

    assert not WayOut.objects.exists()


def test_what_is_held_back_is_neither_on_record_nor_handed_over(request_of: HttpRequest, settings: Any) -> None:
    settings.EXPORT_ROWS_FREELY = 2

    answer = hand_out_table(request_of, iter(["a\r\n"]), name="frame-3.csv", what="回访抽样总体", rows=3)

    assert (answer.status_code, answer.has_header(CODE)) == (302, False)
    assert answer["Location"].startswith("/exports/ask/?of=")
    assert not WayOut.objects.exists()
