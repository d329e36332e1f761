"""All papers of a circular carry the same numbers: each read back by a program that did not write it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.bulletins.papers.document import Circular, Number, Paragraph, counted, rated
from supervision.bulletins.papers.excel import excel_paper
from supervision.bulletins.papers.html import mail, page
from supervision.bulletins.papers.pdf import pdf_paper
from supervision.bulletins.papers.word import word_paper
from tests.supervision.bulletins.papers import reading
from tests.supervision.bulletins.papers.circulars import ALL, county_month

every = pytest.mark.parametrize("make", ALL.values(), ids=ALL)


@every
def test_a_mail_carries_every_number_in_both_its_forms(make: Callable[[], Circular]) -> None:
    circular = make()

    sent = mail(circular)

    assert reading.from_html(sent.html, circular) == reading.meant(circular)
    assert reading.from_plain(sent.text, circular) == reading.meant(circular)


@every
def test_a_page_carries_every_number(make: Callable[[], Circular]) -> None:
    circular = make()

    assert reading.from_html(page(circular), circular) == reading.meant(circular)


@every
def test_word_carries_every_number(make: Callable[[], Circular]) -> None:
    circular = make()

    assert reading.from_word(word_paper(circular), circular) == reading.meant(circular)


@every
def test_pdf_carries_every_number_and_every_word(make: Callable[[], Circular]) -> None:
    circular = make()

    assert reading.from_pdf(pdf_paper(circular), circular) == reading.meant(circular)


@every
def test_excel_registers_every_number_with_what_it_was_counted_from(make: Callable[[], Circular]) -> None:
    circular = make()

    read = reading.from_excel(excel_paper(circular))

    assert [(key, text) for key, text, *_ in read] == reading.meant(circular)
    for (_, _, value, *parts), number in zip(read, circular.numbers(), strict=True):
        assert value == pytest.approx(_in_excel(number)) if number.value is not None else value == number.text
        assert parts == [number.numerator, number.denominator]


def _in_excel(number: Number) -> float:
    assert number.value is not None
    return float(number.value) / (100 if number.is_ratio else 1)


def test_a_number_left_out_of_a_paper_is_missed() -> None:
    """The readings can fail: a circular with one number fewer is not read as the whole one."""
    whole = county_month()
    less = replace(whole, blocks=(Paragraph(("没有数字。",)), *whole.blocks[1:]))

    assert reading.from_html(page(less), less) != reading.meant(whole)
    assert reading.from_word(word_paper(less), less) != reading.meant(whole)
    assert reading.from_pdf(pdf_paper(less), less) != reading.meant(whole)
    assert [row[:2] for row in reading.from_excel(excel_paper(less))] != reading.meant(whole)


# Whatever somebody could type, but digits, signs and line feeds, that would run into the number beside them.
_words = st.text(st.characters(exclude_characters="+-—.%0123456789\r\n", exclude_categories=("Cs", "Nd")), max_size=30)
_counts = st.integers(0, 10**9)


@settings(max_examples=25, deadline=None)
@given(_words, _counts, _counts, st.integers(0, 3))
def test_whatever_is_written_around_it_a_number_is_read_back(words: str, part: int, whole: int, decimals: int) -> None:
    told = Paragraph(
        (f"甲{words}乙", counted("n", part), f"丙{words}丁", rated("r", part, whole, decimals=decimals), "戊")
    )
    circular = replace(county_month(), blocks=(told,), annexes=())

    assert reading.from_html(page(circular), circular) == reading.meant(circular)
    assert reading.from_word(word_paper(circular), circular) == reading.meant(circular)
    assert [row[:2] for row in reading.from_excel(excel_paper(circular))] == reading.meant(circular)
    pdf_paper(circular)
