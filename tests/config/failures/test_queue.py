"""Redis is killed, or loses everything: nothing is lost but time, and whoever sits at the page is told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from cases.desk import uploads
from cases.models import Batch, Matter, Officer, Role
from cases.roles import plan_roles
from cases.tasks import load_uploads_task
from supervision.bulletins.models import Letter, LetterState
from supervision.bulletins.tasks import send_letters_task
from supervision.operations.models import JobRequest, JobRun
from tests.cases.desk.test_imports import GOOD, MAPPING
from tests.cases.factories import Bureau, make_bureau, make_catalogue, make_officer
from tests.config.failures.conftest import MortalRedis
from tests.rigs.waiting import until
from tests.rigs.worker import WorkerProcess, environment_of_the_test
from tests.supervision.bulletins.conftest import ChoosySink
from tests.supervision.bulletins.conftest import sink as sink
from tests.supervision.bulletins.factories import County, issued, make_county
from tests.supervision.operations.factories import plan

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = ("one@example.cn", "two@example.cn")


@pytest.fixture
def worker(
    transactional_db: None, mortal_redis: MortalRedis, sink: ChoosySink, tmp_path: Path
) -> Iterator[WorkerProcess]:
    """A worker on the mortal queue, whose mails go to the sink."""
    started = WorkerProcess(
        folder=tmp_path, environment=environment_of_the_test(REDIS_URL=mortal_redis.server.url, EMAIL_URL=sink.url)
    )
    started.start()
    yield started
    started.stop()


def due_now() -> None:
    """The letters' own moment is a day in April; the worker goes by today."""
    Letter.objects.update(next_try_at=timezone.now(), queued_at=timezone.now())


def test_letters_queued_while_redis_is_dead_are_sent_once_by_the_next_round_of_the_same_worker(
    worker: WorkerProcess, mortal_redis: MortalRedis, sink: ChoosySink
) -> None:
    county: County = make_county()
    mortal_redis.kill()

    issued(county.county, *ADDRESSES)
    due_now()
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.QUEUED}

    mortal_redis.start()
    # What beat does each minute.
    send_letters_task.delay()
    until(lambda: len(sink.received) >= 2, what="the worker to come back to its queue", within=60)
    send_letters_task.delay()
    until(
        lambda: JobRun.objects.filter(job="bulletins.send_letters", outcome="good").count() == 2,
        what="a second round",
        within=60,
    )

    assert sorted(sink.addressees) == sorted(ADDRESSES)
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}


# -- pages -------------------------------------------------------------------------------------------------------------


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def bureau(transactional_db: None) -> Bureau:
    plan_roles()
    make_catalogue()
    return make_bureau()


@pytest.fixture
def importing(bureau: Bureau, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A legal officer in a house whose files are all too large to be imported while the page waits."""
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "files", tmp_path
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "cases.yaml").write_text(MAPPING, encoding="utf-8")
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    return signed_in(make_officer("100003", bureau.county, Role.LEGAL_OFFICER))


def hand_in(client: Client) -> str:
    answer = client.post("/imports/", {"file": SimpleUploadedFile("cases.csv", GOOD.encode())})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer["Location"])


def test_whoever_asks_for_a_job_while_redis_is_dead_is_told_and_may_ask_again(
    bureau: Bureau, mortal_redis: MortalRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, job = signed_in(make_officer("900001", bureau.county, Role.SYSTEM_ADMIN)), plan()
    address = reverse("operations:job", args=(job.pk,))
    mortal_redis.kill()

    refused = client.post(address)
    mortal_redis.start()
    later = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    taken = client.post(address)

    assert refused.status_code == 422 and "任务队列连不上，没有排队" in refused.content.decode()
    assert (taken.status_code, mortal_redis.messages()) == (302, 1)
    assert [asked.queued_at is not None for asked in JobRequest.objects.order_by("pk")] == [False, True]


def test_a_file_handed_in_while_redis_is_dead_is_kept_and_imported_when_asked_again(
    importing: Client, mortal_redis: MortalRedis
) -> None:
    address = hand_in(importing)
    mortal_redis.kill()

    refused = importing.post(address, {"act": "load"}, follow=True).content.decode()
    mortal_redis.start()
    importing.post(address, {"act": "load"})
    load_uploads_task()

    assert "后台没有应答，文件已保留" in refused
    assert mortal_redis.messages() == 1
    assert (Matter.objects.count(), Batch.objects.count()) == (2, 1)


def test_a_flushed_queue_loses_no_import_and_no_letter(
    importing: Client, bureau: Bureau, mortal_redis: MortalRedis, sink: ChoosySink
) -> None:
    address = hand_in(importing)
    importing.post(address, {"act": "load"})
    issued(bureau.county, *ADDRESSES)
    due_now()
    assert mortal_redis.messages() == 2

    mortal_redis.flush()
    # What the timetable hands out each minute, twice.
    rounds = [(load_uploads_task(), send_letters_task()) for _ in range(2)]

    assert (mortal_redis.messages(), rounds) == (0, [(1, 2), (0, 0)])
    assert Batch.objects.get().matters_new == 2
    assert sorted(sink.addressees) == sorted(ADDRESSES)
    assert importing.get(address, follow=True).status_code == 200
