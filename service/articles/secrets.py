"""Keeps secrets out of articles: a source may echo the key that its requests carry. Pure."""

from dataclasses import replace

from service.articles.model import Article
from service.core.secrets import Secrets


def without_secrets(article: Article, secrets: Secrets) -> Article:
    """Return the article without secrets in its texts and links; `fetch_url` has the link as it was."""
    url = secrets.redact_link(article.url) if article.url else None
    image = article.image
    if image is not None:
        alt, caption = secrets.redact(image.alt), secrets.redact(image.caption)
        image = replace(image, alt=alt, caption=caption)
    return replace(
        article,
        title=secrets.redact(article.title),
        url=url,
        lead=secrets.redact(article.lead),
        author=_redact(article.author, secrets),
        organisation=_redact(article.organisation, secrets),
        image=image,
        body_html=secrets.redact_html(article.body_html) if article.body_html else article.body_html,
        fetch_url=article.fetch_url or (article.url if url != article.url else None),
    )


def _redact(text: str | None, secrets: Secrets) -> str | None:
    return secrets.redact(text) if text else text
