"""The sample articles on a portal as it was built fifteen years ago: no feed, tables for the layout.

A front page that lists them, and a page for each.
"""

from collections.abc import Sequence
from html import escape
from http import HTTPStatus

from service.demo.articles import Issue, Outlet, Story, found

Answer = tuple[HTTPStatus, dict[str, str], bytes]

_PAGE = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html lang="{language}">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 0; background: #dfe6ee; font: 15px/1.5 Arial, sans-serif; color: #222; }}
table.frame {{ width: 960px; max-width: 100%; margin: auto; background: #fff; }}
td {{ vertical-align: top; }}
td.banner {{ padding: 18px; background: #14508c; color: #fff; font-size: 22px; font-weight: bold; }}
td.menu, td.foot {{ padding: 6px 18px; background: #e9f0f7; font-size: 13px; }}
td.main {{ padding: 12px 18px; }}
td.side {{ width: 170px; padding: 12px; background: #f6f8fb; font-size: 13px; }}
a {{ color: #14508c; }}
a.title {{ font-weight: bold; text-decoration: none; }}
.date {{ color: #777; font-size: 13px; }}
h1.title {{ font-size: 21px; line-height: 1.4; }}
.lead {{ font-weight: bold; }}
table.picture {{ margin: 12px auto; text-align: center; font-style: italic; font-size: 13px; }}
table.picture img {{ width: 480px; max-width: 100%; height: auto; }}
.content table {{ border-collapse: collapse; }}
.content td, .content th {{ border: 1px solid #aaa; padding: 3px 8px; }}
</style>
</head>
<body>
<table class="frame" cellspacing="0" cellpadding="0">
<tr><td class="banner" colspan="2">{outlet}</td></tr>
<tr><td class="menu" colspan="2"><a href="{home}">Trang chủ</a> | <a href="{home}">Tin tức</a> \
| <a href="{home}">Văn bản</a> | <a href="{home}">Liên hệ</a></td></tr>
<tr><td class="main">
{main}
</td><td class="side"><p><b>Thông báo</b></p><p>Đây là trang mẫu; mọi tên người, tên đường và kế hoạch đều \
được đặt ra để minh họa.</p></td></tr>
<tr><td class="foot" colspan="2">{outlet} - Dữ liệu mẫu</td></tr>
</table>
</body>
</html>
"""
_ROW = """<tr><td width="150">{picture}</td><td><a class="title" href="{href}">{title}</a> \
<span class="date">({date})</span><br>{lead}</td></tr>"""
_PICTURE = """<table class="picture"><tr><td><img src="{url}" alt="{caption}"></td></tr>
<tr><td class="caption">{caption}</td></tr></table>
"""
_ARTICLE = """<h1 class="title">{title} <span class="date">({date})</span></h1>
<p class="lead">{lead}</p>
{picture}<div class="content">
{text}
</div>
{byline}<p><a href="javascript:history.back()">Quay lại</a></p>"""


def answer(path: str, outlet: Outlet, issues: Sequence[Issue]) -> Answer:
    """The front page for the outlet's own path, an article's for one below it, else 404 and a page."""
    if path == outlet.folder:
        return _answer(HTTPStatus.OK, front_page(outlet, issues))
    issue = found(path, [one for one in issues if one.story.home == outlet])
    if issue is None:
        missing = "<h1>Không tìm thấy trang</h1><p>Bài viết không còn hoặc chưa từng có.</p>"
        return _answer(HTTPStatus.NOT_FOUND, _page(outlet, "Không tìm thấy trang", missing))
    return _answer(HTTPStatus.OK, article_page(outlet, issue))


def front_page(outlet: Outlet, issues: Sequence[Issue]) -> str:
    """The listing: a small picture, the title with the day behind it, the lead."""
    rows = "\n".join(map(_row, issues))
    table = f'<table width="100%" cellspacing="8">\n{rows}\n</table>'
    return _page(outlet, outlet.name, f'<h2>Tin mới</h2>\n<div class="news-list">\n{table}\n</div>')


def article_page(outlet: Outlet, issue: Issue) -> str:
    """Title with the day in brackets, lead, picture with caption, text, and who signs at the right."""
    story = issue.story
    signed = f'<p style="text-align:right"><b>{escape(story.byline)}</b></p>\n' if story.byline else ""
    main = _ARTICLE.format(
        title=escape(story.title),
        date=f"{issue.at:%d/%m/%Y}",
        lead=escape(story.lead),
        picture=_picture(issue),
        text=text_html(story),
        byline=signed,
    )
    return _page(outlet, f"{story.title} - {outlet.name}", main, story.language)


def text_html(story: Story) -> str:
    """The paragraphs, and the table below them."""
    paragraphs = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
    return f"{paragraphs}\n{_table(story.rows)}" if story.rows else paragraphs


def _table(rows: Sequence[Sequence[str]]) -> str:
    cells = [["th" if row is rows[0] else "td", *map(escape, row)] for row in rows]
    lines = ("".join(f"<{tag}>{cell}</{tag}>" for cell in row) for tag, *row in cells)
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _page(outlet: Outlet, title: str, main: str, language: str = "vi") -> str:
    return _PAGE.format(
        language=language, title=escape(title), outlet=escape(outlet.name), home=outlet.folder, main=main
    )


def _row(issue: Issue) -> str:
    story = issue.story
    picture = (
        f'<img src="{issue.picture_path}" width="150" height="100" alt="">' if issue.picture_path else ""
    )
    return _ROW.format(
        picture=f'<a href="{issue.path}">{picture}</a>' if picture else "&nbsp;",
        href=issue.path,
        title=escape(story.title),
        date=f"{issue.at:%d/%m/%Y}",
        lead=escape(story.lead),
    )


def _picture(issue: Issue) -> str:
    if issue.picture_path is None:
        return ""
    caption = escape(issue.story.caption)
    return _PICTURE.format(url=issue.picture_path, caption=caption)


def _answer(status: HTTPStatus, page: str) -> Answer:
    return status, {"Content-Type": "text/html; charset=utf-8"}, page.encode()
