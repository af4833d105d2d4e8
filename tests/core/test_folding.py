"""Folded words: what search, patterns and the comparison of titles go by."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.folding import fold, words


def worked_out(text: str) -> list[str]:
    """The definition, letter by letter."""
    decomposed = unicodedata.normalize("NFKD", text.translate(str.maketrans("đĐðÐɖƉ", "dddddd")))
    letters = (letter.casefold() for letter in decomposed if not unicodedata.combining(letter))
    return "".join(one if one.isalnum() else " " for one in "".join(letters)).replace("y", "i").split()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đông Hà", "dong ha"),
        ("ĐÔNG HÀ", "dong ha"),
        ("Ðông Hà", "dong ha"),
        ("Đo\u0302ng Ha\u0300", "dong ha"),
        ("Quy Nhơn", "qui nhon"),
        ("“Lễ hội”… sông-nước, 2026!", "le hoi song nuoc 2026"),
        ("ﬁn ½ ™ ß İ", "fin 1 2 tm ss i"),
        ("東京 Ελλάδα привет", "東京 ελλαδα привет"),
        ("", ""),
        ("!?", ""),
    ],
)
def test_words_are_letters_and_digits_without_diacritics_and_case(text: str, folded: str) -> None:
    assert " ".join(words(text)) == folded
    assert fold(text) == folded.replace(" ", "")


@given(st.text() | st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạÀẢÃÁẠ ,.-…“”\u0300\u0309\u0323™½İß東Ω"))
@settings(deadline=None, max_examples=100)
def test_a_table_gives_what_is_worked_out(text: str) -> None:
    assert words(text) == worked_out(text)
