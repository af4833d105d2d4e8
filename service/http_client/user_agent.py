"""Who we say we are: MET Norway and good manners ask for a name and a way to reach its operator."""

from urllib.parse import quote

_SAFE = (
    ":/?#@!$&'*+,=%~[]"  # what may stand in a URL or a mail address and cannot end the comment or the header
)


def user_agent(version: str, contact: str, public_url: str) -> str:
    """The User-Agent: `portal-widgets/0.1.0 (+https://widgets.example.gov.vn; ops@example.gov.vn)`.

    ASCII only: anything else, blanks, line ends and parentheses are percent-encoded. What is empty is left
    out.
    """
    product = f"portal-widgets/{quote(version, safe='+')}"
    site = f"+{quote(public_url.strip(), safe=_SAFE)}" if public_url.strip() else ""
    said = "; ".join(part for part in (site, quote(contact.strip(), safe=_SAFE)) if part)
    return f"{product} ({said})" if said else product
