import pytest

from supervision.expedited.tasks import watch_task
from tests.supervision.expedited.factories import County, applied, found


@pytest.mark.django_db
def test_the_watch_finds_what_is_not_decided_in_time_once(county: County) -> None:
    case = applied(county)

    # It asks the clock on the wall, which is far past March.
    assert (watch_task(), watch_task()) == (1, 0)
    assert found(case) == {"overlong"}
