"""Which names and values in an address have to be taken for secrets. Pure.

Two questions are asked, and their errors cost differently. Whether something *may* be a key is asked before
an address is shown: a wrong yes shows less of an address. Whether it *is* one is asked before an article's
link or text is changed: a wrong yes breaks the link.
"""

import re
from urllib.parse import unquote

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_RUN = re.compile(r"[A-Za-z0-9]+")
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_CREDENTIAL_PARTS = (
    "token", "secret", "password", "passwd", "passphrase", "passcode", "apikey", "accesskey", "authkey",
    "privatekey", "subscriptionkey", "signature", "credential", "authorization", "sessionid", "sessid",
    "matkhau",
)  # fmt: skip
_CREDENTIAL_WORDS = frozenset({"sig", "pwd", "pass", "auth", "oauth", "jwt", "bearer", "hmac", "otp"})
_IDENTIFYING_WORDS = frozenset(
    {"key", "keys", "user", "username", "usr", "login", "account", "acct", "sid", "session", "sess",
     "code", "hash", "mac", "md", "sha", "sign", "appid", "uid", "cid", "clientid", "ticket", "nonce",
     "pin", "pw", "psw", "email", "mail", "member", "customer", "licence", "license", "taikhoan", "khoa",
     "tk"}
)  # fmt: skip
_CLOUDS = ("xamz", "xgoog", "xms")  # what signed addresses of the large object stores begin with

_SHORTEST_MIXED, _SHORTEST_HEX, _LONGEST_WORD = 8, 16, 32
_CHANGES = 2  # from letters to digits or back, in what no person has written
_SHORTEST_GENERATED = 20


def is_credential(name: str) -> bool:
    """Whether a parameter of this name admits or authorises: no link to a page needs to be told with it."""
    plain = _NOT_PLAIN.sub("", name.lower())
    if any(part in plain for part in _CREDENTIAL_PARTS) or plain.startswith(_CLOUDS):
        return True
    return plain in _CREDENTIAL_WORDS or not _CREDENTIAL_WORDS.isdisjoint(_words(name))


def may_be_secret(name: str) -> bool:
    """Whether the value of a parameter of this name may admit, or name who is admitted."""
    plain = _NOT_PLAIN.sub("", name.lower())
    return (
        is_credential(name)
        or plain in _IDENTIFYING_WORDS
        or plain.endswith("key")
        or not _IDENTIFYING_WORDS.isdisjoint(_words(name))
    )


def may_be_key(part: str) -> bool:
    """Whether a part of a path may be a key: it looks invented by a program, or says that it is one."""
    part = unquote(part)
    if any(sign in part for sign in "=@;") or is_credential(part):
        return True
    return any(_may_be_key(run) for run in _RUN.findall(part))


def is_generated(value: str) -> bool:
    """Whether a value is a program's invention beyond doubt: 20 letters and digits in one, well mixed.

    A GUID is not: portals name lists, pages and articles by them.
    """
    return any(
        len(run) >= _SHORTEST_GENERATED and len(_LETTER_BESIDE_DIGIT.findall(run)) > _CHANGES
        for run in _RUN.findall(value)
    )


def is_no_word(value: str) -> bool:
    """Whether it has letters and digits, so that no sentence holds it by chance."""
    return any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)


def _may_be_key(run: str) -> bool:
    mixed = len(run) >= _SHORTEST_MIXED and len(_LETTER_BESIDE_DIGIT.findall(run)) >= _CHANGES
    is_hex = len(run) >= _SHORTEST_HEX and is_no_word(run) and _HEX.fullmatch(run) is not None
    return mixed or is_hex or len(run) > _LONGEST_WORD


def _words(name: str) -> set[str]:
    """`subscription-key`, `userName` and `X-Api-Key` in words, in lower case."""
    return {word.lower() for word in _WORD.findall(name)}
