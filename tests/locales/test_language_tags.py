import pytest

from service.locales.catalog import own_name, with_territory


@pytest.mark.parametrize(
    ("language", "name"), [("vi", "Tiếng Việt"), ("en", "English"), ("fr", "Français"), ("qq", "qq")]
)
def test_a_language_is_called_as_it_calls_itself(language: str, name: str) -> None:
    assert own_name(language) == name


@pytest.mark.parametrize(
    ("language", "tag"),
    [("vi", "vi_VN"), ("en", "en_US"), ("km", "km_KH"), ("lo", "lo_LA"), ("", ""), ("qq", "")],
)
def test_a_language_is_spoken_somewhere(language: str, tag: str) -> None:
    assert with_territory(language) == tag
