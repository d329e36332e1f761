"""The worker's part: one round of sealing."""

import pytest
from django.utils import timezone

from cases.audit.models import Seal, Way
from cases.audit.services import note_way_out
from cases.audit.tasks import seal_task

pytestmark = pytest.mark.django_db


def test_the_task_seals_what_is_new_and_then_nothing() -> None:
    note_way_out(way=Way.EXPORT, what="表", by=None, at=timezone.now())

    assert [seal_task(), seal_task()] == [1, 0]
    assert Seal.objects.count() == 1
