"""Eight portal systems: their addresses, their forms of dates, and selectors for their pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.settings.model import Selectors


@dataclass(frozen=True)
class System:
    """A system whose pages are in the template of its name.

    Attributes:
        path: of an article, with `{slug}` and `{number}`.
        date: of an article's page, and `listed` of the listing, as `strftime` formats; `{weekday}` is in
            Vietnamese.
        first_is_lead: the lead is the text's first paragraph.
        endings: closing paragraphs of the seventh article, which nobody has signed.
    """

    name: str
    path: str
    date: str
    listed: str
    selectors: Selectors
    endings: tuple[str, ...]
    first_is_lead: bool = False
    date_only: bool = False
    account: Mapping[int, str] = field(
        default_factory=dict, hash=False
    )  # a system's user, by article, in its own place


SYSTEMS = (
    System(
        "liferay",
        "/web/guest/tin-tuc/-/asset_publisher/tB4k/content/{slug}",
        "%d/%m/%Y %H:%M",
        "%d/%m/%Y",
        Selectors(
            links="h3.asset-title a",
            title="h1.header-title",
            date=".metadata-publish-date",
            author=".metadata-author, .journal-content-article > p:last-of-type",
            image=".journal-content-article img",
            body=".journal-content-article",
        ),
        ("An Bình, ngày 14/11/2026",),
        first_is_lead=True,
        account={0: "Quản trị", 1: "Quản trị", 4: "Administrator"},
    ),
    System(
        "sharepoint",
        "/tin-tuc/Pages/{slug}.aspx",
        "%d/%m/%Y %H:%M",
        "%d/%m/%Y",
        Selectors(
            links=".link-item > a",
            title="h2.title-detail",
            date=".date-line",
            author=".article-byline",
            image=".ms-rtestate-field img.ms-rteImage-0",
            body=".ms-rtestate-field",
        ),
        (
            "“Chúng tôi mong con em mình luôn được học trong ngôi trường khang trang”.",
            "Bà Phùng Thị Mận, tổ dân phố số 4",
        ),
        first_is_lead=True,
    ),
    System(
        "nukeviet",
        "/news/tin-tuc/{slug}-{number}.html",
        "{weekday} - %d/%m/%Y %H:%M",
        "%d/%m/%Y %I:%M:%S %p",
        Selectors(
            links="h3 a",
            title="h1.title",
            date="span.h5",
            lead=".hometext",
            author="p.text-right, .bodytext > [style*=right]",
            image="figure.article img, .bodytext img",
            body=".bodytext",
        ),
        ("VÌ MỘT PHƯỜNG HÒA LẠC XANH - SẠCH - ĐẸP",),
    ),
    System(
        "joomla",
        "/index.php/tin-tuc/{number}-{slug}",
        "%d Tháng %m %Y %H:%M",
        "%d Tháng %m %Y",
        Selectors(
            links="h2[itemprop=name] a",
            title="h2[itemprop=headline]",
            date="dd.published time",
            author="dd.createdby span[itemprop=name]",
            image="[itemprop=articleBody] img",
            body="[itemprop=articleBody]",
        ),
        ("Nơi nhận: Đảng ủy; UBND xã; các thôn; lưu văn phòng.",),
        first_is_lead=True,
        account={
            0: "Super User",
            2: "Super User",
            3: "Super User",
            4: "Administrator",
            5: "admin",
            6: "Super User",
            7: "Super User",
        },
    ),
    System(
        "vnpt",
        "/Default.aspx?sname=tanchaugiang&sid=4&pageid=77&catid=9&id={number}",
        "{weekday}, %d/%m/%Y, %H:%M",
        "%d/%m/%Y",
        Selectors(
            links="a.title-news",
            title=".title-detail",
            date=".lbl-ngay",
            lead=".des-detail",
            author=".author-detail",
            image=".content-detail img",
            body=".content-detail",
        ),
        ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Đàm Văn Khải"),
    ),
    System(
        "tables",
        "/tin{number}.htm",
        "%d-%m-%Y",
        "%d/%m/%Y",
        Selectors(
            links="td > font > b > a",
            title="td > p[align=center] font[size='4']",
            date="td > p[align=right] > font[size='1']",
            author="#table5 p[align=right]",
            image="#table5 img",
            body="#table5 > tbody > tr > td",
        ),
        ("Quý khách có nhu cầu liên hệ: 0254 000 555.",),
        first_is_lead=True,
        date_only=True,
    ),
    System(
        "city",
        "/Default.aspx?TabId=9&ItemId={number}",
        "%d/%m/%Y",
        "%d/%m/%Y",
        Selectors(
            links="a.title",
            title="h1.tieude",
            date=".ngay",
            author=".content > p:last-child, .content > div:last-child",
            image=".content img",
            body=".content",
        ),
        ("Phát huy truyền thống, thi đua lập thành tích chào mừng các ngày lễ lớn",),
        first_is_lead=True,
        date_only=True,
    ),
    System(
        "modern",
        "/tin-tuc/{slug}",
        "%H:%M, %d/%m/%Y",
        "%d/%m/%Y",
        Selectors(
            links=".group > a",
            title="h1",
            date="h1 + div > span:first-child",
            lead="h1 + div + p",
            author="h1 + div > span > span, .prose > .text-right",
            image=".prose img",
            body=".prose",
        ),
        (
            "“Mỗi người dân một hành động nhỏ sẽ làm nên thay đổi lớn”, bà Khổng Thị Thoa chia sẻ.",
            "Xem thêm tại trang thông tin của phường",
        ),
    ),
)
