from hypothesis import given, settings
from hypothesis import strategies as st

from service.http_client.client import user_agent


def test_it_names_version_site_and_contact() -> None:
    said = user_agent("0.1.0", "ops@example.gov.vn", "https://widgets.example.gov.vn")
    assert said == "portal-widgets/0.1.0 (+https://widgets.example.gov.vn; ops@example.gov.vn)"


def test_what_is_not_known_is_left_out() -> None:
    assert user_agent("1", "", "") == "portal-widgets/1"
    assert user_agent("1", "ops@example.gov.vn", " ") == "portal-widgets/1 (ops@example.gov.vn)"


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_nothing_configured_breaks_out_of_the_header(contact: str, url: str) -> None:
    said = user_agent("1", contact, url)
    assert said.isascii()
    assert said.isprintable()
    assert said.count("(") == said.count(")") <= 1
