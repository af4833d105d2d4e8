import re
import string
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from service.locales.catalog import CATALOGS, Catalog, TextError, available
from service.locales.formatter import Formatter

LANGUAGES = available()
VIETNAMESE = Catalog.load("vi")


def _file(language: str) -> Path:
    return CATALOGS / language / "messages.po"


def _forms(language: str) -> dict[str, tuple[str, ...]]:
    with _file(language).open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    keys = [message.id if isinstance(message.id, str) else message.id[0] for message in messages]
    said = [(m.string,) if isinstance(m.string, str) else tuple(m.string or ()) for m in messages]
    return dict(zip(keys, said, strict=True))


def _placeholders(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


def test_vietnamese_and_english_are_spoken() -> None:
    assert {"vi", "en"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_key(language: str) -> None:
    assert set(_forms(language)) == set(_forms("vi"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_untrimmed(language: str) -> None:
    forms = _forms(language)
    assert [key for key, said in forms.items() if not all(form.strip() for form in said)] == []
    edged = [key for key, said in forms.items() if any(form != form.strip() for form in said)]
    assert edged == ["sentence.separator"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_takes_the_same_values_in_every_language(language: str) -> None:
    forms, vietnamese = _forms(language), _forms("vi")
    assert [key for key in forms if _placeholders(forms[key]) != _placeholders(vietnamese[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_as_many_forms_as_its_language_counts(language: str) -> None:
    with _file(language).open("rb") as file:
        catalog = read_po(file)
    plurals = [message for message in catalog if isinstance(message.id, tuple)]
    assert plurals
    assert {len(message.string or ()) for message in plurals} == {catalog.num_plurals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_written_twice(language: str) -> None:
    keys = re.findall(r'^msgid "(.+)"$', _file(language).read_text(encoding="utf-8"), re.MULTILINE)
    assert [key for key, times in Counter(keys).items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_in_nfc_without_lookalikes_of_the_vietnamese_d(language: str) -> None:
    text = _file(language).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert not set(text) & set("\u00d0\u00f0\u0189\u0256")


@pytest.mark.parametrize("language", LANGUAGES)
def test_punctuation_is_typographic_and_calm(language: str) -> None:
    for key, forms in _forms(language).items():
        for form in forms:
            assert not re.search(r"""!|"|'|\.\.\.|\s[:;?]""", form), key


def test_nothing_calls_itself_an_official_warning_or_a_typhoon() -> None:
    for key, forms in _forms("vi").items():
        assert not re.search(r"cảnh báo|bão|giông|beaufort|thg", " ".join(forms), re.IGNORECASE), key


def test_vietnamese_sunday_has_a_small_second_word() -> None:
    assert not [key for key, forms in _forms("vi").items() if "Chủ Nhật" in " ".join(forms)]
    assert VIETNAMESE.text("weekday.7") == "Chủ nhật"


def test_an_unknown_key_is_named_in_the_error() -> None:
    with pytest.raises(TextError, match=r'"weather\.humiditty".*"vi"'):
        VIETNAMESE.text("weather.humiditty")


def test_a_missing_value_is_named_in_the_error() -> None:
    with pytest.raises(TextError, match=r'"updated".*date'):
        VIETNAMESE.text("updated", time="10:00")


def test_an_unknown_language_is_refused_and_no_path_is_followed() -> None:
    for language in ("xx", "", ".", "../locales/vi"):
        with pytest.raises(TextError, match="no catalog"):
            Catalog.load(language)


def test_a_value_with_braces_is_only_text() -> None:
    said = VIETNAMESE.text("state.no_match", query="{place.__class__}")
    assert "“{place.__class__}”" in said


def test_english_tells_one_from_many_and_vietnamese_does_not() -> None:
    english = Catalog.load("en")
    assert [english.text("place.count", n=n) for n in (0, 1, 2)] == ["0 places", "1 place", "2 places"]
    assert [VIETNAMESE.text("place.count", n=n) for n in (1, 2)] == ["1 địa điểm", "2 địa điểm"]


def test_a_plural_without_a_whole_number_is_an_error() -> None:
    with pytest.raises(TextError, match="whole number"):
        Catalog.load("en").text("place.count", n="many")


def test_a_new_folder_is_a_new_language(tmp_path: Path) -> None:
    text = _file("en").read_text(encoding="utf-8")
    text = text.replace('msgstr "Humidity"', 'msgstr "Luftfeuchte"').replace('"Language: en', '"Language: de')
    for language, words in (("vi", _file("vi").read_text(encoding="utf-8")), ("de", text)):
        (tmp_path / language).mkdir()
        (tmp_path / language / "messages.po").write_text(words, encoding="utf-8")
    (tmp_path / "__pycache__").mkdir()

    assert available(tmp_path) == ("de", "vi")
    formatter = Formatter("de", root=tmp_path)
    assert formatter.text("humidity") == "Luftfeuchte"
    assert formatter.number(1234.5, 1) == "1.234,5"


def test_an_untranslated_text_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "messages.po").write_text('msgid "humidity"\nmsgstr ""\n', encoding="utf-8")
    with pytest.raises(TextError, match="humidity"):
        Catalog.load("de", tmp_path).text("humidity")


def test_decomposed_words_of_a_catalog_are_composed(tmp_path: Path) -> None:
    (tmp_path / "vi").mkdir()
    words = unicodedata.normalize("NFD", "Độ ẩm")
    (tmp_path / "vi" / "messages.po").write_text(f'msgid "humidity"\nmsgstr "{words}"\n', encoding="utf-8")
    assert Catalog.load("vi", tmp_path).text("humidity") == unicodedata.normalize("NFC", words)
