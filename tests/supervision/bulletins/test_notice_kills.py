"""Whoever tells, or sends what is told, is killed at each step, and everybody is told once, or a second copy says so.
Real processes, real SIGKILL, and this room's own news: a bulletin that did not arrive."""

import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest
from django.conf import settings

from cases.models import Officer, Role
from cases.services import assign_post
from supervision.bulletins.models import Letter, LetterState, Notice, NoticeLine
from supervision.bulletins.services import compose_notices, send_letters
from tests.rigs.worker import environment_of_the_test
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.factories import APRIL_FIRST, County, issued, make_officer, moment, story_of
from tests.supervision.bulletins.test_kills import later_rounds, marked, start_sender

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("working_days", "unreachable_queue"),
]

NINE = moment("2026-04-01 09:00")
ADDRESSES = ["shen@example.cn", "zhou@example.cn", "wu@example.cn"]

# Dies at the second person: before he is told, with his notice half written, or right after the commit. What is
# complete is looked at once before anybody is told, so that one dies with the first.
PROGRAM = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from supervision.bulletins import telling

where, count = sys.argv[1], [0]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def at_the_second(plain, before, after):
    def wrapped(*args, **rest):
        count[0] += 1
        if before and count[0] == 2:
            die()
        answer = plain(*args, **rest)
        if after and count[0] == 2:
            die()
        return answer
    return wrapped

if where == "before":
    telling._Round._tell_one = at_the_second(telling._Round._tell_one, True, False)
elif where == "half written":
    telling.queue_letters = at_the_second(telling.queue_letters, False, True)
elif where == "before the mark":
    telling._Round._complete = at_the_second(telling._Round._complete, False, True)
elif where == "after":
    telling._Round._tell_one = at_the_second(telling._Round._tell_one, False, True)
print(telling.compose_notices(at=datetime.fromisoformat(sys.argv[2])))
"""


@pytest.fixture
def three_legal_officers(place: County) -> list[Officer]:
    officers = [make_officer(place.county, email=address) for address in ADDRESSES]
    for officer in officers:
        assign_post(officer=officer, unit=place.county, role=Role.LEGAL_OFFICER, from_on=date(2025, 1, 1))
    return officers


@pytest.fixture
def bulletin_that_failed(place: County, three_legal_officers: list[Officer]) -> Letter:
    issued(place.county, "gone@example.cn")
    Letter.objects.update(state=LetterState.FAILED, next_try_at=None, error="没有这个人", tell_since=APRIL_FIRST)
    return Letter.objects.get()


def start_teller(where: str) -> subprocess.Popen[str]:
    """A process of its own that runs one round of telling."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, where, NINE.isoformat()],
        cwd=settings.ROOT,
        env=environment_of_the_test(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(("where", "told"), [("before", 1), ("half written", 1), ("before the mark", 0), ("after", 2)])
def test_after_a_kill_in_the_middle_of_telling_everybody_is_told_once(
    bulletin_that_failed: Letter, where: str, told: int
) -> None:
    teller = start_teller(where)
    said, _ = teller.communicate(timeout=60)
    told_before = Notice.objects.count()

    compose_notices(at=NINE + timedelta(minutes=1))
    compose_notices(at=NINE + timedelta(days=1))

    bulletin_that_failed.refresh_from_db()
    assert teller.returncode == -signal.SIGKILL, said
    assert told_before == told
    assert (Notice.objects.count(), NoticeLine.objects.count()) == (3, 3)
    assert Letter.objects.filter(notice__isnull=False).count() == 3
    assert bulletin_that_failed.tell_since is None


def test_two_tellers_at_the_same_time_tell_everybody_once(bulletin_that_failed: Letter) -> None:
    tellers = [start_teller("nowhere") for _ in range(3)]

    said = [teller.communicate(timeout=60)[0] for teller in tellers]

    assert [teller.returncode for teller in tellers] == [0, 0, 0], said
    assert all("broken=[]" in words for words in said), said
    assert (Notice.objects.count(), NoticeLine.objects.count()) == (3, 3)


@pytest.mark.parametrize(
    ("backend", "copies", "story"),
    [
        ("BeforeSending", ([False], [True], [False]), ["queued", "claimed", "doubted", "claimed", "sent"]),
        ("AfterTheYes", ([False], [False, True], [False]), ["queued", "claimed", "doubted", "claimed", "sent"]),
        ("BeforeTheGoodbye", ([False], [False], [False]), ["queued", "claimed", "sent"]),
    ],
)
def test_after_a_kill_in_the_middle_of_sending_every_possible_second_copy_of_a_notice_says_so(
    bulletin_that_failed: Letter, sink: ChoosySink, backend: str, copies: tuple[list[bool], ...], story: list[str]
) -> None:
    # The clock of the rounds is that of the other kills: nine o'clock comes first here.
    compose_notices(at=NINE)
    Letter.objects.filter(notice__isnull=False).update(next_try_at=APRIL_FIRST, queued_at=APRIL_FIRST)
    sender = start_sender(sink, at=APRIL_FIRST, backend=f"tests.supervision.bulletins.dying.{backend}")
    said, _ = sender.communicate(timeout=60)

    later_rounds()

    second = Letter.objects.get(notice__officer__email=ADDRESSES[1])
    assert sender.returncode == -signal.SIGKILL, said
    assert tuple(marked(sink, address) for address in ADDRESSES) == copies
    assert story_of(second) == story
    assert not Letter.objects.filter(notice__isnull=False).exclude(state=LetterState.SENT).exists()
    assert send_letters(at=NINE).sent == 0
