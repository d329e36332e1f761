import pytest

from supervision.property.tasks import watch_task
from tests.supervision.property.factories import County, found, take


@pytest.mark.django_db
def test_the_watch_finds_what_is_held_too_long_once(county: County) -> None:
    item = take(county)

    # It asks the clock on the wall, which is far past April.
    assert (watch_task(), watch_task()) == (1, 0)
    assert found(item) == {("time", "late")}
