"""The sending process is killed at each step, and the letters are the same as if it had not been, or say that they may
be a second copy. Real processes, real SIGKILL, a real mail server, rows that other processes see."""

import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from supervision.bulletins.models import Letter, LetterState
from supervision.bulletins.rules import CLAIM_LASTS
from supervision.bulletins.services import send_letters
from tests.rigs.smtp import Manner
from tests.rigs.waiting import until
from tests.rigs.worker import WorkerProcess, environment_of_the_test
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.factories import APRIL_FIRST, County, issued, letter_to, story_of

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
ONE, TWO, THREE = "one@example.cn", "two@example.cn", "three@example.cn"

PROGRAM = """
import sys
from datetime import datetime
import django
django.setup()
from django.conf import settings
from supervision.bulletins.services import send_letters
settings.EMAIL_BACKEND = sys.argv[1]
print(send_letters(at=datetime.fromisoformat(sys.argv[2])))
"""


def start_sender(sink: ChoosySink, *, at: datetime, backend: str, dies_at: int = 2) -> subprocess.Popen[str]:
    """A process of its own that runs one round."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, backend, at.isoformat()],
        cwd=settings.ROOT,
        env=environment_of_the_test(EMAIL_URL=sink.url, DIES_AT=str(dies_at)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def killed_round(sink: ChoosySink, backend: str) -> None:
    """A round that its process does not survive."""
    sender = start_sender(sink, at=APRIL_FIRST, backend=f"tests.supervision.bulletins.dying.{backend}")

    said, _ = sender.communicate(timeout=60)

    assert sender.returncode == -signal.SIGKILL, said


def later_rounds() -> None:
    """What the timetable does afterwards: one round before the dead process's claim is given up, one when it is."""
    send_letters(at=APRIL_FIRST + MINUTE)
    send_letters(at=APRIL_FIRST + CLAIM_LASTS + MINUTE)
    send_letters(at=APRIL_FIRST + 2 * CLAIM_LASTS)


def marked(sink: ChoosySink, address: str) -> list[bool]:
    """For each copy somebody got, whether it says that it may be a second one."""
    return ["【可能重复】" in str(message["subject"]) for message in sink.copies_for(address)]


@pytest.fixture
def three_letters(place: County, unreachable_queue: None) -> None:
    issued(place.county, ONE, TWO, THREE)


@pytest.mark.parametrize(
    ("backend", "copies", "doubtful", "story"),
    [
        pytest.param(
            "BeforeTheClaim",
            ([False], [False], [False]),
            [],
            ["queued", "claimed", "sent"],
            id="killed before the claim",
        ),
        pytest.param(
            "BeforeSending",
            ([False], [True], [False]),
            [TWO],
            ["queued", "claimed", "doubted", "claimed", "sent"],
            id="killed after the claim, before the letter is handed over",
        ),
        pytest.param(
            "AfterTheYes",
            ([False], [False, True], [False]),
            [TWO],
            ["queued", "claimed", "doubted", "claimed", "sent"],
            id="killed after the server's yes, before the note",
        ),
        pytest.param(
            "BeforeTheGoodbye",
            ([False], [False], [False]),
            [],
            ["queued", "claimed", "sent"],
            id="killed after the last note",
        ),
    ],
)
def test_after_a_kill_nobody_is_missed_and_every_possible_second_copy_says_so(
    sink: ChoosySink,
    three_letters: None,
    backend: str,
    copies: tuple[list[bool], ...],
    doubtful: list[str],
    story: list[str],
) -> None:
    killed_round(sink, backend)

    later_rounds()

    assert tuple(marked(sink, address) for address in (ONE, TWO, THREE)) == copies
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}
    assert [letter.address for letter in Letter.objects.exclude(doubtful_at=None)] == doubtful
    assert story_of(letter_to(TWO)) == story
    assert len({message["Message-ID"] for message in sink.copies_for(TWO)}) == 1


def test_a_process_killed_while_the_server_keeps_it_waiting_leaves_one_letter_in_doubt(
    sink: ChoosySink, three_letters: None
) -> None:
    sink.manners[TWO] = Manner.HANG
    sender = start_sender(sink, at=APRIL_FIRST, backend="django.core.mail.backends.smtp.EmailBackend")

    sink.wait_for_attempts(2)
    sender.kill()
    sender.communicate(timeout=60)
    sink.manners.clear()
    held = letter_to(TWO)
    later_rounds()

    assert sender.returncode == -signal.SIGKILL
    assert held.state == LetterState.SENDING
    assert tuple(marked(sink, address) for address in (ONE, TWO, THREE)) == ([False], [True], [False])
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}


def test_a_round_that_is_not_killed_gives_the_same_letters_without_a_mark(
    sink: ChoosySink, three_letters: None
) -> None:
    sender = start_sender(sink, at=APRIL_FIRST, backend="django.core.mail.backends.smtp.EmailBackend")

    said, _ = sender.communicate(timeout=60)
    later_rounds()

    assert "sent=3" in said
    assert tuple(marked(sink, address) for address in (ONE, TWO, THREE)) == ([False], [False], [False])


# -- a worker --------------------------------------------------------------------------------------------------------


@pytest.fixture
def mailing_worker(sink: ChoosySink, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> WorkerProcess:
    """A real worker on a real queue, which sends to the sink."""
    monkeypatch.setenv("EMAIL_URL", sink.url)
    worker: WorkerProcess = request.getfixturevalue("celery_worker_process")
    return worker


def test_a_worker_killed_in_mid_send_misses_nobody_and_another_goes_on(
    sink: ChoosySink, mailing_worker: WorkerProcess, place: County, tmp_path: Path
) -> None:
    sink.manners[TWO] = Manner.HANG
    # Told on commit: nobody waits for the timetable.
    issued(place.county, ONE, TWO, THREE)
    sink.wait_for_attempts(2)

    mailing_worker.kill_hard()
    sink.manners.clear()
    send_letters(at=timezone.now())
    until(lambda: sink.copies_for(THREE), what="the letters that were not being sent")
    send_letters(at=timezone.now() + CLAIM_LASTS + MINUTE)

    assert tuple(marked(sink, address) for address in (ONE, TWO, THREE)) == ([False], [True], [False])
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}
