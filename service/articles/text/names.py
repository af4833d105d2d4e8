"""Tell names of persons and organisations, above all Vietnamese ones, from places, slogans and sentences.

A full name begins with one of some three hundred family names, or in the way of the peoples of the highlands
(`Y Moan Êban`, `H'Hen Niê`, `Giàng A Páo`); a pen name is made of given names (`Hải Yến`). Words are compared
with their diacritics: Phương is a name, phường is a ward.
"""

import re
from itertools import takewhile


def _phrases(phrases: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in phrases.split(","))


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FAMILY_NAMES = _words(
    """
    biện bàn bàng bành bá bùi bạc bạch bế bồ cao chu chung châu chúc chương chảo chẩu chế chử cung cái cù
    cấn cầm cồ cổ cứ danh diêm diệp doãn dư dương giang giàng giáp giả hoa hoàng huỳnh hà hàn hàng hán hình
    hùng hạ hạng hầu hồ hờ hứa kha khang khuất khà khúc khưu khương khổng kim kiên kiều kpă ksor la liêu
    liễu ly lành lâm lã lèng lèo lê lò lù lý lưu lương lường lại lầu lộ lộc lục lữ lỳ ma mai mã mông mùa mùi
    mạc mạch mẫn mộng na nay nghiêm nghị nguyễn nguỵ ngân ngô ngạc ngọ ngụy nhan nhâm nhữ ninh niê não nông
    nùng phan phàn phí phó phù phùng phương phạm pờ quan quàng quách quản quảng quế rmah rơ sa siu sái sùng
    sơn sầm sử thang thi thiều thiệu thàng thào thái thân thò thôi thạch thẩm tiêu tiết tiền trang triệu trà
    trác tráng trình trưng trương trượng trần trịnh tào tòng tô tôn tăng tường tưởng tạ tạo tải tất tẩn tống
    từ ung uông vi viên vàng vì vòng võ văn vũ vưu vương vạn vừ xa xồng yên âu ôn ông đan đinh điêu điểu
    đoàn đàm đào đái đèo đường đậu đặng đồng đổng đỗ đới ứng
    """
)
_WORDS_TOO = _words(  # family names that begin headings and slogans as well
    """
    biện bàn bạc bế cao chung chảo chế chúc chương cung cái cứ danh diêm dư đồng đường giả hoa hàng hình hùng
    hạ hạng hầu kha khang khúc kim la liêu lành lộ lộc lương mai mông mùa mẫn nay nghị nghiêm ngân ngọ nhan
    nhâm nông phù phương quan quản quế sa sơn sử tất tạo tải thi thôi tiêu tiết tiền trang tráng trà
    trình trưng tòng từ tường tưởng ung viên vàng văn vạn yên âu ôn ông ứng
    """
)
_MIDDLE_NAMES = _words(
    "văn thị a seo bá thế hữu đình xuân thanh minh ngọc quang đức công quốc trọng thành như"
)
_GIVEN_NAMES = _words(
    """
    a an anh ba bi biên biển bo bá bách bân bé bén bình bích bính bôn bông bút băng bưởi bạch bảo bảy bầu
    bắc bằng bền bốn bộ bội ca cam can cang canh cao chanh chi chinh chiêm chiên chiến chiểu chung chuyên
    châm châu chí chín chính chúc chút chương chước chấn chức cung cát công cúc cơ cương cường cảnh cầm cần
    cẩm cẩn cử cửu danh dinh diễm diễn diện diệp diệu dung duy duyên duyến duân duẩn duệ dân dũng dư dương
    dưỡng dần dật dự gia giai giang giao giàu giác giáo giáp gái hai hinh hiên hiến hiếu hiền hiển hiểu hiệp
    hiệu hoa hoan hoà hoài hoàn hoàng hoá hoè hoạch hoạt hoằng huy huynh huyên huyến huyền huân huê huấn huế
    huề huệ huỳnh hà hài hàm hào hán hân hòa hòe hóa hùng hưng hương hướng hường hưởng hạ hạc hạnh hạo hải
    hảo hậu hằng hồ hồng hỗ hợi hợp hữu hựu kha khang khanh khiêm khiêu khiết khoa khoan khoái khuyên khuyến
    khuê khánh khát khôi khương khả khải kim kiên kiều kiểm kiệm kiện kiệt kính kỳ kỷ lai lam lan linh liêm
    liên liễu loan long loát luyến luyện luân luận luật ly lài lành lâm lân lãm lê lích lôi lý lĩnh lũy lưu
    lương lượng lập lễ lệ lịch lộc lợi lữ lực lựu mai mao mi minh miên miền miễn mâu mây mão mùa mĩ mơ mười
    mạn mạnh mạo mẫn mẫu mận mến mịnh mộng mừng mỳ mỵ mỹ na nam nga nghi nghiêm nghiệp nghĩa nghị ngoan
    nguyên nguyện nguyệt ngà ngàn ngát ngân ngôn ngải ngọ ngọc ngợi ngụ ngữ nhan nhi nhiên nho nhu
    nhung nhuần nhuận nhàn nhâm nhân nhã nhĩ nhơn như nhường nhạn nhất nhẫn nhật nhị nhỏ nhựt ninh năm năng
    nương nữ oanh phan phi phin phong phác pháp phát phê phùng phú phúc phương phước phường phượng phấn phận
    phổ phụng quan quang quy quyên quyến quyết quyền quân quý quảng quế quốc quỳ quỳnh quỹ rạng sa san sang
    sanh sao sen sim sinh siêng sáng sáu sâm sĩ sơn sương sậu sửu sự sỹ thanh thao thi thiêm thiên thiết
    thiều thiện thiệu thoa thoan thoát thoại thu thung thuân thuý thuần thuận thuật thuỳ thuỷ thành thái
    thám thân thêm thêu thìn thía thính thông thùy thúc thúy thăng thơ thơi thư thương thước thường thưởng
    thạc thạch thạnh thạo thảnh thảo thất thật thắm thắng thế thể thịnh thọ thống thời thụ thục thủy thức
    thực tiên tiến tiếp tiệp toan toàn toán toản trai trang tri trinh triết triều triển triệu trung truyền
    trà tráng trâm trân trình trí trúc trường trưởng trạch trầm trịnh trọng trứ trực tung tuyn tuyên tuyến
    tuyết tuyền tuyển tuân tuý tuấn tuất tuệ tài tá tám tâm tân tình tín tính tòng tô tùng tú túy tý tĩnh tư
    tươi tước tường tạo tấn tất tần tập tề tịch tố tốt tới từ tửu tỵ uy uyên uyển vang vi vinh viên viết
    viễn việt vui vy vàng vân văn vĩ vĩnh vũ vương vượng vạn vận vẻ vịnh vọng vụ vỹ xanh xinh xoan xuyên
    xuyến xuân xá xứng yên yến ái ánh ân út ý đa đan đang điềm điền điển điệp đoan đoài đoàn đàn đào đán
    đình đính đô đôn đông đăng đương đường được đại đạm đạo đạt đảm đầm đậm đậu đắc đằng đặng đế đệ định
    đồng đổng độ đức ơn ẩn ổn
    """
)
_NO_PERSONS = _phrases(  # places, and words of slogans and headings, that are made of names
    """
    hà nội, hà nam, hà tĩnh, hà giang, hà đông, hồ chí minh, cao bằng, cao lãnh, lâm đồng, lý sơn,
    thái bình, thái nguyên, châu đốc, mai châu, ninh bình, ninh thuận, đông hà, đà nẵng, hải phòng,
    hải dương, cần thơ, quảng trị, quảng nam, quảng bình, quảng ninh, quảng ngãi, bình dương, bình định,
    bình phước, bình thuận, bình long, thanh hóa, thanh hoá, nghệ an, long an, nam định, hưng yên, phú yên,
    vĩnh long, vĩnh phúc, vĩnh linh, gio linh, cam lộ, triệu phong, hải lăng, hướng hóa, hướng hoá, cồn cỏ,
    kiên giang, an giang, hậu giang, tiền giang, bắc giang, bắc ninh, bắc kạn, hòa bình, hoà bình,
    khánh hòa, khánh hoà, lào cai, yên bái, tuyên quang, phú thọ, phú quốc, sơn la, điện biên, lai châu,
    lạng sơn, đồng nai, đồng tháp, sóc trăng, trà vinh, bạc liêu, cà mau, bến tre, tây ninh, kon tum,
    gia lai, đắk lắk, đắk nông, đồng hới, tam kỳ, hội an, nha trang, đà lạt, vũng tàu, thủ đức, việt nam,
    hoàng sa, trường sa, a lưới, a sào, y tý, ý yên, lý nhân, kim sơn, kim thành, hà trung, châu thành,
    thạch hà, cao nguyên, kim bảng, văn giang, văn lâm, văn yên, vân đồn, an toàn, an ninh, an sinh,
    an lành, anh hùng, bình an, bình yên, bình minh, chí công, công minh, công an, công lý, công nghiệp,
    danh dự, hạnh phúc, hiện đại, hòa hiếu, hòa hợp, liêm chính, lâm nghiệp, lâm sinh, nghĩa tình,
    nghiêm minh, nghiêm túc, nhân ái, nhân nghĩa, nhân văn, nông nghiệp, nông thôn, quang vinh, quan tâm,
    quan trọng, thanh bình, thanh niên, thanh lịch, thành công, thành đạt, thân thiện, thân ái, thịnh vượng,
    tiến bộ, trí tuệ, trung thành, trung thực, tri ân, từ thiện, từ tâm, văn minh, văn hiến, văn hóa,
    văn hoá, văn bản, văn nghệ, văn học, văn phòng, vi sinh, vinh quang, vinh danh, yên bình, giang sơn,
    lương tâm, lương thực, mai sau, thái độ, y tế, y học, y dược, tư liệu, hết, tin tức, sự kiện, lễ hội,
    phát triển, đoàn kết, đào tạo, hồ sơ, quản trị, quản lý, tôn vinh, tôn trọng, tin bài, thông báo,
    thông tin, hà thành, chung tay, chung sức, khang trang, kiên định, kiên cường, kim cương, mùa xuân,
    phương án, phương châm, trang chủ, tường thuật, thi đua, quốc phòng, quốc hội, quốc tế, dân chủ,
    dân vận, dân tộc, xanh, sao vàng, tự do, độc lập, hân hoan, sáng tạo, nghĩa vụ, nguyên đán, thể thao,
    thể dục, tài chính, thương mại, giao thông, công thương, tài nguyên, chính trị, tuyên truyền,
    tuyên giáo, khoa học, truyền hình, truyền thanh, truyền thông, thanh tra, thời sự, thời tiết, pháp luật,
    công tác, công khai, công dân, quân sự, quân dân, thành tích, thành tựu, thư mời, lịch thi, hình ảnh,
    minh họa, minh hoạ, internet, facebook, bác hồ
    """
)
_FAMOUS = (
    _phrases(  # streets and schools are named after them more often than texts are signed by their namesakes
        """
    lê lợi, nguyễn huệ, trần hưng đạo, quang trung, hai bà trưng, bà triệu, lý thường kiệt, phan bội châu,
    phan chu trinh, hùng vương, lê duẩn, nguyễn trãi, trần phú, lê hồng phong, nguyễn du, võ nguyên giáp,
    phạm văn đồng, tôn đức thắng, võ thị sáu, nguyễn văn cừ, nguyễn văn linh, trường chinh, lý thái tổ,
    đinh tiên hoàng, ngô quyền, hoàng văn thụ, nguyễn thị minh khai, lê thánh tông, chu văn an, lê quý đôn,
    nguyễn bỉnh khiêm, hồ xuân hương, nguyễn công trứ, bùi thị xuân, kim đồng, nguyễn tất thành,
    nguyễn ái quốc, trần cao vân, phan đình phùng, hàm nghi, lê đại hành, nguyễn viết xuân, lê văn tám,
    cao bá quát, hoàng hoa thám, hoàng diệu, đặng dung, trần bình trọng, nguyễn thiếp
    """
    )
)
_TITLE = re.compile(
    r"(?:(?:pgs|gs|ths|ts|bs|cn|ks|ls|nb|pv|ctv|btv|ds|đd|kts|nsưt|nsnd|ck\.?i{1,2})[.,\s]++|(?:ông|bà"
    r"|nhà báo|phóng viên|cộng tác viên|bác sĩ|bác sỹ|luật sư|nhà giáo|nhà văn|nhà thơ|kỹ sư|tiến sĩ"
    r"|thạc sĩ|(?:thiếu|trung|thượng|đại) (?:úy|uý|tá|tướng))\s++)+(?=\S)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:ông|bà|anh|chị|em|cô|chú|bác|đ/c|đồng chí)\s", re.IGNORECASE)
_CLAN_NAME = re.compile(r"[HKY]['\u2019\u2018`\xb4]\w+")
_HIGHLAND = re.compile(rf"[ahky]|{_CLAN_NAME.pattern}", re.IGNORECASE)  # the first word
_INITIALS = re.compile(r"(?:[A-ZĐ]{1,2}[a-z]?\.\s?){1,4}[A-ZĐ]{0,2}|[A-ZĐ]{1,2}(?:\.[A-ZĐ]{1,2}){1,3}")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019\u2018`\xb4-][^\W\d_]+)*\.?")
_NO_THIRD = _words("hóa hoá nghệ học minh phòng bản thư kiện")  # behind "văn", which is a word here

_SHORTEST = 2  # words of a full name
_FULL_NAME = range(_SHORTEST, 7)
_PEN_NAME = range(1, 3)
_ANY_NAME = range(1, 6)


def is_full_name(text: str) -> bool:
    """Return whether it is a person's full name, with or without a title such as `ThS.` before it."""
    words = _name_words(text)
    if len(words) not in _FULL_NAME:
        return len(words) == 1 and bool(_CLAN_NAME.fullmatch(words[0]))
    first, second, last = words[0].lower(), words[1].lower(), words[-1].lower().rstrip(".")
    is_long = len(words) > _SHORTEST
    if is_long and second in ("văn", "thị"):
        return words[2].lower() not in _NO_THIRD
    if _HIGHLAND.fullmatch(first):
        return True
    is_given = last in _GIVEN_NAMES or len(last) == 1
    is_certain = first not in _WORDS_TOO and (second in _MIDDLE_NAMES or not text.isupper())
    is_named = is_given or (is_long and (is_certain or second in ("a", "seo")))
    return first in _FAMILY_NAMES and is_named


def is_pen_name(text: str) -> bool:
    """Return whether it consists of given names, or of initials."""
    if _INITIALS.fullmatch(text):
        return True
    words = _name_words(text)
    return len(words) in _PEN_NAME and all(word.lower().rstrip(".") in _GIVEN_NAMES for word in words)


def is_known(text: str) -> bool:
    """Return whether it is a full name or a pen name."""
    return is_full_name(text) or is_pen_name(text)


def is_likely(text: str) -> bool:
    """Return whether it is a name where something else says that one stands there: it begins or ends so."""
    words = [word.lower().rstrip(".") for word in _name_words(text)]
    begins = len(words) in _FULL_NAME and words[0] in _FAMILY_NAMES
    return is_known(text) or begins or (len(words) == _SHORTEST and words[1] in _GIVEN_NAMES)


def is_capitalised(text: str) -> bool:
    """Return whether it could be a name: up to five words with capitals, no place and no slogan."""
    words = _name_words(text)
    return len(words) in _ANY_NAME or bool(_INITIALS.fullmatch(text))


def is_namesake(text: str) -> bool:
    """Return whether streets and schools are called so: a list of these is no list of authors."""
    return text.lower() in _FAMOUS


def is_addressed(text: str) -> bool:
    """Return whether it speaks of somebody: `ông Lê An`."""
    return bool(_ADDRESS.match(text))


def _name_words(text: str) -> list[str]:
    """Return the words behind a title; none where one has no capital, or all are known as no name."""
    title = _TITLE.match(text)
    name = text[title.end() :] if title else text
    words = name.split()
    if not all(_WORD.fullmatch(word) and word[0].isupper() for word in words):
        return []
    return [] if name.lower() in _NO_PERSONS else words


# Organisations

_PLACEHOLDERS = _phrases(
    """
    root, user, guest, unknown, anonymous, n/a, na, null, none, undefined, test, test test, noreply, no-
    reply, author, host, internet, default, ẩn danh, khuyết danh, đang cập nhật, chưa cập nhật, không rõ,
    chưa rõ, tác giả, tổng hợp, sưu tầm, t/h, sharepoint app, hệ thống, editor, biên tập viên, moderator,
    in trang, in bài viết, xem thêm, xem tiếp, chi tiết, chia sẻ, bình luận, tin tức, trang chủ, tư liệu,
    minh họa, minh hoạ, nhiều nguồn, nvcc, st, dotnetnuke, dnn, wordpress, joomla, joomla!, drupal,
    nukeviet, liferay, umbraco, sharepoint, microsoft sharepoint
    """
)
# Accounts of systems, in any spelling: `admin2`, `Super User`, `Quản trị viên`, `DOMAIN\\administrator`.
_ACCOUNT = re.compile(
    r"(?:[\w.-]{1,30}+[\\/|])?+(?:"
    r"(?:[^\W_]{1,20}+[ _.-]){0,2}+(?:admin|administrator)s?\d{0,6}+"
    r"|admin[^\W_]{0,20}+(?:[ _.-][^\W_]{1,20}+){0,4}+|super[ _.-]?user\d{0,6}+|web ?master\d{0,6}+|system"
    r"|(?:system|service|sharepoint|default|portal|web|site)[ _.-]?(?:account|user)"
    r"|(?:(?:người|ban|nhóm|bộ phận|tài khoản) )?+qu[ảa]n ?tr[ịi](?: ?vi[êe]n)?"
    r"(?: (?:website|web|site|hệ thống|mạng|nội dung|cổng|trang|portal|tin|viên|thông tin|điện tử|ttđt))"
    r"{0,4}+ ?\d{0,6}+)",
    re.IGNORECASE,
)

_PRESS = _phrases(
    """
    ttxvn, vov, vtv, vna, vnexpress, vietnamnet, vietnam+, vietnamplus, dân trí, tuổi trẻ, thanh niên,
    tiền phong, lao động, nhân dân, zing, znews, zing news, tto, nlđo, tno, reuters, afp, ap, bbc, cnn,
    tass, sputnik, xinhua, bloomberg, kyodo, yonhap, associated press, bbt, pv, ctv, btv, nhóm pv,
    nhóm phóng viên, ban biên tập, tòa soạn, toà soạn, phóng viên
    """
)
_DOMAIN = re.compile(r"(?!www\.)[\w.-]+\.(?:vn|com|net|org|info|asia|gov|edu)(?:\.vn)?", re.IGNORECASE)

# The beginning of an organisation's name.
_ORGANISATION_HEAD = re.compile(
    r"(?:văn phòng|vp|phòng(?!,? (?:chống|ngừa|cháy|tránh|bệnh|họp|trị|khi))|sở(?! (?:hữu|thích"
    r"|trường))|ủy ban|uỷ ban|ubnd|hđnd|ubmttq|mttq|mặt trận|chi cục|tổng cục|liên đoàn|liên minh"
    r"|hiệp hội|chi hội|chi đoàn|bưu điện|bưu cục|viễn thông|vnpt|viettel|thuế (?:cơ sở|tỉnh|thành"
    r"|khu)|bộ phận một cửa|(?:xã|phường|huyện|thị|tỉnh) đội|tư pháp|làng trẻ|thường trực|thường vụ"
    r"|hội đồng|trạm|hạt (?:kiểm|quản)|khoa(?! (?:học|trương))|quân khu|quân đoàn|lữ đoàn|sư đoàn"
    r"|trung đoàn|tiểu đoàn|hải đoàn|bộ tư lệnh|(?:ban )?chqs|bộ chqs|tand|vksnd|viện ksnd|htx|ttyt"
    r"|ttvh\w*|tttt|bảo hiểm|bhxh|đoàn đbqh|đoàn tncs|điện lực|vườn quốc gia|khu bảo tồn|cơ quan"
    r"|khối dân vận|tổ hợp tác|nhà hát|thị đoàn|quận đoàn|phường đoàn|học viện|công đoàn|công an"
    r"|công ty|tổng công ty|tập đoàn|chi nhánh|chi bộ|đảng bộ|đảng ủy|đảng uỷ|(?:thành|tỉnh|huyện|thị"
    r"|quận) (?:ủy|uỷ)|(?:tỉnh|thành|huyện|thị|quận|xã|trung ương) đoàn|đoàn (?:thanh niên|tncs"
    r"|đại biểu|trường|phường|xã|khối|tn)|bộ đội|bộ chỉ huy|ban chỉ huy|cảnh sát|trung tâm|tt (?:vh|y"
    r"|văn|gd|dvvl|khuyến)\w*|bệnh viện|bv|thư viện|bảo tàng|bảo hiểm|ngân hàng|kho bạc|tạp chí"
    r"|quốc hội|chính phủ|cổng (?:thông tin|ttđt|tt|dịch vụ)|trang (?:thông tin|tin|ttđt|tt)|website"
    r"|chuyên trang|quỹ|thanh tra|tòa án|toà án|viện kiểm sát|hạt kiểm lâm|đồn biên phòng|câu lạc bộ"
    r"|clb|hợp tác xã|nhà (?:văn hóa|văn hoá|xuất bản|thiếu nhi|máy)|đài (?:ptth|pt-th|pt|th)\b"
    r"|trường (?:đại học|đh|cao đẳng|cđ|trung (?:học|cấp)|tiểu học|th|thcs|thpt|mầm non|mn|chính trị"
    r"|dạy nghề|ptdt|phổ thông)|tổ (?:công tác|công nghệ|dân phố|biên tập|tin|phóng viên|truyền thông)"
    r"|đội (?:tuyên truyền|quản lý|cảnh sát|thông tin|tttt)|nhóm (?:pv|phóng viên)|department|office"
    r"|ministry|committee|council|university|agency|city of|the (?:city|editors?))(?!\w)",
    re.IGNORECASE,
)
# Only in a name of three words or more: "Ban Mai" is a pen name.
_LONG_ORGANISATION_HEAD = re.compile(
    r"(?:ban(?! (?:hành|ngày|đêm))|bộ(?! (?:môn|phận|mặt))|đài(?! thọ)|báo(?! (?:cáo|động|hiệu))|học viện"
    r"|xã(?! hội)|hội(?! (?:nghị|thảo|thi|đàm|diễn|họp|trại|trường|chợ|nhập|chẩn|ngộ|làng|xuân|khỏe))"
    r"|cục(?! diện)|phường|quận|vụ(?! (?:án|mùa|đông|hè|thu|xuân|việc|tai|cháy))|viện(?! (?:phí|trợ))"
    r"|huyện|tỉnh|thành phố|thị xã|thị trấn|tp\.?|khối(?! lượng))\s",
    re.IGNORECASE,
)
_LONG_ORGANISATION = 3  # words
_ORGANISATION_WORD = re.compile(
    r"(?<!\w)(?:UBND|HĐND|UBMTTQ\w*|MTTQ\w*|TTĐT|LHPN|LĐLĐ|BQL|BCH|PTTH|PT-TH|TNCS"
    r"|(?i:press|news|newsroom|newspaper|editorial|staff|ministry|department|university|agency|office|team"
    r"|inc|ltd|gmbh))(?!\w)"
)
_POSITION = re.compile(
    r"(?:(?:nguyên |quyền )?(?:phó (?:chủ|giám|bí|trưởng|chánh|ban|cục|viện|hiệu|tổng|đoàn|chi|phòng|chỉ"
    r"|thủ|đội|đồn|tư)|chủ (?:tịch|nhiệm|tọa|toạ)|giám đốc|trưởng|bí thư|chánh (?:văn|thanh|án|tòa|toà)"
    r"|hiệu trưởng|ủy viên|uỷ viên|thư ký|thủ trưởng|thứ trưởng|bộ trưởng|tổng (?:biên tập|giám đốc"
    r"|thư ký)|(?:chi )?cục trưởng|chính ủy|chính uỷ|chính trị viên|chỉ huy trưởng|đội trưởng|đồn trưởng"
    r"|trạm trưởng|thôn trưởng|tổ trưởng)|đại biểu|đại diện|chuyên viên|cán bộ|giáo viên|học sinh"
    r"|sinh viên|director|head|chair|mayor|reporter|editor)(?!\w)",
    re.IGNORECASE,
)
_SENTENCE_WORD = re.compile(  # in small letters no part of an organisation's name
    r"(?<!\w)(?:khuyến cáo|thông báo|đề nghị|yêu cầu|kính mời|xin|đã|sẽ|đang|cần|phải|không|được|bắt|khởi tố"
    r"|phát động|trân trọng|thăm|tặng|ban hành|ra quân|ra mắt|làm việc với|(?<!ban )tổ chức|triển khai|trao"
    r"|chúc mừng|quyết tâm|hưởng ứng|vô địch|tuyển|đạt|giành|thắng|nhận|có|gặp|tham gia|hoàn thành|khai mạc"
    r"|bế mạc|là|của|cho|tại|ở|khi|nơi|vì|để|cùng|các|những|với|từ|đến|trong|năm)(?!\w)"
)
_AREA_WORDS = _words("tỉnh huyện xã phường quận thành phố thị trấn khu vực số")
_MAX_SMALL_WORDS = 3  # at the end of an organisation's name, beside those of its area
_MAX_ORGANISATION = 100  # characters
_MAX_ORGANISATION_WORDS = 16


def is_organisation(text: str) -> bool:
    """Return whether it is an office, a body, a company or the press; a person's position in one is not."""
    if text.lower() in _PRESS or _DOMAIN.fullmatch(text) or _ORGANISATION_HEAD.match(text):
        return True
    if is_position(text) or is_full_name(text):
        return False
    return begins_organisation(text) or bool(_ORGANISATION_WORD.search(text))


def begins_organisation(text: str) -> bool:
    """Return whether its first words are those of an organisation's name."""
    is_long = len(text.split()) >= _LONG_ORGANISATION
    return bool(_ORGANISATION_HEAD.match(text) or (is_long and _LONG_ORGANISATION_HEAD.match(text)))


def is_only_organisation(text: str) -> bool:
    """Return whether it is an organisation's name and no sentence that begins with one."""
    words = text.split()
    is_short = len(text) <= _MAX_ORGANISATION and len(words) <= _MAX_ORGANISATION_WORDS
    if not words or not is_short or not is_organisation(text):
        return False
    if not text[0].isupper() and not (_ORGANISATION_HEAD.match(text) or _DOMAIN.fullmatch(text)):
        return False  # "xã Tân Lập" is where somebody lives
    return not _SENTENCE_WORD.search(text.lower() if text.isupper() else text)


def is_title_of_organisation(text: str) -> bool:
    """Return whether it is written as an organisation's name alone is: it does not end as a sentence does."""
    words = [word for word in text.split() if word not in _AREA_WORDS]
    small = list(takewhile(str.islower, reversed(words)))
    return text[:1].isupper() and len(small) <= _MAX_SMALL_WORDS


def is_position(text: str) -> bool:
    """Return whether it begins with a position that a person holds: `Phó Chủ tịch UBND`."""
    return bool(_POSITION.match(text))


def is_nobody(text: str) -> bool:
    """Return whether it is what programs write for a missing name, or one of their accounts."""
    return text.lower().strip(".") in _PLACEHOLDERS or _ACCOUNT.fullmatch(text.strip(" .*")) is not None
