"""The JSON of articles, as it is described to programmers."""

from service.core.freshness import State
from service.web.schema_fields import (
    ResponseSchema,
    flag,
    link,
    many,
    moment,
    one,
    one_of,
    sample,
    text,
    texts,
    whole,
)


class ArticlePicture(ResponseSchema):
    url = link("The picture in WebP, at our own address.")
    width = whole("In pixels.")
    height = whole("In pixels.")
    alt = text("What it shows; empty where the portal does not say.")


class ArticleSourceSummary(ResponseSchema):
    id = text("The id of the source, as in `source=`.")
    name = text("Its name.")
    url = link("The portal's public address.", null=True)


class ArticleSnippet(ResponseSchema):
    id = text("The id of the article; it outlives corrections and new addresses.")
    title = text("Plain text.")
    url = link("The original; null where there is no honest link.", null=True)
    published_at = moment("In the source's time; midnight with `date_only`; null without a date.")
    date_only = flag("Whether only the day is known.")
    lead = text("Plain text, cut for lists.")
    author = text("The person, where named.", null=True)
    organisation = text("The organisation, where named.", null=True)
    language = text("Language tag of the article.", null=True)
    categories = texts("As the portal names them.")
    image = one(ArticlePicture, "The article's picture.", null=True)
    source = one(ArticleSourceSummary, "Where it is from.")
    sample = sample()


class WholeArticle(ArticleSnippet):
    body_html = text("Cleaned HTML, without the lead; null without `full_text` of its source.", null=True)


class ArticleSourceState(ResponseSchema):
    id = text("The id of the source.")
    state = one_of(
        "`stale` once it has been silent for `articles.stale_after` or its pages fail; `unavailable` before"
        " the first answer.",
        tuple(state.value for state in State),
    )
    fetched_at = moment("Its last usable answer; UTC.")
    error = text("The cause of its last failure, in words of the language asked for.", null=True)


class Articles(ResponseSchema):
    articles = many(ArticleSnippet, "Newest first.")
    next_cursor = text(
        "`cursor=` of the next page, which the header `Link` has too; null at the end.", null=True
    )
    total = whole("How many articles all pages have together.")
    sources = many(ArticleSourceState, "The sources asked for, or all.")
    sample = sample()
