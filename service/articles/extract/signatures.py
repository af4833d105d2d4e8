"""Find whom a page names as its author: beside the headline, in an element named so, at the end of its text.

A photographer (`Ảnh: Hải Yến` as a line of its own, not a picture's caption) is an author as the others are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise

from selectolax.lexbor import LexborHTMLParser, LexborNode

from service.articles.extract import portal_phrases
from service.articles.extract.context import join_bylines
from service.articles.extract.signature_lines import (
    HEADINGS,
    LONG_LINE,
    MAX_LINE,
    PROSE_END,
    Line,
    describe_lines,
    read_lines,
)
from service.articles.text import bylines, names, plain_text
from service.articles.text.bylines import Byline, Kind, Setting, Signature
from service.articles.text.captions import CaptionFinder
from service.articles.text.html_tree import ancestors, outer_html

NOBODY: Byline = (None, None)

AUTHOR_SELECTORS = (
    '[itemprop="author"]',
    'a[rel="author"]',
    '[class*="author" i]',
    '[class*="byline" i]',
    '[class*="createdby" i]',
    '[class*="tacgia" i]',
    '[class*="tac-gia" i]',
    '[class*="tac_gia" i]',
    '[class*="nguon" i]',
    '[id*="author" i]',
    '[id*="tacgia" i]',
    '[id*="tac-gia" i]',
)
_MAX_MARKED = 120  # characters
_MAX_MARKED_TEXT = 1_000  # characters of an element that names the author and little else
_NO_NAME = re.compile(r"://|@|^\s*(?:follow|share|theo dõi)\b", re.IGNORECASE)
_AUTHOR_LABEL = re.compile(
    r"(?<!\w)(?:tác giả(?: bài viết)?|người (?:viết|đăng)|author)\s*:\s*", re.IGNORECASE
)

_ATTACHMENT = re.compile(  # or another line that portals put behind a text
    r"\W*(?:đính kèm|(?:tệp|tập|file|tài liệu|văn bản)(?: tin)? (?:đính kèm|kèm theo)|tải (?:về|file|tệp|văn)"
    r"|(?:xem|đọc) (?:thêm|tiếp|chi tiết|toàn văn)|được (?:chỉnh|sửa)|(?:lượt|số lần|số lượt) (?:xem|đọc)"
    r"|ngày đăng|đăng (?:ngày|lúc)|cập nhật|thời gian đăng|expires:|body:|#\w)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)\d{1,2}[/.:h-]\d{1,2}(?!\d)|ngày \d", re.IGNORECASE)
_MAX_DATE_LETTERS = 20  # beside a date, in a line that tells nothing else: "Đông Hà, ngày 20/11"
_SIGNERS = re.compile(  # whoever has signed the document that a text repeats
    r"(?:TM|T/M|KT|K/T|TL|T/L|TUQ|Q)\.\s*\S|T/M\s|\(?(?:đã ký|đã kí|ký tên|nơi nhận|thay mặt)"
    r"|người (?:làm đơn|viết đơn|ký|khai|lập|báo cáo)",
    re.IGNORECASE,
)
_LAST_LINES = 5  # of a text, among which its signature is
_LINES_BEFORE = 8  # in which a document's signers are looked for
_MAX_SIGNING = 4  # lines
_LABELS = frozenset({Kind.LABELLED, Kind.PHOTO})
_NAMED_KINDS = _LABELS | {Kind.SOURCE}
_QUOTE_END = re.compile(r"[”\"»][.\s]*$")

_LEVELS_BEHIND = 3  # elements around the text behind which the signature may be
_MAX_BEHIND = 8  # lines
_LINES_BELOW = 10  # below the headline
_MAX_END = 4_000  # characters of a text's markup, among which its signature is
_MAX_DEPTH = 12  # elements that hold a line and nothing else
_MAX_IMAGES = 20  # before the end of the text whose captions are known


def marked_author(nodes: Iterable[LexborNode]) -> Byline:
    """Return author and organisation of the first of these elements that names a person, else a unit."""
    found = [(node, byline) for node, byline in ((node, _marked(node)) for node in nodes) if any(byline)]
    return join_marked(found)


def join_marked(found: Sequence[tuple[LexborNode, Byline]]) -> Byline:
    """Return the first author of these elements, with the organisation that an element beside it names."""
    for node, (author, organisation) in found:
        if author:
            beside = (unit for other, (name, unit) in found if not name and _are_beside(node, other))
            return author, organisation or next(beside, None)
    return found[0][1] if found else NOBODY


def labelled_author(texts: Sequence[str]) -> Byline:
    """Return author and organisation behind the first label; the name may be in the next text."""
    for text, following in pairwise([*texts, ""]):
        label = _AUTHOR_LABEL.search(text)
        if label:
            has_name = text[label.end() :]
            byline = bylines.parse(text[label.start() :] if has_name else f"{label[0]} {following}")
            if any(byline):
                return byline
    return NOBODY


def read_node(node: LexborNode) -> Byline:
    """Return author and organisation of an element that is a byline, in one line or several, or ends so."""
    lines = read_lines([node])
    texts = [line.text for line in lines if not portal_phrases.is_tools(line.text, is_linked=True)]
    if max(map(len, texts), default=0) > MAX_LINE:
        return _closing(list(describe_lines(lines, node)))[0]
    byline = bylines.parse_lines(texts) if 1 < len(texts) <= _MAX_SIGNING else NOBODY
    return byline if any(byline) else bylines.parse(" ".join(texts))


def read_paragraph(node: LexborNode) -> Byline:
    """Return author and organisation of a paragraph of a text, unless it or the one before shows a list."""
    lines = [line for line in read_lines([node]) if not _is_furniture(line.text)]
    signing = [bylines.read_signature(line.text, Setting.RIGHT) for line in lines]
    if len(lines) > _MAX_SIGNING or None in signing:
        return _closing(list(describe_lines(read_lines([node]), node)))[0] if len(lines) > 1 else NOBODY
    before = node.prev
    while before is not None and not before.text().strip():
        before = before.prev
    above = list(describe_lines(read_lines([before]), before))[-1:] if before is not None else []
    author, unit = _join([signature for signature in signing if signature])
    is_listed = any(line.text.endswith(":") or (author and unit and _names_person(line)) for line in above)
    return NOBODY if is_listed or any(_is_signer(line.text) for line in above) else (author, unit)


def beside_headline(headline: LexborNode, root: LexborNode, asides: frozenset[int]) -> Byline:
    """Return author and organisation of a line without a label between headline and text.

    A name alone must be full and stand beside the date or a number of views.
    """
    inside = {node.mem_id for node in headline.traverse()}
    below: list[str] = []
    for line in islice(_lines_below(root, inside, asides), _LINES_BELOW):
        if len(line.text) > MAX_LINE or _is_sentence(line) or _is_heading(line):
            break
        below += _pieces(line)
    read = [bylines.read_signature(text, Setting.PLAIN) for text in below]
    for at, signature in enumerate(read):
        if signature is None:
            continue
        if signature.kind in (Kind.WHOLE, Kind.LABELLED):
            return signature.author, signature.organisation
        around = (*below[max(0, at - 2) : at], *below[at + 1 : at + 3])
        if (
            signature.kind is Kind.PERSON
            and names.is_full_name(below[at])
            and any(map(_is_furniture, around))
        ):
            following = read[at + 1] if at + 1 < len(read) else None
            unit = following.organisation if following and following.kind is Kind.ORGANISATION else None
            return signature.author, unit
    return NOBODY


def _pieces(line: Line) -> list[str]:
    """Return a line and its texts, which a style sheet may set apart: date, author, number of views."""
    texts = [" ".join(plain_text.visible_text(node.text_content or "").split()) for node in line.nodes]
    texts = [text for text in texts if any(char.isalnum() for char in text)]
    return [line.text, *texts] if len(texts) > 1 else texts


def _is_heading(line: Line) -> bool:
    return line.block is not None and line.block.tag in HEADINGS


def signed(byline: Byline, markup: str) -> Byline:
    """Return the byline of a feed's entry, completed by the signature at the end of its text."""
    end = markup[-_MAX_END:]
    if all(byline) or not end.strip():
        return byline
    root = LexborHTMLParser(end[max(0, end.find("<")) :]).body
    return byline if root is None else join_bylines(byline, take_signature(root))


def take_signature(block: LexborNode) -> Byline:
    """Return author and organisation of the lines that close the text, and remove these from it."""
    captions = _caption_ids(block)
    lines = [line for line in read_lines([block]) if not _is_within(line, captions)]
    byline, signing = _closing(list(describe_lines(lines, block)))
    for line in signing:
        _remove(line, block)
    return byline


def signature_behind(block: LexborNode, asides: frozenset[int]) -> Byline:
    """Return author and organisation of the first lines behind the text that are a signature."""
    signing: list[Signature] = []
    for line in describe_lines(_lines_behind(block, asides), None):
        if len(line.text) > MAX_LINE:
            break
        signature = bylines.read_signature(line.text, line.setting)
        if signature is not None and _is_sure_behind(signature, line):
            signing.append(signature)
        elif signing:
            break
    return _join(signing)


def _marked(node: LexborNode) -> Byline:
    named = node.css_first('[itemprop="name"], [class*="name" i]') or node
    if len(named.text()) > _MAX_MARKED_TEXT:
        return NOBODY
    text = named.attributes.get("content") or plain_text.from_long_markup(outer_html(named))
    if not 0 < len(text) <= _MAX_MARKED or _NO_NAME.search(text):
        return NOBODY
    byline = bylines.parse(text) if named.attributes.get("content") else read_node(named)
    if named.mem_id == node.mem_id or byline[1] or len(node.text()) > _MAX_MARKED_TEXT:
        return byline
    whole = read_node(node)
    return whole if whole[0] == byline[0] else byline


def _are_beside(node: LexborNode, other: LexborNode) -> bool:
    return node.parent is not None and other.parent is not None and node.parent.mem_id == other.parent.mem_id


def _caption_ids(block: LexborNode) -> frozenset[int]:
    """Return the elements and texts that captions are written in."""
    finder = CaptionFinder()
    captions = (finder.find(image) for image in block.css("img")[-_MAX_IMAGES:])
    nodes = (node for caption in captions if caption.text for node in caption.nodes)
    return frozenset(part.mem_id for node in nodes for part in node.traverse(include_text=True))


def _is_within(line: Line, ids: frozenset[int]) -> bool:
    return any(node.mem_id in ids for node in line.nodes)


def _lines_below(root: LexborNode, inside: set[int], asides: frozenset[int]) -> Iterator[Line]:
    """Yield the lines below the headline that are in no aside but a link, which may name the author."""
    begun = False
    for line in read_lines([root]):
        first = line.nodes[0]
        if any(node.mem_id in inside for node in ancestors(first)):
            begun = True
        elif begun and not any(one.mem_id in asides and one.tag != "a" for one in ancestors(first)):
            yield line


def _lines_behind(block: LexborNode, asides: frozenset[int]) -> list[Line]:
    """Return the lines behind the text, up to the next heading or aside."""
    lines: list[Line] = []
    for around in islice(chain([block], ancestors(block)), _LEVELS_BEHIND):
        following = around.next
        while following is not None and len(lines) < _MAX_BEHIND:
            if following.tag in HEADINGS or following.tag == "form":
                return lines
            if following.mem_id not in asides and (following.is_text_node or following.is_element_node):
                lines += [line for line in read_lines([following]) if not _is_furniture(line.text)]
            following = following.next
        if around.tag == "body" or len(lines) >= _MAX_BEHIND:
            break
    return lines[:_MAX_BEHIND]


# Signatures


def _closing(lines: Sequence[Line]) -> tuple[Byline, list[Line]]:
    """Return whom the last lines of a text name, and the lines that do."""
    pairs = list(zip(lines, _read(lines), strict=True))
    kept = [(line, read) for line, read in pairs if read or not (line.is_link or _is_furniture(line.text))]
    text, read = [line for line, _ in kept], [found for _, found in kept]
    is_document = any(_is_signer(line.text) for line in text[-_LINES_BEFORE:])
    for last in range(len(text) - 1, max(-1, len(text) - 1 - _LAST_LINES), -1):
        first = last
        while first > 0 and _belong_together(read[first - 1], read[first : last + 1], text[first - 1 :]):
            first -= 1
        signing = [signature for signature in read[first : last + 1] if signature]
        if not signing or (is_document and signing[0].kind not in _NAMED_KINDS):
            continue
        if _is_sure(signing, text, first):
            return _join(signing), text[first : last + 1]
    return NOBODY, []


def _read(lines: Sequence[Line]) -> list[Signature | None]:
    """Return what each line names; a name beside a unit's may be less known than another."""
    read = [None if line.is_entry else bylines.read_signature(line.text, line.setting) for line in lines]
    for at, (line, following) in enumerate(pairwise(lines)):
        unit = read[at + 1]
        if read[at] is None and unit is not None and unit.kind in (Kind.ORGANISATION, Kind.UNIT):
            is_free = not (line.is_entry or following.is_entry)
            read[at] = bylines.read_name(line.text) if is_free else None
    return read


def _belong_together(
    before: Signature | None, signing: Sequence[Signature | None], lines: Sequence[Line]
) -> bool:
    """Return whether the line before is of the same signature: a name above its unit, or one label each."""
    following = signing[0]
    if before is None or following is None or len(signing) >= _MAX_SIGNING:
        return False
    kinds = (before.kind, following.kind)
    has_author = any(one.author for one in signing if one)
    if before.kind in _NAMED_KINDS and following.kind in _LABELS:
        return True
    if not has_author:
        return before.author is not None and before.organisation is None
    is_unit_above = kinds == (Kind.ORGANISATION, Kind.PERSON) and len(signing) == 1
    is_pair = kinds == (Kind.PERSON, Kind.PERSON) and lines[0].setting is lines[1].setting is Setting.RIGHT
    return is_unit_above or is_pair


def _is_sure(signing: Sequence[Signature], text: Sequence[Line], first: int) -> bool:
    """Return whether these lines sign the text, by what they are, how they are set and what is around."""
    last = first + len(signing) - 1
    setting = min(line.setting for line in text[first : last + 1])
    before, behind = text[first - 1] if first else None, text[last + 1 :]
    kinds = {signature.kind for signature in signing}
    author, unit = _join(signing)
    if kinds & _NAMED_KINDS:
        is_amid_text = Kind.LABELLED not in kinds and any(map(_is_sentence, behind))
        return not is_amid_text and (setting > Setting.PLAIN or len(behind) <= 1)
    if kinds == {Kind.UNIT} or (before and before.text.endswith(":")):
        return False
    if before and author and _names_person(before):
        return False  # a list of names
    is_followed = bool(behind) and (
        setting is Setting.PLAIN
        or any(len(line.text) > MAX_LINE for line in behind)
        or (setting is Setting.SET_APART and not (author and unit))
    )
    return not is_followed and _is_set_to_sign(author, unit, setting, before)


def _is_set_to_sign(author: str | None, unit: str | None, setting: Setting, before: Line | None) -> bool:
    """Return whether names set so behind this line sign the text; plain ones do behind a sentence."""
    if setting is Setting.RIGHT:
        return bool(author) or bool(unit and unit[0].isupper())
    if author is None:
        return setting is Setting.SET_APART and bool(unit and unit[0].isupper())
    is_attribution = before is not None and bool(_QUOTE_END.search(before.text))
    if not unit and (is_attribution or " " not in author):
        return False
    return setting is Setting.SET_APART or _is_prose(before)


def _names_person(line: Line) -> bool:
    signature = bylines.read_signature(line.text, Setting.SET_APART)
    return signature is not None and signature.author is not None


def _is_sure_behind(signature: Signature, line: Line) -> bool:
    if signature.kind in (Kind.WHOLE, Kind.UNIT, *_LABELS):
        return True
    if signature.kind is Kind.SOURCE:
        return line.setting > Setting.PLAIN or ":" in line.text
    if signature.kind is Kind.ORGANISATION:
        return line.setting is Setting.RIGHT and not line.is_link
    is_known = names.is_full_name if line.is_link or line.setting < Setting.RIGHT else names.is_known
    return all(map(is_known, bylines.persons_of(line.text)))


def _join(signing: Sequence[Signature]) -> Byline:
    authors = dict.fromkeys(signature.author for signature in signing if signature.author)
    units = (signature.organisation for signature in signing if signature.organisation)
    return ", ".join(authors) or None, next(units, None)


def _is_furniture(text: str) -> bool:
    """Return whether it is what portals put behind a text: views, tags, buttons, attachments, a date."""
    if not any(char.isalpha() for char in text) or portal_phrases.is_tools(text, is_linked=True):
        return True
    if portal_phrases.is_tags(text) or portal_phrases.is_other_news(text) or _ATTACHMENT.match(text):
        return True
    return bool(_DATE.search(text)) and portal_phrases.letters_beside_date(text) <= _MAX_DATE_LETTERS


def _is_signer(text: str) -> bool:
    return bool(_SIGNERS.match(text)) or (len(text) <= LONG_LINE and names.is_position(text))


def _is_sentence(line: Line) -> bool:
    return len(line.text) >= LONG_LINE and bool(PROSE_END.search(line.text))


def _is_prose(line: Line | None) -> bool:
    """Return whether the text ends here, so that what follows may sign it."""
    if line is None:
        return True
    return bool(PROSE_END.search(line.text)) or len(line.text) >= LONG_LINE


def _remove(line: Line, root: LexborNode) -> None:
    """Remove a line from the text, with the elements that hold nothing else."""
    element = line.nodes[0] if line.nodes else None
    if element is None:
        return
    length = len("".join(line.text.split()))
    for node in islice(ancestors(element), _MAX_DEPTH):
        if node.mem_id == root.mem_id or node.tag in ("td", "th") or node.css_first("img") is not None:
            break
        if len("".join(plain_text.visible_text(node.text()).split())) > length:
            break
        element = node
    if element.is_element_node:
        element.decompose()
        return
    for node in line.nodes:
        node.decompose()
