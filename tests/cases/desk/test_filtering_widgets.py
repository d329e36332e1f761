"""The long select: written in one go, yet it says and escapes what Django's own would."""

from django import forms

from cases.desk.filtering import LongSelect

CHOICES = [("", "全部"), (7, "城东派出所"), (8, "<城西> & “新区”")]


def test_it_offers_and_selects_what_djangos_own_does() -> None:
    ours = LongSelect(choices=CHOICES).render("unit", "7", {"id": "id_unit"})
    own = forms.Select(choices=CHOICES).render("unit", "7", {"id": "id_unit"})

    def said(page: str) -> list[str]:
        return sorted("".join(page.replace("<", " < ").replace(">", " > ").splitlines()).split())

    assert said(ours) == said(own)


def test_words_are_escaped() -> None:
    page = LongSelect(choices=CHOICES).render("unit", 8)

    assert "<城西>" not in page
    assert '<option value="8" selected>&lt;城西&gt; &amp; “新区”</option>' in page


def test_nothing_chosen_selects_the_empty_choice() -> None:
    assert '<option value="" selected>全部</option>' in LongSelect(choices=CHOICES).render("unit", None)
