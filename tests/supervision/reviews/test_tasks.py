import pytest

from supervision.reviews.models import FormState, ReviewForm
from supervision.reviews.services import Finding, file_form
from supervision.reviews.tasks import watch_task
from tests.supervision.reviews.factories import LATER, County, draw, form_of


@pytest.mark.django_db
def test_the_watch_makes_final_what_nobody_objected_to(county: County) -> None:
    draw(county)
    form = form_of("A1")
    assert form.reviewer is not None
    served = Finding("served", "flaw", 3, "迟送二日")
    file_form(form=form, add=(served,), strike=(), opinion="阅", by=form.reviewer, at=LATER)

    # It asks the clock on the wall, which is far past April.
    assert (watch_task(), watch_task()) == (1, 0)
    assert ReviewForm.objects.filter(state=FormState.FINAL).count() == 1
