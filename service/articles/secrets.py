"""An article as others may read it: without what its source is asked with. Pure."""

from dataclasses import replace

from service.articles.model import Article, ArticleImage
from service.core.secrets import Secrets


def without_secrets(article: Article, secrets: Secrets) -> Article:
    """The same article, its texts and its link without secrets; `fetch_url` keeps the link as it was told."""
    url = secrets.redact_link(article.url) if article.url else None
    return replace(
        article,
        title=secrets.redact(article.title),
        url=url,
        lead=secrets.redact(article.lead),
        author=_text(article.author, secrets),
        organisation=_text(article.organisation, secrets),
        image=_illustration(article.image, secrets),
        body_html=secrets.redact_html(article.body_html) if article.body_html else article.body_html,
        fetch_url=article.fetch_url or (article.url if url != article.url else None),
    )


def _illustration(illustration: ArticleImage | None, secrets: Secrets) -> ArticleImage | None:
    if illustration is None:
        return None
    return replace(
        illustration, alt=secrets.redact(illustration.alt), caption=secrets.redact(illustration.caption)
    )


def _text(text: str | None, secrets: Secrets) -> str | None:
    return secrets.redact(text) if text else text
