"""Words that portals lay around a text: tools and counters, labels of fields, labels of other news."""

import re

_LETTERS = re.compile(r"[^\W\d_]+")


_EDGES = " \t\xa0.,;:|/\\·•*+«»\u2039\u203a<>()[]{}_\"'“”\u2013\u2014-→←↑►▶"
_MAX_LABEL = _MAX_DATE_LINE = 60  # characters


def _phrases(phrases: str) -> frozenset[str]:
    return frozenset(phrases.split("|"))


_TOOLS = _phrases(
    "quay lại|quay về|trở lại|trở về|quay lại trang trước|trở về trang trước|về trang trước"
    "|về trang chủ|về đầu trang|lên đầu trang|đầu trang|trang trước|trang sau|trang chủ|in|in ra|in ấn"
    "|in bài|in bài viết|in bài này|in trang|in trang này|in tin|in tin này|in nội dung|bản in"
    "|phiên bản in|print|print page|gửi bài|gửi bài viết|gửi tin|gửi email|gửi mail|gửi e-mail"
    "|gửi phản hồi|gửi bình luận|gửi ý kiến|gửi cho bạn bè|gửi bài viết qua email|gửi qua email|email|e"
    "|mail|tải bài viết|lưu|lưu bài|lưu bài viết|lưu tin|chia sẻ|chia sẻ bài viết"
    "|chia sẻ bài viết này|chia sẻ tin này|chia sẻ lên|chia sẻ qua|chia sẻ trên|chia sẻ lên facebook"
    "|chia sẻ mạng xã hội|share|share this|share on|facebook|zalo|twitter|linkedin|pinterest|tweet"
    "|messenger|telegram|x|google|copy link|sao chép|sao chép liên kết|lượt xem|số lượt xem|lần xem"
    "|số lần xem|lượng xem|lượt đọc|số lượt đọc|lần đọc|lượt truy cập|số lượt truy cập|đã xem|đã đọc"
    "|người xem|xem|lượt|đọc|view|views|hit|hits|read|reads|cỡ chữ|tăng cỡ chữ|giảm cỡ chữ|tăng chữ"
    "|giảm chữ|phóng to|thu nhỏ|chữ|mặc định|a|aa|tương phản|nghe|nghe bài viết|nghe đọc bài"
    "|nghe đọc bài viết|nghe nội dung bài viết|nghe audio|đọc bài viết|bình luận|viết bình luận|thích"
    "|like|follow|theo dõi|đánh giá|đánh giá bài viết|ý kiến bạn đọc|tổng số điểm của bài viết là|trong"
    "|điểm|click để đánh giá bài viết|xếp hạng|bài trước"
    "|bài tiếp|bài tiếp theo|bài sau|tin trước|tin sau|tin tiếp theo|trang tiếp|next|previous|prev|go back"
    "|back|back to top|chi tiết|đóng|close|menu"
    "|số lần đọc|số người xem|số người đọc|số lượng xem|tổng lượt xem|tổng số lượt xem|tổng lượt đọc"
    "|lượt người xem|lượt người đọc|người đọc"
)
_COUNTERS = _phrases("xem|đọc|lượt|view|views|hit|hits|read|reads|bình luận|thích|like|đánh giá")
_AMBIGUOUS = _COUNTERS | _phrases(
    "điểm|chữ|trong|nghe|x|a|aa|chi tiết|đóng|close|menu|lưu|theo dõi|follow|google|in|e|mail|email|facebook"
    "|zalo|twitter|linkedin|pinterest|messenger|telegram|print|share|back|next|previous|prev|mặc định"
)
_NO_COUNT = ("()", "( )")  # where a script puts the number
_MAX_PHRASE = 7  # words
_MAX_TOOLS = 160  # characters of a line of tools
_LABELLED = re.compile(
    r"(?:(?:chuyên mục|danh mục|thể loại|category|người đăng|ngày đăng|ngày viết|đăng lúc|cập nhật)\s*:"
    r"|(?:viết bởi|đăng bởi|posted (?:by|on|in)|published (?:by|on|in))\s).{0,80}",
    re.IGNORECASE,
)
_TAGS = re.compile(r"(?:tags?|từ kh(?:óa|oá)|keywords?|nhãn)\s*:.{0,600}", re.IGNORECASE)
_TAGS_LABEL = re.compile(r"(?:tags?|từ kh(?:óa|oá)|keywords?|nhãn|thẻ|chủ đề)\s*:?", re.IGNORECASE)
_DATE_WORDS = _phrases(
    "thứ|hai|ba|tư|năm|sáu|bảy|chủ|nhật|ngày|tháng|lúc|giờ|phút|am|pm|sa|ch|gmt|cập|lần|cuối|đăng|mon"
    "|tue|wed|thu|fri|sat|sun|cn|t|h"
)
_NEWS = r"(?:tin|bài)(?: bài| viết| tức| ảnh| đăng)?|thông (?:tin|báo)|văn bản|sự kiện|video|hình ảnh|bản tin"
_OTHER = (
    r"khác|liên quan|cùng (?:chuyên mục|chủ đề|thể loại|loại|mục)|đã (?:đưa|đăng)|(?:mới|cũ) (?:hơn|nhất)"
    r"|nổi bật|(?:đọc|xem) nhiều(?: nhất)?|tiếp theo|trước đó|kế tiếp|trước|sau|tiếp|gần đây|đáng chú ý|mới"
    r"|nóng"
)
_OTHER_NEWS_LABEL = (
    rf"(?:(?:những|các|một số|xem|đọc|xem thêm|đọc thêm) )?(?:{_NEWS}) (?:{_OTHER})"
    r"(?: (?:cùng|trong) (?:chuyên )?mục)?|(?:có thể )?bạn (?:có thể )?quan tâm"
    r"|cùng (?:chuyên mục|chủ đề)"
    r"|(?:đọc|xem) (?:nhiều(?: nhất)?|thêm|tiếp)"
    r"|liên quan|related(?: (?:posts?|articles?|news|stories|items))?|see also|read (?:also|more|next)"
    r"|you (?:may|might) (?:also )?like(?: these posts)?|(?:more|latest|other) (?:news|stories|articles)"
    r"|recommended(?: for you)?|most (?:read|viewed|popular)"
)
_OTHER_NEWS = re.compile(_OTHER_NEWS_LABEL, re.IGNORECASE)
_OTHER_NEWS_LINK = re.compile(rf"(?:{_OTHER_NEWS_LABEL})\s*:|>{{1,3}}\s|=>|[»►▶]", re.IGNORECASE)
_COMMENTS = re.compile(
    r"(?:\d+ )?(?:ý kiến (?:bạn đọc|độc giả|phản hồi|của bạn|bình luận)|phản hồi(?: của bạn đọc)?|hỏi đáp"
    r"|(?:gửi|viết|các|tất cả) (?:bình luận|ý kiến)|bình luận(?: (?:của bạn|bài viết|\d+))?|comments?"
    r"|leave a (?:reply|comment))",
    re.IGNORECASE,
)
_SIDEBAR = _phrases(
    "thông tin cần biết|thông báo|thông báo mới|liên kết|liên kết web|liên kết website|liên kết trang"
    "|thống kê|thống kê truy cập|quảng cáo|thăm dò|thăm dò ý kiến|bình chọn|lịch công tác|văn bản mới"
    "|đường dây nóng|thư viện ảnh|video|tiện ích|thời tiết|tỷ giá|tỷ giá ngoại tệ|chuyên mục|danh mục"
    "|tin nổi bật|đăng nhập|tìm kiếm|hỗ trợ trực tuyến|lịch"
)
_BYLINE_LABEL = re.compile(
    r"(?:tác giả|người viết|nguồn(?: tin)?|theo|viết bởi|đăng bởi|author)\s*:", re.IGNORECASE
)


def is_tools(text: str, *, is_linked: bool) -> bool:
    """Return whether a line names nothing but tools and counters, with numbers and signs between them.

    Words that may also head a column of a table, such as "Điểm", need a link, or a number behind a counter's.
    """
    words = _LETTERS.findall(text.lower()) if len(text) <= _MAX_TOOLS else []
    found: set[str] = set()
    start = 0
    while start < len(words):
        lengths = range(min(_MAX_PHRASE, len(words) - start), 0, -1)
        phrases = (" ".join(words[start : start + length]) for length in lengths)
        phrase = next((one for one in phrases if one in _TOOLS), None)
        if phrase is None:
            return False
        found.add(phrase)
        start += phrase.count(" ") + 1
    counts = bool(found & _COUNTERS) and (any(map(str.isdigit, text)) or text.endswith(_NO_COUNT))
    return bool(found) and (is_linked or counts or not found <= _AMBIGUOUS)


def is_labelled(text: str) -> bool:
    """Return whether a line is a field above the text: its section, its time, who posted it."""
    return _LABELLED.fullmatch(text) is not None


def is_byline_label(text: str) -> bool:
    """Return whether a line begins with the label of an author or a source."""
    return _BYLINE_LABEL.match(text) is not None


def is_tags(text: str) -> bool:
    """Return whether a line lists the tags below a text."""
    return _TAGS.fullmatch(text) is not None


def is_tags_label(text: str) -> bool:
    """Return whether a line is the heading of tags."""
    return _TAGS_LABEL.fullmatch(text) is not None


def is_other_news(text: str) -> bool:
    """Return whether a line is the heading of other news."""
    label = text.strip(_EDGES)
    return len(label) <= _MAX_LABEL and _OTHER_NEWS.fullmatch(label) is not None


def is_comments(text: str) -> bool:
    """Return whether a line is the heading of readers' comments."""
    label = text.strip(_EDGES)
    is_counter = text.endswith(_NO_COUNT)
    return not is_counter and len(label) <= _MAX_LABEL and _COMMENTS.fullmatch(label) is not None


def is_sidebar(text: str) -> bool:
    """Return whether a line is the heading of a box beside the article."""
    return text.strip(_EDGES).lower() in _SIDEBAR


def is_read_also(text: str) -> bool:
    """Return whether a line with a link begins as one to other news does: "Xem thêm:", ">>"."""
    return _OTHER_NEWS_LINK.match(text) is not None


def has_only_date_words(text: str) -> bool:
    """Return whether a line has no letters but in the words of a date: "An Bình, ngày 14/11" has others."""
    return len(text) <= _MAX_DATE_LINE and _DATE_WORDS.issuperset(_LETTERS.findall(text.lower()))


def letters_beside_date(text: str) -> int:
    """Return how many letters a line has beside the words of a date."""
    return sum(len(word) for word in _LETTERS.findall(text.lower()) if word not in _DATE_WORDS)
