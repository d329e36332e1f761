"""A bulletin that goes to two hundred is composed, printed and read once, and everybody gets the same."""

from email.message import EmailMessage
from hashlib import sha256

from django.db import connection
from django.test.utils import CaptureQueriesContext

from supervision.bulletins.models import Bulletin, BulletinAct, BulletinPaper, Letter, LetterState, PaperForm, Recipient
from supervision.bulletins.services import send_letters
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.factories import APRIL_FIRST, MARCH, County, issued, moment

MANY = 200


def parts_of(message: EmailMessage) -> tuple[tuple[str, str], ...]:
    """Every part of a mail that holds something: its kind and a digest of what it holds."""
    return tuple(
        (part.get_content_type(), sha256(part.get_payload(decode=True)).hexdigest())  # type: ignore[arg-type]
        for part in message.walk()
        if not part.is_multipart()
    )


def test_two_hundred_get_the_same_that_was_composed_and_printed_once(place: County, sink: ChoosySink) -> None:
    entered = moment("2026-01-01")
    addresses = [f"reader{number:03}@example.cn" for number in range(MANY)]
    Recipient.objects.bulk_create(
        Recipient(name="读者", address=address, entered_at=entered, **place.county.scope_ids) for address in addresses
    )
    bulletin = issued(place.county)

    with CaptureQueriesContext(connection) as asked:
        report = send_letters(at=APRIL_FIRST, limit=MANY)

    assert (report.sent, report.failed, report.deferred, report.doubted) == (MANY, 0, 0, 0)
    assert sorted(sink.addressees) == addresses
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}
    # One mail, two hundred times: words, data and pictures to the last byte.
    (parts,) = {parts_of(one.message) for one in sink.received}
    assert [kind for kind, _ in parts[:2]] == ["text/plain", "text/html"]
    assert {"application/pdf"} <= {kind for kind, _ in parts}
    # Composed once, printed once, and what is sent is read once and not once a letter.
    assert bulletin.steps.filter(action=BulletinAct.COMPOSE).count() == 1
    forms = list(BulletinPaper.objects.filter(bulletin=bulletin).values_list("form", flat=True))
    assert [forms.count(form) for form in (PaperForm.WORD, PaperForm.PDF, PaperForm.EXCEL)] == [1, 1, 1]
    questions = [one["sql"] for one in asked if '"bulletins_bulletinpaper"' in one["sql"]]
    assert len(questions) == 3, "whether there are any, putting them on file, reading them"
    assert sum('"bulletins_bulletin"."html"' in one["sql"] for one in asked) == 1
    assert Bulletin.objects.get().begins_on == MARCH
