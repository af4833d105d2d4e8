from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from newsroom import CITY, HANOI, ILLUSTRATION, PROVINCE, article
from stored_weather import NOW

from service.articles.model import Article, Published
from service.articles.presenter import ArticlesView, present, present_fault
from service.articles.service import SourceStatus
from service.core.errors import Cause
from service.core.freshness import State
from service.locales.formatter import Formatter
from service.settings.model import ArticleSource
from service.web.heights import ARTICLES, PORTAL, WEATHER
from service.web.widget_options import (
    ArticleLayout,
    ArticleOptions,
    Layout,
)

VIETNAMESE, ENGLISH = Formatter("vi"), Formatter("en")


def status(
    source: ArticleSource,
    state: State = State.FRESH,
    fetched_at: datetime | None = NOW,
    cause: Cause | None = None,
) -> SourceStatus:
    return SourceStatus(source, state, fetched_at, cause)


WELL = (status(PROVINCE), status(CITY))
NEVER = {"state": State.UNAVAILABLE, "fetched_at": None}


def view(
    *articles: Article,
    standings: tuple[SourceStatus, ...] = WELL,
    formatter: Formatter = VIETNAMESE,
    sample: bool = False,
    **options: Any,
) -> ArticlesView:
    asked = ArticleOptions(formatter.language, **options)
    return present(articles, standings, formatter=formatter, options=asked, prefix="/w", sample=sample)


def test_an_article_shows_its_day_and_hour_and_where_it_is_from() -> None:
    (teaser,) = view(article(0)).teasers
    assert (teaser.stamp, teaser.date) == ("07/03/2020 08:15", "07/03/2020")
    assert teaser.iso == "2020-03-07T08:15:00+07:00"
    assert teaser.source == "Cổng thông tin điện tử tỉnh"


def test_a_day_without_a_time_stays_a_day() -> None:
    midnight = Published(datetime(2020, 3, 7, tzinfo=HANOI), date_only=True)
    (teaser,) = view(article(0, published=midnight)).teasers
    assert (teaser.stamp, teaser.iso) == ("07/03/2020", "2020-03-07")


def test_a_bare_day_of_another_zone_is_not_moved_to_the_next() -> None:
    midnight = Published(datetime(2020, 3, 7, tzinfo=UTC) - timedelta(hours=7), date_only=True)
    assert view(article(0, published=midnight)).teasers[0].date == "06/03/2020"


def test_a_moment_is_told_by_the_clocks_of_its_portal() -> None:
    evening = Published(datetime(2020, 3, 6, 23, 30, tzinfo=UTC))
    assert view(article(0, published=evening)).teasers[0].stamp == "07/03/2020 06:30"


def test_an_undated_article_says_no_date() -> None:
    (teaser,) = view(article(0, published=None)).teasers
    assert (teaser.date, teaser.stamp, teaser.iso) == (None, None, None)


def test_english_writes_its_own_dates() -> None:
    assert view(article(0), formatter=ENGLISH).teasers[0].stamp == "7 Mar 2020, 08:15"


def test_the_only_source_is_named_once_above_the_list() -> None:
    shown = view(article(0), standings=(status(PROVINCE),))
    assert shown.origin == "Cổng thông tin điện tử tỉnh"
    assert shown.teasers[0].source is None
    assert view(article(0)).origin == "Cổng thông tin điện tử tỉnh, UBND thành phố"


def test_a_link_leads_to_our_page_only_where_the_whole_article_may_be_shown() -> None:
    ours, theirs = view(article(1), article(2, source="thanh-pho")).teasers
    assert ours.url == "/w/articles/0000000000000001"
    assert theirs.url == "/w/go/0000000000000002"


def test_an_article_that_has_no_original_is_shown_by_us() -> None:
    (teaser,) = view(article(2, source="thanh-pho", url=None)).teasers
    assert teaser.url == "/w/articles/0000000000000002"


def test_the_page_of_an_article_keeps_the_language_and_theme_of_the_widget() -> None:
    given = (("lang", "en"), ("theme", "dark"), ("limit", "3"), ("layout", "cards"))
    (teaser,) = view(article(1), given=given).teasers
    assert teaser.url == "/w/articles/0000000000000001?lang=en&theme=dark"


def test_a_picture_brings_its_size_its_widths_and_a_text() -> None:
    image = view(article(0, image=ILLUSTRATION)).teasers[0].image
    assert image is not None
    assert image.url == f"/w/images/{'0' * 31}1.webp"
    assert (image.width, image.height) == (320, 214)
    assert image.srcset == f"/w/images/{'0' * 31}1.webp 320w, /w/images/{'0' * 31}2.webp 960w"
    assert image.alt == "Đoàn viên trồng cây bên bờ sông"


def test_a_picture_without_a_text_of_its_own_is_told_by_the_title() -> None:
    bare = replace(ILLUSTRATION, alt="", variants=ILLUSTRATION.variants[:1])
    image = view(article(0, title="Lễ hội", image=bare)).teasers[0].image
    assert image is not None
    assert image.alt == "Ảnh minh họa cho bài “Lễ hội”"
    assert image.srcset is None


def test_headlines_have_no_pictures() -> None:
    shown = view(article(0, image=ILLUSTRATION), layout=ArticleLayout.HEADLINES)
    assert shown.teasers[0].image is None


def test_another_language_than_the_pages_is_marked() -> None:
    foreign, own = view(article(0, language="en"), article(1)).teasers
    assert (foreign.language, own.language) == ("en", None)


def test_a_source_that_is_silent_too_long_is_named_with_an_absolute_time() -> None:
    silent = (status(PROVINCE), status(CITY, State.STALE, NOW))
    for shown in (view(article(0), standings=silent), view(article(0, source=CITY.id), standings=silent[1:])):
        assert shown.notice == "Từ 10:02 ngày 27/11/2020 chưa lấy được tin mới từ UBND thành phố."
        assert len(shown.teasers) == 1


def test_several_silent_sources_share_one_sentence_with_the_latest_of_their_times() -> None:
    earlier = status(CITY, State.STALE, NOW - timedelta(hours=2))
    shown = view(article(0), standings=(earlier, status(PROVINCE, State.STALE, NOW)), formatter=ENGLISH)
    assert shown.notice == (
        "No new articles since 10:02 on 27 Nov 2020 from UBND thành phố and 1 other source."
    )


def test_a_failure_that_is_not_old_yet_is_not_told_to_readers() -> None:
    assert view(article(0), standings=(status(PROVINCE, cause=Cause.BROKEN),)).notice is None


@pytest.mark.parametrize(
    ("standings", "sentence", "retry"),
    [
        ((), "Chưa có nguồn tin nào được cấu hình.", False),
        ((status(PROVINCE),), "Chưa có tin bài.", False),
        ((status(PROVINCE, **NEVER),), "Đang lấy tin lần đầu. Vui lòng tải lại trang sau ít phút.", True),
        (
            (status(PROVINCE, cause=Cause.GONE, **NEVER), status(CITY)),
            "Chưa lấy được tin từ Cổng thông tin điện tử tỉnh.",
            False,
        ),
    ],
)
def test_an_empty_list_says_why(standings: tuple[SourceStatus, ...], sentence: str, retry: bool) -> None:
    shown = view(standings=standings)
    assert (shown.notices, shown.retry, shown.teasers) == ((sentence,), retry, ())


@pytest.mark.parametrize("chosen", [{"query": "cầu"}, {"category": "Y tế"}])
def test_a_list_that_is_empty_by_choice_says_so(chosen: dict[str, str]) -> None:
    assert view(**chosen).notices == ("Không có tin bài nào phù hợp.",)
    assert view(formatter=ENGLISH, **chosen).notices == ("No matching articles.",)
    assert view(standings=(status(PROVINCE, **NEVER),), **chosen).retry


def test_an_article_of_a_source_that_is_no_longer_asked_for_is_not_shown() -> None:
    assert view(article(0, source="gone")).teasers == ()


def test_sample_articles_say_that_they_are() -> None:
    assert view(article(0), sample=True).sample == "Tin mẫu, không phải tin thật."
    assert view(article(0)).sample is None


def test_what_is_wrong_with_parameters_stands_in_the_widget() -> None:
    shown = present_fault(VIETNAMESE, ["Một.", "Hai."])
    assert (shown.title, shown.notices, shown.teasers) == ("Tin mới", ("Một.", "Hai."), ())


def test_a_height_grows_with_every_article_and_cards_need_less_of_it_where_they_stand_abreast() -> None:
    for height in ARTICLES.values():
        heights = [height.holding(limit).at(400) for limit in range(1, 21)]
        assert heights == sorted(set(heights))
    cards = ARTICLES[ArticleLayout.CARDS].holding(4)
    assert cards.at(300) > cards.at(600) > cards.at(1000)
    assert cards.between(300, 1000) == (cards.at(1000), cards.at(300))


def test_the_portal_frame_is_as_high_as_both_of_its_parts_in_one_card() -> None:
    weather, headlines = WEATHER[Layout.COMPACT], ARTICLES[ArticleLayout.HEADLINES].holding(3)
    more = {
        PORTAL.holding(3).at(width) - weather.at(width) - headlines.at(width) for width in range(250, 1201)
    }
    assert len(more) == 1
